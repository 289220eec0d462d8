"""Everything that a spreadsheet or a shell touches; the rules live in ``ringfence``.

The formulas and scripts are attributes of this package too, loaded when one is first asked for: so
``from ringfence_addin import *`` in a workbook's ``main.py`` registers them all, and so does a host
that looks through the members of this package.
"""

from importlib import import_module
from typing import Any

_FORMULAS = "ringfence_addin.functions"
_SCRIPTS = ("explain_this_cell", "fill_from_csv", "freeze_a_copy", "refresh_tiers")


def __getattr__(name: str) -> Any:
    if name == "__all__":
        formulas = import_module(_FORMULAS).__all__
        return [*_SCRIPTS, *(its for its in formulas if its.startswith("RF_"))]
    if name.startswith("RF_"):
        return getattr(import_module(_FORMULAS), name)
    if name in _SCRIPTS:
        return getattr(import_module("ringfence_addin.scripts"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *__getattr__("__all__")]
