"""The looks that only this workbook has, beside those of every workbook."""

from openpyxl.formatting.rule import ColorScaleRule, DataBar, FormatObject, Rule
from openpyxl.styles import Alignment, Border, NamedStyle, PatternFill, Side
from openpyxl.workbook import Workbook

from ringfence_templates import style
from ringfence_templates.style import style_name

_LINE = Side(style="thin", color=style.LINE)
_UNDER = Border(bottom=_LINE)
_FIGURES = {"decimal": "0.00", "days": "#,##0.0", "quantity": "#,##0.00##"}


def add_looks(book: Workbook) -> None:
    """Put the named styles into ``book``."""
    for its in (*_figures(), _input_multiple(), *_verdict(), _note(), _tile()):
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
        protection=style.Protection(locked=False),
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


def _note() -> NamedStyle:
    """What stands beside a figure in words, with the line of its row."""
    return NamedStyle(
        "beside",
        font=style._font(9, style.GREY),
        border=_UNDER,
        alignment=Alignment(horizontal="left", vertical="center", indent=1),
    )


def _tile() -> NamedStyle:
    """A tile for money that may be in coins."""
    return NamedStyle(
        "tile amount",
        number_format="#,##0.00####",
        font=style._font(16, style.NAVY, bold=True),
        fill=PatternFill("solid", fgColor=style.PALE),
        alignment=Alignment(horizontal="center", vertical="center"),
    )


def share_bar(colour: str) -> Rule:
    """Bars in the cells themselves, as long as their figure of the column's largest."""
    bar = DataBar(cfvo=[FormatObject(type="num", val=0), FormatObject(type="max")], color=colour)
    return Rule(type="dataBar", dataBar=bar)


def chances() -> Rule:
    """Probabilities, the redder the more likely."""
    scale: Rule = ColorScaleRule(
        start_type="num", start_value=0, start_color=style.WHITE,
        mid_type="num", mid_value=0.25, mid_color="FDEBC8",
        end_type="num", end_value=1, end_color="E8998D",
    )  # fmt: skip
    return scale
