"""The sheet Positions: the table of the isolated book, for boxes and cross positions alike."""

from dataclasses import replace
from typing import Final

from ringfence_templates.event_risk.model import Model
from ringfence_templates.isolated_book import positions as isolated
from ringfence_templates.sheet import Book

SHEET: Final = replace(
    isolated.SHEET,
    subtitle="One position a row, typed or pasted from column B on; margin_mode says isolated"
    " (blank: isolated) or cross, and a cross position draws on its account's row in Accounts. The"
    " pale yellow cells are yours; an optional cell left blank takes the venue's own figure.",
)


def add_positions(book: Book, model: Model) -> None:
    SHEET.add(book, model.rows, capacity=model.capacity, as_of=model.as_of, title="Positions")
