"""The sheet Positions: the table that people fill in."""

from typing import Final

from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table, TableColumn, TableFormula, TableStyleInfo

from ringfence import inputs
from ringfence.inputs import NumberField
from ringfence_templates import style
from ringfence_templates.isolated_book import layout
from ringfence_templates.isolated_book.model import BLANK, ERROR, INPUTS, REQUIRED, Model, Row
from ringfence_templates.package import Value
from ringfence_templates.sheet import Book, Sheet

HEAD: Final = layout.POSITIONS_HEAD
COLUMNS: Final = ("check", *INPUTS, "status")
LETTER: Final = {name: chr(ord("A") + at) for at, name in enumerate(COLUMNS)}
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
_END: Final = 1e-9
# A column's number in its table row: the row number within the table.
_ROW: Final = f"ROW()-ROW({layout.TABLE}[[#Headers],[venue]])"
_STATUS: Final = (
    f'=IFERROR(INDEX(calc_status,{_ROW}),"not computed: beyond the rows of Calc, see Notes")'
)
_CHECK: Final = (
    f'=IF({layout.TABLE}[[#This Row],[status]]="","",'
    f'IF(LEFT({layout.TABLE}[[#This Row],[status]],6)="error:",'
    f'IFERROR("fix "&MID({layout.TABLE}[[#This Row],[status]],8,'
    f'FIND(":",{layout.TABLE}[[#This Row],[status]],8)-8),"fix"),'
    f'IF(LEFT({layout.TABLE}[[#This Row],[status]],3)="not","not computed","ok")))'
)


def add_positions(book: Book, model: Model) -> None:
    """Add the sheet with the table, its lists and checks."""
    sheet = book.sheet(layout.POSITIONS, tab_colour=style.INPUT_INK)
    _add_heading(sheet, model)
    for number, row in enumerate(model.padded(), HEAD + 1):
        _add_row(sheet, number, row)
    last = HEAD + model.capacity
    _add_table(sheet, last)
    _add_validations(sheet, last)
    _add_colours(sheet, last)
    sheet.widths(**{LETTER[name]: width for name, width in _WIDTHS.items()})
    sheet.worksheet.freeze_panes = f"{LETTER['side']}{HEAD + 1}"
    sheet.print_set_up(f"A1:{LETTER['as_of']}{last}", repeat_rows=f"{HEAD}:{HEAD}")


def _add_heading(sheet: Sheet, model: Model) -> None:
    sheet.put("A1", model.title, "title")
    sheet.put(
        "A2",
        "One isolated position a row, typed or pasted from column B on. The pale yellow cells"
        " are yours; an optional cell left blank takes the venue's own figure.",
        "subtitle",
    )
    sheet.put("A4", "Rules as of", "text")
    sheet.put("B4", "blank: today", "caption right")
    sheet.put(AS_OF_CELL, model.as_of, "input date")
    sheet.put(f"{LETTER['venue']}5", "Required (leverage or isolated_margin, or both)", "caption")
    sheet.put(f"{LETTER['contract_type']}5", "Optional", "caption")
    for name in COLUMNS:
        required = name in REQUIRED or name in ("check", "status")
        head = "column head" if required else "column head optional"
        sheet.put(f"{LETTER[name]}{HEAD}", name, f"{head}{_HEAD_SIDES.get(name, '')}")
    sheet.worksheet.row_dimensions[1].height = 28
    sheet.worksheet.row_dimensions[HEAD].height = 20


def _add_row(sheet: Sheet, number: int, row: Row | None) -> None:
    for name in INPUTS:
        cell = None if row is None else row.given[name]
        sheet.put(f"{LETTER[name]}{number}", cell, _STYLES.get(name, "input number"))
    status = BLANK if row is None else row.status
    sheet.formula(f"{LETTER['check']}{number}", _CHECK, check(row), "text")
    sheet.formula(f"{LETTER['status']}{number}", _STATUS, status, "text")


def check(row: Row | None) -> Value:
    """What the column ``check`` says: ok, or the field to fix."""
    if row is None:
        return BLANK
    if row.state != ERROR:
        return "ok"
    field, colon, _ = row.status.removeprefix("error: ").partition(":")
    return f"fix {field}" if colon else "fix"


