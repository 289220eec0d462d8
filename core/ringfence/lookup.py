"""From a position's labels to the terms it is margined under: rule, tiers, fee, contract size."""

import math
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from ringfence import tiers, venues
from ringfence.errors import InputError, RuleMissingError
from ringfence.inputs import shown
from ringfence.quantities import INVERSE, QUANTO
from ringfence.schedules import NOTHING, Schedule, at_least, flat

if TYPE_CHECKING:
    from ringfence.rules import RuleSet

# Binance lists its inverse contracts apart, with other tiers.
_INVERSE_HOUSE = {"binance": "binance_coinm"}


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
    base: str
    quote: str  # '' where the symbol does not tell

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
        """The notional up to which the tiers on file are good."""
        return self.contract.end if self.contract else math.inf

    @property
    def beyond_tiers(self) -> RuleMissingError:
        assert self.contract
        return RuleMissingError(
            "symbol",
            f"the tiers on file of {self.contract.symbol} at {self.rule.venue} end at a"
            f" notional of {self.tiers_end:g}; give mmr and maintenance_amount",
        )

    @cached_property
    def trigger(self) -> Schedule:
        base = NOTHING if self.rule.maintenance_price == "entry" else self.maintenance
        fee = self.taker_fee_rate if self.rule.trigger_fee == "taker_at_mark" else 0.0
        return base.plus_rate(fee)


@lru_cache(maxsize=65536)
def terms(
    venue: str,
    symbol: str,
    day: date,
    contract_type: str | None = None,
    contract_size: float | None = None,
    mmr: float | None = None,
    maintenance_amount: float | None = None,
    taker_fee_rate: float | None = None,
) -> Terms:
    """The terms of one contract on ``day``; a given figure replaces the venue's.

    Raises InputError or RuleMissingError, naming what to give.
    """
    venue = venue.lower()
    if contract_type == INVERSE:
        venue = _INVERSE_HOUSE.get(venue, venue)
    rules = venues.rule_sets(venue)
    on_file = tiers.tier_file(venue)
    contract = on_file.find(contract_type, symbol)
    if contract_type is None:
        listed = rules[-1].contract_types
        contract_type = contract.contract_type if contract else listed[0]
    rule = venues.rule_at(venue, contract_type, day)
    if maintenance_amount is not None and mmr is None:
        raise InputError("maintenance_amount", "needs mmr beside it: the rate of that tier")
    if mmr is not None:
        maintenance: Schedule = _given(mmr, maintenance_amount or 0.0, rule.minimum_maintenance)
    elif contract is not None:
        maintenance = contract.schedule(rule.schedule, keyed=rule.tier_at == "entry")
        if rule.minimum_maintenance:
            maintenance = at_least(
                rule.minimum_maintenance, contract.tiers[0].maintenance_margin_rate
            )
    else:
        raise on_file.no_tiers(contract_type, symbol)
    if contract_size is None:
        contract_size = _contract_size(rule, symbol, contract)
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
        base=base,
        quote=quote,
    )


def _given(rate: float, amount: float, minimum: float) -> Schedule:
    return at_least(minimum, rate) if minimum and rate else flat(rate, amount)


def _contract_size(rule: "RuleSet", symbol: str, contract: tiers.Contract | None) -> float:
    if contract is not None:
        return contract.contract_size
    if rule.size_unit == "base":
        return 1.0
    raise InputError(
        "contract_size",
        f"missing; {rule.venue} counts in contracts and {shown(symbol)} is not on file",
    )
