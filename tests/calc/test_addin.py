"""The formulas in a real LibreOffice Calc: each figure must be what Python itself gives."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.table import Table

from ringfence_addin.catalogue import Argument, Formula
from ringfence_addin.cells import CellError
from ringfence_addin.functions import FORMULAS
from ringfence_addin.hosts.calc import EXCEL_PREFIX
from ringfence_addin.office.session import Document, Office, Value

SHEET = "Sheet1"
NA = {"error": "#N/A"}
VALUE = {"error": "#VALUE!"}

# What the tests give each argument, by its name; a new formula's may have to be added here.
SAMPLE: dict[str, Any] = {
    "venue": "binance",
    "symbol": "BTCUSDT",
    "side": "long",
    "size": 50.0,
    "entry_price": 60_000.0,
    "leverage": 20.0,
    "mark_price": 59_000.0,
    "funding_rate": 0.0003,
    "target_price": 55_000.0,
    "stop_price": 58_500.0,
    "wallet_balance": 400_000.0,
    "account_free": 40_000.0,
    "sigmas": 3.0,
    "volatility": 0.6,
    "days": 7.0,
    "barrier": 55_000.0,
    "row": 5.0,
    "coin_1": "BTC",
    "coin_2": "ETH",
    "moves": [[-0.3], [-0.1], [0.2]],
    "moves_1": [[-0.2], [0.1]],
    "moves_2": [[-0.3, 0.3]],
    "betas": [["ETH", 1.3], ["*", 1.0]],
    "idle": 1_000.0,
    "account": "main",
    "accounts": [["account", "venue", "wallet_balance"], ["main", "gate", 20_000.0]],
    "positions": [
        ["venue", "symbol", "side", "size", "entry_price", "isolated_margin", "leverage",
         "margin_mode", "account"],
        ["binance", "BTCUSDT", "long", 50.0, 60_000.0, None, 20.0, None, None],
        ["bybit", "BTCUSDT", "short", 2.0, 61_000.0, 9_000.0, None, None, None],
        ["okx", "ETH-USDT-SWAP", "long", 10.0, 3_000.0, None, 10.0, None, None],
        ["nowhere", "BTCUSDT", "long", 1.0, 60_000.0, None, 10.0, None, None],
        ["gate", "BTC_USDT", "long", 20_000.0, 60_000.0, None, 10.0, "cross", "main"],
    ],
}  # fmt: skip
BOXES: list[list[Any]] = [row[:7] for row in SAMPLE["positions"][:5]]
# Where a formula needs a sample of its own
OWN: dict[str, dict[str, Any]] = {
    "RF_AUTO_ADD": {"venue": "bybit"},
    "RF_ACCOUNT_RATIO": {"venue": "gate"},
    "RF_STRESS_ROWS": {"moves": [[-0.3]]},
}
LIQ_PRICE = FORMULAS["RF_LIQ_PRICE"]
RISK = FORMULAS["RF_RISK"]
SCALARS = [formula for formula in FORMULAS.values() if not formula.returns_table]
TABLES = [formula for formula in FORMULAS.values() if formula.returns_table]
WITH_ARGUMENTS = [formula for formula in FORMULAS.values() if formula.arguments]


def sample(formula: Formula) -> list[Any]:
    values = SAMPLE | OWN.get(formula.name, {})
    return [
        values.get(argument.name) if argument.optional else values[argument.name]
        for argument in formula.arguments
    ]


def shown(result: Any) -> Value:
    """How a cell shows a formula's result."""
    if result is None:
        return NA
    if isinstance(result, CellError):
        return {"error": result.value}
    return result if isinstance(result, str) else float(result)


def shown_table(rows: list[list[Any]]) -> list[list[Value]]:
    return [[shown(cell) for cell in row] for row in rows]


def put(document: Document, corner: str, rows: list[list[Any]]) -> str:
    """Fill cells from the corner (column A to Z) on; the range they take."""
    address = block(corner, len(rows), len(rows[0]))
    document.fill(SHEET, address, rows)
    return address


def block(corner: str, height: int, width: int) -> str:
    column, row = ord(corner[0]) - ord("A") + 1, int(corner[1:])
    return f"{corner}:{get_column_letter(column + width - 1)}{row + height - 1}"


def put_arguments(document: Document, formula: Formula) -> str:
    """The sample arguments in cells, single ones in column A, ranges beside them: their text."""
    addresses = []
    corners = iter(("C1", "M1", "Q1", "U1"))
    for row, (argument, value) in enumerate(
        zip(formula.arguments, sample(formula), strict=True), 1
    ):
        if argument.is_range:
            addresses.append(put(document, next(corners), value))
        else:
            document.set(SHEET, f"A{row}", value)
            addresses.append(f"A{row}")
    return ",".join(addresses)


