"""The catalogue of formulas: one declaration serves every host.

:func:`formula` registers a function under its RF_ name with the docs of its arguments, hands it to
xlwings (Excel), and leaves the same record for LibreOffice's add-in and for the docs.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import xlwings as xw

_Function = TypeVar("_Function", bound=Callable[..., Any])
_EXCEL_CUTS_AT: Final = 255  # characters of help that Excel keeps


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
        decorated: Any = function
        for argument in arguments:
            options = {"ndim": 2} if argument.is_range else {}
            decorated = xw.arg(argument.name, doc=argument.doc, **options)(decorated)
        registered: _Function = xw.func(decorated)
        return registered

    return register
