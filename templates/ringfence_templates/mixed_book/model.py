"""What the workbook holds and shows, as Python computes it: the values beside the formulas."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from ringfence.book import BookRisk
from ringfence.lookup import PARENT_HOUSE
from ringfence_addin.formulas.book import ACCOUNT_ROWS
from ringfence_addin.formulas.common import book_of
from ringfence_addin.functions import FORMULAS, RISK_COLUMNS
from ringfence_templates import given, ranking
from ringfence_templates.filling import Filling
from ringfence_templates.given import WALLET_INPUTS, Given
from ringfence_templates.mixed_book import wallets
from ringfence_templates.mixed_book.layout import INPUTS
from ringfence_templates.mixed_book.texts import text_of, trimmed
from ringfence_templates.mixed_book.wallets import Wallet
from ringfence_templates.package import Value
from ringfence_templates.ranking import (
    BLANK,
    ERROR,
    KEY_DIGITS,
    away_of,
    in_dollars,
    light_of,
    sort_key,
    state_of,
)

Table = Sequence[Sequence[Value]]

ISOLATED, CROSS = "isolated", "cross"
MODES: Final = (ISOLATED, CROSS)
NO_ANSWER: Final = "error: RF_RISK gave no answer; is Ringfence running?"

# Before every ratio: a pool whose balance is gone
BANKRUPT_KEY: Final = -1e9
CENTS: Final = 6  # digits of differences of sums: none of them is a rounding error of its own

POOL_LIGHTS: Final = ("Liquidated", "Red", "Amber", "Green")
NEAR: Final = 0.1  # as RF_EXPOSURE counts what is near
# Where a venue lists its inverse contracts apart
INVERSE_VENUE: Final = {venue: house for house, venue in PARENT_HOUSE.items()}

_LARGEST: Final = 9e307  # that a cell holds, about
_FEWEST_POOLS, _SPARE_POOLS = 20, 10
_EXPOSURE_REST: Final = 48  # rows of RF_EXPOSURE besides the coins: totals, venues, heads, top-ups


@dataclass(frozen=True, slots=True)
class Thresholds(ranking.Thresholds):
    """Pools have one more."""

    amber_ratio: float = 0.5


@dataclass(frozen=True, slots=True)
class Row:
    """One position: its input cells, RF_RISK's row, and the columns of Calc. No value is ''."""

    row: int  # in the table, from 1
    given: Given
    risk: Mapping[str, Value]
    mode: str
    state: str
    away: Value  # distance by which rows are ranked
    sort_key: float
    mark_price: Value
    notional: Value  # this and the next three in dollars
    unrealized_pnl: Value
    max_loss: Value  # a cross position's is its whole pool's wallet
    left_to_lose: Value  # a box's margin balance, 0 where it is bankrupt
    box: float  # max_loss of a box; else 0
    rule_venue: str  # whose rules apply
    account: str
    house: str  # the venue of its row in Accounts
    light: str
    rank: int = 0
    used: int = 1

    def text(self, name: str) -> str:
        return text_of(self.given[name])

    @property
    def box_away(self) -> Value:
        return self.away if self.mode == ISOLATED else BLANK

    @property
    def pool_away(self) -> Value:
        return self.away if self.mode == CROSS else BLANK

    @property
    def status(self) -> str:
        return status_of(self.risk)


@dataclass(frozen=True, slots=True)
class Pool:
    """One row of RF_ACCOUNTS, and its light."""

    row: int
    cells: Mapping[str, Value]
    key: float
    light: str
    rank: int = 0

    def text(self, name: str) -> str:
        return str(self.cells[name])


@dataclass(frozen=True, slots=True)
class Exposure:
    """What RF_EXPOSURE returns; lines are counted from 1, as INDEX does."""

    table: Table

    def total(self, name: str) -> Value:
        return next((line[2] for line in self.table if line[1:2] == [name]), BLANK)

    def start(self, kind: str) -> int:
        """The line with the heads of a section."""
        return next((at for at, line in enumerate(self.table, 1) if line[0] == kind), 0)

    def lines(self, kind: str) -> list[Sequence[Value]]:
        """A section without its heads."""
        return [line for line in self.table if line[0] == kind][1:]

    def line(self, kind: str, number: int) -> Sequence[Value] | None:
        """A line of a section, from 1; None behind its end."""
        lines = self.lines(kind)
        return lines[number - 1] if number <= len(lines) else None


@dataclass(frozen=True, slots=True)
class Model:
    """The whole book. ``rows`` as in the table; ``ranked`` nearest liquidation first."""

    rows: tuple[Row, ...]
    ranked: tuple[Row, ...]
    wallets: tuple[Wallet, ...]
    pools: tuple[Pool, ...]
    ranked_pools: tuple[Pool, ...]
    exposure: Exposure
    joint: Table
    capacity: int  # rows of the table Positions, those for typing included
    wallet_capacity: int
    thresholds: Thresholds
    as_of: date | None
    filled_on: date
    title: str
    book: BookRisk

    @property
    def pool_room(self) -> int:
        """Rows that RF_ACCOUNTS has in Calc and Pools."""
        return max(_FEWEST_POOLS, len(self.pools) + _SPARE_POOLS)

    @property
    def exposure_room(self) -> int:
        """Rows that RF_EXPOSURE has in Calc: each position may be of a coin of its own."""
        return self.capacity + _EXPOSURE_REST

    @property
    def idle(self) -> float:
        """Dollars in no box and behind no cross position."""
        return _number(self.exposure.total("idle"))

    def count(self, light: str) -> int:
        return sum(row.light == light for row in self.rows)

    def of_mode(self, mode: str) -> list[Row]:
        return [row for row in self.rows if row.mode == mode]

    def total(self, name: str, mode: str) -> float:
        """Sum of a figure in dollars over the rows of a mode that have one."""
        return summed(getattr(row, name) for row in self.of_mode(mode))


