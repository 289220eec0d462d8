"""`ringfence refresh` by the real LibreOffice: values are new, everything else is as it was."""

import re
import zipfile
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from calc.compare import built, changed, differences, stored_values
from ringfence_addin.cli import main
from ringfence_addin.functions import RF_LIQ_PRICE
from ringfence_addin.office.find import Installation
from ringfence_addin.office.session import Office
from ringfence_addin.workbook.parts import (
    Edit,
    Package,
    cells,
    read_package,
    sheet_parts,
    splice,
    value_edits,
    write_package,
)
from ringfence_addin.workbook.refresh import At, formula_cells, refresh
from ringfence_templates.isolated_book.positions import SHEET
from ringfence_templates.positions_sheet import HEAD
from templates.stored import in_area, sample_of

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
CALL = '("binance","BTCUSDT","long",50,60000,,20)'
PRICE = RF_LIQ_PRICE("binance", "BTCUSDT", "long", 50, 60_000, None, 20)


def add_sheet(package: Package, name: str, rows: str) -> None:
    """A sheet of the user's own, put before all others."""
    part = f"xl/worksheets/own{len(package.parts)}.xml"
    package.parts[part] = (
        f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'.encode()
    )
    for its, mark, added in (
        ("[Content_Types].xml", "</Types>",
         f'<Override PartName="/{part}" ContentType="{SHEET_TYPE}"/>'),
        ("xl/_rels/workbook.xml.rels", "</Relationships>",
         f'<Relationship Id="{part[-9:-4]}" Type="{RELATIONS}/worksheet" Target="/{part}"/>'),
    ):  # fmt: skip
        package.parts[its] = package.parts[its].replace(mark.encode(), (added + mark).encode())
    sheets = f'<sheet xmlns:r="{RELATIONS}" name="{name}" sheetId="99" r:id="{part[-9:-4]}"/>'
    book = package.parts["xl/workbook.xml"]
    package.parts["xl/workbook.xml"] = re.sub(rb"<sheets>", f"<sheets>{sheets}".encode(), book)


def last_sheet_first(package: Package) -> None:
    """Another order of the sheets; what names them by their place is told."""
    book = package.parts["xl/workbook.xml"].decode()
    sheets = re.findall(r"<sheet [^>]*/>", book)
    last = len(sheets) - 1
    order = "".join([sheets[-1], *sheets[:-1]])
    book = book.replace("".join(sheets), order)

    def moved(found: re.Match[str]) -> str:
        return f'localSheetId="{(int(found[1]) + 1) % (last + 1)}"'

    package.parts["xl/workbook.xml"] = re.sub(r'localSheetId="(\d+)"', moved, book).encode()


def type_in(package: Package, sheet: str, values: dict[str, Any]) -> None:
    """What a user types into cells that are there."""
    part = sheet_parts(package)[sheet]
    xml = package.parts[part]
    edits: list[list[Edit]] = []
    left = dict(values)
    for cell in cells(xml):
        if cell.address in left:
            edits.append(value_edits(xml, cell, left.pop(cell.address)))
    assert not left, f"no such cells: {left}"
    package.parts[part] = splice(xml, chain.from_iterable(edits))


def without_values(xml: bytes) -> bytes:
    """A sheet without what refresh may change: type and value of formulas and of arrays' cells."""
    found = list(cells(xml))
    refs = [cell.formula.attributes.get("ref", cell.address) for cell in found if cell.formula]
    computed = {cell.address for cell in found if cell.formula} | set(chain(*map(in_area, refs)))
    edits = []
    for cell in found:
        if cell.address in computed:
            tag = re.sub(rb'\s+t="[^"]*"', b"", xml[slice(*cell.tag)])
            edits.append(Edit(*cell.tag, tag))
            if cell.value_span:
                edits.append(Edit(*cell.value_span, b""))
    return splice(xml, edits)


def check_only_values_differ(before: Path, after: Path) -> None:
    """The parts, their order and their bytes are the same, but for the values of formulas."""
    with zipfile.ZipFile(before) as old, zipfile.ZipFile(after) as new:
        assert old.namelist() == new.namelist()
        for name in old.namelist():
            was, now = old.read(name), new.read(name)
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                was, now = without_values(was), without_values(now)
            assert was == now, name


def address(name: str, row: int) -> str:
    return f"{SHEET.letter[name]}{HEAD + row}"


