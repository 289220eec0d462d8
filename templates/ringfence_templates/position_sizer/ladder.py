"""The sheet Ladder: the same trade in other sizes, and with other leverages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ringfence_templates import style
from ringfence_templates.position_sizer import answers, checks, layout, look, pictures, told
from ringfence_templates.position_sizer.pictures import Figures
from ringfence_templates.position_sizer.told import BLANK, Told, equal, every, is_number, when
from ringfence_templates.position_sizer.workings import NOT_KNOWN, Workings, away_in_sigmas
from ringfence_templates.sheet import Book, Sheet

SHARES: Final = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0)
LEVERAGES: Final = (1.0, 2.0, 3.0, 5.0, 8.0, 10.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0)
SIZES_HEAD: Final = 6
LEVERAGES_HEAD: Final = SIZES_HEAD + len(SHARES) + 4
_LAST: Final = LEVERAGES_HEAD + len(LEVERAGES)
_PICTURES: Final = {"sizes": (10, 27), "leverages": (14, 27)}  # their figures on Calc
_COLOURS: Final = {"distance": style.NAVY, "the move": style.RED}

HOLDS, TOO_CLOSE, LIQUIDATED, NEVER = "holds", "reached", "liquidated", "never"
_LIGHT_OF: Final = {HOLDS: "Green", TOO_CLOSE: "Red", LIQUIDATED: "Liquidated", NEVER: "Never"}


@dataclass(frozen=True, slots=True)
class Step:
    """A row: what is typed, and what follows from it. Later pieces name the cells of earlier."""

    row: int
    typed: float
    cells: dict[str, Told]  # column -> what its cell says

    def cell(self, column: str) -> Told:
        """A cell of the row as the formulas of this sheet name it."""
        return Told(f"${column}{self.row}", self.cells[column].value)

    def abroad(self, column: str) -> Told:
        """The same as other sheets name it."""
        return Told(f"{layout.LADDER}!${column}${self.row}", self.cells[column].value)


_COLUMNS: Final = {
    "E": ("liquidation price", "price"),
    "F": ("distance", "percent"),
    "G": ("in sigmas", "decimal"),
    "H": ("chance to touch", "percent"),
    "I": ("the move", "label"),
}
_SIZE_COLUMNS: Final = {
    "B": ("of the size", "input share"),
    "C": ("size", "size"),
    "D": ("value / margin", "multiple"),
} | _COLUMNS
_LEVERAGE_COLUMNS: Final = {
    "B": ("leverage", "input multiple"),
    "C": ("margin", "amount"),
    "D": ("of equity", "percent"),
} | _COLUMNS


def size_steps(its: Workings) -> list[Step]:
    """Other sizes, with the margin that is in the box."""
    return [_size_step(its, row, share) for row, share in enumerate(SHARES, SIZES_HEAD + 1)]


def leverage_steps(its: Workings) -> list[Step]:
    """Other leverages, of the same size: the margin is value / leverage."""
    rows = enumerate(LEVERAGES, LEVERAGES_HEAD + 1)
    return [_leverage_step(its, row, leverage) for row, leverage in rows]


def _size_step(its: Workings, row: int, typed: float) -> Step:
    fine, size, margin = its.named("calc_fine"), its.given["size"], its.risk["max_loss"]
    share = Told(f"$B{row}", typed)
    step = Step(row, typed, {})
    step.cells["C"] = when(every(fine, is_number(size), is_number(share)), size * share, BLANK)
    step.cells["D"] = when(
        every(fine, is_number(step.cell("C"))), its.risk["notional"] * share / margin, BLANK
    )
    _add_answers(its, step, size=step.cell("C"), isolated_margin=margin)
    return step


def _leverage_step(its: Workings, row: int, typed: float) -> Step:
    value, equity = its.named("calc_entry_value"), its.named("calc_equity")
    leverage = Told(f"$B{row}", typed)
    step = Step(row, typed, {})
    step.cells["C"] = when(every(is_number(value), is_number(leverage)), value / leverage, BLANK)
    step.cells["D"] = when(
        every(is_number(step.cell("C")), is_number(equity)),
        told.guarded(step.cell("C") / equity, NOT_KNOWN),
        BLANK,
    )
    _add_answers(its, step, isolated_margin=BLANK, leverage=leverage)
    return step


def _add_answers(its: Workings, step: Step, **others: Told) -> None:
    mark = its.named("calc_mark")
    step.cells["E"] = when(is_number(step.cell("C")), its.of_ours("RF_LIQ_PRICE", **others), BLANK)
    price = step.cell("E")
    away = when(its.named("calc_short"), price - mark, mark - price) / mark
    step.cells["F"] = when(is_number(price), away, price)
    distance = step.cell("F")
    step.cells["G"] = away_in_sigmas(its, price)
    step.cells["H"] = touched(its, price, distance)
    step.cells["I"] = against_the_move(its, distance)


def touched(its: Workings, price: Told, distance: Told) -> Told:
    """The probability of touching a liquidation price; 1 where it is passed, 0 where never."""
    chance = told.call("RF_TOUCH_PROB", its.given, mark_price=its.named("calc_mark"), barrier=price)
    return when(
        is_number(distance),
        when(distance <= 0, 1, told.guarded(chance, NOT_KNOWN)),
        when(equal(distance, NEVER), 0, BLANK),
    )


def against_the_move(its: Workings, distance: Told) -> Told:
    """Whether the move of so many sigmas reaches a liquidation price that far away."""
    far = its.named("calc_move_distance")
    return when(
        is_number(distance),
        when(
            distance <= 0,
            LIQUIDATED,
            when(is_number(far), when(distance <= far, TOO_CLOSE, HOLDS), BLANK),
        ),
        when(equal(distance, NEVER), NEVER, BLANK),
    )


def shown_length(distance: Told) -> Told:
    """A distance as charts show it: from 0 to 100 %, where never is."""
    return when(
        is_number(distance),
        told.at_least(told.at_most(distance, 1), 0),
        when(equal(distance, NEVER), 1, 0),
    )


def figures(its: Workings) -> dict[str, Figures]:
    """What the two charts are drawn from."""
    move = shown_length(its.named("calc_move_distance"))
    found = {}
    for name, steps, unit, about in (
        ("sizes", size_steps(its), 100.0, "Chart of sizes"),
        ("leverages", leverage_steps(its), 1.0, "Chart of leverages"),
    ):
        sign = " %" if unit > 1 else "x"
        labels = []
        for step in steps:
            typed = Told(f"{layout.LADDER}!$B${step.row}", step.typed)
            labels.append(told.joined(typed * unit if unit > 1 else typed, sign))
        found[name] = Figures(
            *_PICTURES[name],
            about,
            labels,
            {
                "distance": [shown_length(step.abroad("F")) for step in steps],
                "the move": [move for _ in steps],
            },
        )
    return found


def add_ladder(book: Book, its: Workings) -> None:
    """Add the sheet with its two tables and their charts."""
    sheet = book.sheet(layout.LADDER, tab_colour=style.GREEN)
    sheet.put("B1", "Ladder", "title")
    sheet.worksheet.row_dimensions[1].height = 28
    words = answers.subject(its)
    sheet.formula("B2", f"={words.formula}", words.value, "subtitle")
    warning = answers.warning(its)
    sheet.formula("B3", f"={warning.formula}", warning.value, "warning")
    _add_steps(
        sheet, its, SIZES_HEAD, "Other sizes, with the margin now in the box", _SIZE_COLUMNS,
        size_steps(its),
    )  # fmt: skip
    _add_steps(
        sheet, its, LEVERAGES_HEAD, "Other leverages of the same size: margin = value / leverage",
        _LEVERAGE_COLUMNS, leverage_steps(its),
    )  # fmt: skip
    drawn = figures(its)
    for name, head, height in (
        ("sizes", SIZES_HEAD, 5.6),
        ("leverages", LEVERAGES_HEAD, 7.4),
    ):
        for column in "KLMNO":
            sheet.put(f"{column}{head - 1}", None, "section")
        sheet.put(f"K{head - 1}", "Distance to liquidation, and the move", "section")
        chart = pictures.lines(drawn[name], _COLOURS, 12.6, height)
        sheet.worksheet.add_chart(chart, f"K{head}")
    sheet.widths(A=2, J=3, **dict.fromkeys("BCDEFGHI", 14.5) | dict.fromkeys("KLMNO", 13.0))
    sheet.print_set_up(f"A1:O{_LAST + 1}", one_page=True)


def _add_steps(
    sheet: Sheet,
    its: Workings,
    head: int,
    title: str,
    columns: dict[str, tuple[str, str]],
    steps: Sequence[Step],
) -> None:
    for column in columns:
        sheet.put(f"{column}{head - 1}", None, "section")
    sheet.put(f"B{head - 1}", title, "section")
    for column, (name, kind) in columns.items():
        side = " center" if kind == "label" else " right"
        sheet.put(f"{column}{head}", name, f"column head{side}")
    for step in steps:
        sheet.put(f"B{step.row}", step.typed, columns["B"][1])
        for column, piece in step.cells.items():
            value = told.as_value(piece.value)
            at = f"{column}{step.row}"
            sheet.formula(at, f"={piece.formula}", value, columns[column][1])
    first, last = steps[0].row, steps[-1].row
    add_lights(sheet, f"I{first}:I{last}", f"$I{first}")
    rule = checks.of_shares(columns["B"][0], f"{title}. A number above 0.")
    rule.add(f"B{first}:B{last}")
    sheet.worksheet.add_data_validation(rule)
    sheet.worksheet.conditional_formatting.add(f"H{first}:H{last}", look.chances())
    if columns["C"][1] == "size":
        cell = f"C{first}"
        sheet.worksheet.conditional_formatting.add(
            f"{cell}:C{last}", style.whole_number_rule(style.LARGE_AND_WHOLE.format(cell))
        )


def add_lights(sheet: Sheet, area: str, cell: str) -> None:
    """Colours for the words of :func:`against_the_move`."""
    for word, light in _LIGHT_OF.items():
        rule = style.light_rule(f'{cell}="{word}"', light)
        sheet.worksheet.conditional_formatting.add(area, rule)
