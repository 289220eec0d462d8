"""What the workbook holds and shows, as Python computes it: the values beside the formulas."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from ringfence.book import BookRisk, assess_columns
from ringfence_addin import cells
from ringfence_addin.functions import RISK_COLUMNS, risk_rows
from ringfence_templates.filling import Filling
from ringfence_templates.given import DETAILS, TRADE, Cell, as_table, positions_given
from ringfence_templates.package import Value
from ringfence_templates.ranking import (
    BLANK,
    Thresholds,
    away_of,
    in_dollars,
    light_of,
    sort_key,
    state_of,
)

REQUIRED: Final = ("venue", "symbol", *TRADE)
OPTIONAL: Final = (*DETAILS, "margin_mode", "account", "as_of")
INPUTS: Final = REQUIRED + OPTIONAL


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


def build_model(filling: Filling) -> Model:
    """Everything the workbook shows of the positions."""
    given = positions_given(filling.positions, INPUTS, filling.refused)
    columns, n, _ = cells.table_columns(as_table(INPUTS, given))
    book = assess_columns(columns, n, as_of=filling.day)
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
        capacity=len(rows) + filling.spare_rows,
        thresholds=thresholds,
        as_of=filling.as_of,
        filled_on=filling.filled_on,
        title=filling.title,
        book=book,
    )


def _row(
    number: int,
    given: Mapping[str, Cell],
    risk: dict[str, Value],
    book: BookRisk,
    thresholds: Thresholds,
) -> Row:
    status, mark = str(risk["status"]), float(book.mark_price[number - 1])
    state = state_of(status)
    away = away_of(state, risk["liquidation_distance"])

    return Row(
        number=number,
        given=given,
        risk=risk,
        state=state,
        away=away,
        sort_key=sort_key(state, away),
        mark_price=BLANK if math.isnan(mark) else mark,
        margin=in_dollars(risk, "max_loss"),
        notional=in_dollars(risk, "notional"),
        unrealized_pnl=in_dollars(risk, "unrealized_pnl"),
        left_to_lose=in_dollars(risk, "margin_balance", at_least=0.0),
        light=light_of(state, away, risk["margin_ratio"], thresholds),
    )
