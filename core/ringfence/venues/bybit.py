"""Bybit perpetuals and expiries (linear and inverse), isolated margin.

Rule
    Since 2025-09-02: Initial Margin on the entry price, Maintenance Margin on the mark price; both
    hold the same estimated fee to close (at the bankruptcy price), so it cancels in the trigger.

        IM = Entry * Size / Leverage + Fee to Close
        MM = Mark * Size * MM Rate - MM Deduction + Fee to Close

        LP long  = [Entry * Size - Entry * Size / Leverage - Extra Margin / (1 - Taker) - Deduction]
                   / [Size - Size * MM Rate]
        LP short = [Entry * Size + Entry * Size / Leverage + Extra Margin / (1 + Taker) + Deduction]
                   / [Size + Size * MM Rate]

        LP long, inverse  = [Size * (1 + MMR)]
                   / [Size / Entry + Size / Entry / Leverage + Extra / (1 + Taker) + Deduction]
        LP short, inverse = [Size * (1 - MMR)]
                   / [Size / Entry - Size / Entry / Leverage - Extra / (1 - Taker) - Deduction]

    Before: the same with Maintenance Margin on the ENTRY price, extra margin one to one:
    LP = Entry -/+ (IM - MM) / Size -/+ Extra / Size.

    "Any excess beyond a particular tier is subject to the MMR of the new tier": brackets, chosen by
    the value at the mark price.

Units
    Linear: size in base coin, money in USDT or USDC. Inverse: size in USD, money and tiers in the
    coin. isolated_margin is WITHOUT the fee to close: entry value / leverage + margin added by
    hand. Bybit's positionIM and positionBalance hold that fee besides; so do our initial_margin
    and maintenance_margin, which are Bybit's positionIM and positionMM.

Scope
    Not modelled: open orders (they count towards the tier), portfolio margin, auto margin
    replenishment (a later issue), cross.

Source
    Understanding the Adjustment and Impact of the New Margin Calculation, 2025-09-18;
    Liquidation Price Calculation under Isolated Mode (Unified Trading Account), 2026-05-27;
    Trading Rules: Liquidation Process (UTA), as quoted on 2026-08-06: its worked example, 1 BTC at
    40,000, 50x, 3,000 added, gives 36,380.25; Liquidation Price (USDT Contract): 19,700. All four
    read 2026-11-23.

Terms
    MM Deduction (mmDeduction) -> maintenance_amount; MM Rate -> mmr; Extra Margin -> the part of
    isolated_margin above entry value / leverage.

Since
    2025-09-02 the rule above. ASSUMED: for open positions as for new ones, from 00:00 UTC (the
    announcement makes no exception and gives no hour).
"""

from datetime import date
from typing import Any, Final

from ringfence.rules import RuleSet, Source

_COMMON: Final[dict[str, Any]] = {
    "venue": "bybit",
    "product": "perpetuals and expiries",
    "contract_types": ("linear", "inverse"),
    "schedule": "bracket",
    "taker_fee_rate": 0.00055,
    "closing_fee_reserved": True,
    "screen_ratio": "requirement / balance",
    "screen_ratio_name": "MM / position margin balance (Bybit shows none for one position)",
    "confidence": "high",
    "not_modelled": (
        "open orders (they count towards the tier)",
        "portfolio margin",
        "auto margin replenishment",
    ),
}

RULES: Final = (
    RuleSet(
        **_COMMON,
        maintenance_price="entry",
        sources=(
            Source(
                title="Liquidation Price (USDT Contract)",
                url="https://www.bybit.com/en/help-center/article/Liquidation-Price-USDT-Contract",
                read=date(2026, 11, 23),
            ),
        ),
    ),
    RuleSet(
        **_COMMON,
        effective_from=date(2025, 9, 2),
        maintenance_price="mark",
        added_margin_lowers_closing_fee=True,
        sources=(
            Source(
                title="Understanding the Adjustment and Impact of the New Margin Calculation",
                url="https://www.bybit.com/en/help-center/article/Understanding-the-Adjustment-and-"
                "Impact-of-the-New-Margin-Calculation",
                read=date(2026, 11, 23),
            ),
            Source(
                title="Liquidation Price Calculation under Isolated Mode (Unified Trading Account)",
                url="https://www.bybit.com/en/help-center/article/Liquidation-Price-Calculation-"
                "under-Isolated-Mode-Unified-Trading-Account",
                read=date(2026, 11, 23),
            ),
            Source(
                title="Trading Rules: Liquidation Process (Unified Trading Account)",
                url="https://www.bybit.com/en/help-center/article/UTA-Trading-Rules",
                read=date(2026, 11, 23),
            ),
        ),
        assumed=("the change of 2025-09-02 reached open positions too, at 00:00 UTC",),
    ),
)
