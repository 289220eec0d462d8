"""The trade that the workbook opens with: a row of the table, and what is put in beside it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import pandas as pd

from ringfence import inputs, position
from ringfence.accounts import Accounts, from_frame, no_wallet, pool_wallet
from ringfence.book import BookRisk, assess_columns
from ringfence.errors import RingfenceError
from ringfence.sizing import adverse_price, sigma_of
from ringfence_addin import cells
from ringfence_templates.filling import Filling
from ringfence_templates.given import Cell
from ringfence_templates.isolated_book.model import INPUTS as TABLE_INPUTS
from ringfence_templates.isolated_book.model import Row, build_model
from ringfence_templates.position_sizer.layout import INPUTS, POSITION, TRADE
from ringfence_templates.ranking import ERROR

# What a sizer needs beside the position, where the table does not say it
ASSUMED: Final = {
    "interval_hours": 8.0,
    "volatility": 0.6,
    "sigmas": 2.0,
    "days": 7.0,
    "slippage": 0.001,
}
WALLET_MULTIPLE: Final = 5.0  # of the margin in the box
_CROSS: Final = "a cross position: see mixed_book"  # errors quote no more of a text than 40


@dataclass(frozen=True, slots=True)
class Trade:
    """The inputs as their cells hold them, and where they are from."""

    given: Mapping[str, Cell]
    put_in: tuple[str, ...]  # the inputs that neither the table nor the accounts gave
    wallet_problem: str  # why the accounts gave no wallet; ''
    row: int | None  # which row of the table, from 1; None: it has none
    rows: int  # rows of the table that hold anything
    as_of: date | None
    filled_on: date
    title: str
    book: BookRisk  # of the one row


def build_trade(filling: Filling) -> Trade:
    """The first row of the positions that can be computed; the first at all where none can."""
    positions, as_of = filling.positions, filling.as_of
    wallets = from_frame(filling.accounts)
    model = build_model(filling)
    row = next((row for row in model.rows if row.state != ERROR), None)
    row = row or (model.rows[0] if model.rows else None)
    at = None if row is None else _filled_rows(positions, filling.refused)[row.number - 1]
    cells_given = _position(row, as_of)
    book = _assessed(cells_given, filling.day)
    extras = {} if at is None else _extras(positions, at)
    wallet, problem = _wallet(wallets, row, book)
    given: dict[str, Cell] = {**dict.fromkeys(INPUTS), **cells_given, **wallet, **extras}
    started = _started(given, book)
    return Trade(
        given={**given, **started},
        put_in=tuple(name for name in INPUTS if name in started),
        wallet_problem=problem if "wallet_balance" in started else "",
        row=None if at is None else at + 1,
        rows=len(model.rows),
        as_of=as_of,
        filled_on=filling.filled_on,
        title=filling.title,
        book=book,
    )


def _filled_rows(positions: pd.DataFrame, refused: Mapping[int, str]) -> list[int]:
    """The row numbers, from 0, of the rows that hold anything: those of the model."""
    names = [inputs.column_name(name) for name in positions.columns]
    columns = [
        positions.iloc[:, names.index(name)].tolist() for name in TABLE_INPUTS if name in names
    ]
    return [
        at
        for at in range(len(positions))
        if at in refused or not all(inputs.is_blank(column[at]) for column in columns)
    ]


def _position(row: Row | None, as_of: date | None) -> dict[str, Cell]:
    """The cells that RF_RISK reads. A cross position keeps its place, with its reason as size."""
    if row is None:
        return {**dict.fromkeys(POSITION), "as_of": as_of}
    given = {name: row.given[name] for name in POSITION}
    if row.given["margin_mode"] == "cross":
        given["size"] = _CROSS
    return {**given, "as_of": given["as_of"] or as_of}


def _assessed(given: Mapping[str, Cell], day: date) -> BookRisk:
    names = [name for name in POSITION if name != "as_of" or given[name] is not None]
    values = [given[name] for name in names]
    filled = any(given[name] is not None for name in TRADE)
    columns, n, _ = cells.table_columns([names, *([values] if filled else [])])
    return assess_columns(columns, n, as_of=day)


def _extras(positions: pd.DataFrame, at: int) -> dict[str, Cell]:
    """What the row says of the inputs that are no columns of a position: stop_price, days ..."""
    names = [inputs.column_name(name) for name in positions.columns]
    found: dict[str, Cell] = {}
    for name, its in INPUTS.items():
        if name in TABLE_INPUTS or names.count(name) != 1 or its.number is None:
            continue
        value = positions.iloc[at, names.index(name)]
        if not inputs.is_blank(value):
            found[name] = _number(its.number, value)
    return found


def _number(field: inputs.NumberField, value: Any) -> Cell:
    """A number; text where it has no one reading, for the formula's own message."""
    number: float | None
    try:
        number = field.read(value) if isinstance(value, str) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = None
    return number if number is not None and math.isfinite(number) else str(value).strip()


def _wallet(
    accounts: Accounts | None, row: Row | None, book: BookRisk
) -> tuple[dict[str, Cell], str]:
    """The wallet of the row's account; empty, with the reason, where the accounts have none."""
    terms = book.terms[0] if len(book.terms) else None
    if accounts is None or row is None or terms is None:
        return {}, ""
    cross = terms.rule.cross
    collateral = cross.collateral if cross else None
    try:
        name, house = row.text("account").casefold(), terms.rule.venue
        holder = accounts.holder(name, house)
        if holder is None:
            raise no_wallet(name, house)
        balance = pool_wallet(accounts.wallets(holder), terms.settle, True, collateral)
    except RingfenceError as error:
        return {}, str(error)
    return ({"wallet_balance": balance}, "") if balance > 0 else ({}, "the account is empty")


def _started(given: Mapping[str, Cell], book: BookRisk) -> dict[str, Cell]:
    """What is put in for the inputs that nothing gives, so that every answer shows something."""
    started: dict[str, Cell] = {
        name: value for name, value in ASSUMED.items() if given[name] is None
    }
    if not len(book.terms) or book.terms[0] is None:
        return started
    margin, mark = float(book.risk["max_loss"][0]), float(book.mark_price[0])
    side, price = float(book.side_sign[0]), float(book.risk["liquidation_price"][0])
    if given["wallet_balance"] is None:
        started["wallet_balance"] = WALLET_MULTIPLE * margin
    figures = {**given, **started}
    deviations = _deviations(figures)
    if deviations is None:
        return started
    sigmas, sigma = deviations
    if given["stop_price"] is None and book.risk["status"][0] != position.ALREADY:
        far = adverse_price(mark, side, 1.0, sigma) if math.isnan(price) else price
        started["stop_price"] = _rounded((mark + far) / 2, abs(mark - far) / 2)
    if given["target_price"] is None:
        target = adverse_price(mark, side, sigmas, sigma)
        started["target_price"] = _rounded(target, abs(mark - target) / 10)
    return started


def _deviations(figures: Mapping[str, Cell]) -> tuple[float, float] | None:
    """How many standard deviations, and one of them; None where that is not known."""
    numbers = [figures[name] for name in ("sigmas", "volatility", "days")]
    good = [each for each in numbers if isinstance(each, (int, float)) and 0 < each < 1e6]
    if len(good) < len(numbers):
        return None
    sigmas, volatility, days = good
    sigma = sigma_of(volatility, days)
    return (sigmas, sigma) if sigmas * sigma < 50 else None


def _rounded(price: float, coarse: float) -> float:
    """A price a person would type: in steps of the power of ten that ``coarse`` holds."""
    digits = -math.floor(math.log10(coarse)) if coarse > 0 else 8
    return float(round(price, digits))
