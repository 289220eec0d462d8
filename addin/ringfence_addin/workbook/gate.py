"""Whether a workbook may be opened: its parts are looked through before anything keeps them.

A workbook is a zip of XML, and both can be made to unfold without end. Each part is read once, in
small pieces, and refused where it would cost whoever loads it afterwards more than a workbook of
that size may: too much text, too many elements, entities. Nothing here runs or follows what a
workbook refers to (macros, external links, DDE); no other reader of ours does.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final
from xml.parsers import expat

from ringfence.errors import RingfenceError

MAX_BYTES: Final = 512 * 1024**2  # of all parts, unpacked
MAX_PARTS: Final = 10_000
_MAX_XML_BYTES: Final = 256 * 1024**2  # of one part that is XML
# Elements that are in memory at once when a part is loaded; of most of them openpyxl makes an
# object of about a thousand bytes.
_MAX_ELEMENTS: Final = 1_500_000
_MAX_OBJECTS: Final = 250_000
_SMALL: Final = frozenset(
    {"row", "si", "r", "s", "n", "x", "d", "m", "b", "e", "v", "pt"}  # sheets, pivots, charts
)
# Root of a part -> its elements that are let go as soon as they are read
_LET_GO: Final = {"worksheet": "row", "sst": "si"}
# Parts that are loaded whole, whatever they hold
_WHOLE: Final = re.compile(
    r"\[Content_Types\]\.xml|.*\.rels|docProps/.*|xl/theme/.*|xl/styles\.xml"
)
_MAX_IN_ROW: Final = 8 * 16_384  # columns of a sheet
_MAX_RUN: Final = 4 * 1024**2  # bytes between two tags: texts of a cell have 32,767 characters
_MAX_DEPTH: Final = 200
_MAX_VALUELESS: Final = 100_000
_PIECE: Final = 64 * 1024

_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_XML_STARTS: Final = (b"<", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\0<")


class WorkbookProblem(RingfenceError):  # noqa: N818 - it reads as the message does
    """A workbook cannot be used; the message is one line that says what to change."""


def look_through(path: Path) -> dict[str, set[str]]:
    """Read each part once: part -> addresses of its formulas that hold no value (100,000 at most).

    Raises WorkbookProblem for what cannot or must not be loaded.
    """
    looks = {}
    with _opened(path) as archive:
        for entry in archive.infolist():
            with archive.open(entry) as part:
                looks[entry.filename] = _look_at(part, entry, path.name)
    for main in (main for look in looks.values() for main in look.mains):
        if main in looks and looks[main].let_go:  # it is loaded whole
            raise WorkbookProblem(f"{path.name}: {main} is no workbook; not opened")
    return {name: look.valueless for name, look in looks.items()}


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The zip, its list of parts checked."""
    with path.open("rb") as file:
        if file.read(len(_OLE)) == _OLE:
            raise WorkbookProblem(
                f"{path.name}: is encrypted, or an old .xls; save it as .xlsx without a password"
            )
    try:
        with zipfile.ZipFile(path) as archive:
            _check_list(archive.infolist(), path.name)
            yield archive
    except WorkbookProblem:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        raise WorkbookProblem(f"{path.name}: is not an .xlsx workbook ({_first(error)})") from None


def _check_list(entries: list[zipfile.ZipInfo], name: str) -> None:
    if len(entries) > MAX_PARTS or sum(entry.file_size for entry in entries) > MAX_BYTES:
        raise WorkbookProblem(f"{name}: unpacks to more than a workbook may hold; not opened")
    names = [entry.filename for entry in entries]
    if len({part.casefold() for part in names}) < len(names):
        raise WorkbookProblem(f"{name}: holds one part twice; not opened")
    for part in names:
        if part.startswith("/") or ".." in part.split("/") or "\\" in part or ":" in part:
            raise WorkbookProblem(f"{name}: {part[:80]!r} is no part of a workbook; not opened")
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise WorkbookProblem(f"{name}: is encrypted; save it without a password")


