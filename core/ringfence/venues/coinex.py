"""CoinEx futures (linear and inverse perpetuals), isolated and cross margin.

Rule
    "Liquidation Margin Rate = (Position Margin - Unrealized PNL) / Settlement Value"

        long   LP = Settlement Price * (1 - Liquidation Margin Rate) / (1 - Maintenance Margin Rate)
        short  LP = Settlement Price * (1 + Liquidation Margin Rate) / (1 + Maintenance Margin Rate)
        Bankruptcy Price = Settlement Price * (1 -/+ Liquidation Margin Rate)

        inverse, prices turned over (the page prints them without "1 /"; taken literally a long
        would go bankrupt above its entry):
        long   1 / LP = 1 / Settlement Price * (1 + Liquidation Margin Rate) / (1 + MMR)
        short  1 / LP = 1 / Settlement Price * (1 - Liquidation Margin Rate) / (1 - MMR)

    Cross: "Liquidation Margin Rate = (Available Balance + Position Margin - Unrealized PNL) /
    Settlement Value": the other positions' margins and profits are not used.

    That is maintenance margin on the MARK value, no fee in the trigger. The level is picked by the
    amount of the position (coin, or contracts of 1 USD), so no price moves it; the whole position
    is at its rate. Before: maintenance margin on the ENTRY value,
    LP = Entry -/+ (margin - MM) / amount.

Units
    Linear: size in coin. Inverse: contracts of 1 USD, money in the coin. An upper bound belongs to
    its level.

Scope
    Liquidation: all orders with the same margin coin are cancelled and the whole position "will be
    taken over by the liquidation engine at the bankruptcy price"; what the engine gains goes to the
    insurance fund. Funding is taken from realized PnL first, then from the position margin. "The
    system will not automatically add margin"; margin can be reduced, the limit is not published.
    Not modelled: orders in the level ("the maximum number of contract in the long or short position
    is used": ASSUMED for cross, in a box each side by its own).

Source
    How to Calculate Liquidation Price For Linear Contract (support.coinex.com 6951824248601), for
    Inverse Contract (6951987920025), Maintenance Margin Level System (360036161293), all
    read 2026-11-23. Recorded: BTCUSDT long of 2024-05 (exact), a liquidation of 2026-05-21 (short,
    exact), the position of the API guide (short, exact); old rule: BTCUSDT long of 2022-04-30
    (exact; by the new rule it would be 63.6 USDT lower). The box: What's Futures Forced Liquidation
    (360035659774), What's Futures Funding Fee (900000269486), What is Futures Insurance Fund
    (5502227045529), Introduction to Margin Modes (360035659514), read 2026-11-24. Cross: the
    formula pages and the API guide's position.update example (exact), read 2026-11-24.

Terms
    settle_price -> entry_price (NOT avg_entry_price: every 8 hours the profit is settled into the
    margin and the settlement price set to the mark price); margin_avbl -> isolated_margin;
    maintenance_margin_rate -> mmr; bkr_price -> bankruptcy_price.

Since
    The rule above came with the settlement price, in March 2023. ASSUMED: on the 1st; sure is only
    that it came after 2022-04-30 and before 2024-05-12.
"""

from datetime import date
from typing import Any, Final

from ringfence.box_rules import BoxRules, Step
from ringfence.cross_rules import CrossRules
from ringfence.rules import RuleSet
from ringfence.sources import Source

_HELP: Final = "https://support.coinex.com/hc/en-us/articles"
_COMMON: Final[dict[str, Any]] = {
    "venue": "coinex",
    "product": "perpetuals",
    "contract_types": ("linear", "inverse"),
    "schedule": "slab",
    "taker_fee_rate": 0.0005,
    "screen_ratio": "requirement / balance",
    "screen_ratio_name": "maintenance margin / position margin (CoinEx shows margin / value)",
    "price_rounding": "none",
    "price_decimals": 20,
    "not_modelled": (
        "open orders in the margin level",
        "the settlement of every 8 hours: give settle_price as entry_price",
    ),
}

