"""The facts of a report: they are the core's figures, in order, with nothing left out."""

import math
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest

from report.books import AS_OF, HOSTILE, hostile_book, mixed_book, plain_book, position, report_on
from ringfence import evaluate, tiers
from ringfence_addin.report import formats, wording
from ringfence_addin.report.chart import chart
from ringfence_addin.report.model import Band


@pytest.mark.parametrize("n", [1, 18, 500])
def test_every_figure_is_that_of_evaluate(n: int) -> None:
    book = plain_book(n)
    expected = evaluate(book, as_of=AS_OF)
    report = report_on(book)
    assert sorted(p.number for p in report.positions) == list(range(1, n + 1))
    for p in report.positions:
        row = expected.iloc[p.number - 1]
        for name, value in p.risk._asdict().items():
            given = row[name]
            assert value == given or (value is None and math.isnan(given)), name


def test_the_nearest_comes_first_and_the_never_liquidated_last() -> None:
    report = report_on(mixed_book())
    assert [p.number for p in report.positions] == [3, 1, 5, 2, 6]
    assert [p.band for p in report.positions] == [
        Band.ALREADY, Band.WITHIN_5, Band.WITHIN_20, Band.BEYOND, Band.NEVER,
    ]  # fmt: skip
    assert [p.number for p in report.never] == [6]
    assert [e.number for e in report.errors] == [4]
    assert report.errors[0].message == "side: 'sideways' is not long or short"


def test_the_totals_are_in_quote_and_leave_rows_in_error_out() -> None:
    report = report_on(mixed_book())
    coin = 500 * 100 / 58_000 / 8 * 60_000
    assert report.summary.margin == pytest.approx(3_000 + 15_000 + 6_000 + coin + 60_000)
    assert report.currency == "USD"
    assert sum(b.margin for b in report.bands) == pytest.approx(report.summary.margin)
    assert sum(b.share for b in report.bands) == pytest.approx(1)
    assert sum(b.positions for b in report.bands) == len(report.positions)


def test_the_bands_agree_with_the_shares_of_the_summary() -> None:
    report = report_on(plain_book(60))
    share = {b.band: b.share for b in report.bands}
    upto_5 = share[Band.ALREADY] + share[Band.WITHIN_5]
    within = report.summary.share_within
    assert within[0.05] == pytest.approx(upto_5)
    assert within[0.10] == pytest.approx(upto_5 + share[Band.WITHIN_10])
    assert within[0.20] == pytest.approx(upto_5 + share[Band.WITHIN_10] + share[Band.WITHIN_20])


def test_the_verdict_names_the_nearest_liquidation() -> None:
    book = pd.DataFrame([position(leverage=3.0), position(size=50.0, leverage=20.0)])
    report = report_on(book)
    assert report.headline == "Nearest liquidation: BTCUSDT long on binance, 4.4% away."
    assert report.sentences[0] == (
        "Row 2, BTCUSDT long on binance, is liquidated if the mark price falls 4.4%, "
        "from 60,000.00 to 57,342.73."
    )
    assert report.sentences[1].startswith("If every box fails together, 170,000 USDT is lost; ")
    assert "of it, 88% within 5%, 88% within 10% and 88% within 20% of liq" in report.sentences[1]


def test_the_verdict_says_first_what_has_happened_and_then_what_is_next() -> None:
    report = report_on(mixed_book())
    assert report.headline == "1 position already at or past liquidation."
    assert report.sentences[0].startswith("Row 1, ")
    assert report.sentences[-1] == "Not in the totals: 1 row in error."


def test_a_book_that_nothing_liquidates() -> None:
    report = report_on(pd.DataFrame([position(leverage=1.0)]))
    assert report.nearest is None
    assert report.headline == "No price liquidates any of these positions."
    assert report.sentences[0].endswith("none of it is within 20% of liquidation.")


def test_an_empty_table_and_one_of_errors_have_a_verdict_too() -> None:
    assert report_on(pd.DataFrame()).headline == "No positions in this table."
    assert report_on(plain_book(0)).headline == "No positions in this table."
    wrong = report_on(pd.DataFrame([position(side="up")]))
    assert wrong.headline == "No position could be computed."
    assert wrong.sentences == ("Not in the totals: 1 row in error.",)


def test_blank_rows_are_left_out_and_the_others_keep_their_numbers() -> None:
    book = plain_book(2)
    spaced = pd.concat([book.iloc[:1], pd.DataFrame([{}]), book.iloc[1:]], ignore_index=True)
    report = report_on(spaced)
    assert sorted(p.number for p in report.positions) == [1, 3]
    assert report.errors == ()


