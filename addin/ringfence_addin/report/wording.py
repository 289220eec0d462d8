"""The sentences of a report: verdict, rules, ages, and the words it explains."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Final

from ringfence import inputs
from ringfence.position import ALREADY
from ringfence.rules import RuleSet
from ringfence.summary import NEAR, Summary
from ringfence.tiers import Contract
from ringfence_addin.report import formats

if TYPE_CHECKING:
    from ringfence_addin.report.model import Position, RuleUsed

DOLLAR: Final = "USD"
OLD_DAYS: Final = 90  # venues change their tiers several times a year

GLOSSARY: Final = (
    (
        "Isolated margin",
        "The money set aside for one position, without its unrealized PnL: the most that it can "
        "lose.",
    ),
    (
        "Liquidation price",
        "The first adverse mark price at which margin plus unrealized PnL is down to what the "
        "venue requires.",
    ),
    (
        "Distance",
        "How far the mark price has to move to get there, as a share of the mark price.",
    ),
    (
        "Margin ratio",
        "Maintenance requirement / margin balance, the same way up for every venue: "
        "liquidation at 100%.",
    ),
)

CAVEATS: Final = (
    "The venue's own engine decides; these are its published rules, computed at the given mark "
    "prices.",
    "A price that jumps past the liquidation price is not modelled, nor are funding still to be "
    "paid and auto-deleveraging.",
)


def headline(positions: Sequence["Position"], figures: Summary) -> str:
    """The one line that is read if no other is."""
    if not positions:
        return "No position could be computed." if figures.errors else "No positions in this table."
    gone = figures.already_liquidated
    if gone:
        return f"{formats.count(gone, 'position')} already at or past liquidation."
    nearest = positions[0]
    if nearest.risk.liquidation_distance is None:
        return "No price liquidates any of these positions."
    away = formats.percent(nearest.risk.liquidation_distance)
    return f"Nearest liquidation: {nearest.name} on {nearest.venue}, {away} away."


def sentences(positions: Sequence["Position"], figures: Summary, currency: str) -> tuple[str, ...]:
    """What follows the headline: the price, the money, and what is left out of it."""
    if not positions:
        return (_left_out(figures),) if figures.errors else ()
    return tuple(
        filter(
            None, (_next_price(positions), _money(positions, figures, currency), _left_out(figures))
        )
    )


def _next_price(positions: Sequence["Position"]) -> str:
    """The nearest liquidation that has not happened."""
    for p in positions:
        if p.risk.status != ALREADY and p.risk.liquidation_distance is not None:
            moves = "falls" if p.falling else "rises"
            return (
                f"Row {p.number}, {p.name} on {p.venue}, is liquidated if the mark price {moves} "
                f"{formats.percent(p.risk.liquidation_distance)}, from "
                f"{formats.price(p.mark_price)} to {formats.price(p.risk.liquidation_price)}."
            )
    return ""


def _money(positions: Sequence["Position"], figures: Summary, currency: str) -> str:
    text = f"If every box fails together, {formats.money(figures.margin)} {currency} is lost; "
    near = {limit: share for limit, share in figures.share_within.items() if share}
    if near:
        shares = [f"{formats.percent(near[d], 0)} within {formats.percent(d, 0)}" for d in near]
        text += f"of it, {' and '.join(', '.join(shares).rsplit(', ', 1))} of liquidation."
    else:
        text += f"none of it is within {formats.percent(max(NEAR), 0)} of liquidation."
    if currency == DOLLAR and any(p.inverse or p.settle != DOLLAR for p in positions):
        text += " USDT, USDC and USD count as one, coins at their mark price."
    return text


def _left_out(figures: Summary) -> str:
    parts = []
    if figures.errors:
        parts.append(f"{formats.count(figures.errors, 'row')} in error")
    if unpriced := figures.not_counted - figures.errors:
        parts.append(
            f"{formats.count(unpriced, 'position')} settled in a coin without a price here"
        )
    return f"Not in the totals: {' and '.join(parts)}." if parts else ""


def screen_statement(rule: RuleSet) -> str:
    """What the venue's own screen shows for the ratio."""
    safe = "low" if rule.screen_ratio == "requirement / balance" else "high"
    return (
        f"On the venue's screen: {rule.screen_ratio_name}; {safe} is safe, liquidation at "
        f"{formats.percent(rule.liquidation_threshold)}."
    )


def since(rule: RuleSet) -> str:
    start = (
        f"in force since {rule.effective_from}" if rule.effective_from else "no start date on file"
    )
    return f"{start}, known until {rule.effective_until}" if rule.effective_until else start


def cautions(rules: Sequence["RuleUsed"]) -> str:
    """Which of the rules are not known to hold, and which rest on little; '' where none."""
    held = [used.rule for used in rules]
    groups = {
        "known only until": [f"{r.effective_until} ({r.venue})" for r in held if r.effective_until],
        "low confidence": [r.venue for r in held if r.confidence == "low"],
        "medium confidence": [r.venue for r in held if r.confidence == "medium"],
    }
    parts = [f"{name}: {', '.join(dict.fromkeys(said))}" for name, said in groups.items() if said]
    return f"Check these first. {capital('; '.join(parts))}." if parts else ""


def dated(as_of: str, day: date) -> str:
    """A day on file and how long ago it was: ``2026-09-24, 60 days old``."""
    old = days_old(as_of, day)
    if old is None:
        return "of unknown date"
    if old < 0:
        return f"{as_of}, {formats.days(-old)} newer than this report"
    return f"{as_of}, {formats.days(old)} old" + (": check for changes" if old > OLD_DAYS else "")


def contract_tiers(contract: Contract, day: date) -> str:
    """What is to be known of one contract's tiers."""
    text = f"tiers {'of ' if contract.as_of else ''}{dated(contract.as_of, day)}."
    return f"{text} {capital(contract.note)}" if contract.note else text


def days_old(as_of: str, day: date) -> int | None:
    """The age of data of ``as_of`` on ``day``; None where no day is on file."""
    read = inputs.parse_date(as_of)
    return (day - read).days if read else None


def capital(text: str) -> str:
    """``text`` as the beginning of a sentence."""
    return text[:1].upper() + text[1:]
