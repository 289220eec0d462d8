"""The template mixed_book in a real LibreOffice: its formulas give what Python computes."""

from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import ringfence
from calc import compare
from calc.compare import TOLERANCE, calculated, changed, differences, stored_values, wrong_in
from ringfence.accounts import from_frame
from ringfence.book import assess_table
from ringfence.exposure import exposure
from ringfence.stress import joint_shock
from ringfence_addin.office.session import Document, Office
from ringfence_templates.__main__ import SAMPLE_DAY, SAMPLES, sample
from ringfence_templates.given import WALLET_INPUTS
from ringfence_templates.mixed_book import accounts as accounts_sheet
from ringfence_templates.mixed_book import layout, positions
from ringfence_templates.mixed_book.layout import INPUTS
from ringfence_templates.positions_sheet import HEAD

SHIPPED = Path(__file__).parents[2] / "templates" / "mixed_book.xlsx"
SPARE, SPARE_ACCOUNTS = 20, 10


def book() -> pd.DataFrame:
    return sample(SAMPLES["mixed_book"].positions)


def purse() -> pd.DataFrame:
    return sample(str(SAMPLES["mixed_book"].accounts))


built = partial(compare.built, "mixed_book")


def put(document: Document, in_positions: compare.Changes, in_accounts: compare.Changes) -> None:
    """Type into rows of the two tables, counted from 1."""
    compare.put(document, "Positions", positions.SHEET.letter, HEAD, in_positions)
    compare.put(document, "Accounts", accounts_sheet.LETTER, accounts_sheet.HEAD, in_accounts)


# What is typed into Positions and into Accounts
CHANGES: dict[str, tuple[dict[int, dict[str, Any]], dict[int, dict[str, Any]]]] = {
    "other figures": (
        {
            1: {"mark_price": 90_000.0, "size": 4.0},
            6: {"margin_mode": "cross", "account": "satellites"},  # an account not at its venue
            7: {"margin_mode": "cross"},
            9: {"mark_price": 150.0},  # liquidated
            12: {"symbol": "NOSUCH"},  # an error, and so is the rest of its pool
            15: {
                "venue": "okx", "symbol": "SOL-USDT-SWAP", "margin_mode": "isolated",
                "account": "basis", "side": "long", "size": 300.0, "entry_price": 190.0,
                "mark_price": 186.0, "leverage": 10.0,
            },
        },
        {1: {"wallet_balance": 70_000.5}, 2: {"wallet_balance": 30_000.0, "currency": "USDT"}},
    ),
    "a pool near its end, another past it": (
        {13: {"mark_price": 41.0}, 10: {"mark_price": 140_000.0}},
        {1: {"wallet_balance": 22_000.0}},
    ),
    "coins, and accounts without a name": (
        {
            6: {"account": ""},
            8: {"account": ""},
            15: {
                "venue": "binance", "symbol": "BTCUSD_PERP", "margin_mode": "isolated",
                "account": "coins", "side": "long", "size": 900.0, "entry_price": 96_000.0,
                "mark_price": 97_400.0, "isolated_margin": 0.2,
            },
            16: {
                "venue": "binance", "symbol": "ETHUSD_PERP", "margin_mode": "isolated",
                "account": "market making", "side": "short", "size": 5_000.0,
                "entry_price": 3_300.0, "mark_price": 3_298.0, "isolated_margin": 2.0,
            },
            17: {
                "venue": "bybit", "symbol": "BTCUSDT", "margin_mode": "cross", "account": "UTA",
                "side": "short", "size": 0.5, "entry_price": 97_000.0, "mark_price": 97_400.0,
                "leverage": 10.0,
            },
        },
        {
            5: {"account": "coins", "venue": "binance_coinm", "wallet_balance": 0.5,
                "currency": "BTC", "price": 97_400.0},
            6: {"account": "more coins", "venue": "binance_coinm", "wallet_balance": 3.0,
                "currency": "BTC"},
            7: {"account": "uta", "venue": "bybit", "wallet_balance": 9_000.0, "currency": "USDT",
                "collateral_mode": "multi"},
            8: {"account": "uta", "venue": "bybit", "wallet_balance": 1.5, "currency": "ETH",
                "price": 3_298.0, "collateral_mode": "multi", "collateral_weight": 0.9},
            9: {"account": "idle", "venue": "gate", "wallet_balance": -5.0, "currency": "USDC"},
        },
    ),
    "what cannot be used": (
        {2: {"side": "both"}, 4: {"margin_mode": "portfolio"}, 8: {"isolated_margin": "much"}},
        {
            2: {"wallet_balance": "a lot"},
            3: {"venue": "nowhere"},
            5: {"account": "x", "venue": "gate", "wallet_balance": 1.0, "collateral_mode": "all"},
            6: {"account": "y", "venue": "gate", "wallet_balance": 1.0, "price": "dear"},
            7: {"account": "z", "venue": "gate", "wallet_balance": 1.0, "collateral_weight": 2.0},
            8: {"account": "without a venue", "wallet_balance": 1.0},
        },
    ),
}  # fmt: skip


