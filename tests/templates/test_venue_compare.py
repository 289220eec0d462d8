"""The template venue_compare as a file: structure, stored values, a row's trade, hostile text."""

import re
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from openpyxl.workbook import Workbook

import ringfence
from ringfence import tiers, venues
from ringfence.lookup import STALE_AFTER
from ringfence_templates import fill, finish
from ringfence_templates.__main__ import SAMPLE_DAY, SAMPLES, sample
from ringfence_templates.filling import Filling
from ringfence_templates.hosts import Host
from ringfence_templates.position_sizer import told
from ringfence_templates.venue_compare import workbook
from ringfence_templates.venue_compare.compare import EMPTY, FIRST
from ringfence_templates.venue_compare.layout import (
    CELL,
    HOUSES,
    INPUTS,
    OF_VENUE,
    VENUES_HEAD,
)
from ringfence_templates.venue_compare.on_file import facts, perpetuals
from ringfence_templates.venue_compare.pieces import word
from ringfence_templates.venue_compare.trade import build_trade
from ringfence_templates.venue_compare.workings import work_out
from templates import stored
from templates.stored import HOSTILE, formulas, hostile_positions, load, parts

SHIPPED = Path(__file__).parents[2] / "templates" / "venue_compare.xlsx"
SHEETS = ["Compare", "Details", "Rules", "Venues", "Notes", "Calc"]
SHOWN = SHEETS[:-1]
TRADE = {"venue": "binance", "symbol": "BTCUSDT", "side": "long", "size": 2.0,
         "entry_price": 101_380.4, "mark_price": 101_380.4, "leverage": 10.0}  # fmt: skip

built = partial(stored.built, "venue_compare")


def one(**cells: Any) -> pd.DataFrame:
    return pd.DataFrame([{**TRADE, **cells}])


def given(path: Path) -> dict[str, Any]:
    """The inputs of Compare that are not blank."""
    sheet = load(path)["Compare"]
    found = {name: sheet[cell].value for name, cell in CELL.items()}
    return {name: value for name, value in found.items() if value is not None}


def typed(path: Path) -> dict[str, dict[str, Any]]:
    """The inputs of Venues that are not blank, by venue."""
    sheet, found = load(path)["Venues"], {}
    for row, venue in enumerate(HOUSES, VENUES_HEAD + 1):
        cells = {name: sheet[f"{letter}{row}"].value for name, letter in OF_VENUE.items()}
        found[venue] = {name: value for name, value in cells.items() if value is not None}
    return {venue: cells for venue, cells in found.items() if cells}


def ranks(path: Path) -> list[dict[str, Any]]:
    """The rows of Compare: rank, venue, symbol, price, distance, gap, margins, remark."""
    sheet = load(path, data_only=True)["Compare"]
    heads = ("rank", "venue", "symbol", "price", "distance", "gap", "same", "target", "remark")
    rows = sheet.iter_rows(
        min_row=FIRST, max_row=FIRST + len(HOUSES) - 1, min_col=6, max_col=14, values_only=True
    )
    return [dict(zip(heads, row, strict=True)) for row in rows]


def sentence(path: Path) -> str:
    return str(load(path, data_only=True)["Compare"]["F5"].value)


def checks(path: Path) -> dict[str, str]:
    """What stands beside each input."""
    sheet = load(path, data_only=True)["Compare"]
    return {name: str(sheet[f"D{cell[1:]}"].value) for name, cell in CELL.items()}


@pytest.fixture(scope="module")
def shipped() -> Workbook:
    return load(SHIPPED)


# The shipped file


def test_sheets_and_the_one_it_opens_with(shipped: Workbook) -> None:
    assert shipped.sheetnames == SHEETS
    assert shipped.active.title == "Compare"
    states = {sheet.title: sheet.sheet_state for sheet in shipped}
    assert states == {**dict.fromkeys(SHOWN, "visible"), "Calc": "hidden"}
    assert not shipped.calculation.fullCalcOnLoad  # the stored values are to be seen


