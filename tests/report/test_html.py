"""The HTML page: its figures, its structure, and that nothing in it runs or loads."""

from html.parser import HTMLParser

import pandas as pd
import pytest

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
from ringfence_addin.report import formats, html, palette, wording
from ringfence_addin.report.model import Report


class Page(HTMLParser):
    """A page taken apart: its elements, and the cells of its table of positions."""

    VOID = frozenset({"meta", "br", "rect", "line", "path"})

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.source = html.render(report).decode()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.rows: list[list[str]] = []
        self._open: list[str] = []
        self.feed(self.source)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self._open.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" in self._open:
            return
        self.text += data
        if "td" in self._open or "th" in self._open:
            self.rows[-1][-1] += data

    def tags(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag == name]

    def position(self, number: int) -> list[str]:
        return next(row for row in self.rows if len(row) == 11 and row[0] == str(number))


@pytest.mark.parametrize("n", [1, 18, 500])
def test_the_table_shows_the_figures_of_evaluate(n: int) -> None:
    book = plain_book(n)
    expected, page = evaluate(book, as_of=AS_OF), Page(report_on(book))
    for at in range(n):
        row, shown = expected.iloc[at], page.position(at + 1)
        assert shown[1].startswith(book["symbol"][at])
        assert book["side"][at] in shown[1]
        assert shown[2].startswith(formats.percent(row["liquidation_distance"]))
        assert shown[3] == formats.price(row["liquidation_price"])
        assert shown[4] == formats.price(book["mark_price"][at])
        assert shown[7] == formats.ratio(row["margin_ratio"])
        assert shown[8] == f"{formats.money(row['max_loss'])} USDT"
        assert shown[9] == f"{formats.money(row['unrealized_pnl'])} USDT"
        assert shown[10] == f"{formats.money(row['notional'])} USDT"


def test_inverse_money_names_its_coin() -> None:
    assert Page(report_on(mixed_book())).position(5)[8] == "0.10776 BTC"


def test_never_already_and_errors_are_said_in_words() -> None:
    page = Page(report_on(mixed_book()))
    assert "never liquidated" in page.position(6)[2]
    assert page.position(6)[3] == "never"
    assert page.position(3)[2] == "already liquidated"
    assert ["4", "BTCUSDT binance", "side: 'sideways' is not long or short"] in page.rows


def test_large_books_show_the_top_and_count_the_rest() -> None:
    page = Page(report_on(plain_book(500)))
    assert "… and 475 further away: see the table." in page.text
    assert sum(len(row) == 11 for row in page.rows) == 501


@pytest.mark.parametrize("book", [pd.DataFrame(), pd.DataFrame([position(side="up")])])
def test_a_page_without_positions_is_polite(book: pd.DataFrame) -> None:
    report = report_on(book)
    page = Page(report)
    assert report.headline in page.text
    assert "Isolated margin" in page.text
    assert "All positions" not in page.text


def test_rules_sources_and_what_is_not_modelled_are_on_the_page() -> None:
    report = report_on(mixed_book())
    text = " ".join(Page(report).text.split())
    for used in report.rules:
        assert used.statement in text
        for said in (*used.rule.assumed, *used.rule.not_modelled):
            assert said in text
        for source in used.rule.sources:
            assert f"{source.url}, read {source.read}" in text
    for tiers in report.tier_files:
        assert tiers.source in text
        assert tiers.dated in text


def test_cautions_and_dates_of_contracts_are_on_the_page() -> None:
    report = report_on(wary_book())
    text = " ".join(Page(report).text.split())
    assert wording.cautions(report.rules) in text
    assert "coinbase known until 2026-09-30 low confidence International Exchange" in text
    (okx,) = report.tier_files
    assert f"BTC-USD-SWAP old: {okx.contracts[0].about}" in text


def test_nothing_is_loaded_and_nothing_runs() -> None:
    page = Page(report_on(mixed_book()))
    policy = page.tags("meta")[1]
    assert policy["http-equiv"] == "Content-Security-Policy"
    assert str(policy["content"]).startswith("default-src 'none'; style-src 'unsafe-inline'")
    names = {tag for tag, _ in page.elements}
    assert not names & {"script", "link", "img", "iframe", "a", "object", "base", "form"}
    for _, attributes in page.elements:
        assert not {"src", "href", "xlink:href", "action"} & set(attributes)
        assert not any(name.startswith("on") for name in attributes)
    assert "url(" not in page.source
    assert "@import" not in page.source


def test_hostile_text_stays_text() -> None:
    book = hostile_book()
    clean = Page(report_on(plain_book(len(HOSTILE))))
    page = Page(report_on(book, title=HOSTILE[0], source_name=HOSTILE[1]))
    assert {tag for tag, _ in page.elements} == {tag for tag, _ in clean.elements}
    assert not any(name.startswith("on") for _, given in page.elements for name in given)
    for text in HOSTILE:
        assert formats.label(text) in page.text


def test_it_can_be_read_without_seeing_it() -> None:
    page = Page(report_on(mixed_book()))
    assert page.tags("html")[0]["lang"] == "en"
    assert all(head.get("scope") in ("col", "row") for head in page.tags("th"))
    pictures = [svg for svg in page.tags("svg") if svg.get("role") == "img"]
    assert len(pictures) == page.source.count('<svg role="img"')
    assert page.source.count("<title>") == len(pictures) + 1
    region = next(given for given in page.tags("div") if given.get("role") == "region")
    assert region["tabindex"] == "0"
    assert [tag for tag, _ in page.elements if tag in ("h1", "h2", "h3")][:3] == ["h1", "h2", "h2"]


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("shade", [0, 1])
@pytest.mark.parametrize("ground", [palette.PAGE, palette.CARD])
def test_text_stands_out_from_its_ground(shade: int, ground: palette.Shade) -> None:
    for text in (palette.INK, palette.MUTED, palette.BRAND, *palette.BANDS.values()):
        assert _contrast(text[shade], ground[shade]) >= 4.5, text


def test_label_cells_of_workbooks_stand_out_too() -> None:
    for ink, fill in palette.CELLS.values():
        assert _contrast(f"#{ink}", f"#{fill}") >= 4.5, (ink, fill)


def test_the_same_report_is_the_same_page() -> None:
    assert html.render(report_on(mixed_book())) == html.render(report_on(mixed_book()))
