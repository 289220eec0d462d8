"""The sheet Dashboard: the book on one page."""

from typing import Any, Final

from openpyxl.chart import BarChart, Reference
from openpyxl.chart.axis import ChartLines
from openpyxl.chart.data_source import AxDataSource, NumData, NumVal, StrData, StrRef, StrVal
from openpyxl.chart.series_factory import SeriesFactory
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import CharacterProperties, Font, Paragraph, ParagraphProperties

from ringfence import position
from ringfence.summary import NEAR
from ringfence_templates import style
from ringfence_templates.isolated_book import calc, layout
from ringfence_templates.isolated_book.layout import CHART_LETTER
from ringfence_templates.isolated_book.model import Model, Row
from ringfence_templates.package import Value
from ringfence_templates.positions_sheet import of_row
from ringfence_templates.ranking import ALREADY, BLANK, LIGHTS
from ringfence_templates.sheet import Book, Sheet

NEAREST: Final = 12  # positions listed
_COLUMNS: Final = "BCDEFGHIJKLM"
_TILES: Final = (("B", "D"), ("E", "G"), ("H", "J"), ("K", "M"))
_FIRST_LIST: Final = 22
"""Placement: tiles in rows 4 to 7, two tables from row 9, the list and the chart below."""


def add_dashboard(book: Book, model: Model) -> None:
    """Add the sheet: tiles, totals, how much is near liquidation, the nearest, their bars."""
    sheet = book.sheet(layout.DASHBOARD, tab_colour=style.NAVY)
    sheet.put("B1", model.title, "title")
    sheet.worksheet.row_dimensions[1].height = 28
    sheet.formula("B2", _SUBTITLE, subtitle(model), "subtitle")
    sheet.formula("B3", _WARNING, warning(model), "warning")
    _add_tiles(sheet, model)
    _add_totals(sheet, model)
    _add_near(sheet, model)
    _add_lights(sheet, model)
    _add_nearest(sheet, model)
    _add_chart(sheet, model)
    sheet.widths(A=2, **dict.fromkeys(_COLUMNS, 13.0) | {"B": 9.0, "C": 17.0, "D": 11.0})
    sheet.print_set_up(f"A1:M{_FIRST_LIST + NEAREST + 3}", one_page=True)


_SUBTITLE: Final = (
    '=COUNT(calc_rank)&" isolated positions. Totals in US dollars, with USDT, USDC and USD'
    ' as one; inverse amounts at the mark price."'
)
_WARNING: Final = (
    f"=IF(ROWS({layout.TABLE}[venue])>ROWS(calc_rank),"
    '"The table has more rows than this workbook computes: see Notes, More rows",'
    'IF(COUNTIF(calc_state,"error")=0,"",COUNTIF(calc_state,"error")'
    '&" of the rows cannot be computed and are left out: see the column check in Positions"))'
)


def subtitle(model: Model) -> str:
    return (
        f"{len(model.rows)} isolated positions. Totals in US dollars, with USDT, USDC and USD"
        " as one; inverse amounts at the mark price."
    )


def warning(model: Model) -> str:
    """What the reader must know before trusting the totals; '' where there is nothing."""
    errors = model.count("Error")
    if not errors:
        return BLANK
    return (
        f"{errors} of the rows cannot be computed and are left out:"
        " see the column check in Positions"
    )


_TOTAL: Final = "SUM(calc_margin)"
_NEAREST_ROW: Final = "MATCH(1,calc_rank,0)"


def _nearest(model: Model) -> Row | None:
    first = model.ranked[0] if model.ranked else None
    return first if first and not isinstance(first.away, str) else None


def _nearest_name(nearest: Row | None) -> str:
    if nearest is None:
        return BLANK
    return " ".join(nearest.text(part) for part in ("symbol", "side", "venue"))


def _nearest_distance(nearest: Row) -> Value:
    """How far it is; past it, no share of the price says so as plainly as words."""
    return position.ALREADY if nearest.state == ALREADY else nearest.away


