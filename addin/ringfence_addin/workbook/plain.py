"""Whether a formula says the same in a plain cell as in an array of one cell.

In a plain cell Excel takes one cell out of a range where one value is wanted: by an operator, by
ROUND, by IF. In an array it computes with all of them. So a formula may be either only where each
range, and all else that may be more than one value, goes whole to a function that takes it so.
"""

import re
from collections.abc import Collection, Iterator
from itertools import cycle
from typing import Final

from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import Token, TokenizerError

from ringfence_addin.functions import FORMULAS
from ringfence_templates import hosts

# How a function takes its arguments: W whole, V one value; what is in brackets comes again.
_WHOLE: Final = "(W)"
_VALUES: Final = "(V)"
_OF_RANGES: Final = """
    AND AVERAGE AVERAGEA COLUMNS COUNT COUNTA COUNTBLANK DEVSQ GEOMEAN HARMEAN MAX MAXA MEDIAN MIN
    MINA OR PRODUCT ROWS STDEV STDEVP SUM SUMPRODUCT SUMSQ VAR VARP"""
_OF_VALUES: Final = """
    ABS CEILING CHAR CODE CONCATENATE DATE DATEVALUE DAY EXACT EXP FIND FLOOR IF IFERROR INT ISBLANK
    ISERR ISERROR ISLOGICAL ISNA ISNONTEXT ISNUMBER ISTEXT LEFT LEN LN LOG LOG10 LOWER MID MOD MONTH
    N NA NOT NOW PI POWER REPLACE REPT RIGHT ROUND ROUNDDOWN ROUNDUP SEARCH SIGN SQRT SUBSTITUTE T
    TEXT TODAY TRIM TRUNC UPPER VALUE YEAR _XLFN.IFNA"""
# Of one value each but INDEX; what is in no list may give an array, and takes values.
_TAKES: Final = {
    **dict.fromkeys(_OF_RANGES.split(), _WHOLE),
    **dict.fromkeys(_OF_VALUES.split(), _VALUES),
    **dict.fromkeys(("AVERAGEIF", "COUNTIF", "SUMIF"), "WVW"),
    **dict.fromkeys(("AVERAGEIFS", "SUMIFS", "_XLFN.MAXIFS", "_XLFN.MINIFS"), "W(WV)"),
    **dict.fromkeys(("LARGE", "PERCENTILE", "QUARTILE", "SMALL"), "WV"),
    **dict.fromkeys(("HLOOKUP", "VLOOKUP"), "VWVV"),
    "COUNTIFS": "(WV)",
    "INDEX": "WVV",
    "LOOKUP": "VWW",
    "MATCH": "VWV",
    "SUBTOTAL": "V(W)",
}
# These compute with arrays within them in a plain cell too, but for what stands in these.
_COMPUTES_ARRAYS: Final = frozenset({"SUMPRODUCT"})
_NO_ARRAYS: Final = frozenset({"IF", "IFERROR", "INDEX", "_XLFN.IFNA"})

_SHEET: Final = r"(?:(?:'(?:[^':]|'')+'|[\w.\[\]]+)!)?"
_COLUMN: Final = r"(?:[A-Z]{1,2}|[A-W][A-Z]{2}|X[A-E][A-Z]|XF[A-D])"
_CELL: Final = re.compile(_SHEET + rf"\$?{_COLUMN}\$?[1-9][0-9]{{0,6}}", re.IGNORECASE)
_THIS_ROW: Final = re.compile(r"\w*\[\[#This Row\],\[(?:[^\[\]']|'.)*\]\]")
_OPERATORS: Final = frozenset({"+", "-", "*", "/", "^", "&", "=", "<", ">", "<=", ">=", "<>"})


def is_one_cell(reference: str) -> bool:
    """Whether a reference is to one cell: A1, Sheet!$A$1, T[[#This Row],[size]]."""
    return bool(_CELL.fullmatch(reference) or _THIS_ROW.fullmatch(reference))


def may_be_plain(formula: str, single: Collection[str] = ()) -> bool:
    """Whether ``formula``, without "=", is the same in a plain cell as in an array of that cell.

    ``single``: the defined names, in small letters, of one cell each; any other may be of several.
    False also where the formula is not understood.
    """
    try:
        reader = _Reader(f"={formula}", single)
        many = reader.expression(arrays=False)
        # A table of ours shows its first cell in each; a range its first one or one beside it.
        return reader.at_end() and (not many or reader.is_one_call_of_ours())
    except (TokenizerError, IndexError, RecursionError, _NotPlainError):
        return False  # the tokenizer has an IndexError for a bracket too many


