"""Binance USDⓈ-M futures (USDT- and USDC-margined), isolated and cross margin.

Rule
    Maintenance Margin = Notional Position Value * Maintenance Margin Rate - Maintenance Amount.
    Margin ratio = Maintenance Margin / Margin Balance; liquidation at 100 %.

        LP = (WB + cumB - Side1BOTH * Position1BOTH * EP1BOTH)
             / (Position1BOTH * MMR_B - Side1BOTH * Position1BOTH)

    (isolated: TMM = 0, UPNL = 0, WB = isolatedWalletBalance). MMR_B and cumB are those of the
    bracket that holds the notional at the liquidation price. No fee stands in the trigger.

    Cross: WB = crossWalletBalance (boxes excluded), TMM and UPNL are those of the other positions.
    "Both long and short share the same liquidation price", each with the MMR and cum of its own:

        LP = (WB - TMM + UPNL + cumL + cumS - qL * EL + qS * ES) / (qL * rL + qS * rS - qL + qS)

Units
    Size in base coin; money in the quote coin. WB is the box's wallet without unrealized PnL.
    ``leverage`` alone gives WB = entry notional / leverage; Binance takes the opening commission
    out of the box, so a box opened so holds that fee less: give isolated_margin to be exact.

Scope
    Cross is one pool a margin asset, all symbols; Multi-Assets mode (cross only) is one pool in USD
    with a collateral ratio a coin. ASSUMED: the ratios are still those of 2021-05-28. Not modelled:
    portfolio margin, auto-exchange of negative balances, notionalCoef (a user's own multiple of the
    brackets), open orders, the liquidation fee (charged on what is liquidated, after the trigger;
    the trading rules list it by symbol and tier), auto-add margin (the API's isAutoAddMargin; no
    page says what it adds).
    Around the box: funding moves isolatedWallet. Removable: min(isolatedWalletBalance - MM,
    isolatedWalletBalance + size * (Mark - Entry) - Mark * |size| * IMR). Liquidation cancels open
    orders, reduces with one immediate-or-cancel order, then closes at the bankruptcy price.

Source
    How to Calculate Liquidation Price of USDⓈ-M Futures Contracts, FAQ
    b3c689c1f50a44cabb3a84e663b81d93 (variable table; the formula is a picture), read 2026-11-23.
    How to Adjust Isolated Margin Balance, FAQ 360038447311; Binance Futures Liquidation Protocols,
    FAQ 360033525271 (updated 2024-05-29); Event: Balance and Position Update, read 2026-11-24.
    Twelve recorded isolated positions of 2024-02 to 2026-08 reproduce to all eight decimals.
    Base taker fee 0.05 %: commissionRate of a VIP 0 account, 2026-08-08.
    Cross: the first FAQ, whose example of two positions reproduces to its last printed digit, and
    What Is Multi-Assets Mode, FAQ 29b45c485d664028b9ca1cdf90b24f6f; read 2026-11-24.

Terms
    cum -> maintenance_amount; isolatedWalletBalance -> isolated_margin; MMR -> mmr;
    crossWalletBalance -> wallet_balance (of an account without boxes).

Since
    The formula has been the same in every record since 2020. Brackets change often, and for open
    positions too.
"""

from datetime import date
from typing import Final

from ringfence.box_rules import BoxRules, Step, Withdrawal
from ringfence.cross_rules import Collateral, CrossRules
from ringfence.rules import RuleSet
from ringfence.sources import Source

_FAQ: Final = "https://www.binance.com/en/support/faq"
_MULTI_ASSETS: Final = Source(
    title="What Is Multi-Assets Mode",
    url=f"{_FAQ}/29b45c485d664028b9ca1cdf90b24f6f",
    read=date(2026, 11, 24),
)
_CROSS: Final = CrossRules(
    pair="sum",
    initial_price="mark",
    collateral=Collateral(
        weights={
            **dict.fromkeys(("USDT", "USDC"), ((0.0, 0.9999),)),
            **dict.fromkeys(("BTC", "ETH", "BNB"), ((0.0, 0.95),)),
            **dict.fromkeys(("XRP", "ADA", "DOT"), ((0.0, 0.9),)),
        },
        source=_MULTI_ASSETS,
    ),
    confidence="high",
    sources=(
        Source(
            title="How to Calculate Liquidation Price of USDⓈ-M Futures Contracts",
            url=f"{_FAQ}/b3c689c1f50a44cabb3a84e663b81d93",
            read=date(2026, 11, 24),
        ),
        _MULTI_ASSETS,
    ),
    assumed=(
        "the bracket of a long and that of a short are found one by one: the page's table of"
        " variables has a rate and an amount of each",
        "Multi-Assets ratios are those of 2021-05-28; SOL, 90 % then, is left out: an answer of the"
        " API of 2026 does not count it",
    ),
    not_modelled=(
        "portfolio margin",
        "Multi-Assets mode: auto-exchange, and the rate at which a debt in another coin counts",
        "notionalCoef, a user's own multiple of the brackets",
        "open orders: they use available balance; the maintenance margin is without them",
        "the liquidation fee: it is charged after the trigger",
    ),
)

RULES: Final = (
    RuleSet(
        venue="binance",
        product="USDS-M futures",
        contract_types=("linear",),
        schedule="bracket",
        taker_fee_rate=0.0005,
        screen_ratio="requirement / balance",
        screen_ratio_name="Margin Ratio",
        price_rounding="none",
        price_decimals=8,
        box=BoxRules(
            funding_from="box",
            withdrawal=Withdrawal(
                initial_margin_at="mark", profit_counts=True, wallet_keeps_maintenance=True
            ),
            steps=(
                Step(action="cancel_orders"),
                Step(action="close_until_safe"),
                Step(action="take_over", price="bankruptcy"),
            ),
            remainder_to="trader",
        ),
        cross=_CROSS,
        confidence="high",
        sources=(
            Source(
                title="How to Calculate Liquidation Price of USDⓈ-M Futures Contracts",
                url=f"{_FAQ}/b3c689c1f50a44cabb3a84e663b81d93",
                read=date(2026, 11, 23),
            ),
            Source(
                title="How to Adjust Isolated Margin Balance",
                url=f"{_FAQ}/360038447311",
                read=date(2026, 11, 23),
            ),
            Source(
                title="Binance Futures Liquidation Protocols",
                url=f"{_FAQ}/360033525271",
                read=date(2026, 11, 24),
            ),
            Source(
                title="Event: Balance and Position Update (funding of an isolated position)",
                url="https://developers.binance.com/docs/derivatives/usds-margined-futures/"
                "user-data-streams/Event-Balance-and-Position-Update",
                read=date(2026, 11, 24),
            ),
        ),
        assumed=(
            "the one order of a liquidation closes as little as makes the position safe again",
            "what the liquidation fee leaves stays the trader's: 'a portion of the remaining"
            " collateral (if any)' goes to the fund",
        ),
        not_modelled=(
            "portfolio margin",
            "notionalCoef, a user's own multiple of the brackets",
            "open orders",
            "the liquidation fee: it is charged after the trigger",
            "auto-add margin",
        ),
    ),
)
