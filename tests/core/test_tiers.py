"""The figures on file: sound tables, with source and date, found by the names people use."""

import json
import math
from datetime import date
from importlib.resources import files
from typing import Any

import pytest

from ringfence import tiers, venues
from ringfence.errors import MissingInputError, RuleMissingError
from ringfence.lookup import find
from ringfence.schedules import BracketSchedule, KeyedSlabSchedule, SlabSchedule

VENUES = venues.names()


# What the columns of a tier file are called, where the schedule has another shape
COLUMNS = {
    "size_linear": ["threshold", "maintenance_margin_rate", "max_leverage", "maintenance_slope"],
    "square_root": ["floor", "maintenance_margin_rate", "max_leverage", "square_root_factor"],
    "leverage_factor": ["floor", "adjustment_factor", "leverage", "maintenance_amount"],
}


def contract(venue: str, symbol: str, kind: str | None = None) -> tiers.Contract:
    found = find(venue, symbol, kind)[1]
    assert found
    return found


def raw(venue: str) -> dict[str, Any]:
    return json.loads((files("ringfence.venues") / f"data/{venue}.json").read_text("utf-8"))


@pytest.mark.parametrize("venue", VENUES)
def test_file_says_where_it_is_from(venue: str) -> None:
    data = raw(venue)
    assert data["venue"] == venue
    assert len(data["source"]) > 40
    if data["tables"]:
        assert date(2020, 1, 1) < date.fromisoformat(data["as_of"]) <= date.today()
    else:
        assert data["source"].startswith("none: ")
    schedules = {rule.schedule for rule in venues.rule_sets(venue)}
    plain = list(tiers.Tier.__dataclass_fields__)
    assert [data["columns"]] == list({s: COLUMNS.get(s, plain) for s in schedules}.values())[:1]
    used = {table for listed in data["contracts"].values() for table, *_ in listed.values()}
    assert used == set(range(len(data["tables"])))
    assert set(data.get("notes", {})) <= {
        "*",
        *(s for its in data["contracts"].values() for s in its),
    }


@pytest.mark.parametrize("venue", VENUES)
def test_no_two_symbols_share_a_spelling(venue: str) -> None:
    for listed in raw(venue)["contracts"].values():
        keys = [tiers.symbol_key(symbol) for symbol in listed]
        assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("venue", VENUES)
def test_every_table_is_sound(venue: str) -> None:
    rules = venues.rule_sets(venue)
    for listed in tiers.tier_file(venue).contracts.values():
        rates = [t.maintenance_margin_rate for t in listed.tiers]
        leverages = [t.max_leverage for t in listed.tiers]
        assert rates == sorted(rates)
        assert leverages == sorted(leverages, reverse=True)
        by_leverage = rules[0].schedule == "leverage_factor"  # of the initial margin, then
        for tier in listed.tiers:  # maintenance is not above the initial margin
            times = 1 if by_leverage else tier.max_leverage
            assert tier.maintenance_margin_rate * times < 1.0001
        for rule in rules:  # refuses a table that is none
            schedule = listed.schedule(rule.schedule, leverage=leverages[0])
            if isinstance(schedule, BracketSchedule):
                for below, at in zip(listed.tiers, listed.tiers[1:], strict=False):
                    step = at.floor * (at.maintenance_margin_rate - below.maintenance_margin_rate)
                    assert at.maintenance_amount == pytest.approx(
                        below.maintenance_amount + step, rel=1e-9, abs=1e-6
                    ), listed.symbol


def test_hyperliquid_rate_is_half_the_initial_margin_at_max_leverage() -> None:
    for listed in tiers.tier_file("hyperliquid").contracts.values():
        for tier in listed.tiers:
            assert tier.maintenance_margin_rate == pytest.approx(0.5 / tier.max_leverage)


