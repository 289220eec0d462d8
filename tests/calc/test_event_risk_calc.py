"""The template event_risk in a real LibreOffice: its formulas give what Python computes."""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from calc import compare
from calc.compare import TOLERANCE, calculated, changed, differences, stored_values, wrong_in
from ringfence import stress
from ringfence.accounts import from_frame
from ringfence.book import assess_table
from ringfence_addin.office.session import Document, Office
from ringfence_templates.__main__ import SAMPLE_DAY, SAMPLES, sample, sample_book
from ringfence_templates.event_risk import accounts as accounts_sheet
from ringfence_templates.event_risk import frame, layout
from ringfence_templates.event_risk.layout import (
    BETA_INPUTS,
    COINS,
    EVENT_FIGURES,
    EVENT_INPUTS,
    HEAT,
    HEAT_COIN_CELLS,
    MOVE_INPUTS,
    STEPS,
)
from ringfence_templates.event_risk.scenarios import SCENARIOS, Scenarios
from ringfence_templates.isolated_book.positions import SHEET
from ringfence_templates.positions_sheet import HEAD

SHIPPED = Path(__file__).parents[2] / "templates" / "event_risk.xlsx"
SPARE = 20


def book() -> pd.DataFrame:
    return sample(SAMPLES["event_risk"].positions)


def purse() -> pd.DataFrame:
    return sample(str(SAMPLES["event_risk"].accounts))


built = partial(compare.built, "event_risk")


def put(document: Document, in_positions: compare.Changes, in_accounts: compare.Changes) -> None:
    """Type into rows of the two tables, counted from 1."""
    compare.put(document, "Positions", SHEET.letter, HEAD, in_positions)
    compare.put(document, "Accounts", accounts_sheet.LETTER, accounts_sheet.HEAD, in_accounts)


# What is typed into Positions and into Accounts: each gets one new row
CHANGES: dict[str, tuple[dict[int, dict[str, Any]], dict[int, dict[str, Any]]]] = {
    "other figures": (
        {
            1: {"mark_price": 90_000.0, "size": 4.0},
            6: {"margin_mode": "cross"},
            7: {"mark_price": 20.0},  # liquidated, and bankrupt
            9: {"size": 300.0},
            15: {
                "venue": "okx", "symbol": "SOL-USDT-SWAP", "margin_mode": "isolated",
                "account": "basis", "side": "long", "size": 300.0, "entry_price": 190.0,
                "mark_price": 186.0, "leverage": 10.0,
            },
        },
        {
            1: {"wallet_balance": 70_000.5},
            2: {"wallet_balance": 30_000.0, "currency": "USDT"},
            5: {"account": "idle", "venue": "bybit", "wallet_balance": 1_000.0},
        },
    ),
    "rows that cannot be used": (
        {
            2: {"symbol": "NOSUCHUSDT"},  # an error, and so is the rest of its pool
            8: {"size": "many"},
            10: {"account": "nobody"},
            15: {"venue": "binance", "symbol": "=1+1", "account": "*"},
        },
        {
            4: {"wallet_balance": "lots"},
            5: {"account": "*", "venue": "nowhere", "wallet_balance": 1.0},
        },
    ),
    "a venue without cross margin": (
        {
            15: {
                "venue": "gmx", "symbol": "BTC", "side": "long", "size": 0.5,
                "entry_price": 97_000.0, "mark_price": 97_400.0, "leverage": 10.0,
            },
        },
        {5: {"account": "k", "venue": "gmx", "wallet_balance": 900.0}},
    ),
}  # fmt: skip


