"""Positions in the order of their liquidation: as Python ranks them, and as formulas do."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ringfence import position
from ringfence_templates.package import Value

BLANK: Final = ""
# States of a row, as the sheet Calc names them
OK, ALREADY, NEVER, ERROR = "ok", "already", "never", "error"
_STATES: Final = {position.ALREADY: ALREADY, position.NEVER: NEVER}
# Ranked behind every distance, in this order
ERROR_KEY, NEVER_KEY = 1e9, 2e9
# What differs by less is equal and ranked by row: hosts compare numbers more loosely than Python,
# and the ranks must not depend on which one computes them.
KEY_DIGITS: Final = 12

LIGHTS: Final = ("Liquidated", "Red", "Amber", "Green", "Never", "Error")


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where the traffic lights change; cells that the user may edit."""

    red_distance: float = 0.05
    amber_distance: float = 0.20
    red_ratio: float = 0.8


def state_of(status: str) -> str:
    return ERROR if status.startswith("error") else _STATES.get(status, OK)


def away_of(state: str, distance: Value) -> Value:
    """The distance; "already liquidated" is 0 away, whatever price would bring it back."""
    if state == OK:
        return distance
    if state == ALREADY:
        return 0.0 if isinstance(distance, str) else min(distance, 0.0)
    return BLANK


def sort_key(state: str, away: Value) -> float:
    if isinstance(away, str):
        return NEVER_KEY if state == NEVER else ERROR_KEY
    return round(away, KEY_DIGITS)


def light_of(
    state: str, away: Value, ratio: Value, thresholds: Thresholds, *, strained: bool = False
) -> str:
    """The traffic light; ``strained``: amber for another reason than the distance."""
    if state != OK or isinstance(away, str):
        return {ALREADY: "Liquidated", NEVER: "Never"}.get(state, "Error")
    high = not isinstance(ratio, str) and ratio >= thresholds.red_ratio
    if away < thresholds.red_distance or high:
        return "Red"
    return "Amber" if away < thresholds.amber_distance or strained else "Green"


def in_dollars(risk: Mapping[str, Value], name: str, at_least: float = -math.inf) -> Value:
    """A figure of RF_RISK's row in dollars; blank where either is not known."""
    figure, settle = risk[name], risk["settle_price"]
    if isinstance(settle, str) or isinstance(figure, str):
        return BLANK
    return max(at_least, figure) * settle


def formulas(cell: Mapping[str, str], risk: Mapping[str, str], row: str) -> dict[str, str]:
    """State, distance and rank, by the cells of Calc's and RF_RISK's columns in one ``row``."""
    state, away, distance = cell["state"], cell["away"], risk["liquidation_distance"]
    return {
        "state": (
            f'=IF({cell["used"]}=0,"",IF(LEFT({cell["status"]},5)="error","error",'
            f'IF({cell["status"]}="already liquidated","already",'
            f'IF({cell["status"]}="never liquidated","never","ok"))))'
        ),
        "away": (f'=IF({state}="ok",{distance},IF({state}="already",MIN(N({distance}),0),""))'),
        "sort_key": (
            f'=IF({state}="","",IF({state}="error",{ERROR_KEY:.0f},'
            f'IF({state}="never",{NEVER_KEY:.0f},ROUND({away},{KEY_DIGITS}))))'
        ),
        "rank": (
            f'=IF({state}="","",SUMPRODUCT((calc_sort_key<{cell["sort_key"]})'
            f"+(calc_sort_key={cell['sort_key']})*(calc_row<{row}))+1)"
        ),
    }
