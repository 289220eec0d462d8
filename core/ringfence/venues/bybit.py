"""Bybit perpetuals and expiries (linear and inverse), isolated and cross margin.

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

    Cross (Unified Trading Account): one pool in USD, liquidated where Total MM is 100 % of the
    margin balance. IM and MM are both on the mark price since 2025-09-02, MM on the entry price
    before; the fee to close stands in a position's MM, and nothing is set aside against it.

    "Any excess beyond a particular tier is subject to the MMR of the new tier": brackets, chosen by
    the value at the mark price.

Units
    Linear: size in base coin, money in USDT or USDC. Inverse: size in USD, money and tiers in the
    coin. isolated_margin is WITHOUT the fee to close: entry value / leverage + margin added by
    hand. Bybit's positionIM and positionBalance hold that fee besides; so do our initial_margin
    and maintenance_margin, which are Bybit's positionIM and positionMM.

Scope
    Not modelled: open orders (they count towards the tier), portfolio margin. Cross: inverse
    contracts, options, spot margin, borrowing and collateral ratios. liqPrice in cross is "an
    estimated price"; its formula was not found. ASSUMED: where Total MM meets the margin balance
    with the other positions at their marks; a long and a short with the margin of each.
    Around the box: funding "will be deducted from the trader's available balance", the rest "from
    the position margin". Auto-margin replenishment (linear only, off by default) adds "the initial
    margin that is currently used for this position", never below 1x. Liquidation: cancel orders,
    close down to the tier that is satisfied, else take-over at the bankruptcy price; what is left
    goes to the insurance fund. How much margin may be taken out: not found.

Source
    Understanding the Adjustment and Impact of the New Margin Calculation, 2025-09-18;
    Liquidation Price Calculation under Isolated Mode (Unified Trading Account), 2026-05-27;
    Trading Rules: Liquidation Process (UTA), as quoted on 2026-08-06: its worked example, 1 BTC at
    40,000, 50x, 3,000 added, gives 36,380.25; Liquidation Price (USDT Contract): 19,700. All four
    read 2026-11-23. Funding Fee Calculation (2024-12-19), Auto-Margin Replenishment (2023-12-04),
    Liquidation Process (inverse: 2024-01-24), Insurance Fund (2024-08-18), read 2026-11-24. Cross:
    the first page; Glossary: Trading Terms and Formulas in UTA (2026-03-13); API: Get Position
    Info, read 2026-11-24. Two recorded positions of 2022 and 2023 give MM, fee included, to 2.5e-9.

Terms
    MM Deduction (mmDeduction) -> maintenance_amount; MM Rate -> mmr; Extra Margin -> the part of
    isolated_margin above entry value / leverage.

Since
    2025-09-02 the rule above. ASSUMED: for open positions as for new ones, from 00:00 UTC (the
    announcement makes no exception and gives no hour).
"""

from datetime import date
from typing import Any, Final

from ringfence.box_rules import AutoAdd, BoxRules, Step
from ringfence.cross_rules import CrossRules
from ringfence.rules import RuleSet
from ringfence.sources import Source

