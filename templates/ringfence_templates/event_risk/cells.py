"""The cells that people fill in, positions and accounts, and what is said of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from ringfence import venues
from ringfence_addin.cells import SERIAL_EPOCH
from ringfence_templates.event_risk import excel
from ringfence_templates.given import Cell, Given
from ringfence_templates.package import Value
from ringfence_templates.ranking import BLANK, ERROR, OK

COLLATERAL_MODES: Final = ("single", "multi")


@dataclass(frozen=True, slots=True)
class Row:
    """One position: its input cells, and what RF_RISK says of it."""

    number: int  # in the table, from 1
    given: Given
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


def account_check(row: Given) -> str:
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
