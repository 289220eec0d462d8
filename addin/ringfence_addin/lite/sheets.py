"""A workbook through xlwings' async API, as far as the scripts need it.

Values are read on demand (``await``), writes are queued by xlwings and land when the script ends.
Excel reads a text that it is given as if it were typed (``60,000`` becomes a number, ``=1+1`` a
formula), so every text is written behind an apostrophe, which Excel takes off.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import Any, Final

import xlwings as xw

from ringfence.errors import RingfenceError
from ringfence_addin.cells import SERIAL_EPOCH

_OURS: Final = "Ringfence: "  # the first cell of a sheet of ours begins so
_MARGIN: Final = 12.0  # points a column is wider than its text
_POINTS: Final = 5.5  # a letter's width
_WIDEST: Final = 420.0
_SECONDS_A_DAY: Final = 86_400


class ScriptProblem(RingfenceError):  # noqa: N818 - it reads as the message does
    """A script cannot do what it was asked; the message is one line that says what to change."""


def cell(value: Any) -> Any:
    """A value as it is written: texts stay texts, days and times are serial numbers."""
    if isinstance(value, str):
        return f"'{value}" if value else ""
    if isinstance(value, datetime):
        passed = value - datetime.combine(SERIAL_EPOCH, time())
        return passed.days + passed.seconds / _SECONDS_A_DAY
    if isinstance(value, date):
        return (value - SERIAL_EPOCH).days
    return value


async def values_of(area: xw.Range) -> list[list[Any]]:
    """The values of a range as rows; error cells as their text."""
    rows: list[list[Any]] = await area.options(ndim=2, err_to_str=True).get_value()
    return rows


def tables(book: xw.Book) -> Iterator[tuple[xw.Sheet, Any]]:
    """Every table of the workbook and its sheet."""
    for sheet in book.sheets:
        for table in sheet.tables:
            yield sheet, table


def find_table(book: xw.Book, name: str) -> tuple[xw.Sheet, Any] | None:
    """The table ``name`` and its sheet; None where the workbook has none."""
    return next((found for found in tables(book) if found[1].name == name), None)


async def used_values(sheet: xw.Sheet) -> list[list[Any]]:
    """What a sheet holds; no rows where it is empty."""
    used = await sheet.get_used_range(values_only=True)
    return [] if used is None else await values_of(used)


def is_ours(values: Sequence[Sequence[Any]]) -> bool:
    """Whether what begins in a sheet's first cell is one of our own reports."""
    return str(values[0][0] or "").startswith(_OURS)


async def put(book: xw.Book, name: str, line: str, rows: Sequence[Sequence[Any]]) -> None:
    """A sheet of ours: one line, then rows of one width. A sheet that is not ours is left alone.

    Raises ScriptProblem where somebody else's sheet has that name.
    """
    found = next((its for its in book.sheets if its.name.casefold() == name.casefold()), None)
    if found is None:
        sheet = book.sheets.add(name, after=book.sheets[-1])
    else:
        if not is_ours(await values_of(found.range((1, 1)))):
            raise ScriptProblem(
                f"the sheet {name} is not Ringfence's; rename it and run this again"
            )
        sheet = found
        sheet.clear_contents()
    sheet.range((1, 1)).value = cell(_OURS + line)
    if rows:
        width = len(rows[0])
        area = sheet.range((3, 1), (2 + len(rows), width))
        area.value = [[cell(value) for value in row] for row in rows]
        sheet.range((3, 1), (3, width)).font.bold = True
        for at in range(width):
            longest = max(len(str(row[at])) for row in rows)
            points = min(longest * _POINTS + _MARGIN, _WIDEST)
            sheet.range((3, at + 1), (2 + len(rows), at + 1)).column_width = points
    sheet.activate()