@pytest.mark.parametrize(
    "book",
    [
        pd.DataFrame({"colour": ["red", "blue"]}),
        pd.DataFrame([[1, 2], [3, 4]], columns=["size", "size"]),
        pd.DataFrame([position(size=[1], venue={}, entry_price=10**400, as_of="soon")]),
        pd.DataFrame([position(size=True, leverage=pd.NaT, mark_price="60,000")]),
        pd.DataFrame([position(size=np.inf, symbol=None)]),
        pd.DataFrame([position(as_of="yesterday"), position(venue=7)]),
    ],
)
def test_what_cannot_be_read_is_a_row_in_error(book: pd.DataFrame) -> None:
    report = report_on(book)
    assert not report.positions
    assert [e.number for e in report.errors] == list(range(1, len(book) + 1))
    assert all(e.message and "\n" not in e.message for e in report.errors)


def test_rules_and_tiers_are_named_with_their_sources_and_ages() -> None:
    report = report_on(mixed_book())
    assert [(u.rule.venue, u.positions) for u in report.rules] == [
        ("binance", 4),
        ("binance_coinm", 1),
    ]
    assert all(u.rule.sources and u.statement and u.screen for u in report.rules)
    assert [t.venue for t in report.tier_files] == ["binance", "binance_coinm"]
    assert report.tier_files[0].dated == "2026-09-24, 60 days old"
    assert report.tier_files[0].badges == ()


def test_contracts_with_a_date_of_their_own_or_a_note_are_listed_with_their_age() -> None:
    book = pd.DataFrame(
        [
            position(venue="okx", symbol="BTC-USD-SWAP", contract_type="inverse", size=10.0),
            position(venue="okx", symbol="BTC-USD-SWAP", contract_type="inverse", size=20.0),
            position(venue="okx", symbol="BTC-USDT-SWAP"),
            position(),
        ]
    )
    binance, okx = report_on(book).tier_files
    assert binance.contracts == ()
    assert okx.positions == 3
    assert [c.symbol for c in okx.contracts] == ["BTC-USD-SWAP", "BTC-USDT-SWAP"]
    by_symbol = {c.symbol: c for c in tiers.tier_file("okx").contracts.values()}
    for listed in okx.contracts:
        on_file = by_symbol[listed.symbol]
        age = (AS_OF - date.fromisoformat(on_file.as_of)).days
        assert listed.about.startswith(f"tiers of {on_file.as_of}, {age:,} days old")
        assert listed.about.lower().endswith(on_file.note.lower())
        assert [badge.text for badge in listed.badges] == ["old"]


def test_rules_that_end_or_rest_on_little_are_marked() -> None:
    book = pd.DataFrame([position(venue=v, mmr=0.01) for v in ("binance", "coinbase", "drift")])
    report = report_on(book)
    badges = {u.rule.venue: [badge.text for badge in u.badges] for u in report.rules}
    assert badges == {
        "binance": [],
        "coinbase": ["known until 2026-09-30", "low confidence"],
        "drift": ["known until 2026-03-31", "medium confidence"],
    }
    assert wording.cautions(report.rules) == (
        "Check these first. Known only until: 2026-09-30 (coinbase), 2026-03-31 (drift); "
        "low confidence: coinbase; medium confidence: drift."
    )
    assert wording.cautions(report.rules[:1]) == ""


def test_a_zero_has_no_sign() -> None:
    assert formats.percent(-0.0004) == "0.0%"
    assert formats.percent(-0.004, 0) == "0%"
    assert formats.percent(-0.004) == "−0.4%"
    assert formats.percent(-1.5) == "−150%"
    assert formats.money(-0.004) == formats.money(-1e-13) == formats.money(-0.0) == "0.00"
    assert formats.money(-0.006) == "−0.01"
    assert formats.coins(-1e-17) == formats.coins(-0.0) == "0.0000"
    assert formats.coins(-0.00012) == "−0.00012000"


def test_a_rule_of_the_rows_own_day_is_the_one_named() -> None:
    book = pd.DataFrame(
        [
            position(venue="bybit"),
            position(venue="bybit", as_of="2025-01-01"),
            position(venue="bybit", as_of=date(2025, 1, 1)),
        ]
    )
    expected = [rule.partition(";")[0] for rule in evaluate(book, as_of=AS_OF)["rule"]]
    report = report_on(book)
    assert {u.rule.id: u.positions for u in report.rules} == {expected[0]: 1, expected[1]: 2}


def test_a_given_rate_needs_no_tiers() -> None:
    report = report_on(pd.DataFrame([position(mmr=0.01)]))
    assert report.tier_files == ()


