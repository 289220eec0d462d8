"""Why a liquidation price is what it is: its derivation, step by step.

The figures are those of the answer itself (:class:`ringfence.position.Box`, the pools of
:class:`ringfence.book.BookRisk`); nothing is solved here a second time. The last steps put the
price back into both sides of the one equation: equity and requirement there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ringfence import position, quantities
from ringfence.derivation import (
    NO_PRICE,
    SAME,
    Explanation,
    Step,
    Steps,
    add_beside,
    add_notionals,
    add_now,
    add_position,
    add_price,
    add_proof,
    add_rule,
    add_tiers,
    number,
    price_unit,
    sign_of,
    sum_of,
    tier_of,
)
from ringfence.errors import InputError
from ringfence.lookup import Terms
from ringfence.position import Box
from ringfence.schedules import SizeLinearSchedule, SlabSchedule

if TYPE_CHECKING:
    from ringfence.book import BookRisk
    from ringfence.boxes import Figures
    from ringfence.pools import CrossPositions

__all__ = ["Explanation", "Step", "explain", "number", "of_box", "of_row"]

_FEE_AT_BANKRUPTCY: Final = "taker_fee_rate x (entry notional - slope x entry notional / leverage)"
# What the margin of a pair counts besides the larger side: so many times the other side
_OF_THE_OTHER: Final = {"combined": 1.0, "larger": 0.0, "net": -1.0}


def explain(**given: Any) -> Explanation:
    """The derivation for one isolated position. Keyword arguments: the input columns.

    Raises InputError or RuleMissingError as :func:`ringfence.liquidation_price` does.
    """
    return of_box(position.box(**given))


def of_row(book: "BookRisk", row: int) -> Explanation:
    """The derivation for row number ``row`` of a book, from 0: by its box, or by its pool.

    Raises InputError where there is no such row, or where it is in error.
    """
    if not 0 <= row < len(book.terms):
        raise InputError("row", f"{row + 1} is not one of the {len(book.terms)} rows")
    if book.terms[row] is None:
        raise InputError("row", f"{row + 1} has no answer: {book.risk['status'][row]}")
    boxes = book.box_rows.tolist()
    if row in boxes:
        at = boxes.index(row)
        return of_box(_box(book.boxes, book.terms[row], at, float(book.boxes.wallet[at])))
    assert book.pools is not None
    return _of_pool(book, book.pools, row, book.pool_rows.tolist().index(row))


def _box(figures: "Figures", terms: Terms, at: int, wallet: float) -> Box:
    """One position of a table, on ``wallet``, as the scalar API has it: the same figures."""
    return Box(
        terms=replace(terms, taker_fee_rate=float(figures.taker[at])),  # the row's own fee
        side_sign=float(figures.side_sign[at]),
        direction=float(figures.direction[at]),
        size=float(figures.size[at]),
        exposure=float(figures.exposure[at]),
        entry_notional=float(figures.at_entry[at]),
        mark_price=float(figures.mark[at]),
        mark_notional=float(figures.at_mark[at]),
        wallet=wallet,
        leverage=float(figures.leverage[at]),
        funding_rate=float(figures.funding[at]),
    )


# One isolated position


def of_box(held: Box) -> Explanation:
    """The derivation for an isolated position that is checked already."""
    its, out = held.terms, Steps()
    money = its.settle or "settle currency"
    price = position.liquidation_price_of(held)

    _add_box(out, held)
    out.add("wallet", held.wallet, money, rule="isolated_margin, or entry notional / leverage")
    out.add("leverage", held.leverage, rule="as given, or entry notional / wallet")
    add_rule(out, its)
    add_notionals(out, its, held.exposure, held.entry_notional, held.mark_notional, money)
    _add_lines(out, held, price, money)

    pnl = quantities.unrealized_pnl(held.direction, held.entry_notional, held.mark_notional)
    equity = held.wallet + pnl + held.credit
    required = held.trigger.maintenance_margin(held.mark_notional) + held.fixed_requirement
    status = position.NEVER if price is None else position.OK
    if equity <= required:
        status = position.ALREADY
    parts = [held.wallet, pnl, *filter(None, [held.credit])]
    add_now(
        out,
        equity,
        required,
        money,
        status,
        equity_rule=f"wallet + unrealized_pnl{' + credit' if held.credit else ''}",
        equity_numbers=sum_of(parts),
    )
    _add_set_aside(out, held, equity, required, money)
    bankrupt = quantities.bankruptcy_notional(
        held.direction, held.entry_notional, held.wallet + held.credit
    )
    add_beside(
        out,
        its,
        held.side_sign,
        mark=held.mark_price,
        price=price,
        distance=price and held.side_sign * (held.mark_price - price) / held.mark_price,
        bankruptcy=quantities.price_at(its.inverse, held.exposure, bankrupt)
        if bankrupt > 0
        else None,
    )
    return Explanation(tuple(out.steps), price, status)


def _add_set_aside(out: Steps, held: Box, equity: float, required: float, money: str) -> None:
    """The fee that the venue counts on both sides, and its own figures with that fee in them."""
    rule, fee = held.terms.rule, held.closing_fee
    if not rule.closing_fee_reserved:
        return
    if rule.closing_fee_on == "entry_and_margin":
        why = "taker_fee_rate x (entry notional + wallet)"
        numbers = (
            f"{number(held.terms.taker_fee_rate)} x"
            f" ({number(held.entry_notional)} + {number(held.wallet)})"
        )
    else:
        why, numbers = _FEE_AT_BANKRUPTCY, _fee_at_bankruptcy(held)
    out.add("fee set aside to close", fee, money, rule=why, numbers=numbers)
    out.add(
        "maintenance_margin",
        required + fee,
        money,
        rule="the venue's own: requirement now + the fee, which margin_ratio has on neither side",
        numbers=f"{number(required)} + {number(fee)}",
    )
    if equity + fee > 0:
        out.add(
            "venue_margin_ratio",
            (required + fee) / (equity + fee),
            rule="the venue's own: the fee set aside on both sides",
            numbers=f"({number(required)} + {number(fee)}) / ({number(equity)} + {number(fee)})",
        )


def _fee_at_bankruptcy(held: Box) -> str:
    return (
        f"{number(held.terms.taker_fee_rate)} x ({number(held.entry_notional)}"
        f" {sign_of(-held.direction)} {number(held.entry_notional)} / {number(held.leverage)})"
    )


def _add_box(out: Steps, held: Box) -> None:
    its = held.terms
    out.section("Position, as understood")
    add_position(out, its, held.side_sign, held.size, held.mark_price)
    entry = quantities.price_at(its.inverse, held.exposure, held.entry_notional)
    out.add("entry_price", entry, price_unit(its))


def _add_lines(out: Steps, held: Box, price: float | None, money: str) -> None:
    """Equity and requirement of one position as lines in its notional, and where they cross."""
    its, direction = held.terms, held.direction
    at_zero = held.wallet + held.credit - direction * held.entry_notional
    line = at_zero - held.fixed_requirement
    root = held.trigger.liquidation_notional(direction, line, held.mark_notional)
    _add_box_tiers(out, held, root if price is not None else None, money)

    out.section("Equity, a straight line in the notional N")
    if held.credit:
        why = "what added margin takes off the closing fee that is set aside"
        out.add("credit", held.credit, money, rule=why)
    out.add("slope", direction, rule="+1: a falling notional loses money; -1: a rising one")
    out.add(
        "intercept",
        at_zero,
        money,
        rule=f"wallet{' + credit' if held.credit else ''} - slope x entry notional",
        numbers=f"{sum_of([held.wallet, *filter(None, [held.credit])])}"
        f" {sign_of(-direction)} {number(held.entry_notional)}",
    )
    equation = f"{number(at_zero)} {sign_of(direction)} N"
    out.add("equity(N)", equation, money, rule="intercept + slope x N")

    out.section("Requirement")
    _add_fixed(out, held, money)
    _add_moving(out, its, money)

    out.section("Where they cross")
    _add_root(out, held, line, root, money)
    if price is None:
        why = "no price gives the position that notional: it is never liquidated"
        if root <= 0:
            why = f"they cross at or below 0, and {why}"
        out.add("liquidation_price", NO_PRICE, rule=why)
        return
    add_price(out, its, held.exposure, root, price, held.mark_price)
    tier = tier_of(held.trigger, held.key, _in_tier(held, line, root))
    add_proof(
        out,
        equity=at_zero + direction * root,
        equity_numbers=f"{number(at_zero)} {sign_of(direction)} {number(root)}",
        requirement=lambda n: held.trigger.maintenance_margin(n) + held.fixed_requirement,
        requirement_numbers=f"{tier.margin_of(root)} + {number(held.fixed_requirement)}",
        at=root,
        scale=max(abs(at_zero), abs(root)),
        money=money,
    )


def _add_box_tiers(out: Steps, held: Box, root: float | None, money: str) -> None:
    out.section("Tier")
    places = {"at entry": held.entry_notional, "at the mark": held.mark_notional}
    if root is not None:
        places["at the liquidation price"] = root
    add_tiers(out, held.terms, held.key, places, money)


def _add_fixed(out: Steps, held: Box, money: str) -> None:
    """What is required at every price, part by part."""
    rule, fee = held.terms.rule, held.terms.taker_fee_rate
    parts: list[float] = []

    def part(title: str, value: float, why: str, numbers: str = "") -> None:
        parts.append(value)
        out.add(title, value, money, rule=why, numbers=numbers)

    if rule.maintenance_price == "entry":
        part(
            "maintenance margin, fixed",
            held.maintenance.maintenance_margin(held.entry_notional),
            "rate x entry notional - amount: by this rule no price moves it",
        )
    if rule.funding_in_maintenance:
        part(
            "funding to pay",
            held.funding_to_pay,
            "entry notional x the funding rate that this side pays",
            f"{number(held.entry_notional)} x"
            f" max({number(held.side_sign)} x {number(held.funding_rate)}, 0)",
        )
    if rule.trigger_fee == "taker_at_entry":
        part(
            "fee, fixed",
            fee * held.entry_notional,
            "taker_fee_rate x entry notional",
            f"{number(fee)} x {number(held.entry_notional)}",
        )
    elif rule.trigger_fee == "taker_at_bankruptcy":
        part(
            "fee, fixed",
            held.fee_at_bankruptcy,
            _FEE_AT_BANKRUPTCY,
            _fee_at_bankruptcy(held),
        )
    out.add(
        "fixed requirement",
        held.fixed_requirement,
        money,
        rule="what is required at every price",
        numbers=sum_of(parts) or "0",
    )


def _add_moving(out: Steps, its: Terms, money: str) -> None:
    """What the requirement holds that moves with the price, in words."""
    moves = []
    if its.rule.maintenance_price == "mark":
        moves.append("rate x N - amount")
    if its.rule.trigger_fee == "taker_at_mark":
        out.add("fee rate in the trigger", its.taker_fee_rate, rule="of the mark notional")
        moves.append("fee rate x N")
    moves.append("fixed requirement")
    out.add("requirement(N)", " + ".join(moves), money)


def _add_root(out: Steps, held: Box, line: float, root: float, money: str) -> None:
    """The notional at which equity meets the requirement, by the tier that holds it.

    ``line``: equity less the fixed requirement where the notional is 0.
    """
    trigger, numbers = held.trigger, ""
    if isinstance(trigger, SizeLinearSchedule) and trigger.slope and root > trigger.threshold:
        rule = "the root of equity(N) = requirement(N), a parabola"
        if root == held.mark_notional:
            rule = "no root: the margin outgrows the position; shown is where it stands"
    elif isinstance(trigger, SlabSchedule) and root in trigger.floors[1:]:
        rule = "the floor of a tier: there the requirement jumps over the equity"
    else:
        tier = tier_of(trigger, held.key, _in_tier(held, line, root))
        rule = "(fixed requirement - intercept - amount) / (slope - rate, fees included)"
        numbers = (
            f"({number(-line)} - {number(tier.amount)})"
            f" / ({number(held.direction)} - {number(tier.rate)})"
        )
    out.add("notional", root, money, rule=rule, numbers=numbers)


def _in_tier(held: Box, line: float, root: float) -> float:
    """``root``, or a notional beside it where it lies on the edge of its own tier, as floats go."""
    for at in (root, root * (1 - SAME), root * (1 + SAME)):
        tier = tier_of(held.trigger, held.key, at)
        if (-line - tier.amount) / (held.direction - tier.rate) == root:
            return at
    return root


# A cross position


def _of_pool(book: "BookRisk", pools: "CrossPositions", row: int, at: int) -> Explanation:
    """The derivation for a cross position: its pool, what the others leave of it, its own line."""
    from ringfence.pools import pool_currency  # with NumPy, which a box does without

    terms: Terms = book.terms[row]
    rule, legs, leg = terms.rule, pools.legs, int(pools.leg_of_row[at])
    assert rule.cross is not None
    money = pool_currency(terms) or "settle currency"
    moving = _moving(book, pools, leg, terms)
    price = _number(book.risk["liquidation_price"][row])
    own = sum(float(pools.leg_requirement[i]) for i in moving)
    pnl = [float(legs.pnl[i]) for i in moving]

    out = Steps()
    held = _box(legs, terms, leg, 0.0)
    _add_box(out, held)
    rows_of_leg = pools.leg_of_row.tolist().count(leg)
    if rows_of_leg > 1:
        out.add("rows", rows_of_leg, rule="rows of one contract and side are one position")
    out.add("account", str(book.account[row]) or "the venue's only one")
    add_rule(out, terms)
    out.add("cross margin", rule.cross.statement)
    add_notionals(out, terms, held.exposure, held.entry_notional, held.mark_notional, money)
    _add_pool(out, pools, int(pools.pool[at]), moving, own, money)
    out.section("Equity behind the position, at the marks")
    behind = _add_behind(out, book, pools, row, at, moving, own, money)
    if len(moving) == 1 and rule.cross.requirement == "moving":
        out.add(
            "wallet of its own line",
            behind - pnl[0],
            money,
            rule="behind it - own unrealized_pnl: as a box would hold it",
            numbers=sum_of([behind, -pnl[0]]),
        )
        _add_lines(out, held._replace(wallet=behind - pnl[0]), price, money)
    else:
        notional = {i: float(pools.liquidation[i]) for i in moving}
        its = _legs(book, pools)
        _add_pool_tiers(out, pools, its, moving, notional if price is not None else None, money)
        _add_together(out, pools, its, leg, notional, price, behind, own, held, money)

    balance, ratio = float(book.risk["margin_balance"][row]), float(book.risk["margin_ratio"][row])
    required = ratio * balance if balance > 0 else float(pools.state.requirement[pools.pool[at]])
    status = str(book.risk["status"][row])
    add_now(out, balance, required, money, status)
    add_beside(
        out,
        terms,
        held.side_sign,
        mark=held.mark_price,
        price=price,
        distance=_number(book.risk["liquidation_distance"][row]),
        bankruptcy=_number(book.risk["bankruptcy_price"][row]),
    )
    return Explanation(tuple(out.steps), price, status)


def _number(value: Any) -> float | None:
    return None if value is None or value != value else float(value)


def _legs(book: "BookRisk", pools: "CrossPositions") -> dict[int, Terms]:
    """The terms of each leg."""
    legs = zip(pools.leg_of_row.tolist(), book.pool_rows.tolist(), strict=True)
    return {leg: book.terms[row] for leg, row in legs}


def _moving(book: "BookRisk", pools: "CrossPositions", leg: int, terms: Terms) -> list[int]:
    """The legs that move with ``leg``'s price: its contract's other side; all on one coin."""
    assert terms.rule.cross is not None
    pool, contract = pools.leg_pool.tolist(), pools.leg_contract.tolist()
    together = [i for i in range(len(pool)) if pool[i] == pool[leg]]
    if terms.rule.cross.others == "index":
        its = _legs(book, pools)
        return [i for i in together if its[i].base == terms.base]
    return [i for i in together if contract[i] == contract[leg]]


def _add_pool(
    out: Steps, pools: "CrossPositions", pool: int, moving: Sequence[int], own: float, money: str
) -> None:
    """Equity and requirement of the whole pool, and whose they are."""
    legs, state = pools.legs, pools.state
    of_pool = [i for i, its in enumerate(pools.leg_pool.tolist()) if its == pool]
    others = [float(legs.pnl[i]) for i in of_pool if i not in moving]
    mine = [float(legs.pnl[i]) for i in moving]
    wallet, required = float(pools.wallet[pool]), float(state.requirement[pool])
    together = "of those that move with this price, together" if len(moving) > 1 else ""
    out.section("Pool, at the marks")
    out.add("wallet", wallet, money, rule="of the account, without the margin in isolated boxes")
    out.add("positions", len(of_pool), rule="one a contract and side")
    out.add("others' unrealized_pnl", sum(others), money)
    out.add("own unrealized_pnl", sum(mine), money, rule=together)
    out.add(
        "pool equity",
        float(state.equity[pool]),
        money,
        rule="wallet + others' unrealized_pnl + own unrealized_pnl",
        numbers=sum_of([wallet, sum(others), sum(mine)]),
    )
    out.add("pool requirement", required, money, rule="of all positions")
    out.add("own requirement", own, money, rule=together)
    out.add(
        "others' requirement",
        required - own,
        money,
        rule="pool requirement - own requirement",
        numbers=f"{number(required)} - {number(own)}",
    )


def _add_behind(
    out: Steps,
    book: "BookRisk",
    pools: "CrossPositions",
    row: int,
    at: int,
    moving: Sequence[int],
    own: float,
    money: str,
) -> float:
    """What stands behind the position at the marks, PnL and all."""
    cross = book.terms[row].rule.cross
    pool, state = int(pools.pool[at]), pools.state
    equity, others = float(state.equity[pool]), float(state.requirement[pool]) - own
    behind: float
    if cross.others == "pro_rata":
        shares = zip(pools.share_of_pool.tolist(), pools.leg_of_row.tolist(), strict=True)
        share = sum(its for its, leg in shares if leg in moving)
        behind, numbers = equity * share, f"{number(equity)} x {number(share)}"
        why = "pool equity x its share of the value of all positions at their marks"
    elif cross.others == "own_and_free":
        behind, numbers = float(book.risk["margin_balance"][row]), ""
        why = "its own initial margin and PnL, and what of the wallet nobody uses as margin"
    else:
        behind, numbers = equity - others, f"{number(equity)} - {number(others)}"
        why = "pool equity - others' requirement"
    out.add("behind it", behind, money, rule=why, numbers=numbers)
    return behind


def _add_together(
    out: Steps,
    pools: "CrossPositions",
    its: Mapping[int, Terms],
    leg: int,
    notional: Mapping[int, float],
    price: float | None,
    behind: float,
    own: float,
    held: Box,
    money: str,
) -> None:
    """Where positions that move with one price use up what is behind them all."""
    out.section("Where they cross")
    legs, cross = pools.legs, held.terms.rule.cross
    assert cross is not None
    frozen = cross.requirement == "frozen" and len(notional) == 1  # a pair's moves with it
    if price is None:
        why = "no price takes what is behind it, and its gains, down to its requirement"
        if notional[leg] <= 0:
            why += ": they cross at or below 0"
        out.add("liquidation_price", NO_PRICE, rule=why)
        return
    there = "own requirement" if frozen else "own requirement there"
    root = notional[leg]
    out.add(
        "notional",
        root,
        money,
        rule=f"where behind it + slope x (notional - mark notional) = {there}"
        + (", summed over those that move" if len(notional) > 1 else ""),
    )
    add_price(out, held.terms, held.exposure, root, price, held.mark_price)
    gains = [float(legs.direction[i]) * (n - float(legs.at_mark[i])) for i, n in notional.items()]
    pool = int(pools.leg_pool[leg])
    others = float(pools.state.requirement[pool]) - own

    def requirement(at: float) -> float:
        if frozen:
            return own
        return _required_at(pools, pool, {i: n * at / root for i, n in notional.items()}) - others

    add_proof(
        out,
        equity=behind + sum(gains),
        equity_numbers=sum_of([behind, *gains]),
        requirement=requirement,
        requirement_numbers=number(own)
        if frozen
        else _margins(pools, _counted(pools, its, list(notional)), its, notional),
        at=root,
        scale=max(abs(root), *map(abs, [behind, *gains, float(pools.state.wallet[pool])])),
        money=money,
    )


def _required_at(pools: "CrossPositions", pool: int, notional: Mapping[int, float]) -> float:
    """What the pool requires where some legs have other notionals than at their marks."""
    import numpy as np

    legs = pools.legs
    move, gain = np.zeros(len(legs.at_mark)), 0.0
    for leg, value in notional.items():
        at_mark = float(legs.at_mark[leg])
        move[leg] = (at_mark / value if legs.inverse[leg] else value / at_mark) - 1
        gain += float(legs.direction[leg]) * (value - at_mark)
    spare = float(pools.spare_after(move, np.zeros(len(pools.wallet)))[pool])
    return float(pools.state.equity[pool]) + gain - spare


class _Counted(NamedTuple):
    """What the venue margins as one: a leg, and ``times`` the other side of its contract."""

    leg: int
    other: int
    times: float

    @property
    def paired(self) -> bool:
        return self.leg != self.other

    def of(self, values: Any) -> float:
        """Its figure from those of the legs."""
        return float(values[self.leg] + self.times * values[self.other])


def _counted(
    pools: "CrossPositions", its: Mapping[int, Terms], moving: Sequence[int]
) -> list[_Counted]:
    """What moves, as the venue counts it: each leg alone, or both sides of a contract as one."""
    sides: dict[int, list[int]] = {}
    for leg in moving:
        sides.setdefault(int(pools.leg_contract[leg]), []).append(leg)
    counted = []
    for legs in sides.values():
        big, *small = sorted(legs, key=lambda i: -float(pools.legs.exposure[i]))
        cross = its[big].rule.cross
        assert cross is not None
        times = _OF_THE_OTHER.get(cross.pair or "")
        if small and times is not None:
            counted.append(_Counted(big, small[0], times))
        else:
            counted += [_Counted(leg, leg, 0.0) for leg in legs]
    return counted


def _margins(
    pools: "CrossPositions",
    counted: Sequence[_Counted],
    its: Mapping[int, Terms],
    notional: Mapping[int, float],
) -> str:
    """What is required of each at ``notional``, in numbers."""
    parts = []
    for one in counted:
        held, at = _box(pools.legs, its[one.leg], one.leg, 0.0), one.of(notional)
        tier = tier_of(held.terms.trigger, one.of(pools.legs.key), at)
        parts.append(tier.margin_of(at))
        if held.fixed_requirement:
            parts.append(number(held.fixed_requirement))
    return " + ".join(parts)


def _add_pool_tiers(
    out: Steps,
    pools: "CrossPositions",
    its: Mapping[int, Terms],
    moving: Sequence[int],
    notional: Mapping[int, float] | None,
    money: str,
) -> None:
    """The tiers of what moves: of each, or of a pair as the venue counts it."""
    out.section("Tier")
    legs, counted = pools.legs, _counted(pools, its, moving)
    for one in counted:
        terms = its[one.leg]
        cross = terms.rule.cross
        assert cross is not None
        if len(counted) > 1:
            side = "long" if legs.side_sign[one.leg] > 0 else "short"
            out.add("of", f"{terms.symbol} {side}")
        if one.paired:
            counts = "one" if one.times else "the larger alone"
            out.add("pair", f"{cross.pair}: of both sides {counts}")
        places = {"at entry": one.of(legs.at_entry), "at the mark": one.of(legs.at_mark)}
        if notional is not None:
            places["at the liquidation price"] = one.of(notional)
        add_tiers(out, terms, one.of(legs.key), places, money)
