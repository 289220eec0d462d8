"""The sheet Accounts: the wallets that people fill in, and what stands on each."""

from typing import Final

from ringfence import accounts
from ringfence_templates import entry, style
from ringfence_templates.given import WALLET_INPUTS, WALLET_REQUIRED
from ringfence_templates.mixed_book import beside, layout
from ringfence_templates.mixed_book.model import Model
from ringfence_templates.mixed_book.wallets import Wallet
from ringfence_templates.package import Value
from ringfence_templates.ranking import BLANK
from ringfence_templates.sheet import Book, Sheet

HEAD: Final = layout.ACCOUNTS_HEAD
# Column of the table -> the name in Calc that it shows, and its look
SHOWN: Final = {
    "check": ("check", "text"),
    "positions": ("positions", "count"),
    "cross_positions": ("cross", "count"),
    "in_boxes_usd": ("boxed", "money"),
}
COLUMNS: Final = ("check", *WALLET_INPUTS, *list(SHOWN)[1:])
LETTER: Final = {name: chr(ord("A") + at) for at, name in enumerate(COLUMNS)}

_WIDTHS: Final = {
    "check": 22,
    "account": 20,
    "venue": 16,
    "wallet_balance": 17,
    "currency": 12,
    "price": 13,
    "collateral_mode": 18,
    "collateral_weight": 18,
    "positions": 12,
    "cross_positions": 17,
    "in_boxes_usd": 16,
}
_STYLES: Final = {
    "account": "input text",
    "venue": "input choice",
    "wallet_balance": "input price",
    "currency": "input choice",
    "price": "input price",
    "collateral_mode": "input choice",
}
_RIGHT: Final = frozenset({*accounts.NUMBERS, *list(SHOWN)[1:]})
_ROW: Final = f"ROW()-ROW({layout.WALLETS}[[#Headers],[venue]])"
_BEYOND: Final = {"check": "not computed: see Notes"}


def formula(name: str) -> str:
    """A computed column's formula, the same in each row."""
    beyond = _BEYOND.get(name, "")
    return f'=IFERROR(INDEX(acc_{SHOWN[name][0]},{_ROW}),"{beyond}")'


def add_accounts(book: Book, model: Model) -> None:
    """Add the sheet with the table, its lists and checks."""
    sheet = book.sheet(layout.ACCOUNTS, tab_colour=style.INPUT_INK)
    _add_heading(sheet, model)
    for number in range(1, model.wallet_capacity + 1):
        its = model.wallets[number - 1] if number <= len(model.wallets) else None
        _add_row(sheet, HEAD + number, its)
    last = HEAD + model.wallet_capacity
    entry.add_table(
        sheet,
        layout.WALLETS,
        f"A{HEAD}:{LETTER['in_boxes_usd']}{last}",
        COLUMNS,
        {name: formula(name) for name in SHOWN},
    )
    _add_validations(sheet, last)
    _add_colours(sheet, last)
    sheet.widths(**{LETTER[name]: width for name, width in _WIDTHS.items()})
    sheet.worksheet.freeze_panes = f"{LETTER['venue']}{HEAD + 1}"
    sheet.print_set_up(f"A1:{LETTER['in_boxes_usd']}{last}", repeat_rows=f"{HEAD}:{HEAD}")


def _add_heading(sheet: Sheet, model: Model) -> None:
    sheet.put("A1", "Accounts", "title")
    sheet.put(
        "A2",
        "One wallet a row: its balance without unrealized PnL, with the margin of its isolated"
        " boxes in it. Positions name their account; one without a name takes the only account of"
        " its venue.",
        "subtitle",
    )
    sheet.put("A4", "Free in the accounts (USD)", "text")
    sheet.put("B4", None, "text")
    sheet.formula("C4", f"={beside.total('idle')}", model.idle, "money")
    sheet.put(
        "D4", " in no box and behind no cross position; it counts in the book's equity", "caption"
    )
    sheet.put(f"{LETTER['account']}5", "Required (currency: where there are several)", "caption")
    sheet.put(f"{LETTER['price']}5", "Optional: coins as collateral", "caption")
    sheet.put(f"{LETTER['positions']}5", "Computed", "caption")
    for name in COLUMNS:
        required = name in WALLET_REQUIRED or name in SHOWN
        head = "column head" if required else "column head optional"
        side = " right" if name in _RIGHT else ""
        sheet.put(f"{LETTER[name]}{HEAD}", name, f"{head}{side}")
    sheet.worksheet.row_dimensions[1].height = 28
    sheet.worksheet.row_dimensions[HEAD].height = 20


def _add_row(sheet: Sheet, at: int, its: Wallet | None) -> None:
    for name in WALLET_INPUTS:
        cell = None if its is None else its.given[name]
        sheet.put(f"{LETTER[name]}{at}", cell, _STYLES.get(name, "input number"))
    for name, (of_calc, look) in SHOWN.items():
        value: Value = BLANK if its is None else getattr(its, of_calc)
        sheet.formula(f"{LETTER[name]}{at}", formula(name), value, look)


def _add_validations(sheet: Sheet, last: int) -> None:
    def area(name: str) -> str:
        return f"{LETTER[name]}{HEAD + 1}:{LETTER[name]}{last}"

    entry.add_choice(sheet, area("venue"), "venue", "Choose from the list.")
    entry.add_choice(
        sheet,
        area("currency"),
        "dollars",
        "What the wallet holds: a dollar from the list, or a coin such as BTC. Needed where an"
        " account's positions settle in several.",
        strict=False,
    )
    entry.add_choice(
        sheet,
        area("collateral_mode"),
        "collateral_mode",
        "multi: all balances of the account back its positions, each at its price and weight."
        " Blank: single.",
    )
    for name, field in accounts.NUMBERS.items():
        entry.add_number(sheet, area(name), field)


def _add_colours(sheet: Sheet, last: int) -> None:
    first = HEAD + 1
    rules = sheet.worksheet.conditional_formatting
    faulty = f'OR(LEFT($A{first},3)="fix",LEFT($A{first},3)="not")'
    rules.add(f"A{first}:A{last}", style.light_rule(faulty, "Error"))
    rules.add(f"A{first}:A{last}", style.light_rule(f'$A{first}="ok"', "Green"))
