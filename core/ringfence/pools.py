"""Cross positions: pools of wallets and positions, and the price at which each pool gives way.

A pool fails when its equity (wallet and unrealized PnL of all its positions) is down to what they
require together. The liquidation price of one position is where that happens while the others
stand at their marks, or as :class:`~ringfence.cross_rules.CrossRules` says for the venue. Sums are
made once a pool, so a pool of n positions costs n.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ringfence import crossing
from ringfence.boxes import Figures, TermsColumns
from ringfence.errors import InputError, MissingInputError, RingfenceError
from ringfence.lookup import Terms
from ringfence.schedules import ALL_OF_IT, NotionalSchedule
from ringfence.solver import Floats, Ints

Bools = NDArray[np.bool_]

_PAIRS: Final = (None, "sum", "combined", "larger", "net")
_ONE_WAY, _SUM, _COMBINED, _LARGER, _NET = range(len(_PAIRS))
_OTHERS: Final = ("held", "pro_rata", "index", "own_and_free")
_HELD, _PRO_RATA, _INDEX, _OWN_AND_FREE = range(len(_OTHERS))

DOLLARS: Final = "USD"  # of any kind, where the venue adds them up
_ONE_MARK: Final = 1e-6  # relative: marks of one contract that differ by more are two

_NO_LEVERAGE: Final = MissingInputError(
    "leverage", "missing; this venue's cross margin depends on it"
)
_TWICE: Final = InputError("symbol", "this account has the contract twice, with other terms")
_TWO_MARKS: Final = InputError("mark_price", "positions in one contract have one mark price")
_BOTH_WAYS: Final = InputError("side", "the venue holds one position a contract: long or short")
_TWO_RULES: Final = InputError("as_of", "long and short of one contract are under two rules")


def pool_currency(terms: Terms) -> str:
    """The currency of the pool that such a position draws on, or that its box comes out of."""
    cross = terms.rule.cross
    if cross is not None and cross.pool == "account" and terms.quoted_in_dollars:
        return DOLLARS
    return terms.settle


def check_pool(terms: Terms) -> None:
    """Refuse a cross position that its venue's pool values in a way that is not modelled."""
    cross = terms.rule.cross
    if cross and cross.pool == "account" and (terms.inverse or not terms.quoted_in_dollars):
        raise InputError(
            "contract_type",
            f"{terms.rule.venue} values this account in dollars; cross positions that settle in"
            f" {terms.settle or 'a coin'} are not modelled there",
        )


class CrossColumns:
    """What the distinct terms of cross positions say, as arrays to take by each row's code."""

    def __init__(self, its: Sequence[Terms]) -> None:
        rules = [(t, t.rule.cross) for t in its]
        self.refusals: dict[int, InputError] = {}  # code -> why its pool cannot be valued
        for code, terms in enumerate(its):
            try:
                check_pool(terms)
            except InputError as error:
                self.refusals[code] = error
        currencies: dict[str, int] = {DOLLARS: 0}
        self.currency = np.array(
            [currencies.setdefault(pool_currency(t), len(currencies)) for t in its], np.intp
        )
        self.currencies = list(currencies)
        houses: dict[str, int] = {}
        self.house = np.array([houses.setdefault(t.rule.venue, len(houses)) for t in its], np.intp)
        self.houses = list(houses)
        self.in_dollars = np.array([t.quoted_in_dollars and not t.inverse for t in its], bool)
        self.collateral = {t.rule.venue: cross.collateral for t, cross in rules if cross}
        alike: dict[tuple[object, ...], int] = {}
        self.alike = np.array(
            [alike.setdefault(t.margined_alike, len(alike)) for t in its], np.intp
        )
        ids: dict[str, int] = {}
        self.rule = np.array([ids.setdefault(t.rule.id, len(ids)) for t in its], np.intp)
        self.pair = np.array([_PAIRS.index(cross and cross.pair) for _, cross in rules], np.int8)
        self.others = np.array(
            [_OTHERS.index(cross.others) if cross else 0 for _, cross in rules], np.int8
        )
        self.frozen = np.array(
            [cross is not None and cross.requirement == "frozen" for _, cross in rules], bool
        )
        # Positions in one contract are one; without a symbol nobody knows.
        contracts: dict[tuple[str, str, str], int] = {}
        self.contract = np.array(
            [
                contracts.setdefault(t.same_contract, len(contracts)) if t.symbol else -1
                for t, _ in rules
            ],
            np.intp,
        )
        bases: dict[str, int] = {}
        self.base = np.array([bases.setdefault(t.base, len(bases)) for t, _ in rules], np.intp)
        self.needs_leverage = (self.others == _OWN_AND_FREE) | np.array(
            [t.rule.trigger_fee == "taker_at_bankruptcy" for t, _ in rules], bool
        )


