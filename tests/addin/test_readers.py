"""Position files of every kind and of no kind."""

import json
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ringfence
from addin.hostile import MESSAGES, RECORDS
from ringfence_addin.readers import FileProblem, read_table
from ringfence_addin.workbook import gate

GOOD = [row for row, message in zip(RECORDS, MESSAGES, strict=True) if not message]


def write(path: Path, records: list[dict[str, str]]) -> Path:
    frame = pd.DataFrame(records)
    match path.suffix:
        case ".csv":
            frame.to_csv(path, index=False)
        case ".json":
            path.write_text(json.dumps(records), encoding="utf-8")
        case ".jsonl":
            path.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
        case ".parquet":
            frame.to_parquet(path)
        case ".xlsx":
            book = openpyxl.Workbook()
            book.active.title = "Something else"
            sheet = book.create_sheet("Positions")
            sheet.append(["My book"])
            sheet.append([None, *frame.columns])
            for row in frame.itertuples(index=False):
                sheet.append([None, *row])
                cell = sheet.cell(sheet.max_row, 3)
                cell.data_type = "s"  # a text, whatever it starts with
            book.save(path)
    return path


@pytest.mark.parametrize("suffix", [".csv", ".json", ".jsonl", ".parquet", ".xlsx"])
def test_every_kind_says_the_same(tmp_path: Path, suffix: str) -> None:
    table = read_table(write(tmp_path / f"book{suffix}", RECORDS))
    status = ringfence.evaluate(table.frame)["status"].tolist()
    for said, wanted in zip(status, MESSAGES, strict=True):
        assert said == "ok" if not wanted else said.startswith(f"error: {wanted}")


@pytest.mark.parametrize("line", ["a;b", "a\tb"])
def test_semicolons_and_tabs(tmp_path: Path, line: str) -> None:
    between = line[1]
    path = tmp_path / "book.csv"
    text = "venue,symbol,side,size,entry_price,leverage\nbinance,BTCUSDT,long,1,60000.5,20\n"
    text = text.replace(",", between).replace("60000.5", "60000,5")
    path.write_text(text, encoding="utf-16")
    table = read_table(path)
    assert ringfence.evaluate(table.frame)["notional"][0] == 60_000.5


@pytest.mark.parametrize(
    ("prices", "answers"),
    [
        (["60.000", "60.000,5"], [None, 60_000.5]),  # commas are decimal here, so 60.000 is 60000
        (["60.000", "60.125"], [None, None]),  # nothing in the file says which
        (["60.000", "60.5"], [60.0, 60.5]),  # points are decimal here
    ],
)
def test_groups_of_three_in_a_file_with_semicolons(
    tmp_path: Path, prices: list[str], answers: list[float | None]
) -> None:
    path = tmp_path / "book.csv"
    rows = "".join(f"binance;BTCUSDT;long;1;{price};20\n" for price in prices)
    path.write_text("venue;symbol;side;size;entry_price;leverage\n" + rows)
    table = read_table(path)
    book = ringfence.book.assess_table(table.frame, refused=table.problems)
    for row, (price, answer) in enumerate(zip(prices, answers, strict=True)):
        if answer is None:
            message = f"error: entry_price: {price!r} may be a thousand times as much"
            assert book.risk["status"][row].startswith(message)
        else:
            assert book.risk["notional"][row] == answer


def test_a_row_with_too_many_cells_is_refused_not_shifted(tmp_path: Path) -> None:
    path = tmp_path / "book.csv"
    path.write_text(
        "venue,symbol,side,size,entry_price,leverage\n"
        "binance,BTCUSDT,long,1,60,000,20\n"
        "binance,BTCUSDT,long,1,60000,20,,\n",
    )
    table = read_table(path)
    assert table.problems == {
        0: "row: has 7 cells, the header has 6 (a number with an unquoted comma?)"
    }
    book = ringfence.book.assess_table(table.frame, refused=table.problems)
    assert book.risk["status"].tolist() == [f"error: {table.problems[0]}", "ok"]


