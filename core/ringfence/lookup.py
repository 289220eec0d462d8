"""From a position's labels to the terms it is margined under: rule, tiers, fee, contract size."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property, lru_cache
from typing import TYPE_CHECKING, Final, TypeVar

from ringfence import tiers, venues
from ringfence.errors import InputError, MissingInputError, RuleMissingError
from ringfence.inputs import shown
from ringfence.quantities import CONTRACT_TYPES, INVERSE, LINEAR, QUANTO
from ringfence.schedules import NOTHING, Schedule, at_least, flat

if TYPE_CHECKING:
    from ringfence.rules import RuleSet

_Built = TypeVar("_Built")

STALE_AFTER: Final = 90  # days; tiers further from a position's day are said to be

# Binance lists its inverse contracts apart, with other tiers.
_INVERSE_HOUSE: Final = {"binance": "binance_coinm"}
PARENT_HOUSE: Final = {house: venue for venue, house in _INVERSE_HOUSE.items()}


@dataclass(frozen=True)
class Terms:
    """How one contract is margined: everything that does not depend on the position's figures.

    ``maintenance`` is the venue's maintenance margin; ``trigger`` is what equity is held against as
    the price moves: the same with the fee in the trigger, or only that fee where the maintenance
    margin is fixed at entry. ``initial`` is the initial margin where the venue's schedule sets it.
    """

    rule: "RuleSet"
    contract_type: str
    contract_size: float
    taker_fee_rate: float
    maintenance: Schedule
    initial: Schedule | None
    contract: tiers.Contract | None  # None: the tiers were given, not looked up
    listed: tiers.Contract | None  # the contract on file, whatever tiers are used
    base: str
    quote: str  # '' where the symbol does not tell
    day: date  # whose rule it is
    symbol: str  # as it was given

    @cached_property
    def same_contract(self) -> tuple[str, str, str]:
        """What positions in one contract have in common, however they spell it."""
        symbol = self.listed.symbol if self.listed else self.symbol
        symbol = tiers.symbol_key(symbol)
        return self.rule.venue, self.contract_type, symbol

    @cached_property
    def margined_alike(self) -> tuple[object, ...]:
        """What two lots of one position have in common."""
        return self.rule.id, self.maintenance, self.contract_size, self.taker_fee_rate

    @cached_property
    def rule_text(self) -> str:
        """What the ``rule`` column says: the rule, low confidence, and far-off days of tiers."""
        unsure = "low confidence" if self.rule.confidence == "low" else ""
        return "; ".join(filter(None, [self.rule.id, unsure, self.stale]))

    @cached_property
    def stale(self) -> str:
        """That the tiers are not those of the position's day, where they are far off; else ''."""
        days = self.contract.days_off(self.day) if self.contract else 0
        if abs(days) <= STALE_AFTER:
            return ""
        assert self.contract
        return f"{'stale tiers' if days > 0 else 'tiers of a later day'}, {self.contract.as_of}"

    @cached_property
    def coin(self) -> str:
        """The coin that its price moves with, whatever the contract calls a thousand of them."""
        return tiers.coin(self.base)

    @property
    def settle(self) -> str:
        """The currency of margin and PnL; '' where it is not known."""
        if self.contract_type == QUANTO:
            return ""
        return self.base if self.inverse else self.quote

    @property
    def quoted_in_dollars(self) -> bool:
        """Whether prices are in dollars of some kind; taken for granted where nothing is known."""
        return not self.quote or self.quote in tiers.DOLLARS

    @cached_property
    def inverse(self) -> bool:
        return self.contract_type == INVERSE

    @cached_property
    def tiers_end(self) -> float:
        """The notional up to which the tiers on file are good, or the number of contracts."""
        return self.contract.end if self.contract else math.inf

    @cached_property
    def ends_in_contracts(self) -> bool:
        """Whether :attr:`tiers_end` is a number of contracts."""
        return self.contract is not None and self.contract.counted_in_contracts

    @property
    def beyond_tiers(self) -> RuleMissingError:
        assert self.contract
        end = f"{self.tiers_end:g}"
        return RuleMissingError(
            "symbol",
            f"the tiers on file of {self.contract.symbol} at {self.rule.venue} end at"
            f" {f'{end} contracts' if self.ends_in_contracts else f'a notional of {end}'};"
            " give mmr and maintenance_amount",
        )

    @cached_property
    def trigger(self) -> Schedule:
        base = NOTHING if self.rule.maintenance_price == "entry" else self.maintenance
        fee = self.taker_fee_rate if self.rule.trigger_fee == "taker_at_mark" else 0.0
        return base.plus_rate(fee)


def find(
    venue: str, symbol: str, contract_type: str | None = None
) -> tuple[str, tiers.Contract | None]:
    """The venue whose rules apply, and the contract on file; None where it is not.

    Raises InputError for a venue that is not on file.
    """
    venue = venue.lower()
    venues.rule_sets(venue)  # refuses a name that is not on file
    house = _INVERSE_HOUSE.get(venue)
    if house is None or contract_type not in (None, INVERSE):
        return venue, tiers.tier_file(venue).find(contract_type, symbol)
    contract = None if contract_type else tiers.tier_file(venue).find(None, symbol)
    if contract is not None:
        return venue, contract
    inverse = tiers.tier_file(house).find(INVERSE, symbol)
    return (house if contract_type or inverse else venue), inverse


