"""The sheet Heat map: two coins move apart, the others stand still."""

from typing import Final

from openpyxl.formatting.rule import ColorScaleRule

from ringfence_templates import style
from ringfence_templates.event_risk import excel, frame, layout
from ringfence_templates.event_risk.events import move_validation
from ringfence_templates.event_risk.layout import HEAT, HEAT_COIN_CELLS, STEPS
from ringfence_templates.event_risk.model import Model, padded_cells
from ringfence_templates.event_risk.scenarios import HEAT_STEPS
from ringfence_templates.package import Value
from ringfence_templates.ranking import BLANK
from ringfence_templates.sheet import Book, Sheet

_LAST: Final = HEAT.letter(STEPS[-1])
_TILES: Final = (("B", "E", "Equity now"), ("F", "J", "Least left"), ("K", _LAST, "Most left"))
_GRID: Final = f"${HEAT.at(STEPS[0], 1)}:${HEAT.at(STEPS[-1], HEAT_STEPS)}"


def add_heat_map(book: Book, model: Model) -> None:
    """Add the sheet."""
    sheet = frame.new_sheet(book, layout.HEAT_MAP, "Heat map", tab_colour=style.AMBER)
    sheet.put(
        "B2",
        "Dollars left of the book's equity when two coins move apart and every other coin stands"
        " still. The coins and both margins are yours to change.",
        "subtitle",
    )
    frame.add_warning(
        sheet, model, (model.areas["heat"].cell("corner", 0), model.value("heat", "corner", 0))
    )
    _add_grid(sheet, model)
    _add_tiles(sheet, model)
    _add_colours(sheet)
    last = HEAT.head + HEAT_STEPS
    sheet.put(
        f"C{last + 2}",
        "Red: less than now; green: more. Along the moves prices go in a straight line, and what"
        " fails on the way is gone.",
        "caption",
    )
    sheet.widths(A=2, B=9, C=10, **dict.fromkeys(map(HEAT.letter, STEPS), 11.0))
    sheet.print_set_up(f"A1:{_LAST}{last + 2}", one_page=True)


def _axes(model: Model) -> tuple[list[Value | None], list[Value | None]]:
    one, two = (padded_cells(axis, HEAT_STEPS) for axis in model.scenarios.heat_moves)
    return one, two


def left(model: Model) -> list[list[Value]]:
    """The grid as the sheet shows it: blank where a margin is, or where there is no answer."""
    one, two = _axes(model)
    return [
        [
            value if excel.figure(a) and excel.figure(b) and excel.figure(value) else BLANK
            for b, value in zip(two, row[1:], strict=True)
        ]
        for a, row in zip(one, model.blocks["heat"], strict=True)
    ]


def _add_grid(sheet: Sheet, model: Model) -> None:
    at, down = HEAT_COIN_CELLS
    one, two = model.heat_coins
    frame.add_section(sheet, "B", _LAST, HEAT.head - 3, "What is left, in dollars")
    sheet.put(f"C{HEAT.head - 2}", "across:", "caption right")
    sheet.put(at, two, "input coin")
    sheet.put(f"B{HEAT.head}", "down:", "caption right")
    sheet.put(down, one, "input coin")
    rows, columns = _axes(model)
    rule = move_validation()
    for step, move in zip(STEPS, columns, strict=True):
        sheet.put(HEAT.at(step, 0), move, "input move")
    rule.add(f"{HEAT.at(STEPS[0], 0)}:{HEAT.at(STEPS[-1], 0)}")
    rule.add(HEAT.area("move", "move", body=True))
    sheet.worksheet.add_data_validation(rule)
    for row, (move, shown) in enumerate(zip(rows, left(model), strict=True), 1):
        sheet.put(HEAT.at("move", row), move, "input move")
        for step, value in zip(STEPS, shown, strict=True):
            source = model.areas["heat"].cell(step, row)
            margins = f"ISNUMBER(${HEAT.at('move', row)}),ISNUMBER({_top(step)})"
            sheet.formula(
                HEAT.at(step, row),
                f'=IF(AND({margins},ISNUMBER({source})),{source},"")',
                value,
                "heat",
            )


def _top(step: str) -> str:
    """The cell of the upper margin, the row fixed."""
    return f"{HEAT.letter(step)}${HEAT.head}"


def _add_tiles(sheet: Sheet, model: Model) -> None:
    for first, last, label in _TILES:
        frame.add_tile(sheet, 4, first, last, label)
    now = model.value("events", "equity", 1)
    sheet.formula("B5", f"={model.areas['events'].cell('equity', 1)}", now, "tile money")
    sheet.put("B6", "dollars, all prices at their marks", "tile text")
    figures = [excel.n(value) for row in left(model) for value in row if excel.figure(value)]
    for cell, which, value in (
        ("F", "MIN", min(figures, default=BLANK)),
        ("K", "MAX", max(figures, default=BLANK)),
    ):
        sheet.formula(f"{cell}5", f'=IF(COUNT({_GRID})=0,"",{which}({_GRID}))', value, "tile money")
        change = 100 * (excel.n(value) / excel.n(now) - 1) if excel.n(now) else 0.0
        sign = "+" if change > 0 else ""
        sheet.formula(
            f"{cell}6",
            f'=IF(OR(N({cell}5)=0,N(B5)=0),"",IF({cell}5>B5,"+","")'
            f'&{excel.fixed_formula(f"100*({cell}5/B5-1)", 1)}&" % against now")',
            f"{sign}{excel.fixed(change, 1)} % against now"
            if excel.n(value) and excel.n(now)
            else BLANK,
            "tile text",
        )


def _add_colours(sheet: Sheet) -> None:
    sheet.worksheet.conditional_formatting.add(
        HEAT.area(STEPS[0], STEPS[-1], body=True),
        ColorScaleRule(
            start_type="min",
            start_color="E58E84",
            mid_type="formula",
            mid_value="$B$5",
            mid_color="FFFFFF",
            end_type="max",
            end_color="8CC5A2",
        ),
    )
