"""The bars of the Dashboard: long and short by coin, boxes and pools by venue."""

from collections.abc import Sequence
from typing import Any, Final

from openpyxl.chart import BarChart, Reference
from openpyxl.chart.axis import ChartLines
from openpyxl.chart.data_source import AxDataSource, NumData, NumVal, StrData, StrRef, StrVal
from openpyxl.chart.layout import Layout, ManualLayout
from openpyxl.chart.legend import Legend
from openpyxl.chart.series_factory import SeriesFactory
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import CharacterProperties, Font, Paragraph, ParagraphProperties

from ringfence_templates import style
from ringfence_templates.mixed_book import layout
from ringfence_templates.mixed_book.layout import CHART_LETTER as H
from ringfence_templates.mixed_book.model import CENTS, ISOLATED, Model
from ringfence_templates.package import Value
from ringfence_templates.ranking import BLANK
from ringfence_templates.sheet import Sheet

HEAD: Final = layout.CALC_HEAD
THOUSANDS: Final = '#,##0,"k"'
# Column -> its name in the legend and its colour
_BY_COIN: Final = {"long": ("long", style.NAVY), "short": ("short", style.AMBER)}
_BY_VENUE: Final = {"boxes": ("isolated boxes", style.AMBER), "pools": ("cross pools", style.NAVY)}

Figures = list[dict[str, Value]]


def coins(model: Model) -> Figures:
    """The bars by coin, what is most at stake first."""
    figures: Figures = []
    for number in range(1, layout.COINS + 1):
        line = model.exposure.line("coin", number)
        if line is None:
            figures.append(dict.fromkeys(("coin", *_BY_COIN), BLANK))
            continue
        _, name, _, notional, net, *_ = line
        assert isinstance(notional, float)
        assert isinstance(net, float)
        figures.append({"coin": name, "long": (notional + net) / 2, "short": (net - notional) / 2})
    return figures


def venues(model: Model) -> Figures:
    """The bars by venue."""
    figures: Figures = []
    for number in range(1, layout.VENUES + 1):
        line = model.exposure.line("venue", number)
        if line is None:
            figures.append(dict.fromkeys(("venue", *_BY_VENUE), BLANK))
            continue
        name, at_stake = line[1], line[5]
        assert isinstance(at_stake, float)
        boxes = sum(
            row.max_loss
            for row in model.of_mode(ISOLATED)
            if row.rule_venue == name and not isinstance(row.max_loss, str)
        )
        figures.append({"venue": name, "boxes": boxes, "pools": round(at_stake - boxes, CENTS)})
    return figures


def add_figures(sheet: Sheet, model: Model) -> None:
    """The figures on Calc."""
    for kind, start, figures in (
        ("coin", "coin_start", coins(model)),
        ("venue", "venue_start", venues(model)),
    ):
        for number, values in enumerate(figures, 1):
            at = HEAD + number
            line = f"{start}+{number}"

            def of(name: str, line: str = line) -> str:
                return f"INDEX(exposure_{name},{line})"

            formulas = {
                "coin": of("name"),
                "long": f"({of('notional')}+{of('net_notional')})/2",
                "short": f"({of('net_notional')}-{of('notional')})/2",
                "venue": of("name"),
                "boxes": (
                    f'SUMIFS(calc_max_loss,calc_mode,"{ISOLATED}",calc_rule_venue,{H["venue"]}{at})'
                ),
                "pools": f"ROUND({of('at_stake')}-{H['boxes']}{at},{CENTS})",
            }
            for name, value in values.items():
                sheet.formula(
                    f"{H[name]}{at}",
                    f'=IF({of("kind")}="{kind}",{formulas[name]},"")',
                    value,
                    "text" if name == kind else "money",
                )


def add_by_coin(sheet: Sheet, model: Model, anchor: str, size: tuple[float, float]) -> None:
    """Long to the right, short to the left."""
    _add_bars(sheet, "coin", _BY_COIN, coins(model), anchor, size)


def add_by_venue(sheet: Sheet, model: Model, anchor: str, size: tuple[float, float]) -> None:
    """What is at stake, boxes beside pools."""
    _add_bars(sheet, "venue", _BY_VENUE, venues(model), anchor, size)


def _add_bars(
    sheet: Sheet,
    names: str,
    bars: dict[str, tuple[str, str]],
    figures: Figures,
    anchor: str,
    size: tuple[float, float],
) -> None:
    chart = BarChart()
    chart.type, chart.grouping, chart.overlap, chart.gapWidth = "bar", "stacked", 100, 45
    for bar, (title, colour) in bars.items():
        chart.series.append(_series(names, bar, title, colour, figures))
    _axes(chart)
    chart.legend = Legend()
    chart.legend.position = "b"
    chart.legend.txPr = _small()
    chart.layout = Layout(
        manualLayout=ManualLayout(
            layoutTarget="inner", xMode="edge", yMode="edge", x=0.18, y=0.09, w=0.78, h=0.78
        )
    )
    chart.width, chart.height = size  # type: ignore[assignment]  # cm
    sheet.worksheet.add_chart(chart, anchor)


def _series(names: str, bar: str, title: str, colour: str, figures: Figures) -> Any:
    def cells(column: str) -> Reference:
        area = layout.body(H[column], HEAD, len(figures))
        return Reference(range_string=f"{layout.CALC}!{area}")

    series: Any = SeriesFactory(cells(bar), title=title)
    series.cat = _labels(cells(names), [str(its[names]) for its in figures])
    lengths = [its[bar] for its in figures]
    # Viewers that do not calculate draw the chart from these.
    series.val.numRef.numCache = NumData(
        formatCode=THOUSANDS,
        ptCount=len(figures),
        pt=[
            NumVal(idx=at, v=repr(length))
            for at, length in enumerate(lengths)
            if not isinstance(length, str)
        ],
    )
    series.graphicalProperties = GraphicalProperties(solidFill=colour)
    series.invertIfNegative = False
    return series


def _labels(cells: Reference, labels: Sequence[str]) -> AxDataSource:
    cache = StrData(
        ptCount=len(labels), pt=[StrVal(idx=at, v=label) for at, label in enumerate(labels)]
    )
    return AxDataSource(strRef=StrRef(f=str(cells), strCache=cache))


def _small() -> RichText:
    look = CharacterProperties(sz=800, solidFill=style.GREY, latin=Font(typeface=style.FONT))
    return RichText(p=[Paragraph(pPr=ParagraphProperties(defRPr=look), endParaRPr=look)])


def _axes(chart: BarChart) -> None:
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.x_axis.scaling.orientation = "maxMin"
    chart.x_axis.txPr = chart.y_axis.txPr = _small()
    chart.x_axis.majorTickMark = chart.y_axis.majorTickMark = "none"
    chart.x_axis.tickLblPos = "low"  # left of the shorts
    chart.x_axis.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=style.LINE))
    chart.y_axis.graphicalProperties = GraphicalProperties(ln=LineProperties(noFill=True))
    chart.y_axis.number_format = THOUSANDS
    chart.y_axis.majorGridlines = ChartLines(
        spPr=GraphicalProperties(ln=LineProperties(solidFill=style.LINE))
    )
