"""Lines of what is left over the moves. Drawn from Calc, with the values for viewers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from openpyxl.chart import Reference, ScatterChart
from openpyxl.chart.axis import ChartLines
from openpyxl.chart.data_source import NumData, NumVal
from openpyxl.chart.layout import Layout, ManualLayout
from openpyxl.chart.legend import Legend
from openpyxl.chart.marker import Marker
from openpyxl.chart.series_factory import SeriesFactory
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import CharacterProperties, Font, Paragraph, ParagraphProperties

from ringfence_templates import style
from ringfence_templates.event_risk import excel, layout
from ringfence_templates.event_risk.layout import Area
from ringfence_templates.event_risk.model import Model

_EMU_PER_POINT: Final = 12_700


@dataclass(frozen=True, slots=True)
class Drawn:
    """A column of the area ``chart`` over its moves: a line over many rows, a point in one."""

    column: str
    title: str
    colour: str
    rows: tuple[int, int]

    @property
    def is_point(self) -> bool:
        return self.rows[0] == self.rows[1]


def add_chart(
    sheet: Any, at: str, model: Model, drawn: Sequence[Drawn], size: tuple[float, float]
) -> None:
    """A chart of ``size`` centimetres at a cell."""
    chart = ScatterChart()
    chart.scatterStyle = "lineMarker"
    chart.style = 2
    chart.series.extend(_series(model, its) for its in drawn)
    chart.visible_cells_only = False  # Calc is hidden
    chart.display_blanks = "gap"
    text = _small()
    for axis in (chart.x_axis, chart.y_axis):
        axis.delete = False
        axis.txPr = text
        axis.tickLblPos = "low"
        axis.majorTickMark = "none"
        axis.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=style.LINE))
        axis.majorGridlines = ChartLines(
            spPr=GraphicalProperties(ln=LineProperties(solidFill=style.LINE))
        )
    chart.x_axis.number_format, chart.y_axis.number_format = "0%", "#,##0"
    chart.legend = Legend(legendPos="b", txPr=text)
    left = 1.5 / size[0]  # room for the labels of the y axis
    chart.layout = Layout(manualLayout=ManualLayout(
        layoutTarget="inner", xMode="edge", yMode="edge", x=left, y=0.04, w=0.97 - left, h=0.8,
    ))  # fmt: skip
    chart.width, chart.height = size  # type: ignore[assignment]  # cm
    sheet.worksheet.add_chart(chart, at)


def _small() -> RichText:
    small = CharacterProperties(sz=800, solidFill=style.GREY, latin=Font(typeface=style.FONT))
    return RichText(p=[Paragraph(pPr=ParagraphProperties(defRPr=small), endParaRPr=small)])


def _series(model: Model, its: Drawn) -> Any:
    area = model.areas["chart"]
    series: Any = SeriesFactory(
        _cells(area, its.column, its.rows), _cells(area, "move", its.rows), title=its.title
    )
    series.xVal.numRef.numCache = _cache(model, "move", its.rows, "0%")
    series.yVal.numRef.numCache = _cache(model, its.column, its.rows, "#,##0")
    series.smooth = False
    if its.is_point:
        series.marker = Marker(symbol="diamond", size=10)
        series.marker.graphicalProperties = GraphicalProperties(solidFill=its.colour)
        series.marker.graphicalProperties.line.solidFill = style.WHITE
        series.graphicalProperties = GraphicalProperties(ln=LineProperties(noFill=True))
    else:
        series.marker = Marker(symbol="none")
        line = LineProperties(solidFill=its.colour, w=round(2.25 * _EMU_PER_POINT))
        series.graphicalProperties = GraphicalProperties(ln=line)
    return series


def _cells(area: Area, column: str, rows: tuple[int, int]) -> Reference:
    first, last = rows
    letter = area.letter(column)
    cells = f"${letter}${area.head + first}:${letter}${area.head + last}"
    return Reference(range_string=f"{layout.CALC}!{cells}")


def _cache(model: Model, column: str, rows: tuple[int, int], number_format: str) -> NumData:
    first, last = rows
    values = model.column("chart", column)[first - 1 : last]
    return NumData(
        formatCode=number_format,
        ptCount=len(values),
        pt=[
            NumVal(idx=at, v=repr(excel.n(value)))
            for at, value in enumerate(values)
            if excel.figure(value)
        ],
    )
