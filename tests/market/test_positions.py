"""``ringfence positions``: ccxt against recorded answers on this machine, beside the venues' own
liquidation prices."""

import getpass
import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd
import pytest

from market.venue_server import VENUES, Server, recording, running
from ringfence.errors import RingfenceError
from ringfence_addin import cli
from ringfence_addin.market import keys, positions
from ringfence_addin.market.positions import Fetched, compared, fetch_positions
from ringfence_addin.market.records import RECORDS
from ringfence_addin.market.wallets import FUNDS

RECORDED = Path(__file__).parent / "recorded_positions"
SECRETS = {
    "key": "SENTINELKEY+/=1", "secret": "SENTINELSECRET",
    "passphrase": "SENTINELPASS", "address": "0xSENTINELADDRESS",
}  # fmt: skip
connect = positions.connect


def answers(venue: str) -> list[dict[str, Any]]:
    listed = recording(venue) if venue in VENUES else []
    stated: list[dict[str, Any]] = json.loads((RECORDED / f"{venue}.json").read_text())["answers"]
    taken = [(its["path"], its["query"]) for its in stated]
    return stated + [its for its in listed if (its["path"], its["query"]) not in taken]


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RINGFENCE_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(keys, "_keyring", lambda: None)
    for venue in RECORDS:
        for field in keys.fields(venue):
            monkeypatch.setenv(keys.variable(venue, field), SECRETS[field])


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The recorded venue, and ``positions`` talking to it."""

    @contextmanager
    def serving(venue: str) -> Iterator[Server]:
        with running(answers(venue)) as server:
            monkeypatch.setattr(positions, "connect", lambda name: server.play(connect(name)))
            yield server

    return serving


def fetched(serve: Any, venue: str, **options: Any) -> Fetched:
    with serve(venue):
        its: Fetched = fetch_positions(venue, **options)
    return its


def table(its: Fetched, as_of: str | None = None, **given: float) -> pd.DataFrame:
    """Ours beside theirs; ``given`` are figures of the recording's day that are on file no more."""
    if given:
        its.positions[list(given)] = list(given.values())
    day = pd.Timestamp(as_of).date() if as_of else None
    return compared(its, its.assessed(day))


def test_every_record_is_tested() -> None:
    assert {path.stem for path in RECORDED.glob("*.json")} == set(RECORDS) == set(FUNDS)


# Beside the venues' own prices

# venue, row, day of the rule, what is on file no more, the furthest ours may be off, and why
SAME = [
    ("binance", 0, None, {}, 1e-12),
    ("binance", 1, None, {}, 1e-11),
    ("binance", 2, None, {"mmr": 0.025}, 1e-10),  # on file: 0.02, the tier of six weeks later
    ("binance", 3, None, {"mmr": 0.005}, 1e-7),  # eight decimals of a price of 0.19
    ("binance_coinm", 0, None, {}, 1e-11),
    ("bingx", 0, None, {"mmr": 0.00475}, 2e-6),  # initialMargin is printed with four decimals
    ("bitget", 1, "2023-11-24", {}, 1e-9),
    ("blofin", 0, None, {"mmr": 0.004}, 1e-12),
    ("blofin", 1, None, {"mmr": 0.0065}, 1e-12),  # the demo's tier
    ("bybit", 0, "2022-11-25", {}, 6e-5),  # to the tick of 0.05, with a fee of 0.06 % then
    ("gate", 0, "2024-01-12", {"mmr": 0.01, "contract_size": 0.1}, 1e-4),  # cut to the tick
    ("hyperliquid", 0, None, {}, 1e-11),
    ("kucoin", 0, None, {}, 1e-7),  # rounded up to the cent
    ("kucoin", 1, None, {}, 1e-11),
    ("mexc", 0, None, {}, 1e-6),  # cut to the tick
    ("okx", 0, None, {"mmr": 0.008}, 5e-6),  # a tick of 0.01 is added to a long
    ("phemex", 0, None, {}, 1e-6),  # rounded to the tick
]


