"""The sheet Shocks: one market move after another, and the first that makes something fail."""

from typing import Final

from openpyxl.worksheet.datavalidation import DataValidation

from ringfence_templates import style
from ringfence_templates.event_risk import excel, frame, layout, looks
from ringfence_templates.event_risk.charts import Drawn, add_chart
from ringfence_templates.event_risk.events import FIGURE_LOOKS, HEADS, move_validation
from ringfence_templates.event_risk.layout import (
    BETA_INPUTS,
    FIRST_FAILURES,
    MOVE_FIGURES,
    MOVE_INPUTS,
    SHOWN,
)
from ringfence_templates.event_risk.model import Model, padded_cells
from ringfence_templates.event_risk.scenarios import BETA_ROWS, MOVE_ROWS, Move
from ringfence_templates.package import Value
from ringfence_templates.ranking import BLANK
from ringfence_templates.sheet import Book, Sheet

_HEAD: Final = MOVE_INPUTS.head
_LAST: Final = FIRST_FAILURES.letter("left")
_LINE: Final = (1, MOVE_ROWS)
_FALL, _RISE = MOVE_ROWS + 1, MOVE_ROWS + 2  # rows of the first failures


def add_shocks(book: Book, model: Model) -> None:
    """Add the sheet."""
    sheet = frame.new_sheet(book, layout.SHOCKS, "Shocks", tab_colour=style.RED)
    sheet.formula("B2", _SUBTITLE, _subtitle(model), "subtitle")
    frame.add_warning(
        sheet,
        model,
        *((model.areas[name].cell(first, 0), model.value(name, first, 0))
          for name, first in (("joint", "direction"), ("common", "event"))),
    )  # fmt: skip
    _add_moves(sheet, model)
    _add_betas(sheet, model)
    _add_first(sheet, model)
    lines = (
        Drawn("isolated", "left of the equity", style.NAVY, _LINE),
        Drawn("isolated", "first failure on a fall", style.RED, (_FALL, _FALL)),
        Drawn("isolated", "first failure on a rise", style.AMBER, (_RISE, _RISE)),
    )
    add_chart(sheet, f"{FIRST_FAILURES.letter('direction')}{_HEAD + 5}", model, lines, (15.0, 9.2))
    _add_colours(sheet)
    figures = {MOVE_FIGURES.letter(name): HEADS[name][1] for name in SHOWN}
    sheet.widths(A=2, B=13, **figures, I=3, J=10, K=10, L=3, M=12, N=10, O=7, P=15, Q=19, R=14)
    sheet.worksheet.freeze_panes = f"A{_HEAD + 1}"
    sheet.print_set_up(f"A1:{_LAST}{_HEAD + MOVE_ROWS + 1}", one_page=True)


def _joint(model: Model) -> list[str]:
    joint = model.areas["joint"]
    return [f'{joint.cell("symbol", row)}&" at "&{joint.cell("venue", row)}' for row in (1, 2)]


_SUBTITLE: Final = (
    '="Every coin moves by its beta times the market move; what fails on the way is gone. Equity'
    f' now: "&{excel.fixed_formula("N(" + MOVE_FIGURES.cell("equity", 1) + ")", 0)}&" dollars."'
)


def _subtitle(model: Model) -> str:
    now = model.shown("common", 1, when=_given(model, 1))["equity"]
    return (
        "Every coin moves by its beta times the market move; what fails on the way is gone. Equity"
        f" now: {excel.fixed(excel.n(now), 0)} dollars."
    )


def moves(model: Model) -> list[Move]:
    """The cells of market moves, blank ones too."""
    return padded_cells(model.scenarios.moves, MOVE_ROWS)


def _given(model: Model, row: int) -> bool:
    return excel.figure(moves(model)[row - 1])


def figures(model: Model, row: int) -> dict[str, Value]:
    """What stands beside a market move."""
    return model.shown("common", row, when=_given(model, row))


