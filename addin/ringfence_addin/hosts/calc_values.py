"""The one place where LibreOffice Calc's cell values become ours, and ours become Calc's.

Calc hands a blank cell over as 0.0 (alone) or "" (in a range), TRUE as 1.0, an omitted argument
as None, a range as a tuple of tuples. It shows an error where it is given a NaN that carries the
error's number, which is how its own cells hold errors; that works inside a table too, where
raising an exception would lose every other row.
"""

import math
import struct
from collections.abc import Callable, Sequence
from typing import Any, Final

from ringfence_addin.catalogue import Formula
from ringfence_addin.cells import CellError

_QUIET_NAN = 0x7FF8_0000_0000_0000


def _error(number: int) -> float:
    """A NaN with one of LibreOffice's error numbers as payload."""
    value: float = struct.unpack("<d", struct.pack("<Q", _QUIET_NAN | number))[0]
    return value


_ERROR_TEXTS: Final[dict[int, str]] = {
    503: "#NUM!", 519: "#VALUE!", 521: "#NULL!", 524: "#REF!", 525: "#NAME?", 532: "#DIV/0!",
    32767: "#N/A",
}  # fmt: skip
_ERRORS: Final = {
    error: _error(number)
    for number, text in _ERROR_TEXTS.items()
    for error in CellError
    if error == text
}


def from_calc(value: Any) -> Any:
    """An argument as Calc passes it, as the formulas take it: a range becomes its rows."""
    if not hasattr(value, "getDataArray"):
        return value
    return [
        [_error_text(value, x, y) if cell is None else cell for x, cell in enumerate(row)]
        for y, row in enumerate(value.getDataArray())
    ]


def _error_text(cells: Any, x: int, y: int) -> str:
    """What an error cell shows; among the values of a range it is just None.

    Not by getString(), which says "..." while Calc is at work.
    """
    return _ERROR_TEXTS.get(cells.getCellByPosition(x, y).getError(), CellError.VALUE)


def to_calc(value: Any) -> float | str:
    """One result of a formula, as a value Calc can show."""
    if isinstance(value, CellError):
        return _ERRORS[value]
    if isinstance(value, str):
        return str(value)
    if value is None:
        return _ERRORS[CellError.NA]
    number = float(value)
    return number if math.isfinite(number) else _ERRORS[CellError.NUM]


def to_calc_table(rows: Sequence[Sequence[Any]]) -> tuple[tuple[float | str, ...], ...]:
    """A table of results."""
    return tuple(tuple(map(to_calc, row)) for row in rows)


def calc_function(formula: Formula) -> Callable[..., Any]:
    """The formula as a method Calc can call; whatever goes wrong inside shows as #VALUE!."""

    def call(_component: object, *arguments: Any) -> Any:
        try:
            result = formula.function(*map(from_calc, arguments))
            return to_calc_table(result) if formula.returns_table else to_calc(result)
        except Exception:
            error = _ERRORS[CellError.VALUE]
            return ((error,),) if formula.returns_table else error

    return call
