"""The scripts of xlwings Lite on a workbook in memory (``lite_book``)."""

import ast
import asyncio
import doctest
import inspect
import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwings as xw

import ringfence
from addin.lite_book import CALLS, Book, Name, Sheet, Table
from ringfence import inputs, lookup, tiers
from ringfence.explain import explain
from ringfence_addin import cells, scripts
from ringfence_addin.lite import explaining, filling, tier_files
from ringfence_addin.readers import FileProblem
from ringfence_templates.text_safe import FORMULA_STARTS

ROOT = Path(__file__).resolve().parents[2]
CSV = """venue,symbol,side,size,entry_price,leverage,as_of
binance,BTCUSDT,long,50,60000,20,2026-11-23
bybit,ETHUSDT,short,"1 234,5",3000.5,10,
"""


def workbook(rows: int = 5, *columns: str) -> tuple[Book, Sheet, Sheet]:
    """A workbook with an empty table of positions and a sheet to paste on."""
    book = Book("Positions", "Paste")
    positions, paste = book.sheets
    head = ["check", *(columns or inputs.COLUMNS), "status"]
    positions.fill("A6", [head])
    positions.tables.append(Table("Positions", positions.range((6, 1), (6 + rows, len(head)))))
    for row in range(7, 7 + rows):  # what the table computes itself
        positions.formula(f"A{row}", "=IF(...)", "ok")
    book.sheets.active = paste
    return book, positions, paste


def run(script: Any, book: Book) -> None:
    asyncio.run(script(book))


def held(positions: Sheet, rows: int) -> list[dict[str, Any]]:
    head, *lines = positions.rows()[5 : 6 + rows]
    return [
        {name: value for name, value in zip(head, line, strict=True) if value is not None}
        for line in lines
    ]


def said(book: Book, sheet: str) -> str:
    return str(book.sheets[sheet].cells[1, 1])


# Fill


def as_lines(paste: Sheet, text: str) -> None:
    paste.fill("A1", [[line] for line in text.splitlines()])


def as_columns(paste: Sheet, text: str) -> None:
    for row, line in enumerate(text.splitlines(), 1):
        paste.fill(f"A{row}", [line.split(",")])


def test_fill_from_pasted_lines() -> None:
    book, positions, paste = workbook()
    as_lines(paste, CSV)
    run(scripts.fill_from_csv, book)
    first, second = held(positions, 2)
    assert first == {
        "check": "ok", "venue": "binance", "symbol": "BTCUSDT", "side": "long", "size": 50.0,
        "entry_price": 60_000.0, "leverage": 20.0, "as_of": 46_349.0,
    }  # fmt: skip
    assert cells.argument("as_of", first["as_of"]).isoformat() == "2026-11-23"
    assert (second["size"], second["entry_price"]) == (1234.5, 3000.5)
    assert len(positions.formulas) == 5  # the table's own columns are as they were
    assert said(book, "Import") == "Ringfence: 2 rows from Paste into Positions, 0 with a problem"


def test_fill_from_columns_that_excel_has_split() -> None:
    book, positions, paste = workbook()
    paste.fill(
        "B3", [["Venue", "Entry Price", "side", "size", "my note"],
               ["okx", 60_000.25, "long", 3.0, "x, y"], ["okx", "60,000", "short", 2.0, None]],
    )  # fmt: skip
    run(scripts.fill_from_csv, book)
    first, second = held(positions, 2)
    assert first["entry_price"] == 60_000.25
    assert second["entry_price"] == "60,000"  # as it was: two readings, so no number
    assert book.sheets["Import"].rows()[2:] == [
        ["row", "problem"],
        [2.0, "entry_price: '60,000' is not a number above 0; type it plainly, like 60000.5"],
    ]


