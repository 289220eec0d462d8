"""The sheet Risk: every position, nearest liquidation first, boxes and pools told apart."""

from typing import Final

from ringfence_templates import entry, style
from ringfence_templates.mixed_book import layout
from ringfence_templates.mixed_book.model import CROSS, Model, Row
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
    "C": Column("mode", 11, "label", figure("calc_mode")),
    "D": Column("symbol", 17, "text", typed("symbol")),
    "E": Column("side", 8, "text", typed("side")),
    "F": Column("venue", 14, "text", typed("venue")),
    "G": Column("account", 17, "text", typed("account")),
    "H": Column("distance", 11, "percent", figure("risk_liquidation_distance")),
    "I": Column("margin ratio", 13, "percent", figure("risk_margin_ratio")),
    "J": Column("liquidation price", 17, "price", figure("risk_liquidation_price")),
    "K": Column("mark price", 13, "price", figure("calc_mark_price")),
    "L": Column("notional (USD)", 16, "money", figure("calc_notional")),
    "M": Column("PnL (USD)", 14, "money", figure("calc_unrealized_pnl")),
    "N": Column("max loss (USD)", 16, "money", figure("calc_max_loss")),
    "P": Column("status", 40, "long text", figure("calc_status")),
    "Q": Column("rule", 37, "text", figure("risk_rule")),
}
SHEET: Final = RankedSheet(
    name=layout.RISK,
    what="positions",
    names="calc",
    lights=LIGHTS,
    head=layout.RISK_HEAD,
    columns=_COLUMNS,
    number="O",
    rank_width=7,
    frozen_before="E",
)
_THRESHOLDS: Final = (
    Threshold("C4", layout.RED_DISTANCE, "Red below", "B4"),
    Threshold("E4", layout.AMBER_DISTANCE, "Amber below", "D4"),
    Threshold("I4", layout.RED_RATIO, "red too from a ratio of", "H4"),
    Threshold("L4", layout.AMBER_RATIO, "pools: amber from a ratio of", "K4"),
)
_STALE: Final = 'SUMPRODUCT(ISNUMBER(FIND("tiers",risk_rule))*1)'
_ON_OTHERS: Final = " on tiers of another day than theirs: see the column rule"


def add_risk(book: Book, model: Model) -> None:
    """Add the sheet, and the names of the thresholds on it."""
    ranked = [Ranked(row.row, _values(row)) for row in model.ranked]
    sheet = SHEET.title(book, ranked, style.RED, _stale(model))
    sheet.put(
        f"H{SHEET.head - 1}",
        "cross: the price of this contract alone, the others at their marks; ratio and max loss are"
        " its whole pool's",
        "caption",
    )
    SHEET.heads(sheet)
    add_thresholds(book, sheet, _THRESHOLDS, model.thresholds)
    sheet.put("F4", " of distance", "caption")
    sheet.put("M4", " These four are yours to change.", "caption")
    SHEET.rows(sheet, ranked, model.capacity)
    first, last = SHEET.head + 1, SHEET.head + model.capacity
    modes = entry.mode_rule(f'$C{first}="{CROSS}"')
    sheet.worksheet.conditional_formatting.add(f"C{first}:C{last}", modes)
    add_colours(sheet, LIGHTS, first, last, distance="H", end="Q")


def _stale(model: Model) -> tuple[str, str]:
    """What the line below the title says of old tiers, as a formula and as a text."""
    stale = sum("tiers" in str(row.risk["rule"]) for row in model.rows)
    return (
        f'&IF({_STALE}=0,"",". "&{_STALE}&"{_ON_OTHERS}")',
        f". {stale}{_ON_OTHERS}" if stale else "",
    )


def _values(row: Row) -> dict[str, Value]:
    return {
        "light": row.light,
        "mode": row.mode,
        **{name: row.text(name) for name in ("symbol", "side", "venue", "account")},
        "distance": row.risk["liquidation_distance"],
        "margin ratio": row.risk["margin_ratio"],
        "liquidation price": row.risk["liquidation_price"],
        "mark price": row.mark_price,
        "notional (USD)": row.notional,
        "PnL (USD)": row.unrealized_pnl,
        "max loss (USD)": row.max_loss,
        "status": row.status,
        "rule": row.risk["rule"],
    }
