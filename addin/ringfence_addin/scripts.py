"""The scripts of xlwings Lite: small programs that its pane lists and runs on the open workbook.

Each says what it did, or why it could not, in the first line of a sheet. Outside Lite they are
plain functions: their decorator does nothing.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import xlwings as xw

from ringfence.errors import RingfenceError
from ringfence_addin.lite import explaining, filling, freezing, sheets, tier_files

__all__ = ["explain_this_cell", "fill_from_csv", "freeze_a_copy", "refresh_tiers"]

_NOTES = "Ringfence"  # the sheet for a line that has no other place


async def _or_say(book: xw.Book, work: Callable[[], Awaitable[Any]]) -> None:
    """Do ``work``; what is wrong with the workbook or a file is said on a sheet."""
    try:
        await work()
    except (RingfenceError, OSError) as error:
        await sheets.put(book, _NOTES, " ".join(str(error).split()), [])


@xw.script(name="Fill from CSV on the sheet")
async def fill_from_csv(book: xw.BookAsync) -> None:
    """Read the CSV on the active sheet into the table Positions."""
    await _or_say(book, lambda: filling.fill(book))


@xw.script(name="Freeze a copy to share")
async def freeze_a_copy(book: xw.BookAsync) -> None:
    """Copy each visible sheet, with values in place of formulas."""
    await _or_say(book, lambda: _freeze(book))


async def _freeze(book: xw.Book) -> None:
    made = await freezing.freeze(book)
    line = f"{len(made)} sheets with values only; move them to a new workbook and send that"
    await sheets.put(book, _NOTES, line, [["copies"], *[[name] for name in made]])


@xw.script(name="Refresh tiers")
async def refresh_tiers(book: xw.BookAsync) -> None:
    """Use the tier files on Lite's drive; an exchange cannot be asked from here."""
    await _or_say(book, lambda: _refresh(book))


async def _refresh(book: xw.Book) -> None:
    rows = tier_files.take_in(tier_files.folder())
    used = sum(bool(row[2]) for row in rows)
    line = f"{used} of {len(rows)} tier files are in use until Excel is closed"
    await sheets.put(book, "Tiers", line, [list(tier_files.HEAD), *rows])


@xw.script(name="Explain this cell")
async def explain_this_cell(book: xw.BookAsync) -> None:
    """Derive the liquidation price behind the selected cell on the sheet Explain."""
    await _or_say(book, lambda: _explain(book))


async def _explain(book: xw.Book) -> None:
    explanation = await explaining.explain_selection(book)
    price = explanation.liquidation_price
    line = f"liquidation price {'never' if price is None else f'{price:,.12g}'}, step by step"
    await sheets.put(book, "Explain", line, explaining.rows(explanation))
