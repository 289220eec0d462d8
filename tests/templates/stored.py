"""Workbooks filled from the samples, and what their files hold, part by part."""

import zipfile
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import openpyxl
import pandas as pd
from openpyxl.utils.cell import get_column_letter, range_boundaries
from openpyxl.workbook import Workbook

from ringfence_templates import fill
from ringfence_templates.__main__ import SAMPLE_DAY, SAMPLES, sample

FOLDER = Path(__file__).parents[2] / "templates"
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"

HOSTILE = [
    "=cmd|'/C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "#N/A", "=HYPERLINK(\"x\")",
    "\x07bell", "x" * 40_000, "<v>1</v>", "'quoted", "*", 'say "no"',
]  # fmt: skip


def hostile_positions() -> pd.DataFrame:
    """A row for each hostile text, in every column that takes one."""
    return pd.DataFrame(
        [
            {"venue": "binance", "symbol": text, "account": text, "side": text, "size": -1,
             "entry_price": text, "leverage": 5, "contract_type": text}
            for text in HOSTILE
        ]
    )  # fmt: skip


def sample_of(name: str) -> pd.DataFrame:
    """The positions that a template ships with."""
    return sample(SAMPLES[name].positions)


def accounts_of(name: str) -> pd.DataFrame | None:
    held = SAMPLES[name].accounts
    return sample(held) if held else None


def built(name: str, folder: Path, positions: pd.DataFrame | None = None, **options: Any) -> Path:
    """The template filled on the samples' day with ``positions``, else with its sample."""
    path = folder / "book.xlsx"
    given = {"accounts": accounts_of(name), "filled_on": SAMPLE_DAY, **options}
    fill(name, sample_of(name) if positions is None else positions, path, **given)
    return path


def parts(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def cells(path: Path) -> Iterator[tuple[str, ET.Element]]:
    """Each cell element of each sheet, with the sheet's name."""
    content = parts(path)
    for number, name in enumerate(load(path).sheetnames, 1):
        for cell in ET.fromstring(content[f"xl/worksheets/sheet{number}.xml"]).iter(f"{MAIN}c"):
            yield name, cell


def formulas(path: Path) -> Iterator[tuple[str, ET.Element, str]]:
    """Each cell that holds a formula, and its text."""
    for sheet, cell in cells(path):
        formula = cell.find(f"{MAIN}f")
        if formula is not None:
            yield sheet, cell, formula.text or ""


def in_area(area: str) -> Iterator[str]:
    """The addresses of a block of cells."""
    left, top, right, bottom = range_boundaries(area)
    for column, row in product(range(left, right + 1), range(top, bottom + 1)):
        yield f"{get_column_letter(column)}{row}"


def load(path: Path, **options: bool) -> Workbook:
    return openpyxl.load_workbook(path, **options)
