"""Positions as a whole: the definition holds at the answer; scalar, table and order agree."""

import math
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import ringfence
from core.strategies import floats, positions
from ringfence.book import OUTPUTS
from ringfence.errors import RuleMissingError


def risk_of(position: dict[str, Any]) -> ringfence.Risk:
    try:
        return ringfence.assess(**position)
    except RuleMissingError:  # a notional beyond the tiers on file
        assume(False)
        raise


@given(positions())
def test_at_the_liquidation_price_the_ratio_is_one(position: dict[str, Any]) -> None:
    risk = risk_of(position)
    assume(risk.liquidation_price is not None)
    assume(1e-9 < risk.liquidation_price < 1e12)
    there = risk_of({**position, "mark_price": risk.liquidation_price, "isolated_margin":
                     risk.max_loss})  # fmt: skip
    scale = max(there.notional, risk.notional, risk.max_loss)
    # Equity as the ratio has it: Bybit's holds what added margin takes off the closing fee.
    equity = there.margin_balance + credit(position, risk)
    if math.isfinite(there.margin_ratio):
        assert abs(equity - there.margin_ratio * equity) <= 1e-9 * scale
    else:  # nothing is required there, and nothing is left
        assert abs(equity) <= 1e-9 * scale


def credit(position: dict[str, Any], risk: ringfence.Risk) -> float:
    """By Bybit's page: extra margin counts as Extra / (1 -/+ taker fee rate)."""
    if risk.rule != "bybit@2025-09-02" or "isolated_margin" not in position:
        return 0.0
    inverse = position["contract_type"] == "inverse"
    value = (
        position["size"] / position["entry_price"]
        if inverse
        else (position["size"] * position["entry_price"])
    )
    extra = risk.max_loss - value / position["leverage"]
    side = (1 if position["side"] == "long" else -1) * (-1 if inverse else 1)
    return extra / (1 - side * position.get("taker_fee_rate", 0.00055)) - extra


@given(positions(), floats(1.001, 3.0))
def test_more_margin_moves_the_liquidation_price_away(
    position: dict[str, Any], factor: float
) -> None:
    position.setdefault("isolated_margin", risk_of(position).max_loss)
    near = risk_of(position).liquidation_price
    far = risk_of(
        {**position, "isolated_margin": position["isolated_margin"] * factor}
    ).liquidation_price
    if near is None:
        assert far is None
    elif far is not None:
        away = near - far if position["side"] == "long" else far - near
        assert away >= -1e-9 * near


@given(positions())
def test_distance_and_ratio_tell_the_same(position: dict[str, Any]) -> None:
    risk = risk_of(position)
    if risk.liquidation_distance is not None and abs(risk.liquidation_distance) > 1e-9:
        assert (risk.liquidation_distance > 0) == (risk.margin_ratio < 1)
        assert (risk.status == "already liquidated") == (risk.margin_ratio >= 1)


