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
    figure,
    typed,
)
from ringfence_templates.ranking import LIGHTS
from ringfence_templates.sheet import Book

_COLUMNS: Final = {
    "B": Column("light", 12, "label", figure("calc_light")),
    "C": Column("symbol", 18, "text", typed("symbol")),
    "D": Column("side", 8, "text", typed("side")),
    "E": Column("venue", 15, "text", typed("venue")),
    "F": Column("account", 13, "text", typed("account")),
    "G": Column("distance", 11, "percent", figure("risk_liquidation_distance")),
    "H": Column("margin ratio", 12, "percent", figure("risk_margin_ratio")),
    "I": Column("liquidation price", 16, "price", figure("risk_liquidation_price")),
    "J": Column("mark price", 13, "price", figure("calc_mark_price")),
    "K": Column("max loss (USD)", 16, "money", figure("calc_margin")),
    "M": Column("status", 60, "long text", figure("calc_status")),
}
SHEET: Final = RankedSheet(
    name=layout.RISK,
    what="positions",
    names="calc",
    lights=LIGHTS,
    head=layout.RISK_HEAD,
    columns=_COLUMNS,
    number="L",
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
