"""The derivation of a liquidation price: its figures put back into the definition, venue by venue.

What a step says it computed is computed again from its own text; equity and requirement at the
price come from the venue's tables by plain loops (``core.engine``), not from Ringfence's formulas.
"""

import math
import re
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from core import engine
from core.strategies import floats
from ringfence import assess, book, explain, tiers, venues
from ringfence.accounts import from_frame
from ringfence.errors import RingfenceError
from ringfence.explain import Explanation, Step
from ringfence.lookup import Terms
from ringfence.position import Risk, box
from ringfence.schedules import SlabSchedule

VENUES = [name for name in venues.names() if tiers.tier_file(name).contracts]


def figure(its: Explanation, title: str) -> float:
    (step,) = (step for step in its.steps if step.title == title)
    assert isinstance(step.result, float)
    return step.result


def rule_of(its: Explanation, title: str) -> str:
    (step,) = (step for step in its.steps if step.title == title)
    return step.rule


def text(its: Explanation, title: str) -> str:
    (step,) = (step for step in its.steps if step.title == title)
    return str(step.result)


def arithmetic(numbers: str) -> tuple[float, float]:
    """What the numbers of a step come to, and the largest of them."""
    plain = re.sub(r",(?=\d)", "", numbers).replace(" x ", " * ")
    assert re.fullmatch(r"(?:[-+*/(). \d]|, |(?<=\d)e(?=[-+\d])|max|sqrt|floor)*", plain), plain
    figures = [abs(float(n)) for n in re.findall(r"\d+\.?\d*(?:e[-+]?\d+)?", plain)]
    known = {"max": max, "sqrt": math.sqrt, "floor": cut}
    return eval(plain, {"__builtins__": {}}, known), max(figures)


def cut(value: float, step: float) -> float:
    """FLOOR of a spreadsheet, which takes a whole number of steps for one, as floats go."""
    return math.floor(value / step + 1e-6) * step


def check_arithmetic(steps: tuple[Step, ...]) -> None:
    for step in steps:
        if isinstance(step.result, float) and step.numbers:
            value, largest = arithmetic(step.numbers)
            if "/" in step.numbers:  # a quotient of a difference: twelve digits of what went in
                tail = step.numbers.rpartition(" / ")[2]
                divisor, _ = arithmetic(tail if "(" in tail else tail.rstrip(")"))
                largest = max(largest, largest / abs(divisor))
            assert value == pytest.approx(step.result, rel=1e-9, abs=1e-10 * largest), step


def check_words(steps: tuple[Step, ...]) -> None:
    for step in steps:
        shown = f"{step.result if isinstance(step.result, str) else explain.number(step.result)}"
        for words in (step.title, step.rule, step.numbers, shown, step.unit):
            assert not re.search(r"(?<![\w.])-0(?![.\d])|\b1 contracts|\ba? ?key\b", words), step
        assert not (step.unit == "contracts" and step.result == 1)
        assert "quote" not in step.unit


def check_set_aside(its: Explanation, risk: Risk) -> None:
    """The fee that the venue counts on both sides takes its figures to those of the ratio."""
    fee = figure(its, "fee set aside to close")
    assert figure(its, "maintenance_margin") == pytest.approx(risk.maintenance_margin, rel=1e-12)
    assert figure(its, "requirement now") + fee == pytest.approx(risk.maintenance_margin, rel=1e-12)
    if risk.venue_margin_ratio < math.inf:
        assert figure(its, "venue_margin_ratio") == pytest.approx(risk.venue_margin_ratio)


def leg_of(terms: Terms, position: dict[str, Any], mark: float) -> engine.Leg:
    return engine.Leg(
        terms=terms,
        long=position["side"] == "long",
        size=position["size"],
        entry=position["entry_price"],
        mark=mark,
        leverage=position.get("leverage", math.nan),
    )


@st.composite
def listed(draw: st.DrawFn, venue: str) -> dict[str, Any]:
    """A sound position in a contract on file of ``venue``, its value within the tiers."""
    contracts = list(dict.fromkeys(tiers.tier_file(venue).contracts.values()))[:25]
    contract = draw(st.sampled_from(contracts))
    entry = draw(floats(0.5, 1e5))
    most = min(max(t.floor for t in contract.tiers) * 1.5 or 1e6, contract.end)
    if contract.counted_in_contracts:
        size = max(most, 1.0) * draw(floats(1e-4, 1.0))
    else:
        value = max(most, 1000.0) * draw(floats(1e-4, 1.0))
        inverse = contract.contract_type == "inverse"
        size = (value * entry if inverse else value / entry) / contract.contract_size
    levers = [t.max_leverage for t in contract.tiers] if venue == "htx" else None
    return {
        "venue": venue,
        "symbol": contract.symbol,
        "contract_type": contract.contract_type,
        "side": draw(st.sampled_from(["long", "short"])),
        "size": size,
        "entry_price": entry,
        "mark_price": entry * draw(floats(0.9, 1.1)),
        "leverage": draw(st.sampled_from(levers) if levers else floats(1.0, 50.0)),
    }


