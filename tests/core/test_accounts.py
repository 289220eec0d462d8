"""Accounts: whose wallet a cross position draws on, and what is said where it cannot be told."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

import ringfence
from ringfence.accounts import Accounts, from_frame
from ringfence.errors import InputError

BTC: dict[str, Any] = {"venue": "binance", "symbol": "BTCUSDT", "margin_mode": "cross",
                       "side": "long", "size": 1.0, "entry_price": 60_000.0}  # fmt: skip


def status(positions: list[dict[str, Any]], accounts: list[dict[str, Any]] | None) -> list[str]:
    return evaluate(positions, accounts)["status"].tolist()


def evaluate(
    positions: list[dict[str, Any]], accounts: list[dict[str, Any]] | None
) -> pd.DataFrame:
    held = None if accounts is None else pd.DataFrame(accounts)
    return ringfence.evaluate(pd.DataFrame(positions), accounts=held, as_of="2026-11-24")


def row(balance: Any, **more: Any) -> dict[str, Any]:
    return {"account": "Main", "venue": "binance", "wallet_balance": balance, **more}


def test_names_are_met_whatever_their_case() -> None:
    own = {**BTC, "account": " MAIN "}
    table = evaluate([own], [row(10_000), row(5, venue="okx")])
    assert table["status"].tolist() == ["ok"]
    assert table["margin_balance"][0] == 10_000


def test_a_position_without_an_account_takes_the_only_one() -> None:
    assert status([BTC], [row(10_000), row(1, venue="okx")]) == ["ok"]
    (said,) = status([BTC], [row(10_000), row(1, account="other")])
    assert said == (
        "error: account: no wallet_balance at binance for a row without an account;"
        " add it to the accounts"
    )
    (said,) = status([{**BTC, "account": "x"}], [row(10_000)])
    assert "no wallet_balance at binance for account 'x'" in said


def test_without_accounts() -> None:
    (said,) = status([BTC], None)
    assert said.startswith("error: account: a cross position needs the wallet_balance of its acc")


@pytest.mark.parametrize(
    ("account", "says"),
    [
        (row(None), "wallet_balance: missing; give wallet without unrealized PnL"),
        (row("60,000"), "wallet_balance: '60,000' is not a number"),
        (row(1, collateral_mode="both"), "collateral_mode: 'both' is not single or multi"),
        (row(1, price=-1), "price: -1 is not a number above 0"),
        (row(1, collateral_weight=1.5), "collateral_weight: 1.5 is not a number from 0 to 1"),
    ],
)
def test_a_row_that_cannot_be_used_refuses_who_needs_it(account: dict[str, Any], says: str) -> None:
    okx = {**BTC, "venue": "okx", "symbol": "BTC-USDT-SWAP"}
    said, other = status([BTC, okx], [account, row(50, venue="okx")])
    assert said.startswith("error: account: its row among the accounts: ")
    assert says in said
    assert other == "ok"


def test_rows_for_venues_that_are_not_on_file() -> None:
    accounts = Accounts({"account": ["a", "b"], "venue": ["mtgox", None],
                         "wallet_balance": [1, 2]})  # fmt: skip
    assert "'mtgox' is not on file" in accounts.errors[0]
    assert accounts.errors[1].startswith("venue: missing")


def test_tables_that_are_none() -> None:
    assert from_frame(None) is None
    with pytest.raises(InputError, match="wallet_balance: missing; accounts need account, venue"):
        from_frame(pd.DataFrame({"venue": ["binance"]}))
    twice = pd.DataFrame([["binance", 1, 2]], columns=["venue", "wallet_balance", "Wallet Balance"])
    with pytest.raises(InputError, match="wallet_balance: the accounts have this column more than"):
        from_frame(twice)


# Boxes and currencies


def test_boxes_come_out_of_the_wallet_first() -> None:
    boxed = {**BTC, "symbol": "ETHUSDT", "margin_mode": "isolated", "isolated_margin": 4_000.0,
             "entry_price": 3_000.0, "size": 10.0, "account": "main"}  # fmt: skip
    own = {**BTC, "account": "main"}
    table = evaluate([own, boxed], [row(14_000)])
    assert table["margin_balance"].tolist() == [10_000, 4_000]
    alone = evaluate([own], [row(10_000)])
    assert table["liquidation_price"][0] == alone["liquidation_price"][0]
    said, other = status([own, boxed], [row(3_000)])
    assert "wallet_balance 3000 is less than the margin in its boxes, 4000" in said
    assert other == "ok"


def test_currencies_part_pools() -> None:
    usdc = {**BTC, "symbol": "BTCUSDC"}
    table = evaluate([BTC, usdc], [row(10_000, currency="usdt"), row(20_000, currency="USDC")])
    assert table["margin_balance"].tolist() == [10_000, 20_000]
    said = status([BTC, usdc], [row(10_000)])
    assert all("currency: missing among the accounts" in text for text in said)
    (said_one,) = status([BTC], [row(10_000, currency="USDC")])
    assert "account: no wallet in USDT among the accounts" in said_one


def test_coin_margined_positions_find_binances_other_house() -> None:
    coin = {**BTC, "symbol": "BTCUSD_PERP", "size": 100.0}
    for venue in ("binance", "binance_coinm"):
        table = evaluate([coin], [row(0.5, venue=venue)])
        assert table["status"].tolist() == ["ok"]
        assert table["margin_balance"][0] == 0.5


def test_dollars_add_up_where_the_account_is_one_pool() -> None:
    hype = {**BTC, "venue": "hyperliquid", "symbol": "BTC"}
    accounts = [row(6_000, venue="hyperliquid", currency="USDC"),
                row(4_000, venue="hyperliquid", currency="USDT")]  # fmt: skip
    assert evaluate([hype], accounts)["margin_balance"].tolist() == [10_000]
    bybit = {**BTC, "venue": "bybit", "symbol": "BTCUSD", "leverage": 10.0}
    (said,) = status([bybit], [row(1, venue="bybit")])
    assert (
        "bybit values this account in dollars; cross positions that settle in BTC are not" in said
    )


def test_several_coins_as_one_collateral() -> None:
    accounts = [
        row(1_000, currency="USDT", collateral_mode="multi"),
        row(0.5, currency="BTC", collateral_mode="multi", price=60_000),
        row(-2.0, currency="ETH", collateral_mode="multi", price=3_000),
    ]
    # Binance's weights: USDT 99.99 %, BTC 95 %; a debt counts in full
    expected = 1_000 * 0.9999 + 0.5 * 60_000 * 0.95 - 6_000
    assert evaluate([BTC], accounts)["margin_balance"][0] == pytest.approx(expected)
    own = [{**accounts[1], "collateral_weight": 0.5}]
    assert evaluate([BTC], own)["margin_balance"][0] == pytest.approx(15_000)
    (said,) = status([BTC], [row(0.5, currency="BTC", collateral_mode="multi")])
    assert "price: missing; give the dollars that one BTC is worth" in said
    (said,) = status([BTC], [row(5, currency="PEPE", collateral_mode="multi", price=1)])
    assert "collateral_weight: what PEPE counts for is not on file; give it" in said
    slices = [row(22, venue="okx", currency="BTC", collateral_mode="multi", price=60_000)]
    okx = {**BTC, "venue": "okx", "symbol": "BTC-USDT-SWAP"}
    balance = evaluate([okx], slices)["margin_balance"][0]
    assert balance == pytest.approx(60_000 * (20 * 0.98 + 2 * 0.9775))


# Rows that do not fit together


def test_a_pool_with_an_unknown_row_is_not_known() -> None:
    bad = {**BTC, "symbol": "NOSUCH", "margin_mode": "isolated", "leverage": 5.0}
    elsewhere = {**BTC, "account": "b"}
    both = [{**BTC, "account": "main"}, {**bad, "account": "main"}, elsewhere]
    said, why, other = status(both, [row(10_000), row(10_000, account="b")])
    assert said == (
        "error: account: another of its rows is in error, so that what the pool requires is not"
        " known"
    )
    assert why.startswith("error: symbol: ")
    assert other == "ok"


def test_what_a_cross_row_must_not_say() -> None:
    (said,) = status([{**BTC, "isolated_margin": 5.0}], [row(10_000)])
    assert said.startswith("error: isolated_margin: has no place in a cross position")
    assert status([{**BTC, "isolated_margin": 0.0}], [row(10_000)]) == ["ok"]


def test_one_way_venues_hold_one_position_a_contract() -> None:
    long = {**BTC, "venue": "hyperliquid", "symbol": "BTC"}
    short = {**long, "side": "short", "symbol": "BTC/USDC:USDC"}
    for said in status([long, short], [row(10_000, venue="hyperliquid")]):
        assert said == "error: side: the venue holds one position a contract: long or short"


def test_one_contract_has_one_mark_and_one_rule() -> None:
    short = {**BTC, "side": "short", "mark_price": 61_000.0}
    said = status([{**BTC, "mark_price": 60_000.0}, short], [row(10_000)])
    assert all("mark_price: positions in one contract have one mark price" in s for s in said)
    lots = [BTC, {**BTC, "mmr": 0.01}]
    said = status(lots, [row(10_000)])
    assert all("symbol: this account has the contract twice, with other terms" in s for s in said)


def test_a_rule_that_needs_the_leverage_says_so() -> None:
    bybit = {**BTC, "venue": "bybit"}
    (said,) = status([bybit], [row(10_000, venue="bybit")])
    assert said == "error: leverage: missing; this venue's cross margin depends on it"
    assert status([{**bybit, "leverage": 10.0}], [row(10_000, venue="bybit")]) == ["ok"]


def test_venues_without_cross_margin() -> None:
    gmx = {**BTC, "venue": "gmx", "symbol": "BTC"}
    (said,) = status([gmx], [row(10_000, venue="gmx")])
    assert said == "error: margin_mode: gmx has no cross margin on file"
    with pytest.raises(InputError, match="a cross position depends on its whole account"):
        ringfence.assess(**BTC)


def test_beyond_the_tiers_a_pool_is_refused() -> None:
    large = {**BTC, "venue": "gate", "symbol": "BTC_USDT", "size": 600_000.0}
    said = status([large, {**BTC, "venue": "gate", "symbol": "BTC_USDT", "side": "short"}],
                  [row(10_000_000, venue="gate")])  # fmt: skip
    assert any("end at a notional of 3e+06" in text for text in said)
    assert all(text.startswith("error") for text in said)


def test_pairs_on_slabs_are_solved_floor_by_floor() -> None:
    # Bitget before 2025-11-10: the whole position at one rate, so that the margin jumps
    pair = [
        {**BTC, "venue": "bitget", "size": 20.0, "as_of": "2025-10-15"},
        {**BTC, "venue": "bitget", "size": 5.0, "side": "short", "as_of": "2025-10-15"},
    ]
    table = evaluate(pair, [row(150_000, venue="bitget")])
    price = table["liquidation_price"]
    assert price[0] == price[1]
    assert 50_000 < price[0] < 60_000
    moved = [
        {**its, "mark_price": price[0] * step} for its in pair for step in (1 + 1e-7, 1 - 1e-7)
    ]
    for step, ratio in ((0, 1.0), (1, 1.0)):
        there = evaluate([moved[step], moved[step + 2]], [row(150_000, venue="bitget")])
        assert there["margin_ratio"][0] == pytest.approx(ratio, rel=1e-4)
        assert (there["margin_ratio"][0] >= 1) == bool(step)


def test_a_large_table_reads_as_a_small_one() -> None:
    table = pd.DataFrame([{**BTC, "account": f"a{at % 50}"} for at in range(25_000)])
    held = pd.DataFrame([row(1e7, account=f"a{at}") for at in range(50)])
    many = ringfence.evaluate(table, accounts=held)
    few = ringfence.evaluate(table.iloc[::50], accounts=held)
    assert many["status"].unique().tolist() == ["ok"]
    assert np.isclose(many["margin_balance"].iloc[0], 1e7)
    assert few["margin_balance"].iloc[0] == 1e7


# Found by trying: one account is one, however it is written


ETH: dict[str, Any] = {**BTC, "symbol": "ETHUSDT", "size": 20.0, "entry_price": 3_000.0,
                       "mark_price": 3_000.0}  # fmt: skip


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"account": "main"}, {"account": "MAIN "}),
        ({"account": "main"}, {"venue": "Binance", "account": "main"}),
        ({"account": None}, {"account": float("nan")}),
        ({"account": "main"}, {"account": None}),
    ],
)
def test_two_spellings_of_an_account_are_one_pool(one: dict[str, Any], two: dict[str, Any]) -> None:
    plain = evaluate([{**BTC, "account": "main"}, {**ETH, "account": "main"}], [row(10_000)])
    spelt = evaluate([{**BTC, **one}, {**ETH, **two}], [row(10_000)])
    assert spelt["liquidation_price"].tolist() == plain["liquidation_price"].tolist()
    boxed = {**ETH, **two, "margin_mode": "isolated", "leverage": 10.0}
    assert evaluate([{**BTC, **one}, boxed], [row(10_000)])["margin_balance"][0] == 4_000


def test_accounts_with_numbers_for_names() -> None:
    for name in (7, 7.0, "7"):
        for label in (7, "7"):
            table = evaluate([{**BTC, "account": label}], [row(10_000, account=name)])
            assert table["status"].tolist() == ["ok"], (name, label)


def test_one_wallet_is_not_given_to_two_pools() -> None:
    coin = {**BTC, "symbol": "BTCUSD_PERP", "size": 100.0}
    said = status([BTC, coin], [row(10_000)])
    assert all("settle in several currencies" in text for text in said)
    twice = [row(10_000), row(10_000)]
    assert "it is listed more than once; its rows need a currency each" in status([BTC], twice)[0]
    named = [row(10_000, currency="USDT"), row(10_000, currency="usdt")]
    assert "currency: this account has one of them twice" in status([BTC], named)[0]
    mixed = [row(1, currency="USDT"), row(1, currency="BTC", collateral_mode="multi", price=1)]
    assert "collateral_mode: is single in one row" in status([BTC], mixed)[0]


def test_several_collateral_coins_make_one_pool_in_dollars() -> None:
    usdc = {**ETH, "symbol": "ETHUSDC"}
    held = [row(10_000, currency="USDT", collateral_mode="multi")]
    both = evaluate([BTC, usdc], held)
    assert both["margin_balance"].tolist() == [9_999, 9_999]
    assert both["margin_ratio"][0] == both["margin_ratio"][1]
    coin = {**BTC, "venue": "okx", "symbol": "BTC-USD-SWAP", "size": 100.0}
    (said,) = status([coin], [row(10_000, venue="okx", currency="USDT", collateral_mode="multi",
                                  collateral_weight=1)])  # fmt: skip
    assert "contract_type: in multi collateral mode only contracts that settle in dollars" in said


def test_a_given_rate_does_not_make_another_contract() -> None:
    okx = {"venue": "okx", "margin_mode": "cross", "entry_price": 60_000.0}
    accounts = [row(10_000, venue="okx")]
    for spelt in ("BTC-USDT-SWAP", "BTCUSDT"):
        pair = [{**okx, "symbol": "BTC-USDT-SWAP", "side": "long", "size": 100.0},
                {**okx, "symbol": spelt, "side": "short", "size": 90.0, "mmr": 0.004}]  # fmt: skip
        prices = evaluate(pair, accounts)["liquidation_price"]
        assert prices[0] == prices[1] or prices.isna().all()
    hype = {**okx, "venue": "hyperliquid", "size": 1.0}
    both = [{**hype, "symbol": "BTC", "side": "long"},
            {**hype, "symbol": "BTCUSDC", "side": "short", "mmr": 0.0125}]  # fmt: skip
    assert all("side: " in text for text in status(both, [row(20_000, venue="hyperliquid")]))


def test_lots_may_be_spelt_in_two_ways() -> None:
    lots = [BTC, {**BTC, "symbol": "BTC/USDT:USDT", "contract_type": "linear"}]
    assert status(lots, [row(20_000)]) == ["ok", "ok"]
    other = [{**BTC, "mark_price": 60_000.0}, {**BTC, "mark_price": 50_000.0}]
    assert all("mark_price: " in text for text in status(other, [row(20_000)]))


@pytest.mark.parametrize("venue", ["coinex", "bingx", "kucoin"])
def test_a_grain_of_a_hedge_moves_nothing(venue: str) -> None:
    own = {"venue": venue, "margin_mode": "cross", "leverage": 10.0, "mmr": 0.01,
           "contract_type": "linear", "contract_size": 1.0, "entry_price": 60_000.0,
           "mark_price": 60_000.0}  # fmt: skip
    other = {**own, "symbol": "ETHUSDT", "side": "long", "size": 20.0, "entry_price": 3_000.0,
             "mark_price": 4_000.0}  # fmt: skip
    long = {**own, "symbol": "BTCUSDT", "side": "long", "size": 1.0}
    accounts = [row(20_000, venue=venue)]
    alone = evaluate([long, other], accounts)
    hedged = evaluate([long, {**long, "side": "short", "size": 1e-9}, other], accounts)
    assert hedged["liquidation_price"][0] == pytest.approx(alone["liquidation_price"][0], rel=1e-6)


def test_what_would_take_all_of_its_value_is_refused_not_raised() -> None:
    sol = {"venue": "deribit", "contract_type": "linear", "entry_price": 150.0,
           "margin_mode": "cross", "side": "long"}  # fmt: skip
    rows = [{**sol, "symbol": "SOL_USDC-PERPETUAL", "size": 200_000.0},
            {**sol, "symbol": "SOL_USDC-26MAR27", "size": 1.0, "mmr": 0.02},
            {**BTC, "account": "main"}]  # fmt: skip
    said, other, ok = status(rows, [row(1e8, venue="deribit"), row(1e5)])
    assert said.startswith("error: size: is so large that the maintenance margin would be all")
    assert other.startswith("error: account: another of its rows is in error")
    assert ok == "never liquidated"
    boxed = {**rows[0], "margin_mode": "isolated", "leverage": 10.0}
    assert status([boxed], None)[0].startswith("error: size: is so large")
    with pytest.raises(InputError, match="size: is so large"):
        ringfence.assess(**boxed)


def test_the_sign_of_the_distance_is_that_of_the_status() -> None:
    deribit = {"venue": "deribit", "margin_mode": "cross", "entry_price": 60_000.0}
    rows = [{**deribit, "symbol": "BTC-PERPETUAL", "side": "long", "size": 10_000.0},
            {**deribit, "symbol": "BTC-26MAR27", "contract_type": "inverse", "side": "short",
             "size": 60_000.0, "mmr": 0.01}]  # fmt: skip
    table = evaluate(rows, [row(0.3, venue="deribit")])
    assert table["status"].tolist() == ["ok", "ok"]
    assert (table["liquidation_distance"] > 0).all()


def test_the_nearer_of_two_liquidation_prices() -> None:
    pair = [
        {**BTC, "venue": "bitget", "size": 1238.5, "mark_price": 60_000.0},
        {**BTC, "venue": "bitget", "size": 1094.9, "mark_price": 60_000.0, "side": "short"},
    ]
    wallet = 1e6 + 2333.4 * 60_000 * 0.0606 - 3_667_200  # fmt: skip
    table = evaluate(pair, [row(wallet, venue="bitget")])
    if table["status"].tolist() == ["ok", "ok"]:
        price = table["liquidation_price"][0]
        nearer = abs(np.log(price / 60_000))
        for step in np.linspace(-0.99, 0.99, 199) * nearer:
            at = [{**its, "mark_price": 60_000.0 * float(np.exp(step))} for its in pair]
            assert evaluate(at, [row(wallet, venue="bitget")])["status"][0] == "ok"


def test_net_contracts_pick_the_tier_of_a_net_pair() -> None:
    htx = {"venue": "htx", "symbol": "BTC-USDT", "margin_mode": "cross", "leverage": 125.0,
           "entry_price": 60_000.0}  # fmt: skip
    accounts = [row(20_000, venue="htx")]
    pair = evaluate([{**htx, "side": "long", "size": 100_000.0},
                     {**htx, "side": "short", "size": 95_000.0}], accounts)  # fmt: skip
    net = evaluate([{**htx, "side": "long", "size": 5_000.0}], accounts)
    assert pair["margin_ratio"][0] == pytest.approx(net["margin_ratio"][0])


def test_a_row_of_no_known_venue_leaves_its_account_unknown() -> None:
    lost = {**ETH, "venue": "binanec", "account": "main"}
    said, _ = status([{**BTC, "account": "main"}, lost], [row(10_000)])
    assert "another of its rows is in error" in said
