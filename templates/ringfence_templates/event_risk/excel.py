"""Excel's own functions in Python, for the values beside plain formulas."""

from decimal import ROUND_HALF_UP, Decimal


def rounded(number: float, digits: int) -> float:
    """ROUND: halves away from zero, of the number's 15 digits."""
    step = Decimal(1).scaleb(-digits)
    return float(Decimal(f"{number:.15g}").quantize(step, ROUND_HALF_UP)) + 0.0


def fixed(number: float, digits: int) -> str:
    """What :func:`fixed_formula` shows: the thousands apart, and no sign before a zero."""
    return f"{rounded(number, digits):,.{digits}f}"


def fixed_formula(number: str, digits: int) -> str:
    """A figure in a sentence. TEXT would need formats in the user's own language."""
    return f"FIXED(ROUND({number},{digits})+0,{digits})"


def figure(value: object) -> bool:
    """ISNUMBER."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def n(value: object) -> float:
    """N: a number, or 0."""
    return float(value) if isinstance(value, (int, float)) and figure(value) else 0.0


def same(one: object, other: object) -> bool:
    """``=`` between texts: capitals do not matter, and a blank cell is an empty text."""
    return text(one).casefold() == text(other).casefold()


def text(value: object) -> str:
    """``&""``."""
    return "" if value is None else str(value)


def head(value: object) -> str:
    """``UPPER(TRIM())``."""
    return " ".join(text(value).split()).upper()
