"""The report as PDF, by reportlab alone.

The PDF's own fonts (Helvetica) are used: nothing is bundled, and every viewer has them. Characters
that they lack are written in plain letters (Ⓢ as S), Chinese ones in the viewer's own font.

Text reaches the page either as plain strings in tables, which reportlab does not parse, or through
:func:`_markup`, which escapes it.
"""

import io
import unicodedata
from collections.abc import Callable
from functools import cache, partial
from typing import Any, Final
from xml.sax.saxutils import escape

from reportlab.lib import pagesizes
from reportlab.lib.colors import HexColor
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    CondPageBreak,
    Flowable,
    KeepTogether,
    LongTable,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
)

from ringfence_addin.report import formats, palette, wording
from ringfence_addin.report.chart import Bar, Chart, chart
from ringfence_addin.report.model import Badge, Band, Position, Report, RuleUsed, TiersUsed

PLAIN: Final = "Helvetica"
BOLD: Final = "Helvetica-Bold"
CHINESE: Final = "STSong-Light"  # a name every viewer maps to a font of its own
MARGIN: Final = 15 * mm

_INK = HexColor(palette.INK.light)
_MUTED = HexColor(palette.MUTED.light)
_LINE = HexColor(palette.LINE.light)
_PALE = HexColor(palette.PAGE.light)
_BRAND = HexColor(palette.BRAND.light)
_TONE: Final = {band: HexColor(shade.light) for band, shade in palette.BANDS.items()}


def _style(size: float, **more: Any) -> ParagraphStyle:
    settings = {"fontName": PLAIN, "textColor": _INK, "leading": size * 1.35, **more}
    return ParagraphStyle("report", fontSize=size, splitLongWords=1, **settings)


_BRAND_LINE = _style(8, fontName=BOLD, textColor=_BRAND)
_TITLE = _style(19, fontName=BOLD, leading=23)
_NOTE = _style(8.5, textColor=_MUTED, spaceAfter=4)
_HEADLINE = _style(14, fontName=BOLD, leading=18, spaceAfter=4)
_BODY = _style(9.5, spaceAfter=3)
_HEADING = _style(12, fontName=BOLD, spaceBefore=12, spaceAfter=3)
_FACT_HEADING = _style(9.5, fontName=BOLD, spaceBefore=6, spaceAfter=1, keepWithNext=1)
_FACT = _style(8, spaceAfter=2)
_POINT = _style(8, leftIndent=9, bulletIndent=0, spaceAfter=1)
_LABEL = _style(7.5, textColor=_MUTED)
_BIG = _style(13.5, fontName=BOLD, leading=17)

Size = tuple[float, float]
Story = list[Flowable]


def render(report: Report, page_size: Size = pagesizes.A4) -> bytes:
    """The PDF's bytes: the same for the same report."""
    registerFont(UnicodeCIDFont(CHINESE))
    buffer = io.BytesIO()
    document = SimpleDocTemplate(
        buffer,
        pagesize=page_size,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN + 4 * mm,
        title=report.title,
        subject=report.headline,
        author="Ringfence",
        creator=f"Ringfence {report.version}",
        lang="en",
        invariant=1,
    )
    # Frames pad 6 points on each side of what stands in them.
    width = page_size[0] - 2 * MARGIN - 12
    footer = _printable(f"{report.title} · as of {formats.day(report.as_of)}")
    document.build(_story(report, width), canvasmaker=partial(_NumberedCanvas, footer=footer))
    return buffer.getvalue()


def _story(report: Report, width: float) -> Story:
    drawn = chart(report)
    story = [*_head(report), _verdict(report, drawn, width)]
    if report.positions:
        story += _distances(drawn, width) + _bands(report, width) + _positions(report, width)
    if report.errors:
        story += _errors(report, width)
    if report.rules:
        story += _heading("Rules and assumptions")
        story += [Paragraph(_markup(caveat), _NOTE) for caveat in wording.CAVEATS]
        if cautions := wording.cautions(report.rules):
            story.append(Paragraph(f"<b>{_markup(cautions)}</b>", _FACT))
        story += [part for used in report.rules for part in _rule(used)]
    if report.tier_files:
        story += _heading("Margin tiers on file") + [_tiers(used) for used in report.tier_files]
    return story + _glossary(width)


