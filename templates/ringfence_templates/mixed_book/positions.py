"""The sheet Positions: the table that people fill in."""

from typing import Final

from ringfence import inputs
from ringfence_templates import entry, style
from ringfence_templates.mixed_book import layout
from ringfence_templates.mixed_book.layout import INPUTS, REQUIRED
from ringfence_templates.mixed_book.model import CROSS, Model, Row
from ringfence_templates.package import Value
from ringfence_templates.ranking import BLANK, ERROR
from ringfence_templates.sheet import Book, Sheet

HEAD: Final = layout.POSITIONS_HEAD
COLUMNS: Final = ("check", *INPUTS, "status")
LETTER: Final = {name: chr(ord("A") + at) for at, name in enumerate(COLUMNS)}
AS_OF_CELL: Final = "C4"

_WIDTHS: Final = {
    "check": 20,
    "venue": 15,
    "symbol": 17,
    "margin_mode": 14,
    "account": 17,
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
    "as_of": 12,
    "status": 70,
}
_STYLES: Final = {
    "venue": "input choice",
    "symbol": "input text",
    "margin_mode": "input choice",
    "account": "input text",
    "side": "input choice",
    "size": "input size",
    "maintenance_amount": "input size",
    "entry_price": "input price",
    "mark_price": "input price",
    "isolated_margin": "input price",
    "contract_type": "input choice",
    "as_of": "input date",
}
# As the cells below: figures to the right, days in the middle.
_HEAD_SIDES: Final = {**dict.fromkeys(inputs.NUMBERS, " right"), "as_of": " center"}
# A column's number in its table row: the row number within the table.
_ROW: Final = f"ROW()-ROW({layout.TABLE}[[#Headers],[venue]])"
_THIS: Final = f"{layout.TABLE}[[#This Row],[status]]"
STATUS: Final = (
    f'=IFERROR(INDEX(calc_status,{_ROW}),"not computed: beyond the rows of Calc, see Notes")'
)
CHECK: Final = (
    f'=IF({_THIS}="","",IF(LEFT({_THIS},6)="error:",'
    f'IFERROR("fix "&MID({_THIS},8,FIND(":",{_THIS},8)-8),"fix"),'
    f'IF(LEFT({_THIS},3)="not","not computed","ok")))'
)


def add_positions(book: Book, model: Model) -> None:
    """Add the sheet with the table, its lists and checks."""
    sheet = book.sheet(layout.POSITIONS, tab_colour=style.INPUT_INK)
    _add_heading(sheet, model)
    for number in range(1, model.capacity + 1):
        _add_row(
            sheet, HEAD + number, model.rows[number - 1] if number <= len(model.rows) else None
        )
    last = HEAD + model.capacity
    entry.add_table(
        sheet,
        layout.TABLE,
        f"A{HEAD}:{LETTER['status']}{last}",
        COLUMNS,
        {"check": CHECK, "status": STATUS},
    )
    _add_validations(sheet, last)
    _add_colours(sheet, last)
    sheet.widths(**{LETTER[name]: width for name, width in _WIDTHS.items()})
    sheet.worksheet.freeze_panes = f"{LETTER['margin_mode']}{HEAD + 1}"
    sheet.print_set_up(f"A1:{LETTER['as_of']}{last}", repeat_rows=f"{HEAD}:{HEAD}")


def _add_heading(sheet: Sheet, model: Model) -> None:
    sheet.put("A1", "Positions", "title")
    sheet.put(
        "A2",
        "One position a row, typed or pasted from column B on: isolated ones with leverage or"
        " isolated_margin, cross ones with their account. The pale yellow cells are yours; an"
        " optional cell left blank takes the venue's own figure.",
        "subtitle",
    )
    sheet.put("A4", "Rules as of", "text")
    sheet.put("B4", "blank: today", "caption right")
    sheet.put(AS_OF_CELL, model.as_of, "input date")
    sheet.put(
        f"{LETTER['venue']}5",
        "Required (isolated: leverage or isolated_margin, or both. cross: account, and leave"
        " isolated_margin blank)",
        "caption",
    )
    sheet.put(f"{LETTER['contract_type']}5", "Optional", "caption")
    for name in COLUMNS:
        required = name in REQUIRED or name in ("check", "status")
        head = "column head" if required else "column head optional"
        sheet.put(f"{LETTER[name]}{HEAD}", name, f"{head}{_HEAD_SIDES.get(name, '')}")
    sheet.worksheet.row_dimensions[1].height = 28
    sheet.worksheet.row_dimensions[HEAD].height = 20


def _add_row(sheet: Sheet, at: int, row: Row | None) -> None:
    for name in INPUTS:
        cell = None if row is None else row.given[name]
        sheet.put(f"{LETTER[name]}{at}", cell, _STYLES.get(name, "input number"))
    status = BLANK if row is None else row.status
    sheet.formula(f"{LETTER['check']}{at}", CHECK, check(row), "text")
    sheet.formula(f"{LETTER['status']}{at}", STATUS, status, "text")


def check(row: Row | None) -> Value:
    """What the column ``check`` says: ok, or the field to fix."""
    if row is None:
        return BLANK
    if row.state != ERROR:
        return "ok"
    field, colon, _ = row.status.removeprefix("error: ").partition(":")
    return f"fix {field}" if colon else "fix"


def _add_validations(sheet: Sheet, last: int) -> None:
    def area(name: str) -> str:
        return f"{LETTER[name]}{HEAD + 1}:{LETTER[name]}{last}"

    for name in ("venue", "side", "margin_mode", "contract_type"):
        optional = " Blank: isolated." if name == "margin_mode" else ""
        optional = " Or leave blank." if name == "contract_type" else optional
        entry.add_choice(sheet, area(name), name, f"Choose from the list.{optional}")
    for name, field in inputs.NUMBERS.items():
        entry.add_number(sheet, area(name), field)
    entry.add_day(
        sheet, area("as_of"), "Day whose rules apply, such as 2026-11-23. Blank: the day in C4."
    )
    entry.add_day(sheet, AS_OF_CELL, "Day whose rules apply to the whole book. Blank: today.")


def _add_colours(sheet: Sheet, last: int) -> None:
    first = HEAD + 1
    rules, status, mode = (
        sheet.worksheet.conditional_formatting,
        LETTER["status"],
        LETTER["margin_mode"],
    )
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
    rules.add(f"{mode}{first}:{mode}{last}", entry.mode_rule(f'${mode}{first}="{CROSS}"'))
