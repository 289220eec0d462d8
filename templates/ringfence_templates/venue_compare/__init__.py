"""The template ``venue_compare``: one trade at every venue, farthest liquidation first."""

from ringfence.book import BookRisk, assess_columns
from ringfence_addin import cells
from ringfence_templates.filling import Filling
from ringfence_templates.finish import finished
from ringfence_templates.hosts import Host
from ringfence_templates.position_sizer.look import add_looks
from ringfence_templates.sheet import Book
from ringfence_templates.style import add_styles
from ringfence_templates.venue_compare import layout
from ringfence_templates.venue_compare.at_venue import risk_table
from ringfence_templates.venue_compare.blocks import JUDGED, Workings
from ringfence_templates.venue_compare.calc import add_calc
from ringfence_templates.venue_compare.compare import add_compare
from ringfence_templates.venue_compare.look import add_own_looks
from ringfence_templates.venue_compare.notes import add_notes
from ringfence_templates.venue_compare.ranked import add_details, add_rules
from ringfence_templates.venue_compare.trade import build_trade
from ringfence_templates.venue_compare.venues_sheet import add_venues
from ringfence_templates.venue_compare.workings import work_out


def build(filling: Filling) -> tuple[bytes, BookRisk]:
    """The workbook as a file's bytes, and the risk at the venues that have an answer.

    Where none has, that of all: each says why.
    """
    its = work_out(build_trade(filling))
    return workbook(its, filling.host), _book(its)


def workbook(its: Workings, host: Host) -> bytes:
    """The file for a trade whose inputs are settled."""
    book = Book(host)
    for add_styles_of in (add_styles, add_looks, add_own_looks):
        add_styles_of(book.workbook)
    for add in (add_compare, add_details, add_rules, add_venues, add_notes, add_calc):
        add(book, its)
    trade = its.trade
    return finished(book, title=trade.title, active=layout.COMPARE, filled_on=trade.filled_on)


def _book(its: Workings) -> BookRisk:
    head, *rows = risk_table(its)
    if not its.named("calc_used").value:
        rows = []
    answered = its.column(JUDGED, "answered")
    found = [row for row, one in zip(rows, answered, strict=False) if one]
    columns, n, _ = cells.table_columns([head, *(found or rows)])
    return assess_columns(columns, n, as_of=its.trade.day)
