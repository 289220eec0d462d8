"""The sheet Ladder: the same trade in other sizes, and with other leverages."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from ringfence_templates import style
from ringfence_templates.position_sizer import answers, checks, layout, look, pictures, told
from ringfence_templates.position_sizer.pictures import Columns, Figures
from ringfence_templates.position_sizer.reach import (
    add_lights,
    against_the_move,
    shown_length,
    touched,
)
from ringfence_templates.position_sizer.told import BLANK, Told, every, is_number, when
from ringfence_templates.position_sizer.workings import NOT_KNOWN, Workings, away_in_sigmas
from ringfence_templates.sheet import Book, Sheet

SHARES: Final = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0)
LEVERAGES: Final = (1.0, 2.0, 3.0, 5.0, 8.0, 10.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0)
SIZES_HEAD: Final = 6
LEVERAGES_HEAD: Final = SIZES_HEAD + len(SHARES) + 4
_LAST: Final = LEVERAGES_HEAD + len(LEVERAGES)
_COLOURS: Final = {"distance": style.NAVY, "the move": style.RED}
# Ours are called on Calc: hosts that cannot call them compute anew only what they show.
_ON_CALC: Final = ("label", "distance", "the move", "price", "chance")
SIZES: Final = Columns(10, 27, "Ladder of sizes", _ON_CALC)
LEVERAGES_ON_CALC: Final = Columns(16, 27, "Ladder of leverages", _ON_CALC)

_COLUMNS: Final = {
    "E": ("liquidation price", "price"),
    "F": ("distance", "percent"),
    "G": ("in sigmas", "decimal"),
    "H": ("chance to touch", "percent"),
    "I": ("the move", "label"),
}
_SIZE_COLUMNS: Final = {
    "B": ("of the size", "input share"),
    "C": ("size", "quantity"),
    "D": ("value / margin", "multiple"),
} | _COLUMNS
_LEVERAGE_COLUMNS: Final = {
    "B": ("leverage", "input multiple"),
    "C": ("margin", "coins"),
    "D": ("of equity", "percent"),
} | _COLUMNS


@dataclass(slots=True)
class Step:
    """A row: what is typed, and what follows from it, here and on Calc."""

    row: int
    typed: float
    here: dict[str, Told] = field(default_factory=dict)  # column -> what its cell says
    calc: dict[str, Told] = field(default_factory=dict)  # column of Calc -> what its cell says

    def cell(self, column: str) -> Told:
        """A cell of the row."""
        value = self.typed if column == "B" else self.here[column].value
        return Told(f"{layout.LADDER}!${column}${self.row}", value)


def size_steps(its: Workings) -> list[Step]:
    """Other sizes, with the margin that is in the box."""
    fine, size, margin = its.named("calc_fine"), its.given["size"], its.risk["max_loss"]
    steps = []
    for at, typed in enumerate(SHARES):
        step = Step(SIZES_HEAD + 1 + at, typed)
        share = step.cell("B")
        good = every(fine, is_number(size), is_number(share))
        step.here["C"] = when(good, size * share, BLANK)
        step.here["D"] = when(good, its.risk["notional"] * share / margin, BLANK)
        label = told.joined(share * 100, " %")
        _add(its, step, SIZES, at, label, size=step.cell("C"), isolated_margin=margin)
        steps.append(step)
    return steps


def leverage_steps(its: Workings) -> list[Step]:
    """Other leverages, of the same size: the margin is value / leverage."""
    value, equity = its.named("calc_entry_value"), its.named("calc_equity")
    steps = []
    for at, typed in enumerate(LEVERAGES):
        step = Step(LEVERAGES_HEAD + 1 + at, typed)
        leverage = step.cell("B")
        good = every(is_number(value), is_number(leverage))
        step.here["C"] = when(good, told.guarded(value / leverage, NOT_KNOWN), BLANK)
        margin = step.cell("C")
        step.here["D"] = when(
            every(is_number(margin), is_number(equity)),
            told.guarded(margin / equity, NOT_KNOWN),
            BLANK,
        )
        label = told.joined(leverage, "x")
        _add(its, step, LEVERAGES_ON_CALC, at, label, isolated_margin=BLANK, leverage=leverage)
        steps.append(step)
    return steps


def _add(its: Workings, step: Step, columns: Columns, at: int, label: Told, **others: Told) -> None:
    """The answers of a row; ``others`` are the arguments that it changes."""
    mark = its.named("calc_mark")
    step.calc["label"] = label
    step.calc["price"] = when(
        is_number(step.cell("C")), its.of_ours("RF_LIQ_PRICE", **others), BLANK
    )
    step.here["E"] = columns.cell("price", at, step.calc["price"].value)
    price = step.cell("E")
    away = when(its.named("calc_short"), price - mark, mark - price) / mark
    step.here["F"] = when(is_number(price), away, price)
    distance = step.cell("F")
    step.here["G"] = away_in_sigmas(its, price)
    step.calc["chance"] = touched(its, price, distance)
    step.here["H"] = columns.cell("chance", at, step.calc["chance"].value)
    step.here["I"] = against_the_move(its, distance)
    step.calc["distance"] = shown_length(distance)
    step.calc["the move"] = shown_length(its.named("calc_move_distance"))


def _figures(columns: Columns, steps: Sequence[Step]) -> Figures:
    return Figures(columns, {name: [step.calc[name] for step in steps] for name in columns.names})


def figures(its: Workings) -> tuple[Figures, Figures]:
    """What stands on Calc for the two ladders."""
    return _figures(SIZES, size_steps(its)), _figures(LEVERAGES_ON_CALC, leverage_steps(its))


def add_ladder(book: Book, its: Workings) -> None:
    """Add the sheet with its two tables and their charts."""
    sheet = book.sheet(layout.LADDER, tab_colour=style.GREEN)
    sheet.put("B1", "Ladder", "title")
    sheet.worksheet.row_dimensions[1].height = 28
    words = answers.subject(its)
    sheet.formula("B2", f"={words.formula}", words.value, "subtitle")
    warning = answers.warning(its)
    sheet.formula("B3", f"={warning.formula}", warning.value, "warning")
    sizes, leverages = size_steps(its), leverage_steps(its)
    title = "Other sizes, with the margin now in the box"
    _add_steps(sheet, SIZES_HEAD, title, _SIZE_COLUMNS, sizes)
    title = "Other leverages of the same size: margin = value / leverage"
    _add_steps(sheet, LEVERAGES_HEAD, title, _LEVERAGE_COLUMNS, leverages)
    _add_chart(sheet, SIZES_HEAD, _figures(SIZES, sizes), 5.6)
    _add_chart(sheet, LEVERAGES_HEAD, _figures(LEVERAGES_ON_CALC, leverages), 7.2)
    sheet.put(
        f"B{_LAST + 2}",
        "The first columns are yours. Liquidation price: RF_LIQ_PRICE; chance to touch:"
        " RF_TOUCH_PROB (log-normal, no drift, no gaps). The move: that of the sheet Sizer;"
        " reached: it gets to the liquidation price.",
        "caption",
    )
    sheet.widths(A=2, J=3, **dict.fromkeys("BCDEFGHI", 14.5), **dict.fromkeys("KLMNO", 13.0))
    sheet.print_set_up(f"A1:O{_LAST + 2}", one_page=True)


def _add_steps(
    sheet: Sheet,
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
        for column, piece in step.here.items():
            value = told.as_value(piece.value)
            at = f"{column}{step.row}"
            sheet.formula(at, f"={piece.formula}", value, columns[column][1])
    first, last = steps[0].row, steps[-1].row
    add_lights(sheet, f"I{first}:I{last}", f"$I{first}")
    rule = checks.of_shares(columns["B"][0], f"{title}. A number above 0.")
    rule.add(f"B{first}:B{last}")
    sheet.worksheet.add_data_validation(rule)
    rules = sheet.worksheet.conditional_formatting
    rules.add(f"H{first}:H{last}", look.chances())
    if columns["C"][1] == "coins":
        rules.add(f"C{first}:C{last}", look.money_rule(f"$C{first}"))


def _add_chart(sheet: Sheet, head: int, its: Figures, height: float) -> None:
    for column in "KLMNO":
        sheet.put(f"{column}{head - 1}", None, "section")
    sheet.put(f"K{head - 1}", "Distance to liquidation, and the move", "section")
    sheet.worksheet.add_chart(pictures.lines(its, _COLOURS, 12.4, height), f"K{head}")
