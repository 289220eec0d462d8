"""Many positions: table in, table out, a row for a row; a bad row says why and spoils no other.

The columns are those of :mod:`ringfence.inputs`. The arithmetic is that of
:mod:`ringfence.position`, on NumPy arrays; pandas appears only in :func:`evaluate`.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from ringfence import inputs, position, quantities, rounding
from ringfence.errors import InputError, RingfenceError, RuleMissingError
from ringfence.lookup import Terms, check_rates, terms
from ringfence.quantities import QUANTO
from ringfence.schedules import NOTHING
from ringfence.solver import Floats, Ints, PackedSchedules

if TYPE_CHECKING:
    import pandas as pd

Objects = NDArray[np.object_]
Columns = Mapping[str, Sequence[Any] | NDArray[Any]]

OUTPUTS: Final = position.Risk._fields
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
        Columns account, venue, wallet_balance. Isolated boxes do not draw on the account, so it
        has no say here; cross rows come back as errors.
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

    book = assess_table(positions, as_of=as_of)
    columns = dict(book.risk)
    if venue_rounding:
        columns[VENUE_PRICE] = book.venue_liquidation_price()
    return pd.DataFrame(columns, index=positions.index)


def assess_table(
    positions: "pd.DataFrame",
    *,
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
    return assess_columns(columns, len(positions), as_of=as_of, ambiguous=twice, refused=refused)


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
    as_of: date | str | None = None,
    ambiguous: Iterable[str] = (),
    refused: Mapping[int, str] | None = None,
) -> BookRisk:
    """:func:`evaluate` for a mapping of column name -> ``n`` values, without pandas.

    ``ambiguous`` names columns that the table holds more than once: every row is then an error,
    because which one was meant cannot be known. ``refused`` has the reasons of rows that the reader
    of a file could not make sense of.
    """
    rows = _Rows(columns, n)
    rows.give_up(refused or {})
    for name in ambiguous:
        rows.refuse(range(n), InputError(name, "the table has this column more than once"))
    default_day = inputs.parse_date(as_of) or date.today()

    venue = rows.labels("venue", inputs.parse_text)
    symbol = rows.labels("symbol", inputs.parse_text)
    kind = rows.labels("contract_type", lambda v: inputs.parse_choice("contract_type", v))
    mode = rows.labels("margin_mode", lambda v: inputs.parse_choice("margin_mode", v))
    sign = rows.labels("side", lambda v: inputs.parse_choice("side", v))
    day = rows.labels("as_of", lambda v: inputs.parse_date(v) or default_day)
    number = {name: rows.numbers(field) for name, field in inputs.NUMBERS.items()}

    rows.refuse_where(mode.equals("cross"), position.CROSS)
    rows.refuse_where(venue.equals(""), inputs.missing("venue"))
    rows.refuse_where(sign.equals(None), inputs.missing("side"))
    for name in ("size", "entry_price"):
        rows.refuse_where(np.isnan(number[name]), inputs.missing(name))
    wallet, leverage = number["isolated_margin"], number["leverage"]
    no_margin = np.isnan(wallet) & np.isnan(leverage) & ~rows.refused_for("leverage")
    rows.refuse_where(no_margin, position.MISSING_MARGIN)

    code, its = rows.terms(
        [venue, symbol, day, kind],
        [number[name] for name in ("contract_size", "mmr", "maintenance_amount")],
        number["taker_fee_rate"],
    )
    kept = np.flatnonzero(rows.good)
    of_terms = _TermsColumns(its)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        boxes = _Boxes(
            of_terms,
            code[kept],
            side_sign=sign.floats()[kept],
            size=number["size"][kept],
            entry=number["entry_price"][kept],
            mark=number["mark_price"][kept],
            wallet=wallet[kept],
            leverage=leverage[kept],
            funding_rate=number["funding_rate"][kept],
            taker_fee_rate=number["taker_fee_rate"][kept],
        )
        risk = boxes.risk()
    rows.refuse(kept[~boxes.in_range], position.TOO_LARGE)
    for row in np.flatnonzero(boxes.in_range & boxes.beyond_tiers).tolist():
        rows.refuse([kept[row]], its[boxes.code[row]].beyond_tiers)
    answered = rows.good[kept]
    kept, boxes_kept = kept[answered], np.flatnonzero(answered)

    def spread(values: NDArray[Any]) -> NDArray[Any]:
        """Values of the boxes as a column of all rows; null where a row was refused."""
        whole = np.full(n, None if values.dtype == object else np.nan, dtype=values.dtype)
        whole[kept] = values[boxes_kept]
        return whole

    columns_out = {name: spread(risk[name]) for name in OUTPUTS}
    for row, problem in rows.problems.items():
        columns_out["status"][row] = problem
    return BookRisk(
        risk=columns_out,
        terms=spread(of_terms.itself[boxes.code]),
        contract_type=spread(of_terms.contract_type[boxes.code]),
        side_sign=spread(boxes.side_sign),
        size=spread(boxes.size),
        entry_price=spread(boxes.entry),
        mark_price=spread(boxes.mark),
        settle_price=spread(boxes.settle_price()),
    )


class _Boxes:
    """Isolated positions as arrays; the arithmetic of ``position.assess``, row for row."""

    def __init__(
        self,
        its: "_TermsColumns",
        code: Ints,
        *,
        side_sign: Floats,
        size: Floats,
        entry: Floats,
        mark: Floats,
        wallet: Floats,
        leverage: Floats,
        funding_rate: Floats,
        taker_fee_rate: Floats,
    ) -> None:
        self.its, self.code, self.side_sign, self.size = its, code, side_sign, size
        self.entry = entry
        self.inverse = its.inverse[code]
        self.direction = np.where(self.inverse, -side_sign, side_sign)
        self.mark = np.where(np.isnan(mark), entry, mark)
        self.exposure = size * its.contract_size[code]
        self.at_entry = self._notional(entry)
        self.at_mark = self._notional(self.mark)
        self.wallet = np.where(np.isnan(wallet), self.at_entry / leverage, wallet)
        self.leverage = np.where(np.isnan(leverage), self.at_entry / self.wallet, leverage)
        self.key = np.where(its.tier_at_entry[code], self.at_entry, size)
        own_fee = np.isnan(taker_fee_rate)
        self.taker = np.where(own_fee, its.taker_fee_rate[code], taker_fee_rate)
        self.fee_in_trigger = np.where(its.fee_at_mark[code], self.taker, 0.0)
        self.funding = np.where(np.isnan(funding_rate), 0.0, funding_rate)
        self.in_range = np.logical_and.reduce(
            [
                (figure > 0) & (figure < np.inf)
                for figure in (self.at_entry, self.at_mark, self.wallet, self.leverage)
            ]
        )

    def _notional(self, price: Floats) -> Floats:
        value: Floats = np.where(self.inverse, self.exposure / price, self.exposure * price)
        return value

    def _price(self, notional: Floats) -> Floats:
        """The price of each notional; NaN where it is not positive: no price gets there."""
        reached = np.where(notional > 0, notional, np.nan)
        price = np.where(self.inverse, self.exposure / reached, reached / self.exposure)
        return np.where((price > 0) & (price < np.inf), price, np.nan)

    def settle_price(self) -> Floats:
        price = np.where(self.inverse, self.mark, 1.0)
        return np.where(self.its.in_dollars[self.code], price, np.nan)

    @cached_property
    def _maintenance(self) -> Floats:
        """Maintenance margin by the schedule alone, at the price the rule takes it."""
        at = np.where(self.its.maintenance_at_entry[self.code], self.at_entry, self.at_mark)
        return self.its.maintenance.maintenance_margin(self.code, at, self.key)

    @cached_property
    def _funding_to_pay(self) -> Floats:
        due = self.at_entry * np.maximum(self.side_sign * self.funding, 0.0)
        return np.where(self.its.funding_in_maintenance[self.code], due, 0.0)

    @cached_property
    def _fixed_requirement(self) -> Floats:
        its, code = self.its, self.code
        fixed = np.where(its.maintenance_at_entry[code], self._maintenance, 0.0)
        fee = np.where(its.fee_at_entry[code], self.taker * self.at_entry, 0.0)
        total: Floats = fixed + self._funding_to_pay + fee
        return total

    @cached_property
    def _credit(self) -> Floats:
        its, code = self.its, self.code
        credit = quantities.added_margin_credit(
            self.direction, self.at_entry, self.leverage, self.wallet, self.taker
        )
        return np.where(its.added_margin_credited[code], credit, 0.0)

    @cached_property
    def _fee_at_bankruptcy(self) -> Floats:
        return quantities.closing_fee(self.direction, self.at_entry, self.leverage, self.taker)

    @cached_property
    def _closing_fee(self) -> Floats:
        its, code = self.its, self.code
        fee = np.where(
            its.closing_fee_on_margin[code],
            quantities.closing_fee_on_margin(self.at_entry, self.wallet, self.taker),
            self._fee_at_bankruptcy,
        )
        return np.where(its.closing_fee_reserved[code], fee, 0.0)

    @cached_property
    def _liquidation(self) -> Floats:
        """The notional at liquidation."""
        at_zero = self.wallet + self._credit - self.direction * self.at_entry
        intercept = at_zero - self._fixed_requirement
        return self.its.trigger.liquidation_notional(
            self.code, self.direction, intercept, self.at_mark, self.key, self.fee_in_trigger
        )

    @property
    def beyond_tiers(self) -> NDArray[np.bool_]:
        """Where the tiers on file end before the position does."""
        largest = np.maximum(np.maximum(self.at_entry, self.at_mark), self._liquidation)
        beyond: NDArray[np.bool_] = largest > self.its.tiers_end[self.code]
        return beyond

    def risk(self) -> dict[str, NDArray[Any]]:
        """The output columns."""
        its, code, at_mark = self.its, self.code, self.at_mark
        pnl = quantities.unrealized_pnl(self.direction, self.at_entry, at_mark)
        balance = self.wallet + pnl
        requirement = (
            its.trigger.maintenance_margin(code, at_mark, self.key, self.fee_in_trigger)
            + self._fixed_requirement
        )
        equity = balance + self._credit
        screen_equity = equity + self._closing_fee
        screen_ratio = np.where(
            its.screen_upside_down[code],
            np.where(requirement > 0, equity / requirement, np.inf),
            np.where(screen_equity > 0, (requirement + self._closing_fee) / screen_equity, np.inf),
        )
        initial_at = np.where(its.initial_at_mark[code], at_mark, self.at_entry)
        initial = np.where(
            its.initial_by_schedule[code],
            its.initial.maintenance_margin(code, initial_at, self.key),
            initial_at / self.leverage,
        )
        initial += np.where(
            its.initial_fee_at_entry[code], self.taker * self.at_entry, 0.0
        ) + np.where(its.initial_fee_at_bankruptcy[code], self._fee_at_bankruptcy, 0.0)
        held_fee = np.where(its.fee_in_maintenance[code], self.taker * at_mark, 0.0)
        maintenance = self._maintenance + self._funding_to_pay + held_fee
        bankrupt = quantities.bankruptcy_notional(
            self.direction, self.at_entry, self.wallet + self._credit
        )
        price = self._price(self._liquidation)
        status = np.full(len(code), position.OK, dtype=object)
        status[np.isnan(price)] = position.NEVER
        status[equity <= requirement] = position.ALREADY
        return {
            "notional": at_mark,
            "unrealized_pnl": pnl,
            "margin_balance": balance,
            "initial_margin": initial + self._closing_fee,
            "maintenance_margin": maintenance + self._closing_fee,
            "margin_ratio": np.where(equity > 0, requirement / equity, np.inf),
            "venue_margin_ratio": screen_ratio,
            "liquidation_price": price,
            "bankruptcy_price": self._price(bankrupt),
            "liquidation_distance": self.side_sign * (self.mark - price) / self.mark,
            "effective_leverage": np.where(balance > 0, at_mark / balance, np.nan),
            "max_loss": self.wallet,
            "rule": its.rule_text[code],
            "status": status,
        }


class _TermsColumns:
    """What the distinct terms of a table say, as arrays to take by each row's code."""

    def __init__(self, its: Sequence[Terms]) -> None:
        self.maintenance = PackedSchedules([t.maintenance for t in its])
        # What moves with the price; the fee comes on top row by row, since it is the trader's own.
        self.trigger = PackedSchedules(
            [NOTHING if t.rule.maintenance_price == "entry" else t.maintenance for t in its]
        )
        self.contract_type = np.array([t.contract_type for t in its], object)
        self.itself = np.fromiter(its, dtype=object, count=len(its))
        self.in_dollars = np.array(
            [t.quoted_in_dollars and t.contract_type != QUANTO for t in its], bool
        )
        self.inverse = np.array([t.inverse for t in its], bool)
        self.tiers_end = np.array([t.tiers_end for t in its], float)
        self.contract_size = np.array([t.contract_size for t in its], float)
        self.taker_fee_rate = np.array([t.taker_fee_rate for t in its], float)
        rules = [t.rule for t in its]
        self.closing_fee_reserved = np.array([r.closing_fee_reserved for r in rules], bool)
        self.added_margin_credited = np.array(
            [r.added_margin_lowers_closing_fee for r in rules], bool
        )
        self.initial = PackedSchedules([t.initial or NOTHING for t in its])
        self.initial_by_schedule = np.array([t.initial is not None for t in its], bool)
        self.tier_at_entry = np.array([r.tier_at == "entry" for r in rules], bool)
        self.funding_in_maintenance = np.array([r.funding_in_maintenance for r in rules], bool)
        fees = [r.initial_margin_fee for r in rules]
        self.initial_fee_at_entry = np.array([f == "entry_value" for f in fees], bool)
        self.initial_fee_at_bankruptcy = np.array([f == "bankruptcy_value" for f in fees], bool)
        self.fee_at_mark = np.array([r.trigger_fee == "taker_at_mark" for r in rules], bool)
        self.fee_at_entry = np.array([r.trigger_fee == "taker_at_entry" for r in rules], bool)
        self.fee_in_maintenance = np.array([r.maintenance_holds_trigger_fee for r in rules], bool)
        self.closing_fee_on_margin = np.array(
            [r.closing_fee_on == "entry_and_margin" for r in rules], bool
        )
        self.maintenance_at_entry = np.array([r.maintenance_price == "entry" for r in rules], bool)
        self.initial_at_mark = np.array([r.initial_price == "mark" for r in rules], bool)
        self.screen_upside_down = np.array(
            [r.screen_ratio == "balance / requirement" for r in rules], bool
        )
        self.rule_text = np.array([t.rule_text for t in its], object)


