"""What the sheet Calc works out: the trade at every venue, ranked, farthest liquidation first."""

from ringfence_templates.position_sizer import told
from ringfence_templates.position_sizer.told import (
    BLANK,
    Told,
    equal,
    every,
    guarded,
    is_number,
    joined,
    some,
    when,
)
from ringfence_templates.venue_compare import pieces
from ringfence_templates.venue_compare.at_venue import fed, found, risk_values
from ringfence_templates.venue_compare.blocks import (
    CHART,
    FED,
    FOUND,
    JUDGED,
    NEEDED,
    Workings,
    held,
)
from ringfence_templates.venue_compare.ends import bar, define_ends, needed, rank_all
from ringfence_templates.venue_compare.judged import judged
from ringfence_templates.venue_compare.layout import INPUTS
from ringfence_templates.venue_compare.on_file import facts
from ringfence_templates.venue_compare.pieces import begins, mirrored, number, text
from ringfence_templates.venue_compare.trade import Trade


def work_out(trade: Trade) -> Workings:
    """Everything the sheets show of ``trade``."""
    given = {name: Told(name, held(trade.given[name])) for name in INPUTS}
    its = Workings(trade, given, tuple(facts(trade.day)))
    _define_trade(its)
    its.add_block(FOUND, found)
    its.add_block(FED, fed)
    its.risk_values = risk_values(its)
    its.add_block(JUDGED, judged)
    rank_all(its)
    define_ends(its)
    its.add_block(NEEDED, needed)
    its.add_block(CHART, bar)
    return its


def positive(one: Told) -> Told:
    """Whether it is a number above 0. Two conditions, since AND looks at every one."""
    return when(is_number(one), when(one > 0, 1, 0), 0)


def _define_trade(its: Workings) -> None:
    given = {name: mirrored(one) for name, one in its.given.items()}
    for name in ("coin", "side", "as_of"):
        its.define(f"trade_{name}", given[name])
    for name, field_of in INPUTS.items():
        if field_of.number:
            its.define(f"trade_{name}", number(given[name]))
    trade = {name: its.named(f"trade_{name}") for name in INPUTS}
    used = [name for name in INPUTS if name not in ("target_distance", "as_of")]
    its.define(
        "calc_used",
        when(equal(joined(*(trade[name] for name in used)), ""), 0, 1),
    )
    side = pieces.lower(Told(f"TRIM({trade['side'].formula})", str(trade["side"].value).strip(" ")))
    short = some(begins(side, "s"))
    its.define("calc_short", when(short, 1, 0))
    entry, mark = trade["entry_price"], trade["mark_price"]
    its.define("calc_mark", when(positive(mark), mark, entry))
    its.define(
        "calc_coins",
        when(
            equal(trade["size"], ""),
            when(
                is_number(trade["notional"]),
                when(positive(entry), trade["notional"] / entry, BLANK),
                trade["notional"],
            ),
            trade["size"],
        ),
    )
    its.define("calc_coin", pieces.word(text(trade["coin"])))
    leverage, margin, coins = trade["leverage"], trade["isolated_margin"], its.named("calc_coins")
    its.define(
        "calc_leverage",
        when(
            positive(leverage),
            leverage,
            when(every(*(equal(positive(one), 1) for one in (margin, coins, entry))),
                 coins * entry / margin, BLANK),
        ),
    )  # fmt: skip
    # As AND looks at all of its arguments, so does the division
    its.define("calc_nominal", guarded(told.constant(1) / its.named("calc_leverage"), ""))
    target, mark_now = trade["target_distance"], its.named("calc_mark")
    sign = when(its.named("calc_short"), 1, told.constant(-1))
    its.define(
        "calc_target_price",
        when(
            every(equal(positive(target), 1), equal(positive(mark_now), 1)),
            guarded(mark_now * (told.constant(1) + sign * target), ""),
            BLANK,
        ),
    )
