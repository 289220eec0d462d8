"""The template position_sizer as a file: structure, stored values, what is put in, hostile text."""

import re
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from openpyxl.workbook import Workbook

import ringfence
from ringfence import inputs, venues
from ringfence.errors import InputError
from ringfence_addin.functions import FORMULAS
from ringfence_templates import fill
from ringfence_templates.__main__ import SAMPLE_DAY, SAMPLES, sample
from ringfence_templates.position_sizer import told
from ringfence_templates.position_sizer.layout import CELL, GAP_CELL, INPUTS
from ringfence_templates.position_sizer.workings import STEPS
from templates import stored
from templates.stored import HOSTILE, formulas, load, parts

SHIPPED = Path(__file__).parents[2] / "templates" / "position_sizer.xlsx"
SHEETS = ["Sizer", "Modes", "Path", "Ladder", "Notes", "Calc"]
SHOWN = SHEETS[:-1]


def sample_trade() -> pd.DataFrame:
    return sample(SAMPLES["position_sizer"].positions)


built = partial(stored.built, "position_sizer")


def one(**cells: Any) -> pd.DataFrame:
    return pd.DataFrame([{**sample_trade().iloc[0].to_dict(), **cells}])


def given(path: Path) -> dict[str, Any]:
    """The inputs that are not blank."""
    sheet = load(path)["Sizer"]
    found = {name: sheet[cell].value for name, cell in CELL.items()}
    return {name: value for name, value in found.items() if value is not None}


def answers(path: Path) -> dict[str, Any]:
    """The stored answers of the sheet Sizer by their labels."""
    sheet = load(path, data_only=True)["Sizer"]
    rows = range(5, sheet.max_row + 1)
    return {str(sheet[f"F{at}"].value).strip(): sheet[f"H{at}"].value for at in rows}


def verdict(path: Path) -> tuple[Any, Any]:
    sheet = load(path, data_only=True)["Sizer"]
    return sheet["F5"].value, sheet["G5"].value


@pytest.fixture(scope="module")
def shipped() -> Workbook:
    return load(SHIPPED)


# The shipped file


def test_sheets_and_the_one_it_opens_with(shipped: Workbook) -> None:
    assert shipped.sheetnames == SHEETS
    assert shipped.active.title == "Sizer"
    states = {sheet.title: sheet.sheet_state for sheet in shipped}
    assert states == {**dict.fromkeys(SHOWN, "visible"), "Calc": "hidden"}
    assert not shipped.calculation.fullCalcOnLoad  # the stored values are to be seen


def test_every_input_is_a_name_of_its_argument(shipped: Workbook) -> None:
    arguments = {a.name for its in FORMULAS.values() for a in its.arguments}
    for name, (sheet, cell) in {
        **{name: ("Sizer", cell) for name, cell in CELL.items()},
        "gap": ("Path", GAP_CELL),
    }.items():
        assert name in arguments
        ((where, at),) = shipped.defined_names[name].destinations
        assert (where, at.replace("$", "")) == (sheet, cell)
        style = shipped[sheet][cell].style
        assert style.startswith("Ringfence input")
        assert not shipped[sheet][cell].protection.locked


def test_every_input_but_the_symbol_is_checked(shipped: Workbook) -> None:
    rules = {str(rule.sqref): rule for rule in shipped["Sizer"].data_validations.dataValidation}
    for name, its in INPUTS.items():
        if name == "symbol":
            continue
        rule = rules[CELL[name]]
        wanted = "decimal" if its.number else "date" if name == "as_of" else "list"
        assert rule.type == wanted
        assert rule.allow_blank
        assert rule.showErrorMessage
        assert rule.error
    lists = {}
    for name in ("list_venue", "list_side", "list_contract_type"):
        ((sheet, area),) = shipped.defined_names[name].destinations
        lists[name] = [row[0].value for row in shipped[sheet][area]]
    assert lists == {
        "list_venue": list(venues.names()),
        "list_side": ["long", "short"],
        "list_contract_type": ["linear", "inverse", "quanto"],
    }


def test_each_sheet_is_one_page(shipped: Workbook) -> None:
    for name in SHEETS:
        fit = shipped[name].page_setup.fitToHeight
        assert fit == (0 if name in ("Notes", "Calc") else 1)


def test_charts_do_not_smooth_and_hold_their_figures() -> None:
    charts = [part for name, part in parts(SHIPPED).items() if "charts/chart" in name]
    assert len(charts) == 3
    for chart in charts:
        assert 'smooth val="1"' not in chart
        assert "numCache" in chart
        assert "strCache" in chart


