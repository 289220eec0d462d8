"""How much to buy, where to stop, and what a margin mode changes, for one position.

Volatility is annual, as a fraction (0.6: 60 %), over 365 days; moves are log-normal without drift
of the price: a position is not expected to earn anything. Positions are given as the keyword
arguments of :func:`ringfence.liquidation_price`.
"""

import math
from typing import Any, Final, Literal, NamedTuple

from ringfence import inputs
from ringfence.dynamics import SLIPPAGE, equity, notional_at, pnl_at, requirement, with_wallet
from ringfence.errors import InputError, MissingInputError
from ringfence.position import Box, box, liquidation_price_of

DAYS_A_YEAR: Final = 365.0
_BISECTIONS: Final = 200  # halvings of a bracket of sizes: to the last digit

VOLATILITY: Final = inputs.NumberField(
    "volatility", "annual volatility, a fraction", above=0, percent=True
)
DAYS: Final = inputs.NumberField("days", "horizon in days", above=0)
SIGMAS: Final = inputs.NumberField("sigmas", "size of the move in standard deviations", above=0)
STOP: Final = inputs.NumberField("stop_price", "stop-loss price, quote per base", above=0)
EQUITY: Final = inputs.NumberField("account_equity", "equity of the whole account", above=0)
BARRIER: Final = inputs.NumberField("barrier", "price that may be touched", above=0)


def _needed(field: inputs.NumberField, value: Any) -> float:
    number = None if value is None else inputs.parse_number(field, value)
    if number is None:
        raise MissingInputError(field.name, f"missing; give {field.doc}")
    return number


def sigma_of(volatility: float, days: float) -> float:
    """The standard deviation of the logarithm of the price over ``days``."""
    return volatility * math.sqrt(days / DAYS_A_YEAR)


def touch_probability(
    *, mark_price: float, barrier: float, volatility: float, days: float
) -> float:
    """The probability that the price touches ``barrier`` within ``days``.

    Log-normal and without drift of the price, watched all the time (no gaps); the reflection
    principle in closed form. 1 where the barrier is the mark price itself.
    """
    mark, level = _needed(inputs.NUMBERS["mark_price"], mark_price), _needed(BARRIER, barrier)
    sigma = sigma_of(_needed(VOLATILITY, volatility), _needed(DAYS, days))
    away = abs(math.log(level / mark))
    if away == 0:
        return 1.0
    drift = -sigma * sigma / 2  # of the logarithm, over the horizon: none of the price
    towards = drift if level > mark else -drift
    before = _normal((towards - away) / sigma)
    reflected = math.exp(2 * towards * away / (sigma * sigma)) * _normal((-away - towards) / sigma)
    return min(before + reflected, 1.0)


def _normal(x: float) -> float:
    return math.erfc(-x / math.sqrt(2)) / 2


def liquidation_probability(*, volatility: float, days: float, **position: Any) -> float:
    """:func:`touch_probability` of the position's liquidation price; 0 where there is none."""
    held = box(**position)
    price = liquidation_price_of(held)
    if price is None:
        return 0.0
    if held.side_sign * (held.mark_price - price) <= 0:
        return 1.0
    return touch_probability(
        mark_price=held.mark_price, barrier=price, volatility=volatility, days=days
    )


# Size


def adverse_price(mark: float, side_sign: float, sigmas: float, sigma: float) -> float:
    """The price ``sigmas`` standard deviations of the logarithm away, on the adverse side."""
    return mark * math.exp(-side_sign * sigmas * sigma)


def max_size(
    *, sigmas: float, volatility: float, days: float, interval_hours: float = 8.0, **position: Any
) -> float | None:
    """The largest size whose liquidation price a move of ``sigmas`` over ``days`` does not reach.

    After the funding of those days at ``funding_rate`` and the fee to close at the moved price.
    ``isolated_margin`` is what the box gets; with ``leverage`` alone it grows with the size. 0
    where no size does, None where every size that the tiers on file allow does. No ``size``.
    """
    sigma = sigma_of(_needed(VOLATILITY, volatility), _needed(DAYS, days))
    move, horizon = _needed(SIGMAS, sigmas), _needed(DAYS, days)
    fundings = horizon * 24 / interval_hours
    given = {**position, "size": None}

    def survives(size: float) -> bool:
        try:
            held = box(**{**given, "size": size})
        except InputError as error:
            if error.field in ("symbol", "size"):  # beyond the tiers, or out of range
                return False
            raise
        return _spare_after(held, move, sigma, fundings) > 0

    one = box(**{**given, "size": 1.0})  # says what is wrong with the rest
    low, high = 0.0, 1.0
    while survives(high):
        low, high = high, high * 2
        if high * one.terms.contract_size > 1e18:
            return None
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if survives(middle) else (low, middle)
    if low > 0 and _ends_between(given, low):
        return None
    return low


