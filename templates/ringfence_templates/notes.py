"""What the Notes sheets share: sections of texts, the rules on file, their sources and limits."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final, Literal, NamedTuple

from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName

from ringfence import tiers, venues
from ringfence.cross_rules import CrossRules
from ringfence.errors import RingfenceError
from ringfence.inputs import SIDES
from ringfence.quantities import CONTRACT_TYPES
from ringfence.rules import RuleSet
from ringfence_templates import style
from ringfence_templates.hosts import Host
from ringfence_templates.sheet import Book, Content

Texts = Iterable[tuple[str, str]]

NAME: Final = "Notes"
# Of one length, or nearly, so that their row is as high in each host (`ringfence convert`).
RECALCULATE: Final = {
    Host.LITE: "The values in this file were computed when it was filled. With xlwings Lite and"
    " Ringfence loaded, changed cells recalculate at once; Ctrl+Alt+F9 recalculates all.",
    Host.CLASSIC: "The values in this file were computed when it was filled. With the Ringfence"
    " add-in loaded, changed cells recalculate at once; Ctrl+Alt+F9 recalculates all.",
    Host.CALC: "The values in this file were computed when it was filled. With the Ringfence"
    " extension installed, changed cells recalculate at once; Ctrl+Shift+F9 recalculates all.",
}
WORDS: Final[Mapping[str, Sequence[str]]] = {
    "venue": venues.names(),
    "side": tuple(word for word in SIDES if word in ("long", "short")),
    "contract_type": tuple(CONTRACT_TYPES),
}
_FIRST: Final = 2  # column B
_LINE_POINTS: Final = 13.5


class Column(NamedTuple):
    """One column of the table of rules."""

    head: str
    width: float
    kind: Literal["text", "day", "count"] = "text"


VENUE: Final = Column("venue", 19.0)
PRODUCT: Final = Column("product", 44.0)
CONTRACTS: Final = Column("contract types", 20.0)
MARGIN: Final = Column("maintenance margin", 23.0)
FEE: Final = Column("fee in the trigger", 21.0)
SINCE: Final = Column("rule since", 12.0, "day")
CONFIDENCE: Final = Column("confidence", 12.0)
CROSS: Final = Column("cross margin", 13.0)
TIERS: Final = Column("tiers of", 12.0, "day")
AGE: Final = Column("tiers' age, days", 15.0, "count")
HERE: Final = Column("positions here", 14.0, "count")
BOX: Final = Column("what it does with a box: funding, withdrawals, auto-margin, liquidation", 92.0)

COLUMNS: Final = (
    VENUE, PRODUCT, CONTRACTS, MARGIN, FEE, SINCE, CONFIDENCE, CROSS, TIERS, AGE, HERE,
)  # fmt: skip


class Notes:
    """The sheet under construction, section after section from the top."""

    def __init__(
        self, book: Book, columns: Sequence[Column], *, filled_on: date, as_of: date | None
    ) -> None:
        self.sheet = book.sheet(NAME, tab_colour=style.STEEL)
        self.at = 4  # the next free row
        self._book, self._columns = book, columns
        self._filled_on, self._day = filled_on, as_of or filled_on
        self.sheet.put("B1", NAME, "title")
        self.sheet.worksheet.row_dimensions[1].height = 28
        filled = f"Filled on {filled_on.isoformat()} with the rules of {self._day.isoformat()}."
        self.sheet.put("B2", filled, "subtitle")
        self.sheet.worksheet.column_dimensions["A"].width = 2
        for letter, column in zip(self._letters, columns, strict=True):
            self.sheet.worksheet.column_dimensions[letter].width = column.width

    @property
    def _letters(self) -> list[str]:
        return [get_column_letter(_FIRST + number) for number in range(len(self._columns))]

    def section(self, title: str) -> None:
        for letter in self._letters:
            self.sheet.put(f"{letter}{self.at}", None, "section")
        self.sheet.put(f"B{self.at}", title, "section")
        self.at += 1

    def texts(self, title: str, texts: Texts) -> None:
        """A section of terms and texts; a term is written once where it repeats."""
        self.section(title)
        characters = 1.02 * sum(column.width for column in self._columns[1:])  # of a line
        before = ""
        for term, text in texts:
            self.sheet.put(f"B{self.at}", term if term != before else "", "note term")
            before = term
            self.sheet.put(f"C{self.at}", text, "note")
            self.sheet.worksheet.merge_cells(f"C{self.at}:{self._letters[-1]}{self.at}")
            # Merged cells do not set their row's height themselves.
            self._height(math.ceil(len(text) / characters), 4)
            self.at += 1
        self.at += 1

    def rules(self, title: str, names: Sequence[str], here: Sequence[str] = ()) -> None:
        """The rules in force of the venues ``names``, a line each. ``here``: each row's venue."""
        self.section(title)
        for letter, column in zip(self._letters, self._columns, strict=True):
            side = {"count": " right", "day": " center"}.get(column.kind, "")
            self.sheet.put(f"{letter}{self.at}", column.head, f"column head{side}")
        for venue in names:
            # What goes for the venue stands in the first line of its rules.
            of_venue = self._of_venue(venue, here)
            for rule in venues.in_force(venue, self._day):
                self.at += 1
                self._rule({**_of_rule(rule), **of_venue})
                of_venue = {}
        self.at += 2

    def _of_venue(self, venue: str, here: Sequence[str]) -> dict[Column, Content]:
        on_file = _tiers_of(venue)
        day = date.fromisoformat(on_file.as_of) if on_file.contracts else None
        return {
            VENUE: venue,
            TIERS: day or "none",
            AGE: (self._filled_on - day).days if day else None,
            HERE: list(here).count(venue),
        }

    def _rule(self, contents: Mapping[Column, Content]) -> None:
        lines = 1
        for letter, column in zip(self._letters, self._columns, strict=True):
            content = contents.get(column)
            look = {"count": "count", "day": "date"}.get(column.kind, "long text")
            self.sheet.put(f"{letter}{self.at}", content, look)
            if isinstance(content, str):
                lines = max(lines, math.ceil(len(content) / (1.2 * column.width)))
        self._height(lines, 2)

    def _height(self, lines: int, more: float) -> None:
        self.sheet.worksheet.row_dimensions[self.at].height = lines * _LINE_POINTS + more

    def sources(self, title: str, names: Sequence[str], *, cross: bool = False) -> None:
        """The pages that the rules were read from, and where the tiers come from."""
        self.texts(title, _sources(names, self._day, cross=cross))

    def limits(
        self, title: str, names: Sequence[str], everywhere: Sequence[str], *, cross: bool = False
    ) -> None:
        """What is not modelled, and what is assumed."""
        general = [("Everywhere", text) for text in everywhere]
        self.texts(title, [*general, *_limits(names, self._day, cross=cross)])

    def words(self, words: Mapping[str, Sequence[str]]) -> None:
        """The lists of the dropdowns, as names ``list_...``: the last section, not printed."""
        self.sheet.print_set_up(f"A1:{self._letters[-1]}{self.at - 2}")
        self.section("Words of the dropdown lists")
        for letter, (name, listed) in zip(self._letters, words.items(), strict=False):
            self.sheet.put(f"{letter}{self.at}", name, "column head")
            for row, word in enumerate(listed, self.at + 1):
                self.sheet.put(f"{letter}{row}", word, "text")
            title = f"list_{name}"
            area = f"${letter}${self.at + 1}:${letter}${self.at + len(listed)}"
            self._book.workbook.defined_names[title] = DefinedName(
                title, attr_text=f"{NAME}!{area}"
            )