def test_notes_name_what_is_assumed(shipped: Workbook) -> None:
    rows = list(shipped["Notes"].iter_rows(values_only=True))
    text = " ".join(str(cell) for row in rows for cell in row if cell is not None)
    for words in ("log-normal", "without drift", "no gaps", "straight line", "its whole value"):
        assert words in text
    assert "rules of 2026-11-23" in text
    for venue in venues.names():
        start = next(at for at, row in enumerate(rows) if row[1] == venue and row[9] is not None)
        rules = venues.in_force(venue, SAMPLE_DAY)
        assert [row[2] for row in rows[start : start + len(rules)]] == [
            rule.product.replace("Ⓢ", "S") for rule in rules
        ]


# Formulas and their values


def test_ours_are_called_on_calc_only(tmp_path: Path) -> None:
    """Hosts without Ringfence compute anew what they show, and would show an error for it."""
    for sheet, _, text in formulas(built(tmp_path, host="calc")):
        assert sheet == "Calc" or not re.search(r"\bRF_[A-Z_]+\(", re.sub(r'"[^"]*"', '""', text))


def test_stored_answers_are_those_of_the_core() -> None:
    trade = {"venue": "binance", "symbol": "ETHUSDT", "side": "long", "size": 30.0,
             "entry_price": 3298.0, "leverage": 10.0, "isolated_margin": 12_000.0,
             "as_of": SAMPLE_DAY}  # fmt: skip
    risk = ringfence.assess(**trade)
    shown = answers(SHIPPED)
    assert shown["Liquidation price"] == pytest.approx(risk.liquidation_price)
    assert shown["Distance from the mark price"] == pytest.approx(risk.liquidation_distance)
    assert shown["Margin in the box"] == 12_000
    light, words = verdict(SHIPPED)
    assert light == "Red"
    assert words.startswith("Too large: a 2-sigma move in 7 days")
    assert words.endswith("The stop comes before the liquidation.")


def test_nothing_shown_is_an_error(shipped: Workbook) -> None:
    values = load(SHIPPED, data_only=True)
    for name in SHOWN:
        for row in values[name].iter_rows():
            assert not [cell.coordinate for cell in row if cell.data_type == "e"]


@pytest.mark.parametrize(
    ("cells_given", "light", "words"),
    [
        ({"size": 15}, "Green", "It holds: a 2-sigma move in 7 days"),
        ({"size": 15, "stop_price": 1000}, "Red", "The liquidation comes before the stop"),
        ({"size": 15, "stop_price": 4000}, "Amber", "The stop cannot be judged"),
        ({"size": 15, "stop_price": 2525, "slippage": 0.02}, "Amber", "its fill lies beyond"),
        ({"mark_price": 2800}, "Liquidated", "Already liquidated"),
        ({"isolated_margin": 98_940}, "Never", "No price liquidates it"),
        ({"symbol": "NOSUCHUSDT"}, "Error", "has no tiers on file"),
        ({"side": None}, "Error", "error: side: missing"),
    ],
)
def test_the_verdict(tmp_path: Path, cells_given: dict[str, Any], light: str, words: str) -> None:
    shown, said = verdict(built(tmp_path, one(**cells_given)))
    assert shown == light
    assert words in said


def test_a_venue_without_its_rule_says_so_politely(tmp_path: Path) -> None:
    trade = one(venue="phemex", symbol="ETHUSDT", mmr=0.01, contract_type="linear")
    book = load(built(tmp_path, trade), data_only=True)
    assert str(book["Path"]["B3"].value).startswith("Not shown: the liquidation steps of phemex")
    assert str(book["Path"]["M11"].value) == "Not shown: phemex has no auto-margin."
    assert answers(tmp_path / "book.xlsx")["May be taken out"] == "n/a"


def test_a_path_longer_than_the_sheet_says_so(tmp_path: Path) -> None:
    trade = one(
        venue="dydx",
        symbol="ETH-USD",
        size=200,
        isolated_margin=None,
        leverage=10,
        as_of=SAMPLE_DAY,
    )
    sheet = load(built(tmp_path, trade), data_only=True)["Path"]
    steps = int(sheet["B7"].value)
    assert steps > STEPS
    assert sheet["B3"].value.startswith(f"The first {STEPS} of {steps} steps")
    assert sheet[f"B{12 + STEPS}"].value == STEPS
    held = {"venue": "dydx", "symbol": "ETH-USD", "side": "long", "size": 200, "leverage": 10,
            "entry_price": 3298, "funding_rate": 0.0001, "as_of": SAMPLE_DAY}  # fmt: skip
    path = ringfence.dynamics.liquidation_path(**held, slippage=0.001)
    assert len(path.fills) == steps
    gone = [sheet[f"{column}7"].value for column in "DFHJ"]
    shares = [path.to_market, path.fees, path.to_trader, path.to_venue]
    assert gone == pytest.approx(shares)
    margin = answers(tmp_path / "book.xlsx")["Margin in the box"]
    assert sum(gone) == pytest.approx(margin + path.shortfall)
    assert sheet["B9"].value.startswith("Lost beyond the box: ")


