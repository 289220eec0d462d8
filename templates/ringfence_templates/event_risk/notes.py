"""The sheet Notes: what each sheet says, what is assumed, and which rules the book is held to."""

from typing import Final

from openpyxl.worksheet.pagebreak import Break

from ringfence.inputs import MARGIN_MODES
from ringfence_templates import notes
from ringfence_templates.event_risk import layout
from ringfence_templates.event_risk.cells import COLLATERAL_MODES
from ringfence_templates.event_risk.model import Model
from ringfence_templates.sheet import Book

_SHEETS: Final = (
    (
        layout.EVENTS,
        "A row an event: the move of each coin's price, and what the book does then. The last"
        " column of moves, *, is every coin without a column of its own; the line above the coins"
        " says what the book is long (or, below 0, short) in each, so that a coin it does not hold"
        " shows a dash. Coins, names and moves are yours to change.",
    ),
    (
        layout.SHOCKS,
        "Moves of the whole market, each coin by its beta (1: as the market), and the market move"
        " at which the first box or pool fails: not read off the rows but solved for, by"
        " RF_JOINT_SHOCK. Left then: what is left once it has failed.",
    ),
    (
        layout.HEAT_MAP,
        "Two coins move apart and every other coin stands still. The colours turn at the equity"
        " now: red is less, green is more.",
    ),
    (
        layout.BOXES,
        "One event, or one move of every coin, position by position: fails or holds, and the"
        " change of equity. It opens with the worst event.",
    ),
    (
        layout.MODES,
        "The same positions and the same money with every box held in cross: its margin, and what"
        " stands idle in its account, is then behind all of them. An account that is not in"
        " Accounts has no more than the margins of its boxes. A box that its venue's cross margin"
        " on file or the wallet cannot hold stays, with its whole account. Ring-fencing saves"
        " where a box that fails would have gone on losing; it costs where a pool would have"
        " carried the position through.",
    ),
)
_MEANINGS: Final = (
    (
        "Equity",
        "Margin balance (margin + unrealized PnL at the marks) of every box, and of every cross"
        " pool without its boxes, and what stands idle in the accounts. A box or pool that is"
        " bankrupt counts as 0: the others do not pay for it.",
    ),
    ("Loss", "What equity falls by. Below 0: a gain. Loss share: of the equity now."),
    (
        "Fails",
        "The price reaches the box's liquidation price on the way, or the pool's equity is down to"
        " what its positions require together. What is at its liquidation price already fails at"
        " once.",
    ),
    (
        "Left",
        "Equity less the loss: what the boxes and pools that hold are worth then, and what stands"
        " idle in the accounts, its coins at their new prices.",
    ),
    (
        "Units",
        "Money in US dollars: USDT, USDC and USD count as one, inverse amounts at the mark price."
        " Moves, betas and shares are fractions; moves and shares are shown in percent.",
    ),
)
_ASSUMED: Final = (
    (
        "Straight lines",
        "All prices go from their marks to the moves at the same pace, in straight lines. What"
        " fails on the way is gone, whatever the price does then; no price jumps past a"
        " liquidation price, and none comes back on the way.",
    ),
    (
        "All is lost",
        "A box that fails loses all its equity, a cross pool that fails loses all of its own:"
        " nothing that a venue may give back after a liquidation is counted, and nothing beyond"
        " the equity (no debt, no auto-deleveraging).",
    ),
    (
        "One price a coin",
        "A coin moves by the same fraction at every venue and in every contract: no basis, no"
        " spread between mark and index, no slippage.",
    ),
    (
        "Dollars stay",
        "USDT, USDC and USD count as one dollar each, in a stablecoin scare too: that event moves"
        " the coins, not the pegs. Inverse margin loses value with its coin.",
    ),
    (
        "No time",
        "No funding, no fees but those in the venue's trigger, no top-up or auto-margin on the"
        " way, no orders that fill.",
    ),
    (
        "No probabilities",
        "Nothing here says how likely a move is: no distribution of prices is assumed. The moves"
        " of the events are examples, not forecasts; only the last is patterned on a day that was"
        " (12 March 2020).",
    ),
)
_HANDLING: Final = (
    (
        "Typing",
        "The pale yellow cells are yours. Moves are fractions: type -5 % or -0.05, above -100 %;"
        " a blank one is no move. On the sheet Shocks a coin falls by 99 % at most. A row of Events"
        " that holds anything else says so in its column check and is left out.",
    ),
    (
        "Positions",
        "The column check says ok, or the field to fix; the column status says what is wrong. A"
        " cross position needs its account's row in Accounts. Rates are fractions: 0.0005, not"
        " 0.05. In an optional cell a 0 counts as blank.",
    ),
    (
        "Rules as of",
        "The cell on Positions. Blank: the rules in force today. A day there, or in a row's own"
        " as_of, applies the rules of that day.",
    ),
    (
        "More rows",
        "The spare rows of the tables are for typing. Beyond them every sheet warns: run ringfence"
        " fill --template event_risk on the longer list, with --accounts.",
    ),
    (
        "Workings",
        "The sheet Calc is hidden, so that it does not print with the book: right-click a sheet's"
        " tab, Unhide (LibreOffice: Show Sheet). All RF_ formulas of the workbook stand"
        " there.",
    ),
    (
        "Unequal sides",
        "Isolated vs cross warns where its two sides do not start from the same equity: a box that"
        " is bankrupt (isolated it counts as 0, in cross as the debt it is), a wallet in Accounts"
        " that is less than the margins of its boxes, or one in a coin without a price, collateral"
        " with a haircut, or wallets in several currencies.",
    ),
    (
        "Without Ringfence",
        "Where it is not loaded (viewers, phones, LibreOffice without the extension) the sheets"
        " show the values stored here. A program that computes anew all the same cannot know the"
        " RF_ formulas: the figures go blank and a warning says so. Close without saving and open"
        " where Ringfence runs.",
    ),
)
_NOT_MODELLED: Final = (
    "Portfolio margin, spot held beside the positions, borrowing, open orders, and transfers"
    " between accounts.",
    "Changes of the tiers after the day given above. The venue's own engine decides.",
)


def add_notes(book: Book, model: Model) -> None:
    """Add the sheet; it also holds the lists of the dropdowns."""
    sheet = notes.Notes(book, notes.COLUMNS, filled_on=model.filled_on, as_of=model.as_of)
    here = [row.text("venue").lower() for row in model.rows]
    used = notes.used(here)
    sheet.texts("What each sheet says", _SHEETS)
    sheet.texts("What the figures mean", _MEANINGS)
    sheet.texts("Assumed", _ASSUMED)
    sheet.texts(
        "How to use this workbook",
        (*_HANDLING, ("Recalculating", notes.RECALCULATE[book.host])),
    )
    sheet.sheet.worksheet.row_breaks.append(Break(id=sheet.at - 1))  # the rules start a page
    sheet.rules("Rules and tiers of the venues used here, one line a rule", used, here)
    sheet.sources("Sources", used, cross=True)
    sheet.limits("Not modelled, and assumed", used, _NOT_MODELLED, cross=True)
    sheet.words({**notes.WORDS, "margin_mode": MARGIN_MODES, "collateral_mode": COLLATERAL_MODES})