@settings(max_examples=40)
@given(st.lists(positions(), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_table_is_the_scalar_row_by_row_in_any_order_and_any_pieces(
    rows: list[dict[str, Any]], random: Any
) -> None:
    table = pd.DataFrame(rows, index=[f"p{n}" for n in range(len(rows))])
    whole = ringfence.evaluate(table)
    assert list(whole.columns) == list(OUTPUTS)
    assert list(whole.index) == list(table.index)
    for row, name in zip(rows, table.index, strict=True):
        got = whole.loc[name]
        try:
            one = ringfence.assess(**row)
        except ringfence.RingfenceError as error:
            assert got["status"] == f"error: {error}"
            assert got[:-2].isna().all()
            continue
        for column, value in one._asdict().items():
            assert got[column] == value or (value is None and math.isnan(got[column])), column
    order = list(table.index)
    random.shuffle(order)
    shuffled = ringfence.evaluate(table.loc[order])
    pd.testing.assert_frame_equal(shuffled.loc[table.index], whole, check_exact=True)
    cut = random.randrange(len(rows) + 1)
    pieces = [ringfence.evaluate(part) for part in (table[:cut], table[cut:]) if len(part)]
    for piece in pieces:
        for name in piece.index:
            same = [
                a == b or (a != a and b != b) or (a is None and b is None)
                for a, b in zip(piece.loc[name], whole.loc[name], strict=True)
            ]
            assert all(same)


def test_never_already_and_missing_are_three_things() -> None:
    btc = {"venue": "binance", "symbol": "BTCUSDT", "side": "long", "size": 1, "entry_price": 100.0}
    table = pd.DataFrame(
        [
            {**btc, "isolated_margin": 10.0},
            {**btc, "isolated_margin": 100.0},
            {**btc, "isolated_margin": 10.0, "mark_price": 90.2},
            {**btc},
            {
                "venue": "binance_coinm", "symbol": "BTCUSD_PERP", "side": "short", "size": 4,
                "entry_price": 61765.5, "isolated_margin": 0.0068,
            },
        ]
    )  # fmt: skip
    risk = ringfence.evaluate(table)
    assert risk["status"].tolist() == [
        "ok",
        "never liquidated",
        "already liquidated",
        "error: isolated_margin: missing; give isolated_margin or leverage",
        "never liquidated",
    ]
    assert risk["liquidation_price"].notna().tolist() == [True, False, True, False, False]
    assert ringfence.liquidation_price(**btc, leverage=1) is None
    assert risk["liquidation_distance"][2] < 0


def test_bankrupt_box_has_an_infinite_ratio() -> None:
    risk = ringfence.assess(venue="binance", symbol="BTCUSDT", side="short", size=1,
                            entry_price=100, mark_price=150, leverage=10)  # fmt: skip
    assert risk.margin_balance < 0
    assert risk.margin_ratio == math.inf
    assert risk.effective_leverage is None
    assert risk.status == "already liquidated"


def test_leverage_alone_is_entry_notional_over_leverage() -> None:
    btc = {
        "venue": "bybit",
        "symbol": "BTCUSDT",
        "side": "long",
        "size": 2,
        "entry_price": 50_000.0,
    }
    assert ringfence.assess(**btc, leverage=20).max_loss == 5_000.0
    assert ringfence.liquidation_price(**btc, leverage=20) == ringfence.liquidation_price(
        **btc, leverage=20, isolated_margin=5_000.0
    )


@pytest.mark.parametrize(
    ("day", "price"), [("2025-09-01", 45662.10045662101), ("2025-09-02", 45681.818181818184)]
)
def test_rule_follows_the_day(day: str, price: float) -> None:
    position = {"venue": "bybit", "symbol": "BTCUSD", "side": "long", "size": 60_000,
                "entry_price": 50_000, "leverage": 10, "mmr": 0.005}  # fmt: skip
    assert ringfence.liquidation_price(**position, as_of=day) == pytest.approx(price)
    both = ringfence.evaluate(
        pd.DataFrame([{**position, "as_of": day}, position]), as_of="2026-01-01"
    )
    assert both["liquidation_price"][0] == pytest.approx(price)
    assert both["rule"].tolist() == [
        "bybit" if day < "2025-09-02" else "bybit@2025-09-02", "bybit@2025-09-02",
    ]  # fmt: skip


def test_beyond_the_tiers_on_file_is_refused() -> None:
    position = {"venue": "bybit", "symbol": "BTCUSD", "side": "long", "size": 20_000_000,
                "entry_price": 50_000, "leverage": 10}  # fmt: skip
    with pytest.raises(RuleMissingError, match="end at a notional of 300; give mmr"):
        ringfence.liquidation_price(**position)
    assert "end at a notional of 300" in ringfence.evaluate(pd.DataFrame([position]))["status"][0]


def test_okx_tier_follows_contracts_not_price() -> None:
    position = {"venue": "okx", "symbol": "BTC-USDT-SWAP", "side": "long", "entry_price": 60_000,
                "leverage": 5}  # fmt: skip
    at, above = (ringfence.assess(**position, size=size) for size in (1000, 1000.5))
    assert at.maintenance_margin == pytest.approx(1000 * 0.01 * 60_000 * 0.004)
    assert above.maintenance_margin == pytest.approx(1000.5 * 0.01 * 60_000 * 0.005)


def test_index_of_any_kind_is_kept() -> None:
    row = {"venue": "binance", "symbol": "BTCUSDT", "side": "long", "size": 1, "entry_price": 100,
           "leverage": 10}  # fmt: skip
    twice = pd.DataFrame([row, row], index=["a", "a"])
    assert ringfence.evaluate(twice).index.tolist() == ["a", "a"]
    empty = ringfence.evaluate(pd.DataFrame(columns=list(row)))
    assert empty.shape == (0, len(OUTPUTS))
    assert ringfence.evaluate(pd.DataFrame()).empty


def test_types_that_tables_bring() -> None:
    row = {"venue": "binance", "symbol": "BTCUSDT", "side": "long", "size": 1, "entry_price": 100,
           "leverage": 10}  # fmt: skip
    plain = ringfence.evaluate(pd.DataFrame([row]))
    for kind in ("object", "string", "Int64", "float32", "category"):
        table = pd.DataFrame([row])
        if kind in ("Int64", "float32"):
            table = table.astype(dict.fromkeys(("size", "entry_price", "leverage"), kind))
        else:
            table = table.astype(str if kind == "string" else object).astype(kind)
        pd.testing.assert_frame_equal(ringfence.evaluate(table), plain)
    nulls = pd.DataFrame([row]).assign(mark_price=pd.NA, mmr=None, as_of=pd.NaT, account=np.nan)
    pd.testing.assert_frame_equal(ringfence.evaluate(nulls), plain)


def test_a_box_with_far_more_than_its_leverage_asks_for_keeps_a_sound_ratio() -> None:
    # Bybit credits added margin with the closing fee that it saves: the ratio must not turn over.
    box = {"venue": "bybit", "symbol": "BTCUSDT", "side": "long", "entry_price": 100_000,
           "leverage": 10}  # fmt: skip
    near = ringfence.assess(**box, size=1, isolated_margin=95_000, mark_price=4_980)
    assert near.status == "ok"
    assert 0 < near.margin_ratio < 1
    assert 0 < ringfence.assess(**box, size=0.01, isolated_margin=6_000).margin_ratio < 1


def test_figures_at_the_edge_of_floating_point() -> None:
    box = {"venue": "binance", "symbol": "BTCUSDT", "side": "long", "size": 1e-200}
    table = pd.DataFrame(
        [
            {**box, "entry_price": 1e-150, "isolated_margin": 1e300},
            {**box, "entry_price": 1e250, "leverage": 1e-300},
            {**box, "entry_price": 1e-150, "leverage": 10},
        ]
    )
    for row, (_, risk) in zip(table.to_dict("records"), ringfence.evaluate(table).iterrows(),
                              strict=True):  # fmt: skip
        given = {name: value for name, value in row.items() if value == value}
        with pytest.raises(ringfence.InputError, match="is out of range"):
            ringfence.assess(**given)
        assert risk["status"].startswith("error: size: ")


@pytest.mark.parametrize(
    "cell", [["a", "list"], ("a", ["b"]), {"a": 1}, object(), b"bytes", 1 + 2j, Decimal("sNaN"),
             float, pd.Timedelta(1), np.array([1.0])], ids=lambda cell: type(cell).__name__,
)  # fmt: skip
def test_nothing_in_a_cell_stops_the_table(cell: object) -> None:
    good = {"venue": "binance", "symbol": "BTCUSDT", "side": "long", "size": 1.0,
            "entry_price": 100.0, "leverage": 10.0, "mmr": 0.01, "as_of": None,
            "margin_mode": None, "contract_type": None}  # fmt: skip
    for name in good:
        table = pd.DataFrame([good, good])
        table[name] = table[name].astype(object)
        table.at[0, name] = cell
        status = ringfence.evaluate(table)["status"]
        assert isinstance(status[0], str)
        assert status[1] == "ok"


def test_labels_of_columns_may_be_anything() -> None:
    row = ["binance", "BTCUSDT", "long", 1, 100, 10, "x"]
    names = ["Venue", " symbol ", "SIDE", "size", "Entry Price", "leverage", 7]
    assert ringfence.evaluate(pd.DataFrame([row], columns=names))["status"][0] == "ok"
    two_levels = pd.MultiIndex.from_tuples([(name, "") for name in names])
    assert len(ringfence.evaluate(pd.DataFrame([row], columns=two_levels))) == 1


def test_a_fee_that_cannot_be_is_one_row_s_error() -> None:
    row = {"venue": "okx", "symbol": "BTC-USDT-SWAP", "side": "long", "size": 1,
           "entry_price": 100, "leverage": 10}  # fmt: skip
    table = pd.DataFrame([{**row, "taker_fee_rate": 0.6}, row])
    status = ringfence.evaluate(table)["status"]
    assert status[0].startswith("error: taker_fee_rate: the fee rate 0.6 and the maintenance")
    assert status[1] == "ok"
