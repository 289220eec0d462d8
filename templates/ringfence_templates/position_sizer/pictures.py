"""The charts, and their figures on the sheet Calc."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.chart.axis import ChartLines
from openpyxl.chart.data_source import AxDataSource, NumData, NumVal, StrData, StrRef, StrVal
from openpyxl.chart.series_factory import SeriesFactory
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import CharacterProperties, Font, Paragraph, ParagraphProperties
from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import absolute_coordinate

from ringfence_templates import style
from ringfence_templates.position_sizer import layout, told
from ringfence_templates.position_sizer.told import Told
from ringfence_templates.sheet import Sheet

SHARE: Final = "0%"


@dataclass(frozen=True, slots=True)
class Figures:
    """What one chart is drawn from: a label a row and a column a series, from a cell of Calc on."""

    column: int
    row: int  # of the heads
    about: str
    labels: Sequence[Told]
    series: Mapping[str, Sequence[Told]]

    def area(self, series: int) -> str:
        """The cells of a series, or of the labels: -1."""
        letter = get_column_letter(self.column + 1 + series)
        return f"{letter}{self.row + 1}:{letter}{self.row + len(self.labels)}"


def add_figures(sheet: Sheet, its: Figures) -> None:
    """Put the figures of a chart into the sheet Calc."""
    heads = ("label", *its.series)
    for at, head in enumerate(heads, its.column):
        sheet.put(f"{get_column_letter(at)}{its.row - 1}", None, "section")
        sheet.put(f"{get_column_letter(at)}{its.row}", head, "column head")
    sheet.put(f"{get_column_letter(its.column)}{its.row - 1}", its.about, "section")
    columns = [its.labels, *its.series.values()]
    for at, pieces in enumerate(columns, its.column):
        for row, piece in enumerate(pieces, its.row + 1):
            look = "text" if at == its.column else "percent"
            cell = f"{get_column_letter(at)}{row}"
            sheet.formula(cell, f"={piece.formula}", told.as_value(piece.value), look)


def bars(its: Figures, colours: Mapping[str, str], width: float, height: float) -> BarChart:
    """Horizontal bars, the first at the top; a series a colour, one bar a row."""
    chart = BarChart()
    chart.type, chart.grouping, chart.overlap, chart.gapWidth = "bar", "stacked", 100, 45
    for at, name in enumerate(its.series):
        series = _series(its, at, name)
        series.graphicalProperties = GraphicalProperties(solidFill=colours[name])
        series.invertIfNegative = False
        chart.series.append(series)
    chart.x_axis.scaling.orientation = "maxMin"
    chart.legend = None
    return _finished(chart, width, height)


def lines(its: Figures, colours: Mapping[str, str], width: float, height: float) -> LineChart:
    """A line a series; one that is dashed for the series after the first."""
    chart = LineChart()
    for at, name in enumerate(its.series):
        series = _series(its, at, name)
        line = LineProperties(solidFill=colours[name], w=22_000)
        if at:
            line.prstDash = "dash"
        series.graphicalProperties = GraphicalProperties(ln=line)
        series.smooth = False
        if not at:
            series.marker.symbol, series.marker.size = "circle", 5
            series.marker.graphicalProperties = GraphicalProperties(solidFill=colours[name])
            series.marker.graphicalProperties.line.solidFill = colours[name]
        else:
            series.marker.symbol = "none"
        chart.series.append(series)
    chart.legend.position = "b"
    chart.legend.txPr = _small()
    return _finished(chart, width, height)


def _series(its: Figures, at: int, name: str) -> Any:
    values = Reference(range_string=_on_calc(its.area(at)))
    series: Any = SeriesFactory(values, title=name)
    # Viewers that do not calculate draw the chart from these.
    series.val.numRef.numCache = NumData(
        formatCode=SHARE,
        ptCount=len(its.labels),
        pt=[
            NumVal(idx=row, v=repr(float(piece.value)))
            for row, piece in enumerate(its.series[name])
            if piece.is_number
        ],
    )
    labels = StrData(
        ptCount=len(its.labels),
        pt=[StrVal(idx=row, v=str(piece.value)) for row, piece in enumerate(its.labels)],
    )
    series.cat = AxDataSource(strRef=StrRef(f=_on_calc(its.area(-1)), strCache=labels))
    return series


def _on_calc(area: str) -> str:
    return f"{layout.CALC}!{absolute_coordinate(area)}"


def _small() -> RichText:
    small = CharacterProperties(sz=800, solidFill=style.GREY, latin=Font(typeface=style.FONT))
    return RichText(p=[Paragraph(pPr=ParagraphProperties(defRPr=small), endParaRPr=small)])


def _finished(chart: Any, width: float, height: float) -> Any:
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.x_axis.txPr = chart.y_axis.txPr = _small()
    chart.x_axis.majorTickMark = chart.y_axis.majorTickMark = "none"
    pale = GraphicalProperties(ln=LineProperties(solidFill=style.LINE))
    chart.x_axis.graphicalProperties = pale
    chart.y_axis.graphicalProperties = GraphicalProperties(ln=LineProperties(noFill=True))
    chart.y_axis.number_format = SHARE
    chart.y_axis.scaling.min = 0
    chart.y_axis.majorGridlines = ChartLines(
        spPr=GraphicalProperties(ln=LineProperties(solidFill=style.LINE))
    )
    chart.width, chart.height = width, height
    return chart
