"""HTX (Huobi) USDT-margined and coin-margined contracts, isolated and cross margin.

Rule
    Margin ratio (Isolated) = Maintenance margin ratio * Leverage * Initial margin (Position margin)
    * 100 % / Isolated position equity; liquidation at 100 %. Maintenance margin ratio = Adjustment
    Factor A / Leverage, so MM = A * position margin. The position margin is revalued as the price
    moves (value / leverage), so the rate on the value now is

        r = A / leverage

        LP linear  = (Equity without PnL - Side * q * Entry) / (q * (r - Side))
        LP inverse = Q * (Side + r) / (Equity without PnL + Side * Q / Entry)

    The same as the old screen's equity / used margin - A <= 0 %. A is picked by the leverage and
    by the number of net contracts. No fee in the trigger.

    Cross: Margin ratio (Cross) = the sum of the same maintenance margins / Cross equity (boxes and
    their orders excluded); LP with the pool, the others at their marks, in place of the equity. A
    long and a short of one contract count with their net contracts.

Units
    Size in contracts: BTC-USDT 0.001 BTC, ETH-USDT 0.01 ETH; coin-margined BTC 100 USD, others 10.
    Entry is cost_hold (it is reset at settlements), wallet is margin_static.

Scope
    Not modelled: margin frozen by open orders (in the ratio, not in the price estimate),
    multi-assets collateral (own tiers). ASSUMED for cross: the margin of a long and a short is that
    of the net contracts (the pages say it of the tier).
    On file are only the documentation's factors of 2020, of 125x; any other leverage takes
    mmr = A / leverage as the screen shows A, or `ringfence tiers update htx`.
    Box: the isolated account is the box; settlement books funding and PnL into it. What may go out
    (withdraw_available) is equity without unrealized profit less the position margin at the price
    now. Liquidation cancels the contract's orders, reduces the position to the upper limit of a
    lower tier of A, and takes over all of it in tier 1; the engine's gain goes to the insurance
    fund. Auto-deposit was found for trading bots only.

Source
    Futures Liquidation Indicators Adjustment (htx.com/support/104919792315746), Partial Liquidation
    (900001325083, 900000106106), Tiered Adjustment Factor (900001326606), read 2026-11-23. A linear
    long of 2022-05 and an inverse long of 2020-10 reproduce to 15 digits, a linear short of 2021 to
    its 14. Of the box: Liquidation
    Rules (24959973437846), Brief Introduction (900001326566), Funding Calculation (900001326466),
    read 2026-11-24; withdraw_available of four recorded accounts, two in ccxt 4.5.90 htx.py. Cross:
    104919792315746 and 900001326606 again, read 2026-11-24; the long of 2022-05 is a cross one.

Terms
    margin_static -> isolated_margin; cost_hold -> entry_price; lever_rate -> leverage;
    adjust_factor / lever_rate -> mmr.

Since
    USDT-margined accounts move to a new trading system from 2026-04-07, each when it is flat; the
    rules of the new system were not found.
"""

from datetime import date
from typing import Any, Final

from ringfence.box_rules import BoxRules, Step, Withdrawal
from ringfence.cross_rules import CrossRules
from ringfence.rules import RuleSet
from ringfence.sources import Source

_COMMON: Final[dict[str, Any]] = {
    "venue": "htx",
    "size_unit": "contracts",
    "schedule": "leverage_factor",
    "initial_price": "mark",
    "screen_ratio": "requirement / balance",
    "screen_ratio_name": "Margin ratio",
    "price_rounding": "none",
    "box": BoxRules(
        funding_from="box",
        withdrawal=Withdrawal(initial_margin_at="mark", profit_counts=False),
        steps=(
            Step(action="cancel_orders"),
            Step(action="step_down", repeats=True),
            Step(action="take_over", price="bankruptcy"),
        ),
        remainder_to="venue",
    ),
    "confidence": "medium",
    "sources": (
        Source(
            title="Futures Liquidation Indicators Adjustment",
            url="https://htx.com/support/104919792315746",
            read=date(2026, 11, 23),
        ),
        Source(
            title="Partial Liquidation",
            url="https://www.huobi.com/support/en-us/detail/900001325083",
            read=date(2026, 11, 23),
        ),
        Source(
            title="Liquidation Rules for Futures Trading",
            url="https://www.htx.com/id-id/support/24959973437846",
            read=date(2026, 11, 24),
        ),
        Source(
            title="Brief Introduction of USDT-Margined Contracts",
            url="https://www.huobi.com/support/ko-kr/detail/900001326566",
            read=date(2026, 11, 24),
        ),
        Source(
            title="Funding Calculation",
            url="https://www.huobi.com/support/en-us/detail/900001326466",
            read=date(2026, 11, 24),
        ),
    ),
    "not_modelled": ("margin frozen by open orders", "multi-assets collateral"),
}
_CROSS: Final[dict[str, Any]] = {
    "pair": "net",
    "confidence": "medium",
    "sources": (
        Source(
            title="Futures Liquidation Indicators Adjustment",
            url="https://htx.com/support/104919792315746",
            read=date(2026, 11, 24),
        ),
        Source(
            title="Tiered Adjustment Factor",
            url="https://www.huobi.com/support/en-us/detail/900001326606",
            read=date(2026, 11, 24),
        ),
    ),
    "not_modelled": (
        "margin frozen by open orders",
        "multi-assets collateral",
        "a tier of A over all contracts of one kind (swap, this week, ...): give mmr",
    ),
}
_NET: Final = "the margin of a long and a short is that of their net contracts, as the tier is"
_BOX_ASSUMED: Final = (
    "a loss counts against what may go out: the recorded accounts were in profit",
    "the engine takes over at the bankruptcy price: the page says only that its gain is the fund's",
)

RULES: Final = (
    RuleSet(
        **_COMMON,
        product="coin-margined futures and swaps",
        contract_types=("inverse",),
        cross=CrossRules(
            **_CROSS,
            assumed=(
                "one account a coin for all its contracts, by the formula of the USDT page",
                _NET,
            ),
        ),
        taker_fee_rate=0.0005,
        assumed=(
            "a short follows the long by symmetry: no short with its equity was found",
            "taker fee 0.05 %; it is not in the trigger",
            "funding, fund and take-over as the USDT-margined pages say",
            *_BOX_ASSUMED,
        ),
    ),
    RuleSet(
        **_COMMON,
        product="USDT-margined futures and swaps, single-asset collateral",
        label="htx_usdt",
        contract_types=("linear",),
        cross=CrossRules(
            **_CROSS,
            assumed=(
                "several positions: the others at their marks; the recorded account has one",
                _NET,
                "since 2026-04-07 (the new system): one recorded position of 2026-06 has its"
                " maintenance margin, 0.34 %, and its initial margin on the mark value",
            ),
        ),
        taker_fee_rate=0.0006,
        effective_until=date(2026, 4, 6),
        assumed=(
            "USDT-margined accounts moved to a new system from 2026-04-07, each when it was flat;"
            " its margin rule was not found: a later position is computed by this one",
            *_BOX_ASSUMED,
        ),
    ),
)
