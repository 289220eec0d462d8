"""The margin schedules against their definitions, not against their own formulas."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.strategies import brackets, contract_slabs, floats, schedules, slabs
from ringfence.errors import InputError
from ringfence.schedules import (
    BracketSchedule,
    KeyedSlabSchedule,
    Schedule,
    SlabSchedule,
    flat,
)
from ringfence.solver import PackedSchedules

DIRECTIONS = st.sampled_from([1.0, -1.0])


def taxed(schedule: BracketSchedule, notional: float) -> float:
    """Maintenance margin slice by slice, as a tax office would: no maintenance amount in it."""
    ceilings = (*schedule.floors[1:], math.inf)
    return math.fsum(
        rate * (min(notional, ceiling) - floor)
        for floor, ceiling, rate in zip(schedule.floors, ceilings, schedule.rates, strict=True)
        if notional > floor
    )


@given(brackets(), floats(0.0, 1e8))
def test_bracket_is_the_sum_of_its_slices(schedule: BracketSchedule, notional: float) -> None:
    assert schedule.maintenance_margin(notional) == pytest.approx(
        taxed(schedule, notional), rel=1e-9, abs=1e-9 * max(schedule.floors[-1], 1)
    )


@given(brackets())
def test_bracket_is_continuous_at_its_edges(schedule: BracketSchedule) -> None:
    for floor in schedule.floors[1:]:
        below, at = np.nextafter(floor, 0), floor
        assert schedule.maintenance_margin(below) == pytest.approx(
            schedule.maintenance_margin(at), rel=1e-9, abs=1e-9 * floor
        )


@given(brackets(), DIRECTIONS, floats(1e-3, 1e8), floats(0.01, 1.2))
def test_bracket_root_meets_the_requirement(
    schedule: BracketSchedule, direction: float, entry: float, margin: float
) -> None:
    intercept = entry * margin - direction * entry
    root = schedule.liquidation_notional(direction, intercept, entry)
    if root <= 0:  # equity is left even where the position is worth nothing
        assert direction > 0
        assert intercept >= 0
        return
    gap = intercept + direction * root - taxed(schedule, root)
    assert abs(gap) <= 1e-9 * max(root, entry)


@given(slabs(), DIRECTIONS, floats(1e-3, 1e8), floats(0.01, 1.2), floats(0.5, 1.5))
def test_slab_answer_is_the_first_crossing(
    schedule: SlabSchedule, direction: float, entry: float, margin: float, mark: float
) -> None:
    intercept, start = entry * margin - direction * entry, entry * mark

    def surplus(notional: float) -> float:
        return intercept + direction * notional - schedule.maintenance_margin(notional)

    assume(surplus(start) > 1e-6 * entry)
    root = schedule.liquidation_notional(direction, intercept, start)
    # Safe at every notional on the way (floors included), too small just beyond the answer.
    way = np.linspace(start, max(root, 0.0), 50)[1:-1].tolist()
    way += [f for f in schedule.floors if min(start, root) < f < max(start, root)]
    assert all(surplus(notional) >= -1e-9 * max(entry, start) for notional in way)
    if root > 0:
        beyond = root * (1 - direction * 1e-12)  # at a floor, only one of the two is in the tier
        assert min(surplus(root), surplus(beyond)) <= 1e-9 * max(root, start)
    else:
        assert intercept >= 0


def test_short_is_liquidated_at_a_slab_floor() -> None:
    # 100 sold at 1, 8 of margin: at 105 the rate jumps from 1 % to 10 %, and 108 - 105 < 10.5.
    schedule = SlabSchedule((0.0, 105.0), (0.01, 0.10))
    assert schedule.liquidation_notional(-1.0, 108.0, 100.0) == 105.0


def test_long_can_be_safe_again_below_a_slab_floor() -> None:
    schedule = SlabSchedule((0.0, 90.0), (0.01, 0.10))
    # 100 bought, 15 of margin: in the upper tier it fails at 85 / 0.9 = 94.4 ...
    assert schedule.liquidation_notional(1.0, -85.0, 100.0) == pytest.approx(85 / 0.9)
    # ... but where it stands below the floor already, only at 85 / 0.99.
    assert schedule.liquidation_notional(1.0, -85.0, 89.0) == pytest.approx(85 / 0.99)


@given(contract_slabs(), floats(1e-3, 1e8))
def test_contracts_pick_one_rate(schedule: KeyedSlabSchedule, size: float) -> None:
    one = schedule.at_key(size)
    below = [r for f, r in zip(schedule.floors, schedule.rates, strict=True) if f < size]
    assert one.rates == (below[-1],)


def test_upper_bound_in_contracts_belongs_to_the_tier() -> None:
    schedule = KeyedSlabSchedule((0.0, 1000.0), (0.004, 0.005))
    assert schedule.at_key(1000.0).rates == (0.004,)
    assert schedule.at_key(1000.01).rates == (0.005,)


@given(floats(0.001, 0.5), floats(0.0, 1e5), floats(0.0, 1e7))
def test_given_rate_and_amount(rate: float, amount: float, notional: float) -> None:
    wanted = max(rate * notional - amount, 0.0)
    got = flat(rate, amount).maintenance_margin(notional)
    assert got == pytest.approx(wanted, rel=1e-9, abs=1e-9 * max(amount, 1.0))


@given(schedules(), floats(0.0, 0.1), floats(0.1, 1e6))
def test_a_fee_in_the_trigger_is_a_rate_on_top(
    schedule: Schedule, fee: float, notional: float
) -> None:
    bare = schedule.at_key(notional).maintenance_margin(notional)
    both = schedule.plus_rate(fee).at_key(notional).maintenance_margin(notional)
    assert both == pytest.approx(bare + fee * notional, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize(
    ("floors", "rates", "says"),
    [
        ((0.0, 5.0, 5.0), (0.1, 0.2, 0.3), "floors must start at 0 and rise"),
        ((1.0,), (0.1,), "floors must start at 0 and rise"),
        ((0.0,), (1.0,), "must be below 1"),
    ],
)
def test_a_table_that_is_none_is_refused(
    floors: tuple[float, ...], rates: tuple[float, ...], says: str
) -> None:
    with pytest.raises(InputError, match=says):
        SlabSchedule(floors, rates)


@given(st.lists(schedules(), min_size=1, max_size=6), st.data())
def test_packed_gives_the_same_numbers(several: list[Schedule], data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 40))
    draw = [
        (
            data.draw(st.integers(0, len(several) - 1)),
            data.draw(DIRECTIONS),
            data.draw(floats(1e-3, 1e8)),
            data.draw(floats(0.01, 1.3)),
            data.draw(floats(0.5, 1.5)),
        )
        for _ in range(n)
    ]
    packed = PackedSchedules(several)
    code = np.array([d[0] for d in draw], np.intp)
    way, entry, margin, mark = (np.array([d[at] for d in draw]) for at in range(1, 5))
    line, start = entry * margin - way * entry, entry * mark
    size = entry
    roots = packed.liquidation_notional(code, way, line, start, size)
    margins = packed.maintenance_margin(code, start, size)
    for at in range(n):
        schedule = several[code[at]].at_key(float(size[at]))
        one = schedule.liquidation_notional(float(way[at]), float(line[at]), float(start[at]))
        assert roots[at] == one
        assert margins[at] == schedule.maintenance_margin(float(start[at]))
