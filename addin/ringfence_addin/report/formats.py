"""How a report writes figures and labels. The same text in HTML, PDF and Summary sheets."""

import math
from datetime import date, datetime
from typing import Final

from ringfence_addin import cells

NONE: Final = "–"  # there is no such figure
_MINUS: Final = "−"  # as wide as a digit
LONGEST_LABEL: Final = 60
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip  # not strftime: that follows the machine's language


def label(value: object) -> str:
    """Text of the user on one short line: no control characters, no invisible or turning ones."""
    text = " ".join(str(value).split())
    text = "".join(c if c.isprintable() else "?" for c in text)
    return text if len(text) <= LONGEST_LABEL else text[: LONGEST_LABEL - 1] + "…"


def price(value: float | None) -> str:
    """At least five significant digits, and at least two decimals: 57,342.73, 0.012346."""
    return _figure(value, significant=5, least=2)


def liquidation(value: float | None) -> str:
    """A liquidation price; the word where there is none."""
    return cells.NEVER if value is None else price(value)


def money(value: float | None) -> str:
    """Amounts in quote: whole units from 1,000 up, two decimals below."""
    if value is not None and abs(value) < 999.995:
        return _figure(round(value, 2), significant=1, least=2, most=2)
    return _figure(value, significant=1, least=0, most=0)


def coins(value: float | None) -> str:
    """Amounts in coin: five significant digits, at least two decimals."""
    rounded = None if value is None else round(value, 12)  # what floats leave of a zero
    return _figure(rounded, significant=5, least=2)


def quantity(value: float | None) -> str:
    """A size as typed: no digits added, and none lost that a person would type."""
    if value is None:
        return NONE
    if value >= 1e12 or value < 1e-9:
        return f"{value:.4g}"
    decimals = min(9, 12 - _digits_before_point(value))  # 0.1 + 0.2 is 0.3
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if decimals else text


def percent(fraction: float | None, decimals: int = 1) -> str:
    """A fraction as a percentage; whole per cents from 100 % up."""
    if fraction is None:
        return NONE
    if abs(fraction) >= 1e4:
        return f"{fraction * 100:.2g}%"
    return _signed(f"{abs(fraction) * 100:,.{0 if abs(fraction) >= 1 else decimals}f}%", fraction)


def ratio(value: float | None) -> str:
    """A margin ratio as a percentage; the word for one without a finite value."""
    return cells.BANKRUPT if value == math.inf else percent(value)


def leverage(value: float | None) -> str:
    return NONE if value is None else f"{_figure(value, significant=2, least=1, most=1)}×"


def day(value: date) -> str:
    """``23 November 2026``, and the time of day where the caller gave one."""
    text = f"{value.day} {_MONTHS[value.month - 1]} {value.year}"
    if isinstance(value, datetime):
        text += f", {value:%H:%M} {value.tzname() or ''}".rstrip()
    return text


def days(count: int) -> str:
    return f"{count:,} day" if count == 1 else f"{count:,} days"


def count(number: int, noun: str) -> str:
    """``1 position``, ``18 positions``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _figure(value: float | None, *, significant: int, least: int, most: int = 12) -> str:
    if value is None:
        return NONE
    if value and not 1e-9 <= abs(value) < 1e15:
        return f"{value:.4g}"
    decimals = min(max(significant - _digits_before_point(value), least), most)
    return _signed(f"{abs(value):,.{decimals}f}", value)


def _signed(text: str, value: float) -> str:
    """``text`` with the sign of its value; none where nothing but zeros is left of it."""
    return _MINUS + text if value < 0 and any(c in "123456789" for c in text) else text


def _digits_before_point(value: float) -> int:
    """2 for 12.3, 0 for 0.12, -1 for 0.012."""
    return math.floor(math.log10(abs(value))) + 1 if value else 1
