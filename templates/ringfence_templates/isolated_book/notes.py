"""The sheet Notes: what the figures mean, which rules made them, and what is not in them."""

import math
from datetime import date
from typing import Final

from openpyxl.workbook.defined_name import DefinedName

from ringfence import tiers, venues
from ringfence.errors import RingfenceError
from ringfence.inputs import SIDES
from ringfence.quantities import CONTRACT_TYPES
from ringfence_templates import style
from ringfence_templates.hosts import Host
from ringfence_templates.isolated_book import layout
from ringfence_templates.isolated_book.model import Model
from ringfence_templates.sheet import Book, Sheet

_HEADS: Final = (
    ("venue", 19.0),
    ("product", 44.0),
    ("contract types", 20.0),
    ("maintenance margin", 23.0),
    ("fee in the trigger", 21.0),
    ("rule since", 12.0),
    ("confidence", 11.0),
    ("tiers of", 12.0),
    ("tiers' age, days", 15.0),
    ("positions here", 14.0),
)
_COLUMNS: Final = "BCDEFGHIJK"
_DAYS, _COUNTS = "GI", "JK"
_LINE_POINTS: Final = 13.5
_LINE_CHARACTERS: Final = 195  # of the merged columns C to K

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
_RECALCULATE: Final = {
    Host.LITE: "The values in this file were computed when it was filled. With xlwings Lite and"
    " Ringfence loaded, changed cells recalculate at once; Ctrl+Alt+F9 recalculates all. This file"
    " holds the formulas as xlwings Lite stores them.",
    Host.CLASSIC: "The values in this file were computed when it was filled. With the Ringfence"
    " add-in loaded, changed cells recalculate at once; Ctrl+Alt+F9 recalculates all.",
    Host.CALC: "The values in this file were computed when it was filled. With the Ringfence"
    " extension installed, changed cells recalculate at once; Ctrl+Shift+F9 recalculates all.",
}
_NOT_MODELLED: Final = (
    "Cross margin, portfolio margin and hedged pools: every row is a box of its own.",
    "A price that jumps past the liquidation price, funding still to be paid, auto-deleveraging,"
    " and what the venue keeps or returns after a liquidation.",
    "Changes of the tiers after the day given above. The venue's own engine decides.",
)


def add_notes(book: Book, model: Model) -> None:
    """Add the sheet; it also holds the lists of the dropdowns."""
    sheet = book.sheet(layout.NOTES, tab_colour=style.STEEL)
    day = model.as_of or model.filled_on
    sheet.put("B1", "Notes", "title")
    sheet.worksheet.row_dimensions[1].height = 28
    sheet.put(
        "B2",
        f"Filled on {model.filled_on.isoformat()} with the rules of {day.isoformat()}.",
        "subtitle",
    )
    at = _add_texts(sheet, 4, "How to use this workbook", _handling(book.host))
    at = _add_texts(sheet, at, "What the figures mean", _MEANINGS)
    at = _add_venues(sheet, at, model, day)
    at = _add_texts(sheet, at, "Sources", _sources(model, day))
    at = _add_texts(sheet, at, "Not modelled, and assumed", _limits(model, day))
    _add_words(book, sheet, at)
    sheet.worksheet.column_dimensions["A"].width = 2
    for column, (_, width) in zip(_COLUMNS, _HEADS, strict=True):
        sheet.worksheet.column_dimensions[column].width = width
    sheet.print_set_up(f"A1:{_COLUMNS[-1]}{at - 2}")  # without the words


def _handling(host: Host) -> tuple[tuple[str, str], ...]:
    return (*_HANDLING, ("Recalculating", _RECALCULATE[host]))


def _section(sheet: Sheet, at: int, title: str) -> int:
    for column in _COLUMNS:
        sheet.put(f"{column}{at}", None, "section")
    sheet.put(f"{_COLUMNS[0]}{at}", title, "section")
    return at + 1


def _add_texts(sheet: Sheet, at: int, title: str, texts: tuple[tuple[str, str], ...]) -> int:
    """A section of terms and texts; the first free row after it."""
    at = _section(sheet, at, title)
    before = ""
    for term, text in texts:
        sheet.put(f"B{at}", term if term != before else "", "note term")
        before = term
        sheet.put(f"C{at}", text, "note")
        sheet.worksheet.merge_cells(f"C{at}:{_COLUMNS[-1]}{at}")
        # Merged cells do not set their row's height themselves.
        lines = math.ceil(len(text) / _LINE_CHARACTERS)
        sheet.worksheet.row_dimensions[at].height = lines * _LINE_POINTS + 4
        at += 1
    return at + 1


