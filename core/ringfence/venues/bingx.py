"""BingX perpetual futures (linear USDT-M and USDC-M), isolated and cross margin.

Rule
    Risk = (Maintenance Margin + Position Closing Fee) / (Position Margin + unrealized PnL); a
    position is liquidated when "risk reaches or exceeds 100%".

        Maintenance Margin = Notional (mark) * MMR - Maintenance Amount

    of the tier that holds the position's value at the mark price. From the trigger, with d the
    amount and f the fee:

        LP = (Margin + d - side * q * Entry) / [q * (MMR + f - side)]

    Cross: Margin = Position Margin (entry value / leverage) + Available Margin; "other positions
    under cross will not be liquidated": their margins and profits are not counted.

Units
    Size in base coin. isolated_margin is without unrealized PnL: older API answers call (margin +
    unrealized PnL) initialMargin. Funding is taken from, and paid into, the isolated margin; the
    opening fee is not.

Scope
    Not modelled: Coin-M (inverse) contracts, of which no tiers and no isolated position were found;
    standard futures (another product: liquidated at a loss of 1 - adjustment factor), hedged
    legs of one symbol in a box, and the Dual Price Mechanism: a position stays while the last price
    has not reached the threshold too. Multi-assets mode is cross and hedge mode only: BTC and ETH
    count for 95 %, USDT and USDC for 99.99 %. ASSUMED: a long and a short in cross
    share one price, with the margin of each.
    Box: the position is frozen and all of it liquidated at the bankruptcy price: nothing is left.
    Auto Margin Addition (off by default) adds an amount that the trader sets, or all the account
    has. How much margin may be taken out (maxMarginReduction) was not found.

Source
    Forced Liquidation (perpetual futures), support 11263299509391; Maintenance margin rate rules,
    11263312123407 (2024-07-22) and its later edition (2024-12-13); Account structure 360046487393.
    All read 2026-11-23. One recorded short (documentation sample, undated) reproduces to 6e-9, with
    the rate it implies. Of the box: Fee Schedule, 360046487573; Auto Margin Addition,
    22484687965337; cross: 10689309996185, 11263344675215 (multi-assets, undated, 2024 or later);
    read 2026-11-24.

Terms
    maintMarginRatio -> mmr; maintAmount -> maintenance_amount; Risk -> venue_margin_ratio.

Since
    2022: one rate of 0.5 %, "to be adjusted in steps"; tiers with amounts since 2024 at the latest.
    New rates do not touch open positions. ASSUMED: as_of is the day of opening.
"""

from datetime import date
from typing import Any, Final

from ringfence.box_rules import BoxRules, Step
from ringfence.cross_rules import Collateral, CrossRules
from ringfence.rules import RuleSet
from ringfence.sources import Source

_READ: Final = date(2026, 11, 23)
_MULTI_ASSETS: Final = Source(
    title="Support 11263344675215 (multi-assets mode)",
    url="https://bingx.com/en-us/support/articles/11263344675215",
    read=date(2026, 11, 24),
)
_CROSS: Final = CrossRules(
    others="own_and_free",
    pair="sum",
    collateral=Collateral(
        weights={
            **dict.fromkeys(("USDT", "USDC"), ((0.0, 0.9999),)),
            **dict.fromkeys(("BTC", "ETH"), ((0.0, 0.95),)),
        },
        source=_MULTI_ASSETS,
    ),
    confidence="medium",
    sources=(
        Source(
            title="Support 10689309996185 (liquidation in cross margin)",
            url="https://bingx.com/en-us/support/articles/10689309996185",
            read=date(2026, 11, 24),
        ),
        _MULTI_ASSETS,
    ),
    assumed=(
        "a long and a short of one contract share one price, with the margin of each",
        "available margin: the wallet less entry value / leverage of every cross position",
        "the closing fee moves with the price: one recorded inverse position of 2024 fits so",
    ),
    not_modelled=(
        "inverse contracts (Coin-M)",
        "the dual price mechanism: liquidation waits for the last price too",
        "open orders, whose margin is not available",
    ),
)
_COMMON: Final[dict[str, Any]] = {
    "venue": "bingx",
    "taker_fee_rate": 0.0005,
    "trigger_fee": "taker_at_mark",
    "screen_ratio": "requirement / balance",
    "screen_ratio_name": "Risk",
    "applies_to": "opened_since",
    "cross": _CROSS,
    "sources": (
        Source(
            title="Perpetual Futures: Forced Liquidation",
            url="https://bingx.com/en-us/support/articles/11263299509391",
            read=_READ,
        ),
        Source(
            title="Update of maintenance margin rate rules",
            url="https://bingx.com/en-us/support/articles/11263312123407",
            read=_READ,
        ),
        Source(
            title="Perpetual Futures: Fee Schedule (funding)",
            url="https://bingx.com/en-us/support/articles/360046487573-PerpetualFuturesFeeSchedule/",
            read=date(2026, 11, 24),
        ),
        Source(
            title="Perpetual Futures: Auto Margin Addition for Isolated Margin Mode Explained",
            url="https://bingx.com/en-us/support/articles/22484687965337-"
            "PerpetualFuturesAutoMarginAdditionforIsolatedMarginModeExplained/",
            read=date(2026, 11, 24),
        ),
    ),
    "box": BoxRules(
        funding_from="box",
        steps=(Step(action="take_over", price="bankruptcy"),),
        remainder_to="venue",
    ),
    "not_modelled": (
        "auto margin: it adds an amount that the trader sets",
        "the dual price mechanism: liquidation waits for the last price too",
        "standard futures",
    ),
}

RULES: Final = (
    RuleSet(
        **_COMMON,
        product="USDT-M perpetuals",
        contract_types=("linear",),
        schedule="bracket",
        confidence="medium",
        assumed=("the closing fee is the taker rate on the value at the mark price",),
    ),
)
