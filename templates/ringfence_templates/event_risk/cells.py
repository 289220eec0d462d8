"""The cells that people fill in, positions and accounts, from the tables the builder is given."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import pandas as pd

from ringfence import inputs, venues
from ringfence.accounts import COLUMNS as ACCOUNT_COLUMNS
from ringfence.accounts import NUMBERS as ACCOUNT_NUMBERS
from ringfence.errors import InputError, MissingInputError
from ringfence_addin.cells import SERIAL_EPOCH
from ringfence_templates.event_risk import excel
from ringfence_templates.isolated_book.model import BLANK, ERROR, OK, Cell
from ringfence_templates.isolated_book.model import build_model as isolated_model
from ringfence_templates.package import Value

COLLATERAL_MODES: Final = ("single", "multi")


@dataclass(frozen=True, slots=True)
class Row:
    """One position: its input cells, and what RF_RISK says of it."""

    number: int  # in the table, from 1
    given: Mapping[str, Cell]
    risk: Mapping[str, Value]

    def text(self, name: str) -> str:
        return excel.text(self.given[name])

    @property
    def status(self) -> str:
        return str(self.risk["status"])

    @property
    def state(self) -> str:
        return ERROR if self.status.startswith("error") else OK

    @property
    def good(self) -> bool:
        return self.state == OK

    @property
    def is_cross(self) -> bool:
        return self.text("margin_mode").lower().startswith("cross")  # crossed, too


def positions_given(
    positions: pd.DataFrame, refused: Mapping[int, str], day: date
) -> list[Mapping[str, Cell]]:
    """The input cells of each row that has any, as the table of the isolated book holds them."""
    model = isolated_model(
        positions, spare_rows=0, as_of=None, filled_on=day, title=BLANK, refused=refused
    )
    return [row.given for row in model.rows]


def accounts_given(accounts: pd.DataFrame | None) -> list[dict[str, Cell]]:
    """The input cells of each account's row. Raises InputError for columns missing or held twice.

    A figure that cannot be read is written as it is: the positions that need it then say so.
    """
    if accounts is None:
        return []
    names = [inputs.column_name(name) for name in accounts.columns]
    for name in ACCOUNT_COLUMNS:
        if names.count(name) > 1:
            raise InputError(name, "the accounts have this column more than once")
    for name in ("venue", "wallet_balance"):
        if name not in names:
            raise MissingInputError(name, "missing; accounts need account, venue, wallet_balance")
    columns = {
        name: accounts.iloc[:, names.index(name)].tolist()
        for name in ACCOUNT_COLUMNS
        if name in names
    }
    rows = [
        {name: _cell(name, columns[name][at]) if name in columns else None
         for name in ACCOUNT_COLUMNS}
        for at in range(len(accounts))
    ]  # fmt: skip
    return [row for row in rows if any(cell is not None for cell in row.values())]


def _cell(name: str, value: Any) -> Cell:
    if inputs.is_blank(value):
        return None
    if name in ACCOUNT_NUMBERS and not isinstance(value, (bool, date)):
        read = ACCOUNT_NUMBERS[name].read(value) if isinstance(value, str) else value
        try:
            number = float(read)  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        if math.isfinite(number):
            return number
    text = str(value).strip()
    if name == "venue" and text.lower() in venues.names():
        return text.lower()
    return text.lower() if name == "collateral_mode" else text


def account_check(row: Mapping[str, Cell]) -> str:
    """What the column ``check`` of Accounts says: ok, or the field to fix."""
    if not any(excel.same(row["venue"], venue) for venue in venues.names()):
        return "fix venue"
    if not excel.figure(shown(row["wallet_balance"])):
        return "fix wallet_balance"
    if row["price"] is not None and not _from_zero(row["price"]):
        return "fix price"
    mode = excel.text(row["collateral_mode"])
    if mode and not any(excel.same(mode, word) for word in COLLATERAL_MODES):
        return "fix collateral_mode"
    weight = row["collateral_weight"]
    if weight is not None and not (_from_zero(weight) and excel.n(shown(weight)) <= 1):
        return "fix collateral_weight"
    return "ok"


def _from_zero(cell: Cell) -> bool:
    return excel.figure(shown(cell)) and excel.n(shown(cell)) >= 0


def shown(cell: Cell) -> Value:
    """The content of a cell as a formula that points to it shows it; blank is an empty text."""
    if isinstance(cell, date):
        return float((cell - SERIAL_EPOCH).days)
    return BLANK if cell is None else cell
