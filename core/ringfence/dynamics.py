"""One isolated box over time: top-ups, withdrawals, funding, auto-margin, liquidation by steps.

What a venue does is data (:mod:`ringfence.box_rules`); a question that needs a rule nobody could
source is refused. Money is in settle currency, rates are fractions, prices in quote per base.
Positions are given as the keyword arguments of :func:`ringfence.liquidation_price`.
"""

import math
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

RATIO: Final = inputs.NumberField("target_ratio", "margin_ratio to reach", above=0, below=1)
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


# Top-ups and withdrawals


def top_up(
    *, target_price: float | None = None, target_ratio: float | None = None, **position: Any
) -> float:
    """The margin to add so that the box is liquidated at ``target_price``, or has ``target_ratio``.

    Below 0: so much more than that is in it. Give one of the two targets; ``target_price`` must lie
    on the adverse side of the mark price. Raises InputError.
    """
    held = box(**position)
    price = None if target_price is None else inputs.parse_number(TARGET, target_price)
    ratio = None if target_ratio is None else inputs.parse_number(RATIO, target_ratio)
    if (price is None) == (ratio is None):
        raise InputError("target_price", "give either target_price or target_ratio")
    if ratio is not None:
        needed = requirement(held, held.mark_notional) / ratio - pnl_at(held, held.mark_notional)
    else:
        assert price is not None
        if held.side_sign * (held.mark_price - price) < 0:
            way = "below" if held.side_sign > 0 else "above"
            raise InputError(
                "target_price", f"{price:g} must be {way} the mark price {held.mark_price:g}"
            )
        needed = _needed_until(held, notional_at(held, price))
    return _wallet_for(held, needed) - held.wallet


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

    Raises RuleMissingError where the venue's limit is not on file.
    """
    held = box(**position)
    rule = held.terms.rule
    limit = rule.box.withdrawal
    if limit is None:
        raise RuleMissingError("venue", f"what {rule.venue} lets out of a box is not on file")
    if limit == "none":
        return 0.0
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
    """What funding takes at an unchanged price. ``days`` None: it never liquidates the box."""

    payer: Literal["box", "account", "account, then box"]
    a_day: float  # paid a day; below 0: received
    fundings: int | None  # the number of the funding that liquidates
    days: float | None


def funding_bleed(
    *, interval_hours: float = 8.0, account_free: float = 0.0, **position: Any
) -> FundingBleed:
    """How long the box lasts at its ``funding_rate``, the price standing still.

    ``account_free``: what the account can pay first, where the venue takes funding from it first.
    Raises RuleMissingError where who pays is not on file.
    """
    held = box(**position)
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
    spare = equity(held, held.mark_notional) - requirement(held, held.mark_notional)
    spare += free if source == "account_then_box" else 0.0
    fundings = max(math.ceil(spare / each), 0)
    return FundingBleed(payer[source], a_day, fundings, fundings * hours / _HOURS_A_DAY)


# Auto-margin


class Refill(NamedTuple):
    """One time that auto-margin saves the box."""

    price: float
    added: float
    account_left: float
    wallet: float
    liquidation_price: float | None  # then; None: never


def auto_add_path(*, account_free: float, **position: Any) -> list[Refill]:
    """What auto-margin adds, time after time, until the account is dry.

    The last row's ``liquidation_price`` is the one that remains. Empty where the box is never
    liquidated. Raises RuleMissingError where the venue has no auto-margin on file.
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
    path: list[Refill] = []
    price = liquidation_price_of(held)
    while price is not None and free > 0 and len(path) < _MOST_STEPS:
        wanted = _wanted(held, adds, price, free)
        if wanted > free and adds.all_or_nothing:
            break
        added = min(wanted, free)
        free -= added
        held = with_wallet(held, held.wallet + added)
        after = liquidation_price_of(held)
        path.append(Refill(price, added, free, held.wallet, after))
        price = after
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
    """A price going on and on against a box, by the venue's steps."""

    fills: tuple[Fill, ...]
    to_trader: float
    to_venue: float  # what its fund keeps of the box, fees apart
    fees: float


def liquidation_path(
    *, slippage: float = 0.0, gap: float = 0.001, **position: Any
) -> LiquidationPath:
    """The steps in which the venue liquidates the box while the price goes on against it.

    ``slippage``: how far a fill at market is from the price, against the trader. ``gap``: how far
    beyond the liquidation price the price is when a venue acts that closes only as much as it must
    (at the price itself that would be nothing). Fees are the venue's liquidation fee, where one is
    on file. Raises RuleMissingError where the steps are not on file; no fills where no price
    liquidates the box.
    """
    held = box(**position)
    slip = inputs.parse_number(SLIPPAGE, slippage) or 0.0
    beyond = inputs.parse_number(GAP, gap) or 0.0
    rule = held.terms.rule
    if rule.box.steps is None:
        raise RuleMissingError("venue", f"the liquidation steps of {rule.venue} are not on file")
    return _Liquidation(held, slip, beyond).run(rule.box.steps)


