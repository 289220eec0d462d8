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
    Not modelled: portfolio margin, cross. The isolated liqPx of OKX's API is the exact price plus
    one tick for a long, minus one for a short.
    Around the box: funding is taken from and added to the position's margin (since 2024-06-12 to
    2024-07-01, by contract; before, from the account first). From tier 3 up liquidation reduces by
    two tiers at a time; at tier 1 or 2, or once the margin is below tier 1's requirement, the whole
    is taken over at the bankruptcy price; what is left goes to the fund. How much margin may be
    taken out, and an automatic top-up: not found.

Source
    When would my order be liquidated? (okx.com/learn), read 2026-11-23: trigger and level. The
    copies of the help pages end before the formula of isolated futures; it is proven by
    eight recorded positions of 2021 to 2025 (linear long and short, inverse long), each to ten
    digits. Tiers: public/position-tiers. Box: third-party copies of OKX's announcement on funding
    (2024-06-07) and of its help page on partial liquidation, and the older help page itself
    (360020411711, which closes down to tier 1), read 2026-11-24.

Terms
    mgnRatio -> venue_margin_ratio; margin -> isolated_margin; ctVal * ctMult -> contract_size.

Since
    The records of 2021-04 to 2025-11 obey one formula.
"""

from datetime import date
from typing import Final

from ringfence.box_rules import BoxRules, Step
from ringfence.rules import RuleSet
from ringfence.sources import Source

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
        box=BoxRules(
            funding_from="box",
            steps=(
                Step(action="step_down", tiers=2, from_tier=3, repeats=True),
                Step(action="take_over", price="bankruptcy"),
            ),
            liquidation_fee_rate=0.0005,
            remainder_to="venue",
        ),
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
            Source(
                title="Funding fee mechanism of perpetual futures (third-party copy, 2024-06-07)",
                url="https://wuyelx.com/6004.html",
                read=date(2026, 11, 24),
            ),
            Source(
                title="Forced partial liquidation rules (third-party copy of OKX's help page)",
                url="https://www.amorrr.com/14966.html",
                read=date(2026, 11, 24),
            ),
            Source(
                title="Forced Partial or Full Liquidation (older)",
                url="https://supdljgzdhc.okx.com/hc/en-us/articles/360020411711",
                read=date(2026, 11, 24),
            ),
        ),
        assumed=(
            "an inverse short follows the inverse long by symmetry: no record was found",
            "the copies of OKX's pages on funding and partial liquidation are true to them",
            "the liquidation fee is the base taker fee, as in the trigger",
        ),
        not_modelled=(
            "partial liquidation by tiers: it comes after the trigger",
            "funding until 2024-07-01: it came out of the account first",
            "portfolio margin",
            "the tick that OKX's API adds to a long's liqPx and takes off a short's",
        ),
    ),
)
