"""The trade that the workbook opens with: a row of a table, in coins and dollars."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from ringfence import inputs, tiers, venues
from ringfence.book import BookRisk, assess_columns
from ringfence.errors import RingfenceError
from ringfence.lookup import Terms, find
from ringfence.quantities import LINEAR, QUANTO
from ringfence_addin import cells
from ringfence_templates.filling import Filling
from ringfence_templates.given import Cell, Given, as_table, positions_given
from ringfence_templates.text_safe import clean_text
from ringfence_templates.venue_compare.layout import INPUTS, NOTIONAL, OF_VENUE, TARGET
from ringfence_templates.venue_compare.on_file import Listed, perpetuals

_EXTRAS: Final = {"coin": None, "notional": NOTIONAL, "target_distance": TARGET}
_POSITION: Final = inputs.COLUMNS
_DIGITS: Final = 12  # contracts times contract_size is what a person would write
TARGET_AT_FIRST: Final = 0.1


@dataclass(frozen=True, slots=True)
class Trade:
    """The inputs as their cells hold them, and where they are from."""

    given: Mapping[str, Cell]  # of the sheet Compare
    typed: Mapping[str, Mapping[str, Cell]]  # venue -> its cells on the sheet Venues
    listed: tuple[Listed, ...]  # the contracts the workbook can name itself
    row: int | None  # which of the rows that hold anything, from 1
    rows: int
    day: date  # whose rules the file knows, and the stored values are of where none is typed
    filled_on: date
    title: str


def build_trade(filling: Filling) -> Trade:
    """The first row of the positions that can be computed; the first at all where none can."""
    names = (*_POSITION, *_EXTRAS)
    rows = positions_given(filling.positions, names, filling.refused)
    columns, n, _ = cells.table_columns(as_table(_POSITION, rows))
    book = assess_columns(columns, n, as_of=filling.day)
    at = next((at for at, terms in enumerate(book.terms) if _computed(book, at, terms)), 0)
    its = rows[at] if rows else dict.fromkeys(names)
    terms = book.terms[at] if at < len(book.terms) else None
    given = _given(its, terms, filling.as_of)
    listed = tuple(perpetuals(str(given["coin"] or "")))
    venue = terms.rule.venue if terms else str(its["venue"] or "").lower()
    return Trade(
        given=given,
        typed={venue: _typed(its, terms, given, listed)} if venue in venues.names() else {},
        listed=listed,
        row=at + 1 if rows else None,
        rows=len(rows),
        day=given["as_of"] if isinstance(given["as_of"], date) else filling.day,
        filled_on=filling.filled_on,
        title=filling.title,
    )


def _computed(book: BookRisk, at: int, terms: Terms | None) -> bool:
    return terms is not None and not str(book.risk["status"][at]).startswith("error")


def _given(its: Given, terms: Terms | None, as_of: date | None) -> dict[str, Cell]:
    """The cells of the sheet Compare."""
    given: dict[str, Cell] = {
        name: its[name] for name in INPUTS if name in its and name not in _EXTRAS
    }
    given |= {name: _number(field, its[name]) for name, field in _EXTRAS.items() if field}
    given["coin"] = its["coin"] or _coin(its, terms)
    given["size"] = _coins(its, terms)
    if terms and terms.inverse:
        given["isolated_margin"] = _in_dollars(its["isolated_margin"], its["entry_price"])
    given["as_of"] = its["as_of"] or as_of
    if given["target_distance"] is None and its["side"] is not None:
        given["target_distance"] = TARGET_AT_FIRST
    return {name: _as_held(value) for name, value in given.items()}


def _as_held(value: Cell) -> Cell:
    """A text as a cell holds it."""
    return clean_text(value) if isinstance(value, str) else value


def _number(field: inputs.NumberField, value: Cell) -> Cell:
    """The number that a text must mean, else the text."""
    number = field.read(value) if isinstance(value, str) else None
    return value if number is None else number


def _coin(its: Given, terms: Terms | None) -> str | None:
    if terms:
        return terms.base.upper()
    symbol = its["symbol"]
    return None if symbol is None else tiers.currencies(str(symbol))[0] or None


def _coins(its: Given, terms: Terms | None) -> Cell:
    """The size in coins; a text where nobody can tell how many they are."""
    size, entry, per_contract = its["size"], its["entry_price"], its["contract_size"]
    if not isinstance(size, (int, float)):
        return size
    if terms and terms.contract_type == QUANTO:
        return "contracts whose coins vary with the price"
    if terms and terms.inverse:
        if isinstance(entry, (int, float)) and entry:
            return _plain(size * terms.contract_size / entry)
        return size
    if terms:
        return _plain(size * terms.contract_size)
    if isinstance(per_contract, (int, float)):
        return _plain(size * per_contract)
    if contract := _linear(its):
        return _plain(size * contract.contract_size)
    venue = str(its["venue"] or "").lower()
    if venue in venues.names() and venues.rule_sets(venue)[-1].size_unit == "contracts":
        return f"{size:g} contracts of unknown size"
    return size


def _linear(its: Given) -> tiers.Contract | None:
    """The row's contract on file, though the row itself is in error."""
    try:
        _, contract = find(str(its["venue"] or ""), str(its["symbol"] or ""))
    except RingfenceError:
        return None
    return contract if contract and contract.contract_type == LINEAR else None


def _in_dollars(margin: Cell, entry: Cell) -> Cell:
    if isinstance(margin, (int, float)) and isinstance(entry, (int, float)):
        return _plain(margin * entry)
    return margin


def _plain(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


def _typed(
    its: Given, terms: Terms | None, given: Mapping[str, Cell], listed: tuple[Listed, ...]
) -> dict[str, Cell]:
    """What the row says of its own venue: its symbol where that is not the coin's main contract."""
    typed = {
        name: _as_held(its[name])
        for name in OF_VENUE
        if name in _POSITION and its[name] is not None
    }
    kind = terms.contract_type if terms else typed.get("contract_type", LINEAR)
    typed.pop("contract_type", None)
    if kind != LINEAR:
        typed["contract_type"] = kind
    venue = terms.rule.venue if terms else str(its["venue"] or "").lower()
    main = _main(listed, venue, kind, given["coin"])
    symbol = str(typed.get("symbol") or "")
    if main and tiers.symbol_key(symbol) in ("", tiers.symbol_key(main.symbol)):
        typed.pop("symbol", None)
        if typed.get("contract_size") == main.contract_size:
            del typed["contract_size"]
    return typed


def _main(listed: tuple[Listed, ...], venue: str, kind: Any, coin: Cell) -> Listed | None:
    wanted = (venue, kind, str(coin or "").upper())
    return next((one for one in listed if (one.venue, one.kind, one.coin) == wanted), None)
