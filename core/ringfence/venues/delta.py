"""Delta Exchange perpetuals and futures (linear), isolated and cross margin.

Rule
    "At Liquidation Price, the difference of Position Margin minus Unrealized PnL of the position is
    equal to the Maintenance Margin"; "At Bankruptcy Price, the Unrealized Loss of a position equal
    to the Position Margin". The trigger is the mark price. "Margin requirement remains flat till a
    certain position size (Position Threshold)", beyond it the rate itself grows with the size:

        MM % = maintenance_margin + maintenance_margin_scaling_factor
               * max(Position Value - max_leverage_notional, 0)

    on the whole position, at the ENTRY price: fixed once the position stands.

        LP = Entry -/+ (margin - MM) / (contracts * contract_value)

    Cross (a setting of the whole account or sub-account): one pool a settlement currency; profits
    and losses offset; the margins are added up, the initial one at the highest leverage allowed.

Units
    Size in contracts (BTCUSD 0.001 BTC, settled in USD); rates in the API in percent.

Scope
    Liquidation: the contract's open orders are cancelled; above the Position Threshold as little is
    closed as puts the liquidation price of the rest 1 % away from the mark price ("Incremental
    Liquidation"), below it "the entire position is liquidated in one shot" by an order with the
    bankruptcy price as limit, and what stays open is taken over at that price. Of the margin left
    "Maintenance Margin times Liquidation factor" (0.2 for futures; liquidation_penalty_factor in
    the API) goes to the insurance fund, the rest "is returned to the trader". Auto Margin Top-up is
    optional: about to be liquidated, a position is given (minimum initial margin - maintenance
    margin), half of that where the highest leverage is below 100, or all that is available. Not
    modelled: that top-up, portfolio margin accounts, options, the inverse contracts of the old
    listing (give no inverse position: refused). ASSUMED for cross: the maintenance margin on the
    entry value, as isolated; the other positions at their marks; one position a contract.

Source
    guides.delta.exchange: margin-explainer, liquidation of isolated margined positions,
    read 2026-11-23 (the copies read end before the size formula; that is ccxt's, "taken from
    delta.exchange/contracts"). docs.delta.exchange, positions channel: a recorded ZECUSDT short of
    2021-04-29: entry value and MM 0.5 % give 260.635 (printed 260.63), mark value 260.52. The box:
    the user guide's own files, delta-exchange/just-the-docs docs/trading-guide/Liquidation.md and
    automargin.md (commit 07fd1b4, undated), and Fees (delta.exchange/fees), read 2026-11-24. Cross:
    guides.delta.exchange, margin-explainer/cross-margin, read 2026-11-24.

Terms
    margin -> isolated_margin (the closing commission is blocked beside it, not in it);
    contract_value -> contract_size; maintenance_margin / 100 -> mmr.

Since
    ASSUMED: today's rule is that of 2021.
"""

from datetime import date
from typing import Final

from ringfence.box_rules import BoxRules, Step
from ringfence.cross_rules import CrossRules
from ringfence.rules import RuleSet
from ringfence.sources import Source

_CROSS: Final = CrossRules(
    pair=None,
    confidence="medium",
    sources=(
        Source(
            title="Cross Margin (User Guide & Rule Book)",
            url="https://guides.delta.exchange/delta-exchange-user-guide/trading-guide/"
            "margin-explainer/cross-margin",
            read=date(2026, 11, 24),
        ),
    ),
    assumed=(
        "the liquidation price: where the pool meets its requirement, the others at their marks (no"
        " formula and no record was found)",
        "maintenance margin on the entry value, as isolated",
        "one position a contract",
    ),
    not_modelled=(
        "the initial margin at the contract's highest leverage: give that as leverage",
        "portfolio margin accounts",
        "options",
        "open orders, which add initial margin",
    ),
)

RULES: Final = (
    RuleSet(
        venue="delta",
        product="perpetuals and futures",
        contract_types=("linear",),
        size_unit="contracts",
        schedule="size_linear",
        maintenance_price="entry",
        taker_fee_rate=0.0005,
        screen_ratio="requirement / balance",
        screen_ratio_name="maintenance margin / (margin + unrealized PnL)",
        box=BoxRules(
            steps=(
                Step(action="cancel_orders"),
                Step(action="close_until_safe", above_notional=100_000),
                Step(action="close"),
                Step(action="take_over", price="bankruptcy"),
            ),
            remainder_to="trader",
        ),
        cross=_CROSS,
        confidence="medium",
        sources=(
            Source(
                title="Isolated Margin (User Guide & Rule Book)",
                url="https://guides.delta.exchange/delta-exchange-user-guide/trading-guide/"
                "margin-explainer/margin-explainer",
                read=date(2026, 11, 23),
            ),
            Source(
                title="API guide: products; positions channel (a recorded position)",
                url="https://docs.delta.exchange",
                read=date(2026, 11, 23),
            ),
            Source(
                title="User guide: Liquidation",
                url="https://github.com/delta-exchange/just-the-docs/blob/master/docs/"
                "trading-guide/Liquidation.md",
                read=date(2026, 11, 24),
            ),
            Source(
                title="User guide: Auto Margin Top-up",
                url="https://github.com/delta-exchange/just-the-docs/blob/master/docs/"
                "trading-guide/automargin.md",
                read=date(2026, 11, 24),
            ),
            Source(
                title="Fees (what is left of the margin after a liquidation)",
                url="https://www.delta.exchange/fees",
                read=date(2026, 11, 24),
            ),
        ),
        assumed=(
            "maintenance margin on the entry value: one recorded short of 2021",
            "the size is counted in quote value at entry, and the rate is that of the whole"
            " position (ccxt's reading of delta.exchange/contracts)",
            "the ratio the screen shows: not found",
            "incremental liquidation above 100,000 USD: BTCUSD's max_leverage_notional, taken for"
            " the Position Threshold; other contracts have their own",
        ),
        not_modelled=(
            "portfolio margin accounts",
            "options",
            "auto margin top-up",
            "incremental liquidation: the 1 % that it keeps away from the mark price",
            "the liquidation charge: a share of the maintenance margin, taken after the trigger",
        ),
    ),
)
