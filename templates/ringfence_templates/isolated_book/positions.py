"""The sheet Positions of the isolated book."""

from typing import Final

from ringfence_templates.isolated_book.model import OPTIONAL, REQUIRED, Model
from ringfence_templates.positions_sheet import PositionsSheet
from ringfence_templates.sheet import Book

SHEET: Final = PositionsSheet(
    subtitle="One isolated position a row, typed or pasted from column B on. The pale yellow cells"
    " are yours; an optional cell left blank takes the venue's own figure.",
    required=REQUIRED,
    optional=OPTIONAL,
    what_is_required="Required (leverage or isolated_margin, or both)",
    frozen_before="side",
    choices={
        "venue": ".",
        "side": ".",
        "contract_type": ", or leave blank.",
        "margin_mode": ", or leave blank.",
    },
)


def add_positions(book: Book, model: Model) -> None:
    SHEET.add(book, model.rows, capacity=model.capacity, as_of=model.as_of, title=model.title)
