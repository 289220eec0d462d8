"""The sheet Calc: each RF_ formula once for the whole book, and what is derived from it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.workbook.defined_name import DefinedName

from ringfence_addin.formulas.book import ACCOUNT_ROWS
from ringfence_addin.functions import RISK_COLUMNS
from ringfence_templates import style
from ringfence_templates.given import WALLET_INPUTS
from ringfence_templates.mixed_book import charts, derived, layout, wallets
from ringfence_templates.mixed_book.layout import CALC_LETTER as C
from ringfence_templates.mixed_book.layout import EXPOSURE_LETTER as E
from ringfence_templates.mixed_book.layout import INPUTS
from ringfence_templates.mixed_book.layout import JOINT_LETTER as J
from ringfence_templates.mixed_book.layout import POOL_LETTER as P
from ringfence_templates.mixed_book.layout import RISK_LETTER as R
from ringfence_templates.mixed_book.layout import WALLET_LETTER as W
from ringfence_templates.mixed_book.model import CROSS, Model
from ringfence_templates.package import Value
from ringfence_templates.positions_sheet import AS_OF
from ringfence_templates.ranking import BLANK, ERROR
from ringfence_templates.sheet import Book, Sheet

HEAD: Final = layout.CALC_HEAD
_BOOK: Final = f"{layout.TABLE}[[#All],[{INPUTS[0]}]:[{INPUTS[-1]}]]"
_PURSE: Final = f"{layout.WALLETS}[[#All],[{WALLET_INPUTS[0]}]:[{WALLET_INPUTS[-1]}]]"
RISK_CALL: Final = f"RF_RISK({_BOOK},{AS_OF},{_PURSE})"
ACCOUNTS_CALL: Final = f"RF_ACCOUNTS({_BOOK},{_PURSE},{AS_OF})"
EXPOSURE_CALL: Final = f"RF_EXPOSURE({_BOOK},{_PURSE},,{AS_OF})"
JOINT_CALL: Final = f"RF_JOINT_SHOCK({_BOOK},,{_PURSE},{AS_OF})"

LAST_ROW: Final = "calc_last_row"
POOLED: Final = "calc_pooled"
_POOLED: Final = '=COUNTIFS(calc_mode,"cross",calc_state,"<>error")'
_WIDTHS: Final = {
    "status": 22,
    "notional": 15,
    "unrealized_pnl": 15,
    "sort_key": 15,
    "boxed": 16,
    "account": 16,
}
_EXPOSURE_BLOCK: Final = layout.EXPOSURE_COLUMNS[2:]
# The columns of formulas that return their own header row
_HEADED: Final = frozenset({*R.values(), *J.values(), *(P[name] for name in ACCOUNT_ROWS)})


def add_calc(book: Book, model: Model) -> None:
    """Add the sheet, hidden, and the names calc_, risk_, acc_, pool_ and exposure_..."""
    sheet = book.sheet(layout.CALC, tab_colour=style.GREY)
    sheet.worksheet.sheet_state = "hidden"  # nobody prints the workings with the book
    _add_heading(book, sheet, model)
    _add_rows(sheet, C, derived.row_formulas(), [_of(row) for row in model.rows], model.capacity)
    _add_rows(
        sheet, W, wallets.formulas(), [_of(its) for its in model.wallets], model.wallet_capacity
    )
    _add_risk(sheet, model)
    _add_pools(sheet, model)
    _add_exposure(sheet, model)
    rows = len(model.joint) - 1
    _add_block(sheet, J, list(J), JOINT_CALL, model.joint, rows, str(rows))
    charts.add_figures(sheet, model)
    _add_names(book, model)
    _set_up(sheet)


def _of(its: Any) -> dict[str, Value]:
    """The columns of Calc that an object of the model has."""
    names = {*layout.CALC_COLUMNS, *layout.WALLET_COLUMNS, *layout.POOL_EXTRAS}
    return {name: getattr(its, name) for name in names if hasattr(its, name)}


def _add_heading(book: Book, sheet: Sheet, model: Model) -> None:
    sheet.put("A1", "Calc", "title")
    sheet.put(
        "A2",
        "The workings: nothing to type here. RF_RISK, RF_ACCOUNTS, RF_EXPOSURE and RF_JOINT_SHOCK"
        " are called once each; the other columns derive from them what the sheets show.",
        "subtitle",
    )
    sheet.worksheet.row_dimensions[1].height = 28
    _add_single_cells(book, sheet, model)
    for letters, caption in (
        (C, "By row of the table Positions (names calc_...)"),
        (R, "RF_RISK of the whole table in one array formula (names risk_...)"),
        (W, "By row of the table Accounts (names acc_...)"),
        (P, "RF_ACCOUNTS, ranked by margin ratio (names pool_...)"),
        (E, "RF_EXPOSURE (names exposure_...); the first two columns copy its texts for MATCH"),
        (J, "RF_JOINT_SHOCK"),
        (layout.CHART_LETTER, "Figures of the charts"),
    ):
        first, last = (column_index_from_string(list(letters.values())[at]) for at in (0, -1))
        for column in range(first, last + 1):
            sheet.put(f"{get_column_letter(column)}{HEAD - 1}", None, "section")
        sheet.put(f"{get_column_letter(first)}{HEAD - 1}", caption, "section")
        for name, letter in letters.items():
            if letter not in _HEADED:
                sheet.put(f"{letter}{HEAD}", name, "column head")


def _add_single_cells(book: Book, sheet: Sheet, model: Model) -> None:
    """Figures of one cell each, with names."""
    starts = {
        name: (f"Row of {kind}", f'=IFERROR(MATCH("{kind}",exposure_kind,0),0)',
               model.exposure.start(kind), "count")
        for kind, name in derived.STARTS.items()
    }  # fmt: skip
    used = "=SUMPRODUCT(MAX(calc_used*calc_row))"
    cells: dict[str, tuple[str, str, Value, str]] = {
        LAST_ROW: ("Last row", used, len(model.rows), "count"),
        POOLED: ("Cross rows", _POOLED, _pooled(model), "count"),
        **starts,
    }
    for number, (name, (label, formula, value, look)) in enumerate(cells.items(), 1):
        at = get_column_letter(2 * number)
        sheet.put(f"{get_column_letter(2 * number - 1)}3", label, "caption right")
        sheet.formula(f"{at}3", formula, value, look)
        book.workbook.defined_names[name] = DefinedName(name, attr_text=f"{layout.CALC}!${at}$3")


def _pooled(model: Model) -> int:
    return sum(row.state != ERROR for row in model.of_mode(CROSS))


def _add_rows(
    sheet: Sheet,
    letters: Mapping[str, str],
    formulas: Mapping[str, str],
    rows: Sequence[Mapping[str, Value]],
    capacity: int,
) -> None:
    """A formula a cell, row by row; those of spare rows show nothing."""
    spare = derived.SPARE if letters is C else wallets.SPARE
    for number in range(1, capacity + 1):
        at = HEAD + number
        values = rows[number - 1] if number <= len(rows) else spare
        sheet.put(f"{letters['row']}{at}", number, "count")
        for name, formula in formulas.items():
            sheet.formula(
                f"{letters[name]}{at}",
                formula.replace("{r}", str(at)),
                values[name],
                derived.LOOKS.get(name, "number"),
            )


def _add_block(
    sheet: Sheet,
    letters: Mapping[str, str],
    names: Sequence[str],
    call: str,
    table: Sequence[Sequence[Value]],
    room: int,
    most: str,
) -> None:
    """One array formula with its own header row, and room below it.

    ``most``: the rows below the header that there may be. A header alone must not be repeated:
    arrays of one row are, to fill the block.
    """
    first, last, end = letters[names[0]], letters[names[-1]], HEAD + room
    width = len(names)
    values = [[*line, *[BLANK] * (width - len(line))] for line in table]
    values += [[BLANK] * width for _ in range(room + 1 - len(table))]
    # ROW() makes the result as tall as the block wherever it is computed; IFERROR empties the rows
    # that the formula does not fill.
    top = f"${first}${HEAD}"
    rows = f"ROW({top}:${first}${end})-ROW({top})<={most}"
    sheet.array(
        f"{first}{HEAD}:{last}{end}", f'=IFERROR(IF({rows},{call},""),"")', values, "number"
    )
    sheet.restyle(f"{first}{HEAD}:{last}{HEAD}", "column head")
    for name in names:
        if look := derived.LOOKS.get(name):
            sheet.restyle(f"{letters[name]}{HEAD + 1}:{letters[name]}{end}", look)


def _add_risk(sheet: Sheet, model: Model) -> None:
    table: list[list[Value]] = [
        list(RISK_COLUMNS),
        *([row.risk[name] for name in RISK_COLUMNS] for row in model.rows),
    ]
    _add_block(sheet, R, RISK_COLUMNS, RISK_CALL, table, model.capacity, LAST_ROW)


def _add_pools(sheet: Sheet, model: Model) -> None:
    rows = [[pool.cells[name] for name in ACCOUNT_ROWS] for pool in model.pools]
    # Without pools RF_ACCOUNTS says why, in one cell: Positions says it row by row.
    table: list[list[Value]] = [list(ACCOUNT_ROWS), *rows] if _pooled(model) else []
    most = f"{POOLED}-({POOLED}=0)"
    _add_block(sheet, P, ACCOUNT_ROWS, ACCOUNTS_CALL, table, model.pool_room, most)
    formulas = derived.pool_formulas()
    for number in range(1, model.pool_room + 1):
        at = HEAD + number
        pool = model.pools[number - 1] if number <= len(model.pools) else None
        values = _of(pool) if pool else dict.fromkeys(layout.POOL_EXTRAS, BLANK)
        sheet.put(f"{P['row']}{at}", number, "count")
        for name, formula in formulas.items():
            sheet.formula(f"{P[name]}{at}", formula.replace("{r}", str(at)), values[name], "number")


def _add_exposure(sheet: Sheet, model: Model) -> None:
    """The block starts in the row below the heads: it has none that goes for all of it."""
    table, room = model.exposure.table, model.exposure_room
    first, last = E[_EXPOSURE_BLOCK[0]], E[_EXPOSURE_BLOCK[-1]]
    width, end = len(_EXPOSURE_BLOCK), HEAD + room
    values = [[*line, *[BLANK] * (width - len(line))] for line in table]
    values += [[BLANK] * width for _ in range(room - len(table))]
    rows = f"ROW(${first}${HEAD + 1}:${first}${end})>0"
    sheet.array(
        f"{first}{HEAD + 1}:{last}{end}",
        f'=IFERROR(IF({rows},{EXPOSURE_CALL},""),"")',
        values,
        "number",
    )
    for number, line in enumerate(values, HEAD + 1):
        for name, array in (("kind", "kind_array"), ("name", "name_array")):
            value = line[_EXPOSURE_BLOCK.index(array)]
            sheet.formula(f"{E[name]}{number}", f'={E[array]}{number}&""', value, "text")


def _add_names(book: Book, model: Model) -> None:
    for prefix, letters, rows in (
        ("calc", C, model.capacity),
        ("risk", R, model.capacity),
        ("acc", W, model.wallet_capacity),
        ("pool", P, model.pool_room),
        ("exposure", E, model.exposure_room),
    ):
        for name, letter in letters.items():
            title, area = f"{prefix}_{name}", layout.body(letter, HEAD, rows)
            book.workbook.defined_names[title] = DefinedName(
                title, attr_text=f"{layout.CALC}!{area}"
            )


def _set_up(sheet: Sheet) -> None:
    for letters in (C, R, W, P, E, J, layout.CHART_LETTER):
        for name, letter in letters.items():
            width = _WIDTHS.get(name, max(11, len(name) + 2))
            sheet.worksheet.column_dimensions[letter].width = width
    sheet.worksheet.column_dimensions[R["status"]].width = 60
    sheet.worksheet.freeze_panes = f"B{HEAD + 1}"
    # No area: LibreOffice prints hidden sheets that have one, and only sheets that have one.
    sheet.print_set_up(None, repeat_rows=f"{HEAD}:{HEAD}")
