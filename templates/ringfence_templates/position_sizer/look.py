"""The looks that only this workbook has, beside those of every workbook."""

from openpyxl.formatting.rule import ColorScaleRule, DataBar, FormatObject, Rule
from openpyxl.styles import Alignment, Border, NamedStyle, PatternFill, Protection, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import NumberFormat
from openpyxl.workbook import Workbook

from ringfence_templates import style
from ringfence_templates.style import style_name

_LINE = Side(style="thin", color=style.LINE)
_UNDER = Border(bottom=_LINE)
# Money that may be in coins; where it is much, money_rule takes the last decimals off
_COINS = "#,##0.00####"
_MUCH = 10
_FIGURES = {"decimal": "0.00", "days": "#,##0.0", "quantity": "#,##0.00##", "coins": _COINS}


def add_looks(book: Workbook) -> None:
    """Put the named styles into ``book``."""
    for its in (*_figures(), _input_multiple(), *_verdict(), *_beside(), _tile()):
        its.name = style_name(its.name)
        book.add_named_style(its)


def _figures() -> list[NamedStyle]:
    return [
        NamedStyle(
            f"{name}{kind}",
            number_format=number_format,
            font=style._font(),
            border=border,
            alignment=Alignment(horizontal="right", vertical="center"),
        )
        for name, number_format in _FIGURES.items()
        for kind, border in (("", _UNDER), (" bare", Border()))
    ]


def _input_multiple() -> NamedStyle:
    box = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
    return NamedStyle(
        "input multiple",
        number_format='General"x"',
        font=style._font(colour=style.INPUT_INK),
        fill=PatternFill("solid", fgColor=style.INPUT_FILL),
        border=box,
        alignment=Alignment(horizontal="right", vertical="center"),
        protection=Protection(locked=False),
    )


def _verdict() -> list[NamedStyle]:
    fill = PatternFill("solid", fgColor=style.PALE)
    return [
        NamedStyle(
            "verdict",
            font=style._font(12, style.NAVY, bold=True),
            fill=fill,
            alignment=Alignment(horizontal="left", vertical="center", wrap_text=True, indent=1),
        ),
        NamedStyle(
            "verdict light",
            font=style._font(14, style.NAVY, bold=True),
            fill=fill,
            alignment=Alignment(horizontal="center", vertical="center"),
        ),
    ]


def _beside() -> list[NamedStyle]:
    """What stands beside a figure in words, with the line of its row and without."""
    return [
        NamedStyle(
            f"beside{kind}",
            font=style._font(9, style.GREY),
            border=border,
            alignment=Alignment(horizontal="left", vertical="center", indent=1),
        )
        for kind, border in (("", _UNDER), (" bare", Border()))
    ]


def _tile() -> NamedStyle:
    """A tile for money that may be in coins."""
    return NamedStyle(
        "tile amount",
        number_format=_COINS,
        font=style._font(16, style.NAVY, bold=True),
        fill=PatternFill("solid", fgColor=style.PALE),
        alignment=Alignment(horizontal="center", vertical="center"),
    )


def money_rule(cell: str, *, lined: bool = False) -> Rule:
    """A conditional format for money of "coins" that needs two decimals only.

    ``lined``: with the line of its row, since LibreOffice applies one rule a cell.
    """
    look = DifferentialStyle(
        numFmt=NumberFormat(numFmtId=4, formatCode=style.MONEY_FORMAT),
        border=_UNDER if lined else None,
    )
    return Rule(type="expression", dxf=look, formula=[f"ABS(N({cell}))>={_MUCH}"])


def share_bar(colour: str) -> Rule:
    """Bars in the cells themselves, as long as their figure of the column's largest."""
    bar = DataBar(cfvo=[FormatObject(type="num", val=0), FormatObject(type="max")], color=colour)
    return Rule(type="dataBar", dataBar=bar)


def chances() -> Rule:
    """Probabilities, the redder the more likely."""
    scale: Rule = ColorScaleRule(  # type: ignore[no-untyped-call]
        start_type="num", start_value=0, start_color=style.WHITE,
        mid_type="num", mid_value=0.25, mid_color="FDEBC8",
        end_type="num", end_value=1, end_color="E8998D",
    )  # fmt: skip
    return scale
