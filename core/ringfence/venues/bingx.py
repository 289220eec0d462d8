"""BingX perpetual futures (linear USDT-M and USDC-M; inverse Coin-M), isolated margin.

Rule
    Risk = (Maintenance Margin + Position Closing Fee) / (Position Margin + unrealized PnL); a
    position is liquidated when "risk reaches or exceeds 100%".

        USDT-M: Maintenance Margin = Notional (mark) * MMR - Maintenance Amount
        Coin-M: Maintenance Margin = (Contracts * Face Value * MMR - Maintenance Amount) / Price

    both of the tier that holds the position: USDT-M by its value at the mark price, Coin-M by its
    face value in USD, which no price moves. From the trigger, with d the amount and f the fee:

        LP linear  = (Margin + d - side * q * Entry) / [q * (MMR + f - side)]
        LP inverse = [Q * (side + MMR + f) - d] / (Margin + side * Q / Entry)

Units
    Linear: size in base coin. Inverse: contracts of a face value in USD. isolated_margin is
    without unrealized PnL: older API answers call (margin + unrealized PnL) initialMargin. Funding
    is taken from, and paid into, the isolated margin; the opening fee is not.

Scope
    Not modelled: standard futures (another product: liquidated at a loss of 1 - adjustment
    factor), cross, multi-assets mode, hedged legs of one symbol, and the Dual Price Mechanism: a
    position stays while the last price has not reached the threshold too.

Source
    Forced Liquidation (perpetual futures), support 11263299509391; Maintenance margin rate rules,
    11263312123407 (2024-07-22) and its later edition (2024-12-13); Account structure 360046487393.
    All read 2026-11-23. One recorded short (documentation sample, undated) reproduces to 6e-9, with
    the rate it implies.

Terms
    maintMarginRatio -> mmr; maintAmount -> maintenance_amount; Risk -> venue_margin_ratio.

Since
    2022: one rate of 0.5 %, "to be adjusted in steps"; tiers with amounts since 2024 at the latest.
    New rates do not touch open positions. ASSUMED: as_of is the day of opening.
"""

from datetime import date
from typing import Any, Final

from ringfence.rules import RuleSet, Source

_READ: Final = date(2026, 11, 23)
_COMMON: Final[dict[str, Any]] = {
    "venue": "bingx",
    "taker_fee_rate": 0.0005,
    "trigger_fee": "taker_at_mark",
    "screen_ratio": "requirement / balance",
    "screen_ratio_name": "Risk",
    "applies_to": "opened_since",
    "sources": (
        Source(
            title="Perpetual Futures: Forced Liquidation",
            url="https://bingx.pro/en/support/articles/11263299509391",
            read=_READ,
        ),
        Source(
            title="Update of maintenance margin rate rules",
            url="https://bingx.pro/en/support/articles/11263312123407",
            read=_READ,
        ),
    ),
    "not_modelled": (
        "the dual price mechanism: liquidation waits for the last price too",
        "standard futures",
        "multi-assets mode",
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
