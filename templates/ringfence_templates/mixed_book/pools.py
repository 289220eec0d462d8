"""The sheet Pools: the cross pools, the highest margin ratio first."""

from typing import Final

from ringfence_templates import style
from ringfence_templates.mixed_book import layout
from ringfence_templates.mixed_book.model import POOL_LIGHTS, Model, Pool
from ringfence_templates.package import Value
from ringfence_templates.ranking import BLANK
from ringfence_templates.sheet import Book, Sheet

HEAD: Final = layout.POOLS_HEAD
_ROW: Final = "$O"  # column of the pool's row in what RF_ACCOUNTS returns

# Column -> (heading, width, look, column of RF_ACCOUNTS)
COLUMNS: Final = {
    "B": ("light", 12, "label", "light"),
    "C": ("account", 20, "text", "account"),
    "D": ("venue", 15, "text", "venue"),
    "E": ("currency", 10, "text", "currency"),
    "F": ("cross positions", 15, "count", "cross_positions"),
    "G": ("wallet without boxes", 19, "money", "wallet"),
    "H": ("unrealized PnL", 15, "money", "unrealized_pnl"),
    "I": ("balance", 16, "money", "margin_balance"),
    "J": ("requirement", 15, "money", "maintenance_requirement"),
    "K": ("margin ratio", 13, "percent", "margin_ratio"),
    "L": ("left above it", 16, "money", ""),
    "M": ("notional", 17, "money", "notional"),
    "N": ("leverage", 11, "multiple", "effective_leverage"),
}
_TEXTS: Final = ("text", "label")
_RIGHT: Final = ("count", "money", "percent", "multiple")


def add_pools(book: Book, model: Model) -> None:
    """Add the sheet."""
    sheet = book.sheet(layout.POOLS, tab_colour=style.NAVY)
    sheet.put("A1", "Pools", "title")
    sheet.worksheet.row_dimensions[1].height = 28
    sheet.formula("A2", _SENTENCE, sentence(model), "subtitle")
    sheet.put(
        "A3",
        "The cross positions of one account that share a wallet, less what stands in its isolated"
        " boxes. Liquidation at a ratio of 100 %; colours by the thresholds on Risk. Money in the"
        " pool's currency.",
        "caption",
    )
    heads = {"A": ("rank", "count"), "O": ("row", "count")}
    heads |= {column: (head, look) for column, (head, _, look, _) in COLUMNS.items()}
    for column, (head, look) in heads.items():
        side = " right" if look in _RIGHT else " center" if look == "label" else ""
        sheet.put(f"{column}{HEAD}", head, f"column head{side}")
    sheet.worksheet.row_dimensions[HEAD].height = 20
    for number in range(1, model.pool_room + 1):
        ranked = model.ranked_pools
        _add_row(sheet, number, ranked[number - 1] if number <= len(ranked) else None)
    last = HEAD + model.pool_room
    _add_colours(sheet, last)
    sheet.widths(A=7, O=7, **{column: width for column, (_, width, _, _) in COLUMNS.items()})
    sheet.worksheet.freeze_panes = f"D{HEAD + 1}"
    sheet.print_set_up(f"A1:O{last}", repeat_rows=f"{HEAD}:{HEAD}")


_COUNTS: Final = '&", "&'.join(
    f'COUNTIF(pool_light,"{light}")&" {light.lower()}"' for light in POOL_LIGHTS
)
_SENTENCE: Final = f'=COUNT(pool_rank)&" pools: "&{_COUNTS}'


def sentence(model: Model) -> str:
    """The line below the title."""
    counts = ", ".join(
        f"{sum(pool.light == light for pool in model.pools)} {light.lower()}"
        for light in POOL_LIGHTS
    )
    return f"{len(model.pools)} pools: {counts}"


def left_above(pool: Pool) -> Value:
    """What its balance has above the requirement."""
    balance, required = pool.cells["margin_balance"], pool.cells["maintenance_requirement"]
    assert isinstance(balance, float)
    assert isinstance(required, float)
    return balance - required


def _add_row(sheet: Sheet, number: int, pool: Pool | None) -> None:
    at, top = HEAD + number, HEAD + 1
    rank = f"ROWS($A${top}:$A{at})"
    sheet.formula(
        f"A{at}",
        f'=IF({rank}<=COUNT(pool_rank),{rank},"")',
        BLANK if pool is None else number,
        "count bare",
    )
    sheet.formula(
        f"O{at}",
        f'=IF($A{at}="","",MATCH($A{at},pool_rank,0))',
        BLANK if pool is None else pool.row,
        "count bare",
    )
    for column, (_, _, look, name) in COLUMNS.items():
        shown = f"INDEX(pool_{name},{_ROW}{at})" if name else f"I{at}-J{at}"
        if look in _TEXTS:
            shown += '&""'
        value: Value = BLANK
        if pool is not None:
            value = (
                pool.light if name == "light" else pool.cells[name] if name else left_above(pool)
            )
        sheet.formula(f"{column}{at}", f'=IF($A{at}="","",{shown})', value, f"{look} bare")


def _add_colours(sheet: Sheet, last: int) -> None:
    rules, first = sheet.worksheet.conditional_formatting, HEAD + 1
    for light in POOL_LIGHTS:
        rules.add(
            f"B{first}:B{last} K{first}:K{last}", style.light_rule(f'$B{first}="{light}"', light)
        )
    rules.add(f"A{first}:O{last}", style.row_line_rule(f'$A{first}<>""'))
