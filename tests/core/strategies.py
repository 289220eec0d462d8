"""Hypothesis strategies shared by the property tests."""

from typing import Any

from hypothesis import strategies as st

from ringfence import tiers
from ringfence.schedules import BracketSchedule, KeyedSlabSchedule, Schedule, SlabSchedule


def floats(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False, allow_infinity=False)


@st.composite
def tables(draw: st.DrawFn) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Floors from 0 up and rates below 1 that do not fall."""
    steps = draw(st.lists(floats(1.0, 1e7), max_size=11))
    rates = sorted(draw(st.lists(floats(0.0, 0.6), min_size=len(steps) + 1,
                                 max_size=len(steps) + 1)))  # fmt: skip
    floors = [0.0]
    for step in steps:
        floors.append(floors[-1] + step)
    return tuple(floors), tuple(rates)


@st.composite
def brackets(draw: st.DrawFn) -> BracketSchedule:
    floors, rates = draw(tables())
    amounts = [0.0]
    for at in range(1, len(floors)):
        amounts.append(amounts[-1] + floors[at] * (rates[at] - rates[at - 1]))
    return BracketSchedule(floors, rates, tuple(amounts))


def slabs() -> st.SearchStrategy[SlabSchedule]:
    return tables().map(lambda table: SlabSchedule(*table))


def contract_slabs() -> st.SearchStrategy[KeyedSlabSchedule]:
    return tables().map(lambda table: KeyedSlabSchedule(*table))


def schedules() -> st.SearchStrategy[Schedule]:
    return st.one_of(brackets(), slabs(), contract_slabs())


LISTED = [
    (contract.venue, contract.symbol, contract.contract_type)
    for venue in ("binance", "binance_coinm", "bybit", "okx", "hyperliquid")
    for contract in list(tiers.tier_file(venue).contracts.values())[:12]
]


@st.composite
def positions(draw: st.DrawFn) -> dict[str, Any]:
    """A sound position: a listed contract with its tiers, or any contract with a given rate."""
    entry = draw(floats(1e-4, 2e5))
    position: dict[str, Any] = {
        "side": draw(st.sampled_from(["long", "short"])),
        "size": draw(floats(1e-3, 1e4)),
        "entry_price": entry,
        "mark_price": entry * draw(floats(0.5, 2.0)),
        "leverage": draw(floats(1.0, 125.0)),
    }
    venue, symbol, kind = draw(st.sampled_from(LISTED))
    position |= {"venue": venue, "symbol": symbol, "contract_type": kind}
    if draw(st.booleans()):
        position["mmr"] = draw(floats(0.0, 0.5))
        if position["mmr"] > 1e-6 and draw(st.booleans()):
            position["maintenance_amount"] = draw(floats(0.0, 1e4))
    if draw(st.booleans()):
        position["taker_fee_rate"] = draw(floats(0.0, 0.002))
    if draw(st.booleans()):
        position["as_of"] = draw(st.sampled_from(["2024-01-01", "2025-09-02", "2026-11-23"]))
    if draw(st.booleans()):
        notional = position["size"] * (entry if kind == "linear" else 1 / entry)
        position["isolated_margin"] = notional * draw(floats(0.004, 1.5))
    return position