@pytest.mark.parametrize("host", ["lite", "calc"])
def test_a_template_as_a_user_left_it(
    installation: Installation, tmp_path: Path, host: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sample_of("isolated_book")
    changes: dict[int, dict[str, Any]] = {
        1: {"mark_price": 90_000.0},  # liquidated
        5: {"symbol": "NOSUCHUSDT"},  # an error
        7: {"isolated_margin": 0.3},
        13: {"mark_price": 99_000.5, "side": "short"},
        len(before) + 1: {
            "venue": "okx", "symbol": "BTC-USDT-SWAP", "side": "short", "contract_type": "linear",
            "size": 42.0, "entry_price": 100_500.0, "mark_price": 101_000.0, "leverage": 7.0,
        },
    }  # fmt: skip
    book = built("isolated_book", before, tmp_path / "book.xlsx", host=host)
    package = read_package(book)
    for row, its in changes.items():
        type_in(package, "Positions", {address(name, row): v for name, v in its.items()})
    last_sheet_first(package)
    risk = f"Positions!{address('mark_price', 1)}"
    add_sheet(
        package,
        "My notes",
        '<row r="1"><c r="A1" t="inlineStr"><is><t>my own</t></is></c></row>'
        f'<row r="2"><c r="A2"><f>{risk}*2</f><v>1</v></c><c r="B2"><f>A2&gt;0</f></c></row>',
    )
    write_package(package, book)
    given = book.read_bytes()

    assert main(["refresh", str(book), "-o", str(tmp_path / "out.xlsx")]) == 0, capsys.readouterr()
    assert book.read_bytes() == given
    check_only_values_differ(book, tmp_path / "out.xlsx")

    after = changed(before, changes)
    spare = {"spare_rows": 19}
    expected = stored_values(
        built("isolated_book", after, tmp_path / "after.xlsx", host=host, **spare)
    )
    found = stored_values(tmp_path / "out.xlsx")
    assert found.pop(("My notes", "A2")) == 180_000.0
    assert found.pop(("My notes", "B2")) == 1.0
    assert differences(expected, found) == []
    assert expected.keys() == found.keys()
    stale = stored_values(book)
    assert sum(stale[at] != found[at] for at in found) > 50


@pytest.mark.parametrize("name", ["event_risk", "mixed_book", "position_sizer"])
def test_stale_values_of_a_template_are_computed_again(
    office: Office, tmp_path: Path, name: str
) -> None:
    """Every stored value is another one, of another type, and is put right."""
    book = built(name, sample_of(name), tmp_path / "book.xlsx", host="lite")
    package = read_package(book)
    for part in sheet_parts(package).values():
        xml = package.parts[part]
        wrong = (
            value_edits(xml, cell, 12.5 if cell.attributes.get("t") == "str" else "stale")
            for cell in cells(xml)
            if cell.formula
        )
        package.parts[part] = splice(xml, chain.from_iterable(wrong))
    write_package(package, tmp_path / "stale.xlsx")
    package = read_package(tmp_path / "stale.xlsx")
    with office.open(tmp_path / "stale.xlsx") as document:
        done = refresh(package, formula_cells(package), document)
    write_package(package, tmp_path / "out.xlsx")
    assert done.kept == {}
    assert done.changed > 500
    assert differences(stored_values(book), stored_values(tmp_path / "out.xlsx")) == []
    check_only_values_differ(book, tmp_path / "out.xlsx")


OWN = """\
<row r="1"><c r="A1"><v>2</v></c><c r="C1"><f t="shared" ref="C1:C3" si="0">A1*2</f><v>1</v></c>
<c r="D1"><f t="array" ref="D1:D3">A1:A3*10</f><v>1</v></c>
<c r="E1" cm="1"><f t="array" ref="E1:E3">A1:A3&amp;"x"</f><v>1</v></c>
<c r="F1" t="b"><f>A1&gt;1</f><v>0</v></c><c r="G1"><f>1/(A1-2)</f><v>5</v></c>
<c r="H1"><f>FOO(A1)</f><v>42</v></c><c r="I1"><f>[1]Other!A1</f><v>7</v></c>
<c r="J1"><f>TODAY()</f><v>1</v></c><c r="K1"><f>RF_LIQ_PRICE@</f><v>1</v></c>
<c r="L1"><f>0.1+0.2</f><v>1</v></c><c r="M1"><f>LAMBDA(x,x+1)(A1)</f><v>3</v></c></row>
<row r="2"><c r="A2"><v>3</v></c><c r="C2"><f t="shared" si="0"/><v>1</v></c><c r="D2"><v>1</v></c>
<c r="E2"><v>1</v></c><c r="F2"><f>A1&gt;1</f></c><c r="G2" t="e"><f>NA()</f><v>#REF!</v></c>
<c r="H2"><f>H1+A1</f><v>1</v></c><c r="I2"><f>I1*2</f><v>1</v></c>
<c r="J2"><f>DATE(2026,1,2)</f><v>1</v></c>
<c r="K2" cm="1"><f t="array" ref="K2">_xldudf_RF_LIQ_PRICE@</f><v>1</v></c>
<c r="L2"><f>A4</f><v>9</v></c><c r="M2"><f>M2+1</f><v>3</v></c></row>
<row r="3"><c r="A3"><v>5</v></c><c r="C3"><f t="shared" si="0"/><v>1</v></c><c r="D3"><v>1</v></c>
<c r="E3"><v>1</v></c><c r="F3"><f>IF(A1&gt;1,"","x")</f><v>1</v></c>
<c r="G3" t="e"><f>"#N"&amp;"/A"</f><v>#N/A</v></c>
<c r="H3"><f>IFERROR(FOO(A1),-1)</f><v>42</v></c>
<c r="J3"><f>A1&amp;"&lt;&amp;"&amp;CHAR(10)&amp;" "</f></c>
<c r="K3"><f>RF_LIQ_PRICE("nowhere","X","long",1,1,1)</f><v>1</v></c><c r="L3"><f>-0/A1</f></c>
<c r="M3"><f>LEFT("abc",-A1)</f><v>8</v></c></row>
<row r="4"><c r="D4" t="str"><f t="array" ref="D4:E4">FOO(A1:B1)</f><v>kept</v></c>
<c r="E4"><v>17</v></c><c r="F4"><f>D4&amp;E4</f></c>
<c r="H4" t="e"><f>FOO(A1)</f><v>#NUM!</v></c></row>
""".replace("@", CALL.replace('"', "&quot;"))


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A workbook with every kind of formula cell on its first sheet."""
    book = tmp_path / "own.xlsx"
    package = read_package(built("isolated_book", sample_of("isolated_book"), book))
    add_sheet(package, "Own", OWN)
    write_package(package, book)
    return book


def own_values(path: Path) -> dict[str, tuple[str, str | None]]:
    """Type and text of each formula's cell of the sheet Own, and of the arrays'."""
    package = read_package(path)
    return {
        cell.address: (cell.attributes.get("t", "n"), cell.value)
        for cell in cells(package.parts[sheet_parts(package)["Own"]])
        if not cell.address.startswith("A")
    }


def test_every_kind_of_formula_cell(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = own.with_name("before.xlsx")
    before.write_bytes(own.read_bytes())
    assert main(["refresh", str(own)]) == 1
    check_only_values_differ(before, own)
    today = str((date.today() - date(1899, 12, 30)).days)
    assert own_values(own) == {
        "C1": ("n", "4"), "C2": ("n", "6"), "C3": ("n", "10"),
        "D1": ("n", "20"), "D2": ("n", "30"), "D3": ("n", "50"),
        "E1": ("str", "2x"), "E2": ("str", "3x"), "E3": ("str", "5x"),
        "F1": ("b", "1"), "F2": ("b", "1"), "F3": ("str", ""),
        "G1": ("e", "#DIV/0!"), "G2": ("e", "#N/A"), "G3": ("str", "#N/A"),
        "H1": ("n", "42"), "H2": ("n", "44"), "H3": ("n", "42"), "H4": ("e", "#NUM!"),
        "I1": ("n", "7"), "I2": ("n", "14"),
        "J1": ("n", today), "J2": ("n", "46024"), "J3": ("str", "2<&\n "),
        "K1": ("n", repr(PRICE)), "K2": ("n", repr(PRICE)), "K3": ("e", "#VALUE!"),
        "L1": ("n", "0.30000000000000004"), "L2": ("n", "0"), "L3": ("n", "0"),
        "M1": ("n", "3"), "M2": ("n", "3"), "M3": ("n", "8"),
        "D4": ("str", "kept"), "E4": ("n", "17"), "F4": ("str", "kept17"),
    }  # fmt: skip
    said = capsys.readouterr().err.splitlines()
    kept = {line.split(": ")[1]: line.split(": ")[-1] for line in said}
    unknown = "it uses a name that LibreOffice does not know"
    assert kept == {
        "Own!H1": unknown, "Own!H3": unknown, "Own!H4": unknown, "Own!D4": unknown,
        "Own!E4": unknown, "Own!M1": kept["Own!M1"], "Own!I1": "it refers to another workbook",
        "Own!M2": "LibreOffice shows Err:522", "Own!M3": "LibreOffice shows Err:502",
    }  # fmt: skip

    again = own.read_bytes()
    assert main(["refresh", str(own)]) == 1
    assert own.read_bytes() == again
    assert " 0 of them have another value" in capsys.readouterr().out


def test_an_array_of_which_one_cell_cannot_be_computed_is_kept_whole(
    office: Office, tmp_path: Path
) -> None:
    book = built("isolated_book", sample_of("isolated_book").head(1), tmp_path / "book.xlsx")
    package = read_package(book)
    add_sheet(
        package,
        "Own",
        '<row r="1"><c r="A1"><v>1</v></c>'
        '<c r="B1"><f t="array" ref="B1:B2">LEFT("abc",2-A1:A2)</f><v>7</v></c>'
        '<c r="C1"><f>SUM(B1:B2)</f></c><c r="D1"><f>C1+1</f><v>2</v></c></row>'
        '<row r="2"><c r="A2"><v>3</v></c><c r="B2"><v>8</v></c></row>'
        '<row r="3"><c r="A3"><f>FOO(1)</f></c><c r="B3"><f>A3+1</f></c></row>',
    )
    write_package(package, book)
    with office.open(book) as document:
        done = refresh(package, formula_cells(package), document)
    write_package(package, book)
    why = "LibreOffice shows Err:502"
    assert done.kept.keys() == {At("Own", its) for its in ("B1", "B2", "A3", "B3")}
    assert done.kept[At("Own", "B2")] == why
    assert own_values(book) == {
        "B1": ("n", "7"),
        "B2": ("n", "8"),
        "C1": ("n", "15"),
        "D1": ("n", "16"),
        "B3": ("n", None),
    }


def test_the_date_system_of_1904(office: Office, own: Path) -> None:
    package = read_package(own)
    book = package.parts["xl/workbook.xml"]
    package.parts["xl/workbook.xml"] = re.sub(
        rb"<workbookPr([^>]*?)(/?)>", rb'<workbookPr\1 date1904="1"\2>', book
    )
    assert package.parts["xl/workbook.xml"] != book
    write_package(package, own)
    with office.open(own) as document:
        done = refresh(package, formula_cells(package), document)
    write_package(package, own)
    assert At("Own", "H1") in done.kept
    assert own_values(own)["J2"] == ("n", str(46024 - 1462))
    assert own_values(own)["J1"] == ("n", str((date.today() - date(1904, 1, 1)).days))


@pytest.mark.parametrize("ref", ["A:A", "nonsense:B2", "A1:XFD1048576"])
def test_an_array_without_sensible_bounds_is_refused(
    tmp_path: Path, ref: str, capsys: pytest.CaptureFixture[str]
) -> None:
    book = built("isolated_book", sample_of("isolated_book").head(1), tmp_path / "book.xlsx")
    package = read_package(book)
    row = f'<row r="1"><c r="A1"><f t="array" ref="{ref}">1</f><v>1</v></c></row>'
    add_sheet(package, "Own", row)
    write_package(package, book)
    given = book.read_bytes()
    assert main(["refresh", str(book)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert book.read_bytes() == given


def test_more_cells_than_are_told_one_by_one(
    installation: Installation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = tmp_path / "book.xlsx"
    package = read_package(built("isolated_book", sample_of("isolated_book").head(1), book))
    row = "".join(
        f'<row r="{n}"><c r="A{n}"><f>FOO({n})</f><v>{n}</v></c></row>' for n in range(1, 31)
    )
    add_sheet(package, "Own", row)
    write_package(package, book)
    assert main(["refresh", str(book)]) == 1
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 11
    assert said[0].startswith("ringfence: Own!A1: keeps its value: ")
    assert said[-1] == "ringfence: and 20 more cells"


def test_what_cannot_be_refreshed_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = built("isolated_book", pd.DataFrame(), tmp_path / "book.xlsx")
    text = tmp_path / "text.xlsx"
    text.write_text("no zip")
    given = book.read_bytes()
    for arguments, message in (
        (["nothing.xlsx"], "nothing.xlsx: No such file"),
        ([str(text)], "text.xlsx: is not an .xlsx workbook"),
        (["book.csv"], "book.csv: refresh takes and writes .xlsx and .xlsm"),
        ([str(book), "-o", "book.pdf"], "book.pdf: refresh takes and writes"),
        ([str(book), "-o", "book.xlsm"], "book.xlsm: must end as book.xlsx does"),
        ([str(book), "--soffice", "/nowhere"], "press F9"),
    ):
        assert main(["refresh", *arguments]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert message in line
    assert book.read_bytes() == given
