"""The tiers on file: each venue's margin tables by symbol, with their source and date.

The figures are data, read once when first asked for: those that ship (``venues/data/<venue>.json``)
and, before them, those that ``ringfence tiers update`` fetched (:func:`fetched_path`). Floors are
in the unit of the contract's own notional (quote for linear, base for inverse) or in contracts, as
the file's ``floor_unit`` says.
"""

import json
import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from ringfence.errors import InputError, MissingInputError, RuleMissingError
from ringfence.inputs import shown
from ringfence.quantities import CONTRACT_TYPES
from ringfence.schedules import (
    BracketSchedule,
    KeyedLinearSchedule,
    KeyedSlabSchedule,
    KeyedSquareRootSchedule,
    Schedule,
    SizeLinearSchedule,
    SlabSchedule,
)


@dataclass(frozen=True, slots=True)
class Tier:
    """One row of a venue's table."""

    floor: float
    maintenance_margin_rate: float
    max_leverage: float
    maintenance_amount: float


@dataclass(frozen=True, slots=True)
class Contract:
    """One listed contract: its size and its tiers."""

    venue: str
    symbol: str  # the venue's own spelling
    contract_type: str
    contract_size: float
    tick: float | None  # the step of its price; None: not on file
    columns: tuple[str, ...]  # what the four figures of a tier are called
    floor_unit: str
    base: str
    quote: str
    tiers: tuple[Tier, ...]
    end: float  # the tiers on file are good up to this notional, or this many contracts
    source: str
    as_of: str  # the day of these tiers, ISO
    note: str  # what else a user should know of them, or ''

    def days_off(self, day: date) -> int:
        """How many days after these tiers ``day`` is; below 0: how many days before."""
        return (day - date.fromisoformat(self.as_of)).days

    @property
    def counted_in_contracts(self) -> bool:
        return self.floor_unit == "contracts"

    def schedule(
        self, kind: str, *, keyed: bool = False, leverage: float | None = None
    ) -> Schedule:
        """The tiers as a schedule of ``kind`` (:attr:`ringfence.rules.RuleSet.schedule`).

        ``keyed``: the key that is given at the start fixes the tier, whatever the price does.
        ``leverage``: the position's, where the venue has a table for each. Raises InputError.
        """
        floors = tuple(t.floor for t in self.tiers)
        rates = tuple(t.maintenance_margin_rate for t in self.tiers)
        if kind == "bracket":
            return BracketSchedule(floors, rates, tuple(t.maintenance_amount for t in self.tiers))
        if kind == "size_linear":
            return self._size_linear(rates[0])
        if kind == "square_root":
            return KeyedSquareRootSchedule(rates[0], self.tiers[0].maintenance_amount)
        if kind == "leverage_factor":
            return self._at_leverage(leverage)
        if keyed or self.counted_in_contracts:
            return KeyedSlabSchedule(floors, rates)
        return SlabSchedule(floors, rates)

    def _at_leverage(self, leverage: float | None) -> Schedule:
        """The table of one leverage: a factor of the margin, so that the rate is factor / it."""
        if leverage is None:
            raise MissingInputError(
                "leverage", f"missing; the maintenance margin at {self.venue} depends on it"
            )
        rows = [t for t in self.tiers if t.max_leverage == leverage]
        if not rows:
            on_file = ", ".join(
                f"{lever:g}" for lever in sorted({t.max_leverage for t in self.tiers})
            )
            raise RuleMissingError(
                "leverage",
                f"{leverage:g} has no adjustment factors on file for {self.symbol} at"
                f" {self.venue} (there are {on_file}); give mmr = factor / leverage",
            )
        return KeyedSlabSchedule(
            tuple(t.floor for t in rows),
            tuple(t.maintenance_margin_rate / leverage for t in rows),
        )

    def initial_schedule(self) -> Schedule:
        """The initial margin of a ``size_linear`` contract: another base, the same slope."""
        return self._size_linear(1 / self.tiers[0].max_leverage)

    def _size_linear(self, rate: float) -> Schedule:
        # One row: threshold, rate, leverage at the base rate, slope.
        row = self.tiers[0]
        if self.counted_in_contracts:
            return KeyedLinearSchedule(rate, row.maintenance_amount)
        return SizeLinearSchedule(rate, row.maintenance_amount, row.floor)


