"""Copies of sheets that hold values only, to send to somebody who has no add-in."""

from typing import Final

import xlwings as xw

from ringfence_addin.lite import sheets
from ringfence_addin.lite.sheets import ScriptProblem

MARK: Final = " (values)"
_LONGEST_NAME: Final = 31  # of a sheet


async def freeze(book: xw.Book) -> list[str]:
    """Copy each visible sheet and put its values over its formulas; the names of the copies.

    Excel copies the formats with the sheet. The originals are not written to.
    """
    originals = [its for its in book.sheets if its.visible and not its.name.endswith(MARK)]
    made = []
    for sheet in originals:
        used = await sheet.get_used_range(values_only=True)
        if used is None:
            continue
        values = await sheets.values_of(used)
        if sheets.is_ours(values):
            continue
        copy = sheet.copy(after=book.sheets[-1], name=_free_name(book, sheet.name))
        copy.range(used.address).value = [[sheets.cell(value) for value in row] for row in values]
        made.append(copy.name)
    if not made:
        raise ScriptProblem("no visible sheet holds anything to copy")
    return made


def _free_name(book: xw.Book, name: str) -> str:
    taken = {its.name.casefold() for its in book.sheets}
    for number in range(1, len(taken) + 2):
        mark = MARK if number == 1 else f" {number}{MARK}"
        wanted = name[: _LONGEST_NAME - len(mark)].rstrip() + mark
        if wanted.casefold() not in taken:
            return wanted
    raise AssertionError("more names than sheets are taken")
