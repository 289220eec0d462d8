"""Sizes, stops, probabilities: put back into their definitions, and simulated."""

import math
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ringfence
from ringfence import sizing
from ringfence.errors import InputError
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
