"""Figures of converted formulas by the real LibreOffice: the same before and after."""

from collections.abc import Iterable
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from addin.packages import of_rows, unpacked
from ringfence_addin.functions import RF_LIQ_PRICE
from ringfence_addin.office.session import Office
from ringfence_addin.workbook.convert import convert
from ringfence_addin.workbook.parts import Package, cells, read_package, sheet_parts, write_package
from ringfence_addin.workbook.refresh import formula_cells, refresh
from ringfence_templates.hosts import Host, stored

SIZES = (-10, 20, -30)  # in A1:A3, also named sizes
PRICE = 'RF_LIQ_PRICE("binance","BTCUSDT","long",{},60000,,20)'
NOTHING = "+0*" + PRICE.format(1)
METADATA = {"xl/metadata.xml": unpacked("lite")["xl/metadata.xml"]}
NAMES = {
    "xl/workbook.xml": unpacked("plain")["xl/workbook.xml"].replace(
        b"</definedNames>",
        b'<definedName name="sizes">Sheet1!$A$1:$A$3</definedName></definedNames>',
    )
}


def price(size: float) -> float:
    found = RF_LIQ_PRICE("binance", "BTCUSDT", "long", size, 60_000, None, 20)
    assert isinstance(found, float)
    return found


def book(path: Path, formulas: Iterable[str]) -> Package:
    """The sizes in A; in row 2, from column B on, the cells given with @ for their address."""
    row = "".join(its.replace("@", f"{chr(ord('B') + at)}2") for at, its in enumerate(formulas))
    first, second, third = (f'<c r="A{at}"><v>{v}</v></c>' for at, v in enumerate(SIZES, 1))
    rows = f'<row r="1">{first}</row><row r="2">{second}{row}</row><row r="3">{third}</row>'
    return read_package(of_rows(path, rows, **METADATA, **NAMES))


def figures(office: Office, package: Package, path: Path) -> list[float]:
    """What LibreOffice computes for the formulas, in their order."""
    write_package(package, path)
    again = read_package(path)
    with office.open(path) as document:
        done = refresh(again, formula_cells(again), document)
    assert done.kept == {}
    xml = again.parts[sheet_parts(again)["Sheet1"]]
    return [float(its.value or "nan") for its in cells(xml) if its.formula]


# Formula -> its figure in an array, and in a plain cell of row 2, which takes A2 out of A1:A3.
BOTH = {
    "A1:A3+0" + NOTHING: (-10.0, 20.0),
    "SUM(A1:A3*2)" + NOTHING: (-40.0, 40.0),
    "SUM(ABS(A1:A3))" + NOTHING: (60.0, 20.0),
    "SUM(IF(ISNUMBER(A1:A3),1,0))" + NOTHING: (3.0, 1.0),
    "SUM(sizes*2)" + NOTHING: (-40.0, 40.0),
    "SUM(-sizes)" + NOTHING: (20.0, -20.0),
    "SUM(ROUND(A1:A3,0))" + NOTHING: (-20.0, 20.0),
    "SUM(LEN(A1:A3))" + NOTHING: (8.0, 2.0),
    PRICE.format("SUM(ABS(A1:A3))"): (price(60), price(20)),
    PRICE.format("MAX(A1:A3)"): (price(20), price(20)),
    "SUMPRODUCT(A1:A3*2)" + NOTHING: (-40.0, -40.0),
    'SUMIFS(A1:A3,A1:A3,"<0")' + NOTHING: (-40.0, -40.0),
}


@pytest.mark.parametrize("after", [Host.CLASSIC, Host.CALC])
@pytest.mark.parametrize("arrays", [True, False])
def test_figures_stay(office: Office, tmp_path: Path, after: Host, arrays: bool) -> None:
    """From dynamic arrays of Lite to the other and back; and from plain cells to Lite and back."""
    first, then = (Host.LITE, after) if arrays else (after, Host.LITE)
    tags = ' cm="1"><f t="array" ref="@">' if arrays else "><f>"
    its = book(
        tmp_path / "book.xlsx",
        (f'<c r="@"{tags}{escape(stored(formula, first))}</f></c>' for formula in BOTH),
    )
    wanted = pytest.approx([figure[0 if arrays else 1] for figure in BOTH.values()])
    sheet = sheet_parts(its)["Sheet1"]
    before = its.parts[sheet]
    assert figures(office, its, tmp_path / "before.xlsx") == wanted
    assert sum(convert(its, then).formulas.values()) == len(BOTH)
    assert figures(office, its, tmp_path / "after.xlsx") == wanted
    convert(its, first)
    assert its.parts[sheet] == before
