"""Many positions: table in, table out, a row for a row; a bad row says why and spoils no other.

The columns are those of :mod:`ringfence.inputs`. The arithmetic is that of
:mod:`ringfence.position`, on NumPy arrays; pandas appears only in :func:`evaluate`.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from ringfence import inputs, position, rounding, venues
from ringfence.accounts import (
    Accounts,
    Holder,
    coins_behind,
    from_frame,
    idle_money,
    no_wallet,
    pool_wallet,
)
from ringfence.boxes import Boxes, Figures, TermsColumns
from ringfence.errors import InputError, MissingInputError, RingfenceError, RuleMissingError
from ringfence.lookup import PARENT_HOUSE, by_leverage, kept_per_terms
from ringfence.pools import CrossColumns, CrossPositions, PoolWallets, summed
from ringfence.rows import Columns, Rows
from ringfence.schedules import ALL_OF_IT
from ringfence.solver import Floats, Ints

if TYPE_CHECKING:
    import pandas as pd

Objects = NDArray[np.object_]
OUTPUTS: Final = position.Risk._fields
_NO_ACCOUNTS: Final = MissingInputError(
    "account", "a cross position needs the wallet_balance of its account; give accounts"
)
_BOXED: Final = InputError(
    "isolated_margin", "has no place in a cross position; leave it blank, or set margin_mode"
)
_NOT_DOLLARS: Final = InputError(
    "contract_type", "in multi collateral mode only contracts that settle in dollars are modelled"
)
_INCOMPLETE_POOL: Final = InputError(
    "account", "another of its rows is in error, so that what the pool requires is not known"
)
VENUE_PRICE: Final = "venue_liquidation_price"  # the column of tables that are asked for it


def evaluate(
    positions: "pd.DataFrame",
    *,
    accounts: "pd.DataFrame | None" = None,
    as_of: date | str | None = None,
    venue_rounding: bool = False,
) -> "pd.DataFrame":
    """The risk of each position: one row out for each row in, with the same index.

    Parameters
    ----------
    positions : DataFrame
        Input columns as in :data:`ringfence.inputs.COLUMNS` (case and spaces in the names do not
        matter; other columns are ignored). Rates are fractions, prices quote per base.
    accounts : DataFrame, optional
        Columns account, venue, wallet_balance: what cross positions share, with the margin of
        isolated boxes in it and without unrealized PnL. Optional columns: currency (where an
        account's positions settle in several), collateral_mode (single or multi), price and
        collateral_weight (of a coin held as collateral).
    as_of : date or ISO text, optional
        Day whose rules apply where a row's own ``as_of`` is blank. Default: today.
    venue_rounding : bool
        Add the column ``venue_liquidation_price``: the liquidation price as the venue's
        screen rounds it, null where that is not known.

    Returns
    -------
    DataFrame
        The columns :data:`OUTPUTS`; money in settle currency. A row that cannot be computed has
        nulls and the status ``error: field: what is wrong``. ``liquidation_price`` is null with the
        status ``never liquidated`` where no price liquidates the position.
    """
    import pandas as pd

    book = assess_table(positions, accounts=from_frame(accounts), as_of=as_of)
    columns = dict(book.risk)
    if venue_rounding:
        columns[VENUE_PRICE] = book.venue_liquidation_price()
    return pd.DataFrame(columns, index=positions.index)


def assess_table(
    positions: "pd.DataFrame",
    *,
    accounts: Accounts | None = None,
    as_of: date | str | None = None,
    refused: Mapping[int, str] | None = None,
) -> "BookRisk":
    """:func:`assess_columns` for a DataFrame; ``refused`` is by row number."""
    names = [inputs.column_name(name) for name in positions.columns]
    columns: dict[str, NDArray[Any]] = {
        str(name): _plain_array(positions.iloc[:, names.index(name)])
        for name in inputs.COLUMNS
        if name in names
    }
    twice = [name for name in columns if names.count(name) > 1]
    return assess_columns(
        columns,
        len(positions),
        accounts=accounts,
        as_of=as_of,
        ambiguous=twice,
        refused=refused,
    )


@dataclass(frozen=True, slots=True)
class BookRisk:
    """The risk of each position of a book, and what is needed to add positions up.

    Every array has one element a row, and NaN or None for a row in error; ``risk`` has the columns
    :data:`OUTPUTS`. ``settle_price`` is what one unit of the row's settle currency is worth in
    dollars (USDT, USDC and USD count as one): 1 for linear, the mark price for inverse, NaN where
    it cannot be known (quanto, ETH/BTC).
    """

    risk: dict[str, NDArray[Any]]
    terms: Objects  # lookup.Terms
    contract_type: Objects
    side_sign: Floats
    size: Floats
    entry_price: Floats
    mark_price: Floats
    settle_price: Floats
    account: Objects  # as the positions name it, in small letters; '' where they do not
    boxes: Boxes
    box_rows: Ints  # the row of each box
    pools: CrossPositions | None
    pool_rows: Ints  # the row of each cross position
    # Currency -> dollars in the accounts that are in no box and behind no cross position; what
    # is in dollars of any kind stands under "USD"
    idle: Callable[[], Mapping[str, float]]

    def venue_liquidation_price(self) -> Floats:
        """Each liquidation price as the venue's screen rounds it; NaN where that is not known."""
        column = np.full(len(self.terms), np.nan)
        prices = self.risk["liquidation_price"].tolist()
        for row, (its, side, price) in enumerate(
            zip(self.terms, self.side_sign.tolist(), prices, strict=True)
        ):
            if its is not None and price == price:
                try:
                    column[row] = rounding.rounded(its, side, price)
                except RuleMissingError:
                    continue
        return column


def _plain_array(column: "pd.Series[Any]") -> NDArray[Any]:
    """The column's values: floats where it is plainly numeric, else objects."""
    if column.dtype.kind in "fiu":
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    return column.to_numpy(dtype=object)


def assess_columns(
    columns: Columns,
    n: int,
    *,
    accounts: Accounts | None = None,
    as_of: date | str | None = None,
    ambiguous: Iterable[str] = (),
    refused: Mapping[int, str] | None = None,
    blank: Iterable[int] = (),
) -> BookRisk:
    """:func:`evaluate` for a mapping of column name -> ``n`` values, without pandas.

    ``ambiguous`` names columns that the table holds more than once: every row is then an error,
    because which one was meant cannot be known. ``refused`` has the reasons of rows that the reader
    of a file could not make sense of; ``blank`` are rows that hold nothing: their status is
    "blank", and they are no error of their account's.
    """
    rows = Rows(columns, n)
    rows.leave_out(list(blank))
    rows.give_up(refused or {})
    for name in ambiguous:
        rows.refuse(range(n), InputError(name, "the table has this column more than once"))
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        return _Table(rows, accounts, inputs.parse_date(as_of) or date.today()).answer()


_terms_columns: Final = kept_per_terms(TermsColumns)
_cross_columns: Final = kept_per_terms(CrossColumns)


class _Table:
    """One table on its way from parsed columns to answers: boxes first, then pools."""

    def __init__(self, rows: Rows, accounts: Accounts | None, default_day: date) -> None:
        self.rows, self.accounts = rows, accounts
        labels = {
            name: rows.labels(name, parse)
            for name, parse in {
                "venue": lambda v: inputs.parse_text(v).lower(),
                "symbol": inputs.parse_text,
                "as_of": lambda v: inputs.parse_date(v) or default_day,
                "contract_type": lambda v: inputs.parse_choice("contract_type", v),
                "margin_mode": lambda v: inputs.parse_choice("margin_mode", v),
                "side": lambda v: inputs.parse_choice("side", v),
                "account": lambda v: inputs.parse_text(v).casefold(),
            }.items()
        }
        self.account, self.venue = labels.pop("account"), labels["venue"]
        self.is_cross = labels["margin_mode"].equals("cross")
        side = labels.pop("side")
        self.side_sign = side.floats()
        self.number = {name: rows.numbers(field) for name, field in inputs.NUMBERS.items()}

        rows.refuse_where(self.venue.equals(""), inputs.missing("venue"))
        rows.refuse_where(side.equals(None), inputs.missing("side"))
        for name in ("size", "entry_price"):
            rows.refuse_where(np.isnan(self.number[name]), inputs.missing(name))
        self._check_margin()
        figures = {
            name: self.number[name] for name in ("contract_size", "mmr", "maintenance_amount")
        }
        dependent = np.array([by_leverage(name) for name in self.venue.values], bool)
        if dependent.any():
            its = dependent[self.venue.code]
            figures["leverage"] = np.where(its, self.number["leverage"], np.nan)
        self.code, self.terms = rows.terms(labels, figures, self.number["taker_fee_rate"])
        self.columns = _terms_columns(self.terms)

    def _check_margin(self) -> None:
        rows, margin, leverage = self.rows, self.number["isolated_margin"], self.number["leverage"]
        none = np.isnan(margin) & np.isnan(leverage) & ~rows.refused_for("leverage")
        rows.refuse_where(none & ~self.is_cross, position.MISSING_MARGIN)
        rows.refuse_where((margin == 0) & ~self.is_cross, position.NO_MARGIN)
        rows.refuse_where((margin > 0) & self.is_cross, _BOXED)
        if self.accounts is None:
            rows.refuse_where(self.is_cross, _NO_ACCOUNTS)

    def _figures(self, kept: Ints) -> dict[str, Floats]:
        number = self.number
        return {
            "side_sign": self.side_sign[kept],
            "size": number["size"][kept],
            "entry": number["entry_price"][kept],
            "mark": number["mark_price"][kept],
            "leverage": number["leverage"][kept],
            "funding_rate": number["funding_rate"][kept],
            "taker_fee_rate": number["taker_fee_rate"][kept],
        }

    def answer(self) -> BookRisk:
        boxes, box_rows = self._boxes()
        pools, pool_rows = self._pools(boxes, box_rows)
        risk = _spread_risk(
            self.rows.n,
            [(box_rows, boxes.risk()), *([(pool_rows, pools.risk())] if pools else [])],
        )
        for row, problem in self.rows.problems.items():
            risk["status"][row] = problem
        answered = np.concatenate([box_rows, pool_rows])
        parts = [boxes, *([pools.rows] if pools else [])]

        def spread(values: Sequence[NDArray[Any]]) -> NDArray[Any]:
            return _spread(self.rows.n, answered, np.concatenate(values))

        return BookRisk(
            risk=risk,
            terms=spread([self.columns.itself[part.code] for part in parts]),
            contract_type=spread([self.columns.contract_type[part.code] for part in parts]),
            side_sign=spread([part.side_sign for part in parts]),
            size=spread([part.size for part in parts]),
            entry_price=spread([part.entry for part in parts]),
            mark_price=spread([part.mark for part in parts]),
            settle_price=spread([part.settle_price() for part in parts]),
            account=np.array(self.account.values, object)[self.account.code],
            boxes=boxes,
            box_rows=box_rows,
            pools=pools,
            pool_rows=pool_rows,
            idle=cache(partial(self._idle, boxes, box_rows, pools, pool_rows)),
        )

    # Boxes

    def _boxes(self) -> tuple[Boxes, Ints]:
        """The isolated positions that can be computed, and their rows."""
        kept = np.flatnonzero(self.rows.good & ~self.is_cross)
        wallet = self.number["isolated_margin"]
        boxes = Boxes(self.columns, self.code[kept], wallet=wallet[kept], **self._figures(kept))
        self.rows.refuse(kept[~boxes.in_range], position.TOO_LARGE)
        self.rows.refuse_where(_at(self.rows.n, kept[boxes.takes_all]), ALL_OF_IT)
        self._refuse_beyond(kept[boxes.in_range & boxes.beyond_tiers(boxes.liquidation)])
        good = self.rows.good[kept]
        return boxes.take(np.flatnonzero(good)), kept[good]

    def _refuse_beyond(self, rows: Ints) -> None:
        for row in rows.tolist():
            self.rows.refuse([row], self.terms[self.code[row]].beyond_tiers)

    # Pools

    def _pools(self, boxes: Boxes, box_rows: Ints) -> tuple[CrossPositions | None, Ints]:
        """The cross positions of pools that can be computed, and their rows."""
        rows, cross = self.rows, _cross_columns(self.terms)
        for code, error in cross.refusals.items():
            rows.refuse_where(rows.good & self.is_cross & (self.code == code), error)
        if not (rows.good & self.is_cross).any():
            return None, np.zeros(0, np.intp)
        holder, holders, unknown = self._holders(cross)
        assert self.accounts is not None
        multi = np.array([self.accounts.is_multi(its) for its in holders] or [False], bool)
        several = multi[holder] & (holder >= 0)
        rows.refuse_where(
            rows.good & self.is_cross & several & ~cross.in_dollars[self.code], _NOT_DOLLARS
        )
        currency = np.where(several, 0, cross.currency[self.code])  # 0: dollars
        key = holder * len(cross.currencies) + currency
        kept = np.flatnonzero(rows.good & self.is_cross)
        unique, pool = np.unique(key[kept], return_inverse=True)
        pools = CrossPositions(
            self.columns,
            cross,
            Figures(self.columns, self.code[kept], **self._figures(kept)),
            pool,
        )
        rows.refuse(kept[~pools.rows.in_range], position.TOO_LARGE)
        for at, problem in pools.problems():
            rows.refuse_where(_at(rows.n, kept[at]), problem)
        wallets = self._wallets(unique, key, holders, boxes, box_rows, cross)
        pools, kept, wallets = self._complete(pools, kept, holder, unknown, wallets)
        pools.fund(wallets)
        beyond = pools.beyond_tiers()
        if beyond.any():  # such a position is refused, and its pool is then incomplete
            self._refuse_beyond(kept[beyond])
            pools, kept, wallets = self._complete(pools, kept, holder, unknown, wallets)
            pools.fund(wallets)
        return (pools, kept) if len(kept) else (None, kept)

    def _holders(self, cross: CrossColumns) -> tuple[Ints, list[Holder], Ints]:
        """Whose wallets each row draws on, as a number; -1: nobody's. Cross rows are then refused.

        Also the holders, and the numbers of those that have a row which cannot be read.
        """
        rows, accounts = self.rows, self.accounts
        assert accounts is not None
        number: dict[Holder, int] = {}
        holder = np.full(rows.n, -1, np.intp)
        good = np.flatnonzero(rows.good)
        house = cross.house[self.code[good]]
        pair = self.account.code[good] * len(cross.houses) + house
        distinct, which = np.unique(pair, return_inverse=True)
        found = np.full(len(distinct), -1, np.intp)
        for at, its in enumerate(distinct.tolist()):
            account, venue = divmod(its, len(cross.houses))
            name, where = self.account.values[account], cross.houses[venue]
            key = accounts.holder(name, where)
            if key is not None:
                found[at] = number.setdefault(key, len(number))
                continue
            lost = np.zeros(rows.n, bool)
            lost[good[which == at]] = True
            rows.refuse_where(lost & self.is_cross, no_wallet(name, where))
        holder[good] = found[which]
        return holder, list(number), self._unreadable(number)

    def _unreadable(self, number: Mapping[Holder, int]) -> Ints:
        """The holders that a row in error may be of: by its venue, or by its account alone."""
        assert self.accounts is not None
        bad: set[int] = set()
        labels = self.account.code * len(self.venue.values) + self.venue.code
        for its in np.unique(labels[~self.rows.good & ~self.rows.blank]).tolist():
            account, venue = divmod(its, len(self.venue.values))
            name, where = self.account.values[account], self.venue.values[venue]
            if where in venues.names():
                houses = [where, *(h for h, parent in PARENT_HOUSE.items() if parent == where)]
                keys = [self.accounts.holder(name, house) for house in houses]
            else:
                keys = [key for key in number if key[0] == name]
            bad |= {number[key] for key in keys if key is not None and key in number}
        return np.array(sorted(bad), np.intp)

    def _complete(
        self, pools: CrossPositions, kept: Ints, holder: Ints, unknown: Ints, wallets: PoolWallets
    ) -> tuple[CrossPositions, Ints, PoolWallets]:
        """The pools all of whose account's rows are good: only they are known."""
        bad = np.union1d(unknown, holder[~self.rows.good & (holder >= 0)])
        good = self.rows.good[kept]
        if not len(bad) and good.all():
            return pools, kept, wallets
        self.rows.refuse_where(
            self.rows.good & self.is_cross & np.isin(holder, bad), _INCOMPLETE_POOL
        )
        good = self.rows.good[kept]
        held, pool = np.unique(pools.pool[good], return_inverse=True)
        kept = kept[good]
        figures = Figures(self.columns, self.code[kept], **self._figures(kept))
        cross = _cross_columns(self.terms)
        left = PoolWallets(*(its[held] for its in wallets))
        return CrossPositions(self.columns, cross, figures, pool), kept, left

    def _wallets(
        self,
        unique: Ints,
        key: Ints,
        holders: list[Holder],
        boxes: Boxes,
        box_rows: Ints,
        cross: CrossColumns,
    ) -> PoolWallets:
        """What each pool holds once the isolated boxes are taken out of its wallet."""
        assert self.accounts is not None
        boxed = dict.fromkeys(unique.tolist(), 0.0)
        inside = np.isin(key[box_rows], unique)
        taken, of = np.unique(key[box_rows][inside], return_inverse=True)
        sums = summed(of, boxes.wallet[inside], len(taken))
        boxed.update(zip(taken.tolist(), sums.tolist(), strict=True))
        owner, currency = (its.tolist() for its in divmod(unique, len(cross.currencies)))
        pools_of = Counter(owner)
        wallets = np.full(len(unique), np.nan)
        coins = np.full(len(unique), None, object)
        for at, (pool, inside_boxes) in enumerate(boxed.items()):
            name, venue = holders[owner[at]]
            try:
                held, weights = self.accounts.wallets((name, venue)), cross.collateral.get(venue)
                total = pool_wallet(
                    held, cross.currencies[currency[at]], pools_of[owner[at]] == 1, weights
                )
                if self.accounts.is_multi((name, venue)):
                    coins[at] = coins_behind(held, weights)
                if 0 < inside_boxes > total:
                    raise InputError(
                        "account",
                        f"its wallet_balance {total:g} is less than the margin in its boxes,"
                        f" {inside_boxes:g}",
                    )
                wallets[at] = total - inside_boxes
            except RingfenceError as error:
                self.rows.refuse_where(self.rows.good & self.is_cross & (key == pool), error)
        return PoolWallets(wallets, coins)

    def _idle(
        self, boxes: Boxes, box_rows: Ints, pools: CrossPositions | None, pool_rows: Ints
    ) -> Mapping[str, float]:
        """What the accounts hold beside boxes and pools; nothing of one with a row in error."""
        if self.accounts is None:
            return {}
        cross = _cross_columns(self.terms)
        holder, holders, _ = self._holders(cross)
        readable = dict(self.accounts.readable())
        number = {name: at for at, name in enumerate(dict.fromkeys([*holders, *readable]))}
        unknown = self._unreadable(number)
        n = len(cross.currencies)
        backing: dict[int, set[str]] = defaultdict(set)
        for its in np.unique(holder[pool_rows] * n + cross.currency[self.code[pool_rows]]).tolist():
            backing[its // n].add(cross.currencies[its % n])
        boxed: dict[int, Counter[str]] = defaultdict(Counter)
        n = len(self.terms)
        keys, of = np.unique(holder[box_rows] * n + self.code[box_rows], return_inverse=True)
        margins = summed(of, boxes.wallet, len(keys))
        for its, margin in zip(keys.tolist(), margins.tolist(), strict=True):
            boxed[its // n][self.terms[its % n].settle] += margin
        found: dict[str, float] = defaultdict(float)
        prices = self._coin_prices(boxes, pools)
        for name, wallets in readable.items():
            if (at := number[name]) not in unknown:
                for currency, dollars in idle_money(wallets, boxed[at], backing[at], prices):
                    found[currency] += dollars
        return found

    def _coin_prices(self, boxes: Boxes, pools: CrossPositions | None) -> Mapping[str, float]:
        """Coin -> its mark in dollars, of the first inverse position that settles in it."""
        prices: dict[str, float] = {}
        for its in (boxes, *([pools.rows] if pools else [])):
            inverse = np.flatnonzero(its.inverse & its.its.in_dollars[its.code])
            _, first = np.unique(its.code[inverse], return_index=True)
            for at in inverse[first].tolist():
                prices.setdefault(self.terms[its.code[at]].settle, float(its.mark[at]))
        return prices


def _at(n: int, rows: Ints) -> NDArray[np.bool_]:
    chosen = np.zeros(n, bool)
    chosen[rows] = True
    return chosen


def _spread(n: int, rows: Ints, values: NDArray[Any]) -> NDArray[Any]:
    """``values`` of some rows as a column of all ``n``; null in the others."""
    whole = np.empty(n, values.dtype)
    if len(rows) < n:
        whole[:] = None if values.dtype == object else np.nan
    whole[rows] = values
    return whole


def _spread_risk(
    n: int, parts: Sequence[tuple[Ints, Mapping[str, NDArray[Any]]]]
) -> dict[str, NDArray[Any]]:
    rows = np.concatenate([kept for kept, _ in parts])
    return {
        name: _spread(n, rows, np.concatenate([columns[name] for _, columns in parts]))
        for name in OUTPUTS
    }
