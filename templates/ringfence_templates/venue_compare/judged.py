"""What follows at each venue from RF_RISK's answer: figures, the rule, words."""

from collections.abc import Sequence
from typing import Any, Final

from ringfence.position import ALREADY, NEVER
from ringfence_addin.functions import RISK_COLUMNS
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
from ringfence_templates.ranking import KEY_DIGITS
from ringfence_templates.venue_compare import pieces
from ringfence_templates.venue_compare.at_venue import of_ours
from ringfence_templates.venue_compare.blocks import (
    ALREADY_STATE,
    ERROR,
    FED,
    FOUND,
    JUDGED,
    NEVER_STATE,
    NOT_KNOWN,
    OK,
    OUT,
    UNHEARD,
    Put,
    Workings,
)
from ringfence_templates.venue_compare.layout import HOUSES
from ringfence_templates.venue_compare.pieces import begins, index, text

OTHER_DAY: Final = "a rule of another day than this file's: see =RF_VENUES()"
# What stands for a distance: before them all, and behind them
_NEVER_KEY, _ERROR_KEY, _OUT_KEY = -1e6, 1e6, 2e6


def judged(its: Workings, at: int) -> dict[str, Told]:
    """The row of a venue; its rank is put in when all are known."""
    done: dict[str, Told] = {}

    def put(name: str, piece: Told) -> Told:
        done[name] = piece
        return JUDGED.cell(name, at, told.as_value(piece.value))

    put("label", told.constant(HOUSES[at]))
    risk = {name: its.risk(name, at) for name in RISK_COLUMNS}
    status = put("status", text(risk["status"]))
    state = put(
        "state",
        when(
            equal(its.named("calc_used"), 0),
            BLANK,
            when(
                equal(its.cell(FOUND, "left_out", at), 1),
                OUT,
                when(
                    equal(status, ""),
                    UNHEARD,
                    when(
                        begins(status, "error"),
                        ERROR,
                        when(equal(status, ALREADY), ALREADY_STATE,
                             when(equal(status, NEVER), NEVER_STATE, OK)),
                    ),
                ),
            ),
        ),
    )  # fmt: skip
    found = some(*(equal(state, one) for one in (OK, ALREADY_STATE, NEVER_STATE)))
    answered = equal(put("answered", when(found, 1, 0)), 1)
    distance = risk["liquidation_distance"]
    away = put(
        "away",
        when(equal(state, OK), distance,
             when(equal(state, ALREADY_STATE), pieces.least(distance, 0),
                  when(equal(state, NEVER_STATE), "never", BLANK))),
    )  # fmt: skip
    put(
        "key",
        when(
            is_number(away),
            told.constant(0) - pieces.rounded(away, KEY_DIGITS),
            when(
                equal(state, NEVER_STATE), _NEVER_KEY, when(equal(state, OUT), _OUT_KEY, _ERROR_KEY)
            ),
        ),
    )
    put("rank", BLANK)  # when all keys are known
    nominal = its.named("calc_nominal")
    put("short_of", when(every(equal(state, OK), is_number(nominal)),
                         guarded(away - nominal, ""), BLANK))  # fmt: skip
    settle = risk["settle_price"]

    def dollars(one: Told) -> Told:
        return when(every(is_number(one), is_number(settle)), guarded(one * settle, ""), BLANK)

    put("initial_margin", dollars(risk["initial_margin"]))
    put("maintenance_margin", dollars(risk["maintenance_margin"]))
    price, kind = risk["liquidation_price"], its.cell(FOUND, "kind", at)
    reached = every(equal(state, OK), is_number(price))
    required = of_ours(its, "RF_MAINT_MARGIN", at, mark_price=price)
    there = put("at_liquidation", when(reached, dollars(required), BLANK))
    contracts, size = its.cell(FED, "size", at), its.cell(FED, "contract_size", at)
    value = when(equal(kind, "inverse"), contracts * size / price, contracts * size * price)
    put("rate", when(is_number(there),
                     guarded(there / settle / value, NOT_KNOWN), BLANK))  # fmt: skip
    put("tier_rate", when(reached, _tier_rate(its, at, value), BLANK))
    put("box", when(answered, dollars(risk["max_loss"]), BLANK))
    caveat = _put_facts(its, at, put)
    _put_words(its, at, put, state, status, caveat)
    return done


def _tier_rate(its: Workings, at: int, value: Told) -> Told:
    """The rate of the tier in RF_TIERS that the liquidation price is in; n/a where there is none
    such, because rates grow with the size or depend on the leverage."""
    mmr, entry = its.cell(FED, "mmr", at), its.cell(FED, "entry_price", at)
    contracts, size = its.cell(FED, "size", at), its.cell(FED, "contract_size", at)
    kind, by = its.cell(FED, "contract_type", at), _fact(its, "tier_by", at)
    at_entry = when(equal(kind, "inverse"), contracts * size / entry, contracts * size * entry)
    held = when(equal(by, "contracts"), contracts, when(equal(by, "entry"), at_entry, value))
    tiers = told.call("RF_TIERS", {"venue": its.cell(FED, "venue", at),
                                   "symbol": its.cell(FED, "symbol", at),
                                   "contract_type": kind})  # fmt: skip
    rows: Sequence[Sequence[Any]] = tiers.value if isinstance(tiers.value, list) else [["error"]]
    below = 0
    if held.is_number:
        below = sum(isinstance(row[0], (int, float)) and row[0] <= held.value for row in rows)
    # The header is a text, and a text is more than any number
    counted = f"SUMPRODUCT(--(INDEX({tiers.formula},0,1)<={held.formula}))"
    whole = below < len(rows) and len(rows[0]) > 1 and below > 0
    rate = Told(
        f"INDEX({tiers.formula},1+{counted},2)",
        rows[below][1] if held.is_number and whole else told.VALUE_ERROR,
    )
    known = when(is_number(rate), rate, NOT_KNOWN)
    return when(is_number(mmr), mmr, guarded(when(equal(by, ""), NOT_KNOWN, known), NOT_KNOWN))


