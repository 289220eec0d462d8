"""The sheet Notes: what the sheets say, what is assumed, which rules made the figures."""

import math
from collections.abc import Sequence
from datetime import date
from typing import Final

from openpyxl.workbook.defined_name import DefinedName

from ringfence import tiers, venues
from ringfence.inputs import SIDES
from ringfence.quantities import CONTRACT_TYPES
from ringfence_templates import style
from ringfence_templates.hosts import Host
from ringfence_templates.position_sizer import layout
from ringfence_templates.position_sizer.trade import ASSUMED, WALLET_MULTIPLE, Trade
from ringfence_templates.position_sizer.workings import Workings
from ringfence_templates.sheet import Book, Sheet

_HEADS: Final = (
    ("venue", 19.0),
    ("product", 40.0),
    ("maintenance margin", 24.0),
    ("fee in the trigger", 22.0),
    ("rule since", 12.0),
    ("confidence", 11.0),
    ("tiers of", 12.0),
    ("tiers' age, days", 15.0),
    ("what it does with a box: funding, withdrawals, auto-margin, liquidation", 92.0),
)
_COLUMNS: Final = "BCDEFGHIJ"
_DAYS, _COUNTS = "FH", "I"
_LINE_POINTS: Final = 13.5
_LINE_CHARACTERS: Final = 275  # of the merged columns C to J

Texts = Sequence[tuple[str, str]]

