"""The Dashboard's table of isolated boxes beside cross pools: a line a figure."""

from collections.abc import Mapping
from typing import Final

from ringfence_templates.mixed_book.model import CENTS, CROSS, ISOLATED, MODES, NEAR, Model, summed
from ringfence_templates.package import Value
from ringfence_templates.ranking import BLANK, ERROR
from ringfence_templates.sheet import Sheet

FREE, ALL = "free", "together"
COLUMN: Final = {ISOLATED: "D", CROSS: "E", FREE: "F", ALL: "G"}
NONE: Final = "none"
# Line -> (label, look)
LINES: Final = {
    "positions": ("Positions", "count"),
    "stake": ("Wallet", "money"),
    "pnl": ("Unrealized PnL", "money"),
    "equity": ("Equity", "money"),
    "notional": ("Notional", "money"),
    "leverage": ("Notional / equity", "multiple"),
    "nearest": ("Nearest liquidation", "percent"),
    "near": (f"Within {NEAR:.0%} of it", "count"),
    "free": ("Beyond initial margin", "money"),
    "errors": ("Not computed", "count"),
}
_SUMMED: Final = ("positions", "stake", "pnl", "notional", "near", "free", "errors")
_HEAD: Final = 10  # row of the heads on the Dashboard
_ROW: Final = {name: at for at, name in enumerate(LINES, _HEAD + 1)}

Figures = Mapping[str, Mapping[str, Value]]


def at(line: str, column: str) -> str:
    """The cell of a figure, such as ``G14``."""
    return f"{COLUMN[column]}{_ROW[line]}"


def total(name: str) -> str:
    """A total of RF_EXPOSURE, as a formula reads it; 0 where there is none."""
    return f'N(INDEX(exposure_figure,MATCH("{name}",exposure_name,0)))'


def number(value: Value) -> float:
    """``N(value)``."""
    return 0.0 if isinstance(value, str) else value


def stake(model: Model, mode: str) -> float:
    """What is at stake in boxes; in pools it is the rest of all that is."""
    boxes = model.total("max_loss", ISOLATED)
    if mode == ISOLATED:
        return boxes
    return round(number(model.exposure.total("at_stake")) - boxes, CENTS)


def _equity(model: Model, mode: str) -> float:
    boxes = model.total("left_to_lose", ISOLATED)
    if mode == ISOLATED:
        return boxes
    return round(number(model.exposure.total("equity")) - boxes - model.idle, CENTS)


def _over(above: float, below: float) -> Value:
    return above / below if below > 0 else BLANK


def figures(model: Model) -> Figures:
    """Each line's values, by column; no entry: no cell."""
    exposure = model.exposure
    away = {
        mode: [row.away for row in model.of_mode(mode) if not isinstance(row.away, str)]
        for mode in MODES
    }
    found: dict[str, dict[str, Value]] = {name: {} for name in LINES}
    for mode in MODES:
        rows = model.of_mode(mode)
        found["positions"][mode] = len(rows)
        found["stake"][mode] = stake(model, mode)
        found["pnl"][mode] = model.total("unrealized_pnl", mode)
        found["equity"][mode] = _equity(model, mode)
        found["notional"][mode] = model.total("notional", mode)
        found["nearest"][mode] = min(away[mode], default=NONE)
        found["near"][mode] = sum(its <= NEAR for its in away[mode])
        found["errors"][mode] = sum(row.state == ERROR for row in rows)
    found["stake"][FREE] = found["equity"][FREE] = found["free"][FREE] = model.idle
    found["free"][CROSS] = number(exposure.total("free_in_pools"))
    for name in _SUMMED:
        found[name][ALL] = summed(found[name].values())
    found["equity"][ALL] = number(exposure.total("equity"))
    found["nearest"][ALL] = min((*away[ISOLATED], *away[CROSS]), default=NONE)
    for column in (*MODES, ALL):
        found["leverage"][column] = _over(
            number(found["notional"][column]), number(found["equity"][column])
        )
    return found


def formulas() -> Mapping[str, Mapping[str, str]]:
    """Each line's formulas, by column."""
    found: dict[str, dict[str, str]] = {name: {} for name in LINES}
    for mode in MODES:
        where = f'calc_mode,"{mode}"'
        away = "calc_box_away" if mode == ISOLATED else "calc_pool_away"
        found["positions"][mode] = f"=COUNTIF({where})"
        found["stake"][mode] = f"=SUMIFS(calc_max_loss,{where})"
        found["pnl"][mode] = f"=SUMIFS(calc_unrealized_pnl,{where})"
        found["equity"][mode] = f"=SUMIFS(calc_left_to_lose,{where})"
        found["notional"][mode] = f"=SUMIFS(calc_notional,{where})"
        found["nearest"][mode] = f'=IF(COUNT({away})=0,"{NONE}",MIN({away}))'
        found["near"][mode] = f'=COUNTIF({away},"<="&{NEAR})'
        found["errors"][mode] = f'=COUNTIFS({where},calc_state,"{ERROR}")'
    found["stake"][CROSS] = f"=ROUND({total('at_stake')}-{at('stake', ISOLATED)},{CENTS})"
    found["equity"][CROSS] = (
        f"=ROUND({total('equity')}-{at('equity', ISOLATED)}-{at('equity', FREE)},{CENTS})"
    )
    for name in ("stake", "equity", "free"):
        found[name][FREE] = f"={total('idle')}"
    found["free"][CROSS] = f"={total('free_in_pools')}"
    for name in _SUMMED:
        found[name][ALL] = f"=SUM({at(name, ISOLATED)}:{at(name, FREE)})"
    found["equity"][ALL] = f"={total('equity')}"
    found["nearest"][ALL] = f'=IF(COUNT(calc_away)=0,"{NONE}",MIN(calc_away))'
    for column in (*MODES, ALL):
        equity, notional = at("equity", column), at("notional", column)
        found["leverage"][column] = f'=IF({equity}>0,{notional}/{equity},"")'
    return found


def add(sheet: Sheet, model: Model) -> None:
    """Write the table, heads first."""
    for letter in "BC":
        sheet.put(f"{letter}{_HEAD}", None, "column head")
    for name, letter in COLUMN.items():
        sheet.put(f"{letter}{_HEAD}", name, "column head right")
    values, texts = figures(model), formulas()
    for line, (label, look) in LINES.items():
        for letter in ("B", "C", *COLUMN.values()):
            sheet.put(f"{letter}{_ROW[line]}", None, "text")
        sheet.put(f"B{_ROW[line]}", label, "text")
        for column, formula in texts[line].items():
            sheet.formula(at(line, column), formula, values[line][column], look)
