"""The sheet Notes: what the sheets say, what is assumed, which rules made the figures."""

from typing import Final

from ringfence import venues
from ringfence_templates import notes
from ringfence_templates.sheet import Book
from ringfence_templates.venue_compare.blocks import Workings

_COLUMNS: Final = (
    notes.VENUE,
    notes.PRODUCT,
    notes.CONTRACTS,
    notes.MARGIN,
    notes.FEE,
    notes.SINCE,
    notes.CONFIDENCE,
    notes.TIERS,
    notes.AGE,
    notes.BOX,
)
_SHEETS: Final = (
    (
        "Compare",
        "Type in the pale yellow cells. size counts coins at every venue; where it is blank it is"
        " notional / entry_price. Rates are fractions: 0.0005, not 0.05. Each cell has the name of"
        " the formulas' argument.",
    ),
    ("Details", "All the figures of each venue, in the same order."),
    (
        "Rules",
        "Which rule is used, how sure it is, of which day the tiers are, who pays funding, and what"
        " the venue takes in a liquidation. The words are those on file when this workbook was"
        " built; where RF_RISK uses another rule by now, they say so.",
    ),
    (
        "Venues",
        "The contract is found by the coin. Type another symbol where it is not the one you trade,"
        " as the venue spells it; mmr and maintenance_amount where the venue has no tiers on file;"
        " your own taker_fee_rate. compare: no leaves a venue out.",
    ),
)
_MEANINGS: Final = (
    (
        "Distance",
        "From the mark price to the liquidation price, as a fraction of the mark price. The"
        " liquidation price is the first adverse mark price at which the equity of the box is down"
        " to what the venue requires, with the tier of that price, not of the entry.",
    ),
    (
        "1 / leverage",
        "What the leverage on the screen seems to promise. It is the distance from the entry to the"
        " bankruptcy price of a linear position; the venue acts before, by its maintenance margin"
        " and the fee that it counts. vs 1/leverage: distance less 1 / leverage.",
    ),
    (
        "The same trade",
        "As many coins, the same entry and mark price, the same margin in dollars or the same"
        " leverage at every venue. ASSUMED: prices in USDT, USDC, USD are one; the mark price is"
        " the same everywhere. Whether a venue offers that leverage at that size is not checked.",
    ),
    (
        "Margin for",
        "RF_TOP_UP: what the box would have to hold at that venue to be liquidated at the price of"
        " the farthest venue, or at target_distance from the mark price.",
    ),
    (
        "Between them",
        "The farthest liquidation price against the nearest one: the adverse move, and so the loss,"
        " that the trade survives at the one venue and not at the other.",
    ),
    (
        "Which contract",
        "The main perpetual of the coin: quoted in USDT where there is one, else in USDC, USD or"
        " another dollar. 1000PEPE and kPEPE are coins of their own, at prices of their own.",
    ),
    (
        "contract_type",
        "Blank: linear. Inverse contracts hold their margin in the coin: the trade is then as many"
        " coins at the entry price, and the margin in dollars is that of the entry price.",
    ),
    (
        "Stale tiers",
        "Tiers more than 90 days from the trade's day. ringfence tiers update VENUE fetches those"
        " of today for most venues; the formulas use them at once, this file's dates at its next"
        " filling.",
    ),
)
_HANDLING: Final = (
    (
        "Workings",
        "The sheet Calc is hidden: right-click a sheet's tab, Unhide (LibreOffice: Show Sheet).",
    ),
    (
        "Without Ringfence",
        "Where it is not loaded (viewers, phones) the sheets show the values stored here. A program"
        " that computes anew cannot know the RF_ formulas; Compare then says so: close without"
        " saving.",
    ),
)
_NOT_MODELLED: Final = (
    "Cross margin and other positions of the account; fees to open, funding and its rate at each"
    " venue, spreads between the marks of venues; a price that jumps past the liquidation price;"
    " auto-deleveraging; changes of rules and tiers after the days given here. The venue's own"
    " engine decides.",
)


def add_notes(book: Book, its: Workings) -> None:
    """Add the sheet; it also holds the lists of the dropdowns."""
    trade = its.trade
    sheet = notes.Notes(book, _COLUMNS, filled_on=trade.filled_on, as_of=trade.day)
    sheet.texts("What each sheet says", _SHEETS)
    sheet.texts("What the figures mean, and what is assumed", _MEANINGS)
    handling = (*_HANDLING, ("Recalculating", notes.RECALCULATE[book.host]))
    sheet.texts("How to use this workbook", handling)
    sheet.rules("Rules on file, one line a rule", venues.names())
    sheet.sources("Sources", venues.names())
    sheet.limits("Not modelled, and assumed", venues.names(), _NOT_MODELLED)
    coins = sorted({one.coin for one in its.listed})
    sheet.words({**notes.WORDS, "coin": coins or [""]})
