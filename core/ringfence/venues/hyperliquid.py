"""Hyperliquid perpetuals (linear, USDC), isolated and cross margin.

Rule
    "maintenance_margin = notional_position_value * maintenance_margin_rate
    - maintenance_deduction"; the rate is half the initial margin rate at the tier's max leverage:
    1 / (2 * max leverage). Liquidation when the position's equity falls below it, at the mark
    price. No fee stands in the trigger.

        liq_price = price - side * margin_available / position_size / (1 - l * side)

    with l = 1 / MAINTENANCE_LEVERAGE, which "corresponds to the position value at the liquidation
    price", and margin_available = isolated_margin - maintenance_margin_required. Across a tier
    bound this is exact with the deduction of that same tier:

        LP = (isolated_margin + deduction - side * size * entry) / (size * (l - side))

    Cross: margin_available = account_value - maintenance_margin_required of all cross positions
    (crossMarginSummary.accountValue, which excludes isolated boxes), the other prices unchanged.

Units
    Size in coin, money in USDC. isolated_margin without unrealized PnL (the API's marginUsed of an
    isolated position holds it besides). The opening fee comes out of the box.

Scope
    Not modelled: HIP-3 markets and coins listed after the tiers' date (give mmr; each HIP-3 DEX is
    a pool of its own, in its own token: give it an account of its own), portfolio margin, unified
    accounts (their collateral is in the spot state).
    Around the box: margin may be taken out down to "transfer_margin_required =
    max(initial_margin_required, 0.1 * total_position_value)"; isolated-only markets let none out.
    Liquidation sends the whole position to the book (above 100,000 USDC first 20 %, then, after
    30 s, the whole); below 2/3 of the maintenance margin the liquidator vault takes position and
    margin. "No clearance fee"; what the book leaves is the trader's.
    A decrease of a coin's max leverage does not reach an open position until an order modifies it:
    such a position keeps mmr = 1 / (2 * its own max leverage); give it.

Source
    hyperliquid.gitbook.io/hyperliquid-docs: trading/liquidations, trading/margin-tiers,
    trading/margining, read 2026-11-23 as quoted on 2026-07-22 and 2026-09-25 (again 2026-11-24;
    2026-09-20). Since 2025 the API prints liquidationPx to ten decimals. Recorded isolated
    positions of 2024 to 2026 reproduce within 6e-9 where their margin is known exactly, cross
    ones of 2024-05 (two in one account) and 2026-10 within 1e-9.

Terms
    maintenance_deduction -> maintenance_amount; marginUsed - unrealizedPnl -> isolated_margin;
    crossMarginSummary.accountValue - unrealizedPnl of cross positions -> wallet_balance.

Since
    Margin tiers came between 2025-03 and 2025-12 (day not found); a single tier is the same rule.
    In 2023 a cross price was worked out with the maintenance margin of the moment (an account of
    2023-03-27); 2024 by the rule above.
"""

from datetime import date
from typing import Final

from ringfence.box_rules import BoxRules, Step, Withdrawal
from ringfence.cross_rules import CrossRules
from ringfence.rules import RuleSet
from ringfence.sources import Source

_DOCS: Final = "https://hyperliquid.gitbook.io/hyperliquid-docs/trading"

_CROSS: Final = CrossRules(
    pool="account",
    pair=None,
    confidence="high",
    sources=(
        Source(title="Liquidations", url=f"{_DOCS}/liquidations", read=date(2026, 11, 24)),
        Source(title="Margining", url=f"{_DOCS}/margining", read=date(2026, 11, 24)),
    ),
    assumed=(
        "2023: by today's rule, which puts a short's price nearer than a record of 2023-03 has it",
    ),
    not_modelled=(
        "HIP-3 markets: each DEX is a pool of its own, in its own token: give an account and mmr",
        "max leverage frozen at a position's last order: give mmr = 1 / (2 * max leverage)",
        "portfolio margin, unified accounts",
        "partial liquidation: it comes after the trigger",
    ),
)

RULES: Final = (
    RuleSet(
        venue="hyperliquid",
        product="perpetuals",
        contract_types=("linear",),
        schedule="bracket",
        initial_price="mark",
        taker_fee_rate=0.00045,
        screen_ratio="requirement / balance",
        screen_ratio_name="maintenance margin / equity",
        price_rounding="none",
        price_decimals=10,
        box=BoxRules(
            funding_from="box",
            withdrawal=Withdrawal(initial_margin_at="mark", profit_counts=True, minimum_rate=0.1),
            steps=(
                Step(action="close_fraction", fraction=0.2, above_notional=100_000),
                Step(action="close"),
                Step(action="take_over", at_equity=2 / 3, price="bankruptcy"),
            ),
            liquidation_fee_rate=0.0,
            remainder_to="trader",
        ),
        cross=_CROSS,
        confidence="high",
        sources=(
            Source(title="Liquidations", url=f"{_DOCS}/liquidations", read=date(2026, 11, 23)),
            Source(title="Margin tiers", url=f"{_DOCS}/margin-tiers", read=date(2026, 11, 23)),
            Source(title="Margining", url=f"{_DOCS}/margining", read=date(2026, 11, 23)),
        ),
        assumed=(
            "the ratio shown for one isolated position: maintenance margin / equity, as for cross",
            "funding moves the isolated margin: by the page it moves a liquidation price",
            "margin taken out: the 10 % of 'all open positions' is of this position alone; an"
            " isolated-only market lets none out",
        ),
        not_modelled=(
            "HIP-3 markets and coins listed after the tiers' date: give mmr",
            "max leverage frozen at a position's last order: give mmr = 1 / (2 * max leverage)",
            "portfolio margin",
            "partial liquidation: it comes after the trigger",
        ),
    ),
)
