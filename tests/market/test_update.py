"""``ringfence tiers update``: ccxt against recorded answers on this machine, and what is kept."""

import json
import os
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import ringfence
from market.venue_server import VENUES, Server, serving
from ringfence import tiers
from ringfence.errors import RingfenceError
from ringfence.lookup import find, forget
from ringfence.schedules import KeyedSlabSchedule
from ringfence_addin import cli
from ringfence_addin.market import feeds, update
from ringfence_addin.market.feeds import FEEDS

# A first and a last row of one table of each venue, as its recording states them:
# floor, rate, leverage, amount.
EXPECTED = {
    "binance": ("BTCUSDT", (0, 0.004, 150, 0), (300_000, 0.005, 100, 300)),
    "binance_coinm": ("BTCUSD_PERP", (0, 0.004, 125, 0), (5, 0.005, 100, 0.005)),
    "bingx": ("BTC-USDT", (0, 0.0038, 0, 0), (150_000, 0.004, 0, 30)),
    "bitget": ("BTCUSDT", (0, 0.004, 150, 0), None),
    "bybit": ("BTCUSDT", (0, 0.0033, 150, 0), (300_000, 0.005, 100, 510)),
    "delta": ("BTCUSD", (100_000, 0.0025, 200, 1.25e-8), None),
    "dydx": ("SOL-USD", (0, 0.03, 20, 0), None),
    "gate": ("BTC_USDT", (0, 0.003, 200, 0), (500_000, 0.0035, 150.01, 250)),
    "htx": ("BTC-USDT", (0, 0.65, 125, 0), (8999, 0.8, 125, 0)),
    "hyperliquid": ("BTC", (0, 0.0125, 40, 0), (150e6, 0.025, 20, 1_875_000)),
    "kraken": ("PF_XBTUSD", (0, 0.005, 100, 0), (1e6, 0.01, 50, 0)),
    "kucoin": ("XBTUSDTM", (0, 0.004, 125, 0), (100_000, 0.005, 100, 0)),
    "lighter": ("ETH", (0, 0.012, 50, 0), None),
    "mexc": ("BTC_USDT", (0, 0.001, 500, 0), (50_000, 0.004, 200, 0)),
    "okx": ("BTC-USDT-SWAP", (0, 0.004, 100, 0), None),
    "phemex": ("BTCUSDT", (0, 0.005, 100, 0), (2e6, 0.0075, 66.67, 5_000)),
}
connect = update.connect


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RINGFENCE_DATA", str(tmp_path))
    for venue in ("BINANCE", "BINANCE_COINM", "BINGX"):
        monkeypatch.setenv(f"RINGFENCE_{venue}_KEY", "read-only-key")
        monkeypatch.setenv(f"RINGFENCE_{venue}_SECRET", "its-secret")
    forget()
    yield tmp_path
    monkeypatch.undo()
    forget()


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make ``update`` talk to a server on this machine."""

    def on(server: Server) -> None:
        def local(venue: str, *, needs_key: bool = False) -> Any:
            exchange = server.play(connect(venue, needs_key=needs_key))
            if venue == "htx":  # no list of its coin-margined contracts was recorded
                exchange.options["fetchMarkets"]["types"]["inverse"] = False
            return exchange

        monkeypatch.setattr(update, "connect", local)

    return on


def rows(contract: tiers.Contract) -> list[tuple[float, ...]]:
    return [
        (t.floor, t.maintenance_margin_rate, t.max_leverage, t.maintenance_amount)
        for t in contract.tiers
    ]


def test_every_feed_is_tested() -> None:
    assert {*EXPECTED, "blofin"} == set(FEEDS)
    assert set(FEEDS) <= set(VENUES)


@pytest.mark.parametrize("venue", EXPECTED)
def test_fetched_tiers_are_as_recorded(venue: str, folder: Path, play: Any) -> None:
    symbol, first, second = EXPECTED[venue]
    shipped = find(venue, symbol)[1]
    with serving(venue) as server:
        play(server)
        done = update.update_tiers(venue)
    assert done.path == folder / "tiers" / f"{venue}.json"
    contract = find(venue, symbol)[1]
    assert contract
    assert rows(contract)[0] == pytest.approx(first)
    if second:
        assert rows(contract)[1] == pytest.approx(second)
    assert contract.as_of == done.fetched_at.date().isoformat()
    assert "fetched through ccxt" in contract.source
    if shipped:  # the unit of floors and the size of a contract are those of the shipped file
        assert contract.floor_unit == shipped.floor_unit
        assert contract.contract_size == shipped.contract_size
        assert contract.base == shipped.base
        assert shipped.tick in (None, contract.tick) or contract.tick is None


def test_contracts_that_were_not_fetched_stay_on_file(folder: Path, play: Any) -> None:
    before = find("binance", "SOLUSDT")[1]
    with serving("binance") as server:
        play(server)
        update.update_tiers("binance")
    assert find("binance", "SOLUSDT")[1] == before


def test_blofin_counts_in_contracts(
    folder: Path, play: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    market = {"id": "SUI-USDT", "linear": True, "inverse": False, "contractSize": 1.0,
              "precision": {"price": 1e-4}}  # fmt: skip
    monkeypatch.setattr(feeds, "_contracts", lambda exchange: {"SUI-USDT": market})
    with serving("blofin") as server:
        play(server)
        update.update_tiers("blofin")
    contract = find("blofin", "SUI-USDT")[1]
    assert contract
    assert rows(contract) == [(0, 0.005, 100, 0), (4000, 0.01, 75, 0)]
    assert contract.floor_unit == "contracts"


def test_bybits_percents_are_told_from_fractions() -> None:
    rows = [
        {"riskLimitValue": "300", "maintenanceMargin": "1", "initialMargin": "1.5",
         "maxLeverage": "66.67", "mmDeduction": "0.75"},
        {"riskLimitValue": "150", "maintenanceMargin": "0.5", "initialMargin": "1",
         "maxLeverage": "100", "mmDeduction": ""},
    ]  # fmt: skip
    first, second = feeds._bybit_tiers(rows)
    assert (first.floor, first.maintenance_margin_rate) == (0, 0.005)
    assert (second.floor, second.maintenance_margin_rate, second.maintenance_amount) == (
        150, 0.01, 0.75,
    )  # fmt: skip


def test_mexc_levels_in_equal_steps() -> None:
    info = {"riskBaseVol": 10_000, "riskIncrVol": 200_000, "maintenanceMarginRate": 0.004,
            "initialMarginRate": 0.008, "riskIncrMmr": 0.004, "riskIncrImr": 0.004,
            "riskLevelLimit": 3}  # fmt: skip
    assert feeds._mexc_rows(info) == [
        (10_000, 0.004, 125.0), (210_000, 0.008, 83.33), (410_000, 0.012, 62.5),
    ]  # fmt: skip


def test_htx_has_a_ladder_for_each_leverage(folder: Path, play: Any) -> None:
    with serving("htx") as server:
        play(server)
        update.update_tiers("htx")
    position = {"venue": "htx", "symbol": "BTC-USDT", "side": "long", "size": 10_000,
                "entry_price": 60_000, "leverage": 125}  # fmt: skip
    contract = find("htx", "BTC-USDT")[1]
    assert contract
    schedule = contract.schedule("leverage_factor", leverage=125.0)
    assert isinstance(schedule, KeyedSlabSchedule)
    risk = ringfence.assess(**position)
    assert risk.maintenance_margin == pytest.approx(0.8 / 125 * 600_000)
    with pytest.raises(RingfenceError, match="leverage: 20 has no adjustment factors on file"):
        ringfence.assess(**{**position, "leverage": 20})


# What goes wrong


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda s: setattr(s, "status", 503), "okx could not be reached (ExchangeNotAvailable)"),
        (lambda s: setattr(s, "status", 429), "nothing was changed"),
        (lambda s: setattr(s, "body", b"<html>"), "; nothing was changed"),
        (lambda s: setattr(s, "body", b'{"code": "0", "data": []}'),
         "okx answered without a table of tiers; nothing was changed"),
        (lambda s: s.answers[1].__setitem__("body", {"code": "0", "data": [{"a": 1}]}),
         "okx answered in a form that is not known (KeyError: 'maxSz'); nothing was changed"),
    ],
)  # fmt: skip
def test_a_failure_changes_nothing(
    folder: Path, play: Any, spoil: Any, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving("okx") as server:
        play(server)
        update.update_tiers("okx")
        before = tiers.fetched_path("okx").read_bytes()
        spoil(server)
        assert cli.main(["tiers", "update", "okx"]) == cli.WRONG_USE
    said = capsys.readouterr().err
    assert says in said
    assert said.count("\n") == 1
    assert tiers.fetched_path("okx").read_bytes() == before
    assert os.listdir(folder / "tiers") == ["okx.json"]


def test_a_key_is_asked_for_by_name_and_never_shown(
    folder: Path, play: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving("binance") as server:
        play(server)
        assert cli.main(["tiers", "update", "Binance"]) == cli.FINE
        assert all("read-only-key" not in str(query) for _, query in server.asked)
    shown = capsys.readouterr()
    written = tiers.fetched_path("binance").read_text()
    assert "its-secret" not in shown.out + shown.err + written
    assert "read-only-key" not in shown.out + shown.err + written
    monkeypatch.delenv("RINGFENCE_BINANCE_SECRET")
    assert cli.main(["tiers", "update", "binance"]) == cli.WRONG_USE
    assert "set RINGFENCE_BINANCE_KEY and RINGFENCE_BINANCE_SECRET" in capsys.readouterr().err


@pytest.mark.parametrize("venue", ["gmx", "deribit", "nowhere"])
def test_a_venue_without_a_feed(venue: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["tiers", "update", venue]) == cli.WRONG_USE
    said = capsys.readouterr().err
    assert "there are " in said
    assert said.count("\n") == 1


def test_without_ccxt(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ccxt", None)
    assert cli.main(["tiers", "update", "okx"]) == cli.WRONG_USE
    assert "pip install '.[market]' in Ringfence's folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("schedule", "table", "says"),
    [
        ("slab", [(0, 0.5, 100, 0)], "mmr: 0.5 at 100x is not a fraction"),
        ("slab", [(0, 0.01, 50, 0), (0, 0.02, 25, 0)], "floors must start at 0 and rise"),
        ("slab", [(0, 0.02, 50, 0), (9, 0.01, 25, 0)], "mmr: a higher tier has a lower rate"),
        ("slab", [(0, float("nan"), 50, 0)], "tiers: not every figure is a number"),
        ("bracket", [(0, 0.01, 50, 7)], "maintenance_amount: 7 in the first tier"),
        ("bracket", [(0, 0.01, 50, 0), (100, 0.02, 25, 3)], "makes the margin jump"),
        ("slab", [], "the venue lists none"),
        ("size_linear", [(0, 0.01, 50, 0.5)], "one row is expected"),
        ("leverage_factor", [(0, 65, 125, 0)], "the factor 65 is not one"),
        (None, [(0, 0.01, 50, 0)], "no rule for linear contracts"),
    ],
)
def test_a_table_that_no_venue_would_mean_is_left_out(
    schedule: str | None, table: list[tuple[float, ...]], says: str
) -> None:
    odd = feeds.Listing("ODD", "linear", 1.0, None, tuple(tiers.Tier(*row) for row in table))
    sound, left_out = update.sort_out([odd], {"linear": schedule} if schedule else {})
    assert sound == []
    assert says in left_out["ODD"]


@pytest.mark.parametrize(("size", "tick"), [(0.0, None), (float("nan"), None), (1.0, 0.0)])
def test_a_contract_without_a_size_or_a_step_is_left_out(size: float, tick: float | None) -> None:
    odd = feeds.Listing("ODD", "linear", size, tick, (tiers.Tier(0, 0.01, 50, 0),))
    _, left_out = update.sort_out([odd], {"linear": "slab"})
    assert left_out["ODD"].split(":")[0] == ("tick" if size == 1 else "contract_size")


def test_what_can_be_fetched_is_what_messages_offer() -> None:
    assert set(FEEDS) == tiers.FETCHED


def test_amounts_of_the_coin_m_page() -> None:
    # binance.com FAQ ceccfcfb4e3a45e3b48b0b1bb1a8ae46 (2023): 11.605 BTC from 200 to 400 BTC.
    floors = (0, 5, 10, 20, 50, 100, 200, 400, 1000, 1500)
    rates = (0.004, 0.005, 0.01, 0.025, 0.05, 0.1, 0.125, 0.15, 0.25, 0.5)
    rows = [tiers.Tier(f, r, 1, 0) for f, r in zip(floors, rates, strict=True)]
    assert feeds._continuous(rows)[6].maintenance_amount == pytest.approx(11.605)


@pytest.mark.parametrize(
    ("raised", "says"),
    [
        ("AuthenticationError", r"^okx wants a key for this \(Auth.*\); a read-only key is enough"),
        ("RateLimitExceeded", r"^okx does not answer now \(Rate.*\); try again later;"),
        ("RequestTimeout", r"^okx could not be reached \(RequestTimeout\);"),
        ("ExchangeError", r"^okx did not answer as expected \(ExchangeError: .*\*\*\*.*\);"),
    ],
)
def test_each_failure_in_its_own_words(
    raised: str, says: str, folder: Path, play: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ccxt

    def fail(exchange: Any, progress: Any) -> None:
        exchange.apiKey = "read-only-key"
        raise getattr(ccxt, raised)("GET /?key=read-only-key\n 51000")

    monkeypatch.setitem(FEEDS, "okx", replace(FEEDS["okx"], read=fail))
    with serving("okx") as server:
        play(server)
        with pytest.raises(RingfenceError, match=says) as error:
            update.update_tiers("okx")
    assert str(error.value).endswith("; nothing was changed")
    assert "read-only-key" not in str(error.value)


def test_pages_that_never_end_are_left(folder: Path, play: Any) -> None:
    class Same:
        def load_markets(self) -> dict[str, Any]:
            return {}

        def publicGetV5MarketRiskLimit(self, about: Any) -> Any:  # noqa: N802
            return {"result": {"list": [], "nextPageCursor": "same"}}

        def publicFuturesGetSettleRiskLimitTiers(self, about: Any) -> Any:  # noqa: N802
            return [{"contract": f"C{number}"} for number in range(100)]

    for venue in ("bybit", "gate"):
        assert list(FEEDS[venue].read(Same(), lambda done, of: None)) == []


def test_left_out_contracts_are_said_and_the_rest_is_kept(
    folder: Path, play: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving("okx") as server:  # no answer for BTC-USD-SWAP was recorded
        play(server)
        assert cli.main(["tiers", "update", "okx"]) == cli.ROWS_IN_ERROR
    shown = capsys.readouterr()
    assert shown.out.startswith("okx: tiers of 2 contracts, ")
    assert shown.err == "ringfence: BTC-USD-SWAP: left out: tiers: the venue lists none\n"


# What is kept


def test_a_damaged_file_is_refused_not_read(folder: Path, play: Any) -> None:
    with serving("okx") as server:
        play(server)
        path = update.update_tiers("okx").path
    position = {"venue": "okx", "symbol": "BTC-USDT-SWAP", "side": "long", "size": 1,
                "entry_price": 60_000, "leverage": 10}  # fmt: skip
    assert ringfence.liquidation_price(**position)
    for damaged in (
        path.read_text().replace("0.004", "0.0004", 1),
        path.read_text()[:-50],
        "[]",
    ):
        path.write_text(damaged)
        forget()
        with pytest.raises(RingfenceError, match=r"damaged .*ringfence tiers update okx"):
            ringfence.liquidation_price(**position)
        assert ringfence.liquidation_price(**{**position, "venue": "binance", "symbol": "BTCUSDT"})
    path.unlink()
    forget()
    assert ringfence.liquidation_price(**position)


def test_fresh_tiers_are_not_stale(folder: Path, play: Any) -> None:
    position = {"venue": "okx", "symbol": "ETH-USDT-SWAP", "side": "long", "size": 1,
                "entry_price": 3_000, "leverage": 10}  # fmt: skip
    rule = ringfence.assess(**position, as_of="2026-11-24").rule
    assert rule.endswith("; stale tiers, 2026-05-28")
    with serving("okx") as server:
        play(server)
        update.update_tiers("okx")
    assert "tiers" not in ringfence.assess(**position).rule


def test_updates_at_once_leave_one_whole_file(folder: Path, play: Any) -> None:
    with serving("kraken") as server:
        play(server)
        runs = [threading.Thread(target=update.update_tiers, args=("kraken",)) for _ in range(6)]
        for run in runs:
            run.start()
        for run in runs:
            run.join()
    data = json.loads(tiers.fetched_path("kraken").read_text())
    assert data["sha256"] == tiers.digest(data)
    assert os.listdir(folder / "tiers") == ["kraken.json"]
