"""The sheet Boxes: one chosen shock, position by position."""

from typing import Final

from openpyxl.worksheet.datavalidation import DataValidation

from ringfence_templates import style
from ringfence_templates.event_risk import events, excel, frame, layout, looks
from ringfence_templates.event_risk.cells import Row
from ringfence_templates.event_risk.crossed import OUTCOMES
from ringfence_templates.event_risk.events import move_validation
from ringfence_templates.event_risk.layout import (
    BOX_ROWS_HEAD,
    COINS,
    EVENT_CELL,
    FACTS,
    ONE_MOVE_CELL,
    SHOWN,
)
from ringfence_templates.event_risk.model import OK, ONE_MOVE, Model
from ringfence_templates.event_risk.scenarios import EVENT_ROWS
from ringfence_templates.package import Value
from ringfence_templates.positions_sheet import of_row
from ringfence_templates.ranking import BLANK
from ringfence_templates.sheet import Book, Sheet

_HEAD: Final = BOX_ROWS_HEAD
_NUMBER: Final = f"{layout.CALC}!{FACTS['chosen']}"
_MOVES_HEAD: Final = 9
_ONE_PAGE: Final = 70  # rows that can still be read on one
FAILS, HOLDS = OUTCOMES
ERROR: Final = "error"
ISOLATED: Final = "isolated"
NOTHING_CHOSEN: Final = "Give the number of an event that is ok, or a move."

# Column -> (heading, width, look, figure)
COLUMNS: Final = {
    "B": ("row", 6, "count", "row"),
    "C": ("account", 18, "text", "account"),
    "D": ("venue", 15, "text", "venue"),
    "E": ("symbol", 19, "text", "symbol"),
    "F": ("margin", 10, "text", "margin_mode"),
    "G": ("side", 8, "text", "side"),
    "H": ("notional now", 15, "count", "notional"),
    "I": ("to liquidation", 13, "percent", "liquidation_distance"),
    "J": ("outcome", 11, "label", "outcome"),
    "K": ("change of equity", 17, "gain", "change"),
}
_OF_POSITIONS: Final = ("account", "venue", "symbol", "side")
_LAST: Final = "K"


def add_boxes(book: Book, model: Model) -> None:
    """Add the sheet, showing the worst event."""
    sheet = frame.new_sheet(book, layout.BOXES, "Boxes", tab_colour=style.AMBER)
    sheet.put(
        "B2",
        "One shock, position by position: what fails, and what each position adds or loses, in"
        " dollars. A pool that fails takes all its positions with it.",
        "subtitle",
    )
    frame.add_warning(
        sheet,
        model,
        *((model.areas[name].cell(first, 0), model.value(name, first, 0))
          for name, first in (("chosen", "event"), ("chosen_rows", "outcome"))),
    )  # fmt: skip
    _add_choice(sheet, model)
    sheet.formula("B7", _sentence_formula(model), sentence(model), "sentence")
    sheet.worksheet.row_dimensions[7].height = 22
    _add_moves(sheet, model)
    frame.add_section(sheet, "B", _LAST, _HEAD - 1, "Positions")
    heads = {column: head for column, (head, _, _, _) in COLUMNS.items()}
    frame.add_heads(sheet, _HEAD, heads, left=("C", "D", "E", "F", "G"))
    sheet.put(f"J{_HEAD}", heads["J"], "column head center")
    for number, row in enumerate(model.padded(), 1):
        _add_row(sheet, model, number, row)
    last = _HEAD + model.capacity
    _add_colours(sheet, last)
    sheet.widths(A=2, **{column: width for column, (_, width, _, _) in COLUMNS.items()})
    sheet.worksheet.freeze_panes = f"A{_HEAD + 1}"
    sheet.print_set_up(
        f"A1:{_LAST}{last}", repeat_rows=f"{_HEAD}:{_HEAD}", one_page=last <= _ONE_PAGE
    )


