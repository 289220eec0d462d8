"""One isolated box over time: top-ups, withdrawals, funding, auto-margin, liquidation by steps.

What a venue does is data (:mod:`ringfence.box_rules`); a question that needs a rule nobody could
source is refused. Money is in settle currency, rates are fractions, prices in quote per base.
Positions are given as the keyword arguments of :func:`ringfence.liquidation_price`.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

from ringfence import inputs, quantities
from ringfence.box_rules import AutoAdd, Step, Withdrawal
from ringfence.errors import InputError, MissingInputError, RuleMissingError
from ringfence.position import Box, box, liquidation_price_of
from ringfence.schedules import SlabSchedule

_HOURS_A_DAY: Final = 24.0
_DUST: Final = 1e-3  # of the position: what is left of it is closed in one
_MOST_STEPS: Final = 1_000  # of a path; no ladder on file has so many tiers
_GAP: Final = 1e-3
_EVEN: Final = 1e-12  # relative: figures that only rounding tells apart

RATIO: Final = inputs.NumberField(
    "target_ratio", "margin_ratio to reach", above=0, below=1, percent=True
)
TARGET: Final = inputs.NumberField("target_price", "liquidation price to reach", above=0)
FREE: Final = inputs.NumberField("account_free", "what the account has free", at_least=0)
INTERVAL: Final = inputs.NumberField("interval_hours", "hours between two fundings", above=0)
GAP: Final = inputs.NumberField(
    "gap", "how far beyond the liquidation price a venue acts", at_least=0, below=0.5, percent=True
)
SLIPPAGE: Final = inputs.NumberField(
    "slippage", "how far fills are from the price, a fraction", at_least=0, below=1, percent=True
)


def with_wallet(held: Box, wallet: float) -> Box:
    """The same position with another wallet; its leverage setting stays."""
    return held._replace(wallet=wallet)


def pnl_at(held: Box, notional: float) -> float:
    return quantities.unrealized_pnl(held.direction, held.entry_notional, notional)


def notional_at(held: Box, price: float) -> float:
    return quantities.notional(held.terms.inverse, held.exposure, price)


def equity(held: Box, notional: float) -> float:
    """What is held against the requirement at ``notional``."""
    return held.wallet + held.credit + pnl_at(held, notional)


def requirement(held: Box, notional: float) -> float:
    """What equity is held against at ``notional``."""
    return held.trigger.maintenance_margin(notional) + held.fixed_requirement


def _spare(held: Box) -> float:
    """What equity has above the requirement at the mark."""
    return equity(held, held.mark_notional) - requirement(held, held.mark_notional)


def _next_price(held: Box, beyond: float = 1.0) -> float | None:
    """Where the venue acts: ``beyond`` times the liquidation price, or the mark if that is worse.

    None: no price liquidates the box.
    """
    found = liquidation_price_of(held)
    if found is None:
        return held.mark_price if _spare(held) <= 0 else None
    worse = min if held.side_sign > 0 else max
    return worse(found * beyond, held.mark_price)


def _need_leverage(position: Mapping[str, Any], why: str) -> None:
    """Refuse a blank leverage: the one implied by the wallet makes it the initial margin."""
    if inputs.is_blank(position.get("leverage")):
        raise MissingInputError("leverage", f"missing; give the leverage set: {why}")


# Top-ups and withdrawals


def top_up(
    *, target_price: float | None = None, target_ratio: float | None = None, **position: Any
) -> float:
    """The margin to add so that the box is liquidated at ``target_price``, or has ``target_ratio``.

    Below 0: so much more than that is in it. Give one of the two targets; ``target_price`` must lie
    on the adverse side of the mark price. A leverage that is given stays as it is; a blank one is
    entry notional / wallet, after the top-up too. Raises InputError.
    """
    held = box(**position)
    price = None if target_price is None else inputs.parse_number(TARGET, target_price)
    ratio = None if target_ratio is None else inputs.parse_number(RATIO, target_ratio)
    if (price is None) == (ratio is None):
        raise InputError("target_price", "give either target_price or target_ratio")
    if price is not None and held.side_sign * (held.mark_price - price) < 0:
        way = "below" if held.side_sign > 0 else "above"
        raise InputError(
            "target_price", f"{price:g} must be {way} the mark price {held.mark_price:g}"
        )
    if price is not None:
        needed = _needed_until(held, notional_at(held, price))
    else:
        assert ratio is not None
        mark = held.mark_notional
        needed = requirement(held, mark) / ratio - pnl_at(held, mark)
    if not inputs.is_blank(position.get("leverage")):  # else none of it counts as added margin
        needed = _wallet_for(held, needed)
    return needed - held.wallet


def _needed_until(held: Box, target: float) -> float:
    """Wallet and credit that keep equity above the requirement all the way to ``target``."""
    trigger = held.trigger
    stops = [target]
    if isinstance(trigger, SlabSchedule):  # it jumps at its floors, so that the way there counts
        low, high = sorted((held.mark_notional, target))
        stops += [floor for floor in trigger.floors if low < floor <= high]
    return max(requirement(held, notional) - pnl_at(held, notional) for notional in stops)


def _wallet_for(held: Box, backing: float) -> float:
    """The wallet that with its credit comes to ``backing``."""
    if not held.terms.rule.added_margin_lowers_closing_fee:
        return backing
    by_leverage = held.entry_notional / held.leverage
    rest = backing - by_leverage
    return by_leverage + rest * (1 - held.direction * held.terms.taker_fee_rate)


def withdrawable(**position: Any) -> float:
    """The margin that the venue lets out of the box at the mark price; 0 where none.

    More than the wallet where the venue lets a profit out that is not realized yet (Hyperliquid,
    dYdX). Raises RuleMissingError where the venue's limit is not on file, MissingInputError where
    leverage is blank: what must stay depends on it.
    """
    held = box(**position)
    rule = held.terms.rule
    limit = rule.box.withdrawal
    if limit is None:
        raise RuleMissingError("venue", f"what {rule.venue} lets out of a box is not on file")
    if limit == "none":
        return 0.0
    _need_leverage(position, "the margin that must stay depends on it")
    return max(min(_free(held, limit)), 0.0)


def _free(held: Box, limit: Withdrawal) -> list[float]:
    profit = pnl_at(held, held.mark_notional)
    balance = held.wallet + (profit if limit.profit_counts else min(profit, 0.0))
    at = held.mark_notional if limit.initial_margin_at == "mark" else held.entry_notional
    kept = max(at / held.leverage, limit.minimum_rate * held.mark_notional)
    free = [balance - kept]
    if limit.wallet_keeps_maintenance:
        free.append(held.wallet - held.maintenance.maintenance_margin(held.mark_notional))
    if limit.profit_stays:
        free.append(held.wallet)
    return free


# Funding


class FundingBleed(NamedTuple):
    """What funding takes at an unchanged price. ``days`` None: it never liquidates the box.

    Never: it is received, the account alone pays it, or it is too little to count.
    """

    payer: Literal["box", "account", "account, then box"]
    a_day: float  # paid a day; below 0: received
    fundings: int | None  # the number of the funding that liquidates
    days: float | None


def funding_bleed(
    *, interval_hours: float = 8.0, account_free: float = 0.0, **position: Any
) -> FundingBleed:
    """How long the box lasts at its ``funding_rate``, the price standing still.

    ``account_free``: what the account can pay first, where the venue takes funding from it first.
    Raises MissingInputError without a ``funding_rate``, RuleMissingError where who pays is not on
    file.
    """
    held = box(**position)
    if inputs.is_blank(position.get("funding_rate")):
        raise inputs.missing("funding_rate")
    hours = inputs.parse_number(INTERVAL, interval_hours)
    free = inputs.parse_number(FREE, account_free) or 0.0
    if hours is None:
        raise MissingInputError("interval_hours", f"missing; give {INTERVAL.doc}")
    rule = held.terms.rule
    source = rule.box.funding_from
    if source is None:
        raise RuleMissingError("venue", f"who pays funding at {rule.venue} is not on file")
    each = held.side_sign * held.funding_rate * held.mark_notional
    payer: dict[str, Literal["box", "account", "account, then box"]] = {
        "box": "box", "account": "account", "account_then_box": "account, then box",
    }  # fmt: skip
    a_day = each * _HOURS_A_DAY / hours + 0.0
    if each <= 0 or source == "account":
        return FundingBleed(payer[source], a_day, None, None)
    spare = _spare(held) + (free if source == "account_then_box" else 0.0)
    lasts = max(spare / each, 0.0)
    days = math.ceil(lasts) * hours / _HOURS_A_DAY if lasts < math.inf else math.inf
    if not days < math.inf:
        return FundingBleed(payer[source], a_day, None, None)
    return FundingBleed(payer[source], a_day, math.ceil(lasts), days)


# Auto-margin


class Refill(NamedTuple):
    """One time that auto-margin saves the box. Money in settle currency."""

    price: float  # at which it acts: the mark where the box is past its liquidation price
    added: float
    account_left: float
    wallet: float
    liquidation_price: float | None  # then; None: never


def auto_add_path(*, account_free: float, **position: Any) -> list[Refill]:
    """What auto-margin adds, time after time, until the account is dry.

    The last row's ``liquidation_price`` is the one that remains. Empty where the box is never
    liquidated. Raises RuleMissingError where the venue has no auto-margin on file, and
    MissingInputError where it adds initial margin and leverage is blank.
    """
    held = box(**position)
    free = inputs.parse_number(FREE, account_free)
    if free is None:
        raise MissingInputError("account_free", f"missing; give {FREE.doc}")
    rule = held.terms.rule
    adds = rule.box.auto_add
    if not isinstance(adds, AutoAdd):
        said = "has no auto-margin" if adds == "none" else "has no auto-margin on file"
        raise RuleMissingError("venue", f"{rule.venue} {said}")
    if adds.amount in ("initial_margin", "to_initial_margin"):
        _need_leverage(position, "what is added is the initial margin at it")
    path: list[Refill] = []
    price = _next_price(held)
    while price is not None and free > 0 and len(path) < _MOST_STEPS:
        wanted = _wanted(held, adds, price, free)
        if wanted > free and adds.all_or_nothing:
            break
        added = min(wanted, free)
        free -= added
        held = with_wallet(held, held.wallet + added)
        path.append(Refill(price, added, free, held.wallet, liquidation_price_of(held)))
        price = _next_price(held)
    return path


def _wanted(held: Box, adds: AutoAdd, price: float, free: float) -> float:
    """What one refill at ``price`` moves."""
    notional = notional_at(held, price)
    at = notional if held.terms.rule.initial_price == "mark" else held.entry_notional
    initial = at / held.leverage
    if adds.amount == "initial_margin":
        return initial
    if adds.amount == "to_initial_margin":
        return max(initial - equity(held, notional), 0.0) or free
    return free  # bit by bit, as the price goes on, until there is nothing left


# The steps of a liquidation


@dataclass(frozen=True, slots=True)
class Fill:
    """One step of a liquidation. ``margin_left``: the wallet after it, PnL taken and fees paid."""

    action: str
    price: float
    fill_price: float
    size_closed: float
    size_left: float
    realized_pnl: float
    fee: float
    margin_left: float
    liquidation_price: float | None  # of what is left; None: none, or never


FILL_COLUMNS: Final = tuple(Fill.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class LiquidationPath:
    """A price going on and on against a box, by the venue's steps. Money in settle currency.

    Every cent that was in the box is somebody's in the end, whatever the venue:

        wallet + shortfall = to_market + fees + to_trader + to_venue + left_in_box

    A fill at the bankruptcy price is worse than the market: its ``realized_pnl`` is the market's
    part and what the venue gains by it. So the sum of all ``realized_pnl`` is -``to_market`` where
    all fills are at market.
    """

    fills: tuple[Fill, ...]
    to_trader: float  # what is left of the box, also where no page says who keeps it
    to_venue: float  # what its fund keeps of the box, at fills and at the end, fees apart
    fees: float
    to_market: float  # lost from entry to the market at which it was closed; below 0: won
    left_in_box: float  # the wallet of what no price liquidates (any more)
    shortfall: float  # what was lost beyond the box: the venue's insurance fund carries it
    fee_known: bool  # False: the venue's liquidation fee is not on file, ``fees`` are 0
    fee_at_most: bool  # True: ``fees`` are the most that the venue may take

    @property
    def fee_note(self) -> str:
        """What ``fees`` are, in a few words."""
        if not self.fee_known:
            return "fee not on file, taken as 0"
        return "fee is the most it may be" if self.fee_at_most else "fee as on file"


def liquidation_path(
    *, slippage: float = 0.0, gap: float | None = None, **position: Any
) -> LiquidationPath:
    """The steps in which the venue liquidates the box while the price goes on against it.

    ``slippage``: how far a fill at market is from the price, against the trader. ``gap``: how far
    beyond the liquidation price the price is when a venue acts that closes only as much as it must
    (at the price itself that would be nothing); None or 0: 0.001. A box that is past its
    liquidation price starts at the mark. Where equity is gone, what should be filled at the
    bankruptcy price is filled at the mark, which is worse.

    Raises RuleMissingError where the steps are not on file, InputError where ``gap`` is so small
    that there are too many steps; no fills where no price liquidates the box.
    """
    held = box(**position)
    slip = inputs.parse_number(SLIPPAGE, slippage) or 0.0
    beyond = inputs.parse_number(GAP, gap) or _GAP
    rule = held.terms.rule
    if rule.box.steps is None:
        raise RuleMissingError("venue", f"the liquidation steps of {rule.venue} are not on file")
    return _Liquidation(held, slip, beyond).run(rule.box.steps)


class _Liquidation:
    """The state of a box that is being liquidated; its mark is where the price is."""

    def __init__(self, held: Box, slippage: float, gap: float) -> None:
        self.held, self.slippage, self.gap = held, slippage, gap
        self.whole = held.size
        self.fills: list[Fill] = []
        self.fee_rate = held.terms.rule.box.liquidation_fee_rate or 0.0
        self.fees = self.to_venue = self.to_market = 0.0

    def run(self, steps: tuple[Step, ...]) -> LiquidationPath:
        as_little = any(step.action == "close_until_safe" for step in steps)
        # Never quite at it: rounding would leave a short just below the floor that liquidates it
        beyond = 1 - self.held.side_sign * (self.gap if as_little else _EVEN)
        while self.held.size > 0 and (price := _next_price(self.held, beyond)) is not None:
            self.held = self.held._replace(
                mark_price=price, mark_notional=notional_at(self.held, price)
            )
            if self.held.size < _DUST * self.whole:
                self._close(self.held.size, "close")
            else:
                self._act(steps)
            if len(self.fills) > _MOST_STEPS:
                raise InputError(
                    "gap", f"{self.gap:g} makes more than {_MOST_STEPS} steps; give a larger one"
                )
        return self._settled()

    def _settled(self) -> LiquidationPath:
        its, left = self.held.terms.rule.box, self.held.wallet
        closed = self.held.size <= 0
        rest = max(left, 0.0) if closed else 0.0
        keeps = its.remainder_to == "venue"
        return LiquidationPath(
            fills=tuple(self.fills),
            to_trader=0.0 if keeps else rest,
            to_venue=self.to_venue + (rest if keeps else 0.0),
            fees=self.fees,
            to_market=self.to_market,
            left_in_box=0.0 if closed else left,
            shortfall=max(0.0, -left) if closed else 0.0,
            fee_known=its.liquidation_fee_rate is not None,
            fee_at_most=its.liquidation_fee_at_most,
        )

    def _act(self, steps: tuple[Step, ...]) -> None:
        """Take the venue's steps at this price, until one makes the box safe."""
        before = self.held.size
        for step in steps:
            size = self.held.size
            self._take(step)
            made_safe = step.action == "close_until_safe" and self.held.size < size
            if self.held.size <= 0 or made_safe or self._safe():
                break
        if self.held.size == before:  # no step applies any more: the rest is taken over
            self._close(before, "take_over", at_bankruptcy=True)

    def _safe(self) -> bool:
        return _spare(self.held) > _EVEN * self.held.mark_notional

    def _take(self, step: Step) -> None:
        if self.held.mark_notional <= step.above_notional:
            return
        if step.action == "step_down":
            while not self._safe():
                size = self._above_lower_tier(step)
                if size <= 0:
                    return
                self._close(size, step.action, at_bankruptcy=step.price == "bankruptcy")
                if not step.repeats:
                    return
        elif step.action == "close_fraction":
            while self.held.size > 0 and not self._safe():
                if self.held.mark_notional <= step.above_notional:
                    return
                self._close(self.held.size * step.fraction, step.action)
                if not step.repeats:
                    return
        elif step.action == "close_until_safe":
            size = self._until_safe()
            if size > 0:
                self._close(size, step.action)
        elif step.action == "close":
            self._close(self.held.size, step.action)
        elif step.action == "take_over":
            mark = self.held.mark_notional
            most = math.inf if step.at_equity is None else step.at_equity
            if most == math.inf or equity(self.held, mark) <= most * requirement(self.held, mark):
                self._close(self.held.size, step.action, at_bankruptcy=True)

    def _above_lower_tier(self, step: Step) -> float:
        """What closing down to a lower tier's upper bound closes; 0 in the lowest."""
        contract = self.held.terms.contract
        if contract is None:
            return 0.0
        floors = [tier.floor for tier in contract.tiers]
        held = self.held
        counted = held.size if contract.counted_in_contracts else held.mark_notional
        # Closed down to a bound it is in the tier below, also where its value grows with the price.
        # Without that a short would be closed by ever smaller slivers, as it outgrows the bound.
        slack = _EVEN if contract.counted_in_contracts else _DUST
        tier = sum(floor < counted * (1 - slack) for floor in floors)  # 1 is the lowest
        if tier < step.from_tier:
            return 0.0
        bound = floors[max(tier - step.tiers, 1)]
        return held.size * (1 - bound / counted)

    def _until_safe(self) -> float:
        """The least that brings equity above what is required once it is closed at this price.

        All of it where nothing less does. Halved again and again, to the last digit.
        """
        fill = self._market()
        low, high = 0.0, self.held.size
        for _ in range(100):
            middle = (low + high) / 2
            pnl = self._realized(middle, fill)
            if _spare(self._after(middle, pnl, self._fee(middle, fill, pnl))) > 0:
                high = middle
            else:
                low = middle
        return high

    def _market(self) -> float:
        """The price of a fill at market."""
        return self.held.mark_price * (1 - self.held.side_sign * self.slippage)

    def _bankruptcy_price(self) -> float | None:
        """Where the wallet is gone; None: nowhere. A fee set aside is no part of the wallet."""
        held = self.held
        notional = quantities.bankruptcy_notional(held.direction, held.entry_notional, held.wallet)
        if notional <= 0:
            return None
        return quantities.price_at(held.terms.inverse, held.exposure, notional)

    def _after(self, size: float, pnl: float, fee: float) -> Box:
        """The box once ``size`` of it is closed."""
        held = self.held
        left = 1 - size / held.size if size < held.size else 0.0
        return held._replace(
            size=held.size * left,
            exposure=held.exposure * left,
            entry_notional=held.entry_notional * left,
            mark_notional=held.mark_notional * left,
            wallet=held.wallet + pnl - fee,
        )

    def _realized(self, size: float, fill: float) -> float:
        return pnl_at(self.held, notional_at(self.held, fill)) * (size / self.held.size)

    def _fee(self, size: float, fill: float, pnl: float) -> float:
        """The venue's fee for closing; no more than what is left in the box."""
        fee = self.fee_rate * notional_at(self.held, fill) * (size / self.held.size)
        return min(fee, max(self.held.wallet + pnl, 0.0))

    def _close(self, size: float, action: str, *, at_bankruptcy: bool = False) -> None:
        held = self.held
        size = min(size, held.size)
        fill = self._market()
        pnl = by_market = self._realized(size, fill)
        if at_bankruptcy:
            worth, at_zero = (
                self._realized(size, held.mark_price),
                -held.wallet * (size / held.size),
            )
            zero = self._bankruptcy_price()
            if worth <= at_zero:  # equity is gone: nobody fills better than the market
                fill, pnl, by_market = held.mark_price, worth, worth
            elif zero is not None:  # what the market is better by is the venue's
                fill, pnl, by_market = zero, at_zero, worth
        fee = 0.0 if action == "take_over" else self._fee(size, fill, pnl)
        self.to_venue += by_market - pnl
        self.to_market -= by_market
        self.fees += fee
        self.held = self._after(size, pnl, fee)
        left = self.held.size > 0
        self.fills.append(
            Fill(
                action=action,
                price=held.mark_price,
                fill_price=fill,
                size_closed=size,
                size_left=self.held.size,
                realized_pnl=pnl,
                fee=fee,
                margin_left=self.held.wallet if left else max(self.held.wallet, 0.0),
                liquidation_price=_next_price(self.held) if left else None,
            )
        )