def array_result(document: Document, formula: str, rows: list[list[Any]]) -> list[list[Value]]:
    """What an array formula shows over as many cells as the expected rows take."""
    address = block("A21", len(rows), len(rows[0]))
    document.set_array(SHEET, address, formula.replace(",", ";"))
    return document.values(SHEET, address)


@pytest.mark.parametrize("formula", SCALARS, ids=lambda formula: formula.name)
def test_a_formula_typed_in_gives_pythons_figure(document: Document, formula: Formula) -> None:
    arguments = put_arguments(document, formula)
    expected = formula.function(*sample(formula))
    for name in (formula.name, formula.name.lower(), EXCEL_PREFIX + formula.name):
        document.set(SHEET, "B1", f"={name}({arguments})")
        assert document.value(SHEET, "B1") == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("formula", TABLES, ids=lambda formula: formula.name)
def test_a_table_formula_over_a_range_gives_pythons_table(
    document: Document, formula: Formula
) -> None:
    arguments = put_arguments(document, formula)
    expected = shown_table(formula.function(*sample(formula)))
    assert len(expected) > 1
    for name in (formula.name, EXCEL_PREFIX + formula.name):
        assert array_result(document, f"={name}({arguments})", expected) == expected


def result(document: Document, formula: Formula, arguments: str, like: Any) -> Any:
    """What the formula shows: one value, or as many cells as ``like``, the expected table, has."""
    if formula.returns_table:
        return array_result(document, f"={formula.name}({arguments})", like)
    document.set(SHEET, "B1", f"={formula.name}({arguments})")
    return document.value(SHEET, "B1")


def expected_of(formula: Formula, values: list[Any]) -> Any:
    answer = formula.function(*values)
    return shown_table(answer) if formula.returns_table else shown(answer)


def spoilt(
    document: Document, formula: Formula, single: Any, whole: Callable[[list[list[Any]]], Any]
) -> Iterator[tuple[Argument, Any, Any]]:
    """Each argument in turn with another value: the argument, what Python says, what Calc shows.

    ``single`` goes into the cell of a single argument, ``whole`` makes a range's rows from its own.
    """
    text, values = put_arguments(document, formula), sample(formula)
    for at, (argument, address) in enumerate(zip(formula.arguments, text.split(","), strict=True)):
        good = values[at]
        values[at] = whole([list(row) for row in good]) if argument.is_range else single
        type_in(document, address, values[at] if argument.is_range else [[single]])
        expected = expected_of(formula, values)
        yield argument, expected, result(document, formula, text, expected)
        values[at] = good
        type_in(document, address, good if argument.is_range else [[good]])


def type_in(document: Document, address: str, rows: list[list[Any]]) -> None:
    """Fill a range; #N/A as the error it reads as."""
    errors = "#N/A" in rows[-1]
    clean = [[None if cell == "#N/A" else cell for cell in row] for row in rows]
    document.fill(SHEET, address, clean)
    if errors:
        document.set(SHEET, address.rpartition(":")[2], "=NA()")


@pytest.mark.parametrize("formula", WITH_ARGUMENTS, ids=lambda formula: formula.name)
def test_any_argument_may_be_blank(document: Document, formula: Formula) -> None:
    def blank(rows: list[list[Any]]) -> list[list[Any]]:
        return [[None] * len(row) for row in rows]

    for argument, expected, found in spoilt(document, formula, None, blank):
        same = pytest.approx(expected, rel=1e-12) if isinstance(expected, float) else expected
        assert found == same, argument.name


@pytest.mark.parametrize("formula", WITH_ARGUMENTS, ids=lambda formula: formula.name)
def test_an_error_in_any_argument_shows(document: Document, formula: Formula) -> None:
    """Alone it is the result, in a required range its row's; an optional range Calc refuses."""

    def last_is_error(rows: list[list[Any]]) -> list[list[Any]]:
        rows[-1][-1] = "#N/A"
        return rows

    for argument, expected, found in spoilt(document, formula, "#N/A", last_is_error):
        if not argument.is_range:
            assert (found[0][0] if formula.returns_table else found) == NA, argument.name
        elif argument.optional or argument.or_value:
            assert all(cell == {"error": "Err:504"} for row in found for cell in row)
        else:
            assert found == expected, argument.name


