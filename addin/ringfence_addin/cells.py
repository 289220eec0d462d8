"""Cell values to typed inputs, and results to cell values: the one place where it happens.

What hosts deliver differs: an empty cell is None (Excel), 0.0 (LibreOffice) or '' (a range); an
error cell is None or its text; one cell of a range is a 1x1 table; a date is a datetime or a serial
number. An empty cell and a zero cannot be told apart, so a zero counts as blank.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

from ringfence import inputs
from ringfence.accounts import COLUMNS as ACCOUNT_COLUMNS
from ringfence.accounts import Accounts
from ringfence.errors import InputError, MissingInputError


class CellError(StrEnum):
    """What a cell shows instead of a value; each host turns it into its own error value."""

    NA = "#N/A"  # an argument is missing
    VALUE = "#VALUE!"  # an argument is wrong
    NUM = "#NUM!"


NEVER: Final = "never"  # no price liquidates the position
BANKRUPT: Final = "bankrupt"  # the margin balance is gone: a ratio has no finite value
BLANK: Final = ""

# Where the cells of a range that hold 0 mean it
_ZERO_IS_A_VALUE: Final = frozenset({*inputs.REQUIRED, "wallet_balance"})
_ERROR_TEXTS: Final = frozenset(
    {"#N/A", "#VALUE!", "#NUM!", "#REF!", "#NAME?", "#DIV/0!", "#NULL!", "#SPILL!", "#CALC!"}
)
SERIAL_EPOCH: Final = date(1899, 12, 30)  # day 0 of Excel's and Calc's serial dates
_LAST_SERIAL: Final = 2_958_465  # 9999-12-31


class ErrorCellError(InputError):
    """An argument is itself an error cell; the result shows the same error."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(field, f"the cell holds the error {text}")
        self.cell_error = CellError(text) if text in set(CellError) else CellError.VALUE


def single(value: Any) -> Any:
    """The value of one cell, also where the host hands it over as a 1x1 table."""
    while isinstance(value, (list, tuple)) and len(value) == 1:
        value = value[0]
    return value


def argument(name: str, value: Any) -> Any:
    """One formula argument as the core takes it: blank is None. Raises InputError."""
    if isinstance(value, str):
        if value in _ERROR_TEXTS:
            raise ErrorCellError(name, value)
        return value.strip() or None
    if isinstance(value, float):
        if value == 0:
            return None
        return _day(name, value) if name == "as_of" else value
    if isinstance(value, (list, tuple)):
        cell = single(value)
        if isinstance(cell, (list, tuple)):
            raise InputError(name, "is a range; give one cell")
        return argument(name, cell)
    if isinstance(value, int) and not isinstance(value, bool):
        return argument(name, float(value))
    return value


def _day(name: str, serial: float) -> date:
    if not 1 <= serial <= _LAST_SERIAL:  # NaN too
        raise InputError(name, f"{serial:g} is not a date")
    return SERIAL_EPOCH + timedelta(days=int(serial))


def arguments(values: Mapping[str, Any]) -> dict[str, Any]:
    """All arguments of a formula by name, without the blank ones. Raises InputError."""
    return {
        name: parsed
        for name, value in values.items()
        if value is not None and (parsed := argument(name, value)) is not None
    }


def scalar(value: float | None, *, none: str = NEVER) -> float | str:
    """One number as a cell; ``none`` is what a missing one shows."""
    if value is None or value != value:
        return none
    return value if value < math.inf else BANKRUPT


def error_value(error: Exception) -> CellError:
    """The error value for an argument that could not be used."""
    if isinstance(error, ErrorCellError):
        return error.cell_error
    return CellError.NA if isinstance(error, MissingInputError) else CellError.VALUE


def table_columns(
    table: Any, known: Sequence[str] = inputs.COLUMNS, name: str = "positions"
) -> tuple[dict[str, list[Any]], int, list[str]]:
    """A range with a header row as columns for the core: (columns, rows, headers held twice).

    ``known`` are the columns that are read, ``name`` the argument. Blank rows at the end, such as
    spare rows of a table, are left out. Raises InputError where there is no such table.
    """
    rows = _as_rows(table, name)
    heads = [inputs.column_name(single(head)) if head else "" for head in rows[0]]
    found = [head for head in heads if head in known]
    if not found:
        raise InputError(name, "the first row must hold the column names, such as venue")
    body = rows[1:]
    while body and all(map(inputs.is_blank, body[-1])):
        body.pop()
    columns = {
        head: [_range_cell(head, row[at]) for row in body]
        for at, head in enumerate(heads)
        if head in known and heads.index(head) == at
    }
    return columns, len(body), [head for head in columns if found.count(head) > 1]


def accounts(table: Any) -> Accounts | None:
    """The accounts of a range with a header row; None where there is none. Raises InputError."""
    if table is None or (not isinstance(table, (list, tuple)) and inputs.is_blank(table)):
        return None
    columns, n, twice = table_columns(table, ACCOUNT_COLUMNS, "accounts")
    for name in twice:
        raise InputError(name, "the accounts have this column more than once")
    filled = [row for row in range(n) if any(its[row] is not None for its in columns.values())]
    return Accounts({name: [its[row] for row in filled] for name, its in columns.items()})


def blank_rows(columns: Mapping[str, Sequence[Any]], n: int) -> list[int]:
    """The rows in which no column of ours holds anything."""
    return [row for row in range(n) if all(column[row] is None for column in columns.values())]


def _as_rows(table: Any, name: str) -> list[Sequence[Any]]:
    if not isinstance(table, (list, tuple)) or not table:
        raise InputError(name, "give a range with a header row")
    rows = list(table) if isinstance(table[0], (list, tuple)) else [table]
    if any(not isinstance(row, (list, tuple)) or len(row) != len(rows[0]) for row in rows):
        raise InputError(name, "give a range, with as many cells in each row")
    return rows


def _range_cell(name: str, value: Any) -> Any:
    """A cell of a range; one that cannot be used keeps its value, for the row's own message."""
    if isinstance(value, (int, float)) and value == 0 and name in _ZERO_IS_A_VALUE:
        return value
    try:
        return argument(name, value)
    except (InputError, OverflowError):
        return value


def cell(value: Any) -> Any:
    """One value of a result table as a cell: no number is blank, infinity is ``bankrupt``."""
    if value.__class__ is float:
        return scalar(value, none=BLANK)
    return BLANK if value is None else value
