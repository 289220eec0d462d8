"""``ringfence explain`` as it is run."""

from pathlib import Path

import pytest

from ringfence.explain import explain
from ringfence_addin.cli import main
from ringfence_addin.commands.explain import as_text

BOOK = """venue,symbol,side,size,entry_price,leverage,margin_mode,account
binance,BTCUSDT,long,50,60000,20,,
gate,BTC_USDT,short,50,60000,,cross,main
binance,BTCUSDT,up,50,60000,20,,
"""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "book.csv"
    path.write_text(BOOK)
    (tmp_path / "accounts.csv").write_text("account,venue,wallet_balance\nmain,gate,30\n")
    return path


def test_isolated_row(book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", str(book), "--row", "1"]) == 0
    out = capsys.readouterr().out
    assert out == as_text(
        explain(
            venue="binance", symbol="BTCUSDT", side="long", size=50, entry_price=60_000, leverage=20
        )
    )
    lines = {line[2:33].strip(): line[33:].strip() for line in out.splitlines()}
    assert lines["liquidation_price"] == "57,342.7277302 USDT per BTC"
    assert lines["rate at the liquidation price"] == "0.0065"
    assert "tier 3 of 12, from a notional of 800,000" in out
    assert "Source" not in lines
    assert "https://www.binance.com/" in out


def test_cross_row_by_its_account(book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    accounts = str(book.with_name("accounts.csv"))
    assert main(["explain", str(book), "--row", "2", "--accounts", accounts]) == 0
    out = capsys.readouterr().out
    assert "Pool, at the marks" in out
    assert "pool equity - others' requirement" in out


@pytest.mark.parametrize(
    ("arguments", "status", "line"),
    [
        (["--row", "3"], 1, "row 3: error: side: 'up' is not long or short"),
        (["--row", "2"], 1, "row 2: error: account: a cross position needs the wallet_balance"),
        (["--row", "0"], 2, "--row: 0 is not one of the 3 rows"),
        (["--row", "4"], 2, "--row: 4 is not one of the 3 rows"),
    ],
)
def test_what_cannot_be_explained(
    book: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], status: int, line: str
) -> None:
    assert main(["explain", str(book), *arguments]) == status
    out, error = capsys.readouterr()
    assert not out
    assert error.startswith(f"ringfence: {line}")
    assert error.count("\n") == 1
