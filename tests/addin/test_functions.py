"""The RF_ formulas: frozen signatures, the core's answers, and never an exception."""

import inspect
from datetime import date
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ringfence
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
}
SCALARS = {
    "RF_LIQ_PRICE": "liquidation_price",
    "RF_MARGIN_RATIO": "margin_ratio",
    "RF_MAINT_MARGIN": "maintenance_margin",
    "RF_INIT_MARGIN": "initial_margin",
    "RF_BANKRUPTCY_PRICE": "bankruptcy_price",
    "RF_LIQ_DISTANCE": "liquidation_distance",
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
    sound = dict(zip(POSITION, BTC, strict=False)) | {"positions": [["venue", "side"], ["a", "b"]]}
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
