"""A workbook's package as bytes: its parts, the cells of a sheet, and changes in place.

What is not changed stays byte for byte: nothing is parsed into a tree and written out again. So
styles, charts, comments, custom XML and whatever Excel adds next year survive an edit.

    package = read_package(path)
    for sheet, part in sheet_parts(package).items():
        xml = package.parts[part]
        edits = (value_edits(xml, cell, 1.0) for cell in cells(xml) if cell.formula)
        package.parts[part] = splice(xml, itertools.chain.from_iterable(edits))
    write_package(package, path)

To change something else of a cell make an Edit of its spans (Cell.formula.span, Cell.tag, ...);
``attribute_edit`` sets or removes one attribute of a tag.
"""

import posixpath
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from openpyxl.utils.cell import coordinate_to_tuple, get_column_letter

from ringfence_addin.workbook.gate import WorkbookProblem, look_through
from ringfence_templates.files import replacing


class ErrorText(str):
    """An error as a cell's value, such as "#N/A"; a plain text that reads so stays text."""

    __slots__ = ()


Value = float | str | bool  # an ErrorText is a str

_ZIP_DATE: Final = (1980, 1, 1, 0, 0, 0)  # of a part that the package did not have

# Excel writes the first; the second is the same in the standard's "strict" dress.
_SHEET_NAMESPACES: Final = frozenset(
    {
        "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        "http://purl.oclc.org/ooxml/spreadsheetml/main",
    }
)
_RELATION: Final = re.compile(
    r"http://(?:schemas\.openxmlformats\.org|purl\.oclc\.org/ooxml)/officeDocument/"
    r"(?:2006/)?relationships[/ ](?P<name>\w+)"
)
_PIECE: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Package:
    """A file's parts by name, in the file's order; ``name`` is the file's, for messages.

    Change or add ``parts``; ``entries`` says how each that was read lay in the zip.
    """

    name: str
    parts: dict[str, bytes]
    entries: Mapping[str, zipfile.ZipInfo]


class Span(NamedTuple):
    """Bytes ``start`` to ``end`` of a part."""

    start: int
    end: int


class Edit(NamedTuple):
    """``new`` in place of the bytes from ``start`` to ``end``; an insertion where both are one."""

    start: int
    end: int
    new: bytes


@dataclass(frozen=True, slots=True)
class Formula:
    """The formula element of a cell. Spans: the whole element, and its start tag.

    ``text`` is without "=", and empty where a shared formula stands in another cell;
    ``attributes`` as in the file: t (array, shared, dataTable), ref, si, ...
    """

    text: str
    attributes: Mapping[str, str]
    span: Span
    tag: Span


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell element. Spans: the whole element, its start tag, its value element where it has one.

    ``attributes`` as in the file: r, s, t (n where there is none, str, s, b, e, inlineStr, d), cm;
    ``value`` is the text of the value element, so an index into the shared strings for t="s".
    """

    address: str  # as "B2", also where the file leaves it to be counted
    attributes: Mapping[str, str]
    formula: Formula | None
    value: str | None
    span: Span
    tag: Span
    value_span: Span | None
    inline_span: Span | None  # an inline string


def read_package(path: Path) -> Package:
    """All parts of a workbook. Raises WorkbookProblem, before anything large is kept; OSError."""
    look_through(path)
    with zipfile.ZipFile(path) as archive:
        entries = {entry.filename: entry for entry in archive.infolist()}
        return Package(path.name, {name: archive.read(name) for name in entries}, entries)


def write_package(package: Package, destination: Path) -> None:
    """The parts in their order, packed as they were; the old file stays if anything fails.

    The same parts give the same bytes. Raises OSError.
    """
    with replacing(destination) as beside, zipfile.ZipFile(beside, "w") as archive:
        for name, content in package.parts.items():
            archive.writestr(_entry(name, package.entries.get(name)), content)


def _entry(name: str, read: zipfile.ZipInfo | None) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, read.date_time if read else _ZIP_DATE)
    entry.compress_type = read.compress_type if read else zipfile.ZIP_DEFLATED
    entry.create_system = read.create_system if read else 3
    entry.external_attr = read.external_attr if read else 0o600 << 16
    return entry


def sheet_parts(package: Package) -> dict[str, str]:
    """Names of the worksheets, in their order, and their parts. Chart sheets have no cells.

    Raises WorkbookProblem where the parts do not make a workbook.
    """
    book = next(
        (to for kind, to in _relations(package, "").values() if kind == "officeDocument"), ""
    )
    relations = _relations(package, book)
    found = {}
    for name, its in _elements(package, book):
        if name == "sheet":
            ids = [value for key, value in its.items() if _RELATION.fullmatch(key)]
            kind, part = relations.get(ids[0] if ids else "", ("", ""))
            if kind == "worksheet":
                found[its.get("name", "")] = _known(package, part)
    return found


def _relations(package: Package, part: str) -> dict[str, tuple[str, str]]:
    """The relations of a part ("": of the package): identifier -> (kind, part)."""
    folder, _, name = part.rpartition("/")
    relations = {}
    for _, its in _elements(package, posixpath.join(folder, f"_rels/{name}.rels")):
        kind = _RELATION.fullmatch(its.get("Type", ""))
        if kind and its.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, its.get("Target", "")))
            relations[its.get("Id", "")] = kind["name"], target.lstrip("/")
    return relations


def _known(package: Package, part: str) -> str:
    if part not in package.parts:
        raise WorkbookProblem(f"{package.name}: is not a workbook: it has no part {part[:80]!r}")
    return part


def _elements(package: Package, part: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The elements of a small part, names without their namespace, and their attributes."""
    found: list[tuple[str, dict[str, str]]] = []
    parser = _parser()
    parser.StartElementHandler = lambda name, its: found.append((name.rpartition(" ")[2], its))
    try:
        parser.Parse(package.parts[_known(package, part)], True)
    except expat.ExpatError as error:
        raise WorkbookProblem(f"{package.name}: is not a workbook: {part}: {error}") from None
    yield from found