def required(terms: Terms, position: dict[str, Any], price: float) -> float:
    """What the venue requires at ``price``, by its tables and its rule's words."""
    leg = leg_of(terms, position, price)
    total = engine._alone(leg, leg.value(price), price)
    at_entry = terms.rule.maintenance_price == "entry"
    worth = leg.value(leg.entry if at_entry else price)
    margin = engine.margin(terms, worth, leg.size, leg.value(leg.entry))
    return total + max(terms.rule.minimum_maintenance - margin, 0.0)


@pytest.mark.parametrize("venue", VENUES)
def test_price_put_back_into_the_definition(venue: str) -> None:
    seen = set()

    @settings(max_examples=60, suppress_health_check=[HealthCheck.filter_too_much])
    @given(listed(venue))
    def check(position: dict[str, Any]) -> None:
        try:
            risk, held = assess(**position), box(**position)
        except RingfenceError:
            assume(False)
            return
        its = explain.explain(**position)
        assert its.liquidation_price == risk.liquidation_price
        assert its.status == risk.status
        assert text(its, "rule") == risk.rule
        check_arithmetic(its.steps)
        check_words(its.steps)
        if held.terms.rule.closing_fee_reserved:
            check_set_aside(its, risk)
        if risk.bankruptcy_price is not None:
            assert figure(its, "bankruptcy_price") == risk.bankruptcy_price
        if risk.liquidation_price is None:
            assert text(its, "liquidation_price") == "never"
            seen.add("never")
            return
        price = figure(its, "liquidation_price")
        assert price == risk.liquidation_price
        leg = leg_of(held.terms, position, price)
        equity = figure(its, "equity there")
        near = 1e-7 * (leg.value(price) + leg.value(leg.entry))
        assert equity == pytest.approx(
            held.wallet + held.credit + leg.pnl(price), rel=1e-9, abs=near / 100
        )
        if text(its, "so") == "no price is enough":  # the margin outgrows the position
            assert risk.status == "already liquidated"
            assert required(held.terms, position, position["mark_price"]) > equity
            return
        need = [required(held.terms, position, price * f) for f in (1 - 1e-8, 1, 1 + 1e-8)]
        assert min(need) - near <= equity <= max(need) + near
        if "equal" in text(its, "so"):
            assert figure(its, "requirement there") == pytest.approx(equity, rel=1e-8, abs=near)
        seen.add("price")

    check()
    assert "price" in seen


def test_tier_at_the_liquidation_price_is_not_that_at_entry() -> None:
    its = explain.explain(
        venue="binance", symbol="BTCUSDT", side="long", size=50, entry_price=60_000, leverage=20
    )
    assert figure(its, "rate at entry") == 0.01
    assert figure(its, "rate at the liquidation price") == 0.0065
    assert figure(its, "amount at the liquidation price") == 1500
    assert figure(its, "liquidation_price") == pytest.approx(57342.7277, abs=1e-4)
    assert figure(its, "equity there") == pytest.approx(0.0065 * 57342.72773025 * 50 - 1500)


def test_fixed_requirement_is_the_sum_of_its_parts() -> None:
    """Every rule whose fee, funding or margin no price moves says each part."""
    kinds = set()
    for venue in VENUES:
        contract = next(iter(tiers.tier_file(venue).contracts.values()))
        for as_of in ("2024-06-01", "2026-11-23"):
            try:
                its = explain.explain(
                    venue=venue, symbol=contract.symbol, contract_type=contract.contract_type,
                    side="long", size=1000, entry_price=20, leverage=10, funding_rate=0.001,
                    as_of=as_of,
                )  # fmt: skip
            except RingfenceError:
                continue
            names = ("maintenance margin, fixed", "funding to pay", "fee, fixed")
            parts = [step for step in its.steps if step.title in names]
            kinds |= {step.title for step in parts}
            assert figure(its, "fixed requirement") == pytest.approx(
                sum(float(step.result) for step in parts)
            )
    assert kinds == {"maintenance margin, fixed", "funding to pay", "fee, fixed"}


