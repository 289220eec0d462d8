"""Margin schedules: how much maintenance margin a notional needs, and where it runs out.

A schedule answers two questions about a position whose equity is the straight line
``equity(N) = intercept + direction * N`` in its notional N (see ``quantities``):

* ``maintenance_margin(N)``: the requirement at N;
* ``liquidation_notional(direction, intercept, start)``: the first N, going from ``start`` in the
  adverse direction, at which equity is down to the requirement.

The answer is exact: a closed form inside each tier, and the tier is the one that holds at the
answer, never the one that held at entry. Nothing here iterates towards a root.

Rates are fractions below 1, floors and amounts are in the currency of the notional.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import floor, sqrt
from typing import Final

from ringfence.errors import InputError

CUT_SLACK: Final = 1e-6  # so that a rate that is a whole number of hundredths is not cut


def _check_tiers(floors: Sequence[float], rates: Sequence[float]) -> None:
    if not floors or floors[0] != 0 or any(b <= a for a, b in pairwise(floors)):
        raise InputError("tiers", "floors must start at 0 and rise")
    if any(not 0 <= rate < 1 for rate in rates):
        raise InputError("mmr", f"{max(rates):g} (with the fee in the trigger) must be below 1")


@dataclass(frozen=True)
class _Tiered:
    """Floors from 0 up, and the rate from each floor to the next."""

    floors: tuple[float, ...]
    rates: tuple[float, ...]

    def __post_init__(self) -> None:
        _check_tiers(self.floors, self.rates)

    @property
    def highest_rate(self) -> float:
        return max(self.rates)

    def tier_at(self, notional: float) -> int:
        """Index of the tier that holds ``notional``."""
        return max(bisect_right(self.floors, notional) - 1, 0)


@dataclass(frozen=True)
class BracketSchedule(_Tiered):
    """Tax brackets: each slice of the notional at its own rate.

    ``maintenance_margin(N) = rate * N - amount`` of the tier that holds N; the amounts make it
    continuous, so equity minus requirement is monotone and there is one root.
    """

    amounts: tuple[float, ...]
    # equity - direction * N that is just enough at each floor; ascending, so a bisection finds the
    # tier of the answer without looking at any price.
    safe_falling: tuple[float, ...] = field(init=False, repr=False, compare=False)
    safe_rising: tuple[float, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        margins = [r * f - a for f, r, a in zip(self.floors, self.rates, self.amounts, strict=True)]
        falling = tuple(f - m for f, m in zip(self.floors, margins, strict=True))
        rising = tuple(f + m for f, m in zip(self.floors, margins, strict=True))
        object.__setattr__(self, "safe_falling", falling)
        object.__setattr__(self, "safe_rising", rising)

    def maintenance_margin(self, notional: float) -> float:
        tier = self.tier_at(notional)
        return self.rates[tier] * notional - self.amounts[tier]

    def liquidation_notional(self, direction: float, intercept: float, start: float) -> float:
        """The notional at which equity meets the requirement; <= 0: never. ``start`` has no say."""
        keys = self.safe_falling if direction > 0 else self.safe_rising
        tier = max(bisect_right(keys, -direction * intercept) - 1, 0)
        return (-intercept - self.amounts[tier]) / (direction - self.rates[tier])

    def at_key(self, key: float) -> "BracketSchedule":
        return self

    def plus_rate(self, rate: float) -> "BracketSchedule":
        """The same schedule with ``rate`` of the notional on top: a fee inside the trigger."""
        if rate == 0:
            return self
        return BracketSchedule(self.floors, tuple(r + rate for r in self.rates), self.amounts)


@dataclass(frozen=True)
class SlabSchedule(_Tiered):
    """Slabs: the whole notional at the rate of the tier that holds it.

    The requirement jumps up at each floor, so a position whose notional rises against it (a linear
    short) can be liquidated at the floor itself, where no tier has an exact root; and one whose
    notional falls can be safe again below a floor: the answer depends on where it starts.
    """

    def maintenance_margin(self, notional: float) -> float:
        return self.rates[self.tier_at(notional)] * notional

    def liquidation_notional(self, direction: float, intercept: float, start: float) -> float:
        """First notional from ``start`` in the adverse direction at which equity is too small.

        Where equity is too small at ``start`` already, the nearest notional at which it would do.
        """
        if direction < 0:
            tier = bisect_right(
                [(1 + r) * f for f, r in zip(self.floors, self.rates, strict=True)], intercept
            )
            root = intercept / (1 + self.rates[max(tier - 1, 0)])
            return min(root, self.floors[tier]) if tier < len(self.floors) else root
        roots = [-intercept / (1 - rate) for rate in self.rates]
        tier = self.tier_at(start)
        if roots[tier] >= start:  # too small already: look back up
            while tier + 1 < len(roots) and roots[tier] >= self.floors[tier + 1]:
                tier += 1
        else:
            while tier > 0 and roots[tier] < self.floors[tier]:
                tier -= 1
        return roots[tier]

    def at_key(self, key: float) -> "SlabSchedule":
        return self

    def plus_rate(self, rate: float) -> "SlabSchedule":
        """The same schedule with ``rate`` of the notional on top: a fee inside the trigger."""
        if rate == 0:
            return self
        return SlabSchedule(self.floors, tuple(r + rate for r in self.rates))


@dataclass(frozen=True)
class KeyedSlabSchedule(_Tiered):
    """Slabs by something that no price changes, the size or the entry value: it picks one rate.

    Floors are in units of that key.
    A tier's upper bound belongs to it, as venues print them ("up to 1,000 contracts").
    """

    def at_key(self, key: float) -> BracketSchedule:
        return flat(self.rates[max(bisect_left(self.floors, key) - 1, 0)])

    def plus_rate(self, rate: float) -> "KeyedSlabSchedule":
        """The same schedule with ``rate`` of the notional on top: a fee inside the trigger."""
        if rate == 0:
            return self
        return KeyedSlabSchedule(self.floors, tuple(r + rate for r in self.rates))


@dataclass(frozen=True)
class SizeLinearSchedule:
    """No tiers: the rate of the whole notional grows with the notional beyond a threshold.

    ``maintenance_margin(N) = N * (rate + slope * max(N - threshold, 0))``: a parabola.
    """

    rate: float
    slope: float
    threshold: float = 0.0

    def __post_init__(self) -> None:
        _check_tiers((0.0,), (self.rate,))
        if self.slope < 0 or self.threshold < 0:
            raise InputError("tiers", "slope and threshold must be at least 0")

    @property
    def highest_rate(self) -> float:
        return self.rate

    def maintenance_margin(self, notional: float) -> float:
        return notional * (self.rate + self.slope * max(notional - self.threshold, 0.0))

    def liquidation_notional(self, direction: float, intercept: float, start: float) -> float:
        """The notional at which equity meets the requirement; <= 0: never.

        A position so large that its margin outgrows it has too little at every notional near
        ``start``; the answer is then the lower root, or ``start`` where there is none.
        """
        flat_root = -intercept / (direction - self.rate)
        if flat_root <= self.threshold or self.slope == 0:
            return flat_root
        linear = self.rate - self.slope * self.threshold - direction
        under_root = linear * linear + 4 * self.slope * intercept
        if under_root < 0:
            return start
        # The form of the quadratic's solution that loses no digits where the slope is small.
        return 2 * intercept / (linear - direction * sqrt(under_root))

    def at_key(self, key: float) -> "SizeLinearSchedule":
        return self

    def plus_rate(self, rate: float) -> "SizeLinearSchedule":
        """The same schedule with ``rate`` of the notional on top: a fee inside the trigger."""
        return SizeLinearSchedule(self.rate + rate, self.slope, self.threshold)


@dataclass(frozen=True)
class KeyedLinearSchedule:
    """As :class:`SizeLinearSchedule`, with a rate that the size in contracts fixes."""

    rate: float
    slope: float

    @property
    def highest_rate(self) -> float:
        return self.rate

    def at_key(self, key: float) -> BracketSchedule:
        """Raises InputError where the size needs all of its value as margin."""
        return _flat_below_one(self.rate + self.slope * key)

    def plus_rate(self, rate: float) -> "KeyedLinearSchedule":
        """The same schedule with ``rate`` of the notional on top: a fee inside the trigger."""
        return KeyedLinearSchedule(self.rate + rate, self.slope)


@dataclass(frozen=True)
class KeyedSquareRootSchedule:
    """A rate that the size in coin fixes: beyond some size it grows with the square root of it.

    ``max(rate, 0.8 * rate + factor * sqrt(size))``, cut to a hundredth of a percent; ``extra`` on
    top of that.
    """

    rate: float
    factor: float
    extra: float = 0.0

    def __post_init__(self) -> None:
        _check_tiers((0.0,), (self.rate,))
        if self.factor < 0:
            raise InputError("tiers", "the factor of a square root must be at least 0")

    @property
    def highest_rate(self) -> float:
        return self.rate

    def at_key(self, key: float) -> BracketSchedule:
        """Raises InputError where the size needs all of its value as margin."""
        grown = floor((0.8 * self.rate + self.factor * sqrt(key)) * 1e4 + CUT_SLACK) / 1e4
        return _flat_below_one(max(self.rate, grown) + self.extra)

    def plus_rate(self, rate: float) -> "KeyedSquareRootSchedule":
        """The same schedule with ``rate`` of the notional on top: a fee inside the trigger."""
        return KeyedSquareRootSchedule(self.rate, self.factor, self.extra + rate)


ALL_OF_IT: Final = InputError(
    "size", "is so large that the maintenance margin would be all of its value, or more"
)


def _flat_below_one(rate: float) -> BracketSchedule:
    if rate >= 1:
        raise ALL_OF_IT
    return flat(rate)


NotionalSchedule = BracketSchedule | SlabSchedule | SizeLinearSchedule
Schedule = NotionalSchedule | KeyedSlabSchedule | KeyedLinearSchedule | KeyedSquareRootSchedule


def at_least(minimum: float, rate: float) -> BracketSchedule:
    """``max(rate * N, minimum)``."""
    return BracketSchedule((0.0, minimum / rate), (0.0, rate), (-minimum, 0.0))


def flat(rate: float, amount: float = 0.0) -> BracketSchedule:
    """One tier for every notional: ``max(rate * N - amount, 0)``.

    A maintenance amount is a sum *off* the requirement, so below ``amount / rate`` nothing is
    required, rather than less than nothing.
    """
    if amount == 0:
        return BracketSchedule((0.0,), (rate,), (0.0,))
    if rate == 0:
        raise InputError("maintenance_amount", f"{amount:g} needs an mmr above 0")
    return BracketSchedule((0.0, amount / rate), (0.0, rate), (0.0, amount))


NOTHING: Final = flat(0.0)
