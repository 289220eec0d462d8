"""The PDF: its text, its pages, and that text from outside is only text."""

import io
import re

import pandas as pd
import pytest
from pypdf import PdfReader
from reportlab.lib.pagesizes import LETTER

from report.books import (
    AS_OF,
    HOSTILE,
    hostile_book,
    mixed_book,
    plain_book,
    position,
    report_on,
    wary_book,
)
from ringfence import evaluate
from ringfence_addin.report import formats, pdf, wording
from ringfence_addin.report.model import Report


def read(report: Report) -> tuple[PdfReader, str]:
    """The document and its text on one line."""
    document = PdfReader(io.BytesIO(pdf.render(report)))
    return document, " ".join(" ".join(p.extract_text() for p in document.pages).split())


@pytest.mark.parametrize(("n", "pages"), [(0, 1), (1, 2), (18, 3), (500, 20)])
def test_pages(n: int, pages: int) -> None:
    document, text = read(report_on(plain_book(n)))
    assert len(document.pages) == pytest.approx(pages, abs=1)
    for number in range(1, len(document.pages) + 1):
        assert f"page {number} of {len(document.pages)}" in text


@pytest.mark.parametrize("n", [1, 18, 500])
def test_the_text_holds_the_figures_of_evaluate(n: int) -> None:
    book = plain_book(n)
    expected = evaluate(book, as_of=AS_OF)
    _, text = read(report_on(book))
    for _, row in expected.iterrows():
        assert formats.price(row["liquidation_price"]) in text
        assert f"{formats.money(row['max_loss'])} USDT" in text


def test_the_header_of_the_table_is_on_each_of_its_pages() -> None:
    document, _ = read(report_on(plain_book(500)))
    texts = [page.extract_text() for page in document.pages]
    assert len(texts) > 10
    assert all("Liquidation" in text and "Mark price" in text for text in texts[1:-2])


def test_it_says_what_the_page_says() -> None:
    report = report_on(mixed_book())
    document, text = read(report)
    assert document.metadata is not None
    assert document.metadata.title == "Desk A"
    for said in (report.headline, *report.sentences, report.errors[0].message):
        assert said in text
    for used in report.rules:
        assert used.rule.sources[0].url in text
        assert all(line in text for line in (*used.rule.assumed, *used.rule.not_modelled))
    assert "USDS-M futures" in text  # the circled S has no glyph
    assert "0.10776 BTC" in text
    assert "never liquidated" in text
    assert "already liquidated" in text


def test_hostile_text_stays_text() -> None:
    report = report_on(hostile_book(), title=HOSTILE[0], source_name=HOSTILE[2])
    document, text = read(report)
    for hostile in HOSTILE:
        start = formats.label(hostile).split()[0][:16]
        assert start in text
    raw = pdf.render(report)
    assert not re.search(rb"/(JavaScript|JS|URI|Launch|OpenAction|AA|EmbeddedFile)\b", raw)
    assert all("/Annots" not in page for page in document.pages)


@pytest.mark.parametrize("symbol", ["币安人生USDT", "Ωmega🙂USDT", "x" * 400])
def test_letters_that_the_fonts_lack(symbol: str) -> None:
    book = pd.DataFrame([position(symbol=symbol, mmr=0.01), position(symbol=symbol, side="up")])
    _, text = read(report_on(book, title=symbol, source_name=symbol))
    shown = {"币安人生USDT": "币安人生", "Ωmega🙂USDT": "?mega?USDT"}.get(symbol, "xxx…")
    assert shown in text


def test_letter_paper() -> None:
    report = report_on(plain_book(18))
    page = PdfReader(io.BytesIO(pdf.render(report, LETTER))).pages[0]
    assert (page.mediabox.width, page.mediabox.height) == LETTER


def test_the_same_report_is_the_same_file() -> None:
    assert pdf.render(report_on(mixed_book())) == pdf.render(report_on(mixed_book()))


def test_cautions_and_dates_of_contracts_are_in_the_text() -> None:
    report = report_on(wary_book())
    _, text = read(report)
    plain = text.replace("\xa0", " ")
    assert wording.cautions(report.rules) in plain
    assert "known until 2026-09-30" in plain.split("International Exchange", maxsplit=1)[0]
    assert "tiers of 2023-06-15, 1,257 days old" in plain


def test_long_venues_are_written_in_full() -> None:
    book = pd.DataFrame(
        [
            position(
                venue="binance_coinm",
                symbol="LONG" * 14 + "USD_PERP",
                contract_type="inverse",
                contract_size=100.0,
                mmr=0.01,
            )
        ]
    )
    _, text = read(report_on(book))
    assert "… long · binance_coinm" in text
