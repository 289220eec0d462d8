"""Cell styles that only this workbook needs: signed moves, coins, the sentence on top."""

from typing import Final

from openpyxl.formatting.rule import DataBarRule, Rule
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Protection, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.workbook import Workbook

from ringfence_templates import style
from ringfence_templates.style import style_name

MOVE_FORMAT: Final = "+0.0%;-0.0%;0.0%"
WHOLE_FORMAT: Final = '#,##0;-#,##0;"–"'
GAIN_FORMAT: Final = "+#,##0;-#,##0;0"

_THIN: Final = Side(style="thin", color=style.LINE)
_BOX: Final = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_UNDER: Final = Border(bottom=_THIN)
_RIGHT: Final = Alignment(horizontal="right", vertical="center")
_CENTER: Final = Alignment(horizontal="center", vertical="center")
_LEFT: Final = Alignment(horizontal="left", vertical="center", indent=1)

_FAILS: Final = style.LIGHT_COLOURS["Red"]
_HOLDS: Final = style.LIGHT_COLOURS["Green"]


def add_looks(book: Workbook) -> None:
    """Put the styles into ``book``, named as those of :mod:`ringfence_templates.style`."""
    for look in (
        _input("input move", MOVE_FORMAT, _RIGHT),
        _input("input beta", "0.00", _RIGHT),
        _input("input coin", "@", _RIGHT, bold=True),
        _input("input coin center", "@", _CENTER, bold=True),
        _figure("move", MOVE_FORMAT),
        _figure("gain", GAIN_FORMAT),
        _figure("gain bare", GAIN_FORMAT, border=Border()),
        _figure("net", WHOLE_FORMAT, size=9, colour=style.GREY, border=Border()),
        _figure("heat", "#,##0", border=_BOX),
        NamedStyle(
            "sentence",
            font=Font(name=style.FONT, size=12, color=style.NAVY, bold=True),
            alignment=Alignment(horizontal="left", vertical="center"),
        ),
        NamedStyle(
            "tile words",
            font=Font(name=style.FONT, size=20, color=style.NAVY, bold=True),
            alignment=_CENTER,
            fill=PatternFill("solid", fgColor=style.PALE),
        ),
    ):
        look.name = style_name(look.name)
        book.add_named_style(look)


def _input(
    name: str, number_format: str, alignment: Alignment, *, bold: bool = False
) -> NamedStyle:
    return NamedStyle(
        name,
        number_format=number_format,
        font=Font(name=style.FONT, size=10, color=style.INPUT_INK, bold=bold),
        fill=PatternFill("solid", fgColor=style.INPUT_FILL),
        border=_BOX,
        alignment=alignment,
        protection=Protection(locked=False),
    )


def _figure(
    name: str,
    number_format: str,
    *,
    size: float = 10,
    colour: str = style.INK,
    border: Border = _UNDER,
) -> NamedStyle:
    return NamedStyle(
        name,
        number_format=number_format,
        font=Font(name=style.FONT, size=size, color=colour),
        border=border,
        alignment=_RIGHT,
    )


def fails_rule(condition: str) -> Rule:
    """A conditional format for what fails: red, always beside a word or a number."""
    return _painted(condition, *_FAILS)


def holds_rule(condition: str) -> Rule:
    return _painted(condition, *_HOLDS)


def cost_rule(condition: str) -> Rule:
    """For a figure that costs."""
    return _painted(condition, *style.LIGHT_COLOURS["Amber"])


def _painted(condition: str, ink: str, fill: str) -> Rule:
    look = DifferentialStyle(
        font=Font(color=ink, bold=True),
        fill=PatternFill("solid", fgColor=fill, bgColor=fill),
        border=_UNDER,  # LibreOffice applies one rule a cell
    )
    return Rule(type="expression", dxf=look, formula=[condition])


def loss_bar(column: str) -> Rule:
    """Bars of losses from nothing up: a gain has none. ``column``: the cells, as a formula."""
    rule: Rule = DataBarRule(
        start_type="num",
        start_value=0,
        end_type="formula",
        end_value=f"MAX(0.05,MAX({column}))",
        color="E9A79F",
        minLength=0,
        maxLength=100,
    )
    return rule
