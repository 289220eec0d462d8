"""Excel's record of a dynamic array in xl/metadata.xml: what a cell's ``cm`` points at.

A cell with ``cm="2"`` points at the second entry of cellMetadata, whose ``t`` is a type's number
(from 1) and ``v`` the number (from 0) of an entry under that type's futureMetadata.
"""

import re
from typing import Final
from xml.etree import ElementTree as ET

from ringfence_addin.workbook.gate import WorkbookProblem
from ringfence_addin.workbook.parts import Package
from ringfence_templates.package import (
    METADATA,
    METADATA_PART,
    METADATA_RELATION,
    METADATA_TYPE,
)

_MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_DYNAMIC: Final = (
    "{http://schemas.microsoft.com/office/spreadsheetml/2017/dynamicarray}dynamicArrayProperties"
)
_NAME: Final = "XLDAPR"
_LISTS: Final = (
    ("[Content_Types].xml", "Types", METADATA_TYPE.removesuffix("</Types>")),
    (
        "xl/_rels/workbook.xml.rels",
        "Relationships",
        METADATA_RELATION.removesuffix("</Relationships>"),
    ),
)
# What a part of its own consists of, for putting into one that is there
_TYPE: Final = re.findall(r"<metadataType .*?/>", METADATA)[0]
_FUTURE: Final = re.findall(r"<futureMetadata .*?</futureMetadata>", METADATA)[0].replace(
    "<xda:dynamicArrayProperties ",
    "<xda:dynamicArrayProperties"
    ' xmlns:xda="http://schemas.microsoft.com/office/spreadsheetml/2017/dynamicarray" ',
)
_ENTRY: Final = '<bk><rc t="{}" v="0"/></bk>'
_BEFORE: Final = ("</metadataTypes>", "</metadataStrings>", "</mdxMetadata>", "</futureMetadata>")


def marks(package: Package) -> frozenset[str]:
    """The values of ``cm`` that say dynamic array in this workbook."""
    if METADATA_PART not in package.parts:
        return frozenset()
    return frozenset(map(str, _dynamic(package.parts[METADATA_PART])))


def _dynamic(part: bytes) -> list[int]:
    """The numbers, from 1, of the entries that say dynamic array."""
    root = ET.fromstring(part)  # the gate has refused document types
    names = [
        kind.get("name") for kind in root.iterfind(f"{_MAIN}metadataTypes/{_MAIN}metadataType")
    ]
    entries = [
        entry
        for future in root.iterfind(f"{_MAIN}futureMetadata")
        if future.get("name") == _NAME
        for entry in future.iterfind(f"{_MAIN}bk")
    ]
    spills = [
        any(its.get("fDynamic") in ("1", "true") for its in entry.iter(_DYNAMIC))
        for entry in entries
    ]
    found = []
    for number, entry in enumerate(root.iterfind(f"{_MAIN}cellMetadata/{_MAIN}bk"), 1):
        points = [(int(its.get("t", 0)), int(its.get("v", -1))) for its in entry]
        if any(
            0 < kind <= len(names) and names[kind - 1] == _NAME
            and 0 <= at < len(spills) and spills[at]
            for kind, at in points
        ):  # fmt: skip
            found.append(number)
    return found


def mark_to_write(package: Package) -> str:
    """The ``cm`` of a dynamic array; its record is added where the workbook has none."""
    parts = package.parts
    if METADATA_PART not in parts:
        parts[METADATA_PART] = METADATA.encode()
        for name, root, added in _LISTS:
            end = f"</{root}>".encode()
            if end not in parts.get(name, b""):
                raise WorkbookProblem(
                    f"{package.name}: {name} is not as Excel writes it; save it once in Excel"
                )
            parts[name] = parts[name].replace(end, added.encode() + end)
    elif b"</metadataTypes>" in (part := parts[METADATA_PART]) and b"XLDAPR" not in part:
        parts[METADATA_PART] = _with_record(part.decode()).encode()
    if not (found := _dynamic(parts[METADATA_PART])):
        raise WorkbookProblem(
            f"{package.name}: {METADATA_PART} is not as Excel writes it; save it once in Excel"
        )
    return str(found[0])


def drop_unused(package: Package, used: frozenset[str]) -> None:
    """Takes the record out again where no cell points at it any more and it is as we add it.

    ``used``: the values of ``cm`` in the workbook. A record that Excel wrote stays, if unused.
    """
    parts = package.parts
    if METADATA_PART not in parts or not (own := marks(package)) or own & used:
        return
    part = parts[METADATA_PART].decode()
    if part == METADATA:
        if all(added.encode() in parts.get(name, b"") for name, _, added in _LISTS):
            del parts[METADATA_PART]
            for name, _, added in _LISTS:
                parts[name] = parts[name].replace(added.encode(), b"")
    elif _with_record(without := _without_record(part)) == part:
        parts[METADATA_PART] = without.encode()


def _with_record(part: str) -> str:
    """Metadata of other kinds with our record as the last of each list."""
    kinds = part.count("<metadataType ") + 1
    part = _counted(
        part.replace("</metadataTypes>", f"{_TYPE}</metadataTypes>"), "metadataTypes", 1
    )
    entry = _ENTRY.format(kinds)
    if "<cellMetadata" in part:
        at = part.index("<cellMetadata")
        rest = part[at:].replace("</cellMetadata>", f"{entry}</cellMetadata>")
        return part[:at] + _FUTURE + _counted(rest, "cellMetadata", 1)
    ends = [part.rfind(end) + len(end) for end in _BEFORE if end in part]
    at = max(ends, default=0)
    return f'{part[:at]}{_FUTURE}<cellMetadata count="1">{entry}</cellMetadata>{part[at:]}'


def _without_record(part: str) -> str:
    """The inverse, where the record is the last of each list; anything else where it is not."""
    entry = _ENTRY.format(part.count("<metadataType "))
    part = _counted(
        part.replace(f"{_TYPE}</metadataTypes>", "</metadataTypes>"), "metadataTypes", -1
    )
    part = part.replace(_FUTURE, "")
    if (alone := f'<cellMetadata count="1">{entry}</cellMetadata>') in part:
        return part.replace(alone, "")
    part = part.replace(f"{entry}</cellMetadata>", "</cellMetadata>")
    return _counted(part, "cellMetadata", -1)


def _counted(part: str, name: str, more: int) -> str:
    """``part`` with another count of a list."""

    def more_of(found: re.Match[str]) -> str:
        return f"{found[1]}{int(found[2]) + more}"

    return re.sub(rf'(<{name} count=")(\d+)', more_of, part, count=1)
