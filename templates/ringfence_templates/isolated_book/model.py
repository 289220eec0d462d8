"""What the workbook holds and shows, as Python computes it: the values beside the formulas."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import pandas as pd

from ringfence import inputs, position, venues
from ringfence.book import BookRisk, assess_columns
from ringfence.errors import InputError
from ringfence_addin import cells
from ringfence_addin.functions import RISK_COLUMNS, risk_rows
from ringfence_templates.package import Value

# The input columns in the order people fill them in; RF_RISK takes any order.
REQUIRED: Final = (
    "venue",
    "symbol",
    "side",
    "size",
    "entry_price",
    "mark_price",
    "leverage",
    "isolated_margin",
)
OPTIONAL: Final = (
    "contract_type",
    "contract_size",
    "mmr",
    "maintenance_amount",
    "taker_fee_rate",
    "funding_rate",
    "margin_mode",
    "account",
    "as_of",
)
INPUTS: Final = REQUIRED + OPTIONAL

Cell = str | float | date | None
BLANK: Final = ""
TWICE: Final = "more than once in the table"  # errors quote no more of a text than 40
_ANY_TEXT: Final = ("symbol", "account")

# States of a row, as the sheet Calc names them
OK, ALREADY, NEVER, ERROR = "ok", "already", "never", "error"
_STATES: Final = {position.ALREADY: ALREADY, position.NEVER: NEVER}
# Ranked behind every distance, in this order
ERROR_KEY, NEVER_KEY = 1e9, 2e9
# Distances that differ by less are equal and ranked by row: hosts compare numbers more loosely
# than Python, and the ranks must not depend on which one computes them.
KEY_DIGITS: Final = 12

LIGHTS: Final = ("Liquidated", "Red", "Amber", "Green", "Never", "Error")


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where the traffic lights change; cells that the user may edit."""

    red_distance: float = 0.05
    amber_distance: float = 0.20
    red_ratio: float = 0.8


@dataclass(frozen=True, slots=True)
class Row:
    """One position: its input cells, RF_RISK's row, and what Calc derives. No value is ''."""

    number: int  # in the table, from 1
    given: Mapping[str, Cell]
    risk: Mapping[str, Value]
    state: str
    away: Value  # distance by which rows are ranked
    sort_key: float
    mark_price: Value
    margin: Value  # this and the next three in dollars
    notional: Value
    unrealized_pnl: Value
    left_to_lose: Value  # the margin balance, 0 where the box is bankrupt
    light: str

    def text(self, name: str) -> str:
        value = self.given[name]
        return BLANK if value is None else str(value)

    @property
    def status(self) -> str:
        return str(self.risk["status"])


@dataclass(frozen=True, slots=True)
class Model:
    """The whole book. ``rows`` as in the table; ``ranked`` nearest liquidation first."""

    rows: tuple[Row, ...]
    ranked: tuple[Row, ...]
    rank: Mapping[int, int]  # row number -> rank
    capacity: int  # rows of the table, those for typing included
    thresholds: Thresholds
    as_of: date | None
    filled_on: date
    title: str
    book: BookRisk

    def padded(self, of: Sequence[Row] | None = None) -> list[Row | None]:
        """The rows, and None for each spare one."""
        rows = self.rows if of is None else of
        return [*rows, *[None] * (self.capacity - len(rows))]

    def count(self, light: str) -> int:
        return sum(row.light == light for row in self.rows)

    def total(self, name: str) -> float:
        """Sum of a figure in dollars over the rows that have one."""
        return math.fsum(v for row in self.rows if not isinstance(v := getattr(row, name), str))

    def margin_within(self, distance: float) -> float:
        return math.fsum(
            row.margin
            for row in self.rows
            if not isinstance(row.margin, str)
            and not isinstance(row.away, str)
            and row.away <= distance
        )


def build_model(
    positions: pd.DataFrame,
    *,
    spare_rows: int,
    as_of: date | None,
    filled_on: date,
    title: str,
    refused: Mapping[int, str],
) -> Model:
    """Everything the workbook shows of ``positions``."""
    given = _given(positions, refused)
    table = [list(INPUTS), *([row[name] for name in INPUTS] for row in given)]
    columns, n, _ = cells.table_columns(table)
    book = assess_columns(columns, n, as_of=as_of or filled_on)
    thresholds = Thresholds()
    rows = tuple(
        _row(number, cells_given, dict(zip(RISK_COLUMNS, risk, strict=True)), book, thresholds)
        for number, (cells_given, risk) in enumerate(zip(given, risk_rows(book), strict=True), 1)
    )
    ranked = tuple(sorted(rows, key=lambda row: (row.sort_key, row.number)))
    return Model(
        rows=rows,
        ranked=ranked,
        rank={row.number: at for at, row in enumerate(ranked, 1)},
        capacity=len(rows) + spare_rows,
        thresholds=thresholds,
        as_of=as_of,
        filled_on=filled_on,
        title=title,
        book=book,
    )


