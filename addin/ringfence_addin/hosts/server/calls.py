"""Calls of formulas as JSON: what Excel's page sends, and what it gets back.

A request is ``{"calls": [{"name": "RF_LIQ_PRICE", "arguments": [...]}, ...]}``, an argument a cell
or a range (a list of rows). The answer is ``{"results": [...]}`` in the same order: a cell, or a
table; an error value is ``{"error": "#N/A"}``, with a message where there is more to say.
"""

import logging
import math
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ringfence_addin.cells import CellError
from ringfence_addin.functions import FORMULAS

MOST_CALLS: Final = 500  # in one request

_LOG: Final = logging.getLogger("ringfence.server")

_ARGUMENT: Final = len(("calls", "0", "arguments", "0"))

_Cell = bool | float | str | None


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class Call(_Strict):
    """One formula and its arguments by position; those left out at the end are blank."""

    name: str
    arguments: list[_Cell | list[list[_Cell]]]


class _Calls(_Strict):
    calls: list[Call] = Field(min_length=1, max_length=MOST_CALLS)


def parse(body: bytes) -> list[Call]:
    """The calls of a request. Raises ValueError that says in one line what is wrong."""
    try:
        return _Calls.model_validate_json(body).calls
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where, problem = first["loc"], first["msg"]
        if len(where) > _ARGUMENT:  # one message for each kind of cell that it is not
            where, problem = where[:_ARGUMENT], "neither a cell (finite, text, true, null) nor rows"
        raise ValueError(f"{'.'.join(map(str, where)) or 'body'}: {problem}") from None


def answer(call: Call) -> Any:
    """The result of one call as JSON values. Never raises."""
    formula = FORMULAS.get(call.name)
    if formula is None:
        return _error(CellError.VALUE, "there is no such formula; restart Excel")
    missing = len(formula.arguments) - len(call.arguments)
    if missing < 0:
        return _error(CellError.VALUE, f"{call.name} takes {len(formula.arguments)} arguments")
    try:
        result = formula.function(*call.arguments, *[None] * missing)
    except Exception as error:  # a fault of ours; its text may hold a position
        _LOG.error("%s failed: %s", call.name, type(error).__name__)
        return _error(CellError.VALUE, f"{call.name} failed: {type(error).__name__}")
    return [list(map(_cell, row)) for row in result] if formula.returns_table else _cell(result)


def _error(error: CellError, message: str) -> dict[str, str]:
    return {"error": error.value, "message": message}


def _cell(value: Any) -> bool | float | str | dict[str, str]:
    """One result as JSON: a blank is an empty text, no number is an error value."""
    if isinstance(value, CellError):
        return {"error": value.value}
    if value is None:
        return ""
    if isinstance(value, (bool, str)):
        return value
    number = float(value)
    return number if math.isfinite(number) else {"error": CellError.NUM.value}