@pytest.mark.parametrize(
    ("venue", "row", "as_of", "given", "off"), SAME, ids=[f"{case[0]}-{case[1]}" for case in SAME]
)
def test_the_price_is_the_venues_own(
    venue: str, row: int, as_of: str | None, given: dict[str, float], off: float, serve: Any
) -> None:
    its = fetched(serve, venue)
    if given:  # a row that needs them, by itself
        its = Fetched(
            venue, its.positions.iloc[[row]].reset_index(drop=True), {}, its.accounts, (),
            its.fetched_at,
        )  # fmt: skip
        row = 0
    line = table(its, as_of, **given).iloc[row]
    assert line["status"] == "ok"
    assert abs(line["difference"]) <= off
    assert line["difference"] == line["liquidation_price"] / line[positions.REPORTED] - 1


def test_okx_cross_with_its_cash_balance(serve: Any) -> None:
    its = fetched(serve, "okx")
    doge = its.positions.iloc[[1]].reset_index(drop=True)
    its = Fetched("okx", doge, {}, its.accounts, (), its.fetched_at)
    assert abs(table(its, mmr=0.01).iloc[0]["difference"]) < 2e-7


@pytest.mark.parametrize(
    ("venue", "row", "expected"),
    [
        ("binance", 1, ("ETHUSDT", "linear", "isolated", "long", 5.737, 2614.8, 2546.86)),
        ("binance", 3, ("DOGEUSDT", "linear", "isolated", "short", 32, 0.16395, 0.16465933)),
        ("binance", 4, ("BTCUSDT", "linear", "cross", "long", 0.001, 22185.2, 21123.05052574)),
        ("bingx", 0, ("BNB-USDT", "linear", "isolated", "short", 0.2, 246.43, 246.7565)),
        ("deribit", 0, ("BTC-PERPETUAL", "inverse", "cross", "long", 50, 7440.18, 7476.65)),
        ("gate", 1, ("BTC_USDT", "linear", "cross", "long", 1, 46030.3, 46051.6)),
        ("okx", 0, ("ETH-USD-210430", "inverse", "isolated", "long", 1, 2566.31, 2565.656)),
        ("okx", 1, ("DOGE-USDT-SWAP", "linear", "cross", "short", 10, 0.081858, 0.08191)),
        ("hyperliquid", 0, ("HYPE", "linear", "isolated", "long", 2, 37.829, 37.826)),
    ],
)
def test_a_record_in_the_input_columns(
    venue: str, row: int, expected: tuple[Any, ...], serve: Any
) -> None:
    line = fetched(serve, venue).positions.iloc[row]
    names = ["symbol", "contract_type", "margin_mode", "side", "size", "entry_price", "mark_price"]
    assert tuple(line[names]) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("venue", "wallets"),
    [
        ("binance", {"USDT": 122607.35137903}),
        ("bitget", {"USDT": 24.104761394867108}),
        ("blofin", {"USDT": 10013119.885958415}),
        ("deribit", {"BTC": 1 - 0.000032781 - 0.01}),
        ("gate", {"USDT": 10.5}),
        ("kucoin", {"USDT": 47.22490317}),
        ("okx", {"USDT": 995.22393, "ETH": 0.0003896645377994}),
        ("phemex", {"USDT": 439.96184445932}),
    ],
)
def test_wallets_are_without_profit(venue: str, wallets: dict[str, float], serve: Any) -> None:
    accounts = fetched(serve, venue, account="Desk 1").accounts
    assert accounts is not None
    held = dict(zip(accounts["currency"], accounts["wallet_balance"], strict=True))
    assert held == pytest.approx(wallets)
    assert set(accounts["account"]) == {"Desk 1"}


def test_hyperliquids_wallet_holds_the_boxes(serve: Any) -> None:
    with serve("hyperliquid") as server:
        state = server.answers[0]["body"]["assetPositions"]
        state.append(json.loads(json.dumps(state[0])))
        state[1]["position"]["leverage"]["type"] = "cross"
        accounts = fetch_positions("hyperliquid").accounts
    assert accounts is not None
    assert accounts["wallet_balance"].tolist() == pytest.approx([83.307638 + 2 * 0.006])


