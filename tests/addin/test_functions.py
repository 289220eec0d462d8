"""The RF_ formulas: frozen signatures, the core's answers, and never an exception."""

import inspect
import math
from datetime import date
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ringfence
import ringfence.dynamics
from addin.test_cells import CELL_VALUES
from core.strategies import positions
from ringfence import venues
from ringfence.book import OUTPUTS
from ringfence_addin import functions
from ringfence_addin.cells import CellError
from ringfence_addin.functions import FORMULAS

POSITION = (
    "venue", "symbol", "side", "size", "entry_price", "isolated_margin", "leverage", "mark_price",
    "mmr", "maintenance_amount", "taker_fee_rate", "contract_type", "contract_size",
    "funding_rate", "as_of",
)  # fmt: skip
# Names and order live in people's workbooks: this list grows, it does not change.
FROZEN = {
    "RF_LIQ_PRICE": POSITION,
    "RF_MARGIN_RATIO": POSITION,
    "RF_MAINT_MARGIN": POSITION,
    "RF_INIT_MARGIN": POSITION,
    "RF_BANKRUPTCY_PRICE": POSITION,
    "RF_LIQ_DISTANCE": POSITION,
    "RF_RISK": ("positions", "as_of", "accounts"),
    "RF_TIERS": ("venue", "symbol", "contract_type"),
    "RF_VENUES": (),
    "RF_VENUE_LIQ_PRICE": (*POSITION, "tick"),
    "RF_TOP_UP": (*POSITION, "target_price", "target_ratio"),
    "RF_WITHDRAWABLE": POSITION,
    "RF_FUNDING_DAYS": (*POSITION, "interval_hours", "account_free"),
    "RF_AUTO_ADD": (*POSITION, "account_free"),
    "RF_LIQ_PATH": (*POSITION, "slippage", "gap"),
    "RF_MAX_SIZE": (
        "venue", "symbol", "side", "entry_price", "sigmas", "volatility", "days",
        "isolated_margin", "leverage", "mark_price", "mmr", "maintenance_amount",
        "taker_fee_rate", "contract_type", "contract_size", "funding_rate", "as_of",
        "interval_hours",
    ),
    "RF_TOUCH_PROB": ("mark_price", "barrier", "volatility", "days", "side"),
    "RF_STOP_CHECK": (
        *POSITION[:5], "stop_price", *POSITION[5:], "slippage", "account_equity",
    ),
    "RF_COMPARE_MODES": (*POSITION[:5], "wallet_balance", *POSITION[5:]),
    "RF_CROSS_LIQ_PRICE": ("positions", "accounts", "row", "as_of"),
    "RF_ACCOUNTS": ("positions", "accounts", "as_of"),
    "RF_ACCOUNT_RATIO": ("positions", "accounts", "account", "venue", "as_of"),
    "RF_STRESS": ("positions", "moves", "accounts", "as_of"),
    "RF_STRESS_ROWS": ("positions", "moves", "accounts", "as_of"),
    "RF_HEAT_MAP": (
        "positions", "coin_1", "moves_1", "coin_2", "moves_2", "accounts", "as_of",
    ),
    "RF_JOINT_SHOCK": ("positions", "betas", "accounts", "as_of"),
    "RF_EXPOSURE": ("positions", "accounts", "idle", "as_of"),
}  # fmt: skip
SCALARS = {
    "RF_LIQ_PRICE": "liquidation_price",
    "RF_MARGIN_RATIO": "margin_ratio",
    "RF_MAINT_MARGIN": "maintenance_margin",
    "RF_INIT_MARGIN": "initial_margin",
    "RF_BANKRUPTCY_PRICE": "bankruptcy_price",
    "RF_LIQ_DISTANCE": "liquidation_distance",
}
SOUND: dict[str, Any] = {
    "positions": [
        ["venue", "symbol", "side", "size", "entry_price", "leverage", "margin_mode"],
        ["binance", "BTCUSDT", "long", 1.0, 60_000.0, 20.0, ""],
        ["gate", "BTC_USDT", "short", 10.0, 60_000.0, 20.0, "cross"],
        ["a", "b", "c", 1, 2, 3, "d"],
    ],
    "accounts": [["account", "venue", "wallet_balance"], ["", "gate", 50.0]],
    "moves": [[-0.5], [0.1]],
    "moves_1": [[-0.1]],
    "moves_2": [[0.1, 0.2]],
    "coin_1": "BTC",
    "coin_2": "ETH",
    "betas": [["BTC", 1.0]],
    "row": 1.0,
    "stop_price": 58_500.0,
    "wallet_balance": 1e6,
    "account_free": 100.0,
    "target_ratio": 0.5,
    "sigmas": 3.0,
    "volatility": 0.6,
    "days": 7.0,
    "barrier": 55_000.0,
}
BTC = ("binance", "BTCUSDT", "long", 50.0, 60_000.0, None, 20.0)


