"""Contract algebra: what a position is worth at a price, and the price at which it is worth that.

Every contract type is one straight line in its own *notional* N (the value of the position in the
currency that settles it):

    linear   N = exposure * price     exposure in base coin            money in quote
    quanto   N = exposure * price     exposure in settle coin/quote    money in the settle coin
    inverse  N = exposure / price     exposure in quote (face value)   money in base

    unrealized_pnl = direction * (N(mark) - N(entry))

``direction`` is +1 where a falling notional loses money (linear long, inverse short) and -1 where a
rising notional does (linear short, inverse long). So one solver in N serves all three.

The functions take floats or NumPy arrays alike, and use the same operations in the same order for
both, so that one position and a table of them agree to the last bit.
"""

from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LINEAR: Final = "linear"
INVERSE: Final = "inverse"
QUANTO: Final = "quanto"
CONTRACT_TYPES: Final = (LINEAR, INVERSE, QUANTO)

Number = TypeVar("Number", float, "NDArray[np.float64]")


def notional(inverse: bool, exposure: float, price: float) -> float:
    """Value of ``exposure`` (= size * contract_size) at ``price``, in settle currency."""
    return exposure / price if inverse else exposure * price


def price_at(inverse: bool, exposure: float, notional: float) -> float:
    """The price at which ``exposure`` is worth ``notional``: inverse of :func:`notional`."""
    return exposure / notional if inverse else notional / exposure


def direction(inverse: bool, side_sign: float) -> float:
    """+1 where a falling notional loses money, -1 where a rising one does."""
    return -side_sign if inverse else side_sign


def unrealized_pnl(direction: Number, entry_notional: Number, mark_notional: Number) -> Number:
    """Profit since entry, in settle currency."""
    return direction * (mark_notional - entry_notional) + 0.0  # no -0.0


def bankruptcy_notional(direction: Number, entry_notional: Number, wallet: Number) -> Number:
    """The notional at which equity is zero; <= 0 where no price gets there."""
    return entry_notional - direction * wallet


def closing_fee(
    direction: Number, entry_notional: Number, leverage: Number, fee_rate: Number
) -> Number:
    """The fee for closing at the bankruptcy price that the leverage alone would give."""
    return fee_rate * bankruptcy_notional(direction, entry_notional, entry_notional / leverage)


def closing_fee_on_margin(entry_notional: Number, wallet: Number, fee_rate: Number) -> Number:
    """The fee on entry value and wallet: what some venues set aside, long or short alike."""
    return fee_rate * (entry_notional + wallet)


def added_margin_credit(
    direction: Number, entry_notional: Number, leverage: Number, wallet: Number, fee_rate: Number
) -> Number:
    """What margin added to the box buys beyond itself where the closing fee is set aside.

    Added margin moves the bankruptcy price away, and the closing fee there changes with it.
    """
    added = wallet - entry_notional / leverage
    return added / (1 - direction * fee_rate) - added