def test_a_table_larger_than_its_range_is_cut_and_a_smaller_one_filled(
    document: Document,
) -> None:
    positions = put(document, "A1", BOXES)
    document.set(SHEET, "L1", f"=RF_RISK({positions})")
    assert document.values(SHEET, "L1:M2") == [["notional", None], [None, None]]
    document.set_array(SHEET, "L1:L7", f"=RF_RISK({positions})")
    assert document.values(SHEET, "L6:L7") == [[NA], [NA]]


def test_a_blank_cell_is_as_an_omitted_argument(document: Document) -> None:
    expected = LIQ_PRICE.function("binance", "BTCUSDT", "long", 50, 60_000, None, 20)
    for arguments in ("50,60000,,20", "50,60000,Z1,20", "50,60000,Z1,20,Z2,Z3", '50,60000,"",20'):
        document.set(SHEET, "A1", f'=RF_LIQ_PRICE("binance","BTCUSDT","long",{arguments})')
        assert document.value(SHEET, "A1") == pytest.approx(expected, rel=1e-12)


def test_a_missing_argument_is_na_and_a_wrong_one_value(document: Document) -> None:
    for arguments, expected in {
        '"binance","BTCUSDT","long",50': NA,
        '"binance","BTCUSDT","long",50,Z1,,20': NA,  # a blank cell comes as 0, and 0 is blank
        '"binance","BTCUSDT","long",50,60000,': NA,
        "": NA,
        '"nowhere","BTCUSDT","long",50,60000,,20': VALUE,
        '"binance","BTCUSDT","sideways",50,60000,,20': VALUE,
        '"binance","BTCUSDT","long",A1:A3,60000,,20': VALUE,
    }.items():
        document.set(SHEET, "C1", f"=RF_LIQ_PRICE({arguments})")
        assert document.value(SHEET, "C1") == expected, arguments


@pytest.mark.parametrize("entry", ["60000", " 60000 ", "60,000", "sixty"])
def test_a_number_stored_as_text(document: Document, entry: str) -> None:
    document.set(SHEET, "A1", entry)
    document.set(SHEET, "B1", '=RF_LIQ_PRICE("binance","BTCUSDT","long",50,A1,,20)')
    assert document.value(SHEET, "A1") == entry
    expected = LIQ_PRICE.function("binance", "BTCUSDT", "long", 50, entry, None, 20)
    assert document.value(SHEET, "B1") == shown(expected)


@pytest.mark.parametrize(("cause", "error"), [("=1/0", "#DIV/0!"), ("=NA()", "#N/A")])
def test_an_error_cell_as_argument_is_the_result(
    document: Document, cause: str, error: str
) -> None:
    document.set(SHEET, "A1", cause)
    document.set(SHEET, "B1", '=RF_LIQ_PRICE("binance","BTCUSDT","long",50,A1,,20)')
    assert document.value(SHEET, "B1") == {"error": error}


@pytest.mark.parametrize(("cause", "error"), [("=1/0", "#DIV/0!"), ("=NA()", "#N/A")])
def test_an_error_cell_in_a_range_spoils_its_own_row_only(
    document: Document, cause: str, error: str
) -> None:
    positions = put(document, "A1", BOXES)
    document.set(SHEET, "E3", cause)
    rows = [list(row) for row in BOXES]
    rows[2][4] = error
    expected = shown_table(RISK.function(rows))
    assert array_result(document, f"=RF_RISK({positions})", expected) == expected
    status = [str(row[expected[0].index("status")]) for row in expected[1:]]
    assert [text == "ok" for text in status] == [True, False, True, False]
    assert error in status[1]


def test_errors_are_real_errors(document: Document) -> None:
    document.set(SHEET, "A1", "=ISNA(RF_LIQ_PRICE())")
    document.set(SHEET, "A2", '=IFERROR(RF_LIQ_PRICE("nowhere","X","long",1,1,1),"caught")')
    assert document.values(SHEET, "A1:A2") == [[1.0], ["caught"]]


def test_results_follow_their_cells(document: Document) -> None:
    positions = put(document, "A1", BOXES)
    document.set(SHEET, "I1", 30_000.0)
    document.set(SHEET, "E2", "=I1*2")  # the range holds a formula that depends on another cell
    document.set(SHEET, "J1", '=RF_LIQ_PRICE("binance","BTCUSDT","long",50,E2,,20)')
    document.set_array(SHEET, "L1:M5", f"=RF_RISK({positions})")
    seen = []
    for half in (30_000.0, 31_000.0):
        document.set(SHEET, "I1", half)
        seen.append((document.value(SHEET, "J1"), document.value(SHEET, "L2")))
        price = LIQ_PRICE.function("binance", "BTCUSDT", "long", 50, 2 * half, None, 20)
        assert seen[-1] == pytest.approx((price, 100 * half), rel=1e-12)
    assert seen[0] != seen[1]
    document.recalculate_hard()
    assert (document.value(SHEET, "J1"), document.value(SHEET, "L2")) == seen[1]