def test_never_and_already() -> None:
    btc = {"venue": "binance", "symbol": "BTCUSDT", "size": 1, "entry_price": 60_000}
    never = explain.explain(**btc, side="long", isolated_margin=70_000)
    assert (never.liquidation_price, never.status) == (None, "never liquidated")
    assert text(never, "liquidation_price") == "never"
    assert figure(never, "notional") < 0
    assert "cross at or below 0" in rule_of(never, "liquidation_price")
    assert not [step for step in never.steps if step.title == "equity there"]
    already = explain.explain(**btc, side="long", leverage=50, mark_price=50_000)
    assert already.status == text(already, "status") == "already liquidated"
    assert figure(already, "liquidation_distance") < 0


def test_short_liquidated_at_the_boundary_of_a_slab() -> None:
    """Gate until 2025: the whole position at one rate, which jumps at a tier's floor."""
    gate = {"venue": "gate", "symbol": "BTC_USDT", "side": "short", "as_of": "2024-06-01"}
    schedule = box(**gate, size=1, entry_price=1, leverage=1).terms.trigger
    assert isinstance(schedule, SlabSchedule)
    entry, found = schedule.floors[1] * 0.98, 0
    for share in range(200, 400):
        margin = entry * share / 10_000
        its = explain.explain(
            **gate, size=1, contract_size=1, entry_price=entry, isolated_margin=margin
        )
        if "jumps" in text(its, "so"):
            found += 1
            assert figure(its, "notional") == schedule.floors[1]
            below, above = (figure(its, f"requirement just {side}") for side in ("below", "above"))
            assert below <= figure(its, "equity there") <= above
            assert above > below * 1.01
    assert found


# Cross

CROSS = [name for name in VENUES if any(rule.cross for rule in venues.rule_sets(name))]


@st.composite
def pools(draw: st.DrawFn, venue: str) -> tuple[list[dict[str, Any]], float]:
    """A pool of up to four positions in two contracts that settle alike, and its wallet."""
    contracts = list(dict.fromkeys(tiers.tier_file(venue).contracts.values()))
    first = draw(st.sampled_from([c for c in contracts if c.contract_type != "quanto"][:12]))
    alike = [
        c
        for c in contracts[:60]
        if c.contract_type == first.contract_type
        and (c.base == first.base if c.contract_type == "inverse" else c.quote == first.quote)
    ]
    rows, value = [], 0.0
    for contract in {c.symbol: c for c in (first, draw(st.sampled_from(alike)))}.values():
        mark = draw(floats(10.0, 1000.0))
        for side in draw(st.sampled_from([["long"], ["short"], ["long", "short"]])):
            size = draw(floats(1.0, 2000.0)) / (1 if contract.contract_type == "inverse" else mark)
            size = max(round(size / contract.contract_size), 1) * 1.0
            rows.append(
                {
                    "venue": venue, "symbol": contract.symbol, "account": "a",
                    "contract_type": contract.contract_type, "margin_mode": "cross",
                    "side": side, "size": size, "entry_price": mark * draw(floats(0.98, 1.02)),
                    "mark_price": mark, "leverage": 125.0 if venue == "htx" else 10.0,
                }
            )  # fmt: skip
            exposure = size * contract.contract_size
            inverse = contract.contract_type == "inverse"
            value += exposure / mark if inverse else exposure * mark
    return rows, value * draw(floats(0.02, 0.6))


def assessed(rows: list[dict[str, Any]], wallet: float) -> book.BookRisk:
    accounts = pd.DataFrame(
        {"account": ["a"], "venue": [rows[0]["venue"]], "wallet_balance": [wallet]}
    )
    return book.assess_table(pd.DataFrame(rows), accounts=from_frame(accounts))


