"""The venue files: found by name, complete, and picked by contract and day."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

import ringfence
from ringfence import venues
from ringfence.errors import InputError, RuleMissingError
from ringfence.lookup import terms
from ringfence.rules import RuleSet
from ringfence.sources import Source

HEADINGS = ["Rule", "Units", "Scope", "Source", "Terms", "Since"]


def test_names_are_the_files() -> None:
    folder = Path(venues.__file__).parent
    assert venues.names() == tuple(sorted(p.stem for p in folder.glob("[a-z]*.py")))
    assert set(venues.names()) == {p.stem for p in (folder / "data").glob("*.json")}


@pytest.mark.parametrize("venue", venues.names())
def test_file_reads_like_a_help_page(venue: str) -> None:
    text = venues.document(venue)
    assert re.findall(r"^([A-Z]\w+)$", text, re.MULTILINE) == HEADINGS
    assert re.search(r"read \d{4}-\d\d-\d\d", text)


@pytest.mark.parametrize("venue", venues.names())
def test_rules_are_dated_and_sourced(venue: str) -> None:
    rules = venues.rule_sets(venue)
    for kind in {kind for rule in rules for kind in rule.contract_types}:
        starts = [rule.effective_from for rule in rules if kind in rule.contract_types]
        assert None not in starts[1:]  # only the oldest may be without a day
        dated = [start for start in starts if start]
        assert dated == sorted(set(dated))
    for rule in rules:
        assert rule.venue == venue
        assert all(source.url.startswith("https://") for source in rule.sources)
        assert len({r.id for r in rules}) == len(rules)


def test_rule_of_the_day() -> None:
    first, second = venues.rule_sets("bybit")
    change = second.effective_from
    assert change == date(2025, 9, 2)
    assert venues.rule_at("bybit", "linear", change - timedelta(days=1)) is first
    assert venues.rule_at("bybit", "linear", change) is second


def test_before_the_first_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    later = venues.rule_sets("bybit")[1:]
    monkeypatch.setattr(venues, "rule_sets", lambda venue: later)
    with pytest.raises(RuleMissingError, match="as_of: 2020-01-01 is before the oldest rule on"):
        venues.rule_at("bybit", "linear", date(2020, 1, 1))


def test_a_rule_without_a_source_is_none() -> None:
    rule = venues.rule_sets("okx")[0].model_dump()
    with pytest.raises(ValueError, match="sources"):
        RuleSet(**{**rule, "sources": ()})
    with pytest.raises(ValueError, match="extra_field"):
        RuleSet(**rule, extra_field=1)
    source = Source(title="t", url="https://x", read=date(2026, 1, 1))
    with pytest.raises(ValueError, match="frozen"):
        source.title = "other"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"venue": "mtgox"}, "venue: 'mtgox' is not on file; there are binance, "),
        ({"contract_type": "quanto"},
         "contract_type: of binance, linear contracts are on file, not quanto"),
        ({"venue": "hyperliquid", "contract_type": "inverse"},
         "linear contracts are on file, not inverse"),
        ({"maintenance_amount": 5.0}, "maintenance_amount: needs mmr beside it"),
        ({"mmr": 0.0, "maintenance_amount": 5.0}, "maintenance_amount: 5 needs an mmr above 0"),
        ({"symbol": ""}, "symbol: missing; give the contract's symbol at binance, or its mmr"),
        ({"venue": "okx", "symbol": "NOSUCH", "mmr": 0.01}, "contract_size: missing; okx counts"),
        ({"venue": "okx", "mmr": 0.99, "taker_fee_rate": 0.02, "contract_size": 1.0},
         "taker_fee_rate: the fee rate 0.02 and the maintenance margin rate 0.99 must come"),
        ({"venue": "bybit", "symbol": "DOTUSD", "mmr": 0.01},
         "contract_type: missing; 'DOTUSD' is not on file: give linear or inverse"),
        ({"symbol": "ZZZUSD_PERP", "mmr": 0.01},
         "contract_type: missing; 'ZZZUSD_PERP' is not on file: give linear or inverse"),
    ],
)  # fmt: skip
def test_what_cannot_be_looked_up(given: dict[str, object], says: str) -> None:
    position = {"venue": "binance", "symbol": "BTCUSDT", "side": "long", "size": 1.0,
                "entry_price": 100.0, "leverage": 10.0}  # fmt: skip
    with pytest.raises(InputError, match=re.escape(says)):
        ringfence.assess(**{**position, **given})


def test_an_amount_of_nothing_needs_no_rate() -> None:
    position = {"venue": "binance", "symbol": "BTCUSDT", "side": "long", "size": 1.0,
                "entry_price": 100.0, "leverage": 10.0}  # fmt: skip
    assert ringfence.assess(**position, maintenance_amount=0) == ringfence.assess(**position)


def test_binance_inverse_is_coin_m() -> None:
    day = date(2026, 11, 23)
    for kind in ("inverse", None):
        its = terms("binance", "BTCUSD_PERP", day, kind)
        assert its.rule.venue == "binance_coinm"
        assert its.contract_size == 100.0


def test_given_figures_replace_the_venues() -> None:
    day = date(2026, 11, 23)
    its = terms("okx", "BTC-USDT-SWAP", day, None, 0.1, 0.02, None, 0.001)
    assert (its.contract_size, its.taker_fee_rate) == (0.1, 0.001)
    assert its.maintenance.at_key(5.0).maintenance_margin(100.0) == 2.0
    assert its.trigger.at_key(5.0).maintenance_margin(100.0) == pytest.approx(2.1)


def test_public_surface() -> None:
    assert ringfence.__all__ == [
        "InputError", "RingfenceError", "Risk", "RuleMissingError", "assess", "evaluate",
        "liquidation_price", "margin_ratio", "venue_liquidation_price",
    ]  # fmt: skip
    assert all(getattr(ringfence, name).__doc__ for name in ringfence.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        ringfence.nothing  # noqa: B018
