"""Accounts that exchanges reported, and official examples: cross positions and their pools.

``tests/answers/cross.json`` has a case an account: its wallets, its positions as rows of a table,
and the figures that the venue printed. No answer in it comes from Ringfence.
"""

import json
import math
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import ringfence
from ringfence import venues

CASES = json.loads((Path(__file__).parents[1] / "answers" / "cross.json").read_text("utf-8"))
COLUMNS = {
    "liquidation_price", "bankruptcy_price", "maintenance_margin", "initial_margin",
    "margin_ratio", "venue_margin_ratio", "unrealized_pnl", "margin_balance",
}  # fmt: skip


def evaluated(case: dict[str, Any]) -> pd.DataFrame:
    return ringfence.evaluate(
        pd.DataFrame(case["positions"]),
        accounts=pd.DataFrame(case["accounts"]),
        as_of=case["as_of"] or None,
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_account(case: dict[str, Any]) -> None:
    table = evaluated(case)
    for expected in case["expect"]:
        row, column, value = (expected[name] for name in ("row", "column", "value"))
        assert column in COLUMNS
        got, status = table[column][row], table["status"][row]
        if value == "never":
            assert status == "never liquidated"
            assert math.isnan(got)
            continue
        assert not str(status).startswith("error"), status
        assert math.isclose(
            got, value, rel_tol=expected["relative"], abs_tol=expected.get("absolute", 0)
        ), f"row {row} {column}: {got!r}, the venue says {value} ({case['source']})"


def test_cases_say_where_they_are_from() -> None:
    assert len({case["case"] for case in CASES}) == len(CASES)
    for case in CASES:
        assert case["kind"] in {"published", "observed", "derived"}
        assert len(case["source"]) > 15
        assert case["expect"]
        assert all(expected["relative"] <= 1e-3 for expected in case["expect"])


def test_a_rule_marked_high_has_evidence_from_outside() -> None:
    shown = {evaluated(case)["rule"][0].partition(";")[0] for case in CASES
             if case["kind"] != "derived"}  # fmt: skip
    for venue in venues.names():
        sure = [
            rule.in_cross.id
            for rule in venues.rule_sets(venue)
            if rule.in_cross and rule.in_cross.confidence == "high"
        ]
        assert not sure or shown & set(sure), venue
