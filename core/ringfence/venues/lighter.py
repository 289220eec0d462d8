"""Lighter (zkLighter) perpetuals (linear, USDC), isolated margin.

Rule
    "Maintenance Margin Req := sum of S_i * mark_i * M_i"; "Account Value = Collateral + sum of
    (markPrice_i - avgEntryPrice_i) * position_i"; the isolated box counts its own position and its
    allocated margin only. Liquidation when the account value is below the maintenance requirement,
    at the mark price. One rate a market, whatever the size. No fee stands in the trigger.

        LP long  = (Entry * Size - allocated_margin) / (Size * (1 - M))
        LP short = (Entry * Size + allocated_margin) / (Size * (1 + M))

Units
    Size in coin (1000PEPE: in thousands), money in USDC, fractions in the API in basis points
    (maintenance_margin_fraction 120 = 1.2 %).

Scope
    Not modelled: cross, unified trading accounts, close-out margin (two thirds of the maintenance
    margin: below it the insurance fund takes the position over), the liquidation fee of up to 1 %
    of a fill better than the zero price.

Source
    docs.lighter.xyz: perpetual-futures/liquidations-and-insurance-fund, read 2026-11-23; the
    sentence on isolated boxes is proven by a recorded one of 2026-08 (7e-9, its margin printed to
    six decimals), the short side by five recorded cross shorts of that month (1e-12).
    Fractions: /api/v1/orderBookDetails as recorded in August 2026.

Terms
    allocated_margin -> isolated_margin (no unrealized PnL in it); maintenance_margin_fraction ->
    mmr; (position_value - side * unrealized_pnl) / position -> entry_price: the API prints
    avg_entry_price rounded to the tick, and a liquidation price computed from it differs in the
    fourth digit.

Since
    No dated change of the rule was found; the fractions changed (SOL: 3.99 % early in 2025).
"""

from datetime import date
from typing import Final

from ringfence.rules import RuleSet, Source

RULES: Final = (
    RuleSet(
        venue="lighter",
        product="perpetuals",
        contract_types=("linear",),
        schedule="bracket",
        initial_price="mark",
        taker_fee_rate=0.0,
        screen_ratio="requirement / balance",
        screen_ratio_name="maintenance requirement / account value",
        confidence="high",
        sources=(
            Source(
                title="Liquidations & Insurance Fund",
                url="https://docs.lighter.xyz/perpetual-futures/liquidations-and-insurance-fund",
                read=date(2026, 11, 23),
            ),
            Source(
                title="Account Types",
                url="https://apidocs.lighter.xyz/docs/account-types",
                read=date(2026, 11, 23),
            ),
        ),
        assumed=(
            "the ratio shown for one isolated position: maintenance requirement / account value",
            "funding is not taken from allocated_margin: the recorded box reproduces without it",
        ),
        not_modelled=(
            "unified trading accounts",
            "the close-out requirement below the maintenance requirement",
            "the liquidation fee: it is charged after the trigger",
            "the taker fee of premium accounts (0.028 %): it is not in the trigger",
        ),
    ),
)
