"""Deribit perpetuals and futures (inverse, and linear in USDC or USDT), standard margin.

Rule
    Margins grow with the size without tiers:

        Initial Margin     = (2 % + Position Size in BTC * 0.005 %) * Position
        Maintenance Margin = (1 % + Position Size in BTC * 0.005 %) * Position

    ETH 2 %, 1 % and 0.0004 % per ETH; SOL_USDC 4 %, 2 % and 0.0005 % per SOL. Inverse: of the size
    in coin at the mark price, size / mark. Linear: "on the index price of the underlying currency".
    "Liquidation ... whenever equity is lower than the maintenance margin". No fee in the trigger.

    Linear (the rate r is fixed by the size q):  LP = (W - Side * q * Entry) / (q * (r - Side))
    Inverse (n = Q / LP, the size in coin at the liquidation price; b base, k per coin):

        short   k n^2 - (1 - b) n + (Q / Entry - W) = 0    the smaller root
        long    k n^2 + (1 + b) n - (Q / Entry + W) = 0    the positive root

    Several positions (S:SM, one pool a currency): maintenance margins are "summed", none is netted,
    and all positions on one index move together: estimated_liquidation_price = own mark price * the
    index's estimated_liquidation_ratio, where equity is down to the sum.

Units
    Size: USD for inverse (BTC in steps of 10), coin for linear; contract size 1. Money of inverse
    in the coin.

Scope
    There is no isolated margin: an account or subaccount with one position and one currency stands
    for the box, and funding comes out of it; margin_mode cross takes several. Not modelled: cross
    collateral (X:SM), portfolio margin (PM), options.
    Liquidation is incremental: "only a part of the position(s) to try to get the maintenance margin
    below 100 % again", at market, with "an extra fee on top of the default transaction fees" (BTC
    0.75 %, ETH 0.9 % of 2022-01-11); it stops there, and what is left is the trader's.

Source
    11 January 2022 (support.deribit.com 25944826427293), Linear Perpetual (25944738177565), Fees
    (25944746248989), read 2026-11-23; Liquidations (25944769313309), Insurance Fund
    (25944777576477), read 2026-11-24. Six recorded inverse positions of 2022-11 to 2025-05 give
    both margins to the last printed digit. Margin types and usage (25944811317149), Cross
    collateral specifications (25944777203869: haircuts count in the initial margin only), read
    2026-11-24. The prices of two futures of one account (2025-05-09) are one ratio of their marks,
    to 3e-8.

Terms
    estimated_liquidation_price = mark price * estimated_liquidation_ratio (standard margin only).

Since
    2022-01-11. Before: BTC IM 1 %, MM 0.525 %; ETH 0.0002 % per ETH, and other figures in 2020:
    not on file. Dated BTC futures: 2 % / 1 % in a record of 2023-07, 4 % / 2 % in 2024-11; day of
    the change not found.
"""

from datetime import date
from typing import Any, Final

from ringfence.box_rules import BoxRules, Step
from ringfence.cross_rules import CrossRules
from ringfence.rules import RuleSet
from ringfence.sources import Source

_HELP: Final = "https://support.deribit.com/hc/en-us/articles"
_BOX_SOURCES: Final = (
    Source(
        title="Liquidations",
        url=f"{_HELP}/25944769313309-Liquidations",
        read=date(2026, 11, 24),
    ),
    Source(
        title="Insurance Fund",
        url=f"{_HELP}/25944777576477-Insurance-Fund",
        read=date(2026, 11, 24),
    ),
)
_CROSS: Final = CrossRules(
    others="index",
    pair=None,
    confidence="medium",
    sources=(
        Source(
            title="Margin types and usage",
            url=f"{_HELP}/25944811317149-Margin-types-and-usage",
            read=date(2026, 11, 24),
        ),
        Source(
            title="Cross collateral specifications",
            url=f"{_HELP}/25944777203869",
            read=date(2026, 11, 24),
        ),
    ),
    assumed=(
        "all positions on one index move in proportion to their marks: two recorded futures of one"
        " account, whose equity is not in the record",
        "positions on other indices stay where they are",
        "the index moves with the mark",
    ),
    not_modelled=(
        "cross collateral (X:SM) and its haircuts, which count in the initial margin only",
        "portfolio margin",
        "options: their value is no part of the margin balance",
        "open orders, which count in the initial margin",
        "liquidation in steps, and its fee: they come after the trigger",
    ),
)
_COMMON: Final[dict[str, Any]] = {
    "venue": "deribit",
    "effective_from": date(2022, 1, 11),
    "schedule": "size_linear",
    "initial_margin_by": "schedule",
    "initial_price": "mark",
    "taker_fee_rate": 0.0005,
    "screen_ratio": "requirement / balance",
    "screen_ratio_name": "MM / margin balance",
    "box": BoxRules(
        funding_from="box",
        steps=(Step(action="close_until_safe", repeats=True),),
        remainder_to="trader",
    ),
    "cross": _CROSS,
    "not_modelled": (
        "several positions in one account: give margin_mode cross",
        "cross collateral, portfolio margin",
        "liquidation in steps, and its fee: they come after the trigger",
    ),
}

RULES: Final = (
    RuleSet(
        **_COMMON,
        product="inverse perpetuals and futures, standard margin",
        contract_types=("inverse",),
        confidence="high",
        sources=(
            Source(
                title="11 January 2022: margin changes",
                url=f"{_HELP}/25944826427293-11-January-2022",
                read=date(2026, 11, 23),
            ),
            *_BOX_SOURCES,
        ),
        assumed=("an account with one position is the box: Deribit has no isolated margin",),
    ),
    RuleSet(
        **_COMMON,
        product="linear perpetuals, standard margin",
        label="deribit_linear",
        contract_types=("linear",),
        confidence="medium",
        sources=(
            Source(
                title="Linear Perpetual",
                url=f"{_HELP}/25944738177565-Linear-Perpetual",
                read=date(2026, 11, 23),
            ),
            *_BOX_SOURCES,
        ),
        assumed=(
            "the index moves with the mark: the venue values the margin at the index price",
            "an account with one position is the box: Deribit has no isolated margin",
            "the linear perpetuals had these figures since they were listed",
        ),
    ),
)
