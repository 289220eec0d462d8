"""A workbook's formulas of ours from the stored form of one host to another's.

Only what a host stores differently is changed, in place: the names of our functions, Excel's mark
of a dynamic array, and the sentence in our own notes that names the host. The rest of the file
stays byte for byte. What each host wants is said in :mod:`ringfence_templates.hosts`.

A cell of one formula is a dynamic array in xlwings Lite and a plain cell elsewhere; a block of
cells is an array everywhere. Where the two would compute something else, since the formula
computes with ranges (see :mod:`.plain`), the one cell stays what it is: an array or plain.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Final
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from ringfence_addin.functions import FORMULAS
from ringfence_addin.workbook import dynamic
from ringfence_addin.workbook.gate import WorkbookProblem
from ringfence_addin.workbook.parts import (
    Cell,
    Edit,
    Formula,
    Package,
    Span,
    attribute_edit,
    cells,
    sheet_parts,
    splice,
)
from ringfence_addin.workbook.plain import is_one_cell, may_be_plain
from ringfence_templates import hosts
from ringfence_templates.hosts import Host
from ringfence_templates.notes import RECALCULATE


@dataclass(slots=True)
class Converted:
    """What was changed.

    ``formulas`` in cells, by sheet; ``others`` outside cells: names, rules of validation and
    formatting, columns of tables; ``notes`` of ours that name the host.
    """

    formulas: dict[str, int] = field(default_factory=dict)
    others: int = 0
    notes: int = 0


# Formulas that do not stand in cells, by the root of their part. No text of theirs holds a "<".
_OUTSIDE_CELLS: Final = {
    "worksheet": re.compile(
        rb"<(?:(?:\w+:)?formula[12]?|xm:f)(?:\s[^<>]*)?>([^<]*[Rr][Ff]_[^<]*)</"
    ),
    "table": re.compile(
        rb"<(?:\w+:)?(?:calculatedColumnFormula|totalsRowFormula)(?:\s[^<>]*)?>([^<]*[Rr][Ff]_[^<]*)</"
    ),
    "workbook": re.compile(rb"<(?:\w+:)?definedName(?:\s[^<>]*)?>([^<]*[Rr][Ff]_[^<]*)</"),
}
_MAY_CALL: Final = re.compile(rb"[Rr][Ff]_")
_ROOT: Final = re.compile(rb"<(?:\w+:)?([A-Za-z]\w*)[\s/>]")
_HIDDEN: Final = re.compile(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>", re.DOTALL)
_CHARACTER: Final = re.compile(r"&[^;&]*;|.", re.DOTALL)
_FORMULA_TAG: Final = re.compile(rb"<[^\s/>]+(?P<aca>\s+aca\s*=\s*\"[^\"]*\")?")
_CELL_TAG: Final = re.compile(rb"<(?:\w+:)?c(?:\s+(?:r|s|t)\s*=\s*(?:\"[^\"]*\"|'[^']*'))*")
_MARKED: Final = re.compile(rb"<(?:\w+:)?c\s[^<>]*?\scm\s*=\s*[\"'](\d+)[\"']")
_CHAIN_PART: Final = "xl/calcChain.xml"
_CHAINED: Final = re.compile(rb"<c(\s[^<>]*)/>")
_ATTRIBUTE: Final = re.compile(rb"(\w+)\s*=\s*\"([^\"]*)\"")


def convert(package: Package, host: Host) -> Converted:
    """Give ``package`` the form that ``host`` stores. Changes its parts; says what it changed.

    Raises WorkbookProblem where the parts are not as a spreadsheet writes them.
    """
    try:
        return _converted(package, host)
    except WorkbookProblem:
        raise
    except ValueError as error:  # a number that is none, letters that are not UTF-8
        raise WorkbookProblem(
            f"{package.name}: is not as a spreadsheet writes it: {error}"
        ) from None


def _converted(package: Package, host: Host) -> Converted:
    done = Converted()
    sheets, single = sheet_parts(package), _names_of_one_cell(package)
    arrays: dict[str, dict[str, bool]] = {}  # sheet -> cell -> whether it became an array
    for name, part in sheets.items():
        if _MAY_CALL.search(package.parts[part]):
            formulas, arrays[name] = _convert_cells(package, part, host, single)
            if formulas:
                done.formulas[name] = formulas
    for part, xml in package.parts.items():
        package.parts[part] = _convert_rest(xml, host, done)
    _convert_chain(package, arrays)
    dynamic.drop_unused(package, _marks_used(package, sheets.values()))
    return done


def _convert_cells(
    package: Package, part: str, host: Host, single: Collection[str]
) -> tuple[int, dict[str, bool]]:
    """The formulas in the cells of a sheet: how many; cell -> whether it became an array."""
    xml, dynamic_marks = package.parts[part], dynamic.marks(package)
    edits: list[Edit] = []
    formulas, arrays, mark = 0, {}, ""
    shared: set[str] = set()  # the numbers of renamed formulas that several cells share
    for cell in cells(xml):
        if (formula := cell.formula) is None:
            continue
        its = formula.attributes
        if its.get("t") == "shared" and not formula.text:
            formulas += its.get("si", "") in shared
            continue
        text = _text_edit(xml, formula, host)
        found = [] if text is None else [text]
        if host is not Host.LITE:
            if text and cell.attributes.get("cm") in dynamic_marks:
                found.append(attribute_edit(xml, cell.tag, "cm", None))
                if _is_same_in_plain(formula, single):
                    found += [attribute_edit(xml, formula.tag, name, None) for name in ("t", "ref")]
                    arrays[cell.address] = False
        elif "cm" not in cell.attributes and hosts.calls_us(formula.text):
            plain = its.get("t", "normal") == "normal"
            if (plain or its["t"] == "array") and plain == _is_same_in_plain(formula, single):
                if plain:
                    found += _array_edits(xml, cell)
                    arrays[cell.address] = True
                at = _CELL_TAG.match(xml, cell.tag.start).end()  # type: ignore[union-attr]
                mark = mark or dynamic.mark_to_write(package)
                found.append(Edit(at, at, f' cm="{mark}"'.encode()))
        if text and its.get("t") == "shared":
            shared.add(its.get("si", ""))
        formulas += bool(found)
        edits += found
    package.parts[part] = splice(xml, edits)
    return formulas, arrays


def _text_edit(xml: bytes, formula: Formula, host: Host) -> Edit | None:
    """The formula with its names as ``host`` has them; None where it has them so."""
    if formula.span == formula.tag:
        return None
    start, end = formula.tag.end, xml.rindex(b"</", formula.tag.end, formula.span.end)
    raw = xml[start:end]
    new = _renamed(escape(formula.text).encode() if b"<" in raw else raw, host)
    return None if new is None else Edit(start, end, new)


def _renamed(raw: bytes, host: Host) -> bytes | None:
    """A formula as it stands in XML, renamed; None where nothing in it has another name."""
    characters = _CHARACTER.findall(raw.decode())
    formula = "".join(map(unescape, characters))
    pieces, at = [], 0
    for start, end, name in hosts.calls(formula):
        if name in FORMULAS and formula[start:end] != (new := hosts.stored_name(name, host)):
            pieces += [*characters[at:start], new]
            at = end
    return "".join([*pieces, *characters[at:]]).encode() if pieces else None


def _is_same_in_plain(formula: Formula, single: Collection[str]) -> bool:
    is_block = ":" in formula.attributes.get("ref", "")
    return not is_block and may_be_plain(formula.text, single)


def _array_edits(xml: bytes, cell: Cell) -> list[Edit]:
    """What makes an array of a plain formula; attributes in the order in which Excel has them."""
    assert cell.formula
    tag = _FORMULA_TAG.match(xml, cell.formula.tag.start)
    assert tag
    at = tag.start("aca") if tag["aca"] else tag.end()
    return [
        Edit(at, at, b' t="array"'),
        Edit(tag.end(), tag.end(), f' ref="{cell.address}"'.encode()),
    ]


def _convert_rest(xml: bytes, host: Host, done: Converted) -> bytes:
    """A part with the formulas outside its cells, and our own note, as ``host`` has them."""
    root = _root(xml)
    if pattern := _OUTSIDE_CELLS.get(root):
        edits = list(_outside(xml, pattern, host))
        xml = splice(xml, edits)
        done.others += len(edits)
    if root in ("worksheet", "sst"):
        for other in set(Host) - {host}:
            done.notes += xml.count(_note(other))
            xml = xml.replace(_note(other), _note(host))
    return xml


def _root(xml: bytes) -> str:
    found = _ROOT.search(_HIDDEN.sub(b"", xml[:2000]))
    return found[1].decode() if found else ""


def _outside(xml: bytes, pattern: re.Pattern[bytes], host: Host) -> Iterator[Edit]:
    blanked = _HIDDEN.sub(lambda hidden: b" " * len(hidden[0]), xml)
    for found in pattern.finditer(blanked):
        if (new := _renamed(found[1], host)) is not None:
            yield Edit(*found.span(1), new)


def _note(host: Host) -> bytes:
    return f">{escape(RECALCULATE[host])}</t>".encode()


def _convert_chain(package: Package, arrays: Mapping[str, Mapping[str, bool]]) -> None:
    """Excel's list of formula cells says of each whether it is an array."""
    if _CHAIN_PART not in package.parts:
        return
    names = {its.get("sheetId"): its.get("name", "") for its in _of_workbook(package, "sheet")}
    xml, edits, sheet = package.parts[_CHAIN_PART], [], None
    for found in _CHAINED.finditer(xml):
        its = {name.decode(): value.decode() for name, value in _ATTRIBUTE.findall(found[1])}
        sheet = its.get("i", sheet)  # left out where it is that of the cell before
        is_array = arrays.get(names.get(sheet, ""), {}).get(its.get("r", ""))
        if is_array is True and "a" not in its:
            edits.append(Edit(found.end(1), found.end(1), b' a="1"'))
        elif is_array is False:
            edits.append(attribute_edit(xml, Span(*found.span()), "a", None))
    package.parts[_CHAIN_PART] = splice(xml, edits)


def _of_workbook(package: Package, tag: str) -> Iterator[ET.Element]:
    book = next(xml for xml in package.parts.values() if _root(xml) == "workbook")
    root = ET.fromstring(book)  # the gate has refused document types
    return (its for its in root.iter() if its.tag.endswith(f"}}{tag}"))


def _names_of_one_cell(package: Package) -> frozenset[str]:
    """The defined names, in small letters, that are one cell wherever they are defined."""
    single: set[str] = set()
    others: set[str] = set()
    for its in _of_workbook(package, "definedName"):
        (single if is_one_cell(its.text or "") else others).add(its.get("name", "").lower())
    return frozenset(single - others)


def _marks_used(package: Package, sheets: Iterable[str]) -> frozenset[str]:
    return frozenset(
        mark.decode() for part in sheets for mark in _MARKED.findall(package.parts[part])
    )
