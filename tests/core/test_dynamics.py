"""Top-ups, withdrawals, funding, auto-margin, liquidations: put back, and conserved."""

import math
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import ringfence
from core.strategies import positions
from ringfence import dynamics, venues
from ringfence.errors import InputError, MissingInputError, RingfenceError, RuleMissingError
from ringfence.position import box

BTC = {"venue": "binance", "symbol": "BTCUSDT", "side": "long", "size": 50.0,
       "entry_price": 60_000.0, "leverage": 20.0}  # fmt: skip


def wallet_of(position: dict[str, Any]) -> float:
    return box(**position).wallet


def topped_up(position: dict[str, Any], amount: float) -> dict[str, Any]:
    """The position with more in its box, its leverage setting as it was."""
    held = box(**position)
    return {**position, "isolated_margin": held.wallet + amount, "leverage": held.leverage}


@given(positions(), st.floats(min_value=0.01, max_value=0.9))
def test_a_top_up_puts_the_liquidation_price_where_it_was_asked(
    position: dict[str, Any], away: float
) -> None:
    try:
        mark = box(**position).mark_price
    except RingfenceError:
        assume(False)
    target = mark * (1 - away if position["side"] == "long" else 1 + away)
    amount = dynamics.top_up(target_price=target, **position)
    assume(wallet_of(position) + amount > 0)
    try:
        price = ringfence.liquidation_price(**topped_up(position, amount))
    except RingfenceError as error:  # the tiers on file end on the way
        assert "tiers on file" in str(error) or "range" in str(error)
        return
    if price is None:
        assert amount > 0 or target < 1e-6 * mark
        return
    # A slab jumps at its floors: what lasts until the target may last a little longer
    beyond = (target - price) / target if position["side"] == "long" else (price - target) / target
    slab = venues.rule_sets(position["venue"])[-1].schedule == "slab" and "mmr" not in position
    assert beyond > -1e-7 if slab else abs(beyond) < 1e-7


@given(positions(), st.floats(min_value=0.02, max_value=0.95))
def test_a_top_up_reaches_the_ratio(position: dict[str, Any], ratio: float) -> None:
    try:
        amount = dynamics.top_up(target_ratio=ratio, **position)
        assume(wallet_of(position) + amount > 0)
        got = ringfence.margin_ratio(**topped_up(position, amount))
    except RingfenceError:
        assume(False)
    assume(position.get("mmr", 1.0) > 1e-6)
    assume(1e-9 < got < math.inf)  # where next to nothing is required there is no ratio to reach
    assert got == pytest.approx(ratio, rel=1e-6)


@pytest.mark.parametrize("leverage", [None, 20.0])
@pytest.mark.parametrize(("side", "target"), [("long", 51_000.0), ("short", 69_000.0)])
def test_a_leverage_stays_as_it_is_or_blank(
    leverage: float | None, side: str, target: float
) -> None:
    # Bybit: margin beyond that of the leverage set lowers the fee that is set aside
    bybit = {**BTC, "venue": "bybit", "side": side, "isolated_margin": 350_000.0,
             "leverage": leverage}  # fmt: skip
    amount = dynamics.top_up(target_price=target, **bybit)
    price = ringfence.liquidation_price(**{**bybit, "isolated_margin": 350_000.0 + amount})
    assert price == pytest.approx(target, rel=1e-12)


def test_a_box_past_its_liquidation_price_is_topped_up_from_the_mark() -> None:
    past = {**BTC, "venue": "bybit", "size": 5.0, "isolated_margin": 40_000.0, "leverage": 10.0,
            "mark_price": 50_000.0}  # fmt: skip
    amount = dynamics.top_up(target_price=49_000.0, **past)
    after = {**past, "isolated_margin": 40_000.0 + amount}
    assert ringfence.liquidation_price(**after) == pytest.approx(49_000.0)


def test_top_ups_that_make_no_sense() -> None:
    with pytest.raises(InputError, match="target_price: 61000 must be below the mark price 60000"):
        dynamics.top_up(target_price=61_000, **BTC)
    with pytest.raises(InputError, match="give either target_price or target_ratio"):
        dynamics.top_up(**BTC)
    with pytest.raises(InputError, match="target_ratio: 1 is not a number above 0 and below 1"):
        dynamics.top_up(target_ratio=1, **BTC)


# Withdrawals