def test_fill_from_a_file_on_the_drive(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text(CSV)
    its = filling.read([["mine.csv"]], tmp_path)
    assert its.rows[0][:4] == ["binance", "BTCUSDT", "long", 50.0]
    assert filling.read([["../../mine.csv"]], tmp_path).rows == its.rows  # never outside of it
    with pytest.raises(FileProblem, match="no such file"):
        filling.read([["other.csv"]], tmp_path)


@pytest.mark.parametrize(
    ("text", "row", "size"),
    [
        ("venue;side;size\nokx;long;60.000", 1, "60.000 ?"),
        ("venue,side,size\nokx,long,1\nokx,short,60,000", 2, "60 ?"),
    ],
)
def test_rows_that_cannot_be_read_keep_values_that_no_formula_takes(
    text: str, row: int, size: str
) -> None:
    book, positions, paste = workbook()
    as_lines(paste, text)
    run(scripts.fill_from_csv, book)
    kept = held(positions, row)[row - 1]
    assert str(kept["size"]).endswith(size) or kept["size"] == f"{float(size[:-2])} ?"
    with pytest.raises(ringfence.InputError):
        inputs.parse_number(inputs.NUMBERS["size"], kept["size"])
    assert book.sheets["Import"].rows()[-1][0] == row


def test_no_text_becomes_a_formula() -> None:
    book, positions, paste = workbook()
    hostile = [f"{start}1+1" for start in FORMULA_STARTS if start.strip()]
    paste.fill("A1", [["venue", "account", "side"], *[["okx", text, "long"] for text in hostile]])
    run(scripts.fill_from_csv, book)
    assert [row["account"] for row in held(positions, len(hostile))] == hostile


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        (lambda book, positions, paste: None, "the active sheet has no CSV in its first cell"),
        (lambda book, positions, paste: as_lines(paste, "a,b\n1,2"), "no column is known"),
        (lambda book, positions, paste: as_lines(paste, "venue,side"), "no row below it"),
        (lambda book, positions, paste: as_lines(paste, CSV + "x\n" * 9), "11 rows do not fit"),
        (lambda book, positions, paste: positions.tables.clear(), "no table Positions here"),
        (lambda book, positions, paste: positions.activate(), "put the CSV on another sheet"),
        (
            lambda book, positions, paste: as_lines(paste, "venue,side,side\nokx,long,long"),
            "side: the header has this column more than once",
        ),
        (
            lambda book, positions, paste: (
                as_lines(paste, CSV),
                positions.fill("B9", [["okx"]]),
            ),
            "holds positions; clear them",
        ),
    ],
)
def test_fill_says_why_not_and_writes_nothing(prepare: Any, message: str) -> None:
    book, positions, paste = workbook()
    prepare(book, positions, paste)
    before = dict(positions.cells)
    run(scripts.fill_from_csv, book)
    assert positions.cells == before
    assert message in said(book, "Ringfence")


def test_table_without_a_column_of_the_file() -> None:
    book, _, paste = workbook(5, "venue", "side")
    as_lines(paste, CSV)
    run(scripts.fill_from_csv, book)
    assert "has no column symbol, size" in said(book, "Ringfence")


@pytest.mark.parametrize("template", ["isolated_book", "mixed_book", "event_risk"])
def test_the_table_of_the_shipped_workbooks_takes_a_file(template: str) -> None:
    shipped = openpyxl.load_workbook(ROOT / "templates" / f"{template}.xlsx")["Positions"]
    area = shipped.tables["Positions"].ref
    head = [cell.value for cell in shipped[area][0]]
    book = Book("Positions", "Paste")
    positions, paste = book.sheets
    table = Table("Positions", positions.range(area))
    positions.fill(area.split(":")[0], [head])
    positions.tables.append(table)
    book.sheets.active = paste
    as_lines(paste, CSV)
    run(scripts.fill_from_csv, book)
    written = asyncio.run(table.range.options(ndim=2, err_to_str=True).get_value())[1]
    row = dict(zip(head, written, strict=True))
    assert (row["venue"], row["size"], row["entry_price"]) == ("binance", 50.0, 60_000.0)
    assert "2 rows from Paste" in said(book, "Import")


def test_somebody_elses_sheet_is_left_alone() -> None:
    book, _, paste = workbook()
    as_lines(paste, CSV)
    theirs = book.sheets.add("Import")
    theirs.fill("A1", [["mine"]])
    book.sheets.active = paste
    run(scripts.fill_from_csv, book)
    assert theirs.rows() == [["mine"]]
    assert "the sheet Import is not Ringfence's" in said(book, "Ringfence")


# Freeze


