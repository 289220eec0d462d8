"""Liquidation prices as screens print them: the venue's own direction, on the contract's tick."""

import csv
import math
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ringfence
from ringfence import rounding, venues
from ringfence.errors import RingfenceError
from ringfence.lookup import terms

ANSWERS = Path(__file__).parents[1] / "answers"
INPUTS = (
    "symbol", "as_of", "contract_type", "side", "size", "contract_size", "entry_price",
    "mark_price", "leverage", "isolated_margin", "mmr", "maintenance_amount", "taker_fee_rate",
    "funding_rate",
)  # fmt: skip
BYBIT = {"venue": "bybit", "symbol": "BTCUSDT", "entry_price": 60_000.0, "size": 1.0,
         "leverage": 20.0}  # fmt: skip


def records() -> list[tuple[str, dict[str, str]]]:
    """The rows of all answers, with their venues."""
    found = []
    for path in sorted(ANSWERS.glob("*.csv")):
        with path.open(newline="", encoding="utf-8") as file:
            found += [(path.stem, row) for row in csv.DictReader(file)]
    return found


# Recorded positions whose venue printed a rounded price, with the tick of the contract then
PRINTED = {
    "bybit-classic-eth-long-2022": 0.05,
    "bybit-live-dgb-short": 1e-6,
    "kucoin-xbt-1": 1.0,
    "kucoin-near-ft": 0.01,
    "kucoin-eth-2": 0.05,
    "kucoin-xbt-2024": 0.1,
    "kucoin-sol-short-2024": 0.001,
    "kucoin-ethusdtm-old": 0.05,
    "bmx-ethusdt-long-3x-2022": 0.05,
    "mexc-btc-long-10x-2025": 0.1,
}


@pytest.mark.parametrize("case", PRINTED)
def test_a_recorded_price_to_the_digit(case: str) -> None:
    venue, row = next((v, r) for v, r in records() if r["case"] == case)
    position = {name: row[name] for name in INPUTS if row.get(name)}
    shown = ringfence.venue_liquidation_price(venue=venue, tick=PRINTED[case], **position)
    assert shown == float(row["liquidation_price"])


def test_okx_prints_one_tick_early() -> None:
    position = {"venue": "okx", "symbol": "ETH-USDT-SWAP", "size": 1, "entry_price": 3011,
                "leverage": 10, "tick": 0.01}  # fmt: skip
    for side, step in (("long", 0.01), ("short", -0.01)):
        shown = ringfence.venue_liquidation_price(**position, side=side)
        exact = ringfence.liquidation_price(
            **{name: value for name, value in position.items() if name != "tick"}, side=side
        )
        assert shown == exact + step


def test_conservative_is_towards_the_mark() -> None:
    for side, way in (("long", math.ceil), ("short", math.floor)):
        exact = ringfence.liquidation_price(**BYBIT, side=side)
        shown = ringfence.venue_liquidation_price(**BYBIT, side=side, tick=0.5)
        assert shown == way(exact / 0.5) * 0.5


@given(
    st.sampled_from(["nearest", "conservative", "up", "down"]),
    st.sampled_from([1e-8, 0.0001, 0.05, 0.1, 0.5, 10.0]),
    st.integers(min_value=1, max_value=10**7),
    st.sampled_from([1.0, -1.0]),
)
def test_a_price_on_the_tick_stays(way: str, tick: float, steps: int, side: float) -> None:
    its = terms("bybit", "BTCUSDT", date(2026, 1, 1))
    its = replace(its, rule=its.rule.model_copy(update={"price_rounding": way}))
    price = steps * tick
    assert rounding.rounded(its, side, price, tick) == pytest.approx(price, rel=1e-12)
    between = rounding.rounded(its, side, price + 0.4 * tick, tick)
    above = way == "up" or (way == "conservative" and side > 0)
    assert between == pytest.approx(price + (tick if above else 0.0), rel=1e-9)


def test_digits_that_are_not_ticks() -> None:
    position = {"venue": "binance", "symbol": "BTCUSDT", "side": "short", "size": 1.0,
                "entry_price": 60_000.0, "leverage": 20.0}  # fmt: skip
    exact = ringfence.liquidation_price(**position)
    assert ringfence.venue_liquidation_price(**position) == round(exact, 8)


def test_what_is_not_known_is_refused() -> None:
    with pytest.raises(RingfenceError, match="venue: how deribit rounds a liquidation price is"):
        ringfence.venue_liquidation_price(
            venue="deribit", symbol="BTC-PERPETUAL", side="long", size=100, entry_price=60_000,
            isolated_margin=1e-4,
        )  # fmt: skip
    with pytest.raises(RingfenceError, match="symbol: its tick at bybit is not on file"):
        ringfence.venue_liquidation_price(**{**BYBIT, "symbol": "NOSUCH"}, side="long", mmr=0.01)
    with pytest.raises(RingfenceError, match="tick: -1 is not a number above 0"):
        ringfence.venue_liquidation_price(**BYBIT, side="long", tick=-1)


def test_a_table_has_the_column_where_it_is_asked_for() -> None:
    table = pd.DataFrame([
        {**BYBIT, "side": "long"},
        {**BYBIT, "venue": "deribit", "symbol": "BTC-PERPETUAL", "side": "long"},
        {**BYBIT, "side": "nowhere"},
    ])  # fmt: skip
    assert "venue_liquidation_price" not in ringfence.evaluate(table)
    column = ringfence.evaluate(table, venue_rounding=True)["venue_liquidation_price"]
    assert column.isna().tolist()[1:] == [True, True]


def test_venues_that_print_all_digits_do() -> None:
    exact = {v for v in venues.names() if venues.rule_sets(v)[-1].price_rounding == "none"}
    printed = [
        row["liquidation_price"]
        for venue, row in records()
        if venue in exact and row["kind"] == "observed" and "." in row["liquidation_price"]
    ]
    assert sum(len(text.partition(".")[2]) >= 8 for text in printed) > 20
