"""The template ``position_sizer``: one trade, its size, its stop, and what liquidates it."""

from ringfence.book import BookRisk
from ringfence_templates.filling import Filling
from ringfence_templates.finish import finished
from ringfence_templates.hosts import Host
from ringfence_templates.position_sizer import layout
from ringfence_templates.position_sizer.calc import add_calc
from ringfence_templates.position_sizer.ladder import add_ladder
from ringfence_templates.position_sizer.look import add_looks
from ringfence_templates.position_sizer.modes import add_modes
from ringfence_templates.position_sizer.notes import add_notes
from ringfence_templates.position_sizer.path import add_path
from ringfence_templates.position_sizer.sizer import add_sizer
from ringfence_templates.position_sizer.trade import Trade, build_trade
from ringfence_templates.position_sizer.workings import work_out
from ringfence_templates.sheet import Book
from ringfence_templates.style import add_styles


def build(filling: Filling) -> tuple[bytes, BookRisk]:
    """The workbook of one row as a file's bytes, and the risk of that row."""
    trade = build_trade(filling)
    return workbook(trade, filling.host), trade.book


def workbook(trade: Trade, host: Host) -> bytes:
    """The file for a trade whose inputs are settled."""
    book = Book(host)
    add_styles(book.workbook)
    add_looks(book.workbook)
    its = work_out(trade)
    for add in (add_sizer, add_modes, add_path, add_ladder, add_notes, add_calc):
        add(book, its)
    return finished(book, title=trade.title, active=layout.SIZER, filled_on=trade.filled_on)
