"""The sheet Path: the venue's liquidation step by step, and auto-margin before it."""

from typing import Final

from openpyxl.workbook.defined_name import DefinedName

from ringfence.dynamics import FILL_COLUMNS, Refill
from ringfence_templates import style
from ringfence_templates.position_sizer import answers, checks, layout, look, told
from ringfence_templates.position_sizer.told import BLANK, Told, equal, is_number, joined, when
from ringfence_templates.position_sizer.workings import REFILLS, STEPS, Workings
from ringfence_templates.sheet import Book, Sheet

_SUMMARY: Final = 6  # row of the tiles
HEAD: Final = 12  # of the steps
_LAST: Final = HEAD + STEPS
_COLUMNS: Final = "BCDEFGHIJK"
_ADDED_COLUMNS: Final = "MNOPQ"  # beside the steps
_ABOUT_STEPS: Final = (
    "price: where the venue acts; filled at: with the slippage of the sheet Sizer; next price:"
    " where what is left is liquidated"
)
_STEP_LOOKS: Final = {
    "step": ("step", "count"),
    "action": ("what is done", "text"),
    "price": ("price", "price"),
    "fill_price": ("filled at", "price"),
    "size_closed": ("size closed", "quantity"),
    "size_left": ("size left", "quantity"),
    "realized_pnl": ("PnL taken", "coins"),
    "fee": ("fee", "coins"),
    "margin_left": ("margin left", "coins"),
    "liquidation_price": ("next price", "price"),
}
_ADDED_LOOKS: Final = {
    "price": ("price", "price"),
    "added": ("margin added", "coins"),
    "account_left": ("left in account", "coins"),
    "wallet": ("margin then", "coins"),
    "liquidation_price": ("liquidated then at", "price"),
}


def add_path(book: Book, its: Workings) -> None:
    """Add the sheet; it holds the input gap."""
    sheet = book.sheet(layout.PATH, tab_colour=style.RED)
    sheet.put("B1", "Path", "title")
    sheet.worksheet.row_dimensions[1].height = 28
    words = answers.subject(its)
    sheet.formula("B2", f"={words.formula}", words.value, "subtitle")
    problem = _problem(its)
    sheet.formula("B3", f"={problem.formula}", problem.value, "warning")
    _add_gap(book, sheet, its)
    _add_summary(sheet, its)
    _section(sheet, _COLUMNS, HEAD - 2, "Liquidation, step by step, while the price goes on")
    sheet.put(f"B{HEAD - 1}", _ABOUT_STEPS, "caption")
    _add_block(sheet, its, "path", _COLUMNS, _STEP_LOOKS, ("step", *FILL_COLUMNS))
    bar = look.share_bar(style.STEEL)
    sheet.worksheet.conditional_formatting.add(f"G{HEAD + 1}:G{_LAST}", bar)
    _section(sheet, _ADDED_COLUMNS, HEAD - 2, "Auto-margin before it, until the account is dry")
    _add_block(sheet, its, "added", _ADDED_COLUMNS, _ADDED_LOOKS, Refill._fields)
    about = _about_added(its)
    sheet.formula(f"M{HEAD - 1}", f"={about.formula}", about.value, "caption")
    sheet.widths(A=2, B=6, C=17, D=13, E=13, F=12, G=13, H=13, I=11, J=13, K=12, L=3)
    sheet.widths(**dict.fromkeys("MNOP", 14.0), Q=16)
    sheet.worksheet.freeze_panes = "A4"
    sheet.print_set_up(f"A1:Q{_LAST}", one_page=True)


def _section(sheet: Sheet, columns: str, row: int, text: str) -> None:
    for column in columns:
        sheet.put(f"{column}{row}", None, "section")
    sheet.put(f"{columns[0]}{row}", text, "section")


def _steps(its: Workings) -> Told:
    return its.named("path_steps")


def _problem(its: Workings) -> Told:
    """Why there is no path, or not all of it; '' where there is."""
    rows, steps = its.tables["path"].rows, _steps(its)
    shown = when(
        rows < 2,
        answers.polite(its.tables["path"].says),
        when(
            equal(steps, 0),
            "No price liquidates this box: there is no path.",
            when(
                steps > STEPS,
                joined(f"The first {STEPS} of ", steps, " steps are shown; the totals count all."),
                BLANK,
            ),
        ),
    )
    return answers.first_of(answers.warning(its), shown)


def _add_gap(book: Book, sheet: Sheet, its: Workings) -> None:
    sheet.put("B4", layout.GAP.name, "text")
    sheet.put(layout.GAP_CELL, its.trade.given.get(layout.GAP.name), layout.GAP.look)
    sheet.put("D4", layout.GAP.hint, "beside bare")
    text = layout.absolute(layout.PATH, layout.GAP_CELL)
    book.workbook.defined_names[layout.GAP.name] = DefinedName(layout.GAP.name, attr_text=text)
    for _, rule in checks.of_inputs([layout.GAP]):
        rule.add(layout.GAP_CELL)
        sheet.worksheet.add_data_validation(rule)