def test_binance_lets_out_the_lesser_of_its_two_limits() -> None:
    # FAQ 360038447311: min(wallet - MM, wallet + size * (mark - entry) - mark * size * IMR)
    position = {**BTC, "isolated_margin": 200_000.0, "mark_price": 61_000.0}
    margin = ringfence.assess(**position).maintenance_margin
    expected = min(200_000 - margin, 200_000 + 50 * 1_000 - 61_000 * 50 / 20)
    assert dynamics.withdrawable(**position) == pytest.approx(expected)
    assert dynamics.withdrawable(**{**position, "mark_price": 57_000.0}) == 0


def test_hyperliquid_keeps_a_tenth_of_the_value() -> None:
    position = {"venue": "hyperliquid", "symbol": "ETH", "side": "long", "size": 1.0,
                "entry_price": 3_000.0, "leverage": 25.0, "isolated_margin": 1_000.0}  # fmt: skip
    assert dynamics.withdrawable(**position) == pytest.approx(1_000 - 300)  # not 3000 / 25


def test_a_profit_that_stays_caps_at_the_wallet() -> None:
    position = {"venue": "lighter", "symbol": "ETH", "side": "long", "size": 1.0,
                "entry_price": 1_000.0, "mark_price": 3_000.0, "leverage": 10.0,
                "isolated_margin": 100.0}  # fmt: skip
    assert dynamics.withdrawable(**position) == 100.0


def test_a_profit_may_leave_with_more_than_the_wallet() -> None:
    position = {"venue": "hyperliquid", "symbol": "ETH", "side": "long", "size": 1.0,
                "entry_price": 1_000.0, "mark_price": 3_000.0, "leverage": 10.0,
                "isolated_margin": 100.0}  # fmt: skip
    assert dynamics.withdrawable(**position) == pytest.approx(100 + 2_000 - 300)


def test_what_must_stay_needs_the_leverage_set() -> None:
    # The leverage that the wallet implies would make all of it the initial margin
    position = {**BTC, "isolated_margin": 200_000.0, "leverage": None}
    with pytest.raises(MissingInputError, match="leverage: missing"):
        dynamics.withdrawable(**position)
    with pytest.raises(MissingInputError, match="leverage: missing"):
        dynamics.auto_add_path(account_free=1.0, **{**position, "venue": "bybit"})
    mexc = {**position, "venue": "mexc", "symbol": "BTC_USDT", "size": 5_000.0,
            "isolated_margin": 3_000.0}  # fmt: skip
    assert dynamics.auto_add_path(account_free=1.0, **mexc)  # adds what is short, whatever it is


def test_a_limit_that_is_not_on_file_is_refused() -> None:
    with pytest.raises(RuleMissingError, match="what okx lets out of a box is not on file"):
        dynamics.withdrawable(venue="okx", symbol="BTC-USDT-SWAP", side="long", size=1,
                              entry_price=60_000, leverage=10)  # fmt: skip


@pytest.mark.parametrize("venue", venues.names())
def test_every_venue_answers_or_says_what_is_missing(venue: str) -> None:
    kind = venues.rule_sets(venue)[-1].contract_types[0]
    position = {"venue": venue, "symbol": "BTC", "contract_type": kind, "contract_size": 1.0,
                "side": "short", "size": 1.0, "entry_price": 60_000.0, "leverage": 10.0,
                "mmr": 0.005, "funding_rate": -0.0001}  # fmt: skip
    for ask in (
        lambda: dynamics.withdrawable(**position),
        lambda: dynamics.funding_bleed(**position),
        lambda: dynamics.auto_add_path(account_free=100.0, **position),
        lambda: dynamics.liquidation_path(**position),
    ):
        try:
            ask()
        except RuleMissingError as error:
            assert error.field == "venue"
            assert venue in str(error)


# Funding


def test_funding_step_by_step() -> None:
    position = {**BTC, "funding_rate": 0.0003}
    bleed = dynamics.funding_bleed(**position)
    assert bleed.payer == "box"
    assert bleed.a_day == pytest.approx(3 * 0.0003 * 3e6)
    wallet, fundings = wallet_of(position), 0
    while ringfence.margin_ratio(**{**position, "isolated_margin": wallet}) < 1:
        wallet -= 0.0003 * 3e6
        fundings += 1
    assert (bleed.fundings, bleed.days) == (fundings, fundings / 3)


