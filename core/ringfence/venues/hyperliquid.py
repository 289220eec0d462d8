"""Hyperliquid perpetuals (linear, USDC), isolated margin.

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

Units
    Size in coin, money in USDC. isolated_margin without unrealized PnL (the API's marginUsed of an
    isolated position holds it besides). The opening fee comes out of the box.

Scope
    Not modelled: HIP-3 markets and coins listed after the tiers' date (give mmr), portfolio margin,
    cross, partial liquidation (20 % first above 100,000 USDC).
    A decrease of a coin's max leverage does not reach an open position until an order modifies it:
    such a position keeps mmr = 1 / (2 * its own max leverage); give it.

Source
    hyperliquid.gitbook.io/hyperliquid-docs: trading/liquidations, trading/margin-tiers,
    trading/margining, read 2026-11-23 as quoted on 2026-07-22 and 2026-09-25. Recorded isolated
    positions of 2024 to 2026 reproduce within 6e-9 where their margin is known exactly.

Terms
    maintenance_deduction -> maintenance_amount; marginUsed - unrealizedPnl -> isolated_margin.

Since
    Margin tiers came between 2025-03 and 2025-12 (day not found); a single tier is the same rule.
"""

from datetime import date
from typing import Final

from ringfence.rules import RuleSet, Source

_DOCS: Final = "https://hyperliquid.gitbook.io/hyperliquid-docs/trading"

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
        confidence="high",
        sources=(
            Source(title="Liquidations", url=f"{_DOCS}/liquidations", read=date(2026, 11, 23)),
            Source(title="Margin tiers", url=f"{_DOCS}/margin-tiers", read=date(2026, 11, 23)),
            Source(title="Margining", url=f"{_DOCS}/margining", read=date(2026, 11, 23)),
        ),
        assumed=(
            "the ratio shown for one isolated position: maintenance margin / equity, as for cross",
        ),
        not_modelled=(
            "HIP-3 markets and coins listed after the tiers' date: give mmr",
            "max leverage frozen at a position's last order: give mmr = 1 / (2 * max leverage)",
            "portfolio margin",
            "partial liquidation",
        ),
    ),
)
