"""``ringfence tiers update VENUE``: today's tiers, from the venue itself, onto this machine."""

import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from ringfence import tiers, venues
from ringfence.errors import InputError, RingfenceError
from ringfence.lookup import forget
from ringfence.tiers import Tier
from ringfence_addin.market.client import EXCHANGES, asked, connect
from ringfence_addin.market.feeds import FEEDS, Feed, Listing
from ringfence_templates.files import replacing

_SLACK: Final = 1.0001  # rates and leverages are printed rounded
_STEEPEST: Final = 1e-4  # of a size-linear rate: 1 % more for each 100 of quote
# What the four figures of a tier mean, where it is not what Tier calls them
_COLUMNS: Final = {
    "size_linear": ["threshold", "maintenance_margin_rate", "max_leverage", "maintenance_slope"],
    "leverage_factor": ["floor", "adjustment_factor", "leverage", "maintenance_amount"],
}


@dataclass(frozen=True, slots=True)
class Update:
    """What one update did. ``left_out``: symbol -> why its tiers were not taken."""

    venue: str
    path: Path
    symbols: int
    fetched_at: datetime
    left_out: dict[str, str]


def update_tiers(
    venue: str, progress: Callable[[int, int], None] = lambda done, of: None
) -> Update:
    """Fetch all tiers of ``venue`` and replace what was fetched before; all of it or nothing.

    Raises RingfenceError where the venue states no tiers that can be read, where ccxt or a key is
    missing, or where the venue does not answer; what was on file then stays.
    """
    venue = venue.strip().lower()
    rules = venues.in_force(venue, datetime.now(UTC).date())  # refuses a name that is not on file
    feed = FEEDS.get(venue)
    if feed is None:
        raise RingfenceError(
            f"the tiers of {venue} cannot be fetched; there are {', '.join(FEEDS)}. Those on file"
            f" are of {tiers.tier_file(venue).as_of or 'no day'}: give mmr where they are too old"
        )
    schedules = {kind: rule.schedule for rule in rules for kind in rule.contract_types}
    fetched_at = datetime.now(UTC)
    sound, left_out = sort_out(_fetch(venue, feed, progress), schedules)
    if not sound:
        raise RingfenceError(f"{venue} answered without a table of tiers; nothing was changed")
    data = _as_file(venue, feed, rules[0].schedule, sound, fetched_at)
    path = tiers.fetched_path(venue)
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as beside:
        beside.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    forget()
    return Update(venue, path, len(sound), fetched_at, left_out)


def _fetch(venue: str, feed: Feed, progress: Callable[[int, int], None]) -> list[Listing]:
    exchange = connect(venue, needs_key=feed.needs_key)
    why = ""
    try:
        return asked(
            venue, exchange, lambda: list(feed.read(exchange, progress)), has_key=feed.needs_key
        )
    except RingfenceError as error:
        why = str(error)
    raise RingfenceError(f"{why}; nothing was changed")


def sort_out(
    listings: Iterable[Listing], schedules: dict[str, str]
) -> tuple[list[Listing], dict[str, str]]:
    """The listings whose tiers can be used, and why the others cannot."""
    sound: list[Listing] = []
    left_out: dict[str, str] = {}
    for listing in listings:
        schedule = schedules.get(listing.contract_type)
        try:
            if schedule is None:
                raise InputError("contract_type", f"no rule for {listing.contract_type} contracts")
            _check(listing, schedule)
        except InputError as error:
            left_out[listing.symbol] = str(error)
        else:
            sound.append(listing)
    return sound, left_out


def _check(listing: Listing, schedule: str) -> None:
    """Refuse what no venue would mean: a wrong unit, a gap, a rate that falls, a jump."""
    its = listing.tiers
    if not its:
        raise InputError("tiers", "the venue lists none")
    if not all(math.isfinite(figure) for tier in its for figure in astuple(tier)):
        raise InputError("tiers", "not every figure is a number")
    if not 0 < listing.contract_size < math.inf:
        raise InputError("contract_size", f"{listing.contract_size:g} is no size")
    if listing.tick is not None and not 0 < listing.tick < math.inf:
        raise InputError("tick", f"{listing.tick:g} is no step of a price")
    if schedule == "leverage_factor":
        for leverage in {tier.max_leverage for tier in its}:
            ladder = [tier for tier in its if tier.max_leverage == leverage]
            _check_floors(ladder)
            _check_factors(ladder)
        return
    for tier in its:
        rate = tier.maintenance_margin_rate
        if not 0 < rate < 1 or tier.max_leverage < 0 or rate * tier.max_leverage > _SLACK:
            raise InputError("mmr", f"{rate:g} at {tier.max_leverage:g}x is not a fraction")
    if schedule == "size_linear":
        if len(its) > 1 or its[0].floor < 0 or not 0 <= its[0].maintenance_amount < _STEEPEST:
            raise InputError("tiers", "one row is expected: threshold, rate, leverage, slope")
        return
    _check_floors(its)
    if any(b.maintenance_margin_rate < a.maintenance_margin_rate for a, b in pairwise(its)):
        raise InputError("mmr", "a higher tier has a lower rate")
    if schedule == "bracket":
        _check_amounts(its)


def _check_floors(its: Sequence[Tier]) -> None:
    if its[0].floor != 0 or any(b.floor <= a.floor for a, b in pairwise(its)):
        raise InputError("tiers", "floors must start at 0 and rise")


def _check_factors(its: Sequence[Tier]) -> None:
    for tier in its:
        if not 0 < tier.maintenance_margin_rate <= 1:
            raise InputError("mmr", f"the factor {tier.maintenance_margin_rate:g} is not one")


def _check_amounts(its: Sequence[Tier]) -> None:
    amount = 0.0
    if its[0].maintenance_amount:
        raise InputError("maintenance_amount", f"{its[0].maintenance_amount:g} in the first tier")
    for below, tier in pairwise(its):
        amount += tier.floor * (tier.maintenance_margin_rate - below.maintenance_margin_rate)
        if abs(tier.maintenance_amount - amount) > 1e-3 * (1 + amount):
            raise InputError(
                "maintenance_amount",
                f"{tier.maintenance_amount:g} at {tier.floor:g} makes the margin jump",
            )


def _as_file(
    venue: str, feed: Feed, schedule: str, listings: list[Listing], fetched_at: datetime
) -> dict[str, Any]:
    """The listings in the form of a shipped tier file, with time and digest."""
    tables: dict[tuple[Tier, ...], int] = {}
    contracts: dict[str, dict[str, list[float]]] = {}
    for listing in listings:
        table = tables.setdefault(listing.tiers, len(tables))
        entry = [table, listing.contract_size, *([listing.tick] if listing.tick else [])]
        contracts.setdefault(listing.contract_type, {})[listing.symbol] = entry
    data: dict[str, Any] = {
        "venue": venue,
        "source": f"{venue}'s own answer to {feed.endpoint}, fetched through ccxt"
        f" ({EXCHANGES[venue]})",
        "as_of": fetched_at.date().isoformat(),
        "fetched_at": fetched_at.isoformat(timespec="seconds"),
        "floor_unit": feed.floor_unit,
        "columns": _COLUMNS.get(schedule, list(Tier.__dataclass_fields__)),
        "tables": [
            [
                [t.floor, t.maintenance_margin_rate, t.max_leverage, t.maintenance_amount]
                for t in its
            ]
            for its in tables
        ],
        "contracts": contracts,
    }
    if feed.quotes:
        data["quotes"] = list(feed.quotes)
    return {**data, "sha256": tiers.digest(data)}