def _add_tiles(sheet: Sheet, model: Model) -> None:
    nearest, margin = _nearest(model), model.total("margin")
    near = model.margin_within(NEAR[1])
    for first, last in _TILES:
        for row in range(4, 8):
            sheet.worksheet.merge_cells(f"{first}{row}:{last}{row}")
            for column in _COLUMNS[_COLUMNS.index(first) : _COLUMNS.index(last) + 1]:
                sheet.put(f"{column}{row}", None, "tile label")
    sheet.worksheet.row_dimensions[4].height = 20
    sheet.worksheet.row_dimensions[5].height = 30
    sheet.worksheet.row_dimensions[7].height = 20

    sheet.put("B4", "Margin ring-fenced", "tile label")
    sheet.formula("B5", f"={_TOTAL}", margin, "tile money")
    sheet.put("B6", "all of it is lost if every box fails", "tile text")

    some = "COUNT(calc_away)=0"
    sheet.put("E4", "Nearest liquidation", "tile label")
    sheet.formula(
        "E5",
        f'=IF({some},"none",IF(INDEX(calc_state,{_NEAREST_ROW})="already","{position.ALREADY}",'
        f"INDEX(calc_away,{_NEAREST_ROW})))",
        "none" if nearest is None else _nearest_distance(nearest),
        "tile percent",
    )
    sheet.worksheet.conditional_formatting.add(
        "E5:G5", style.alarm_rule(f'$E$5="{position.ALREADY}"')
    )
    names = '&" "&'.join(of_row(name, _NEAREST_ROW) for name in ("symbol", "side", "venue"))
    sheet.formula(
        "E6",
        f'=IF({some},"",{names})',
        _nearest_name(nearest),
        "tile text",
    )
    sheet.formula(
        "E7",
        f'=IF({some},"",INDEX(risk_liquidation_price,{_NEAREST_ROW}))',
        BLANK if nearest is None else nearest.risk["liquidation_price"],
        "tile price",
    )

    sheet.put("H4", f"Margin within {NEAR[1]:.0%} of liquidation", "tile label")
    within = f'SUMIFS(calc_margin,calc_away,"<="&{NEAR[1]})'
    sheet.formula(
        "H5",
        f"=IF({_TOTAL}=0,0,{within}/{_TOTAL})",
        near / margin if margin else 0.0,
        "tile percent",
    )
    sheet.put("H6", "share of the margin ring-fenced", "tile text")

    urgent = ("Liquidated", "Red", "Error")
    sheet.put("K4", "Positions to look at now", "tile label")
    sheet.formula(
        "K5",
        "=" + "+".join(f'COUNTIF(calc_light,"{light}")' for light in urgent),
        sum(model.count(light) for light in urgent),
        "tile count",
    )
    sheet.put("K6", "red, liquidated or in error", "tile text")


def _section(sheet: Sheet, at: int, first: str, last: str, text: str) -> None:
    for column in _COLUMNS[_COLUMNS.index(first) : _COLUMNS.index(last) + 1]:
        sheet.put(f"{column}{at}", None, "section")
    sheet.put(f"{first}{at}", text, "section")


def _line(
    sheet: Sheet, at: int, columns: str, label: str, formula: str, value: Value, look: str
) -> None:
    """A label over the first columns and its figure in the last."""
    for column in columns:
        sheet.put(f"{column}{at}", None, "text")
    sheet.put(f"{columns[0]}{at}", label, "text")
    sheet.formula(f"{columns[-1]}{at}", formula, value, look)


def _add_totals(sheet: Sheet, model: Model) -> None:
    margin, pnl = model.total("margin"), model.total("unrealized_pnl")
    notional, left = model.total("notional"), model.total("left_to_lose")
    counted = sum(not isinstance(row.margin, str) for row in model.rows)
    _section(sheet, 9, "B", "E", "The book")
    lines: tuple[tuple[str, str, Value, str], ...] = (
        ("Margin ring-fenced", "=SUM(calc_margin)", margin, "money"),
        ("Max loss if every box fails", "=SUM(calc_margin)", margin, "money"),
        ("Unrealized PnL at mark", "=SUM(calc_unrealized_pnl)", pnl, "money"),
        ("Margin balance, left to lose", "=SUM(calc_left_to_lose)", left, "money"),
        ("Notional at mark", "=SUM(calc_notional)", notional, "money"),
        (
            "Notional / margin balance",
            '=IF(E13>0,E14/E13,"")',
            notional / left if left > 0 else BLANK,
            "multiple",
        ),
        ("Positions", "=COUNT(calc_rank)", len(model.rows), "count"),
        (
            "Not in the totals",
            "=COUNT(calc_rank)-COUNT(calc_margin)",
            len(model.rows) - counted,
            "count",
        ),
    )
    for at, (label, formula, value, look) in enumerate(lines, 10):
        _line(sheet, at, "BCDE", label, formula, value, look)


def _add_near(sheet: Sheet, model: Model) -> None:
    margin = model.total("margin")
    _section(sheet, 9, "G", "J", "Margin close to liquidation")
    for column, head in zip("GHIJ", ("within", "positions", "margin", "share"), strict=True):
        sheet.put(f"{column}10", head, "caption right")
    for at, distance in enumerate(NEAR, 11):
        near = model.margin_within(distance)
        sheet.put(f"G{at}", distance, "input share")
        sheet.formula(
            f"H{at}",
            f'=COUNTIF(calc_away,"<="&G{at})',
            sum(not isinstance(row.away, str) and row.away <= distance for row in model.rows),
            "count",
        )
        sheet.formula(f"I{at}", f'=SUMIFS(calc_margin,calc_away,"<="&G{at})', near, "money")
        sheet.formula(
            f"J{at}",
            f"=IF(SUM(calc_margin)=0,0,I{at}/SUM(calc_margin))",
            near / margin if margin else 0.0,
            "percent",
        )
    sheet.put("G14", "Isolated boxes fail one by one, rarely all at once:", "caption")
    sheet.put("G15", "these rows say how much could go in one move of that size.", "caption")


