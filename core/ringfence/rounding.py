"""A liquidation price as the venue's own screen prints it: rounded, in the direction it rounds.

Everything else in Ringfence is exact; this is for putting a figure beside the venue's.
"""

import math
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from ringfence import inputs
from ringfence.errors import RuleMissingError
from ringfence.lookup import Terms
from ringfence.position import box, liquidation_price_of

if TYPE_CHECKING:
    from ringfence.rules import RuleSet

# A root that lies this close to a step lies on it: rounding up or down must not leave it.
_ON_A_STEP: Final = 1e-9


def venue_liquidation_price(*, tick: float | None = None, **position: Any) -> float | None:
    """:func:`ringfence.liquidation_price` as the venue's screen rounds it; None: there is none.

    ``tick`` is the step of the contract's price, quote per base (default: the one on file).
    Raises InputError; RuleMissingError where the venue's rounding or the tick is not on file.
    """
    held = box(**position)
    if tick is not None:
        tick = inputs.parse_number(inputs.TICK, tick)
    price = liquidation_price_of(held)
    return None if price is None else rounded(held.terms, held.side_sign, price, tick)


def rounded(terms: Terms, side_sign: float, price: float, tick: float | None = None) -> float:
    """``price`` as the venue of ``terms`` prints it for a long (+1) or a short (-1).

    Raises RuleMissingError where the venue's rounding or the tick is not on file.
    """
    rule = terms.rule
    if rule.price_rounding is None:
        raise RuleMissingError("venue", f"how {rule.venue} rounds a liquidation price is not known")
    if rule.price_rounding == "none":
        return price if rule.price_decimals is None else round(price, rule.price_decimals)
    step = tick or (terms.listed.tick if terms.listed else None)
    if step is None:
        raise RuleMissingError(
            "symbol", f"its tick at {rule.venue} is not on file; give it to round a price"
        )
    if rule.price_rounding == "tick_early":
        return price + side_sign * step
    steps = price / step
    whole = round(steps)
    if abs(steps - whole) > _ON_A_STEP * max(steps, 1.0):
        whole = _whole(rule, side_sign, steps)
    return round(whole * step, _decimals(step))


def _whole(rule: "RuleSet", side_sign: float, steps: float) -> int:
    """``steps`` as a whole number, in the direction in which the venue rounds."""
    towards_mark: Callable[[float], int] = math.ceil if side_sign > 0 else math.floor
    ways: dict[str | None, Callable[[float], int]] = {
        "conservative": towards_mark,  # the screen warns early
        "up": math.ceil,
        "down": math.floor,
        "nearest": round,
    }
    return ways[rule.price_rounding](steps)


@cache
def _decimals(step: float) -> int:
    exponent = Decimal(repr(step)).normalize().as_tuple().exponent
    return max(-int(exponent), 0)
