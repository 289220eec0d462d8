"""The contract at each venue, and the trade in it as RF_RISK reads it."""

from typing import Any

from ringfence_addin.functions import FORMULAS, RISK_COLUMNS
from ringfence_templates.package import Value
from ringfence_templates.position_sizer import told
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
from ringfence_templates.venue_compare import pieces
from ringfence_templates.venue_compare.blocks import FED, FOUND, NOT_KNOWN, Workings, held
from ringfence_templates.venue_compare.layout import FEED, HOUSES, INPUTS, OF_VENUE, ROWS, of_venue
from ringfence_templates.venue_compare.pieces import begins, index, match, mirrored, number, text


def found(its: Workings, at: int) -> dict[str, Told]:
    """The contract: as typed, else as listed; and the trade in its contracts and its money."""
    venue = told.constant(HOUSES[at])
    typed = {name: typed_at(its, name, at) for name in OF_VENUE}

    def here(name: str, piece: Told) -> Told:
        return FOUND.cell(name, at, told.as_value(piece.value))

    kind_typed = pieces.lower(pieces.word(text(typed["contract_type"])))
    kind = when(equal(typed["contract_type"], ""), "linear", kind_typed)
    symbol_typed = text(typed["symbol"])
    kind_here, symbol_here = here("kind", kind), here("typed", symbol_typed)
    key = joined(venue, "|", kind_here, "|")
    by_coin = joined(key, its.named("calc_coin"))
    by_symbol = joined(key, pieces.word(symbol_here))
    main = match(by_coin, "cat_contract_key", [one.contract_key for one in its.listed])
    place = when(
        equal(symbol_here, ""),
        main,
        match(by_symbol, "cat_symbol_key", [one.symbol_key for one in its.listed]),
    )
    fact = match(joined(venue, "|", kind_here), "fact_key", [one.key for one in its.facts])
    place_here, fact_here = here("place", place), here("fact", fact)
    listed = {name: index(f"cat_{name}", place_here, [getattr(one, name) for one in its.listed])
              for name in ("symbol", "contract_size")}  # fmt: skip
    symbol = when(equal(symbol_here, ""), guarded(listed["symbol"], ""), symbol_here)
    default = index("fact_contract_size", fact_here, [one.contract_size for one in its.facts])
    per_contract = when(
        equal(typed["contract_size"], ""),
        guarded(
            when(is_number(place_here), listed["contract_size"], when(default > 0, default, BLANK)),
            "",
        ),
        number(typed["contract_size"]),
    )
    size_here = here("contract_size", per_contract)
    coins, entry = its.named("calc_coins"), its.named("trade_entry_price")
    inverse = equal(kind_here, "inverse")
    left_out = when(begins(pieces.lower(pieces.word(text(typed["compare"]))), "n"), 1, 0)
    counted = when(
        is_number(coins),
        guarded(when(inverse, coins * entry / size_here, coins / size_here), "no contract_size"),
        coins,
    )
    margin = its.named("trade_isolated_margin")
    settled = when(
        every(inverse, is_number(margin)), guarded(margin / entry, "no entry_price"), margin
    )
    return {
        "label": venue,
        "kind": kind,
        "typed": symbol_typed,
        "place": place,
        "fact": fact,
        "symbol": symbol,
        "contract_size": per_contract,
        # Without a size there is no answer, and no figure anywhere
        "contracts": when(equal(here("left_out", left_out), 1), BLANK, counted),
        "margin": settled,
        "coin_known": when(is_number(main), 1, 0),
        "left_out": left_out,
    }


def typed_at(its: Workings, name: str, at: int) -> Told:
    """A cell of the sheet Venues."""
    value = held(its.trade.typed.get(HOUSES[at], {}).get(name))
    return mirrored(Told(of_venue(name, at), value))


def fed(its: Workings, at: int) -> dict[str, Told]:
    """A row of RF_RISK's range."""
    trade = {name: its.named(f"trade_{name}") for name in INPUTS}
    its_own = {
        "label": told.constant(HOUSES[at]),
        "venue": told.constant(HOUSES[at]),
        "symbol": its.cell(FOUND, "symbol", at),
        "contract_type": its.cell(FOUND, "kind", at),
        "size": its.cell(FOUND, "contracts", at),
        "contract_size": its.cell(FOUND, "contract_size", at),
        "isolated_margin": its.cell(FOUND, "margin", at),
    }
    for name in ("mmr", "maintenance_amount", "taker_fee_rate"):
        its_own[name] = number(typed_at(its, name, at))
    return {name: its_own[name] if name in its_own else trade[name] for name in FED.names}


def risk_values(its: Workings) -> tuple[tuple[Value, ...], ...]:
    """RF_RISK's header and a row a venue; blank where there is no trade."""
    blank: tuple[Value, ...] = ("",) * len(RISK_COLUMNS)
    if not its.named("calc_used").value:
        return (blank,) * (ROWS + 1)
    rows = FORMULAS["RF_RISK"].function(risk_table(its))
    return tuple(tuple(map(told.as_value, row)) for row in rows)


def risk_table(its: Workings) -> list[list[Any]]:
    """What RF_RISK is given. A blank day is that of the file, so that no value ages."""
    columns = {name: its.column(FED, name) for name in FEED}
    day = told.as_value(its.trade.day)
    columns["as_of"] = [value or day for value in columns["as_of"]]
    return [list(FEED), *(list(row) for row in zip(*columns.values(), strict=True))]


def of_ours(its: Workings, name: str, at: int, **others: Told) -> Told:
    """A formula of ours on the row of a venue; its arguments have the names of the columns."""
    given = {name: its.cell(FED, name, at) for name in FEED}
    day = given["as_of"]
    given["as_of"] = Told(day.formula, day.value or told.as_value(its.trade.day))
    return guarded(told.call(name, given, **others), NOT_KNOWN)
