"""Cross pools: stepped through prices by an engine of definitions, and what must always hold."""

import math
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import ringfence
from core.engine import Leg, first_bad_tick, requirement, spare
from ringfence.lookup import terms

DAY = date(2026, 11, 24)
# A venue of every schedule and of every way to count a pair; symbols with prices about right
BOOKS = {
    "binance": {"BTCUSDT": 60_000.0, "ETHUSDT": 3_000.0, "SOLUSDT": 150.0},  # bracket, sum
    "binance_coinm": {"BTCUSD_PERP": 60_000.0},  # inverse bracket, sum
    "bitget": {"BTCUSDT": 60_000.0, "ETHUSDT": 3_000.0},  # bracket, combined
    "gate": {"BTC_USDT": 60_000.0},  # bracket, the larger
    "okx": {"BTC-USDT-SWAP": 60_000.0, "ETH-USDT-SWAP": 3_000.0, "BTC-USD-SWAP": 60_000.0},
    "kraken": {"PI_XBTUSD": 60_000.0, "PF_XBTUSD": 60_000.0},  # slab
    "hyperliquid": {"BTC": 60_000.0, "ETH": 3_000.0, "HYPE": 40.0},
    "delta": {"BTCUSD": 60_000.0},  # size-linear
    "drift": {"BTC": 60_000.0, "SOL": 150.0},  # square root
    "mexc": {"BTC_USDT": 60_000.0, "ETH_USDT": 3_000.0},  # slab kept at entry, margin at entry
    "htx": {"BTC-USDT": 60_000.0},  # by leverage, net contracts
}
ONE_WAY = {"hyperliquid", "delta", "drift", "kraken"}


@st.composite
def accounts(draw: st.DrawFn) -> tuple[str, list[dict[str, Any]], float]:
    """Positions of one account that share one pool, and its wallet."""
    venue = draw(st.sampled_from(sorted(BOOKS)))
    prices = BOOKS[venue]
    inverse = draw(st.booleans())
    symbols = [
        s
        for s in prices
        if terms(venue, s, DAY, margin_mode="cross", leverage=125.0).inverse == inverse
    ]  # fmt: skip
    assume(symbols)
    rows: list[dict[str, Any]] = []
    for symbol in draw(st.lists(st.sampled_from(symbols), min_size=1, max_size=3, unique=True)):
        its = terms(venue, symbol, DAY, margin_mode="cross", leverage=125.0)
        mark = prices[symbol]
        sides = draw(st.sampled_from(["long", "short"] if venue in ONE_WAY else
                                     ["long", "short", "both"]))  # fmt: skip
        for side in ("long", "short") if sides == "both" else (sides,):
            worth = 10 ** draw(st.floats(min_value=2, max_value=7.5))
            contracts = worth / (1 if its.inverse else mark) / its.contract_size
            rows.append(
                {
                    "venue": venue, "symbol": symbol, "margin_mode": "cross", "account": "a",
                    "side": side, "size": contracts, "as_of": DAY,
                    "leverage": 125.0 if venue == "htx" else 10.0,
                    "entry_price": mark * draw(st.floats(min_value=0.8, max_value=1.25)),
                    "mark_price": mark, "contract_type": its.contract_type,
                }
            )  # fmt: skip
    share = draw(st.floats(min_value=0.02, max_value=1.5))
    held = [leg(row) for row in rows]
    worth = sum(its.value(its.mark) for its in held)
    return venue, rows, share * worth


def leg(row: dict[str, Any]) -> Leg:
    its = terms(row["venue"], row["symbol"], DAY, row["contract_type"], margin_mode="cross",
                leverage=125.0 if row["venue"] == "htx" else None)  # fmt: skip
    return Leg(its, row["side"] == "long", row["size"], row["entry_price"], row["mark_price"],
               row["leverage"])  # fmt: skip


def evaluate(rows: list[dict[str, Any]], wallet: float) -> pd.DataFrame:
    held = pd.DataFrame([{"account": "a", "venue": rows[0]["venue"], "wallet_balance": wallet}])
    return ringfence.evaluate(pd.DataFrame(rows), accounts=held)


