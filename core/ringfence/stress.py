"""Moves of the whole market at once: which boxes and pools fail, what is lost, what is left.

A move is a fraction of each coin's mark price (-0.2: 20 % down). Prices go there in a straight line
from their marks, so that what fails on the way is gone, whatever the price does then. A box that
fails loses all its equity; a cross pool that fails loses all of its own. Money is in dollars, as in
:mod:`ringfence.summary`; what has no price in dollars is left out, and counted.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ringfence import inputs
from ringfence.book import BookRisk
from ringfence.errors import InputError
from ringfence.solver import Floats, Ints

Bools = NDArray[np.bool_]
MOVE: Final = inputs.NumberField("move", "move of the price, a fraction", above=-1, percent=True)
OTHERS: Final = "*"  # in a mapping of moves or betas: every other coin


class Shock(NamedTuple):
    """A book after one move. By row: NaN or False for rows in error."""

    fails: Bools
    pnl: Floats  # change of equity in dollars; a failure takes all there was
    equity: float  # of all that counts, before
    loss: float  # what equity falls by; below 0: a gain
    left: float
    boxes_failed: int
    pools_failed: int
    not_counted: int  # rows without a value in dollars


class JointShock(NamedTuple):
    """The common move at which something fails, each coin moving by its beta. None: none does."""

    first_down: float | None
    first_up: float | None
    row_down: int | None  # of the position that fails there, or of one of its pool
    row_up: int | None
    by_row_down: Floats  # NaN: it survives every fall
    by_row_up: Floats


def moves_by_row(book: BookRisk, moves: Mapping[str, float] | float) -> Floats:
    """The move of each row's coin; ``moves`` is one for all, or coin -> move ("*": the others).

    Raises InputError for a move that is not above -1.
    """
    if not isinstance(moves, Mapping):
        moves = {OTHERS: moves}
    checked = {
        str(coin).strip().upper(): inputs.parse_number(MOVE, move) or 0.0
        for coin, move in moves.items()
    }
    others = checked.get(OTHERS, 0.0)
    return np.array(
        [np.nan if its is None else checked.get(its.base, others) for its in book.terms], float
    )


def shock(book: BookRisk, moves: Mapping[str, float] | float) -> Shock:
    """The book once every coin has moved. See :func:`moves_by_row` for ``moves``."""
    by_row = moves_by_row(book, moves)
    n = len(by_row)
    fails, pnl = np.zeros(n, bool), np.full(n, np.nan)
    settle = _settle_after(book, by_row)
    counted = ~np.isnan(book.settle_price)

    rows, boxes = book.box_rows, book.boxes
    move = by_row[rows]
    price = boxes.price(boxes.liquidation)
    moved = boxes.mark * (1 + move)
    adverse = boxes.side_sign * (boxes.mark - moved) > 0
    passed = boxes.side_sign * (moved - price) <= 0
    balance = boxes.wallet + boxes.pnl
    gone = boxes.wallet + boxes.pnl + boxes.credit <= boxes.requirement
    dead = gone | (adverse & passed)  # NaN: never
    after = boxes.wallet + _pnl_at(boxes, moved)
    held = np.maximum(balance, 0.0) * book.settle_price[rows]
    fails[rows] = dead
    pnl[rows] = np.where(dead, -held, after * settle[rows] - balance * book.settle_price[rows])
    equity = float(np.nansum(held[counted[rows]]))
    pools_failed = 0
    if book.pools:
        rows, pools = book.pool_rows, book.pools
        state, cross = pools.state, pools.rows
        down = _pools_fail(book, by_row[rows])
        pools_failed = int(down.sum())
        fails[rows] = down[pools.pool]
        change = _pnl_at(cross, cross.mark * (1 + by_row[rows])) - cross.pnl
        share = pools.share_of_pool
        worth = np.maximum(state.equity, 0.0)[pools.pool] * share * book.settle_price[rows]
        # The pool's own coins move too where they settle it
        wallet = state.equity[pools.pool] * share
        left = (wallet + change) * settle[rows]
        pnl[rows] = np.where(down[pools.pool], -worth, left - wallet * book.settle_price[rows])
        equity += float(np.nansum(worth[counted[rows]]))
    loss = -float(np.nansum(pnl[counted]))
    return Shock(
        fails=fails,
        pnl=pnl,
        equity=equity,
        loss=loss + 0.0,
        left=equity - loss,
        boxes_failed=int(fails[book.box_rows].sum()),
        pools_failed=pools_failed,
        not_counted=int((~counted & ~np.isnan(by_row)).sum()),
    )


def _settle_after(book: BookRisk, move: Floats) -> Floats:
    """What a unit of each row's settle currency is worth after the move: coins move with prices."""
    inverse = np.array([its is not None and its.inverse for its in book.terms], bool)
    return np.where(inverse, book.settle_price * (1 + move), book.settle_price)


