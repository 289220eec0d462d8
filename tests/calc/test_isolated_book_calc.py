"""The template isolated_book in a real LibreOffice: its formulas give what Python computes."""

import math
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import ringfence
from calc import compare
from calc.compare import TOLERANCE, calculated, changed, differences, stored_values, wrong_in
from ringfence.book import assess_table
from ringfence.summary import summarise
from ringfence_addin.office.session import Document, Office
from ringfence_templates.__main__ import SAMPLE_DAY, sample_book
from ringfence_templates.isolated_book.layout import RISK_HEAD as RISK_TOP
from ringfence_templates.isolated_book.positions import SHEET
from ringfence_templates.positions_sheet import HEAD

SHIPPED = Path(__file__).parents[2] / "templates" / "isolated_book.xlsx"
SPARE = 20


built = partial(compare.built, "isolated_book")


def put(document: Document, changes: compare.Changes) -> None:
    compare.put(document, "Positions", SHEET.letter, HEAD, changes)


@pytest.mark.parametrize("host", ["lite", "classic", "calc"])
def test_after_changes_every_formula_is_what_python_computes(
    office: Office, tmp_path: Path, host: str
) -> None:
    before = sample_book()
    changes: dict[int, dict[str, Any]] = {
        1: {"mark_price": 90_000.0},  # liquidated
        2: {"side": "long", "size": 3.0},
        5: {"symbol": "NOSUCHUSDT"},  # an error
        7: {"isolated_margin": 0.3},
        9: {"isolated_margin": 0.02, "size": 700.0},  # no longer over-collateralised
        13: {"side": "short", "mark_price": 99_000.5},
        16: {"leverage": 0.5},  # over-collateralised
        18: {"venue": "binance", "symbol": "SOLUSDT", "leverage": 50.0},
    }
    changes[len(before) + 1] = {
        "venue": "okx", "symbol": "BTC-USDT-SWAP", "side": "short", "contract_type": "linear",
        "size": 42.0, "entry_price": 100_500.0, "mark_price": 101_000.0, "leverage": 7.0,
    }  # fmt: skip
    after = changed(before, changes)

    expected = stored_values(built(after, tmp_path / "after.xlsx", host=host, spare_rows=SPARE - 1))
    with office.open(built(before, tmp_path / "before.xlsx", host=host)) as document:
        put(document, changes)
        found = calculated(document, expected)
        nearest = document.values("Risk", f"I{RISK_TOP + 1}:I{RISK_TOP + len(after)}")
        dashboard = {at: document.value("Dashboard", at) for at in ("E10", "E12", "E14", "J12")}

    assert differences(expected, found) == []
    # And past the builder: the core's own answers.
    book = assess_table(after, as_of=SAMPLE_DAY)
    figures = summarise(book)
    core = ringfence.evaluate(after, as_of=SAMPLE_DAY)["liquidation_price"]
    for shown, row in zip(nearest, figures.ranked, strict=False):
        assert shown[0] == pytest.approx(core[row], rel=TOLERANCE)
    assert dashboard == {
        "E10": pytest.approx(figures.margin, rel=TOLERANCE),
        "E12": pytest.approx(figures.unrealized_pnl, rel=TOLERANCE),
        "E14": pytest.approx(figures.notional, rel=TOLERANCE),
        "J12": pytest.approx(figures.share_within[0.10], rel=TOLERANCE),
    }


def test_what_if_answers_for_another_rank_and_for_changes(office: Office, tmp_path: Path) -> None:
    book = built(sample_book(), tmp_path / "book.xlsx", host="calc")
    with office.open(book) as document:
        document.set("What if", "C4", 3)
        document.set("What if", "D16", 99_500.0)  # mark price
        document.set("What if", "D14", 9_000.0)  # margin
        document.recalculate_hard()
        row = int(document.value("What if", "E4"))  # type: ignore[arg-type]
        shown = document.values("What if", "C27:E32")
        drawn = document.value("Risk", f"I{RISK_TOP + 3}")
    position = sample_book().iloc[row - 1].dropna().to_dict()
    changed = {**position, "mark_price": 99_500.0, "isolated_margin": 9_000.0}
    assert shown[0][0] == shown[0][1] == drawn
    position["as_of"] = changed["as_of"] = SAMPLE_DAY
    for line, name in enumerate(("liquidation_price", "liquidation_distance", "margin_ratio")):
        assert shown[line][0] == pytest.approx(getattr(ringfence.assess(**position), name))
        assert shown[line][2] == pytest.approx(getattr(ringfence.assess(**changed), name))


