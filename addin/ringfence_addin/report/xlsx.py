"""The report as a workbook of values: no formulas, no links, and text that stays text."""

import math
from collections.abc import Callable, Sequence
from typing import Final

from openpyxl.formatting.rule import DataBarRule
from openpyxl.styles import Border, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.table import Table

from ringfence_addin import cells
from ringfence_addin.report import chart, formats, palette, wording
from ringfence_addin.report.model import Badge, Band, Position, Report
from ringfence_templates import style
from ringfence_templates.hosts import Host
from ringfence_templates.sheet import Book, Sheet

Value = str | float | None

_COIN_FORMAT: Final = "#,##0.00######"
_PERCENT: Final = "percent"
_MONEY: Final = "money"
_BAND: Final = "band"  # its words in its colours
_SETTLED: Final = "settled money"  # money, or coins where the position settles in them
_PRICE: Final = "price"
_BAR: Final = "distance bar"


def render(report: Report) -> bytes:
    """The workbook's bytes: the same for the same report."""
    book = Book(Host.CLASSIC)  # any host: there is no formula
    style.add_styles(book.workbook)
    book.workbook.properties.title = report.title
    book.workbook.properties.creator = f"Ringfence {report.version}"
    _summary(report, book.sheet("Summary", tab_colour=style.NAVY))
    _positions(report, book.sheet("Positions at risk", tab_colour=style.RED))
    if report.errors:
        _errors(report, book.sheet("Rows in error", tab_colour=style.AMBER))
    _assumptions(report, book.sheet("Assumptions", tab_colour=style.GREY))
    return book.package(report.as_of)


def _summary(report: Report, sheet: Sheet) -> None:
    sheet.widths(A=2, B=26, C=26, D=26, E=26, F=30)
    _title(report, sheet)
    sheet.put("B5", report.headline, "title")
    sheet.worksheet["B5"].font = Font(name=style.FONT, size=14, bold=True, color=style.INK)
    row = 6
    for at, sentence in enumerate(report.sentences, start=row):
        sheet.put(f"B{at}", sentence, "text")
        sheet.worksheet[f"B{at}"].border = Border()
    row += len(report.sentences)
    if report.positions:
        _tiles(report, sheet, row + 1)
        row = _bands(report, sheet, row + 5)
    sheet.print_set_up(f"A1:F{row}", one_page=True)


def _title(report: Report, sheet: Sheet) -> None:
    sheet.put("B2", report.title, "title")
    rows = formats.count(report.summary.positions, "position")
    where = f"As of {formats.day(report.as_of)} · {rows} from {report.source_name}"
    sheet.put("B3", where, "subtitle")
    sheet.worksheet.row_dimensions[2].height = 26


def _tiles(report: Report, sheet: Sheet, row: int) -> None:
    figures, nearest = report.summary, report.nearest
    away: Value = "never"
    if nearest:
        gone = nearest.band is Band.ALREADY
        away = "already" if gone else nearest.risk.liquidation_distance
    within = next(iter(figures.share_within.items()))
    tiles: Sequence[tuple[str, Value, str, str]] = (
        ("Nearest liquidation", away, "tile percent", nearest.name if nearest else "no price"),
        (f"Margin ring-fenced ({report.currency})", figures.margin, "tile money",
         "lost if every box fails together"),
        (f"Margin within {formats.percent(within[0], 0)}", within[1], "tile percent",
         "of its liquidation, as a share"),
        (f"Unrealized PnL ({report.currency})", figures.unrealized_pnl, "tile money",
         f"on a notional of {formats.money(figures.notional)}"),
    )  # fmt: skip
    sheet.worksheet.row_dimensions[row + 1].height = 30
    for column, (label, value, look, note) in zip("BCDE", tiles, strict=True):
        sheet.put(f"{column}{row}", label, "tile label")
        sheet.put(f"{column}{row + 1}", value, look)
        sheet.put(f"{column}{row + 2}", note, "tile text")


def _bands(report: Report, sheet: Sheet, row: int) -> int:
    """The margin in each band, from ``row`` on; its last row."""
    heads = ("Distance", "Positions", f"Margin ({report.currency})", "Share of margin")
    for column, head in zip("BCDE", heads, strict=True):
        sheet.put(f"{column}{row}", head, _head_style(column != "B"))
    first = row + 1
    for row, share in enumerate((s for s in report.bands if s.positions), start=first):
        _label(sheet, f"B{row}", share.band)
        sheet.put(f"C{row}", share.positions, "count")
        sheet.put(f"D{row}", share.margin, _MONEY)
        sheet.put(f"E{row}", share.share, _PERCENT)
        tone = palette.BARS[share.band]
        sheet.worksheet.conditional_formatting.add(
            f"E{row}", DataBarRule("num", 0, "num", 1, color=tone, minLength=0, maxLength=100)
        )
    return row