def used(named: Iterable[str]) -> list[str]:
    """The venues on file among those of a book; all of them where there is none."""
    here = {name.strip().lower() for name in named}
    return [venue for venue in venues.names() if venue in here] or list(venues.names())


def plain(text: str) -> str:
    return text.replace("Ⓢ", "S")  # few fonts have it


def _of_rule(rule: RuleSet) -> dict[Column, Content]:
    return {
        PRODUCT: plain(rule.product),
        CONTRACTS: ", ".join(rule.contract_types),
        MARGIN: f"{rule.schedule.replace('_', '-')}, {rule.maintenance_price} price",
        FEE: rule.fee_in_trigger,
        SINCE: rule.effective_from,
        CONFIDENCE: rule.confidence,
        CROSS: rule.cross.confidence if rule.cross else "not on file",
        BOX: "; ".join(rule.box.statements) or "not on file",
    }


def _tiers_of(venue: str) -> tiers.TierFile:
    """What is on file; where a fetched file is damaged, its rows say so and the notes stay."""
    try:
        return tiers.tier_file(venue)
    except RingfenceError as error:
        return tiers.TierFile(venue, str(error), "", "", {})


def _in_force(venue: str, day: date, *, cross: bool) -> list[RuleSet | CrossRules]:
    """The rules of that day, and what each says of cross margin where ``cross`` is asked for."""
    rules = venues.in_force(venue, day)
    return [*rules, *(rule.cross for rule in rules if cross and rule.cross)]


def _sources(names: Sequence[str], day: date, *, cross: bool) -> Iterator[tuple[str, str]]:
    for venue in names:
        pages = [page for its in _in_force(venue, day, cross=cross) for page in its.sources]
        read = {(page.title, page.url): page.read for page in sorted(pages, key=lambda p: p.read)}
        for title, url in dict.fromkeys((page.title, page.url) for page in pages):
            yield venue, plain(f"{title}: {url} (read {read[title, url]})")
        on_file = _tiers_of(venue)
        yield f"{venue}, tiers", ": ".join(filter(None, [on_file.days, on_file.source]))


def _limits(names: Sequence[str], day: date, *, cross: bool) -> Iterator[tuple[str, str]]:
    for venue in names:
        its = _in_force(venue, day, cross=cross)
        for word, limits in (
            ("Not modelled", [text for one in its for text in one.not_modelled]),
            ("Assumed", [text for one in its for text in one.assumed]),
        ):
            if limits:
                yield venue, f"{word}: {'; '.join(dict.fromkeys(limits))}."
