"""Where things are in the workbook: sheets, blocks of cells, defined names."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from openpyxl.utils import get_column_letter

from ringfence.accounts import COLUMNS as ACCOUNT_COLUMNS
from ringfence_addin.functions import RISK_COLUMNS, STRESS_COLUMNS
from ringfence_templates.event_risk.scenarios import (
    BETA_ROWS,
    COIN_COLUMNS,
    EVENT_ROWS,
    HEAT_STEPS,
    MOVE_ROWS,
)
from ringfence_templates.isolated_book import layout as isolated
from ringfence_templates.isolated_book.model import INPUTS

EVENTS: Final = "Events"
SHOCKS: Final = "Shocks"
HEAT_MAP: Final = "Heat map"
BOXES: Final = "Boxes"
MODES: Final = "Isolated vs cross"
ACCOUNTS: Final = "Accounts"
# The sheet Positions is that of the isolated book, and needs its names.
POSITIONS, NOTES, CALC = isolated.POSITIONS, isolated.NOTES, isolated.CALC
TABLE: Final = isolated.TABLE
STATUS: Final = "calc_status"  # the name that its column status looks up
ACCOUNTS_TABLE: Final = ACCOUNTS

SHEETS: Final = (
    EVENTS, SHOCKS, HEAT_MAP, BOXES, MODES, POSITIONS, ACCOUNTS, NOTES, CALC,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Area:
    """A block of cells on one sheet: a header row, and ``rows`` below it.

    Columns go by name, rows by number from 1; row 0 is the header.
    """

    sheet: str
    left: int
    head: int
    names: tuple[str, ...]
    rows: int

    def letter(self, name: str) -> str:
        return get_column_letter(self.left + self.names.index(name))

    def at(self, name: str, row: int) -> str:
        """The address as openpyxl takes it: ``C7``."""
        return f"{self.letter(name)}{self.head + row}"

    def cell(self, name: str, row: int, *, abroad: bool = True) -> str:
        """The cell as a formula names it; ``abroad`` False: a formula of the same sheet."""
        return self._named(f"${self.letter(name)}${self.head + row}", abroad)

    def column(self, name: str, *, abroad: bool = True) -> str:
        """The column below the header, for a formula."""
        letter = self.letter(name)
        first, last = self.head + 1, self.head + self.rows
        return self._named(f"${letter}${first}:${letter}${last}", abroad)

    def block(
        self, first: str | None = None, last: str | None = None, *, abroad: bool = True
    ) -> str:
        """Some columns with their header, for a formula."""
        left, right = self.letter(first or self.names[0]), self.letter(last or self.names[-1])
        return self._named(f"${left}${self.head}:${right}${self.head + self.rows}", abroad)

    def area(self, first: str | None = None, last: str | None = None, *, body: bool = False) -> str:
        """The same as openpyxl takes it; ``body``: without the header."""
        left, right = self.letter(first or self.names[0]), self.letter(last or self.names[-1])
        return f"{left}{self.head + body}:{right}{self.head + self.rows}"

    def _named(self, address: str, abroad: bool) -> str:
        if not abroad:
            return address
        sheet = f"'{self.sheet}'" if " " in self.sheet else self.sheet
        return f"{sheet}!{address}"


# Inputs

COINS: Final = tuple(f"coin {at}" for at in range(1, COIN_COLUMNS + 1))
EVENT_INPUTS: Final = Area(EVENTS, 3, 13, ("event", *COINS), EVENT_ROWS)
SHOWN: Final = (  # of RF_STRESS, beside each shock
    "equity", "loss", "left", "loss_share", "boxes_failed", "pools_failed",
)  # fmt: skip
EVENT_FIGURES: Final = Area(EVENTS, 3 + 1 + COIN_COLUMNS, 13, (*SHOWN, "check"), EVENT_ROWS)

MOVE_INPUTS: Final = Area(SHOCKS, 2, 6, ("move",), MOVE_ROWS)
MOVE_FIGURES: Final = Area(SHOCKS, 3, 6, SHOWN, MOVE_ROWS)
BETA_INPUTS: Final = Area(SHOCKS, 10, 6, ("coin", "beta"), BETA_ROWS)
FIRST_FAILURES: Final = Area(
    SHOCKS, 13, 6, ("direction", "move", "row", "venue", "symbol", "left"), 2
)

STEPS: Final = tuple(f"step {at}" for at in range(1, HEAT_STEPS + 1))
HEAT: Final = Area(HEAT_MAP, 3, 12, ("move", *STEPS), HEAT_STEPS)
HEAT_COIN_CELLS: Final = ("D10", "B13")  # of the columns, of the rows
HEAT_COINS: Final = tuple(
    f"'{HEAT_MAP}'!${at[0]}${at[1:]}" for at in reversed(HEAT_COIN_CELLS)
)  # rows first

EVENT_CELL: Final = "E4"
ONE_MOVE_CELL: Final = "E5"
BOX_ROWS_HEAD: Final = 13

ACCOUNTS_HEAD: Final = 6

# Workings

CALC_HEAD: Final = 8
WARNING: Final = "$C$4"
FACTS: Final = {  # name -> cell of one fact
    "worst": "$C$5",
    "most": "$F$5",
    "chosen": "$I$5",
    "twice": "$L$5",
    "no move": "$O$5",
    "answer": "$R$5",
}
_ROW_COLUMNS: Final = (
    "row", "used", "status", "good", "was_cross", "account", "settle", "own_wallet",
)  # fmt: skip
_COMMON: Final = tuple(
    name for name in INPUTS if name not in ("isolated_margin", "margin_mode", "account")
)
EXPOSURE_COLUMNS: Final = (
    "section", "name", "positions", "notional", "net_notional", "at_stake", "share",
    "fails_together",
)  # fmt: skip
JOINT_COLUMNS: Final = ("direction", "move", "row", "venue", "symbol")


def calc_areas(capacity: int, account_capacity: int) -> Mapping[str, Area]:
    """The blocks of the sheet Calc, side by side."""
    wanted: dict[str, tuple[tuple[str, ...], int]] = {
        "rows": (_ROW_COLUMNS, capacity),
        "risk": (RISK_COLUMNS, capacity),
        # The same book in cross. Its left wing with what stays isolated, its right wing without.
        "cross": (
            ("margin_mode", "isolated_margin", *_COMMON, "account", "all_cross"),
            capacity,
        ),
        "cross_trial": (("outcome", "change"), capacity),
        "wallets": ((*ACCOUNT_COLUMNS, "passed_on"), account_capacity + capacity),
        "exposure": ((*EXPOSURE_COLUMNS, "its_section", "its_name"), capacity + 48),
        "event_moves": (("event", *COINS), EVENT_ROWS),
        "events": ((*STRESS_COLUMNS, "failures"), EVENT_ROWS),
        "cross_events": (STRESS_COLUMNS, EVENT_ROWS),
        "betas": (("coin", "beta"), BETA_ROWS),
        "joint": (JOINT_COLUMNS, 2),
        # Two rows more: the first failures
        "common_moves": (tuple(f"beta {at}" for at in range(1, BETA_ROWS + 1)), MOVE_ROWS + 2),
        "common": (STRESS_COLUMNS, MOVE_ROWS + 2),
        "cross_common": (STRESS_COLUMNS, MOVE_ROWS + 2),
        "chart": (("move", "isolated", "cross"), MOVE_ROWS + 2),
        "heat_moves": (("rows", "columns"), HEAT_STEPS),
        "heat": (("corner", *STEPS), HEAT_STEPS),
        "chosen_moves": (("event", *COINS), 1),
        "chosen": (STRESS_COLUMNS, 1),
        "chosen_rows": (("outcome", "change"), capacity),
    }
    areas, left = {}, 1
    for name, (columns, rows) in wanted.items():
        areas[name] = Area(CALC, left, CALC_HEAD, columns, rows)
        left += len(columns) + 1
    return areas


COMMON_BLOCKS: Final = (  # runs of input columns that lie side by side in the table and in "cross"
    ("venue", "leverage"),
    ("contract_type", "funding_rate"),
    ("as_of", "as_of"),
)
