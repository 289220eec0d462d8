"""The sheet Modes: the same trade isolated, with less leverage, and on the whole account."""

from typing import Final

from ringfence.sizing import Mode
from ringfence_templates import style
from ringfence_templates.position_sizer import answers, layout, look, pictures, told
from ringfence_templates.position_sizer.ladder import (
    add_lights,
    against_the_move,
    shown_length,
    touched,
)
from ringfence_templates.position_sizer.pictures import Figures
from ringfence_templates.position_sizer.told import BLANK, Told, equal, every, is_number, when
from ringfence_templates.position_sizer.workings import (
    MODES,
    NOT_KNOWN,
    Workings,
    away_in_sigmas,
)
from ringfence_templates.sheet import Book

HEAD: Final = 6
_FIRST, _LAST = HEAD + 1, HEAD + MODES
_PICTURE_ROW: Final = _LAST + 3
_FIGURES: Final = (5, 27)  # on Calc
_REACHED, _CLEAR = "reached", "not reached"
_COLOURS: Final = {_REACHED: style.RED, _CLEAR: style.GREEN}

# Column -> (head, look, field of RF_COMPARE_MODES or None)
_COLUMNS: Final = {
    "B": ("how it is held", "text", "mode"),
    "C": ("leverage", "multiple", "leverage"),
    "D": ("margin that can be lost", "amount", "margin"),
    "E": ("of equity", "percent", None),
    "F": ("liquidation price", "price", "liquidation_price"),
    "G": ("distance", "percent", "liquidation_distance"),
    "H": ("in sigmas", "decimal", None),
    "I": ("chance to touch", "percent", None),
    "J": ("margin ratio", "percent", "margin_ratio"),
    "K": ("the move", "label", None),
}
_READ_SO: Final = (
    "Leverage here is the value of the position over what stands behind it, whatever the setting on"
    " the screen says. Less margin in the box: liquidated sooner, and less to lose.",
    "Cross: the whole wallet stands behind the position, so that liquidation is far away, and the"
    " whole wallet can be lost. It is shown alone in the account; other positions would draw on the"
    " same wallet.",
    "1x: the margin is the whole value. A linear long or an inverse short is then never liquidated;"
    " a linear short is, when the price has about doubled.",
)


def _cells(its: Workings, mode: int) -> dict[str, Told]:
    """Column -> what the cell says, of one way to hold the position."""
    row, found = HEAD + 1 + mode, {}
    for column, (_, _, field) in _COLUMNS.items():
        if field is None:
            continue
        cell = its.cell("modes", mode + 1, Mode._fields.index(field))
        # Text of an array is none to some functions.
        found[column] = told.joined(cell, "") if field == "mode" else cell

    def here(column: str) -> Told:
        return Told(f"${column}{row}", found[column].value)

    equity = its.named("calc_equity")
    found["E"] = when(
        every(is_number(here("D")), is_number(equity)),
        told.guarded(here("D") / equity, NOT_KNOWN),
        BLANK,
    )
    found["H"] = away_in_sigmas(its, here("F"))
    found["I"] = touched(its, here("F"), here("G"))
    found["K"] = against_the_move(its, here("G"))
    return found


def figures(its: Workings) -> Figures:
    """What the chart is drawn from: a bar a way, red where the move reaches it."""
    labels, reached, clear = [], [], []
    for mode in range(MODES):
        row, cells = HEAD + 1 + mode, _cells(its, mode)
        name, distance, word = (
            Told(f"{layout.MODES}!${column}${row}", cells[column].value) for column in "BGK"
        )
        shown = when(
            is_number(distance), told.joined(": ", told.percent(distance)),
            when(equal(name, ""), BLANK, told.joined(": ", distance)),
        )  # fmt: skip
        labels.append(told.joined(name, shown))
        bad = told.some(equal(word, "reached"), equal(word, "liquidated"))
        length = shown_length(distance)
        reached.append(when(bad, length, 0))
        clear.append(when(bad, 0, length))
    return Figures(*_FIGURES, "Chart of modes", labels, {_REACHED: reached, _CLEAR: clear})


def add_modes(book: Book, its: Workings) -> None:
    """Add the sheet: a table, its chart, and how to read them."""
    sheet = book.sheet(layout.MODES, tab_colour=style.STEEL)
    sheet.put("B1", "Modes", "title")
    sheet.worksheet.row_dimensions[1].height = 28
    words = answers.subject(its)
    sheet.formula("B2", f"={words.formula}", words.value, "subtitle")
    problem = answers.first_of(answers.warning(its), answers.polite(its.tables["modes"].says))
    sheet.formula("B3", f"={problem.formula}", problem.value, "warning")
    for column, (head, look_of, _) in _COLUMNS.items():
        sheet.put(f"{column}{HEAD - 1}", None, "section")
        side = {"text": "", "label": " center"}.get(look_of, " right")
        sheet.put(f"{column}{HEAD}", head, f"column head{side}")
    sheet.put(f"B{HEAD - 1}", "The same position, held in four ways", "section")
    for mode in range(MODES):
        for column, piece in _cells(its, mode).items():
            value = told.as_value(piece.value)
            at = f"{column}{_FIRST + mode}"
            sheet.formula(at, f"={piece.formula}", value, _COLUMNS[column][1])
    add_lights(sheet, f"K{_FIRST}:K{_LAST}", f"$K{_FIRST}")
    sheet.worksheet.conditional_formatting.add(f"I{_FIRST}:I{_LAST}", look.chances())
    for column in _COLUMNS:
        sheet.put(f"{column}{_PICTURE_ROW}", None, "section")
    sheet.put(
        f"B{_PICTURE_ROW}",
        "Distance to liquidation; red: the move reaches it. From 100 % on, and never: a full bar",
        "section",
    )
    chart = pictures.bars(figures(its), _COLOURS, 25.4, 6.0)
    sheet.worksheet.add_chart(chart, f"B{_PICTURE_ROW + 1}")
    at = _PICTURE_ROW + 14
    for column in _COLUMNS:
        sheet.put(f"{column}{at}", None, "section")
    sheet.put(f"B{at}", "How to read it", "section")
    for row, text in enumerate(_READ_SO, at + 1):
        sheet.put(f"B{row}", text, "text bare")
    sheet.widths(A=2, B=29, C=11, D=23, E=11, F=16, G=11, H=11, I=15, J=13, K=13)
    sheet.print_set_up(f"A1:K{at + len(_READ_SO)}", one_page=True)