@pytest.mark.parametrize(
    ("read", "said"),
    [
        ("2026-11-22", "2026-11-22, 1 day old"),
        ("2026-08-25", "2026-08-25, 90 days old"),
        ("2026-08-01", "2026-08-01, 114 days old: check for changes"),
        ("2026-11-25", "2026-11-25, 2 days newer than this report"),
        ("", "of unknown date"),
    ],
)
def test_dates_on_file(read: str, said: str) -> None:
    assert wording.dated(read, AS_OF) == said


def test_a_time_of_day_is_shown_where_it_is_given() -> None:
    moment = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)
    report = report_on(plain_book(1), as_of=moment)
    assert formats.day(report.as_of) == "23 November 2026, 14:05 UTC"
    assert formats.day(AS_OF) == "23 November 2026"


def test_labels_hold_no_character_that_turns_or_hides_text() -> None:
    report = report_on(hostile_book())
    shown = [p.symbol + p.account for p in report.positions] + [e.symbol for e in report.errors]
    assert len(report.positions) == len(report.errors) == len(HOSTILE)
    assert all(text.isprintable() for text in shown)
    assert formats.label("x" * 500) == "x" * 59 + "…"


@pytest.mark.parametrize(
    ("write", "value", "said"),
    [
        (formats.price, 57_342.7277, "57,342.73"),
        (formats.price, 2.0563, "2.0563"),
        (formats.price, 0.0123456, "0.012346"),
        (formats.price, 0.00001234, "0.000012340"),
        (formats.price, 1e-12, "1e-12"),
        (formats.price, None, "–"),
        (formats.money, 1_234_567.8, "1,234,568"),
        (formats.money, 999.99, "999.99"),
        (formats.money, 999.999, "1,000"),
        (formats.money, -4_000.4, "−4,000"),
        (formats.money, 0.0, "0.00"),
        (formats.money, 1e200, "1e+200"),
        (formats.coins, 0.107758, "0.10776"),
        (formats.quantity, 32_414_910.859, "32,414,910.859"),
        (formats.quantity, 0.1 + 0.2, "0.3"),
        (formats.quantity, 1_000.0, "1,000"),
        (formats.quantity, 100.0, "100"),
        (formats.percent, 0.0442879, "4.4%"),
        (formats.percent, -0.022, "−2.2%"),
        (formats.percent, 12.5, "1,250%"),
        (formats.percent, 1e9, "1e+11%"),
        (formats.ratio, math.inf, "bankrupt"),
    ],
)
def test_figures_as_people_write_them(write, value, said) -> None:  # type: ignore[no-untyped-def]
    assert write(value) == said


class TestChart:
    def test_all_of_a_small_book_and_the_top_of_a_large_one(self) -> None:
        assert len(chart(report_on(plain_book(18))).bars) == 18
        large = chart(report_on(plain_book(500)))
        assert (len(large.bars), large.more) == (25, "and 475 further away")
        assert chart(report_on(plain_book(500)), top=20).more == "and 480 further away"

    def test_a_few_of_many_already_liquidated(self) -> None:
        gone = [position(mark_price=50_000.0)] * 40
        drawn = chart(report_on(pd.DataFrame([*gone, position(), position(leverage=1.0)])))
        assert [bar.value for bar in drawn.bars] == ["already"] * 5 + ["9.6%", "never"]
        assert drawn.more == "and 35 more already liquidated"

    def test_nothing_is_drawn_outside(self) -> None:
        for book in (plain_book(500), mixed_book(), plain_book(1)):
            for bar in chart(report_on(book)).bars:
                assert 0 <= bar.start <= bar.start + bar.length <= 1

    def test_longs_reach_to_the_left_and_shorts_to_the_right(self) -> None:
        drawn = chart(report_on(mixed_book()))
        by_row = {bar.position.number: bar for bar in drawn.bars}
        assert by_row[1].start + by_row[1].length == pytest.approx(drawn.zero)
        assert by_row[5].start == drawn.zero
        assert by_row[3].value == "already"
        assert by_row[6].value == "never"

    def test_a_book_of_one_side_has_the_whole_width(self) -> None:
        long = chart(report_on(pd.DataFrame([position()])))
        short = chart(report_on(pd.DataFrame([position(side="short")])))
        assert long.zero > 0.9
        assert short.zero < 0.1

    def test_what_is_too_far_for_the_axis_is_marked(self) -> None:
        bars = chart(report_on(pd.DataFrame([position(), position(leverage=1.2)]))).bars
        assert [bar.beyond for bar in bars] == [False, True]
