"""Books to report on: every kind of row that a report tells apart."""

from datetime import date
from typing import Any

import pandas as pd

from ringfence_addin.report import Report, build

AS_OF = date(2026, 11, 23)
_PRICES = {"BTCUSDT": 60_000.0, "ETHUSDT": 3_100.0, "SOLUSDT": 147.6, "DOGEUSDT": 0.1834}
# Text that is dangerous somewhere: in HTML, in reportlab's markup, in a workbook.
HOSTILE = (
    "<script>alert(1)</script>",
    "</td></table><img src=x onerror=alert(1)>",
    "<b>bold</b> & <font size=99>",
    "=cmd|' /C calc'!A0",
    "@SUM(1)",
    "+1+1",
    '{{ 7*7 }}{% raw %}" onload="x',
    "a\u202eb\x00\x07\ud800c",
    "https://example.com/beacon.png",
)


def position(**given: Any) -> dict[str, Any]:
    """A Binance long of 1 BTC at 10x, with other figures where given."""
    plain = {
        "venue": "binance",
        "symbol": "BTCUSDT",
        "side": "long",
        "size": 1.0,
        "entry_price": 60_000.0,
        "leverage": 10.0,
    }
    return plain | given


def plain_book(n: int) -> pd.DataFrame:
    """``n`` good positions, all different."""
    symbols = list(_PRICES)
    rows = [
        position(
            symbol=(symbol := symbols[at % len(symbols)]),
            side="short" if at % 3 == 0 else "long",
            size=round(5_000 / _PRICES[symbol] * (1 + at % 7), 3),
            entry_price=_PRICES[symbol],
            mark_price=_PRICES[symbol] * (1 + at / 100_000),
            leverage=float(2 + at % 20),
        )
        for at in range(n)
    ]
    return pd.DataFrame(rows)


def mixed_book() -> pd.DataFrame:
    """One row of each kind; in their order of distance: 3, 1, 5, 2."""
    return pd.DataFrame(
        [
            position(leverage=20.0),
            position(symbol="ETHUSDT", side="short", entry_price=3_000.0, mark_price=3_100.0,
                     leverage=2.0, size=10.0, account="desk A"),
            position(mark_price=50_000.0),  # already liquidated
            position(side="sideways"),  # in error
            position(venue="binance_coinm", symbol="BTCUSD_PERP", side="short", size=500.0,
                     entry_price=58_000.0, mark_price=60_000.0, leverage=8.0),
            position(leverage=1.0),  # never liquidated
        ]
    )  # fmt: skip


def wary_book() -> pd.DataFrame:
    """Rules that end or rest on little, and tiers with a date of their own and a note."""
    return pd.DataFrame(
        [
            position(venue="coinbase", mmr=0.01),
            position(venue="okx", symbol="BTC-USD-SWAP", contract_type="inverse", size=10.0),
        ]
    )


def hostile_book() -> pd.DataFrame:
    """Every dangerous text as symbol, account and venue, in good rows and in rows in error."""
    good = [position(symbol=text, account=text, mmr=0.01) for text in HOSTILE]
    bad = [position(venue=text, symbol=text) for text in HOSTILE]
    return pd.DataFrame([*good, *bad], dtype=object)  # pandas' own text holds no lone surrogate


def report_on(positions: pd.DataFrame, **more: Any) -> Report:
    """The report on a book, with other settings where given."""
    settings = {"as_of": AS_OF, "title": "Desk A", "source_name": "book.csv"} | more
    return build(positions, **settings)
