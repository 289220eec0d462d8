"""How each host stores a formula of ours in a file: the one place that knows.

Formulas are written everywhere with their plain names; :func:`stored` gives the form for the file.
"""

import re
from enum import StrEnum
from typing import Final


class Host(StrEnum):
    """Where the workbook will be calculated."""

    LITE = "lite"  # xlwings Lite: Excel's custom functions
    CLASSIC = "classic"  # xlwings UDFs: VBA functions
    CALC = "calc"  # LibreOffice


# Excel's own prefix for a custom function. A host version may put a name of its own behind it.
LITE_PREFIX: Final = "_xldudf_"

_OURS: Final = re.compile(r"\bRF_[A-Z_]+(?=\()")


def calls_us(formula: str) -> bool:
    """Whether ``formula`` calls one of our functions."""
    return _OURS.search(formula) is not None


def stored(formula: str, host: Host) -> str:
    """``formula`` as ``host`` has it in the file."""
    prefix = LITE_PREFIX if host is Host.LITE else ""
    return _OURS.sub(lambda name: prefix + name[0], formula)


def is_dynamic(formula: str, host: Host) -> bool:
    """Whether Excel keeps the cell as a dynamic array: so it does with every custom function."""
    return host is Host.LITE and calls_us(formula)
