"""Delta Exchange perpetuals and futures (linear), isolated margin.

Rule
    "At Liquidation Price, the difference of Position Margin minus Unrealized PnL of the position is
    equal to the Maintenance Margin"; "At Bankruptcy Price, the Unrealized Loss of a position equal
    to the Position Margin". The trigger is the mark price. "Margin requirement remains flat till a
    certain position size (Position Threshold)", beyond it the rate itself grows with the size:

        MM % = maintenance_margin + maintenance_margin_scaling_factor
               * max(Position Value - max_leverage_notional, 0)

    on the whole position, at the ENTRY price: fixed once the position stands.

        LP = Entry -/+ (margin - MM) / (contracts * contract_value)

Units
    Size in contracts (BTCUSD 0.001 BTC, settled in USD); rates in the API in percent.

Scope
    Not modelled: portfolio and cross margin accounts, options, the inverse contracts of the old
    listing (give no inverse position: refused), auto margin top-up.

Source
    guides.delta.exchange: margin-explainer, liquidation of isolated margined positions,
    read 2026-11-23 (the copies read end before the size formula; that is ccxt's, "taken from
    delta.exchange/contracts"). docs.delta.exchange, positions channel: a recorded ZECUSDT short of
    2021-04-29: entry value and MM 0.5 % give 260.635 (printed 260.63), mark value 260.52.

Terms
    margin -> isolated_margin (the closing commission is blocked beside it, not in it);
    contract_value -> contract_size; maintenance_margin / 100 -> mmr.

Since
    ASSUMED: today's rule is that of 2021.
"""

from datetime import date
from typing import Final

from ringfence.rules import RuleSet, Source

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
        ),
        assumed=(
            "maintenance margin on the entry value: one recorded short of 2021",
            "the size is counted in quote value at entry, and the rate is that of the whole"
            " position (ccxt's reading of delta.exchange/contracts)",
            "the ratio the screen shows: not found",
        ),
        not_modelled=(
            "cross and portfolio margin accounts",
            "options",
            "incremental liquidation above the position threshold",
            "auto margin top-up",
            "the liquidation charge: it is taken after the trigger",
        ),
    ),
)
