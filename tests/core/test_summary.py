"""What a book adds up to, by hand."""

import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.strategies import positions
from ringfence.book import assess_table
from ringfence.summary import NEAR, summarise

BOOK = pd.DataFrame(
    [
        # 10,000 in the box; liquidated at 90,361.45, 9.64 % away
        {"venue": "binance", "symbol": "BTCUSDT", "side": "long", "size": 1, "entry_price": 100_000,
         "isolated_margin": 10_000},
        # 0.02 BTC at a mark of 50,000: 1,000 dollars; never liquidated
        {"venue": "binance_coinm", "symbol": "BTCUSD_PERP", "side": "short", "size": 10,
         "entry_price": 50_000, "isolated_margin": 0.02},
        # settles in BTC that the table has no price for: not counted
        {"venue": "binance", "symbol": "ETHBTC", "side": "long", "size": 10, "entry_price": 0.04,
         "isolated_margin": 0.1},
        # gone: 1,000 in the box
        {"venue": "hyperliquid", "symbol": "ETH", "side": "short", "size": 1, "entry_price": 4_000,
         "mark_price": 5_000, "isolated_margin": 1_000},
        {"venue": "binance", "symbol": "NOSUCH", "side": "long", "size": 1, "entry_price": 1,
         "leverage": 2},
    ]
)  # fmt: skip


def test_by_hand() -> None:
    figures = summarise(assess_table(BOOK))
    assert figures.positions == 5
    assert (figures.errors, figures.never_liquidated, figures.already_liquidated) == (1, 1, 1)
    assert figures.not_counted == 2
    assert figures.margin == pytest.approx(12_000)
    assert figures.notional == pytest.approx(100_000 + 1_000 + 5_000)
    assert figures.unrealized_pnl == pytest.approx(-1_000)
    assert figures.ranked.tolist()[:1] == [3]  # already liquidated comes first
    assert figures.nearest == 3
    assert figures.share_within == pytest.approx(
        {0.05: 1_000 / 12_000, 0.10: 11_000 / 12_000, 0.20: 11_000 / 12_000}
    )
    assert [math.isnan(m) for m in figures.dollar_margin] == [False, False, True, False, True]


def test_an_empty_book() -> None:
    figures = summarise(assess_table(BOOK.head(0)))
    assert figures.nearest is None
    assert figures.margin == 0
    assert figures.share_within == dict.fromkeys(NEAR, 0.0)


@settings(max_examples=30)
@given(st.lists(positions(), min_size=1, max_size=8))
def test_a_book_twice_is_twice_the_book(rows: list[dict[str, object]]) -> None:
    once = summarise(assess_table(pd.DataFrame(rows)))
    twice = summarise(assess_table(pd.DataFrame(rows + rows)))
    assert twice.margin == pytest.approx(2 * once.margin)
    assert twice.share_within == pytest.approx(once.share_within)
    shares = list(once.share_within.values())
    assert shares == sorted(shares)
    assert len(twice.ranked) == 2 * len(once.ranked)
