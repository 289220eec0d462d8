"""``ringfence refresh``: the values of a workbook's formulas, without Excel."""

import argparse
import shutil
import tempfile
from pathlib import Path
from typing import Final

from ringfence_addin.commands import FINE, ROWS_IN_ERROR, Command, say
from ringfence_addin.hosts.calc_install import office_with_formulas
from ringfence_addin.office.find import Installation, OfficeProblem, find
from ringfence_addin.workbook.gate import WorkbookProblem
from ringfence_addin.workbook.parts import read_package, write_package
from ringfence_addin.workbook.refresh import Refreshed, formula_cells, refresh

_SUFFIXES: Final = (".xlsx", ".xlsm")
_LOAD_SECONDS: Final = 300
_MOST_SAID: Final = 10


def add(command: Command) -> None:
    """Add the command to the shell."""
    its = command(
        "refresh",
        _refresh,
        "Compute the values of all formulas in a workbook anew (by LibreOffice); keep the rest.",
    )
    its.add_argument("book", type=Path, metavar="BOOK.xlsx")
    its.add_argument(
        "-o", "--output", type=Path, metavar="OUT.xlsx", help="default: BOOK itself is changed"
    )
    its.add_argument(
        "--soffice", type=Path, metavar="PATH", help="LibreOffice's program (default: it is found)"
    )


def _refresh(options: argparse.Namespace) -> int:
    book: Path = options.book
    out: Path = options.output or book
    for path in (book, out):
        if path.suffix.lower() not in _SUFFIXES:
            raise WorkbookProblem(f"{path}: refresh takes and writes {' and '.join(_SUFFIXES)}")
    if book.suffix.lower() != out.suffix.lower():
        raise WorkbookProblem(f"{out}: must end as {book.name} does")
    with tempfile.TemporaryDirectory(prefix="ringfence-", ignore_cleanup_errors=True) as scratch:
        copy = Path(scratch) / book.name
        shutil.copyfile(book, copy)  # LibreOffice and we see the same, whoever saves meanwhile
        package = read_package(copy)
        formulas = formula_cells(package)
        with (
            office_with_formulas(_installation(options.soffice)) as office,
            office.open(copy, _LOAD_SECONDS) as document,
        ):
            done = refresh(package, formulas, document)
    write_package(package, out)
    print(f"{out}: {done.formulas} formula cells, {done.changed} of them have another value now")
    return _say_kept(done)


def _installation(given: Path | None) -> Installation:
    try:
        return find(given)
    except OfficeProblem as problem:
        raise OfficeProblem(
            f"{problem}. Excel with Ringfence computes the workbook itself: open it, press F9"
        ) from None


def _say_kept(done: Refreshed) -> int:
    """A line for each of the first cells that keep their old value."""
    for at, why in list(done.kept.items())[:_MOST_SAID]:
        say(f"{at}: keeps its value: {why}")
    if len(done.kept) > _MOST_SAID:
        say(f"and {len(done.kept) - _MOST_SAID} more cells")
    return ROWS_IN_ERROR if done.kept else FINE
