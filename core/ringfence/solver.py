"""Many positions at once: the schedules of ``schedules.py`` packed side by side in NumPy arrays.

Row for row this gives the same floating-point numbers as the schedules' own methods. A tier is
found by a branch-free binary search in all rows at once; blocks are kept small enough to stay in
the processor's cache, which is worth more than anything else here.
"""

from collections.abc import Sequence
from typing import ClassVar, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ringfence.schedules import (
    CUT_SLACK,
    BracketSchedule,
    KeyedLinearSchedule,
    KeyedSlabSchedule,
    KeyedSquareRootSchedule,
    Schedule,
    SizeLinearSchedule,
    SlabSchedule,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

_BLOCK: Final = 1 << 14
_KINDS: Final = (
    BracketSchedule,
    SlabSchedule,
    KeyedSlabSchedule,
    SizeLinearSchedule,
    KeyedLinearSchedule,
    KeyedSquareRootSchedule,
)
_BRACKET, _SLAB, _KEYED, _LINEAR, _KEYED_LINEAR, _SQUARE_ROOT = range(len(_KINDS))


class PackedSchedules:
    """Schedules in a row of equal-width pages; ``code`` arguments are indices into them.

    Array arguments have one element a position; ``key`` is what the schedules' ``at_key`` takes,
    ``fee`` a rate on top, as their ``plus_rate``. Padding tiers have infinite floors and keys, so
    that no search ever lands on them.
    """

    def __init__(self, schedules: Sequence[Schedule]) -> None:
        self.schedules = tuple(schedules)
        widest = max((len(_tiers(s)[0]) for s in schedules), default=1)
        self.width = 1 << (widest - 1).bit_length()
        shape = (max(len(schedules), 1), self.width)
        floors, falling, rising = (np.full(shape, np.inf) for _ in range(3))
        rates, amounts = np.zeros(shape), np.zeros(shape)
        kinds = np.zeros(shape[0], np.int8)
        slopes, thresholds = np.zeros(shape[0]), np.zeros(shape[0])
        for page, schedule in enumerate(schedules):
            starts, its_rates = _tiers(schedule)
            n = len(starts)
            floors[page, :n] = starts
            rates[page, :n] = its_rates
            kinds[page] = _KINDS.index(type(schedule))
            if isinstance(schedule, BracketSchedule):
                amounts[page, :n] = schedule.amounts
                falling[page, :n] = schedule.safe_falling
                rising[page, :n] = schedule.safe_rising
            elif isinstance(schedule, KeyedSquareRootSchedule):
                slopes[page] = schedule.factor
            elif isinstance(schedule, (SizeLinearSchedule, KeyedLinearSchedule)):
                slopes[page] = schedule.slope
                thresholds[page] = getattr(schedule, "threshold", 0.0)
            elif isinstance(schedule, SlabSchedule):
                rising[page, :n] = [
                    (1 + r) * f for f, r in zip(schedule.floors, schedule.rates, strict=True)
                ]
        self.floors, self.rates, self.amounts = floors.ravel(), rates.ravel(), amounts.ravel()
        # Both directions in one array: a row's search only needs another offset.
        self._keys = np.concatenate([falling.ravel(), rising.ravel()])
        # The floors beside the keys; 0 for padding, whose keys are infinite anyway.
        lowest = np.where(np.isinf(self.floors), 0.0, self.floors)
        self._lowest = np.concatenate([lowest, lowest])
        self._kinds, self._slopes, self._thresholds = kinds, slopes, thresholds
        self._kinds_used = frozenset(kinds[: len(schedules)].tolist())

    def _search(
        self, keys: Floats, base: Ints, values: Floats, slope: Floats | None = None
    ) -> Ints:
        """Per row, how far past ``base`` the last key <= value lies (0 where none is).

        ``slope`` times its floor is added to each key.
        """
        position = base.copy()
        step = self.width >> 1
        while step:
            at = position + step
            key = keys.take(at)
            if slope is not None:
                key += slope * self._lowest.take(at)
            position += step * (key <= values)
            step >>= 1
        position -= base
        return position

    def _rows(self, kind: int, code: Ints) -> Ints:
        return np.flatnonzero(self._kinds.take(code) == kind)

    def _tier(self, code: Ints, notional: Floats, key: Floats) -> Ints:
        if _KEYED in self._kinds_used:
            keyed = self._kinds.take(code) == _KEYED
            notional = np.where(keyed, np.nextafter(key, 0.0), notional)  # key > floor
        base = code * self.width
        return base + self._search(self.floors, base, notional)

    def is_concave(self, code: Ints) -> NDArray[np.bool_]:
        """Where equity less the requirement can only bend down as the notional grows, in lines."""
        kind = self._kinds.take(code)
        concave: NDArray[np.bool_] = (kind == _BRACKET) | (kind == _KEYED)
        return concave

    def jumps(self, code: Ints) -> NDArray[np.bool_]:
        """Where the requirement jumps at a floor: the whole position goes to another rate."""
        jumps: NDArray[np.bool_] = self._kinds.take(code) == _SLAB
        return jumps

    def takes_all(self, code: Ints, key: Floats, fee: Floats) -> NDArray[np.bool_]:
        """Where the key fixes a rate of 1 or more: nothing of the value is left."""
        found = np.zeros(len(code), bool)
        for kind in self._kinds_used & {_KEYED_LINEAR, _SQUARE_ROOT}:
            rows = self._rows(kind, code)
            found[rows] = self._fixed_rate(kind, code[rows], key[rows], fee[rows]) >= 1
        return found

    def floor(self, code: Ints, tier: Ints) -> Floats:
        """The floor of each schedule's ``tier``; infinite beyond the last."""
        at = code * self.width + np.minimum(tier, self.width - 1)
        return np.where(tier < self.width, self.floors.take(at), np.inf)

    def rate_and_amount(self, code: Ints, notional: Floats, key: Floats) -> tuple[Floats, Floats]:
        """Rate and maintenance amount of the tier of each notional."""
        tier = self._tier(code, notional, key)
        return self.rates.take(tier), self.amounts.take(tier)

    def maintenance_margin(
        self, code: Ints, notional: Floats, key: Floats, fee: Floats | None = None
    ) -> Floats:
        """The requirement of each position at ``notional``."""
        tier = self._tier(code, notional, key)
        rate = self.rates.take(tier)
        if fee is not None:
            rate = rate + fee
        margin: Floats = rate * notional - self.amounts.take(tier)
        for kind in self._kinds_used & {_LINEAR, _KEYED_LINEAR, _SQUARE_ROOT}:
            rows = self._rows(kind, code)
            if kind == _LINEAR:
                beyond = np.maximum(notional[rows] - self._thresholds.take(code[rows]), 0.0)
                slope = self._slopes.take(code[rows])
                margin[rows] = notional[rows] * (rate[rows] + slope * beyond)
            else:
                fees = np.zeros(len(rows)) if fee is None else fee[rows]
                fixed = self._fixed_rate(kind, code[rows], key[rows], fees)
                margin[rows] = fixed * notional[rows] - 0.0
        return margin

    def _fixed_rate(self, kind: int, code: Ints, key: Floats, fee: Floats) -> Floats:
        """The rate of schedules that the key alone fixes, with the fee on top."""
        rate, slope = self.rates.take(code * self.width), self._slopes.take(code)
        if kind == _KEYED_LINEAR:
            linear: Floats = (rate + fee) + slope * key
            return linear
        grown = np.floor((0.8 * rate + slope * np.sqrt(key)) * 1e4 + CUT_SLACK) / 1e4
        return np.maximum(rate, grown) + fee

    def liquidation_notional(
        self,
        code: Ints,
        direction: Floats,
        intercept: Floats,
        start: Floats,
        key: Floats,
        fee: Floats | None = None,
    ) -> Floats:
        """As the schedules' own method, for each position."""
        result = np.empty(len(code))
        pages = len(self.floors)
        for begin in range(0, len(code), _BLOCK):
            block = slice(begin, begin + _BLOCK)
            way, line = direction[block], intercept[block]
            base = code[block] * self.width
            on_top = None if fee is None else fee[block]
            tier = base + self._search(
                self._keys,
                base + pages * (way < 0),
                np.negative(way * line),
                None if on_top is None else -way * on_top,
            )
            rate = self.rates.take(tier)
            if on_top is not None:
                rate = rate + on_top
            result[block] = (-line - self.amounts.take(tier)) / (way - rate)
        for kind in sorted(self._kinds_used - {_BRACKET}):
            rows = self._rows(kind, code)
            on_top = np.zeros(len(rows)) if fee is None else fee[rows]
            lines = _Lines(
                code[rows], direction[rows], intercept[rows], start[rows], key[rows], on_top
            )
            result[rows] = self._solve[kind](self, lines)
        return result

    def _keyed(self, its: "_Lines") -> Floats:
        rate = self.rates.take(self._tier(its.code, its.start, its.key)) + its.fee
        root: Floats = (-its.intercept - 0.0) / (its.direction - rate)
        return root

    def _fixed(self, kind: int, its: "_Lines") -> Floats:
        rate = self._fixed_rate(kind, its.code, its.key, its.fee)
        root: Floats = (-its.intercept - 0.0) / (its.direction - rate)
        return root

    def _keyed_linear(self, its: "_Lines") -> Floats:
        return self._fixed(_KEYED_LINEAR, its)

    def _square_root(self, its: "_Lines") -> Floats:
        return self._fixed(_SQUARE_ROOT, its)

    def _linear(self, its: "_Lines") -> Floats:
        rate = self.rates.take(its.code * self.width) + its.fee
        slope, threshold = self._slopes.take(its.code), self._thresholds.take(its.code)
        flat_root = -its.intercept / (its.direction - rate)
        linear = rate - slope * threshold - its.direction
        under_root = linear * linear + 4 * slope * its.intercept
        root = 2 * its.intercept / (linear - its.direction * np.sqrt(np.maximum(under_root, 0.0)))
        beyond = np.where(under_root < 0, its.start, root)
        return np.where((flat_root <= threshold) | (slope == 0), flat_root, beyond)

    def _slab(self, its: "_Lines") -> Floats:
        base = its.code * self.width
        last = base + self.width - 1
        # Rising: the requirement only grows, so the tier follows from the equity; the crossing may
        # be at the next floor itself.
        rising = base + self._search(self._keys, base + len(self.floors), its.intercept, its.fee)
        ceiling = np.where(rising < last, self.floors.take(np.minimum(rising + 1, last)), np.inf)
        risen = np.minimum(its.intercept / (1 + (self.rates.take(rising) + its.fee)), ceiling)
        # Falling: walk from the tier of the start, all rows together.
        tier = base + self._search(self.floors, base, its.start)
        too_small = self._slab_root(tier, its) >= its.start
        for _ in range(self.width):
            root = self._slab_root(tier, its)
            above = np.where(tier < last, self.floors.take(np.minimum(tier + 1, last)), np.inf)
            up = too_small & (root >= above)
            down = ~too_small & (root < self.floors.take(tier)) & (tier > base)
            if not (up.any() or down.any()):
                break
            tier = tier + up - down
        return np.where(its.direction < 0, risen, self._slab_root(tier, its))

    def _slab_root(self, tier: Ints, its: "_Lines") -> Floats:
        root: Floats = -its.intercept / (1 - (self.rates.take(tier) + its.fee))
        return root

    _solve: ClassVar = {
        _SLAB: _slab,
        _KEYED: _keyed,
        _LINEAR: _linear,
        _KEYED_LINEAR: _keyed_linear,
        _SQUARE_ROOT: _square_root,
    }


class _Lines(NamedTuple):
    """The arguments of ``liquidation_notional`` for the rows of one kind."""

    code: Ints
    direction: Floats
    intercept: Floats
    start: Floats
    key: Floats
    fee: Floats


def _tiers(schedule: Schedule) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Floors and rates; one tier where there are none."""
    if isinstance(schedule, (SizeLinearSchedule, KeyedLinearSchedule, KeyedSquareRootSchedule)):
        return (0.0,), (schedule.rate,)
    return schedule.floors, schedule.rates
