"""What is on file of the venues when the workbook is built: contracts, and facts of their rules."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from ringfence import tiers, venues
from ringfence.errors import RingfenceError
from ringfence.quantities import INVERSE, LINEAR
from ringfence.rules import RuleSet

KINDS: Final = (LINEAR, INVERSE)
_NOT_ON_FILE: Final = "not on file"
# The main contract of a coin is the first of these; '' where the symbol names no quote.
_PREFERRED: Final = ("USDT", "USDC", "USD", "")
_FUNDING: Final = {
    "box": "the box",
    "account_then_box": "the account, then the box",
    "account": "the account",
}


@dataclass(frozen=True, slots=True)
class Listed:
    """A perpetual on file."""

    venue: str
    kind: str
    coin: str
    symbol: str
    contract_size: float
    day: str  # of its tiers

    @property
    def contract_key(self) -> str:
        return f"{self.venue}|{self.kind}|{self.coin}"

    @property
    def symbol_key(self) -> str:
        return f"{self.venue}|{self.kind}|{self.symbol.upper()}"


@dataclass(frozen=True, slots=True)
class Fact:
    """What the rule of a venue says of one type of contract, in the words of the sheets."""

    venue: str
    kind: str
    rule: str
    since: str
    confidence: str
    fee: str  # in the trigger
    fee_rate: float
    funding: str
    takes: str
    tier_by: str  # what picks a tier: value, entry, contracts; '': its rate is no tier's alone
    contract_size: float | str  # of a contract that is not on file; '': not known

    @property
    def key(self) -> str:
        return f"{self.venue}|{self.kind}"


def perpetuals(coin: str) -> list[Listed]:
    """The perpetuals in dollars of ``coin`` and of each coin that two venues have.

    A venue's main contract of a coin stands first of its kind.
    """
    found = [its for venue in venues.names() for its in _perpetuals(venue)]
    houses = defaultdict(set)
    for its in found:
        houses[its.coin].add(its.venue)
    return [its for its in found if len(houses[its.coin]) > 1 or its.coin == coin]


def _perpetuals(venue: str) -> list[Listed]:
    try:
        listed = tiers.tier_file(venue).contracts.values()
    except RingfenceError:  # fetched tiers are damaged: the formulas say so
        return []
    its = [one for one in dict.fromkeys(listed) if _is_perpetual(one)]
    its.sort(key=lambda one: (KINDS.index(one.contract_type), one.base, _preference(one)))
    return [
        Listed(venue, one.contract_type, one.base.upper(), one.symbol, one.contract_size, one.as_of)
        for one in its
    ]


def _is_perpetual(contract: tiers.Contract) -> bool:
    """Whether it is one in dollars; a dated contract has its expiry behind the pair."""
    pair = contract.base + contract.quote
    return (
        contract.contract_type in KINDS
        and contract.quote in (*tiers.DOLLARS, "")
        and tiers.symbol_key(contract.symbol) in (pair.upper(), contract.base.upper())
    )


def _preference(contract: tiers.Contract) -> tuple[int, str]:
    known = contract.quote in _PREFERRED
    at = _PREFERRED.index(contract.quote) if known else len(_PREFERRED)
    return at, contract.symbol


def facts(day: date) -> list[Fact]:
    """The facts of each venue and type of contract that is compared, by the rules of ``day``."""
    return [
        _fact(venue, kind, rule)
        for venue in venues.names()
        for rule in venues.in_force(venue, day)
        for kind in KINDS
        if kind in rule.contract_types
    ]


def _fact(venue: str, kind: str, rule: RuleSet) -> Fact:
    return Fact(
        venue=venue,
        kind=kind,
        rule=rule.id,
        since=rule.effective_from.isoformat() if rule.effective_from else "",
        confidence=rule.confidence,
        fee=rule.fee_in_trigger,
        fee_rate=rule.taker_fee_rate,
        funding=_FUNDING.get(rule.box.funding_from or "", _NOT_ON_FILE),
        takes="; ".join(_takes(rule)) or _NOT_ON_FILE,
        tier_by=_tier_by(venue, kind, rule),
        contract_size=1.0 if rule.size_unit == "base" else "",
    )


def _takes(rule: RuleSet) -> Iterator[str]:
    """What the statements of the box say of a liquidation."""
    for text in rule.box.statements:
        if text.startswith(("liquidation", "what a complete liquidation")):
            yield text.removeprefix("liquidation: ")


def _tier_by(venue: str, kind: str, rule: RuleSet) -> str:
    if rule.schedule not in ("bracket", "slab"):
        return ""
    try:
        listed = tiers.tier_file(venue).contracts.values()
    except RingfenceError:
        return ""
    if any(one.counted_in_contracts for one in listed if one.contract_type == kind):
        return "contracts"
    return "entry" if "entry" in (rule.tier_at, rule.maintenance_price) else "value"
