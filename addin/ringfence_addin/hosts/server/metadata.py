"""What Excel reads about the formulas: the custom functions metadata of Office.js."""

from collections.abc import Iterable
from typing import Any, Final

from ringfence import venues
from ringfence.quantities import CONTRACT_TYPES
from ringfence_addin.catalogue import Argument, Formula

# Arguments that take one of a few words: Excel offers them while the formula is typed.
_CHOICES: Final = {
    "venue": venues.names(),
    "side": ("long", "short"),
    "contract_type": tuple(CONTRACT_TYPES),
}


def functions_json(formulas: Iterable[Formula]) -> dict[str, Any]:
    """The metadata file: a function a formula, and the words that their arguments take."""
    return {
        "allowErrorForDataTypeAny": True,  # else Excel answers for us where a cell is an error
        "functions": [_function(formula) for formula in formulas],
        "enums": [
            {
                "id": name.upper(),
                "type": "string",
                "values": [{"name": word, "stringValue": word} for word in words],
            }
            for name, words in _CHOICES.items()
        ],
    }


def _function(formula: Formula) -> dict[str, Any]:
    return {
        "id": formula.name,
        "name": formula.name,
        "description": formula.doc,
        "parameters": [_parameter(argument) for argument in formula.arguments],
        "result": {"type": "any", "dimensionality": _dimensionality(formula.returns_table)},
    }


def _parameter(argument: Argument) -> dict[str, Any]:
    parameter = {
        "name": argument.name,
        "description": argument.doc,
        "type": "any",
        "dimensionality": _dimensionality(argument.is_range),
        "optional": argument.optional,
    }
    if argument.name in _CHOICES:  # Excel lists words for texts only
        parameter |= {"type": "string", "customEnumId": argument.name.upper()}
    return parameter


def _dimensionality(many: bool) -> str:
    return "matrix" if many else "scalar"
