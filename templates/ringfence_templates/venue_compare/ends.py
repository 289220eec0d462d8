"""The order of the venues, what the ends of it say, and the margins that would even it out."""

from ringfence_templates.position_sizer import told
from ringfence_templates.position_sizer.pictures import Figures
from ringfence_templates.position_sizer.told import (
    BLANK,
    Told,
    equal,
    every,
    guarded,
    is_number,
    joined,
    when,
)
from ringfence_templates.venue_compare.at_venue import of_ours
from ringfence_templates.venue_compare.blocks import (
    ALREADY_STATE,
    JUDGED,
    NEEDED,
    NOT_KNOWN,
    Workings,
)
from ringfence_templates.venue_compare.layout import HOUSES, ROWS
from ringfence_templates.venue_compare.pieces import index, match, text


def rank_all(its: Workings) -> None:
    """Rank all rows; those without an answer come last."""
    keys = its.column(JUDGED, "key")
    rows = list(range(ROWS))
    order = sorted(rows, key=lambda at: (keys[at], at))
    held = its.blocks[JUDGED.about].held
    ranks = []
    for at in rows:
        key = its.cell(JUDGED, "key", at)
        first = JUDGED.cell("key", at, 0.0).formula
        earlier = f"(cmp_key={first})*(ROW(cmp_key)<ROW({first}))"
        formula = f"SUMPRODUCT((cmp_key<{key.formula})+{earlier})+1"
        ranks.append(Told(formula, float(order.index(at) + 1)))
    its.blocks[JUDGED.about] = Figures(JUDGED, {**held, "rank": ranks})
    answers = float(sum(its.column(JUDGED, "answered")))
    its.define("calc_answers", Told("SUM(cmp_answered)", answers))
    stale = sum("tiers of" in str(one) or "stale tiers" in str(one)
                for one in its.column(JUDGED, "caveat"))  # fmt: skip
    its.define(
        "calc_stale",
        Told('COUNTIF(cmp_caveat,"*stale tiers*")+COUNTIF(cmp_caveat,"*tiers of*")', float(stale)),
    )


def _at_rank(its: Workings, rank: Told) -> Told:
    return match(rank, "cmp_rank", its.column(JUDGED, "rank"))


def define_ends(its: Workings) -> None:
    """The farthest and the nearest liquidation: names best_... and worst_..."""
    any_found = its.named("calc_answers") > 0
    for end, rank in (("best", told.constant(1)), ("worst", its.named("calc_answers"))):
        row = its.define(f"{end}_row", when(any_found, _at_rank(its, rank), BLANK))
        for name in ("label", "state", "away", "until"):
            values = its.column(JUDGED, name)
            its.define(f"{end}_{name}", guarded(index(f"cmp_{name}", row, values), ""))
        prices = [its.risk("liquidation_price", at).value for at in range(ROWS)]
        price = index("risk_liquidation_price", row, prices)
        its.define(f"{end}_price", guarded(told.plain(price), ""))
    best, worst = its.named("best_price"), its.named("worst_price")
    both = every(is_number(best), is_number(worst), its.named("calc_answers") > 1)
    its.define("calc_spread", when(both, guarded(told.size_of(best - worst), ""), BLANK))
    coins = its.named("calc_coins")
    spread = its.named("calc_spread")
    its.define("calc_spread_money", when(is_number(spread), guarded(spread * coins, ""), BLANK))
    far, near = its.named("best_away"), its.named("worst_away")
    its.define(
        "calc_spread_away",
        when(every(is_number(far), is_number(near)), guarded(far - near, ""), BLANK),
    )


def needed(its: Workings, at: int) -> dict[str, Told]:
    """What a venue's box would have to hold; and, by rank, whose row it is."""
    box = its.cell(JUDGED, "box", at)
    settle = its.risk("settle_price", at)

    def margin(price: Told) -> Told:
        added = of_ours(its, "RF_TOP_UP", at, target_price=price)
        whole = guarded(box + added * settle, NOT_KNOWN)
        return when(every(is_number(box), is_number(price)), whole, BLANK)

    order = _at_rank(its, told.constant(at + 1))
    away = its.cell(JUDGED, "away", at)
    length = when(
        is_number(away),
        told.at_least(told.at_most(away, 1), 0),
        when(equal(away, "never"), 1, 0),
    )
    nominal = its.named("calc_nominal")
    lost = when(
        every(is_number(away), is_number(nominal)),
        guarded(told.at_least(told.at_most(nominal, 1) - length, 0), 0),
        0,
    )
    return {
        "label": told.constant(HOUSES[at]),
        "same_price": margin(its.named("best_price")),
        "at_target": margin(its.named("calc_target_price")),
        "order": order,
        "bar": length,
        "lost": lost,
    }


def bar(its: Workings, rank: int) -> dict[str, Told]:
    """A bar of the chart."""
    name, found = its.ranked(JUDGED, "label", rank), its.ranked(JUDGED, "answered", rank)
    away, state = its.ranked(JUDGED, "away", rank), its.ranked(JUDGED, "state", rank)
    far = when(is_number(away), told.percent(away, 2), text(away))
    far = joined(": ", when(equal(state, ALREADY_STATE), "liquidated", far))
    return {
        "label": when(equal(found, 1), joined(name, far), joined(name, ": no answer")),
        "distance": its.ranked(NEEDED, "bar", rank),
        "lost to 1/leverage": its.ranked(NEEDED, "lost", rank),
    }