def _add_table(sheet: Sheet, last: int) -> None:
    table = Table(displayName=layout.TABLE, ref=f"A{HEAD}:{LETTER['status']}{last}")
    table._initialise_columns()  # type: ignore[attr-defined]
    table.autoFilter = None  # its buttons would cover the heads of figures
    for column, name in zip(table.tableColumns, COLUMNS, strict=True):
        column.name = name
    _calculated(table.tableColumns[0], _CHECK)
    _calculated(table.tableColumns[-1], _STATUS)
    # Cells carry their own formats, because LibreOffice does not print a table's style.
    table.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=False)
    sheet.worksheet.add_table(table)


def _calculated(column: TableColumn, formula: str) -> None:
    """Let Excel fill the formula down when the table grows."""
    column.calculatedColumnFormula = TableFormula(attr_text=formula.removeprefix("="))


def _add_validations(sheet: Sheet, last: int) -> None:
    for name, source in (
        ("venue", "list_venue"),
        ("side", "list_side"),
        ("contract_type", "list_contract_type"),
        ("margin_mode", "list_margin_mode"),
    ):
        rule = DataValidation("list", formula1=source, allow_blank=True)
        _explain(
            rule,
            name,
            "Choose from the list, or leave blank."
            if name not in ("venue", "side")
            else "Choose from the list.",
        )
        _apply(sheet, rule, name, last)
    for name, field in inputs.NUMBERS.items():
        rule = _number_rule(field)
        _explain(rule, name, f"{field.doc[0].upper()}{field.doc[1:]}: {field.allowed}.")
        _apply(sheet, rule, name, last)
    day = DataValidation("date", operator="greaterThan", formula1="36526", allow_blank=True)
    _explain(day, "as_of", "Day whose rules apply, such as 2026-11-23. Blank: the day in C4.")
    _apply(sheet, day, "as_of", last)
    book_day = DataValidation("date", operator="greaterThan", formula1="36526", allow_blank=True)
    _explain(book_day, "as_of", "Day whose rules apply to the whole book. Blank: today.")
    book_day.add(AS_OF_CELL)
    sheet.worksheet.add_data_validation(book_day)


def _number_rule(field: NumberField) -> DataValidation:
    """The field's range; "between" takes both ends in, so an open end moves in a little."""
    low = field.at_least if field.above is None else field.above + _END
    if field.below is None:
        if field.above is None:
            return DataValidation("decimal", operator="greaterThanOrEqual", formula1=f"{low:g}")
        return DataValidation("decimal", operator="greaterThan", formula1=f"{field.above:g}")
    high = f"{field.below - _END:.10g}"
    return DataValidation("decimal", operator="between", formula1=f"{low:.10g}", formula2=high)


def _explain(rule: DataValidation, name: str, message: str) -> None:
    rule.errorTitle = rule.promptTitle = name
    rule.error = rule.prompt = message[:225]
    rule.allowBlank = True
    rule.showErrorMessage = rule.showInputMessage = True
    rule.errorStyle = "stop"


def _apply(sheet: Sheet, rule: DataValidation, name: str, last: int) -> None:
    rule.add(f"{LETTER[name]}{HEAD + 1}:{LETTER[name]}{last}")
    sheet.worksheet.add_data_validation(rule)


def _add_colours(sheet: Sheet, last: int) -> None:
    first = HEAD + 1
    rules, status = sheet.worksheet.conditional_formatting, LETTER["status"]
    faulty = f'OR(LEFT($A{first},3)="fix",LEFT($A{first},3)="not")'
    for name in ("size", "maintenance_amount"):
        cell = f"{LETTER[name]}{first}"
        rules.add(
            f"{cell}:{LETTER[name]}{last}",
            style.whole_number_rule(style.LARGE_AND_WHOLE.format(cell)),
        )
    rules.add(f"A{first}:A{last}", style.light_rule(faulty, "Error"))
    rules.add(f"A{first}:A{last}", style.light_rule(f'$A{first}="ok"', "Green"))
    rules.add(f"{status}{first}:{status}{last}", style.fault_rule(faulty))
