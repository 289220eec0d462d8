"""The sheet Calc: what our formulas return, what follows, and what is on file of the venues."""

from collections.abc import Sequence
from typing import Final

from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import absolute_coordinate

from ringfence_addin.functions import RISK_COLUMNS
from ringfence_templates import style
from ringfence_templates.position_sizer import pictures, told
from ringfence_templates.position_sizer.pictures import Columns
from ringfence_templates.sheet import Book, Sheet
from ringfence_templates.venue_compare.blocks import (
    CATALOGUE,
    DEFINED_ROW,
    FACTS,
    FED,
    JUDGED,
    NEEDED,
    RISK_ROW,
    Workings,
)
from ringfence_templates.venue_compare.layout import CALC, FEED, ROWS
from ringfence_templates.venue_compare.look import section

_HEAD: Final = 4  # of what is on file
_FACTS_COLUMN: Final = 30
_CATALOGUE_COLUMN: Final = _FACTS_COLUMN + len(FACTS) + 1
_WIDTH: Final = 14.0


def add_calc(book: Book, its: Workings) -> None:
    """Add the sheet, hidden, and all the names of its cells."""
    sheet = book.sheet(CALC, tab_colour=style.GREY)
    sheet.worksheet.sheet_state = "hidden"  # nobody prints the workings with the trade
    sheet.put("A1", "Calc", "title")
    sheet.worksheet.row_dimensions[1].height = 28
    sheet.put("A2", "The workings: nothing to type here.", "subtitle")
    section(sheet, "BC", DEFINED_ROW - 1, "Worked out (by these names)")
    for at, (name, piece) in enumerate(its.defined.items(), DEFINED_ROW):
        sheet.put(f"B{at}", name, "text")
        sheet.formula(f"C{at}", f"={piece.formula}", told.as_value(piece.value), "number")
        book.name(name, sheet, f"C{at}")
    for figures in its.blocks.values():
        pictures.add_figures(sheet, figures)
    for columns, prefix in ((FED, "fed"), (NEEDED, "cmp"), (JUDGED, "cmp")):  # its label stays
        for name in columns.names:
            book.name(f"{prefix}_{name}", sheet, columns.area(name, ROWS))
    _add_risk(book, sheet, its)
    _add_on_file(book, sheet, its)
    for column in range(2, _CATALOGUE_COLUMN + len(CATALOGUE)):
        sheet.worksheet.column_dimensions[get_column_letter(column)].width = _WIDTH
    sheet.widths(A=2, B=20, C=24)
    # No area: LibreOffice prints hidden sheets that have one, and only sheets that have one.
    sheet.print_set_up(None)


def _letters(column: int, width: int) -> list[str]:
    return [get_column_letter(column + at) for at in range(width)]


def _add_risk(book: Book, sheet: Sheet, its: Workings) -> None:
    section(sheet, _letters(2, len(RISK_COLUMNS)), RISK_ROW - 1, "RF_RISK of it (names risk_...)")
    last = get_column_letter(1 + len(RISK_COLUMNS))
    fed = absolute_coordinate(_whole(FED, FEED[0], FEED[-1]))
    sheet.array(
        f"B{RISK_ROW}:{last}{RISK_ROW + ROWS}",
        f'=IFERROR(IF(calc_used=0,"",RF_RISK({fed})),"")',
        its.risk_values,
        "amount",
    )
    sheet.restyle(f"B{RISK_ROW}:{last}{RISK_ROW}", "column head")
    for column, name in enumerate(RISK_COLUMNS, 2):
        letter = get_column_letter(column)
        book.name(f"risk_{name}", sheet, f"{letter}{RISK_ROW + 1}:{letter}{RISK_ROW + ROWS}")


def _whole(columns: Columns, first: str, last: str) -> str:
    """The columns between two of a block, with their heads."""
    start = columns.address(first, -1)
    return f"{start}:{columns.address(last, ROWS - 1)}"


def _add_on_file(book: Book, sheet: Sheet, its: Workings) -> None:
    about = "Of the venues, on file when this workbook was built (names {}_...)"
    _table(book, sheet, _FACTS_COLUMN, about.format("fact"), FACTS, its.facts, "fact")
    _table(book, sheet, _CATALOGUE_COLUMN, about.format("cat"), CATALOGUE, its.listed, "cat")


def _table(
    book: Book,
    sheet: Sheet,
    column: int,
    about: str,
    heads: Sequence[str],
    rows: Sequence[object],
    prefix: str,
) -> None:
    section(sheet, _letters(column, len(heads)), _HEAD - 1, about)
    for at, head in enumerate(heads, column):
        letter = get_column_letter(at)
        sheet.put(f"{letter}{_HEAD}", head, "column head")
        for row, one in enumerate(rows, _HEAD + 1):
            sheet.put(f"{letter}{row}", getattr(one, head), "text bare")
        book.name(f"{prefix}_{head}", sheet, f"{letter}{_HEAD + 1}:{letter}{_HEAD + len(rows)}")
