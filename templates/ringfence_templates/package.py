"""The finished file: openpyxl's package, with what openpyxl cannot write put in.

That is the value of each formula cell (viewers, phones and Excel's Protected View show no other),
Excel's mark for dynamic arrays, and a package whose bytes depend on its content only.
"""

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from xml.sax.saxutils import escape

from openpyxl.workbook import Workbook

from ringfence_templates.text_safe import clean_text

Value = str | float | bool


@dataclass(frozen=True, slots=True)
class Stored:
    """What a formula cell shows until it is calculated. ``dynamic``: Excel's array mark."""

    value: Value
    dynamic: bool = False


_ERRORS: Final = frozenset({"#N/A", "#VALUE!", "#NUM!", "#REF!", "#NAME?", "#DIV/0!"})
_ZIP_DATE: Final = (1980, 1, 1, 0, 0, 0)

# A cell without a value as openpyxl writes it, alone or with lxml (then attributes change places).
_CELL: Final = re.compile(
    r"<c(?P<attributes>(?: [a-z]+=\"[^\"]*\")*) ?"
    r"(?:/>|></c>|>(?P<formula><f[^>]*>[^<]*</f>)<v(?: ?/>|></v>)</c>)"
)
_ADDRESS: Final = re.compile(r' r="([A-Z]+[0-9]+)"')
_STYLE: Final = re.compile(r' s="[0-9]+"')
_MODIFIED: Final = re.compile(r"(<dcterms:modified[^>]*>)[^<]*")

METADATA_PART: Final = "xl/metadata.xml"
METADATA: Final = """\
<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<metadata xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" \
xmlns:xda="http://schemas.microsoft.com/office/spreadsheetml/2017/dynamicarray">\
<metadataTypes count="1"><metadataType name="XLDAPR" minSupportedVersion="120000" copy="1" \
pasteAll="1" pasteValues="1" merge="1" splitFirst="1" rowColShift="1" clearFormats="1" \
clearComments="1" assign="1" coerce="1" cellMeta="1"/></metadataTypes>\
<futureMetadata name="XLDAPR" count="1"><bk><extLst>\
<ext uri="{bdbb8cdc-fa1e-496e-a857-3c3f30c029c3}">\
<xda:dynamicArrayProperties fDynamic="1" fCollapsed="0"/></ext></extLst></bk></futureMetadata>\
<cellMetadata count="1"><bk><rc t="1" v="0"/></bk></cellMetadata></metadata>"""
METADATA_TYPE: Final = (
    '<Override PartName="/xl/metadata.xml" ContentType="application/'
    'vnd.openxmlformats-officedocument.spreadsheetml.sheetMetadata+xml" /></Types>'
)
METADATA_RELATION: Final = (
    '<Relationship Id="rIdMetadata" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/sheetMetadata" Target="metadata.xml" /></Relationships>'
)


def package(book: Workbook, stored: Mapping[str, Mapping[str, Stored]], day: datetime) -> bytes:
    """``book`` as a file in which the cells of ``stored`` (sheet -> address) carry their values."""
    book.properties.created = day
    raw = io.BytesIO()
    book.save(raw)
    parts = _read(raw)
    for number, name in enumerate(book.sheetnames, 1):
        part = f"xl/worksheets/sheet{number}.xml"
        parts[part] = _with_values(parts[part], stored.get(name, {}))
    parts["docProps/core.xml"] = _MODIFIED.sub(
        rf"\g<1>{day:%Y-%m-%dT%H:%M:%SZ}", parts["docProps/core.xml"]
    )
    if any(cell.dynamic for cells in stored.values() for cell in cells.values()):
        _add_metadata(parts)
    return _zip(parts)


def _read(raw: io.BytesIO) -> dict[str, str]:
    """The parts, all of them XML."""
    with zipfile.ZipFile(raw) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def _with_values(xml: str, cells: Mapping[str, Stored]) -> str:
    """Each cell of ``cells`` with its value. Every formula must have one, or the build is wrong."""
    done: set[str] = set()

    def put(match: re.Match[str]) -> str:
        attributes, formula = match["attributes"], match["formula"] or ""
        address = _ADDRESS.search(attributes)
        at = address[1] if address else ""
        if at not in cells:
            if formula:
                raise AssertionError(f"{at}: a formula without a value")
            return match[0]
        done.add(at)
        style, cell = _STYLE.search(attributes), cells[at]
        mark = ' cm="1"' if cell.dynamic and formula else ""
        kind, text = _written(cell.value)
        return f'<c r="{at}"{style[0] if style else ""}{kind}{mark}>{formula}<v>{text}</v></c>'

    xml = _CELL.sub(put, xml)
    if left := cells.keys() - done:
        raise AssertionError(f"{sorted(left)[:5]}: a value without a cell")
    return xml


def _written(value: Value) -> tuple[str, str]:
    """Type attribute and text of a value."""
    if isinstance(value, bool):
        return ' t="b"', str(int(value))
    if isinstance(value, str):
        kind = "e" if value in _ERRORS else "str"
        return f' t="{kind}"', escape(clean_text(str(value)))
    return "", repr(value) if isinstance(value, int) else repr(float(value))


def _add_metadata(parts: dict[str, str]) -> None:
    parts[METADATA_PART] = METADATA
    for name, end, added in (
        ("[Content_Types].xml", "</Types>", METADATA_TYPE),
        ("xl/_rels/workbook.xml.rels", "</Relationships>", METADATA_RELATION),
    ):
        parts[name] = parts[name].replace(end, added)


def _zip(parts: Mapping[str, str]) -> bytes:
    """The parts in their order, without clock or system in the bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, _ZIP_DATE)
            entry.create_system = 3
            entry.external_attr = 0o600 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content.encode())
    return out.getvalue()
