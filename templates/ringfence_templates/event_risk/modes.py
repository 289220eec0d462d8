"""The sheet Isolated vs cross: the same book with its boxes held in cross."""

from typing import Final

from ringfence_templates import style
from ringfence_templates.event_risk import excel, frame, layout, looks, shocks
from ringfence_templates.event_risk.charts import Drawn, add_chart
from ringfence_templates.event_risk.layout import (
    EVENT_FIGURES,
    EVENT_INPUTS,
    MOVE_INPUTS,
)
from ringfence_templates.event_risk.model import OK, Model
from ringfence_templates.event_risk.scenarios import EVENT_ROWS, MOVE_ROWS
from ringfence_templates.package import Value
from ringfence_templates.ranking import BLANK
from ringfence_templates.sheet import Book, Sheet

_HEAD: Final = 9
_LAST: Final = "P"
_CHART: Final = _HEAD + MOVE_ROWS + 2
_CHART_ROWS: Final = 17
# Figure -> (heading, column beside the moves, column beside the events)
_COLUMNS: Final = {
    "isolated": ("left isolated", "C", "K"),
    "cross": ("left in cross", "D", "L"),
    "difference": ("ring-fencing", "E", "M"),
    "boxes_failed": ("boxes failed", "F", "N"),
    "pools_failed": ("pools failed", "G", "O"),
    "cross_pools_failed": ("pools in cross", "H", "P"),
}
_LOOKS: Final = {"difference": "gain"}


def add_modes(book: Book, model: Model) -> None:
    """Add the sheet."""
    sheet = frame.new_sheet(book, layout.MODES, layout.MODES, tab_colour=style.GREEN)
    sheet.put(
        "B2",
        "The same positions and the same money, with every box held in cross beside it: all that is"
        " in its account, idle money too, is behind it. Ring-fencing: what is left isolated less"
        " what is left in cross; above 0 it saves, below 0 it costs.",
        "subtitle",
    )
    frame.add_warning(
        sheet,
        model,
        *((model.areas[name].cell(first, 0), model.value(name, first, 0))
          for name, first in (("cross_trial", "outcome"), ("cross_common", "event"))),
    )  # fmt: skip
    sheet.formula("B4", _sentence_formula(), sentence(model), "sentence")
    sheet.worksheet.row_dimensions[4].height = 22
    sheet.formula("B5", _held_formula(model), _held(model), "subtitle")
    sheet.formula("B6", _unequal_formula(model), _unequal(model), "warning")
    _add_side(sheet, model, 1, "B", "H", "Market moves, as on the sheet Shocks")
    _add_side(sheet, model, 2, "J", _LAST, "Events")
    lines = (
        Drawn("isolated", "left isolated", style.NAVY, (1, MOVE_ROWS)),
        Drawn("cross", "left in cross", style.AMBER, (1, MOVE_ROWS)),
    )
    add_chart(sheet, f"B{_CHART}", model, lines, (42.0, 8.6))
    _add_colours(sheet)
    sheet.widths(A=2, B=12, **dict.fromkeys("CDEFGH", 14.0), I=3, J=32)
    sheet.widths(**dict.fromkeys("KLMNOP", 14.0))
    sheet.worksheet.freeze_panes = f"A{_HEAD + 1}"
    sheet.print_set_up(f"A1:{_LAST}{_CHART + _CHART_ROWS}", one_page=True)


# Rows of figures


def _figures(model: Model, side: int, row: int) -> dict[str, Value]:
    if side == 1:
        good = excel.figure(shocks.moves(model)[row - 1])
        names = ("common", "cross_common")
    else:
        good = model.event_check(row) == OK
        names = ("events", "cross_events")
    here, there = (model.shown(name, row, when=good) for name in names)
    both = excel.figure(here["left"]) and excel.figure(there["left"])
    return {
        "isolated": here["left"],
        "cross": there["left"],
        "difference": excel.rounded(excel.n(here["left"]) - excel.n(there["left"]), 6)
        if both
        else BLANK,
        "boxes_failed": here["boxes_failed"],
        "pools_failed": here["pools_failed"],
        "cross_pools_failed": there["pools_failed"],
    }