def test_who_pays_decides() -> None:
    bybit = {**BTC, "venue": "bybit", "size": 5.0, "funding_rate": 0.001}
    dry = dynamics.funding_bleed(**bybit)
    assert dry.payer == "account, then box"
    assert dry.fundings
    flush = dynamics.funding_bleed(account_free=3_000.0, **bybit)
    assert flush.fundings == dry.fundings + 10  # 300 each
    received = dynamics.funding_bleed(**{**BTC, "side": "short", "funding_rate": 0.0001})
    assert received.days is None
    assert received.a_day < 0


def test_funding_that_is_not_known_or_too_little_to_count() -> None:
    with pytest.raises(MissingInputError, match="funding_rate: missing"):
        dynamics.funding_bleed(**BTC)
    assert dynamics.funding_bleed(funding_rate=0.0, **BTC).days is None
    assert dynamics.funding_bleed(funding_rate=1e-320, **BTC).days is None
    thin = {**BTC, "size": 1e-6, "leverage": 1e-307, "funding_rate": 0.0001}
    assert dynamics.funding_bleed(**thin).days is None


# Auto-margin


def test_auto_margin_adds_the_initial_margin_until_the_account_is_dry() -> None:
    bybit = {**BTC, "venue": "bybit", "size": 5.0}
    path = dynamics.auto_add_path(account_free=40_000.0, **bybit)
    assert [refill.added for refill in path] == [15_000.0, 15_000.0, 10_000.0]
    assert path[0].price == ringfence.liquidation_price(**bybit)
    assert all(b.price == a.liquidation_price for a, b in pairwise(path))
    assert path[-1].account_left == 0
    assert path[-1].liquidation_price == pytest.approx(
        ringfence.liquidation_price(**topped_up(bybit, 40_000.0))
    )
    assert dynamics.auto_add_path(account_free=0, **bybit) == []
    with pytest.raises(RuleMissingError, match="dydx has no auto-margin"):
        dynamics.auto_add_path(account_free=1.0, venue="dydx", symbol="BTC-USD", side="long",
                               size=1, entry_price=60_000, leverage=10)  # fmt: skip


def test_auto_margin_acts_at_the_mark_where_the_box_is_past_its_price() -> None:
    past = {**BTC, "venue": "bybit", "size": 5.0, "isolated_margin": 40_000.0, "leverage": 10.0,
            "mark_price": 50_000.0}  # fmt: skip
    (refill,) = dynamics.auto_add_path(account_free=5_000.0, **past)
    assert (refill.price, refill.added) == (50_000.0, 5_000.0)
    assert refill.liquidation_price == ringfence.liquidation_price(
        **{**past, "isolated_margin": 45_000.0}
    )


# The steps of a liquidation

PATHS = [
    ("binance", "BTCUSDT", 50.0), ("bybit", "BTCUSDT", 50.0), ("okx", "BTC-USDT-SWAP", 8_000.0),
    ("hyperliquid", "BTC", 50.0), ("dydx", "BTC-USD", 50.0), ("gate", "BTC_USDT", 400_000.0),
    ("deribit", "BTC-PERPETUAL", 1e6), ("bitget", "BTCUSDT", 50.0), ("kraken", "PI_XBTUSD", 1e6),
    ("mexc", "BTC_USDT", 100_000.0), ("phemex", "BTCUSDT", 10.0), ("lighter", "BTC", 10.0),
    ("drift", "BTC", 10.0), ("delta", "BTCUSD", 1_000.0), ("coinex", "BTCUSDT", 10.0),
    ("kucoin", "XBTUSDTM", 100.0), ("htx", "BTC-USDT", 1_000.0), ("bitmex", "XBTUSD", 10_000.0),
]  # fmt: skip


@pytest.mark.parametrize(("venue", "symbol", "size"), PATHS)
@pytest.mark.parametrize("side", ["long", "short"])
@pytest.mark.parametrize("slippage", [0.0, 0.002])
def test_a_liquidation_closes_all_and_loses_no_cent(
    venue: str, symbol: str, size: float, side: str, slippage: float
) -> None:
    position = {"venue": venue, "symbol": symbol, "side": side, "size": size,
                "entry_price": 60_000.0, "leverage": 125.0 if venue == "htx" else 10.0}  # fmt: skip
    try:
        path = dynamics.liquidation_path(slippage=slippage, **position)
    except RuleMissingError as error:
        assert venue in str(error)
        return
    fills = path.fills
    assert fills
    assert sum(fill.size_closed for fill in fills) == pytest.approx(size)
    assert fills[-1].size_left == pytest.approx(0, abs=1e-9 * size)
    sizes = [size, *(fill.size_left for fill in fills)]
    assert all(a > b for a, b in pairwise(sizes))
    start = ringfence.liquidation_price(**position)
    assert start
    assert fills[0].price == pytest.approx(start, rel=2e-3)
    assert path.to_trader == 0 or path.to_venue == 0 or fills[-1].action == "take_over"
    assert 0 <= path.to_trader <= wallet_of(position)
    assert_adds_up(position, slippage, path)