def _add_choice(sheet: Sheet, model: Model) -> None:
    for at, label in (
        (4, "Number of an event on the sheet Events"),
        (5, "or one move of every coin"),
    ):
        for column in "BCD":
            sheet.put(f"{column}{at}", None, "text")
        sheet.put(f"B{at}", label, "text")
    sheet.put(EVENT_CELL, model.event, "input number")
    sheet.put(ONE_MOVE_CELL, model.scenarios.one_move, "input move")
    sheet.put("F5", " A move here goes before the event.", "caption")
    number = DataValidation(
        "whole", operator="between", formula1="1", formula2=str(EVENT_ROWS), allow_blank=True
    )
    number.errorTitle = "Event"
    number.error = f"A number from the sheet Events, 1 to {EVENT_ROWS}."
    number.showErrorMessage = True
    number.add(EVENT_CELL)
    move = move_validation()
    move.add(ONE_MOVE_CELL)
    for rule in (number, move):
        sheet.worksheet.add_data_validation(rule)


# Calc's own: which shock it is

_EVENT: Final = f"{layout.BOXES}!${EVENT_CELL[0]}${EVENT_CELL[1:]}"
_ONE_MOVE: Final = f"{layout.BOXES}!${ONE_MOVE_CELL[0]}${ONE_MOVE_CELL[1:]}"
CHOSEN: Final = f"=IF(AND(N({_EVENT})>=1,N({_EVENT})<={EVENT_ROWS}),INT(N({_EVENT})),0)"


def chosen_name(number: str) -> str:
    """The formula of the chosen shock's name."""
    name = events.of_event("event", number)
    return f'=IF(ISNUMBER({_ONE_MOVE}),"{ONE_MOVE}",IF({number}=0,"",{name}&""))'


def chosen_move(number: str, moves: str, lowest: float) -> str:
    """The formula of one coin's move; ``moves``: its column among the events' moves."""
    return (
        f"=IF(ISNUMBER({_ONE_MOVE}),MAX({lowest},{_ONE_MOVE}),"
        f"IF({number}=0,0,INDEX({moves},{number})))"
    )


def chosen(model: Model) -> int:
    """The number of the chosen event; 0: none."""
    return model.event or 0


def _is_chosen(model: Model) -> bool:
    if excel.figure(model.scenarios.one_move):
        return True
    return bool(model.event) and model.event_check(model.event or 1) == OK


_GOOD: Final = (
    f"OR(ISNUMBER({ONE_MOVE_CELL}),IF({_NUMBER}=0,FALSE,"
    f'{events.of_event("check", _NUMBER)}="{OK}"))'
)


def _sentence_formula(model: Model) -> str:
    """The line that sums the shock up."""
    area, name = model.areas["chosen"], model.areas["chosen_moves"].cell("event", 1)
    its = {figure: area.cell(figure, 1) for figure in area.names}
    loss, equity, left = (
        excel.fixed_formula(f"N({its[figure]})", 0) for figure in ("loss", "equity", "left")
    )
    return (
        f'=IF({_GOOD},{name}&": "&{loss}&" dollars lost of "&{equity}&", "&{left}'
        '&" left. Boxes that fail: "'
        f'&N({its["boxes_failed"]})&"; cross pools: "&N({its["pools_failed"]})&".",'
        f'"{NOTHING_CHOSEN}")'
    )


def sentence(model: Model) -> str:
    if not _is_chosen(model):
        return NOTHING_CHOSEN
    its = {name: excel.n(model.value("chosen", name, 1)) for name in SHOWN}
    return (
        f"{model.value('chosen_moves', 'event', 1)}: {excel.fixed(its['loss'], 0)} dollars lost of"
        f" {excel.fixed(its['equity'], 0)}, {excel.fixed(its['left'], 0)} left. Boxes that fail:"
        f" {its['boxes_failed']:g}; cross pools: {its['pools_failed']:g}."
    )


