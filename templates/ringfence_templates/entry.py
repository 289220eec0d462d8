"""The tables that people fill in: columns that fill down, dropdowns, ranges of numbers, days."""

from collections.abc import Mapping, Sequence
from typing import Final

from openpyxl.formatting.rule import Rule
from openpyxl.styles import Border, Font, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table, TableFormula, TableStyleInfo

from ringfence.inputs import NumberField
from ringfence_templates import style
from ringfence_templates.sheet import Sheet

_END: Final = 1e-9
_LONGEST: Final = 225  # characters of a validation's message
_CROSS_FILL: Final = "DCE6F2"


def add_table(
    sheet: Sheet, name: str, area: str, columns: Sequence[str], calculated: Mapping[str, str]
) -> None:
    """A table whose ``calculated`` columns Excel fills down when it grows."""
    table = Table(displayName=name, ref=area)
    table._initialise_columns()  # type: ignore[attr-defined]
    table.autoFilter = None  # its buttons would cover the heads of figures
    for column, title in zip(table.tableColumns, columns, strict=True):
        column.name = title
        if title in calculated:
            column.calculatedColumnFormula = TableFormula(
                attr_text=calculated[title].removeprefix("=")
            )
    # Cells carry their own formats, because LibreOffice does not print a table's style.
    table.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=False)
    sheet.worksheet.add_table(table)


def add_choice(sheet: Sheet, area: str, name: str, message: str, *, strict: bool = True) -> None:
    """A dropdown of the list of that name; ``strict``: nothing else is taken."""
    rule = DataValidation("list", formula1=f"list_{name}", allow_blank=True)
    _add(sheet, area, rule, name, message)
    rule.showErrorMessage = strict


def add_number(sheet: Sheet, area: str, field: NumberField) -> None:
    """The field's range; "between" takes both ends in, so an open end moves in a little."""
    low = field.at_least if field.above is None else field.above + _END
    if low is None:
        rule = DataValidation("decimal", operator="between", formula1="-1E+15", formula2="1E+15")
    elif field.below is not None:
        high = f"{field.below - _END:.10g}"
        rule = DataValidation("decimal", operator="between", formula1=f"{low:.10g}", formula2=high)
    elif field.above is None:
        rule = DataValidation("decimal", operator="greaterThanOrEqual", formula1=f"{low:g}")
    else:
        rule = DataValidation("decimal", operator="greaterThan", formula1=f"{field.above:g}")
    message = f"{field.doc[0].upper()}{field.doc[1:]}: {field.allowed}."
    _add(sheet, area, rule, field.name, message)


def add_day(sheet: Sheet, area: str, message: str) -> None:
    """A date, or blank."""
    rule = DataValidation("date", operator="greaterThan", formula1="36526", allow_blank=True)
    _add(sheet, area, rule, "as_of", message)


def _add(sheet: Sheet, area: str, rule: DataValidation, name: str, message: str) -> None:
    rule.errorTitle = rule.promptTitle = name
    rule.error = rule.prompt = message[:_LONGEST]
    rule.allowBlank = True
    rule.showErrorMessage = rule.showInputMessage = True
    rule.errorStyle = "stop"
    rule.add(area)
    sheet.worksheet.add_data_validation(rule)


def mode_rule(condition: str) -> Rule:
    """A conditional format that tells cross positions from boxes."""
    look = DifferentialStyle(
        font=Font(color=style.NAVY, bold=True),
        fill=PatternFill("solid", fgColor=_CROSS_FILL, bgColor=_CROSS_FILL),
        border=Border(bottom=Side(style="thin", color=style.LINE)),
    )
    return Rule(type="expression", dxf=look, formula=[condition])
