"""The distance chart: one bar a position, from the mark price towards its liquidation price.

Longs reach to the left (the price falls), shorts to the right (it rises), all from one line, so
that the page shows at a glance which move hurts. Geometry only, in shares of the width; the writers
draw it.
"""

from dataclasses import dataclass
from typing import Final

from ringfence_addin.report import formats
from ringfence_addin.report.model import Band, Position, Report

TOP: Final = 25  # bars; more than a page of them is read by nobody
TOP_ALREADY: Final = 5  # of them already liquidated: they all look the same
_CAPS: Final = ((0.10, 0.05), (0.20, 0.10), (0.30, 0.10), (0.50, 0.25))  # (end, step) of the axis
_ROOM: Final = 0.02  # of the width, beside the outermost line: for its label


@dataclass(frozen=True, slots=True)
class Bar:
    """One position: the bar from ``start`` over ``length``; both 0 wide where never liquidated."""

    position: Position
    start: float
    length: float
    beyond: bool  # further away than the axis reaches
    value: str
    detail: str


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """``zero``: where the mark price lies; ``more``: what is not drawn, '' where all is."""

    bars: tuple[Bar, ...]
    zero: float
    ticks: tuple[Tick, ...]
    more: str
    has_longs: bool
    has_shorts: bool


def chart(report: Report, top: int = TOP) -> Chart:
    """The ``top`` nearest positions of a report."""
    already = sum(p.band is Band.ALREADY for p in report.positions)
    hidden = max(already - TOP_ALREADY, 0)
    drawn = (*report.positions[: already - hidden], *report.positions[already:])[:top]
    longs = any(p.falling for p in drawn)
    shorts = any(not p.falling for p in drawn)
    zero = _ROOM + (1 - 2 * _ROOM) * (0.5 if longs and shorts else float(longs))
    cap, step = axis(drawn)
    unit = (1 - 2 * _ROOM) / (cap * (2 if longs and shorts else 1))
    steps = [step * n for n in range(1, round(cap / step) + 1)]
    ticks = [Tick(zero, "mark")]
    if longs:
        ticks += [Tick(zero - d * unit, f"−{formats.percent(d, 0)}") for d in steps]
    if shorts:
        ticks += [Tick(zero + d * unit, f"+{formats.percent(d, 0)}") for d in steps]
    return Chart(
        bars=tuple(_bar(p, zero, unit, cap) for p in drawn),
        zero=zero,
        ticks=tuple(sorted(ticks, key=lambda tick: tick.at)),
        more=_more(report.positions[len(drawn) + hidden :], hidden),
        has_longs=longs,
        has_shorts=shorts,
    )


def axis(drawn: tuple[Position, ...]) -> tuple[float, float]:
    """End and step: it holds every bar, but is not so long that the near ones vanish."""
    furthest = max((p.risk.liquidation_distance or 0.0 for p in drawn), default=0.0)
    return next((cap for cap in _CAPS if furthest <= cap[0]), _CAPS[-1])


def _bar(p: Position, zero: float, unit: float, cap: float) -> Bar:
    away = p.risk.liquidation_distance or 0.0
    length = min(max(away, 0.0), cap) * unit if p.band not in (Band.NEVER, Band.ALREADY) else 0.0
    move = "falls" if p.falling else "rises"
    if p.band is Band.NEVER:
        value, detail = "never", "no price liquidates it"
    elif p.band is Band.ALREADY:
        value, detail = "already", f"mark {formats.price(p.mark_price)} is at or past liquidation"
    else:
        value = formats.percent(away)
        detail = f"if the price {move} to {formats.price(p.risk.liquidation_price)}"
    return Bar(p, zero - length if p.falling else zero, length, away > cap, value, detail)


def _more(rest: tuple[Position, ...], already: int) -> str:
    """What is not drawn: the ``rest``, and so many already liquidated."""
    never = sum(p.band is Band.NEVER for p in rest)
    parts = [
        f"{count:,} {which}"
        for count, which in (
            (already, "more already liquidated"),
            (len(rest) - never, "further away"),
            (never, "never liquidated"),
        )
        if count
    ]
    return f"and {', '.join(parts)}" if parts else ""
