"""Sizes, stops, probabilities: put back into their definitions, and simulated."""

import math
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ringfence
from ringfence import position, sizing, tiers, venues
from ringfence.errors import InputError, MissingInputError
from ringfence.lookup import terms

BTC: dict[str, Any] = {"venue": "binance", "symbol": "BTCUSDT", "side": "long",
                       "entry_price": 60_000.0}  # fmt: skip


@pytest.mark.parametrize("barrier", [80.0, 95.0, 105.0, 130.0])
@pytest.mark.parametrize(("volatility", "days"), [(0.6, 30.0), (1.2, 7.0)])
def test_touch_probability_against_a_simulation(
    barrier: float, volatility: float, days: float
) -> None:
    random = np.random.default_rng(11)
    paths, steps = 40_000, 64
    dt = days / sizing.DAYS_A_YEAR / steps
    moves = random.normal(-(volatility**2) * dt / 2, volatility * math.sqrt(dt), (paths, steps))
    logs = np.concatenate([np.zeros((paths, 1)), moves.cumsum(axis=1)], axis=1)
    level = math.log(barrier / 100.0)
    beyond = (logs <= level) if level < 0 else (logs >= level)
    # Between two steps the path is a Brownian bridge, whose chance to touch is known
    a, b = np.abs(logs[:, :-1] - level), np.abs(logs[:, 1:] - level)
    bridge = np.exp(-2 * a * b / (volatility**2 * dt))
    missed = np.where(beyond[:, 1:] | beyond[:, :-1], 0.0, 1 - bridge).prod(axis=1)
    touched = 1 - missed
    error = touched.std() / math.sqrt(paths)
    exact = sizing.touch_probability(
        mark_price=100.0, barrier=barrier, volatility=volatility, days=days
    )
    assert exact == pytest.approx(touched.mean(), abs=4 * error)


@given(
    st.floats(min_value=0.3, max_value=3.0),
    st.floats(min_value=0.05, max_value=3.0),
    st.floats(min_value=0.01, max_value=400.0),
)
def test_touch_probability_is_one(level: float, volatility: float, days: float) -> None:
    given = {"mark_price": 100.0, "barrier": 100.0 * level, "volatility": volatility}
    near = sizing.touch_probability(**given, days=days)
    assert 0 <= near <= 1
    assert near <= sizing.touch_probability(**given, days=2 * days) + 1e-12
    further = 100.0 * (level**1.1)
    assert near >= sizing.touch_probability(**{**given, "barrier": further}, days=days) - 1e-12


def test_a_position_that_is_never_liquidated_is_never_touched() -> None:
    assert sizing.liquidation_probability(
        volatility=0.6, days=30, **BTC, size=1.0, leverage=1.0
    ) == 0.0  # fmt: skip
    dead = sizing.liquidation_probability(
        volatility=0.6, days=30, **BTC, size=1.0, leverage=20.0, mark_price=50_000.0
    )
    assert dead == 1.0


def test_touch_probability_at_its_limits() -> None:
    def chance(mark: float, barrier: float, volatility: float = 0.6, days: float = 7.0) -> float:
        return sizing.touch_probability(
            mark_price=mark, barrier=barrier, volatility=volatility, days=days
        )

    assert chance(60_000, 61_000, volatility=1e-300) == 0
    assert chance(60_000, 61_000, volatility=1e-300, days=1e-300) == 0
    assert chance(60_000, 60_000, volatility=1e-300) == 1
    assert chance(60_000, 1e-300) == chance(1e-300, 1e300) == chance(1e300, 1e-300) == 0
    # In the end every lower price is touched, a higher one as often as no drift allows
    assert chance(60_000, 100, volatility=20, days=1e300) == 1
    assert chance(60_000, 120_000, volatility=20, days=1e300) == pytest.approx(0.5)
    assert chance(60_000, 50_000, volatility=20) < 1
    for volatility in (60, 1e308):
        with pytest.raises(
            InputError, match=r"volatility: .* give a fraction a year \(60 % is 0.6"
        ):
            chance(60_000, 61_000, volatility=volatility)


def test_a_liquidation_price_that_is_passed_is_touched() -> None:
    given = {"mark_price": 60_000.0, "volatility": 0.6, "days": 7.0}
    above = sizing.touch_probability(**given, barrier=65_000.0)
    assert 0 < above < 1
    assert sizing.touch_probability(**given, barrier=65_000.0, side="short") == above
    assert sizing.touch_probability(**given, barrier=65_000.0, side="long") == 1
    assert sizing.touch_probability(**given, barrier=55_000.0, side="short") == 1
    assert sizing.touch_probability(**given, barrier=60_000.0, side="short") == 1
    with pytest.raises(InputError, match="side: 'up' is not long or short"):
        sizing.touch_probability(**given, barrier=55_000.0, side="up")


