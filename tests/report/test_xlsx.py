"""The workbook: values only, numbers as numbers, text that stays text."""

import io
import re
import zipfile

import pandas as pd
import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from report.books import AS_OF, HOSTILE, hostile_book, mixed_book, plain_book, report_on, wary_book
from ringfence import evaluate
from ringfence_addin.report import formats, palette, xlsx
from ringfence_addin.report.model import Band, Report


def parts(report: Report) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(xlsx.render(report))) as package:
        return {name: package.read(name).decode() for name in package.namelist()}


def opened(report: Report) -> Workbook:
    return load_workbook(io.BytesIO(xlsx.render(report)))


def table(report: Report) -> pd.DataFrame:
    """The sheet of positions, by row number."""
    rows = list(opened(report)["Positions at risk"].iter_rows(min_row=5, values_only=True))
    return pd.DataFrame(rows[1:], columns=rows[0]).set_index("Row")


@pytest.mark.parametrize("n", [1, 18, 500])
def test_the_table_holds_the_figures_of_evaluate_to_the_last_digit(n: int) -> None:
    book = plain_book(n)
    expected, shown = evaluate(book, as_of=AS_OF), table(report_on(book))
    columns = {
        "Distance": "liquidation_distance",
        "Liquidation price": "liquidation_price",
        "Bankruptcy price": "bankruptcy_price",
        "Margin ratio": "margin_ratio",
        "Margin = max loss": "max_loss",
        "Unrealized PnL": "unrealized_pnl",
        "Margin balance": "margin_balance",
        "Maintenance margin": "maintenance_margin",
        "Notional": "notional",
    }
    assert len(shown) == n
    assert shown["Rule"].sort_index().tolist() == expected["rule"].tolist()
    for at in range(n):
        for head, name in columns.items():
            assert shown.loc[at + 1, head] == pytest.approx(expected.iloc[at][name], 1e-15), head


def test_never_and_bankrupt_are_words_and_losses_are_numbers() -> None:
    shown = table(report_on(mixed_book()))
    assert shown.loc[6, "Liquidation price"] == "never"
    assert shown.loc[6, "Distance"] == "never"
    assert shown.loc[3, "Margin ratio"] == "bankrupt"
    assert shown.loc[3, "Unrealized PnL"] == -10_000
    assert shown.loc[5, "Settles in"] == "BTC"


@pytest.mark.parametrize("n", [0, 1, 18])
def test_the_sheets(n: int) -> None:
    report = report_on(plain_book(n))
    book = opened(report)
    assert book.sheetnames == ["Summary", "Positions at risk", "Assumptions"]
    assert book["Summary"]["B2"].value == "Desk A"
    assert book["Summary"]["B5"].value == report.headline
    assert len(book["Positions at risk"].tables) == (1 if n else 0)
    text = "\n".join(str(row[2]) for row in book["Assumptions"].iter_rows(values_only=True))
    for used in report.rules:
        assert used.statement in text
        assert all(source.url in text for source in used.rule.sources)


def test_bars_show_the_distance_in_the_colour_of_its_band() -> None:
    sheet = opened(report_on(mixed_book()))["Positions at risk"]
    head = [cell.value for cell in sheet[5]]
    bars = {row[0].value: row[head.index("Distance bar")] for row in sheet.iter_rows(min_row=6)}
    assert {number: cell.value for number, cell in bars.items()} == {
        3: "▌", 1: "█▌", 5: "███▌", 2: "████████████████", 6: None,
    }  # fmt: skip
    colours = {1: Band.WITHIN_5, 5: Band.WITHIN_20, 2: Band.BEYOND}
    for number, band in colours.items():
        assert f"#{bars[number].font.color.rgb[2:]}" == palette.BANDS[band].light


def test_words_stand_for_the_distance_of_what_is_over_or_never_comes() -> None:
    shown = table(report_on(mixed_book()))["Distance"]
    assert (shown.loc[3], shown.loc[6]) == ("already", "never")


def test_cautions_and_dates_of_contracts_have_their_rows() -> None:
    rows = opened(report_on(wary_book()))["Assumptions"].iter_rows(values_only=True)
    said = {row[1]: row[2] for row in rows}
    assert {"known until 2026-09-30", "low confidence"} <= set(said)
    assert said["BTC-USD-SWAP"].startswith("Tiers of 2023-06-15, 1,257 days old: check for changes")


def test_rows_in_error_have_a_sheet() -> None:
    sheet = opened(report_on(mixed_book()))["Rows in error"]
    assert [cell.value for cell in sheet[6]][1:] == [
        4, "BTCUSDT", "binance", "side: 'sideways' is not long or short",
    ]  # fmt: skip


@pytest.mark.parametrize("book", [plain_book(0), mixed_book(), hostile_book()])
def test_there_is_no_formula_no_link_and_no_macro(book: pd.DataFrame) -> None:
    for name, text in parts(report_on(book, title=HOSTILE[3], source_name=HOSTILE[3])).items():
        assert not re.search("externalLink|vbaProject|hyperlink|connections|drawing", name, re.I)
        assert 'TargetMode="External"' not in text
        if name.startswith("xl/worksheets/sheet"):
            assert not re.search(r"<f[ >/]|<hyperlink|<formula", text)
            assert 't="e"' not in text


def test_hostile_text_stays_text() -> None:
    rows = list(opened(report_on(hostile_book()))["Positions at risk"].iter_rows(min_row=6))
    shown = {cell.value: cell for row in rows for cell in row if isinstance(cell.value, str)}
    for hostile in map(formats.label, HOSTILE):
        cell = shown[hostile]
        assert cell.data_type == "s"
        assert bool(cell.quotePrefix) == hostile.startswith(("=", "+", "-", "@"))


def test_the_same_report_is_the_same_file() -> None:
    assert xlsx.render(report_on(mixed_book())) == xlsx.render(report_on(mixed_book()))
