"""What holds for each template: what ships, what a file stores, what a host gets."""

import re
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from ringfence.errors import InputError
from ringfence_templates import TEMPLATES, fill
from ringfence_templates.__main__ import build_shipped
from ringfence_templates.hosts import LITE_PREFIX, Host
from templates.stored import (
    FOLDER,
    MAIN,
    accounts_of,
    built,
    cells,
    formulas,
    in_area,
    load,
    parts,
    sample_of,
)

# All of them in Excel since 2010 and in LibreOffice, and none that Excel stores with a prefix.
FUNCTIONS = frozenset(
    {
        "ABS", "AND", "COUNT", "COUNTA", "COUNTIF", "COUNTIFS", "ERROR.TYPE", "EXP", "FIND",
        "FIXED", "IF", "IFERROR", "INDEX", "INT", "ISERROR", "ISNUMBER", "LEFT", "LEN", "LN",
        "LOWER", "MATCH", "MAX", "MID", "MIN", "N", "NA", "NOT", "OR", "ROUND", "ROW", "ROWS",
        "SMALL", "SQRT", "SUBSTITUTE", "SUM", "SUMIFS", "SUMPRODUCT", "TRIM", "UPPER",
    }
)  # fmt: skip
# What each calls, and the fewest formula cells that it has
CALLS = {
    "isolated_book": (
        {"RISK", "LIQ_PRICE", "LIQ_DISTANCE", "MARGIN_RATIO", "MAINT_MARGIN", "INIT_MARGIN",
         "BANKRUPTCY_PRICE"},
        1500,
    ),
    "mixed_book": ({"ACCOUNTS", "EXPOSURE", "JOINT_SHOCK", "RISK"}, 3000),
    "position_sizer": (
        {"RISK", "VENUE_LIQ_PRICE", "LIQ_PRICE", "TOUCH_PROB", "MAX_SIZE", "STOP_CHECK",
         "COMPARE_MODES", "LIQ_PATH", "AUTO_ADD", "FUNDING_DAYS", "TOP_UP", "WITHDRAWABLE"},
        800,
    ),
    "event_risk": (
        {"RISK", "EXPOSURE", "STRESS", "STRESS_ROWS", "JOINT_SHOCK", "HEAT_MAP"}, 4000,
    ),
    "venue_compare": ({"RISK", "MAINT_MARGIN", "TOP_UP", "TIERS"}, 2500),
}  # fmt: skip
of_each = pytest.mark.parametrize("name", TEMPLATES)
for_each_host = pytest.mark.parametrize("host", list(Host))


def unquoted(formula: str) -> str:
    return re.sub(r'"[^"]*"', '""', formula)


# What ships


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {path.stem: path for path in build_shipped(tmp_path_factory.mktemp("rebuilt"))}


def test_every_template_ships() -> None:
    assert {path.stem for path in FOLDER.glob("*.xlsx")} == set(TEMPLATES) == set(CALLS)


@of_each
def test_the_shipped_file_is_what_the_package_builds(name: str, rebuilt: dict[str, Path]) -> None:
    ours, theirs = parts(rebuilt[name]), parts(FOLDER / f"{name}.xlsx")
    assert list(ours) == list(theirs)
    changed = [
        part for part in ours if ET.canonicalize(ours[part]) != ET.canonicalize(theirs[part])
    ]
    assert changed == [], "run make templates"


@of_each
def test_nothing_in_it_tells_the_clock_or_the_machine(name: str) -> None:
    path = FOLDER / f"{name}.xlsx"
    with zipfile.ZipFile(path) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    core = parts(path)["docProps/core.xml"]
    assert set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", core)) == {"2026-11-23T00:00:00Z"}
    root = str(FOLDER.parent)
    assert not [part for part, text in parts(path).items() if root in text or "/home" in text]


@of_each
def test_the_same_positions_give_the_same_bytes(name: str, tmp_path: Path) -> None:
    first = built(name, tmp_path).read_bytes()
    assert built(name, tmp_path).read_bytes() == first