class PoolWallets(NamedTuple):
    """What stands behind the positions, an element a pool."""

    total: Floats
    coins: NDArray[Any]  # coin -> dollars of the total that move with its price


@dataclass(frozen=True, slots=True)
class PoolState:
    """What the pools of a table hold, an element a pool."""

    wallet: Floats
    unrealized_pnl: Floats
    requirement: Floats

    @property
    def equity(self) -> Floats:
        total: Floats = self.wallet + self.unrealized_pnl
        return total


@dataclass(frozen=True, slots=True)
class Path:
    """A pool's ``spare`` along one straight line of all its prices."""

    line: crossing.Line
    inverse_move: float | None  # the one move of an inverse pool; None: linear

    def first(self, way: float, limit: float) -> float | None:
        """The first share of the move, from 0 to ``way * limit``, at which nothing is spare."""
        start, end = self._x(0.0), self._x(way * limit)
        if start == end:
            return None
        x = crossing.first(self.line, start, 1.0 if end > start else -1.0, end)
        return None if x is None else self._share(x)

    def _x(self, share: float) -> float:
        if self.inverse_move is None:
            return share
        left = 1 + share * self.inverse_move if self.inverse_move else 1.0
        return 1 / left if left > 0 else np.inf

    def _share(self, x: float) -> float:
        return x if not self.inverse_move else (1 / x - 1) / self.inverse_move


