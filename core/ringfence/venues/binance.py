"""Binance USDⓈ-M futures (USDT- and USDC-margined), isolated margin.

Rule
    Maintenance Margin = Notional Position Value * Maintenance Margin Rate - Maintenance Amount.
    Margin ratio = Maintenance Margin / Margin Balance; liquidation at 100 %.

        LP = (WB + cumB - Side1BOTH * Position1BOTH * EP1BOTH)
             / (Position1BOTH * MMR_B - Side1BOTH * Position1BOTH)

    (isolated: TMM = 0, UPNL = 0, WB = isolatedWalletBalance). MMR_B and cumB are those of the
    bracket that holds the notional at the liquidation price. No fee stands in the trigger.

Units
    Size in base coin; money in the quote coin. WB is the box's wallet without unrealized PnL.
    ``leverage`` alone gives WB = entry notional / leverage; Binance takes the opening commission
    out of the box, so a box opened so holds that fee less: give isolated_margin to be exact.

Scope
    Not modelled: Multi-Assets and portfolio margin (cross only at the venue), notionalCoef (a
    user's own multiple of the brackets), open orders, the liquidation fee (charged on what is
    liquidated, after the trigger).

Source
    How to Calculate Liquidation Price of USDⓈ-M Futures Contracts, FAQ
    b3c689c1f50a44cabb3a84e663b81d93 (variable table; the formula is a picture), read 2026-11-23.
    Twelve recorded isolated positions of 2024-02 to 2026-08 reproduce to all eight decimals.
    Base taker fee 0.05 %: commissionRate of a VIP 0 account, 2026-08-08.

Terms
    cum -> maintenance_amount; isolatedWalletBalance -> isolated_margin; MMR -> mmr.

Since
    The formula has been the same in every record since 2020. Brackets change often, and for open
    positions too.
"""

from datetime import date
from typing import Final

from ringfence.rules import RuleSet, Source

RULES: Final = (
    RuleSet(
        venue="binance",
        product="USDS-M futures",
        contract_types=("linear",),
        schedule="bracket",
        taker_fee_rate=0.0005,
        screen_ratio="requirement / balance",
        screen_ratio_name="Margin Ratio",
        confidence="high",
        sources=(
            Source(
                title="How to Calculate Liquidation Price of USDⓈ-M Futures Contracts",
                url="https://www.binance.com/en/support/faq/b3c689c1f50a44cabb3a84e663b81d93",
                read=date(2026, 11, 23),
            ),
            Source(
                title="How to Adjust Isolated Margin Balance",
                url="https://www.binance.com/en/support/faq/360038447311",
                read=date(2026, 11, 23),
            ),
        ),
        not_modelled=(
            "Multi-Assets mode and portfolio margin",
            "notionalCoef, a user's own multiple of the brackets",
            "open orders",
            "the liquidation fee: it is charged after the trigger",
        ),
    ),
)
