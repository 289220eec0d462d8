"""The sheet Notes: what each sheet says, what is assumed, and which rules the book is held to."""

import math
from collections.abc import Sequence
from datetime import date
from typing import Final

from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.pagebreak import Break

from ringfence import tiers, venues
from ringfence.inputs import MARGIN_MODES, SIDES
from ringfence.quantities import CONTRACT_TYPES
from ringfence_templates import style
from ringfence_templates.event_risk import frame, layout
from ringfence_templates.event_risk.cells import COLLATERAL_MODES
from ringfence_templates.event_risk.model import Model
from ringfence_templates.hosts import Host
from ringfence_templates.sheet import Book, Sheet

_HEADS: Final = (
    ("venue", 19.0),
    ("product", 44.0),
    ("contract types", 20.0),
    ("maintenance margin", 23.0),
    ("fee in the trigger", 21.0),
    ("rule since", 12.0),
    ("confidence", 11.0),
    ("in cross", 11.0),
    ("tiers of", 12.0),
    ("tiers' age, days", 15.0),
    ("positions here", 14.0),
)
_COLUMNS: Final = "BCDEFGHIJKL"
_DAYS, _COUNTS = "GJ", "KL"
_LINE_POINTS: Final = 13.5
_LINE_CHARACTERS: Final = 215  # of the merged columns C to L

