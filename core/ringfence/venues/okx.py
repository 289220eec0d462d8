"""OKX perpetual swaps and futures (linear and inverse), isolated margin.

Rule
    Maintenance Margin = Contract Size * Contracts * Multiplier * Mark Price * MMR (inverse: divided
    by the mark price). The tier is chosen by the number of contracts of the position, so no price
    moves it; the whole position is at its rate.

        Margin level = (margin + unrealized PnL) / (Maintenance Margin + taker fee on mark value)

    "When the margin level falls below 100 %, the position will be liquidated in part or in full":
    high is safe. The fee is the account's own taker rate.

        LP linear  = (margin - Side * q * Entry) / (q * (MMR + Taker - Side))
        LP inverse = Q * (Side + MMR + Taker) / (margin + Side * Q / Entry)

Units
    Size in contracts; q = contracts * contract value in coin (BTC-USDT-SWAP 0.01), Q in USD
    (BTC-USD-SWAP 100). Tier bounds in contracts, the upper one belongs to the tier.

Scope
    Not modelled: partial liquidation by tiers (a later issue), portfolio margin, cross. The
    isolated liqPx of OKX's API is the exact price plus one tick for a long, minus one for a short.

Source
    When would my order be liquidated? (okx.com/learn), read 2026-11-23: trigger and level. The
    copies of the help pages end before the formula of isolated futures; it is proven by
    eight recorded positions of 2021 to 2025 (linear long and short, inverse long), each to ten
    digits. Tiers: public/position-tiers.

Terms
    mgnRatio -> venue_margin_ratio; margin -> isolated_margin; ctVal * ctMult -> contract_size.

Since
    The records of 2021-04 to 2025-11 obey one formula.
"""

from datetime import date
from typing import Final

from ringfence.rules import RuleSet, Source

RULES: Final = (
    RuleSet(
        venue="okx",
        product="perpetual swaps and futures",
        contract_types=("linear", "inverse"),
        size_unit="contracts",
        schedule="slab",
        taker_fee_rate=0.0005,
        trigger_fee="taker_at_mark",
        screen_ratio="balance / requirement",
        screen_ratio_name="Margin level",
        confidence="high",
        sources=(
            Source(
                title="When would my order be liquidated?",
                url="https://www.okx.com/learn/when-would-my-order-be-liquidated",
                read=date(2026, 11, 23),
            ),
            Source(
                title="API guide: GET / Positions (recorded answers)",
                url="https://www.okx.com/docs-v5/en/#trading-account-rest-api-get-positions",
                read=date(2026, 11, 23),
            ),
        ),
        assumed=("an inverse short follows the inverse long by symmetry: no record was found",),
        not_modelled=(
            "partial liquidation by tiers",
            "portfolio margin",
            "the tick that OKX's API adds to a long's liqPx and takes off a short's",
        ),
    ),
)