@pytest.mark.parametrize("host", ["lite", "classic", "calc"])
@pytest.mark.parametrize("changes", CHANGES)
def test_after_changes_every_formula_is_what_python_computes(
    office: Office, tmp_path: Path, host: str, changes: str
) -> None:
    in_positions, in_accounts = CHANGES[changes]
    positions, accounts = changed(book(), in_positions), changed(purse(), in_accounts)
    chosen = replace(SCENARIOS, event=9)  # else each opens with its own worst
    after = built(
        positions,
        tmp_path / "after.xlsx",
        host=host,
        accounts=accounts,
        spare_rows=SPARE - 1,
        scenarios=chosen,
    )
    expected = stored_values(after)
    before = built(book(), tmp_path / "before.xlsx", host=host, scenarios=chosen)
    with office.open(before) as document:
        put(document, in_positions, in_accounts)
        found = calculated(document, expected)
        losses = [
            document.value(layout.EVENTS, EVENT_FIGURES.at("loss", row))
            for row in range(1, len(SCENARIOS.events) + 1)
        ]
    assert differences(expected, found) == []
    # And past the builder: the core's own answers.
    core = assess_table(positions, accounts=from_frame(accounts), as_of=SAMPLE_DAY)
    for loss, (_, moves) in zip(losses, SCENARIOS.events, strict=True):
        coins = dict(zip((*SCENARIOS.coins, "*"), (move or 0.0 for move in moves), strict=True))
        assert loss == pytest.approx(stress.shock(core, coins).loss, rel=TOLERANCE, abs=1e-6)


OTHER = Scenarios(
    coins=("btc ", "ETH", "BTC"),  # one of them twice
    events=(
        ("gains", (-0.1, -0.3, -0.3, -0.2)),
        ("text", (-0.1, "much", 0.1, 0.1)),
        (None, (-1.5, 0.1, 0.1, 0.1)),
        (None, (None, None, None, None)),
        ("alts", (0.0, 0.4, None, 0.5)),
    ),
    moves=(0.1, None, -0.1, "much", -2.0, 3.0),
    betas=(("BTC", 2.0), ("eth", None), (None, 3.0), ("*", -0.5)),
    heat_coins=("hype", "DOGE"),
    heat_moves=((-0.1, None, 0.1, 0.5), ("x", 0.2, -1.0)),
    event=5,
    one_move=None,
)


def type_scenarios(document: Document, its: Scenarios) -> None:
    """Into every input cell of the scenario sheets."""

    def fill_in(cell: str, value: Any, sheet: str) -> None:
        document.set(sheet, cell, value)

    coins = [*its.coins, *[None] * (len(COINS) - 1 - len(its.coins))]
    for column, coin in zip(COINS, coins, strict=False):
        fill_in(EVENT_INPUTS.at(column, 0), coin, layout.EVENTS)
    for row in range(1, EVENT_INPUTS.rows + 1):
        name, moves = its.events[row - 1] if row <= len(its.events) else (None, (None,))
        named = [*moves[:-1], *[None] * (len(COINS) - len(moves)), moves[-1]]
        fill_in(EVENT_INPUTS.at("event", row), name, layout.EVENTS)
        for column, move in zip(COINS, named, strict=True):
            fill_in(EVENT_INPUTS.at(column, row), move, layout.EVENTS)
    for row in range(1, MOVE_INPUTS.rows + 1):
        move = its.moves[row - 1] if row <= len(its.moves) else None
        fill_in(MOVE_INPUTS.at("move", row), move, layout.SHOCKS)
    for row in range(1, BETA_INPUTS.rows + 1):
        pair = its.betas[row - 1] if row <= len(its.betas) else (None, None)
        for column, value in zip(BETA_INPUTS.names, pair, strict=True):
            fill_in(BETA_INPUTS.at(column, row), value, layout.SHOCKS)
    for cell, coin in zip(reversed(HEAT_COIN_CELLS), its.heat_coins, strict=True):
        fill_in(cell, coin, layout.HEAT_MAP)
    for at, step in enumerate(STEPS):
        for cell, axis in zip(
            (HEAT.at("move", at + 1), HEAT.at(step, 0)), its.heat_moves, strict=True
        ):
            fill_in(cell, axis[at] if at < len(axis) else None, layout.HEAT_MAP)
    fill_in(layout.EVENT_CELL, its.event, layout.BOXES)
    fill_in(layout.ONE_MOVE_CELL, its.one_move, layout.BOXES)


@pytest.mark.parametrize(
    "other", [OTHER, replace(OTHER, one_move=-0.4), replace(SCENARIOS, event=3)]
)
def test_other_scenarios_typed_give_what_python_computes(
    office: Office, tmp_path: Path, other: Scenarios
) -> None:
    expected = stored_values(built(book(), tmp_path / "after.xlsx", scenarios=other))
    with office.open(built(book(), tmp_path / "before.xlsx")) as document:
        type_scenarios(document, other)
        assert differences(expected, calculated(document, expected)) == []