_SHEETS: Final[Texts] = (
    (
        "Sizer",
        "Type in the pale yellow cells. Each has the name of the formulas' argument, so that"
        " =RF_LIQ_PRICE(venue,symbol,side,size,entry_price,isolated_margin,leverage) works in any"
        " cell of this workbook. Rates are fractions: 0.0005, not 0.05. In an optional cell a 0"
        " counts as blank.",
    ),
    (
        "Modes",
        "RF_COMPARE_MODES: the position as it is, with twice the margin, with the whole wallet"
        " behind it (cross), and with its whole value as margin.",
    ),
    (
        "Path",
        "RF_LIQ_PATH: what the venue closes, step by step, while the price goes on. gap: how far"
        " beyond the liquidation price a venue acts that closes only as much as it must; slippage"
        " is that of the sheet Sizer. close until safe: as"
        " little as lets the rest stand; step down: what lies above a lower tier; take over: the"
        " venue takes the rest at the bankruptcy price. Beside it RF_AUTO_ADD, where the venue has"
        " auto-margin on file.",
    ),
    (
        "Ladder",
        "Other sizes with the margin that is in the box now, and other leverages of the same size."
        " The first column is yours. Whether the venue offers that leverage at that size is not"
        " checked.",
    ),
)
_MEANINGS: Final[Texts] = (
    (
        "Liquidation price",
        "The first adverse mark price at which the equity of the box (isolated margin + unrealized"
        " PnL) is down to what the venue requires, with the tier of that price, not of the entry.",
    ),
    (
        "Sigma",
        "One standard deviation of the logarithm of the price over the days given:"
        " volatility x root(days / 365).",
    ),
    (
        "Chance to touch",
        "RF_TOUCH_PROB: the price touches the liquidation price at any moment within the days."
        " ASSUMED: log-normal moves without drift of the price, at the volatility given, watched"
        " all the time, no gaps. Real prices jump and have fat tails: a far price is likelier than"
        " that.",
    ),
    (
        "Largest size",
        "RF_MAX_SIZE: with the margin that is in the box, the largest size that a move of so many"
        " sigmas over so many days does not liquidate, after the funding of those days and the fee"
        " to close. ASSUMED: funding_rate and margin stay as they are. Whether the venue lets that"
        " size be opened at the leverage set is not checked.",
    ),
    (
        "Stop",
        "RF_STOP_CHECK: the loss since entry, with the taker fee and the slippage given. Where the"
        " liquidation price comes first the stop never works, and the loss is the whole margin."
        " ASSUMED: the stop is filled; a gap can pass it.",
    ),
    (
        "Days until funding",
        "RF_FUNDING_DAYS: funding alone, the price standing still and the rate staying as it is."
        " What the wallet has beyond the box pays first where the venue asks it first.",
    ),
    (
        "Top-up",
        "RF_TOP_UP: the margin to add so that the box is liquidated at target_price.",
    ),
    (
        "May be taken out",
        "RF_WITHDRAWABLE: by the venue's own limit; n/a where that is not on file.",
    ),
    (
        "Path",
        "ASSUMED: the price goes on in a straight line, each fill is off by the slippage given, and"
        " a box that fails is lost down to what the last lines of the path leave.",
    ),
    (
        "The verdict",
        "Red: the move liquidates the size chosen, or the liquidation comes before the stop."
        " Amber: there is no stop, or something is missing to judge. Green: neither. Never: no"
        " price liquidates it. The words say which.",
    ),
    ("n/a", "No answer on file, or an input that a formula needs is missing; the words say which."),
)
_HANDLING: Final[Texts] = (
    (
        "Workings",
        "The sheet Calc is hidden: right-click a sheet's tab, Unhide (LibreOffice: Show Sheet). It"
        " holds what the RF_ formulas return, and what is worked out once for all sheets, each"
        " under a name.",
    ),
    (
        "Without Ringfence",
        "Where it is not loaded (viewers, phones, LibreOffice without the extension) the sheets"
        " show the values stored here. A program that computes anew all the same cannot know the"
        " RF_ formulas; the verdict then says so. Close without saving and open where Ringfence"
        " runs.",
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
    "Other positions of the account: in the mode cross the position is alone in it.",
    "A price that jumps past a stop or past the liquidation price, auto-deleveraging, a funding"
    " rate that changes, a volatility that changes.",
    "Changes of the tiers after the day given here. The venue's own engine decides.",
)


def add_notes(book: Book, its: Workings) -> None:
    """Add the sheet; it also holds the lists of the dropdowns."""
    trade = its.trade
    sheet = book.sheet(layout.NOTES, tab_colour=style.STEEL)
    day = trade.as_of or trade.filled_on
    sheet.put("B1", "Notes", "title")
    sheet.worksheet.row_dimensions[1].height = 28
    sheet.put(
        "B2",
        f"Filled on {trade.filled_on.isoformat()} with the rules of {day.isoformat()}.",
        "subtitle",
    )
    handling = (*_HANDLING, ("Recalculating", _RECALCULATE[book.host]))
    at = _add_texts(sheet, 4, "What each sheet says", _SHEETS)
    if started := _started(trade):
        at = _add_texts(sheet, at, "Put in to start with, because the file does not say", started)
    at = _add_texts(sheet, at, "What the figures mean, and what is assumed", _MEANINGS)
    at = _add_texts(sheet, at, "How to use this workbook", handling)
    at = _add_venues(sheet, at, trade, day)
    at = _add_texts(sheet, at, "Sources of the venue", _sources(trade, day))
    at = _add_texts(sheet, at, "Not modelled, and assumed", _limits(trade, day))
    _add_words(book, sheet, at)
    sheet.worksheet.column_dimensions["A"].width = 2
    for column, (_, width) in zip(_COLUMNS, _HEADS, strict=True):
        sheet.worksheet.column_dimensions[column].width = width
    sheet.print_set_up(f"A1:{_COLUMNS[-1]}{at - 2}")  # without the words


def _started(trade: Trade) -> Texts:
    how = {
        "interval_hours": f"{ASSUMED['interval_hours']:g}, as at most venues; some pay each hour.",
        "volatility": f"{ASSUMED['volatility']:g}: not the contract's own. Give yours.",
        "sigmas": f"{ASSUMED['sigmas']:g}.",
        "days": f"{ASSUMED['days']:g}.",
        "stop_price": "Half of the way from the mark price to the liquidation price (to a move of"
        " one sigma where there is none), rounded.",
        "slippage": f"{ASSUMED['slippage']:g}.",
        "target_price": "The price after the move to survive, rounded.",
        "wallet_balance": f"{WALLET_MULTIPLE:g} x the margin in the box."
        + (f" The accounts gave none: {trade.wallet_problem}." if trade.wallet_problem else ""),
    }
    return [(name, how[name]) for name in trade.put_in]


def _section(sheet: Sheet, at: int, title: str) -> int:
    for column in _COLUMNS:
        sheet.put(f"{column}{at}", None, "section")
    sheet.put(f"{_COLUMNS[0]}{at}", title, "section")
    return at + 1


def _add_texts(sheet: Sheet, at: int, title: str, texts: Texts) -> int:
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


def _add_venues(sheet: Sheet, at: int, trade: Trade, day: date) -> int:
    at = _section(sheet, at, "Rules on file, one line a rule")
    for column, (head, _) in zip(_COLUMNS, _HEADS, strict=True):
        side = " right" if column in _COUNTS else " center" if column in _DAYS else ""
        sheet.put(f"{column}{at}", head, f"column head{side}")
    for venue in venues.names():
        on_file = tiers.tier_file(venue)
        tiers_day = date.fromisoformat(on_file.as_of) if on_file.as_of else None
        of_venue = (
            tiers_day or "none",
            (trade.filled_on - tiers_day).days if tiers_day else None,
        )
        # What goes for the venue stands in the first line of its rules.
        for number, rule in enumerate(venues.in_force(venue, day)):
            at += 1
            contents = (
                None if number else venue,
                rule.product.replace("Ⓢ", "S"),  # few fonts have it
                f"{rule.schedule.replace('_', '-')}, {rule.maintenance_price} price",
                rule.fee_in_trigger,
                rule.effective_from,
                rule.confidence,
                *((None,) * len(of_venue) if number else of_venue),
                "; ".join(rule.box.statements) or "not on file",
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
            lines = max(lines, math.ceil(len(content) / (1.3 * width)))
    sheet.worksheet.row_dimensions[at].height = lines * _LINE_POINTS + 2


def _venue(trade: Trade) -> str:
    """The trade's venue where it is on file; ''."""
    named = str(trade.given["venue"] or "").lower()
    return named if named in venues.names() else ""


def _sources(trade: Trade, day: date) -> Texts:
    venue = _venue(trade)
    if not venue:
        return [("", "ringfence venues --venue NAME lists the pages of a venue.")]
    on_file = tiers.tier_file(venue)
    pages = dict.fromkeys(s for rule in venues.in_force(venue, day) for s in rule.sources)
    texts = [(venue, f"{s.title}: {s.url} (read {s.read})".replace("Ⓢ", "S")) for s in pages]
    return [*texts, (f"{venue}, tiers", f"{on_file.as_of}: {on_file.source}")]


def _limits(trade: Trade, day: date) -> Texts:
    texts = [("Everywhere", text) for text in _NOT_MODELLED]
    if venue := _venue(trade):
        rules = venues.in_force(venue, day)
        for word, limits in (
            ("Not modelled", [text for rule in rules for text in rule.not_modelled]),
            ("Assumed", [text for rule in rules for text in rule.assumed]),
        ):
            if limits:
                texts.append((venue, f"{word}: {'; '.join(dict.fromkeys(limits))}."))
    return texts


def _add_words(book: Book, sheet: Sheet, at: int) -> None:
    """The words of the dropdowns."""
    at = _section(sheet, at, "Words of the dropdown lists")
    words = {
        "venue": venues.names(),
        "side": tuple(word for word in SIDES if word in ("long", "short")),
        "contract_type": tuple(CONTRACT_TYPES),
    }
    for column, (name, listed) in zip("BCD", words.items(), strict=True):
        sheet.put(f"{column}{at}", name, "column head")
        for offset, word in enumerate(listed, 1):
            sheet.put(f"{column}{at + offset}", word, "text")
        title, first = f"list_{name}", at + 1
        area = f"{layout.NOTES}!${column}${first}:${column}${at + len(listed)}"
        book.workbook.defined_names[title] = DefinedName(title, attr_text=area)
