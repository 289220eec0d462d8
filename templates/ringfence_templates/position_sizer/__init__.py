"""The template ``position_sizer``: one trade, its size, its stop, and what liquidates it."""

import os
from collections.abc import Mapping
from datetime import date

import pandas as pd

from ringfence.book import BookRisk
from ringfence_templates.finish import finished, host_named, write
from ringfence_templates.hosts import Host
from ringfence_templates.position_sizer import layout
from ringfence_templates.position_sizer.calc import add_calc
from ringfence_templates.position_sizer.ladder import add_ladder
from ringfence_templates.position_sizer.look import add_looks
from ringfence_templates.position_sizer.modes import add_modes
from ringfence_templates.position_sizer.notes import add_notes
from ringfence_templates.position_sizer.path import add_path
from ringfence_templates.position_sizer.sizer import add_sizer
from ringfence_templates.position_sizer.trade import Trade, build_trade
from ringfence_templates.position_sizer.workings import work_out
from ringfence_templates.sheet import Book
from ringfence_templates.style import add_styles
from ringfence_templates.text_safe import clean_text

TITLE = "Size of one position"


def build_position_sizer(
    positions: pd.DataFrame,
    path: str | os.PathLike[str],
    *,
    host: Host | str = Host.LITE,
    as_of: date | None = None,
    title: str | None = None,
    accounts: pd.DataFrame | None = None,
    refused: Mapping[int, str] | None = None,
    spare_rows: int = 0,
    filled_on: date | None = None,
) -> BookRisk:
    """Write the workbook for one row of ``positions`` to ``path``; returns the risk of that row.

    Parameters
    ----------
    positions : DataFrame
        Columns as for :func:`ringfence.evaluate`, and those of the other inputs where they are
        there: interval_hours, volatility, sigmas, days, stop_price, slippage, target_price,
        wallet_balance, account_equity. The first row that can be computed is taken; where none
        can, the first that is not blank, with its reason. What no column gives is put in, and the
        workbook says so.
    host : "lite", "classic" or "calc"
        Where the formulas will run; only their stored names differ.
    as_of : date, optional
        Day whose rules apply, written into the workbook. Default: left blank, always today's.
    accounts : DataFrame, optional
        Columns account, venue, wallet_balance: the wallet of the row's account. Default: 5 x the
        margin in the box.
    refused : mapping, optional
        Row number -> why the row could not be read from its file.
    spare_rows : int
        Not used: there is one trade.
    filled_on : date, optional
        The day the workbook is said to be filled on. Default: today.

    Raises InputError for an unknown host or accounts that are no such table, OSError where nothing
    can be written; the old file then stays as it was.
    """
    trade = build_trade(
        positions,
        accounts=accounts,
        as_of=as_of,
        filled_on=filled_on or date.today(),
        title=clean_text(title or TITLE),
        refused=refused or {},
    )
    write(workbook(trade, host_named(host)), path)
    return trade.book


def workbook(trade: Trade, host: Host) -> bytes:
    """The file for a trade whose inputs are settled."""
    book = Book(host)
    add_styles(book.workbook)
    add_looks(book.workbook)
    its = work_out(trade)
    for add in (add_sizer, add_modes, add_path, add_ladder, add_notes, add_calc):
        add(book, its)
    return finished(book, title=trade.title, active=layout.SIZER, filled_on=trade.filled_on)