class _NumberedCanvas(Canvas):
    """A canvas that writes "page 1 of 3" below each page, once the last one is known."""

    def __init__(self, *args: Any, footer: str, **more: Any) -> None:
        super().__init__(*args, **more)
        self._footer = footer
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for number, page in enumerate(self._pages, start=1):
            self.__dict__.update(page)
            self._number(number, len(self._pages))
            super().showPage()
        super().save()

    def _number(self, number: int, pages: int) -> None:
        right = self._pagesize[0] - MARGIN - 6
        counted = f"page {number} of {pages}"
        room = right - MARGIN - 6 - stringWidth(counted, PLAIN, 7.5) - 12
        self.setFillColor(_MUTED)
        footer = Paragraph(_markup(_fitted(self._footer, room, 7.5)), _LABEL)
        footer.wrapOn(self, room, 20)
        footer.drawOn(self, MARGIN + 6, MARGIN - 2.5)
        self.setFont(PLAIN, 7.5)
        self.drawRightString(right, MARGIN, counted)


def _head(report: Report) -> Story:
    rows = formats.count(report.summary.positions, "position")
    where = f"As of {formats.day(report.as_of)} · {rows} from {report.source_name}"
    return [
        Paragraph("RINGFENCE · LIQUIDATION REPORT", _BRAND_LINE),
        Paragraph(_markup(report.title), _TITLE),
        Paragraph(_markup(where), _NOTE),
        Spacer(0, 4),
    ]


def _heading(text: str, room: float = 90) -> Story:
    """A heading with at least ``room`` below it on the page."""
    return [CondPageBreak(room), Paragraph(text, _HEADING)]


def _verdict(report: Report, drawn: Chart, width: float) -> Table:
    tone = _TONE[report.nearest.band if report.nearest else Band.NEVER]
    content: Story = [Paragraph(_markup(report.headline), _HEADLINE)]
    content += [Paragraph(_markup(sentence), _BODY) for sentence in report.sentences]
    if report.positions:
        content += [Spacer(0, 5), _figures(report, drawn, tone, width - 24)]
    return Table(
        [[content]],
        colWidths=[width],
        style=[
            ("BACKGROUND", (0, 0), (-1, -1), _PALE),
            ("LINEBEFORE", (0, 0), (0, -1), 5, tone),
            ("LEFTPADDING", (0, 0), (-1, -1), 14),
            ("RIGHTPADDING", (0, 0), (-1, -1), 10),
            ("TOPPADDING", (0, 0), (-1, -1), 9),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 9),
        ],
    )


def _figures(report: Report, drawn: Chart, tone: HexColor, width: float) -> Table:
    figures, nearest = report.summary, report.nearest
    shares = " / ".join(formats.percent(share, 0) for share in figures.share_within.values())
    at = formats.price(nearest.risk.liquidation_price) if nearest else ""
    tiles = (
        ("Nearest liquidation", drawn.bars[0].value,
         f"{nearest.name}, at {at}" if nearest else "no price liquidates these"),
        ("Margin ring-fenced", f"{formats.money(figures.margin)} {report.currency}",
         "lost if every box fails together"),
        ("Margin within 5 / 10 / 20%", shares, "of its liquidation, as a share"),
        ("Unrealized PnL", f"{formats.money(figures.unrealized_pnl)} {report.currency}",
         f"on a notional of {formats.money(figures.notional)}"),
    )  # fmt: skip
    first = ParagraphStyle("first", _BIG, textColor=tone)
    cells = [
        [
            Paragraph(_markup(name), _LABEL),
            Paragraph(_markup(value), _BIG if at_tile else first),
            Paragraph(_markup(note), _LABEL),
        ]
        for at_tile, (name, value, note) in enumerate(tiles)
    ]
    return Table(
        [cells],
        colWidths=[width / len(cells)] * len(cells),
        style=[
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 6),
            ("LINEABOVE", (0, 0), (-1, 0), 0.5, _LINE),
            ("TOPPADDING", (0, 0), (-1, -1), 6),
        ],
    )