# The hosts differ in the names of formulas only.
@pytest.mark.parametrize(
    ("name", "host"),
    [*((name, "calc") for name in CHANGES), (next(iter(CHANGES)), "lite"),
     (next(iter(CHANGES)), "classic")],
)  # fmt: skip
def test_after_changes_every_formula_is_what_python_computes(
    office: Office, tmp_path: Path, name: str, host: str
) -> None:
    of_positions, of_accounts = CHANGES[name]
    after, wallets = changed(book(), of_positions), changed(purse(), of_accounts)
    expected = stored_values(
        built(
            after,
            tmp_path / "after.xlsx",
            accounts=wallets,
            host=host,
            spare_rows=len(book()) + SPARE - len(after),
            spare_accounts=len(purse()) + SPARE_ACCOUNTS - len(wallets),
        )
    )
    with office.open(built(book(), tmp_path / "before.xlsx", host=host)) as document:
        put(document, of_positions, of_accounts)
        found = calculated(document, expected)
    assert differences(expected, found) == []
    # And past the builder: the core's own answers.
    core = ringfence.evaluate(after, accounts=wallets, as_of=SAMPLE_DAY)
    ranked = {
        found["Risk", f"O{layout.RISK_HEAD + at}"]: found["Risk", f"J{layout.RISK_HEAD + at}"]
        for at in range(1, len(after) + 1)
    }
    prices = core["liquidation_price"]
    for row, price in enumerate(prices, 1):
        if price == price:
            assert ranked[row] == pytest.approx(price, rel=TOLERANCE)
        else:
            assert ranked[row] in ("", "never")


def test_the_dashboard_says_what_the_core_does(office: Office, tmp_path: Path) -> None:
    its = book()
    its.loc[12, "mark_price"] = 39.0
    risk = assess_table(its, accounts=from_frame(purse()), as_of=SAMPLE_DAY)
    with office.open(built(book(), tmp_path / "book.xlsx", host="calc")) as document:
        put(document, {13: {"mark_price": 39.0}}, {})
        document.recalculate_hard()
        shown = {at: document.value("Dashboard", at) for at in ("B5", "B7", "H5", "P5", "P10")}
        free = document.value("Accounts", "C4")
    assert free == pytest.approx(26_000 - risk.boxes.wallet[2:4].sum(), rel=TOLERANCE)
    figures = exposure(risk)
    assert risk.pools
    state = risk.pools.state
    assert shown == {
        "B5": pytest.approx(figures.equity, rel=TOLERANCE),
        "B7": pytest.approx(figures.effective_leverage, rel=TOLERANCE),
        "H5": pytest.approx(state.wallet.sum(), rel=TOLERANCE),
        "P5": pytest.approx((state.requirement / state.equity).max(), rel=TOLERANCE),
        "P10": pytest.approx(joint_shock(risk).first_down, rel=TOLERANCE),
    }


def test_a_row_cleared_in_the_middle_is_a_blank_row(office: Office, tmp_path: Path) -> None:
    cleared = 4
    path = built(book(), tmp_path / "book.xlsx", host="calc")
    rest = built(
        book().drop(index=cleared - 1), tmp_path / "rest.xlsx", host="calc", spare_rows=SPARE + 1
    )
    sheets = ("Dashboard", "Risk", "Pools", "Accounts")
    expected = {
        at: value
        for at, value in stored_values(rest).items()
        if at[0] in sheets and not (at[0] == "Risk" and at[1].startswith("O"))  # the row's number
    }
    with office.open(path) as document:
        first, last = positions.SHEET.letter["venue"], positions.SHEET.letter["as_of"]
        row = HEAD + cleared
        document.fill("Positions", f"{first}{row}:{last}{row}", [[None] * len(INPUTS)])
        assert differences(expected, calculated(document, expected)) == []
        assert document.value("Positions", f"A{row}") == ""


def test_an_account_cleared_in_the_middle_is_a_blank_row(office: Office, tmp_path: Path) -> None:
    path = built(book(), tmp_path / "book.xlsx", host="calc")
    rest = built(
        book(),
        tmp_path / "rest.xlsx",
        host="calc",
        accounts=purse().drop(index=1),
        spare_accounts=SPARE_ACCOUNTS + 1,
    )
    expected = {
        at: value
        for at, value in stored_values(rest).items()
        if at[0] in ("Dashboard", "Risk", "Pools", "Positions")
    }
    with office.open(path) as document:
        row = accounts_sheet.HEAD + 2
        document.fill("Accounts", f"B{row}:H{row}", [[None] * len(WALLET_INPUTS)])
        assert differences(expected, calculated(document, expected)) == []


