"""The template ``mixed_book``: isolated satellites beside a cross book, and their accounts."""

from ringfence.book import BookRisk
from ringfence_templates.filling import Filling
from ringfence_templates.finish import finished
from ringfence_templates.mixed_book import layout
from ringfence_templates.mixed_book.accounts import add_accounts
from ringfence_templates.mixed_book.calc import add_calc
from ringfence_templates.mixed_book.dashboard import add_dashboard
from ringfence_templates.mixed_book.model import build_model
from ringfence_templates.mixed_book.notes import add_notes
from ringfence_templates.mixed_book.pools import add_pools
from ringfence_templates.mixed_book.positions import add_positions
from ringfence_templates.mixed_book.risk import add_risk
from ringfence_templates.sheet import Book
from ringfence_templates.style import add_styles

SPARE_ACCOUNTS = 10  # blank rows of the table Accounts


def build(filling: Filling, *, spare_accounts: int = SPARE_ACCOUNTS) -> tuple[bytes, BookRisk]:
    """The workbook as a file's bytes, and the risk of its rows."""
    model = build_model(filling, spare_accounts=spare_accounts)
    book = Book(filling.host)
    add_styles(book.workbook)
    for add in (
        add_dashboard,
        add_positions,
        add_accounts,
        add_risk,
        add_pools,
        add_notes,
        add_calc,
    ):
        add(book, model)
    content = finished(book, title=model.title, active=layout.DASHBOARD, filled_on=model.filled_on)
    return content, model.book