def test_a_wrong_volatility_is_wrong_for_every_position() -> None:
    for leverage in (1.0, 20.0):  # never liquidated, and liquidated some day
        with pytest.raises(InputError, match="volatility: 60 is more than 20"):
            sizing.liquidation_probability(volatility=60, days=7, **BTC, size=1, leverage=leverage)


# Size


@given(
    st.sampled_from(["long", "short"]),
    st.sampled_from([
        ("binance", "BTCUSDT"), ("okx", "BTC-USDT-SWAP"), ("kraken", "PF_XBTUSD"),
        ("deribit", "BTC-PERPETUAL"), ("binance_coinm", "BTCUSD_PERP"), ("drift", "BTC"),
    ]),
    st.floats(min_value=1.0, max_value=1e5),
    st.floats(min_value=0.5, max_value=4.0),
    st.floats(min_value=0.5, max_value=30.0),
    st.floats(min_value=-0.0005, max_value=0.0005),
)  # fmt: skip
def test_the_largest_size_just_survives_the_move(
    side: str, listed: tuple[str, str], dollars: float, sigmas: float, days: float, funding: float
) -> None:
    venue, symbol = listed
    inverse = symbol.endswith(("PERP", "PERPETUAL"))
    position: dict[str, Any] = {
        "venue": venue, "symbol": symbol, "side": side, "entry_price": 60_000.0,
        "isolated_margin": dollars / 60_000 if inverse else dollars, "funding_rate": funding,
    }  # fmt: skip
    size = sizing.max_size(sigmas=sigmas, volatility=0.6, days=days, **position)
    if not size:
        return
    sign = 1.0 if side == "long" else -1.0
    target = 60_000 * math.exp(-sign * sigmas * 0.6 * math.sqrt(days / 365))

    def survives(size: float) -> bool:
        risk = ringfence.assess(**position, size=size)
        paid = max(sign * funding, 0) * risk.notional * days * 3
        at_target = ringfence.assess(**{**position, "mark_price": target}, size=size)
        rule = terms(venue, symbol, date.today())
        in_trigger = rule.rule.trigger_fee == "taker_at_mark"
        fee = 0.0 if in_trigger else rule.taker_fee_rate * at_target.notional
        wallet = position["isolated_margin"] - paid - fee
        if wallet <= 0:
            return False
        after = ringfence.assess(
            **{**position, "mark_price": target, "isolated_margin": wallet}, size=size
        )
        return after.margin_ratio < 1 and after.margin_balance > 0

    assert survives(size * (1 - 1e-6))
    try:
        assert not survives(size * (1 + 1e-6))
    except ringfence.RingfenceError as error:
        assert "tiers on file" in str(error)


def test_sizes_without_an_answer() -> None:
    wild = {**BTC, "leverage": 100.0}
    assert sizing.max_size(sigmas=3, volatility=1.0, days=30, **wild) == 0
    with pytest.raises(InputError, match="volatility: missing"):
        sizing.max_size(sigmas=3, volatility=None, days=30, **wild)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="days: 0 is not a number above 0"):
        sizing.max_size(sigmas=3, volatility=1.0, days=0, **wild)
    with pytest.raises(InputError, match="side: missing"):
        sizing.max_size(sigmas=3, volatility=1.0, days=1, **{**wild, "side": None})


def test_the_interval_of_fundings_is_read_like_any_number() -> None:
    held = {**BTC, "isolated_margin": 1_000.0, "funding_rate": 0.001}
    move: dict[str, Any] = {"sigmas": 3, "volatility": 0.6, "days": 7}
    often = sizing.max_size(**move, **held, interval_hours="4")  # type: ignore[arg-type]
    seldom = sizing.max_size(**move, **held)
    assert often is not None
    assert seldom is not None
    assert 0 < often < seldom
    for wrong in ("abc", 0, -8):
        with pytest.raises(InputError, match=r"interval_hours: .* is not a number above 0"):
            sizing.max_size(**move, **held, interval_hours=wrong)  # type: ignore[arg-type]
    for blank in (None, math.nan):
        with pytest.raises(MissingInputError, match="interval_hours: missing"):
            sizing.max_size(**move, **held, interval_hours=blank)  # type: ignore[arg-type]
    # No end of fundings that cost nothing is no reason
    free = {**held, "funding_rate": 0.0}
    assert sizing.max_size(**move, **free, interval_hours=1e-308) == sizing.max_size(**move, **free)


