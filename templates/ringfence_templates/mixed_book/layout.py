"""Where things are in the workbook: sheets, first rows, columns, defined names."""

from typing import Final

from openpyxl.utils import get_column_letter

from ringfence_addin.formulas.book import ACCOUNT_ROWS
from ringfence_addin.functions import RISK_COLUMNS
from ringfence_templates.given import DETAILS, TRADE

REQUIRED: Final = ("venue", "symbol", "margin_mode", "account", *TRADE)
OPTIONAL: Final = (*DETAILS, "as_of")
INPUTS: Final = REQUIRED + OPTIONAL

DASHBOARD, POSITIONS, ACCOUNTS, RISK, POOLS, NOTES, CALC = (
    "Dashboard",
    "Positions",
    "Accounts",
    "Risk",
    "Pools",
    "Notes",
    "Calc",
)
# The tables' names; their sheets have the same.
TABLE: Final = POSITIONS
WALLETS: Final = ACCOUNTS

ACCOUNTS_HEAD: Final = 6  # row of the table's header
RISK_HEAD: Final = 6
POOLS_HEAD: Final = 5
CALC_HEAD: Final = 5

RED_DISTANCE, AMBER_DISTANCE = "red_distance", "amber_distance"
RED_RATIO, AMBER_RATIO = "red_ratio", "amber_ratio"

# Columns of Calc by row of Positions. Each has a name calc_<column> over its rows.
CALC_COLUMNS: Final = (
    "row",
    "used",
    "mode",
    "state",
    "away",
    "sort_key",
    "rank",
    "mark_price",
    "notional",
    "unrealized_pnl",
    "max_loss",
    "left_to_lose",
    "box_away",
    "pool_away",
    "box",
    "rule_venue",
    "account",
    "house",
    "light",
    "status",
)
# By row of Accounts: acc_<column>
WALLET_COLUMNS: Final = (
    "row",
    "used",
    "account",
    "venue",
    "currency",
    "mode",
    "only",
    "check",
    "positions",
    "cross",
    "boxed",
)
# By row of what RF_ACCOUNTS returns: its columns and these, pool_<column>
POOL_EXTRAS: Final = ("row", "key", "rank", "light")
# What RF_EXPOSURE returns: exposure_<column>. The two that end in _array are text of an array,
# which LibreOffice's MATCH does not find; the first two are copies that it does.
EXPOSURE_COLUMNS: Final = (
    "kind",
    "name",
    "kind_array",
    "name_array",
    "figure",
    "notional",
    "net_notional",
    "at_stake",
    "share",
    "fails_together",
)
JOINT_COLUMNS: Final = ("direction", "move", "row", "venue", "symbol")
CHART_COLUMNS: Final = ("coin", "long", "short", "venue", "boxes", "pools")


def _letters(names: tuple[str, ...], after: int) -> dict[str, str]:
    """The columns behind the first ``after`` of Calc and a gap."""
    return {name: get_column_letter(at) for at, name in enumerate(names, after + 2)}


_BEFORE: Final = len(CALC_COLUMNS)
CALC_LETTER: Final = {name: get_column_letter(at) for at, name in enumerate(CALC_COLUMNS, 1)}
RISK_LETTER: Final = _letters(RISK_COLUMNS, _BEFORE)
_AFTER_RISK: Final = _BEFORE + 1 + len(RISK_COLUMNS)
WALLET_LETTER: Final = _letters(WALLET_COLUMNS, _AFTER_RISK)
_AFTER_WALLETS: Final = _AFTER_RISK + 1 + len(WALLET_COLUMNS)
POOL_LETTER: Final = _letters((*POOL_EXTRAS, *ACCOUNT_ROWS), _AFTER_WALLETS)
_AFTER_POOLS: Final = _AFTER_WALLETS + 1 + len(POOL_EXTRAS) + len(ACCOUNT_ROWS)
EXPOSURE_LETTER: Final = _letters(EXPOSURE_COLUMNS, _AFTER_POOLS)
_AFTER_EXPOSURE: Final = _AFTER_POOLS + 1 + len(EXPOSURE_COLUMNS)
JOINT_LETTER: Final = _letters(JOINT_COLUMNS, _AFTER_EXPOSURE)
_AFTER_JOINT: Final = _AFTER_EXPOSURE + 1 + len(JOINT_COLUMNS)
CHART_LETTER: Final = _letters(CHART_COLUMNS, _AFTER_JOINT)

COINS: Final = 8  # coins and venues that the Dashboard lists and draws
VENUES: Final = 6
TOP_UPS: Final = 5  # boxes that RF_EXPOSURE names
LISTED_POOLS: Final = 6


def body(column: str, head: int, rows: int) -> str:
    """The cells below a header: ``body("C", 5, 3)`` is ``$C$6:$C$8``."""
    return f"${column}${head + 1}:${column}${head + rows}"