def _errors(report: Report, sheet: Sheet) -> None:
    _title(report, sheet)
    sheet.widths(A=2, B=8, C=22, D=16, E=100)
    for column, head in zip("BCDE", ("Row", "Symbol", "Venue", "What to change"), strict=True):
        sheet.put(f"{column}5", head, "column head")
    for row, error in enumerate(report.errors, start=6):
        values: tuple[Value, ...] = (error.number, error.symbol, error.venue, error.message)
        for column, value in zip("BCDE", values, strict=True):
            sheet.put(f"{column}{row}", value, "note")
    sheet.print_set_up(f"A1:E{5 + len(report.errors)}", repeat_rows="5:5")


_Column = tuple[str, float, str, Callable[[Position], Value]]
# Heading, width, style, value. Money is in the currency that the position settles in.
_COLUMNS: Final[tuple[_Column, ...]] = (
    ("Row", 6, "label", lambda p: p.number),
    ("Symbol", 19, "text", lambda p: p.symbol),
    ("Side", 8, "text", lambda p: p.side),
    ("Venue", 15, "text", lambda p: p.venue),
    ("Distance", 11, _PERCENT, lambda p: _distance(p)),
    ("Distance bar", 19, _BAR, lambda p: None),
    ("Step", 18, _BAND, lambda p: p.band.value),
    ("Liquidation price", 17, _PRICE, lambda p: _or_never(p.risk.liquidation_price)),
    ("Mark price", 14, _PRICE, lambda p: p.mark_price),
    ("Entry price", 14, _PRICE, lambda p: p.entry_price),
    ("Size", 17, "number", lambda p: p.size),
    ("Margin ratio", 13, _PERCENT, lambda p: _finite(p.risk.margin_ratio)),
    ("Margin = max loss", 18, _SETTLED, lambda p: p.risk.max_loss),
    ("Unrealized PnL", 16, _SETTLED, lambda p: p.risk.unrealized_pnl),
    ("Settles in", 11, "label", lambda p: p.settle),
    ("Account", 14, "text", lambda p: p.account or None),  # the first that is not printed
    ("Margin in dollars", 16, _MONEY, lambda p: p.dollar_margin),
    ("Notional", 16, _SETTLED, lambda p: p.risk.notional),
    ("Margin balance", 16, _SETTLED, lambda p: p.risk.margin_balance),
    ("Maintenance margin", 19, _SETTLED, lambda p: p.risk.maintenance_margin),
    ("Initial margin", 16, _SETTLED, lambda p: p.risk.initial_margin),
    ("Bankruptcy price", 17, _PRICE, lambda p: _or_never(p.risk.bankruptcy_price)),
    ("Effective leverage", 18, "multiple", lambda p: p.risk.effective_leverage),
    ("Venue's own ratio", 17, _PERCENT, lambda p: _finite(p.risk.venue_margin_ratio)),
    ("Contract type", 14, "text", lambda p: p.contract_type),
    ("Rule", 24, "text", lambda p: p.risk.rule),
)
_PRINTED: Final = "O"  # the last column that fits a page in readable letters
_HEAD_ROW: Final = 5
_LEFT: Final = ("text", "label", _BAND, _BAR)
_BLOCKS: Final = 18  # a bar of full length


def _distance(p: Position) -> Value:
    return "already" if p.band is Band.ALREADY else _or_never(p.risk.liquidation_distance)


def _or_never(value: float | None) -> Value:
    return cells.NEVER if value is None else value


def _finite(value: float) -> Value:
    return cells.scalar(value) if value < math.inf else cells.BANKRUPT


def _positions(report: Report, sheet: Sheet) -> None:
    _title(report, sheet)
    for at, (head, width, look, _) in enumerate(_COLUMNS, start=1):
        letter = get_column_letter(at)
        sheet.widths(**{letter: width})
        sheet.put(f"{letter}{_HEAD_ROW}", head, _head_style(look not in _LEFT))
    end, _ = chart.axis(report.positions)
    for row, p in enumerate(report.positions, start=_HEAD_ROW + 1):
        _position(sheet, row, p, end)
    last = _HEAD_ROW + len(report.positions)
    area = f"A{_HEAD_ROW}:{get_column_letter(len(_COLUMNS))}{last}"
    if report.positions:  # a table without rows is a broken one
        sheet.worksheet.add_table(Table(displayName="PositionsAtRisk", ref=area))
    sheet.worksheet.freeze_panes = f"D{_HEAD_ROW + 1}"
    sheet.print_set_up(f"A1:{_PRINTED}{last}", repeat_rows=f"{_HEAD_ROW}:{_HEAD_ROW}")