def build_model(filling: Filling, *, spare_accounts: int) -> Model:
    """Everything the workbook shows of positions and accounts."""
    cells = given.positions_given(filling.positions, INPUTS, filling.refused)
    held = given.accounts_given(filling.accounts)
    book, purse = given.as_table(INPUTS, cells), given.as_table(WALLET_INPUTS, held)
    day, thresholds = filling.day, Thresholds()
    _, *risks = _answer("RF_RISK", book, day, purse)
    names = wallets.names_of(held)
    rows = _ranked(
        [
            _row(number, its, dict(zip(RISK_COLUMNS, risk, strict=True)), names, thresholds)
            for number, (its, risk) in enumerate(zip(cells, risks, strict=True), 1)
        ]
    )
    _, *found = _answer("RF_ACCOUNTS", book, purse, day)
    pools = _ranked_pools([_pool(at, its, thresholds) for at, its in enumerate(found, 1)])
    return Model(
        rows=tuple(rows),
        ranked=tuple(sorted(rows, key=lambda row: row.rank)),
        wallets=tuple(wallets.wallets(held, rows)),
        pools=tuple(pools),
        ranked_pools=tuple(sorted(pools, key=lambda pool: pool.rank)),
        exposure=Exposure(_answer("RF_EXPOSURE", book, purse, None, day)),
        joint=_answer("RF_JOINT_SHOCK", book, None, purse, day),
        capacity=len(rows) + filling.spare_rows,
        wallet_capacity=len(held) + spare_accounts,
        thresholds=thresholds,
        as_of=filling.as_of,
        filled_on=filling.filled_on,
        title=filling.title,
        book=book_of(book, purse, day),
    )


def status_of(risk: Mapping[str, Value]) -> str:
    return str(risk["status"]) or NO_ANSWER


def summed(values: Iterable[Value]) -> float:
    """``SUM()``: of the numbers among them."""
    try:
        return math.fsum(value for value in values if not isinstance(value, str))
    except OverflowError:
        return _LARGEST


def _answer(name: str, *arguments: Any) -> Table:
    """What a formula returns for the same cells."""
    table: Table = FORMULAS[name].function(*arguments)
    return table


def _ranked(rows: Sequence[Row]) -> list[Row]:
    order = sorted(range(len(rows)), key=lambda at: (rows[at].sort_key, at))
    rank = {at: number for number, at in enumerate(order, 1)}
    return [replace(row, rank=rank[at]) for at, row in enumerate(rows)]


def _row(
    number: int,
    cells: Given,
    risk: Mapping[str, Value],
    names: Sequence[tuple[str, str]],
    thresholds: Thresholds,
) -> Row:
    status = status_of(risk)
    state = state_of(status)
    mode = CROSS if trimmed(cells["margin_mode"]).startswith(CROSS) else ISOLATED
    away = away_of(state, risk["liquidation_distance"])
    venue, account = trimmed(cells["venue"]), trimmed(cells["account"])
    inverse = risk["contract_type"] == "inverse"
    rule_venue = INVERSE_VENUE.get(venue, venue) if inverse else venue
    there = any(v == rule_venue and account in ("", a) for a, v in names)
    mark, ratio = cells["mark_price"], risk["margin_ratio"]
    strained = not isinstance(ratio, str) and ratio >= thresholds.amber_ratio

    return Row(
        row=number,
        given=cells,
        risk=risk,
        mode=mode,
        state=state,
        away=away,
        sort_key=sort_key(state, away),
        mark_price=BLANK if state == ERROR else _number(mark) or _number(cells["entry_price"]),
        notional=in_dollars(risk, "notional"),
        unrealized_pnl=in_dollars(risk, "unrealized_pnl"),
        max_loss=in_dollars(risk, "max_loss"),
        left_to_lose=in_dollars(risk, "margin_balance", 0.0) if mode == ISOLATED else BLANK,
        box=_number(in_dollars(risk, "max_loss")) if mode == ISOLATED else 0.0,
        rule_venue=rule_venue,
        account=account,
        house=rule_venue if there else PARENT_HOUSE.get(rule_venue, rule_venue),
        light=light_of(state, away, ratio, thresholds, strained=mode == CROSS and strained),
    )


def _number(value: Any) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0


def _pool(number: int, found: Sequence[Value], thresholds: Thresholds) -> Pool:
    cells = dict(zip(ACCOUNT_ROWS, found, strict=True))
    ratio = cells["margin_ratio"]
    if isinstance(ratio, str) or ratio >= 1:
        light = "Liquidated"
    elif ratio >= thresholds.red_ratio:
        light = "Red"
    else:
        light = "Amber" if ratio >= thresholds.amber_ratio else "Green"
    key = BANKRUPT_KEY if isinstance(ratio, str) else -round(ratio, KEY_DIGITS)
    return Pool(row=number, cells=cells, key=key, light=light)


def _ranked_pools(pools: Sequence[Pool]) -> list[Pool]:
    """The highest ratio first."""
    order = sorted(range(len(pools)), key=lambda at: (pools[at].key, at))
    rank = {at: number for number, at in enumerate(order, 1)}
    return [replace(pool, rank=rank[at]) for at, pool in enumerate(pools)]