def _only_type(venue: str, symbol: str) -> str:
    """The type of a contract that is not on file, where there is no doubt about it."""
    listed = [kind for rule in venues.rule_sets(venue) for kind in rule.contract_types]
    if venue in _INVERSE_HOUSE:
        listed.append(INVERSE)
    kinds = [kind for kind in CONTRACT_TYPES if kind in listed]
    if tiers.currencies(symbol)[1] == "USD" and INVERSE in listed:
        raise MissingInputError(
            "contract_type", f"missing; {shown(symbol)} is not on file: give {' or '.join(kinds)}"
        )
    return LINEAR if LINEAR in listed else listed[0]


def check_rates(
    rule: "RuleSet", maintenance: Schedule, mmr: float | None, fee: float | None
) -> None:
    """Refuse a fee and a rate that leave nothing of the notional, naming the one given."""
    if rule.trigger_fee != "taker_at_mark" or rule.maintenance_price == "entry":
        return
    rate = rule.taker_fee_rate if fee is None else fee
    highest = maintenance.highest_rate
    if rate + highest >= 1:
        field = "mmr" if fee is None and mmr is not None else "taker_fee_rate"
        raise InputError(
            field,
            f"the fee rate {rate:g} and the maintenance margin rate {highest:g} must come to less"
            " than 1",
        )


@lru_cache(maxsize=65536)
def terms(
    venue: str,
    symbol: str,
    as_of: date,
    contract_type: str | None = None,
    contract_size: float | None = None,
    mmr: float | None = None,
    maintenance_amount: float | None = None,
    taker_fee_rate: float | None = None,
    *,
    margin_mode: str | None = None,
    leverage: float | None = None,
) -> Terms:
    """The terms of one contract on ``as_of``; a given figure replaces the venue's.

    ``leverage`` has a say only where :func:`by_leverage`; leave it out elsewhere.

    Raises InputError or RuleMissingError, naming what to give.
    """
    venue, contract = find(venue, symbol, contract_type)
    asked = contract_type
    if contract_type is None:
        contract_type = contract.contract_type if contract else _only_type(venue, symbol)
    rule = venues.rule_at(venue, contract_type, as_of)
    if margin_mode == "cross":
        if rule.in_cross is None:
            raise RuleMissingError("margin_mode", f"{venue} has no cross margin on file")
        rule = rule.in_cross
    if maintenance_amount and mmr is None:
        raise InputError("maintenance_amount", "needs mmr beside it: the rate of that tier")
    if mmr is not None:
        maintenance: Schedule = _given(mmr, maintenance_amount or 0.0, rule.minimum_maintenance)
    elif contract is not None:
        maintenance = contract.schedule(
            rule.schedule, keyed=rule.tier_at == "entry", leverage=leverage
        )
        if rule.minimum_maintenance:
            maintenance = at_least(
                rule.minimum_maintenance, contract.tiers[0].maintenance_margin_rate
            )
    else:
        raise tiers.tier_file(venue).no_tiers(asked, symbol)
    if contract_size is None:
        contract_size = _contract_size(rule, symbol, contract)
    check_rates(rule, maintenance, mmr, taker_fee_rate)
    base, quote = (contract.base, contract.quote) if contract else tiers.currencies(symbol)
    return Terms(
        rule=rule,
        contract_type=contract_type,
        contract_size=contract_size,
        taker_fee_rate=rule.taker_fee_rate if taker_fee_rate is None else taker_fee_rate,
        maintenance=maintenance,
        initial=(
            contract.initial_schedule()
            if contract and rule.initial_margin_by == "schedule"
            else None
        ),
        contract=contract if mmr is None else None,
        listed=contract,
        base=base,
        quote=quote,
        day=as_of,
        symbol=symbol,
    )


@cache
def by_leverage(venue: str) -> bool:
    """Whether the tiers of ``venue`` depend on a position's leverage."""
    venue = venue.lower()
    return venue in venues.names() and any(
        rule.schedule == "leverage_factor" for rule in venues.rule_sets(venue)
    )


def _given(rate: float, amount: float, minimum: float) -> Schedule:
    return at_least(minimum, rate) if minimum and rate else flat(rate, amount)


def _contract_size(rule: "RuleSet", symbol: str, contract: tiers.Contract | None) -> float:
    if contract is not None:
        return contract.contract_size
    if rule.size_unit == "base":
        return 1.0
    raise MissingInputError(
        "contract_size",
        f"missing; {rule.venue} counts in contracts and {shown(symbol)} is not on file",
    )


def forget() -> None:
    """Drop what was looked up: the tiers on file have changed."""
    tiers.tier_file.cache_clear()
    terms.cache_clear()


class _Identity:
    """A list of terms as a key: the same objects in the same order."""

    __slots__ = ("_hash", "terms")

    def __init__(self, its: Sequence[Terms]) -> None:
        self.terms = tuple(its)
        self._hash = hash(tuple(map(id, self.terms)))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _Identity)
            and len(self.terms) == len(other.terms)
            and all(a is b for a, b in zip(self.terms, other.terms, strict=True))
        )


def kept_per_terms(
    build: Callable[[Sequence[Terms]], _Built],
) -> Callable[[Sequence[Terms]], _Built]:
    """``build`` that remembers its last answers: a workbook asks for one book over and over."""
    kept = lru_cache(maxsize=8)(lambda key: build(key.terms))
    return lambda its: kept(_Identity(its))