def _fact(its: Workings, name: str, at: int) -> Told:
    values = [getattr(one, name) for one in its.facts]
    return index(f"fact_{name}", its.cell(FOUND, "fact", at), values)


def _put_facts(its: Workings, at: int, put: Put) -> Told:
    """What the sheet Rules says: of the file, as long as RF_RISK used the same rule.

    Returns what must be known of the rule and its tiers.
    """
    told_rule = text(its.risk("rule", at))
    on_file = guarded(_fact(its, "rule", at), "")
    rule = put("rule", when(equal(told_rule, ""), on_file, pieces.before(told_rule, "; ")))
    until = put("until", pieces.behind(rule, " until "))
    more = pieces.behind(told_rule, "; ")
    over = joined("rule known until ", until, " only", when(equal(more, ""), BLANK, "; "))
    caveat = put("caveat", when(equal(told_rule, ""), BLANK,
                                joined(when(equal(until, ""), BLANK, over), more)))  # fmt: skip
    same = equal(on_file, rule)

    def fact(name: str) -> Told:
        return when(same, text(guarded(_fact(its, name, at), "")), OTHER_DAY)

    put("confidence", when(same, text(guarded(_fact(its, "confidence", at), "")), BLANK))
    put("since", when(same, text(guarded(_fact(its, "since", at), "")), BLANK))
    tiers_day = index("cat_day", its.cell(FOUND, "place", at), [one.day for one in its.listed])
    given = is_number(its.cell(FED, "mmr", at))
    put("tiers_of", when(given, "mmr given", guarded(text(tiers_day), "")))
    put("funding", fact("funding"))
    put("takes", fact("takes"))
    typed = its.cell(FED, "taker_fee_rate", at)
    rate = when(is_number(typed), typed, guarded(_fact(its, "fee_rate", at), ""))
    fee = guarded(_fact(its, "fee", at), "")
    put(
        "fee",
        when(same,
             when(some(equal(fee, "none"), equal(fee, "")), fee,
                  guarded(joined(told.fixed(rate * 100, 3), " %: ", fee), fee)),
             OTHER_DAY),
    )  # fmt: skip
    return caveat


def _put_words(its: Workings, at: int, put: Put, state: Told, status: Told, caveat: Told) -> None:
    """Why a venue has no answer, or what must be known of one that it has, in one line."""
    no_symbol = every(equal(its.cell(FED, "symbol", at), ""), equal(its.cell(FED, "mmr", at), ""))
    no_size = every(
        is_number(its.named("calc_coins")), equal(its.cell(FED, "contract_size", at), "")
    )
    kind = its.cell(FOUND, "kind", at)
    coin = pieces.left(text(its.named("trade_coin")), pieces.WORD)
    why = when(
        equal(its.cell(FOUND, "fact", at), ""),
        joined("no ", kind, " rule on file: another contract_type, in Venues"),
        when(
            no_symbol,
            joined("no ", kind, " ", when(equal(coin, ""), "contract", joined(coin, " contract")),
                   " on file: its symbol, or mmr, in Venues"),
            when(no_size, "its contract_size is not known: give it in Venues",
                 Told(f"MID({status.formula},8,999)", str(status.value)[7:1006])),
        ),
    )  # fmt: skip
    late = when(equal(caveat, ""), BLANK, joined("; ", caveat))
    put(
        "remark",
        when(
            equal(state, ""), BLANK,
            when(equal(state, OUT), "left out, in Venues",
                 when(equal(state, UNHEARD), "no answer from RF_RISK",
                      when(equal(state, ERROR), why,
                           when(equal(state, ALREADY_STATE), joined("already liquidated", late),
                                when(equal(state, NEVER_STATE),
                                     joined("no price liquidates it", late), caveat))))),
        ),
    )  # fmt: skip
    field_named = Told(
        f'IFERROR("fix "&MID({status.formula},8,FIND(":",{status.formula},8)-8),"fix")',
        _faulty(str(status.value)),
    )
    put(
        "check",
        when(
            equal(state, ""), BLANK,
            when(equal(state, OUT), "left out",
                 when(equal(state, UNHEARD), "no answer",
                      when(equal(state, ERROR),
                           when(no_symbol, "no contract",
                                when(no_size, "fix contract_size", field_named)),
                           "ok"))),
        ),
    )  # fmt: skip


def _faulty(status: str) -> str:
    field_name, colon, _ = status[7:].partition(":")
    return f"fix {field_name}" if colon else "fix"