# Formulas and their values


@for_each_host
@of_each
def test_every_formula_cell_carries_its_value(name: str, tmp_path: Path, host: Host) -> None:
    path = built(name, tmp_path, host=host)
    valued = {
        (sheet, cell.get("r")) for sheet, cell in cells(path) if cell.find(f"{MAIN}v") is not None
    }
    seen = 0
    for sheet, cell, _ in formulas(path):
        formula = cell.find(f"{MAIN}f")
        assert formula is not None
        for at in in_area(formula.get("ref") or str(cell.get("r"))):
            assert (sheet, at) in valued
            seen += 1
    assert seen > CALLS[name][1]


@for_each_host
@of_each
def test_each_host_gets_its_stored_form(name: str, tmp_path: Path, host: Host) -> None:
    path = built(name, tmp_path, host=host)
    prefix = LITE_PREFIX if host is Host.LITE else ""
    texts = [unquoted(text) for *_, text in formulas(path)]
    called = {its for text in texts for its in re.findall(r"\w*RF_[A-Z_]+(?=\()", text)}
    assert called == {f"{prefix}RF_{its}" for its in CALLS[name][0]}
    dynamic = {(sheet, cell.get("r")) for sheet, cell in cells(path) if cell.get("cm") == "1"}
    expected = {(s, c.get("r")) for s, c, text in formulas(path) if f"{LITE_PREFIX}RF_" in text}
    assert dynamic == expected
    assert ("xl/metadata.xml" in parts(path)) == bool(dynamic) == (host is Host.LITE)


@of_each
def test_formulas_use_what_both_excel_and_calc_know(name: str, tmp_path: Path) -> None:
    for sheet, cell, text in formulas(built(name, tmp_path, host="calc")):
        bare = unquoted(text)
        names = set(re.findall(r"([A-Za-z_.]+)\(", bare))
        assert {its for its in names if not its.startswith("RF_")} <= FUNCTIONS
        assert "@" not in bare, (sheet, cell.get("r"))
        assert "#REF" not in bare
        assert len(text) < 8192  # as much as Excel takes, in all and between quotes
        assert all(len(quoted) <= 257 for quoted in re.findall(r'"[^"]*"', text))


@of_each
def test_no_figure_is_an_error(name: str, tmp_path: Path) -> None:
    for sheet in load(built(name, tmp_path), data_only=True):
        for row in sheet.iter_rows():
            assert not [cell.coordinate for cell in row if cell.data_type == "e"]


# Paper


@of_each
@pytest.mark.parametrize("rows", [1, 120])
def test_print_set_up_holds_for_any_number_of_rows(name: str, rows: int, tmp_path: Path) -> None:
    its = sample_of(name)
    its = its.loc[[at % len(its) for at in range(rows)]].reset_index(drop=True)
    for sheet in load(built(name, tmp_path, its)):
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.page_setup.fitToWidth == 1
        assert bool(sheet.print_area) == (sheet.title != "Calc")  # LibreOffice prints no other
        assert "&P" in sheet.oddFooter.center.text
        assert "&N" in sheet.oddFooter.center.text


# Wrong use


@of_each
def test_wrong_use_is_refused_and_the_old_file_kept(name: str, tmp_path: Path) -> None:
    path = built(name, tmp_path)
    before = path.read_bytes()
    given: dict[str, Any] = {"accounts": accounts_of(name)}
    with pytest.raises(InputError, match="lite, classic, calc"):
        fill(name, sample_of(name), path, host="excel", **given)
    with pytest.raises(OSError, match="No such file"):
        fill(name, sample_of(name), tmp_path / "nowhere" / "book.xlsx", **given)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["book.xlsx"]


def test_a_template_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'cross_book' is not one of isolated_book, "):
        fill("cross_book", sample_of("isolated_book"), tmp_path / "book.xlsx")
