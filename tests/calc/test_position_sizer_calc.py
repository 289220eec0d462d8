"""The template position_sizer in a real LibreOffice: its formulas give what Python computes."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import ringfence
from calc.compare import Cells, calculated, differences, stored_values
from ringfence import dynamics, sizing
from ringfence_addin.office.session import Document, Office
from ringfence_templates import fill, finish
from ringfence_templates.__main__ import SAMPLE_DAY
from ringfence_templates.filling import Filling
from ringfence_templates.hosts import Host
from ringfence_templates.position_sizer import workbook
from ringfence_templates.position_sizer.answers import EMPTY, NOT_HEARD
from ringfence_templates.position_sizer.ladder import LEVERAGES_HEAD, SIZES_HEAD
from ringfence_templates.position_sizer.layout import CELL, GAP_CELL
from ringfence_templates.position_sizer.trade import build_trade

SHIPPED = Path(__file__).parents[2] / "templates" / "position_sizer.xlsx"
SHOWN = ("Sizer", "Modes", "Path", "Ladder")

# Every input by name
WHOLE: dict[str, Any] = {
    "venue": "binance", "symbol": "ETHUSDT", "side": "long", "size": 30.0, "entry_price": 3298.0,
    "mark_price": 3298.0, "isolated_margin": 12_000.0, "leverage": 10.0, "mmr": None,
    "maintenance_amount": None, "taker_fee_rate": None, "contract_type": None,
    "contract_size": None, "funding_rate": 0.0001, "interval_hours": 8.0, "volatility": 0.6,
    "sigmas": 2.0, "days": 7.0, "stop_price": 3100.0, "slippage": 0.001, "target_price": 2790.0,
    "wallet_balance": 60_000.0, "account_equity": None, "gap": None,
}  # fmt: skip
CHANGES: dict[str, dict[str, Any]] = {
    "a short with auto-margin": {
        "venue": "bybit", "symbol": "BTCUSDT", "side": "short", "size": 2.4,
        "entry_price": 99_850.0, "mark_price": 101_391.0, "isolated_margin": 17_900.0,
        "leverage": 15.0, "stop_price": 104_000.0, "target_price": 112_000.0,
        "wallet_balance": 90_000.0, "sigmas": 1.5, "account_equity": 250_000.0,
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
    "the whole wallet in the box": {"wallet_balance": 12_000.0},
    "less in the wallet than in the box": {"wallet_balance": 11_000.0},
    "a stop on the wrong side": {"stop_price": 3400.0, "target_price": 3400.0},
    "already liquidated": {"mark_price": 2850.0},
    "bankrupt": {"mark_price": 2500.0},
    "never liquidated": {"isolated_margin": 98_940.0},
    "leverage alone": {"isolated_margin": None, "mark_price": None},
    "no volatility": {"volatility": None},
    "no days, a word for sigmas": {"days": None, "sigmas": "many"},
    "no funding rate": {"funding_rate": None, "interval_hours": None},
    "funding received": {"funding_rate": -0.0002, "interval_hours": 1.0},
    "no size survives": {"sigmas": 30.0, "volatility": 3.0, "isolated_margin": 5.0, "size": 0.01},
    "an error in the trade": {"symbol": "NOSUCHUSDT"},
    "a word for a number": {"size": "many"},
    "words for the others": dict.fromkeys(
        ("interval_hours", "stop_price", "slippage", "target_price", "wallet_balance", "gap"), "x"
    ),
    "nothing but an exchange": {name: None for name in WHOLE if name != "venue"},
    "nothing at all": dict.fromkeys(WHOLE),
    "a long path": {"gap": 0.0003, "slippage": 0.0},
    "a gap too small": {"gap": 1e-6, "slippage": 0.0},
    "a stop whose fill is beyond": {"stop_price": 2912.0, "slippage": 0.01},
    "without its leverage": {"leverage": None, "venue": "bybit"},
    "no funding at all": {"funding_rate": 0.0},
    "a gap past the box": {"mark_price": 2890.0, "slippage": 0.05},
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
SOME = list(CHANGES)[:3]


def built(trade: dict[str, Any], path: Path, host: str = "calc") -> Path:
    """A workbook in which nothing is put in for the trade."""
    its = build_trade(
        Filling(
            positions=pd.DataFrame([trade]), as_of=SAMPLE_DAY, filled_on=SAMPLE_DAY, title="Trade"
        )
    )
    given = {**its.given, **dict.fromkeys(its.put_in), "gap": trade["gap"], "as_of": SAMPLE_DAY}
    finish.write(workbook(replace(its, given=given, put_in=()), Host(host)), path)
    return path


def put(document: Document, **cells: Any) -> None:
    """Type into the inputs; None clears one."""
    for name, value in cells.items():
        sheet, cell = ("Path", GAP_CELL) if name == "gap" else ("Sizer", CELL[name])
        document.set(sheet, cell, value)


def answers(document: Document) -> dict[str, Any]:
    """The answers of the sheet Sizer by their labels."""
    return {str(row[0]).strip(): row[2] for row in document.values("Sizer", "F5:I60") if row[0]}


def position(**changes: Any) -> dict[str, Any]:
    """The inputs as the core takes them."""
    names = ("venue", "symbol", "side", "size", "entry_price", "mark_price", "isolated_margin",
             "leverage", "funding_rate")  # fmt: skip
    given = {**{name: WHOLE[name] for name in names}, **changes}
    return {"as_of": SAMPLE_DAY, **{n: v for n, v in given.items() if v is not None}}


@pytest.mark.parametrize("host", list(Host))
def test_after_changes_every_formula_is_what_python_computes(
    office: Office, tmp_path: Path, host: Host
) -> None:
    names = CHANGES if host is Host.CALC else SOME
    wrong: dict[str, list[str]] = {}
    with office.open(built(WHOLE, tmp_path / "before.xlsx", host)) as document:
        for name in names:
            after = {**WHOLE, **CHANGES[name]}
            expected: Cells = stored_values(built(after, tmp_path / "after.xlsx", host))
            put(document, **after)
            if differ := differences(expected, calculated(document, expected)):
                wrong[name] = differ
    assert wrong == {}


def test_answers_are_those_of_the_core(office: Office, tmp_path: Path) -> None:
    changes = {"size": 18.0, "mark_price": 3350.0, "stop_price": 3200.0, "target_price": 2400.0}
    with office.open(built(WHOLE, tmp_path / "book.xlsx")) as document:
        put(document, **changes)
        document.recalculate_hard()
        shown, verdict = answers(document), document.value("Sizer", "G5")
        modes = document.values("Modes", "B7:G10")
    held = position(size=18.0, mark_price=3350.0)
    risk = ringfence.assess(**held)
    move = {"volatility": 0.6, "days": 7.0}
    largest = sizing.max_size(**{**held, "size": None}, **move, sigmas=2.0)
    stop = sizing.stop_check(**held, stop_price=3200.0, slippage=0.001, account_equity=60_000.0)
    assert shown["Liquidation price"] == pytest.approx(risk.liquidation_price)
    assert shown["Distance from the mark price"] == pytest.approx(risk.liquidation_distance)
    chance = sizing.liquidation_probability(**held, **move)
    assert shown["Chance that it is touched"] == pytest.approx(chance)
    assert shown["Margin ratio at the mark"] == pytest.approx(risk.margin_ratio)
    assert largest is not None
    assert shown["Largest size that survives it"] == pytest.approx(largest)
    assert shown["Comes first"] == "stop"
    assert shown["Loss at the stop"] == pytest.approx(stop.loss)
    assert shown["Share of equity at risk"] == pytest.approx(stop.share_of_equity)
    days = dynamics.funding_bleed(**held).days
    assert shown["Days until funding liquidates"] == pytest.approx(days)
    top_up = dynamics.top_up(**held, target_price=2400.0)
    assert shown["Top-up for target_price"] == pytest.approx(top_up)
    assert shown["May be taken out"] == pytest.approx(dynamics.withdrawable(**held))
    assert str(verdict).startswith("It holds: a 2-sigma move in 7 days")
    for line, mode in zip(
        modes, sizing.compare_modes(**held, wallet_balance=60_000.0), strict=True
    ):
        assert line[0] == mode.mode
        assert line[4] == (pytest.approx(mode.liquidation_price) if mode[3] else "never")


def test_the_largest_size_is_where_the_move_liquidates(office: Office, tmp_path: Path) -> None:
    with office.open(built(WHOLE, tmp_path / "book.xlsx")) as document:
        document.recalculate_hard()
        shown = answers(document)
        largest, price = shown["Largest size that survives it"], shown["Price after the move"]
        words = document.value("Sizer", "G5")
    fees = 1 - 0.0005  # of the value at the price after the move; funding is 21 intervals
    margin = 12_000.0 - 21 * 0.0001 * largest * 3298.0
    # Put into the definition: equity after the move, less the fee, is what Binance requires there.
    equity = margin + largest * (price * fees - 3298.0)
    required = ringfence.assess(**position(size=largest, mark_price=price)).maintenance_margin
    assert equity == pytest.approx(required, rel=1e-6)
    assert words.startswith("Too large: a 2-sigma move in 7 days, with funding and fees")


def test_ladders_answer_for_what_is_typed(office: Office, tmp_path: Path) -> None:
    size_row, leverage_row = SIZES_HEAD + 2, LEVERAGES_HEAD + 3
    with office.open(built(WHOLE, tmp_path / "book.xlsx")) as document:
        document.set("Ladder", f"B{size_row}", 0.4)
        document.set("Ladder", f"B{leverage_row}", 7)
        document.recalculate_hard()
        sizes = document.values("Ladder", f"B{size_row}:I{size_row}")[0]
        leverages = document.values("Ladder", f"B{leverage_row}:I{leverage_row}")[0]
    price = ringfence.liquidation_price(**position(size=12.0))
    assert sizes[1:4] == pytest.approx([12.0, 12 * 3298 / 12_000, price])
    assert sizes[7] == "holds"
    price = ringfence.liquidation_price(**position(isolated_margin=None, leverage=7.0))
    assert leverages[1] == pytest.approx(30 * 3298 / 7)
    assert leverages[3] == pytest.approx(price)
    chance = sizing.touch_probability(
        mark_price=3298.0, barrier=price or 0, volatility=0.6, days=7.0
    )
    assert leverages[6] == pytest.approx(chance)


def test_red_when_the_liquidation_comes_first(office: Office, tmp_path: Path) -> None:
    with office.open(built(WHOLE, tmp_path / "book.xlsx")) as document:
        put(document, stop_price=2850.0, size=20.0)
        document.recalculate_hard()
        held = document.value("Sizer", "F5")
        put(document, stop_price=2400.0)
        document.recalculate_hard()
        shown = answers(document)
        light, words = document.value("Sizer", "F5"), document.value("Sizer", "G5")
    assert held == "Green"
    assert light == "Red"
    assert "The liquidation comes before the stop" in str(words)
    assert shown["Comes first"] == "liquidation"
    assert shown["Loss at the stop"] == 12_000.0


@pytest.mark.parametrize("trade", [dict.fromkeys(WHOLE), {**WHOLE, "size": "=1+1"}])
def test_without_a_good_trade_nothing_shown_is_an_error(
    office: Office, tmp_path: Path, trade: dict[str, Any]
) -> None:
    path = built(trade, tmp_path / "book.xlsx")
    stored = stored_values(path)
    with office.open(path) as document:
        found = calculated(document, stored)
        words = document.value("Sizer", "G5")
    assert differences(stored, found) == []
    assert not [at for at, value in found.items() if isinstance(value, dict)]
    assert words == EMPTY if trade["size"] is None else "size" in str(words)


def test_without_ringfence_the_sheets_say_so(bare_office: Office, tmp_path: Path) -> None:
    book = tmp_path / "book.xlsx"
    fill("position_sizer", pd.DataFrame([WHOLE]), book, filled_on=SAMPLE_DAY)
    with bare_office.open(book) as document:
        document.recalculate_hard()
        verdict = document.value("Sizer", "G5")
        others = [document.value(sheet, "B3") for sheet in SHOWN[1:]]
        cells = [cell for sheet in SHOWN for row in document.values(sheet) for cell in row]
    assert verdict == NOT_HEARD
    assert others == [NOT_HEARD] * 3
    assert not [cell for cell in cells if isinstance(cell, dict)]
