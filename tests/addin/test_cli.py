"""The ``ringfence`` command as users run it: exit status, files, one-line errors."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

import ringfence
from addin.hostile import INJECTION, MESSAGES, RECORDS
from ringfence_addin import tables
from ringfence_addin.cli import main

GOOD = [row for row, message in zip(RECORDS, MESSAGES, strict=True) if not message]


def book(path: Path, records: list[dict[str, str]]) -> str:
    pd.DataFrame(records).to_csv(path, index=False)
    return str(path)


@pytest.fixture
def good(tmp_path: Path) -> str:
    return book(tmp_path / "good.csv", GOOD)


@pytest.fixture
def bad(tmp_path: Path) -> str:
    return book(tmp_path / "bad.csv", RECORDS)


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ringfence_addin.cli", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        timeout=120,
        check=False,
    )


def test_twenty_kinds_of_bad_rows_as_a_process(bad: str, tmp_path: Path) -> None:
    done = run("risk", bad, "--format", "csv", cwd=tmp_path)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr + done.stdout
    errors = sum(bool(message) for message in MESSAGES)
    assert done.stderr == f"ringfence: {errors} rows are in error; see the status column\n"
    rows = list(csv.DictReader(done.stdout.splitlines()))
    assert len(rows) == len(RECORDS)
    for row, message in zip(rows, MESSAGES, strict=True):
        if message:
            assert row["status"].startswith(f"error: {message}")
            assert row["liquidation_price"] == ""
        else:
            assert row["status"] == "ok"
            assert float(row["liquidation_price"]) > 0


def test_good_rows_are_evaluate(good: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["risk", good, "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    risk = ringfence.evaluate(pd.DataFrame(GOOD))
    assert [row["liquidation_price"] for row in rows] == risk["liquidation_price"].tolist()
    assert [row["symbol"] for row in rows] == [row["symbol"] for row in GOOD]


def test_table_for_the_terminal(bad: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["risk", bad]) == 1
    text = capsys.readouterr().out
    assert "57,228.916" in text  # 0.5 BTC at 60,000 with 20x
    assert "nearest liquidation: row " in text
    assert "\t" not in text  # a control character from a cell


@pytest.mark.parametrize("suffix", ["csv", "json", "txt"])
def test_output_file_by_its_name(good: str, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"out.{suffix}"
    assert main(["risk", good, "-o", str(out)]) == 0
    text = out.read_text("utf-8")
    assert text.startswith({"csv": "venue,", "json": "[", "txt": "row"}[suffix])


def test_injected_text_is_inert_in_csv(bad: str, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    assert main(["risk", bad, "-o", str(out)]) == 1
    cells = [cell for row in csv.reader(out.open(encoding="utf-8")) for cell in row]
    assert f"'{INJECTION}" in cells
    assert "'@SUM(1)" in cells
    assert "-1" in cells  # a negative number stays one
    for cell in cells:
        assert not cell.startswith(("=", "@", "\t", "\r"))
        assert not cell.startswith(("+", "-")) or tables.inputs.number_from_text(cell) is not None


def test_fill_then_read_it_back(good: str, tmp_path: Path) -> None:
    out = tmp_path / "book.xlsx"
    for host in ("lite", "classic", "calc"):
        assert main(["fill", good, "-o", str(out), "--host", host]) == 0
        risk = tmp_path / "risk.json"
        assert main(["risk", str(out), "-o", str(risk)]) == 0
        again = [row["liquidation_price"] for row in json.loads(risk.read_text("utf-8"))]
        direct = ringfence.evaluate(pd.DataFrame(GOOD))["liquidation_price"].tolist()
        assert again == direct


def test_the_day_of_a_filled_workbook_is_kept(tmp_path: Path) -> None:
    row = {"venue": "bybit", "symbol": "BTCUSDT", "side": "long", "size": "1",
           "entry_price": "60000", "leverage": "10"}  # fmt: skip
    source, out = book(tmp_path / "one.csv", [row]), tmp_path / "book.xlsx"
    assert main(["fill", source, "-o", str(out), "--as-of", "2025-08-01"]) == 0
    for options, day in (([], "2025-08-01"), (["--as-of", "2026-01-01"], "2026-01-01")):
        answer = tmp_path / "risk.json"
        assert main(["risk", str(out), "-o", str(answer), *options]) == 0
        direct = ringfence.liquidation_price(**row, as_of=day)
        assert json.loads(answer.read_text("utf-8"))[0]["liquidation_price"] == direct


def test_summary_counts_what_it_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    row = {"venue": "binance", "symbol": "BTCUSDT", "side": "long", "size": "1",
           "entry_price": "100", "leverage": "10", "mark_price": "100"}  # fmt: skip
    gone = {**row, "mark_price": "90"}
    unpriced = {**row, "symbol": "ETHBTC", "entry_price": "0.04", "mark_price": "0.04"}
    source = book(tmp_path / "book.csv", [row, gone, unpriced, {**row, "size": "x"}])
    assert main(["risk", source]) == 1
    line = capsys.readouterr().out.splitlines()[-1]
    assert line == (
        "3 positions; 20.00 USD ring-fenced: all of it is lost if every box fails; 1 not in that"
        " sum (settled in a coin without a price here); 1 already liquidated"
    )


@pytest.mark.parametrize("suffix", ["html", "pdf", "xlsx"])
def test_report_of_a_file_with_bad_rows(bad: str, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"report.{suffix}"
    assert main(["report", bad, "-o", str(out), "--as-of", "2026-11-23"]) == 1
    assert out.stat().st_size > 2_000
    content = out.read_bytes()
    if suffix == "html":
        assert b"<script>alert" not in content
        assert b"&lt;script&gt;alert" in content
    if suffix == "xlsx":
        for sheet in openpyxl.load_workbook(out):
            assert all(cell.data_type != "f" for row in sheet for cell in row)
    first = out.read_bytes()
    main(["report", bad, "-o", str(out), "--as-of", "2026-11-23"])
    assert out.read_bytes() == first  # same input, same bytes


def test_report_of_a_filled_workbook(good: str, tmp_path: Path) -> None:
    out = tmp_path / "book.xlsx"
    assert main(["fill", good, "-o", str(out)]) == 0
    assert main(["report", str(out), "-o", str(tmp_path / "report.html")]) == 0


def test_demo(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "demo"
    assert main(["demo", "-o", str(folder)]) == 0
    written = {path.name for path in folder.iterdir()}
    assert written == {"positions.csv", "isolated_book.xlsx", "report.html", "report.pdf"}
    text = capsys.readouterr().out
    assert all(name in text for name in written)
    assert "nearest liquidation" in text


def test_venues_and_tiers(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["venues"]) == 0
    listed = capsys.readouterr().out
    assert all(name in listed for name in ("binance", "bybit", "okx", "hyperliquid"))
    assert main(["venues", "--venue", "bybit"]) == 0
    full = capsys.readouterr().out
    assert "ASSUMED" in full
    assert "bybit@2025-09-02" in full
    assert main(["tiers", "binance", "BTC/USDT:USDT"]) == 0
    assert "300,000" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["risk", "none.csv"], "none.csv: there is no such file"),
        (["risk"], "the following arguments are required: file"),
        (["nonsense"], "invalid choice: 'nonsense'"),
        ([], "required"),
        *(
            ([*its, "--as-of", "soon"], "argument --as-of: 'soon' is not a date like 2026-11-23;")
            for its in (["risk", "good.csv"], ["explain", "good.csv"], ["positions", "okx"])
        ),
        (["risk", "good.csv", "-o", "nowhere/out.csv"], "nowhere/out.csv: No such file"),
        (["risk", "good.csv", "-o", "out.xlsx"], "out.xlsx: risk writes .txt, .csv, .json"),
        (["risk", "."], ".: give a file that ends in .csv"),
        (["fill", "good.csv", "-o", "book.pdf"], "book.pdf"),
        (["fill", "good.csv", "-o", "book.xlsx", "--template", "none"], "isolated_book"),
        (["report", "good.csv", "-o", "report.doc"], ".html, .pdf, .xlsx"),
        (["venues", "--venue", "mtgox"], "venue: 'mtgox' is not on file"),
        (["tiers", "binance", "NOSUCH"], "symbol: 'NOSUCH' has no tiers on file for binance"),
        (["risk", "good.csv", "--accounts", "none.csv"], "none.csv: there is no such file"),
    ],
)
def test_wrong_use_is_one_line_and_exit_2(
    arguments: list[str], says: str, good: str, tmp_path: Path
) -> None:
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unwritable_place_leaves_the_old_file(
    good: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.csv"
    out.write_text("old")

    def full(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device", str(out))

    monkeypatch.setattr(Path, "write_text", full)
    assert main(["risk", good, "-o", str(out)]) == 2
    assert capsys.readouterr().err == f"ringfence: {out}: No space left on device\n"
    assert out.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_duplicate_headers_and_missing_columns(tmp_path: Path) -> None:
    path = tmp_path / "book.csv"
    path.write_text("venue,side,size,size,entry_price,leverage\nbinance,long,1,1,5,2\n")
    done = run("risk", str(path), "--format", "csv", cwd=tmp_path)
    assert done.returncode == 1
    assert "size: the table has this column more than once" in done.stdout
    path.write_text("venue,side\nbinance,long\n")
    done = run("risk", str(path), "--format", "csv", cwd=tmp_path)
    assert done.returncode == 1
    assert "size: missing" in done.stdout
    assert "entry_price: missing" in done.stdout


def test_reader_of_our_output_may_leave(good: str, tmp_path: Path) -> None:
    shell = f'"{sys.executable}" -m ringfence_addin.cli venues | head -c 5'
    done = subprocess.run(["bash", "-c", shell], cwd=tmp_path, capture_output=True, text=True,
                          timeout=60, check=False)  # fmt: skip
    assert done.stderr == ""


def test_a_workbooks_own_accounts_are_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shipped = Path(__file__).parents[2] / "templates" / "mixed_book.xlsx"
    assert main(["risk", str(shipped), "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert sum(row["rule"].startswith("binance cross") for row in rows) == 5
    again = tmp_path / "again.xlsx"
    assert main(["fill", str(shipped), "--template", "event_risk", "-o", str(again)]) == 0
    assert main(["report", str(again), "-o", str(tmp_path / "report.html")]) == 0
    # A file of accounts stands before them.
    other = tmp_path / "accounts.csv"
    other.write_text("account,venue,wallet_balance\nmarket making,binance,1\n")
    assert main(["risk", str(shipped), "--accounts", str(other)]) == 1
