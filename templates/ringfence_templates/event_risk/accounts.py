"""The sheet Accounts: the wallets that cross positions draw on."""

from typing import Final

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table, TableFormula, TableStyleInfo

from ringfence.accounts import COLUMNS as ACCOUNT_COLUMNS
from ringfence_templates import style
from ringfence_templates.event_risk import excel, layout
from ringfence_templates.event_risk.cells import account_check
from ringfence_templates.event_risk.layout import ACCOUNTS_TABLE, TABLE
from ringfence_templates.event_risk.model import Model
from ringfence_templates.given import Given
from ringfence_templates.ranking import BLANK
from ringfence_templates.sheet import Book, Sheet

HEAD: Final = layout.ACCOUNTS_HEAD
COLUMNS: Final = ("check", *ACCOUNT_COLUMNS, "boxes", "cross_positions")
LETTER: Final = {name: get_column_letter(at) for at, name in enumerate(COLUMNS, 1)}
_WIDTHS: Final = (22, 22, 16, 18, 12, 12, 18, 19, 12, 17)
_LOOKS: Final = {
    "account": "input text",
    "venue": "input choice",
    "wallet_balance": "input price",
    "currency": "input text",
    "price": "input price",
    "collateral_mode": "input choice",
    "collateral_weight": "input number",
}
_REQUIRED: Final = ("check", *ACCOUNT_COLUMNS[:3], "boxes", "cross_positions")
_RIGHT: Final = ("wallet_balance", "price", "collateral_weight", "boxes", "cross_positions")


def _this(column: str) -> str:
    return f"{ACCOUNTS_TABLE}[[#This Row],[{column}]]"


_GIVEN: Final = f"{ACCOUNTS_TABLE}[[#This Row],[{ACCOUNT_COLUMNS[0]}]:[{ACCOUNT_COLUMNS[-1]}]]"
_BLANK: Final = f'IF(COUNTA({_GIVEN})=0,"",'


def _amiss(column: str, *also: str) -> str:
    """That a cell is filled, but with no number from 0 up."""
    cell = _this(column)
    faults = ",".join((f"NOT(ISNUMBER({cell}))", f"N({cell})<0", *also))
    return f'AND({cell}<>"",OR({faults}))'


def _no_word_of(words: str, column: str) -> str:
    return f'SUMPRODUCT(--({words}={_this(column)}&""))=0'


_FAULTS: Final = {
    "venue": _no_word_of("list_venue", "venue"),
    "wallet_balance": f"NOT(ISNUMBER({_this('wallet_balance')}))",
    "price": _amiss("price"),
    "collateral_mode": f'AND({_this("collateral_mode")}<>"",'
    f"{_no_word_of('list_collateral_mode', 'collateral_mode')})",
    "collateral_weight": _amiss("collateral_weight", f"N({_this('collateral_weight')})>1"),
}
_CHECK: Final = (
    f"={_BLANK}"
    + "".join(f'IF({fault},"fix {name}",' for name, fault in _FAULTS.items())
    + '"ok"'
    + ")" * (len(_FAULTS) + 1)
)
_HERE: Final = (
    f"({TABLE}[account]={_this('account')})*({TABLE}[venue]={_this('venue')})"
    f'*(LEFT({TABLE}[margin_mode],5){{sign}}"cross")*({TABLE}[venue]<>"")'
)
_COUNTS: Final = {
    name: f"={_BLANK}SUMPRODUCT({_HERE.format(sign=sign)}))"
    for name, sign in (("boxes", "<>"), ("cross_positions", "="))
}


