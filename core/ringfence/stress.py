"""Moves of the whole market at once: which boxes and pools fail, what is lost, what is left.

A move is a fraction of each coin's mark price (-0.2: 20 % down). Prices go there in a straight line
from their marks, so that what fails on the way is gone, whatever the price does then. A box that
fails loses all its equity; a cross pool that fails loses all of its own; what stands idle in the
accounts stays, its coins at their new prices. Money is in dollars, as in :mod:`ringfence.summary`;
what has no price in dollars is left out, and counted.
"""

import math
from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ringfence import inputs, tiers
from ringfence.book import BookRisk
from ringfence.errors import InputError, MissingInputError
from ringfence.pools import DOLLARS
from ringfence.solver import Floats

Bools = NDArray[np.bool_]
MOVE: Final = inputs.NumberField("move", "move of the price, a fraction", above=-1, percent=True)
BETA: Final = inputs.NumberField("beta", "how many times the common move a coin moves")
OTHERS: Final = "*"  # in a mapping of moves or betas: every other coin


class Shock(NamedTuple):
    """A book after one move. By row: NaN or False for rows in error."""

    fails: Bools
    pnl: Floats  # change of equity in dollars; a failure takes all there was
    equity: float  # of all boxes and pools, and what is idle in the accounts, before
    loss: float  # what equity falls by; below 0: a gain
    left: float
    idle: float  # of what is left, in no box and behind no cross position
    boxes_failed: int
    pools_failed: int
    not_counted: int  # rows without a value in dollars
    errors: int  # rows in error: nothing of them is in the figures


class JointShock(NamedTuple):
    """The common move at which something fails, each coin moving by its beta. None: none does."""

    first_down: float | None
    first_up: float | None
    row_down: int | None  # of the position that fails there, or of one of its pool
    row_up: int | None
    by_row_down: Floats  # NaN: it survives every fall
    by_row_up: Floats


class ByCoin:
    """A number for each coin of a book: one for all, or coin -> number ("*": the others).

    A coin may be named by a contract (BTCUSDT, PF_XBTUSD). Raises InputError for what is not a
    number, for a coin that is there twice, and where no coin of the book is named.
    """

    def __init__(
        self,
        book: BookRisk,
        given: Mapping[str, float] | float,
        field: inputs.NumberField,
        others: float,
    ) -> None:
        coins = {its.coin for its in book.terms if its is not None}
        if book.pools:
            coins.update(*(its for its in book.pools.coins if its))
        coins.update(book.idle().keys() - {DOLLARS})
        self._of: dict[str, float] = {}
        for name, number in (given if isinstance(given, Mapping) else {OTHERS: given}).items():
            coin = coin_of(str(name), coins)
            if coin in self._of:
                raise InputError(field.name, f"{coin} is there twice")
            named = field if coin == OTHERS else replace(field, name=f"{field.name} of {coin}")
            its = inputs.parse_number(named, number)
            if its is None:
                raise MissingInputError(named.name, "missing; give a number")
            self._of[coin] = its
        if coins and self._of and not self._of.keys() & {OTHERS, *coins}:
            raise InputError(
                field.name,
                f"no position in {', '.join(self._of)}; there are {', '.join(sorted(coins))}",
            )
        self._others = self._of.get(OTHERS, others)

    def of(self, coin: str) -> float:
        return self._of.get(coin, self._others)

    def by_row(self, book: BookRisk) -> Floats:
        """By row of the book; NaN where a row is in error."""
        return np.array([np.nan if its is None else self.of(its.coin) for its in book.terms], float)


def coin_of(name: str, coins: Container[str]) -> str:
    """The coin that ``name`` means: itself, or the base of a contract, of a thousand coins too."""
    plain = name.strip().upper()
    if plain == OTHERS or plain in coins:
        return plain
    coin = tiers.coin(tiers.currencies(plain)[0])
    thousand = coin.removeprefix("K")  # kPEPE, whose small letter is lost
    return thousand if coin not in coins and thousand in coins else coin


def _gain_of_coins(book: BookRisk, by_coin: ByCoin) -> Floats:
    """By pool: what the coins of its multi-asset wallet gain."""
    assert book.pools
    return np.array(
        [
            sum(worth * by_coin.of(coin) for coin, worth in (coins or {}).items())
            for coins in book.pools.coins
        ],
        float,
    )


