"""The shipped workbooks: built and filled with openpyxl.

    fill("isolated_book", positions, "book.xlsx", host="lite")

A builder loads when it is first asked for: openpyxl takes its time.
"""

import os
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from ringfence.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from ringfence.book import BookRisk

__all__ = ["TEMPLATES", "fill", "template"]

# Name -> module and function that builds it
TEMPLATES: Final[Mapping[str, tuple[str, str]]] = {
    "isolated_book": ("ringfence_templates.isolated_book", "build_isolated_book"),
    "mixed_book": ("ringfence_templates.mixed_book", "build_mixed_book"),
    "position_sizer": ("ringfence_templates.position_sizer", "build_position_sizer"),
    "event_risk": ("ringfence_templates.event_risk", "build_event_risk"),
}


def template(name: str) -> "Callable[..., BookRisk]":
    """The builder of the template ``name``. Raises InputError for a name that is not on file."""
    if name not in TEMPLATES:
        raise InputError("template", f"{name!r} is not one of {', '.join(TEMPLATES)}")
    module, function = TEMPLATES[name]
    builder: Callable[..., BookRisk] = getattr(import_module(module), function)
    return builder


def fill(
    name: str, positions: "pd.DataFrame", path: str | os.PathLike[str], **options: Any
) -> "BookRisk":
    """Fill the template ``name`` with ``positions`` and write it to ``path``.

    ``options`` are those of the builder: host, as_of, title, accounts, refused. Returns the risk of
    the rows written. Raises InputError for an unknown template or host, OSError where the file
    cannot be written.
    """
    return template(name)(positions, path, **options)
