"""The sheet Risk: every position, nearest liquidation first, with its traffic light."""

from typing import Final

from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from ringfence_templates import style
from ringfence_templates.isolated_book import layout
from ringfence_templates.isolated_book.model import Model, Row
from ringfence_templates.package import Value
from ringfence_templates.ranking import BLANK, LIGHTS
from ringfence_templates.sheet import Book, Sheet

HEAD: Final = layout.RISK_HEAD
_NUMBER: Final = "$L"  # column of the row number in Positions


def _of_calc(name: str) -> str:
    return f"INDEX({name},{_NUMBER}{{r}})"


def _of_positions(name: str) -> str:
    return layout.of_row(name, f"{_NUMBER}{{r}}") + '&""'


# Column -> (heading, width, look, what its formula shows)
COLUMNS: Final = {
    "B": ("light", 12, "label", _of_calc("calc_light")),
    "C": ("symbol", 18, "text", _of_positions("symbol")),
    "D": ("side", 8, "text", _of_positions("side")),
    "E": ("venue", 15, "text", _of_positions("venue")),
    "F": ("account", 13, "text", _of_positions("account")),
    "G": ("distance", 11, "percent", _of_calc("risk_liquidation_distance")),
    "H": ("margin ratio", 12, "percent", _of_calc("risk_margin_ratio")),
    "I": ("liquidation price", 16, "price", _of_calc("risk_liquidation_price")),
    "J": ("mark price", 13, "price", _of_calc("calc_mark_price")),
    "K": ("max loss (USD)", 16, "money", _of_calc("calc_margin")),
    "M": ("status", 60, "long text", _of_calc("calc_status")),
}
_RIGHT: Final = ("percent", "price", "money", "count")
_THRESHOLDS: Final = (
    ("B4", layout.RED_DISTANCE, "Red below", "A4"),
    ("D4", layout.AMBER_DISTANCE, "Amber below", "C4"),
    ("H4", layout.RED_RATIO, "red too from a ratio of", "G4"),
)


def add_risk(book: Book, model: Model) -> None:
    """Add the sheet, and the names of the thresholds on it."""
    sheet = book.sheet(layout.RISK, tab_colour=style.RED)
    _add_heading(sheet, model)
    _add_thresholds(book, sheet, model)
    for number, row in enumerate(model.padded(model.ranked), 1):
        _add_row(sheet, number, row)
    last = HEAD + model.capacity
    _add_colours(sheet, last)
    sheet.widths(A=8, L=7, **{column: width for column, (_, width, _, _) in COLUMNS.items()})
    sheet.worksheet.freeze_panes = f"D{HEAD + 1}"
    sheet.print_set_up(f"A1:M{last}", repeat_rows=f"{HEAD}:{HEAD}")


def _add_heading(sheet: Sheet, model: Model) -> None:
    sheet.put("A1", "Risk", "title")
    sheet.worksheet.row_dimensions[1].height = 28
    sheet.formula("A2", _SENTENCE, sentence(model), "subtitle")
    heads = {"A": ("rank", "count"), "L": ("row", "count")}
    heads |= {column: (head, look) for column, (head, _, look, _) in COLUMNS.items()}
    for column, (head, look) in heads.items():
        side = " right" if look in _RIGHT else " center" if look == "label" else ""
        sheet.put(f"{column}{HEAD}", head, f"column head{side}")
    sheet.worksheet.row_dimensions[HEAD].height = 20


_COUNTS: Final = '&", "&'.join(
    f'COUNTIF(calc_light,"{light}")&" {light.lower()}"' for light in LIGHTS
)
_SENTENCE: Final = f'=COUNT(calc_rank)&" positions: "&{_COUNTS}'


def sentence(model: Model) -> str:
    """The line below the title."""
    counts = ", ".join(f"{model.count(light)} {light.lower()}" for light in LIGHTS)
    return f"{len(model.rows)} positions: {counts}"


def _add_thresholds(book: Book, sheet: Sheet, model: Model) -> None:
    values = model.thresholds
    for at, name, label, label_at in _THRESHOLDS:
        sheet.put(label_at, label, "caption right")
        sheet.put(at, getattr(values, name), "input share")
        column, row = at[0], at[1:]
        book.workbook.defined_names[name] = DefinedName(
            name, attr_text=f"{layout.RISK}!${column}${row}"
        )
    sheet.put("E4", " of distance", "caption")
    sheet.put("I4", " These three are yours to change.", "caption")
    rule = DataValidation(
        "decimal", operator="between", formula1="0", formula2="10", allow_blank=False
    )
    rule.errorTitle, rule.error = "Threshold", "A share of 1: 5 % or 0.05."
    rule.showErrorMessage = True
    for at, *_ in _THRESHOLDS:
        rule.add(at)
    sheet.worksheet.add_data_validation(rule)


def _add_row(sheet: Sheet, number: int, row: Row | None) -> None:
    at, top = HEAD + number, HEAD + 1
    rank = f"ROWS($A${top}:$A{at})"
    sheet.formula(
        f"A{at}",
        f'=IF({rank}<=COUNT(calc_rank),{rank},"")',
        BLANK if row is None else number,
        "count bare",
    )
    sheet.formula(
        f"L{at}",
        f'=IF($A{at}="","",MATCH($A{at},calc_rank,0))',
        BLANK if row is None else row.number,
        "count bare",
    )
    values = _values(row)
    for column, (head, _, look, shown) in COLUMNS.items():
        formula = f'=IF($A{at}="","",{shown.format(r=at)})'
        sheet.formula(f"{column}{at}", formula, values[head], f"{look} bare")


def _values(row: Row | None) -> dict[str, Value]:
    if row is None:
        return {head: BLANK for head, *_ in COLUMNS.values()}
    return {
        "light": row.light,
        **{name: row.text(name) for name in ("symbol", "side", "venue", "account")},
        "distance": row.risk["liquidation_distance"],
        "margin ratio": row.risk["margin_ratio"],
        "liquidation price": row.risk["liquidation_price"],
        "mark price": row.mark_price,
        "max loss (USD)": row.margin,
        "status": row.status,
    }


def _add_colours(sheet: Sheet, last: int) -> None:
    rules = sheet.worksheet.conditional_formatting
    first = HEAD + 1
    lined = f"A{first}:A{last} C{first}:F{last} H{first}:M{last}"
    rules.add(lined, style.row_line_rule(f'$A{first}<>""'))
    for light in LIGHTS:
        area = f"B{first}:B{last}" if light == "Error" else f"B{first}:B{last} G{first}:G{last}"
        rules.add(area, style.light_rule(f'$B{first}="{light}"', light))
    rules.add(f"G{first}:G{last}", style.row_line_rule(f'$A{first}<>""'))