def assert_adds_up(
    position: dict[str, Any], slippage: float, path: dynamics.LiquidationPath
) -> None:
    """The identity, its terms counted again from the fills, and nobody better than the market."""
    held = box(**position)
    its = held.terms
    sign, entry, taken = held.side_sign, position["entry_price"], []
    steps = its.rule.box.steps or ()
    at_bankruptcy = {"take_over", *(s.action for s in steps if s.price == "bankruptcy")}

    def value(size: float, price: float) -> float:
        return size * its.contract_size * (1 / price if its.inverse else price)

    for fill in path.fills:
        assert sign * (fill.fill_price - fill.price) <= 1e-9 * fill.price
        assert fill.size_closed > 0
        pnl = held.direction * (value(fill.size_closed, fill.fill_price)
                                - value(fill.size_closed, entry))  # fmt: skip
        assert fill.realized_pnl == pytest.approx(pnl, rel=1e-6, abs=1e-6 * held.wallet)
        better = held.direction * (value(fill.size_closed, fill.price)
                                   - value(fill.size_closed, fill.fill_price))  # fmt: skip
        if fill.action in at_bankruptcy:
            taken.append(better)
        else:
            assert fill.fill_price == pytest.approx(fill.price * (1 - sign * slippage))
    for before, after in pairwise(path.fills):  # the price never comes back
        assert sign * (after.price - before.price) <= 0
    pnl, fees = (math.fsum(getattr(f, n) for f in path.fills) for n in ("realized_pnl", "fee"))
    assert fees == pytest.approx(path.fees)
    scale = held.wallet + abs(pnl)
    assert path.to_market == pytest.approx(-pnl - math.fsum(taken), abs=1e-6 * scale)
    parts = (path.to_market, path.fees, path.to_trader, path.to_venue, path.left_in_box)
    assert held.wallet + path.shortfall == pytest.approx(math.fsum(parts), abs=1e-9 * scale)
    assert min(*parts[1:4], path.shortfall) >= 0
    assert path.shortfall == 0 or path.to_trader == path.left_in_box == 0


@given(
    st.sampled_from(PATHS),
    st.sampled_from(["long", "short"]),
    st.floats(0.01, 3.0),
    st.sampled_from([2.0, 10.0, 50.0, 125.0]),
    st.sampled_from([0.0, 0.001, 0.01, 0.05, 0.3]),
    st.sampled_from([0.002, 0.02]),
    st.floats(0.7, 1.3),
)
def test_every_cent_of_a_liquidation_is_somebodys(
    traded: tuple[str, str, float], side: str, share: float, leverage: float, slippage: float,
    gap: float, mark: float,
) -> None:  # fmt: skip
    venue, symbol, size = traded
    position = {"venue": venue, "symbol": symbol, "side": side, "size": size * share,
                "entry_price": 60_000.0, "mark_price": 60_000.0 * mark,
                "leverage": leverage}  # fmt: skip
    try:
        path = dynamics.liquidation_path(slippage=slippage, gap=gap, **position)
    except RingfenceError as error:
        assert "on file" in str(error)
        return
    held = box(**position)
    if ringfence.margin_ratio(**position) >= 1 + 1e-9:  # past it already: from the mark on
        assert path.fills[0].price == pytest.approx(held.mark_price, rel=1.1 * gap)
    assert_adds_up(position, slippage, path)


def test_nobody_fills_better_than_the_market() -> None:
    # Slippage eats the wallet at the first step: the bankruptcy price is then 70,004
    path = dynamics.liquidation_path(venue="okx", symbol="BTC-USDT-SWAP", side="long", size=8_000,
                                     entry_price=60_000, leverage=10, slippage=0.05)  # fmt: skip
    assert [fill.action for fill in path.fills] == ["step_down", "take_over"]
    assert path.fills[1].fill_price == path.fills[1].price < 54_436
    assert path.shortfall == pytest.approx(path.to_market - 480_000)


