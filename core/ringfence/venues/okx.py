"""OKX perpetual swaps and futures (linear and inverse), isolated and cross margin.

Rule
    Maintenance Margin = Contract Size * Contracts * Multiplier * Mark Price * MMR (inverse: divided
    by the mark price). The tier is chosen by the number of contracts of the position, so no price
    moves it; the whole position is at its rate.

        Margin level = (margin + unrealized PnL) / (Maintenance Margin + taker fee on mark value)

    "When the margin level falls below 100 %, the position will be liquidated in part or in full":
    high is safe. The fee is the account's own taker rate.

        LP linear  = (margin - Side * q * Entry) / (q * (MMR + Taker - Side))
        LP inverse = Q * (Side + MMR + Taker) / (margin + Side * Q / Entry)

    Cross, futures mode: one pool a settlement currency, Margin ratio = equity (balance + PnL of
    cross positions) / (sum of Maintenance Margin + taker fees), liquidation at 100 %. LP as above
    with the pool for margin; the initial margin is on the mark value.

Units
    Size in contracts; q = contracts * contract value in coin (BTC-USDT-SWAP 0.01), Q in USD
    (BTC-USD-SWAP 100). Tier bounds in contracts, the upper one belongs to the tier.

Scope
    Not modelled: portfolio margin; in cross, multi-currency mode (all coins at discount rates, by
    slices) and orders. The isolated liqPx of OKX's API is the exact price plus one tick for a long,
    minus one for a short; the cross one is exact. ASSUMED: a long and a short of one contract in
    cross share one price, with the margin of each.
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
    (360020411711, which closes down to tier 1), read 2026-11-24. Cross: help 360054225072
    (2024-08-28) and 360054690531 (2024-10-25), read 2026-11-24; six records of 2021 to 2025 (linear
    long and short, inverse long; one inverse short without a price) reproduce to 15 digits, the
    linear short, in multi-currency mode, to 1.5e-7.

Terms
    mgnRatio -> venue_margin_ratio; margin -> isolated_margin; ctVal * ctMult -> contract_size.

Since
    The records of 2021-04 to 2025-11 obey one formula.
"""

from datetime import date
from typing import Final

from ringfence.box_rules import BoxRules, Step
from ringfence.cross_rules import Collateral, CrossRules
from ringfence.rules import RuleSet
from ringfence.sources import Source

_CROSS: Final = CrossRules(
    pair="sum",
    price_rounding="none",
    initial_price="mark",
    screen_ratio_name="Margin ratio",
    collateral=Collateral(
        weights={"BTC": ((0.0, 0.98), (20.0, 0.9775), (25.0, 0.0))},
        source=Source(
            title="API guide: discount rate and interest-free quota (example answer)",
            url="https://www.okx.com/docs-v5/en/"
            "#public-data-rest-api-get-discount-rate-and-interest-free-quota",
            read=date(2026, 11, 24),
        ),
    ),
    confidence="high",
    sources=(
        Source(
            title="Cross margin trading (help 360054225072, 2024-08-28)",
            url="https://www.okx.com/help/360054225072",
            read=date(2026, 11, 24),
        ),
        Source(
            title="Multi-currency margin mode: cross margin trading (2024-10-25)",
            url="https://www.okx.com/help/iv-multi-currency-margin-mode-cross-margin-trading",
            read=date(2026, 11, 24),
        ),
        Source(
            title="API guide: GET / Positions (recorded answers)",
            url="https://www.okx.com/docs-v5/en/#trading-account-rest-api-get-positions",
            read=date(2026, 11, 24),
        ),
    ),
    assumed=(
        "a long and a short of one contract share one price, with the margin of each: each has its"
        " own row, no account with both was found",
        "several positions: the others at their marks; every recorded account has one",
        "BTC's discount rates are those of the API guide's example, and nothing counts beyond"
        " 25 BTC, where it ends",
    ),
    not_modelled=(
        "multi-currency mode (one pool in USD, with borrowing); portfolio margin",
        "the tier of all positions of a family (swaps and futures together): give mmr",
        "open orders and other amounts in use: take them off wallet_balance",
        "partial liquidation by tiers: it comes after the trigger",
    ),
)

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
        price_rounding="tick_early",
        box=BoxRules(
            funding_from="box",
            steps=(
                Step(action="step_down", tiers=2, from_tier=3, repeats=True),
                Step(action="take_over", price="bankruptcy"),
            ),
            liquidation_fee_rate=0.0005,
            remainder_to="venue",
        ),
        cross=_CROSS,
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
        ),
    ),
)
