"""The value of every formula cell of a workbook, computed anew; everything else stays as it is.

LibreOffice computes, on a copy; of that only the values are taken, and put into the package as it
was. What LibreOffice cannot compute keeps the value that is stored, also for the cells that depend
on it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Final, NamedTuple

from openpyxl.utils.cell import coordinate_to_tuple, get_column_letter, range_boundaries

from ringfence_addin.office.find import OfficeProblem
from ringfence_addin.office.session import Document
from ringfence_addin.office.session import Value as Shown
from ringfence_addin.workbook.gate import WorkbookProblem
from ringfence_addin.workbook.parts import (
    Cell,
    ErrorText,
    Package,
    Value,
    cells,
    sheet_parts,
    splice,
    value_edits,
)

_SECONDS: Final = 600  # for one recalculation
_MOST_FAILED: Final = 1_000  # asking for the causes of more would take long
_MOST: Final = 1_000_000  # cells of one array formula
# What Excel has too; everything else that LibreOffice shows as an error ("Err:508") is its own.
_ERRORS: Final = frozenset({"#N/A", "#VALUE!", "#NUM!", "#REF!", "#DIV/0!", "#NULL!", "#NAME?"})
_OTHER_BOOK: Final = re.compile(r"(?<![\w\]])\[\d+\][^\[\]]*!")  # [1]Sheet!A1, '[1]A sheet'!A1

_NO_NAME: Final = re.compile(r"\"[^\"]*\"|\$?\b[A-Za-z]{1,3}\$?\d+\b(?!\()")
_NAME: Final = re.compile(r"\[[^\]]*\]?|[^\W\d][\w.\\]*")


_Bounds = tuple[int, int, int, int]  # left, top, right, bottom


class At(NamedTuple):
    """A cell of a workbook."""

    sheet: str
    address: str

    def __str__(self) -> str:
        return f"{self.sheet}!{self.address}"


@dataclass(slots=True)
class Refreshed:
    """How many formula cells there are and how many values changed; ``kept``: cell -> why not."""

    formulas: int = 0
    changed: int = 0
    kept: dict[At, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SheetFormulas:
    """The cells of a sheet whose values are computed, and the blocks that one formula fills."""

    cells: dict[str, Cell]  # the cells of arrays too, where the formula stands in another one
    blocks: dict[str, _Bounds]  # of each cell of such a block


def formula_cells(package: Package) -> dict[str, SheetFormulas]:
    """What there is to refresh, by the names of the sheets. Raises WorkbookProblem."""
    return {name: _formulas(package.parts[part]) for name, part in sheet_parts(package).items()}


def _formulas(xml: bytes) -> SheetFormulas:
    own = {cell.address: cell for cell in cells(xml) if cell.formula}
    refs = {
        at: cell.formula.attributes.get("ref", at)
        for at, cell in own.items()
        if cell.formula and cell.formula.attributes.get("t") in ("array", "dataTable")
    }
    blocks = {at: _bounds(ref) for at, ref in refs.items() if ref.partition(":")[2] not in ("", at)}
    if not blocks:
        return SheetFormulas(own, blocks)
    bounds, filled = list(blocks.values()), dict(own)
    for cell in cells(xml):
        if not cell.formula and (its := _around(cell.address, bounds)):
            filled[cell.address], blocks[cell.address] = cell, its
    return SheetFormulas(filled, blocks)


def _bounds(ref: str) -> _Bounds:
    try:
        left, top, right, bottom = range_boundaries(ref)
    except ValueError:
        left = top = right = bottom = None
    if not (left and top and right and bottom) or (right - left + 1) * (bottom - top + 1) > _MOST:
        raise WorkbookProblem(f"a formula stands for the cells {ref[:40]!r}; not refreshed")
    return left, top, right, bottom


def _around(address: str, bounds: Iterable[_Bounds]) -> _Bounds | None:
    """The block in which a cell lies."""
    row, column = coordinate_to_tuple(address)
    for its in bounds:
        left, top, right, bottom = its
        if left <= column <= right and top <= row <= bottom:
            return its
    return None


def refresh(package: Package, sheets: Mapping[str, SheetFormulas], document: Document) -> Refreshed:
    """Give the formula cells of ``package`` the values that ``document``, a copy of it, computes.

    ``sheets`` as ``formula_cells`` finds them. Changes the worksheets' parts. Raises OfficeProblem.
    """
    if missing := sheets.keys() - set(document.sheets()):
        raise OfficeProblem(f"{package.name}: LibreOffice does not show sheet {min(missing)!r}")
    done = Refreshed(formulas=sum(len(its.cells) for its in sheets.values()))
    found = _computed(sheets, document, done.kept)
    for name, part in sheet_parts(package).items():
        xml = package.parts[part]
        edits = [
            value_edits(xml, cell, found[name, address])
            for address, cell in sheets[name].cells.items()
            if (name, address) in found
        ]
        done.changed += sum(map(bool, edits))
        package.parts[part] = splice(xml, chain.from_iterable(edits))
    return done


def _computed(
    sheets: Mapping[str, SheetFormulas], document: Document, kept: dict[At, str]
) -> dict[tuple[str, str], Value]:
    """The values by sheet and address; what has none is in ``kept``."""
    for at, why in _unknown(sheets, document):
        _freeze(at, why, sheets, document, kept)
    while True:
        document.recalculate_hard(_SECONDS)
        shown = {name: _shown(document, name, its) for name, its in sheets.items()}
        failed = {
            At(name, address): reason
            for name, its in sheets.items()
            for address, cell in its.cells.items()
            if At(name, address) not in kept
            and (reason := _failure(shown[name].get(address), cell))
        }
        if not failed:
            break
        # Where others only pass an error on, they have a value once its cause is frozen.
        causes = document.first_causes(list(failed)) if len(failed) <= _MOST_FAILED else []
        for at in map(At._make, causes or failed):
            _freeze(at, failed[at], sheets, document, kept)
    return {
        (name, address): value
        for name, its in sheets.items()
        for address, value in _typed(document, name, its, shown[name])
        if At(name, address) not in kept
    }


def _unknown(sheets: Mapping[str, SheetFormulas], document: Document) -> Iterator[tuple[At, str]]:
    """The formulas that cannot be right in LibreOffice, whatever they show."""
    for name, its in sheets.items():
        texts = _texts(its)
        for address, text in texts.items():
            if _OTHER_BOOK.search(text):
                yield At(name, address), "it refers to another workbook"
        alike: dict[frozenset[str], list[str]] = {}  # asking for each cell would take seconds
        for address, text in texts.items():
            alike.setdefault(_names(text), []).append(address)
        asked = {addresses[0]: addresses for addresses in alike.values()}
        for address in document.not_understood(name, list(asked)):
            for other in asked[address]:
                yield At(name, other), "it uses a name that LibreOffice does not know"


def _names(formula: str) -> frozenset[str]:
    """What a formula names: functions, tables, columns, ranges; not cells, texts and numbers."""
    return frozenset(_NAME.findall(_NO_NAME.sub(" ", formula)))


def _texts(its: SheetFormulas) -> dict[str, str]:
    """The formulas by address; those that are shared, at each cell that shares them."""
    shared = {
        cell.formula.attributes.get("si"): cell.formula.text
        for cell in its.cells.values()
        if cell.formula and cell.formula.text
    }
    return {
        address: cell.formula.text or shared.get(cell.formula.attributes.get("si"), "")
        for address, cell in its.cells.items()
        if cell.formula
    }


def _failure(shown: Shown, cell: Cell) -> str | None:
    """Why a cell has no value of use; None where it has one."""
    if shown is None:
        return "LibreOffice does not take it for a formula"
    if isinstance(shown, dict):
        error = shown["error"]
        if error not in _ERRORS or (error == "#NAME?" and cell.attributes.get("t") != "e"):
            return f"LibreOffice shows {error}"
    return None


def _freeze(
    at: At,
    why: str,
    sheets: Mapping[str, SheetFormulas],
    document: Document,
    kept: dict[At, str],
) -> None:
    """Keep the stored value of a cell, in ``document`` too, so that others can go on with it."""
    if at in kept:
        return
    its = sheets[at.sheet]
    left, top, right, bottom = its.blocks.get(at.address) or _bounds(at.address)
    addresses = [
        [f"{get_column_letter(column)}{row}" for column in range(left, right + 1)]
        for row in range(top, bottom + 1)
    ]
    for address in chain.from_iterable(addresses):
        kept[At(at.sheet, address)] = why
    stored = [[_stored(its.cells.get(address)) for address in row] for row in addresses]
    if not any(value is None or isinstance(value, ErrorText) for value in chain(*stored)):
        document.freeze(at.sheet, f"{addresses[0][0]}:{addresses[-1][-1]}", stored)


def _stored(cell: Cell | None) -> float | str | None:
    """The value that the file holds; None where it holds none."""
    if cell is None or cell.value is None:
        return None
    kind = cell.attributes.get("t", "n")
    readers: dict[str, Callable[[str], float | str]] = {
        "n": float, "b": float, "str": str, "e": ErrorText,
    }  # fmt: skip
    try:
        return readers[kind](cell.value)
    except (KeyError, ValueError):
        return None


def _shown(document: Document, sheet: str, its: SheetFormulas) -> dict[str, Shown]:
    """What the formula cells of a sheet show."""
    if not its.cells:
        return {}
    rows = document.values(sheet)
    shown = {}
    for address in its.cells:
        row, column = coordinate_to_tuple(address)
        inside = row <= len(rows) and column <= len(rows[0])
        shown[address] = rows[row - 1][column - 1] if inside else None
    return shown


def _typed(
    document: Document, sheet: str, its: SheetFormulas, shown: Mapping[str, Shown]
) -> Iterator[tuple[str, Value]]:
    """The values as Excel has them: LibreOffice knows TRUE only as a 1 that is shown so.

    A number format may show it as 1 all the same: what was a truth value stays one, and a number
    a number. Only where the stored value was neither is LibreOffice asked.
    """
    ones = {at: its.cells[at] for at, value in shown.items() if value in (0.0, 1.0)}
    kinds = {at: cell.attributes.get("t", "n") for at, cell in ones.items()}
    truths = {at for at, kind in kinds.items() if kind == "b"}
    asked = [at for at, kind in kinds.items() if kind not in ("b", "n") or not ones[at].value]
    truths.update(document.shown_as_truth(sheet, asked))
    for address, value in shown.items():
        if isinstance(value, dict):
            yield address, ErrorText(value["error"])
        elif value is not None:
            yield address, bool(value) if address in truths else value
