"""The sheet Notes: what the figures mean, which rules made them, and what is not in them."""

from typing import Final

from ringfence import venues
from ringfence_templates import notes
from ringfence_templates.isolated_book.model import Model
from ringfence_templates.sheet import Book

_COLUMNS: Final = tuple(its for its in notes.COLUMNS if its is not notes.CROSS)

_MEANINGS: Final = (
    (
        "Liquidation price",
        "The first adverse mark price at which the equity of the box (isolated margin + unrealized"
        " PnL) is down to what the venue requires, with the tier of that price, not of the entry.",
    ),
    (
        "Distance",
        "How far the mark price must move to get there, as a share of the mark price. Rows are"
        " ranked by it.",
    ),
    (
        "Margin ratio",
        "Maintenance requirement / margin balance, the same way up for every venue: liquidation at"
        " 100 %. Some venues show it the other way up; that is venue_margin_ratio in Calc.",
    ),
    (
        "never",
        "No price liquidates the position: its margin covers any loss. Sorts last.",
    ),
    ("bankrupt", "The margin balance is gone, so the margin ratio has no finite value."),
    (
        "Liquidated",
        "The mark price is at or past the liquidation price: the venue has acted or will at once."
        " It counts as 0 % away, and the chart gives it a short bar.",
    ),
    (
        "Max loss",
        "The isolated margin: the most one box can lose. On Risk and Dashboard it is in US"
        " dollars; inverse margin counts at the mark price. USDT, USDC and USD count as one. Rows"
        " in error and quanto contracts are left out and counted.",
    ),
    (
        "Left to lose",
        "The margin balance (isolated margin + unrealized PnL), box by box: a bankrupt box counts"
        " as 0, because the others do not pay for it.",
    ),
    (
        "Lights",
        "Red, amber and green by the thresholds on the sheet Risk, always with the word beside the"
        " colour.",
    ),
)
_HANDLING: Final = (
    (
        "Typing",
        "Type or paste into the pale yellow cells of Positions. The column check says ok, or the"
        " field to fix; the column status says what is wrong. Ctrl+Shift+L puts filter buttons on"
        " the table. Rates are fractions: 0.0005, not 0.05. In an"
        " optional cell a 0 counts as blank.",
    ),
    (
        "Rules as of",
        "Blank: the rules in force today. A day there, or in a row's own as_of, applies the rules"
        " of that day.",
    ),
    (
        "More rows",
        "The spare rows of the table are for typing. Beyond them: run ringfence fill on the longer"
        " list. Or in this file: show Calc, give the array formula the new last row in ROW(...)"
        " (xlwings Lite: in its first cell; elsewhere select the longer block, F2,"
        " Ctrl+Shift+Enter), copy the last rows of Calc and Risk down, and move the ends of the"
        " names calc_... and risk_... in the Name Manager. Dashboard warns while rows are missing.",
    ),
    (
        "Workings",
        "The sheet Calc is hidden, so that it does not print with the book: right-click a sheet's"
        " tab, Unhide (LibreOffice: Show Sheet). It calls RF_RISK once for the whole table and"
        " derives from it what Risk and Dashboard show. What if computes one position with the"
        " single formulas and should agree with it.",
    ),
    (
        "Without Ringfence",
        "Where it is not loaded (viewers, phones, LibreOffice without the extension) the sheets"
        " show the values stored here. A program that computes anew all the same cannot know the"
        ' RF_ formulas: What if then says "needs Ringfence", and Positions that RF_RISK gave no'
        " answer. Close without saving and open where Ringfence runs.",
    ),
)
_NOT_MODELLED: Final = (
    "Cross margin, portfolio margin and hedged pools: every row is a box of its own.",
    "A price that jumps past the liquidation price, funding still to be paid, auto-deleveraging,"
    " and what the venue keeps or returns after a liquidation.",
    "Changes of the tiers after the day given above. The venue's own engine decides.",
)


def add_notes(book: Book, model: Model) -> None:
    """Add the sheet; it also holds the lists of the dropdowns."""
    page = notes.Notes(book, _COLUMNS, filled_on=model.filled_on, as_of=model.as_of)
    here = [row.text("venue") for row in model.rows]
    used = notes.used(here)
    page.texts(
        "How to use this workbook",
        (*_HANDLING, ("Recalculating", notes.RECALCULATE[book.host])),
    )
    page.texts("What the figures mean", _MEANINGS)
    page.rules("Rules on file, one line a rule", venues.names(), here)
    page.sources("Sources", used)
    page.limits("Not modelled, and assumed", used, _NOT_MODELLED)
    # Cross pools are for another template.
    page.words({**notes.WORDS, "margin_mode": ("isolated",)})