def _position(sheet: Sheet, row: int, p: Position, bar_end: float) -> None:
    for at, (_, _, look, value) in enumerate(_COLUMNS, start=1):
        address = f"{get_column_letter(at)}{row}"
        if look == _BAND:
            _label(sheet, address, p.band)
        elif look == _BAR:
            _bar(sheet, address, p, bar_end)
        elif look == _SETTLED:
            sheet.put(address, value(p), _MONEY)
            if p.inverse:
                sheet.worksheet[address].number_format = _COIN_FORMAT
        else:
            sheet.put(address, value(p), look)


def _bar(sheet: Sheet, address: str, p: Position, end: float) -> None:
    """A bar of letters: unlike a data bar it keeps its colour when people sort the table."""
    sheet.put(address, _bar_text(p, end), "text")
    cell = sheet.worksheet[address]
    cell.font = Font(name="Arial", size=7, color=palette.BANDS[p.band].light.removeprefix("#"))


def _bar_text(p: Position, end: float) -> str | None:
    """Blocks and half blocks up to ``end``, an arrow beyond; these letters are in every Arial."""
    if p.band is Band.NEVER:
        return None
    if p.band is Band.ALREADY:
        return "▌"
    away = p.risk.liquidation_distance or 0.0
    if away > end:
        return "█" * (_BLOCKS - 1) + "►"
    halves = max(round(away / end * 2 * _BLOCKS), 1)
    return "█" * (halves // 2) + "▌" * (halves % 2)


def _label(sheet: Sheet, address: str, band: Band) -> None:
    """The band's words in its colours."""
    _chip(sheet, address, band.value, band)


def _chip(sheet: Sheet, address: str, text: str, tone: Band) -> None:
    ink, fill = palette.CELLS[tone]
    sheet.put(address, text, "label")
    cell = sheet.worksheet[address]
    cell.font = Font(name=style.FONT, size=10, bold=True, color=ink)
    cell.fill = PatternFill("solid", fgColor=fill)


def _head_style(right: bool) -> str:
    return "column head right" if right else "column head"


def _assumptions(report: Report, sheet: Sheet) -> None:
    sheet.widths(A=2, B=26, C=120)
    _title(report, sheet)
    row = 5
    for heading, lines in _assumption_blocks(report):
        sheet.put(f"B{row}", heading, "section")
        sheet.put(f"C{row}", None, "section")
        for at, (term, text) in enumerate(lines, start=row + 1):
            if isinstance(term, Badge):
                _chip(sheet, f"B{at}", term.text, term.tone)
            else:
                sheet.put(f"B{at}", term, "note term")
            sheet.put(f"C{at}", text, "note")
        row += len(lines) + 2
    sheet.print_set_up(f"A1:C{row}")


_Lines = list[tuple[str | Badge, str]]


def _assumption_blocks(report: Report) -> list[tuple[str, _Lines]]:
    blocks: list[tuple[str, _Lines]] = [("In general", [("", text) for text in wording.CAVEATS])]
    for used in report.rules:
        rule = used.rule
        lines: _Lines = [
            *((badge, "Check before relying on it.") for badge in used.badges),
            ("Rule", f"{rule.id}, {wording.since(rule)}; confidence {rule.confidence}"),
            ("Contracts", ", ".join(rule.contract_types)),
            ("Statement", used.statement),
            ("Screen", used.screen),
            *(("Assumed", text) for text in rule.assumed),
            *(("Not modelled", text) for text in rule.not_modelled),
            *(("Source", f"{s.title}: {s.url}, read {s.read}") for s in rule.sources),
        ]
        positions = formats.count(used.positions, "position")
        blocks.append((f"{rule.venue}: {rule.product} ({positions})", lines))
    for tiers in report.tier_files:
        positions = formats.count(tiers.positions, "position")
        lines = [
            *((badge, wording.capital(tiers.dated)) for badge in tiers.badges),
            *(() if tiers.badges else (("On file", tiers.dated),)),
            ("Source", tiers.source),
        ]
        for contract in tiers.contracts:
            tones = [badge.tone for badge in contract.badges]
            name = Badge(contract.symbol, tones[0]) if tones else contract.symbol
            lines.append((name, wording.capital(contract.about)))
        blocks.append((f"Margin tiers on file: {tiers.venue} ({positions})", lines))
    return [*blocks, ("Words", list(wording.GLOSSARY))]
