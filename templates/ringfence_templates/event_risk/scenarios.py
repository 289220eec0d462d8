"""What the workbook asks of the book: named events, common moves, betas, and the heat map's axes.

All of it stands in cells that people edit. The moves of the events are examples of what such a day
can look like, not forecasts; only the last is patterned on a day that was (12 March 2020).
"""

from dataclasses import dataclass
from typing import Final

from ringfence.stress import OTHERS

Move = float | str | None  # a cell: what is no number, or not above -1, is told and left out
Event = tuple[str | None, tuple[Move, ...]]

EVENT_ROWS: Final = 20  # with those for typing
COIN_COLUMNS: Final = 8  # the last is OTHERS
BETA_ROWS: Final = 10
MOVE_ROWS: Final = 21
HEAT_STEPS: Final = 11


@dataclass(frozen=True, slots=True)
class Scenarios:
    """Contents of the input cells; shorter tuples leave the last cells blank.

    An event's moves go with ``coins``, the last with every other coin.
    """

    coins: tuple[str, ...]
    events: tuple[Event, ...]
    moves: tuple[Move, ...]
    betas: tuple[tuple[str | None, Move], ...]
    heat_coins: tuple[str, str]
    heat_moves: tuple[tuple[Move, ...], tuple[Move, ...]]
    event: int | None = None  # the one that the sheet Boxes opens with; None: the worst
    one_move: Move = None  # in its place: a move of every coin


_COINS: Final = ("BTC", "ETH", "SOL", "XRP", "DOGE", "AVAX", "HYPE")
_EVENTS: Final[tuple[Event, ...]] = (
    ("CPI print above forecast", (-0.04, -0.055, -0.07, -0.05, -0.075, -0.075, -0.08, -0.07)),
    ("CPI print below forecast", (0.04, 0.055, 0.07, 0.05, 0.075, 0.075, 0.08, 0.07)),
    ("ETF headline: approval", (0.12, 0.09, 0.07, 0.06, 0.06, 0.06, 0.05, 0.06)),
    ("ETF headline: refusal", (-0.12, -0.10, -0.12, -0.10, -0.13, -0.13, -0.12, -0.12)),
    ("Halt of a large exchange", (-0.10, -0.13, -0.18, -0.13, -0.18, -0.18, -0.20, -0.18)),
    ("Token unlock: HYPE", (None, None, None, None, None, None, -0.25, None)),
    ("Unlock postponed: HYPE squeeze", (None, None, None, None, None, None, 0.20, None)),
    ("Stablecoin scare", (-0.08, -0.10, -0.14, -0.10, -0.14, -0.15, -0.14, -0.14)),
    ("Rotation into alts", (-0.05, 0.15, 0.25, 0.10, 0.30, 0.25, 0.30, 0.25)),
    ("Flight to BTC", (0.05, -0.10, -0.15, -0.12, -0.18, -0.18, -0.18, -0.15)),
    ("Weekend flash crash, alts worst", (-0.12, -0.20, -0.25, -0.30, -0.40, -0.50, -0.35, -0.45)),
    ("2020-03 style crash", (-0.50, -0.55, -0.60, -0.50, -0.55, -0.60, -0.60, -0.60)),
)
_MOVES: Final = (0.025, 0.05, 0.075, 0.10, 0.15, 0.20, 0.25, 0.30, 0.40, 0.50)
_AXIS: Final = tuple(step / 10 for step in range(-5, 6))

SCENARIOS: Final = Scenarios(
    coins=_COINS,
    events=_EVENTS,
    moves=(*(-move for move in reversed(_MOVES)), 0.0, *_MOVES),
    betas=tuple((coin, 1.0) for coin in (*_COINS, OTHERS)),
    heat_coins=("BTC", "ETH"),
    heat_moves=(_AXIS, _AXIS),
)