def _add_side(sheet: Sheet, model: Model, side: int, first: str, last: str, title: str) -> None:
    letters = {name: columns[side] for name, columns in _COLUMNS.items()}
    frame.add_section(sheet, first, last, _HEAD - 1, title)
    heads = {first: "market move" if side == 1 else "event"}
    heads |= {letters[name]: head for name, (head, *_) in _COLUMNS.items()}
    frame.add_heads(sheet, _HEAD, heads, left=() if side == 1 else (first,))
    here, there = ("common", "cross_common") if side == 1 else ("events", "cross_events")
    for row in range(1, (MOVE_ROWS if side == 1 else EVENT_ROWS) + 1):
        at = _HEAD + row
        if side == 1:
            label, move = MOVE_INPUTS.cell("move", row), shocks.moves(model)[row - 1]
            told: Value = BLANK if move is None else move
            sheet.formula(f"{first}{at}", f'=IF({label}="","",{label})', told, "move")
            good = f"ISNUMBER({label})"
        else:
            label = EVENT_INPUTS.cell("event", row)
            sheet.formula(
                f"{first}{at}", f'={label}&""', excel.text(model.event_at(row)[0]), "text"
            )
            good = f'{EVENT_FIGURES.cell("check", row)}="{OK}"'
        sources = {
            "isolated": model.areas[here].cell("left", row),
            "cross": model.areas[there].cell("left", row),
            "boxes_failed": model.areas[here].cell("boxes_failed", row),
            "pools_failed": model.areas[here].cell("pools_failed", row),
            "cross_pools_failed": model.areas[there].cell("pools_failed", row),
        }
        one, two = (f"{letters[name]}{at}" for name in ("isolated", "cross"))
        for name, shown in _figures(model, side, row).items():
            if name == "difference":
                formula = f'=IF(AND(ISNUMBER({one}),ISNUMBER({two})),ROUND({one}-{two},6),"")'
            else:
                source = sources[name]
                formula = f'=IF(AND({good},ISNUMBER({source})),{source},"")'
            sheet.formula(f"{letters[name]}{at}", formula, shown, _LOOKS.get(name, "count"))


# Sentences

_DIFFERENCES: Final = tuple(
    f"${letter}${_HEAD + 1}:${letter}${_HEAD + rows}"
    for letter, rows in ((_COLUMNS["difference"][1], MOVE_ROWS),
                         (_COLUMNS["difference"][2], EVENT_ROWS))
)  # fmt: skip


def _sentence_formula() -> str:
    both = ",".join(_DIFFERENCES)
    saves = excel.fixed_formula(f"MAX(0,{both})", 0)
    costs = excel.fixed_formula(f"ABS(MIN(0,{both}))", 0)
    return (
        f'=IF(COUNT({both})=0,"","Over these moves and events ring-fencing saves up to "&{saves}'
        f'&" dollars and costs up to "&{costs}&".")'
    )


def sentence(model: Model) -> str:
    differences = [
        excel.n(value)
        for side, rows in ((1, MOVE_ROWS), (2, EVENT_ROWS))
        for row in range(1, rows + 1)
        if excel.figure(value := _figures(model, side, row)["difference"])
    ]
    if not differences:
        return BLANK
    saved, cost = max(0.0, *differences), abs(min(0.0, *differences))
    return (
        f"Over these moves and events ring-fencing saves up to {excel.fixed(saved, 0)} dollars and"
        f" costs up to {excel.fixed(cost, 0)}."
    )


def _held_formula(model: Model) -> str:
    rows, cross = model.areas["rows"], model.areas["cross"]
    boxes = f"SUM({rows.column('good')})-SUM({rows.column('was_cross')})"
    stay = f'SUMPRODUCT(--({cross.column("margin_mode")}="isolated"))'
    return (
        f'="Boxes held in cross here: "&({boxes}-{stay})&"; boxes that stay, because the cross'
        f' margin on file or the wallet cannot hold them: "&{stay}&"."'
    )


def _held(model: Model) -> str:
    boxes = sum(row.good and not row.is_cross for row in model.rows)
    stay = sum(value == "isolated" for value in model.column("cross", "margin_mode"))
    return (
        f"Boxes held in cross here: {boxes - stay}; boxes that stay, because the cross margin on"
        f" file or the wallet cannot hold them: {stay}."
    )


UNEQUAL: Final = (
    "The two sides do not start from the same equity, so that they cannot be compared: isolated "
)


def _unequal_formula(model: Model) -> str:
    """A bankrupt box, a haircut or a wallet in several currencies can be why: see Notes."""
    one, two = (model.areas[name].cell("equity", 1) for name in ("common", "cross_common"))
    return (
        f'=IF(AND(ISNUMBER({one}),ISNUMBER({two})),IF(ABS({one}-{two})>1,"{UNEQUAL}"'
        f'&{excel.fixed_formula(one, 0)}&", in cross "&{excel.fixed_formula(two, 0)}'
        '&". See Notes.",""),"")'
    )


def _unequal(model: Model) -> str:
    one, two = (model.value(name, "equity", 1) for name in ("common", "cross_common"))
    if not (excel.figure(one) and excel.figure(two)) or abs(excel.n(one) - excel.n(two)) <= 1:
        return BLANK
    return (
        f"{UNEQUAL}{excel.fixed(excel.n(one), 0)}, in cross {excel.fixed(excel.n(two), 0)}."
        " See Notes."
    )


def _add_colours(sheet: Sheet) -> None:
    rules, first = sheet.worksheet.conditional_formatting, _HEAD + 1
    for side, rows in ((1, MOVE_ROWS), (2, EVENT_ROWS)):
        last = _HEAD + rows
        for name in ("boxes_failed", "pools_failed", "cross_pools_failed"):
            letter = _COLUMNS[name][side]
            rules.add(f"{letter}{first}:{letter}{last}", looks.fails_rule(f"N({letter}{first})>0"))
        letter = str(_COLUMNS["difference"][side])
        cells = f"{letter}{first}:{letter}{last}"
        rules.add(cells, looks.holds_rule(f"N({letter}{first})>=0.5"))
        rules.add(cells, looks.cost_rule(f"N({letter}{first})<=-0.5"))