_SHEETS: Final = (
    (
        layout.EVENTS,
        "A row an event: the move of each coin's price, and what the book does then. The last"
        " column of moves, *, is every coin without a column of its own; the line above the coins"
        " says what the book is long (or, below 0, short) in each, so that a coin it does not hold"
        " shows a dash. Coins, names and moves are yours to change.",
    ),
    (
        layout.SHOCKS,
        "Moves of the whole market, each coin by its beta (1: as the market), and the market move"
        " at which the first box or pool fails: not read off the rows but solved for, by"
        " RF_JOINT_SHOCK. Left then: what is left once it has failed.",
    ),
    (
        layout.HEAT_MAP,
        "Two coins move apart and every other coin stands still. The colours turn at the equity"
        " now: red is less, green is more.",
    ),
    (
        layout.BOXES,
        "One event, or one move of every coin, position by position: fails or holds, and the"
        " change of equity. It opens with the worst event.",
    ),
    (
        layout.MODES,
        "The same positions and the same money with every box held in cross: its margin joins the"
        " pool of its account. An account that is in cross already keeps its wallet; where all are"
        " boxes, the wallet is what their margins come to, and money that stands idle in the"
        " account is in neither side. A box that its venue's cross margin on file cannot hold"
        " stays, with its whole account. Ring-fencing saves where a box that fails would have gone"
        " on losing; it costs where a pool would have carried the position through.",
    ),
)
_MEANINGS: Final = (
    (
        "Equity",
        "Margin balance (margin + unrealized PnL at the marks) of every box, and of every cross"
        " pool without its boxes. A box or pool that is bankrupt counts as 0: the others do not"
        " pay for it. Money that is in no box and behind no cross position is not in it.",
    ),
    ("Loss", "What equity falls by. Below 0: a gain. Loss share: of the equity now."),
    (
        "Fails",
        "The price reaches the box's liquidation price on the way, or the pool's equity is down to"
        " what its positions require together. What is at its liquidation price already fails at"
        " once.",
    ),
    ("Left", "Equity less the loss: what the boxes and pools that hold are worth then."),
)
_ASSUMED: Final = (
    (
        "Straight lines",
        "All prices go from their marks to the moves at the same pace, in straight lines. What"
        " fails on the way is gone, whatever the price does then; no price jumps past a"
        " liquidation price, and none comes back on the way.",
    ),
    (
        "All is lost",
        "A box that fails loses all its equity, a cross pool that fails loses all of its own:"
        " nothing that a venue may give back after a liquidation is counted, and nothing beyond"
        " the equity (no debt, no auto-deleveraging).",
    ),
    (
        "One price a coin",
        "A coin moves by the same fraction at every venue and in every contract: no basis, no"
        " spread between mark and index, no slippage.",
    ),
    (
        "Dollars stay",
        "USDT, USDC and USD count as one dollar each, in a stablecoin scare too: that event moves"
        " the coins, not the pegs. Inverse margin loses value with its coin.",
    ),
    (
        "No time",
        "No funding, no fees but those in the venue's trigger, no top-up or auto-margin on the"
        " way, no orders that fill.",
    ),
    (
        "No probabilities",
        "Nothing here says how likely a move is: no distribution of prices is assumed. The moves"
        " of the events are examples, not forecasts; only the last is patterned on a day that was"
        " (12 March 2020).",
    ),
)
_HANDLING: Final = (
    (
        "Typing",
        "The pale yellow cells are yours. Moves are fractions: type -5 % or -0.05, above -100 %;"
        " a blank one is no move. On the sheet Shocks a coin falls by 99 % at most. A row of Events"
        " that holds anything else says so in its column check and is left out.",
    ),
    (
        "Positions",
        "The column check says ok, or the field to fix; the column status says what is wrong. A"
        " cross position needs its account's row in Accounts. Rates are fractions: 0.0005, not"
        " 0.05. In an optional cell a 0 counts as blank.",
    ),
    (
        "Rules as of",
        "The cell on Positions. Blank: the rules in force today. A day there, or in a row's own"
        " as_of, applies the rules of that day.",
    ),
    (
        "More rows",
        "The spare rows of the tables are for typing. Beyond them every sheet warns: run ringfence"
        " fill --template event_risk on the longer list, with --accounts.",
    ),
    (
        "Workings",
        "The sheet Calc is hidden, so that it does not print with the book: right-click a sheet's"
        " tab, Unhide (LibreOffice: Show Sheet). Each RF_ formula of the workbook stands there"
        " once.",
    ),
    (
        "Unequal sides",
        "Isolated vs cross warns where its two sides do not start from the same equity: a box that"
        " is bankrupt (isolated it counts as 0, in cross as the debt it is), collateral with a"
        " haircut, or wallets in several currencies.",
    ),
    (
        "Without Ringfence",
        "Where it is not loaded (viewers, phones, LibreOffice without the extension) the sheets"
        " show the values stored here. A program that computes anew all the same cannot know the"
        " RF_ formulas: the figures go blank and a warning says so. Close without saving and open"
        " where Ringfence runs.",
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


def add_notes(book: Book, model: Model) -> None:
    """Add the sheet; it also holds the lists of the dropdowns."""
    day = model.as_of or model.filled_on
    sheet = frame.new_sheet(book, layout.NOTES, "Notes", tab_colour=style.STEEL)
    sheet.put(
        "B2",
        f"Filled on {model.filled_on.isoformat()} with the rules of {day.isoformat()}."
        " Money in US dollars; moves and shares are fractions, shown in percent.",
        "subtitle",
    )
    at = 4
    for title, texts in (
        ("What each sheet says", _SHEETS),
        ("What the figures mean", _MEANINGS),
        ("Assumed", _ASSUMED),
        ("How to use this workbook", (*_HANDLING, ("Recalculating", _RECALCULATE[book.host]))),
    ):
        at = _add_texts(sheet, at, title, texts)
    sheet.worksheet.row_breaks.append(Break(id=at - 1))  # the rules start a page
    at = _add_rules(sheet, at, model, day)
    at = _add_texts(sheet, at, "Sources", _sources(model, day))
    at = _add_texts(sheet, at, "Not modelled, and assumed, by venue", _limits(model, day))
    _add_words(book, sheet, at)
    sheet.worksheet.column_dimensions["A"].width = 2
    for column, (_, width) in zip(_COLUMNS, _HEADS, strict=True):
        sheet.worksheet.column_dimensions[column].width = width
    sheet.print_set_up(f"A1:{_COLUMNS[-1]}{at - 2}")  # without the words


def _add_texts(sheet: Sheet, at: int, title: str, texts: Sequence[tuple[str, str]]) -> int:
    """A section of terms and texts; the first free row after it."""
    if not texts:
        return at
    frame.add_section(sheet, _COLUMNS[0], _COLUMNS[-1], at, title)
    before = ""
    for term, text in texts:
        at += 1
        sheet.put(f"B{at}", term if term != before else "", "note term")
        before = term
        sheet.put(f"C{at}", text, "note")
        sheet.worksheet.merge_cells(f"C{at}:{_COLUMNS[-1]}{at}")
        # Merged cells do not set their row's height themselves.
        lines = math.ceil(len(text) / _LINE_CHARACTERS)
        sheet.worksheet.row_dimensions[at].height = lines * _LINE_POINTS + 4
    return at + 2


def _used(model: Model) -> list[str]:
    """The venues of the book; all of them where the book is empty."""
    here = {row.text("venue").lower() for row in model.rows}
    return [venue for venue in venues.names() if venue in here] or list(venues.names())


def _add_rules(sheet: Sheet, at: int, model: Model, day: date) -> int:
    frame.add_section(
        sheet, _COLUMNS[0], _COLUMNS[-1], at,
        "Rules and tiers of the venues used here, one line a rule",
    )  # fmt: skip
    at += 1
    for column, (head, _) in zip(_COLUMNS, _HEADS, strict=True):
        side = " right" if column in _COUNTS else " center" if column in _DAYS else ""
        sheet.put(f"{column}{at}", head, f"column head{side}")
    for venue in _used(model):
        on_file = tiers.tier_file(venue)
        tiers_day = date.fromisoformat(on_file.as_of) if on_file.as_of else None
        of_venue = (
            tiers_day or "none",
            (model.filled_on - tiers_day).days if tiers_day else None,
            sum(row.text("venue").lower() == venue for row in model.rows),
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
                rule.cross.confidence if rule.cross else "not on file",
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


def _sources(model: Model, day: date) -> list[tuple[str, str]]:
    texts = []
    for venue in _used(model):
        on_file = tiers.tier_file(venue)
        rules = venues.in_force(venue, day)
        read = [
            source
            for rule in rules
            for source in (*rule.sources, *(rule.cross.sources if rule.cross else ()))
        ]
        pages = {(source.title, source.url): source for source in read}  # the last reading
        texts += [
            (venue, f"{s.title}: {s.url} (read {s.read})".replace("Ⓢ", "S")) for s in pages.values()
        ]
        texts.append((f"{venue}, tiers", f"{on_file.as_of}: {on_file.source}"))
    return texts


def _limits(model: Model, day: date) -> list[tuple[str, str]]:
    texts = []
    for venue in _used(model):
        rules = venues.in_force(venue, day)
        its = [*rules, *(rule.cross for rule in rules if rule.cross)]
        for word, limits in (
            ("Not modelled", [text for rule in its for text in rule.not_modelled]),
            ("Assumed", [text for rule in its for text in rule.assumed]),
        ):
            if limits:
                texts.append((venue, f"{word}: {'; '.join(dict.fromkeys(limits))}."))
    return texts


def _add_words(book: Book, sheet: Sheet, at: int) -> None:
    """The words of the dropdowns."""
    frame.add_section(sheet, _COLUMNS[0], _COLUMNS[-1], at, "Words of the dropdown lists")
    words = {
        "venue": venues.names(),
        "side": tuple(word for word in SIDES if word in ("long", "short")),
        "contract_type": tuple(CONTRACT_TYPES),
        "margin_mode": MARGIN_MODES,
        "collateral_mode": COLLATERAL_MODES,
    }
    for column, (name, listed) in zip("BCDEF", words.items(), strict=True):
        sheet.put(f"{column}{at + 1}", name, "column head")
        for row, word in enumerate(listed, at + 2):
            sheet.put(f"{column}{row}", word, "text")
        area = f"${column}${at + 2}:${column}${at + 1 + len(listed)}"
        title = f"list_{name}"
        book.workbook.defined_names[title] = DefinedName(title, attr_text=f"{layout.NOTES}!{area}")
