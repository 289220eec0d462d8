"""The derivation behind the selected cell: a formula about one position, or a row of the table."""

import re
from collections.abc import Mapping
from typing import Any, Final

import xlwings as xw

from ringfence import inputs
from ringfence.errors import InputError
from ringfence.explain import Explanation, explain, of_row
from ringfence_addin import cells
from ringfence_addin.formulas.common import POSITION_DOCS, book_of
from ringfence_addin.functions import FORMULAS
from ringfence_addin.lite import sheets
from ringfence_addin.lite.filling import POSITIONS
from ringfence_addin.lite.sheets import ScriptProblem
from ringfence_templates import hosts

HEAD: Final = ("", "step", "result", "unit", "rule", "numbers")
ACCOUNTS: Final = "Accounts"  # the table of wallets in our workbooks
_WHAT: Final = (
    f"select a row of the table {POSITIONS}, or a cell that holds an RF_ formula about one position"
)
_BEFORE: Final = re.compile(r"=\s*(?:[A-Za-z_]+\.)*")  # an add-in's namespace may follow
_ARGUMENTS: Final = re.compile(r"\((.*)\)\s*", re.DOTALL)
_REFERENCE: Final = re.compile(
    r"(?:(?:'((?:[^']|'')+)'|([^\W\d][\w.]*))!)?(\$?[A-Z]{1,3}\$?[1-9]\d{0,6})", re.IGNORECASE
)
_QUOTED: Final = re.compile(r'"((?:[^"]|"")*)"', re.DOTALL)
_OPEN: Final = "([{"
_CLOSE: Final = ")]}"


async def explain_selection(book: xw.Book) -> Explanation:
    """The derivation for the selected cell. Raises ScriptProblem or InputError."""
    cell = await book.get_selection()
    if cell is None:
        raise ScriptProblem(_WHAT)
    first = cell[0, 0]
    table = sheets.find_table(book, POSITIONS)
    if table and table[0].name == first.sheet.name and table[1].data_body_range is not None:
        body = table[1].data_body_range
        row = first.row - body.row
        inside = 0 <= first.column - body.column < body.shape[1]
        if inside and 0 <= row < body.shape[0]:
            return await _of_table_row(book, table[1], row)
    formula = await first.get_formula()
    if (call := _call(str(formula))) is None:
        raise ScriptProblem(_WHAT)
    return explain(**await _position(book, first.sheet, *call))


def rows(explanation: Explanation) -> list[list[Any]]:
    """A derivation as rows of cells: :data:`HEAD` first, a section named where it begins."""
    lines: list[list[Any]] = [list(HEAD)]
    section = ""
    for step in explanation.steps:
        new = step.section if step.section != section else ""
        section = step.section
        lines.append([new, step.title, step.result, step.unit, step.rule, step.numbers])
    return lines


def _call(formula: str) -> tuple[str, str] | None:
    """Name and text of the arguments of a formula that begins with a call of ours."""
    text = _BEFORE.sub("", formula, count=1)
    call = next(hosts.calls(text), None)
    if call is None or call.start or not (inside := _ARGUMENTS.fullmatch(text, call.end)):
        return None
    return call.name, inside[1]


async def _of_table_row(book: xw.Book, table: Any, row: int) -> Explanation:
    positions = await sheets.values_of(table.range)
    wallets = sheets.find_table(book, ACCOUNTS)
    accounts = await sheets.values_of(wallets[1].range) if wallets else None
    filled = positions[: row + 2]
    if all(inputs.is_blank(value) for value in filled[-1]):
        raise ScriptProblem("this row of the table is blank; select one that holds a position")
    day = await _day(book)
    return of_row(book_of(positions, accounts, day), row)


async def _day(book: xw.Book) -> Any:
    """The day in the cell named as_of, where a workbook of ours has one."""
    for name in book.names:
        if name.name.casefold() == "as_of":
            return (await sheets.values_of(name.refers_to_range))[0][0]
    return None


async def _position(book: xw.Book, sheet: xw.Sheet, name: str, inside: str) -> dict[str, Any]:
    """The arguments of a formula about one position, as the core takes them."""
    formula = FORMULAS.get(name)
    its = [argument.name for argument in formula.arguments] if formula else []
    if not {*inputs.REQUIRED} <= {*its}:
        raise ScriptProblem(f"{name} is not about one position; {_WHAT}")
    given = split(inside)
    if len(given) > len(its):
        raise ScriptProblem(f"{name} has {len(given)} arguments; it takes {len(its)}")
    values = {
        argument: await _value(book, sheet, argument, text)
        for argument, text in zip(its, given, strict=False)
    }
    known: Mapping[str, Any] = {n: v for n, v in values.items() if n in POSITION_DOCS}
    return cells.arguments(known)


def split(inside: str) -> list[str]:
    """The arguments between a formula's brackets, without spaces around them.

    >>> split('"a,b", A1, MAX(1,2), ,')
    ['"a,b"', 'A1', 'MAX(1,2)', '', '']
    """
    found, depth, quoted = [""], 0, False
    for letter in inside:
        if letter == '"':
            quoted = not quoted
        elif not quoted and letter in _OPEN:
            depth += 1
        elif not quoted and letter in _CLOSE:
            depth -= 1
        if letter == "," and not quoted and depth == 0:
            found.append("")
        else:
            found[-1] += letter
    return [text.strip() for text in found]


async def _value(book: xw.Book, sheet: xw.Sheet, argument: str, text: str) -> Any:
    """What one argument of a formula comes to: a typed value, or the cell it names."""
    if not text:
        return None
    if quoted := _QUOTED.fullmatch(text):
        return quoted[1].replace('""', '"')
    if (number := inputs.number_from_text(text)) is not None:
        return number
    if text.endswith("%") and (number := inputs.number_from_text(text[:-1])) is not None:
        return number / 100
    if reference := _REFERENCE.fullmatch(text):
        named = reference[1].replace("''", "'") if reference[1] else reference[2]
        of = book.sheets[named] if named else sheet
        return (await sheets.values_of(of.range(reference[3].replace("$", ""))))[0][0]
    raise InputError(
        argument,
        f"{inputs.shown(text)} is not followed here, only typed values and single cells are;"
        f" {_WHAT}",
    )