@pytest.mark.parametrize("venue", CROSS)
def test_cross_price_put_back_into_the_definition(venue: str) -> None:
    seen = 0

    @settings(max_examples=40, suppress_health_check=[HealthCheck.filter_too_much])
    @given(pools(venue))
    def check(pool: tuple[list[dict[str, Any]], float]) -> None:
        nonlocal seen
        rows, wallet = pool
        held = assessed(rows, wallet)
        assume(not any(str(status).startswith("error") for status in held.risk["status"]))
        legs = [leg_of(held.terms[at], row, row["mark_price"]) for at, row in enumerate(rows)]
        for at, row in enumerate(rows):
            its = explain.of_row(held, at)
            assert its.status == held.risk["status"][at] == text(its, "status")
            check_arithmetic(its.steps)
            check_words(its.steps)
            answer = held.risk["liquidation_price"][at]
            if its.liquidation_price is None:
                assert answer is None or math.isnan(answer)
                continue
            price = figure(its, "liquidation_price")
            assert price == its.liquidation_price == answer
            seen += 1
            equity, required = figure(its, "equity there"), figure(its, "requirement there")
            if text(its, "so") == "equal":
                (proof,) = (step for step in its.steps if step.title == "requirement there")
                assert proof.numbers
            near = 1e-7 * sum(leg.value(leg.mark) + leg.value(price) for leg in legs)
            if venue != "deribit":  # there the margin may outgrow the position
                assert text(its, "so") != "no price is enough"
            cross = legs[at].terms.rule.cross
            assert cross
            if text(its, "so") != "equal" or cross.others not in ("held", "index"):
                continue
            assert equity == pytest.approx(required, abs=near)
            moved = [
                price / row["mark_price"] * leg.mark
                if (
                    leg.terms.base == legs[at].terms.base
                    if cross.others == "index"
                    else leg.terms.same_contract == legs[at].terms.same_contract
                )
                else leg.mark
                for leg in legs
            ]
            assert engine.spare(wallet, legs, moved) == pytest.approx(0, abs=near)

    check()
    assert seen


def test_gains_that_use_the_wallet_up_to_the_last_digit_leave_no_doubt() -> None:
    pair = {"venue": "blofin", "symbol": "SUI-USDT", "margin_mode": "cross", "account": "a",
            "size": 1.0, "mark_price": 10.0, "leverage": 10.0}  # fmt: skip
    rows = [
        pair | {"side": "long", "entry_price": 10.2},
        pair | {"side": "short", "entry_price": 9.8},
    ]
    its = explain.of_row(assessed(rows, 0.4), 0)
    assert text(its, "so") != "no price is enough"


def test_row_of_a_book_has_its_own_fee() -> None:
    """The fee is the trader's own, row by row; the derivation uses the row's."""
    row = {"venue": "okx", "symbol": "BTC-USDT-SWAP", "side": "long", "size": 10.0}
    row |= {"entry_price": 60_000.0, "leverage": 10.0}
    rows = [row | {"taker_fee_rate": fee} for fee in (0.0005, 0.002)]
    held = book.assess_table(pd.DataFrame(rows))
    for at, one in enumerate(rows):
        its = explain.of_row(held, at)
        assert its.steps == explain.explain(**one).steps
        assert figure(its, "fee rate in the trigger") == one["taker_fee_rate"]


@pytest.mark.parametrize(
    ("row", "said"), [(1, "row: 2 has no answer: error: side"), (2, "row: 3 is not one of the 2")]
)
def test_row_without_an_answer(row: int, said: str) -> None:
    btc = {"venue": "binance", "symbol": "BTCUSDT", "size": 1.0, "entry_price": 60_000.0}
    rows = [btc | {"side": "long", "leverage": 10.0}, btc | {"side": "up", "leverage": 10.0}]
    with pytest.raises(RingfenceError, match=said):
        explain.of_row(book.assess_table(pd.DataFrame(rows)), row)


@pytest.mark.parametrize(("size", "tier"), [(1000, "tier 1 of"), (1001, "tier 2 of")])
def test_a_tier_by_size_ends_with_its_bound(size: int, tier: str) -> None:
    its = explain.explain(
        venue="okx", symbol="BTC-USDT-SWAP", side="long", size=size, entry_price=60_000, leverage=5
    )
    (step,) = (step for step in its.steps if step.title.startswith("rate "))
    assert step.title == "rate at every price"
    assert step.rule.startswith(tier)
    assert step.result == box(
        venue="okx", symbol="BTC-USDT-SWAP", side="long", size=size, entry_price=60_000, leverage=5
    ).maintenance.maintenance_margin(1.0)


def numbers_of(its: Explanation, title: str) -> str:
    (step,) = (step for step in its.steps if step.title == title)
    return step.numbers


def test_a_rate_by_the_square_root_of_the_size_is_cut() -> None:
    sol = {"venue": "drift", "symbol": "SOL", "side": "long", "entry_price": 20, "leverage": 10}
    its = explain.explain(**sol, size=30_000)
    assert figure(its, "rate at every price") == 0.0326
    assert "cut to 0.0001" in rule_of(its, "rate at every price")
    uncut = numbers_of(its, "rate at every price").replace(", 0.0001)", ", 0.00001)")
    assert arithmetic(uncut)[0] == pytest.approx(0.03266)
    check_arithmetic(its.steps)