def _look_at(part: IO[bytes], entry: zipfile.ZipInfo, book: str) -> "_Look":
    declared = entry.filename.lower().endswith((".xml", ".rels"))
    look = _Look(book, entry.filename, declared=declared)
    piece = part.read(_PIECE)
    if not declared and not piece.lstrip().startswith(_XML_STARTS):
        while part.read(_PIECE):  # to its end, where its checksum is compared
            pass
        return look
    if entry.file_size > _MAX_XML_BYTES:
        raise WorkbookProblem(
            f"{book}: {entry.filename} has {entry.file_size:,} bytes,"
            f" more than {_MAX_XML_BYTES:,}; not opened"
        )
    try:
        while piece:
            look.feed(piece)
            piece = part.read(_PIECE)
        look.feed(b"", last=True)
    except (expat.ExpatError, LookupError) as error:  # LookupError: of the encoding
        if declared:  # Excel's old drawings (.vml) are often not well-formed
            raise WorkbookProblem(
                f"{book}: is not a workbook: {entry.filename}: {_first(error)}"
            ) from None
    return look


class _Look:
    """One part under an XML parser that builds nothing."""

    def __init__(self, book: str, name: str, *, declared: bool) -> None:
        self.valueless: set[str] = set()
        self.mains: list[str] = []  # the parts that a list of types calls the workbook
        self.let_go = ""  # the elements that are let go when they are read
        self._declared = declared
        self._what, self._whole = f"{book}: {name}", _WHOLE.fullmatch(name) is not None
        self._fed = self._at = self._depth = self._elements = self._objects = 0
        self._before: tuple[int, int] | None = None  # elements, objects before one to be let go
        self._cell = ""  # address of the cell that is open, where it can lack a value
        self._formula = self._value = False
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._doctype

    def feed(self, piece: bytes, *, last: bool = False) -> None:
        self._fed += len(piece)
        self._parser.Parse(piece, last)
        self._check_run(self._fed)

    def _refuse(self, why: str) -> WorkbookProblem:
        return WorkbookProblem(f"{self._what} {why}; not opened")

    def _doctype(self, *_: object) -> None:
        if not self._declared:  # a picture (.svg) may have one, and nobody loads it here
            raise expat.ExpatError("a document type")
        raise self._refuse("declares a document type (entities)")

    def _check_run(self, at: int) -> None:
        if at - self._at > _MAX_RUN:
            raise self._refuse(f"has more than {_MAX_RUN:,} bytes in one text")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        at = self._parser.CurrentByteIndex
        self._check_run(at)
        self._at = at
        self._depth += 1
        self._elements += 1
        tag = tag[tag.rfind(" ") + 1 :]
        if self._depth > _MAX_DEPTH:
            raise self._refuse(f"is nested more than {_MAX_DEPTH} deep")
        if self._before is not None:
            if self._elements - self._before[0] > _MAX_IN_ROW:
                raise self._refuse(f"has more than {_MAX_IN_ROW:,} elements in one row")
        elif tag == self.let_go:
            self._before = self._elements, self._objects
        elif tag not in _SMALL:
            self._objects += 1
        if self._elements > _MAX_ELEMENTS or self._objects > _MAX_OBJECTS:
            raise self._refuse("has more elements than a workbook may hold")
        if tag == "c":
            typed = attributes.get("t") == "str"  # a text that may be empty
            self._cell = "" if typed else attributes.get("r", "")
            self._formula = self._value = False
        elif tag == "f":
            self._formula = True
        elif tag == "v" and self._formula:
            self._parser.CharacterDataHandler = self._text
        elif self._depth == 1 and not self._whole:
            self.let_go = _LET_GO.get(tag, "")
        elif tag == "Override" and attributes.get("ContentType", "").endswith(".main+xml"):
            self.mains.append(attributes.get("PartName", "").lstrip("/"))

    def _text(self, _: str) -> None:
        """Only asked for in the value of a formula."""
        self._value = True

    def _end(self, tag: str) -> None:
        at = self._parser.CurrentByteIndex
        self._check_run(at)
        self._at = at
        self._depth -= 1
        tag = tag[tag.rfind(" ") + 1 :]
        if tag == "v":
            self._parser.CharacterDataHandler = None
        elif tag == "c":
            lacks = self._cell and self._formula and not self._value
            if lacks and len(self.valueless) < _MAX_VALUELESS:
                self.valueless.add(self._cell)
        elif tag == self.let_go and self._before is not None:
            self._elements, self._objects = self._before
            self._before = None


def _first(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120]
