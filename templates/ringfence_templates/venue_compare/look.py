"""The looks that only this workbook has, beside those of every workbook and of position_sizer."""

from collections.abc import Iterable
from typing import Final

from openpyxl.styles import Alignment, Border, NamedStyle, PatternFill, Side
from openpyxl.workbook import Workbook

from ringfence_templates import style
from ringfence_templates.sheet import Sheet
from ringfence_templates.style import style_name

_UNDER: Final = Border(bottom=Side(style="thin", color=style.LINE))
# Venues differ by hundredths of a percent
_FIGURES: Final = {"fine": "0.00%", "gap": "+0.00%;-0.00%;0.00%", "rate": "0.000%"}


def add_own_looks(book: Workbook) -> None:
    """Put the named styles into ``book``."""
    for its in (*_figures(), _tile(), _remark()):
        its.name = style_name(its.name)
        book.add_named_style(its)


def _figures() -> list[NamedStyle]:
    return [
        NamedStyle(
            name,
            number_format=number_format,
            font=style._font(),
            border=_UNDER,
            alignment=Alignment(horizontal="right", vertical="center"),
        )
        for name, number_format in _FIGURES.items()
    ]


def _tile() -> NamedStyle:
    return NamedStyle(
        "tile fine",
        number_format="0.00%",
        font=style._font(18, style.NAVY, bold=True),
        fill=PatternFill("solid", fgColor=style.PALE),
        alignment=Alignment(horizontal="center", vertical="center"),
    )


def _remark() -> NamedStyle:
    return NamedStyle(
        "remark",
        font=style._font(9),
        border=_UNDER,
        alignment=Alignment(horizontal="left", vertical="center", indent=1),
    )


def section(sheet: Sheet, columns: Iterable[str], row: int, text: str) -> None:
    """A heading over some columns."""
    for at, column in enumerate(columns):
        sheet.put(f"{column}{row}", None if at else text, "section")
