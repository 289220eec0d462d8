"""Workbooks in a real LibreOffice: what a file stores beside what Calc computes."""

import math
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
from openpyxl.utils import get_column_letter

from ringfence_addin.office.session import Document, Office
from ringfence_templates import fill
from ringfence_templates.__main__ import SAMPLE_DAY
from templates.stored import accounts_of, in_area

TOLERANCE = 1e-9
DAY = float((SAMPLE_DAY - date(1899, 12, 30)).days)  # the samples' day as a cell holds it

Cells = dict[tuple[str, str], Any]
Changes = Mapping[int, Mapping[str, Any]]  # row from 1 -> column -> what is typed


def built(name: str, positions: pd.DataFrame, path: Path, **options: Any) -> Path:
    """The template filled, with the rules of the samples' day: stored values do not age."""
    given = {"filled_on": SAMPLE_DAY, "as_of": SAMPLE_DAY, "accounts": accounts_of(name)}
    fill(name, positions, path, **{**given, **options})
    return path


def changed(frame: pd.DataFrame, changes: Changes) -> pd.DataFrame:
    """The same as typed; a row behind the last is a new one."""
    after = frame.astype(object)
    for row, cells in changes.items():
        for name, value in cells.items():
            after.loc[row - 1, name] = value
    return after


def stored_values(path: Path) -> Cells:
    """Sheet and address of every formula cell, and the value the file gives it."""
    formulas, values = openpyxl.load_workbook(path), openpyxl.load_workbook(path, data_only=True)
    found: Cells = {}
    for sheet, cell in _formula_cells(formulas):
        for at in in_area(getattr(cell.value, "ref", None) or cell.coordinate):
            found[sheet, at] = _plain(values[sheet][at].value)
    return found


def _formula_cells(book: Any) -> Iterator[tuple[str, Any]]:
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    yield sheet.title, cell


def _plain(value: Any) -> Any:
    if value is None:
        return ""
    if hasattr(value, "toordinal"):
        return float((pd.Timestamp(value) - pd.Timestamp(1899, 12, 30)).days)
    return float(value) if isinstance(value, int) else value


def calculated(document: Document, cells: Cells) -> Cells:
    """The same cells as LibreOffice calculates them."""
    document.recalculate_hard()
    shown = {}
    for sheet in {sheet for sheet, _ in cells}:
        for y, row in enumerate(document.values(sheet), 1):
            for x, value in enumerate(row, 1):
                shown[sheet, f"{get_column_letter(x)}{y}"] = value
    return {at: shown.get(at, "") for at in cells}


def wrong_in(office: Office, path: Path) -> list[str]:
    """What Calc computes otherwise than the file says, as it is opened."""
    stored = stored_values(path)
    with office.open(path) as document:
        return differences(stored, calculated(document, stored))


def put(
    document: Document, sheet: str, letters: Mapping[str, str], head: int, changes: Changes
) -> None:
    """Type into rows of a table below the row ``head``; a text stays one."""
    for row, cells in changes.items():
        for name, value in cells.items():
            document.fill(sheet, f"{letters[name]}{head + row}", [[value]])


def differences(expected: Cells, found: Cells) -> list[str]:
    return [
        f"{sheet}!{at}: {expected[sheet, at]!r} in Python, {found[sheet, at]!r} in Calc"
        for sheet, at in expected
        if not same(expected[sheet, at], found[sheet, at])
    ]


def same(expected: Any, found: Any) -> bool:
    if isinstance(found, dict):
        found = found["error"]
    if isinstance(expected, float) and isinstance(found, float):
        return math.isclose(expected, found, rel_tol=TOLERANCE, abs_tol=1e-12)
    return expected == (found if found is not None else "")
