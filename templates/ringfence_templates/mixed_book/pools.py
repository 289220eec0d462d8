"""The sheet Pools: the cross pools, the highest margin ratio first."""

from typing import Final

from ringfence_templates import style
from ringfence_templates.mixed_book import layout
from ringfence_templates.mixed_book.model import POOL_LIGHTS, Model, Pool
from ringfence_templates.package import Value
from ringfence_templates.ranked_sheet import Column, Ranked, RankedSheet, figure, text
from ringfence_templates.sheet import Book, Sheet

# Head of a column -> what RF_ACCOUNTS calls it
_CELLS: Final = {
    "account": "account",
    "venue": "venue",
    "currency": "currency",
    "cross positions": "cross_positions",
    "wallet without boxes": "wallet",
    "unrealized PnL": "unrealized_pnl",
    "balance": "margin_balance",
    "requirement": "maintenance_requirement",
    "margin ratio": "margin_ratio",
    "notional": "notional",
    "leverage": "effective_leverage",
}
SHEET: Final = RankedSheet(
    name=layout.POOLS,
    what="pools",
    names="pool",
    lights=POOL_LIGHTS,
    head=layout.POOLS_HEAD,
    columns={
        "B": Column("light", 12, "label", text("pool_light")),
        "C": Column("account", 20, "text", text("pool_account")),
        "D": Column("venue", 15, "text", text("pool_venue")),
        "E": Column("currency", 10, "text", text("pool_currency")),
        "F": Column("cross positions", 15, "count", figure("pool_cross_positions")),
        "G": Column("wallet without boxes", 19, "money", figure("pool_wallet")),
        "H": Column("unrealized PnL", 15, "money", figure("pool_unrealized_pnl")),
        "I": Column("balance", 16, "money", figure("pool_margin_balance")),
        "J": Column("requirement", 15, "money", figure("pool_maintenance_requirement")),
        "K": Column("margin ratio", 13, "percent", figure("pool_margin_ratio")),
        "L": Column("left above it", 16, "money", "I{r}-J{r}"),
        "M": Column("notional", 17, "money", figure("pool_notional")),
        "N": Column("leverage", 11, "multiple", figure("pool_effective_leverage")),
    },
    number="O",
    rank_width=7,
    frozen_before="D",
)


def add_pools(book: Book, model: Model) -> None:
    """Add the sheet."""
    ranked = [Ranked(pool.row, _values(pool)) for pool in model.ranked_pools]
    sheet = SHEET.title(book, ranked, style.NAVY)
    sheet.put(
        "A3",
        "The cross positions of one account that share a wallet, less what stands in its isolated"
        " boxes. Liquidation at a ratio of 100 %; colours by the thresholds on Risk. Money in the"
        " pool's currency.",
        "caption",
    )
    SHEET.heads(sheet)
    SHEET.rows(sheet, ranked, model.pool_room)
    _add_colours(sheet, SHEET.head + model.pool_room)


def _values(pool: Pool) -> dict[str, Value]:
    cells = {head: pool.cells[name] for head, name in _CELLS.items()}
    return {**cells, "light": pool.light, "left above it": left_above(pool)}


def left_above(pool: Pool) -> Value:
    """What its balance has above the requirement."""
    balance, required = pool.cells["margin_balance"], pool.cells["maintenance_requirement"]
    assert isinstance(balance, float)
    assert isinstance(required, float)
    return balance - required


def _add_colours(sheet: Sheet, last: int) -> None:
    rules, first = sheet.worksheet.conditional_formatting, SHEET.head + 1
    for light in POOL_LIGHTS:
        rules.add(
            f"B{first}:B{last} K{first}:K{last}", style.light_rule(f'$B{first}="{light}"', light)
        )
    rules.add(f"A{first}:O{last}", style.row_line_rule(f'$A{first}<>""'))