def test_frozen_copies_hold_values_only() -> None:
    book = Book("Risk", "Calc", "Empty", "A sheet whose name is very long")
    risk, calc, _, long = book.sheets
    calc.visible = False
    calc.fill("A1", [[1.0]])
    long.fill("A1", [[2.0]])
    risk.fill("B2", [["price", "=not a formula", True, 0.5]])
    risk.formula("B3", "=RF_LIQ_PRICE(...)", 57_342.7)
    risk.formula("C3", "=RF_RISK(...)", "#N/A")
    before = {its.name: (dict(its.cells), dict(its.formulas)) for its in book.sheets}
    run(scripts.freeze_a_copy, book)
    run(scripts.freeze_a_copy, book)
    names = [its.name for its in book.sheets]
    assert names[4:6] == ["Risk (values)", "A sheet whose name is (values)"]
    assert "Risk 2 (values)" in names
    assert not [name for name in names if name.startswith(("Calc (", "Empty ("))]
    for sheet in list(book.sheets)[:4]:
        assert (sheet.cells, sheet.formulas) == before[sheet.name]
    for name in ("Risk (values)", "Risk 2 (values)"):
        copy = book.sheets[name]
        assert copy.cells == risk.cells
        assert not copy.formulas
    assert "2 sheets with values only" in said(book, "Ringfence")


def test_nothing_to_freeze() -> None:
    book = Book("Empty")
    run(scripts.freeze_a_copy, book)
    assert "no visible sheet holds anything" in said(book, "Ringfence")


# Tiers


def fetched(venue: str, rate: float) -> dict[str, Any]:
    data: dict[str, Any] = {
        "venue": venue, "source": "test", "as_of": "2026-11-24", "floor_unit": "quote",
        "columns": ["floor", "maintenance_margin_rate", "max_leverage", "maintenance_amount"],
        "tables": [[[0, rate, 100, 0]]], "contracts": {"linear": {"BTCUSDT": [0, 1]}},
    }  # fmt: skip
    return {**data, "sha256": tiers.digest(data)}


def test_tier_files_are_used_where_they_are_as_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RINGFENCE_DATA", str(tmp_path))
    lookup.forget()
    (tmp_path / "binance.json").write_text(json.dumps(fetched("binance", 0.02)))
    (tmp_path / "bad.json").write_text(json.dumps(fetched("okx", 0.02) | {"source": "changed"}))
    (tmp_path / "worse.json").write_text("[1")
    book = Book("Risk")
    try:
        run(scripts.refresh_tiers, book)
        price = ringfence.liquidation_price(
            venue="binance", symbol="BTCUSDT", side="long", size=1, entry_price=1000, leverage=10
        )
        assert price == pytest.approx(900 / 0.98)
        rows = book.sheets["Tiers"].rows()
        assert rows[0][0] == "Ringfence: 1 of 3 tier files are in use until Excel is closed"
        assert rows[2] == list(tier_files.HEAD)
        assert rows[4] == [
            "binance.json", "binance", "2026-11-24", 1.0, "in use; recalculate with Ctrl+Alt+F9",
        ]  # fmt: skip
        for row in (rows[3], rows[5]):
            assert row[4] == "left out: not a file of ringfence tiers update"
    finally:
        monkeypatch.undo()
        lookup.forget()


def test_without_tier_files_it_says_what_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RINGFENCE_DATA", str(tmp_path))
    book = Book("Risk")
    run(scripts.refresh_tiers, book)
    line = said(book, "Ringfence")
    assert "cannot be fetched from Excel's browser" in line
    assert "ringfence tiers update VENUE" in line
    assert len(book.sheets["Ringfence"].cells) == 1


# Explain


BTC = {"venue": "binance", "symbol": "BTCUSDT", "side": "long", "size": 50, "entry_price": 60_000}


def explained(book: Book) -> list[list[Any]]:
    run(scripts.explain_this_cell, book)
    return book.sheets["Explain"].rows()


def test_explain_a_formula_with_typed_values_and_cells() -> None:
    book = Book("Own", "It's other")
    own, other = book.sheets
    own.fill("B2", [["long", 50.0]])
    other.fill("AA3", [[60_000.0]])
    text = '=RF_LIQ_PRICE("binance", "BTCUSDT",$B$2,C2,\'It\'\'s other\'!AA3,,2e1, ,"0.5%")'
    for at, before in enumerate(("=RF_", "=_xldudf_RF_", "= RF_", "=_xldudf_XLW_RF_", "=rf_")):
        form = text.replace("=RF_", before)
        own.formula(f"D{at + 4}", form, 57_000.0)
        book.selected = own.range(f"D{at + 4}")
        rows = explained(book)
        its = explain(**BTC, leverage=20, mmr=0.005)
        assert rows[0][0].startswith(f"Ringfence: liquidation price {its.liquidation_price:,.12g}")
        assert rows[2] == [None, *explaining.HEAD[1:]]
        assert [row[1] for row in rows[3:]] == [step.title for step in its.steps]
        found = {row[1]: row[2] for row in rows[3:]}
        assert found["liquidation_price"] == its.liquidation_price
        assert found["so"] == "equal"


