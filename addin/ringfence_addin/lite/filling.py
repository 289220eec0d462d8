"""CSV that somebody pasted, or put on Lite's drive, into the workbook's table of positions."""

import csv
import io
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import xlwings as xw

from ringfence import inputs
from ringfence.errors import InputError
from ringfence_addin import readers
from ringfence_addin.lite import sheets
from ringfence_addin.lite.sheets import ScriptProblem

DRIVE: Final = Path("/data")  # Lite's own folder, filled by drag and drop
POSITIONS: Final = "Positions"  # the table of our workbooks
_FILES: Final = (".csv", ".json", ".jsonl", ".xlsx")
_UNSURE: Final = " ?"  # behind a value that cannot be trusted: no formula takes it for a number


@dataclass(frozen=True, slots=True)
class Filling:
    """The rows of a table as cells, and what is wrong with which of them."""

    columns: tuple[str, ...]  # of the position, in the order they were found
    rows: list[list[Any]]
    problems: dict[int, str]  # row number, from 0


async def fill(book: xw.Book, drive: Path = DRIVE) -> str:
    """Fill the table of positions from the active sheet; the line that says what was done.

    The sheet holds the CSV as lines, or its columns, or in A1 the name of a file on the drive.
    Raises ScriptProblem, or what the reader raises.
    """
    source = book.sheets.active
    target = sheets.find_table(book, POSITIONS)
    if target is None:
        raise ScriptProblem(f"no table {POSITIONS} here; start from a workbook of ringfence fill")
    if target[0].name == source.name:
        raise ScriptProblem(f"put the CSV on another sheet than that of the table {POSITIONS}")
    grid = await sheets.used_values(source)
    filling = read(grid, drive)
    if not filling.rows:
        raise ScriptProblem("there is a header row and no row below it")
    await _write(target[0], target[1], filling)
    bad = len(filling.problems)
    line = f"{len(filling.rows)} rows from {source.name} into {POSITIONS}, {bad} with a problem"
    report = [[at + 1, text] for at, text in sorted(filling.problems.items())]
    await sheets.put(book, "Import", line, [["row", "problem"], *report] if report else [])
    return line


def read(grid: Sequence[Sequence[Any]], drive: Path = DRIVE) -> Filling:
    """The positions in the cells of a sheet. Raises ScriptProblem or FileProblem."""
    first = str(grid[0][0] or "").strip() if grid else ""
    if not first:
        raise ScriptProblem(
            "the active sheet has no CSV in its first cell; paste it there, or type the name of a"
            f" file in {drive}"
        )
    if Path(first).suffix.lower() in _FILES:
        return _typed(readers.read_table(drive / Path(first).name))
    with tempfile.TemporaryDirectory() as folder:
        pasted = Path(folder) / "pasted.csv"
        pasted.write_text(_as_csv(grid), encoding="utf-8", newline="")
        return _typed(readers.read_table(pasted))


def _as_csv(grid: Sequence[Sequence[Any]]) -> str:
    """The text of pasted lines; columns that Excel has split already, joined again."""
    if all(inputs.is_blank(value) for row in grid for value in row[1:]):
        return "\n".join(str(row[0]) for row in grid if not inputs.is_blank(row[0]))
    out = io.StringIO()
    csv.writer(out).writerows(
        ["" if inputs.is_blank(value) else value for value in row] for row in grid
    )
    return out.getvalue()


def _typed(table: readers.PositionTable) -> Filling:
    """The columns of a position among those of a file; numbers and days as such."""
    names = [inputs.column_name(name) for name in table.frame.columns]
    known = [name for name in dict.fromkeys(names) if name in inputs.COLUMNS]
    problems = dict(table.problems)
    for name in known:
        if names.count(name) > 1:
            raise ScriptProblem(f"{name}: the header has this column more than once")
    texts = table.frame.iloc[:, [names.index(name) for name in known]].values.tolist()
    rows = []
    for at, line in enumerate(texts):
        row: list[Any] = []
        for name, value in zip(known, line, strict=True):
            try:
                row.append(_cell(name, value))
            except InputError as error:
                problems.setdefault(at, str(error))
                row.append(str(value).strip())
        if at in table.problems:  # what stands in which column is not sure
            row = [
                f"{value}{_UNSURE}" if name in inputs.NUMBERS and value is not None else value
                for name, value in zip(known, row, strict=True)
            ]
        rows.append(row)
    return Filling(tuple(known), rows, problems)


def _cell(name: str, value: Any) -> Any:
    """One value as its cell holds it. Raises InputError where it has no one reading."""
    if inputs.is_blank(value):
        return None
    if name in inputs.NUMBERS:
        return inputs.parse_number(inputs.NUMBERS[name], value)
    if name == "as_of":
        return inputs.parse_date(value)
    return inputs.parse_text(value)


async def _write(sheet: xw.Sheet, table: Any, filling: Filling) -> None:
    """The rows into the table's own columns; those it computes itself are left alone."""
    body, head = table.data_body_range, table.header_row_range
    names = [inputs.column_name(name) for name in (await sheets.values_of(head))[0]]
    missing = [
        name
        for at, name in enumerate(filling.columns)
        if name not in names and any(row[at] is not None for row in filling.rows)
    ]
    if missing:
        raise ScriptProblem(f"the table {POSITIONS} has no column {', '.join(missing)}")
    top, left = head.row + 1, head.column
    places: Mapping[str, int] = {
        name: left + at for at, name in enumerate(names) if name in inputs.COLUMNS
    }
    room = 0 if body is None else body.shape[0]
    if len(filling.rows) > room:
        raise ScriptProblem(f"{len(filling.rows)} rows do not fit: {POSITIONS} has {room}")
    held = [] if body is None else await sheets.values_of(body)
    if any(not inputs.is_blank(row[at - left]) for row in held for at in places.values()):
        raise ScriptProblem(f"the table {POSITIONS} holds positions; clear them, then fill it")
    for at, name in enumerate(filling.columns):
        if name not in places:
            continue
        column = sheet.range((top, places[name]), (top + len(filling.rows) - 1, places[name]))
        column.value = [[sheets.cell(row[at])] for row in filling.rows]