def shock(book: BookRisk, moves: Mapping[str, float] | float) -> Shock:
    """The book once every coin has moved: by one move, or coin -> move ("*": all others).

    Raises InputError for a move that is not above -1, and as :class:`ByCoin` says.
    """
    by_coin = ByCoin(book, moves, MOVE, others=0.0)
    by_row = by_coin.by_row(book)
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
        gain = _gain_of_coins(book, by_coin)
        down = _pools_fail(book, by_row[rows], gain)
        pools_failed = int(down.sum())
        fails[rows] = down[pools.pool]
        change = _pnl_at(cross, cross.mark * (1 + by_row[rows])) - cross.pnl
        share = pools.share_of_pool
        worth = np.maximum(state.equity, 0.0)[pools.pool] * share * book.settle_price[rows]
        # The pool's own coins move too where they settle it
        wallet = state.equity[pools.pool] * share
        left = (wallet + change + gain[pools.pool] * share) * settle[rows]
        pnl[rows] = np.where(down[pools.pool], -worth, left - wallet * book.settle_price[rows])
        equity += float(np.nansum(worth[counted[rows]]))
    idle = sum(book.idle().values())
    idle_after = sum(its * (1 + _move_of_money(by_coin, coin)) for coin, its in book.idle().items())
    equity += idle
    loss = idle - idle_after - float(np.nansum(pnl[counted]))
    return Shock(
        fails=fails,
        pnl=pnl,
        equity=equity,
        loss=loss + 0.0,
        left=equity - loss,
        idle=idle_after,
        boxes_failed=int(fails[book.box_rows].sum()),
        pools_failed=pools_failed,
        not_counted=int((~counted & ~np.isnan(by_row)).sum()),
        errors=sum(str(status).startswith("error") for status in book.risk["status"]),
    )


def _move_of_money(by_coin: ByCoin, currency: str) -> float:
    return 0.0 if currency == DOLLARS else by_coin.of(currency)


def _settle_after(book: BookRisk, move: Floats) -> Floats:
    """What a unit of each row's settle currency is worth after the move: coins move with prices."""
    inverse = np.array([its is not None and its.inverse for its in book.terms], bool)
    return np.where(inverse, book.settle_price * (1 + move), book.settle_price)


def _pnl_at(its: Any, price: Floats) -> Floats:
    value = np.where(its.inverse, its.exposure / price, its.exposure * price)
    pnl: Floats = its.direction * (value - its.at_entry)
    return pnl


# Pools along a straight line of prices


def _pools_fail(book: BookRisk, move: Floats, gain: Floats) -> Bools:
    """Which pools give way on the way to the move, in which their coins gain ``gain``."""
    pools = book.pools
    assert pools
    leg_move = np.zeros(len(pools.leg_pool))
    leg_move[pools.leg_of_row] = move
    state = pools.state
    down = (state.equity <= state.requirement) | (pools.spare_after(leg_move, gain) <= 0)
    # What is spare only bends down on the way: spare at both ends, spare between; but for jumps.
    for pool in np.flatnonzero(pools.jumps & ~down).tolist():
        down[pool] = _first(book, pool, leg_move, gain, 1.0, limit=1.0) is not None
    return down


def _first(
    book: BookRisk, pool: int, leg_move: Floats, gain: Floats, way: float, limit: float
) -> float | None:
    """How much of the move (1: all of it) a pool bears, going ``way``; None: up to ``limit``."""
    pools = book.pools
    assert pools
    legs = np.flatnonzero(pools.leg_pool == pool)
    if not leg_move[legs].any() and not gain[pool]:
        return None  # nothing moves
    return pools.path(legs, leg_move[legs], float(gain[pool])).first(way, limit)


def joint_shock(book: BookRisk, betas: Mapping[str, float] | float = 1.0) -> JointShock:
    """The common move at which the first box or pool fails: each coin moves by its beta times it.

    Exact: the closed form of each box, and of each pool between two tier floors. Raises InputError.
    """
    by_coin = ByCoin(book, betas, BETA, others=1.0)
    beta = by_coin.by_row(book)
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
        state, gain = pools.state, _gain_of_coins(book, by_coin)
        for pool in range(len(state.wallet)):
            its = book.pool_rows[pools.pool == pool]
            for way, by_row in found.items():
                if state.equity[pool] <= state.requirement[pool]:
                    by_row[its] = 0.0
                elif (x := _joint(book, pool, leg_beta, gain, way)) is not None:
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


def _joint(book: BookRisk, pool: int, leg_beta: Floats, gain: Floats, way: float) -> float | None:
    """The common move at which a pool fails; prices stop at zero."""
    pools = book.pools
    assert pools
    beta = leg_beta[pools.leg_pool == pool]
    falling = -way * beta  # how fast prices go to zero on the way
    limit = float(1 / falling.max()) if (falling > 0).any() else math.inf
    found = _first(book, pool, leg_beta, gain, way, limit)
    return None if found is None or abs(found) >= limit else found


# Tables


def table(book: BookRisk, moves: Sequence[float]) -> list[Shock]:
    """One common move after another, such as -50 % to +50 %."""
    return [shock(book, move) for move in moves]


def heat_map(
    book: BookRisk, one: tuple[str, Sequence[float]], two: tuple[str, Sequence[float]]
) -> NDArray[np.float64]:
    """What is left of the book's equity when two coins move apart: a row a move of the first.

    Every other coin stands still. Raises InputError where the two are one.
    """
    (first, firsts), (second, seconds) = one, two
    if first.strip().upper() == second.strip().upper():
        raise InputError("coin_2", f"{second} is the coin of the rows too")
    return np.array([[shock(book, {first: a, second: b}).left for b in seconds] for a in firsts])
