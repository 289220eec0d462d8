"""The template ``event_risk``: what named events and moves of the market would do to a book."""

import os
from collections.abc import Mapping
from datetime import date
from typing import Final

import pandas as pd

from ringfence.book import BookRisk
from ringfence_templates.event_risk import layout
from ringfence_templates.event_risk.accounts import add_accounts
from ringfence_templates.event_risk.boxes import add_boxes
from ringfence_templates.event_risk.calc import add_calc
from ringfence_templates.event_risk.events import add_events
from ringfence_templates.event_risk.heat_map import add_heat_map
from ringfence_templates.event_risk.looks import add_looks
from ringfence_templates.event_risk.model import Model, build_model
from ringfence_templates.event_risk.modes import add_modes
from ringfence_templates.event_risk.notes import add_notes
from ringfence_templates.event_risk.positions import add_positions
from ringfence_templates.event_risk.scenarios import SCENARIOS, Scenarios
from ringfence_templates.event_risk.shocks import add_shocks
from ringfence_templates.finish import finished, host_named, write
from ringfence_templates.hosts import Host
from ringfence_templates.sheet import Book
from ringfence_templates.style import add_styles
from ringfence_templates.text_safe import clean_text

TITLE: Final = "What events would do to the book"
SPARE_ROWS: Final = 20


def build_event_risk(
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
    scenarios: Scenarios = SCENARIOS,
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
        Columns account, venue, wallet_balance: what cross positions share. A row that cannot be
        used is written all the same; the positions that need it say why.
    refused : mapping, optional
        Row number -> why the row could not be read from its file.
    spare_rows : int
        Blank rows of both tables, for typing.
    filled_on : date, optional
        The day the workbook is said to be filled on. Default: today.
    scenarios : Scenarios
        Events, moves, betas and axes that the workbook opens with; all can be edited in it.

    Raises InputError for an unknown host, OSError where nothing can be written; the old file then
    stays as it was.
    """
    its_host = host_named(host)
    model = build_model(
        positions,
        accounts,
        scenarios=scenarios,
        spare_rows=spare_rows,
        as_of=as_of,
        filled_on=filled_on or date.today(),
        title=clean_text(title or TITLE),
        refused=refused or {},
    )
    write(_workbook(model, its_host), path)
    return model.book


def _workbook(model: Model, host: Host) -> bytes:
    book = Book(host)
    add_styles(book.workbook)
    add_looks(book.workbook)
    for add in (
        add_events, add_shocks, add_heat_map, add_boxes, add_modes, add_positions, add_accounts,
        add_notes, add_calc,
    ):  # fmt: skip
        add(book, model)
    return finished(book, title=model.title, active=layout.EVENTS, filled_on=model.filled_on)
