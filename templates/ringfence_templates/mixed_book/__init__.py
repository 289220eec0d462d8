"""The template ``mixed_book``: isolated satellites beside a cross book, and their accounts."""

import os
from collections.abc import Mapping
from datetime import date

import pandas as pd

from ringfence.book import BookRisk
from ringfence_templates.finish import finished, host_named, write
from ringfence_templates.hosts import Host
from ringfence_templates.mixed_book import layout
from ringfence_templates.mixed_book.accounts import add_accounts
from ringfence_templates.mixed_book.calc import add_calc
from ringfence_templates.mixed_book.dashboard import add_dashboard
from ringfence_templates.mixed_book.model import Model, build_model
from ringfence_templates.mixed_book.notes import add_notes
from ringfence_templates.mixed_book.pools import add_pools
from ringfence_templates.mixed_book.positions import add_positions
from ringfence_templates.mixed_book.risk import add_risk
from ringfence_templates.sheet import Book
from ringfence_templates.style import add_styles
from ringfence_templates.text_safe import clean_text

TITLE = "Isolated boxes beside cross pools"
SPARE_ROWS = 20
SPARE_ACCOUNTS = 10


def build_mixed_book(
    positions: pd.DataFrame,
    path: str | os.PathLike[str],
    *,
    host: Host | str = Host.LITE,
    as_of: date | None = None,
    title: str | None = None,
    accounts: pd.DataFrame | None = None,
    refused: Mapping[int, str] | None = None,
    spare_rows: int = SPARE_ROWS,
    spare_accounts: int = SPARE_ACCOUNTS,
    filled_on: date | None = None,
) -> BookRisk:
    """Write the workbook for ``positions`` and ``accounts`` to ``path``; returns their risk.

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
        Columns as for :func:`ringfence.evaluate`: what cross positions share. Without it they are
        written with the reason that their account is missing.
    refused : mapping, optional
        Row number -> why the row of ``positions`` could not be read from its file.
    spare_rows, spare_accounts : int
        Blank rows of the two tables, for typing.
    filled_on : date, optional
        The day the workbook is said to be filled on. Default: today.

    Raises InputError for an unknown host, OSError where nothing can be written; the old file then
    stays as it was.
    """
    model = build_model(
        positions,
        accounts,
        spare_rows=spare_rows,
        spare_accounts=spare_accounts,
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
    for add in (
        add_dashboard,
        add_positions,
        add_accounts,
        add_risk,
        add_pools,
        add_notes,
        add_calc,
    ):
        add(book, model)
    return finished(book, title=model.title, active=layout.DASHBOARD, filled_on=model.filled_on)