def test_losses_beyond_the_box_are_a_shortfall() -> None:
    path = dynamics.liquidation_path(slippage=0.01, **{**BTC, "leverage": 10.0})
    assert path.shortfall == pytest.approx(13_695.54, abs=0.01)
    assert (path.to_trader, path.to_venue) == (0, 0)


def test_what_the_venue_gains_is_part_of_the_loss() -> None:
    path = dynamics.liquidation_path(**{**BTC, "venue": "bitget", "leverage": 10.0})
    assert path.fills[0].realized_pnl == -300_000
    assert path.to_venue == pytest.approx(18_460.30, abs=0.01)
    assert path.to_market + path.to_venue == pytest.approx(300_000)
    gate = dynamics.liquidation_path(venue="gate", symbol="BTC_USDT", side="long", size=400_000,
                                     entry_price=60_000, leverage=10)  # fmt: skip
    size = 0.0001  # of a contract
    gains = [(f.price - f.fill_price) * f.size_closed * size for f in gate.fills]
    assert gate.to_venue == pytest.approx(math.fsum(gains))
    assert len(gains) == 5


def test_a_fee_that_is_not_on_file_is_said_to_be() -> None:
    okx = {**BTC, "venue": "okx", "symbol": "BTC-USDT-SWAP", "size": 8_000.0}
    notes = {
        "okx": dynamics.liquidation_path(**okx).fee_note,
        "binance": dynamics.liquidation_path(**BTC).fee_note,
        "dydx": dynamics.liquidation_path(**{**BTC, "venue": "dydx", "symbol": "BTC-USD"}).fee_note,
    }
    assert notes == {
        "okx": "fee as on file",
        "binance": "fee not on file, taken as 0",
        "dydx": "fee is the most it may be",
    }


def test_a_box_past_its_liquidation_price_starts_at_the_mark() -> None:
    bybit = {**BTC, "venue": "bybit", "leverage": 10.0, "mark_price": 50_000.0}
    path = dynamics.liquidation_path(**bybit)
    assert {fill.price for fill in path.fills} == {50_000.0}
    assert path.shortfall == pytest.approx(200_000)  # 50 x 10,000 lost, 300,000 in the box


@pytest.mark.parametrize("side", ["long", "short"])
def test_no_step_closes_next_to_nothing(side: str) -> None:
    # A short grows over the bound of the tier it was closed down to as the price goes on
    for slippage in (0.0, 0.01):
        path = dynamics.liquidation_path(
            slippage=slippage, **{**BTC, "venue": "bybit", "side": side, "size": 183.0}
        )
        assert min(fill.size_closed for fill in path.fills) > 1e-3 * 2


def test_a_gap_is_neither_nothing_nor_too_small() -> None:
    assert dynamics.liquidation_path(gap=0, **BTC) == dynamics.liquidation_path(**BTC)
    with pytest.raises(InputError, match="gap: 1e-06 makes more than 1000 steps"):
        dynamics.liquidation_path(gap=1e-6, **BTC)


def test_okx_reduces_by_two_tiers_at_a_time() -> None:
    # Tier 3 starts at 5,000 contracts, tier 1 ends at 1,000
    path = dynamics.liquidation_path(venue="okx", symbol="BTC-USDT-SWAP", side="long", size=8_000,
                                     entry_price=60_000, leverage=10)  # fmt: skip
    assert [fill.action for fill in path.fills] == ["step_down", "take_over"]
    assert path.fills[0].size_left == pytest.approx(1_000)


def test_hyperliquid_closes_a_fifth_first_where_it_is_worth_more_than_100_000() -> None:
    large = {"venue": "hyperliquid", "symbol": "BTC", "side": "long", "size": 50,
             "entry_price": 60_000, "leverage": 10}  # fmt: skip
    assert dynamics.liquidation_path(**large).fills[0].size_closed == pytest.approx(10)
    small = dynamics.liquidation_path(**{**large, "size": 1})
    assert [fill.action for fill in small.fills] == ["close"]
    assert small.to_trader > 0


def test_a_position_that_is_never_liquidated_has_no_path() -> None:
    path = dynamics.liquidation_path(**{**BTC, "leverage": 1.0})
    assert path.fills == ()
    assert path.left_in_box == 3_000_000
    assert (path.to_trader, path.to_venue, path.fees, path.shortfall) == (0, 0, 0, 0)
