"""The open positions of an account, as its venue states them, beside the rule's own answer.

Only GET requests (and Hyperliquid's public POST) to the venue's own hosts over HTTPS; a redirect is
refused, because it would carry the signed request elsewhere.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from typing import Any, Final

import numpy as np
import pandas as pd

from ringfence import accounts as account_table
from ringfence import inputs, venues
from ringfence.book import BookRisk, assess_table
from ringfence.errors import MissingInputError, RingfenceError
from ringfence_addin.market import keys
from ringfence_addin.market.client import asked, connect
from ringfence_addin.market.records import (
    RECORDS,
    REFUSED,
    Ask,
    Context,
    Exchange,
    Position,
    Record,
    Row,
    ask_for,
    dig,
    figure,
    is_open,
    read,
    symbol_of,
)
from ringfence_addin.market.rights import RIGHTS
from ringfence_addin.market.wallets import FUNDS, Wallet

REPORTED: Final = "venue_reported_liquidation_price"
_PAGES: Final = 50  # of 200 positions: a cursor that never ends is not followed for ever
_SILENT: Final = logging.Logger("ringfence.client", logging.CRITICAL + 1)  # ccxt logs its headers


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a venue said: positions in the input columns, those that could not be read by row.

    ``accounts`` are the wallets behind cross positions; None where there is no such position.
    """

    venue: str
    positions: pd.DataFrame
    refused: Mapping[int, str]
    accounts: pd.DataFrame | None
    notes: tuple[str, ...]
    fetched_at: datetime

    def assessed(self, as_of: date | None = None) -> BookRisk:
        """The risk of each position by the venue's rule."""
        return assess_table(
            self.positions,
            accounts=account_table.from_frame(self.accounts),
            as_of=as_of or self.fetched_at.date(),
            refused=self.refused,
        )


def fetch_positions(
    venue: str, account: str = "", *, allow_withdrawal_key: bool = False
) -> Fetched:
    """Ask ``venue`` for the account's open positions, and for its wallets if any is cross.

    Raises RingfenceError where the venue's records are not known, where there is no key or one that
    may withdraw (or may, for all that is known), or where the venue does not answer. A record that
    cannot be read is a row; wallets that cannot be read are an error of each cross row.
    """
    venue = check_venue(venue)
    record = RECORDS[venue]
    exchange = _client(venue, keys.find(venue, account))
    public = _client(venue, {})  # what anybody may ask is asked without the key
    notes = _check_rights(venue, exchange, allow_withdrawal_key)
    fetched_at = datetime.now(UTC)
    held, answers, context = asked(
        venue, exchange, lambda: _ask_all(record, exchange), has_key=True
    )
    listed: Mapping[str, Row] = {}
    if held and record.contract_size is None:
        listed = asked(venue, exchange, lambda: _listed(record, public), has_key=False)
    positions: list[Position] = []
    refused: dict[int, str] = {}
    for number, (ask, row) in enumerate(held):
        symbol = symbol_of(record, row)
        try:
            its = read(record, ask, row, context, listed.get(symbol))
            if its.mark_price is None:
                its.mark_price = _public_mark(venue, record, public, symbol)
        except RingfenceError as error:
            its, refused[number] = Position(symbol), str(error)
        positions.append(its)
    wallets: list[Wallet] | None = None
    cross = [row for row, its in enumerate(positions) if its.margin_mode == "cross"]
    if cross:
        try:
            wallets = asked(
                venue,
                exchange,
                lambda: list(FUNDS[venue].read(exchange, answers, context)),
                has_key=True,
            )
        except RingfenceError as error:
            whose = f"account {inputs.shown(account)}" if account else "the account"
            unread = f"the wallets of {whose} at {venue} could not be read: {error}"
            notes.append(f"{unread}; isolated positions do not need them")
            refused |= dict.fromkeys(cross, f"account: {unread}")
    if record.note and positions:
        notes.append(record.note)
    boxed = any(its.margin_mode == "isolated" for its in positions)
    if wallets and boxed and FUNDS[venue].boxes_assumed:
        notes.append(
            f"{venue}: ASSUMED that {FUNDS[venue].balance_from} holds the margin of isolated boxes"
        )
    return Fetched(
        venue,
        _positions_frame(venue, account, positions),
        refused,
        None if wallets is None else _accounts_frame(venue, account, wallets),
        tuple(notes),
        fetched_at,
    )


def check_venue(venue: str) -> str:
    """The venue's name in small letters. Raises RingfenceError where its record is not known."""
    venue = venue.strip().lower()
    if venue not in RECORDS:
        venues.rule_sets(venue)  # refuses a name that is not on file
        why = REFUSED.get(venue, "its record is not on file")
        raise RingfenceError(
            f"positions at {venue} cannot be fetched: {why}; there are {', '.join(RECORDS)}"
        )
    return venue


