"""``ringfence convert``: a workbook's formulas in the form that another host stores."""

import argparse
from pathlib import Path
from typing import Final

from ringfence.errors import RingfenceError
from ringfence_addin.commands import FINE, Command

_ENDINGS: Final = (".xlsx", ".xlsm")


def add(command: Command) -> None:
    """Add the command to the shell."""
    its = command("convert", _convert, "Give a workbook's formulas the form of another host.")
    its.add_argument("book", type=Path, metavar="BOOK", help=".xlsx or .xlsm")
    its.add_argument("--host", choices=("lite", "classic", "calc"), required=True)
    its.add_argument("-o", "--output", type=Path, metavar="OUT", help="default: BOOK itself")


def _convert(options: argparse.Namespace) -> int:
    book: Path = options.book
    out: Path = options.output or book
    if book.suffix.lower() not in _ENDINGS:
        raise RingfenceError(f"{book}: convert takes a workbook that ends in {', '.join(_ENDINGS)}")
    if out.suffix.lower() != book.suffix.lower():
        raise RingfenceError(f"{out}: must end in {book.suffix}, as {book.name} does")
    # Only here: openpyxl takes its time, and no other command should wait for it.
    from ringfence_addin.workbook.convert import convert
    from ringfence_addin.workbook.parts import read_package, write_package
    from ringfence_templates.hosts import Host

    package = read_package(book)
    before = dict(package.parts)
    done = convert(package, Host(options.host))
    if package.parts != before or out != book:
        write_package(package, out)
    print(f"{out}: {_said(done.formulas, done.others, done.notes, options.host)}")
    return FINE


def _said(formulas: dict[str, int], others: int, notes: int, host: str) -> str:
    changed = []
    if formulas:
        where = _count(len(formulas), "sheet")
        changed.append(f"{_count(sum(formulas.values()), 'formula')} on {where}")
    if others:
        changed.append(f"{_count(others, 'formula')} in names, rules and table columns")
    if changed:
        return f"{' and '.join(changed)} turned to {host}"
    return f"no formula has another form in {host}" + ("; the note says so now" if notes else "")


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
