"""How much to buy, where to stop, and what a margin mode changes, for one position.

Volatility is annual, as a fraction (0.6: 60 %), over 365 days; moves are log-normal without drift
of the price: a position is not expected to earn anything. Positions are given as the keyword
arguments of :func:`ringfence.liquidation_price`.
"""

import math
import sys
from collections.abc import Mapping
from typing import Any, Final, Literal, NamedTuple

from ringfence import inputs
from ringfence.accounts import Accounts
from ringfence.dynamics import (
    INTERVAL,
    SLIPPAGE,
    equity,
    notional_at,
    pnl_at,
    requirement,
    with_wallet,
)
from ringfence.errors import InputError, MissingInputError
from ringfence.position import Box, assess, box, liquidation_price_of

DAYS_A_YEAR: Final = 365.0
_BISECTIONS: Final = 200  # halvings of a bracket of sizes: to the last digit
_MOST_VOLATILE: Final = 20.0  # a year: no market comes near; 60 typed for 60 % goes beyond
_LARGEST_EXPONENT: Final = 700.0  # exp of more is no float

VOLATILITY: Final = inputs.NumberField(
    "volatility", "annual volatility, a fraction", above=0, percent=True
)
DAYS: Final = inputs.NumberField("days", "horizon in days", above=0)
SIGMAS: Final = inputs.NumberField("sigmas", "size of the move in standard deviations", above=0)
STOP: Final = inputs.NumberField("stop_price", "stop-loss price, quote per base", above=0)
EQUITY: Final = inputs.NumberField("account_equity", "equity of the whole account", above=0)
BARRIER: Final = inputs.NumberField("barrier", "price that may be touched", above=0)
WALLET: Final = inputs.NumberField("wallet_balance", "wallet of the account", above=0)


def _needed(field: inputs.NumberField, value: Any) -> float:
    number = None if value is None else inputs.parse_number(field, value)
    if number is None:
        raise MissingInputError(field.name, f"missing; give {field.doc}")
    return number


def sigma_of(volatility: float, days: float) -> float:
    """The standard deviation of the logarithm of the price over ``days``."""
    return volatility * math.sqrt(days / DAYS_A_YEAR)


def _sigma(volatility: Any, days: Any) -> float:
    """:func:`sigma_of` inputs that nobody has checked."""
    annual, horizon = _needed(VOLATILITY, volatility), _needed(DAYS, days)
    if annual > _MOST_VOLATILE:
        raise InputError(
            VOLATILITY.name,
            f"{annual:g} is more than {_MOST_VOLATILE:g}; give a fraction a year (60 % is 0.6)",
        )
    return sigma_of(annual, horizon)


def touch_probability(
    *, mark_price: float, barrier: float, volatility: float, days: float, side: str | None = None
) -> float:
    """The probability that the price touches ``barrier`` within ``days``.

    Log-normal and without drift of the price, watched all the time (no gaps); the reflection
    principle in closed form. 1 where the barrier is the mark price itself. With ``side`` the
    barrier is that position's liquidation price: 1 too where the mark is beyond it already.
    Raises InputError.
    """
    mark, level = _needed(inputs.NUMBERS["mark_price"], mark_price), _needed(BARRIER, barrier)
    sigma, sign = _sigma(volatility, days), inputs.parse_choice("side", side)
    if level == mark or (sign is not None and sign * (mark - level) < 0):
        return 1.0
    away = math.log(level) - math.log(mark)  # their quotient may be no float
    if sigma == 0 or away == 0:
        return float(away == 0)
    far, half = abs(away) / sigma, sigma / 2
    # Of the logarithm: a price without drift makes a lower level likelier
    drift = math.copysign(half, -away)
    # Beyond the largest exponent the other factor is 0
    reflected = math.exp(min(-away, _LARGEST_EXPONENT)) * _normal(-far - drift)
    return min(_normal(drift - far) + reflected, 1.0)


def _normal(x: float) -> float:
    return math.erfc(-x / math.sqrt(2)) / 2


