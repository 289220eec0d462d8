"""Text from outside in a cell: it stays text, whatever it begins with."""

from typing import Final

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
_LONGEST: Final = 32_767  # characters of text that a cell holds


def clean_text(text: str) -> str:
    """``text`` without the characters that no workbook can hold, and no longer than a cell."""
    return ILLEGAL_CHARACTERS_RE.sub("?", text)[:_LONGEST]


def inert_text(cell: Cell, text: str) -> None:
    """Put ``text`` into ``cell`` so that no host runs it, now or when the cell is edited.

    openpyxl makes a formula of "=..." and an error of "#N/A": the type is forced to text. The
    quote prefix keeps it text in Excel after F2 and Enter. Style the cell before, not after.
    """
    cell.value = clean_text(text)
    cell.data_type = "s"
    if text.startswith(FORMULA_STARTS):
        cell.quotePrefix = True
