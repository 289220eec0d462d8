"""The sheets Details and Rules: the venues in the order of Compare, with all that is known."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from ringfence_templates import style
from ringfence_templates.position_sizer import told
from ringfence_templates.position_sizer.told import Told, equal, is_number, when
from ringfence_templates.sheet import Book
from ringfence_templates.venue_compare import layout, pieces
from ringfence_templates.venue_compare.blocks import JUDGED, Workings
from ringfence_templates.venue_compare.layout import ROWS

HEAD: Final = 4
_RIGHT: Final = ("count", "price", "fine", "rate", "percent", "money", "multiple", "quantity")


class Column(NamedTuple):
    """``shown``: what stands in it, by the rank counted from 0."""

    head: str
    width: float
    look: str
    shown: Callable[[Workings, int], Told]


def _rank(its: Workings, rank: int) -> Told:
    found = equal(its.ranked(JUDGED, "answered", rank), 1)
    return when(found, told.constant(rank + 1), "")


def _judged(name: str) -> Callable[[Workings, int], Told]:
    return lambda its, rank: its.ranked(JUDGED, name, rank)


def _words(name: str) -> Callable[[Workings, int], Told]:
    return lambda its, rank: pieces.text(its.ranked(JUDGED, name, rank))


def _risk(name: str) -> Callable[[Workings, int], Told]:
    return lambda its, rank: its.ranked_risk(name, rank)


def _symbol(its: Workings, rank: int) -> Told:
    return pieces.text(its.ranked_feed("symbol", rank))


def _contracts(its: Workings, rank: int) -> Told:
    size = its.ranked_feed("size", rank)
    return when(is_number(size), size, "")


_DETAILS: Final = {
    "A": Column("rank", 6, "count", _rank),
    "B": Column("venue", 14, "text", _words("label")),
    "C": Column("symbol", 20, "text", _symbol),
    "D": Column("contracts", 14, "quantity", _contracts),
    "E": Column("liquidation price", 16, "price", _risk("liquidation_price")),
    "F": Column("distance", 10, "fine", _judged("away")),
    "G": Column("bankruptcy price", 16, "price", _risk("bankruptcy_price")),
    "H": Column("margin ratio", 12, "fine", _risk("margin_ratio")),
    "I": Column("leverage", 10, "multiple", _risk("effective_leverage")),
    "J": Column("margin", 13, "money", _judged("box")),
    "K": Column("initial margin", 14, "money", _judged("initial_margin")),
    "L": Column("maintenance", 13, "money", _judged("maintenance_margin")),
    "M": Column("at liquidation", 13, "money", _judged("at_liquidation")),
    "N": Column("of the value", 12, "rate", _judged("rate")),
    "O": Column("tier's rate", 11, "rate", _judged("tier_rate")),
    "P": Column("fee in the trigger", 34, "remark", _words("fee")),
}
_RULES: Final = {
    "A": Column("rank", 6, "count", _rank),
    "B": Column("venue", 14, "text", _words("label")),
    "C": Column("rule", 26, "text", _words("rule")),
    "D": Column("since", 12, "text", _words("since")),
    "E": Column("confidence", 11, "text", _words("confidence")),
    "F": Column("tiers of", 12, "text", _words("tiers_of")),
    "G": Column("funding is paid by", 24, "long text", _words("funding")),
    "H": Column("what a liquidation takes", 84, "long text", _words("takes")),
    "I": Column("what to know, or why there is no answer", 62, "long text", _words("remark")),
}
_DETAILS_READ: Final = (
    "Money in dollars; of inverse contracts at the mark price. Margin ratio: maintenance"
    " requirement / margin balance at the mark, liquidation at 100 %, the same way up everywhere.",
    "Initial and maintenance margin as each venue computes them at the mark price. At liquidation:"
    " the maintenance margin at the liquidation price, and what it is of the value there;"
    " unlike the tier's rate, less a maintenance amount and with a fee that the venue counts in.",
    "Tier's rate: that of the tier on file that the liquidation price lies in. n/a: rates there"
    " grow with the size or depend on the leverage, and the column before it says what comes out.",
)


def add_details(book: Book, its: Workings) -> None:
    """Add the sheet of figures."""
    _add(book, its, layout.DETAILS, "Every figure, farthest liquidation first.", _DETAILS)
    worksheet = book.workbook[layout.DETAILS]
    worksheet.freeze_panes = f"C{HEAD + 1}"


def add_rules(book: Book, its: Workings) -> None:
    """Add the sheet of words."""
    about = (
        f"The rules on file on {its.trade.day.isoformat()}, in the same order. Sources and what is"
        " assumed: sheet Notes."
    )
    _add(book, its, layout.RULES, about, _RULES)


def _add(book: Book, its: Workings, name: str, about: str, columns: Mapping[str, Column]) -> None:
    sheet = book.sheet(name, tab_colour=style.STEEL)
    sheet.put("A1", name, "title")
    sheet.worksheet.row_dimensions[1].height = 28
    sheet.put("A2", about, "subtitle")
    for letter, column in columns.items():
        side = " right" if column.look in _RIGHT else ""
        sheet.put(f"{letter}{HEAD}", column.head, f"column head{side}")
        for rank in range(ROWS):
            piece = column.shown(its, rank)
            value = told.as_value(piece.value)
            sheet.formula(f"{letter}{HEAD + 1 + rank}", f"={piece.formula}", value, column.look)
    sheet.widths(**{letter: column.width for letter, column in columns.items()})
    sheet.worksheet.row_dimensions[HEAD].height = 20
    end, last = list(columns)[-1], HEAD + ROWS
    if name == layout.DETAILS:
        for at, text in enumerate(_DETAILS_READ, last + 2):
            sheet.put(f"A{at}", text, "caption")
        last += 1 + len(_DETAILS_READ)
    sheet.print_set_up(f"A1:{end}{last}", repeat_rows=f"{HEAD}:{HEAD}", one_page=True)