def liquidation_probability(*, volatility: float, days: float, **position: Any) -> float:
    """:func:`touch_probability` of the position's liquidation price; 0 where there is none.

    1 where it is liquidated already. Raises InputError.
    """
    held = box(**position)
    _sigma(volatility, days)  # wrong ones are wrong for any position
    price = liquidation_price_of(held)
    if price is None:
        return 0.0
    return touch_probability(
        mark_price=held.mark_price,
        barrier=price,
        volatility=volatility,
        days=days,
        side=position["side"],
    )


# Size


def adverse_price(mark: float, side_sign: float, sigmas: float, sigma: float) -> float:
    """The price ``sigmas`` standard deviations of the logarithm away, on the adverse side."""
    moved = mark * math.exp(min(-side_sign * sigmas * sigma, _LARGEST_EXPONENT))
    return min(max(moved, sys.float_info.min), sys.float_info.max)  # above 0, and finite


def max_size(
    *, sigmas: float, volatility: float, days: float, interval_hours: float = 8.0, **position: Any
) -> float | None:
    """The largest size whose liquidation price a move of ``sigmas`` over ``days`` does not reach.

    After the funding of those days at ``funding_rate`` and the fee to close at the moved price.
    ``isolated_margin`` is what the box gets; with ``leverage`` alone it grows with the size. 0
    where no size does, None where every size that the tiers on file allow does. No ``size``. The
    fee to open is not in it. Raises InputError.
    """
    sigma, move = _sigma(volatility, days), _needed(SIGMAS, sigmas)
    fundings = _needed(DAYS, days) * 24 / _needed(INTERVAL, interval_hours)
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
    if notional == math.inf:  # only where a rising notional is the adverse one
        return -math.inf
    paid = max(held.side_sign * held.funding_rate, 0.0)
    funding = paid * held.mark_notional * fundings if paid else 0.0  # not 0 x inf
    fee = held.terms.taker_fee_rate * notional
    if held.terms.rule.trigger_fee == "taker_at_mark":
        fee = 0.0  # it stands in the requirement already
    after = with_wallet(held, held.wallet - funding - fee)
    return equity(after, notional) - requirement(after, notional)


# Stops


class StopCheck(NamedTuple):
    """What a stop-loss costs, and whether it comes before the liquidation.

    Money in settle currency; ``loss`` is the price's move since entry + fee + slippage_cost, or
    the margin alone where the liquidation comes first.
    """

    loss: float  # with fee and slippage, at most the margin in the box; below 0: a gain
    fee: float  # to close; what opening cost is in no figure
    slippage_cost: float
    first: Literal["stop", "liquidation"]  # whose price comes first
    liquidation_price: float | None
    stop_distance: float  # fraction of the mark price
    share_of_equity: float | None  # None: no account_equity given
    note: str = ""  # says where the slippage leads beyond the liquidation price


def stop_check(
    *,
    stop_price: float,
    slippage: float = 0.0,
    account_equity: float | None = None,
    **position: Any,
) -> StopCheck:
    """The loss at ``stop_price``, since entry, with the fee to close and ``slippage``.

    Where the liquidation price comes first, the loss is what the box holds: the stop never works.
    Raises InputError.
    """
    held = box(**position)
    stop = _needed(STOP, stop_price)
    slip = inputs.parse_number(SLIPPAGE, slippage) or 0.0
    whole = None if account_equity is None else inputs.parse_number(EQUITY, account_equity)
    distance = held.side_sign * (held.mark_price - stop) / held.mark_price
    if distance <= 0:
        way = "below" if held.side_sign > 0 else "above"
        raise InputError("stop_price", f"{stop:g} must be {way} the mark price {held.mark_price:g}")
    fill = stop * (1 - held.side_sign * slip)
    at_stop, at_fill = _value_at(held, stop), _value_at(held, fill)
    if distance == math.inf:
        raise InputError("stop_price", f"{stop:g} is out of range")
    price = liquidation_price_of(held)
    first: Literal["stop", "liquidation"] = "stop"
    note = ""
    if price is not None and held.side_sign * (price - stop) >= 0:
        first = "liquidation"
    elif price is not None and held.side_sign * (price - fill) >= 0:
        note = f"the fill at {fill:g} lies beyond the liquidation price {price:g}"
    # The box bears the move first, then the slippage, then the fee, and no more than it holds
    move = min(-pnl_at(held, at_stop), held.wallet)
    slipped = min(pnl_at(held, at_stop) - pnl_at(held, at_fill), held.wallet - move)
    fee = min(held.terms.taker_fee_rate * at_fill, held.wallet - move - slipped)
    loss = move + slipped + fee
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
        note=note,
    )