def workbook(path: Path) -> list[list[Value]]:
    """As Excel may store it: a table, formulas by both names. Gives RF_RISK's expected rows."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = SHEET
    for row in BOXES:
        sheet.append(row)
    sheet.add_table(Table(displayName="Positions", ref="A1:G5"))
    arguments = "(A2,B2,C2,D2,E2,F2,G2)"
    sheet["I1"] = f"=RF_LIQ_PRICE{arguments}"
    sheet["I2"] = f"={EXCEL_PREFIX}RF_LIQ_PRICE{arguments}"
    expected = shown_table(RISK.function(BOXES))
    for corner, name in (("A11", "RF_RISK"), ("A21", f"{EXCEL_PREFIX}RF_RISK")):
        area = block(corner, len(expected), len(expected[0]))
        sheet[corner] = ArrayFormula(area, f"={name}(Positions[#All])")
    book.save(path)
    return expected


def check_workbook(document: Document, expected: list[list[Value]]) -> None:
    """The figures, then those of other inputs: what a file has cached cannot pass for them."""
    width = len(expected[0])
    for corner in ("A11", "A21"):
        assert document.values(SHEET, block(corner, len(expected), width)) == expected
    for entry in (60_000.0, 55_000.0):
        document.set(SHEET, "E2", entry)
        price = LIQ_PRICE.function("binance", "BTCUSDT", "long", 50, entry, None, 20)
        for address in ("I1", "I2"):
            assert document.value(SHEET, address) == pytest.approx(price, rel=1e-12)
        for address in ("A12", "A22"):
            assert document.value(SHEET, address) == 50 * entry
    document.set(SHEET, "E2", 60_000.0)


def test_a_workbook_with_both_stored_names(office: Office, tmp_path: Path) -> None:
    expected = workbook(tmp_path / "in.xlsx")
    with office.open(tmp_path / "in.xlsx") as document:
        check_workbook(document, expected)


def _functions(formulas: list[list[str]]) -> list[list[str]]:
    """Without arguments: .ods stores a table's name as the cells it stands for."""
    return [[text.partition("(")[0] for text in row] for row in formulas]


@pytest.mark.parametrize("kind", ["ods", "xlsx"])
def test_saved_and_opened_again(office: Office, tmp_path: Path, kind: Any) -> None:
    expected = workbook(tmp_path / "in.xlsx")
    with office.open(tmp_path / "in.xlsx") as document:
        before = document.formulas(SHEET)
        document.save_as(tmp_path / f"out.{kind}", kind)
    with office.open(tmp_path / f"out.{kind}") as document:
        after = document.formulas(SHEET)
        assert _functions(after) == _functions(before)
        check_workbook(document, expected)


def test_xlsx_keeps_both_stored_names(office: Office, tmp_path: Path) -> None:
    workbook(tmp_path / "in.xlsx")
    with office.open(tmp_path / "in.xlsx") as document:
        document.save_as(tmp_path / "out.xlsx", "xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx")[SHEET]
    assert sheet["I1"].value.startswith("=RF_LIQ_PRICE(")
    assert sheet["I2"].value.startswith(f"={EXCEL_PREFIX}RF_LIQ_PRICE(")
    assert sheet["A11"].value.text.startswith("=RF_RISK(")
    assert sheet["A21"].value.text.startswith(f"={EXCEL_PREFIX}RF_RISK(")


def test_a_pdf_comes_out(document: Document, tmp_path: Path) -> None:
    document.set(SHEET, "A1", '=RF_LIQ_PRICE("binance","BTCUSDT","long",50,60000,,20)')
    document.save_as(tmp_path / "out.pdf", "pdf")
    assert (tmp_path / "out.pdf").read_bytes().startswith(b"%PDF")


def test_the_function_wizard_explains_every_formula(office: Office) -> None:
    offered = office.functions("RF_")
    assert offered.keys() == FORMULAS.keys()
    aliases = office.functions(EXCEL_PREFIX.upper())
    for name, formula in FORMULAS.items():
        arguments = [(argument["name"], argument["doc"]) for argument in offered[name]["arguments"]]
        assert offered[name]["description"] == formula.doc
        assert arguments == [(argument.name, argument.doc) for argument in formula.arguments]
        alias = aliases[EXCEL_PREFIX.upper() + name]
        assert alias["description"].startswith(f"{name}, by the name under which Excel")
        assert alias["arguments"] == offered[name]["arguments"]


