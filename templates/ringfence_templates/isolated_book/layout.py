"""Where things are in the workbook: sheets, first rows, defined names."""

from typing import Final

from openpyxl.utils import get_column_letter

from ringfence_addin.functions import RISK_COLUMNS

POSITIONS, RISK, DASHBOARD, WHAT_IF, NOTES, CALC = (
    "Positions",
    "Risk",
    "Dashboard",
    "What if",
    "Notes",
    "Calc",
)
TABLE: Final = "Positions"  # the table's name; its sheet has the same

RISK_HEAD: Final = 6
CALC_HEAD: Final = 5

RED_DISTANCE, AMBER_DISTANCE, RED_RATIO = "red_distance", "amber_distance", "red_ratio"

# Columns of Calc, from A on. Each has a name calc_<column> over its rows.
CALC_COLUMNS: Final = (
    "row",
    "used",
    "state",
    "away",
    "sort_key",
    "rank",
    "mark_price",
    "margin",
    "notional",
    "unrealized_pnl",
    "left_to_lose",
    "light",
    "status",
)
# Then, after a gap, the chart's figures, and after another one what RF_RISK returns.
CHART_COLUMNS: Final = ("rank", "row", "position", "red", "amber", "green")
CHART_ROWS: Final = 12
SHORTEST_BAR: Final = "$G$3"
# Below the chart's figures, in the same columns: the answers of the sheet What if.
ANSWERS_HEAD: Final = CALC_HEAD + CHART_ROWS + 4
_CHART_START: Final = len(CALC_COLUMNS) + 2
_BLOCK_START: Final = _CHART_START + len(CHART_COLUMNS) + 1

CALC_LETTER: Final = {name: get_column_letter(at) for at, name in enumerate(CALC_COLUMNS, 1)}
CHART_LETTER: Final = {
    name: get_column_letter(at) for at, name in enumerate(CHART_COLUMNS, _CHART_START)
}
BLOCK_LETTER: Final = {
    name: get_column_letter(at) for at, name in enumerate(RISK_COLUMNS, _BLOCK_START)
}


def body(column: str, head: int, rows: int) -> str:
    """The cells below a header: ``body("C", 5, 3)`` is ``$C$6:$C$8``."""
    return f"${column}${head + 1}:${column}${head + rows}"