_HELP: Final = "https://www.bybit.com/en/help-center/article"
_BOX_SOURCES: Final = (
    Source(
        title="Funding Fee Calculation",
        url="https://bybit.com/ro-RO/help-center/article/"
        "Funding-fee-calculationDerivatives_Trading_Mechanism_UTA",
        read=date(2026, 11, 24),
    ),
    Source(
        title="Auto-Margin Replenishment (USDT Contracts)",
        url=f"{_HELP}/Auto-Margin-Replenishment",
        read=date(2026, 11, 24),
    ),
    Source(
        title="Liquidation Process (USDT Contract)",
        url="https://help.bybit.com/hc/en-us/articles/900000167723-Liquidation-Process-USDT-"
        "Contract-",
        read=date(2026, 11, 24),
    ),
    Source(title="Insurance Fund", url=f"{_HELP}/Insurance-Fund", read=date(2026, 11, 24)),
)
_NEW_MARGIN: Final = Source(
    title="Understanding the Adjustment and Impact of the New Margin Calculation",
    url=f"{_HELP}/Understanding-the-Adjustment-and-Impact-of-the-New-Margin-Calculation",
    read=date(2026, 11, 23),
)
_CROSS: Final[dict[str, Any]] = {
    "pool": "account",
    "pair": "sum",
    "initial_margin_fee": "bankruptcy_value",
    "maintenance_holds_trigger_fee": True,
    "trigger_fee": "taker_at_bankruptcy",
    "screen_ratio_name": "Maintenance Margin Rate of the account (accountMMRate)",
    "confidence": "medium",
    "sources": (
        Source(
            title="Glossary: Trading Terms and Formulas in UTA",
            url=f"{_HELP}/Glossary-Unified-Trading-Account",
            read=date(2026, 11, 24),
        ),
        _NEW_MARGIN,
        Source(
            title="API: Get Position Info (liqPrice is an estimate)",
            url="https://bybit-exchange.github.io/docs/v5/position",
            read=date(2026, 11, 24),
        ),
    ),
    "assumed": (
        "the price: where the account's MM meets its margin balance, the others at their marks (no"
        " formula and no recorded account with its price was found)",
        "the fee to close stands in MM at every price, as estimated at entry",
        "a long and a short of one contract: the margin of each (Bybit says that hedged positions"
        " are computed otherwise, not how)",
        "a dollar of any kind is a dollar: nothing is taken off USDT or USDC",
    ),
    "not_modelled": (
        "inverse contracts: their coin balances are valued in dollars; such a position is refused",
        "spot margin, borrowing, options and collateral value ratios: give wallet_balance in"
        " dollars as Bybit counts it, without unrealized PnL",
        "open orders (they count towards the tier and in Total MM)",
        "portfolio margin",
        "the price that the API leaves out or cuts at the contract's least and greatest price",
    ),
}
_COMMON: Final[dict[str, Any]] = {
    "venue": "bybit",
    "product": "perpetuals and expiries",
    "contract_types": ("linear", "inverse"),
    "schedule": "bracket",
    "taker_fee_rate": 0.00055,
    "closing_fee_reserved": True,
    "screen_ratio": "requirement / balance",
    "screen_ratio_name": "MM / position margin balance (Bybit shows none for one position)",
    # Two records of 2022 and 2025: a long's 919.0970 shown as 919.10, a short's 0.01755468 as
    # 0.017554
    "price_rounding": "conservative",
    "box": BoxRules(
        funding_from="account_then_box",
        auto_add=AutoAdd(amount="initial_margin"),
        steps=(
            Step(action="cancel_orders"),
            Step(action="step_down", repeats=True),
            Step(action="take_over", price="bankruptcy"),
        ),
        remainder_to="venue",
    ),
    "confidence": "high",
    "not_modelled": (
        "open orders (they count towards the tier)",
        "portfolio margin",
        "auto-margin replenishment moves the liquidation price when it acts, not before; it stops"
        " at 1x",
    ),
}

RULES: Final = (
    RuleSet(
        **_COMMON,
        maintenance_price="entry",
        cross=CrossRules(**_CROSS),
        sources=(
            Source(
                title="Liquidation Price (USDT Contract)",
                url="https://www.bybit.com/en/help-center/article/Liquidation-Price-USDT-Contract",
                read=date(2026, 11, 23),
            ),
            *_BOX_SOURCES,
        ),
        assumed=("auto-margin replenishment: linear contracts only",),
    ),
    RuleSet(
        **_COMMON,
        effective_from=date(2025, 9, 2),
        maintenance_price="mark",
        added_margin_lowers_closing_fee=True,
        cross=CrossRules(**_CROSS, initial_price="mark"),
        sources=(
            _NEW_MARGIN,
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
            *_BOX_SOURCES,
        ),
        assumed=(
            "the change of 2025-09-02 reached open positions too, at 00:00 UTC",
            "funding, auto-margin, liquidation steps and rounding as before it: the pages on them"
            " are of 2023 and 2024",
            "auto-margin replenishment: linear contracts only",
        ),
    ),
)
