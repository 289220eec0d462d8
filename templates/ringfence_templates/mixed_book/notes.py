"""The sheet Notes: what the figures mean, which rules made them, and what is not in them."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from openpyxl.worksheet.pagebreak import Break

from ringfence import tiers, venues
from ringfence_templates import notes
from ringfence_templates.mixed_book.model import MODES, Model
from ringfence_templates.sheet import Book

_WORDS: Final = {
    **notes.WORDS,
    "margin_mode": MODES,
    "collateral_mode": ("single", "multi"),
    "dollars": tiers.DOLLARS,
}

_HANDLING: Final = (
    (
        "Sheets",
        "Dashboard: the book on a page. Positions and Accounts: yours to fill in. Risk: every"
        " position, nearest liquidation first. Pools: the cross pools, highest margin ratio first.",
    ),
    (
        "Typing",
        "Type or paste into the pale yellow cells. The column check says ok, or the field to fix;"
        " the column status says what is wrong. Ctrl+Shift+L puts filter buttons on a table. Rates"
        " are fractions: 0.0005, not 0.05. In an optional cell a 0 counts as blank.",
    ),
    (
        "Margin mode",
        "isolated: a box with its own margin (blank means the same). cross: the position shares"
        " the wallet of its account at its venue, which must stand in Accounts.",
    ),
    (
        "Accounts",
        "wallet_balance is the wallet without unrealized PnL and with the margin of the isolated"
        " boxes in it, as venues show it. Give currency where an account has several rows or its"
        " positions settle in several; collateral_mode multi, price and collateral_weight where"
        " balances of several coins back the positions together. The computed columns say how many"
        " positions draw on the row and what stands in their boxes.",
    ),
    (
        "Rules as of",
        "Blank: the rules in force today. A day there, or in a row's own as_of, applies the rules"
        " of that day.",
    ),
    (
        "More rows",
        "The spare rows of the tables are for typing. Beyond them: run ringfence fill on the longer"
        " lists. Or in this file: show Calc, give its array formulas the new last row in ROW(...)"
        " (xlwings Lite: in the first cell; elsewhere select the longer block, F2,"
        " Ctrl+Shift+Enter), copy the last rows of Calc, Risk and Pools down, and move the ends of"
        " the names calc_, risk_, acc_, pool_ and exposure_... in the Name Manager. Dashboard warns"
        " while rows are missing.",
    ),
    (
        "Workings",
        "The sheet Calc is hidden, so that it does not print with the book: right-click a sheet's"
        " tab, Unhide (LibreOffice: Show Sheet). It calls RF_RISK, RF_ACCOUNTS, RF_EXPOSURE and"
        " RF_JOINT_SHOCK once each for the whole book.",
    ),
    (
        "Without Ringfence",
        "Where it is not loaded (viewers, phones, LibreOffice without the extension) the sheets"
        " show the values stored here. A program that computes anew all the same cannot know the"
        " RF_ formulas: Positions then says that RF_RISK gave no answer. Close without saving and"
        " open where Ringfence runs.",
    ),
)
_MEANINGS: Final = (
    (
        "Liquidation price",
        "isolated: the first adverse mark price at which the equity of the box (isolated margin +"
        " unrealized PnL) is down to what the venue requires, with the tier of that price, not of"
        " the entry. cross: the price of its own contract at which the pool's equity is down to"
        " what all its positions require, the others standing at their marks; a few venues compute"
        " it in another way, see Cross margin below.",
    ),
    (
        "Distance",
        "How far the mark price must move to get there, as a share of the mark price. Risk is"
        " ranked by it. A cross position whose others move too may be liquidated sooner or later.",
    ),
    (
        "Margin ratio",
        "Requirement / balance, the same way up for every venue: liquidation at 100 %. Of a cross"
        " position it is its pool's. bankrupt: the balance is gone.",
    ),
    ("never", "No price liquidates the position: its margin covers any loss. Sorts last."),
    (
        "Max loss",
        "What can be lost: of a box its isolated margin, of a cross position the whole wallet of"
        " its pool, which its other positions share. Do not add it up over Risk: the Dashboard"
        " counts each pool once.",
    ),
    (
        "Wallet",
        "At stake are the margins of the boxes and the wallets of the pools; what remains in the"
        " accounts is free. Wallet + unrealized PnL = equity, but for boxes that are bankrupt: they"
        " owe nothing beyond their margin and count as 0.",
    ),
    (
        "Free",
        "What the accounts hold in no box and behind no cross position, by RF_EXPOSURE. It counts"
        " in the equity. Where it cannot be told (an account with a position in error, a coin"
        " without a price) it does not.",
    ),
    (
        "Beyond initial margin",
        "What could be moved at once to a box that is near: free money, and what pools hold beyond"
        " the initial margin of their positions. A venue may let out less.",
    ),
    (
        "By coin, by venue",
        "At stake: the margin of the boxes, and of each pool's wallet the share of the positions by"
        " notional. Net notional: long less short. Fails together: what is lost if this coin alone"
        " goes the worse way until all that it can break is broken, pools with all they hold.",
    ),
    (
        "First to fail",
        "The move of all prices by one share at which the first box or pool fails, up and down."
        " Exact, on a straight line of prices from the marks; a failed box or pool has lost all its"
        " equity.",
    ),
    (
        "Top-up",
        "What the next dollars of margin add to a box's distance, at the margin: each further"
        " dollar buys a little less or more where a tier ends. Boxes that gain most come first.",
    ),
    (
        "Lights",
        "Red, amber and green by the thresholds on the sheet Risk, always with the word beside the"
        " colour. Liquidated: at or past the liquidation price; the venue has acted or will at"
        " once.",
    ),
    (
        "Money",
        "On Dashboard and Risk in US dollars: USDT, USDC and USD count as one, inverse amounts at"
        " the mark price. Quanto contracts and rows in error are left out and counted. On Pools in"
        " the pool's currency.",
    ),
)
_NOT_MODELLED: Final = (
    "Portfolio margin, spot held beside the positions, borrowing, open orders, and transfers"
    " between accounts.",
    "A price that jumps past the liquidation price, funding still to be paid, auto-deleveraging,"
    " and what the venue keeps or returns after a liquidation.",
    "Changes of the tiers after the day given above. The venue's own engine decides.",
)


def add_notes(book: Book, model: Model) -> None:
    """Add the sheet; it also holds the lists of the dropdowns."""
    page = notes.Notes(book, notes.COLUMNS, filled_on=model.filled_on, as_of=model.as_of)
    here = [row.rule_venue for row in model.rows]
    used, day = notes.used(here), model.as_of or model.filled_on
    page.texts(
        "How to use this workbook",
        (*_HANDLING, ("Recalculating", notes.RECALCULATE[book.host])),
    )
    page.texts("What the figures mean", _MEANINGS)
    page.sheet.worksheet.row_breaks.append(Break(id=page.at - 1))  # what venues do stays together
    page.texts("Cross margin", _cross(used, day))
    page.rules("Rules on file, one line a rule", venues.names(), here)
    page.sources("Sources", used, cross=True)
    page.limits("Not modelled, and assumed", used, _NOT_MODELLED, cross=True)
    page.words(_WORDS)


def _cross(used: list[str], day: date) -> Iterator[tuple[str, str]]:
    """What each venue of the book does in cross margin."""
    for venue in used:
        crossing = [rule for rule in venues.in_force(venue, day) if rule.cross]
        for rule in crossing:
            assert rule.cross
            yield venue, f"{notes.plain(rule.product)}: {rule.cross.statement}"
        if not crossing:
            yield venue, "Cross margin is not on file: such positions are refused."
