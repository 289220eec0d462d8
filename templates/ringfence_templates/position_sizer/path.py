"""The sheet Path: the venue's liquidation step by step, and auto-margin before it."""

from typing import Final

from openpyxl.workbook.defined_name import DefinedName

from ringfence.dynamics import FILL_COLUMNS, Refill
from ringfence_templates import style
from ringfence_templates.position_sizer import answers, checks, layout, look, told
from ringfence_templates.position_sizer.told import BLANK, Told, equal, every, is_number, joined, when
from ringfence_templates.position_sizer.workings import REFILLS, STEPS, Workings
from ringfence_templates.sheet import Book, Sheet

_SUMMARY: Final = 6  # row of the tiles
HEAD: Final = 12  # of the steps
_LAST: Final = HEAD + STEPS
ADDED_HEAD: Final = _LAST + 5
_END: Final = ADDED_HEAD + REFILLS
_COLUMNS: Final = "BCDEFGHIJK"
_STEP_LOOKS: Final = {
    "step": ("step", "count"),
    "action": ("what is done", "text"),
    "price": ("price", "price"),
    "fill_price": ("filled at", "price"),
    "size_closed": ("size closed", "decimal"),
    "size_left": ("size left", "decimal"),
    "realized_pnl": ("PnL taken", "amount"),
    "fee": ("fee", "amount"),
    "margin_left": ("margin left", "amount"),
    "liquidation_price": ("next price", "price"),
}
_ADDED_LOOKS: Final = {
    "price": ("price", "price"),
    "added": ("margin added", "amount"),
    "account_left": ("left in account", "amount"),
    "wallet": ("margin then", "amount"),
    "liquidation_price": ("liquidated then at", "price"),
}
