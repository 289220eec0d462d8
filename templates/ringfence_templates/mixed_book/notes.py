"""The sheet Notes: what the figures mean, which rules made them, and what is not in them."""

import math
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from openpyxl.workbook.defined_name import DefinedName

from ringfence import inputs, tiers, venues
from ringfence.cross_rules import CrossRules
from ringfence.quantities import CONTRACT_TYPES
from ringfence.rules import RuleSet
from ringfence_templates import style
from ringfence_templates.hosts import Host
from ringfence_templates.mixed_book import layout
from ringfence_templates.mixed_book.model import MODES, Model
from ringfence_templates.sheet import Book, Sheet

Texts = Sequence[tuple[str, str]]

_HEADS: Final = (
    ("venue", 19.0),
    ("product", 44.0),
    ("contract types", 20.0),
    ("maintenance margin", 23.0),
    ("fee in the trigger", 21.0),
    ("rule since", 12.0),
    ("confidence", 12.0),
    ("cross margin", 13.0),
    ("tiers of", 12.0),
    ("tiers' age, days", 15.0),
    ("positions here", 14.0),
)
_COLUMNS: Final = "BCDEFGHIJKL"
_DAYS, _COUNTS = "GJ", "KL"
_LINE_POINTS: Final = 13.5
_LINE_CHARACTERS: Final = 210  # of the merged columns C to L

