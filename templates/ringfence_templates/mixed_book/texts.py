"""Cells as text, as the workbook's own formulas read them."""

from datetime import date


def text_of(cell: str | float | date | None) -> str:
    """A cell with ``&""`` behind it."""
    return "" if cell is None else str(cell)


def trimmed(cell: str | float | date | None) -> str:
    """``LOWER(TRIM(cell))``: names are compared so."""
    return " ".join(word for word in text_of(cell).split(" ") if word).lower()