_LIQUIDATION: Final = Source(
    title="What's Futures Forced Liquidation",
    url=f"{_HELP}/360035659774",
    read=date(2026, 11, 24),
)
_MODES: Final = Source(
    title="Introduction to Margin Modes",
    url="https://www.coinex.com/en/help/sections/articles/360035659514",
    read=date(2026, 11, 24),
)

_CROSS: Final[dict[str, Any]] = {
    "others": "own_and_free",
    "pair": "larger",
    "sources": (
        Source(
            title="How to Calculate Liquidation Price For Linear Contract",
            url=f"{_HELP}/6951824248601",
            read=date(2026, 11, 24),
        ),
        Source(
            title="How to Calculate Liquidation Price For Inverse Contract",
            url=f"{_HELP}/6951987920025",
            read=date(2026, 11, 24),
        ),
        Source(
            title="Maintenance Margin Level System",
            url=f"{_HELP}/360036161293",
            read=date(2026, 11, 24),
        ),
    ),
    "not_modelled": (
        "open orders: in the margin level, and their margin is not available",
        "the settlement of every 8 hours: give settle_price as entry_price",
        "available balance added to a position's margin by itself, up to the initial level",
    ),
}
_LARGER_SIDE: Final = (
    "a long and a short: the margin of the larger side (the level is that of the larger side)"
)

RULES: Final = (
    RuleSet(
        **_COMMON,
        cross=CrossRules(
            **_CROSS,
            confidence="low",
            assumed=(
                "before March 2023 cross as now, with the maintenance margin on the entry value",
                _LARGER_SIDE,
            ),
        ),
        box=BoxRules(auto_add="none", steps=(Step(action="take_over", price="bankruptcy"),)),
        maintenance_price="entry",
        confidence="medium",
        sources=(
            Source(
                title="GET /perpetual/v1/position/pending, a record of 2022-04-30 (ccxt)",
                url="https://github.com/ccxt/ccxt/blob/master/js/coinex.js",
                read=date(2026, 11, 23),
            ),
            _LIQUIDATION,
            _MODES,
        ),
        assumed=("the old rule from one linear long; short and inverse by symmetry",),
    ),
    RuleSet(
        **_COMMON,
        effective_from=date(2023, 3, 1),
        cross=CrossRules(
            **_CROSS,
            confidence="high",
            assumed=(
                "available balance: the wallet less entry value / leverage of every cross position",
                _LARGER_SIDE,
                "inverse: the venue's formula holds for 1 / price (as printed it cannot)",
            ),
        ),
        box=BoxRules(
            funding_from="box",
            auto_add="none",
            steps=(
                Step(action="cancel_orders"),
                Step(action="take_over", price="bankruptcy"),
            ),
            remainder_to="venue",
        ),
        maintenance_price="mark",
        confidence="high",
        sources=(
            Source(
                title="How to Calculate Liquidation Price For Linear Contract",
                url=f"{_HELP}/6951824248601",
                read=date(2026, 11, 23),
            ),
            Source(
                title="How to Calculate Liquidation Price For Inverse Contract",
                url=f"{_HELP}/6951987920025",
                read=date(2026, 11, 23),
            ),
            _LIQUIDATION,
            _MODES,
            Source(
                title="What's Futures Funding Fee",
                url=f"{_HELP}/900000269486",
                read=date(2026, 11, 24),
            ),
            Source(
                title="What is Futures Insurance Fund",
                url=f"{_HELP}/5502227045529",
                read=date(2026, 11, 24),
            ),
        ),
        assumed=(
            "the day of the change: 2023-03-01 (between 2022-04-30 and 2024-05-12)",
            "inverse: the venue's formula holds for 1 / price (as printed it cannot); no record",
            "funding comes out of the box: a position without realized profit, which pays first",
        ),
    ),
)