def _ends_between(given: dict[str, Any], size: float) -> bool:
    """Whether what stops a larger size is only that the tiers on file end."""
    try:
        box(**{**given, "size": size * (1 + 1e-9)})
    except InputError as error:
        return error.field == "symbol"
    return False


def _spare_after(held: Box, sigmas: float, sigma: float, fundings: float) -> float:
    """Equity above the requirement once the price has moved and the fees are paid."""
    price = adverse_price(held.mark_price, held.side_sign, sigmas, sigma)
    notional = notional_at(held, price)
    funding = max(held.side_sign * held.funding_rate, 0.0) * held.mark_notional * fundings
    fee = held.terms.taker_fee_rate * notional
    if held.terms.rule.trigger_fee == "taker_at_mark":
        fee = 0.0  # it stands in the requirement already
    after = with_wallet(held, held.wallet - funding - fee)
    return equity(after, notional) - requirement(after, notional)


# Stops


class StopCheck(NamedTuple):
    """What a stop-loss costs, and whether it comes before the liquidation."""

    loss: float  # with fee and slippage; below 0: a gain
    fee: float
    slippage_cost: float
    first: Literal["stop", "liquidation"]
    liquidation_price: float | None
    stop_distance: float  # fraction of the mark price
    share_of_equity: float | None  # None: no account_equity given


def stop_check(
    *,
    stop_price: float,
    slippage: float = 0.0,
    account_equity: float | None = None,
    **position: Any,
) -> StopCheck:
    """The loss at ``stop_price``, since entry, with the fee to close and ``slippage``.

    Where the liquidation price comes first, the loss is what the box holds: the stop never works.
    """
    held = box(**position)
    stop = _needed(STOP, stop_price)
    slip = inputs.parse_number(SLIPPAGE, slippage) or 0.0
    whole = None if account_equity is None else inputs.parse_number(EQUITY, account_equity)
    distance = held.side_sign * (held.mark_price - stop) / held.mark_price
    if distance <= 0:
        way = "below" if held.side_sign > 0 else "above"
        raise InputError("stop_price", f"{stop:g} must be {way} the mark price {held.mark_price:g}")
    price = liquidation_price_of(held)
    first: Literal["stop", "liquidation"] = "stop"
    if price is not None and held.side_sign * (price - stop) >= 0:
        first = "liquidation"
    fill = stop * (1 - held.side_sign * slip)
    at_stop, at_fill = notional_at(held, stop), notional_at(held, fill)
    fee = held.terms.taker_fee_rate * at_fill
    slipped = pnl_at(held, at_stop) - pnl_at(held, at_fill)
    loss = min(fee + slipped - pnl_at(held, at_stop), held.wallet)
    if first == "liquidation":
        loss, fee, slipped = held.wallet, 0.0, 0.0
    return StopCheck(
        loss=loss,
        fee=fee,
        slippage_cost=slipped,
        first=first,
        liquidation_price=price,
        stop_distance=distance,
        share_of_equity=None if whole is None else loss / whole,
    )


# Isolated, cross, or less leverage


class Mode(NamedTuple):
    """The same position held in one way."""

    mode: str
    leverage: float  # entry value / what stands behind it
    margin: float  # what can be lost
    liquidation_price: float | None
    liquidation_distance: float | None
    margin_ratio: float


def compare_modes(*, wallet_balance: float, **position: Any) -> list[Mode]:
    """One position as it is, with half the leverage, and with the whole account behind it.

    ``wallet_balance``: of the account, the box included. Cross margin is by the isolated rule with
    the whole wallet, as the position's only one; see ``evaluate`` for a whole account.
    """
    held = box(**position)
    field = inputs.NumberField("wallet_balance", "wallet of the account", above=0)
    whole = _needed(field, wallet_balance)
    if whole < held.wallet:
        raise InputError(
            "wallet_balance", f"{whole:g} is less than the margin in the box, {held.wallet:g}"
        )
    ways = {
        "isolated": held.wallet,
        "isolated, half the leverage": 2 * held.wallet,
        "cross, alone in the account": whole,
        "isolated, 1x": held.entry_notional,
    }
    return [_mode(name, with_wallet(held, wallet)) for name, wallet in ways.items()]


def _mode(name: str, held: Box) -> Mode:
    price = liquidation_price_of(held)
    balance = equity(held, held.mark_notional)
    required = requirement(held, held.mark_notional)
    return Mode(
        mode=name,
        leverage=held.entry_notional / held.wallet,
        margin=held.wallet,
        liquidation_price=price,
        liquidation_distance=None
        if price is None
        else held.side_sign * (held.mark_price - price) / held.mark_price,
        margin_ratio=required / balance if balance > 0 else math.inf,
    )
