"""``ringfence explain``: why one row's liquidation price is what it is."""

import argparse
import sys
from pathlib import Path
from typing import Final

from ringfence.accounts import from_frame
from ringfence.book import assess_table
from ringfence.errors import InputError
from ringfence.explain import Explanation, Step, number, of_row
from ringfence_addin import readers
from ringfence_addin.commands import FINE, ROWS_IN_ERROR, Command, add_as_of, say

_TITLE_WIDTH: Final = 30


def add(command: Command) -> None:
    """Add the command to the shell."""
    its = command("explain", _explain, "Derive one row's liquidation price, step by step.")
    its.add_argument("file", type=Path, help="csv, json, jsonl, parquet or xlsx")
    its.add_argument("--row", type=int, required=True, metavar="N", help="1: the first")
    its.add_argument(
        "--accounts", type=Path, help="accounts file; default: FILE's own sheet of accounts"
    )
    add_as_of(its)


def _explain(options: argparse.Namespace) -> int:
    table = readers.read_table(options.file)
    for warning in table.warnings:
        say(warning)
    held = (
        readers.read_accounts(options.accounts)
        if options.accounts
        else readers.accounts_beside(options.file)
    )
    book = assess_table(
        table.frame,
        accounts=from_frame(held.frame, held.problems) if held else None,
        as_of=options.as_of or table.as_of,
        refused=table.problems,
    )
    row: int = options.row
    if not 1 <= row <= len(book.terms):
        raise InputError("--row", f"{row} is not one of the {len(book.terms)} rows of the file")
    if book.terms[row - 1] is None:
        say(f"row {row}: {book.risk['status'][row - 1]}")
        return ROWS_IN_ERROR
    sys.stdout.write(as_text(of_row(book, row - 1)))
    return FINE


def as_text(explanation: Explanation) -> str:
    """The derivation for a terminal: what it is, the result, and below them how it comes about."""
    lines, section = [], ""
    for step in explanation.steps:
        if step.section != section:
            section = step.section
            lines += ["", section]
        lines.append(f"  {step.title:<{_TITLE_WIDTH}} {_result(step)} {step.unit}".rstrip())
        how = " = ".join(filter(None, [step.rule, step.numbers]))
        if how:
            lines.append(f"      {how}")
    return "\n".join(lines[1:]) + "\n"


def _result(step: Step) -> str:
    if isinstance(step.result, str):
        return "".join(c if c.isprintable() else "?" for c in step.result)
    return number(step.result)
