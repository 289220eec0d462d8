"""Pieces of plain formulas, each with the value it has: what a cell says is declared once.

Built from the outside in, a formula and its value cannot drift apart. Values are worked out
eagerly, as IF would not: what has none is the error that a spreadsheet shows.
"""

import math
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, Final

from ringfence_addin.cells import SERIAL_EPOCH
from ringfence_addin.functions import FORMULAS
from ringfence_templates.package import Value

VALUE_ERROR: Final = "#VALUE!"
_ERRORS: Final = frozenset({"#N/A", VALUE_ERROR, "#NUM!", "#REF!", "#NAME?", "#DIV/0!"})
_LONGEST_TEXT: Final = 255  # characters of a text within a formula
_DIGITS: Final = 15  # of a number, as spreadsheets show and round it
_WIDE: Final = Context(prec=400)


@dataclass(frozen=True, slots=True)
class Told:
    """A piece of a formula and its value. A blank cell's value is ''."""

    formula: str
    value: Any  # a Value; of an input, a day too

    @property
    def is_error(self) -> bool:
        return isinstance(self.value, str) and str(self.value) in _ERRORS

    @property
    def is_number(self) -> bool:
        return isinstance(self.value, (int, float))

    def __add__(self, other: "Told | float") -> "Told":
        return _arithmetic(self, "+", other, lambda a, b: a + b)

    def __sub__(self, other: "Told | float") -> "Told":
        return _arithmetic(self, "-", other, lambda a, b: a - b)

    def __mul__(self, other: "Told | float") -> "Told":
        return _arithmetic(self, "*", other, lambda a, b: a * b)

    def __truediv__(self, other: "Told | float") -> "Told":
        return _arithmetic(self, "/", other, lambda a, b: a / b)

    def __lt__(self, other: "Told | float") -> "Told":
        return _comparison(self, "<", other, lambda a, b: a < b)

    def __le__(self, other: "Told | float") -> "Told":
        return _comparison(self, "<=", other, lambda a, b: a <= b)

    def __gt__(self, other: "Told | float") -> "Told":
        return _comparison(self, ">", other, lambda a, b: a > b)


def constant(value: float | str) -> Told:
    """A number or a text in a formula."""
    if isinstance(value, str):
        if len(value) > _LONGEST_TEXT:
            raise AssertionError(f"a text of {len(value)} characters in a formula: {value}")
        doubled = value.replace('"', '""')
        return Told(f'"{doubled}"', value)
    return Told(f"{value:.15g}", value)


def piece(content: "Told | float | str") -> Told:
    return content if isinstance(content, Told) else constant(content)


BLANK: Final = constant("")


def _arithmetic(one: Told, sign: str, other: Told | float, work: Any) -> Told:
    two = piece(other)
    formula = f"({one.formula}{sign}{two.formula})"
    if not (one.is_number and two.is_number):
        return Told(formula, VALUE_ERROR)
    try:
        return Told(formula, work(float(one.value), float(two.value)))
    except ZeroDivisionError:
        return Told(formula, "#DIV/0!")


def _comparison(one: Told, sign: str, other: Told | float, work: Any) -> Told:
    two = piece(other)
    both_numbers = one.is_number and two.is_number
    return Told(
        f"{one.formula}{sign}{two.formula}", both_numbers and bool(work(one.value, two.value))
    )


# Conditions


def equal(one: Told, other: Told | float | str) -> Told:
    two = piece(other)
    same = one.value == two.value and isinstance(one.value, str) == isinstance(two.value, str)
    return Told(f"{one.formula}={two.formula}", same)


def is_number(one: Told) -> Told:
    return Told(f"ISNUMBER({one.formula})", one.is_number)


def every(*conditions: Told) -> Told:
    return Told(f"AND({_listed(conditions)})", all(bool(each.value) for each in conditions))


def some(*conditions: Told) -> Told:
    return Told(f"OR({_listed(conditions)})", any(bool(each.value) for each in conditions))


