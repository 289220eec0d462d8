"""The look of every workbook: palette, fonts, number formats and the named cell styles."""

from typing import Any, Final

from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Protection, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import NumberFormat
from openpyxl.workbook import Workbook

FONT: Final = "Calibri"  # LibreOffice draws it as Carlito, of the same widths

NAVY: Final = "1F3A5F"
STEEL: Final = "5B7089"
INK: Final = "1B2733"
GREY: Final = "6B7785"
LINE: Final = "D5DCE4"
PALE: Final = "F3F6F9"
WHITE: Final = "FFFFFF"
INPUT_INK: Final = "1C4FA1"  # what a person types is blue, as in financial models
INPUT_FILL: Final = "FFFCEB"
RED: Final = "C0392B"
AMBER: Final = "D99A1C"
GREEN: Final = "3E8E5A"

# Prices from 0.00001 to 100,000: more decimals where the price is small.
PRICE_FORMAT: Final = "[<0.1]0.0000000#;[<10]0.0000##;#,##0.00"
AT_PRICE_FORMAT: Final = '[<0.1]"at "0.0000000#;[<10]"at "0.0000##;"at "#,##0.00'
MONEY_FORMAT: Final = "#,##0.00"
AMOUNT_FORMAT: Final = "#,##0.00######"  # in coins too
SIZE_FORMAT: Final = "[>=1000]#,##0.########;General"
PERCENT_FORMAT: Final = "0.0%"
DATE_FORMAT: Final = "yyyy-mm-dd"
GENERAL: Final = "General"

_THIN: Final = Side(style="thin", color=LINE)
_BOX: Final = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_UNDER: Final = Border(bottom=_THIN)
_FLUSH: Final = Alignment(horizontal="left", vertical="center")
_HEAVY_UNDER: Final = Border(bottom=Side(style="medium", color=NAVY))

_INPUTS: Final = {
    "input text": ("@", "left"),
    "input choice": (GENERAL, "left"),
    "input number": (GENERAL, "right"),
    "input size": (SIZE_FORMAT, "right"),
    "input price": (PRICE_FORMAT, "right"),
    "input share": ("0%", "right"),
    "input date": (DATE_FORMAT, "center"),
}
_FIGURES: Final = {
    "text": (GENERAL, "left"),
    "label": (GENERAL, "center"),
    "number": (GENERAL, "right"),
    "size": (SIZE_FORMAT, "right"),
    "count": ("#,##0", "right"),
    "price": (PRICE_FORMAT, "right"),
    "money": (MONEY_FORMAT, "right"),
    "amount": (AMOUNT_FORMAT, "right"),
    "percent": (PERCENT_FORMAT, "right"),
    "multiple": ('0.00"x"', "right"),
    "date": (DATE_FORMAT, "center"),
}
_TILES: Final = {
    "tile money": ("#,##0", 20),
    "tile percent": ("0.0%", 20),
    "tile count": ("#,##0", 20),
}


def _fill(colour: str) -> PatternFill:
    return PatternFill("solid", fgColor=colour)


def _font(size: float = 10, colour: str = INK, *, bold: bool = False) -> Font:
    return Font(name=FONT, size=size, color=colour, bold=bold)


def _aligned(side: Any, *, wrap: bool = False) -> Alignment:
    # Text starts a little off the figures of the column before.
    indent = 1 if side == "left" else 0
    return Alignment(horizontal=side, vertical="center", wrap_text=wrap, indent=indent)


def style_name(look: str) -> str:
    """The named style of a look. Excel has a Title, a Note and a Percent of its own."""
    return f"Ringfence {look}"


def add_styles(book: Workbook) -> None:
    """Put the named styles into ``book``; cells take them by :func:`style_name`."""
    for style in (*_input_styles(), *_figure_styles(), *_heading_styles(), *_tile_styles()):
        style.name = style_name(style.name)
        book.add_named_style(style)


def _input_styles() -> list[NamedStyle]:
    return [
        NamedStyle(
            name,
            number_format=number_format,
            font=_font(colour=INPUT_INK),
            fill=_fill(INPUT_FILL),
            border=_BOX,
            alignment=_aligned(side),
            protection=Protection(locked=False),
        )
        for name, (number_format, side) in _INPUTS.items()
    ]


