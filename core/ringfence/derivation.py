"""The steps of a derivation, and those that a box and a pool have in common."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from ringfence import quantities
from ringfence.errors import RuleMissingError
from ringfence.lookup import Terms
from ringfence.rounding import rounded
from ringfence.schedules import (
    BracketSchedule,
    KeyedLinearSchedule,
    KeyedSlabSchedule,
    KeyedSquareRootSchedule,
    Schedule,
    SizeLinearSchedule,
)

SAME: Final = 1e-9  # relative: two sides that differ by less are equal, as floats go
NO_PRICE: Final = "never"
FAR: Final = 10.0  # times the mark price, up or down: a price beyond is no level to expect
_KEYED: Final = (KeyedSlabSchedule, KeyedLinearSchedule, KeyedSquareRootSchedule)


class Step(NamedTuple):
    """One line of a derivation.

    ``numbers`` is ``rule`` with the figures put in: arithmetic (``+ - x /``, brackets, ``max``,
    ``sqrt``, ``floor(value, step)`` as a spreadsheet has it, commas between thousands). ``result``
    is what it comes to, in ``unit``.
    """

    section: str
    title: str
    rule: str
    numbers: str
    result: float | str
    unit: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """A derivation; ``liquidation_price`` None: no price liquidates the position."""

    steps: tuple[Step, ...]
    liquidation_price: float | None
    status: str


class Steps:
    """The steps written so far."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._section = ""

    def section(self, title: str) -> None:
        self._section = title

    def add(
        self, title: str, result: float | str, unit: str = "", *, rule: str = "", numbers: str = ""
    ) -> None:
        if isinstance(result, float):
            result += 0.0  # no -0.0
        self.steps.append(Step(self._section, title, rule, numbers, result, unit))


def number(value: float) -> str:
    """A figure as the steps write it: twelve digits, thousands apart, no sign of zero."""
    return f"{value + 0.0:,.12g}"


def sum_of(values: Sequence[float]) -> str:
    return " + ".join(f"({number(v)})" if v < 0 else number(v) for v in values)


def sign_of(value: float) -> str:
    return "-" if value < 0 else "+"


def _quote(its: Terms) -> str:
    return its.quote or "USD"  # as Terms.quoted_in_dollars takes it where the symbol does not tell


def price_unit(its: Terms) -> str:
    return f"{_quote(its)} per {its.base or 'coin'}"


def _exposure_unit(its: Terms) -> str:
    return _quote(its) if its.inverse else its.base or "coin"


def _contracts(count: float) -> str:
    return "contract" if count == 1 else "contracts"


def add_position(out: Steps, its: Terms, side: float, size: float, mark: float) -> None:
    named = its.listed.symbol if its.listed else its.symbol or "no symbol"
    out.add("contract", f"{its.rule.venue} {named}, {its.contract_type}")
    out.add("side", "long" if side > 0 else "short")
    out.add("size", size, _contracts(size))
    out.add("contract_size", its.contract_size, f"{_exposure_unit(its)} per contract")
    out.add("mark_price", mark, price_unit(its))


def add_rule(out: Steps, its: Terms) -> None:
    rule, contract = its.rule, its.contract
    out.section("Rule")
    out.add("rule", its.rule_text, rule=rule.statement)
    out.add("confidence", rule.confidence)
    for source in rule.sources:
        out.add("source", source.url, rule=f"{source.title}, read {source.read}")
    for text in rule.assumed:
        out.add("assumed", text)
    if contract:
        out.add("tiers", f"of {contract.as_of}", rule=contract.source)
    else:
        out.add("tiers", "none: mmr and maintenance_amount as given")