def many(rows: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A longer book: the sample over and over, each time in accounts of its own."""
    books, purses = [], []
    for turn in range(-(-rows // len(book()))):
        its, held = book(), purse()
        its["mark_price"] *= 1 + 0.004 * ((turn * 7) % 11 - 5)
        for frame in (its, held):
            frame["account"] += f" {turn}"
        books.append(its)
        purses.append(held)
    return pd.concat(books, ignore_index=True).head(rows), pd.concat(purses, ignore_index=True)


def test_300_positions_in_88_accounts_are_right(office: Office, tmp_path: Path) -> None:
    its, held = many(300)
    path = built(its, tmp_path / "book.xlsx", accounts=held)
    stored = stored_values(path)
    assert stored["Pools", f"A{layout.POOLS_HEAD + 64}"] == 64
    with office.open(path) as document:
        assert differences(stored, calculated(document, stored)) == []


@pytest.mark.parametrize("accounts", [None, "all"])
@pytest.mark.parametrize("mode", ["isolated", "cross", "none"])
def test_books_of_one_kind_or_of_none(
    office: Office, tmp_path: Path, mode: str, accounts: str | None
) -> None:
    its = book()
    path = built(
        its[its["margin_mode"] == mode],
        tmp_path / "book.xlsx",
        host="calc",
        accounts=purse() if accounts else None,
    )
    stored = stored_values(path)
    assert not [at for at, value in stored.items() if str(value).startswith("#")]
    with office.open(path) as document:
        assert differences(stored, calculated(document, stored)) == []


@pytest.mark.parametrize("name", ["account", "venue", "wallet_balance"])
def test_a_column_of_accounts_that_stands_there_twice_is_refused_again(
    office: Office, tmp_path: Path, name: str
) -> None:
    doubled = purse()
    doubled[name.upper()] = doubled[name]
    path = built(book(), tmp_path / "book.xlsx", host="calc", accounts=doubled)
    assert wrong_in(office, path) == []


HOSTILE = [
    "=1+1", "+1+1", "-2+3", "@SUM(A1)", "#N/A", "<v>1</v>", "'quoted", "*", "b?d", ">0", "TRUE",
    "never", "error", "binance", "two  words", "ÄÖ",
]  # fmt: skip


@pytest.mark.parametrize("where", ["everywhere", "account"])
def test_hostile_text_is_text_there_too(office: Office, tmp_path: Path, where: str) -> None:
    good = {"venue": "binance", "symbol": "BTCUSDT", "margin_mode": "cross", "side": "long",
            "size": 1, "entry_price": 97_000, "leverage": 5}  # fmt: skip
    wallet = {"venue": "binance", "wallet_balance": 30_000}
    if where == "everywhere":
        good, wallet = dict.fromkeys(INPUTS), dict.fromkeys(WALLET_INPUTS)
    its = [{**dict.fromkeys(good, text), **_kept(good), "account": text} for text in HOSTILE]
    held = [{**dict.fromkeys(wallet, text), **_kept(wallet), "account": text} for text in HOSTILE]
    path = built(pd.DataFrame(its), tmp_path / "book.xlsx", accounts=pd.DataFrame(held))
    assert wrong_in(office, path) == []


def _kept(cells: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in cells.items() if value is not None}


def test_the_thresholds_are_the_users(office: Office, tmp_path: Path) -> None:
    with office.open(built(book(), tmp_path / "book.xlsx", host="calc")) as document:
        document.set("Risk", "L4", 0.3)
        document.recalculate_hard()
        lights = [row[0] for row in document.values("Pools", "B6:B8")]
        document.set("Risk", "I4", 0.05)
        document.recalculate_hard()
        stricter = [row[0] for row in document.values("Pools", "B6:B8")]
    assert lights == ["Amber", "Green", "Green"]
    assert stricter == ["Red", "Red", "Green"]


def test_more_pools_than_there_is_room_for_are_told(office: Office, tmp_path: Path) -> None:
    its, held = many(300)
    path = built(
        book(), tmp_path / "book.xlsx", host="calc", spare_rows=300, spare_accounts=len(held)
    )
    cells = its.reindex(columns=list(INPUTS[:-1])).astype(object).to_numpy().tolist()
    rows = [[None if pd.isna(cell) else cell for cell in row] for row in cells]
    with office.open(path) as document:
        letters, top = positions.SHEET.letter, HEAD + 1
        first, last = letters["venue"], letters["funding_rate"]
        document.fill("Positions", f"{first}{top}:{last}{top + 299}", rows)
        top = accounts_sheet.HEAD + 1
        document.fill("Accounts", f"B{top}:D{top + len(held) - 1}", held.to_numpy().tolist())
        document.recalculate_hard()
        told, first_pool = document.value("Dashboard", "B3"), document.value("Pools", "A6")
    assert str(told).startswith("There are more pools than")
    assert first_pool == 1


def test_without_ringfence_nothing_false_is_said(bare_office: Office, tmp_path: Path) -> None:
    path = built(book(), tmp_path / "book.xlsx", host="lite")
    with bare_office.open(path) as document:
        document.recalculate_hard()
        told = document.value("Dashboard", "B3")
        status = document.value("Positions", f"{positions.SHEET.letter['status']}{HEAD + 1}")
    assert str(status) == "error: RF_RISK gave no answer; is Ringfence running?"
    assert str(told).startswith("14 of the rows cannot be computed")
