"""The account's own risk: boxes and pools together, where they are alike, and what stands idle.

Money is in dollars, as in :mod:`ringfence.summary`.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, NamedTuple

import numpy as np

from ringfence import inputs
from ringfence.book import BookRisk
from ringfence.pools import summed
from ringfence.position import ALREADY
from ringfence.solver import Floats
from ringfence.stress import OTHERS, joint_shock
from ringfence.summary import summarise

IDLE: Final = inputs.NumberField("idle", "dollars that no box and no pool holds", at_least=0)
NEAR: Final = 0.1  # a box nearer than this to liquidation is short of collateral


class Concentration(NamedTuple):
    """One coin, or one venue: what is in it, and what it can lose."""

    name: str
    positions: int
    notional: float
    net_notional: float  # long less short
    at_stake: float  # all of it; a pool's is shared out by value
    share: float  # of all that is at stake
    # What is lost where all of it fails together. A coin moves one way: of its longs or its shorts
    # the more, and each pool that the coin can break alone, whole. A venue may take all with it.
    fails_together: float


class Exposure(NamedTuple):
    """A book as one account."""

    boxes: int
    pools: int
    errors: int
    not_counted: int
    equity: float  # of boxes and pools, and idle money
    at_stake: float  # boxes and pools
    notional: float
    effective_leverage: float | None  # None: no equity is left
    at_stake_share: float | None  # of equity
    by_coin: tuple[Concentration, ...]
    by_venue: tuple[Concentration, ...]
    idle: float  # in the accounts, in no box and not behind cross positions
    free_in_pools: float  # what cross pools hold beyond the initial margin of their positions
    near: int  # boxes and positions nearer than NEAR to liquidation
    # Rows by what one dollar more in the box adds to its distance, the most first
    best_top_ups: tuple[tuple[int, float], ...]


def exposure(book: BookRisk, *, idle: float | None = None) -> Exposure:
    """The account's figures.

    ``idle``: dollars that no box and no pool holds. None: what the accounts of the book hold so.
    Raises InputError for an ``idle`` that is not a number from 0 on.
    """
    idle = inputs.parse_number(IDLE, idle)
    idle = sum(book.idle().values()) if idle is None else idle
    figures = summarise(book)
    margin, risk = figures.dollar_margin, book.risk
    notional = risk["notional"] * book.settle_price
    equity = _equity(book) + idle
    distance = risk["liquidation_distance"]
    near = (risk["status"] == ALREADY) | (distance <= NEAR)
    coins = [None if its is None else its.coin for its in book.terms]
    venues = [None if its is None else its.rule.venue for its in book.terms]
    return Exposure(
        boxes=len(book.box_rows),
        pools=len(book.pools.wallet) if book.pools else 0,
        errors=figures.errors,
        not_counted=figures.not_counted - figures.errors,
        equity=equity,
        at_stake=figures.margin,
        notional=figures.notional,
        effective_leverage=figures.notional / equity if equity > 0 else None,
        at_stake_share=figures.margin / equity if equity > 0 else None,
        by_coin=_concentrations(coins, notional, margin, book.side_sign, partial(_worst, book)),
        by_venue=_concentrations(
            venues, notional, margin, book.side_sign, lambda _, rows: float(margin[rows].sum())
        ),
        idle=idle,
        free_in_pools=_free_in_pools(book),
        near=int(near.sum()),
        best_top_ups=_best_top_ups(book),
    )


def _equity(book: BookRisk) -> float:
    """What boxes and pools are worth at the marks; neither owes anything beyond what is in it."""
    boxes = np.maximum(book.boxes.wallet + book.boxes.pnl, 0.0)
    total = float(np.nansum(boxes * book.settle_price[book.box_rows]))
    if book.pools:
        pools = book.pools
        worth = np.maximum(pools.state.equity, 0.0)[pools.pool] * pools.share_of_pool
        total += float(np.nansum(worth * book.settle_price[book.pool_rows]))
    return total


def _free_in_pools(book: BookRisk) -> float:
    if not book.pools:
        return 0.0
    pools, rows = book.pools, book.pool_rows
    held = summed(pools.pool, book.risk["initial_margin"][rows], len(pools.wallet))
    free = np.maximum(pools.state.equity - held, 0.0)[pools.pool] * pools.share_of_pool
    return float(np.nansum(free * book.settle_price[rows]))


def _worst(book: BookRisk, coin: str, rows: Sequence[int]) -> float:
    """What is lost if ``coin`` alone goes the worse way until all that can fail has failed."""
    joint = joint_shock(book, {coin: 1.0, OTHERS: 0.0})
    at_stake = np.full(len(book.terms), 0.0)
    at_stake[book.box_rows] = book.risk["max_loss"][book.box_rows]
    if book.pools:
        whole = book.risk["max_loss"][book.pool_rows] * book.pools.share_of_pool
        at_stake[book.pool_rows] = whole
    at_stake *= book.settle_price
    its_own = np.zeros(len(at_stake), bool)
    its_own[list(rows)] = True
    return max(
        # What is gone already (0) is no coin's doing but its own.
        float(np.nansum(at_stake[~np.isnan(by_row) & ((by_row != 0) | its_own)]))
        for by_row in (joint.by_row_down, joint.by_row_up)
    )


def _concentrations(
    names: Sequence[str | None],
    notional: Floats,
    margin: Floats,
    side: Floats,
    worst: Callable[[str, Sequence[int]], float],
) -> tuple[Concentration, ...]:
    """By name, what is most at stake first."""
    total = float(np.nansum(margin))
    groups: dict[str, list[int]] = {}
    for row, name in enumerate(names):
        if name is not None and margin[row] == margin[row]:
            groups.setdefault(name, []).append(row)
    found = [
        Concentration(
            name=name,
            positions=len(rows),
            notional=float(notional[rows].sum()),
            net_notional=float((notional[rows] * side[rows]).sum()),
            at_stake=float(margin[rows].sum()),
            share=float(margin[rows].sum()) / total if total else 0.0,
            fails_together=worst(name, rows),
        )
        for name, rows in groups.items()
    ]
    return tuple(sorted(found, key=lambda its: -its.at_stake))


def _best_top_ups(book: BookRisk) -> tuple[tuple[int, float], ...]:
    """By row, the distance (a fraction of the mark price) that one more dollar in the box buys.

    Boxes that are liquidated already are beyond help.
    """
    boxes = book.boxes
    dead = book.risk["status"][book.box_rows] == ALREADY
    step = 1e-6 * boxes.wallet
    further = boxes.liquidation_notional(boxes.wallet + step + boxes.credit)
    moved = np.abs(boxes.price(further) - boxes.price(boxes.liquidation)) / boxes.mark
    a_dollar = moved / (step * book.settle_price[book.box_rows])
    a_dollar[dead] = np.nan
    order = np.argsort(-np.nan_to_num(a_dollar, nan=-1.0), kind="stable")
    return tuple((int(book.box_rows[at]), float(a_dollar[at])) for at in order if a_dollar[at] > 0)
