"""The charts, and the columns of the sheet Calc that they and the ladders are made of."""

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
class Columns:
    """Columns of Calc side by side, from a cell on: where another sheet's cells get theirs."""

    column: int
    row: int  # of the heads
    about: str
    names: tuple[str, ...]

    def address(self, name: str, at: int) -> str:
        letter = get_column_letter(self.column + self.names.index(name))
        return f"{letter}{self.row + 1 + at}"

    def cell(self, name: str, at: int, value: Any) -> Told:
        """A cell as the other sheets name it; ``at`` counts from 0."""
        return Told(f"{layout.CALC}!{absolute_coordinate(self.address(name, at))}", value)

    def area(self, name: str, rows: int) -> str:
        return f"{self.address(name, 0)}:{self.address(name, rows - 1)}"


@dataclass(frozen=True, slots=True)
class Figures:
    """What the columns hold; charts are drawn of some of them, with the labels of "label"."""

    columns: Columns
    held: Mapping[str, Sequence[Told]]

    @property
    def rows(self) -> int:
        return len(self.held["label"])


def add_figures(sheet: Sheet, its: Figures) -> None:
    """Put the columns into the sheet Calc."""
    where = its.columns
    for at, name in enumerate(where.names):
        letter = get_column_letter(where.column + at)
        sheet.put(f"{letter}{where.row - 1}", where.about if not at else None, "section")
        sheet.put(f"{letter}{where.row}", name, "column head")
        for number, piece in enumerate(its.held[name]):
            value = told.as_value(piece.value)
            sheet.formula(where.address(name, number), f"={piece.formula}", value, "number")


def bars(its: Figures, colours: Mapping[str, str], width: float, height: float) -> BarChart:
    """Horizontal bars, the first at the top; a series a colour, one bar a row."""
    chart = BarChart()
    chart.type, chart.grouping, chart.overlap, chart.gapWidth = "bar", "stacked", 100, 45
    for name, colour in colours.items():
        series = _series(its, name)
        series.graphicalProperties = GraphicalProperties(solidFill=colour)
        series.invertIfNegative = False
        chart.series.append(series)
    chart.x_axis.scaling.orientation = "maxMin"
    chart.y_axis.scaling.max = 1
    chart.legend = None
    _finish(chart, width, height)
    return chart


def lines(its: Figures, colours: Mapping[str, str], width: float, height: float) -> LineChart:
    """A line a series: the first with its points, the others dashed."""
    chart = LineChart()
    for name, colour in colours.items():
        series = _series(its, name)
        line = LineProperties(solidFill=colour, w=22_000)
        series.smooth = False
        series.marker.symbol = "none"
        if not chart.series:
            series.marker.symbol, series.marker.size = "circle", 5
            series.marker.graphicalProperties = GraphicalProperties(solidFill=colour)
            series.marker.graphicalProperties.line.solidFill = colour
        else:
            line.prstDash = "dash"
        series.graphicalProperties = GraphicalProperties(ln=line)
        chart.series.append(series)
    assert chart.legend
    chart.legend.position = "b"
    chart.legend.txPr = _small()
    _finish(chart, width, height)
    return chart


def _series(its: Figures, name: str) -> Any:
    labels, pieces = its.held["label"], its.held[name]
    values = Reference(range_string=_on_calc(its, name))
    series: Any = SeriesFactory(values, title=name)
    # Viewers that do not calculate draw the chart from these.
    series.val.numRef.numCache = NumData(
        formatCode=SHARE,
        ptCount=its.rows,
        pt=[
            NumVal(idx=at, v=repr(float(piece.value)))
            for at, piece in enumerate(pieces)
            if piece.is_number
        ],
    )
    cache = StrData(
        ptCount=its.rows, pt=[StrVal(idx=at, v=str(its.value)) for at, its in enumerate(labels)]
    )
    series.cat = AxDataSource(strRef=StrRef(f=_on_calc(its, "label"), strCache=cache))
    return series


def _on_calc(its: Figures, name: str) -> str:
    return f"{layout.CALC}!{absolute_coordinate(its.columns.area(name, its.rows))}"


def _small() -> RichText:
    small = CharacterProperties(sz=800, solidFill=style.GREY, latin=Font(typeface=style.FONT))
    return RichText(p=[Paragraph(pPr=ParagraphProperties(defRPr=small), endParaRPr=small)])


def _finish(chart: Any, width: float, height: float) -> None:
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.x_axis.txPr = chart.y_axis.txPr = _small()
    chart.x_axis.majorTickMark = chart.y_axis.majorTickMark = "none"
    chart.x_axis.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=style.LINE))
    chart.y_axis.graphicalProperties = GraphicalProperties(ln=LineProperties(noFill=True))
    chart.y_axis.number_format = SHARE
    chart.y_axis.scaling.min = 0
    chart.y_axis.majorGridlines = ChartLines(
        spPr=GraphicalProperties(ln=LineProperties(solidFill=style.LINE))
    )
    chart.width, chart.height = width, height