def without_zeros(position: dict[str, Any]) -> dict[str, Any]:
    """In cells a zero is a blank: hosts cannot tell the two apart."""
    return {name: value for name, value in position.items() if value != 0}


def test_names_and_argument_order_are_frozen() -> None:
    assert {name: tuple(a.name for a in f.arguments) for name, f in FORMULAS.items()} == FROZEN


@pytest.mark.parametrize("name", FORMULAS)
def test_help_and_signature_fit_excel(name: str) -> None:
    formula = FORMULAS[name]
    assert 1 <= len(formula.doc) <= 255
    for argument in formula.arguments:
        assert 1 <= len(argument.doc) <= 255
    for parameter in inspect.signature(formula.function).parameters.values():
        assert parameter.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD  # xlwings takes no others
    assert formula.function is getattr(functions, name)  # the decorators hand it back as it is


@given(positions())
def test_scalar_formulas_are_the_core(position: dict[str, Any]) -> None:
    position = without_zeros(position)
    arguments = [position.get(name) for name in POSITION]
    try:
        risk = ringfence.assess(**position)._asdict()
    except ringfence.RingfenceError:
        assert functions.RF_LIQ_PRICE(*arguments) == CellError.VALUE
        return
    for name, column in SCALARS.items():
        value = risk[column]
        shown = "never" if value is None else "bankrupt" if value == float("inf") else value
        assert FORMULAS[name].function(*arguments) == shown


@settings(max_examples=30)
@given(st.lists(positions(), min_size=1, max_size=8))
def test_rf_risk_is_evaluate(rows: list[dict[str, Any]]) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))
    table = [names, *([row.get(name) for name in names] for row in rows)]
    head, *body = functions.RF_RISK(table)
    assert head == list(functions.RISK_COLUMNS)
    assert head[: len(OUTPUTS)] == list(OUTPUTS)
    risk = ringfence.evaluate(pd.DataFrame([without_zeros(row) for row in rows]))
    for line, (_, row) in zip(body, risk.iterrows(), strict=True):
        for name, cell in zip(OUTPUTS, line, strict=False):
            if cell == "never":
                assert row["status"] == "never liquidated"
            elif cell == "bankrupt":
                assert row[name] == float("inf")
            elif cell == "":
                assert pd.isna(row[name])
            else:
                assert cell == row[name]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((None, "BTCUSDT", "long", 1.0, 1.0, 1.0), CellError.NA),
        (("binance", "BTCUSDT", None, 1.0, 1.0, 1.0), CellError.NA),
        (("binance", "BTCUSDT", "long", 1.0, 1.0), CellError.NA),
        (("binance", "NOSUCH", "long", 1.0, 1.0, 1.0), CellError.VALUE),
        (("binance", "BTCUSDT", "long", "60,000", 1.0, 1.0), CellError.VALUE),
        (("nowhere", "BTCUSDT", "long", 1.0, 1.0, 1.0), CellError.VALUE),
        (("binance", "BTCUSDT", "long", -1.0, 1.0, 1.0), CellError.VALUE),
        (("binance", "BTCUSDT", "long", "#N/A", 1.0, 1.0), CellError.NA),
        (("binance", "BTCUSDT", "long", 10**400, 1.0, 1.0), CellError.VALUE),
        (("binance", "BTCUSDT", "long", 1e300, 1e300, 1.0), CellError.VALUE),
    ],
)
def test_errors_are_error_values(arguments: tuple[Any, ...], error: CellError) -> None:
    assert functions.RF_LIQ_PRICE(*arguments) is error


