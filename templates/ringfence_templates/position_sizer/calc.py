"""The sheet Calc: what our formulas return, and what is worked out once for the other sheets."""

from typing import Final

from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import absolute_coordinate
from openpyxl.workbook.defined_name import DefinedName

from ringfence.sizing import StopCheck
from ringfence_addin.functions import RISK_COLUMNS
from ringfence_templates import style
from ringfence_templates.position_sizer import ladder, layout, modes, pictures, told
from ringfence_templates.position_sizer.layout import POSITION, TRADE
from ringfence_templates.position_sizer.workings import Table, Workings
from ringfence_templates.sheet import Book, Sheet

TRADE_ROW: Final = 5  # heads; its values below
RISK_ROW: Final = 9
DEFINED_ROW: Final = 13
# Prefix -> first column, first row. Below a table that may grow there is nothing.
_TABLES: Final = {"stop": (5, 14), "modes": (5, 19), "path": (22, 5), "added": (33, 5)}
_ABOUT: Final = {
    "stop": "RF_STOP_CHECK (names stop_...)",
    "modes": "RF_COMPARE_MODES (name modes_table)",
    "path": "RF_LIQ_PATH (name path_table)",
    "added": "RF_AUTO_ADD (name added_table)",
}
_WIDTH: Final = 14.0


def add_calc(book: Book, its: Workings) -> None:
    """Add the sheet, hidden, and all the names of its cells."""
    sheet = book.sheet(layout.CALC, tab_colour=style.GREY)
    sheet.worksheet.sheet_state = "hidden"  # nobody prints the workings with the trade
    sheet.put("A1", "Calc", "title")
    sheet.worksheet.row_dimensions[1].height = 28
    sheet.put("A2", "The workings: nothing to type here.", "subtitle")
    _add_trade(book, sheet, its)
    _add_risk(book, sheet, its)
    _add_defined(book, sheet, its)
    for prefix, table in its.tables.items():
        _add_table(book, sheet, prefix, table)
    for figures in (modes.figures(its), *ladder.figures(its)):
        pictures.add_figures(sheet, figures)
    for column in range(2, 39):
        sheet.worksheet.column_dimensions[get_column_letter(column)].width = _WIDTH
    sheet.widths(A=2, B=20, C=24)
    # No area: LibreOffice prints hidden sheets that have one, and only sheets that have one.
    sheet.print_set_up(None)


def _name(book: Book, name: str, area: str) -> None:
    text = f"{layout.CALC}!{absolute_coordinate(area)}"
    book.workbook.defined_names[name] = DefinedName(name, attr_text=text)


def _section(sheet: Sheet, column: int, row: int, width: int, text: str) -> None:
    for at in range(column, column + width):
        sheet.put(f"{get_column_letter(at)}{row}", None, "section")
    sheet.put(f"{get_column_letter(column)}{row}", text, "section")


def _add_trade(book: Book, sheet: Sheet, its: Workings) -> None:
    _section(sheet, 2, TRADE_ROW - 1, len(POSITION), "The trade as RF_RISK reads it")
    for column, (name, piece) in enumerate(zip(POSITION, its.mirror, strict=True), 2):
        letter = get_column_letter(column)
        sheet.put(f"{letter}{TRADE_ROW}", name, "column head")
        look = "date" if name == "as_of" else "number"
        sheet.formula(f"{letter}{TRADE_ROW + 1}", f"={piece.formula}", piece.value, look)
    _name(book, "calc_trade", _area(2, TRADE_ROW + 1, 1, len(TRADE)))  # not the day


def _area(column: int, row: int, rows: int, columns: int) -> str:
    last = f"{get_column_letter(column + columns - 1)}{row + rows - 1}"
    return f"{get_column_letter(column)}{row}:{last}"


def _add_risk(book: Book, sheet: Sheet, its: Workings) -> None:
    _section(sheet, 2, RISK_ROW - 1, len(RISK_COLUMNS), "RF_RISK of it (names risk_...)")
    trade = absolute_coordinate(_area(2, TRADE_ROW, 2, len(POSITION)))
    sheet.array(
        _area(2, RISK_ROW, 2, len(RISK_COLUMNS)),
        f'=IFERROR(IF(calc_used=0,"",RF_RISK({trade})),"")',
        its.risk_block,
        "amount",
    )
    for column, name in enumerate(RISK_COLUMNS, 2):
        letter = get_column_letter(column)
        sheet.restyle(f"{letter}{RISK_ROW}:{letter}{RISK_ROW}", "column head")
        _name(book, f"risk_{name}", f"{letter}{RISK_ROW + 1}")


def _add_defined(book: Book, sheet: Sheet, its: Workings) -> None:
    _section(sheet, 2, DEFINED_ROW - 1, 2, "Worked out (by these names)")
    for at, (name, piece) in enumerate(its.defined.items(), DEFINED_ROW):
        sheet.put(f"B{at}", name, "text")
        sheet.formula(f"C{at}", f"={piece.formula}", told.as_value(piece.value), "number")
        _name(book, name, f"C{at}")


def _add_table(book: Book, sheet: Sheet, prefix: str, table: Table) -> None:
    column, row = _TABLES[prefix]
    rows, columns = table.shape
    _section(sheet, column, row - 1, columns, _ABOUT[prefix])
    area = _area(column, row, rows, columns)
    # The rows' own numbers: beyond the rows of a table there is #N/A, which IFERROR must see.
    first = f"${get_column_letter(column)}${row}"
    last = f"${get_column_letter(column)}${row + rows - 1}"
    wanted = f"(ROW({first}:{last})-ROW({first})<{table.rows.formula})*({table.rows.formula}>1)"
    formula = f'=IFERROR(IF({wanted},{table.call},""),"")'
    sheet.array(area, formula, table.values, "amount")
    sheet.restyle(_area(column, row, 1, columns), "column head")
    _name(book, f"{prefix}_table", area)
    if prefix == "stop":
        for at, name in enumerate(StopCheck._fields, column):
            _name(book, f"stop_{name}", f"{get_column_letter(at)}{row + 1}")
