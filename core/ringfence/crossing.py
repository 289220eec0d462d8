"""Where several positions that move together use up what stands behind them, exactly.

Along a path ``x`` every notional is a straight line, so equity less requirement,

    spare(x) = constant + slope * x - sum of requirement_i(notional_i(x))

is a line or a parabola between two tier floors of any of the positions. The first ``x`` at which
nothing is spare is found by looking at those floors alone, then in closed form between two of them.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from math import copysign, inf, isfinite, log, sqrt
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ringfence.schedules import BracketSchedule, NotionalSchedule, SizeLinearSchedule
from ringfence.solver import Floats, Ints, PackedSchedules

Bools = NDArray[np.bool_]

_SAME: Final = 1e-9  # relative: a root this close to a floor lies on it


# One path, any schedules


class _Pieces(NamedTuple):
    """A schedule as ``square * N^2 + rate * N - amount`` from each floor up."""

    floors: Floats
    squares: Floats
    rates: Floats
    amounts: Floats


@cache
def _pieces(schedule: NotionalSchedule) -> _Pieces:
    if isinstance(schedule, SizeLinearSchedule):
        floors = [0.0, schedule.threshold] if schedule.threshold else [0.0]
        steep = [(schedule.slope, schedule.rate - schedule.slope * schedule.threshold)]
        squares, rates = zip(*[(0.0, schedule.rate)][: len(floors) - 1], *steep, strict=True)
        return _Pieces(np.array(floors), np.array(squares), np.array(rates), np.zeros(len(floors)))
    amounts: Sequence[float] = [0.0] * len(schedule.floors)
    if isinstance(schedule, BracketSchedule):
        amounts = schedule.amounts
    return _Pieces(
        np.array(schedule.floors),
        np.zeros(len(schedule.floors)),
        np.array(schedule.rates),
        np.array(amounts),
    )


@dataclass(frozen=True)
class Line:
    """``spare`` along a path: ``constant + slope * x`` less the requirements of the notionals.

    ``notional_at_zero + notional_slope * x`` is the notional that each of ``schedules`` is for.
    """

    constant: float
    slope: float
    notional_at_zero: Floats
    notional_slope: Floats
    schedules: Sequence[NotionalSchedule]

    def spare(self, x: float) -> float:
        """What is left above the requirement at ``x``."""
        required = sum(
            schedule.maintenance_margin(max(at_zero + slope * x, 0.0))
            for schedule, at_zero, slope in zip(
                self.schedules, self.notional_at_zero, self.notional_slope, strict=True
            )
        )
        return self.constant + self.slope * x - required

    def polynomial(self, x: float, way: float) -> tuple[float, float, float]:
        """``(a, b, c)`` of ``a x^2 + b x + c``, which is ``spare`` from ``x`` on, going ``way``."""
        a, b, c = 0.0, self.slope, self.constant
        for schedule, at_zero, slope in zip(
            self.schedules, self.notional_at_zero, self.notional_slope, strict=True
        ):
            its = _pieces(schedule)
            notional = at_zero + slope * x
            find = bisect_right if slope * way >= 0 else bisect_left
            at = max(find(its.floors, notional) - 1, 0)
            da, db, dc = _in_x(its, at, at_zero, slope)
            a, b, c = a - da, b - db, c - dc
        return a, b, c


def _in_x(its: _Pieces, at: int, at_zero: float, slope: float) -> tuple[float, float, float]:
    square, rate = float(its.squares[at]), float(its.rates[at])
    return (
        square * slope * slope,
        (2 * square * at_zero + rate) * slope,
        (square * at_zero + rate) * at_zero - float(its.amounts[at]),
    )


def first(
    line: Line, start: float, way: float, limit: float, *, below: bool = True
) -> float | None:
    """The first x from ``start``, going ``way`` (+1 or -1) to ``limit``, where nothing is spare.

    ``below`` False: where something is spare again. None: there is no such x.
    """
    sign = 1.0 if below else -1.0
    for here, there in _suspects(line, start, way, limit, sign):
        middle = (here + there) / 2 if isfinite(there) else here + way * max(abs(here), 1.0)
        a, b, c = line.polynomial(middle, way)
        if here != start and sign * ((a * here + b) * here + c) <= 0:
            return here  # the requirement jumps at a floor
        root = _root(a, b, c, here, there, way)
        if root is not None:
            return root
    return None


def _suspects(
    line: Line, start: float, way: float, limit: float, sign: float
) -> Iterator[tuple[float, float]]:
    """The stretches between two floors, in order, in which the crossing may lie.

    Running sums find them; they lose digits, so what is near enough is suspected too.
    """
    at, da, db, dc = _bends(line, way)
    on_the_way = (way * at > way * start) & (way * at < way * limit)
    order = np.argsort(way * at[on_the_way], kind="stable")
    at, da, db, dc = (its[on_the_way][order] for its in (at, da, db, dc))
    a0, b0, c0 = line.polynomial(start, way)
    a, b, c = (
        np.concatenate([[first], first - np.cumsum(its)])
        for first, its in ((a0, da), (b0, db), (c0, dc))
    )
    here, there = np.concatenate([[start], at]), np.concatenate([at, [limit]])
    ends = np.where(np.isfinite(there), there, here + way * np.maximum(np.abs(here), 1.0) * 1e6)
    spare = np.stack([(a * x + b) * x + c for x in (here, ends)])
    scale = np.abs(a) * ends**2 + np.abs(b * ends) + np.abs(c)
    low = (sign * spare).min(axis=0)
    suspect = (low <= _SAME * scale) | (a != 0) | ~np.isfinite(there)
    for number in np.flatnonzero(suspect & (here != there)).tolist():
        yield float(here[number]), float(there[number])


def _bends(line: Line, way: float) -> tuple[Floats, Floats, Floats, Floats]:
    """Every x at which a notional passes a floor, and how the polynomial of ``spare`` drops there.

    Going ``way``, the requirement's own polynomial in x changes by the last three arrays.
    """
    at, da, db, dc = [], [], [], []
    for schedule, at_zero, slope in zip(
        line.schedules, line.notional_at_zero, line.notional_slope, strict=True
    ):
        its = _pieces(schedule)
        if not slope or len(its.floors) == 1:
            continue
        onwards = copysign(1.0, way * slope)
        with np.errstate(over="ignore"):  # a slope next to nothing never gets there
            at.append((its.floors[1:] - at_zero) / slope)
        square, rate, amount = (onwards * np.diff(f) for f in its[1:])
        da.append(square * slope * slope)
        db.append((2 * square * at_zero + rate) * slope)
        dc.append((square * at_zero + rate) * at_zero - amount)
    if not at:
        return np.empty(0), np.empty(0), np.empty(0), np.empty(0)
    return np.concatenate(at), np.concatenate(da), np.concatenate(db), np.concatenate(dc)


def _root(a: float, b: float, c: float, here: float, there: float, way: float) -> float | None:
    """The first root of ``a x^2 + b x + c`` from ``here`` to ``there``."""
    if a == 0:
        roots = [-c / b] if b else []
    else:
        under = b * b - 4 * a * c
        if under < 0:
            return None
        # The form that loses no digits where a is small
        q = -(b + copysign(sqrt(under), b)) / 2
        roots = [q / a, *([c / q] if q else [])]
    slack = _SAME * max(abs(here), 1e-300)
    inside = [x for x in roots if way * (x - here) >= -slack and way * (there - x) >= -slack]
    return min(inside, key=lambda x: way * x) if inside else None


def nearest(line: Line, *, start: float, least: float) -> float | None:
    """The x nearest to ``start``, by ratio, at which nothing is spare; None: there is none.

    ``least``: the smallest x there is. Where nothing is spare at ``start`` already, the nearest at
    which something would be again.
    """
    gone = line.spare(start) <= 0
    found = [
        first(line, start, way, end, below=not gone) for way, end in ((-1.0, least), (1.0, inf))
    ]
    inside = [x for x in found if x is not None and x > least]
    return min(inside, key=lambda x: abs(log(x / start)), default=None)


# Many pairs at once


class Requirements(NamedTuple):
    """What one side of each pair requires: ``exposure`` times x is its notional."""

    code: Ints
    exposure: Floats
    key: Floats
    fee: Floats

    def take(self, rows: Ints | Bools) -> "Requirements":
        return Requirements(self.code[rows], self.exposure[rows], self.key[rows], self.fee[rows])


def of_pairs(
    schedules: PackedSchedules,
    *,
    constant: Floats,
    slope: Floats,
    start: Floats,
    terms: tuple[Requirements, Requirements],
) -> Floats:
    """:func:`nearest` for many pairs, an element a pair; NaN where there is no such x."""
    plain = schedules.is_concave(terms[0].code) & schedules.is_concave(terms[1].code)
    found = np.full(len(start), np.nan)
    if plain.any():
        found[plain] = _Pairs(schedules, constant, slope, start, terms).take(plain).nearest()
    for at in np.flatnonzero(~plain).tolist():
        line = Line(
            constant=float(constant[at]),
            slope=float(slope[at]),
            notional_at_zero=np.zeros(2),
            notional_slope=np.array([side.exposure[at] for side in terms]),
            schedules=[
                schedules.schedules[side.code[at]]
                .plus_rate(float(side.fee[at]))
                .at_key(float(side.key[at]))
                for side in terms
            ],
        )
        x = nearest(line, start=float(start[at]), least=0.0)
        found[at] = np.nan if x is None else x
    return found


class _Pairs(NamedTuple):
    """Pairs whose ``spare`` is concave: it rises to a peak and falls, and has two roots at most."""

    schedules: PackedSchedules
    constant: Floats
    slope: Floats
    start: Floats
    terms: tuple[Requirements, ...]

    def take(self, rows: Ints | Bools) -> "_Pairs":
        return _Pairs(
            self.schedules,
            self.constant[rows],
            self.slope[rows],
            self.start[rows],
            tuple(side.take(rows) for side in self.terms),
        )

    def nearest(self) -> Floats:
        """The nearer root, by ratio; NaN where there is none."""
        gone, n = self._spare(self.start)[0] <= 0, len(self.start)
        # Both roots of each pair in one search
        twice = self.take(np.tile(np.arange(n), 2))
        rising, falling = np.split(twice._root(np.repeat([True, False], n)), 2)
        # Under water: on the way up or down to where something is spare; else on the way out
        below = np.where(gone, falling, rising)
        above = np.where(gone, rising, falling)
        below = np.where(below < self.start, below, np.nan)
        above = np.where(above > self.start, above, np.nan)
        to_below, to_above = (np.abs(np.log(x / self.start)) for x in (below, above))
        return np.where(np.isnan(to_above) | (to_below <= to_above), below, above)

    def _spare(self, x: Floats) -> tuple[Floats, Floats]:
        """What is left above the requirement at ``x``, and how steeply it grows from there up."""
        spare, steepness = self.constant + self.slope * x, self.slope
        for its in self.terms:
            notional = its.exposure * x
            rate, amount = self.schedules.rate_and_amount(its.code, notional, its.key)
            rate = rate + its.fee
            spare = spare - (rate * notional - amount)
            steepness = steepness - its.exposure * rate
        return spare, steepness

    def _root(self, rising: Bools) -> Floats:
        """The root at which ``spare`` rises, or else falls; NaN where there is none."""
        steepness, constant = self.slope, self.constant
        low, high = np.zeros(len(self.start)), np.full(len(self.start), np.inf)
        for its in self.terms:
            floor, ceiling = self._tier_at_root(its, rising)
            rate, amount = self.schedules.rate_and_amount(its.code, floor, its.key)
            steepness = steepness - its.exposure * (rate + its.fee)
            constant = constant + amount
            low = np.maximum(low, _over(floor, its.exposure))
            high = np.minimum(high, _over(ceiling, its.exposure))
        x = -constant / steepness
        way = np.where(rising, steepness > 0, steepness < 0)
        inside = (x > 0) & (x >= low * (1 - _SAME)) & (x <= high * (1 + _SAME))
        return np.where(way & inside, x, np.nan)

    def _tier_at_root(self, its: Requirements, rising: Bools) -> tuple[Floats, Floats]:
        """Floor and ceiling of the tier that ``its`` notional is in at the root."""
        tier = np.zeros(len(its.code), np.intp)
        step = self.schedules.width >> 1
        while step:
            floor = self.schedules.floor(its.code, tier + step)
            x = _over(floor, its.exposure)
            reached = np.where(np.isfinite(x), x, 1.0)
            spare, steepness = self._spare(reached)
            uphill = steepness > 0
            before = np.where(rising, (spare <= 0) & uphill, uphill | (spare >= 0))
            tier += step * (before & np.isfinite(x))
            step >>= 1
        floor = self.schedules.floor(its.code, tier)
        return floor, self.schedules.floor(its.code, tier + 1)


def _over(notional: Floats, exposure: Floats) -> Floats:
    """The x of each notional; infinite where there is no exposure, but for a notional of 0."""
    return np.where(notional == 0, 0.0, notional / exposure)
