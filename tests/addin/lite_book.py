"""A workbook in memory with exactly those calls of xlwings that the scripts make, as Lite has them.

It keeps what Excel would make of what is written: a text behind an apostrophe is that text, any
other text is read as if it were typed. ``CALLS`` lists what stands in for what: class of
``xlwings/pro/_xlremote.py``, name.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

CALLS = (
    ("App", "get_selection"),
    ("Book", "names"), ("Book", "sheets"),
    ("Sheets", "active"), ("Sheets", "add"), ("Sheets", "__call__"), ("Sheets", "__iter__"),
    ("Sheets", "__len__"),
    ("Sheet", "activate"), ("Sheet", "clear_contents"), ("Sheet", "copy"),
    ("Sheet", "get_used_range"), ("Sheet", "name"), ("Sheet", "range"), ("Sheet", "tables"),
    ("Sheet", "visible"),
    ("Collection", "__iter__"),
    ("Table", "data_body_range"), ("Table", "header_row_range"), ("Table", "name"),
    ("Table", "range"),
    ("Names", "__call__"), ("Names", "__len__"), ("Name", "name"), ("Name", "refers_to_range"),
    ("Range", "address"), ("Range", "column"), ("Range", "column_width.setter"), ("Range", "font"),
    ("Range", "get_async_pipeline_overrides"), ("Range", "get_formula"),
    ("Range", "raw_value.setter"), ("Range", "row"), ("Range", "shape"),
    ("Font", "bold.setter"),
)  # fmt: skip

Place = tuple[int, int]


def _letters(column: int) -> str:
    return (
        chr(64 + column)
        if column <= 26
        else _letters((column - 1) // 26) + chr(65 + (column - 1) % 26)
    )


def _place(address: str) -> Place:
    letters = address.rstrip("0123456789")
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - 64
    return int(address[len(letters) :]), column


@dataclass
class Font:
    bold: bool = False


class Range:
    def __init__(self, sheet: "Sheet", first: Place, last: Place | None = None) -> None:
        self.sheet, self.first, self.last = sheet, first, last or first
        self.font = Font()
        self.column_width: float | None = None
        self.ndim = 0
        self.errors_as_text = False

    def __getitem__(self, at: Place) -> "Range":
        return Range(self.sheet, (self.row + at[0], self.column + at[1]))

    @property
    def row(self) -> int:
        return self.first[0]

    @property
    def column(self) -> int:
        return self.first[1]

    @property
    def shape(self) -> tuple[int, int]:
        return self.last[0] - self.first[0] + 1, self.last[1] - self.first[1] + 1

    @property
    def address(self) -> str:
        return ":".join(f"${_letters(c)}${r}" for r, c in (self.first, self.last))

    def options(self, *, ndim: int, err_to_str: bool) -> "Range":
        its = Range(self.sheet, self.first, self.last)
        its.ndim, its.errors_as_text = ndim, err_to_str
        return its

    async def get_value(self) -> list[list[Any]]:
        assert self.ndim == 2
        assert self.errors_as_text
        return [
            [self.sheet.cells.get((r, c)) for c in range(self.first[1], self.last[1] + 1)]
            for r in range(self.first[0], self.last[0] + 1)
        ]

    async def get_formula(self) -> str:
        assert self.shape == (1, 1)
        held = self.sheet.cells.get(self.first)
        return self.sheet.formulas.get(self.first, "" if held is None else str(held))

    def _write(self, value: Any) -> None:
        rows = value if isinstance(value, list) else [[value]]
        assert len({len(row) for row in rows}) == 1
        for down, row in enumerate(rows):
            for across, cell in enumerate(row):
                self.sheet.type_in((self.row + down, self.column + across), cell)

    value = property(fset=_write)


@dataclass
class Table:
    name: str
    range: Range

    @property
    def header_row_range(self) -> Range:
        return Range(self.range.sheet, self.range.first, (self.range.row, self.range.last[1]))

    @property
    def data_body_range(self) -> Range:
        return Range(self.range.sheet, (self.range.row + 1, self.range.column), self.range.last)


@dataclass
class Sheet:
    book: "Book"
    name: str
    visible: bool = True
    tables: list[Table] = field(default_factory=list)
    cells: dict[Place, Any] = field(default_factory=dict)
    formulas: dict[Place, str] = field(default_factory=dict)

    def type_in(self, at: Place, value: Any) -> None:
        """As Excel takes what a program writes."""
        self.formulas.pop(at, None)
        if isinstance(value, str) and value.startswith("'"):
            self.cells[at] = value[1:]
        elif value is None or value == "":
            self.cells.pop(at, None)
        elif isinstance(value, str):
            pytest.fail(f"{value!r} would be read as if it were typed")
        else:
            self.cells[at] = float(value) if not isinstance(value, bool) else value

    def formula(self, at: str, text: str, value: Any) -> None:
        self.formulas[_place(at)], self.cells[_place(at)] = text, value

    def fill(self, at: str, rows: Sequence[Sequence[Any]]) -> None:
        top, left = _place(at)
        for down, row in enumerate(rows):
            for across, value in enumerate(row):
                if value not in (None, ""):
                    self.cells[top + down, left + across] = value

    def range(self, first: Place | str, last: Place | None = None) -> Range:
        if isinstance(first, str):
            ends = [_place(its.replace("$", "")) for its in first.split(":")]
            return Range(self, ends[0], ends[-1])
        return Range(self, first, last)

    async def get_used_range(self, values_only: bool = False) -> Range | None:
        assert values_only
        if not self.cells:
            return None
        down, across = zip(*self.cells, strict=True)
        return Range(self, (min(down), min(across)), (max(down), max(across)))

    def clear_contents(self) -> None:
        self.cells.clear()
        self.formulas.clear()

    def activate(self) -> None:
        self.book.sheets.active = self

    def copy(self, *, after: "Sheet", name: str) -> "Sheet":
        made = self.book.sheets.add(name, after=after)
        made.cells, made.formulas = dict(self.cells), dict(self.formulas)
        return made

    def rows(self) -> list[list[Any]]:
        """What it shows, from A1."""
        down, across = zip(*self.cells, strict=True)
        return [
            [self.cells.get((r, c)) for c in range(1, max(across) + 1)]
            for r in range(1, max(down) + 1)
        ]


class Sheets:
    def __init__(self, book: "Book") -> None:
        self.book, self.its = book, list[Sheet]()
        self.active: Sheet

    def __iter__(self) -> Iterator[Sheet]:
        return iter(self.its)

    def __len__(self) -> int:
        return len(self.its)

    def __getitem__(self, key: int | str) -> Sheet:
        if isinstance(key, int):
            return self.its[key]
        return next(its for its in self.its if its.name == key)

    def add(self, name: str, after: Sheet | None = None) -> Sheet:
        assert 1 <= len(name) <= 31
        assert name.casefold() not in {its.name.casefold() for its in self.its}
        at = len(self.its) if after is None else self.its.index(after) + 1
        self.its.insert(at, Sheet(self.book, name))
        self.active = self.its[at]
        return self.active


@dataclass
class Name:
    name: str
    refers_to_range: Range


class Book:
    def __init__(self, *names: str) -> None:
        self.sheets = Sheets(self)
        self.names: list[Name] = []
        self.selected: Range | None = None
        for name in names:
            self.sheets.add(name)

    async def get_selection(self) -> Range | None:
        return self.selected
