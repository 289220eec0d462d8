"""The input cells of the tables: what people gave, as the cells hold it."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import pandas as pd

from ringfence import accounts, inputs, venues
from ringfence.errors import InputError

Cell = str | float | date | None
Given = Mapping[str, Cell]

# The columns of a position that every table has, in the order people fill them in; the RF_ formulas
# take any order.
TRADE: Final = ("side", "size", "entry_price", "mark_price", "leverage", "isolated_margin")
DETAILS: Final = (
    "contract_type", "contract_size", "mmr", "maintenance_amount", "taker_fee_rate", "funding_rate",
)  # fmt: skip
WALLET_REQUIRED: Final = ("account", "venue", "wallet_balance", "currency")
WALLET_INPUTS: Final = (*WALLET_REQUIRED, "price", "collateral_mode", "collateral_weight")

TWICE: Final = "more than once in the table"  # errors quote no more of a text than 40
_NUMBERS: Final = {**inputs.NUMBERS, **accounts.NUMBERS}


@dataclass(frozen=True, slots=True)
class _Table:
    """``faulty``: the column where a text refuses the row. ``any_text``: where none does."""

    columns: Sequence[str]
    faulty: str
    any_text: Sequence[str]


_ACCOUNTS: Final = _Table(WALLET_INPUTS, "wallet_balance", ("account", "currency"))


def positions_given(
    frame: pd.DataFrame, columns: Sequence[str], refused: Mapping[int, str]
) -> list[Given]:
    """The cells of each position in these columns; blank rows are left out."""
    return _given(frame, _Table(columns, "size", ("symbol", "account")), refused)


def accounts_given(frame: pd.DataFrame | None) -> list[Given]:
    """The cells of each account."""
    return [] if frame is None else _given(frame, _ACCOUNTS, {})


def as_table(columns: Sequence[str], rows: Sequence[Given]) -> list[list[Any]]:
    """Rows of cells as the RF_ formulas take them: a header row first."""
    return [list(columns), *([row[name] for name in columns] for row in rows)]


def _given(frame: pd.DataFrame, table: _Table, refused: Mapping[int, str]) -> list[Given]:
    names = [inputs.column_name(name) for name in frame.columns]
    twice = [name for name in table.columns if names.count(name) > 1]
    columns = {
        name: frame.iloc[:, names.index(name)].tolist() for name in table.columns if name in names
    }
    rows = []
    for at in range(len(frame)):
        row: Given = {
            name: _cell(name, columns[name][at]) if name in columns else None
            for name in table.columns
        }
        if at in refused:
            row = _refused(row, table, refused[at])
        if any(cell is not None for cell in row.values()):
            rows.append(_ambiguous(row, table, twice))
    return rows


def _ambiguous(row: Given, table: _Table, twice: Sequence[str]) -> Given:
    """A row of a table with columns that stand in it twice: which one was meant is not known.

    The reason takes the value's place, where the formula refuses it again; where any text would do,
    it takes the place of a figure.
    """
    told = {name: f"column {TWICE}" for name in twice if name not in table.any_text}
    if twice and not told:
        told[table.faulty] = f"{twice[0]} {TWICE}"
    return {**row, **dict.fromkeys(twice), **told}


def _refused(row: Given, table: _Table, reason: str) -> Given:
    """A row that could not be read. Its figures may stand in the wrong columns: none is kept."""
    kept = {name: row[name] for name in ("venue", "symbol")}
    return {**dict.fromkeys(table.columns), **kept, table.faulty: reason}


def _cell(name: str, value: Any) -> Cell:
    """A value as the cell holds it: numbers and days as such, words as the lists spell them."""
    if inputs.is_blank(value):
        return None
    if name in _NUMBERS:
        return _number(name, value)
    try:
        return _WORDS.get(name, _text)(value)
    except InputError:
        return _text(value)


def _text(value: Any) -> str:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():  # a label that pandas took for a number
        return str(int(value))
    return str(value).strip()


def _venue(value: Any) -> str:
    text = _text(value)
    return text.lower() if text.lower() in venues.names() else text


def _mode(value: Any) -> str:
    text = _text(value)
    return text.lower() if text.lower() in ("single", "multi") else text


_WORDS: Final[Mapping[str, Callable[[Any], Cell]]] = {
    "as_of": inputs.parse_date,
    "side": lambda value: "long" if inputs.parse_choice("side", value) > 0 else "short",
    "contract_type": lambda value: str(inputs.parse_choice("contract_type", value)),
    "margin_mode": lambda value: str(inputs.parse_choice("margin_mode", value)),
    "venue": _venue,
    "collateral_mode": _mode,
}


def _number(name: str, value: Any) -> float | str:
    """A number, also one outside its range; text where it has no single reading."""
    number: float | None = None
    if isinstance(value, str):
        number = _NUMBERS[name].read(value)
    elif not isinstance(value, (bool, date)):
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            number = None
    return number if number is not None and math.isfinite(number) else _text(value)
