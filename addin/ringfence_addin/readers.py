"""Position files to tables: csv, json, jsonl, parquet, xlsx.

A file that cannot be read at all raises FileProblem with one line. A row that cannot be read keeps
its place and gets its reason in ``problems``, so that the good rows are still answered.
"""

import csv
import io
import json
import re
import warnings
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import pandas as pd

from ringfence import inputs
from ringfence.accounts import COLUMNS as ACCOUNT_COLUMNS
from ringfence.accounts import NUMBERS as ACCOUNT_NUMBERS
from ringfence.errors import RingfenceError
from ringfence_addin.workbook.gate import WorkbookProblem, look_through

_MAX_BYTES: Final = 512 * 1024**2  # what one file may hold, unzipped
_MAX_CELLS: Final = 10_000_000  # of one table
_BLANK_ROWS_END: Final = 1_000  # so many blank rows in a sheet end its table
_HEADER_WITHIN: Final = 50  # rows in which a sheet's header row is looked for
_WORKBOOKS: Final = (".xlsx", ".xlsm")  # the macros of the second are not looked at
_ONE_CELL: Final = re.compile(r"\$?[A-Z]{1,3}\$?[0-9]{1,7}")


class FileProblem(RingfenceError):  # noqa: N818 - it reads as the message does
    """A file cannot be used; the message is one line that says what to change."""


@dataclass(frozen=True, slots=True)
class PositionTable:
    """The rows of a file as they stand there, and what is wrong with single rows."""

    frame: pd.DataFrame
    problems: dict[int, str] = field(default_factory=dict)  # row number -> message
    warnings: tuple[str, ...] = ()
    as_of: date | None = None  # the day a filled workbook says its rules are of


def read_table(path: Path) -> PositionTable:
    """The table of positions in ``path``. Raises FileProblem."""
    return _read(path, "side", inputs.COLUMNS, (*inputs.REQUIRED, "isolated_margin or leverage"))


def read_accounts(path: Path) -> PositionTable:
    """The table of accounts in ``path``. Raises FileProblem."""
    return _read(path, "wallet_balance", ACCOUNT_COLUMNS, ACCOUNT_COLUMNS[:3])


def accounts_beside(path: Path) -> PositionTable | None:
    """The accounts that a workbook holds beside its positions; None where it has none."""
    if path.suffix.lower() not in _WORKBOOKS:
        return None
    try:
        table = read_accounts(path)
    except FileProblem:
        return None
    known = [inputs.column_name(name) in ACCOUNT_COLUMNS for name in table.frame.columns]
    # Other columns of a spare row may hold something.
    blank = table.frame.loc[:, known].isin([None, ""]).all(axis=1)
    kept = [row for row in table.frame.index if not blank[row] or row in table.problems]
    return replace(
        table,
        frame=table.frame.loc[kept].reset_index(drop=True),
        problems={at: table.problems[row] for at, row in enumerate(kept) if row in table.problems},
    )


def _read(path: Path, mark: str, known: Sequence[str], wanted: Sequence[str]) -> PositionTable:
    """The table whose header row holds ``mark`` beside the venue."""
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise FileProblem(f"{path}: give a file that ends in {', '.join(_READERS)}")
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise FileProblem(f"{path}: is not a file")
        if size == 0:
            raise FileProblem(
                f"{path.name}: the file is empty; it needs a header row and rows below it"
            )
        if size > _MAX_BYTES:
            raise FileProblem(f"{path.name}: {size:,} bytes are more than {_MAX_BYTES:,}; split it")
        table = reader(path, mark)
    except FileNotFoundError:
        raise FileProblem(f"{path}: there is no such file") from None
    except OSError as error:
        raise FileProblem(f"{path}: {error.strerror or 'cannot be read'}") from None
    names = [inputs.column_name(name) for name in table.frame.columns]
    if not set(names) & set(known):
        raise FileProblem(
            f"{path.name}: no column is known; the header row must name {', '.join(wanted)}"
        )
    return table