def many(rows: int) -> pd.DataFrame:
    """A longer book: the sample over and over, each time with other prices, some of them equal."""
    sample = sample_book()
    books = []
    for turn in range(math.ceil(rows / len(sample))):
        book = sample.copy()
        if turn % 3:
            book["mark_price"] *= 1 + 0.004 * ((turn * 7) % 11 - 5)
        book["entry_price"] = book["mark_price"] if turn % 4 == 1 else book["entry_price"]
        books.append(book)
    return pd.concat(books, ignore_index=True).head(rows)


def test_types_left_blank_are_told_as_the_core_lists_them(office: Office, tmp_path: Path) -> None:
    positions = many(200)
    path = built(positions, tmp_path / "book.xlsx", host="calc")
    expected = stored_values(path)
    first, last = HEAD + 1, HEAD + len(positions)
    with office.open(path) as document:
        column = SHEET.letter["contract_type"]
        document.fill("Positions", f"{column}{first}:{column}{last}", [[None]] * len(positions))
        found = calculated(document, expected)
    others = {at: value for at, value in expected.items() if at[0] != "What if"}
    assert differences(others, found) == []


def test_a_row_cleared_in_the_middle_is_a_blank_row(office: Office, tmp_path: Path) -> None:
    cleared = 4
    book = built(sample_book(), tmp_path / "book.xlsx", host="calc")
    rest = built(
        sample_book().drop(index=cleared - 1), tmp_path / "rest.xlsx", host="calc", spare_rows=21
    )
    expected = {
        at: value
        for at, value in stored_values(rest).items()
        if at[0] in ("Risk", "Dashboard") and not at[1].startswith("L")  # L: the row's number
    }
    with office.open(book) as document:
        first, last = SHEET.letter["venue"], SHEET.letter["as_of"]
        row = HEAD + cleared
        document.fill("Positions", f"{first}{row}:{last}{row}", [[None] * 17])
        assert differences(expected, calculated(document, expected)) == []
        assert document.value("Positions", f"A{row}") == ""


def test_500_positions_are_right(office: Office, tmp_path: Path) -> None:
    path = built(many(500), tmp_path / "book.xlsx")
    assert wrong_in(office, path) == []


def test_without_positions_nothing_is_an_error(office: Office, tmp_path: Path) -> None:
    path = built(sample_book().head(0), tmp_path / "book.xlsx", host="calc")
    stored = stored_values(path)
    with office.open(path) as document:
        found = calculated(document, stored)
    assert differences(stored, found) == []
    errors = {at for at, value in stored.items() if isinstance(value, str) and value[:1] == "#"}
    assert {sheet for sheet, _ in errors} <= {"What if", "Calc"}


def test_without_ringfence_what_if_says_so(bare_office: Office, tmp_path: Path) -> None:
    book = built(sample_book(), tmp_path / "book.xlsx", host="lite")
    with bare_office.open(book) as document:
        document.recalculate_hard()
        shown = document.values("What if", "C27:E32")
    assert [(row[0], row[2]) for row in shown] == [("needs Ringfence", "needs Ringfence")] * 6


def test_what_if_hides_no_error_of_a_working_host(office: Office, tmp_path: Path) -> None:
    book = built(sample_book(), tmp_path / "book.xlsx", host="calc")
    with office.open(book) as document:
        document.set("What if", "D12", "many")  # size
        document.recalculate_hard()
        kept, shown = document.value("What if", "C27"), document.value("What if", "E27")
    assert isinstance(kept, float)
    assert shown == {"error": "#VALUE!"}


def test_bankrupt_boxes_are_not_netted(office: Office, tmp_path: Path) -> None:
    positions = sample_book()
    with office.open(built(positions, tmp_path / "book.xlsx", host="calc")) as document:
        put(document, {1: {"mark_price": 90_000.0}, 2: {"mark_price": 200_000.0}})
        document.recalculate_hard()
        left, shown = document.value("Dashboard", "E13"), document.value("Dashboard", "E5")
    positions.loc[[0, 1], "mark_price"] = [90_000.0, 200_000.0]
    book = assess_table(positions, as_of=SAMPLE_DAY)
    balance = book.risk["margin_balance"] * book.settle_price
    assert sorted(balance)[1] < 0
    assert left == pytest.approx(sum(max(0.0, each) for each in balance), rel=TOLERANCE)
    assert shown == "already liquidated"


def test_a_book_already_liquidated_throughout(office: Office, tmp_path: Path) -> None:
    positions = sample_book().iloc[:8].reset_index(drop=True)
    away = positions["side"].map({"long": 0.5, "short": 1.7})
    positions["mark_price"] = positions["entry_price"] * away
    path = built(positions, tmp_path / "book.xlsx", host="calc")
    assert wrong_in(office, path) == []
