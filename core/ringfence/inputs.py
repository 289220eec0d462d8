"""The columns of a position: names, what is allowed, and how text becomes a value.

One table (:data:`FIELDS`) serves the table edge, the scalar API, the formulas and the docs.
A value is blank (``None``, NaN, an empty text), good, or refused with one line that says which
field, which value and what is allowed. Text numbers are read where only one reading exists
(``60000``, ``60,000.50``, ``1 234,5``) and refused where two do (``60,000``).
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from ringfence.errors import InputError, MissingInputError
from ringfence.quantities import CONTRACT_TYPES, INVERSE, LINEAR, QUANTO

if TYPE_CHECKING:  # the scalar path loads no NumPy
    import numpy as np
    from numpy.typing import NDArray

SIDES: Final[Mapping[str, float]] = {"long": 1.0, "buy": 1.0, "short": -1.0, "sell": -1.0}
MARGIN_MODES: Final = ("isolated", "cross")


@dataclass(frozen=True, slots=True)
class NumberField:
    """A numeric column: the open or closed range it must lie in, and whether "0.5%" is read."""

    name: str
    doc: str
    above: float | None = None
    at_least: float | None = None
    below: float | None = None
    percent: bool = False

    @property
    def allowed(self) -> str:
        bounds = [
            f"above {self.above:g}" if self.above is not None else "",
            f"at least {self.at_least:g}" if self.at_least is not None else "",
            f"below {self.below:g}" if self.below is not None else "",
        ]
        return " ".join(["a number", " and ".join(filter(None, bounds))]).strip()

    def read(self, text: str) -> float | None:
        """The number that ``text`` must mean, whatever its range; None where it has no one reading.

        A percent sign is read where the field is a rate.
        """
        text = text.strip()
        if self.percent and text.endswith("%"):
            number = number_from_text(text[:-1])
            return None if number is None else number / 100
        return number_from_text(text)

    def accepts(self, value: float) -> bool:
        return (
            -math.inf < value < math.inf
            and (self.above is None or value > self.above)
            and (self.at_least is None or value >= self.at_least)
            and (self.below is None or value < self.below)
        )

    def accepts_all(self, values: "NDArray[np.float64]") -> "NDArray[np.bool_]":
        """:meth:`accepts` for an array."""
        good: NDArray[np.bool_] = (values > -math.inf) & (values < math.inf)
        if self.above is not None:
            good = good & (values > self.above)
        if self.at_least is not None:
            good = good & (values >= self.at_least)
        if self.below is not None:
            good = good & (values < self.below)
        return good

    def check(self, value: float) -> float:
        if self.accepts(value):
            return value
        hint = ""
        if self.percent and self.below == 1 and 1 <= value < 100:
            hint = f" ({value:g} % is {value / 100:g})"
        elif self.name == "size" and value < 0:
            hint = "; the column side says long or short"
        raise InputError(self.name, f"{value:g} is not {self.allowed}{hint}")


NUMBERS: Final = {
    field.name: field
    for field in (
        NumberField("size", "number of contracts, without sign", above=0),
        NumberField("contract_size", "base (linear), quote (inverse) per contract", above=0),
        NumberField("entry_price", "average entry price, quote per base", above=0),
        NumberField("mark_price", "mark price, quote per base (default: entry_price)", above=0),
        NumberField("leverage", "leverage set for the position, such as 20", above=0),
        NumberField("isolated_margin", "wallet of the box, without unrealized PnL", at_least=0),
        NumberField(
            "mmr", "maintenance margin rate, a fraction", at_least=0, below=1, percent=True
        ),
        NumberField("maintenance_amount", "amount off the maintenance margin", at_least=0),
        NumberField(
            "taker_fee_rate", "taker fee rate, a fraction", at_least=0, below=1, percent=True
        ),
        NumberField("funding_rate", "funding rate, a fraction", above=-1, below=1, percent=True),
    )
}
TICK: Final = NumberField("tick", "step of the contract's price, quote per base", above=0)
REQUIRED: Final = ("venue", "side", "size", "entry_price")
COLUMNS: Final = (
    "venue",
    "symbol",
    "contract_type",
    "margin_mode",
    "account",
    "side",
    "size",
    "contract_size",
    "entry_price",
    "mark_price",
    "leverage",
    "isolated_margin",
    "mmr",
    "maintenance_amount",
    "taker_fee_rate",
    "funding_rate",
    "as_of",
)

_CHOICES: Final[Mapping[str, Mapping[str, Any]]] = {
    "side": SIDES,
    "contract_type": {name: name for name in CONTRACT_TYPES},
    "margin_mode": {"isolated": "isolated", "cross": "cross", "crossed": "cross"},
}
_SHOWN: Final = {
    "side": "long or short",
    "contract_type": f"{LINEAR}, {INVERSE} or {QUANTO}",
    "margin_mode": " or ".join(MARGIN_MODES),
}


def column_name(label: object) -> str:
    """A column's label as people type it, in the spelling of :data:`COLUMNS`."""
    return "_".join(str(label).strip().lower().split())