def compared(fetched: Fetched, book: BookRisk) -> pd.DataFrame:
    """The input columns, our liquidation price and margin ratio, the venue's price, and how far
    ours is from it (a fraction; NaN where one of the two is missing: :func:`one_sided`), and the
    status."""
    ours = book.risk["liquidation_price"]
    theirs = fetched.positions[REPORTED].to_numpy(dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        difference = ours / theirs - 1
    table = fetched.positions.drop(columns=REPORTED)
    return table.assign(
        liquidation_price=ours,
        margin_ratio=book.risk["margin_ratio"],
        **{REPORTED: theirs},
        difference=difference,
        status=book.risk["status"],
    )


def one_sided(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of :func:`compared`, none in error, where we have a price and the venue has none, or
    the other way round."""
    one = rows["liquidation_price"].isna() != rows[REPORTED].isna()
    return rows[one & ~rows["status"].astype(str).str.startswith("error")]


def _client(venue: str, key: Mapping[str, str]) -> Exchange:
    exchange = connect(venue)
    for name, value in key.items():
        setattr(exchange, name, value)
    exchange.logger = _SILENT
    exchange.session.max_redirects = 0
    return exchange


def _check_rights(venue: str, exchange: Exchange, allow_withdrawal_key: bool) -> list[str]:
    """What is to be said of the key.

    Raises RingfenceError for one that may withdraw, or that the venue does not tell it of.
    """
    if venue not in RIGHTS:
        return []
    rights, unknown = None, ""
    try:
        rights = asked(venue, exchange, lambda: RIGHTS[venue](exchange), has_key=True)
    except RingfenceError as error:
        unknown = f"{error}: what this key may do besides reading is not known"
    if rights is None:
        if allow_withdrawal_key:
            return [unknown]
        raise RingfenceError(
            f"{unknown}, so nothing else was asked of it; --allow-withdrawal-key asks all the same"
        )
    if rights.withdraw and not allow_withdrawal_key:
        raise RingfenceError(
            f"this key may withdraw from {venue}: nothing was asked of it; make a read-only key,"
            " or give --allow-withdrawal-key"
        )
    may = {
        "trade": rights.trade,
        "move money between accounts": rights.transfer,
        "withdraw": rights.withdraw,
    }
    if not any(may.values()):
        return []
    said = " and ".join(word for word, allowed in may.items() if allowed)
    return [f"this key may {said} at {venue}; a read-only key is enough"]


def _ask_all(
    record: Record, exchange: Exchange
) -> tuple[list[tuple[Ask, Any]], list[Any], Context]:
    """The open positions' records with what was asked, all answers, and the account's state."""
    context = record.context(exchange)
    held: list[tuple[Ask, Any]] = []
    answers: list[Any] = []
    for ask in record.asks:
        params = {
            name: value.format(wallet=exchange.walletAddress) for name, value in ask.params.items()
        }
        for _ in range(_PAGES):
            answer = ask_for(exchange, ask.endpoint, params)
            if answer is None:
                break
            answers.append(answer)
            rows = _rows(answer, ask.rows)
            held += [(ask, row) for row in rows if is_open(record, row)]
            cursor = dig(answer, ask.cursor) if ask.cursor else ""
            if not cursor or not rows or cursor == params.get("cursor"):
                break
            params = {**params, "cursor": cursor}
    if not answers:
        raise RingfenceError("the venue has no futures account for this key")
    return held, answers, context


def _rows(answer: Any, path: str) -> Sequence[Any]:
    """The list at ``path``; a stated null is an empty one, a missing list is no answer."""
    rows = dig(answer, path)
    before, _, last = path.rpartition(".")
    if rows is None and last in (dig(answer, before) or ()):
        return ()
    if not isinstance(rows, Sequence) or isinstance(rows, str):
        raise TypeError(f"no list of positions at {path or 'the top'}")
    return rows


def _listed(record: Record, exchange: Exchange) -> Mapping[str, Row]:
    """The venue's contracts by its own symbols."""
    if record.market_types:
        exchange.options["fetchMarkets"]["types"] = list(record.market_types)
    markets = exchange.load_markets().values()
    return {str(its["id"]): its for its in markets if its["contract"] and not its["option"]}


def _public_mark(venue: str, record: Record, exchange: Exchange, symbol: str) -> float:
    """The mark that the venue shows to anybody. Raises RingfenceError."""
    ask = record.public_mark
    if ask is None:
        raise MissingInputError("mark_price", "the venue's record has none")
    answer = asked(
        venue,
        exchange,
        lambda: getattr(exchange, ask.endpoint)({"symbol": symbol}),
        has_key=False,
    )
    mark = figure(answer, ask.rows)
    if not isinstance(mark, float) or mark <= 0:
        raise MissingInputError("mark_price", f"{venue} shows none for {inputs.shown(symbol)}")
    return mark


def _positions_frame(venue: str, account: str, positions: Sequence[Position]) -> pd.DataFrame:
    """Input columns that hold anything, in their order, then the venue's own price."""
    names = [its.name for its in fields(Position)]
    stated = {name: [getattr(its, name) for its in positions] for name in names}
    columns: dict[str, list[Any]] = {
        "venue": [venue] * len(positions),
        "account": [account] * len(positions),
        **stated,
    }
    always = {"venue", "symbol", "contract_type", "margin_mode", "side", "size", "contract_size",
              "entry_price", "mark_price", "leverage", "isolated_margin"}  # fmt: skip
    kept = [
        name
        for name in inputs.COLUMNS
        if name in columns
        and (name in always or any(not inputs.is_blank(cell) for cell in columns[name]))
    ]
    frame = pd.DataFrame({name: columns[name] for name in kept})
    return frame.assign(**{REPORTED: pd.Series(stated[REPORTED], dtype=float)})


def _accounts_frame(venue: str, account: str, wallets: Sequence[Wallet]) -> pd.DataFrame:
    names = [its.name for its in fields(Wallet)]
    stated = {name: [getattr(its, name) for its in wallets] for name in names}
    kept: dict[str, list[Any]] = {
        name: cells
        for name, cells in stated.items()
        if name in ("wallet_balance", "currency")
        or any(not inputs.is_blank(cell) for cell in cells)
    }
    return pd.DataFrame(
        {"account": [account] * len(wallets), "venue": [venue] * len(wallets), **kept}
    )
