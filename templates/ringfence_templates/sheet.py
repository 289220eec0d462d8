"""A sheet under construction: each formula is declared once, together with its value."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import absolute_coordinate, quote_sheetname, range_boundaries
from openpyxl.workbook import Workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from ringfence_templates import hosts
from ringfence_templates.hosts import Host
from ringfence_templates.package import Stored, Value, package
from ringfence_templates.style import style_name
from ringfence_templates.text_safe import inert_text

Content = Value | date | None
_A4: Final = "9"


class Book:
    """A workbook under construction, and the values of its formula cells."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.workbook = Workbook()
        self.workbook.remove(self.workbook.worksheets[0])
        self._stored: dict[str, dict[str, Stored]] = {}

    def sheet(self, name: str, *, tab_colour: str) -> "Sheet":
        """A new sheet, the last one so far."""
        worksheet = self.workbook.create_sheet(name)
        worksheet.sheet_properties.tabColor = tab_colour
        worksheet.sheet_view.showGridLines = False
        self._stored[name] = {}
        return Sheet(worksheet, self.host, self._stored[name])

    def name(self, name: str, sheet: "Sheet", area: str) -> None:
        """Give a cell or a block of cells a name."""
        title = sheet.worksheet.title
        where = title if title.isalnum() else quote_sheetname(title)
        its = f"{where}!{absolute_coordinate(area)}"
        self.workbook.defined_names[name] = DefinedName(name, attr_text=its)

    def package(self, day: date) -> bytes:
        """The finished file. Raises AssertionError where a formula has no value."""
        return package(self.workbook, self._stored, datetime(day.year, day.month, day.day))


class Sheet:
    """Cells of one sheet by address."""

    def __init__(self, worksheet: Worksheet, host: Host, stored: dict[str, Stored]) -> None:
        self.worksheet, self._host, self._stored = worksheet, host, stored

    def put(self, at: str, content: Content, style: str) -> None:
        """A constant: a number, a day, or text that stays text whatever it says."""
        cell = self.worksheet[at]
        cell.style = style_name(style)
        if isinstance(content, str):
            inert_text(cell, content)
        elif content is not None:
            number_format = cell.number_format
            cell.value = content
            cell.number_format = number_format  # openpyxl sets its own for a day

    def formula(self, at: str, text: str, value: Value, style: str) -> None:
        """A formula for one cell, and the value it has."""
        self.array(at, text, [[value]], style) if hosts.is_dynamic(text, self._host) else (
            self._plain(at, text, value, style)
        )

    def _plain(self, at: str, text: str, value: Value, style: str) -> None:
        cell = self.worksheet[at]
        cell.style = style_name(style)
        cell.value = hosts.stored(text, self._host)
        self._stored[at] = Stored(value)

    def array(self, area: str, text: str, values: Sequence[Sequence[Value]], style: str) -> None:
        """One formula for a block of cells, and the values it has."""
        left, top, right, bottom = _corners(area)
        if len(values) != bottom - top + 1 or {len(row) for row in values} != {right - left + 1}:
            raise AssertionError(f"{area}: values of another shape")
        dynamic = hosts.is_dynamic(text, self._host)
        for y, row in enumerate(values):
            for x, value in enumerate(row):
                at = f"{get_column_letter(left + x)}{top + y}"
                self.worksheet[at].style = style_name(style)
                self._stored[at] = Stored(value, dynamic)
        first = f"{get_column_letter(left)}{top}"
        self.worksheet[first].value = ArrayFormula(area, hosts.stored(text, self._host))

    def restyle(self, area: str, style: str) -> None:
        """Another look for cells that are there."""
        for row in self.worksheet[area]:
            for cell in row:
                cell.style = style_name(style)

    def widths(self, **by_column: float) -> None:
        for column, width in by_column.items():
            self.worksheet.column_dimensions[column].width = width

    def print_set_up(
        self, area: str | None, *, repeat_rows: str = "", one_page: bool = False
    ) -> None:
        """A4 landscape, as wide as the page, the sheet's name and page numbers at the foot."""
        sheet = self.worksheet
        if area:
            sheet.print_area = area
        if repeat_rows:
            sheet.print_title_rows = repeat_rows
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.paperSize = _A4
        sheet.page_setup.fitToWidth = 1
        sheet.page_setup.fitToHeight = 1 if one_page else 0
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        sheet.page_margins.left = sheet.page_margins.right = 0.4
        sheet.page_margins.top, sheet.page_margins.bottom = 0.5, 0.6
        sheet.page_margins.header = sheet.page_margins.footer = 0.3
        sheet.print_options.horizontalCentered = True
        sheet.HeaderFooter.oddFooter = HeaderFooterItem(
            left=_HeaderFooterPart(text="&A", size=8),
            center=_HeaderFooterPart(text="Page &P of &N", size=8),
            right=_HeaderFooterPart(text="Ringfence", size=8),
        )


def _corners(area: str) -> tuple[int, int, int, int]:
    """First column, first row, last column, last row."""
    left, top, right, bottom = range_boundaries(area)
    if left is None or top is None or right is None or bottom is None:
        raise AssertionError(f"{area}: not a block of cells")
    return left, top, right, bottom