def test_binances_multi_asset_mode(serve: Any) -> None:
    with serve("binance") as server:
        server.find("/fapi/v1/multiAssetsMargin", {})["body"]["multiAssetsMargin"] = True
        server.find("/fapi/v3/balance", {})["body"].append({"asset": "BTC", "balance": "0.5"})
        index = [{"symbol": "BTCUSD", "index": "60000"}]
        server.answers.append({"path": "/fapi/v1/assetIndex", "query": {}, "body": index})
        accounts = fetch_positions("binance").accounts
    assert accounts is not None
    assert accounts["collateral_mode"].tolist() == ["multi", "multi"]
    assert accounts.iloc[1][["currency", "price"]].tolist() == ["BTC", 60_000]


def test_bybits_margin_is_without_the_fee_to_close(serve: Any) -> None:
    line = fetched(serve, "bybit").positions.iloc[0]
    margin, fee = line["isolated_margin"], 0.00055
    at_bankruptcy = 0.1 * 1198.45 - margin
    assert margin + fee * at_bankruptcy == pytest.approx(28.58931118, abs=1e-12)


def test_a_blank_position_balance_leaves_the_leverage(serve: Any) -> None:
    with serve("bybit") as server:
        held = server.find("/v5/position/list", {"category": "linear", "settleCoin": "USDT"})
        held["body"]["result"]["list"][0]["positionBalance"] = ""
        its = fetch_positions("bybit")
    assert pd.isna(its.positions.iloc[0]["isolated_margin"])
    assert its.positions.iloc[0]["leverage"] == 4.2
    assert "positionBalance is blank" in its.notes[0]


def test_portfolio_margin_is_refused(serve: Any) -> None:
    with serve("bybit") as server:
        server.find("/v5/account/info", {})["body"]["result"]["marginMode"] = "PORTFOLIO_MARGIN"
        with pytest.raises(RingfenceError, match="portfolio margin, which is not modelled"):
            fetch_positions("bybit")


def test_pages_that_never_end_are_left(serve: Any) -> None:
    with serve("bybit") as server:
        second = {"category": "linear", "settleCoin": "USDT", "cursor": "BTCUSDT,1"}
        page = server.find("/v5/position/list", second)["body"]["result"]
        page["list"], page["nextPageCursor"] = [{"symbol": "X", "size": "0"}], "BTCUSDT%2C1"
        assert len(fetch_positions("bybit").positions) == 1
        assert len(server.asked) < 10


def test_every_venue_where_it_is_assumed_says_so(serve: Any) -> None:
    for venue in (name for name, its in FUNDS.items() if its.boxes_assumed):
        with serve(venue) as server:
            if venue == "mexc":  # recorded with one box only
                held = server.find("/api/v1/private/position/open_positions", {})
                held["body"]["data"].append({**held["body"]["data"][0], "openType": 2})
                assets = {"data": [{"currency": "USDT", "equity": "100", "unrealized": "0"}]}
                path = "/api/v1/private/account/assets"
                server.answers.append({"path": path, "query": {}, "body": assets})
            its = fetch_positions(venue)
        assert {"cross", "isolated"} <= set(its.positions["margin_mode"])
        assumed = f"{venue}: ASSUMED that {FUNDS[venue].balance_from} holds the margin of isolated"
        assert [note for note in its.notes if assumed in note], venue


def test_without_a_box_nothing_is_assumed_of_it(serve: Any) -> None:
    with serve("okx") as server:
        held = server.find("/api/v5/account/positions", {})["body"]
        held["data"] = [row for row in held["data"] if row["mgnMode"] == "cross"]
        its = fetch_positions("okx")
    assert its.accounts is not None
    assert its.notes == ()


# What cannot be read