@settings(max_examples=300)
@given(st.sampled_from(sorted(FORMULAS)), st.data())
def test_a_formula_never_raises(name: str, data: st.DataObject) -> None:
    formula = FORMULAS[name]
    sound = dict(zip(POSITION, BTC, strict=False)) | SOUND
    arguments = [
        data.draw(CELL_VALUES) if data.draw(st.booleans()) else sound.get(argument.name)
        for argument in formula.arguments
    ]
    result = formula.function(*arguments)
    rows = result if formula.returns_table else [[result]]
    assert all(isinstance(cell, (str, float, int)) for row in rows for cell in row)
    assert len({len(row) for row in rows}) == 1


def test_rf_risk_says_why() -> None:
    head, *rows = functions.RF_RISK(
        [["venue", "symbol", "side", "size", "entry_price", "leverage"],
         ["binance", "BTCUSDT", "long", 1, 60_000, 20],
         ["binance", "=cmd|'/C calc'!A0", "long", 1, 60_000, 20],
         ["binance", "BTCUSDT", "long", "60,000", 60_000, 20],
         ["binance", "BTCUSDT", "long", "#REF!", 60_000, 20]],
    )  # fmt: skip
    status = [row[head.index("status")] for row in rows]
    assert status[0] == "ok"
    assert status[1].startswith("error: symbol: \"=cmd|'/C calc'!A0\" has no tiers on file")
    assert status[2].startswith("error: size: '60,000' is not a number above 0")
    assert status[3].startswith("error: size: '#REF!' is not a number above 0")
    assert functions.RF_RISK("nothing")[1][0].startswith("error: positions: ")
    refused = functions.RF_RISK(SOUND["positions"], None, "nothing")
    assert refused[1][0].startswith("error: accounts: give a range with a header row")


def test_rf_risk_says_what_it_settles_in_and_leaves_blank_rows_blank() -> None:
    head, *rows = functions.RF_RISK(
        [["venue", "symbol", "side", "size", "entry_price", "leverage"],
         ["binance", "BTCUSDT", "long", 1, 60_000, 20],
         [None, "", None, None, None, 0],
         ["binance_coinm", "BTCUSD_PERP", "long", 10, 60_000, 20],
         ["binance", "ETHBTC", "long", 10, 0.04, 20],
         ["binance", "NOSUCH", "long", 10, 0.04, 20]],
    )  # fmt: skip
    last = [row[head.index("contract_type") :] for row in rows]
    assert last == [
        ["linear", "USDT", 1.0],
        ["", "", ""],
        ["inverse", "BTC", 60_000.0],
        ["linear", "BTC", ""],
        ["", "", ""],
    ]
    assert rows[1] == [""] * len(head)


def test_rf_tiers_and_venues() -> None:
    head, *rows = functions.RF_TIERS("Binance", "btc/usdt:usdt")
    assert head[0] == "floor (quote)"
    assert rows[0] == [0.0, 0.004, 150.0, 0.0]
    assert functions.RF_TIERS("binance", "NOSUCH")[0][0].startswith("error: symbol: ")
    assert functions.RF_TIERS(None, None)[0][0].startswith("error: ")
    head, *rows = functions.RF_VENUES()
    assert list(dict.fromkeys(row[0] for row in rows)) == list(venues.names())
    assert all(row[head.index("source")].startswith("https://") for row in rows)
    assert functions.venues_table(date(2025, 9, 1)) != functions.venues_table(date(2025, 9, 2))


# A book of two boxes and a cross position


def book() -> tuple[list[list[Any]], list[list[Any]]]:
    return SOUND["positions"][:3], SOUND["accounts"]


