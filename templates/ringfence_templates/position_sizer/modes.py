"""The sheet Modes: the same trade isolated, with less leverage, and on the whole account."""

from dataclasses import dataclass
from typing import Final

from ringfence.sizing import Mode
from ringfence_templates import style
from ringfence_templates.position_sizer import answers, layout, look, pictures, told
from ringfence_templates.position_sizer.pictures import Columns, Figures
from ringfence_templates.position_sizer.reach import (
    LIQUIDATED,
    REACHED,
    add_lights,
    against_the_move,
    shown_length,
    touched,
)
from ringfence_templates.position_sizer.told import BLANK, Told, equal, every, is_number, some, when
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
_REACHED, _CLEAR = "reached", "not reached"
ON_CALC: Final = Columns(5, 27, "Modes", ("label", _REACHED, _CLEAR, "chance"))
_COLOURS: Final = {_REACHED: style.RED, _CLEAR: style.GREEN}

# Column -> (head, look, field of RF_COMPARE_MODES or None)
_COLUMNS: Final = {
    "B": ("how it is held", "text", "mode"),
    "C": ("leverage", "multiple", "leverage"),
    "D": ("can be lost", "coins", "margin"),
    "E": ("of equity", "percent", None),
    "F": ("liquidation price", "price", "liquidation_price"),
    "G": ("distance", "percent", "liquidation_distance"),
    "H": ("in sigmas", "decimal", None),
    "I": ("chance to touch", "percent", None),
    "J": ("margin ratio", "percent", "margin_ratio"),
    "K": ("the move", "label", None),
    "L": ("", "beside", "note"),
}
_READ_SO: Final = (
    "Leverage here is the value of the position over what stands behind it, whatever the setting on"
    " the screen says. Less margin in the box: liquidated sooner, and less to lose.",
    "Cross: the whole wallet stands behind the position, by the venue's cross rule: liquidation is"
    " far away, and the whole wallet can be lost. It is shown alone in the account; other positions"
    " would draw on the same wallet.",
    "1x: the margin is the whole value. A linear long or an inverse short is then never liquidated;"
    " a linear short is, when the price has about doubled.",
)


@dataclass(slots=True)
class _Way:
    """One way to hold the position: what its row says, here and on Calc."""

    here: dict[str, Told]  # column -> what its cell says
    calc: dict[str, Told]  # column of Calc -> what its cell says


def _way(its: Workings, number: int) -> _Way:
    row, here = _FIRST + number, {}
    for column, (_, _, name) in _COLUMNS.items():
        if name is not None:
            here[column] = its.cell("modes", number + 1, Mode._fields.index(name))

    def cell(column: str) -> Told:
        return Told(f"{layout.MODES}!${column}${row}", here[column].value)

    equity = its.named("calc_equity")
    here["E"] = when(
        every(is_number(cell("D")), is_number(equity)),
        told.guarded(cell("D") / equity, NOT_KNOWN),
        BLANK,
    )
    price, distance = cell("F"), cell("G")
    here["H"] = away_in_sigmas(its, price)
    chance = touched(its, price, distance)
    here["I"] = ON_CALC.cell("chance", number, chance.value)
    here["K"] = against_the_move(its, distance)
    far = when(
        is_number(distance),
        told.joined(": ", told.percent(distance)),
        when(equal(distance, ""), BLANK, told.joined(": ", distance)),
    )
    bad = some(equal(cell("K"), REACHED), equal(cell("K"), LIQUIDATED))
    length = shown_length(distance)
    calc = {
        "label": told.joined(cell("B"), far),
        _REACHED: when(bad, length, 0),
        _CLEAR: when(bad, 0, length),
        "chance": chance,
    }
    return _Way(here, calc)


def figures(its: Workings) -> Figures:
    """What stands on Calc for the table and its chart."""
    ways = [_way(its, number).calc for number in range(MODES)]
    return Figures(ON_CALC, {name: [way[name] for way in ways] for name in ON_CALC.names})


def add_modes(book: Book, its: Workings) -> None:
    """Add the sheet: a table, its chart, and how to read them."""
    sheet = book.sheet(layout.MODES, tab_colour=style.STEEL)
    sheet.put("B1", "Modes", "title")
    sheet.worksheet.row_dimensions[1].height = 28
    words = answers.subject(its)
    sheet.formula("B2", f"={words.formula}", words.value, "subtitle")
    problem = answers.first_of(answers.warning(its), answers.polite(its.tables["modes"].says))
    sheet.formula("B3", f"={problem.formula}", problem.value, "warning")
    for column, (head, kind, _) in _COLUMNS.items():
        sheet.put(f"{column}{HEAD - 1}", None, "section")
        side = {"text": "", "beside": "", "label": " center"}.get(kind, " right")
        sheet.put(f"{column}{HEAD}", head, f"column head{side}")
    sheet.put(f"B{HEAD - 1}", "The same position, held in four ways", "section")
    for mode in range(MODES):
        for column, piece in _way(its, mode).here.items():
            value = told.as_value(piece.value)
            cell = f"{column}{_FIRST + mode}"
            sheet.formula(cell, f"={piece.formula}", value, _COLUMNS[column][1])
    add_lights(sheet, f"K{_FIRST}:K{_LAST}", f"$K{_FIRST}")
    rules = sheet.worksheet.conditional_formatting
    rules.add(f"I{_FIRST}:I{_LAST}", look.chances())
    rules.add(f"D{_FIRST}:D{_LAST}", look.money_rule(f"$D{_FIRST}"))
    for column in _COLUMNS:
        sheet.put(f"{column}{_PICTURE_ROW}", None, "section")
    sheet.put(
        f"B{_PICTURE_ROW}",
        "Distance to liquidation; red: the move reaches it. From 100 % on, and never: a full bar",
        "section",
    )
    chart = pictures.bars(figures(its), _COLOURS, 36.2, 6.0)
    sheet.worksheet.add_chart(chart, f"B{_PICTURE_ROW + 1}")
    at = _PICTURE_ROW + 14
    for column in _COLUMNS:
        sheet.put(f"{column}{at}", None, "section")
    sheet.put(f"B{at}", "How to read it", "section")
    for line, text in enumerate(_READ_SO, at + 1):
        sheet.put(f"B{line}", text, "text bare")
    sheet.widths(A=2, B=28, C=11, D=15, E=11, F=16, G=11, H=11, I=15, J=13, K=12, L=46)
    sheet.print_set_up(f"A1:L{at + len(_READ_SO)}", one_page=True)