@pytest.mark.parametrize(
    ("balance", "why"),
    [
        ([{"asset": "USDT", "balance": "n/a"}], "wallet_balance: balance 'n/a' is not a number"),
        ([{"asset": "USDT"}], "wallet_balance: the venue's record has no balance"),
        ({"code": -2015, "msg": "no permission"}, "binance refused the key"),
        ("closed", "wallet_balance: the venue's record has no balance"),
        ([{"balance": "5"}], "binance answered in a form that is not known (KeyError: 'asset')"),
    ],
)
def test_wallets_that_cannot_be_read_cost_the_cross_rows_only(
    balance: Any, why: str, serve: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wallets = tmp_path / "accounts.csv"
    with serve("binance") as server:
        server.find("/fapi/v3/balance", {})["body"] = balance
        asked = ["positions", "binance", "--account", "Desk", "--format", "json"]
        assert cli.main([*asked, "--accounts-output", str(wallets)]) == cli.ROWS_IN_ERROR
    shown = capsys.readouterr()
    *boxes, cross = json.loads(shown.out)
    assert [row["status"] for row in boxes] == ["ok"] * 4
    assert all(row["liquidation_price"] for row in boxes)
    unread = "the wallets of account 'Desk' at binance could not be read: "
    assert cross["status"].startswith(f"error: account: {unread}{why}")
    assert cross["liquidation_price"] is None
    assert cross["size"] == 0.001
    assert f"ringfence: {unread}{why}" in shown.err
    assert "accounts.csv was not written: the wallets could not be read" in shown.err
    assert not wallets.exists()


def test_what_cannot_be_read_is_a_row(serve: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with serve("binance") as server:
        rows = server.find("/fapi/v3/positionRisk", {})["body"]
        rows[0]["isolatedWallet"] = "n/a"
        rows[1]["markPrice"] = ""
        rows[2]["entryPrice"] = "soon"
        rows[3] = "a text"
        assert cli.main(["positions", "binance", "--format", "json"]) == cli.ROWS_IN_ERROR
    shown = capsys.readouterr()
    status = [row["status"] for row in json.loads(shown.out)]
    assert status[0] == "error: margin_mode: isolatedWallet 'n/a' is not a number"
    assert status[1] == "error: mark_price: the venue's record has none"
    assert status[2].startswith("error: entry_price: 'soon' is not a number")
    assert status[3].startswith("error: ")
    assert len(status) == 5
    assert "5 rows are in error" in shown.err  # what the cross one's pool requires is not known


@pytest.mark.parametrize(
    ("venue", "row", "says"),
    [
        ("deribit", 1, "symbol: option positions are not modelled"),
        ("okx", 2, "symbol: MARGIN positions are not modelled"),
    ],
)
def test_another_product_is_a_row(venue: str, row: int, says: str, serve: Any) -> None:
    assert table(fetched(serve, venue)).iloc[row]["status"] == f"error: {says}"


def test_cross_in_an_account_that_is_not_modelled(serve: Any) -> None:
    with serve("okx") as server:
        server.find("/api/v5/account/config", {})["body"]["data"][0]["acctLv"] = "3"
        its = fetch_positions("okx")
    assert its.refused[1].startswith("margin_mode: cross is modelled in futures mode only")
    assert 0 not in its.refused
    assert its.accounts is None


@pytest.mark.parametrize("venue", ["htx", "kraken", "bitmex", "gmx", "nowhere"])
def test_a_venue_whose_record_is_not_known(venue: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["positions", venue]) == cli.WRONG_USE
    said = capsys.readouterr().err
    assert "there are binance, " in said
    assert said.count("\n") == 1


def test_an_answer_without_a_list_is_not_an_empty_book(serve: Any) -> None:
    with serve("bitget") as server:
        usdc = server.find("/api/v2/mix/position/all-position", {"productType": "USDC-FUTURES"})
        del usdc["body"]["data"]  # a stated null, before, is one
        with pytest.raises(RingfenceError, match="no list of positions at data"):
            fetch_positions("bitget")


def test_a_settle_currency_that_was_never_opened(serve: Any) -> None:
    with serve("gate") as server:
        never = {"label": "USER_NOT_FOUND", "message": "please transfer funds first"}
        for part in ("positions", "accounts"):
            answer = server.find(f"/api/v4/futures/btc/{part}", {})
            assert answer
            answer["body"] = never
        its = fetch_positions("gate")
    assert its.positions["symbol"].tolist() == ["LTC_USDT", "BTC_USDT"]
    assert its.accounts is not None
    assert its.accounts["currency"].tolist() == ["USDT"]


# The command


def test_the_files_go_straight_to_risk(
    serve: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, wallets = tmp_path / "positions.csv", tmp_path / "accounts.csv"
    with serve("kucoin"):
        asked = ["positions", "KuCoin", "--account", "desk", "-o", str(out)]
        assert cli.main([*asked, "--accounts-output", str(wallets)]) == cli.FINE
    written = pd.read_csv(out)
    assert written.columns[-5:].tolist() == [
        "liquidation_price", "margin_ratio", positions.REPORTED, "difference", "status",
    ]  # fmt: skip
    capsys.readouterr()
    again = ["risk", str(out), "--accounts", str(wallets), "--format", "json"]
    assert cli.main(again) == cli.FINE
    risk = pd.DataFrame(json.loads(capsys.readouterr().out))
    assert risk["liquidation_price"].tolist() == written["liquidation_price"].tolist()
    assert risk[positions.REPORTED].astype(float).tolist() == [52351.69, 70130.5725363]
    assert risk["account"].tolist() == ["desk", "desk"]


def test_the_table_says_how_far_off(serve: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with serve("kucoin"):
        assert cli.main(["positions", "kucoin", "--as-of", "2026-11-24"]) == cli.FINE
    shown = capsys.readouterr()
    assert "52,351.69" in shown.out
    assert "2 compared with the venue's own price, furthest -0.0000% (XBTUSDTM long)" in shown.out
    assert "--accounts-output CSV writes those" in shown.err
    assert "run: ringfence tiers update kucoin" in shown.err  # on file: of 2026-03-19


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["-o", "book.xlsx"], "ringfence fill makes workbooks"),
        (["--accounts-output", "a.json"], "the accounts file ends in .csv"),
        (["-o", ".."], "..: is a folder; give a file"),
        (["-o", "x.csv", "--accounts-output", "./X.csv"], "are one file; give two"),
    ],
)
def test_wrong_use(options: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["positions", "binance", *options]) == cli.WRONG_USE
    assert says in capsys.readouterr().err


def test_a_link_is_no_second_file(
    serve: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, link = tmp_path / "x.csv", tmp_path / "y.csv"
    link.symlink_to(out)
    with serve("okx") as server:
        asked = ["positions", "okx", "-o", str(out), "--accounts-output", str(link)]
        assert cli.main(asked) == cli.WRONG_USE
        assert server.asked == []
    said = capsys.readouterr().err
    assert "y.csv: --output and --accounts-output are one file; give two" in said
    assert said.count("\n") == 1
    assert not out.exists()


@pytest.mark.parametrize("lost", ["positions", "accounts"])
def test_both_files_or_neither(
    lost: str, serve: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {name: tmp_path / f"{name}.csv" for name in ("positions", "accounts")}
    for path in files.values():
        path.write_text("old")
    kept = set(tmp_path.iterdir())
    files[lost] = tmp_path / "nowhere" / f"{lost}.csv"
    with serve("okx"):
        asked = ["positions", "okx", "-o", str(files["positions"])]
        assert cli.main([*asked, "--accounts-output", str(files["accounts"])]) == cli.WRONG_USE
    assert f"nowhere/{lost}.csv" in capsys.readouterr().err
    assert set(tmp_path.iterdir()) == kept
    assert {path.read_text() for path in kept if path.is_file()} == {"old"}


def one_sided(server: Server, ours: int, theirs: int) -> None:
    """Binance's first rows: ``ours`` that can never be liquidated, then ``theirs`` unstated."""
    rows = server.find("/fapi/v3/positionRisk", {})["body"]
    rows[:] = [json.loads(json.dumps(rows[0])) for _ in range(ours + theirs)] + rows[1:2]
    for number, row in enumerate(rows[:-1]):
        row["symbol"] = ["BTCUSDT", "ETHUSDT", "BNBUSDT", "XRPUSDT"][number]
        if number < ours:
            row["isolatedWallet"] = "1e12"
        else:
            row["liquidationPrice"] = "0"


def test_a_price_on_one_side_only_is_named(serve: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with serve("binance") as server:
        one_sided(server, 1, 1)
        stated = float(server.find("/fapi/v3/positionRisk", {})["body"][0]["liquidationPrice"])
        assert cli.main(["positions", "binance"]) == cli.FINE
        shown = capsys.readouterr()
        cli.main(["positions", "binance", "--format", "json"])
    ours = json.loads(capsys.readouterr().out)[1]["liquidation_price"]
    summary = shown.out.splitlines()[-1]
    assert "3 positions; 2 with a price on one side only (BTCUSDT long, ETHUSDT long); " in summary
    assert "; 1 compared with the venue's own price, furthest " in summary
    said = [line for line in shown.err.splitlines() if "the venue states" in line]
    assert said == [
        f"ringfence: BTCUSDT long: the venue states {stated:,.10g}, we say never liquidated",
        f"ringfence: ETHUSDT long: the venue states none, we say {ours:,.10g}",
    ]


def test_many_prices_on_one_side_only_are_few_lines(
    serve: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    with serve("binance") as server:
        one_sided(server, 4, 0)
        assert cli.main(["positions", "binance", "--format", "csv"]) == cli.FINE
    said = capsys.readouterr().err.splitlines()
    assert len([line for line in said if "the venue states" in line]) == 3
    assert "ringfence: and 1 more row where only one side has a liquidation price" in said


def test_a_row_in_error_is_no_price_on_one_side(
    serve: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    with serve("binance") as server:
        server.find("/fapi/v3/balance", {})["body"] = []
        assert cli.main(["positions", "binance"]) == cli.ROWS_IN_ERROR
    shown = capsys.readouterr()
    assert "one side" not in shown.out
    assert "the venue states" not in shown.err


def test_no_position_is_an_empty_table(serve: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with serve("hyperliquid") as server:
        server.answers[0]["body"]["assetPositions"] = []
        assert cli.main(["positions", "hyperliquid"]) == cli.FINE
    assert "0 positions" in capsys.readouterr().out


def test_the_page_names_the_fields() -> None:
    page = (Path(__file__).parents[2] / "docs/positions.md").read_text("utf-8")
    for venue, record in RECORDS.items():
        row = f"| {venue} | {record.margin_from} | {FUNDS[venue].balance_from} |"
        assert f"{row} {record.liquidation.split('.')[-1]} |" in page


# Keys


def test_a_half_key_is_not_completed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = {("ringfence", "okx secret"): "OTHER"}
    monkeypatch.setattr(keys, "_keyring", lambda: Ring(kept))
    monkeypatch.delenv("RINGFENCE_OKX_SECRET")
    assert cli.main(["positions", "okx"]) == cli.WRONG_USE
    said = capsys.readouterr().err
    assert "set RINGFENCE_OKX_KEY and RINGFENCE_OKX_SECRET and RINGFENCE_OKX_PASSPHRASE" in said
    assert said.count("\n") == 1
    assert "SENTINEL" not in said


class Ring:
    """A keyring in memory, with the names of the library's functions."""

    def __init__(self, kept: dict[tuple[str, str], str]) -> None:
        self.kept = kept

    def get_password(self, service: str, name: str) -> str | None:
        return self.kept.get((service, name))

    def set_password(self, service: str, name: str, value: str) -> None:
        self.kept[service, name] = value


def test_a_stored_key_is_found_by_account(
    monkeypatch: pytest.MonkeyPatch, serve: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    kept: dict[tuple[str, str], str] = {}
    monkeypatch.setattr(keys, "_keyring", lambda: Ring(kept))
    for field in SECRETS:
        monkeypatch.delenv(f"RINGFENCE_OKX_{field}".upper(), raising=False)
    prompts: list[str] = []

    def ask(prompt: str) -> str:
        prompts.append(prompt)
        return f"SENTINEL{len(prompts)}"

    monkeypatch.setattr("getpass.getpass", ask)
    assert cli.main(["positions", "okx", "--account", "Desk", "--store-key"]) == cli.FINE
    shown = capsys.readouterr()
    assert prompts == ["okx key: ", "okx secret: ", "okx passphrase: "]
    assert "SENTINEL" not in shown.out + shown.err
    assert set(kept) == {
        ("ringfence", f"okx desk {field}") for field in ("key", "secret", "passphrase")
    }
    assert len(fetched(serve, "okx", account="desk").positions) == 3
    assert cli.main(["positions", "okx", "--account", "other"]) == cli.WRONG_USE


def test_a_keyring_that_refuses(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from keyring.backends import fail

    monkeypatch.setattr(keys, "_keyring", fail.Keyring)
    monkeypatch.setattr("getpass.getpass", lambda prompt: "SENTINEL")
    assert cli.main(["positions", "binance", "--store-key"]) == cli.WRONG_USE
    said = capsys.readouterr().err
    assert "this machine's keyring does not take the key (NoKeyringError)" in said
    assert "SENTINEL" not in said
    monkeypatch.delenv("RINGFENCE_BINANCE_KEY")
    monkeypatch.delenv("RINGFENCE_BINANCE_SECRET")
    assert cli.main(["positions", "binance"]) == cli.WRONG_USE


def test_a_key_is_never_asked_for_in_the_open(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept: dict[tuple[str, str], str] = {}
    monkeypatch.setattr(keys, "_keyring", lambda: Ring(kept))

    def shown(prompt: str) -> str:
        warnings.warn("Can not control echo on the terminal.", getpass.GetPassWarning, stacklevel=1)
        return "SENTINEL"

    monkeypatch.setattr(getpass, "getpass", shown)
    assert cli.main(["positions", "binance", "--store-key"]) == cli.WRONG_USE
    assert "no terminal here that hides what is typed" in capsys.readouterr().err
    assert kept == {}


def test_a_key_that_may_withdraw_is_refused_before_it_is_used(
    serve: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    with serve("binance") as server:
        may = server.find("/sapi/v1/account/apiRestrictions", {})["body"]
        may["enableWithdrawals"] = may["enableFutures"] = True
        assert cli.main(["positions", "binance"]) == cli.WRONG_USE
        assert [path for path, _ in server.asked] == ["/sapi/v1/account/apiRestrictions"]
        assert "make a read-only key, or give --allow-withdrawal-key" in capsys.readouterr().err
        cli.main(["positions", "binance", "--allow-withdrawal-key"])
    assert "this key may trade and withdraw at binance" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("venue", "rights", "may"),
    [
        ("okx", "read_only,trade", "trade"),
        ("bybit", {"Wallet": []}, "trade"),
        ("bybit", {"Wallet": ["AccountTransfer"]}, "trade and move money between accounts"),
        ("bybit", {"Wallet": ["SubMemberTransfer"]}, "trade and move money between accounts"),
        ("binance", {"enableFutures": True}, "trade"),
        ("binance", {"enableFixApiTrade": True}, "trade"),
        ("binance", {"permitsUniversalTransfer": True}, "move money between accounts"),
        ("binance", {"enableInternalTransfer": True}, "move money between accounts"),
    ],
)
def test_what_a_key_may_do_is_said(venue: str, rights: Any, may: str, serve: Any) -> None:
    with serve(venue) as server:
        give(server, venue, rights)
        its = fetch_positions(venue)
    assert its.notes[0] == f"this key may {may} at {venue}; a read-only key is enough"


def give(server: Server, venue: str, rights: Any) -> None:
    """Rights in the venue's own form."""
    if venue == "okx":
        server.find("/api/v5/account/config", {})["body"]["data"][0]["perm"] = rights
    elif venue == "bybit":
        state = server.find("/v5/user/query-api", {})["body"]["result"]
        state["readOnly"], state["permissions"] = 0, rights
    else:
        server.find("/sapi/v1/account/apiRestrictions", {})["body"].update(rights)


@pytest.mark.parametrize(
    ("venue", "rights"),
    [("okx", "read_only, withdraw"), ("bybit", {"Wallet": ["Withdraw"]})],
)
def test_withdrawal_rights_elsewhere(venue: str, rights: Any, serve: Any) -> None:
    with serve(venue) as server:
        give(server, venue, rights)
        with pytest.raises(RingfenceError, match=f"this key may withdraw from {venue}"):
            fetch_positions(venue)


@pytest.mark.parametrize(
    ("venue", "rights"),
    [
        ("okx", None),
        ("okx", ""),
        ("okx", "read_only,all"),
        ("bybit", None),
        ("bybit", {}),
        ("bybit", {"Wallet": None}),
        ("binance", {"enableWithdrawals": None}),
        ("binance", {"enableWithdrawals": "maybe"}),
        ("binance", None),
    ],
)
def test_a_key_of_unknown_rights_is_refused(
    venue: str, rights: Any, serve: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    with serve(venue) as server:
        if venue == "binance" and rights is None:  # no answer at all
            server.answers = [its for its in server.answers if "apiRestrictions" not in its["path"]]
        else:
            give(server, venue, rights)
        assert cli.main(["positions", venue]) == cli.WRONG_USE
        assert len({path for path, _ in server.asked}) == 1
        said = capsys.readouterr().err
        assert said.count("\n") == 1
        assert "what this key may do besides reading is not known, so nothing else was" in said
        its = fetch_positions(venue, allow_withdrawal_key=True)
    assert its.notes[0].endswith(": what this key may do besides reading is not known")
    assert len(its.positions)


# Nothing of a key in any text


ECHO = b"what was sent"


def echo(venue: str) -> bytes:
    """An error that quotes what a venue was sent: its key, plain and quoted, a signature."""
    sent = [SECRETS[field] for field in keys.fields(venue)]
    quoted = "&".join(f"k={quote(secret, safe='')}" for secret in sent)
    signature = "abcdef0123456789abcdef0123456789abcdef01"
    return json.dumps(
        {"code": "50113", "retCode": 10004, "msg": " ".join(sent), "retMsg": quoted,
         "sign": signature, "label": "INVALID_KEY"}
    ).encode()  # fmt: skip


@pytest.mark.parametrize("venue", RECORDS)
@pytest.mark.parametrize(
    ("status", "body"),
    [(401, ECHO), (403, ECHO), (429, ECHO), (500, ECHO), (200, ECHO), (200, b"<html>"), (302, b"")],
)  # fmt: skip
def test_no_text_holds_the_key(
    venue: str, status: int, body: bytes, serve: Any, tmp_path: Path,
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    caplog.set_level("DEBUG")
    with serve(venue) as server:
        server.status, server.body = status, echo(venue) if body == ECHO else body
        out = tmp_path / "positions.json"
        result = cli.main(["positions", venue, "-o", str(out)])
        with pytest.raises(RingfenceError) if result == cli.WRONG_USE else _nothing() as error:
            fetch_positions(venue)
    shown = capsys.readouterr()
    texts = [shown.out, shown.err, *(path.read_text() for path in tmp_path.iterdir())]
    if error:
        assert error.value.__cause__ is None
        assert error.value.__context__ is None
        texts.append(str(error.value))
        assert out.exists() is False
    texts += [record.getMessage() for record in caplog.records if "ccxt" in record.name]
    for text in texts:
        for secret in (*SECRETS.values(), "SENTINEL", "abcdef0123456789"):
            assert secret not in text
        assert shown.err.count("\n") == 1


@contextmanager
def _nothing() -> Iterator[None]:
    yield None


def test_no_output_of_a_good_run_holds_the_key(
    serve: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for venue in RECORDS:
        with serve(venue) as server:
            cli.main(
                ["positions", venue, "-o", str(tmp_path / f"{venue}.csv"), "--accounts-output",
                 str(tmp_path / f"{venue}-accounts.csv")]
            )  # fmt: skip
            public = [q for path, q in server.asked if "ticker" in path or "instruments" in path]
            assert "SENTINEL" not in str(public)
    shown = capsys.readouterr()
    written = [path.read_text() for path in tmp_path.iterdir() if path.is_file()]
    assert len(written) > len(RECORDS)
    assert "SENTINEL" not in "".join([shown.out, shown.err, *written])


def test_a_redirect_is_not_followed(serve: Any) -> None:
    with running([{"path": "/elsewhere", "query": {}, "body": {}}]) as other, serve("okx") as its:
        its.status, its.location = 302, f"http://127.0.0.1:{other.server_port}/elsewhere"
        with pytest.raises(RingfenceError):
            fetch_positions("okx")
        assert other.asked == []


@pytest.mark.parametrize("venue", RECORDS)
def test_every_address_is_https(venue: str) -> None:
    def leaves(urls: Any) -> Iterator[str]:
        for url in urls.values() if isinstance(urls, dict) else [urls]:
            yield from leaves(url) if isinstance(url, dict) else [url]

    assert all(url.startswith("https://") for url in leaves(connect(venue).urls["api"]))
