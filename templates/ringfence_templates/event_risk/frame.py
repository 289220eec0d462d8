"""What the sheets have in common: their heading with the warning, sections, and tiles."""

from collections.abc import Sequence
from typing import Final

from openpyxl.utils import column_index_from_string, get_column_letter

from ringfence.stress import OTHERS
from ringfence_templates.event_risk import excel, layout
from ringfence_templates.event_risk.model import Model, coin_cells
from ringfence_templates.package import Value
from ringfence_templates.ranking import BLANK, ERROR
from ringfence_templates.sheet import Book, Sheet

NO_ANSWER: Final = "RF_STRESS gave no answer; is Ringfence running?"


def new_sheet(book: Book, name: str, title: str, *, tab_colour: str) -> Sheet:
    sheet = book.sheet(name, tab_colour=tab_colour)
    sheet.put("B1", title, "title")
    sheet.worksheet.row_dimensions[1].height = 28
    return sheet


def add_warning(sheet: Sheet, model: Model, *first_cells: tuple[str, Value]) -> None:
    """In B3: why one of the sheet's own formulas has no answer, else the book's warning.

    ``first_cells``: the first cell of each formula's block, and its value.
    """
    formula = f'{layout.CALC}!{layout.WARNING}&""'
    shown = warning(model)
    for cell, value in reversed(first_cells):
        formula = f'IF(LEFT({cell}&"",5)="error",{cell}&"",{formula})'
        shown = str(value) if str(value).startswith("error") else shown
    sheet.formula("B3", f"={formula}", shown, "warning")


def warning(model: Model) -> str:
    """What the reader must know before trusting a figure; '' where there is nothing."""
    first = str(model.heads["events"][0])
    if first.startswith("error"):
        return first
    if coins_twice(model):
        return TWICE
    errors = sum(row.state == ERROR for row in model.rows)
    if errors:
        return f"{errors}{NOT_COMPUTED}"
    uncounted = excel.n(model.value("exposure", FIGURE, NOT_COUNTED_ROW))
    return f"{uncounted:g}{NO_DOLLARS}" if uncounted else BLANK


def coins_twice(model: Model) -> int:
    """How many columns of Events are headed by a coin that has one already."""
    cells = (*coin_cells(model.scenarios), OTHERS)
    heads = [head for head in map(excel.head, cells) if head]
    return len(heads) - len(set(heads))


TWICE: Final = "A coin heads two columns of Events: only the first of them counts"
NOT_COMPUTED: Final = (
    " of the positions cannot be computed and are left out: see the column check in Positions"
)
NO_DOLLARS: Final = " of the positions have no value in dollars and are left out"
TOO_LONG: Final = "A table has more rows than this workbook computes: see Notes, More rows"
FIGURE: Final = "positions"  # the column of RF_EXPOSURE that its totals stand in
IDLE_ROW, BOXES_ROW, POOLS_ROW, NOT_COUNTED_ROW = 6, 7, 8, 11  # of them, below its header


def add_section(sheet: Sheet, first: str, last: str, at: int, text: str) -> None:
    for column in columns(first, last):
        sheet.put(f"{column}{at}", None, "section")
    sheet.put(f"{first}{at}", text, "section")


def add_heads(sheet: Sheet, at: int, heads: dict[str, str], *, left: Sequence[str] = ()) -> None:
    """Column heads; figures' to the right, those of ``left`` to the left."""
    for column, head in heads.items():
        sheet.put(f"{column}{at}", head, f"column head{'' if column in left else ' right'}")
    sheet.worksheet.row_dimensions[at].height = 20


def add_tile(sheet: Sheet, at: int, first: str, last: str, label: str) -> None:
    """The look of a tile of four rows, and its label."""
    for row in range(at, at + 4):
        sheet.worksheet.merge_cells(f"{first}{row}:{last}{row}")
        for column in columns(first, last):
            sheet.put(f"{column}{row}", None, "tile label")
    sheet.put(f"{first}{at}", label, "tile label")
    for row, height in ((at, 20), (at + 1, 30), (at + 3, 20)):
        sheet.worksheet.row_dimensions[row].height = height


def columns(first: str, last: str) -> list[str]:
    ends = column_index_from_string(first), column_index_from_string(last)
    return [get_column_letter(at) for at in range(ends[0], ends[1] + 1)]