def _given(positions: pd.DataFrame, refused: Mapping[int, str]) -> list[dict[str, Cell]]:
    """The input cells of each row that has any."""
    names = [inputs.column_name(name) for name in positions.columns]
    twice = [name for name in INPUTS if names.count(name) > 1]
    columns = {
        name: positions.iloc[:, names.index(name)].tolist() for name in INPUTS if name in names
    }
    rows = []
    for at in range(len(positions)):
        row = {name: _cell(name, columns[name][at]) if name in columns else None for name in INPUTS}
        if at in refused:
            row = _refused(row, refused[at])
        if any(cell is not None for cell in row.values()):
            rows.append(_ambiguous(row, twice))
    return rows


def _ambiguous(row: Mapping[str, Cell], twice: Sequence[str]) -> dict[str, Cell]:
    """A row of a table with columns that stand in it twice: which one was meant is not known.

    The reason takes the value's place, where the formula refuses it again. Any text will do for a
    symbol or an account: those two put it in the place of the size.
    """
    told = {name: f"column {TWICE}" for name in twice if name not in _ANY_TEXT}
    if twice and not told:
        told["size"] = f"{twice[0]} {TWICE}"
    return {**row, **dict.fromkeys(twice), **told}


def _refused(row: Mapping[str, Cell], reason: str) -> dict[str, Cell]:
    """A row that could not be read. Its figures may stand in the wrong columns: none is kept.

    The reason takes the place of the size, where the formula refuses it again.
    """
    kept = {name: row[name] for name in ("venue", "symbol")}
    return {**dict.fromkeys(INPUTS), **kept, "size": reason}


def _cell(name: str, value: Any) -> Cell:
    """A value as the cell holds it: numbers and days as such, words as the lists spell them."""
    if inputs.is_blank(value):
        return None
    try:
        if name == "as_of":
            return inputs.parse_date(value)
        if name == "side":
            return "long" if inputs.parse_choice(name, value) > 0 else "short"
        if name in ("contract_type", "margin_mode"):
            return str(inputs.parse_choice(name, value))
    except InputError:
        return _text(value)
    if name in inputs.NUMBERS:
        return _number(name, value)
    text = _text(value)
    return text.lower() if name == "venue" and text.lower() in venues.names() else text


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value).strip()


def _number(name: str, value: Any) -> float | str:
    """A number, also one outside its range; text where it has no single reading."""
    number: float | None = None
    if isinstance(value, str):
        number = inputs.NUMBERS[name].read(value)
    elif not isinstance(value, (bool, date)):
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            number = None
    return number if number is not None and math.isfinite(number) else _text(value)


def _row(
    number: int,
    given: Mapping[str, Cell],
    risk: dict[str, Value],
    book: BookRisk,
    thresholds: Thresholds,
) -> Row:
    status, mark = str(risk["status"]), float(book.mark_price[number - 1])
    state = ERROR if status.startswith("error") else _STATES.get(status, OK)
    settle = risk["settle_price"]
    away = _away(state, risk["liquidation_distance"])

    def in_dollars(name: str, at_least: float = -math.inf) -> Value:
        return BLANK if isinstance(settle, str) else max(at_least, float(risk[name])) * settle

    return Row(
        number=number,
        given=given,
        risk=risk,
        state=state,
        away=away,
        sort_key=_sort_key(state, away),
        mark_price=BLANK if math.isnan(mark) else mark,
        margin=in_dollars("max_loss"),
        notional=in_dollars("notional"),
        unrealized_pnl=in_dollars("unrealized_pnl"),
        left_to_lose=in_dollars("margin_balance", at_least=0.0),
        light=_light(state, away, risk["margin_ratio"], thresholds),
    )


def _away(state: str, distance: Value) -> Value:
    """The distance; "already liquidated" is 0 away, whatever price would bring it back."""
    if state == OK:
        return distance
    if state == ALREADY:
        return 0.0 if isinstance(distance, str) else min(distance, 0.0)
    return BLANK


def _sort_key(state: str, away: Value) -> float:
    if isinstance(away, str):
        return NEVER_KEY if state == NEVER else ERROR_KEY
    return round(away, KEY_DIGITS)


def _light(state: str, away: Value, ratio: Value, thresholds: Thresholds) -> str:
    if state != OK or isinstance(away, str):
        return {ALREADY: "Liquidated", NEVER: "Never"}.get(state, "Error")
    high = not isinstance(ratio, str) and ratio >= thresholds.red_ratio
    if away < thresholds.red_distance or high:
        return "Red"
    return "Amber" if away < thresholds.amber_distance else "Green"