# What is put in


def test_what_the_file_does_not_say_is_put_in_and_told(tmp_path: Path) -> None:
    path = built(tmp_path)
    assert given(path) == {
        "venue": "binance", "symbol": "ETHUSDT", "side": "long", "size": 30, "entry_price": 3298,
        "mark_price": 3298, "leverage": 10, "isolated_margin": 12_000, "funding_rate": 0.0001,
        "interval_hours": 8, "volatility": 0.6, "sigmas": 2, "days": 7, "stop_price": 3100,
        "slippage": 0.001, "target_price": 2790, "wallet_balance": 60_000,
    }  # fmt: skip
    book = load(path)
    told_of = book["Sizer"]["B3"].value
    notes = " ".join(f"{row[1]} {row[2]}" for row in book["Notes"].iter_rows(values_only=True))
    for name in ("interval_hours", "volatility", "sigmas", "days", "stop_price", "slippage",
                 "target_price", "wallet_balance"):  # fmt: skip
        assert name in told_of
        assert name in notes


def test_other_inputs_come_from_columns_of_their_names(tmp_path: Path) -> None:
    trade = one(
        **{"Stop price": "3,050.5", "volatility": "75%", "Days": 3, "target_price": "soon",
           "account_equity": 1e6, "wallet_balance": 50_000}
    )  # fmt: skip
    path = built(tmp_path, trade)
    held = given(path)
    assert (held["stop_price"], held["volatility"], held["days"]) == (3050.5, 0.75, 3)
    assert held["target_price"] == "soon"
    assert held["wallet_balance"] == 50_000
    assert "stop_price" not in load(path)["Sizer"]["B3"].value
    assert answers(path)["Top-up for target_price"] == "n/a"
    assert answers(path)["Share of equity in the box"] == pytest.approx(0.012)


def test_the_wallet_is_that_of_the_account(tmp_path: Path) -> None:
    accounts = pd.DataFrame(
        [
            {"account": "Main", "venue": "binance", "wallet_balance": 75_000},
            {"account": "other", "venue": "binance", "wallet_balance": 1},
        ]
    )
    assert given(built(tmp_path, one(account="main"), accounts=accounts))["wallet_balance"] == (
        75_000
    )
    path = built(tmp_path, one(account="third"), accounts=accounts)
    assert given(path)["wallet_balance"] == 60_000
    notes = [row[2] for row in load(path)["Notes"].iter_rows(values_only=True)]
    assert any("The accounts gave none" in str(text) and "third" in text for text in notes)
    with pytest.raises(InputError, match="wallet_balance"):
        built(tmp_path, accounts=pd.DataFrame([{"account": "main"}]))


# Which row is taken


def test_the_first_row_that_can_be_computed_is_taken(tmp_path: Path) -> None:
    rows = pd.concat(
        [
            pd.DataFrame([{"venue": None, "symbol": " "}]),
            one(size=-1),
            one(margin_mode="cross", isolated_margin=None),
            one(symbol="BTCUSDT", size=2, entry_price=60_000, mark_price=None),
            one(),
        ],
        ignore_index=True,
    )
    path = tmp_path / "book.xlsx"
    book = fill("position_sizer", rows, path, filled_on=SAMPLE_DAY)
    assert list(book.risk["status"]) == ["ok"]
    held = given(path)
    assert (held["symbol"], held["size"], held["entry_price"]) == ("BTCUSDT", 2, 60_000)
    assert "mark_price" not in held
    assert "Row 4 of the 4" in load(path)["Sizer"]["B2"].value


