"""Workbooks made to break whoever opens them: refused in one line, or read for what they hold."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

import ringfence
from addin.hostile_workbooks import (
    BOOK,
    DDE,
    DECLARED,
    HEAD,
    LAUGHS,
    OUTSIDE,
    READ,
    REFUSED,
    ROW,
    XML_PARTS,
    a_million_blank_rows,
    bomb,
    row,
    wide_and_long,
    with_document_type,
)
from addin.packages import of_rows
from ringfence_addin.cli import main
from ringfence_addin.readers import FileProblem, accounts_beside, read_table
from ringfence_addin.workbook.gate import WorkbookProblem
from ringfence_addin.workbook.parts import read_package

MEMORY = 300 * 1024**2  # more than before, while any of them is read

# In a process of its own, which stops where it would take much more than it may.
MEASURE = """
import resource, sys
from pathlib import Path
import openpyxl
from ringfence_addin import readers

def most():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (taken + 2 * int(sys.argv[1]),) * 2)
before = most()
for path in sys.argv[2:]:
    try:
        readers.read_table(Path(path))
    except readers.FileProblem:
        pass
print(most() - before)
"""


def refusal(act: Callable[[Path], object], path: Path) -> str:
    with pytest.raises((FileProblem, WorkbookProblem)) as caught:
        act(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("name", REFUSED)
def test_refused_in_one_line(name: str, tmp_path: Path) -> None:
    write, says = REFUSED[name]
    path = write(tmp_path / "book.xlsx")
    for act in (read_table, read_package):
        said = refusal(act, path)
        assert said.startswith("book.xlsx: ")
        assert said.count("book.xlsx") == 1
        assert says in said


def test_a_table_wide_and_long_is_refused_while_it_is_read(tmp_path: Path) -> None:
    path = wide_and_long(tmp_path / "book.xlsx")
    assert "its table: 625 rows of 16,006 columns are more than 10,0" in refusal(read_table, path)


@pytest.mark.parametrize("name", READ)
def test_read_for_what_it_holds(name: str, tmp_path: Path) -> None:
    table = read_table(READ[name](tmp_path / "book.xlsx"))
    assert table.frame.astype(str).to_numpy().tolist()[0] == [str(its) for its in ROW]
    assert ringfence.evaluate(table.frame)["status"][0] == "ok"
    assert table.problems == {}
    assert table.as_of is None


@pytest.mark.skipif(sys.platform != "linux", reason="measured by /proc")
def test_in_bounded_memory(tmp_path: Path) -> None:
    writers = [*(write for write, _ in REFUSED.values()), *READ.values(), wide_and_long]
    paths = [str(write(tmp_path / f"book{at}.xlsx")) for at, write in enumerate(writers)]
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(MEMORY), *paths],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < MEMORY


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("declared", [LAUGHS, OUTSIDE, DECLARED])
@pytest.mark.parametrize("part", XML_PARTS)
def test_no_part_may_declare_entities(
    part: str, declared: str, encoding: str, tmp_path: Path
) -> None:
    path = with_document_type(tmp_path / "book.xlsx", part, declared, encoding)
    for act in (read_table, read_package):
        assert f"{part} declares a document type (entities)" in refusal(act, path)


def test_each_command_refuses_a_bomb(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = str(bomb(tmp_path / "book.xlsx")), str(tmp_path / "out.xlsx")
    for arguments in (
        ["risk", path],
        ["fill", path, "-o", out],
        ["report", path, "-o", out],
        ["convert", path, "--host", "lite", "-o", out],
    ):
        assert main(arguments) == 2
        said = capsys.readouterr().err
        assert said == (
            "ringfence: book.xlsx: unpacks to more than a workbook may hold; not opened\n"
        )
    assert not Path(out).exists()


def test_convert_goes_through_a_million_blank_rows(tmp_path: Path) -> None:
    path = a_million_blank_rows(tmp_path / "book.xlsx")
    before = read_package(path).parts
    assert main(["convert", str(path), "--host", "lite"]) == 0
    after = read_package(path).parts
    assert [part for part in before if after[part] != before[part]] == [BOOK]  # a name's formula


# Formulas among the inputs


def test_a_formula_is_read_by_its_value(tmp_path: Path) -> None:
    cells = {
        2: '<c r="E2"><f>A1*2</f><v>60000</v></c>',
        3: '<c r="E3"><f>A1*2</f></c>',
        4: '<c r="E4"><f>A1*2</f><v></v></c>',
        5: '<c r="E5" t="e"><f>1/0</f><v>#DIV/0!</v></c>',
        6: '<c r="E6" t="str"><f>""</f><v></v></c>',
        7: f'<c r="E7" t="str"><f>{DDE}</f><v>{DDE}</v></c>',
    }
    rows = "".join(row(number, ROW, E=its) for number, its in cells.items())
    table = read_table(of_rows(tmp_path / "book.xlsx", row(1, HEAD) + rows))
    book = ringfence.book.assess_table(table.frame, refused=table.problems)
    without = "error: entry_price: the formula in {} has no value in this file; open it in a"
    wanted = [
        "ok", without.format("E3"), without.format("E4"),
        "error: entry_price: '#DIV/0!' is not a number", "error: entry_price: missing",
        f"error: entry_price: {DDE!r}"[:30],
    ]  # fmt: skip
    for said, start in zip(book.risk["status"], wanted, strict=True):
        assert said.startswith(start)


def test_a_row_of_formulas_without_values_is_not_a_blank_row(tmp_path: Path) -> None:
    sheet = openpyxl.Workbook()
    sheet.active.append([*HEAD, "note"])
    sheet.active.append([f"=Other!{letter}2" for letter in "ABCDEFG"])
    sheet.active.append([*ROW, "=1+1"])  # a column that is none of ours
    sheet.create_sheet("Wallets").append(["account", "venue", "wallet_balance"])
    sheet["Wallets"].append(["main", "binance", "=SUM(Z1:Z2)"])
    sheet["Wallets"].append([None, None, None])
    sheet["Wallets"].append(["=A2", "=B2", "=C2"])
    sheet.save(tmp_path / "book.xlsx")
    table = read_table(tmp_path / "book.xlsx")
    assert len(table.frame) == 2
    assert list(table.problems) == [0]
    accounts = accounts_beside(tmp_path / "book.xlsx")
    assert accounts is not None
    assert len(accounts.frame) == 2
    assert list(accounts.problems) == [0, 1]


def test_macros_are_not_looked_at(tmp_path: Path) -> None:
    more = {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0 macros"}
    path = of_rows(tmp_path / "book.xlsm", row(1, HEAD) + row(2, ROW), **more)
    assert len(read_table(path).frame) == 1