class _Drawing(Flowable):
    """A picture of a given size, drawn by ``paint(canvas, width, height)``."""

    def __init__(
        self, width: float, height: float, paint: Callable[[Canvas, float, float], None]
    ) -> None:
        super().__init__()
        self.width, self.height, self.paint = width, height, paint

    def draw(self) -> None:
        self.paint(self.canv, self.width, self.height)


_ROW: Final = 14.0  # height of a chart's row, in points


def _distances(drawn: Chart, width: float) -> Story:
    """The distance chart, one table row a bar, so that it may run over a page's end."""
    widths = [188.0, width - 188 - 46 - 66, 46.0, 66.0]
    rows: list[list[Any]] = [
        ["Row · position", _Drawing(widths[1], _ROW, partial(_paint_axis, drawn)),
         "Distance", "Liquidation price"],
    ]  # fmt: skip
    style: list[tuple[Any, ...]] = [
        *_plain_cells(8),
        *_header_cells(),
        ("ALIGN", (2, 0), (-1, -1), "RIGHT"),
        ("FONTNAME", (2, 1), (2, -1), BOLD),
        ("LEFTPADDING", (1, 0), (1, -1), 0),
        ("RIGHTPADDING", (1, 0), (1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 0),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    ]
    for at, bar in enumerate(drawn.bars, start=1):
        p = bar.position
        name = _bar_name(p, widths[0] - 8)
        price = p.risk.liquidation_price
        rows.append(
            [
                name,
                _Drawing(widths[1], _ROW, partial(_paint_bar, drawn, bar)),
                bar.value,
                _printable(formats.price(price)) if price is not None else "",
            ]
        )
        style.append(("TEXTCOLOR", (2, at), (2, at), _TONE[p.band]))
    table = Table(rows, colWidths=widths, rowHeights=[_ROW] * len(rows), style=style, repeatRows=1)
    note = (
        "From the mark price: a long is liquidated when the price falls (to the left), a short "
        "when it rises (to the right). Short bars are near."
    )
    story = [*_heading("Distance to liquidation", room=160), Paragraph(note, _NOTE), table]
    if drawn.more:
        story.append(Paragraph(f"… {drawn.more}: see the table.", _NOTE))
    return story


def _bar_name(p: Position, room: float) -> str | Paragraph:
    """The row, what it is, and where: the symbol is cut where there is no room, not the venue."""
    before, after = f"{p.number}  ", f" {p.side} · {_fitted(_printable(p.venue), 80, 8)}"
    left = room - _width(before + after, PLAIN, 8)
    symbol = _fitted(_printable(p.symbol or "unnamed"), left, 8)
    return _cell(before + symbol + after, room, 8)


def _paint_axis(drawn: Chart, canvas: Canvas, width: float, height: float) -> None:
    canvas.setFont(PLAIN, 6.5)
    canvas.setFillColor(_MUTED)
    for tick in drawn.ticks:
        canvas.drawCentredString(tick.at * width, 3, _printable(tick.label))


def _paint_bar(drawn: Chart, bar: Bar, canvas: Canvas, width: float, height: float) -> None:
    canvas.setLineWidth(0.5)
    for tick in drawn.ticks:
        canvas.setStrokeColor(_MUTED if tick.at == drawn.zero else _LINE)
        canvas.line(tick.at * width, 0, tick.at * width, height)
    tone, middle, zero = _TONE[bar.position.band], height / 2, drawn.zero * width
    canvas.setFillColor(tone)
    canvas.setStrokeColor(tone)
    if bar.position.band is Band.NEVER:
        canvas.setDash(1, 3)
        canvas.line(0, middle, width, middle)
    elif bar.position.band is Band.ALREADY:
        canvas.rect(zero - 3, middle - 4, 6, 8, stroke=0, fill=1)
    else:
        canvas.rect(bar.start * width, middle - 3.5, bar.length * width, 7, stroke=0, fill=1)
        if bar.beyond:
            _paint_arrow(canvas, zero + (-1 if bar.position.falling else 1) * bar.length * width,
                         middle, -6 if bar.position.falling else 6)  # fmt: skip


def _paint_arrow(canvas: Canvas, x: float, y: float, reach: float) -> None:
    path = canvas.beginPath()
    path.moveTo(x, y - 5.5)
    path.lineTo(x + reach, y)
    path.lineTo(x, y + 5.5)
    path.close()
    canvas.drawPath(path, stroke=0, fill=1)


def _bands(report: Report, width: float) -> Story:
    held = [share for share in report.bands if share.positions]
    widths = [100.0, 56.0, 90.0, 44.0, width - 290]
    rows: list[list[Any]] = [["Distance", "Positions", f"Margin ({report.currency})", "Share", ""]]
    rows += [
        [
            share.band.value,
            f"{share.positions:,}",
            formats.money(share.margin),
            formats.percent(share.share, 0),
            _Drawing(widths[4] - 12, 8, partial(_paint_share, _TONE[share.band], share.share)),
        ]
        for share in held
    ]
    style = [
        *_plain_cells(8.5),
        *_header_cells(),
        ("ALIGN", (1, 0), (3, -1), "RIGHT"),
        ("LINEBELOW", (0, 0), (-1, -2), 0.5, _LINE),
        ("FONTNAME", (0, 1), (0, -1), BOLD),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("LEFTPADDING", (4, 0), (4, -1), 10),
    ]
    style += [("TEXTCOLOR", (0, n), (0, n), _TONE[s.band]) for n, s in enumerate(held, start=1)]
    table = Table(rows, colWidths=widths, style=style)
    return [KeepTogether([Paragraph("Margin by distance", _HEADING), table])]


def _paint_share(tone: HexColor, share: float, canvas: Canvas, width: float, height: float) -> None:
    canvas.setFillColor(tone)
    canvas.rect(0, 0, share * width, height, stroke=0, fill=1)


_POSITION_HEADS: Final = (
    ("Row", "Position", "Distance", "Liquidation", "Mark price", "Size", "Margin", "Margin"),
    ("", "", "", "price", "Entry price", "Notional", "ratio", "Unrealized PnL"),
)


def _positions(report: Report, width: float) -> Story:
    """The table of all positions: two lines each, the second one muted."""
    widths = [22.0, 0.0, 64.0, 58.0, 58.0, 76.0, 42.0, 78.0]
    widths[1] = width - sum(widths)
    rows: list[list[Any]] = [list(line) for line in _POSITION_HEADS]
    style: list[tuple[Any, ...]] = [
        *_plain_cells(7.5),
        ("TEXTCOLOR", (0, 0), (-1, 1), _MUTED),
        ("FONTNAME", (0, 0), (-1, 1), BOLD),
        ("FONTSIZE", (0, 0), (-1, 1), 7),
        ("LINEBELOW", (0, 1), (-1, 1), 0.7, _MUTED),
        ("ALIGN", (2, 0), (-1, -1), "RIGHT"),
        ("TOPPADDING", (0, 0), (-1, -1), 0),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("FONTNAME", (1, 2), (3, -1), BOLD),
    ]
    for p in report.positions:
        at = len(rows)
        first, second = _position_lines(p)
        first[1] = _cell(first[1], widths[1] - 4, 7.5, BOLD)
        second[1] = _cell(second[1], widths[1] - 4, 7, color=_MUTED)
        rows += [first, second]
        style += [
            ("TEXTCOLOR", (2, at), (2, at), _TONE[p.band]),
            ("TEXTCOLOR", (0, at + 1), (-1, at + 1), _MUTED),
            ("FONTNAME", (1, at + 1), (3, at + 1), PLAIN),
            ("FONTSIZE", (0, at + 1), (-1, at + 1), 7),
            ("LINEBELOW", (0, at + 1), (-1, at + 1), 0.5, _LINE),
            ("NOSPLIT", (0, at), (0, at + 1)),
        ]
    heights = [9.0, 12.0] + [12.5, 11.0] * len(report.positions)
    return [
        *_heading("All positions", room=160),
        Paragraph(
            "Nearest liquidation first. Row counts the positions of the source, without its "
            "header. Margin is the most that a position can lose.",
            _NOTE,
        ),
        LongTable(rows, colWidths=widths, rowHeights=heights, style=style, repeatRows=2),
    ]


def _position_lines(p: Position) -> tuple[list[Any], list[Any]]:
    amount = formats.coins if p.inverse else formats.money
    where = f"{p.side} · {p.venue}{f' · {p.account}' if p.account else ''}"
    lines = (
        [str(p.number), p.symbol or "unnamed", formats.percent(p.risk.liquidation_distance),
         formats.liquidation(p.risk.liquidation_price), formats.price(p.mark_price),
         formats.quantity(p.size), formats.ratio(p.risk.margin_ratio),
         f"{amount(p.risk.max_loss)} {p.settle}"],
        ["", where, p.band.value, "", formats.price(p.entry_price),
         f"{amount(p.risk.notional)} {p.settle}", "",
         f"{amount(p.risk.unrealized_pnl)} {p.settle}"],
    )  # fmt: skip
    first, second = ([_printable(cell) for cell in line] for line in lines)
    if p.band in (Band.ALREADY, Band.NEVER):  # in two lines, instead of a figure
        first[2], second[2] = p.band.value.split()
    return first, second


def _errors(report: Report, width: float) -> Story:
    note = f"Not in any figure above. Mend them in {report.source_name} and make the report again."
    rows: list[list[Any]] = [["Row", "Position", "What to change"]]
    style: list[tuple[Any, ...]] = [
        *_plain_cells(8),
        *_header_cells(),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.5, _LINE),
    ]
    for error in report.errors:
        name = _cell(f"{error.symbol or 'unnamed'} {error.venue}", 130, 8)
        rows.append([str(error.number), name, Paragraph(_markup(error.message), _FACT)])
    table = LongTable(rows, colWidths=[30, 136, width - 166], style=style, repeatRows=1)
    return [*_heading("Rows in error"), Paragraph(_markup(note), _NOTE), table]