def when(condition: Told, yes: Told | float | str, no: Told | float | str) -> Told:
    one, two = piece(yes), piece(no)
    return Told(
        f"IF({condition.formula},{one.formula},{two.formula})",
        one.value if condition.value else two.value,
    )


def guarded(one: Told, other: Told | float | str) -> Told:
    """``other`` where ``one`` is an error."""
    two = piece(other)
    return Told(f"IFERROR({one.formula},{two.formula})", two.value if one.is_error else one.value)


def _listed(pieces: tuple[Told, ...]) -> str:
    return ",".join(each.formula for each in pieces)


# Numbers


def function(name: str, work: Any, *arguments: Told) -> Told:
    """A worksheet function of numbers."""
    formula = f"{name}({_listed(arguments)})"
    if not all(each.is_number for each in arguments):
        return Told(formula, VALUE_ERROR)
    try:
        return Told(formula, work(*(float(each.value) for each in arguments)))
    except (ValueError, OverflowError):
        return Told(formula, "#NUM!")


def log(one: Told) -> Told:
    return function("LN", math.log, one)


def exp(one: Told) -> Told:
    return function("EXP", math.exp, one)


def root(one: Told) -> Told:
    return function("SQRT", math.sqrt, one)


def size_of(one: Told) -> Told:
    return function("ABS", abs, one)


def at_least(one: Told, least: float) -> Told:
    return function("MAX", max, constant(least), one)


def at_most(one: Told, most: float) -> Told:
    return function("MIN", min, constant(most), one)


# Texts


def joined(*parts: Told | str) -> Told:
    """Texts and numbers one after the other; a number as a spreadsheet shows it plainly."""
    pieces = [piece(part) for part in parts]
    return Told(
        "&".join(each.formula for each in pieces), "".join(_plain(each.value) for each in pieces)
    )


def _plain(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.{_DIGITS}g}"
    return str(value)


def fixed(one: Told, decimals: int) -> Told:
    """A number as text with so many decimals, by the separators of the reader's own language."""
    formula = f"FIXED({one.formula},{decimals})"
    return Told(formula, _fixed(one.value, decimals) if one.is_number else VALUE_ERROR)


def _fixed(value: float, decimals: int) -> str:
    if not math.isfinite(value):
        return VALUE_ERROR
    digits = Decimal(f"{value:.{_DIGITS}g}")  # as spreadsheets round: half up of what they show
    shown = digits.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, _WIDE)
    return f"{shown:,f}"


def percent(one: Told, decimals: int = 1) -> Told:
    return joined(fixed(one * 100, decimals), " %")


def price(one: Told) -> Told:
    """A price as text: more decimals where it is small."""
    return when(one < 0.1, fixed(one, 8), when(one < 10, fixed(one, 4), fixed(one, 2)))


def plain(one: Told) -> Told:
    """A cell of a table of ours, whose texts are none to some functions of LibreOffice."""
    return when(is_number(one), one, joined(one, ""))


def amount(one: Told) -> Told:
    """A size or money as text: more decimals where it is small."""
    return when(size_of(one) < 1, fixed(one, 6), fixed(one, 2))


# Formulas of ours


def call(name: str, given: dict[str, Told], **others: Told) -> Told:
    """A formula of ours: its arguments are the inputs of their names, or those of ``others``."""
    its = FORMULAS[name]
    known = {**given, **others}
    wanted = [argument.name for argument in its.arguments]
    while wanted[-1] not in known:
        wanted.pop()
    pieces = [known.get(argument) for argument in wanted]
    formula = f"{name}({','.join(each.formula if each else '' for each in pieces)})"
    values = {argument: each.value for argument, each in zip(wanted, pieces, strict=True) if each}
    try:
        value = its.function(**values)
    except Exception:  # what a formula must not do shows as this error in every host
        value = VALUE_ERROR
    return Told(formula, value)


def as_value(content: Any) -> Value:
    """A value as a formula's cell shows it: a day is its serial number."""
    if isinstance(content, date):
        return float((content - SERIAL_EPOCH).days)
    if isinstance(content, int) and not isinstance(content, bool):
        return float(content)
    shown: Value = str(content) if isinstance(content, str) else content
    return shown