@pytest.mark.parametrize("side", ["long", "short"])
@pytest.mark.parametrize(
    ("venue", "symbol"), [("binance", "BTCUSDT"), ("deribit", "BTC-PERPETUAL")]
)
def test_no_size_survives_a_move_beyond_all_numbers(venue: str, symbol: str, side: str) -> None:
    held = {"venue": venue, "symbol": symbol, "side": side, "entry_price": 60_000.0, "leverage": 3}
    for sigmas in (1e4, 1e308):
        assert sizing.max_size(sigmas=sigmas, volatility=20, days=1e4, **held) == 0


# Stops and modes


def test_a_stop_costs_its_move_its_fee_and_its_slippage() -> None:
    check = sizing.stop_check(stop_price=58_000, slippage=0.001, account_equity=50_000, **BTC,
                              size=1.0, isolated_margin=10_000.0)  # fmt: skip
    fill = 58_000 * 0.999
    assert check.fee == pytest.approx(0.0005 * fill)
    assert check.slippage_cost == pytest.approx(58)
    assert check.loss == pytest.approx(60_000 - fill + check.fee)
    assert check.share_of_equity == pytest.approx(check.loss / 50_000)
    assert check.first == "stop"


def test_a_stop_behind_the_liquidation_never_works() -> None:
    for side, stop in (("long", 55_000), ("short", 65_000)):
        check = sizing.stop_check(stop_price=stop, **{**BTC, "side": side}, size=1.0, leverage=20)
        assert check.first == "liquidation"
        assert check.loss == 3_000
    with pytest.raises(InputError, match="stop_price: 61000 must be below the mark price 60000"):
        sizing.stop_check(stop_price=61_000, **BTC, size=1.0, leverage=20)


def test_a_stop_whose_fill_lies_beyond_the_liquidation_says_so() -> None:
    held: dict[str, Any] = {**BTC, "size": 1.0, "leverage": 10.0}
    near = sizing.stop_check(stop_price=54_500, slippage=0.001, **held)
    beyond = sizing.stop_check(stop_price=54_500, slippage=0.02, **held)
    assert near.note == ""
    assert beyond.first == "stop"  # by the stop's own price
    assert beyond.note == "the fill at 53410 lies beyond the liquidation price 54216.9"
    assert beyond.loss == 6_000  # the box holds no more


@given(
    st.sampled_from([("binance", "BTCUSDT"), ("bybit", "BTCUSDT"), ("deribit", "BTC-PERPETUAL")]),
    st.sampled_from(["long", "short"]),
    st.floats(min_value=1.0, max_value=50.0),
    st.floats(min_value=0.001, max_value=0.3),
    st.floats(min_value=0.0, max_value=0.5),
    st.floats(min_value=0.9, max_value=1.1),
)
def test_the_parts_of_a_stop_add_up_to_its_loss(
    listed: tuple[str, str], side: str, leverage: float, far: float, slippage: float, moved: float
) -> None:
    sign, mark = (1.0 if side == "long" else -1.0), 60_000 * moved
    held: dict[str, Any] = {
        "venue": listed[0], "symbol": listed[1], "side": side, "entry_price": 60_000.0,
        "size": 10.0, "leverage": leverage, "mark_price": mark,
    }  # fmt: skip
    stop = mark * (1 - sign * far)
    check = sizing.stop_check(stop_price=stop, slippage=slippage, **held)
    most = ringfence.assess(**held).max_loss
    assert check.fee >= 0
    assert check.slippage_cost >= 0
    assert check.loss <= most * (1 + 1e-12)
    if check.first == "liquidation":
        assert check.loss == most
        return
    move = -ringfence.assess(**{**held, "mark_price": stop}).unrealized_pnl
    assert check.loss == pytest.approx(
        min(move, most) + check.slippage_cost + check.fee, rel=1e-9, abs=1e-9 * most
    )
    if not check.note:
        assert check.fee > 0


def test_a_stop_beyond_all_numbers_is_refused() -> None:
    coin = {"venue": "deribit", "symbol": "BTC-PERPETUAL", "side": "long", "entry_price": 60_000.0,
            "size": 1e4, "leverage": 10}  # fmt: skip
    with pytest.raises(InputError, match="stop_price: 1e-308 is out of range"):
        sizing.stop_check(stop_price=1e-308, **coin)
    with pytest.raises(InputError, match=r"stop_price: .* is out of range"):
        sizing.stop_check(stop_price=5e-324, slippage=0.9, **coin)
    with pytest.raises(InputError, match="stop_price: 1e\\+300 is out of range"):
        sizing.stop_check(stop_price=1e300, **{**BTC, "side": "short"}, size=1.0, leverage=10,
                          mark_price=1e-300)  # fmt: skip


