"""What every workbook of ours has in common, and how it reaches the disk."""

import os
from datetime import date
from pathlib import Path
from typing import Final

from openpyxl.workbook.properties import CalcProperties

from ringfence.errors import InputError
from ringfence_templates.files import replacing
from ringfence_templates.hosts import Host
from ringfence_templates.sheet import Book

# What Excel of 2019 and later writes: it then shows the stored values and does not compute them
# anew on opening, which would lose them where Ringfence is not loaded.
_CALCULATED_BY: Final = 191029


def host_named(name: Host | str) -> Host:
    """The host of that name. Raises InputError."""
    if name not in tuple(Host):
        raise InputError("host", f"{name!r} is not one of {', '.join(Host)}")
    return Host(name)


def finished(book: Book, *, title: str, active: str, filled_on: date) -> bytes:
    """The file's bytes; ``active`` is the sheet it opens with."""
    workbook = book.workbook
    workbook.active = workbook.sheetnames.index(active)
    workbook.properties.creator = "Ringfence"
    workbook.properties.title = title
    workbook.calculation = CalcProperties(calcId=_CALCULATED_BY, fullCalcOnLoad=False)
    return book.package(filled_on)


def write(content: bytes, path: str | os.PathLike[str]) -> None:
    """Put the file in its place. Raises OSError; the old file then stays as it was."""
    with replacing(Path(path)) as beside:
        beside.write_bytes(content)