def _add_moves(sheet: Sheet, model: Model) -> None:
    """The coins and how they move."""
    area = model.areas["chosen_moves"]
    for column, coin in zip("CDEFGHIJ", COINS, strict=True):
        head, move = (area.cell(coin, row) for row in (0, 1))
        sheet.formula(
            f"{column}{_MOVES_HEAD}",
            f'={head}&""',
            model.value("chosen_moves", coin, 0),
            "caption right",
        )
        sheet.formula(
            f"{column}{_MOVES_HEAD + 1}",
            f'=IF({head}="","",{move})',
            model.value("chosen_moves", coin, 1)
            if model.value("chosen_moves", coin, 0) != BLANK
            else BLANK,
            "move",
        )
    sheet.put(f"B{_MOVES_HEAD + 1}", "moves", "caption")


def _add_row(sheet: Sheet, model: Model, number: int, row: Row | None) -> None:
    at = _HEAD + number
    status = model.areas["rows"].cell("status", number)
    shown = _values(model, number, row)
    for column, (_, _, look, name) in COLUMNS.items():
        if name == "row":
            formula = f'=IF({status}="","",{number})'
        elif name == "margin_mode":
            mode = of_row(name, str(number))
            formula = f'=IF({status}="","",IF({mode}="","{ISOLATED}",{mode}))'
        elif name in _OF_POSITIONS:
            formula = f'=IF({status}="","",{of_row(name, str(number))}&"")'
        elif name == "notional":
            own, price = (
                model.areas["risk"].cell(figure, number) for figure in ("notional", "settle_price")
            )
            formula = f'=IF(AND(ISNUMBER({own}),ISNUMBER({price})),{own}*{price},"")'
        elif name == "liquidation_distance":
            formula = f"={model.areas['risk'].cell(name, number)}"
        else:
            source = model.areas["chosen_rows"].cell(name, number)
            good = f"ISNUMBER({source})"
            no_answer = '""'
            if name == "outcome":  # LibreOffice compares a text of an array after &"" only
                source = f'{source}&""'
                good = f'OR({source}="{FAILS}",{source}="{HOLDS}")'
                no_answer = f'IF(LEFT({status},5)="error","{ERROR}","")'
            formula = f"=IF({good},{source},{no_answer})"
        sheet.formula(f"{column}{at}", formula, shown[name], f"{look} bare")


def _values(model: Model, number: int, row: Row | None) -> dict[str, Value]:
    if row is None:
        return dict.fromkeys((name for *_, name in COLUMNS.values()), BLANK)
    outcome, change = (model.value("chosen_rows", name, number) for name in ("outcome", "change"))
    notional, price = (row.risk[name] for name in ("notional", "settle_price"))
    return {
        "row": number,
        **{name: row.text(name) for name in _OF_POSITIONS},
        "margin_mode": row.text("margin_mode") or ISOLATED,
        "notional": excel.n(notional) * excel.n(price)
        if excel.figure(notional) and excel.figure(price)
        else BLANK,
        "liquidation_distance": row.risk["liquidation_distance"],
        "outcome": outcome if outcome in OUTCOMES else BLANK if row.good else ERROR,
        "change": change if excel.figure(change) else BLANK,
    }


def _add_colours(sheet: Sheet, last: int) -> None:
    rules, first = sheet.worksheet.conditional_formatting, _HEAD + 1
    outcome = f"J{first}:J{last}"
    rules.add(outcome, looks.fails_rule(f'$J{first}="{FAILS}"'))
    rules.add(outcome, looks.holds_rule(f'$J{first}="{HOLDS}"'))
    rules.add(outcome, style.light_rule(f'$J{first}="{ERROR}"', "Error"))
    lined = f"B{first}:I{last} K{first}:K{last}"
    rules.add(lined, style.row_line_rule(f'$B{first}<>""'))