def test_every_input_is_a_name_and_is_checked(shipped: Workbook) -> None:
    sheet = shipped["Compare"]
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    for name, its in INPUTS.items():
        ((where, at),) = shipped.defined_names[name].destinations
        assert (where, at.replace("$", "")) == ("Compare", CELL[name])
        assert not sheet[CELL[name]].protection.locked
        wanted = "decimal" if its.number else "date" if name == "as_of" else "list"
        assert rules[CELL[name]].type == wanted
        assert rules[CELL[name]].showErrorMessage == (name != "coin")  # any coin may be typed
    last = VENUES_HEAD + len(HOUSES)
    on_venues = {
        str(rule.sqref): rule.type for rule in shipped["Venues"].data_validations.dataValidation
    }
    for name, letter in OF_VENUE.items():
        kind = on_venues.get(f"{letter}{VENUES_HEAD + 1}:{letter}{last}")
        assert kind == {"symbol": None, "compare": "list", "contract_type": "list"}.get(
            name, "decimal"
        )


def test_the_list_of_coins_is_that_of_the_contracts(shipped: Workbook) -> None:
    ((sheet, area),) = shipped.defined_names["list_coin"].destinations
    coins = [row[0].value for row in shipped[sheet][area]]
    assert coins == sorted({its.coin for its in perpetuals("")})
    assert {"BTC", "ETH", "SOL", "1000PEPE"} <= set(coins)


def test_each_sheet_but_notes_is_one_page(shipped: Workbook) -> None:
    for name in SHEETS:
        fit = shipped[name].page_setup.fitToHeight
        assert fit == (0 if name in ("Notes", "Calc") else 1)


def test_the_chart_holds_its_figures() -> None:
    (chart,) = [part for name, part in parts(SHIPPED).items() if "charts/chart" in name]
    assert "numCache" in chart
    assert "mexc: 9.86 %" in chart


def test_notes_name_what_is_assumed(shipped: Workbook) -> None:
    rows = list(shipped["Notes"].iter_rows(values_only=True))
    text = " ".join(str(cell) for row in rows for cell in row if cell is not None)
    for words in ("ASSUMED: prices in USDT", "1000PEPE", "Stale tiers", "rules of 2026-11-23"):
        assert words in text
    for venue in venues.names():
        assert any(row[1] == venue for row in rows)


# Formulas and their values


def test_ours_are_called_on_calc_only(tmp_path: Path) -> None:
    """Hosts without Ringfence compute anew what they show, and would show an error for it."""
    for sheet, _, text in formulas(built(tmp_path, host="calc")):
        assert sheet == "Calc" or not re.search(r"\bRF_[A-Z_]+\(", re.sub(r'"[^"]*"', '""', text))


def test_stored_answers_are_those_of_the_core(shipped: Workbook) -> None:
    rows = ranks(SHIPPED)
    assert sorted(row["venue"] for row in rows) == list(venues.names())
    answered = [row for row in rows if row["rank"] is not None]
    assert [row["rank"] for row in answered] == list(range(1, len(answered) + 1))
    assert len(answered) >= 15
    for row in answered:
        contract = tiers.tier_file(row["venue"]).find("linear", row["symbol"])
        assert contract
        assert contract.base == "BTC"
        risk = ringfence.assess(
            venue=row["venue"], symbol=row["symbol"], contract_type="linear", side="long",
            size=2 / contract.contract_size, entry_price=101_380.4, leverage=10, as_of=SAMPLE_DAY,
        )  # fmt: skip
        assert row["price"] == pytest.approx(risk.liquidation_price)
        assert row["distance"] == pytest.approx(risk.liquidation_distance)
        assert row["gap"] == pytest.approx(risk.liquidation_distance - 0.1)
        stale = abs(contract.days_off(SAMPLE_DAY)) > STALE_AFTER
        assert ("stale tiers" in str(row["remark"])) == stale
    distances = [row["distance"] for row in answered]
    assert distances == sorted(distances, reverse=True)
    assert answered[0]["same"] == pytest.approx(2 * 101_380.4 / 10)


