"""How each host stores a formula of ours in a file: the one place that knows.

Formulas are written everywhere with their plain names; :func:`stored` gives the form for the file.
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Final, NamedTuple


class Host(StrEnum):
    """Where the workbook will be calculated."""

    LITE = "lite"  # xlwings Lite: Excel's custom functions
    CLASSIC = "classic"  # xlwings UDFs: VBA functions
    CALC = "calc"  # LibreOffice


# Excel's own prefix for a custom function. A host version may put a name of its own behind it:
# _xldudf_XLW_RF_RISK is read as well, and never written.
LITE_PREFIX: Final = "_xldudf_"

_TOKEN: Final = re.compile(
    r'"[^"]*"'  # a text; a quote within is the end of one and the start of the next
    r"|'[^']*'"  # the name of a sheet
    r"|\[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*\]"  # columns of a table
    r"|(?<![\w.!\\])(?:_xldudf_(?:\w+?_)??)?(?P<name>RF_[A-Z0-9_]+)(?=\()",
    re.IGNORECASE,  # LibreOffice saves names that it does not know in small letters
)


class Call(NamedTuple):
    """A call of one of our functions: where its name stands in a formula, and the plain name."""

    start: int
    end: int
    name: str


def calls(formula: str) -> Iterator[Call]:
    """The calls in ``formula``, in whichever form; not what stands in texts and names."""
    for token in _TOKEN.finditer(formula):
        if token["name"]:
            yield Call(*token.span(), token["name"].upper())


def calls_us(formula: str) -> bool:
    """Whether ``formula`` calls one of our functions."""
    return any(calls(formula))


def stored_name(name: str, host: Host) -> str:
    """The plain name of a function as ``host`` has it in the file."""
    return LITE_PREFIX + name if host is Host.LITE else name


def stored(formula: str, host: Host) -> str:
    """``formula`` as ``host`` has it in the file."""
    pieces, at = [], 0
    for start, end, name in calls(formula):
        pieces += [formula[at:start], stored_name(name, host)]
        at = end
    return "".join([*pieces, formula[at:]])


def is_dynamic(formula: str, host: Host) -> bool:
    """Whether Excel keeps the cell as a dynamic array: so it does with every custom function."""
    return host is Host.LITE and calls_us(formula)