def _rule(used: RuleUsed) -> Story:
    rule = used.rule
    kinds = ", ".join(rule.contract_types)
    parts: Story = [
        _fact_heading(rule.venue, used.badges, f"{rule.product} · {kinds}"),
        Paragraph(
            f"Rule <b>{_markup(rule.id)}</b>, {wording.since(rule)}; confidence {rule.confidence}; "
            f"{formats.count(used.positions, 'position')}.",
            _FACT,
        ),
        Paragraph(_markup(used.statement), _FACT),
        Paragraph(_markup(used.screen), _FACT),
    ]
    for name, lines in (("Assumed", rule.assumed), ("Not modelled", rule.not_modelled)):
        if lines:
            parts.append(Paragraph(f"<b>{name}:</b> {_markup('; '.join(lines))}.", _FACT))
    sources = [
        f"{_markup(source.title)} {_muted(f'({source.url}, read {source.read})')}"
        for source in rule.sources
    ]
    name = "Sources" if len(sources) > 1 else "Source"
    parts.append(Paragraph(f"<b>{name}:</b> {'; '.join(sources)}.", _FACT))
    return parts


def _tiers(used: TiersUsed) -> KeepTogether:
    positions = formats.count(used.positions, "position")
    return KeepTogether(
        [
            _fact_heading(used.venue, used.badges, f"{used.dated} · {positions}"),
            Paragraph(_markup(used.source), _FACT),
            *(
                Paragraph(
                    f"<b>{_markup(c.symbol)}</b>{_badges(c.badges)}: {_markup(c.about)}",
                    _POINT,
                    bulletText="•",
                )
                for c in used.contracts
            ),
        ]
    )


