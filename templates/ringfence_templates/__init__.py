"""The shipped workbooks: built and filled with openpyxl.

    fill("isolated_book", positions, "book.xlsx", host="lite")

A builder loads when it is first asked for: openpyxl takes its time.
"""

import os
from collections.abc import Mapping
from datetime import date
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from ringfence.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from ringfence.book import BookRisk

__all__ = ["TEMPLATES", "fill"]

# Name of a template, and of the package beside this module that builds it -> its default title
TEMPLATES: Final[Mapping[str, str]] = {
    "isolated_book": "Isolated positions",
    "mixed_book": "Isolated boxes beside cross pools",
    "position_sizer": "Size of one position",
    "event_risk": "What events would do to the book",
    "venue_compare": "One trade at every venue",
}


def fill(
    name: str,
    positions: "pd.DataFrame",
    path: str | os.PathLike[str],
    *,
    host: str = "lite",
    as_of: date | None = None,
    title: str | None = None,
    accounts: "pd.DataFrame | None" = None,
    refused: Mapping[int, str] | None = None,
    filled_on: date | None = None,
    **own: Any,
) -> "BookRisk":
    """Fill the template ``name`` with ``positions``, write it to ``path``, return the rows' risk.

    Parameters
    ----------
    positions : DataFrame
        Columns as for :func:`ringfence.evaluate`; others are left out, as are blank rows. A row
        that cannot be computed is written with its reason; so is every row of a table that has a
        column twice. The position_sizer takes the first row that can be computed, and reads its
        other inputs (stop_price, volatility ...) where they are columns.
    host : "lite", "classic" or "calc"
        Where the formulas will run; only their stored names differ.
    as_of : date, optional
        Day whose rules apply, written into the workbook. Default: left blank, always today's.
    accounts : DataFrame, optional
        Columns as for :func:`ringfence.evaluate`: what cross positions share. The isolated_book has
        no use for it.
    refused : mapping, optional
        Row number -> why the row of ``positions`` could not be read from its file.
    filled_on : date, optional
        The day the workbook is said to be filled on. Default: today.
    own
        ``spare_rows``: blank rows of the tables, for typing (default 20; the position_sizer has
        none). Of mixed_book ``spare_accounts``, of event_risk ``scenarios``.

    Raises InputError for an unknown template or host, OSError where nothing can be written; the old
    file then stays as it was.
    """
    if name not in TEMPLATES:
        raise InputError("template", f"{name!r} is not one of {', '.join(TEMPLATES)}")
    from ringfence_templates.filling import SPARE_ROWS, Filling
    from ringfence_templates.finish import host_named, write
    from ringfence_templates.text_safe import clean_text

    filling = Filling(
        positions=positions,
        accounts=accounts,
        refused=refused or {},
        host=host_named(host),
        as_of=as_of,
        filled_on=filled_on or date.today(),
        title=clean_text(title or TEMPLATES[name]),
        spare_rows=own.pop("spare_rows", SPARE_ROWS),
    )
    builder = import_module(f"{__name__}.{name}")
    content: bytes
    risk: BookRisk
    content, risk = builder.build(filling, **own)
    write(content, path)
    return risk
