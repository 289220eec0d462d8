"""The account's own risk: boxes and pools together, where they are alike, and what stands idle.

Money is in dollars, as in :mod:`ringfence.summary`.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from ringfence.book import BookRisk
from ringfence.position import ALREADY
from ringfence.solver import Floats
from ringfence.summary import summarise

NEAR: Final = 0.1  # a box nearer than this to liquidation is short of collateral


class Concentration(NamedTuple):
    """One coin, or one venue: what is in it, and what is lost if all of it fails together."""

    name: str
    positions: int
    notional: float
    net_notional: float  # long less short
    at_stake: float
    share: float  # of all that is at stake


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
    idle: float  # in the account, in no box and not behind cross positions
    near: int  # boxes and positions nearer than NEAR to liquidation
    # Rows by what one dollar more in the box adds to its distance, the most first
    best_top_ups: tuple[tuple[int, float], ...]


def exposure(book: BookRisk, *, idle: float = 0.0) -> Exposure:
    """The account's figures. ``idle``: dollars that no box and no pool holds."""
    figures = summarise(book)
    margin, risk = figures.dollar_margin, book.risk
    notional = risk["notional"] * book.settle_price
    equity = _equity(book) + idle
    distance = risk["liquidation_distance"]
    near = (risk["status"] == ALREADY) | (distance <= NEAR)
    coins = [None if its is None else its.base for its in book.terms]
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
        by_coin=_concentrations(coins, notional, margin, book.side_sign),
        by_venue=_concentrations(venues, notional, margin, book.side_sign),
        idle=idle,
        near=int(near.sum()),
        best_top_ups=_best_top_ups(book),
    )


def _equity(book: BookRisk) -> float:
    """What boxes and pools are worth at the marks; a box owes nothing beyond what is in it."""
    boxes = np.maximum(book.boxes.wallet + book.boxes.pnl, 0.0)
    total = float(np.nansum(boxes * book.settle_price[book.box_rows]))
    if book.pools:
        pools = book.pools
        worth = pools.state.equity[pools.pool] * pools.share_of_pool
        total += float(np.nansum(worth * book.settle_price[book.pool_rows]))
    return total


def _concentrations(
    names: Sequence[str | None], notional: Floats, margin: Floats, side: Floats
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
        )
        for name, rows in groups.items()
    ]
    return tuple(sorted(found, key=lambda its: -its.at_stake))


def _best_top_ups(book: BookRisk) -> tuple[tuple[int, float], ...]:
    """By row, the distance (a fraction of the mark price) that one more dollar in the box buys."""
    boxes = book.boxes
    step = 1e-6 * boxes.wallet
    further = boxes.liquidation_notional(boxes.wallet + step + boxes.credit)
    moved = np.abs(boxes.price(further) - boxes.price(boxes.liquidation)) / boxes.mark
    a_dollar = moved / (step * book.settle_price[book.box_rows])
    order = np.argsort(-np.nan_to_num(a_dollar, nan=-1.0), kind="stable")
    return tuple((int(book.box_rows[at]), float(a_dollar[at])) for at in order if a_dollar[at] > 0)