def _fact_heading(name: str, badges: tuple[Badge, ...], more: str) -> Paragraph:
    text = f"{_markup(name)}{_badges(badges)} <font name='{PLAIN}'>{_muted(more)}</font>"
    return Paragraph(text, _FACT_HEADING)


def _badges(badges: tuple[Badge, ...]) -> str:
    return "".join(
        f" <font name='{BOLD}' size='7' color='{ink}' backColor='{fill}'>"
        f"&nbsp;{_markup(badge.text).replace(' ', '&nbsp;')}&nbsp;</font>"
        for badge in badges
        for ink, fill in [[f"#{colour}" for colour in palette.CELLS[badge.tone]]]
    )


def _glossary(width: float) -> Story:
    rows = [
        [Paragraph(f"<b>{term}</b>", _FACT), Paragraph(_markup(meaning), _FACT)]
        for term, meaning in wording.GLOSSARY
    ]
    table = Table(
        rows,
        colWidths=[86, width - 86],
        style=[*_plain_cells(8), ("VALIGN", (0, 0), (-1, -1), "TOP")],
    )
    return [KeepTogether([Paragraph("Words", _HEADING), table])]


def _plain_cells(size: float) -> list[tuple[Any, ...]]:
    return [
        ("FONTNAME", (0, 0), (-1, -1), PLAIN),
        ("FONTSIZE", (0, 0), (-1, -1), size),
        ("TEXTCOLOR", (0, 0), (-1, -1), _INK),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 4),
        ("TOPPADDING", (0, 0), (-1, -1), 2.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
    ]