@dataclass(frozen=True, slots=True)
class TierFile:
    """All contracts on file of one venue, and where their figures come from."""

    venue: str
    source: str
    as_of: str
    note: str  # what a user should know of all of them, or ''
    contracts: dict[tuple[str, str], Contract]  # (contract_type, symbol_key) -> Contract

    @property
    def days(self) -> str:
        """The day of the tiers, or from the oldest to the newest; '' where there are none."""
        found = sorted({its.as_of for its in self.contracts.values()})
        return " to ".join(dict.fromkeys([found[0], found[-1]])) if found else ""

    def find(self, contract_type: str | None, symbol: str) -> Contract | None:
        """The contract that ``symbol`` names; None where none is on file.

        Raises MissingInputError where it may be of two types and none is given.
        """
        key = symbol_key(symbol)
        kinds = (contract_type,) if contract_type else CONTRACT_TYPES
        found = [its for kind in kinds if (its := self.contracts.get((kind, key)))]
        if len(found) > 1:  # unless it is spelt as the venue spells one of them
            found = [its for its in found if its.symbol.upper() == symbol.strip().upper()]
            if not found:
                raise MissingInputError(
                    "contract_type",
                    f"missing; {self.venue} lists {shown(symbol)} in more than one type",
                )
        return found[0] if found else None

    @property
    def _or_fetch(self) -> str:
        fetched = self.venue in FETCHED
        return f", or try: ringfence tiers update {self.venue}" if fetched else ""

    def no_tiers(self, contract_type: str | None, symbol: str) -> InputError:
        """The error for a symbol that is not on file."""
        if not symbol:
            return MissingInputError(
                "symbol", f"missing; give the contract's symbol at {self.venue}, or its mmr"
            )
        kind = f"{contract_type} " if contract_type else ""
        return RuleMissingError(
            "symbol",
            f"{shown(symbol)} has no {kind}tiers on file for {self.venue}"
            f" ({self.as_of or 'none'}); give mmr and maintenance_amount{self._or_fetch}",
        )


# The venues whose tiers ``ringfence tiers update`` can fetch
FETCHED: Final = frozenset({
    "binance", "binance_coinm", "bingx", "bitget", "blofin", "bybit", "delta", "dydx", "gate",
    "htx", "hyperliquid", "kraken", "kucoin", "lighter", "mexc", "okx", "phemex",
})  # fmt: skip
# What linear contracts are quoted in; the dollars among them add up, the others do not.
DOLLARS: Final = ("USDT", "USDC", "FDUSD", "USD1", "USD", "U")
_QUOTES: Final = (*DOLLARS, "BTC", "ETH", "EUR")
_EXPIRY = re.compile(r"(\d{6}|\d{1,2}[A-Z]{3}\d{2})$")  # 261225, 26DEC25
_MANY_COINS: Final = re.compile(r"^(?:1000+|1[MK]|k)(?=[A-Z])")  # 1000PEPE, kPEPE
# What venues write around the pair: kinds of contract before and behind it.
_NOISE = re.compile(
    r"^(PI|PF|FI|FF)_|(?<=USDT)M$|(?<=USD)M$|(?<=[-_])(SWAP|PERP|PERPETUAL)$|[-_/ ]"
)


def symbol_key(symbol: str) -> str:
    """One spelling for the ways people write a perpetual's name.

    >>> [symbol_key(s) for s in ("BTC/USDT:USDT", "btc-usdt-swap", "BTCUSD_PERP", "BTC")]
    ['BTCUSDT', 'BTCUSDT', 'BTCUSD', 'BTC']
    >>> [symbol_key(s) for s in ("XBTUSDTM", "PF_XBTUSD")]
    ['BTCUSDT', 'BTCUSD']
    >>> symbol_key("BTC/USDT:USDT-261225"), symbol_key("BTCUSDT_261225")
    ('BTCUSDT261225', 'BTCUSDT261225')
    """
    text = symbol.strip().upper()
    if ":" in text and "/" in text:  # the unified spelling: BASE/QUOTE:SETTLE-EXPIRY
        pair, _, rest = text.partition(":")
        text = pair + "".join(rest.partition("-")[1:])
    return re.sub("^XBT", "BTC", _NOISE.sub("", text))


