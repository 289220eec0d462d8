"""The bracket is the one that holds the notional at the liquidation price, not the one at entry."""

import csv
import json
import math
from pathlib import Path

import pytest

import ringfence
from ringfence.schedules import BracketSchedule

ANSWERS = Path(__file__).parents[1] / "answers"
BRACKETS = json.loads((ANSWERS / "binance_brackets.json").read_text("utf-8"))["cases"]
with (ANSWERS / "binance.csv").open(newline="", encoding="utf-8") as _file:
    RECORDS = {row["case"]: row for row in csv.DictReader(_file)}


def schedule(case: str) -> BracketSchedule:
    floors, rates, amounts = zip(*BRACKETS[case]["tiers"], strict=True)
    return BracketSchedule(floors, rates, amounts)


@pytest.mark.parametrize("case", BRACKETS)
def test_whole_table_of_the_day_gives_the_reported_price(case: str) -> None:
    row = RECORDS[case]
    side = 1.0 if row["side"] == "long" else -1.0
    size, entry = float(row["size"]), float(row["entry_price"])
    intercept = float(row["isolated_margin"]) - side * size * entry
    notional = schedule(case).liquidation_notional(side, intercept, size * entry)
    assert math.isclose(notional / size, float(row["liquidation_price"]), abs_tol=1.1e-8, rel_tol=0)


def test_a_record_that_the_bracket_at_entry_gets_wrong() -> None:
    row = RECORDS["binance-live-SAND-long-1"]
    brackets = schedule("binance-live-SAND-long-1")
    at_entry = brackets.tier_at(float(row["size"]) * float(row["entry_price"]))
    at_liquidation = brackets.tier_at(float(row["size"]) * float(row["liquidation_price"]))
    assert at_entry > at_liquidation
    assert brackets.rates[at_liquidation] == float(row["mmr"])


def test_published_bars() -> None:
    btc = {"venue": "binance", "symbol": "BTCUSDT", "side": "long", "entry_price": 60_000}
    assert ringfence.liquidation_price(**btc, size=50, leverage=20) == pytest.approx(
        57_342.7277, abs=5e-5
    )
    assert ringfence.liquidation_price(**btc, size=2_000, leverage=10) == pytest.approx(
        55_272.6316, abs=5e-5
    )
