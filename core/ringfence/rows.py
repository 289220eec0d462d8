"""The rows of one table, read column by column: what was parsed, and why the rest could not be."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ringfence import inputs
from ringfence.errors import InputError, RingfenceError
from ringfence.lookup import Terms, check_rates, terms
from ringfence.solver import Floats, Ints

_MANY: Final = 20_000  # rows

Columns = Mapping[str, Sequence[Any] | NDArray[Any]]


class Labels:
    """A text column as small integers: ``values[code[row]]``; the parsed value of each row."""

    def __init__(self, values: list[Any], code: Ints) -> None:
        self.values, self.code = values, code

    def equals(self, wanted: object) -> NDArray[np.bool_]:
        return np.array([v == wanted for v in self.values], bool).take(self.code)

    def floats(self) -> Floats:
        numbers = [np.nan if v is None else float(v) for v in self.values]
        return np.array(numbers, float).take(self.code)


BLANK_ROW: Final = "blank"  # the status of a row that holds nothing


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


class Rows:
    """The rows of one table: what was parsed, and the errors of those that could not be."""

    def __init__(self, columns: Columns, n: int) -> None:
        self.columns, self.n = columns, n
        self.good = np.ones(n, bool)
        self.problems: dict[int, str] = {}
        self.blank = np.zeros(n, bool)
        self.given_up: frozenset[int] = frozenset()

    def give_up(self, reasons: Mapping[int, str]) -> None:
        """Refuse rows whose cells mean nothing; nothing more is said of them."""
        for row, reason in reasons.items():
            self.refuse([row], RingfenceError(reason))
        self.given_up |= frozenset(reasons)

    def leave_out(self, rows: Iterable[int]) -> None:
        """Blank rows: neither answered nor in error."""
        self.given_up |= frozenset(rows)
        self.problems |= dict.fromkeys(rows, BLANK_ROW)
        self.blank[list(rows)] = True
        self.good &= ~self.blank

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

    def labels(self, name: str, parse: Callable[[Any], Any]) -> Labels:
        """A text column, each distinct value parsed once; a missing column is blank."""
        column: Any = self.columns.get(name)
        if column is None:
            return Labels([parse(None)], np.zeros(self.n, np.intp))
        distinct, codes = _distinct(column)
        groups = _Groups(codes)
        values: list[Any] = []
        for at, cell in enumerate(distinct):
            try:
                values.append(parse(cell))
            except RingfenceError as error:
                values.append(parse(None))
                self.refuse(groups.rows(at), error)
        meant: dict[Any, int] = {}  # two spellings of one value are one
        same = np.array([meant.setdefault(value, len(meant)) for value in values], np.intp)
        return Labels(list(meant), same[codes] if len(same) else codes)

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
        self, labels: Mapping[str, Labels], figures: Mapping[str, Floats], fee: Floats
    ) -> tuple[Ints, list[Terms]]:
        """The distinct terms of the good rows, and each row's index into them.

        ``labels`` and ``figures`` are by their names as arguments of ``lookup.terms``.
        The fee is the trader's own and may differ row by row: it makes no terms of its own.
        """
        combined = np.zeros(self.n, np.intp)
        keys: dict[str, tuple[list[Any], Ints]] = {
            name: (its.values, its.code) for name, its in labels.items()
        }
        for name, figure in figures.items():
            if np.isnan(figure).all():
                keys[name] = [None], np.zeros(self.n, np.intp)
            else:
                values, code = np.unique(figure, return_inverse=True)
                keys[name] = [None if v != v else v for v in values.tolist()], code.astype(np.intp)
        for held, code in keys.values():
            combined = combined * len(held) + code
            if combined.size and combined.max() > 1 << 40:  # keep the product of counts in range
                combined = np.unique(combined, return_inverse=True)[1].astype(np.intp)
        _, first, group = np.unique(combined, return_index=True, return_inverse=True)
        groups = _Groups(group)
        found: list[Terms] = []
        index_of = np.zeros(len(first), np.intp)
        distinct = [[values[at] for at in code[first].tolist()] for values, code in keys.values()]
        for at, given in enumerate(zip(*distinct, strict=True)):
            try:
                its = terms(**dict(zip(keys, given, strict=True)))
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


def _distinct(column: Any) -> tuple[list[Any], Ints]:
    """The distinct cells of a column, and each cell's number among them."""
    if isinstance(column, np.ndarray) and len(column) > _MANY:
        import pandas as pd  # its hash table is five times as fast, where loading it is nothing

        try:
            codes, found = pd.factorize(column)
        except TypeError:
            pass
        else:  # blank cells, None or NaN, have no number of their own: the last is theirs
            return [*found.tolist(), None], np.where(codes < 0, len(found), codes).astype(np.intp)
    cells: list[Any] = column.tolist() if isinstance(column, np.ndarray) else list(column)
    distinct: dict[Hashable, int] = {}
    try:
        code = [distinct.setdefault(cell, len(distinct)) for cell in cells]
    except TypeError:  # a list or a dict in a cell
        cells = [cell if _hashable(cell) else repr(cell) for cell in cells]
        code = [distinct.setdefault(cell, len(distinct)) for cell in cells]
    return list(distinct), np.array(code, np.intp)


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