class _NotPlainError(Exception):
    """Several values go where a plain cell takes one, or the formula is not understood."""


class _Reader:
    """Reads a formula; its methods return whether what they read may be several values."""

    def __init__(self, formula: str, single: Collection[str]) -> None:
        self._tokens = [its for its in Tokenizer(formula).items if its.type != Token.WSPACE]
        self._at = 0
        self._single = single

    def at_end(self) -> bool:
        return self._at == len(self._tokens)

    def is_one_call_of_ours(self) -> bool:
        """Whether the formula is nothing but a call of one of our functions."""
        depth = 0
        for place, its in enumerate(self._tokens):
            depth += (its.subtype == Token.OPEN) - (its.subtype == Token.CLOSE)
            if depth == 0:
                return place == len(self._tokens) - 1 and hosts.calls_us(self._tokens[0].value)
        return False

    def expression(self, arrays: bool) -> bool:
        """Operands and operators; ``arrays``: the operators compute with arrays."""
        many, operators = self._operand(arrays), 0
        while (its := self._next()) and its.type in (Token.OP_IN, Token.OP_POST):
            self._at += 1
            operators += 1
            if its.type == Token.OP_IN:
                if its.value not in _OPERATORS:  # a union of ranges
                    raise _NotPlainError
                many |= self._operand(arrays)
        if operators:
            self._check(many, arrays)
        return many

    def _operand(self, arrays: bool) -> bool:
        its = self._take()
        if its.type == Token.OP_PRE:
            many = self._operand(arrays)
            self._check(many, arrays)
            return many
        if its.type == Token.PAREN and its.subtype == Token.OPEN:
            many = self.expression(arrays)
            if self._take().subtype != Token.CLOSE:
                raise _NotPlainError
            return many
        if its.type == Token.FUNC and its.subtype == Token.OPEN:
            return self._call(its.value, arrays)
        if its.type == Token.ARRAY:
            while self._take().type != Token.ARRAY:
                pass
            return True
        if its.type != Token.OPERAND:
            raise _NotPlainError
        one = its.subtype != Token.RANGE or is_one_cell(its.value)
        return not one and its.value.lower() not in self._single

    def _call(self, opening: str, arrays: bool) -> bool:
        ours = next(hosts.calls(opening), None)
        name = ours.name if ours else opening[:-1].upper()
        takes = _WHOLE if ours else _TAKES.get(name, _VALUES)
        within = (arrays or name in _COMPUTES_ARRAYS) and name in _TAKES and name not in _NO_ARRAYS
        given, several = self._arguments(takes, within)
        if ours:
            return name not in FORMULAS or FORMULAS[name].returns_table
        if name == "INDEX":
            return _gives_line(given)
        return several or name not in _TAKES

    def _arguments(self, takes: str, arrays: bool) -> tuple[list[list[Token]], bool]:
        """The tokens of each argument; whether several values went where one is taken."""
        given: list[list[Token]] = []
        several = False
        kinds = _kinds(takes)
        while True:
            start, kind = self._at, next(kinds, None)
            its = self._next()
            if its and its.type != Token.SEP and its.subtype != Token.CLOSE:
                many = self.expression(arrays)
                if kind is None:
                    raise _NotPlainError
                if kind == "V":
                    self._check(many, arrays)
                    several |= many
            given.append(self._tokens[start : self._at])
            if (end := self._take()).subtype == Token.CLOSE:
                return given, several
            if end.type != Token.SEP:
                raise _NotPlainError

    def _next(self) -> Token | None:
        return None if self.at_end() else self._tokens[self._at]

    def _take(self) -> Token:
        if (its := self._next()) is None:
            raise _NotPlainError
        self._at += 1
        return its

    @staticmethod
    def _check(many: bool, arrays: bool) -> None:
        if many and not arrays:
            raise _NotPlainError


def _kinds(takes: str) -> Iterator[str]:
    first, _, again = takes.rstrip(")").partition("(")
    yield from first
    yield from cycle(again)


def _gives_line(given: list[list[Token]]) -> bool:
    """Whether INDEX gives a row or a column: for a number that is 0, left out, or not there."""
    of, *numbers = given
    if any(not number or number[0].value == "0" for number in numbers):
        return True
    is_reference = len(of) == 1 and of[0].type == Token.OPERAND  # takes one number by its length
    return len(numbers) < (1 if is_reference else 2)