def _add_venues(sheet: Sheet, at: int, model: Model, day: date) -> int:
    at = _section(sheet, at, "Rules on file, one line a rule")
    for column, (head, _) in zip(_COLUMNS, _HEADS, strict=True):
        side = " right" if column in _COUNTS else " center" if column in _DAYS else ""
        sheet.put(f"{column}{at}", head, f"column head{side}")
    for venue in venues.names():
        on_file = _tiers_of(venue)
        tiers_day = date.fromisoformat(on_file.as_of) if on_file.contracts else None
        of_venue = (
            tiers_day or "none",
            (model.filled_on - tiers_day).days if tiers_day else None,
            sum(row.text("venue") == venue for row in model.rows),
        )
        # What goes for the venue stands in the first line of its rules.
        for number, rule in enumerate(venues.in_force(venue, day)):
            at += 1
            contents = (
                None if number else venue,
                rule.product.replace("Ⓢ", "S"),  # few fonts have it
                ", ".join(rule.contract_types),
                f"{rule.schedule.replace('_', '-')}, {rule.maintenance_price} price",
                rule.fee_in_trigger,
                rule.effective_from,
                rule.confidence,
                *((None,) * len(of_venue) if number else of_venue),
            )
            _add_rule(sheet, at, contents)
    return at + 2


def _add_rule(sheet: Sheet, at: int, contents: tuple[str | int | date | None, ...]) -> None:
    lines = 1
    for column, (_, width), content in zip(_COLUMNS, _HEADS, contents, strict=True):
        look = "long text"
        if column in _COUNTS:
            look = "count"
        elif column in _DAYS:
            look = "date"
        sheet.put(f"{column}{at}", content, look)
        if isinstance(content, str):
            lines = max(lines, math.ceil(len(content) / (1.2 * width)))
    sheet.worksheet.row_dimensions[at].height = lines * _LINE_POINTS + 2


def _tiers_of(venue: str) -> tiers.TierFile:
    """What is on file; where a fetched file is damaged, its rows say so and the notes stay."""
    try:
        return tiers.tier_file(venue)
    except RingfenceError as error:
        return tiers.TierFile(venue, str(error), "", "", {})


def _used(model: Model) -> list[str]:
    """The venues of the book; all of them where the book is empty."""
    here = {row.text("venue") for row in model.rows}
    return [venue for venue in venues.names() if venue in here] or list(venues.names())


def _sources(model: Model, day: date) -> tuple[tuple[str, str], ...]:
    texts = []
    for venue in _used(model):
        on_file = _tiers_of(venue)
        pages = dict.fromkeys(s for rule in venues.in_force(venue, day) for s in rule.sources)
        texts += [(venue, f"{s.title}: {s.url} (read {s.read})".replace("Ⓢ", "S")) for s in pages]
        texts.append((f"{venue}, tiers", ": ".join(filter(None, [on_file.days, on_file.source]))))
    return tuple(texts)


def _limits(model: Model, day: date) -> tuple[tuple[str, str], ...]:
    texts = [("Everywhere", text) for text in _NOT_MODELLED]
    for venue in _used(model):
        rules = venues.in_force(venue, day)
        for word, limits in (
            ("Not modelled", [text for rule in rules for text in rule.not_modelled]),
            ("Assumed", [text for rule in rules for text in rule.assumed]),
        ):
            if limits:
                texts.append((venue, f"{word}: {'; '.join(dict.fromkeys(limits))}."))
    return tuple(texts)


def _add_words(book: Book, sheet: Sheet, at: int) -> None:
    """The words of the dropdowns."""
    at = _section(sheet, at, "Words of the dropdown lists")
    words = {
        "venue": venues.names(),
        "side": tuple(word for word in SIDES if word in ("long", "short")),
        "contract_type": tuple(CONTRACT_TYPES),
        "margin_mode": ("isolated",),  # cross pools are for another template
    }
    for column, (name, listed) in zip("BCDE", words.items(), strict=True):
        sheet.put(f"{column}{at}", name, "column head")
        for offset, word in enumerate(listed, 1):
            sheet.put(f"{column}{at + offset}", word, "text")
        _add_list(book, name, column, at + 1, at + len(listed))


def _add_list(book: Book, name: str, column: str, first: int, last: int) -> None:
    title = f"list_{name}"
    book.workbook.defined_names[title] = DefinedName(
        title, attr_text=f"{layout.NOTES}!${column}${first}:${column}${last}"
    )
