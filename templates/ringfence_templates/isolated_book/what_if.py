"""The sheet What if: one position by the scalar formulas, as it is and with changes."""

from datetime import date
from typing import Any, Final

from openpyxl.worksheet.datavalidation import DataValidation

from ringfence_addin.cells import SERIAL_EPOCH
from ringfence_addin.functions import FORMULAS
from ringfence_templates import style
from ringfence_templates.isolated_book import layout
from ringfence_templates.isolated_book.model import Model, Row
from ringfence_templates.package import Value
from ringfence_templates.positions_sheet import AS_OF, of_row
from ringfence_templates.ranking import BLANK
from ringfence_templates.sheet import Book, Sheet

HEAD: Final = 8
RANK_CELL: Final = "C4"
ANSWERS: Final = {
    "RF_LIQ_PRICE": ("Liquidation price", "liquidation_price", "price"),
    "RF_LIQ_DISTANCE": ("Distance to liquidation", "liquidation_distance", "percent"),
    "RF_MARGIN_RATIO": ("Margin ratio", "margin_ratio", "percent"),
    "RF_MAINT_MARGIN": ("Maintenance margin", "maintenance_margin", "amount"),
    "RF_INIT_MARGIN": ("Initial margin", "initial_margin", "amount"),
    "RF_BANKRUPTCY_PRICE": ("Bankruptcy price", "bankruptcy_price", "price"),
}
_DOCS: Final = {its.name: its.doc for its in FORMULAS["RF_LIQ_PRICE"].arguments}
ARGUMENTS: Final = tuple(_DOCS)
_LOOKS: Final = {
    "size": "size",
    "maintenance_amount": "size",
    "entry_price": "price",
    "mark_price": "price",
    "isolated_margin": "price",
    "as_of": "date",
}
_FIRST: Final = HEAD + 1
_LAST: Final = HEAD + len(ARGUMENTS)
_RESULTS: Final = _LAST + 3  # row of the results' header
_NUMBER: Final = "$E$4"  # the position's row in the table


def add_what_if(book: Book, model: Model) -> None:
    """Add the sheet, showing the nearest position."""
    row = model.ranked[0] if model.ranked else None
    sheet = book.sheet(layout.WHAT_IF, tab_colour=style.INPUT_INK)
    _add_heading(sheet, row)
    given = _given(row, model)
    for at, name in enumerate(ARGUMENTS, _FIRST):
        _add_argument(sheet, at, name, _value(given[name]))
    _add_results(sheet, row, answers(model))
    sheet.widths(A=2, B=26, C=18, D=18, E=18, F=76)
    sheet.print_set_up(f"A1:F{_RESULTS + len(ANSWERS)}", one_page=True)


def _add_heading(sheet: Sheet, row: Row | None) -> None:
    sheet.put("B1", "What if", "title")
    sheet.worksheet.row_dimensions[1].height = 28
    sheet.put(
        "B2",
        "One position, formula by formula. Give its rank on the sheet Risk, then change what you"
        " like: another mark price, more margin, a smaller size.",
        "subtitle",
    )
    sheet.put("B4", "Rank on the sheet Risk", "text")
    sheet.put(RANK_CELL, 1, "input number")
    sheet.put("D4", "row in Positions", "caption right")
    sheet.formula(
        "E4",
        f'=IFERROR(MATCH({RANK_CELL},calc_rank,0),"none")',
        "none" if row is None else row.number,
        "count",
    )
    rule = DataValidation("whole", operator="greaterThan", formula1="0", allow_blank=False)
    rule.errorTitle, rule.error = "Rank", "A rank from the sheet Risk, such as 1."
    rule.showErrorMessage = True
    rule.add(RANK_CELL)
    sheet.worksheet.add_data_validation(rule)
    for column in "BCDEF":
        sheet.put(f"{column}{HEAD - 1}", None, "section")
    sheet.put(f"B{HEAD - 1}", "Inputs, in the order of the formulas' arguments", "section")
    sheet.put(f"F{HEAD}", "meaning", "column head")
    for column, head in zip("BCDE", ("", "in the book", "change to", "used"), strict=True):
        sheet.put(f"{column}{HEAD}", head, "column head right" if head else "column head")