def _read_csv(path: Path, mark: str) -> PositionTable:
    text, warnings = _decode(path.read_bytes(), path.name)
    lines = csv.reader(io.StringIO(text), delimiter=_delimiter(text))
    try:
        rows = [row for row in lines if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise FileProblem(f"{path.name}: line {lines.line_num} is not CSV: {error}") from None
    if not rows:
        raise FileProblem(
            f"{path.name}: the file is empty; it needs a header row and rows below it"
        )
    head, *body = rows
    problems = {
        at: f"row: has {len(row)} cells, the header has {len(head)}"
        " (a number with an unquoted comma?)"
        for at, row in enumerate(body)
        if len(row) > len(head) and any(cell.strip() for cell in row[len(head) :])
    }
    width = len(head)
    _check_size(len(body), width, path.name)
    cells = [(row + [""] * width)[:width] for row in body]
    if lines.dialect.delimiter == ";":
        problems = {**_ambiguous_groups(head, cells), **problems}
    return PositionTable(_frame(head, cells), problems, warnings)


_INPUTS: Final = frozenset({*inputs.COLUMNS, *ACCOUNT_COLUMNS})
_NUMBERS: Final = {**inputs.NUMBERS, **ACCOUNT_NUMBERS}
# In a file with semicolons people may write 60.000 for sixty thousand.
_ONE_GROUP: Final = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}")
_DECIMAL_POINT: Final = re.compile(r"[+-]?(\d+\.(\d{1,2}|\d{4,})|0\.\d+)")
_DECIMAL_COMMA: Final = re.compile(r"[+-]?[\d.]+,\d+")


def _ambiguous_groups(head: Sequence[str], cells: Sequence[Sequence[str]]) -> dict[int, str]:
    """The rows with a number such as 60.000, unless the file shows that it means 60."""
    names = [inputs.column_name(name) for name in head]
    numeric = [at for at, name in enumerate(names) if name in _NUMBERS]
    texts = [row[at].strip() for row in cells for at in numeric]
    points, commas = (
        any(map(style.fullmatch, texts)) for style in (_DECIMAL_POINT, _DECIMAL_COMMA)
    )
    if points and not commas:
        return {}
    return {
        row: f"{names[at]}: {line[at].strip()!r} may be a thousand times as much; type it plainly"
        for row, line in enumerate(cells)
        for at in numeric
        if _ONE_GROUP.fullmatch(line[at].strip())
    }