def test_a_line_of_jsonl_that_is_none_keeps_its_place(tmp_path: Path) -> None:
    path = tmp_path / "book.jsonl"
    path.write_text(f"{{broken\n[1]\n{json.dumps(GOOD[0])}\n")
    table = read_table(path)
    assert list(table.problems) == [0, 1]
    assert len(table.frame) == 3


def test_wrong_encoding_spoils_only_its_cells(tmp_path: Path) -> None:
    path = tmp_path / "book.csv"
    text = "venue,symbol,side,size,entry_price,leverage,note\n"
    text += "binance,BTCUSDT,long,1,60000,20,Zürich\nbinance,BTC€USDT,long,1,60000,20,\n"
    path.write_bytes(text.encode("cp1252"))
    table = read_table(path)
    assert "are not utf-8-sig" in table.warnings[0]
    status = ringfence.evaluate(table.frame)["status"]
    assert status[0] == "ok"
    assert status[1].startswith("error: symbol: ")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("book.csv", b"", "the file is empty"),
        ("book.csv", b"\n \n", "the file is empty"),
        ("book.csv", b"a,b\n1,2\n", "no column is known; the header row must name venue"),
        ("book.csv", b"venue\0\0\0", "is not text"),
        ("book.json", b"{", "is not JSON"),
        ("book.json", b'{"a": 1}', "must hold a list of positions"),
        ("book.json", b"[" * 100_000, "is not JSON"),
        ("book.xlsx", b"PK nonsense", "is not an .xlsx workbook"),
        ("book.parquet", b"PAR1 nonsense", "is not parquet"),
        ("book.txt", b"venue", "give a file that ends in .csv"),
    ],
)
def test_unusable_files_say_so_in_one_line(
    tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(FileProblem) as caught:
        read_table(path)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match="there is no such file"):
        read_table(tmp_path / "none.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(FileProblem, match="is not a file"):
        read_table(tmp_path / "folder.csv")


def test_workbooks_that_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "book.xlsx"
    with zipfile.ZipFile(path, "w") as parts:
        parts.writestr("xl/workbook.xml", "<x>")
    with pytest.raises(FileProblem, match="is not a workbook"):
        read_table(path)
    write(path, GOOD)
    monkeypatch.setattr(gate, "MAX_BYTES", 10_000)
    with pytest.raises(FileProblem, match="more than"):
        read_table(path)


def test_blank_rows_are_left_out_and_a_long_run_ends_the_sheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(list(GOOD[0]))
    sheet.append([])
    sheet.append(list(GOOD[0].values()))
    sheet.cell(5_000, 1, "far away")
    path = tmp_path / "book.xlsx"
    book.save(path)
    assert len(read_table(path).frame) == 1


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([".csv", ".json", ".jsonl", ".xlsx", ".parquet"]), st.binary(max_size=300))
def test_any_bytes_are_a_table_or_a_one_line_problem(
    tmp_path: Path, suffix: str, content: bytes
) -> None:
    path = tmp_path / f"book{suffix}"
    path.write_bytes(content)
    try:
        table = read_table(path)
    except FileProblem as problem:
        assert "\n" not in str(problem)
    else:
        assert len(ringfence.evaluate(table.frame)) == len(table.frame)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=200))
def test_any_text_under_a_known_header(tmp_path: Path, text: str) -> None:
    path = tmp_path / "book.csv"
    path.write_text("venue,symbol,side,size,entry_price,leverage\n" + text, encoding="utf-8",
                    errors="replace")  # fmt: skip
    try:
        table = read_table(path)
    except FileProblem as problem:
        assert "\n" not in str(problem)
    else:
        book = ringfence.book.assess_table(table.frame, refused=table.problems)
        assert all(isinstance(status, str) for status in book.risk["status"])
