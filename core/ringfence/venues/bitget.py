"""Bitget USDT-M and USDC-M futures (linear), isolated and cross margin, classic account.

Rule
    Liquidation when the margin plus unrealized PnL is down to the maintenance margin, which holds
    the taker fee: Maintenance Margin = Position Value (mark) * (MMR + Taker) - Offset.

        LP = [Margin + Offset - Size * Entry * Direction] / [Size * (MMR + Taker - Direction)]

    "Each portion of the position value is calculated using the corresponding margin ratio for that
    tier": brackets; the offset is the pre-calculated sum that makes them continuous. Positions
    opened before 2025-11-10 08:00 UTC keep the old way: the whole value at the rate of its tier,
    Offset 0. The screen's margin ratio is Maintenance Margin / (Margin + unrealized PnL).

    Cross: Margin = X = total assets - isolated margins + unrealized PnL of other pairs -
    maintenance margin of other pairs. Long and short of one pair share one price, and count
    together for the tier. Before 2025-09-29 a single position's price was worked out with the
    maintenance margin of the moment: LP = Mark - Direction * (Equity - MM) / Size.

Units
    Size in base coin, money in the quote coin. Tiers by position value, each direction of an
    isolated position on its own. isolated_margin is the entry value / leverage plus what was
    added: so it stays although, since 2025-09-29, the screen shows Size * Mark / Leverage as
    "margin" (our initial_margin).

Scope
    COIN-M is refused: its formula holds CoinMainIndexPrice (any coin as margin) in the classic
    account and is inverse in the unified one, and neither isolated formula could be read. Not
    modelled: unified account (UTA), multi-asset mode, auto margin in the price. ASSUMED for cross:
    since 2025-09-29 every price moves with its margin, as that of a recorded pair of 2025-08 did;
    tiers counted together since then, each side by its own before.
    Box: funding comes out of the position's margin, at most down to the maintenance margin. Auto
    margin, if switched on, adds the initial margin again, or all the account has. Liquidation
    cancels the position's orders and settles all of it at the bankruptcy price; what is left goes
    to the insurance fund. How much margin may be taken out was not found.

Source
    Estimated liquidation price, support 12560603808759 (2025-09-18, later text with the offset);
    Update maintenance margin calculation, 12560603841952 (2025-11); Updates estimated liquidation
    price and margin calculation, 12560603838731 (2025-09-29). All read 2026-11-23. 27 recorded
    positions of 2022 and one of 2026 reproduce to the last printed digit. Of the box: Leverage and
    risk management, 360058821652 (2025-02-07); Automatic margin call in isolated margin mode,
    12560603797467; Understanding the Insurance Fund, 360059239211; cross: 12560603808759 and on
    tiers 12560603777225 (2023-02-20); read 2026-11-24. Recorded cross positions: one of 2022, two
    readings of one of 2023, a long and short of 2025-08.

Terms
    keepMarginRate -> mmr; pre-calculated offset -> maintenance_amount; marginRatio ->
    venue_margin_ratio; marginSize -> initial_margin (not isolated_margin).

Since
    2025-09-29 margin shown at mark. 2025-11-10 08:00 UTC brackets, for positions opened since.
    ASSUMED: as_of is the day the position was opened; the day of the change counts as new.
"""

from datetime import date
from typing import Any, Final

from ringfence.box_rules import AutoAdd, BoxRules, Step
from ringfence.cross_rules import CrossRules
from ringfence.rules import RuleSet
from ringfence.sources import Source

