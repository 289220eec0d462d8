"""Sheets that show rows in the order of their rank, each with its traffic light."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import column_index_from_string
from openpyxl.worksheet.datavalidation import DataValidation

from ringfence_templates import style
from ringfence_templates.package import Value
from ringfence_templates.positions_sheet import of_row
from ringfence_templates.ranking import BLANK
from ringfence_templates.sheet import Book, Sheet

_RIGHT: Final = ("percent", "price", "money", "count", "multiple")
LIGHT: Final = "B"  # the column of the traffic light


class Column(NamedTuple):
    """``shown``: what its formula shows; {r} is the sheet's row, {n} the cell with the number."""

    head: str
    width: float
    look: str
    shown: str


def figure(name: str) -> str:
    """What stands under a name of Calc in the row."""
    return f"INDEX({name},{{n}})"


def text(name: str) -> str:
    return figure(name) + '&""'


def typed(column: str) -> str:
    """The row's text in a column of Positions."""
    return of_row(column, "{n}") + '&""'


class Ranked(NamedTuple):
    """A row: its number in the table it is from, and what the columns show, by their heads."""

    number: int
    values: Mapping[str, Value]


class Threshold(NamedTuple):
    """A cell that the user may edit, and its name."""

    cell: str
    name: str
    label: str
    label_cell: str


@dataclass(frozen=True, slots=True)
class RankedSheet:
    """What differs from sheet to sheet."""

    name: str
    what: str  # that are ranked: positions, pools
    names: str  # the names <names>_rank and <names>_light stand over their ranks and lights
    lights: Sequence[str]
    head: int  # row of the column heads
    columns: Mapping[str, Column]  # by letter; one has the head "light"
    number: str  # letter of the column with the row's number in its table
    rank_width: float
    frozen_before: str

    def heads(self, sheet: Sheet) -> None:
        heads = {"A": ("rank", "count"), self.number: ("row", "count")}
        heads |= {letter: (its.head, its.look) for letter, its in self.columns.items()}
        for letter, (head, look) in heads.items():
            side = " right" if look in _RIGHT else " center" if look == "label" else ""
            sheet.put(f"{letter}{self.head}", head, f"column head{side}")
        sheet.worksheet.row_dimensions[self.head].height = 20

    def title(
        self, book: Book, ranked: Sequence[Ranked], colour: str, more: tuple[str, str] = ("", "")
    ) -> Sheet:
        """The new sheet with its title, and the counts of its lights below it.

        ``more``: what the sentence says besides, as a formula and as a text.
        """
        sheet = book.sheet(self.name, tab_colour=colour)
        sheet.put("A1", self.name, "title")
        sheet.worksheet.row_dimensions[1].height = 28
        counts = '&", "&'.join(
            f'COUNTIF({self.names}_light,"{light}")&" {light.lower()}"' for light in self.lights
        )
        lit = [its.values["light"] for its in ranked]
        counted = ", ".join(f"{lit.count(light)} {light.lower()}" for light in self.lights)
        formula, text = more
        sheet.formula(
            "A2",
            f'=COUNT({self.names}_rank)&" {self.what}: "&{counts}{formula}',
            f"{len(ranked)} {self.what}: {counted}{text}",
            "subtitle",
        )
        return sheet

    def rows(self, sheet: Sheet, ranked: Sequence[Ranked], capacity: int) -> None:
        """The rows, spare ones included, and how the sheet stands on screen and paper."""
        for number in range(1, capacity + 1):
            self._row(sheet, number, ranked[number - 1] if number <= len(ranked) else None)
        widths = {letter: its.width for letter, its in self.columns.items()}
        sheet.widths(**{"A": self.rank_width, self.number: 7, **widths})
        sheet.worksheet.freeze_panes = f"{self.frozen_before}{self.head + 1}"
        end = max([*self.columns, self.number], key=column_index_from_string)
        area = f"A1:{end}{self.head + capacity}"
        sheet.print_set_up(area, repeat_rows=f"{self.head}:{self.head}")

    def _row(self, sheet: Sheet, number: int, its: Ranked | None) -> None:
        at, top = self.head + number, self.head + 1
        rank = f"ROWS($A${top}:$A{at})"
        sheet.formula(
            f"A{at}",
            f'=IF({rank}<=COUNT({self.names}_rank),{rank},"")',
            BLANK if its is None else number,
            "count bare",
        )
        sheet.formula(
            f"{self.number}{at}",
            f'=IF($A{at}="","",MATCH($A{at},{self.names}_rank,0))',
            BLANK if its is None else its.number,
            "count bare",
        )
        for letter, column in self.columns.items():
            formula = f'=IF($A{at}="","",{column.shown.format(r=at, n=f"${self.number}{at}")})'
            value = BLANK if its is None else its.values[column.head]
            sheet.formula(f"{letter}{at}", formula, value, f"{column.look} bare")


def add_thresholds(
    book: Book, sheet: Sheet, thresholds: Sequence[Threshold], values: object
) -> None:
    """The cells where the lights change; ``values`` has an attribute of each name."""
    rule = DataValidation(
        "decimal", operator="between", formula1="0", formula2="10", allow_blank=False
    )
    rule.errorTitle, rule.error = "Threshold", "A share of 1: 5 % or 0.05."
    rule.showErrorMessage = True
    for its in thresholds:
        sheet.put(its.label_cell, its.label, "caption right")
        sheet.put(its.cell, getattr(values, its.name), "input share")
        book.name(its.name, sheet, its.cell)
        rule.add(its.cell)
    sheet.worksheet.add_data_validation(rule)


def add_colours(
    sheet: Sheet, lights: Sequence[str], first: int, last: int, *, distance: str, end: str
) -> None:
    """The lights on their column and on the distance, and a line below each row up to ``end``."""
    rules, at = sheet.worksheet.conditional_formatting, column_index_from_string(distance)
    before, after = get_column_letter(at - 1), get_column_letter(at + 1)
    lined = f"A{first}:A{last} C{first}:{before}{last} {after}{first}:{end}{last}"
    rules.add(lined, style.row_line_rule(f'$A{first}<>""'))
    lit, away = f"{LIGHT}{first}:{LIGHT}{last}", f"{distance}{first}:{distance}{last}"
    for light in lights:
        area = lit if light == "Error" else f"{lit} {away}"
        rules.add(area, style.light_rule(f'${LIGHT}{first}="{light}"', light))
    rules.add(away, style.row_line_rule(f'$A{first}<>""'))