def _header_cells() -> list[tuple[Any, ...]]:
    return [
        ("TEXTCOLOR", (0, 0), (-1, 0), _MUTED),
        ("FONTNAME", (0, 0), (-1, 0), BOLD),
        ("FONTSIZE", (0, 0), (-1, 0), 7),
    ]


def _muted(text: str) -> str:
    return f"<font color='{palette.MUTED.light}'>{_markup(text)}</font>"


def _markup(text: str) -> str:
    """Text for a Paragraph: escaped, and Chinese in a font that has it."""
    parts: list[tuple[bool, str]] = []
    for c in _printable(text):
        chinese = _is_chinese(c)
        if parts and parts[-1][0] == chinese:
            parts[-1] = (chinese, parts[-1][1] + c)
        else:
            parts.append((chinese, c))
    return "".join(
        f"<font name='{CHINESE}'>{escape(run)}</font>" if chinese else escape(run)
        for chinese, run in parts
    )


def _cell(
    text: str, room: float, size: float, font: str = PLAIN, color: HexColor = _INK
) -> str | Paragraph:
    """Text of the user for a table: a plain string, or a Paragraph where it needs two fonts."""
    text = _fitted(_printable(text), room, size, font)
    if not any(map(_is_chinese, text)):
        return text
    return Paragraph(_markup(text), _style(size, fontName=font, textColor=color, leading=size))


def _fitted(text: str, room: float, size: float, font: str = PLAIN) -> str:
    """``text``, cut to the room that there is."""
    if _width(text, font, size) <= room:
        return text
    while text and _width(text + "…", font, size) > room:
        text = text[:-1]
    return text + "…"


def _width(text: str, font: str, size: float) -> float:
    plain = "".join(c for c in text if not _is_chinese(c))
    chinese = len(text) - len(plain)  # each as wide as it is high
    return float(stringWidth(plain, font, size)) + chinese * size


_SPELLED: Final = {"−": "-", "≥": ">=", "≤": "<=", "→": "->"}


def _printable(text: str) -> str:
    """``text`` in characters that the fonts have."""
    return "".join(map(_spelled, text))


@cache
def _spelled(c: str) -> str:
    if _has_plain(c) or _is_chinese(c):
        return c
    plain = unicodedata.normalize("NFKD", c)
    return _SPELLED.get(c) or "".join(filter(_has_plain, plain)) or "?"


def _has_plain(c: str) -> bool:
    try:
        return bool(c.encode("cp1252"))
    except UnicodeEncodeError:
        return False


@cache
def _is_chinese(c: str) -> bool:
    return "\u3400" <= c <= "\u9fff" and len(c.encode("gbk", "ignore")) == 2