def _decode(raw: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    """The text of a file, and a warning where some of it is not what it says it is."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif b"\0" in raw[:1000]:
        raise FileProblem(f"{name}: is not text; save it as CSV UTF-8")
    else:
        encoding = "utf-8-sig"
    text = raw.decode(encoding, errors="replace").replace("\0", "\ufffd")
    if "\ufffd" not in text:
        return text, ()
    return text, (f"{name}: some letters are not {encoding} and show as \ufffd; save it as UTF-8",)


def _delimiter(text: str) -> str:
    """What separates the cells, judged by the header row: comma, semicolon or tab."""
    head = text.lstrip().split("\n", 1)[0]
    return max(",;\t", key=head.count)


def _read_json(path: Path, mark: str) -> PositionTable:
    text, warnings = _decode(path.read_bytes(), path.name)
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FileProblem(f"{path.name}: is not JSON: {_first_line(error)}") from None
    name = "accounts" if mark == "wallet_balance" else "positions"
    if isinstance(data, dict) and isinstance(data.get(name), list):
        data = data[name]
    if not isinstance(data, list):
        raise FileProblem(f"{path.name}: must hold a list of {name}")
    return _from_records(data, {}, warnings, path.name)


def _read_jsonl(path: Path, mark: str) -> PositionTable:
    text, warnings = _decode(path.read_bytes(), path.name)
    records: list[Any] = []
    problems: dict[int, str] = {}
    for line in filter(str.strip, text.splitlines()):
        try:
            records.append(json.loads(line))
        except (ValueError, RecursionError) as error:
            problems[len(records)] = f"row: is not JSON: {_first_line(error)}"
            records.append({})
    return _from_records(records, problems, warnings, path.name)


def _from_records(
    records: Sequence[Any], problems: dict[int, str], warnings: tuple[str, ...], file: str
) -> PositionTable:
    rows: list[dict[str, Any]] = []
    for at, record in enumerate(records):
        if not isinstance(record, dict):
            problems[at] = "row: must be an object of column: value"
            record = {}
        rows.append(record)
    names = list(dict.fromkeys(name for row in rows for name in row))
    _check_size(len(rows), len(names), file)
    cells = [[row.get(name) for name in names] for row in rows]
    return PositionTable(_frame(names, cells), problems, warnings)


def _read_parquet(path: Path, mark: str) -> PositionTable:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise FileProblem(
            f"{path.name}: parquet needs: pip install '.[parquet]' in Ringfence's folder"
        ) from None
    try:
        table = pyarrow.parquet.ParquetFile(path).read()
    except (pyarrow.ArrowException, ValueError) as error:
        raise FileProblem(f"{path.name}: is not parquet: {_first_line(error)}") from None
    return PositionTable(table.to_pandas())


def _read_xlsx(path: Path, mark: str) -> PositionTable:
    import openpyxl

    try:
        valueless = look_through(path)
    except WorkbookProblem as problem:
        raise FileProblem(str(problem)) from None
    with warnings.catch_warnings():  # of what openpyxl leaves out, such as validation
        warnings.simplefilter("ignore")
        try:
            book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
        except Exception as error:  # openpyxl raises whatever a broken part makes it
            raise FileProblem(f"{path.name}: is not a workbook: {_first_line(error)}") from None
        try:
            for sheet in sorted(book.worksheets, key=lambda s: s.title.lower() != "positions"):
                sheet.reset_dimensions()  # what the sheet says of its size may be anything
                rows = sheet.iter_rows(values_only=True)
                table = _sheet_table(rows, mark, valueless.get(_part(sheet), ()))
                if table is not None:
                    return replace(table, as_of=_book_day(book))
        except FileProblem as problem:
            raise FileProblem(f"{path.name}: {problem}") from None
        except Exception as error:
            raise FileProblem(f"{path.name}: cannot be read: {_first_line(error)}") from None
        finally:
            book.close()
    raise FileProblem(f"{path.name}: no sheet has a row of column names such as venue, {mark}")


def _part(sheet: Any) -> str:
    """The part that a sheet lies in; openpyxl keeps it to itself."""
    return str(sheet._worksheet_path).lstrip("/")


def _book_day(book: Any) -> date | None:
    """The day in the cell named as_of, where a workbook has one."""
    name = book.defined_names.get("as_of")
    for sheet, address in name.destinations if name else ():
        if sheet in book.sheetnames and _ONE_CELL.fullmatch(address):
            value = book[sheet][address.replace("$", "")].value
            return value.date() if isinstance(value, datetime) else None
    return None


def _sheet_table(
    rows: Iterable[tuple[Any, ...]], mark: str, valueless: Iterable[str]
) -> PositionTable | None:
    """The table under the first row that names position columns; None where no row does.

    ``valueless``: addresses of the formulas that hold no value in the file. They would read as
    blank cells; where an input of ours is one, its row is in error.
    """
    numbered = enumerate(rows, 1)
    for _, (_, row) in zip(range(_HEADER_WITHIN), numbered, strict=False):
        known = {inputs.column_name(cell) for cell in row if isinstance(cell, str)}
        if {"venue", mark} <= known:
            used = [at for at, cell in enumerate(row) if cell not in (None, "")]
            head = [row[at] for at in used]
            said = _said_of(valueless, dict(zip(used, head, strict=True)))
            body, problems = [], {}
            for number, line in _filled(numbered, said):
                if number in said:
                    problems[len(body)] = said[number]
                body.append([_at(line, at) for at in used])
                _check_size(len(body), len(used), "its table")
            return PositionTable(_frame(head, body), problems)
    return None


def _said_of(valueless: Iterable[str], head: Mapping[int, Any]) -> dict[int, str]:
    """What is wrong with a row of the sheet whose formula holds no value."""
    from openpyxl.utils.cell import coordinate_to_tuple

    said = {}
    for address in valueless:
        row, column = coordinate_to_tuple(address)
        if (name := inputs.column_name(head.get(column - 1, ""))) in _INPUTS:
            said[row] = (
                f"{name}: the formula in {address} has no value in this file; open it in a"
                " spreadsheet and save it"
            )
    return said


def _filled(
    rows: Iterable[tuple[int, tuple[Any, ...]]], said: Container[int]
) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """The rows that hold anything or are in ``said``, until a long run of blank ones."""
    blank = 0
    for number, row in rows:
        if number in said or any(cell not in (None, "") for cell in row):
            blank = 0
            yield number, row
        elif (blank := blank + 1) >= _BLANK_ROWS_END:
            return


def _check_size(rows: int, columns: int, what: str) -> None:
    """Every row holds a cell of every column, however few the file has."""
    if rows * columns > _MAX_CELLS:
        raise FileProblem(
            f"{what}: {rows:,} rows of {columns:,} columns are more than {_MAX_CELLS:,} cells;"
            " split it"
        )


def _at(row: Sequence[Any], at: int) -> Any:
    return row[at] if at < len(row) else None


def _frame(names: Sequence[Any], cells: Sequence[Sequence[Any]]) -> pd.DataFrame:
    """A table of objects; names may repeat, as they do in people's files."""
    frame = pd.DataFrame([list(row) for row in cells], columns=range(len(names)), dtype=object)
    frame.columns = pd.Index([str(name) for name in names], dtype=object)
    return frame


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120]


_READERS: Final[dict[str, Callable[[Path, str], PositionTable]]] = {
    ".csv": _read_csv,
    ".json": _read_json,
    ".jsonl": _read_jsonl,
    ".parquet": _read_parquet,
    **dict.fromkeys(_WORKBOOKS, _read_xlsx),
}
