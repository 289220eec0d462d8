"""The sheet Positions: the table of the isolated book, for boxes and cross positions alike."""

from ringfence_templates.event_risk import layout
from ringfence_templates.event_risk.model import Model
from ringfence_templates.isolated_book import positions as isolated
from ringfence_templates.sheet import Book

AS_OF_CELL = isolated.AS_OF_CELL


def add_positions(book: Book, model: Model) -> None:
    """Add the sheet. The table's column status looks up the name calc_status."""
    isolated.add_positions(book, model)  # type: ignore[arg-type]  # of rows it asks for no more
    worksheet = book.workbook[layout.POSITIONS]
    worksheet["A1"].value = "Positions"
    worksheet["A2"].value = (
        "One position a row, typed or pasted from column B on; margin_mode says isolated (blank:"
        " isolated) or cross, and a cross position draws on its account's row in Accounts. The pale"
        " yellow cells are yours; an optional cell left blank takes the venue's own figure."
    )
