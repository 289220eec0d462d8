"""The template ``isolated_book``: positions in isolated margin, their risk, the book on a page."""

import os
from collections.abc import Mapping
from datetime import date

import pandas as pd

from ringfence.book import BookRisk
from ringfence_templates.finish import finished, host_named, write
from ringfence_templates.hosts import Host
from ringfence_templates.isolated_book import layout
from ringfence_templates.isolated_book.calc import add_calc
from ringfence_templates.isolated_book.dashboard import add_dashboard
from ringfence_templates.isolated_book.model import Model, build_model
from ringfence_templates.isolated_book.notes import add_notes
from ringfence_templates.isolated_book.positions import add_positions
from ringfence_templates.isolated_book.risk import add_risk
from ringfence_templates.isolated_book.what_if import add_what_if
from ringfence_templates.sheet import Book
from ringfence_templates.style import add_styles
from ringfence_templates.text_safe import clean_text

TITLE = "Isolated positions"
SPARE_ROWS = 20


def build_isolated_book(
    positions: pd.DataFrame,
    path: str | os.PathLike[str],
    *,
    host: Host | str = Host.LITE,
    as_of: date | None = None,
    title: str | None = None,
    accounts: pd.DataFrame | None = None,
    refused: Mapping[int, str] | None = None,
    spare_rows: int = SPARE_ROWS,
    filled_on: date | None = None,
) -> BookRisk:
    """Write the workbook for ``positions`` to ``path``; returns the risk of its rows.

    Parameters
    ----------
    positions : DataFrame
        Columns as for :func:`ringfence.evaluate`; others are left out, as are blank rows. A row
        that cannot be computed is written with its reason; so is every row of a table that has a
        column twice.
    host : "lite", "classic" or "calc"
        Where the formulas will run; only their stored names differ.
    as_of : date, optional
        Day whose rules apply, written into the workbook. Default: left blank, always today's.
    accounts : DataFrame, optional
        Not used: isolated boxes stand on their own.
    refused : mapping, optional
        Row number -> why the row could not be read from its file.
    spare_rows : int
        Blank rows of the table, for typing.
    filled_on : date, optional
        The day the workbook is said to be filled on. Default: today.

    Raises InputError for an unknown host, OSError where nothing can be written; the old file then
    stays as it was.
    """
    model = build_model(
        positions,
        spare_rows=spare_rows,
        as_of=as_of,
        filled_on=filled_on or date.today(),
        title=clean_text(title or TITLE),
        refused=refused or {},
    )
    write(_workbook(model, host_named(host)), path)
    return model.book


def _workbook(model: Model, host: Host) -> bytes:
    book = Book(host)
    add_styles(book.workbook)
    for add in (add_positions, add_risk, add_dashboard, add_what_if, add_notes, add_calc):
        add(book, model)
    return finished(book, title=model.title, active=layout.DASHBOARD, filled_on=model.filled_on)