def _add_lights(sheet: Sheet, model: Model) -> None:
    _section(sheet, 9, "L", "M", "Lights")
    for at, light in enumerate(LIGHTS, 10):
        sheet.put(f"L{at}", light, "label")
        sheet.formula(f"M{at}", f"=COUNTIF(calc_light,L{at})", model.count(light), "count")
        sheet.worksheet.conditional_formatting.add(
            f"L{at}", style.light_rule(f'$L{at}="{light}"', light)
        )


_LIST_HEADS: Final = {
    "B": ("rank", "A", "count"),
    "C": ("position", "C", "text"),
    "D": ("", "D", "text"),
    "E": ("venue", "E", "text"),
    "F": ("distance", "G", "percent"),
    "G": ("liq. price", "I", "price"),
    "H": ("light", "B", "label"),
}


def _add_nearest(sheet: Sheet, model: Model) -> None:
    _section(sheet, _FIRST_LIST - 2, "B", "H", "Nearest liquidations")
    _section(sheet, _FIRST_LIST - 2, "J", "M", "Distance to liquidation")
    for column, (head, _, look) in _LIST_HEADS.items():
        side = " center" if look == "label" else " right" if look != "text" else ""
        sheet.put(f"{column}{_FIRST_LIST - 1}", head, f"column head{side}")
    listed = model.padded(model.ranked)[:NEAREST]
    for at, row in enumerate(listed):
        source = layout.RISK_HEAD + 1 + at
        for column, (_, of_risk, look) in _LIST_HEADS.items():
            sheet.formula(
                f"{column}{_FIRST_LIST + at}",
                f"={layout.RISK}!{of_risk}{source}",
                _listed(row, at + 1)[column],
                look,
            )
    last = _FIRST_LIST + NEAREST - 1
    for light in LIGHTS:
        sheet.worksheet.conditional_formatting.add(
            f"H{_FIRST_LIST}:H{last}", style.light_rule(f'$H{_FIRST_LIST}="{light}"', light)
        )


def _listed(row: Row | None, rank: int) -> dict[str, Value]:
    if row is None:
        return dict.fromkeys(_LIST_HEADS, BLANK)
    return {
        "B": rank,
        "C": row.text("symbol"),
        "D": row.text("side"),
        "E": row.text("venue"),
        "F": row.risk["liquidation_distance"],
        "G": row.risk["liquidation_price"],
        "H": row.light,
    }


def _add_chart(sheet: Sheet, model: Model) -> None:
    """Horizontal bars, nearest at the top; three series, so that colours follow the lights."""
    shown = calc.threatened(model)
    chart = BarChart()
    chart.type, chart.grouping, chart.overlap, chart.gapWidth = "bar", "stacked", 100, 40
    for bar, colour in (("red", style.RED), ("amber", style.AMBER), ("green", style.GREEN)):
        chart.series.append(_series(bar, colour, shown))
    _axes(chart)
    chart.legend = None
    chart.width, chart.height = 10.1, 7.4  # type: ignore[assignment]  # cm
    sheet.worksheet.add_chart(chart, f"J{_FIRST_LIST - 1}")


def _series(bar: str, colour: str, shown: list[Row]) -> Any:
    def cells(column: str) -> Reference:
        area = layout.body(CHART_LETTER[column], layout.CALC_HEAD, layout.CHART_ROWS)
        return Reference(range_string=f"{layout.CALC}!{area}")

    series: Any = SeriesFactory(cells(bar), title=bar)
    series.cat = _labels(
        cells("position"), [calc.bar_label(rank, row) for rank, row in enumerate(shown, 1)]
    )
    shortest = calc.shortest_bar(shown)
    lengths = [
        calc.bar_length(row, shortest) if row.light in calc.BARS[bar] else 0.0 for row in shown
    ]
    # Viewers that do not calculate draw the chart from these.
    series.val.numRef.numCache = NumData(
        formatCode="0%",
        ptCount=layout.CHART_ROWS,
        pt=[NumVal(idx=at, v=repr(length)) for at, length in enumerate(lengths)],
    )
    series.graphicalProperties = GraphicalProperties(solidFill=colour)
    series.invertIfNegative = False
    return series


def _labels(cells: Reference, labels: list[str]) -> AxDataSource:
    cache = StrData(
        ptCount=layout.CHART_ROWS,
        pt=[StrVal(idx=at, v=label) for at, label in enumerate(labels)],
    )
    return AxDataSource(strRef=StrRef(f=str(cells), strCache=cache))


def _axes(chart: BarChart) -> None:
    small = CharacterProperties(sz=800, solidFill=style.GREY, latin=Font(typeface=style.FONT))
    text = RichText(p=[Paragraph(pPr=ParagraphProperties(defRPr=small), endParaRPr=small)])
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.x_axis.scaling.orientation = "maxMin"
    chart.x_axis.txPr = chart.y_axis.txPr = text
    chart.x_axis.majorTickMark = chart.y_axis.majorTickMark = "none"
    chart.x_axis.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=style.LINE))
    chart.y_axis.graphicalProperties = GraphicalProperties(ln=LineProperties(noFill=True))
    chart.y_axis.number_format = "0%"
    chart.y_axis.scaling.min = 0
    chart.y_axis.majorGridlines = ChartLines(
        spPr=GraphicalProperties(ln=LineProperties(solidFill=style.LINE))
    )