def add_notionals(
    out: Steps, its: Terms, exposure: float, entry: float, mark: float, money: str
) -> None:
    out.section("Notional")
    out.add(
        "exposure",
        exposure,
        _exposure_unit(its),
        rule="size x contract_size",
        numbers=f"{number(exposure / its.contract_size)} x {number(its.contract_size)}",
    )
    for title, value in (("entry notional", entry), ("mark notional", mark)):
        price = number(quantities.price_at(its.inverse, exposure, value))
        word = title.split()[0] + "_price"
        out.add(
            title,
            value,
            money,
            rule=f"exposure / {word}" if its.inverse else f"exposure x {word}",
            numbers=f"{number(exposure)} {'/' if its.inverse else 'x'} {price}",
        )


# Tiers


class Tier(NamedTuple):
    """What a schedule says of one notional: margin = rate x notional - amount."""

    rate: float
    amount: float

    def margin_of(self, notional: float) -> str:
        """The margin of ``notional``, as the steps write it."""
        amount = f" {sign_of(-self.amount)} {number(abs(self.amount))}" if self.amount else ""
        return f"{number(self.rate)} x {number(notional)}{amount}"


def tier_of(schedule: Schedule, key: float, notional: float) -> Tier:
    """The tier of ``notional``; of ``key`` where no price moves the tier."""
    if isinstance(schedule, _KEYED):
        return Tier(schedule.at_key(key).rates[0], 0.0)
    if isinstance(schedule, SizeLinearSchedule):
        beyond = max(notional - schedule.threshold, 0.0)
        return Tier(schedule.rate + schedule.slope * beyond, 0.0)
    at = schedule.tier_at(notional)
    amount = schedule.amounts[at] if isinstance(schedule, BracketSchedule) else 0.0
    return Tier(schedule.rates[at], amount)


def _origin(its: Terms, key: float, notional: float) -> tuple[str, str]:
    """Where the rate of the maintenance margin comes from: the rule, and its numbers if any."""
    schedule = its.maintenance
    if isinstance(schedule, KeyedSlabSchedule):
        at = max(sum(floor < key for floor in schedule.floors) - 1, 0)
        floor = schedule.floors[at]
        if its.rule.tier_at == "entry":
            start = f"an entry notional of {number(floor)}"
        else:
            start = f"{number(floor)} {_contracts(floor)}"
        return f"tier {at + 1} of {len(schedule.floors)}, from {start}", ""
    if isinstance(schedule, KeyedLinearSchedule):
        numbers = f"{number(schedule.rate)} + {number(schedule.slope)} x {number(key)}"
        return "base rate + slope x size", numbers
    if isinstance(schedule, KeyedSquareRootSchedule):
        base, factor = number(schedule.rate), number(schedule.factor)
        grown = f"floor(0.8 x {base} + {factor} x sqrt({number(key)}), 0.0001)"
        rule = "the base rate; if more, 0.8 x base rate + factor x square root of the size, cut to"
        return f"{rule} 0.0001", f"max({base}, {grown})"
    if isinstance(schedule, SizeLinearSchedule):
        rule, beyond = "base rate + slope x notional", number(notional)
        if schedule.threshold:
            rule += f" beyond {number(schedule.threshold)}"
            beyond = f"max({beyond} - {number(schedule.threshold)}, 0)"
        return rule, f"{number(schedule.rate)} + {number(schedule.slope)} x {beyond}"
    at = schedule.tier_at(notional)
    start = number(schedule.floors[at])
    return f"tier {at + 1} of {len(schedule.floors)}, from a notional of {start}", ""


def add_tiers(
    out: Steps, its: Terms, key: float, notionals: Mapping[str, float], money: str
) -> None:
    """Rate and amount at each of ``notionals``, one of them ``at entry``; once if all are alike."""
    schedule, why = its.maintenance, ""
    if isinstance(schedule, _KEYED):
        notionals = {"at every price": notionals["at entry"]}
        if its.rule.tier_at == "entry":
            title, unit = "entry notional", money
        else:
            title, unit = "size", _contracts(key)
        out.add(f"{title} for the tier", key, unit, rule="it fixes the tier: no price moves it")
    elif its.rule.maintenance_price == "entry":
        notionals = {"at every price": notionals["at entry"]}
        why = "; by this rule it is that of the entry notional"
    elif not isinstance(schedule, SizeLinearSchedule) and len(schedule.floors) == 1:
        notionals = {"at every price": notionals["at entry"]}
    for place, notional in notionals.items():
        if not notional > 0:
            continue
        tier = tier_of(schedule, key, notional)
        rule, numbers = _origin(its, key, notional)
        out.add(f"rate {place}", tier.rate, rule=rule + why, numbers=numbers)
        if tier.amount:
            out.add(f"amount {place}", tier.amount, money, rule="off rate x notional")