_HANDLING: Final = (
    (
        "Sheets",
        "Dashboard: the book on a page. Positions and Accounts: yours to fill in. Risk: every"
        " position, nearest liquidation first. Pools: the cross pools, highest margin ratio first.",
    ),
    (
        "Typing",
        "Type or paste into the pale yellow cells. The column check says ok, or the field to fix;"
        " the column status says what is wrong. Ctrl+Shift+L puts filter buttons on a table. Rates"
        " are fractions: 0.0005, not 0.05. In an optional cell a 0 counts as blank.",
    ),
    (
        "Margin mode",
        "isolated: a box with its own margin (blank means the same). cross: the position shares"
        " the wallet of its account at its venue, which must stand in Accounts.",
    ),
    (
        "Accounts",
        "wallet_balance is the wallet without unrealized PnL and with the margin of the isolated"
        " boxes in it, as venues show it. Give currency where an account's positions settle in"
        " several; collateral_mode multi, price and collateral_weight where balances of several"
        " coins back the positions together.",
    ),
    (
        "Rules as of",
        "Blank: the rules in force today. A day there, or in a row's own as_of, applies the rules"
        " of that day.",
    ),
    (
        "More rows",
        "The spare rows of the tables are for typing. Beyond them: run ringfence fill on the longer"
        " lists. Or in this file: show Calc, give its array formulas the new last row in ROW(...)"
        " (xlwings Lite: in the first cell; elsewhere select the longer block, F2,"
        " Ctrl+Shift+Enter), copy the last rows of Calc, Risk and Pools down, and move the ends of"
        " the names calc_, risk_, acc_, pool_ and exposure_... in the Name Manager. Dashboard warns"
        " while rows are missing.",
    ),
    (
        "Workings",
        "The sheet Calc is hidden, so that it does not print with the book: right-click a sheet's"
        " tab, Unhide (LibreOffice: Show Sheet). It calls RF_RISK, RF_ACCOUNTS, RF_EXPOSURE and"
        " RF_JOINT_SHOCK once each for the whole book.",
    ),
    (
        "Without Ringfence",
        "Where it is not loaded (viewers, phones, LibreOffice without the extension) the sheets"
        " show the values stored here. A program that computes anew all the same cannot know the"
        " RF_ formulas: Positions then says that RF_RISK gave no answer. Close without saving and"
        " open where Ringfence runs.",
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
_MEANINGS: Final = (
    (
        "Liquidation price",
        "isolated: the first adverse mark price at which the equity of the box (isolated margin +"
        " unrealized PnL) is down to what the venue requires, with the tier of that price, not of"
        " the entry. cross: the price of its own contract at which the pool's equity is down to"
        " what all its positions require, the others standing at their marks; a few venues compute"
        " it in another way, see Cross margin below.",
    ),
    (
        "Distance",
        "How far the mark price must move to get there, as a share of the mark price. Risk is"
        " ranked by it. A cross position whose others move too may be liquidated sooner or later.",
    ),
    (
        "Margin ratio",
        "Requirement / balance, the same way up for every venue: liquidation at 100 %. Of a cross"
        " position it is its pool's. bankrupt: the balance is gone.",
    ),
    ("never", "No price liquidates the position: its margin covers any loss. Sorts last."),
    (
        "Max loss",
        "What can be lost: of a box its isolated margin, of a cross position the whole wallet of"
        " its pool, which its other positions share. Do not add it up over Risk: the Dashboard"
        " counts each pool once.",
    ),
    (
        "Wallet",
        "At stake are the margins of the boxes and the wallets of the pools; what remains in the"
        " accounts is free. Wallet + unrealized PnL = equity, but for boxes that are bankrupt: they"
        " owe nothing beyond their margin and count as 0.",
    ),
    (
        "Free",
        "A wallet that backs no cross position, less the margin of its boxes. It counts in the"
        " equity. Where it cannot be told for certain (a position in error, a coin without a price)"
        " it says not known and does not count.",
    ),
    (
        "By coin, by venue",
        "What is lost if everything there fails together. A pool's wallet is shared out to its"
        " positions by notional. Net notional: long less short.",
    ),
    (
        "First to fail",
        "The move of all prices by one share at which the first box or pool fails, up and down."
        " Exact, on a straight line of prices from the marks; a failed box or pool has lost all its"
        " equity.",
    ),
    (
        "Top-up",
        "What the next dollars of margin add to a box's distance, at the margin: each further"
        " dollar buys a little less or more where a tier ends. Boxes that gain most come first.",
    ),
    (
        "Lights",
        "Red, amber and green by the thresholds on the sheet Risk, always with the word beside the"
        " colour. Liquidated: at or past the liquidation price; the venue has acted or will at"
        " once.",
    ),
    (
        "Money",
        "On Dashboard and Risk in US dollars: USDT, USDC and USD count as one, inverse amounts at"
        " the mark price. Quanto contracts and rows in error are left out and counted. On Pools in"
        " the pool's currency.",
    ),
)
_NOT_MODELLED: Final = (
    "Portfolio margin, spot held beside the positions, borrowing, open orders, and transfers"
    " between accounts.",
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
    handling = (*_HANDLING, ("Recalculating", _RECALCULATE[book.host]))
    at = _add_texts(sheet, 4, "How to use this workbook", handling)
    at = _add_texts(sheet, at, "What the figures mean", _MEANINGS)
    at = _add_texts(sheet, at, "Cross margin", list(_cross(model, day)))
    at = _add_venues(sheet, at, model, day)
    at = _add_texts(sheet, at, "Sources", list(_sources(model, day)))
    at = _add_texts(sheet, at, "Not modelled, and assumed", list(_limits(model, day)))
    _add_words(book, sheet, at)
    sheet.worksheet.column_dimensions["A"].width = 2
    for column, (_, width) in zip(_COLUMNS, _HEADS, strict=True):
        sheet.worksheet.column_dimensions[column].width = width
    sheet.print_set_up(f"A1:{_COLUMNS[-1]}{at - 2}")  # without the words


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


# Rules


def _add_venues(sheet: Sheet, at: int, model: Model, day: date) -> int:
    at = _section(sheet, at, "Rules on file, one line a rule")
    for column, (head, _) in zip(_COLUMNS, _HEADS, strict=True):
        side = " right" if column in _COUNTS else " center" if column in _DAYS else ""
        sheet.put(f"{column}{at}", head, f"column head{side}")
    for venue in venues.names():
        on_file = tiers.tier_file(venue)
        tiers_day = date.fromisoformat(on_file.as_of) if on_file.as_of else None
        of_venue = (
            tiers_day or "none",
            (model.filled_on - tiers_day).days if tiers_day else None,
            sum(row.rule_venue == venue for row in model.rows),
        )
        # What goes for the venue stands in the first line of its rules.
        for number, rule in enumerate(venues.in_force(venue, day)):
            at += 1
            contents = (
                None if number else venue,
                _plain(rule.product),
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


def _plain(text: str) -> str:
    return text.replace("Ⓢ", "S")  # few fonts have it


def _used(model: Model) -> list[str]:
    """The venues of the book; all of them where the book is empty."""
    here = {row.rule_venue for row in model.rows}
    return [venue for venue in venues.names() if venue in here] or list(venues.names())


def _crossing(venue: str, day: date) -> list[RuleSet]:
    return [rule for rule in venues.in_force(venue, day) if rule.cross]


def _cross(model: Model, day: date) -> Iterator[tuple[str, str]]:
    """What each venue of the book does in cross margin."""
    for venue in _used(model):
        for rule in _crossing(venue, day):
            assert rule.cross
            yield venue, f"{_plain(rule.product)}: {rule.cross.statement}"
        if not _crossing(venue, day):
            yield venue, "Cross margin is not on file: such positions are refused."


def _with_cross(rules: Sequence[RuleSet]) -> list[RuleSet | CrossRules]:
    """The rules, and what each says of cross margin."""
    return [*rules, *(rule.cross for rule in rules if rule.cross)]


def _sources(model: Model, day: date) -> Iterator[tuple[str, str]]:
    for venue in _used(model):
        on_file, rules = tiers.tier_file(venue), venues.in_force(venue, day)
        pages = [page for its in _with_cross(rules) for page in its.sources]
        read = {(page.title, page.url): page.read for page in sorted(pages, key=lambda p: p.read)}
        for title, url in dict.fromkeys((page.title, page.url) for page in pages):
            yield venue, _plain(f"{title}: {url} (read {read[title, url]})")
        yield f"{venue}, tiers", f"{on_file.as_of}: {on_file.source}"


def _limits(model: Model, day: date) -> Iterator[tuple[str, str]]:
    for text in _NOT_MODELLED:
        yield "Everywhere", text
    for venue in _used(model):
        both = _with_cross(venues.in_force(venue, day))
        for word, limits in (
            ("Not modelled", [text for its in both for text in its.not_modelled]),
            ("Assumed", [text for its in both for text in its.assumed]),
        ):
            if limits:
                yield venue, f"{word}: {'; '.join(dict.fromkeys(limits))}."


# Words


def _add_words(book: Book, sheet: Sheet, at: int) -> None:
    """The words of the dropdowns."""
    at = _section(sheet, at, "Words of the dropdown lists")
    words = {
        "venue": venues.names(),
        "side": tuple(word for word in inputs.SIDES if word in ("long", "short")),
        "margin_mode": MODES,
        "contract_type": tuple(CONTRACT_TYPES),
        "collateral_mode": ("single", "multi"),
        "dollars": tiers.DOLLARS,
    }
    for column, (name, listed) in zip("BCDEFG", words.items(), strict=True):
        sheet.put(f"{column}{at}", name, "column head")
        for offset, word in enumerate(listed, 1):
            sheet.put(f"{column}{at + offset}", word, "text")
        title = f"list_{name}"
        book.workbook.defined_names[title] = DefinedName(
            title, attr_text=f"{layout.NOTES}!${column}${at + 1}:${column}${at + len(listed)}"
        )