def currencies(symbol: str) -> tuple[str, str]:
    """Base and quote of a contract, as far as its symbol tells; quote '' where it does not.

    >>> currencies("BTC-USDT-SWAP"), currencies("ETHUSD_261225"), currencies("BTC-26SEP25")
    (('BTC', 'USDT'), ('ETH', 'USD'), ('BTC', ''))
    """
    key = _EXPIRY.sub("", symbol_key(symbol))
    for quote in _QUOTES:
        if key.endswith(quote) and key != quote:
            return key.removesuffix(quote), quote
    return key, ""


def coin(base: str) -> str:
    """The coin that a contract's price moves with, where the contract is for many of them.

    >>> coin("1000PEPE"), coin("kPEPE"), coin("1MBABYDOGE"), coin("1INCH")
    ('PEPE', 'PEPE', 'BABYDOGE', '1INCH')
    """
    return _MANY_COINS.sub("", base).upper()


@cache
def tier_file(venue: str) -> TierFile:
    """The figures on file for ``venue``; empty where none are.

    What was fetched stands before what ships, contract by contract, unless it is older. Raises
    RuleMissingError where a fetched file is not as it was written.
    """
    from importlib.resources import files  # loads much that formulas do not need at start

    resource = files("ringfence.venues") / "data" / f"{venue}.json"
    try:
        shipped = _read(venue, json.loads(resource.read_text("utf-8")))
    except FileNotFoundError:
        shipped = TierFile(venue, "no tiers on file", "", "", {})
    path = fetched_path(venue)
    try:
        data = json.loads(path.read_text("utf-8"))
        if data["venue"] != venue or data["sha256"] != digest(data):
            raise ValueError
        fetched = _read(venue, data)
    except FileNotFoundError:
        return shipped
    except (OSError, ValueError, TypeError, LookupError, AttributeError):
        raise RuleMissingError(
            "symbol",
            f"the tiers fetched for {venue} are damaged ({path}); delete that file, or run:"
            f" ringfence tiers update {venue}",
        ) from None
    newer = {
        key: its
        for key, its in fetched.contracts.items()
        if key not in shipped.contracts or its.as_of >= shipped.contracts[key].as_of
    }
    return TierFile(
        venue,
        f"{fetched.source}; the others: {shipped.source}",
        fetched.as_of,
        " ".join(filter(None, [fetched.note, shipped.note])),
        {**shipped.contracts, **newer},
    )


def fetched_path(venue: str) -> Path:
    """Where the tiers of ``venue`` lie that ``ringfence tiers update`` fetched.

    The folder is ``$RINGFENCE_DATA``, else the user's own data folder.
    """
    folder = os.environ.get("RINGFENCE_DATA")
    if not folder:
        from platformdirs import user_data_path

        folder = str(user_data_path("ringfence", appauthor=False))
    return Path(folder) / "tiers" / f"{venue}.json"


def digest(data: Mapping[str, Any]) -> str:
    """The SHA-256 of a tier file's figures: everything in it but the digest itself."""
    figures = {name: value for name, value in data.items() if name != "sha256"}
    return sha256(json.dumps(figures, sort_keys=True).encode()).hexdigest()


def _read(venue: str, data: Mapping[str, Any]) -> TierFile:
    tables = [tuple(Tier(*map(float, row)) for row in table) for table in data["tables"]]
    unit = data["floor_unit"]
    quotes: list[str] = data.get("quotes", [])  # where symbols name no quote: "BTC" is BTC/USDC
    contracts = {}
    for kind, listed in data["contracts"].items():
        for symbol, (table, size, *tick) in listed.items():
            base, quote = (symbol, quotes[0]) if quotes else currencies(symbol)
            contract = Contract(
                venue=venue,
                symbol=symbol,
                contract_type=kind,
                contract_size=float(size),
                tick=float(tick[0]) if tick else None,
                columns=tuple(data["columns"]),
                floor_unit=unit if isinstance(unit, str) else unit[kind],
                base=base,
                quote=quote,
                tiers=tables[table],
                end=float(data.get("ends", {}).get(symbol, math.inf)),
                source=data["source"],
                as_of=data.get("dates", {}).get(symbol, data["as_of"]),
                note=data.get("notes", {}).get(symbol, ""),
            )
            contracts[kind, symbol_key(symbol)] = contract
            for quote in quotes:
                contracts[kind, symbol_key(symbol + quote)] = contract
            for alias in data.get("aliases", {}).get(symbol, ()):
                contracts[kind, symbol_key(alias)] = contract
    note = data.get("notes", {}).get("*", "")
    return TierFile(venue, data["source"], data["as_of"], note, contracts)