def _value_at(held: Box, stop: float) -> float:
    """The notional at a stop or its fill, where that is a number."""
    value = notional_at(held, stop) if stop > 0 else math.inf
    if not 0 < value < math.inf:
        raise InputError("stop_price", f"{stop:g} is out of range")
    return value


# Isolated, cross, or less leverage


class Mode(NamedTuple):
    """The same position held in one way; no figures where the venue does not hold it so.

    Money in settle currency.
    """

    mode: str
    leverage: float | None = None  # entry value / what stands behind it
    margin: float | None = None  # what can be lost
    liquidation_price: float | None = None  # None beside a margin: never
    liquidation_distance: float | None = None  # fraction of the mark price
    margin_ratio: float | None = None
    note: str = ""  # why there are no figures, or that the account cannot pay for it


def compare_modes(*, wallet_balance: float, **position: Any) -> list[Mode]:
    """One position as it is, with half the leverage, with the whole account behind it, and at 1x.

    ``wallet_balance``: of the account, the box included. The isolated ways are opened with their
    own leverage. Cross is by the venue's cross rule, alone in the account: what ``evaluate`` says.
    Raises InputError where the position as it is has no answer; other ways say so in their note.
    """
    held = box(**position)
    whole = _needed(WALLET, wallet_balance)
    if whole < held.wallet:
        raise InputError(
            "wallet_balance", f"{whole:g} is less than the margin in the box, {held.wallet:g}"
        )

    def opened(name: str, leverage: float, margin: float) -> Mode:
        note = "" if margin <= whole else f"needs {margin:g}, more than wallet_balance {whole:g}"
        try:
            risk = assess(**{**position, "leverage": leverage, "isolated_margin": margin})
            return _mode(name, held, risk._asdict(), note)
        except InputError as error:
            return Mode(name, note=str(error))

    return [
        _mode("isolated", held, assess(**position)._asdict()),
        opened("isolated, half the leverage", held.leverage / 2, 2 * held.wallet),
        _alone_in_account("cross, alone in the account", held, whole, position),
        opened("isolated, 1x", 1.0, held.entry_notional),
    ]


def _alone_in_account(name: str, held: Box, whole: float, position: Mapping[str, Any]) -> Mode:
    """The position in cross margin, as the table of a book of that one position says."""
    shared = {"margin_mode": "cross", "isolated_margin": None, "account": None}
    row = {**position, **shared, "leverage": held.leverage}
    wallet = Accounts({"venue": [held.terms.rule.venue], "wallet_balance": [whole]})
    from ringfence.book import assess_columns  # with NumPy, which isolated margin does without

    book = assess_columns({column: [value] for column, value in row.items()}, 1, accounts=wallet)
    risk = {column: values.tolist()[0] for column, values in book.risk.items()}
    if risk["status"].startswith("error: "):
        return Mode(name, note=risk["status"].removeprefix("error: "))
    return _mode(name, held, risk)


def _mode(name: str, held: Box, risk: Mapping[str, Any], note: str = "") -> Mode:
    price, distance = (
        None if value is None or value != value else value
        for value in (risk["liquidation_price"], risk["liquidation_distance"])
    )
    if distance is not None and abs(distance) == math.inf:
        raise InputError("mark_price", f"{held.mark_price:g} is out of range")
    return Mode(
        mode=name,
        leverage=held.entry_notional / risk["max_loss"],
        margin=risk["max_loss"],
        liquidation_price=price,
        liquidation_distance=distance,
        margin_ratio=risk["margin_ratio"],
        note=note,
    )