def _pnl_at(its: Any, price: Floats) -> Floats:
    value = np.where(its.inverse, its.exposure / price, its.exposure * price)
    pnl: Floats = its.direction * (value - its.at_entry)
    return pnl


# Pools along a straight line of prices


def _pools_fail(book: BookRisk, move: Floats) -> Bools:
    """Which pools give way on the way to the move."""
    pools = book.pools
    assert pools
    down = pools.state.equity <= pools.state.requirement
    leg_move = np.zeros(len(pools.leg_pool))
    leg_move[pools.leg_of_row] = move
    for pool in range(len(down)):
        if not down[pool]:
            down[pool] = _first(book, pool, leg_move, 1.0, limit=1.0) is not None
    return down


def _first(book: BookRisk, pool: int, leg_move: Floats, way: float, limit: float) -> float | None:
    """How much of the move (1: all of it) a pool bears, going ``way``; None: up to ``limit``."""
    pools = book.pools
    assert pools
    legs = np.flatnonzero(pools.leg_pool == pool)
    return pools.path(legs, leg_move[legs]).first(way, limit)


def joint_shock(book: BookRisk, betas: Mapping[str, float] | float = 1.0) -> JointShock:
    """The common move at which the first box or pool fails: each coin moves by its beta times it.

    Exact: the closed form of each box, and of each pool between two tier floors. Raises InputError.
    """
    beta = _betas(book, betas)
    n = len(beta)
    found = {way: np.full(n, np.nan) for way in (-1.0, 1.0)}
    rows, boxes = book.box_rows, book.boxes
    move = boxes.price(boxes.liquidation) / boxes.mark - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        common = np.where(beta[rows] == 0, np.nan, move / beta[rows])
    gone = boxes.wallet + boxes.pnl + boxes.credit <= boxes.requirement
    for way, by_row in found.items():
        by_row[rows] = np.where(gone, 0.0, np.where(common * way > 0, common, np.nan))
    if book.pools:
        pools = book.pools
        leg_beta = np.zeros(len(pools.leg_pool))
        leg_beta[pools.leg_of_row] = beta[book.pool_rows]
        state = pools.state
        for pool in range(len(state.wallet)):
            its = book.pool_rows[pools.pool == pool]
            for way, by_row in found.items():
                if state.equity[pool] <= state.requirement[pool]:
                    by_row[its] = 0.0
                elif (x := _joint(book, pool, leg_beta, way)) is not None:
                    by_row[its] = x
    down, up = (_nearest(found[way]) for way in (-1.0, 1.0))
    return JointShock(
        first_down=None if down is None else float(found[-1.0][down]),
        first_up=None if up is None else float(found[1.0][up]),
        row_down=down,
        row_up=up,
        by_row_down=found[-1.0],
        by_row_up=found[1.0],
    )


def _nearest(by_row: Floats) -> int | None:
    return None if np.isnan(by_row).all() else int(np.nanargmin(np.abs(by_row)))


def _betas(book: BookRisk, betas: Mapping[str, float] | float) -> Floats:
    given = betas if isinstance(betas, Mapping) else {OTHERS: betas}
    checked: dict[str, float] = {}
    for coin, beta in given.items():
        if not isinstance(beta, (int, float)) or not math.isfinite(beta):
            raise InputError("beta", f"{inputs.shown(beta)} of {coin} is not a number")
        checked[str(coin).strip().upper()] = float(beta)
    others = checked.get(OTHERS, 1.0)
    return np.array(
        [np.nan if its is None else checked.get(its.base, others) for its in book.terms], float
    )


def _joint(book: BookRisk, pool: int, leg_beta: Floats, way: float) -> float | None:
    """The common move at which a pool fails; prices stop at zero."""
    pools = book.pools
    assert pools
    beta = leg_beta[pools.leg_pool == pool]
    falling = -way * beta  # how fast prices go to zero on the way
    limit = float(1 / falling.max()) if (falling > 0).any() else math.inf
    found = _first(book, pool, leg_beta, way, limit)
    return None if found is None or abs(found) >= limit else found


# Tables


def table(book: BookRisk, moves: Sequence[float]) -> list[Shock]:
    """One common move after another, such as -50 % to +50 %."""
    return [shock(book, move) for move in moves]


def heat_map(
    book: BookRisk, one: tuple[str, Sequence[float]], two: tuple[str, Sequence[float]]
) -> NDArray[np.float64]:
    """What is left of the book's equity when two coins move apart: a row a move of the first.

    Every other coin stands still.
    """
    (first, firsts), (second, seconds) = one, two
    return np.array([[shock(book, {first: a, second: b}).left for b in seconds] for a in firsts])


def rows_of(book: BookRisk, coin: str) -> Ints:
    """The rows in one coin."""
    return np.flatnonzero([its is not None and its.base == coin.upper() for its in book.terms])