def cells(part: bytes) -> Iterator[Cell]:
    """The cells of a worksheet part, in its order.

    Raises WorkbookProblem where they cannot be told: not UTF-8, or no XML.
    """
    reader = _CellReader(part)
    for start in range(0, len(part), _PIECE):
        reader.feed(part[start : start + _PIECE], last=start + _PIECE >= len(part))
        yield from reader.found
        reader.found.clear()


class _CellReader:
    """Collects the cells of a part as it is fed."""

    def __init__(self, part: bytes) -> None:
        if part.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise WorkbookProblem("a sheet is not stored as UTF-8; save the workbook once in Excel")
        self.found: list[Cell] = []
        self._part = part
        self._path: list[str] = []
        self._row = self._column = 0
        self._text: list[str] | None = None  # of the element that is open, where it is wanted
        self._its: dict[str, str] = {}
        self._starts: dict[str, tuple[Span, dict[str, str]]] = {}  # of the open c, f, v, is
        self._spans: dict[str, Span] = {}
        self._texts: dict[str, str] = {}
        self._parser = _parser()
        self._parser.XmlDeclHandler = self._declared
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters

    def feed(self, piece: bytes, *, last: bool) -> None:
        try:
            self._parser.Parse(piece, last)
        except expat.ExpatError as error:
            raise WorkbookProblem(f"a sheet is not XML: {error}") from None

    def _declared(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding and encoding.upper() not in ("UTF-8", "US-ASCII"):
            raise WorkbookProblem(
                f"a sheet is stored as {encoding[:40]!r}; save the workbook once in Excel"
            )

    def _start(self, name: str, its: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(" ")
        self._path.append(local if namespace in _SHEET_NAMESPACES else name)
        depth, place = len(self._path), self._path
        if depth == 3 and place[1] == "sheetData" and place[2] == "row":
            row = its.get("r", "")
            self._row = int(row) if row.isdecimal() and len(row) < 8 else self._row + 1
            self._column = 0
        elif depth == 4 and place[1] == "sheetData" and place[3] == "c":
            self._starts = {"c": (self._tag(), its)}
            self._spans, self._texts = {}, {}
        elif depth == 5 and place[3] == "c" and place[4] in ("f", "v", "is"):
            self._starts[place[4]] = self._tag(), its
            self._text = []

    def _end(self, name: str) -> None:
        place, depth = self._path, len(self._path)
        if depth == 5 and place[3] == "c" and place[4] in self._starts:
            tag, _ = self._starts[place[4]]
            self._spans[place[4]] = self._whole(tag)
            self._texts[place[4]] = "".join(self._text or ())
            self._text = None
        elif depth == 4 and place[3] == "c" and self._starts:
            self.found.append(self._cell())
            self._starts = {}
        self._path.pop()

    def _characters(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def _cell(self) -> Cell:
        tag, its = self._starts["c"]
        address = its.get("r")
        if address:
            try:
                self._column = coordinate_to_tuple(address)[1]
            except ValueError:
                raise WorkbookProblem(f"a sheet has a cell at {address[:20]!r}") from None
        else:
            self._column += 1
            address = f"{get_column_letter(self._column)}{self._row}"
        formula = None
        if "f" in self._spans:
            formula_tag, attributes = self._starts["f"]
            formula = Formula(self._texts["f"], attributes, self._spans["f"], formula_tag)
        return Cell(
            address=address,
            attributes=its,
            formula=formula,
            value=self._texts.get("v"),
            span=self._whole(tag),
            tag=tag,
            value_span=self._spans.get("v"),
            inline_span=self._spans.get("is"),
        )

    def _tag(self) -> Span:
        start = self._parser.CurrentByteIndex
        return Span(start, _TAG.match(self._part, start).end())  # type: ignore[union-attr]

    def _whole(self, tag: Span) -> Span:
        """The element whose start tag this is; its end is what the parser stands at."""
        if self._part[tag.end - 2 : tag.end] == b"/>":
            return tag
        return Span(tag.start, self._part.index(b">", self._parser.CurrentByteIndex) + 1)


# The parser has found the tag well-formed; only a quoted value may hold a ">".
_TAG: Final = re.compile(rb"<(?:[^>\"']|\"[^\"]*\"|'[^']*')*>")
_NAME: Final = re.compile(rb"<([^\s/>]+)")
_ATTRIBUTE: Final = re.compile(rb"\s+([^\s=]+)\s*=\s*(?:\"[^\"]*\"|'[^']*')")


def _parser() -> expat.XMLParserType:
    """One that knows namespaces, as "uri name", and neither document types nor entities."""

    def doctype(*_: object) -> None:
        raise WorkbookProblem("a part declares a document type (entities); not opened")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = doctype
    parser.buffer_text = True
    return parser


def splice(part: bytes, edits: Iterable[Edit]) -> bytes:
    """``part`` with the edits made. Raises ValueError where two of them overlap."""
    pieces, at = [], 0
    for start, end, new in sorted(edits, key=lambda edit: edit[:2]):
        if start < at:
            raise ValueError(f"two edits overlap at byte {start}")
        pieces += [part[at:start], new]
        at = end
    return b"".join([*pieces, part[at:]])


def value_edits(part: bytes, cell: Cell, value: Value) -> list[Edit]:
    """What gives ``cell`` this value; nothing where it has it. The formula stays as it is."""
    kind, text = _written(value)
    old = cell.attributes.get("t", "n")
    if cell.value is not None and old == kind and _same(kind, cell.value, text):
        return []
    edits = []
    if old != kind:
        edits.append(attribute_edit(part, cell.tag, "t", None if kind == "n" else kind))
    if cell.inline_span:
        edits.append(Edit(*cell.inline_span, b""))
    prefix = _NAME.match(part, cell.tag.start)[1].rpartition(b":")  # type: ignore[index]
    tag = (prefix[0] + prefix[1] + b"v").decode()
    element = f"<{tag}>{escape(text)}</{tag}>".encode()
    if cell.value_span:
        edits.append(Edit(*cell.value_span, element))
    elif cell.span == cell.tag:  # <c/>
        end = f"</{(prefix[0] + prefix[1]).decode()}c>".encode()
        edits.append(Edit(cell.tag.end - 2, cell.tag.end, b">" + element + end))
    else:
        at = cell.formula.span.end if cell.formula else cell.tag.end
        edits.append(Edit(at, at, element))
    return edits


def attribute_edit(part: bytes, tag: Span, name: str, value: str | None) -> Edit:
    """Sets an attribute of a start tag, or removes it (None)."""
    new = b"" if value is None else f" {name}={quoteattr(value)}".encode()
    at = _NAME.match(part, tag.start).end()  # type: ignore[union-attr]
    while attribute := _ATTRIBUTE.match(part, at, tag.end):
        if attribute[1] == name.encode():
            return Edit(attribute.start(), attribute.end(), new)
        at = attribute.end()
    return Edit(at, at, new)


def _written(value: Value) -> tuple[str, str]:
    """The type attribute ("n" where none is written) and the text of a value."""
    if isinstance(value, bool):
        return "b", str(int(value))
    if isinstance(value, str):
        return "e" if isinstance(value, ErrorText) else "str", _x_escaped(value)
    number = float(value) + 0.0  # no -0.0
    return "n", str(int(number)) if number.is_integer() and abs(number) < 2**53 else repr(number)


def _same(kind: str, old: str, new: str) -> bool:
    """Whether two texts of one type are one value: 1E-05 is 1e-05."""
    if kind != "n":
        return old == new
    try:
        return float(old) == float(new)
    except ValueError:
        return False


# How a workbook holds characters that XML cannot, and texts that look as if they were such.
_UNFIT: Final = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


def _x_escaped(text: str) -> str:
    return _UNFIT.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
