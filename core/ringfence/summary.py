"""What a whole book stands to lose, and how near its nearest liquidation is.

Money is in dollars: USDT, USDC and USD count as one, amounts of inverse contracts count at their
mark price. Contracts that settle in something the table has no price for (quanto, ETH/BTC) and rows
in error are left out, and counted.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ringfence.book import BookRisk
from ringfence.position import ALREADY, NEVER
from ringfence.rows import BLANK_ROW
from ringfence.solver import Floats, Ints

NEAR: Final = (0.05, 0.10, 0.20)  # distances that risk reports ask for


@dataclass(frozen=True, slots=True)
class Summary:
    """Figures of one book. ``ranked`` are row numbers, nearest liquidation first."""

    positions: int
    errors: int
    already_liquidated: int
    never_liquidated: int
    not_counted: int  # rows without a value in dollars
    margin: float  # of all boxes and cross pools: what is lost if all fail together
    pooled: float  # the part of it that stands in cross pools
    notional: float
    unrealized_pnl: float
    share_within: dict[float, float]  # distance -> share of the margin at most that far away
    ranked: Ints
    # By row; NaN where not counted. A cross position's is its share of the pool's wallet, by value.
    dollar_margin: Floats

    @property
    def nearest(self) -> int | None:
        """Row of the nearest liquidation; None where nothing can be liquidated."""
        return int(self.ranked[0]) if len(self.ranked) else None


def summarise(book: BookRisk) -> Summary:
    """The figures of ``book``."""
    status, distance = book.risk["status"], book.risk["liquidation_distance"]
    errors = np.array([str(text).startswith("error") for text in status], bool)
    blank = status == BLANK_ROW
    margin = book.risk["max_loss"] * book.settle_price
    cross = np.zeros(len(status), bool)
    if book.pools:
        cross[book.pool_rows] = True
        margin[book.pool_rows] *= book.pools.share_of_pool
    counted = ~np.isnan(margin)
    total = float(margin[counted].sum())
    # "Already liquidated" is 0 away, whatever price would bring it back.
    away = np.where(status == ALREADY, np.minimum(distance, 0.0), distance)
    within = {
        near: float(margin[counted & (away <= near)].sum()) / total if total else 0.0
        for near in NEAR
    }
    threatened = np.flatnonzero(~np.isnan(away))
    return Summary(
        positions=int((~blank).sum()),
        errors=int(errors.sum()),
        already_liquidated=int((status == ALREADY).sum()),
        never_liquidated=int((status == NEVER).sum()),
        not_counted=int((~counted & ~blank).sum()),
        margin=total,
        pooled=float(margin[counted & cross].sum()),
        notional=float(np.nansum(book.risk["notional"] * book.settle_price)),
        unrealized_pnl=float(np.nansum(book.risk["unrealized_pnl"] * book.settle_price)),
        share_within=within,
        ranked=threatened[np.argsort(away[threatened], kind="stable")],
        dollar_margin=margin,
    )