def test_explain_a_row_of_the_table_isolated_and_cross() -> None:
    book, positions, _ = workbook()
    columns = list(inputs.COLUMNS)
    rows = [
        BTC | {"leverage": 20.0},
        BTC | {"margin_mode": "cross", "account": "main", "venue": "gate", "symbol": "BTC_USDT"},
    ]
    positions.fill("B7", [[row.get(name) for name in columns] for row in rows])
    accounts = book.sheets.add("Accounts")
    accounts.fill("A1", [["account", "venue", "wallet_balance"], ["main", "gate", 20.0]])
    accounts.tables.append(Table("Accounts", accounts.range("A1:C2")))
    positions.fill("C4", [[46_349.0]])
    book.names.append(Name("as_of", positions.range("C4")))
    book.selected = positions.range("D7")
    found = {row[1]: row[2] for row in explained(book)}
    assert found["liquidation_price"] == explain(**BTC, leverage=20).liquidation_price
    book.selected = positions.range("D8")
    found = {row[1]: row[2] for row in explained(book)}
    assert found["others' requirement"] == 0
    assert found["so"] == "equal"


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("=SUM(A1:A2)", "select a row of the table Positions"),
        ("", "select a row"),
        ("=1+RF_LIQ_PRICE(1)", "select a row"),
        ("=RF_RISK(A1:B2)", "RF_RISK is not about one position"),
        ("=RF_NOTHING(1)", "RF_NOTHING is not about one position"),
        ("=RF_LIQ_PRICE(A1:B2)", "venue: 'A1:B2' is not followed here"),
        ('=RF_LIQ_PRICE("nowhere","X","long",1,1,1)', "venue: 'nowhere' is not on file"),
        ('=RF_LIQ_PRICE("okx","X","long",INDEX(A1:A2,1),1)', "size: 'INDEX(A1:A2,1)' is not"),
        (f"=RF_LIQ_PRICE({',' * 30})", "it takes 15"),
    ],
)
def test_explain_says_what_it_cannot_follow(formula: str, message: str) -> None:
    book, _, paste = workbook()
    paste.formula("A1", formula, 1.0)
    book.selected = paste.range("A1")
    run(scripts.explain_this_cell, book)
    assert message in said(book, "Ringfence")


def test_explain_where_no_cell_is_selected_or_the_row_is_blank() -> None:
    book, positions, _ = workbook()
    run(scripts.explain_this_cell, book)
    assert "select a row" in said(book, "Ringfence")
    book.selected = positions.range("B8")
    run(scripts.explain_this_cell, book)
    assert "blank" in said(book, "Ringfence")


# What the stand-in stands for


def test_every_call_is_one_that_lite_has() -> None:
    """Read in xlwings' own source, which needs a key to be run."""
    spec = find_spec("xlwings")
    assert spec
    assert spec.origin
    source = Path(spec.origin).parent / "pro" / "_xlremote.py"
    found = set()
    for its in ast.parse(source.read_text("utf-8")).body:
        if not isinstance(its, ast.ClassDef):
            continue
        for member in its.body:
            if not isinstance(member, (ast.FunctionDef, ast.AsyncFunctionDef)):
                continue
            body = [line for line in member.body if not isinstance(line, ast.Expr)]
            if body and isinstance(body[0], ast.Raise):
                continue  # this engine refuses it
            setter = any(ast.unparse(d).endswith(".setter") for d in member.decorator_list)
            found.add((its.name, f"{member.name}.setter" if setter else member.name))
    assert {*CALLS} - found == set()


def test_each_takes_one_async_book_as_lite_wants_it() -> None:
    for name in scripts.__all__:
        script = getattr(scripts, name)
        assert inspect.iscoroutinefunction(script)
        (book,) = inspect.signature(script).parameters.values()
        assert book.annotation is xw.BookAsync


def test_examples() -> None:
    assert doctest.testmod(explaining) == (0, 1)
