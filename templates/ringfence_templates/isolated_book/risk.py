"""The sheet Risk: every position, nearest liquidation first, with its traffic light."""

from typing import Final

from ringfence_templates import style
from ringfence_templates.isolated_book import layout
from ringfence_templates.isolated_book.model import Model, Row
from ringfence_templates.package import Value
from ringfence_templates.ranked_sheet import (
    Column,
    Ranked,
    RankedSheet,
    Threshold,
    add_colours,
    add_thresholds,
)
from ringfence_templates.ranking import LIGHTS
from ringfence_templates.sheet import Book

_NUMBER: Final = "L"  # column of the row number in Positions


def _of_calc(name: str) -> str:
    return f"INDEX({name},${_NUMBER}{{r}})"


def _of_positions(name: str) -> str:
    return layout.of_row(name, f"${_NUMBER}{{r}}") + '&""'


_COLUMNS: Final = {
    "B": Column("light", 12, "label", _of_calc("calc_light")),
    "C": Column("symbol", 18, "text", _of_positions("symbol")),
    "D": Column("side", 8, "text", _of_positions("side")),
    "E": Column("venue", 15, "text", _of_positions("venue")),
    "F": Column("account", 13, "text", _of_positions("account")),
    "G": Column("distance", 11, "percent", _of_calc("risk_liquidation_distance")),
    "H": Column("margin ratio", 12, "percent", _of_calc("risk_margin_ratio")),
    "I": Column("liquidation price", 16, "price", _of_calc("risk_liquidation_price")),
    "J": Column("mark price", 13, "price", _of_calc("calc_mark_price")),
    "K": Column("max loss (USD)", 16, "money", _of_calc("calc_margin")),
    "M": Column("status", 60, "long text", _of_calc("calc_status")),
}
SHEET: Final = RankedSheet(
    name=layout.RISK,
    what="positions",
    names="calc",
    lights=LIGHTS,
    head=layout.RISK_HEAD,
    columns=_COLUMNS,
    number=_NUMBER,
    rank_width=8,
    frozen_before="D",
)
_THRESHOLDS: Final = (
    Threshold("B4", layout.RED_DISTANCE, "Red below", "A4"),
    Threshold("D4", layout.AMBER_DISTANCE, "Amber below", "C4"),
    Threshold("H4", layout.RED_RATIO, "red too from a ratio of", "G4"),
)


def add_risk(book: Book, model: Model) -> None:
    """Add the sheet, and the names of the thresholds on it."""
    ranked = [Ranked(row.number, _values(row)) for row in model.ranked]
    sheet = SHEET.title(book, ranked, style.RED)
    SHEET.heads(sheet)
    add_thresholds(book, sheet, _THRESHOLDS, model.thresholds)
    sheet.put("E4", " of distance", "caption")
    sheet.put("I4", " These three are yours to change.", "caption")
    SHEET.rows(sheet, ranked, model.capacity)
    first, last = SHEET.head + 1, SHEET.head + model.capacity
    add_colours(sheet, LIGHTS, first, last, distance="G", end="M")


def _values(row: Row) -> dict[str, Value]:
    return {
        "light": row.light,
        **{name: row.text(name) for name in ("symbol", "side", "venue", "account")},
        "distance": row.risk["liquidation_distance"],
        "margin ratio": row.risk["margin_ratio"],
        "liquidation price": row.risk["liquidation_price"],
        "mark price": row.mark_price,
        "max loss (USD)": row.margin,
        "status": row.status,
    }
