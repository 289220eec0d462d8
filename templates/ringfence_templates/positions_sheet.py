"""The sheet Positions: the table that people fill in, alike in every workbook of a book."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Protocol

from ringfence import inputs
from ringfence_templates import entry, style
from ringfence_templates.given import Given
from ringfence_templates.package import Value
from ringfence_templates.ranking import BLANK, ERROR
from ringfence_templates.sheet import Book, Sheet

NAME: Final = "Positions"  # of the sheet and of its table
HEAD: Final = 6  # row of the table's header
AS_OF: Final = "as_of"  # the name of the day whose rules apply, and its cell
AS_OF_CELL: Final = "C4"
_WIDTHS: Final = {
    "check": 20,
    "venue": 15,
    "symbol": 17,
    "side": 8.5,
    "size": 12,
    "entry_price": 13,
    "mark_price": 13,
    "leverage": 11,
    "isolated_margin": 17,
    "contract_type": 15,
    "contract_size": 15,
    "mmr": 9,
    "maintenance_amount": 21,
    "taker_fee_rate": 16,
    "funding_rate": 14.5,
    "margin_mode": 14,
    "account": 13,
    "as_of": 12,
    "status": 70,
}
_STYLES: Final = {
    "venue": "input choice",
    "symbol": "input text",
    "side": "input choice",
    "size": "input size",
    "maintenance_amount": "input size",
    "entry_price": "input price",
    "mark_price": "input price",
    "isolated_margin": "input price",
    "contract_type": "input choice",
    "margin_mode": "input choice",
    "account": "input text",
    "as_of": "input date",
}
# As the cells below: figures to the right, days in the middle.
_HEAD_SIDES: Final = {**dict.fromkeys(inputs.NUMBERS, " right"), "as_of": " center"}
# A column's number in its table row: the row number within the table.
_ROW: Final = f"ROW()-ROW({NAME}[[#Headers],[venue]])"
_THIS: Final = f"{NAME}[[#This Row],[status]]"
_STATUS: Final = (
    f'=IFERROR(INDEX(calc_status,{_ROW}),"not computed: beyond the rows of Calc, see Notes")'
)
_CHECK: Final = (
    f'=IF({_THIS}="","",IF(LEFT({_THIS},6)="error:",'
    f'IFERROR("fix "&MID({_THIS},8,FIND(":",{_THIS},8)-8),"fix"),'
    f'IF(LEFT({_THIS},3)="not","not computed","ok")))'
)


def of_row(column: str, row: str, table: str = NAME) -> str:
    """An input cell as a formula reads it: column of the table, number of its row."""
    return f"INDEX({table}[{column}],{row})"


class Row(Protocol):
    """What the sheet asks of a row."""

    @property
    def given(self) -> Given: ...

    @property
    def state(self) -> str: ...

    @property
    def status(self) -> str: ...


@dataclass(frozen=True, slots=True)
class PositionsSheet:
    """What differs from workbook to workbook."""

    subtitle: str
    required: Sequence[str]  # the first columns, in the order people fill them in
    optional: Sequence[str]
    what_is_required: str  # in a line above them
    frozen_before: str  # the first column that moves
    choices: Mapping[str, str]  # column with a list -> what is said besides "Choose from the list."
    account_width: float = 13

    @property
    def inputs(self) -> tuple[str, ...]:
        return (*self.required, *self.optional)

    @property
    def columns(self) -> tuple[str, ...]:
        return ("check", *self.inputs, "status")

    @property
    def letter(self) -> dict[str, str]:
        return {name: chr(ord("A") + at) for at, name in enumerate(self.columns)}

    def add(
        self, book: Book, rows: Sequence[Row], *, capacity: int, as_of: date | None, title: str
    ) -> Sheet:
        """Add the sheet with the table, its lists and checks, and the name of the book's day.

        Its column status looks up the name ``calc_status``.
        """
        sheet = book.sheet(NAME, tab_colour=style.INPUT_INK)
        self._add_heading(sheet, title, as_of)
        book.name(AS_OF, sheet, AS_OF_CELL)
        for number in range(1, capacity + 1):
            self._add_row(sheet, HEAD + number, rows[number - 1] if number <= len(rows) else None)
        last, letter = HEAD + capacity, self.letter
        calculated = {"check": _CHECK, "status": _STATUS}
        area = f"A{HEAD}:{letter['status']}{last}"
        entry.add_table(sheet, NAME, area, self.columns, calculated)
        self._add_validations(sheet, last)
        self._add_colours(sheet, last)
        widths = {**_WIDTHS, "account": self.account_width}
        sheet.widths(**{letter[name]: widths[name] for name in self.columns})
        sheet.worksheet.freeze_panes = f"{letter[self.frozen_before]}{HEAD + 1}"
        sheet.print_set_up(f"A1:{letter['as_of']}{last}", repeat_rows=f"{HEAD}:{HEAD}")
        return sheet

    def _add_heading(self, sheet: Sheet, title: str, as_of: date | None) -> None:
        letter = self.letter
        sheet.put("A1", title, "title")
        sheet.put("A2", self.subtitle, "subtitle")
        sheet.put("A4", "Rules as of", "text")
        sheet.put("B4", "blank: today", "caption right")
        sheet.put(AS_OF_CELL, as_of, "input date")
        sheet.put(f"{letter['venue']}5", self.what_is_required, "caption")
        sheet.put(f"{letter[self.optional[0]]}5", "Optional", "caption")
        for name in self.columns:
            head = "column head optional" if name in self.optional else "column head"
            sheet.put(f"{letter[name]}{HEAD}", name, f"{head}{_HEAD_SIDES.get(name, '')}")
        sheet.worksheet.row_dimensions[1].height = 28
        sheet.worksheet.row_dimensions[HEAD].height = 20

    def _add_row(self, sheet: Sheet, at: int, row: Row | None) -> None:
        letter = self.letter
        for name in self.inputs:
            cell = None if row is None else row.given[name]
            sheet.put(f"{letter[name]}{at}", cell, _STYLES.get(name, "input number"))
        status = BLANK if row is None else row.status
        sheet.formula(f"{letter['check']}{at}", _CHECK, check(row), "text")
        sheet.formula(f"{letter['status']}{at}", _STATUS, status, "text")

    def _add_validations(self, sheet: Sheet, last: int) -> None:
        letter = self.letter

        def area(name: str) -> str:
            return f"{letter[name]}{HEAD + 1}:{letter[name]}{last}"

        for name, more in self.choices.items():
            entry.add_choice(sheet, area(name), name, f"Choose from the list{more}")
        for name, field in inputs.NUMBERS.items():
            entry.add_number(sheet, area(name), field)
        entry.add_day(
            sheet, area("as_of"), "Day whose rules apply, such as 2026-11-23. Blank: the day in C4."
        )
        entry.add_day(sheet, AS_OF_CELL, "Day whose rules apply to the whole book. Blank: today.")

    def _add_colours(self, sheet: Sheet, last: int) -> None:
        rules, letter, first = sheet.worksheet.conditional_formatting, self.letter, HEAD + 1
        faulty = f'OR(LEFT($A{first},3)="fix",LEFT($A{first},3)="not")'
        for name in ("size", "maintenance_amount"):
            cell = f"{letter[name]}{first}"
            rules.add(
                f"{cell}:{letter[name]}{last}",
                style.whole_number_rule(style.LARGE_AND_WHOLE.format(cell)),
            )
        rules.add(f"A{first}:A{last}", style.light_rule(faulty, "Error"))
        rules.add(f"A{first}:A{last}", style.light_rule(f'$A{first}="ok"', "Green"))
        status = f"{letter['status']}{first}:{letter['status']}{last}"
        rules.add(status, style.fault_rule(faulty))


def check(row: Row | None) -> Value:
    """What the column ``check`` says: ok, or the field to fix."""
    if row is None:
        return BLANK
    if row.state != ERROR:
        return "ok"
    field, colon, _ = row.status.removeprefix("error: ").partition(":")
    return f"fix {field}" if colon else "fix"
