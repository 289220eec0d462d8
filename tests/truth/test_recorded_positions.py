"""Positions that exchanges reported, and official worked examples, against one rule each.

``tests/answers/<venue>.csv`` has a row a case: published (an official example), observed (an
exchange reported it) or derived (by hand or by others' tests, with the arithmetic in ``source``).
No answer in them comes from Ringfence.
"""

import csv
import math
from pathlib import Path

import pandas as pd
import pytest

import ringfence
from ringfence import venues

ANSWERS = Path(__file__).parents[1] / "answers"
EXPECTED = (
    "liquidation_price", "bankruptcy_price", "maintenance_margin", "initial_margin",
    "venue_margin_ratio", "unrealized_pnl",
)  # fmt: skip
INPUTS = (
    "symbol", "as_of", "contract_type", "side", "size", "contract_size", "entry_price",
    "mark_price", "leverage", "isolated_margin", "mmr", "maintenance_amount", "taker_fee_rate",
    "funding_rate",
)  # fmt: skip


def cases(venue: str) -> list[dict[str, str]]:
    with (ANSWERS / f"{venue}.csv").open(newline="", encoding="utf-8") as file:
        return [{"venue": venue, **row} for row in csv.DictReader(file)]


CASES = [case for venue in venues.names() for case in cases(venue)]


def position(case: dict[str, str]) -> dict[str, str]:
    return {"venue": case["venue"], **{name: case[name] for name in INPUTS if case.get(name)}}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['venue']}-{case['case']}")
def test_position(case: dict[str, str]) -> None:
    risk = ringfence.assess(**position(case))
    for name in EXPECTED:
        if not case[name]:
            continue
        got = getattr(risk, name)
        if case[name] == "never":
            assert got is None
            assert risk.status == "never liquidated"
            continue
        stated = float(case["relative"] or 0), float(case["absolute"] or 0)
        if name == "unrealized_pnl":
            relative, absolute = 1e-6, 1e-8  # printed with 8 decimals
        elif name.endswith("_price"):
            relative, absolute = stated
        else:
            relative, absolute = max(1e-6, stated[0]), min(stated[1], 1e-8)
        assert got is not None
        assert math.isclose(got, float(case[name]), rel_tol=relative, abs_tol=absolute), (
            f"{name}: {got!r}, the venue says {case[name]} ({case['source']})"
        )


def test_table_gives_the_same_answers() -> None:
    table = ringfence.evaluate(pd.DataFrame([position(case) for case in CASES]))
    for case, row in zip(CASES, table.to_dict("records"), strict=True):
        one = ringfence.assess(**position(case))
        for name, value in one._asdict().items():
            assert row[name] == value or (value is None and math.isnan(row[name])), (case, name)


@pytest.mark.parametrize("venue", venues.names())
def test_every_venue_is_backed_by_evidence(venue: str) -> None:
    rows = cases(venue)
    assert {row["kind"] for row in rows} <= {"published", "observed", "derived"}
    assert all(row["source"] for row in rows)
    for rule in venues.rule_sets(venue):
        by_rule = [row for row in rows if rule_of(venue, row) == rule.id]
        assert {row["side"] for row in by_rule} == {"long", "short"}, rule.id
        if rule.confidence == "high":  # somebody outside said so
            assert any(row["kind"] != "derived" for row in by_rule), rule.id


def rule_of(venue: str, row: dict[str, str]) -> str:
    return ringfence.assess(**position({"venue": venue, **row})).rule.partition(";")[0]
