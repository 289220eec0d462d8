"""Shocks of a whole book: against the engine of definitions, one small step after another."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.engine import spare
from core.test_pools import accounts, leg
from ringfence import exposure, stress
from ringfence.accounts import from_frame
from ringfence.book import BookRisk, assess_table
from ringfence.errors import InputError
from ringfence.position import assess


def book_of(rows: list[dict[str, Any]], wallet: float) -> BookRisk:
    held = pd.DataFrame([{"account": "a", "venue": rows[0]["venue"], "wallet_balance": wallet}])
    return assess_table(pd.DataFrame(rows), accounts=from_frame(held))


@given(accounts(), st.sampled_from([0.5, 1.0, 1.7]))
def test_the_joint_shock_of_a_pool_is_where_the_engine_finds_it(
    account: tuple[str, list[dict[str, Any]], float], beta: float
) -> None:
    _, rows, wallet = account
    legs = [leg(row) for row in rows]
    coins = sorted({its.terms.base for its in legs})
    betas = {coin: beta if at else 1.0 for at, coin in enumerate(coins)}
    if legs[0].terms.inverse:
        betas = dict.fromkeys(coins, 1.0)
    own = [betas[its.terms.base] for its in legs]
    book = book_of(rows, wallet)
    assume(not any(str(s).startswith("error") for s in book.risk["status"]))
    assume(spare(wallet, legs, [its.mark for its in legs]) > 0)

    def left(move: float) -> float:
        return spare(
            wallet, legs, [i.mark * (1 + b * move) for i, b in zip(legs, own, strict=True)]
        )

    joint = stress.joint_shock(book, betas)
    for way, found in ((-1, joint.by_row_down), (1, joint.by_row_up)):
        assert len(set(map(repr, found.tolist()))) == 1  # one pool fails as one
        move = float(found[0])
        end = way * min(0.999 / max(own) if way < 0 else 3.0, 3.0)
        grid = np.linspace(0, move if math.isfinite(move) else end, 203)[1:]
        grid = grid[np.abs(grid) < abs(end)]
        if math.isfinite(move):
            assert all(left(step) > -1e-7 * wallet for step in grid[grid != move])
            if abs(move) < abs(end):
                assert left(move * (1 + 1e-7)) <= 1e-6 * wallet
        else:
            assert all(left(step) > 0 for step in grid)


@given(accounts(), st.floats(min_value=-0.9, max_value=1.5))
def test_a_pool_fails_where_the_path_crosses(
    account: tuple[str, list[dict[str, Any]], float], move: float
) -> None:
    _, rows, wallet = account
    legs = [leg(row) for row in rows]
    book = book_of(rows, wallet)
    assume(not any(str(s).startswith("error") for s in book.risk["status"]))
    marks = [its.mark for its in legs]
    steps = [spare(wallet, legs, [m * (1 + move * k / 200) for m in marks]) for k in range(201)]
    assume(min(abs(step) for step in steps) > 1e-6 * wallet)
    result = stress.shock(book, move)
    fails = bool(result.fails[0])
    if min(steps) < 0:
        assert fails
    elif fails:  # between two steps
        joint = stress.joint_shock(book)
        found = joint.by_row_down[0] if move < 0 else joint.by_row_up[0]
        assert abs(found) <= abs(move)
    before = wallet + sum(its.pnl(its.mark) for its in legs)
    unit = marks[0] if legs[0].terms.inverse else 1.0
    assume(before > 0)
    if fails:
        assert result.left == pytest.approx(0, abs=1e-6 * before * unit)
    else:
        after = wallet + sum(i.pnl(m * (1 + move)) for i, m in zip(legs, marks, strict=True))
        unit_after = unit * (1 + move) if legs[0].terms.inverse else 1.0
        assert result.left == pytest.approx(after * unit_after, rel=1e-6)


BOOK = pd.DataFrame(
    [
        {"venue": "binance", "symbol": "BTCUSDT", "side": "long", "size": 1.0,
         "entry_price": 60_000.0, "leverage": 10.0},
        {"venue": "binance", "symbol": "ETHUSDT", "side": "short", "size": 10.0,
         "entry_price": 3_000.0, "leverage": 5.0},
        {"venue": "binance_coinm", "symbol": "BTCUSD_PERP", "side": "long", "size": 100.0,
         "entry_price": 60_000.0, "leverage": 4.0},
        {"venue": "binance", "symbol": "NOSUCH", "side": "long", "size": 1.0,
         "entry_price": 1.0, "leverage": 2.0},
    ]
)  # fmt: skip


def test_boxes_fail_one_by_one() -> None:
    book = assess_table(BOOK)
    calm = stress.shock(book, 0.0)
    assert (calm.loss, calm.boxes_failed, calm.not_counted) == (0.0, 0, 0)
    assert calm.equity == pytest.approx(6_000 + 6_000 + 2_500)
    fall = stress.shock(book, -0.2)
    assert fall.fails.tolist() == [True, False, True, False]
    # The first box is lost; the short gains; the third lost its coin
    assert fall.pnl[0] == -6_000
    assert fall.pnl[1] == pytest.approx(10 * 600)
    assert fall.pnl[2] == pytest.approx(-2_500)
    assert fall.left == pytest.approx(fall.equity - fall.loss)
    only = stress.shock(book, {"ETH": 0.3})
    assert only.fails.tolist() == [False, True, False, False]


def test_a_box_that_fails_on_the_way_is_gone() -> None:
    short = BOOK.iloc[[1]].assign(mark_price=3_000.0)
    assert stress.shock(assess_table(short), 0.5).fails[0]
    assert not stress.shock(assess_table(short), -0.5).fails[0]


def test_heat_map_and_table() -> None:
    book = assess_table(BOOK)
    grid = stress.heat_map(book, ("BTC", [-0.2, 0.0]), ("eth", [0.0, 0.3]))
    assert grid.shape == (2, 2)
    assert grid[1, 0] == pytest.approx(stress.shock(book, 0.0).left)
    assert grid[0, 1] == pytest.approx(stress.shock(book, {"BTC": -0.2, "ETH": 0.3}).left)
    assert [s.left for s in stress.table(book, [-0.1, 0.1])] == [
        stress.shock(book, -0.1).left, stress.shock(book, 0.1).left,
    ]  # fmt: skip


def test_the_first_box_to_fail() -> None:
    book = assess_table(BOOK)
    joint = stress.joint_shock(book)
    distance = book.risk["liquidation_distance"]
    assert joint.first_down == pytest.approx(-distance[0])
    assert joint.row_down == 0
    assert joint.first_up == pytest.approx(distance[1])
    assert joint.row_up == 1
    half = stress.joint_shock(book, {"BTC": 0.5, "ETH": 2.0})
    assert half.first_down == pytest.approx(-2 * distance[0])
    assert half.first_up == pytest.approx(distance[1] / 2)
    none = stress.joint_shock(assess_table(BOOK.iloc[[1]]), 1.0)
    assert (none.first_down, none.row_down) == (None, None)


def test_moves_that_make_no_sense() -> None:
    book = assess_table(BOOK)
    with pytest.raises(InputError, match="move: -1 is not a number above -1"):
        stress.shock(book, -1.0)
    with pytest.raises(InputError, match="beta of BTC: missing; give a number"):
        stress.joint_shock(book, {"BTC": float("nan")})


def test_exposure_of_the_book() -> None:
    found = exposure.exposure(assess_table(BOOK), idle=5_500.0)
    assert (found.boxes, found.pools, found.errors) == (3, 0, 1)
    assert found.equity == pytest.approx(20_000)
    assert found.at_stake == pytest.approx(14_500)
    assert found.notional == pytest.approx(60_000 + 30_000 + 10_000)
    assert found.effective_leverage == pytest.approx(5)
    coins = {its.name: its for its in found.by_coin}
    assert coins["BTC"].at_stake == pytest.approx(8_500)
    assert coins["BTC"].net_notional == pytest.approx(70_000)
    assert sum(its.share for its in found.by_coin) == pytest.approx(1)
    assert {its.name for its in found.by_venue} == {"binance", "binance_coinm"}
    row, gain = found.best_top_ups[0]
    more = BOOK.assign(isolated_margin=np.where(BOOK.index == row, 0.0, np.nan))
    wallet = float(assess_table(BOOK).risk["max_loss"][row])
    a_dollar = 1e-3 / float(assess_table(BOOK).settle_price[row])
    more.loc[row, "isolated_margin"] = wallet + a_dollar
    further = assess_table(more).risk["liquidation_distance"][row]
    assert further - assess_table(BOOK).risk["liquidation_distance"][row] == pytest.approx(
        1e-3 * gain, rel=1e-3
    )


def multi(rows: list[dict[str, Any]], *wallets: dict[str, Any]) -> BookRisk:
    held = [{"account": "a", "venue": "binance", "collateral_mode": "multi"} | its
            for its in wallets]  # fmt: skip
    return assess_table(
        pd.DataFrame([{"account": "a", "venue": "binance", "margin_mode": "cross"} | its
                      for its in rows]),
        accounts=from_frame(pd.DataFrame(held)),
    )  # fmt: skip


LONG_BTC = {"symbol": "BTCUSDT", "side": "long", "size": 1.0, "entry_price": 60_000.0}


def test_collateral_falls_with_its_coin() -> None:
    coin = {"currency": "BTC", "wallet_balance": 1.0, "price": 60_000.0, "collateral_weight": 0.95}
    book = multi([LONG_BTC], coin, {"currency": "USDT", "wallet_balance": 5_000.0})
    half = stress.shock(book, -0.5)
    # 0.95 x 60,000 x 0.5 of the coin, and 30,000 of the position
    assert half.equity == pytest.approx(57_000 + 4_999.5)
    assert half.loss == pytest.approx(58_500)
    assert half.left == pytest.approx(3_499.5)
    move = stress.joint_shock(book).first_down
    assert move is not None
    equity = 61_999.5 + move * (57_000 + 60_000)
    there = assess(**LONG_BTC, venue="binance", leverage=1, mark_price=60_000 * (1 + move))
    required = there.maintenance_margin
    assert equity == pytest.approx(required, rel=1e-9)
    # A coin without a position moves too.
    eth = {"currency": "ETH", "wallet_balance": 10.0, "price": 3_000.0, "collateral_weight": 0.9}
    other = multi([LONG_BTC], eth)
    assert stress.shock(other, {"ETH": -0.5}).loss == pytest.approx(13_500)
    assert stress.shock(other, {"ETH": -0.995}).pools_failed == 1


def test_coins_by_other_names() -> None:
    book = assess_table(BOOK)
    plain = stress.shock(book, {"BTC": -0.05})
    for name in ("btc", "XBT", "BTCUSDT", "PF_XBTUSD", "BTC/USDT:USDT"):
        assert stress.shock(book, {name: -0.05}).loss == plain.loss
    with pytest.raises(InputError, match="move: no position in DOGE; there are BTC, ETH"):
        stress.shock(book, {"DOGE": -0.5})
    assert stress.shock(book, {"DOGE": -0.5, "*": 0.0}).loss == 0
    with pytest.raises(InputError, match="move: BTC is there twice"):
        stress.shock(book, {"BTC": 0.1, "XBT": -0.1})
    with pytest.raises(InputError, match="coin_2: btc is the coin of the rows too"):
        stress.heat_map(book, ("BTC", [0.1]), ("btc", [0.1]))


def test_a_thousand_of_a_coin_move_as_it_does() -> None:
    many = {"venue": "binance", "symbol": "1000PEPEUSDT", "side": "long", "size": 1e6,
            "entry_price": 0.01, "leverage": 5}  # fmt: skip
    book = assess_table(pd.DataFrame([many, many | {"venue": "hyperliquid", "symbol": "kPEPE"}]))
    by_name = [stress.shock(book, {name: -0.1}).loss
               for name in ("PEPE", "1000PEPE", "1000PEPEUSDT", "kPEPE")]  # fmt: skip
    assert by_name == [pytest.approx(2_000)] * 4
    assert [its.name for its in exposure.exposure(book).by_coin] == ["PEPE"]


def test_rows_in_error_are_counted() -> None:
    assert stress.shock(assess_table(BOOK), -0.1).errors == 1


def test_idle_money_is_what_the_accounts_hold_beside_boxes_and_pools() -> None:
    box = {**LONG_BTC, "account": "a", "venue": "binance", "isolated_margin": 6_000.0}
    dollars = {"account": "a", "venue": "binance", "wallet_balance": 500_000.0}

    def idle(rows: list[dict[str, Any]], *held: dict[str, Any]) -> float:
        wallets = from_frame(pd.DataFrame([dollars | its for its in held]))
        return sum(assess_table(pd.DataFrame(rows), accounts=wallets).idle().values())

    assert idle([box], {}) == 494_000
    assert idle([box], {}, {"venue": "okx"}) == 994_000
    assert idle([box, {**box, "margin_mode": "cross", "isolated_margin": None}], {}) == 0
    assert idle([{**box, "size": -1}], {}) == 0  # nobody knows what that row holds
    coin = {"currency": "BTC", "wallet_balance": 2.0, "price": 50_000.0}
    assert idle([box], {"currency": "USDT"}, coin) == 594_000
    assert idle([box], {"currency": "USDT"}, {**coin, "price": None}) == 494_000
    inverse = {**box, "venue": "binance_coinm", "symbol": "BTCUSD_PERP", "isolated_margin": 0.5}
    assert idle([inverse], coin) == 75_000
    assert idle([inverse], {**coin, "price": None}) == 90_000  # the mark that the book has
    assert idle([inverse], {}) == 0  # a wallet in coins or in dollars?
    found = exposure.exposure(
        assess_table(pd.DataFrame([box]), accounts=from_frame(pd.DataFrame([dollars])))
    )
    assert (found.idle, found.equity) == (494_000, 500_000)
    assert found.effective_leverage == pytest.approx(0.12)


def test_idle_money_is_in_what_is_left_and_its_coins_move() -> None:
    box = {**LONG_BTC, "account": "a", "venue": "binance", "isolated_margin": 6_000.0}
    held = pd.DataFrame(
        [
            {"account": "a", "venue": "binance", "wallet_balance": 10_000.0, "currency": "USDT"},
            {"account": "a", "venue": "binance", "wallet_balance": 2.0, "currency": "ETH",
             "price": 3_000.0},
        ]
    )  # fmt: skip
    book = assess_table(pd.DataFrame([box]), accounts=from_frame(held))
    calm = stress.shock(book, 0.0)
    assert (calm.equity, calm.loss, calm.left, calm.idle) == (16_000, 0, 16_000, 10_000)
    fall = stress.shock(book, -0.5)  # the box is gone, and half of what the ether is worth
    assert (fall.equity, fall.loss, fall.left, fall.idle) == (16_000, 9_000, 7_000, 7_000)
    ether = stress.shock(book, {"ETH": 1.0})  # no position is in it, but money is
    assert (ether.loss, ether.left) == (-6_000, 22_000)
    assert exposure.exposure(book).equity == calm.equity


def test_a_coin_goes_one_way_and_takes_whole_pools() -> None:
    box = {**LONG_BTC, "venue": "binance", "leverage": 10}
    both = exposure.exposure(assess_table(pd.DataFrame([box, {**box, "side": "short"}])))
    (coin,), (venue,) = both.by_coin, both.by_venue
    assert (coin.at_stake, coin.fails_together) == (12_000, 6_000)
    assert venue.fails_together == 12_000
    legs = [LONG_BTC, {**LONG_BTC, "symbol": "ETHUSDT", "size": 20.0, "entry_price": 3_000.0,
                       "side": "short"}]  # fmt: skip
    pool = exposure.exposure(
        book_of([{"venue": "binance", "account": "a", "margin_mode": "cross"} | its
                 for its in legs], 10_000.0)
    )  # fmt: skip
    assert {its.name: its.fails_together for its in pool.by_coin} == {"BTC": 10_000, "ETH": 10_000}
    assert pool.free_in_pools == 0
    rich = exposure.exposure(
        book_of([{"venue": "binance", "account": "a", "margin_mode": "cross", **LONG_BTC,
                  "leverage": 10}], 494_000.0)
    )  # fmt: skip
    assert rich.by_coin[0].fails_together == 0  # its whole value is less than the wallet
    assert rich.free_in_pools == pytest.approx(488_000)


def test_what_is_gone_already_fails_with_its_own_coin_alone() -> None:
    gone = {**LONG_BTC, "venue": "binance", "leverage": 10, "mark_price": 50_000.0}
    live = {**gone, "symbol": "ETHUSDT", "entry_price": 3_000.0, "mark_price": 3_000.0}
    found = exposure.exposure(assess_table(pd.DataFrame([gone, live])))
    assert {its.name: its.fails_together for its in found.by_coin} == {"BTC": 6_000, "ETH": 300}


def test_what_is_liquidated_already_is_beyond_help() -> None:
    dead = {**LONG_BTC, "venue": "binance", "leverage": 10, "mark_price": 50_000.0}
    live = {**dead, "mark_price": 58_000.0}
    found = exposure.exposure(assess_table(pd.DataFrame([dead, live])))
    assert [row for row, _ in found.best_top_ups] == [1]
    with pytest.raises(InputError, match="idle: -5 "):
        exposure.exposure(assess_table(BOOK), idle=-5.0)


def test_a_bankrupt_pool_owes_nothing_beyond_its_wallet() -> None:
    rows = [{"venue": "binance", "account": "a", "margin_mode": "cross", **LONG_BTC,
             "mark_price": 50_000.0},
            {"venue": "binance", "account": "a", **LONG_BTC,
             "isolated_margin": 3_000.0}]  # fmt: skip
    book = book_of(rows, 5_000.0)
    assert exposure.exposure(book).equity == stress.shock(book, 0.0).equity == 3_000
