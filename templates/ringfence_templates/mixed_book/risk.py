"""The sheet Risk: every position, nearest liquidation first, boxes and pools told apart."""

from typing import Final

from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from ringfence_templates import entry, style
from ringfence_templates.mixed_book import layout
from ringfence_templates.mixed_book.model import CROSS, Model, Row
from ringfence_templates.package import Value
from ringfence_templates.ranking import BLANK, LIGHTS
from ringfence_templates.sheet import Book, Sheet

HEAD: Final = layout.RISK_HEAD
_NUMBER: Final = "$O"  # column of the row number in Positions


def _of_calc(name: str) -> str:
    return f"INDEX({name},{_NUMBER}{{r}})"


def _of_positions(name: str) -> str:
    return layout.of_row(name, f"{_NUMBER}{{r}}") + '&""'


# Column -> (heading, width, look, what its formula shows)
COLUMNS: Final = {
    "B": ("light", 12, "label", _of_calc("calc_light")),
    "C": ("mode", 11, "label", _of_calc("calc_mode")),
    "D": ("symbol", 17, "text", _of_positions("symbol")),
    "E": ("side", 8, "text", _of_positions("side")),
    "F": ("venue", 14, "text", _of_positions("venue")),
    "G": ("account", 17, "text", _of_positions("account")),
    "H": ("distance", 11, "percent", _of_calc("risk_liquidation_distance")),
    "I": ("margin ratio", 13, "percent", _of_calc("risk_margin_ratio")),
    "J": ("liquidation price", 17, "price", _of_calc("risk_liquidation_price")),
    "K": ("mark price", 13, "price", _of_calc("calc_mark_price")),
    "L": ("notional (USD)", 16, "money", _of_calc("calc_notional")),
    "M": ("PnL (USD)", 14, "money", _of_calc("calc_unrealized_pnl")),
    "N": ("max loss (USD)", 16, "money", _of_calc("calc_max_loss")),
    "P": ("status", 40, "long text", _of_calc("calc_status")),
    "Q": ("rule", 37, "text", _of_calc("risk_rule")),
}
_RIGHT: Final = ("percent", "price", "money", "count")
_THRESHOLDS: Final = (
    ("C4", layout.RED_DISTANCE, "Red below", "B4"),
    ("E4", layout.AMBER_DISTANCE, "Amber below", "D4"),
    ("I4", layout.RED_RATIO, "red too from a ratio of", "H4"),
    ("L4", layout.AMBER_RATIO, "pools: amber from a ratio of", "K4"),
)


def add_risk(book: Book, model: Model) -> None:
    """Add the sheet, and the names of the thresholds on it."""
    sheet = book.sheet(layout.RISK, tab_colour=style.RED)
    _add_heading(sheet, model)
    _add_thresholds(book, sheet, model)
    for number in range(1, model.capacity + 1):
        _add_row(sheet, number, model.ranked[number - 1] if number <= len(model.ranked) else None)
    last = HEAD + model.capacity
    _add_colours(sheet, last)
    sheet.widths(A=7, O=7, **{column: width for column, (_, width, _, _) in COLUMNS.items()})
    sheet.worksheet.freeze_panes = f"E{HEAD + 1}"
    sheet.print_set_up(f"A1:Q{last}", repeat_rows=f"{HEAD}:{HEAD}")


def _add_heading(sheet: Sheet, model: Model) -> None:
    sheet.put("A1", "Risk", "title")
    sheet.worksheet.row_dimensions[1].height = 28
    sheet.formula("A2", _SENTENCE, sentence(model), "subtitle")
    sheet.put(
        f"H{HEAD - 1}",
        "cross: the price of this contract alone, the others at their marks; ratio and max loss are"
        " its whole pool's",
        "caption",
    )
    heads = {"A": ("rank", "count"), "O": ("row", "count")}
    heads |= {column: (head, look) for column, (head, _, look, _) in COLUMNS.items()}
    for column, (head, look) in heads.items():
        side = " right" if look in _RIGHT else " center" if look == "label" else ""
        sheet.put(f"{column}{HEAD}", head, f"column head{side}")
    sheet.worksheet.row_dimensions[HEAD].height = 20


_COUNTS: Final = '&", "&'.join(
    f'COUNTIF(calc_light,"{light}")&" {light.lower()}"' for light in LIGHTS
)
_STALE: Final = 'SUMPRODUCT(ISNUMBER(FIND("tiers",risk_rule))*1)'
_SENTENCE: Final = (
    f'=COUNT(calc_rank)&" positions: "&{_COUNTS}&IF({_STALE}=0,"",'
    f'". "&{_STALE}&" on tiers of another day than theirs: see the column rule")'
)


def sentence(model: Model) -> str:
    """The line below the title."""
    counts = ", ".join(f"{model.count(light)} {light.lower()}" for light in LIGHTS)
    stale = sum("tiers" in str(row.risk["rule"]) for row in model.rows)
    more = f". {stale} on tiers of another day than theirs: see the column rule" if stale else ""
    return f"{len(model.rows)} positions: {counts}{more}"


def _add_thresholds(book: Book, sheet: Sheet, model: Model) -> None:
    values = model.thresholds
    for at, name, label, label_at in _THRESHOLDS:
        sheet.put(label_at, label, "caption right")
        sheet.put(at, getattr(values, name), "input share")
        column, row = at[0], at[1:]
        book.workbook.defined_names[name] = DefinedName(
            name, attr_text=f"{layout.RISK}!${column}${row}"
        )
    sheet.put("F4", " of distance", "caption")
    sheet.put("M4", " These four are yours to change.", "caption")
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
        f"O{at}",
        f'=IF($A{at}="","",MATCH($A{at},calc_rank,0))',
        BLANK if row is None else row.row,
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
        "mode": row.mode,
        **{name: row.text(name) for name in ("symbol", "side", "venue", "account")},
        "distance": row.risk["liquidation_distance"],
        "margin ratio": row.risk["margin_ratio"],
        "liquidation price": row.risk["liquidation_price"],
        "mark price": row.mark_price,
        "notional (USD)": row.notional,
        "PnL (USD)": row.unrealized_pnl,
        "max loss (USD)": row.max_loss,
        "status": row.status,
        "rule": row.risk["rule"],
    }


def _add_colours(sheet: Sheet, last: int) -> None:
    rules = sheet.worksheet.conditional_formatting
    first = HEAD + 1
    rules.add(f"C{first}:C{last}", entry.mode_rule(f'$C{first}="{CROSS}"'))
    lined = f"A{first}:A{last} C{first}:G{last} I{first}:Q{last}"
    rules.add(lined, style.row_line_rule(f'$A{first}<>""'))
    for light in LIGHTS:
        area = f"B{first}:B{last}" if light == "Error" else f"B{first}:B{last} H{first}:H{last}"
        rules.add(area, style.light_rule(f'$B{first}="{light}"', light))
    rules.add(f"H{first}:H{last}", style.row_line_rule(f'$A{first}<>""'))
