"""The catalogue of formulas: one declaration serves every host.

:func:`formula` registers a function under its RF_ name with the docs of its arguments, hands it to
xlwings (Excel), and leaves the same record for LibreOffice's add-in and for the docs.
"""

import inspect
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar

import xlwings as xw

from ringfence import inputs, venues

_Function = TypeVar("_Function", bound=Callable[..., Any])
_EXCEL_CUTS_AT: Final = 255  # characters of help that Excel keeps
_CATEGORY: Final = "Ringfence"  # where the function wizard of classic Excel lists the formulas
# What an argument of this name may be. A help for typing, no check: the formulas take "Long" too.
CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "venue": venues.names(),
    "side": ("long", "short"),
    "contract_type": inputs.CONTRACT_TYPES,
}


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument, as the function wizard shows it."""

    name: str
    doc: str
    optional: bool
    is_range: bool
    or_value: bool  # a range, or one typed value


@dataclass(frozen=True, slots=True)
class Formula:
    """One RF_ formula."""

    name: str
    function: Callable[..., Any]
    doc: str
    arguments: tuple[Argument, ...]
    returns_table: bool


FORMULAS: Final[dict[str, Formula]] = {}


def formula(
    docs: Mapping[str, str],
    *,
    ranges: tuple[str, ...] = (),
    or_values: tuple[str, ...] = (),
    returns_table: bool = False,
) -> Callable[[_Function], _Function]:
    """Register the decorated function as a formula.

    ``docs`` has a line of help for each argument; ``ranges`` names those that take a range,
    ``or_values`` those among them that take one value as well.
    """

    def register(function: _Function) -> _Function:
        name = function.__name__
        parameters = inspect.signature(function).parameters
        arguments = tuple(
            Argument(
                name=parameter.name,
                doc=docs[parameter.name],
                optional=parameter.default is not inspect.Parameter.empty,
                is_range=parameter.name in ranges,
                or_value=parameter.name in or_values,
            )
            for parameter in parameters.values()
        )
        doc = function.__doc__ = " ".join((function.__doc__ or "").split())  # one line of help
        for text in (doc, *(argument.doc for argument in arguments)):
            if not text or len(text) > _EXCEL_CUTS_AT:
                raise ValueError(f"{name}: help must have 1 to {_EXCEL_CUTS_AT} characters")
        FORMULAS[name] = Formula(name, function, doc, arguments, returns_table)
        if _lists_choices():
            function.__annotations__.update(_choice_hints(arguments))
        declare(FORMULAS[name])
        return function

    return register


def declare(
    formula: Formula, func: Callable[..., Any] = xw.func, arg: Callable[..., Any] = xw.arg
) -> None:
    """Register a formula with xlwings by its decorators, which leave their record on the function.

    Without ``err_to_str`` an error cell would arrive as None: a blank.
    """
    decorated: Any = formula.function
    for argument in formula.arguments:
        options = {"ndim": 2} if argument.is_range else {}
        decorated = arg(argument.name, doc=argument.doc, err_to_str=True, **options)(decorated)
    func(category=_CATEGORY)(decorated)


def _lists_choices() -> bool:
    """Whether the host offers a ``Literal`` hint's values as a list, and does nothing else with it.

    xlwings Lite does (CPython in the browser, xlwings 0.35.3 or newer). Elsewhere xlwings takes
    the hint for a converter that it does not have, and every call would fail.
    """
    version = tuple(map(int, re.findall(r"\d+", xw.__version__)[:3]))
    return sys.platform == "emscripten" and version >= (0, 35, 3)


def _choice_hints(arguments: tuple[Argument, ...]) -> dict[str, Any]:
    return {
        its.name: Literal[CHOICES[its.name]]
        for its in arguments
        if its.name in CHOICES and not its.is_range
    }