def test_floors_are_in_the_unit_the_rule_counts_in() -> None:
    kinds = {
        ("binance", "linear", "BTCUSDT"): ("quote", BracketSchedule),
        ("binance_coinm", "inverse", "BTCUSD_PERP"): ("base", BracketSchedule),
        ("bybit", "inverse", "BTCUSD"): ("base", BracketSchedule),
        ("okx", "inverse", "BTC-USD-SWAP"): ("contracts", KeyedSlabSchedule),
        ("hyperliquid", "linear", "BTC"): ("quote", BracketSchedule),
    }
    for (venue, kind, symbol), (unit, schedule) in kinds.items():
        its = contract(venue, symbol, kind)
        assert its.floor_unit == unit
        assert isinstance(its.schedule(venues.rule_sets(venue)[-1].schedule), schedule)
    assert isinstance(contract("binance", "BTCUSDT").schedule("slab"), SlabSchedule)


@pytest.mark.parametrize(
    ("venue", "spelling", "symbol"),
    [
        ("binance", "BTCUSDT", "BTCUSDT"),
        ("binance", " btc/usdt:usdt ", "BTCUSDT"),
        ("binance", "BTC-USDT", "BTCUSDT"),
        ("binance", "BTC/USDT:USDT-261225", "BTCUSDT_261225"),
        ("binance", "BTCUSD_PERP", "BTCUSD_PERP"),  # COIN-M is Binance's house for inverse
        ("binance_coinm", "BTC/USD:BTC", "BTCUSD_PERP"),
        ("binance_coinm", "BTCUSD", "BTCUSD_PERP"),
        ("okx", "BTCUSDT", "BTC-USDT-SWAP"),
        ("okx", "BTC/USD:BTC", "BTC-USD-SWAP"),
        ("hyperliquid", "BTC", "BTC"),
        ("hyperliquid", "BTC/USDC:USDC", "BTC"),
        ("hyperliquid", "BTC-PERP", "BTC"),
        ("bybit", "ETH/USDT:USDT", "ETHUSDT"),
    ],
)
def test_the_spellings_people_use(venue: str, spelling: str, symbol: str) -> None:
    assert contract(venue, spelling).symbol == symbol


def test_what_is_not_on_file() -> None:
    assert find("bybit", "NOSUCH", "inverse") == ("bybit", None)
    with pytest.raises(RuleMissingError, match="'NOSUCH' has no inverse tiers on file for bybit"):
        raise tiers.tier_file("bybit").no_tiers("inverse", "NOSUCH")
    assert tiers.tier_file("nowhere").contracts == {}
    assert contract("bybit", "BTCUSD").end == 300
    assert contract("bybit", "BTCUSDT").end == math.inf


@pytest.mark.parametrize(
    ("symbol", "base", "quote"),
    [
        ("BTC/USDC:USDC", "BTC", "USDC"),
        ("1000PEPEUSDT", "1000PEPE", "USDT"),
        ("BTCUSD_261225", "BTC", "USD"),
        ("ETHBTC", "ETH", "BTC"),
        ("BTCUSD1", "BTC", "USD1"),
        ("ETHU", "ETH", "U"),
        ("BTC", "BTC", ""),
        ("", "", ""),
    ],
)
def test_currencies_by_symbol(symbol: str, base: str, quote: str) -> None:
    assert tiers.currencies(symbol) == (base, quote)


def test_currencies_on_file() -> None:
    hype = contract("hyperliquid", "HYPE")
    assert (hype.base, hype.quote) == ("HYPE", "USDC")
    assert {c.quote for c in tiers.tier_file("binance").contracts.values()} == {
        "USDT", "USDC", "USD1", "U", "BTC",
    }  # fmt: skip


def test_a_symbol_of_two_types_is_not_guessed() -> None:
    assert contract("kraken", "PI_XBTUSD").contract_type == "inverse"
    assert contract("kraken", "pf_xbtusd").contract_type == "linear"
    assert contract("kraken", "BTCUSD", "inverse").symbol == "PI_XBTUSD"
    with pytest.raises(MissingInputError, match="kraken lists 'BTCUSD' in more than one type"):
        contract("kraken", "BTCUSD")


def test_a_contract_may_have_a_day_and_a_note_of_its_own() -> None:
    its = contract("okx", "BTC-USD-SWAP")
    assert its.as_of == "2023-06-15"
    assert "OLDER than the rest" in its.note
    assert contract("binance", "BTCUSDT").as_of == tiers.tier_file("binance").as_of
