"""The template position_sizer in a real LibreOffice: its formulas give what Python computes."""

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import ringfence
from calc.office import Document, Office, missing
from calc.test_isolated_book_calc import calculated, differences, same, stored_values
from ringfence import dynamics, sizing
from ringfence_templates import fill
from ringfence_templates.__main__ import SAMPLE_DAY, SAMPLES, sample
from ringfence_templates.position_sizer import ladder
from ringfence_templates.position_sizer.layout import CELL, GAP_CELL

SHIPPED = Path(__file__).parents[2] / "templates" / "position_sizer.xlsx"
DAY = float((SAMPLE_DAY - date(1899, 12, 30)).days)


def sample_trade() -> pd.DataFrame:
    return sample(SAMPLES["position_sizer"].positions)


def built(trade: dict[str, Any], path: Path, **options: Any) -> Path:
    options = {"filled_on": SAMPLE_DAY, "as_of": SAMPLE_DAY, "host": "calc", **options}
    fill("position_sizer", pd.DataFrame([trade]), path, **options)
    return path


def put(document: Document, **cells: Any) -> None:
    """Type into the inputs; None clears one."""
    for name, value in cells.items():
        sheet, cell = ("Path", GAP_CELL) if name == "gap" else ("Sizer", CELL[name])
        document.set(sheet, cell, value)


def test_as_shipped_every_stored_value_is_what_calc_computes(office: Office) -> None:
    stored = stored_values(SHIPPED)
    assert len(stored) > 800
    with office.open(SHIPPED) as document:
        # The file leaves the day to today; after that of the sample, rules may change.
        put(document, as_of=DAY)
        found = calculated(document, stored)
    differing = {at for at in stored if not same(stored[at], found[at])}
    assert {sheet for sheet, _ in differing} == {"Calc"}, differences(stored, found)
    assert [found[at] for at in differing] == [DAY], differences(stored, found)


# What is typed over the sample, every input by name
WHOLE: dict[str, Any] = {
    "venue": "binance", "symbol": "ETHUSDT", "side": "long", "size": 30.0, "entry_price": 3298.0,
    "mark_price": 3298.0, "isolated_margin": 12_000.0, "leverage": 10.0, "mmr": None,
    "maintenance_amount": None, "taker_fee_rate": None, "contract_type": None,
    "contract_size": None, "funding_rate": 0.0001, "interval_hours": 8.0, "volatility": 0.6,
    "sigmas": 2.0, "days": 7.0, "stop_price": 3100.0, "slippage": 0.001, "target_price": 2790.0,
    "wallet_balance": 60_000.0, "account_equity": None,
}  # fmt: skip
CHANGES: dict[str, dict[str, Any]] = {
    "short of BTC, auto-margin": {
        "venue": "bybit", "symbol": "BTCUSDT", "side": "short", "size": 2.4, "entry_price": 99_850.0,
        "mark_price": 101_391.0, "isolated_margin": 17_900.0, "leverage": 15.0,
        "stop_price": 104_000.0, "target_price": 112_000.0, "wallet_balance": 90_000.0,
        "sigmas": 1.5, "account_equity": 250_000.0,
    },
    "inverse": {
        "venue": "binance_coinm", "symbol": "BTCUSD_PERP", "size": 1200.0, "entry_price": 102_300.0,
        "mark_price": 101_365.1, "isolated_margin": 0.1215, "leverage": None,
        "stop_price": 97_000.0, "target_price": 90_000.0, "wallet_balance": 0.5,
    },
    "the liquidation before the stop": {"stop_price": 2500.0, "size": 45.0},
    "no stop, no wallet, no target": {
        "stop_price": None, "wallet_balance": None, "target_price": None,
    },
    "the whole wallet is in the box": {"wallet_balance": 12_000.0},
    "less in the wallet than in the box": {"wallet_balance": 11_000.0},
    "a stop on the wrong side": {"stop_price": 3400.0, "target_price": 3400.0},
    "already liquidated": {"mark_price": 2850.0},
    "bankrupt": {"mark_price": 2500.0},
    "never liquidated": {"isolated_margin": 98_940.0},
    "with leverage alone": {"isolated_margin": None, "mark_price": None},
    "no volatility": {"volatility": None},
    "no days, text as sigmas": {"days": None, "sigmas": "many"},
    "no funding rate": {"funding_rate": None, "interval_hours": None},
    "funding received": {"funding_rate": -0.0002, "interval_hours": 1.0},
    "no size survives": {"sigmas": 30.0, "volatility": 3.0, "isolated_margin": 5.0, "size": 0.01},
    "an error in the trade": {"symbol": "NOSUCHUSDT"},
    "a word for a number": {"size": "many"},
    "nothing but an exchange": {
        name: None for name in WHOLE if name != "venue"
    },
    "nothing at all": dict.fromkeys(WHOLE),
    "a long path": {"gap": 0.0003, "slippage": 0.0},
    "one step": {
        "venue": "hyperliquid", "symbol": "ETH", "stop_price": 3150.0, "target_price": 2700.0,
    },
    "no path on file": {
        "venue": "phemex", "symbol": "ETHUSDT", "mmr": 0.01, "contract_type": "linear",
    },
    "a small price": {
        "symbol": "1000PEPEUSDT", "size": 9e6, "entry_price": 0.01184, "mark_price": 0.01137,
        "isolated_margin": 21_000.0, "leverage": 5.0, "stop_price": 0.0105, "target_price": 0.008,
    },
    "tiers of its own": {"mmr": 0.01, "maintenance_amount": 100.0, "taker_fee_rate": 0.0002},
}  # fmt: skip


@pytest.mark.parametrize("host", ["lite", "classic", "calc"])
def test_after_changes_every_formula_is_what_python_computes(
    office: Office, tmp_path: Path, host: str
) -> None:
    before = built(WHOLE, tmp_path / "before.xlsx", host=host)
    wrong = {}
    cases = CHANGES if host == "calc" else dict(list(CHANGES.items())[:4])
    with office.open(before) as document:
        for name, changes in cases.items():
            after = {**WHOLE, **changes}
            expected = expected_values(after, tmp_path / "after.xlsx", host)
            put(document, **{"gap": None, **after})
            found = calculated(document, expected)
            if differ := differences(expected, found):
                wrong[name] = differ
    assert wrong == {}


def expected_values(trade: dict[str, Any], path: Path, host: str) -> dict[tuple[str, str], Any]:
    """What a workbook filled with ``trade`` and nothing put in for it has stored."""
    from ringfence_templates import finish, position_sizer
    from ringfence_templates.hosts import Host
    from ringfence_templates.position_sizer.trade import build_trade
    from dataclasses import replace

    its = build_trade(
        pd.DataFrame([trade]), accounts=None, as_of=SAMPLE_DAY, filled_on=SAMPLE_DAY, title="t",
        refused={},
    )  # fmt: skip
    given = {
        **its.given,
        **dict.fromkeys(its.put_in),
        **{"gap": trade.get("gap")},
        "as_of": SAMPLE_DAY,
    }
    finish.write(position_sizer._workbook(replace(its, given=given), Host(host)), path)
    return stored_values(path)