def _given(row: Row | None, model: Model) -> dict[str, Any]:
    """The position's cells as the formulas take them."""
    if row is None:
        return dict.fromkeys(ARGUMENTS)
    return {name: row.given[name] for name in ARGUMENTS} | {
        "as_of": row.given["as_of"] or model.as_of
    }


def _value(content: Any) -> Value:
    """The content of a cell as a formula that points to it shows it."""
    if isinstance(content, date):
        return float((content - SERIAL_EPOCH).days)
    return BLANK if content is None else content


def _add_argument(sheet: Sheet, at: int, name: str, value: Value) -> None:
    book_cell = of_row(name, _NUMBER)
    blank = f'IF({AS_OF}="","",{AS_OF})' if name == "as_of" else '""'
    look = _LOOKS.get(name, "number")
    sheet.put(f"B{at}", name, "text")
    sheet.put(f"F{at}", _DOCS[name], "text")
    sheet.formula(
        f"C{at}", f'=IF(ISNUMBER({_NUMBER}),IF({book_cell}="",{blank},{book_cell}),"")', value, look
    )
    sheet.put(f"D{at}", None, _INPUT_LOOKS.get(look, "input number"))
    sheet.formula(f"E{at}", f'=IF(D{at}="",C{at},D{at})', value, look)
    if look == "size":
        sheet.worksheet.conditional_formatting.add(
            f"C{at}:E{at}", style.whole_number_rule(style.LARGE_AND_WHOLE.format(f"C{at}"))
        )


_INPUT_LOOKS: Final = {"price": "input price", "date": "input date", "size": "input size"}

# The bare formulas stand in Calc. Where Ringfence is not loaded they are #NAME? (error type 5),
# which this sheet says in words; every other error is an answer, and shown.
BARE: Final = {"in the book": "C", "with the changes": "E"}
NOT_LOADED: Final = "needs Ringfence"


def call(name: str, column: str, *, abroad: bool = False) -> str:
    """The formula on the inputs in a column of this sheet, as other sheets write it or as here."""
    sheet = f"'{layout.WHAT_IF}'!" if abroad else ""
    return f"{name}({','.join(f'{sheet}{column}{at}' for at in range(_FIRST, _LAST + 1))})"


def answers(model: Model) -> dict[str, Value]:
    """Each formula's answer for the position shown."""
    given = _given(model.ranked[0] if model.ranked else None, model)
    return {name: FORMULAS[name].function(**given) for name in ANSWERS}


def _add_results(sheet: Sheet, row: Row | None, given: dict[str, Value]) -> None:
    for column in "BCDEF":
        sheet.put(f"{column}{_RESULTS - 1}", None, "section")
    sheet.put(
        f"B{_RESULTS - 1}",
        "Results: each is one formula on those inputs, and should agree with RF_RISK",
        "section",
    )
    heads = ("", "in the book", "RF_RISK says", "with the changes")
    for column, head in zip("BCDE", heads, strict=True):
        sheet.put(f"{column}{_RESULTS}", head, "column head right" if head else "column head")
    sheet.put(f"F{_RESULTS}", "formula", "column head")
    for at, (name, (label, output, look)) in enumerate(ANSWERS.items(), _RESULTS + 1):
        value = given[name]
        sheet.put(f"B{at}", label, "text")
        sheet.put(f"F{at}", f"={call(name, 'E')}", "text")
        in_calc = layout.ANSWERS_HEAD + at - _RESULTS
        for column, bare in zip(BARE.values(), ("red", "amber"), strict=True):
            cell = f"{layout.CALC}!{layout.CHART_LETTER[bare]}{in_calc}"
            told = f'IF(ERROR.TYPE({cell})=5,"{NOT_LOADED}",{cell})'
            sheet.formula(f"{column}{at}", f"=IF(ISERROR({cell}),{told},{cell})", value, look)
        sheet.formula(
            f"D{at}",
            f'=IF(ISNUMBER({_NUMBER}),INDEX(risk_{output},{_NUMBER}),"")',
            BLANK if row is None else row.risk[output],
            look,
        )
