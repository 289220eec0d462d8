"""Ringfence: margin ratio and liquidation price by each venue's own rules.

>>> import ringfence
>>> round(ringfence.liquidation_price(venue="binance", symbol="BTCUSDT", side="long",
...                                   size=50, entry_price=60_000, leverage=20), 4)
57342.7277
"""

from typing import TYPE_CHECKING, Any

from ringfence.errors import InputError, RingfenceError, RuleMissingError
from ringfence.position import Risk, assess, liquidation_price, margin_ratio
from ringfence.rounding import venue_liquidation_price

if TYPE_CHECKING:
    from ringfence.book import evaluate

__all__ = [
    "InputError",
    "RingfenceError",
    "Risk",
    "RuleMissingError",
    "assess",
    "evaluate",
    "liquidation_price",
    "margin_ratio",
    "venue_liquidation_price",
]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name == "evaluate":  # tables need NumPy and pandas; one position does not wait for them
        from ringfence.book import evaluate

        return evaluate
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
