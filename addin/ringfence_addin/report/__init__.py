"""A report on a table of positions: one page for people, as HTML, PDF or values-only XLSX.

report = build(positions, as_of=date(2026, 11, 23), title="Book", source_name="book.csv")
write(report, "book.html")
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from ringfence.errors import InputError
from ringfence_addin.report.model import Report, build
from ringfence_templates.files import replacing

__all__ = ["SUFFIXES", "Report", "build", "render", "write"]

SUFFIXES: Final = (".html", ".pdf", ".xlsx")


def render(report: Report, suffix: str) -> bytes:
    """The report as a file's bytes. Raises InputError for a suffix that is not offered."""
    return _renderer(suffix)(report)


def write(report: Report, path: str | os.PathLike[str]) -> None:
    """Write the report; the suffix chooses the kind. On an error the old file stays as it was."""
    target = Path(path)
    content = render(report, target.suffix)
    with replacing(target) as beside:
        beside.write_bytes(content)


def _renderer(suffix: str) -> Callable[[Report], bytes]:
    # Each brings its own library; one is loaded at a time, and none where only `build` is wanted.
    match suffix.lower():
        case ".html" | ".htm":
            from ringfence_addin.report import html

            return html.render
        case ".pdf":
            from ringfence_addin.report import pdf

            return pdf.render
        case ".xlsx":
            from ringfence_addin.report import xlsx

            return xlsx.render
    raise InputError("output", f"{suffix or 'no suffix'} is not one of {', '.join(SUFFIXES)}")
