"""The template ``isolated_book``: positions in isolated margin, their risk, the book on a page."""

from ringfence.book import BookRisk
from ringfence_templates.filling import Filling
from ringfence_templates.finish import finished
from ringfence_templates.isolated_book import layout
from ringfence_templates.isolated_book.calc import add_calc
from ringfence_templates.isolated_book.dashboard import add_dashboard
from ringfence_templates.isolated_book.model import build_model
from ringfence_templates.isolated_book.notes import add_notes
from ringfence_templates.isolated_book.positions import add_positions
from ringfence_templates.isolated_book.risk import add_risk
from ringfence_templates.isolated_book.what_if import add_what_if
from ringfence_templates.sheet import Book
from ringfence_templates.style import add_styles


def build(filling: Filling) -> tuple[bytes, BookRisk]:
    """The workbook as a file's bytes, and the risk of its rows."""
    model = build_model(filling)
    book = Book(filling.host)
    add_styles(book.workbook)
    for add in (add_positions, add_risk, add_dashboard, add_what_if, add_notes, add_calc):
        add(book, model)
    content = finished(book, title=model.title, active=layout.DASHBOARD, filled_on=model.filled_on)
    return content, model.book
