"""What may be typed into an input cell, and what is said of it."""

from collections.abc import Iterable, Iterator
from typing import Final

from openpyxl.worksheet.datavalidation import DataValidation

from ringfence.inputs import NumberField
from ringfence_templates.position_sizer.layout import Input

LISTS: Final = ("venue", "side", "contract_type")  # inputs chosen from a list on Notes
_FIRST_DAY: Final = "36526"  # 2000-01-01
_END: Final = 1e-9  # "between" takes both ends in, so an open end moves in a little
_LONGEST: Final = 225  # characters that Excel shows


def of_inputs(inputs: Iterable[Input]) -> Iterator[tuple[str, DataValidation]]:
    """The rule of each input that has one."""
    for its in inputs:
        if its.number:
            yield its.name, _explained(_number(its.number), its.name, _allowed(its.number))
        elif its.name in LISTS:
            rule = DataValidation("list", formula1=f"list_{its.name}", allow_blank=True)
            yield its.name, _explained(rule, its.name, "Choose from the list.")
        elif its.name == "as_of":
            rule = DataValidation("date", operator="greaterThan", formula1=_FIRST_DAY)
            yield its.name, _explained(rule, its.name, "Day whose rules apply. Blank: today.")


def of_shares(name: str, message: str) -> DataValidation:
    """For the steps of a ladder."""
    rule = DataValidation("decimal", operator="between", formula1=f"{_END:g}", formula2="1000")
    return _explained(rule, name, message)


def _allowed(field: NumberField) -> str:
    return f"{field.doc[0].upper()}{field.doc[1:]}: {field.allowed}."


def _number(field: NumberField) -> DataValidation:
    low = field.at_least if field.above is None else field.above + _END
    if field.below is None:
        if field.above is None:
            return DataValidation("decimal", operator="greaterThanOrEqual", formula1=f"{low:g}")
        return DataValidation("decimal", operator="greaterThan", formula1=f"{field.above:g}")
    return DataValidation(
        "decimal",
        operator="between",
        formula1=f"{low:.10g}",
        formula2=f"{field.below - _END:.10g}",
    )


def _explained(rule: DataValidation, name: str, message: str) -> DataValidation:
    rule.errorTitle = rule.promptTitle = name
    rule.error = rule.prompt = message[:_LONGEST]
    rule.allowBlank = True
    rule.showErrorMessage = rule.showInputMessage = True
    rule.errorStyle = "stop"
    return rule