class CrossPositions:
    """The cross positions of one table; ``pool`` is the number of each row's pool."""

    def __init__(self, its: TermsColumns, cross: CrossColumns, rows: Figures, pool: Ints) -> None:
        self._its, self._cross = its, cross
        self.rows, self.pool = rows, pool
        self.leg_of_row, first = self._legs()
        self.legs = rows if len(first) == len(pool) else self._added_up(first)
        self.leg_pool = pool[first] if self.legs is not rows else pool
        self.leg_contract = self._contract[first] if self.legs is not rows else self._contract

    def fund(self, wallets: "PoolWallets") -> None:
        """Put the pools' wallets behind the positions, without those of isolated boxes."""
        self.wallet, self.coins = wallets

    @cached_property
    def _contract(self) -> Ints:
        """Contract by row; rows without a symbol are contracts of their own."""
        contract = self._cross.contract[self.rows.code]
        alone = np.flatnonzero(contract < 0)
        contract[alone] = len(self._cross.contract) + alone
        return contract

    def _legs(self) -> tuple[Ints, Ints]:
        """The leg of each row, and each leg's first row: one leg a pool, contract and side."""
        _, contract = np.unique(self._contract, return_inverse=True)
        key = (self.pool * (contract.max(initial=0) + 1) + contract) * 2
        key += self.rows.side_sign > 0
        _, first, leg = np.unique(key, return_index=True, return_inverse=True)
        if len(first) == len(key):  # the usual case: keep the order of the rows
            return np.arange(len(key)), np.arange(len(key))
        return leg, first

    def _added_up(self, first: Ints) -> Figures:
        """Rows of one contract and side as one position, as the venue holds them."""
        rows, leg, n = self.rows, self.leg_of_row, len(first)

        def total(values: Floats) -> Floats:
            return summed(leg, values, n)

        exposure, at_entry, at_mark = map(total, (rows.exposure, rows.at_entry, rows.at_mark))
        inverse = rows.inverse[first]
        return Figures(
            self._its,
            rows.code[first],
            side_sign=rows.side_sign[first],
            size=total(rows.size),
            entry=np.where(inverse, exposure / at_entry, at_entry / exposure),
            mark=np.where(inverse, exposure / at_mark, at_mark / exposure),
            leverage=at_entry / total(rows.at_entry / rows.leverage),
            funding_rate=total(rows.funding * rows.at_entry) / at_entry,
            taker_fee_rate=total(rows.taker * rows.at_mark) / at_mark,
        )

    def problems(self) -> Iterable[tuple[Ints, RingfenceError]]:
        """Rows that cannot be computed as they stand, and why."""
        rows, legs, leg = self.rows, self.legs, self.leg_of_row
        first = np.zeros(len(legs.code), np.intp)
        first[leg[::-1]] = np.arange(len(leg))[::-1]  # the first row of each leg
        alike, code = self._cross.alike, self._cross.needs_leverage[rows.code]
        apart = np.abs(rows.mark / rows.mark[first[leg]] - 1) > _ONE_MARK
        yield from self._said(code & np.isnan(rows.leverage), _NO_LEVERAGE)
        yield from self._said(self._legs_with(alike[rows.code] != alike[legs.code[leg]]), _TWICE)
        yield from self._said(self._legs_with(apart), _TWO_MARKS)
        yield from self._said((legs.takes_all | ~legs.in_range)[leg], ALL_OF_IT)
        one, two = self._pairs
        for bad, error in (
            (np.abs(legs.mark[one] / legs.mark[two] - 1) > _ONE_MARK, _TWO_MARKS),
            (self._cross.pair[legs.code[one]] == _ONE_WAY, _BOTH_WAYS),
            (self._cross.rule[legs.code[one]] != self._cross.rule[legs.code[two]], _TWO_RULES),
        ):
            of_legs = np.zeros(len(legs.code), bool)
            of_legs[one[bad]] = of_legs[two[bad]] = True
            yield from self._said(of_legs[leg], error)

    def _legs_with(self, rows: Bools) -> Bools:
        """All rows of the legs that some of these rows are of."""
        legs = np.zeros(len(self.legs.code), bool)
        legs[self.leg_of_row[rows]] = True
        chosen: Bools = legs[self.leg_of_row]
        return chosen

    def _said(self, rows: Bools, error: RingfenceError) -> Iterable[tuple[Ints, RingfenceError]]:
        if rows.any():
            yield np.flatnonzero(rows), error

    @cached_property
    def _pairs(self) -> tuple[Ints, Ints]:
        """The legs that are a long and a short of one contract in one pool."""
        order = np.lexsort((self.legs.side_sign, self.leg_contract, self.leg_pool))
        one, two = order[:-1], order[1:]
        same = (self.leg_pool[one] == self.leg_pool[two]) & (
            self.leg_contract[one] == self.leg_contract[two]
        )
        return one[same], two[same]

    # What the pools require

    @cached_property
    def leg_requirement(self) -> Floats:
        """What each leg adds to its pool's requirement at the marks."""
        return self._with_pairs(self.legs.requirement.copy(), self.legs.at_mark)

    def _with_pairs(self, alone: Floats, notional: Floats) -> Floats:
        """Requirements of legs, where those of pairs count together: shared out by value."""
        big, small = self._larger
        kind = self._cross.pair[self.legs.code[big]]
        for which in (_COMBINED, _NET):
            at = np.flatnonzero(kind == which)
            if len(at):
                legs, other, sign = big[at], small[at], 1.0 if which == _COMBINED else -1.0
                together = notional[legs] + sign * notional[other]
                key = self.legs.key[legs] + sign * self.legs.key[other]
                margin = self._moving(legs, together, key) + self.legs.fixed_requirement[legs]
                share = notional[legs] / (notional[legs] + notional[other])
                alone[legs], alone[other] = margin * share, margin * (1 - share)
        alone[small[kind == _LARGER]] = 0.0
        return alone

    @cached_property
    def _larger(self) -> tuple[Ints, Ints]:
        """The larger leg of each pair by exposure, and the other; of two alike, the dearer one."""
        one, two = self._pairs
        size, margin = self.legs.exposure, self.legs.requirement
        alike = np.isclose(size[one], size[two], rtol=1e-12, atol=0)
        first = np.where(alike, margin[one] >= margin[two], size[one] >= size[two])
        return np.where(first, one, two), np.where(first, two, one)

    def _moving(self, legs: Ints, notional: Floats, key: Floats) -> Floats:
        its = self.legs
        return self._its.trigger.maintenance_margin(
            its.code[legs], notional, key, its.fee_in_trigger[legs]
        )

    @cached_property
    def state(self) -> PoolState:
        n = len(self.wallet)
        return PoolState(
            wallet=self.wallet,
            unrealized_pnl=summed(self.leg_pool, self.legs.pnl, n),
            requirement=summed(self.leg_pool, self.leg_requirement, n),
        )

    @property
    def share_of_pool(self) -> Floats:
        """What part of its pool's value at the marks each row is."""
        value = summed(self.pool, self.rows.at_mark, len(self.wallet))
        share: Floats = self.rows.at_mark / value[self.pool]
        return share

    # Where each leg gives way

    @cached_property
    def _group(self) -> tuple[Ints, int]:
        """Legs that stand or fall together: pairs, and each other leg alone."""
        one, two = self._pairs
        group = np.arange(len(self.leg_pool))
        group[two] = one
        return group, len(group)

    @cached_property
    def _behind(self) -> Floats:
        """By group: its equity at the marks, PnL and all, once the others have what is theirs."""
        legs, pool, state = self.legs, self.leg_pool, self.state
        group, n = self._group
        own = summed(group, self.leg_requirement, n)
        behind = state.equity[pool] - state.requirement[pool] + own
        others = self._cross.others[legs.code]
        if (others == _PRO_RATA).any():
            behind = np.where(others == _PRO_RATA, self._shared_out, behind)
        if (others == _OWN_AND_FREE).any():
            behind = np.where(others == _OWN_AND_FREE, self._own_and_free, behind)
        return behind

    @property
    def _shared_out(self) -> Floats:
        group, n = self._group
        value = summed(group, self.legs.at_mark, n)
        held = summed(self.leg_pool, self.legs.at_mark, len(self.wallet))
        share: Floats = self.state.equity[self.leg_pool] * value / held[self.leg_pool]
        return share

    @property
    def _own_and_free(self) -> Floats:
        group, n = self._group
        margin = np.nan_to_num(self.legs.initial_margin)
        used = summed(self.leg_pool, margin, len(self.wallet))
        free = self.wallet[self.leg_pool] - used[self.leg_pool]
        total: Floats = free + summed(group, margin + self.legs.pnl, n)
        return total

    @cached_property
    def _equity(self) -> Floats:
        """By group: the equity whose end is its bankruptcy, at the marks."""
        others = self._cross.others[self.legs.code]
        return np.where(others == _HELD, self.state.equity[self.leg_pool], self._behind_or_pool)

    @property
    def _behind_or_pool(self) -> Floats:
        index = self._cross.others[self.legs.code] == _INDEX
        return np.where(index, self.state.equity[self.leg_pool], self._behind)

    @cached_property
    def liquidation(self) -> Floats:
        """The notional of each leg at its liquidation price."""
        legs = self.legs
        found = legs.liquidation_notional(self._behind - legs.pnl)
        # Where the requirement does not move
        still = legs.at_mark - legs.direction * (self._behind - self.leg_requirement)
        found = np.where(self._cross.frozen[legs.code], still, found)
        self._move_pairs(found)
        self._move_indices(found)
        return found

    @cached_property
    def bankruptcy(self) -> Floats:
        """The notional of each leg at which the equity behind it is gone, the others held."""
        legs = self.legs
        found = legs.at_mark - legs.direction * self._equity
        one, two = self._pairs
        x = self._x(one) - self._equity[one] / self._slope(one, two)
        found[one], found[two] = x * legs.exposure[one], x * legs.exposure[two]
        return found

    def _slope(self, one: Ints, two: Ints) -> Floats:
        """What the PnL of pairs gains as x does: x is the price, or 1 / price where inverse."""
        legs = self.legs
        slope: Floats = (
            legs.direction[one] * legs.exposure[one] + legs.direction[two] * legs.exposure[two]
        )
        return slope

    def _x(self, one: Ints) -> Floats:
        x: Floats = self.legs.at_mark[one] / self.legs.exposure[one]
        return x

    def _move_pairs(self, found: Floats) -> None:
        """The one price of a long and a short that move together, as notionals of both."""
        legs = self.legs
        one, two = self._pairs
        if not len(one):
            return
        kind = self._cross.pair[legs.code[one]]
        big, small = self._larger
        sign = np.select([kind == _COMBINED, kind == _NET], [1.0, -1.0], 0.0)
        both = kind == _SUM
        fixed = legs.fixed_requirement[big] + np.where(both, legs.fixed_requirement[small], 0.0)
        slope, start = self._slope(one, two), self._x(one)
        x = crossing.of_pairs(
            self._its.trigger,
            # What is behind the pair were its contract worth nothing
            constant=self._behind[one] - fixed - slope * start,
            slope=slope,
            start=start,
            terms=(
                crossing.Requirements(
                    legs.code[big],
                    legs.exposure[big] + sign * legs.exposure[small],
                    legs.key[big] + sign * legs.key[small],
                    legs.fee_in_trigger[big],
                ),
                crossing.Requirements(
                    legs.code[small],
                    np.where(both, legs.exposure[small], 0.0),
                    legs.key[small],
                    legs.fee_in_trigger[small],
                ),
            ),
        )
        found[one], found[two] = x * legs.exposure[one], x * legs.exposure[two]

    def _move_indices(self, found: Floats) -> None:
        """Positions on one coin that move together: the ratio at which their pool gives way."""
        legs = self.legs
        moving = np.flatnonzero(self._cross.others[legs.code] == _INDEX)
        if not len(moving):
            return
        base = self._cross.base[legs.code[moving]]
        key = self.leg_pool[moving] * (base.max() + 1) + base
        _, group, size = np.unique(key, return_inverse=True, return_counts=True)
        for number in np.flatnonzero(size > 1).tolist():
            its = moving[group == number]
            state, pool = self.state, self.leg_pool[its[0]]
            rest = state.equity[pool] - state.requirement[pool]
            ratio = self._index_ratio(its, rest)
            found[its] = np.nan if ratio is None else legs.at_mark[its] * ratio

    def _index_ratio(self, its: Ints, rest: float) -> float | None:
        """By how much the notionals of ``its`` grow until ``rest`` is used up; None: never."""
        legs = self.legs
        equity_slope = legs.direction[its] * legs.at_mark[its]
        constant = rest + float(self.leg_requirement[its].sum()) - float(equity_slope.sum())
        constant -= float(legs.fixed_requirement[its].sum())
        schedules = [
            self._its.trigger.schedules[code].plus_rate(float(fee)).at_key(float(key))
            for code, fee, key in zip(
                legs.code[its], legs.fee_in_trigger[its], legs.key[its], strict=True
            )
        ]
        line = crossing.Line(
            constant=constant,
            slope=float(equity_slope.sum()),
            notional_at_zero=np.zeros(len(its)),
            notional_slope=legs.at_mark[its],
            schedules=schedules,
        )
        return crossing.nearest(line, start=1.0, least=0.0)

    # All of a pool's prices at once

    def spare_after(self, move: Floats, collateral: Floats) -> Floats:
        """By pool: equity less requirement once each leg's price is ``1 + move`` times its mark.

        ``collateral``: what the coins of its wallet have gained.
        """
        legs = self.legs
        at = np.where(legs.inverse, legs.at_mark / (1 + move), legs.at_mark * (1 + move))
        alone = self._moving(np.arange(len(at)), at, legs.key) + legs.fixed_requirement
        margin = self._with_pairs(alone, at)
        gain = legs.direction * (at - legs.at_mark) - margin
        return self.state.equity + collateral + summed(self.leg_pool, gain, len(self.wallet))

    @cached_property
    def jumps(self) -> Bools:
        """By pool: whether what it requires jumps at some price, and may fall again beyond."""
        jumps = self._its.trigger.jumps(self.legs.code)
        return summed(self.leg_pool, jumps.astype(float), len(self.wallet)) > 0

    def path(self, legs: Ints, move: Floats, collateral: float = 0.0) -> "Path":
        """What a pool of ``legs`` has to spare as each price goes to ``1 + share * move`` times it.

        ``collateral``: what its coins gain in the whole move. All legs of a pool are inverse, in
        one coin with one move, or none is.
        """
        its, pool = self.legs, self.leg_pool[legs[0]]
        inverse = bool(its.inverse[legs[0]])
        if inverse:  # a notional grows as x = 1 / (1 + share * move)
            start, at_zero, slope = 1.0, np.zeros(len(legs)), its.at_mark[legs]
        else:  # and here with the share itself
            start, at_zero, slope = 0.0, its.at_mark[legs], its.at_mark[legs] * move
        place, factor, schedules, fixed = self._requirements(legs)
        gain = float((its.direction[legs] * slope).sum())
        line = crossing.Line(
            constant=float(self.state.equity[pool]) - fixed - gain * start,
            slope=gain + collateral,
            notional_at_zero=factor * at_zero[place],
            notional_slope=factor * slope[place],
            schedules=schedules,
        )
        return Path(line, float(move[0]) if inverse else None)

    def _requirements(self, legs: Ints) -> tuple[Ints, Floats, list[NotionalSchedule], float]:
        """What a pool requires: for each schedule, which leg's notional and how many times it.

        And what is required at every price.
        """
        its = self.legs
        partner = dict(zip(*map(np.ndarray.tolist, self._pairs), strict=True))
        partner |= {two: one for one, two in partner.items()}
        larger = set(self._larger[0].tolist())
        place: list[int] = []
        factor: list[float] = []
        schedules: list[NotionalSchedule] = []
        fixed = 0.0
        for at, leg in enumerate(legs.tolist()):
            kind, other = int(self._cross.pair[its.code[leg]]), partner.get(leg)
            times, key = 1.0, float(its.key[leg])
            if other is not None and kind != _SUM:
                if leg not in larger:
                    continue  # the larger leg speaks for both
                sign = {_COMBINED: 1.0, _LARGER: 0.0, _NET: -1.0}[kind]
                times += sign * float(its.exposure[other] / its.exposure[leg])
                key += sign * float(its.key[other])
            place.append(at)
            factor.append(times)
            schedules.append(
                self._its.trigger.schedules[its.code[leg]]
                .plus_rate(float(its.fee_in_trigger[leg]))
                .at_key(key)
            )
            fixed += float(its.fixed_requirement[leg])
        return np.array(place, np.intp), np.array(factor), schedules, fixed

    # Answers

    def beyond_tiers(self) -> Bools:
        """By row: where the tiers on file end before the position does."""
        beyond = self.legs.beyond_tiers(self.liquidation)
        one, two = self._pairs
        together = self._cross.pair[self.legs.code[one]] == _COMBINED
        a, b = one[together], two[together]
        price = np.fmax(self.liquidation, self.legs.at_mark)
        over = price[a] + price[b] > self._its.tiers_end[self.legs.code[a]]
        beyond[a[over]] = beyond[b[over]] = True
        chosen: Bools = beyond[self.leg_of_row]
        return chosen

    def risk(self) -> dict[str, NDArray[Any]]:
        """The output columns, a row a row; margin and ratio are the pool's.

        Of a position that draws on its own margin and on what is free, they are its own.
        """
        rows, leg, pool, state = self.rows, self.leg_of_row, self.pool, self.state
        share = rows.at_mark / self.legs.at_mark[leg]
        own = self._cross.others[rows.code] == _OWN_AND_FREE
        group, n = self._group
        required = summed(group, self.leg_requirement, n)[group[leg]]
        equity = np.where(own, self._behind[group[leg]], state.equity[pool])
        requirement = np.where(own, required, state.requirement[pool])
        price = self._of_rows(self.liquidation)
        columns = rows.outputs(
            balance=equity,
            requirement=requirement,
            equity=equity,
            set_aside=np.zeros(len(pool)),
            liquidation=price,
            bankruptcy=self._of_rows(self.bankruptcy),
            max_loss=np.maximum(state.wallet[pool], 0.0),
            # A price that falls hurts where the liquidation price lies below the mark
            adverse=np.where((rows.price(price) < rows.mark) != (equity <= requirement), 1.0, -1.0),
        )
        maintenance = self._with_pairs(self.legs.maintenance_margin.copy(), self.legs.at_mark)
        columns["maintenance_margin"] = maintenance[leg] * share
        return columns

    def _of_rows(self, notional: Floats) -> Floats:
        """Notionals of legs as those of their rows."""
        leg = self.leg_of_row
        own: Floats = notional[leg] * (self.rows.exposure / self.legs.exposure[leg])
        return own


def summed(index: Ints, values: Floats, n: int) -> Floats:
    """The sum of ``values`` by ``index``, which runs to ``n``."""
    return np.bincount(index, values, n).astype(np.float64)