# Other books


def without_accounts() -> dict[str, Any]:
    return {"positions": book(), "accounts": None}


def boxes_only() -> dict[str, Any]:
    return {"positions": sample_book(), "accounts": None}


def of_every_kind() -> dict[str, Any]:
    """Linear and inverse boxes of another book beside the sample's, in accounts of their own."""
    return {"positions": pd.concat([sample_book(), book()], ignore_index=True)}


def no_account_named() -> dict[str, Any]:
    return {"positions": book().assign(account=None)}


def several_coins() -> dict[str, Any]:
    accounts = purse().astype(object)
    accounts.loc[0, ["currency", "collateral_mode"]] = ["USDT", "multi"]
    accounts.loc[4, ["account", "venue", "wallet_balance", "currency", "price"]] = [
        "market making", "binance", 0.5, "BTC", 97_400.0,
    ]  # fmt: skip
    accounts.loc[4, "collateral_mode"] = "multi"
    return {"positions": book(), "accounts": accounts}


def nothing() -> dict[str, Any]:
    return {"positions": book().head(0), "accounts": None, "spare_rows": 0}


def a_column_twice() -> dict[str, Any]:
    doubled = book()
    doubled["MARK_PRICE"] = doubled["mark_price"]
    return {"positions": doubled}


@pytest.mark.parametrize(
    "case",
    [
        without_accounts,
        boxes_only,
        of_every_kind,
        no_account_named,
        several_coins,
        nothing,
        a_column_twice,
    ],
)
def test_other_books_are_what_calc_computes(
    office: Office, tmp_path: Path, case: Callable[[], dict[str, Any]]
) -> None:
    stored = stored_values(built(path=tmp_path / "book.xlsx", **case()))
    with office.open(tmp_path / "book.xlsx") as document:
        assert differences(stored, calculated(document, stored)) == []


def test_200_positions_are_right(office: Office, tmp_path: Path) -> None:
    turns = []
    for turn in range(math.ceil(200 / len(book()))):
        more = book()
        more["mark_price"] *= 1 + 0.004 * ((turn * 7) % 11 - 5)
        more["account"] = more["account"] + f" {turn}"
        turns.append(more)
    positions = pd.concat(turns, ignore_index=True).head(200)
    accounts = pd.concat(
        [purse().assign(account=purse()["account"] + f" {turn}") for turn in range(len(turns))],
        ignore_index=True,
    )
    path = built(positions, tmp_path / "book.xlsx", accounts=accounts)
    assert wrong_in(office, path) == []


def test_a_row_cleared_in_the_middle_is_a_blank_row(office: Office, tmp_path: Path) -> None:
    cleared = 8
    rest = built(book().drop(index=cleared - 1), tmp_path / "rest.xlsx", spare_rows=SPARE + 1)
    expected = {
        at: value
        for at, value in stored_values(rest).items()
        if at[0] in (layout.EVENTS, layout.MODES, layout.HEAT_MAP)
    }
    with office.open(built(book(), tmp_path / "book.xlsx")) as document:
        first, last = SHEET.letter["venue"], SHEET.letter["as_of"]
        row = HEAD + cleared
        document.fill("Positions", f"{first}{row}:{last}{row}", [[None] * 17])
        assert differences(expected, calculated(document, expected)) == []
        shown = document.values(layout.BOXES, f"B{layout.BOX_ROWS_HEAD + cleared}:K{row + 20}")
    assert set(shown[0]) == {""}
    assert shown[1][0] == cleared + 1


def test_without_ringfence_the_sheets_say_so(bare_office: Office, tmp_path: Path) -> None:
    path = built(book(), tmp_path / "book.xlsx", host="lite")
    with bare_office.open(path) as document:
        document.recalculate_hard()
        warnings = [document.value(name, "B3") for name in layout.SHEETS[:5]]
        loss = document.value(layout.EVENTS, EVENT_FIGURES.at("loss", 1))
    assert warnings == [frame.NO_ANSWER] * 5
    assert loss == ""
