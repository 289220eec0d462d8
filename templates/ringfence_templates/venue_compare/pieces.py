"""More pieces of formulas beside those of :mod:`ringfence_templates.position_sizer.told`."""

from collections.abc import Sequence
from typing import Any, Final

from ringfence_templates.position_sizer import told
from ringfence_templates.position_sizer.told import BLANK, VALUE_ERROR, Told, equal, is_number, when

WORD: Final = 24  # characters that are read of a text such as a coin
_WILD: Final = "*?~"  # mean something to MATCH


def text(one: Told) -> Told:
    return told.joined(one, "")


def left(one: Told, characters: int) -> Told:
    return Told(f"LEFT({one.formula},{characters})", str(text(one).value)[:characters])


def word(one: Told) -> Told:
    """A short text as keys hold it: without spaces around it, in capitals, nothing MATCH minds."""
    its = left(one, WORD)
    formula = f"UPPER(TRIM({its.formula}))"
    value = " ".join(filter(None, str(its.value).split(" "))).upper()
    for sign in _WILD:
        formula, value = f'SUBSTITUTE({formula},"{sign}","#")', value.replace(sign, "#")
    return Told(formula, value)


def lower(one: Told) -> Told:
    return Told(f"LOWER({one.formula})", str(one.value).lower())


def begins(one: Told, start: str) -> Told:
    return equal(left(one, len(start)), start)


def before(one: Told, mark: str) -> Told:
    """What stands before the first ``mark``; all of it where there is none."""
    formula = f'IFERROR(LEFT({one.formula},FIND("{mark}",{one.formula})-1),{one.formula})'
    return Told(formula, str(one.value).partition(mark)[0])


def behind(one: Told, mark: str) -> Told:
    """What stands behind the first ``mark``; '' where there is none."""
    _, found, rest = str(one.value).partition(mark)
    formula = f'IFERROR(MID({one.formula},FIND("{mark}",{one.formula})+{len(mark)},999),"")'
    return Told(formula, rest[:999] if found else "")


def number(one: Told) -> Told:
    """A typed cell as a number; a text that no formula of ours takes for one; '' where blank."""
    wrong = told.joined("not a number: ", left(one, WORD))
    return when(equal(one, ""), BLANK, when(is_number(one), one, wrong))


def mirrored(one: Told) -> Told:
    """A typed cell without the errors that it may show, and without the 0 of a blank one."""
    return told.guarded(when(equal(one, ""), BLANK, one), "an error")


def match(key: Told, name: str, keys: Sequence[Any]) -> Told:
    """The number from 1 of ``key`` among the cells of a name; '' where it is none of them."""
    at = keys.index(key.value) + 1.0 if key.value in keys else ""
    return Told(f'IFERROR(MATCH({key.formula},{name},0),"")', at)


def index(name: str, at: Told, values: Sequence[Any]) -> Told:
    """The cell of a name at a number from 1."""
    value = values[int(at.value) - 1] if at.is_number else VALUE_ERROR
    return Told(f"INDEX({name},{at.formula})", value)


def rounded(one: Told, digits: int) -> Told:
    value = round(one.value, digits) if one.is_number else VALUE_ERROR
    return Told(f"ROUND({one.formula},{digits})", value)


def least(one: Told, most: float) -> Told:
    """``one``, or ``most`` where it is more; a text counts as 0."""
    value = float(one.value) if one.is_number else 0.0
    return Told(f"MIN(N({one.formula}),{most:g})", min(value, most))