def test_details_are_those_of_the_core(shipped: Workbook) -> None:
    values = load(SHIPPED, data_only=True)["Details"]
    rows = {row[1]: row for row in values.iter_rows(min_row=5, max_row=28, values_only=True)}
    (_, _, symbol, contracts, price, _, bankruptcy, ratio, leverage, margin, initial,
     maintenance, at_price, rate, tier_rate, fee) = rows["okx"]  # fmt: skip
    trade = {"venue": "okx", "symbol": symbol, "side": "long", "size": contracts,
             "entry_price": 101_380.4, "leverage": 10, "as_of": SAMPLE_DAY}  # fmt: skip
    risk, there = ringfence.assess(**trade), ringfence.assess(**trade, mark_price=price)
    assert contracts == 200  # of 0.01
    assert (bankruptcy, ratio) == pytest.approx((risk.bankruptcy_price, risk.margin_ratio))
    assert (leverage, margin) == pytest.approx((10, 20_276.08))
    assert (initial, maintenance) == pytest.approx((risk.initial_margin, risk.maintenance_margin))
    assert at_price == pytest.approx(there.maintenance_margin)
    assert rate == pytest.approx(there.maintenance_margin / there.notional)
    assert tier_rate == 0.004
    assert fee == "0.050 %: fee on the mark value"
    # Where rates grow with the size, no tier has the rate; where it is by entry, the entry counts
    assert rows["deribit"][14] == "n/a"
    assert rows["deribit"][13] > 0.01


def test_rules_are_those_on_file(shipped: Workbook) -> None:
    values = load(SHIPPED, data_only=True)["Rules"]
    rows = {row[1]: row for row in values.iter_rows(min_row=5, max_row=28, values_only=True)}
    for fact in facts(SAMPLE_DAY):
        if fact.kind != "linear":
            continue
        row = rows[fact.venue]
        assert row[2:5] == (fact.rule, fact.since or None, fact.confidence)
        assert row[6:8] == (fact.funding, fact.takes)
    assert rows["bybit"][6] == "the account, then the box"
    assert "a tier down is closed, again and again" in rows["bybit"][7]
    assert "liquidation fee: up to 1.5 % of the value closed" in rows["dydx"][7]
    assert rows["binance"][5] == "2026-09-24"


def test_the_sentence_says_what_the_venue_is_worth() -> None:
    words = sentence(SHIPPED)
    assert words.startswith(
        "This 10x long of 2 BTC: at mexc it is liquidated 9.86 % below the mark"
    )
    rows = [row for row in ranks(SHIPPED) if row["rank"]]
    spread = rows[-1]["price"] - rows[0]["price"]
    assert f"worth {spread:,.2f} dollars of adverse move a coin, {2 * spread:,.0f} on" in words
    assert f"at {rows[-1]['venue']} it is liquidated 8.16 %" in words


def test_a_rule_that_may_be_over_is_told_apart() -> None:
    """Of a venue whose rule is known until a day before the trade's only."""
    (row,) = [row for row in ranks(SHIPPED) if row["venue"] == "drift"]
    assert row["remark"].startswith("rule known until 2026-03-31 only; stale tiers")
    assert "(by a rule known until 2026-03-31 only)" in sentence(SHIPPED)


def test_a_venue_without_an_answer_says_why_in_one_line() -> None:
    why = {row["venue"]: row["remark"] for row in ranks(SHIPPED) if row["rank"] is None}
    assert why["binance_coinm"].startswith("no linear rule on file")
    assert why["coinbase"] == ("no linear BTC contract on file: its symbol, or mmr, in Venues")
    assert why["htx"].startswith("leverage: 10 has no adjustment factors on file")
    assert all("\n" not in text for text in why.values())


# The trade of a row