def _add_moves(sheet: Sheet, model: Model) -> None:
    frame.add_section(sheet, "B", MOVE_FIGURES.letter(SHOWN[-1]), _HEAD - 1, "Moves of the market")
    heads = {MOVE_FIGURES.letter(name): HEADS[name][0] for name in SHOWN}
    frame.add_heads(sheet, _HEAD, {"B": "market move", **heads})
    for row, move in enumerate(moves(model), 1):
        cell = MOVE_INPUTS.at("move", row)
        sheet.put(cell, move, "input move")
        for name, value in figures(model, row).items():
            source = model.areas["common"].cell(name, row)
            sheet.formula(
                MOVE_FIGURES.at(name, row),
                f'=IF(AND(ISNUMBER(${cell}),ISNUMBER({source})),{source},"")',
                value,
                FIGURE_LOOKS[name],
            )
    rule = move_validation()
    rule.add(MOVE_INPUTS.area(body=True))
    sheet.worksheet.add_data_validation(rule)


def _add_betas(sheet: Sheet, model: Model) -> None:
    first, last = BETA_INPUTS.letter("coin"), BETA_INPUTS.letter("beta")
    frame.add_section(sheet, first, last, _HEAD - 1, "Betas")
    frame.add_heads(sheet, _HEAD, {first: "coin", last: "beta"})
    for row, pair in enumerate(padded_cells(model.scenarios.betas, BETA_ROWS), 1):
        coin, beta = pair or (None, None)
        sheet.put(BETA_INPUTS.at("coin", row), coin, "input coin")
        sheet.put(BETA_INPUTS.at("beta", row), beta, "input beta")
    rule = DataValidation("decimal", operator="between", formula1="-10", formula2="10")
    rule.errorTitle, rule.error = (
        "Beta",
        "A number: 1 moves as the market does, 1.5 half as much more.",
    )
    rule.allowBlank = rule.showErrorMessage = True
    rule.add(BETA_INPUTS.area("beta", "beta", body=True))
    sheet.worksheet.add_data_validation(rule)
    for at, text in enumerate(
        ("* is every other coin.", "Blank: 1.", "No price falls below", "1 % of its mark."),
        _HEAD + BETA_ROWS + 1,
    ):
        sheet.put(f"{first}{at}", text, "caption")


_FOUND: Final = {"move": "move", "row": "count", "venue": "text", "symbol": "text"}


def _add_first(sheet: Sheet, model: Model) -> None:
    frame.add_section(
        sheet, FIRST_FAILURES.letter("direction"), _LAST, _HEAD - 1,
        "The market move at which the first box or pool fails (RF_JOINT_SHOCK, exact)",
    )  # fmt: skip
    heads = {FIRST_FAILURES.letter(name): name for name in FIRST_FAILURES.names}
    heads[_LAST] = "left then"
    words = [FIRST_FAILURES.letter(name) for name in ("direction", "venue", "symbol")]
    frame.add_heads(sheet, _HEAD, heads, left=words)
    for row, (way, moved) in enumerate((("down", _FALL), ("up", _RISE)), 1):
        sheet.put(FIRST_FAILURES.at("direction", row), way, "text")
        found = model.areas["joint"].cell("move", row)
        some = excel.figure(model.value("joint", "move", row))
        for name, look in _FOUND.items():
            source, value = model.areas["joint"].cell(name, row), model.value("joint", name, row)
            text = f'{source}&""' if look == "text" else source
            none = f'IF(LEFT({found}&"",5)="error","",{found}&"")' if name == "move" else '""'
            sheet.formula(
                FIRST_FAILURES.at(name, row),
                f"=IF(ISNUMBER({found}),{text},{none})",
                value if some or name == "move" else BLANK,
                look,
            )
        source = model.areas["common"].cell("left", moved)
        move = FIRST_FAILURES.at("move", row)
        left = model.shown("common", moved, when=some)
        sheet.formula(
            FIRST_FAILURES.at("left", row),
            f'=IF(AND(ISNUMBER({move}),ISNUMBER({source})),{source},"")',
            left["left"],
            "count",
        )


def _add_colours(sheet: Sheet) -> None:
    rules = sheet.worksheet.conditional_formatting
    for name in ("boxes_failed", "pools_failed"):
        cell = MOVE_FIGURES.at(name, 1)
        rules.add(MOVE_FIGURES.area(name, name, body=True), looks.fails_rule(f"N({cell})>0"))
    shares = MOVE_FIGURES.column("loss_share", abroad=False)
    rules.add(MOVE_FIGURES.area("loss_share", "loss_share", body=True), looks.loss_bar(shares))