def every_formula(path: Path) -> dict[str, tuple[Formula, list[Any]]]:
    """A workbook with a sheet for each formula, its arguments in cells; what each is given."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for formula in FORMULAS.values():
        sheet = book.create_sheet(formula.name)
        corners = iter((3, 13, 17, 21))  # C, M, Q, U
        addresses = []
        for row, (argument, value) in enumerate(
            zip(formula.arguments, sample(formula), strict=True), 1
        ):
            left, rows = (next(corners), value) if argument.is_range else (1, [[value]])
            top = 1 if argument.is_range else row
            for y, line in enumerate(rows):
                for x, cell in enumerate(line):
                    sheet.cell(top + y, left + x, cell)
            corner = f"{get_column_letter(left)}{top}"
            area = block(corner, len(rows), len(rows[0]))
            addresses.append(corner if area == f"{corner}:{corner}" else area)
        text = f"={formula.name}({','.join(addresses)})"
        answer = formula.function(*sample(formula))
        area = block("A31", len(answer), len(answer[0])) if formula.returns_table else "A31"
        sheet["A31"] = ArrayFormula(area, text) if formula.returns_table else text
    book.save(path)
    return {its.name: (its, sample(its)) for its in FORMULAS.values()}


def wrong_in(document: Document, given: dict[str, tuple[Formula, list[Any]]]) -> list[str]:
    """The formulas that do not show what Python computes from what they are given."""
    wrong = []
    for name, (formula, values) in given.items():
        expected = expected_of(formula, values)
        rows = expected if formula.returns_table else [[expected]]
        found = document.values(name, block("A31", len(rows), len(rows[0])))
        wrong += [
            f"{name}: {cell!r} in Python, {calc!r} in Calc"
            for row, line in zip(rows, found, strict=True)
            for cell, calc in zip(row, line, strict=True)
            if calc != (pytest.approx(cell, rel=1e-12) if isinstance(cell, float) else cell)
        ]
    return wrong


# Other inputs by the argument's name; of a book, each entry price
OTHER: dict[str, Any] = {
    "size": 40.0, "entry_price": 57_000.0, "mark_price": 59_500.0, "days": 9.0, "sigmas": 0.5,
    "row": 2.0,
}  # fmt: skip
OTHER_CONTRACT = {"symbol": "ETHUSDT", "account": "other"}  # where none of those is given


def change_inputs(
    document: Document, given: dict[str, tuple[Formula, list[Any]]]
) -> dict[str, tuple[Formula, list[Any]]]:
    """Type other inputs into the cells; what each formula is given then."""
    changed = {}
    for name, (formula, values) in given.items():
        values = list(values)
        names = {argument.name for argument in formula.arguments}
        others = OTHER if names & OTHER.keys() else OTHER_CONTRACT
        for at, argument in enumerate(formula.arguments):
            if argument.name in others:
                values[at] = others[argument.name]
                document.set(name, f"A{at + 1}", values[at])
            elif argument.name == "positions":
                values[at] = [list(row) for row in values[at]]
                for y, row in enumerate(values[at][1:], 2):
                    row[4] *= 1.02
                    document.set(name, f"G{y}", row[4])
        changed[name] = formula, values
    return changed


@pytest.mark.parametrize("kind", ["ods", "xlsx"])
def test_every_formula_survives_saving(office: Office, tmp_path: Path, kind: Any) -> None:
    given = every_formula(tmp_path / "in.xlsx")
    with office.open(tmp_path / "in.xlsx") as document:
        assert wrong_in(document, given) == []
        written = {name: document.formulas(name, "A31") for name in given}
        document.save_as(tmp_path / f"out.{kind}", kind)
    with office.open(tmp_path / f"out.{kind}") as document:
        assert {name: document.formulas(name, "A31") for name in given} == written
        assert wrong_in(document, given) == []
        document.recalculate_hard()
        assert wrong_in(document, given) == []


def test_every_formula_follows_its_cells(office: Office, tmp_path: Path) -> None:
    given = every_formula(tmp_path / "in.xlsx")
    with office.open(tmp_path / "in.xlsx") as document:
        others = change_inputs(document, given)
        unchanged = {
            name
            for name in given
            if expected_of(*others[name]) == expected_of(*given[name])
        }  # fmt: skip
        assert unchanged <= {"RF_VENUES"}
        assert wrong_in(document, others) == []
