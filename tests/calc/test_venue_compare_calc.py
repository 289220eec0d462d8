"""The template venue_compare in a real LibreOffice: its formulas give what Python computes."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import ringfence
from calc.compare import DAY, Cells, calculated, differences, stored_values
from ringfence_addin.office.session import Document, Office
from ringfence_templates import finish
from ringfence_templates.__main__ import SAMPLE_DAY
from ringfence_templates.filling import Filling
from ringfence_templates.hosts import Host
from ringfence_templates.venue_compare import workbook
from ringfence_templates.venue_compare.compare import EMPTY, FIRST, NOT_HEARD
from ringfence_templates.venue_compare.judged import OTHER_DAY
from ringfence_templates.venue_compare.layout import CELL, HOUSES, OF_VENUE, VENUES_HEAD
from ringfence_templates.venue_compare.trade import build_trade
from ringfence_templates.venue_compare.workings import work_out

SHOWN = ("Compare", "Details", "Rules", "Venues")
Typed = Mapping[str, Mapping[str, Any]]  # venue -> column of the sheet Venues -> what is typed

# Every input by name
WHOLE: dict[str, Any] = {
    "coin": "BTC", "side": "long", "size": 2.0, "notional": None, "entry_price": 101_380.4,
    "mark_price": 101_380.4, "leverage": 10.0, "isolated_margin": None, "target_distance": 0.1,
    "funding_rate": None, "as_of": DAY,
}  # fmt: skip
# What is typed into Compare, and into Venues
CHANGES: dict[str, tuple[dict[str, Any], Typed]] = {
    "another coin, short": (
        {"coin": " eth", "side": "Sell", "size": 30, "entry_price": 3846.75, "mark_price": 3912.5,
         "leverage": 15, "target_distance": 0.08}, {},
    ),
    "a notional and a margin": (
        {"size": None, "notional": 500_000, "leverage": None, "isolated_margin": 61_000.5,
         "mark_price": None}, {},
    ),
    "a size beside a notional": ({"notional": 1000}, {}),
    "inverse here and there": (
        {"isolated_margin": 22_000, "mark_price": 103_000},
        {name: {"contract_type": "Inverse"} for name in
         ("binance_coinm", "bybit", "okx", "deribit", "kraken", "bitmex", "kucoin", "gate")},
    ),
    "contracts and rates of one's own": (
        {},
        {"blofin": {"symbol": "BTC-USDT", "mmr": 0.004, "contract_size": 0.001},
         "coinbase": {"symbol": "BTC-PERP", "mmr": 0.05, "maintenance_amount": 10},
         "cryptocom": {"mmr": 0.006},
         "binance": {"symbol": "btcusdc", "taker_fee_rate": 0.0003},
         "okx": {"symbol": "BTC-USDT-SWAP", "taker_fee_rate": 0.0002},
         "gate": {"compare": "no"}, "drift": {"compare": "yes"}, "mexc": {"symbol": "NOSUCH_USDT"},
         "bitmex": {"contract_type": "quanto"}, "lighter": {"mmr": "low", "compare": "No"},
         "kraken": {"contract_size": "one"}, "dydx": {"maintenance_amount": 5}},
    ),
    "never liquidated": ({"leverage": 0.5}, {}),
    "some already liquidated": ({"mark_price": 91_700}, {}),
    "bankrupt everywhere": ({"mark_price": 90_000}, {}),
    "beyond some tiers": ({"size": 900, "leverage": 5}, {}),
    "one answer": ({}, {name: {"compare": "no"} for name in HOUSES if name != "bybit"}),
    "none asked": ({}, {name: {"compare": "no"} for name in HOUSES}),
    "the leverage of a table": ({"leverage": 125, "size": 0.01}, {}),
    "a coin that nobody lists": ({"coin": "NOSUCHCOINANYWHEREONTHISEARTH"}, {}),
    "a coin for MATCH": ({"coin": "B*"}, {"binance": {"symbol": "BTCUSD?"}}),
    "a coin that is a number": ({"coin": 42}, {}),
    "a small price": (
        {"coin": "1000PEPE", "size": 9e6, "entry_price": 0.01184, "mark_price": 0.01137}, {}
    ),
    "no side": ({"side": None}, {}),
    "a wrong side": ({"side": "sideways"}, {}),
    "no coin": ({"coin": None}, {}),
    "no size": ({"size": None}, {}),
    "no price": ({"entry_price": None, "size": None, "notional": 1e5}, {}),
    "neither leverage nor margin": ({"leverage": None}, {}),
    "words for numbers": (
        dict.fromkeys(("size", "entry_price", "mark_price", "leverage", "isolated_margin",
                       "notional", "target_distance", "funding_rate"), "2.5"), {},
    ),
    "no size but a word": ({"size": None, "notional": "much"}, {}),
    "below zero": ({"size": -2, "leverage": -1, "target_distance": -0.1, "notional": 0}, {}),
    "a target of its own": ({"target_distance": 0.5}, {}),
    "a target past everything": ({"target_distance": 1.5, "funding_rate": 0.001}, {}),
    "no target": ({"target_distance": None}, {}),
    "another day": ({"as_of": DAY - 600}, {}),
    "a word for a day": ({"as_of": "soon"}, {}),
    "nothing at all": (dict.fromkeys(WHOLE), {}),
    "only a coin": ({**dict.fromkeys(WHOLE), "coin": "SOL"}, {}),
}  # fmt: skip
SOME = list(CHANGES)[:5]


def built(
    path: Path, cells: Mapping[str, Any], typed: Typed | None = None, host: Host = Host.CALC
) -> Path:
    """The workbook as if it had been typed into."""
    trade = build_trade(
        Filling(positions=pd.DataFrame(), as_of=SAMPLE_DAY, filled_on=SAMPLE_DAY, title="Trade")
    )
    its = work_out(replace(trade, given=cells, typed=typed or {}))
    finish.write(workbook(its, host), path)
    return path


def put(document: Document, cells: Mapping[str, Any], typed: Typed | None = None) -> None:
    """Type into every input; None clears one."""
    for name, value in cells.items():
        document.set("Compare", CELL[name], value)
    for row, venue in enumerate(HOUSES, VENUES_HEAD + 1):
        for name, letter in OF_VENUE.items():
            document.set("Venues", f"{letter}{row}", (typed or {}).get(venue, {}).get(name))


def ranks(document: Document) -> list[list[Any]]:
    """The ranked rows of Compare from the venue on."""
    last = FIRST + len(HOUSES) - 1
    return [row[1:] for row in document.values("Compare", f"F{FIRST}:N{last}")]


@pytest.mark.parametrize("host", list(Host))
def test_after_changes_every_formula_is_what_python_computes(
    office: Office, tmp_path: Path, host: Host
) -> None:
    names = CHANGES if host is Host.CALC else SOME
    wrong: dict[str, list[str]] = {}
    with office.open(built(tmp_path / "before.xlsx", WHOLE, host=host)) as document:
        for name in names:
            cells, typed = {**WHOLE, **CHANGES[name][0]}, CHANGES[name][1]
            expected: Cells = stored_values(built(tmp_path / "after.xlsx", cells, typed, host))
            put(document, cells, typed)
            if differ := differences(expected, calculated(document, expected)):
                wrong[name] = differ
    assert wrong == {}


def test_answers_are_those_of_the_core(office: Office, tmp_path: Path) -> None:
    cells = {**WHOLE, "coin": "ETH", "side": "short", "size": 40.0, "entry_price": 3846.75,
             "mark_price": 3900.0, "leverage": 8.0}  # fmt: skip
    with office.open(built(tmp_path / "book.xlsx", WHOLE)) as document:
        put(document, cells, {"binance_coinm": {"contract_type": "inverse"}})
        document.recalculate_hard()
        shown = {row[0]: row for row in ranks(document)}
        order = [row[0] for row in ranks(document) if isinstance(row[3], float)]
    trade = {"side": "short", "entry_price": 3846.75, "mark_price": 3900.0, "leverage": 8.0,
             "as_of": SAMPLE_DAY}  # fmt: skip
    held = {
        "binance": {"symbol": "ETHUSDT", "size": 40.0},
        "okx": {"symbol": "ETH-USDT-SWAP", "size": 400.0},  # of 0.1
        "bitmex": {"symbol": "ETHUSDT", "size": 4e6},  # of 0.00001
        "hyperliquid": {"symbol": "ETH", "size": 40.0},
        "binance_coinm": {"symbol": "ETHUSD_PERP", "size": 40 * 3846.75 / 10},  # of 10 dollars
    }
    prices = {}
    for venue, its in held.items():
        prices[venue] = ringfence.liquidation_price(venue=venue, **its, **trade)
        assert shown[venue][2] == pytest.approx(prices[venue])
        assert shown[venue][3] == pytest.approx(prices[venue] / 3900 - 1)
        assert shown[venue][4] == pytest.approx(prices[venue] / 3900 - 1 - 1 / 8)
    ranked = sorted(held, key=lambda venue: -prices[venue])
    assert [venue for venue in order if venue in held] == ranked


def test_the_margins_bring_each_venue_to_one_price(office: Office, tmp_path: Path) -> None:
    with office.open(built(tmp_path / "book.xlsx", WHOLE)) as document:
        put(document, {**WHOLE, "size": 1.5, "target_distance": 0.2})
        document.recalculate_hard()
        rows = {row[0]: row for row in ranks(document)}
        farthest = ranks(document)[0][2]
    for venue, symbol, size in (
        ("binance", "BTCUSDT", 1.5), ("okx", "BTC-USDT-SWAP", 150), ("drift", "BTC", 1.5),
    ):  # fmt: skip
        for column, price in ((5, farthest), (6, 101_380.4 * 0.8)):
            found = ringfence.liquidation_price(
                venue=venue, symbol=symbol, side="long", size=size, entry_price=101_380.4,
                leverage=10, isolated_margin=rows[venue][column], as_of=SAMPLE_DAY,
            )  # fmt: skip
            assert found == pytest.approx(price)


def test_the_words_of_a_rule_give_way_to_another_day(office: Office, tmp_path: Path) -> None:
    with office.open(built(tmp_path / "book.xlsx", WHOLE)) as document:
        put(document, {**WHOLE, "as_of": DAY - 600})  # before bybit's rule of 2025-09-02
        document.recalculate_hard()
        rules = {row[1]: row for row in document.values("Rules", "A5:I28")}
    assert rules["bybit"][7] == OTHER_DAY
    assert rules["bybit"][2] == "bybit"
    assert rules["binance"][7] != OTHER_DAY


@pytest.mark.parametrize("cells", [dict.fromkeys(WHOLE), {**WHOLE, "size": "=1+1"}])
def test_without_a_good_trade_nothing_shown_is_an_error(
    office: Office, tmp_path: Path, cells: dict[str, Any]
) -> None:
    path = built(tmp_path / "book.xlsx", cells)
    stored = stored_values(path)
    with office.open(path) as document:
        found = calculated(document, stored)
        words = document.value("Compare", "F5")
    assert differences(stored, found) == []
    assert not [at for at, value in found.items() if isinstance(value, dict)]
    assert words == EMPTY if cells["size"] is None else "not a number: =1+1" in str(words)


def test_without_ringfence_the_sheets_say_so(bare_office: Office, tmp_path: Path) -> None:
    with bare_office.open(built(tmp_path / "book.xlsx", WHOLE, host=Host.LITE)) as document:
        document.recalculate_hard()
        words = document.value("Compare", "F5")
        cells = [cell for sheet in SHOWN for row in document.values(sheet) for cell in row]
    assert words == NOT_HEARD
    assert not [cell for cell in cells if isinstance(cell, dict)]
