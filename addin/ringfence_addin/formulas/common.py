"""What the formulas share: the help of their arguments, and answers that never raise."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from ringfence import inputs
from ringfence.errors import RingfenceError
from ringfence_addin import cells

if TYPE_CHECKING:
    from ringfence.book import BookRisk

POSITION_DOCS: Final = {
    "venue": "Exchange: binance, binance_coinm, bybit, okx, hyperliquid ... (see RF_VENUES)",
    "symbol": "Contract, such as BTCUSDT. Picks the venue's tiers; not needed where mmr is given",
    "side": "long or short",
    "size": "Number of contracts, above 0 (coins where the venue counts in coins)",
    "entry_price": "Average entry price, quote per base",
    "isolated_margin": "Wallet of the box, without unrealized PnL. Blank: notional / leverage",
    "leverage": "Leverage set for the position. Needed where isolated_margin is blank",
    "mark_price": "Mark price, quote per base. Blank: entry_price",
    "mmr": "Maintenance margin rate as a fraction (0.005). Blank or 0: the venue's tiers",
    "maintenance_amount": "Amount off the maintenance margin, beside mmr. Blank: 0",
    "taker_fee_rate": "Taker fee rate as a fraction (0.0005). Blank or 0: the venue's base rate",
    "contract_type": "linear, inverse or quanto. Blank: as the symbol is listed",
    "contract_size": "Base (linear) or quote (inverse) per contract. Blank: as listed",
    "funding_rate": "Funding rate as a fraction, where the venue's trigger counts funding",
    "as_of": "Day whose rules apply. Blank: today",
}
ACCOUNTS_DOC: Final = (
    "Range with a header row: account, venue, wallet_balance (boxes included, without unrealized"
    " PnL), for cross positions. Blank: none"
)
BOOK_DOCS: Final = {
    "positions": "Range with a header row: venue, symbol, side, size, entry_price, "
    "isolated_margin or leverage, mark_price ...",
    "accounts": ACCOUNTS_DOC,
    "as_of": POSITION_DOCS["as_of"],
}


def answer(pick: Callable[..., float | str], position: dict[str, Any]) -> float | str:
    """``pick`` of the position's arguments, or the error value that says what kind of fault."""
    try:
        return pick(**cells.arguments(position))
    except (RingfenceError, OverflowError) as error:
        return cells.error_value(error)


def table(rows: Callable[..., list[list[Any]]], arguments: dict[str, Any]) -> list[list[Any]]:
    """``rows`` of the arguments, or one cell that says what is wrong with them."""
    try:
        return rows(**cells.arguments(arguments))
    except (RingfenceError, OverflowError) as error:
        return [[f"error: {error}"]]


def book_of(positions: Any, accounts: Any, as_of: Any) -> "BookRisk":
    """The book of a range of positions and one of accounts. Raises RingfenceError."""
    from ringfence.book import assess_columns  # with NumPy, which one position does without

    columns, n, twice = cells.table_columns(positions)
    day = inputs.parse_date(cells.argument("as_of", cells.single(as_of)))
    return assess_columns(
        columns,
        n,
        accounts=cells.accounts(accounts),
        as_of=day,
        ambiguous=twice,
        blank=cells.blank_rows(columns, n),
    )