_TILES: Final = (("B", "C"), ("D", "E"), ("F", "G"), ("H", "I"), ("J", "K"))


def _add_summary(sheet: Sheet, its: Workings) -> None:
    """Who gets what was in the box."""
    fee_note = joined(its.named("path_fee_note"), "")
    tiles: tuple[tuple[str, Told, Told | str], ...] = (
        ("Steps", when(its.tables["path"].rows < 2, BLANK, _steps(its)), "until it is closed"),
        ("To the market", its.named("path_to_market"), "lost since entry"),
        ("Fees", its.named("path_fees"), fee_note),
        ("To the trader", its.named("path_to_trader"), "of what is left"),
        ("To the venue", its.named("path_to_venue"), "of what is left"),
    )
    for (first, last), (label, shown, about) in zip(_TILES, tiles, strict=True):
        for row in range(_SUMMARY, _SUMMARY + 3):
            sheet.worksheet.merge_cells(f"{first}{row}:{last}{row}")
            for column in _COLUMNS[_COLUMNS.index(first) : _COLUMNS.index(last) + 1]:
                sheet.put(f"{column}{row}", None, "tile label")
        sheet.put(f"{first}{_SUMMARY}", label, "tile label")
        cell, value = f"{first}{_SUMMARY + 1}", told.as_value(shown.value)
        kind = "tile count" if label == "Steps" else "tile amount"
        sheet.formula(cell, f"={shown.formula}", value, kind)
        if kind == "tile amount":
            sheet.worksheet.conditional_formatting.add(cell, look.money_rule(cell))
        cell = f"{first}{_SUMMARY + 2}"
        if isinstance(about, str):
            sheet.put(cell, about, "tile text")
        else:
            sheet.formula(cell, f"={about.formula}", about.value, "tile text")
    sheet.worksheet.row_dimensions[_SUMMARY + 1].height = 26
    beyond = _beyond(its)
    sheet.formula(f"B{_SUMMARY + 3}", f"={beyond.formula}", beyond.value, "caption")


def _beyond(its: Workings) -> Told:
    """What is lost beyond the box, or stays in it; '' where that is nothing."""
    short, stays = its.named("path_shortfall"), its.named("path_left_in_box")
    return when(
        is_number(short),
        when(
            short > 0,
            joined("Lost beyond the box: ", told.amount(short), ". The venue's fund carries it."),
            when(
                is_number(stays),
                when(stays > 0, joined("Stays in the box: ", told.amount(stays), "."), BLANK),
                BLANK,
            ),
        ),
        BLANK,
    )


def _add_block(
    sheet: Sheet,
    its: Workings,
    prefix: str,
    columns: str,
    looks: dict[str, tuple[str, str]],
    fields: tuple[str, ...],
) -> None:
    """A table of ours row by row; rows without a step are blank and have no line."""
    first, last = HEAD + 1, HEAD + its.tables[prefix].shape[0] - 1
    rules = sheet.worksheet.conditional_formatting
    for at, (column, field) in enumerate(zip(columns, fields, strict=True)):
        name, kind = looks[field]
        sheet.put(f"{column}{HEAD}", name, "column head" if kind == "text" else "column head right")
        for row in range(first, last + 1):
            used = is_number(its.cell(prefix, row - HEAD, 0))
            cell = its.cell(prefix, row - HEAD, at)
            if field == "action":
                words = str(cell.value).replace("_", " ")
                cell = Told(f'SUBSTITUTE({cell.formula},"_"," ")', words)
            shown = when(used, cell, BLANK)
            value = told.as_value(shown.value)
            sheet.formula(f"{column}{row}", f"={shown.formula}", value, f"{kind} bare")
        if kind == "coins":
            rule = look.money_rule(f"{column}{first}", lined=True)
            rules.add(f"{column}{first}:{column}{last}", rule)
    lined = style.row_line_rule(f'${columns[0]}{first}<>""')
    rules.add(f"{columns[0]}{first}:{columns[-1]}{last}", lined)


def _about_added(its: Workings) -> Told:
    """What stands above the refills, or in their place."""
    rows, free = its.tables["added"].rows, its.named("calc_account_free")
    refills = rows - 1
    told_so = when(
        rows < 1,
        BLANK,
        when(
            rows < 2,
            answers.first_of(
                answers.polite(its.tables["added"].says),
                "Nothing is added: no price liquidates this box, or the account cannot pay.",
            ),
            when(
                refills > REFILLS,
                joined(f"The first {REFILLS} of ", refills, " times are shown."),
                joined("By the venue's rule, from ", told.amount(free), " free in the account."),
            ),
        ),
    )
    return when(
        equal(its.named("calc_fine"), 0),
        BLANK,
        when(
            is_number(free),
            when(free <= 0, "Nothing is free in the account: all of it is in the box.", told_so),
            "Give wallet_balance on the sheet Sizer to see it.",
        ),
    )