def test_modes_side_by_side() -> None:
    modes = sizing.compare_modes(wallet_balance=30_000, **BTC, size=1.0, isolated_margin=10_000.0)
    prices = {its.mode: its.liquidation_price for its in modes}
    assert prices["isolated"] == ringfence.liquidation_price(
        **BTC, size=1.0, isolated_margin=10_000.0
    )
    assert prices["cross, alone in the account"] == ringfence.liquidation_price(
        **BTC, size=1.0, isolated_margin=30_000.0
    )
    assert prices["isolated, 1x"] is None
    assert [its.leverage for its in modes] == [6.0, 3.0, 2.0, 1.0]
    with pytest.raises(InputError, match="wallet_balance: 5000 is less than the margin in the box"):
        sizing.compare_modes(wallet_balance=5_000, **BTC, size=1.0, isolated_margin=10_000.0)
    with pytest.raises(InputError, match="mark_price: 1e-308 is out of range"):
        sizing.compare_modes(wallet_balance=1e5, **BTC, size=1.0, leverage=10, mark_price=1e-308)


def listed_position(venue: str, side: str) -> dict[str, Any]:
    """The venue's first contract, or one of its own rate where none is on file."""
    contract = next(iter(tiers.tier_file(venue).contracts.values()), None)
    its: dict[str, Any] = {"venue": venue, "side": side, "size": 1.0, "entry_price": 60_000.0,
                           "mark_price": 59_000.0, "leverage": 10.0}  # fmt: skip
    if venue == "htx":
        its["leverage"] = 125.0  # the only one with factors on file
    if contract is None:
        return {**its, "symbol": "BTC-PERP", "mmr": 0.01, "contract_size": 1.0}
    return {**its, "symbol": contract.symbol, "contract_type": contract.contract_type}


@pytest.mark.parametrize("side", ["long", "short"])
@pytest.mark.parametrize("venue", venues.names())
def test_every_mode_is_what_the_table_says(venue: str, side: str) -> None:
    its = listed_position(venue, side)
    held = position.box(**its)
    whole = 3 * held.wallet
    isolated, halved, cross, bare = sizing.compare_modes(wallet_balance=whole, **its)
    for mode, leverage in (
        (isolated, held.leverage), (halved, held.leverage / 2), (bare, 1.0),
    ):  # fmt: skip
        try:
            risk = ringfence.assess(**{**its, "leverage": leverage})
        except InputError as error:
            assert venue == "htx"
            assert mode == sizing.Mode(mode.mode, note=str(error))
            continue
        assert mode[2:6] == (
            risk.max_loss, risk.liquidation_price, risk.liquidation_distance, risk.margin_ratio,
        )  # fmt: skip
        assert mode.leverage == pytest.approx(leverage)
        assert mode.note.startswith("needs") == (risk.max_loss > whole)
    accounts = pd.DataFrame([{"account": "a", "venue": venue, "wallet_balance": whole}])
    row = pd.DataFrame([{**its, "margin_mode": "cross", "account": "a"}])
    risk = ringfence.evaluate(row, accounts=accounts).iloc[0]
    if risk["status"].startswith("error"):
        assert cross == sizing.Mode(cross.mode, note=risk["status"].removeprefix("error: "))
        assert held.terms.rule.cross is None or held.terms.inverse
        return
    figures = risk[["max_loss", "liquidation_price", "liquidation_distance", "margin_ratio"]]
    assert list(cross[2:6]) == [None if pd.isna(value) else value for value in figures]
    assert cross.note == ""


def test_a_mode_that_the_venue_has_not_has_no_figures() -> None:
    its = listed_position("gmx", "long")
    cross = sizing.compare_modes(wallet_balance=1e6, **its)[2]
    assert cross.note == "margin_mode: gmx has no cross margin on file"
    assert cross[1:6] == (None,) * 5


def test_margin_that_was_given_is_doubled_for_half_the_leverage() -> None:
    its: dict[str, Any] = {**BTC, "venue": "bybit", "size": 1.0, "isolated_margin": 7_000.0}
    for leverage in (None, 10.0):
        halved = sizing.compare_modes(wallet_balance=1e5, **its, leverage=leverage)[1]
        assert halved.margin == 14_000
        assert halved.liquidation_price == ringfence.liquidation_price(
            **{**its, "isolated_margin": 14_000.0}, leverage=leverage and leverage / 2
        )