def add_accounts(book: Book, model: Model) -> None:
    """Add the sheet with its table."""
    sheet = book.sheet(layout.ACCOUNTS, tab_colour=style.INPUT_INK)
    sheet.put("A1", "Accounts", "title")
    sheet.worksheet.row_dimensions[1].height = 28
    sheet.put(
        "A2",
        "One wallet a row: its balance without unrealized PnL, with the margin of the account's"
        " isolated boxes in it. Accounts with cross positions need a row; of others it tells what"
        " stands idle.",
        "subtitle",
    )
    sheet.put(f"B{HEAD - 1}", "Required", "caption")
    sheet.put(f"{LETTER['currency']}{HEAD - 1}", "Optional", "caption")
    sheet.put(f"{LETTER['boxes']}{HEAD - 1}", "In Positions under that name", "caption")
    for name in COLUMNS:
        head = "column head" if name in _REQUIRED else "column head optional"
        side = " right" if name in _RIGHT else ""
        sheet.put(f"{LETTER[name]}{HEAD}", name, f"{head}{side}")
    sheet.worksheet.row_dimensions[HEAD].height = 20
    last = HEAD + model.account_capacity
    for at in range(model.account_capacity):
        row = model.accounts[at] if at < len(model.accounts) else None
        _add_row(sheet, model, HEAD + 1 + at, row)
    _add_table(sheet, last)
    _add_validations(sheet, last)
    check = f"$A{HEAD + 1}"
    rules = sheet.worksheet.conditional_formatting
    rules.add(f"A{HEAD + 1}:A{last}", style.light_rule(f'LEFT({check},3)="fix"', "Error"))
    rules.add(f"A{HEAD + 1}:A{last}", style.light_rule(f'{check}="ok"', "Green"))
    sheet.widths(**dict(zip(LETTER.values(), _WIDTHS, strict=True)))
    sheet.worksheet.freeze_panes = f"C{HEAD + 1}"
    sheet.print_set_up(f"A1:{LETTER[COLUMNS[-1]]}{last}", repeat_rows=f"{HEAD}:{HEAD}")


def _add_row(sheet: Sheet, model: Model, at: int, row: Given | None) -> None:
    for name in ACCOUNT_COLUMNS:
        sheet.put(f"{LETTER[name]}{at}", row[name] if row else None, _LOOKS[name])
    sheet.formula(f"A{at}", _CHECK, account_check(row) if row else BLANK, "text")
    for name, formula in _COUNTS.items():
        count = _count(model, row, cross=name == "cross_positions") if row else BLANK
        sheet.formula(f"{LETTER[name]}{at}", formula, count, "count")


def _count(model: Model, account: Given, *, cross: bool) -> int:
    return sum(
        row.is_cross == cross
        and row.given["venue"] is not None
        and all(excel.same(row.given[name], account[name]) for name in ("account", "venue"))
        for row in model.rows
    )


def _add_table(sheet: Sheet, last: int) -> None:
    table = Table(displayName=ACCOUNTS_TABLE, ref=f"A{HEAD}:{LETTER[COLUMNS[-1]]}{last}")
    table._initialise_columns()  # type: ignore[attr-defined]
    table.autoFilter = None  # its buttons would cover the heads of figures
    formulas = {"check": _CHECK, **_COUNTS}
    for column, name in zip(table.tableColumns, COLUMNS, strict=True):
        column.name = name
        if name in formulas:  # Excel fills it down when the table grows
            column.calculatedColumnFormula = TableFormula(attr_text=formulas[name][1:])
    table.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=False)
    sheet.worksheet.add_table(table)


def _add_validations(sheet: Sheet, last: int) -> None:
    for name, source in (("venue", "list_venue"), ("collateral_mode", "list_collateral_mode")):
        rule = DataValidation("list", formula1=source, allow_blank=True)
        rule.errorTitle, rule.error = name, "Choose from the list."
        _apply(sheet, rule, name, last)
    for name, bounds, told in (
        ("wallet_balance", ("-1E+15", "1E+15"), "A number: the wallet without unrealized PnL."),
        ("price", ("0", "1E+12"), "Dollars a unit of the currency, above 0."),
        ("collateral_weight", ("0", "1"), "A fraction: what a coin counts for, 0 to 1."),
    ):
        rule = DataValidation(
            "decimal", operator="between", formula1=bounds[0], formula2=bounds[1], allow_blank=True
        )
        rule.errorTitle, rule.error = name, told
        _apply(sheet, rule, name, last)


def _apply(sheet: Sheet, rule: DataValidation, name: str, last: int) -> None:
    rule.showErrorMessage = True
    rule.add(f"{LETTER[name]}{HEAD + 1}:{LETTER[name]}{last}")
    sheet.worksheet.add_data_validation(rule)
