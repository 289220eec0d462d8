"""Where things are in the workbook: sheets, and the cell and name of each input."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ringfence import dynamics, inputs, sizing
from ringfence.inputs import NumberField

SIZER, MODES, PATH, LADDER, CALC = "Sizer", "Modes", "Path", "Ladder", "Calc"

INPUTS_TOP: Final = 4  # row of the first heading of the inputs
GAP_CELL: Final = "C4"  # on the sheet Path


@dataclass(frozen=True, slots=True)
class Input:
    """One input cell. Its workbook name is that of the formulas' argument."""

    name: str
    hint: str
    look: str
    number: NumberField | None = None  # what is allowed; None: text, a choice or a day


def _number(name: str, hint: str, look: str = "input number") -> Input:
    return Input(name, hint, look, _FIELDS[name])


# Typed as 60 it would be 6,000 %; the formulas take any
_VOLATILITY: Final = NumberField(
    sizing.VOLATILITY.name, f"{sizing.VOLATILITY.doc} (0.6: 60 %)", above=0, below=20, percent=True
)
_FIELDS: Final = inputs.NUMBERS | {
    field.name: field
    for field in (
        dynamics.INTERVAL,
        _VOLATILITY,
        sizing.SIGMAS,
        sizing.DAYS,
        sizing.STOP,
        dynamics.SLIPPAGE,
        dynamics.TARGET,
        sizing.WALLET,
        sizing.EQUITY,
        dynamics.GAP,
    )
}

# Heading -> the inputs below it
SECTIONS: Final[dict[str, tuple[Input, ...]]] = {
    "The trade": (
        Input("venue", "the exchange", "input choice"),
        Input("symbol", "the contract, such as BTCUSDT", "input text"),
        Input("side", "long or short", "input choice"),
        _number("size", "contracts, or coins: as the venue counts", "input size"),
        _number("entry_price", "quote per base", "input price"),
        _number("mark_price", "blank: entry_price", "input price"),
        _number("isolated_margin", "in the box; blank: value / leverage", "input price"),
        _number("leverage", "blank: value / isolated_margin"),
    ),
    "Optional": (
        _number("mmr", "a fraction; blank: the venue's tiers"),
        _number("maintenance_amount", "off the maintenance, beside mmr", "input size"),
        _number("taker_fee_rate", "a fraction; blank: the venue's base rate"),
        Input("contract_type", "blank: as the symbol is listed", "input choice"),
        _number("contract_size", "blank: as the symbol is listed", "input size"),
        Input("as_of", "day whose rules apply; blank: today", "input date"),
    ),
    "Funding, and the move to survive": (
        _number("funding_rate", "of one interval, a fraction"),
        _number("interval_hours", "between two fundings; blank: 8"),
        _number("volatility", "annual, a fraction: 0.6 is 60 %"),
        _number("sigmas", "size of the move, in deviations"),
        _number("days", "how long it may take"),
    ),
    "Stop, target and account": (
        _number("stop_price", "on the adverse side of the mark", "input price"),
        _number("slippage", "of fills at market, a fraction"),
        _number("target_price", "liquidation price to reach", "input price"),
        _number("wallet_balance", "of the account, the box included", "input price"),
        _number("account_equity", "blank: wallet_balance", "input price"),
    ),
}
INPUTS: Final = {its.name: its for section in SECTIONS.values() for its in section}
GAP: Final = _number("gap", "how far beyond its price a venue acts; blank: 0.001")


def cells_of(sections: Mapping[str, Sequence[Input]], top: int) -> dict[str, str]:
    """Input -> its cell, where the first section's heading is in row ``top``."""
    cells, at = {}, top
    for section in sections.values():
        for its in section:
            at += 1
            cells[its.name] = f"C{at}"
        at += 2
    return cells


CELL: Final = cells_of(SECTIONS, INPUTS_TOP)  # input -> its cell on Sizer
LAST_ROW: Final = int(CELL["account_equity"][1:])

# What RF_RISK reads of them, in this order; the day last, since it alone makes no trade
TRADE: Final = (
    *(its.name for its in SECTIONS["The trade"]),
    *(its.name for its in SECTIONS["Optional"] if its.name != "as_of"),
    "funding_rate",
)
POSITION: Final = (*TRADE, "as_of")


def absolute(sheet: str, cell: str) -> str:
    """A cell as names in the workbook give it: ``absolute("Path", "C4")`` is ``Path!$C$4``."""
    column = cell.rstrip("0123456789")
    return f"{sheet}!${column}${cell[len(column) :]}"