def add_price(
    out: Steps, its: Terms, exposure: float, root: float, price: float, mark: float
) -> None:
    out.add(
        "liquidation_price",
        price,
        price_unit(its),
        rule="exposure / notional" if its.inverse else "notional / exposure",
        numbers=f"{number(exposure)} / {number(root)}"
        if its.inverse
        else f"{number(root)} / {number(exposure)}",
    )
    if not mark / FAR <= price <= mark * FAR:
        times = number(float(f"{price / mark:.5g}"))
        why = f"{times} x the mark price: the sides meet only there"
        out.add("note", "not a level to expect", rule=why)


# What a box and a pool have in common


def add_proof(
    out: Steps,
    *,
    equity: float,
    equity_numbers: str,
    requirement: Callable[[float], float],
    requirement_numbers: str = "",
    at: float,
    scale: float,
    money: str,
) -> None:
    """Equity and requirement at the answer: equal, or the requirement jumps over the equity.

    ``scale``: the largest of the sums that the equity is made of; its last digits are lost.
    """
    out.section("Proof: both sides at that price")
    required = requirement(at)
    out.add("equity there", equity, money, numbers=equity_numbers)
    same = math.isclose(equity, required, rel_tol=SAME, abs_tol=SAME * scale)
    out.add("requirement there", required, money, numbers=requirement_numbers if same else "")
    if same:
        out.add("so", "equal")
        return
    before, after = requirement(at * (1 - SAME)), requirement(at * (1 + SAME))
    out.add("requirement just below", before, money, rule="a hair below that notional")
    out.add("requirement just above", after, money, rule="a hair above that notional")
    jumps = min(before, after) <= equity <= max(before, after)
    out.add("so", "the requirement jumps over the equity there" if jumps else "no price is enough")


def add_now(
    out: Steps,
    equity: float,
    required: float,
    money: str,
    status: str,
    *,
    equity_rule: str = "margin_balance",
    equity_numbers: str = "",
) -> None:
    out.section("At the mark price")
    out.add("equity now", equity, money, rule=equity_rule, numbers=equity_numbers)
    out.add("requirement now", required, money)
    if equity > 0:
        out.add(
            "margin_ratio",
            required / equity,
            rule="requirement / equity; liquidation at 1",
            numbers=f"{number(required)} / {number(equity)}",
        )
    else:
        out.add("margin_ratio", "bankrupt", rule="the margin balance is gone")
    out.add("status", status)


def add_beside(
    out: Steps,
    its: Terms,
    side_sign: float,
    *,
    mark: float,
    price: float | None,
    distance: float | None,
    bankruptcy: float | None,
) -> None:
    """Bankruptcy price, distance, and the price as the venue prints it."""
    out.section("Beside it")
    out.add(
        "bankruptcy_price",
        NO_PRICE if bankruptcy is None else bankruptcy,
        "" if bankruptcy is None else price_unit(its),
        rule="where the equity behind it is 0",
    )
    if price is None or distance is None:
        return
    first, second = (mark, price) if distance * (mark - price) >= 0 else (price, mark)
    out.add(
        "liquidation_distance",
        distance,
        "of the mark price",
        rule="how far the mark price is from it; 0 or below: already there",
        numbers=f"({number(first)} - {number(second)}) / {number(mark)}",
    )
    try:
        shown = rounded(its, side_sign, price)
    except RuleMissingError as error:
        out.add("on the venue's screen", "not known", rule=str(error))
    else:
        out.add("on the venue's screen", shown, price_unit(its), rule=its.rule.rounding_statement)