def test_contracts_become_coins(tmp_path: Path) -> None:
    row = one(venue="okx", symbol="ETH-USDT-SWAP", size=300, entry_price=3846.75, mark_price=None)
    path = built(tmp_path, row)
    assert given(path) == {"coin": "ETH", "side": "long", "size": 30, "entry_price": 3846.75,
                           "leverage": 10, "target_distance": 0.1}  # fmt: skip
    assert typed(path) == {}
    symbols = {row["venue"]: row["symbol"] for row in ranks(path) if row["rank"]}
    assert symbols["okx"] == "ETH-USDT-SWAP"
    assert symbols["bitmex"] == "ETHUSDT"


def test_an_inverse_row_is_as_many_coins_and_keeps_its_contract(tmp_path: Path) -> None:
    row = one(venue="binance", symbol="BTCUSD_PERP", size=1000, entry_price=100_000,
              mark_price=None, isolated_margin=0.1)  # fmt: skip
    path = built(tmp_path, row)
    assert given(path)["size"] == 1  # 1000 contracts of 100 dollars
    assert given(path)["isolated_margin"] == 10_000
    assert typed(path) == {"binance_coinm": {"contract_type": "inverse"}}
    (found,) = [row for row in ranks(path) if row["venue"] == "binance_coinm"]
    price = ringfence.liquidation_price(
        venue="binance_coinm", symbol="BTCUSD_PERP", side="long", size=1000, entry_price=100_000,
        leverage=10, isolated_margin=0.1, as_of=SAMPLE_DAY,
    )  # fmt: skip
    assert found["price"] == pytest.approx(price)


def test_what_the_row_knows_of_its_venue_goes_there(tmp_path: Path) -> None:
    row = one(symbol="BTCUSDC", mmr=0.006, maintenance_amount=50, taker_fee_rate=0.0002)
    path = built(tmp_path, row)
    assert typed(path) == {
        "binance": {
            "symbol": "BTCUSDC", "mmr": 0.006, "maintenance_amount": 50, "taker_fee_rate": 0.0002,
        }
    }  # fmt: skip
    row = one(venue="blofin", symbol="BTC-USDT", mmr=0.004, contract_size=0.001, size=2000)
    path = built(tmp_path, row)
    assert given(path)["size"] == 2
    assert typed(path)["blofin"] == {"symbol": "BTC-USDT", "contract_size": 0.001, "mmr": 0.004}
    assert next(row for row in ranks(path) if row["venue"] == "blofin")["rank"]


def test_a_trade_in_coins_needs_no_venue(tmp_path: Path) -> None:
    trade = {"side": "short", "entry_price": 178.92, "leverage": 5}
    more = {"Coin": "SOL", "notional": "25,000.50", "target distance": "15%"}
    path = built(tmp_path, pd.DataFrame([{**trade, **more}]))
    read = {"coin": "SOL", "notional": 25_000.5, "target_distance": 0.15}
    assert given(path) == {**trade, **read}
    rows = [row for row in ranks(path) if row["rank"]]
    assert len(rows) >= 8
    assert "5x short of 139.73 SOL" in sentence(path)
    assert all(row["price"] > 178.92 for row in rows)


def test_the_first_row_that_can_be_computed_is_taken(tmp_path: Path) -> None:
    rows = pd.concat(
        [one(size=-1), one(margin_mode="cross"), one(symbol="ETHUSDT", size=7), one()],
        ignore_index=True,
    )
    path = tmp_path / "book.xlsx"
    book = fill("venue_compare", rows, path, filled_on=SAMPLE_DAY)
    assert given(path)["size"] == 7
    assert "Row 3 of the 4" in load(path)["Compare"]["B2"].value
    assert not [status for status in book.risk["status"] if status.startswith("error")]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (
            {"side": "up", "size": -2, "mark_price": -5, "leverage": "ten", "target_distance": 2,
             "as_of": "soon", "symbol": "NOSUCHUSDT"},
            {"side": "fix: long or short", "size": "fix: a number above 0",
             "mark_price": "fix: a number above 0", "leverage": "fix: a number above 0",
             "target_distance": "fix: a number above 0 and below 1", "as_of": "fix: a date",
             "coin": "not on file: see Venues"},
        ),
        (
            {"side": None, "size": None, "leverage": None},
            {"side": "fix: missing", "size": "fix: missing", "leverage": "fix: missing"},
        ),
        (
            {"notional": 5},
            {"notional": "not used: size is given", "size": "coins; blank: notional / entry"},
        ),
    ],
)  # fmt: skip
def test_each_input_says_what_is_wrong_with_it(
    tmp_path: Path, cells: dict[str, Any], said: dict[str, str]
) -> None:
    found = checks(built(tmp_path, one(**cells)))
    assert {name: found[name] for name in said} == said


