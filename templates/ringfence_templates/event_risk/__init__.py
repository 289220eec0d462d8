"""The template ``event_risk``: what named events and moves of the market would do to a book."""

from ringfence.book import BookRisk
from ringfence_templates.event_risk import layout
from ringfence_templates.event_risk.accounts import add_accounts
from ringfence_templates.event_risk.boxes import add_boxes
from ringfence_templates.event_risk.calc import add_calc
from ringfence_templates.event_risk.events import add_events
from ringfence_templates.event_risk.heat_map import add_heat_map
from ringfence_templates.event_risk.looks import add_looks
from ringfence_templates.event_risk.model import build_model
from ringfence_templates.event_risk.modes import add_modes
from ringfence_templates.event_risk.notes import add_notes
from ringfence_templates.event_risk.positions import add_positions
from ringfence_templates.event_risk.scenarios import SCENARIOS, Scenarios
from ringfence_templates.event_risk.shocks import add_shocks
from ringfence_templates.filling import Filling
from ringfence_templates.finish import finished
from ringfence_templates.sheet import Book
from ringfence_templates.style import add_styles


def build(filling: Filling, *, scenarios: Scenarios = SCENARIOS) -> tuple[bytes, BookRisk]:
    """The workbook as a file's bytes, and the risk of its rows.

    ``scenarios``: events, moves, betas and axes that it opens with; all can be edited in it.
    """
    model = build_model(filling, scenarios)
    book = Book(filling.host)
    add_styles(book.workbook)
    add_looks(book.workbook)
    for add in (
        add_events, add_shocks, add_heat_map, add_boxes, add_modes, add_positions, add_accounts,
        add_notes, add_calc,
    ):  # fmt: skip
        add(book, model)
    content = finished(book, title=model.title, active=layout.EVENTS, filled_on=model.filled_on)
    return content, model.book
