"""An account stepped through prices, tick by tick, by nothing but definitions.

Plain loops over plain numbers, and no code of Ringfence but its data (tiers and rules): slow, and
independent of every closed form.
"""

from dataclasses import dataclass
from math import floor, sqrt

from ringfence.lookup import Terms


@dataclass
class Leg:
    """One position of an account: what it is, and the price it stands at."""

    terms: Terms
    long: bool
    size: float
    entry: float
    mark: float
    leverage: float

    @property
    def exposure(self) -> float:
        return self.size * self.terms.contract_size

    def value(self, price: float) -> float:
        return self.exposure / price if self.terms.inverse else self.exposure * price

    def pnl(self, price: float) -> float:
        gain = self.value(price) - self.value(self.entry)
        return gain if self.long != self.terms.inverse else -gain


def margin(terms: Terms, value: float, size: float, at_entry: float) -> float:
    """The maintenance margin of a position worth ``value``, tier by tier."""
    rule, contract = terms.rule, terms.contract
    assert contract
    rows = [(t.floor, t.maintenance_margin_rate, t.maintenance_amount) for t in contract.tiers]
    if rule.schedule == "leverage_factor":  # one leverage on file
        rows = [(t.floor, t.maintenance_margin_rate / t.max_leverage, 0.0) for t in contract.tiers]
    if rule.schedule == "size_linear":
        threshold, rate, slope = rows[0]
        beyond = size if contract.counted_in_contracts else max(value - threshold, 0.0)
        return value * (rate + slope * beyond)
    if rule.schedule == "square_root":
        _, rate, factor = rows[0]
        return value * max(rate, floor((0.8 * rate + factor * sqrt(size)) * 1e4 + 1e-6) / 1e4)
    if rule.schedule == "bracket":
        ends = [row[0] for row in rows[1:]] + [float("inf")]
        return sum(
            rate * (min(value, end) - start)
            for (start, rate, _), end in zip(rows, ends, strict=True)
            if value > start
        )
    if rule.tier_at == "entry":
        counted, inclusive = at_entry, True
    elif contract.counted_in_contracts:
        counted, inclusive = size, True
    else:
        counted, inclusive = value, False
    reached = [rate for start, rate, _ in rows if start < counted or (start == counted)]
    if inclusive:
        reached = [rate for start, rate, _ in rows if start < counted]
    return value * (reached[-1] if reached else rows[0][1])


def requirement(legs: list[Leg], prices: list[float]) -> float:
    """What the whole account requires at ``prices``, pairs as the venue counts them."""
    total, done = 0.0, set()
    for at, (leg, price) in enumerate(zip(legs, prices, strict=True)):
        if at in done:
            continue
        rule = leg.terms.rule
        assert rule.cross
        other = next(
            (
                i
                for i, its in enumerate(legs)
                if i != at
                and its.long != leg.long
                and its.terms.same_contract == leg.terms.same_contract
            ),
            None,
        )
        if other is None or rule.cross.pair == "sum":
            total += _alone(leg, leg.value(price), price)
            continue
        done.add(other)
        values = leg.value(price), legs[other].value(price)
        big = leg if values[0] >= values[1] else legs[other]
        sizes = leg.size, legs[other].size
        worth, size = {
            "combined": (sum(values), sum(sizes)),
            "larger": (max(values), big.size),
            "net": (abs(values[0] - values[1]), abs(sizes[0] - sizes[1])),
        }[str(rule.cross.pair)]
        total += _alone(big, worth, price, size)
    return total


def _alone(leg: Leg, value: float, price: float, size: float | None = None) -> float:
    rule, fee = leg.terms.rule, leg.terms.taker_fee_rate
    at_entry = leg.value(leg.entry)
    worth = at_entry if rule.maintenance_price == "entry" else value
    total = margin(leg.terms, worth, leg.size if size is None else size, at_entry)
    if rule.trigger_fee == "taker_at_mark":
        total += fee * value
    elif rule.trigger_fee == "taker_at_entry":
        total += fee * at_entry
    elif rule.trigger_fee == "taker_at_bankruptcy":
        bankrupt = at_entry - (at_entry if leg.long != leg.terms.inverse else -at_entry) / (
            leg.leverage
        )
        total += fee * bankrupt
    return total


def spare(wallet: float, legs: list[Leg], prices: list[float]) -> float:
    """Equity less requirement of the account at ``prices``."""
    pnl = sum(leg.pnl(price) for leg, price in zip(legs, prices, strict=True))
    return wallet + pnl - requirement(legs, prices)


def first_bad_tick(
    wallet: float, legs: list[Leg], moving: list[int], start: float, tick: float, ticks: int
) -> int | None:
    """The number of the first tick from ``start`` at which the account is liquidated.

    The legs numbered in ``moving`` are at the stepped price, the others at their marks.
    """
    for number in range(1, ticks + 1):
        price = start + number * tick
        if price <= 0:
            return None
        prices = [price if at in moving else leg.mark for at, leg in enumerate(legs)]
        if spare(wallet, legs, prices) <= 0:
            return number
    return None