def test_where_no_venue_has_an_answer_the_reason_is_told(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    book = fill("venue_compare", one(side="up"), path, filled_on=SAMPLE_DAY)
    assert sentence(path).startswith("Nothing to compare: side: 'up' is not")
    assert len(book.terms) == len(HOUSES)
    path = built(tmp_path, one(), title="x")
    fill("venue_compare", one(), path, filled_on=SAMPLE_DAY, refused={0: "row: has 9 cells"})
    assert "row: has 9 cells" in str(given(path)["size"])
    assert "not a number: row: has 9 cells" in sentence(path)


def test_contracts_of_unknown_size_are_not_taken_for_coins(tmp_path: Path) -> None:
    path = built(tmp_path, one(venue="okx", symbol="NOSUCH-USDT-SWAP", size=300))
    assert given(path)["size"] == "300 contracts of unknown size"
    assert not [row for row in ranks(path) if row["rank"]]
    in_error = one(venue="okx", symbol="BTC-USDT-SWAP", size=300, side="up")
    assert given(built(tmp_path, in_error))["size"] == 3  # of 0.01: they are on file
    quanto = one(venue="bitmex", symbol="ETHUSD", contract_type="quanto", mmr=0.01,
                 contract_size=1e-6)  # fmt: skip
    assert given(built(tmp_path, quanto))["size"] == "contracts whose coins vary with the price"


@pytest.mark.parametrize("rows", [pd.DataFrame(), sample(SAMPLES["venue_compare"].positions)[:0]])
def test_without_a_trade_it_asks_for_one(tmp_path: Path, rows: pd.DataFrame) -> None:
    path = tmp_path / "book.xlsx"
    book = fill("venue_compare", rows, path, filled_on=SAMPLE_DAY)
    assert len(book.terms) == 0
    assert sentence(path) == EMPTY
    assert given(path) == {}
    assert not [row for row in ranks(path) if row["rank"]]


def test_the_day_is_written_or_left_to_today(tmp_path: Path) -> None:
    assert "as_of" not in given(built(tmp_path))
    pinned = built(tmp_path, as_of=date(2025, 6, 1))
    assert given(pinned)["as_of"] == datetime(2025, 6, 1)
    assert "rules of 2025-06-01" in load(pinned)["Notes"]["B2"].value
    values = load(pinned, data_only=True)["Rules"]
    rules = {row[1]: row[2] for row in values.iter_rows(min_row=5, max_row=28, values_only=True)}
    assert rules["bybit"] == "bybit"  # before that of 2025-09-02
    own = built(tmp_path, one(as_of="2024-03-01"), as_of=date(2025, 6, 1))
    assert given(own)["as_of"] == datetime(2024, 3, 1)


def test_a_venue_left_out_has_no_figure_anywhere(tmp_path: Path) -> None:
    filling = Filling(positions=one(), filled_on=SAMPLE_DAY, title="Trade")
    trade = replace(build_trade(filling), typed={"gate": {"compare": "no"}})
    finish.write(workbook(work_out(trade), Host.CALC), tmp_path / "book.xlsx")
    last = ranks(tmp_path / "book.xlsx")[-1]
    assert (last["venue"], last["remark"]) == ("gate", "left out, in Venues")
    assert {last[name] for name in ("rank", "price", "distance", "same", "target")} == {None}
    details = load(tmp_path / "book.xlsx", data_only=True)["Details"]
    rows = {row[1]: row for row in details.iter_rows(min_row=5, max_row=28, values_only=True)}
    assert set(rows["gate"][3:15]) == {None}


# The contracts on file


def test_the_main_contract_is_a_perpetual_in_dollars() -> None:
    found = {}
    for its in perpetuals("BTC"):
        found.setdefault((its.venue, its.kind, its.coin), its)
    assert found["binance", "linear", "BTC"].symbol == "BTCUSDT"
    assert found["kraken", "linear", "BTC"].symbol == "PF_XBTUSD"
    assert found["deribit", "linear", "BTC"].symbol == "BTC_USDC-PERPETUAL"
    assert found["deribit", "inverse", "BTC"].symbol == "BTC-PERPETUAL"
    assert found["kucoin", "inverse", "BTC"].symbol == "XBTUSDM"
    assert found["binance_coinm", "inverse", "BTC"].symbol == "BTCUSD_PERP"
    assert not [its for its in perpetuals("BTC") if re.search(r"\d{6}$", its.symbol)]
    for its in perpetuals("BTC"):
        contract = tiers.tier_file(its.venue).find(its.kind, its.symbol)
        assert contract
        assert (contract.contract_size, contract.as_of) == (its.contract_size, its.day)


def test_a_coin_that_one_venue_lists_is_on_file_where_it_is_traded(tmp_path: Path) -> None:
    houses: dict[str, set[str]] = {}
    for its in perpetuals("KOMA"):
        houses.setdefault(its.coin, set()).add(its.venue)
    assert {coin for coin, venues_of in houses.items() if len(venues_of) == 1} <= {"KOMA"}


def test_damaged_tiers_of_one_venue_leave_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "data" / "tiers"
    folder.mkdir(parents=True)
    (folder / "okx.json").write_text("{", "utf-8")
    monkeypatch.setenv("RINGFENCE_DATA", str(tmp_path / "data"))
    ringfence.lookup.forget()
    try:
        rows = {row["venue"]: row for row in ranks(built(tmp_path))}
    finally:
        monkeypatch.undo()
        ringfence.lookup.forget()
    assert rows["okx"]["rank"] is None
    assert rows["binance"]["rank"]


# Hostile text


@pytest.mark.parametrize("text", HOSTILE)
def test_text_from_outside_stays_text(tmp_path: Path, text: str) -> None:
    fields = ("symbol", "coin", "side", "entry_price", "leverage", "contract_type", "notional")
    path = built(tmp_path, one(**dict.fromkeys(fields, text), size=-1), title="=1+1")
    assert not [it for *_, it in formulas(path) if "cmd" in it or "HYPERLINK" in it]
    book = load(path)
    sheet = book["Compare"]
    for name in ("coin", "side", "entry_price", "leverage", "notional"):
        cell = sheet[CELL[name]]
        if cell.value is None:
            assert not text.strip()
        elif not isinstance(cell.value, (int, float)):
            assert cell.data_type == "s"
            assert bool(cell.quotePrefix) == cell.value.startswith(("=", "+", "-", "@"))
    assert sheet["B1"].data_type == "s"
    for values in load(path, data_only=True):
        for row in values.iter_rows():
            assert not [cell.coordinate for cell in row if cell.data_type == "e"]


def test_a_table_of_hostile_rows_is_written(tmp_path: Path) -> None:
    path = built(tmp_path, hostile_positions())
    assert sentence(path).startswith("Nothing to compare")


@pytest.mark.parametrize(
    ("typed_in", "key"),
    [(" btc ", "BTC"), ("b t  c", "B T C"), ("*", "#"), ("~?", "##"), ("x" * 99, "X" * 24)],
)
def test_keys_hold_nothing_that_match_reads_otherwise(typed_in: str, key: str) -> None:
    assert word(told.Told("A1", typed_in)).value == key
