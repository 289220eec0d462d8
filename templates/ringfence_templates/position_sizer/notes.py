"""The sheet Notes: what the sheets say, what is assumed, which rules made the figures."""

from collections.abc import Iterator
from typing import Final

from ringfence import venues
from ringfence_templates import notes
from ringfence_templates.position_sizer.trade import ASSUMED, WALLET_MULTIPLE, Trade
from ringfence_templates.position_sizer.workings import Workings
from ringfence_templates.sheet import Book

_COLUMNS: Final = (
    notes.VENUE,
    notes.PRODUCT,
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
        "Sizer",
        "Type in the pale yellow cells. Rates are fractions: 0.0005, not 0.05. In an optional cell"
        " a 0 counts as blank.",
    ),
    (
        "",
        "Each cell has the name of the formulas' argument: =RF_LIQ_PRICE(venue,symbol,side,size,"
        "entry_price,isolated_margin,leverage) works anywhere in this workbook.",
    ),
    (
        "Modes",
        "RF_COMPARE_MODES: the position as it is, with twice the margin, with the whole wallet"
        " behind it (cross, by the venue's cross rule), and with its whole value as margin.",
    ),
    (
        "Path",
        "RF_LIQ_PATH: what the venue closes, step by step, while the price goes on. gap: how far"
        " beyond the liquidation price a venue acts that closes only as much as it must; slippage"
        " is that of the sheet Sizer. close until safe: as little as lets the rest stand; step"
        " down: what lies above a lower tier; take over: the venue takes the rest at the bankruptcy"
        " price. What was in the box goes to the market, into fees, to the trader and to the venue."
        " Beside it RF_AUTO_ADD, where the venue has auto-margin on file.",
    ),
    (
        "Ladder",
        "Other sizes with the margin in the box, and other leverages of the same size. The first"
        " columns are yours. Whether the venue offers that leverage at that size is not checked.",
    ),
)
_MEANINGS: Final = (
    (
        "Liquidation price",
        "The first adverse mark price at which the equity of the box (isolated margin + unrealized"
        " PnL) is down to what the venue requires, with the tier of that price, not of the entry.",
    ),
    (
        "Sigma",
        "One standard deviation of the logarithm of the price over the days given:"
        " volatility x root(days / 365).",
    ),
    (
        "Chance to touch",
        "RF_TOUCH_PROB: of touching the liquidation price within the days. ASSUMED: log-normal,"
        " without drift of the price, watched all the time, no gaps. Real prices jump and have fat"
        " tails: a far price is likelier than that.",
    ),
    (
        "Largest size",
        "RF_MAX_SIZE: with the margin that is in the box, the largest size that a move of so many"
        " sigmas over so many days does not liquidate, after the funding of those days and the fee"
        " to close. ASSUMED: funding_rate and margin stay as they are. Whether the venue lets that"
        " size be opened at the leverage set is not checked.",
    ),
    (
        "Stop",
        "RF_STOP_CHECK: the loss since entry, with the taker fee to close and the slippage given."
        " Where the liquidation price comes first the stop never works, and the loss is the whole"
        " margin. ASSUMED: the stop is filled; a gap can pass it.",
    ),
    (
        "Days until funding",
        "RF_FUNDING_DAYS: funding alone, the price standing still and the rate staying as it is."
        " What the wallet has beyond the box pays first where the venue asks it first.",
    ),
    (
        "Top-up",
        "RF_TOP_UP: the margin to add so that the box is liquidated at target_price.",
    ),
    (
        "May be taken out",
        "RF_WITHDRAWABLE: by the venue's own limit; n/a where that is not on file.",
    ),
    (
        "Path",
        "ASSUMED: the price goes on in a straight line, each fill at market is off by the slippage"
        " given, and a fee that is not on file is 0.",
    ),
    (
        "The verdict",
        "Red: the move liquidates the size chosen, or the liquidation comes before the stop."
        " Amber: no stop, its fill lies beyond the liquidation price, or an input is missing."
        " Green: neither. The words say which.",
    ),
    ("n/a", "No answer on file, or an input that a formula needs is missing; the words say which."),
)
_HANDLING: Final = (
    (
        "Workings",
        "The sheet Calc is hidden: right-click a sheet's tab, Unhide (LibreOffice: Show Sheet). It"
        " holds what the RF_ formulas return, and what is worked out once for all sheets, each"
        " under a name.",
    ),
    (
        "Without Ringfence",
        "Where it is not loaded (viewers, phones) the sheets show the values stored here. A program"
        " that computes anew cannot know the RF_ formulas; the verdict then says so: close without"
        " saving.",
    ),
)
_NOT_MODELLED: Final = (
    "Other positions of the account: in the mode cross the position is alone in it.",
    "A price that jumps past a stop or past the liquidation price, auto-deleveraging, a funding"
    " rate that changes, a volatility that changes. The fee to open is in no figure.",
    "Changes of the tiers after the day given here. The venue's own engine decides.",
)


def add_notes(book: Book, its: Workings) -> None:
    """Add the sheet; it also holds the lists of the dropdowns."""
    trade = its.trade
    sheet = notes.Notes(book, _COLUMNS, filled_on=trade.filled_on, as_of=trade.as_of)
    sheet.texts("What each sheet says", _SHEETS)
    if started := list(_started(trade)):
        sheet.texts("Put in to start with, because the file does not say", started)
    sheet.texts("What the figures mean, and what is assumed", _MEANINGS)
    handling = (*_HANDLING, ("Recalculating", notes.RECALCULATE[book.host]))
    sheet.texts("How to use this workbook", handling)
    sheet.rules("Rules on file, one line a rule", venues.names())
    named = str(trade.given["venue"] or "").lower()
    here = [named] if named in venues.names() else []
    if here:
        sheet.sources("Sources of the venue", here)
    sheet.limits("Not modelled, and assumed", here, _NOT_MODELLED)
    sheet.words(notes.WORDS)


def _started(trade: Trade) -> Iterator[tuple[str, str]]:
    """What was put in for the inputs that neither the file nor the accounts give, and how."""
    plain = [f"{name} {value:g}" for name, value in ASSUMED.items() if name in trade.put_in]
    if plain:
        yield (
            "By default",
            f"{', '.join(plain)}. The volatility is not the contract's own: give yours. Some venues"
            " pay funding each hour.",
        )
    none = f" The accounts gave none: {trade.wallet_problem}." if trade.wallet_problem else ""
    how = {
        "stop_price": "Half of the way from the mark price to the liquidation price (to a move of"
        " one sigma where there is none), rounded.",
        "target_price": "The price after the move to survive, rounded.",
        "wallet_balance": f"{WALLET_MULTIPLE:g} x the margin in the box.{none}",
    }
    for name in trade.put_in:
        if name in how:
            yield name, how[name]
