"""BitMEX perpetuals and futures (linear, inverse, quanto), isolated and cross margin.

Rule
    Maintenance margin is fixed at entry:

        posInit   = |posCost| * initMarginReq                      (1 / leverage)
        posComm   = taker * (|posCost| + posInit + posCross)       rounded up, reserved
        posMargin = posInit + posCross + posComm
        posMaint  = |posCost| * (maintMarginReq + adverse funding) + posComm

    adverse funding = max(0, Side * funding rate): the side that will pay at the next funding time
    has the rate added; the side that will receive gets nothing. Liquidation at the mark price
    where equity falls to posMaint; posComm stands on both sides and cancels:

        value at LP  = posCost -/+ (posInit + posCross
                                    - posCost * (maintMarginReq + adverse funding))
        value at BP  = posCost -/+ (posInit + posCross)

    Cross: posMargin + the available balance stands for posInit + posCross, one wallet a settlement
    currency (XBt, USDt), boxes excluded; the fee to close is not set aside, so that it counts.

    "At each step, the maintenance and initial margin are raised by the base maintenance margin":
    base + steps * base, on the whole position.

Units
    Size in contracts. XBTUSD: 1 USD, money in XBT. Linear: XBTUSDT 0.000001 XBT, ETHUSDT 0.00001
    ETH, XRPUSDT, DOGEUSDT, ADAUSDT 0.01, LTCUSDT 0.0001; money in USDT. Money in the API in
    satoshi (1e-8 XBT) and in 1e-6 USDT. isolated_margin = posInit + posCross, without posComm.

Scope
    Not modelled: the venue's whole satoshi a contract and its rounding of the price to the tick on
    the safe side (an XBTUSD record differs from the exact price by up to 1.4e-4, a linear one by
    1e-5); the user's own risk limit setting (raised by hand: a higher one means a higher rate:
    give mmr); Multi Asset Margin with its haircuts. ASSUMED for cross, of which no record was
    found: the other positions' margins and profits are not a position's own.
    Around the box: "all funding payments go into and out of the position margin". Margin may be
    taken out down to the contract's own minimum. Liquidation: cancel the contract's orders; one
    FillOrKill order down to a lower risk limit; else the whole is taken over at the bankruptcy
    price with its maintenance margin, and what a better price leaves goes to the insurance fund.

Source
    Eight recorded positions of 2017-11 to 2023-02 (five isolated inverse, four of them short, one
    with added margin; one isolated linear; two cross for the funding term). Risk Limits Examples
    (bitmex.com/app/riskLimitsExamples), Liquidation (bitmex.com/app/liquidation), read 2026-11-23.
    Liquidation Examples (app/liquidationExamples), Isolated Margin Examples
    (app/isolatedMarginExamples), BitMEX staff on funding (reddit, 2020-08-19), read 2026-11-24.
    Parameters: GET /instrument of 2026-05-21. Cross: What Asset Margining Modes are there (support
    24290829184029, undated, 2024 or later) and Cross-Margin Allocation (2018-05-15), "available
    margin will be allocated"; read 2026-11-24.

Terms
    maintMarginReq -> mmr; posInit + posCross -> isolated_margin; posComm -> the closing fee.

Since
    Base rates of XBTUSD: 0.5 %; 0.45 % from 2020-04-17; 0.40 % from 2020-05-05; 0.35 % seen
    2023-02-28; 0.5 % on 2026-05-21. Changes apply to new positions and to changes of old ones.
    ASSUMED: the formulas still hold; no record later than 2023-02 was found.
"""

from datetime import date
from typing import Final

from ringfence.box_rules import BoxRules, Step
from ringfence.cross_rules import CrossRules
from ringfence.rules import RuleSet
from ringfence.sources import Source

_CROSS: Final = CrossRules(
    others="own_and_free",
    pair=None,
    trigger_fee="taker_at_bankruptcy",
    maintenance_holds_trigger_fee=True,
    screen_ratio_name="maintMargin / marginBalance",
    confidence="medium",
    sources=(
        Source(
            title="What Asset Margining Modes are there",
            url="https://support.bitmex.com/hc/en-gb/articles/24290829184029",
            read=date(2026, 11, 24),
        ),
        Source(
            title="Liquidation",
            url="https://www.bitmex.com/app/liquidation",
            read=date(2026, 11, 24),
        ),
    ),
    assumed=(
        "the isolated formula with the position's margin and the available balance as its wallet:"
        " no recorded cross position was found",
        "available balance: the wallet less entry value / leverage of every cross position",
        "the fee to close is that of the bankruptcy price of the leverage; BitMEX counts it on"
        " entry value + initial margin, long or short",
    ),
    not_modelled=(
        "Multi Asset Margin and its haircuts",
        "whole satoshi a contract: its price may lie a few ticks further on the safe side",
        "the user's own risk limit setting: give mmr",
        "open orders, whose margin is not available",
    ),
)

RULES: Final = (
    RuleSet(
        venue="bitmex",
        product="perpetuals and futures",
        contract_types=("linear", "inverse", "quanto"),
        size_unit="contracts",
        schedule="slab",
        maintenance_price="entry",
        taker_fee_rate=0.0005,
        closing_fee_reserved=True,
        closing_fee_on="entry_and_margin",
        funding_in_maintenance=True,
        screen_ratio="requirement / balance",
        screen_ratio_name="posMaint / maintMargin (BitMEX shows none for one position)",
        price_rounding="conservative",
        box=BoxRules(
            funding_from="box",
            steps=(
                Step(action="cancel_orders"),
                Step(action="step_down"),
                Step(action="take_over", price="bankruptcy"),
            ),
            remainder_to="venue",
        ),
        cross=_CROSS,
        confidence="high",
        sources=(
            Source(
                title="Risk Limits Examples",
                url="https://www.bitmex.com/app/riskLimitsExamples",
                read=date(2026, 11, 23),
            ),
            Source(
                title="Liquidation",
                url="https://www.bitmex.com/app/liquidation",
                read=date(2026, 11, 23),
            ),
            Source(
                title="API: GET /position (recorded answers, 2017 to 2023)",
                url="https://www.bitmex.com/api/explorer/#!/Position/Position_get",
                read=date(2026, 11, 23),
            ),
            Source(
                title="Liquidation Examples",
                url="https://www.bitmex.com/app/liquidationExamples",
                read=date(2026, 11, 24),
            ),
            Source(
                title="BitMEX staff: funding goes into and out of the position margin (2020-08-19)",
                url="https://www.reddit.com/r/BitMEX/comments/ib9q4x/",
                read=date(2026, 11, 24),
            ),
        ),
        assumed=(
            "the formulas of the records (to 2023-02) still hold",
            "a linear or quanto short follows the inverse short by the same integers",
            "quanto contracts follow the linear formula: no recorded one, and none on file, so that"
            " mmr and contract_size must be given",
            "the risk step is the one of the entry value",
            "liquidation closes down by one risk step at most before the take-over",
        ),
        not_modelled=(
            "whole satoshi a contract: its price may lie a few ticks further on the safe side",
            "the user's own risk limit setting: give mmr",
            "partial liquidation by risk steps: it comes after the trigger",
        ),
    ),
)