def is_blank(value: object) -> bool:
    """None, NaN, NaT, pandas.NA and white space are blank; 0 and False are not."""
    if value is None:
        return True
    if isinstance(value, str):
        return not value.strip()
    try:
        return bool(value != value)
    except TypeError:  # pandas.NA has no truth
        return True
    except (ValueError, ArithmeticError):  # an array in a cell; a signalling NaN
        return False


def shown(value: object) -> str:
    """``value`` for a one-line message: short, and without control characters."""
    text = repr(value) if isinstance(value, str) else str(value)
    text = "".join(c if c.isprintable() else "?" for c in text)
    return text if len(text) <= 40 else text[:37] + "..."


# One sign, then digits with optional groups of three and an optional fraction.
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?", re.IGNORECASE)
_COMMA_GROUPS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
_OTHER_GROUPS = re.compile(r"[+-]?\d{1,3}(([ '’\u00a0\u202f])\d{3})(\2\d{3})*([.,]\d*)?")
_DOT_GROUPS = re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d*)?")
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")


def number_from_text(text: str) -> float | None:
    """The number that ``text`` must mean, or None where it has no reading or more than one.

    >>> number_from_text("60,000.50"), number_from_text("0,005"), number_from_text("1 234,5")
    (60000.5, 0.005, 1234.5)
    >>> number_from_text("60,000") is None  # 60000 in New York, 60 in Berlin
    True
    """
    text = text.strip().replace("−", "-")
    if _PLAIN.fullmatch(text):
        return float(text)
    digits = text.lstrip("+-")
    if _COMMA_GROUPS.fullmatch(text) and not digits.startswith("0"):
        if "." in text or text.count(",") > 1:
            return float(text.replace(",", ""))
        return None
    if _DOT_GROUPS.fullmatch(text) and not digits.startswith("0"):  # one dot is plain, above
        return float(text.replace(".", "").replace(",", "."))
    if _OTHER_GROUPS.fullmatch(text):
        return float(re.sub(r"[ '’\u00a0\u202f]", "", text).replace(",", "."))
    if _DECIMAL_COMMA.fullmatch(text):
        return float(text.replace(",", "."))
    return None


def parse_number(field: NumberField, value: object) -> float | None:
    """A cell, JSON or CSV value as a number in the field's range; None where it is blank.

    Raises :class:`InputError` with the field, the value and what is allowed.
    """
    if isinstance(value, float):
        return None if value != value else value if field.accepts(value) else field.check(value)
    if is_blank(value):
        return None
    if isinstance(value, str):
        number = field.read(value)
        if number is None:
            raise InputError(
                field.name, f"{shown(value)} is not {field.allowed}; type it plainly, like 60000.5"
            )
        return field.check(number)
    if isinstance(value, (bool, date, datetime)):
        raise InputError(field.name, f"{shown(value)} is not {field.allowed}")
    try:
        return field.check(float(value))  # type: ignore[arg-type]
    except (TypeError, ValueError, ArithmeticError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(field.name, f"{shown(value)} is not {field.allowed}") from None


def parse_choice(name: str, value: object) -> Any:
    """``side`` as +1.0 or -1.0, ``contract_type`` and ``margin_mode`` as their canonical word.

    None where the value is blank. Raises :class:`InputError`.
    """
    choices = _CHOICES[name]
    if value.__class__ is str and value in choices:
        return choices[value]
    if is_blank(value):
        return None
    try:
        return choices[str(value).strip().lower()]
    except KeyError:
        raise InputError(name, f"{shown(value)} is not {_SHOWN[name]}") from None


def parse_text(value: object) -> str:
    """A label such as a venue or a symbol, trimmed; '' where it is blank."""
    if isinstance(value, str):
        return value.strip()
    if is_blank(value):
        return ""
    if isinstance(value, float) and value.is_integer():  # a label 7 in a column of numbers
        return str(int(value))
    return str(value)


def parse_date(value: object) -> date | None:
    """A day from a date, a datetime or ISO text; None where it is blank. Raises InputError."""
    if is_blank(value):
        return None
    if isinstance(value, datetime):  # pandas.Timestamp too
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return datetime.fromisoformat(str(value).strip()).date()
    except ValueError:
        raise InputError("as_of", f"{shown(value)} is not a date like 2026-11-23") from None


def missing(name: str) -> MissingInputError:
    """The error for a required field that is blank."""
    doc = {"venue": "the exchange, such as binance", "side": "long or short"}.get(name)
    return MissingInputError(name, f"missing; give {doc or NUMBERS[name].doc}")