@given(accounts())
def test_stepped_tick_by_tick_it_is_liquidated_where_the_closed_form_says(
    account: tuple[str, list[dict[str, Any]], float],
) -> None:
    _, rows, wallet = account
    legs = [leg(row) for row in rows]
    marks = [its.mark for its in legs]
    assume(spare(wallet, legs, marks) > 0)
    table = evaluate(rows, wallet)
    if table["status"].str.startswith("error").any():
        assume(not table["status"].str.contains("tiers on file").any())
    for at, row in table.iterrows():
        assert not row["status"].startswith("error"), row["status"]
        moving = [
            i for i, its in enumerate(legs)
            if its.terms.same_contract == legs[at].terms.same_contract
        ]  # fmt: skip
        price, mark = row["liquidation_price"], legs[at].mark
        if math.isnan(price):
            assert row["status"] == "never liquidated"
            way = 1 if sum(its.exposure * (1 if its.long else -1) for i, its in enumerate(legs)
                           if i in moving) < 0 else -1  # fmt: skip
            assert first_bad_tick(wallet, legs, moving, mark, way * mark / 301, 300) is None
            continue
        tick = (price - mark) / 200.5  # so that the crossing lies between two ticks
        assume(abs(tick) > 1e-9 * mark and price > mark / 100)
        assert first_bad_tick(wallet, legs, moving, mark, tick, 202) == 201, (at, price)


@given(accounts())
def test_ratio_and_sums_are_the_engines(
    account: tuple[str, list[dict[str, Any]], float],
) -> None:
    _, rows, wallet = account
    legs = [leg(row) for row in rows]
    table = evaluate(rows, wallet)
    assume(not table["status"].str.contains("tiers on file").any())
    marks = [its.mark for its in legs]
    equity = wallet + sum(its.pnl(its.mark) for its in legs)
    assert table["margin_balance"].to_numpy() == pytest.approx(equity, rel=1e-9, abs=1e-6)
    required = requirement(legs, marks)
    expected = required / equity if equity > 0 else math.inf
    assert table["margin_ratio"].to_numpy() == pytest.approx(expected, rel=1e-9)
    gone = (table["status"] == "already liquidated").all()
    assert gone == (equity <= required) or equity == pytest.approx(required)


@given(accounts(), st.floats(min_value=0.05, max_value=0.5))
def test_one_cross_position_is_an_isolated_one_with_the_same_wallet(
    account: tuple[str, list[dict[str, Any]], float], share: float
) -> None:
    venue, rows, _ = account
    assume(venue not in ("bybit", "mexc"))
    row = rows[0]
    wallet = leg(row).value(row["entry_price"]) * share
    cross = evaluate([row], wallet).iloc[0]
    assume("tiers on file" not in cross["status"])
    alone = ringfence.evaluate(
        pd.DataFrame([{**row, "margin_mode": "isolated", "isolated_margin": wallet}])
    ).iloc[0]
    for name in ("liquidation_price", "bankruptcy_price", "margin_ratio", "margin_balance"):
        assert cross[name] == pytest.approx(alone[name], rel=1e-12, nan_ok=True), name


def row_mark(rows: list[dict[str, Any]], number: int) -> float:
    mark: float = rows[number]["mark_price"]
    return mark


@given(accounts(), st.randoms())
def test_order_and_lots_do_not_matter(
    account: tuple[str, list[dict[str, Any]], float], random: Any
) -> None:
    _, rows, wallet = account
    whole = evaluate(rows, wallet)
    assume(not whole["status"].str.startswith("error").any())
    lots = []
    for number, row in enumerate(rows):  # each position in two lots at two entries
        part = 0.25
        below = row["entry_price"] * 0.9
        # The other lot's entry keeps the entry value of both
        value = leg(row).value(row["entry_price"])
        first = {**row, "size": row["size"] * part, "entry_price": below}
        rest = value - leg(first).value(below)
        size = row["size"] * (1 - part)
        exposure = size * leg(row).terms.contract_size
        other = exposure / rest if leg(row).terms.inverse else rest / exposure
        lots += [(number, first), (number, {**row, "size": size, "entry_price": other})]
    random.shuffle(lots)
    assume(all(lot["entry_price"] > 0 for _, lot in lots))
    split = evaluate([lot for _, lot in lots], wallet)
    assume(not split["status"].str.contains("tiers on file").any())
    for (number, _), (_, row) in zip(lots, split.iterrows(), strict=True):
        price = whole["liquidation_price"][number]
        if not price > 1e-6 * row_mark(rows, number):  # at zero or never: a matter of digits
            continue
        assert row["liquidation_price"] == pytest.approx(price, rel=1e-8)
    together = np.bincount([n for n, _ in lots], split["maintenance_margin"])
    assert together == pytest.approx(whole["maintenance_margin"].to_numpy(), rel=1e-9)