_ESTIMATED: Final = Source(
    title="Bitget Futures: Estimated liquidation price",
    url="https://www.bitget.com/support/articles/12560603808759",
    read=date(2026, 11, 23),
)
_MARGIN_AT_MARK: Final = Source(
    title="Bitget updates estimated liquidation price and margin calculation",
    url="https://www.bitget.com/support/articles/12560603838731",
    read=date(2026, 11, 23),
)
_BOX_SOURCES: Final = (
    Source(
        title="Bitget futures: Leverage and risk management",
        url="https://www.bitget.com/support/articles/360058821652",
        read=date(2026, 11, 24),
    ),
    Source(
        title="Automatic margin call in isolated margin mode",
        url="https://www.bitget.com/support/articles/12560603797467",
        read=date(2026, 11, 24),
    ),
    Source(
        title="Bitget futures: Understanding the Insurance Fund",
        url="https://www.bitget.com/support/articles/360059239211",
        read=date(2026, 11, 24),
    ),
    Source(
        title="About the funding cost",
        url="https://web3.bitget.com/en/academy/about-the-funding-cost",
        read=date(2026, 11, 24),
    ),
)
_CROSS: Final[dict[str, Any]] = {
    "sources": (
        Source(
            title="Bitget Futures: Estimated liquidation price",
            url="https://www.bitget.com/support/articles/12560603808759",
            read=date(2026, 11, 24),
        ),
        Source(
            title="Support 12560603777225 (tiers: long and short together, 2023-02-20)",
            url="https://www.bitget.com/support/articles/12560603777225",
            read=date(2026, 11, 24),
        ),
        _MARGIN_AT_MARK,
    ),
    "not_modelled": (
        "COIN-M futures",
        "unified trading account and multi-asset mode",
        "open orders: one recorded account fits with their maintenance margin counted",
    ),
}
_CROSS_BEFORE: Final = CrossRules(
    **_CROSS,
    requirement="frozen",
    pair="sum",
    confidence="high",
    assumed=(
        "several positions: the others at their marks; every record has one or a pair",
        "each side of a pair is in the tier of its own (a page of 2023-02-20 counts both together;"
        " another has the margin of the larger side): one recorded pair of 2025-08, in the lowest",
    ),
)
_CROSS_SINCE: Final = CrossRules(
    **_CROSS,
    pair="combined",
    confidence="medium",
    assumed=(
        "the new price of 2025-09-29 moves with its margin: seen on a recorded pair of 2025-08",
        "long and short count together for the tier, as the page of 2023-02-20 says",
    ),
)
_BOX_ASSUMED: Final = (
    "funding comes out of the box: an undated page, older than today's funding times",
    "auto margin adds the initial margin again: the worked example of 12560603797467; a page of"
    " 2020 says up to the margin rate of the chosen leverage",
)
_COMMON: Final[dict[str, Any]] = {
    "venue": "bitget",
    "product": "USDT-M and USDC-M futures, classic account",
    "contract_types": ("linear",),
    "taker_fee_rate": 0.0006,
    "trigger_fee": "taker_at_mark",
    "maintenance_holds_trigger_fee": True,
    "screen_ratio": "requirement / balance",
    "screen_ratio_name": "Margin ratio",
    "box": BoxRules(
        funding_from="box",
        auto_add=AutoAdd(amount="initial_margin"),
        steps=(Step(action="cancel_orders"), Step(action="take_over", price="bankruptcy")),
        remainder_to="venue",
    ),
    "confidence": "high",
    "not_modelled": (
        "COIN-M futures: their isolated formula could not be read",
        "unified trading account and multi-asset mode",
        "auto margin: the liquidation price is the one before it acts",
    ),
}

RULES: Final = (
    # The rounding of the oldest is left out: the feed of 2022 cut after two decimals, the API of
    # 2023 prints all.
    RuleSet(
        **_COMMON,
        schedule="slab",
        cross=_CROSS_BEFORE,
        sources=(_ESTIMATED, *_BOX_SOURCES),
        assumed=_BOX_ASSUMED,
    ),
    RuleSet(
        **_COMMON,
        effective_from=date(2025, 9, 29),
        schedule="slab",
        cross=_CROSS_SINCE,
        initial_price="mark",
        price_rounding="none",
        sources=(_ESTIMATED, _MARGIN_AT_MARK, *_BOX_SOURCES),
        assumed=(
            "the wallet stays entry value / leverage: seen on one recorded position of 2026",
            *_BOX_ASSUMED,
        ),
    ),
    RuleSet(
        **_COMMON,
        effective_from=date(2025, 11, 10),
        applies_to="opened_since",
        schedule="bracket",
        cross=_CROSS_SINCE,
        initial_price="mark",
        price_rounding="none",
        sources=(
            _ESTIMATED,
            _MARGIN_AT_MARK,
            Source(
                title="Bitget to update maintenance margin calculation for classic account futures",
                url="https://www.bitget.com/support/articles/12560603841952",
                read=date(2026, 11, 23),
            ),
            *_BOX_SOURCES,
        ),
        assumed=(
            "as_of is the day the position was opened (08:00 UTC of 2025-11-10 counts as new)",
            "the wallet stays entry value / leverage: seen on one recorded position of 2026",
            *_BOX_ASSUMED,
        ),
    ),
)