def test_cross_formulas_are_the_core() -> None:
    positions, accounts = book()
    head, *rows = functions.RF_RISK(positions, None, accounts)
    price = rows[1][head.index("liquidation_price")]
    assert functions.RF_CROSS_LIQ_PRICE(positions, accounts, 2) == price
    assert functions.RF_CROSS_LIQ_PRICE(positions, accounts, 3) == CellError.VALUE
    assert functions.RF_CROSS_LIQ_PRICE(positions, None, 2) == CellError.VALUE
    ratio = rows[1][head.index("margin_ratio")]
    assert functions.RF_ACCOUNT_RATIO(positions, accounts) == ratio
    assert functions.RF_ACCOUNT_RATIO(positions, accounts, "nobody") == CellError.NA
    names, pool = functions.RF_ACCOUNTS(positions, accounts)
    assert dict(zip(names, pool, strict=True))["margin_ratio"] == ratio
    assert functions.RF_ACCOUNTS(positions[:2], accounts) == [names]
    assert functions.RF_ACCOUNTS(positions, None)[0][0].startswith("error: account: ")
    assert functions.RF_CROSS_LIQ_PRICE(positions, accounts, math.nan) == CellError.NA


def test_shocks_in_every_form() -> None:
    positions, accounts = book()
    head, *plain = functions.RF_STRESS(positions, [[-0.1], ["10%"], [None]], accounts)
    assert head == list(functions.STRESS_COLUMNS)
    assert [row[0] for row in plain] == [-0.1, 0.1]
    named = [["event", "BTC", "*"], ["crash", -0.1, -0.1], ["calm", None, 0]]
    _, crash, calm = functions.RF_STRESS(positions, named, accounts)
    assert crash == ["crash", *plain[0][1:]]
    assert calm[2] == 0
    _, *mixed = functions.RF_STRESS(positions, [[-0.1], [-1.5], ["lots"]], accounts)
    assert mixed[0] == plain[0]
    assert [row[0] for row in mixed[1:]] == ["-1.5", "lots"]
    assert mixed[1][-1].startswith("error: moves: -1.5 ")
    assert mixed[2][-1].startswith("error: moves: ")
    assert {*mixed[1][1:-1]} == {""}
    assert functions.RF_STRESS(positions, [[0.1, 0.2]], accounts)[0][0] == (
        "error: moves: several columns need a header row: event, BTC, ETH ..."
    )
    assert functions.RF_STRESS(positions, [["move"], [-0.1]], accounts)[1][1:] == plain[0][1:]
    without = functions.RF_STRESS(positions, -0.1)
    assert without[1][head.index("errors")] > 0
    assert functions.RF_STRESS_ROWS(positions, -0.1)[2][0].startswith("error: account: ")
    assert functions.RF_STRESS_ROWS(positions, [["BTC"]], accounts)[0][0] == (
        "error: moves: give one shock"
    )
    still = functions.RF_JOINT_SHOCK(positions, [["asset", "beta"], ["BTC", 0]], accounts)
    assert still[0][0] == "direction"
    outcomes = functions.RF_STRESS_ROWS(positions, -0.1, accounts)
    assert [row[0] for row in outcomes] == ["outcome", "fails", "holds"]
    grid = functions.RF_HEAT_MAP(positions, "btc", [[-0.1], [0.1]], "ETH", [[0.0, 0.5]], accounts)
    assert grid[0] == ["BTC \\ ETH", 0.0, 0.5]
    assert grid[1][1] == pytest.approx(plain[0][3])
    assert len(grid) == 3


def test_blank_rows_are_no_errors() -> None:
    positions, _ = book()
    accounts = [["venue", "wallet_balance"], ["gate", 8_000]]
    names = [str(name) for name in positions[0]]
    rows = [[None if n == "account" else c for n, c in zip(names, row, strict=True)]
            for row in positions[1:]]  # fmt: skip
    spaced = [names, rows[0], [None] * len(names), *rows[1:], [None] * len(names)]
    head, *risk = functions.RF_RISK(spaced, None, accounts)
    assert {*risk[1]} == {""}
    assert risk[2][head.index("status")] == "ok"
    stress = dict(zip(*functions.RF_STRESS(spaced, -0.01, accounts), strict=True))
    assert (stress["errors"], stress["not_counted"]) == (0, 0)
    assert functions.RF_STRESS_ROWS(spaced, -0.01, accounts)[2] == ["", ""]
    figures = {row[1]: row[2] for row in functions.RF_EXPOSURE(spaced, accounts)}
    assert (figures["errors"], figures["not_counted"]) == (0, 0)


