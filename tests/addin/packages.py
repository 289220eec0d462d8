"""Workbooks made of parts, as no spreadsheet would save them."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
FIXTURES = Path(__file__).parent / "fixtures"


def unpacked(form: str) -> dict[str, bytes]:
    """The parts of a fixture: lite or plain."""
    folder = FIXTURES / form
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def packed(path: Path, parts: Mapping[str, bytes | str]) -> Path:
    """The parts as a workbook."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def of_rows(path: Path, rows: str, **more: bytes | str) -> Path:
    """A workbook of one sheet with these rows as XML; ``more`` has parts in place of others."""
    parts: dict[str, bytes | str] = {
        name: content
        for name, content in unpacked("plain").items()
        if "table" not in name and "sheet1" not in name
    }
    parts["xl/worksheets/sheet1.xml"] = (
        f'<worksheet xmlns="{MAIN}"><dimension ref="A1:XFD1048576"/>'
        f"<sheetData>{rows}</sheetData></worksheet>"
    )
    return packed(path, {**parts, **more})
