"""The sheet Positions of the mixed book: boxes and cross positions told apart."""

from typing import Final

from ringfence_templates import entry
from ringfence_templates.mixed_book.layout import OPTIONAL, REQUIRED
from ringfence_templates.mixed_book.model import CROSS, Model
from ringfence_templates.positions_sheet import HEAD, PositionsSheet
from ringfence_templates.sheet import Book

SHEET: Final = PositionsSheet(
    subtitle="One position a row, typed or pasted from column B on: isolated ones with leverage or"
    " isolated_margin, cross ones with their account. The pale yellow cells are yours; an optional"
    " cell left blank takes the venue's own figure.",
    required=REQUIRED,
    optional=OPTIONAL,
    what_is_required="Required (isolated: leverage or isolated_margin, or both. cross: account, and"
    " leave isolated_margin blank)",
    frozen_before="margin_mode",
    choices={
        "venue": ".",
        "side": ".",
        "margin_mode": ". Blank: isolated.",
        "contract_type": ". Or leave blank.",
    },
    account_width=17,
)


def add_positions(book: Book, model: Model) -> None:
    sheet = SHEET.add(
        book, model.rows, capacity=model.capacity, as_of=model.as_of, title="Positions"
    )
    mode, first, last = SHEET.letter["margin_mode"], HEAD + 1, HEAD + model.capacity
    rules = sheet.worksheet.conditional_formatting
    rules.add(f"{mode}{first}:{mode}{last}", entry.mode_rule(f'${mode}{first}="{CROSS}"'))
