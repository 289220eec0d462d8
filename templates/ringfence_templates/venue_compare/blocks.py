"""The blocks of the sheet Calc, a row a venue, and the names under which sheets read them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import absolute_coordinate

from ringfence_addin.functions import RISK_COLUMNS
from ringfence_templates.package import Value
from ringfence_templates.position_sizer import told
from ringfence_templates.position_sizer.pictures import Columns, Figures
from ringfence_templates.position_sizer.told import Told
from ringfence_templates.venue_compare.layout import CALC, FEED, ROWS
from ringfence_templates.venue_compare.on_file import Fact, Listed
from ringfence_templates.venue_compare.pieces import index
from ringfence_templates.venue_compare.trade import Trade

OK, ALREADY_STATE, NEVER_STATE, ERROR, OUT, UNHEARD = (
    "ok", "already", "never", "error", "out", "unheard",
)  # fmt: skip
NOT_KNOWN: Final = "n/a"

DEFINED_ROW: Final = 5
_GAP: Final = ROWS + 3
_TOP: Final = 60
FOUND: Final = Columns(
    2, _TOP, "The contract at each venue",
    ("label", "kind", "typed", "place", "fact", "symbol", "contract_size", "contracts", "margin",
     "coin_known", "left_out"),
)  # fmt: skip
FED: Final = Columns(2, _TOP + _GAP, "As RF_RISK reads it", (*FEED, "label"))
RISK_ROW: Final = _TOP + 2 * _GAP  # its heads
JUDGED: Final = Columns(
    2, _TOP + 3 * _GAP, "What follows, by row",
    ("label", "status", "state", "answered", "away", "key", "rank", "short_of", "initial_margin",
     "maintenance_margin", "at_liquidation", "rate", "tier_rate", "box", "fee", "rule", "until",
     "caveat", "confidence", "since", "tiers_of", "funding", "takes", "remark", "check"),
)  # fmt: skip
NEEDED: Final = Columns(
    2, _TOP + 4 * _GAP, "Margin needed (RF_TOP_UP), and the order by rank",
    ("label", "same_price", "at_target", "order", "bar", "lost"),
)  # fmt: skip
CHART: Final = Columns(
    2, _TOP + 5 * _GAP, "Bars of the chart, by rank", ("label", "distance", "lost to 1/leverage")
)
CATALOGUE: Final = ("contract_key", "symbol_key", "symbol", "contract_size", "day")
FACTS: Final = (
    "key", "rule", "since", "confidence", "fee", "fee_rate", "funding", "takes", "tier_by",
    "contract_size",
)  # fmt: skip
Put = Callable[[str, Told], Told]  # gives a piece its cell; the cell as a piece


@dataclass
class Workings:
    """The inputs, what RF_RISK answers for each venue, and what follows from it."""

    trade: Trade
    given: dict[str, Told]  # input -> its cell, by its name
    facts: tuple[Fact, ...]
    blocks: dict[str, Figures] = field(default_factory=dict)
    risk_values: tuple[tuple[Value, ...], ...] = ()  # with the header
    defined: dict[str, Told] = field(default_factory=dict)  # name -> what its cell says

    @property
    def listed(self) -> Sequence[Listed]:
        return self.trade.listed

    def define(self, name: str, its: Told) -> Told:
        """Give a definition a cell and a name of its own; the name as a piece."""
        self.defined[name] = its
        return self.named(name)

    def named(self, name: str) -> Told:
        return Told(name, told.as_value(self.defined[name].value))

    def add_block(
        self, columns: Columns, row: Callable[["Workings", int], dict[str, Told]]
    ) -> None:
        """Work out a block of Calc, row by row; a row may read the cells of blocks before it."""
        rows = [row(self, at) for at in range(ROWS)]
        self.blocks[columns.about] = Figures(
            columns, {name: [its[name] for its in rows] for name in columns.names}
        )

    def cell(self, columns: Columns, name: str, at: int) -> Told:
        """A cell of a block; ``at`` counts from 0."""
        value = self.blocks[columns.about].held[name][at].value
        return columns.cell(name, at, told.as_value(value))

    def column(self, columns: Columns, name: str) -> list[Any]:
        return [told.as_value(its.value) for its in self.blocks[columns.about].held[name]]

    def risk(self, name: str, at: int) -> Told:
        """What RF_RISK says of a venue."""
        column = RISK_COLUMNS.index(name)
        cell = f"{get_column_letter(2 + column)}{RISK_ROW + 1 + at}"
        return Told(f"{CALC}!{absolute_coordinate(cell)}", self.risk_values[at + 1][column])

    def ranked(self, columns: Columns, name: str, rank: int) -> Told:
        """A cell of a block by rank, which counts from 0."""
        return index(f"cmp_{name}", self.cell(NEEDED, "order", rank), self.column(columns, name))

    def ranked_feed(self, name: str, rank: int) -> Told:
        """What RF_RISK reads of the venue at a rank."""
        values = self.column(FED, name)
        return index(f"fed_{name}", self.cell(NEEDED, "order", rank), values)

    def ranked_risk(self, name: str, rank: int) -> Told:
        """What RF_RISK says of the venue at a rank."""
        values = [self.risk(name, at).value for at in range(ROWS)]
        its = index(f"risk_{name}", self.cell(NEEDED, "order", rank), values)
        return told.plain(its)


def held(content: Any) -> Any:
    """What a typed cell holds, as formulas read it."""
    return "" if content is None else told.as_value(content)
