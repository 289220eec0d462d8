"""Binance COIN-M futures (inverse, margined in the coin), isolated margin.

Rule
    Maintenance Margin = Position Notional * Maintenance Margin Rate - Maintenance Amount, both of
    the level that holds the notional, which is counted in the coin:
    Position * Contract Multiplier / Mark Price.

        LP = CM * Position * (MMR + Side) / (WB + cum + Side * CM * Position / EP)

    If the level at the liquidation price and the current level differ, the rate and amount of the
    level at the liquidation price apply. A short whose wallet covers its entry notional has no
    liquidation price (the screen shows "--", the API 0). No fee stands in the trigger.

Units
    Size in contracts of 100 USD (BTC) or 10 USD (others); floors, amounts and money in the coin.
    The notional in coin RISES as the price falls: a losing long climbs the levels.

Scope
    Not modelled: portfolio margin, notionalCoef, open orders, the liquidation fee.

Source
    How to Calculate Liquidation Price of COIN-M Futures Contracts, FAQ
    ceccfcfb4e3a45e3b48b0b1bb1a8ae46, read 2026-11-23 (the formula is a picture; a transcription of
    2026-09-17 equals the algebra above). One recorded position reproduces to 4e-13.
    Base taker fee 0.05 %: third-party (ccxt 4.5.90).

Terms
    cum -> maintenance_amount; CM (contract multiplier) -> contract_size; Position -> size.

Since
    Unchanged in every text since 2021; brackets of 2026-05.
"""

from datetime import date
from typing import Final

from ringfence.rules import RuleSet, Source

RULES: Final = (
    RuleSet(
        venue="binance_coinm",
        product="COIN-M futures",
        contract_types=("inverse",),
        size_unit="contracts",
        schedule="bracket",
        taker_fee_rate=0.0005,
        screen_ratio="requirement / balance",
        screen_ratio_name="Margin Ratio",
        confidence="high",
        sources=(
            Source(
                title="How to Calculate Liquidation Price of COIN-M Futures Contracts",
                url="https://www.binance.com/en/support/faq/ceccfcfb4e3a45e3b48b0b1bb1a8ae46",
                read=date(2026, 11, 23),
            ),
        ),
        assumed=("base taker fee 0.05 %: third-party only; it is not in the trigger",),
        not_modelled=(
            "portfolio margin",
            "notionalCoef, a user's own multiple of the brackets",
            "open orders",
            "the liquidation fee: it is charged after the trigger",
        ),
    ),
)