def test_joint_shock_and_exposure() -> None:
    positions, accounts = book()
    _, down, up = functions.RF_JOINT_SHOCK(positions, None, accounts)
    assert down[0] == "down"
    assert down[2] == 1  # the long box is the first to go
    assert up[2] == 2
    half = functions.RF_JOINT_SHOCK(positions, [["coin", "beta"], ["BTC", 0.5]], accounts)
    assert half[1][1] == pytest.approx(2 * down[1])
    rows = functions.RF_EXPOSURE(positions, accounts, 100)
    figures = {row[1]: row[2] for row in rows if row[0] == "total"}
    assert figures["boxes"] == 1
    assert figures["pools"] == 1
    assert figures["equity"] == pytest.approx(3_000 + 50 + 100)


def test_size_and_time_formulas_are_the_core() -> None:
    arguments = dict(zip(POSITION, BTC, strict=False))
    position = {name: value for name, value in arguments.items() if value is not None}
    assert functions.RF_TOP_UP(*BTC, *[None] * 8, 55_000) == ringfence.dynamics.top_up(
        target_price=55_000, **position
    )
    assert functions.RF_TOP_UP(*BTC) == CellError.VALUE
    assert functions.RF_TOP_UP(*BTC, *[None] * 9, "50%") == ringfence.dynamics.top_up(
        target_ratio=0.5, **position
    )
    assert functions.RF_FUNDING_DAYS(*BTC) == CellError.NA  # no funding_rate
    assert functions.RF_FUNDING_DAYS(*BTC[:7], *[None] * 6, -0.0001) == "never"
    boxed = (*BTC[:5], 200_000, None)
    assert functions.RF_WITHDRAWABLE(*boxed) == CellError.NA  # no leverage
    assert functions.RF_WITHDRAWABLE(*boxed[:6], 20) > 0
    assert functions.RF_TOUCH_PROB(60_000, "never", 0.6, 7) == 0
    assert functions.RF_TOUCH_PROB(60_000, None, 0.6, 7) == CellError.NA
    assert functions.RF_TOUCH_PROB(60_000, 65_000, 0.6, 7, "long") == 1
    assert functions.RF_TOUCH_PROB(60_000, 65_000, 60, 7) == CellError.VALUE
    move = (3, 1, 30)
    opened = ("binance", "BTCUSDT", "long", 60_000)
    assert functions.RF_MAX_SIZE(*opened, *move, None, 100) == 0
    for blank in range(3):
        given = [None if at == blank else value for at, value in enumerate(move)]
        assert functions.RF_MAX_SIZE(*opened, *given, None, 100) == CellError.NA
    rest = (None, 100, *[None] * 8)
    assert functions.RF_MAX_SIZE(*opened, *move, *rest, "abc") == CellError.VALUE
    assert functions.RF_MAX_SIZE(*opened, *move, *rest, "8") == 0
    head, *modes = functions.RF_COMPARE_MODES(*BTC[:5], 400_000, *BTC[5:])
    assert [row[head.index("liquidation_price")] for row in modes][-1] == "never"
    assert modes[-1][-1] == "needs 3e+06, more than wallet_balance 400000"
    none = functions.RF_COMPARE_MODES("gmx", "BTC", "long", 1, 60_000, 1e5, None, 10)[3]
    assert none[1:] == [""] * 5 + ["margin_mode: gmx has no cross margin on file"]
    early = functions.RF_STOP_CHECK(*BTC[:5], 58_500, *BTC[5:], *[None] * 8, 0.05)
    assert early[1][early[0].index("first")] == "stop"
    assert early[1][early[0].index("note")].startswith("the fill at 55575 lies beyond")
    assert functions.RF_AUTO_ADD(*BTC)[0][0].startswith("error: account_free: missing")
    path = functions.RF_LIQ_PATH("okx", "BTC-USDT-SWAP", "long", 8_000, 60_000, None, 10)
    assert [row[1] for row in path] == [
        "action", "step_down", "take_over", "to_trader", "to_venue", "fees",
        "to_market", "left_in_box", "shortfall", "fee_note",
    ]  # fmt: skip
    assert path[-1][2] == "fee as on file"
    assert functions.RF_LIQ_PATH(*BTC, *[None] * 9, 0) == functions.RF_LIQ_PATH(*BTC)
    assert functions.RF_LIQ_PATH(*BTC, *[None] * 9, 1e-6)[0][0].startswith("error: gap: 1e-06")
