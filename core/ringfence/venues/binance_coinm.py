"""Binance COIN-M futures (inverse, margined in the coin), isolated and cross margin.

Rule
    Maintenance Margin = Position Notional * Maintenance Margin Rate - Maintenance Amount, both of
    the level that holds the notional, which is counted in the coin:
    Position * Contract Multiplier / Mark Price.

        LP = CM * Position * (MMR + Side) / (WB + cum + Side * CM * Position / EP)

    If the level at the liquidation price and the current level differ, the rate and amount of the
    level at the liquidation price apply. A short whose wallet covers its entry notional has no
    liquidation price (the screen shows "--", the API 0). No fee stands in the trigger.

    Cross, one pool a coin: WB = crossWalletBalance - TMM + UPNL of the other positions; "both long
    and short positions of the same symbol share the same liquidation price" (CM contracts of each):

        LP = CM * (qL * rL + qS * rS + qL - qS) / (WB + cumL + cumS + CM * (qL / EL - qS / ES))

Units
    Size in contracts of 100 USD (BTC) or 10 USD (others); floors, amounts and money in the coin.
    The notional in coin RISES as the price falls: a losing long climbs the levels.

Scope
    Not modelled: portfolio margin, notionalCoef, open orders, the liquidation fee (listed by symbol
    and tier), auto-add margin (no page says what it adds).
    Removable: min(isoWallet - MM, isoWallet + size * contractSize * (1 / Entry - 1 / Mark)
    - |size| * contractSize * IMR / Mark). Liquidation cancels open orders, reduces with one
    immediate-or-cancel order, then closes at the bankruptcy price.
    ASSUMED: funding moves the isolated wallet, as USDⓈ-M's page says (COIN-M's is silent); the
    shared price of a long and a short, which is a picture on the page, is USDⓈ-M's turned over.

Source
    How to Calculate Liquidation Price of COIN-M Futures Contracts, FAQ
    ceccfcfb4e3a45e3b48b0b1bb1a8ae46, read 2026-11-23 (the formula is a picture; a transcription of
    2026-09-17 equals the algebra above). One recorded position reproduces to 4e-13.
    How to Adjust Isolated Margin Balance, FAQ 360038447311 (Coin-Margined part); Binance Futures
    Liquidation Protocols, FAQ 360033525271 (updated 2024-05-29), read 2026-11-24. Cross: the first
    FAQ (its sentence on long and short in the Spanish edition), read 2026-11-24.
    Base taker fee 0.05 %: third-party (ccxt 4.5.90).

Terms
    cum -> maintenance_amount; CM (contract multiplier) -> contract_size; Position -> size.

Since
    Unchanged in every text since 2021; brackets of 2026-05.
"""

from datetime import date
from typing import Final

from ringfence.box_rules import BoxRules, Step, Withdrawal
from ringfence.cross_rules import CrossRules
from ringfence.rules import RuleSet
from ringfence.sources import Source

_CROSS: Final = CrossRules(
    pair="sum",
    confidence="medium",
    sources=(
        Source(
            title="How to Calculate Liquidation Price of COIN-M Futures Contracts (es-MX)",
            url="https://www.binance.com/es-MX/support/faq/how-to-calculate-liquidation-price-of-"
            "coin-m-futures-contracts-ceccfcfb4e3a45e3b48b0b1bb1a8ae46",
            read=date(2026, 11, 24),
        ),
    ),
    assumed=(
        "the one price of a long and a short: USDS-M's formula turned over (a picture on the page)",
        "the initial margin is on the entry value, as isolated",
    ),
    not_modelled=(
        "portfolio margin",
        "notionalCoef, a user's own multiple of the brackets",
        "open orders",
        "the liquidation fee: it is charged after the trigger",
    ),
)

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
                title="How to Calculate Liquidation Price of COIN-M Futures Contracts",
                url="https://www.binance.com/en/support/faq/ceccfcfb4e3a45e3b48b0b1bb1a8ae46",
                read=date(2026, 11, 23),
            ),
            Source(
                title="How to Adjust Isolated Margin Balance",
                url="https://www.binance.com/en/support/faq/360038447311",
                read=date(2026, 11, 24),
            ),
            Source(
                title="Binance Futures Liquidation Protocols",
                url="https://www.binance.com/en/support/faq/360033525271",
                read=date(2026, 11, 24),
            ),
        ),
        assumed=(
            "base taker fee 0.05 %: third-party only; it is not in the trigger",
            "funding moves the isolated wallet, as the USDS-M page says of its own",
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