class _Labels:
    """A text column as small integers: ``values[code[row]]``; the parsed value of each row."""

    def __init__(self, values: list[Any], code: Ints) -> None:
        self.values, self.code = values, code

    def equals(self, wanted: object) -> NDArray[np.bool_]:
        return np.array([v == wanted for v in self.values], bool).take(self.code)

    def floats(self) -> Floats:
        numbers = [np.nan if v is None else float(v) for v in self.values]
        return np.array(numbers, float).take(self.code)


class _Groups:
    """The rows of each code, sorted out once and only when one is asked for."""

    def __init__(self, codes: Ints) -> None:
        self._codes = codes

    @cached_property
    def _order(self) -> tuple[Ints, Ints]:
        order = np.argsort(self._codes, kind="stable")
        return order, np.searchsorted(self._codes[order], np.arange(self._codes.max() + 2))

    def rows(self, code: int) -> Ints:
        order, starts = self._order
        return order[starts[code] : starts[code + 1]]


class _Rows:
    """The rows of one table: what was parsed, and the errors of those that could not be."""

    def __init__(self, columns: Columns, n: int) -> None:
        self.columns, self.n = columns, n
        self.good = np.ones(n, bool)
        self.problems: dict[int, str] = {}
        self.given_up: frozenset[int] = frozenset()

    def give_up(self, reasons: Mapping[int, str]) -> None:
        """Refuse rows whose cells mean nothing; nothing more is said of them."""
        for row, reason in reasons.items():
            self.refuse([row], RingfenceError(reason))
        self.given_up = frozenset(reasons)

    def refuse(self, rows: Iterable[int], error: RingfenceError) -> None:
        for row in map(int, rows):
            if row in self.given_up:
                continue
            self.good[row] = False
            before = self.problems.get(row)
            self.problems[row] = f"{before}; {error}" if before else f"error: {error}"

    def refuse_where(self, bad: NDArray[np.bool_], error: RingfenceError) -> None:
        """Refuse the rows that are ``bad`` and whose field has no error yet."""
        self._refuse_unknown(np.flatnonzero(bad), error)

    def _refuse_unknown(self, rows: Ints, error: RingfenceError) -> None:
        known = f"{getattr(error, 'field', '')}: "
        fresh = [row for row in rows.tolist() if known not in self.problems.get(row, "")]
        self.refuse(fresh, error)

    def refused_for(self, field: str) -> NDArray[np.bool_]:
        """The rows that have an error of ``field``."""
        rows = [row for row, text in self.problems.items() if f"{field}: " in text]
        found = np.zeros(self.n, bool)
        found[rows] = True
        return found

    def labels(self, name: str, parse: Callable[[Any], Any]) -> _Labels:
        """A text column, each distinct value parsed once; a missing column is blank."""
        column: Any = self.columns.get(name)
        if column is None:
            return _Labels([parse(None)], np.zeros(self.n, np.intp))
        distinct: dict[Hashable, int] = {}
        cells: list[Any] = column.tolist() if isinstance(column, np.ndarray) else list(column)
        try:
            code = [distinct.setdefault(cell, len(distinct)) for cell in cells]
        except TypeError:  # a list or a dict in a cell
            cells = [cell if _hashable(cell) else repr(cell) for cell in cells]
            code = [distinct.setdefault(cell, len(distinct)) for cell in cells]
        codes = np.array(code, np.intp)
        groups = _Groups(codes)
        values: list[Any] = []
        for at, cell in enumerate(distinct):
            try:
                values.append(parse(cell))
            except RingfenceError as error:
                values.append(parse(None))
                self.refuse(groups.rows(at), error)
        return _Labels(values, codes)

    def numbers(self, field: inputs.NumberField) -> Floats:
        """A numeric column; blank and refused cells are NaN, a missing column is all blank."""
        column: Any = self.columns.get(field.name)
        if column is None:
            return np.full(self.n, np.nan)
        if isinstance(column, np.ndarray) and column.dtype.kind == "f":
            values = column.astype(np.float64)
            suspects = np.flatnonzero(~field.accepts_all(values) & ~np.isnan(values))
        else:
            values, others = _floats(column)
            outside = ~field.accepts_all(values) & ~np.isnan(values)
            suspects = np.union1d(np.flatnonzero(outside), others).astype(np.intp)
        for row in map(int, suspects):
            try:
                parsed = inputs.parse_number(field, column[row])
            except InputError as error:
                self.refuse([row], error)
                parsed = None
            values[row] = np.nan if parsed is None else parsed
        return values

    def terms(
        self, labels: Sequence[_Labels], figures: Sequence[Floats], fee: Floats
    ) -> tuple[Ints, list[Terms]]:
        """The distinct terms of the good rows, and each row's index into them.

        The fee is the trader's own and may differ row by row: it makes no terms of its own.
        """
        combined = np.zeros(self.n, np.intp)
        keys: list[tuple[list[Any], Ints]] = [(its.values, its.code) for its in labels]
        for figure in figures:
            if np.isnan(figure).all():
                keys.append(([None], np.zeros(self.n, np.intp)))
            else:
                distinct, code = np.unique(figure, return_inverse=True)
                given = [None if v != v else v for v in distinct.tolist()]
                keys.append((given, code.astype(np.intp)))
        for values, code in keys:
            combined = combined * len(values) + code
            if combined.size and combined.max() > 1 << 40:  # keep the product of counts in range
                combined = np.unique(combined, return_inverse=True)[1].astype(np.intp)
        _, first, group = np.unique(combined, return_index=True, return_inverse=True)
        groups = _Groups(group)
        found: list[Terms] = []
        index_of = np.zeros(len(first), np.intp)
        for at, row in enumerate(first.tolist()):
            try:
                its = terms(*(values[int(code[row])] for values, code in keys))
            except RingfenceError as error:
                self._refuse_unknown(groups.rows(at), error)
            else:
                index_of[at] = len(found)
                found.append(its)
        code = index_of[group]
        highest = np.array([its.maintenance.highest_rate for its in found] or [0.0]).take(code)
        for row in np.flatnonzero(self.good & (fee + highest >= 1)).tolist():
            its = found[code[row]]
            try:
                check_rates(its.rule, its.maintenance, None, fee[row])
            except RingfenceError as error:
                self.refuse([row], error)
        return code, found


def _hashable(cell: object) -> bool:
    try:
        hash(cell)
    except TypeError:
        return False
    return True


def _floats(column: Sequence[Any]) -> tuple[Floats, Ints]:
    """The cells that are plain numbers, and the rows of those that are anything else."""
    plain = [
        type(cell) is float or (type(cell) is int and -(2**53) <= cell <= 2**53) for cell in column
    ]
    values = np.array(
        [cell if ok else np.nan for cell, ok in zip(column, plain, strict=True)], np.float64
    )
    return values, np.flatnonzero(~np.array(plain, bool))