def _figure_styles() -> list[NamedStyle]:
    """Each with a line below it, and "bare" without."""
    return [
        NamedStyle(
            f"{name}{kind}",
            number_format=number_format,
            font=_font(),
            border=border,
            alignment=_aligned(side),
        )
        for name, (number_format, side) in _FIGURES.items()
        for kind, border in (("", _UNDER), (" bare", Border()))
    ] + [
        NamedStyle(
            f"long text{kind}",
            font=_font(),
            border=border,
            alignment=_aligned("left", wrap=True),
        )
        for kind, border in (("", _UNDER), (" bare", Border()))
    ]


def _heading_styles() -> list[NamedStyle]:
    return [
        NamedStyle("title", font=_font(18, NAVY, bold=True), alignment=_FLUSH),
        NamedStyle("subtitle", font=_font(10, GREY), alignment=_FLUSH),
        NamedStyle(
            "section",
            font=_font(11, NAVY, bold=True),
            border=_HEAVY_UNDER,
            alignment=_FLUSH,
        ),
        NamedStyle("caption", font=_font(9, GREY), alignment=_FLUSH),
        NamedStyle("caption right", font=_font(9, GREY), alignment=_aligned("right")),
        *(
            NamedStyle(
                f"{name}{suffix}",
                font=_font(10, WHITE, bold=True),
                fill=_fill(colour),
                alignment=_aligned(side),
            )
            for name, colour in (("column head", NAVY), ("column head optional", STEEL))
            for side, suffix in (("left", ""), ("right", " right"), ("center", " center"))
        ),
        NamedStyle("note", font=_font(), alignment=_aligned("left", wrap=True)),
        NamedStyle("note term", font=_font(bold=True), alignment=_aligned("left")),
        NamedStyle("warning", font=_font(10, RED, bold=True), alignment=_FLUSH),
    ]


def _tile_styles() -> list[NamedStyle]:
    fill = _fill(PALE)
    return [
        NamedStyle("tile label", font=_font(10, GREY), alignment=_aligned("center"), fill=fill),
        NamedStyle("tile text", font=_font(10, INK), alignment=_aligned("center"), fill=fill),
        NamedStyle(
            "tile price",
            font=_font(10, INK),
            number_format=AT_PRICE_FORMAT,
            alignment=_aligned("center"),
            fill=fill,
        ),
        *(
            NamedStyle(
                name,
                number_format=number_format,
                font=_font(size, NAVY, bold=True),
                alignment=_aligned("center"),
                fill=fill,
            )
            for name, (number_format, size) in _TILES.items()
        ),
    ]


# Label of a traffic light -> (text colour, fill). The label is always there: colour only helps.
LIGHT_COLOURS: Final = {
    "Liquidated": (WHITE, RED),
    "Red": ("A61B1B", "FADBD8"),
    "Amber": ("7A5200", "FDEBC8"),
    "Green": ("1E6B3A", "DDF1E4"),
    "Never": ("46525F", "E8ECF0"),
    "Error": (WHITE, "7D3C98"),
}


def fault_rule(condition: str) -> Rule:
    """A conditional format for text that says what is wrong."""
    look = DifferentialStyle(font=Font(color=LIGHT_COLOURS["Error"][1], bold=True))
    return Rule(type="expression", dxf=look, formula=[condition])


def alarm_rule(condition: str) -> Rule:
    """A conditional format for a figure that must not be overlooked."""
    return Rule(type="expression", dxf=DifferentialStyle(font=Font(color=RED)), formula=[condition])


LARGE_AND_WHOLE: Final = "AND(N({0})>=1000,N({0})=INT(N({0})))"


def whole_number_rule(condition: str) -> Rule:
    """A conditional format for large numbers without decimals: SIZE_FORMAT leaves them a point."""
    look = DifferentialStyle(numFmt=NumberFormat(numFmtId=3, formatCode="#,##0"))
    return Rule(type="expression", dxf=look, formula=[condition])


def row_line_rule(condition: str) -> Rule:
    """A conditional format that draws the line below a row where the formula holds."""
    return Rule(type="expression", dxf=DifferentialStyle(border=_UNDER), formula=[condition])


def light_rule(condition: str, label: str) -> Rule:
    """A conditional format that paints cells in the colours of ``label`` where it holds."""
    ink, fill = LIGHT_COLOURS[label]
    look = DifferentialStyle(
        font=Font(color=ink, bold=True),
        fill=PatternFill("solid", fgColor=fill, bgColor=fill),
        border=_UNDER,  # LibreOffice applies one rule a cell
    )
    return Rule(type="expression", dxf=look, formula=[condition])