class _Liquidation:
    """The state of a box that is being liquidated."""

    def __init__(self, held: Box, slippage: float, gap: float) -> None:
        self.held, self.slippage, self.gap = held, slippage, gap
        self.whole = held.size
        self.fills: list[Fill] = []
        self.fee_rate = held.terms.rule.box.liquidation_fee_rate or 0.0
        self.fees = self.to_venue = 0.0

    def run(self, steps: tuple[Step, ...]) -> LiquidationPath:
        if any(step.action == "close_until_safe" for step in steps):
            beyond = 1 - self.held.side_sign * self.gap
        else:
            beyond = 1.0
        while (
            found := liquidation_price_of(self.held) if self.held.size > 0 else None
        ) is not None:
            price, before = found * beyond, self.held.size
            if before < _DUST * self.whole or len(self.fills) >= _MOST_STEPS:
                self._close(before, price, "close")
                break
            for step in steps:
                size = self.held.size
                self._take(step, price)
                made_safe = step.action == "close_until_safe" and self.held.size < size
                if self.held.size <= 0 or made_safe or self._safe(price):
                    break
            if self.held.size == before:  # no step applies any more: the rest is taken over
                self._close(self.held.size, price, "take_over")
        rest = max(self.held.wallet, 0.0) if self.fills and self.held.size <= 0 else 0.0
        keeps = self.held.terms.rule.box.remainder_to == "venue"
        return LiquidationPath(
            fills=tuple(self.fills),
            to_trader=0.0 if keeps else rest,
            to_venue=self.to_venue + (rest if keeps else 0.0),
            fees=self.fees,
        )

    def _safe(self, price: float) -> bool:
        notional = notional_at(self.held, price)
        spare = equity(self.held, notional) - requirement(self.held, notional)
        return spare > 1e-12 * notional

    def _take(self, step: Step, price: float) -> None:
        notional = notional_at(self.held, price)
        if notional <= step.above_notional:
            return
        if step.action == "step_down":
            while not self._safe(price):
                size = self._above_lower_tier(step, price)
                if size <= 0:
                    return
                self._close(size, price, step.action, bankruptcy=step.price == "bankruptcy")
                if not step.repeats:
                    return
        elif step.action == "close_fraction":
            while self.held.size > 0 and not self._safe(price):
                if notional_at(self.held, price) <= step.above_notional:
                    return
                self._close(self.held.size * step.fraction, price, step.action)
                if not step.repeats:
                    return
        elif step.action == "close_until_safe":
            size = self._until_safe(price)
            if size > 0:
                self._close(size, price, step.action)
        elif step.action == "close":
            self._close(self.held.size, price, step.action)
        elif step.action == "take_over":
            maintenance = requirement(self.held, notional)
            if step.at_equity is None or equity(self.held, notional) <= (
                step.at_equity * maintenance
            ):
                self._close(self.held.size, price, step.action, bankruptcy=True)

    def _above_lower_tier(self, step: Step, price: float) -> float:
        """What closing down to a lower tier's upper bound closes; 0 in the lowest."""
        contract = self.held.terms.contract
        if contract is None:
            return 0.0
        floors = [tier.floor for tier in contract.tiers]
        held = self.held
        counted = held.size if contract.counted_in_contracts else notional_at(held, price)
        tier = sum(floor < counted for floor in floors)  # 1 is the lowest
        if tier < step.from_tier:
            return 0.0
        bound = floors[max(tier - step.tiers, 1)]
        return held.size * (1 - bound / counted)

    def _until_safe(self, price: float) -> float:
        """The least that brings equity above what is required once it is closed at ``price``.

        All of it where nothing less does. Halved again and again, to the last digit.
        """
        low, high = 0.0, self.held.size
        for _ in range(100):
            middle = (low + high) / 2
            fill = self._fill_price(price)
            after = self._after(middle, fill, self._fee(middle, fill))
            notional = notional_at(after, price)
            if equity(after, notional) > requirement(after, notional):
                high = middle
            else:
                low = middle
        return high

    def _fill_price(self, price: float) -> float:
        return price * (1 - self.held.side_sign * self.slippage)

    def _bankruptcy_price(self) -> float | None:
        held = self.held
        notional = quantities.bankruptcy_notional(
            held.direction, held.entry_notional, held.wallet + held.credit
        )
        if notional <= 0:
            return None
        return quantities.price_at(held.terms.inverse, held.exposure, notional)

    def _after(self, size: float, fill: float, fee: float) -> Box:
        """The box once ``size`` of it is closed at the price ``fill``."""
        held = self.held
        left = 1 - size / held.size if size < held.size else 0.0
        return held._replace(
            size=held.size * left,
            exposure=held.exposure * left,
            entry_notional=held.entry_notional * left,
            mark_notional=held.mark_notional * left,
            wallet=held.wallet + self._realized(size, fill) - fee,
        )

    def _realized(self, size: float, fill: float) -> float:
        return pnl_at(self.held, notional_at(self.held, fill)) * (size / self.held.size)

    def _fee(self, size: float, fill: float) -> float:
        """The venue's fee for closing; no more than what is left in the box."""
        fee = self.fee_rate * notional_at(self.held, fill) * (size / self.held.size)
        return min(fee, max(self.held.wallet + self._realized(size, fill), 0.0))

    def _close(self, size: float, price: float, action: str, *, bankruptcy: bool = False) -> None:
        size = min(size, self.held.size)
        taken_over = action == "take_over"
        fill = self._fill_price(price)
        if bankruptcy or taken_over:
            fill = self._bankruptcy_price() or fill
        pnl, fee = self._realized(size, fill), 0.0 if taken_over else self._fee(size, fill)
        if taken_over:  # at bankruptcy nothing is left; what the price is better by is the venue's
            self.to_venue += max(self._realized(size, price) - pnl, 0.0)
        self.fees += fee
        self.held = self._after(size, fill, fee)
        left = self.held.size > 0
        self.fills.append(
            Fill(
                action=action,
                price=price,
                fill_price=fill,
                size_closed=size,
                size_left=self.held.size,
                realized_pnl=pnl,
                fee=fee,
                margin_left=self.held.wallet if left else max(self.held.wallet, 0.0),
                liquidation_price=liquidation_price_of(self.held) if left else None,
            )
        )