def test_a_rate_that_grows_with_the_size_in_contracts_is_computed() -> None:
    contract = next(
        contract
        for venue in VENUES
        for contract in tiers.tier_file(venue).contracts.values()
        if contract.counted_in_contracts and venues.rule_sets(venue)[-1].schedule == "size_linear"
    )
    its = explain.explain(
        venue=contract.venue, symbol=contract.symbol, contract_type=contract.contract_type,
        side="long", size=1000, entry_price=20, leverage=10,
    )  # fmt: skip
    (rate,) = (step for step in its.steps if step.title.startswith("rate "))
    assert arithmetic(rate.numbers)[0] == pytest.approx(rate.result)
    assert " x 1,000" in rate.numbers


@pytest.mark.parametrize("margin", [5_000, 12_000])
def test_added_margin_and_the_fee_set_aside(margin: float) -> None:
    bybit = {"venue": "bybit", "symbol": "BTCUSDT", "side": "long", "size": 1, "leverage": 10}
    bybit |= {"entry_price": 60_000, "mark_price": 59_000, "isolated_margin": margin}
    its, risk = explain.explain(**bybit), assess(**bybit)
    check_set_aside(its, risk)
    check_arithmetic(its.steps)
    assert figure(its, "equity now") == pytest.approx(risk.margin_balance + figure(its, "credit"))
    assert figure(its, "margin_ratio") == pytest.approx(risk.margin_ratio)


@pytest.mark.parametrize("venue", ["binance", "okx"])
def test_nothing_is_set_aside_where_the_rule_does_not(venue: str) -> None:
    contract = next(iter(tiers.tier_file(venue).contracts))
    symbol = tiers.tier_file(venue).contracts[contract].symbol
    its = explain.explain(
        venue=venue, symbol=symbol, side="long", size=1, entry_price=20, leverage=10
    )
    assert not [step for step in its.steps if "set aside" in step.title]


def test_a_margin_fixed_at_entry_has_one_rate() -> None:
    its = explain.explain(
        venue="bitmex", symbol="XBTUSDT", side="long", size=1e6, entry_price=60_000,
        mark_price=90_000, leverage=10,
    )  # fmt: skip
    (rate,) = (step for step in its.steps if step.title.startswith("rate "))
    assert rate.title == "rate at every price"
    assert "entry notional" in rate.rule


def test_one_contract_and_its_tier_in_words() -> None:
    okx = {"venue": "okx", "symbol": "BTC-USDT-SWAP", "side": "long", "entry_price": 60_000}
    one = explain.explain(**okx, size=1, leverage=5)
    (size,) = (step for step in one.steps if step.title == "size")
    assert size.unit == "contract"
    assert "from 0 contracts" in rule_of(one, "rate at every price")
    check_words(one.steps)


def test_a_crossing_at_zero_has_no_sign() -> None:
    """A linear long on a wallet of its whole value: both lines end at a notional of 0."""
    its = explain.explain(
        venue="binance", symbol="BTCUSDT", side="long", size=1, entry_price=60_000, leverage=1
    )
    assert its.liquidation_price is None
    assert math.copysign(1, figure(its, "notional")) == 1
    assert "cross at or below 0" in rule_of(its, "liquidation_price")
    check_words(its.steps)


def test_units_of_a_contract_whose_symbol_names_no_quote() -> None:
    its = explain.explain(
        venue="deribit", symbol="BTC-PERPETUAL", side="long", size=1000, entry_price=60_000,
        leverage=10,
    )  # fmt: skip
    units = {step.title: step.unit for step in its.steps}
    assert units["contract_size"] == "USD per contract"
    assert units["liquidation_price"] == units["mark_price"] == "USD per BTC"
    assert units["exposure"] == "USD"


def hedged(short: float, wallet: float) -> Explanation:
    btc = {"venue": "binance", "symbol": "BTCUSDT", "account": "a", "margin_mode": "cross"}
    btc |= {"entry_price": 60_000.0, "leverage": 10.0}
    rows = [btc | {"side": "long", "size": 1.0}, btc | {"side": "short", "size": short}]
    return explain.of_row(assessed(rows, wallet), 0)


def test_a_hedged_pair_is_liquidated_far_from_its_mark() -> None:
    its = hedged(0.999, 100_000.0)
    assert figure(its, "liquidation_price") > 10 * 60_000
    assert text(its, "note") == "not a level to expect"
    assert rule_of(its, "note").startswith("108.78 x the mark price")
    proof = numbers_of(its, "requirement there")
    assert proof.count(" x ") == 2  # rate x notional of each side
    assert arithmetic(proof)[0] == pytest.approx(figure(its, "equity there"))


def test_a_price_near_the_mark_has_no_note() -> None:
    its = hedged(2.0, 20_000.0)
    assert figure(its, "liquidation_price") < 90_000
    assert not [step for step in its.steps if step.title == "note"]
