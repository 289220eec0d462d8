"""Where things are in the workbook: sheets, and the cell and name of each input."""

from typing import Final

from ringfence import inputs, venues
from ringfence.inputs import NumberField
from ringfence_templates.position_sizer.layout import Input, cells_of

COMPARE, DETAILS, RULES, VENUES, CALC = "Compare", "Details", "Rules", "Venues", "Calc"

HOUSES: Final = venues.names()  # a row each, on every sheet
ROWS: Final = len(HOUSES)

COINS: Final = NumberField("size", "size of the trade in coins", above=0)
NOTIONAL: Final = NumberField("notional", "value of the trade at the entry price", above=0)
TARGET: Final = NumberField(
    "target_distance", "distance to have, a fraction of the mark price", above=0, below=1,
    percent=True,
)  # fmt: skip


TRADE: Final = (
    Input("coin", "such as BTC", "input text"),
    Input("side", "long or short", "input choice"),
    Input("size", "coins; blank: notional / entry", "input size", COINS),
    Input("notional", "value at entry, in dollars", "input price", NOTIONAL),
    Input("entry_price", "dollars a coin", "input price", inputs.NUMBERS["entry_price"]),
    Input("mark_price", "blank: entry_price", "input price", inputs.NUMBERS["mark_price"]),
    Input("leverage", "blank: value / margin", "input number", inputs.NUMBERS["leverage"]),
    Input("isolated_margin", "dollars; blank: value / leverage", "input price",
          inputs.NUMBERS["isolated_margin"]),
)  # fmt: skip
OPTIONAL: Final = (
    Input("target_distance", "of the mark price: 0.1 is 10 %", "input number", TARGET),
    Input("funding_rate", "where a venue's trigger counts it", "input number",
          inputs.NUMBERS["funding_rate"]),
    Input("as_of", "day whose rules apply; blank: today", "input date"),
)  # fmt: skip
SECTIONS: Final = {"The trade": TRADE, "Optional": OPTIONAL}
INPUTS: Final = {its.name: its for section in SECTIONS.values() for its in section}

TOP: Final = 4  # row of the first heading on Compare


CELL: Final = cells_of(SECTIONS, TOP)  # input -> its cell on Compare

# What may be typed for one venue, on the sheet Venues: column -> its letter
VENUES_HEAD: Final = 5
OF_VENUE: Final = {
    "compare": "D",
    "symbol": "E",
    "contract_type": "F",
    "contract_size": "G",
    "mmr": "H",
    "maintenance_amount": "I",
    "taker_fee_rate": "J",
}

# What RF_RISK reads of each venue
FEED: Final = (
    "venue", "symbol", "contract_type", "side", "size", "contract_size", "entry_price",
    "mark_price", "leverage", "isolated_margin", "mmr", "maintenance_amount", "taker_fee_rate",
    "funding_rate", "as_of",
)  # fmt: skip


def of_venue(name: str, row: int) -> str:
    """The input cell of a venue, as formulas on other sheets read it; ``row`` counts from 0."""
    return f"{VENUES}!${OF_VENUE[name]}${VENUES_HEAD + 1 + row}"