def test_where_no_row_can_be_computed_the_first_says_why(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    book = fill("position_sizer", pd.concat([one(size=-1), one(side="up")]), path)
    assert str(book.risk["status"][0]).startswith("error: size: -1")
    assert given(path)["size"] == -1
    assert verdict(path)[0] == "Error"
    book = fill("position_sizer", one(margin_mode="cross", isolated_margin=None), path)
    assert "a cross position" in str(book.risk["status"][0])
    assert "a cross position" in verdict(path)[1]


def test_a_row_that_could_not_be_read_is_not_computed(tmp_path: Path) -> None:
    reason = "row: has 9 cells, the header has 8"
    path = tmp_path / "book.xlsx"
    book = fill("position_sizer", sample_trade(), path, refused={0: reason})
    assert str(book.risk["status"][0]).startswith("error: size")
    assert given(path)["size"] == reason
    assert reason in verdict(path)[1]


def test_a_column_that_stands_there_twice_is_an_error(tmp_path: Path) -> None:
    doubled = sample_trade()
    doubled["Mark price"] = doubled["mark_price"]
    path = built(tmp_path, doubled)
    assert verdict(path)[0] == "Error"
    assert "more than once" in verdict(path)[1]


@pytest.mark.parametrize("rows", [pd.DataFrame(), sample_trade().head(0)])
def test_without_a_trade_it_asks_for_one(tmp_path: Path, rows: pd.DataFrame) -> None:
    path = tmp_path / "book.xlsx"
    book = fill("position_sizer", rows, path, as_of=SAMPLE_DAY, filled_on=SAMPLE_DAY)
    assert len(book.terms) == 0
    assert verdict(path)[1].startswith("Type a trade on the left")
    values = load(path, data_only=True)
    for name in SHOWN:
        for row in values[name].iter_rows():
            assert not [cell.coordinate for cell in row if cell.data_type == "e"]


def test_the_day_is_written_or_left_to_today(tmp_path: Path) -> None:
    assert "as_of" not in given(built(tmp_path))
    pinned = built(tmp_path, as_of=date(2025, 6, 1))
    assert given(pinned)["as_of"].date() == date(2025, 6, 1)
    assert "rules of 2025-06-01" in load(pinned)["Notes"]["B2"].value
    own = built(tmp_path, one(as_of="2024-03-01"), as_of=date(2025, 6, 1))
    assert given(own)["as_of"].date() == date(2024, 3, 1)


# Hostile text, wrong use


@pytest.mark.parametrize("text", HOSTILE)
def test_text_from_outside_stays_text(tmp_path: Path, text: str) -> None:
    fields = ("venue", "symbol", "side", "entry_price", "contract_type", "stop_price", "days")
    path = built(tmp_path, one(**dict.fromkeys(fields, text), size=-1), title="=1+1")
    assert not [it for *_, it in formulas(path) if "cmd" in it or "HYPERLINK" in it]
    sheet = load(path)["Sizer"]
    for name in fields:
        cell = sheet[CELL[name]]
        if cell.value is None:
            assert not text.strip()
            continue
        assert cell.data_type == "s"
        assert bool(cell.quotePrefix) == cell.value.startswith(("=", "+", "-", "@"))
    assert sheet["B1"].value == "=1+1"
    assert sheet["B1"].data_type == "s"
    assert verdict(path)[0] == "Error"


def test_inputs_are_the_columns_and_arguments_of_their_names() -> None:
    assert set(inputs.COLUMNS) - {"margin_mode", "account"} <= set(INPUTS)


# Pieces of formulas


@pytest.mark.parametrize(
    ("value", "decimals", "shown"),
    [(2909.6385, 2, "2,909.64"), (23.45, 1, "23.5"), (23.449999999999996, 1, "23.5"),
     (0.5, 0, "1"), (-1234.5678, 2, "-1,234.57"), (1e21, 0, "1,000,000,000,000,000,000,000")],
)  # fmt: skip
def test_numbers_are_rounded_as_spreadsheets_do(value: float, decimals: int, shown: str) -> None:
    piece = told.fixed(told.Told("A1", value), decimals)
    assert (piece.formula, piece.value) == (f"FIXED(A1,{decimals})", shown)


def test_a_piece_without_a_value_is_an_error_until_it_is_guarded() -> None:
    blank = told.Told("A1", "")
    assert (blank * 2).value == "#VALUE!"
    assert (told.Told("A1", 1.0) / told.Told("A2", 0.0)).value == "#DIV/0!"
    assert told.log(told.Told("A1", -1.0)).value == "#NUM!"
    assert told.guarded(blank * 2, "n/a").value == "n/a"
    assert told.when(told.is_number(blank), blank * 2, told.BLANK).value == ""


def test_texts_in_formulas_are_quoted_and_short_enough() -> None:
    assert told.constant('say "no"').formula == '"say ""no"""'
    with pytest.raises(AssertionError):
        told.constant("x" * 256)
