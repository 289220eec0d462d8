"""Drives a running LibreOffice for session.py: JSON requests in, JSON replies out, a line each.

Runs in LibreOffice's own Python, which has `uno`; ours may be another one. Standard library and
`uno` only.
"""

import json
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import uno
import unohelper
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException
from com.sun.star.document import MacroExecMode, UpdateDocMode
from com.sun.star.lang import DisposedException
from com.sun.star.sheet import CellFlags, FormulaMapGroup, FormulaMapGroupSpecialOffset
from com.sun.star.task import XInteractionHandler
from com.sun.star.ucb import XCommandEnvironment

FILTERS = {"xlsx": "Calc MS Excel 2007 XML", "ods": "calc8", "pdf": "calc_pdf_Export"}


class Consent(unohelper.Base, XCommandEnvironment, XInteractionHandler):
    """Says yes to "install this extension?"; with nobody to say it, installing fails."""

    def getInteractionHandler(self) -> "Consent":  # noqa: N802 (LibreOffice's name)
        return self

    def getProgressHandler(self) -> None:  # noqa: N802
        return None

    def handle(self, request: Any) -> None:
        approve = uno.getTypeByName("com.sun.star.task.XInteractionApprove")
        for continuation in request.getContinuations():
            if choice := continuation.queryInterface(approve):
                choice.select()


class Driver:
    """One method a request; documents are known by number."""

    def __init__(self) -> None:
        self.desktop: Any = None
        self.documents: dict[int, Any] = {}
        self.opened = 0

    def connect(self, pipe: str, timeout: float) -> bool:
        """Whether LibreOffice answers within the time."""
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext(
            "com.sun.star.bridge.UnoUrlResolver", local
        )
        deadline = time.monotonic() + timeout
        while True:
            try:
                self.context = resolver.resolve(
                    f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext"
                )
                break
            except NoConnectException:
                if time.monotonic() > deadline:
                    return False
                time.sleep(0.05)
        self.desktop = self._service("com.sun.star.frame.Desktop")
        return True

    def install(self, extension: str) -> None:
        """As the Extension Manager does; `unopkg` refuses to do it for root."""
        url = uno.systemPathToFileUrl(extension)
        self._extensions().addExtension(url, (), "user", None, Consent())

    def remove(self, identifier: str) -> None:
        self._extensions().removeExtension(identifier, "", "user", None, Consent())

    def installed(self, identifier: str) -> str | None:
        for package in self._extensions().getDeployedExtensions("user", None, Consent()):
            if package.Identifier.Value == identifier:
                version: str = package.getVersion()
                return version
        return None

    def functions(self, prefix: str) -> dict[str, Any]:
        """What the function wizard shows of the functions whose names start with `prefix`."""
        descriptions = self._service("com.sun.star.sheet.FunctionDescriptions")
        found = {}
        for index in range(descriptions.getCount()):
            facts = {fact.Name: fact.Value for fact in descriptions.getByIndex(index)}
            if facts["Name"].startswith(prefix):
                found[facts["Name"]] = {
                    "description": facts["Description"],
                    "category": facts["Category"],
                    "arguments": [
                        {"name": a.Name, "doc": a.Description, "optional": a.IsOptional}
                        for a in facts["Arguments"] or ()
                    ],
                }
        return found

    def quit(self) -> None:
        with suppress(DisposedException):  # it may be gone before it can answer
            self.desktop.terminate()

    def new(self) -> int:
        return self._load("private:factory/scalc")

    def open(self, path: str) -> int:
        return self._load(uno.systemPathToFileUrl(path))

    def close(self, document: int) -> None:
        self.documents.pop(document).close(True)

    def sheets(self, document: int) -> list[str]:
        return list(self.documents[document].Sheets.ElementNames)

    def set(self, document: int, sheet: str, address: str, value: object) -> None:
        cell = self._range(document, sheet, address).getCellByPosition(0, 0)
        if value is None:
            cell.setString("")
        elif isinstance(value, bool):
            cell.setFormula(str(value).upper())
        elif isinstance(value, (int, float)):
            cell.setValue(value)
        elif isinstance(value, str) and value.startswith("="):
            cell.FormulaLocal = value
        else:
            cell.setString(value)

    def fill(self, document: int, sheet: str, address: str, rows: list[list[Any]]) -> None:
        rows = [["" if value is None else value for value in row] for row in rows]
        self._range(document, sheet, address).setDataArray(tuple(map(tuple, rows)))

    def freeze(self, document: int, sheet: str, address: str, rows: list[list[Any]]) -> None:
        area = self._range(document, sheet, address)
        area.clearContents(CellFlags.FORMULA)  # an array as a whole, or nothing may be put there
        for y, row in enumerate(rows):
            for x, value in enumerate(row):
                cell = area.getCellByPosition(x, y)
                if isinstance(value, str):
                    cell.setString(value)
                elif value is not None:
                    cell.setValue(value)

    def set_array(self, document: int, sheet: str, address: str, formula: str) -> None:
        self._range(document, sheet, address).setArrayFormula(formula)

    def values(self, document: int, sheet: str, address: str | None) -> list[list[Any]]:
        area = self._range(document, sheet, address)
        rows = [list(row) for row in area.getDataArray()]
        for y, row in enumerate(rows):
            for x, value in enumerate(row):
                if value is None:
                    row[x] = {"error": area.getCellByPosition(x, y).getString()}
        _mark_blanks(area, rows)
        return rows

    def formulas(self, document: int, sheet: str, address: str | None) -> list[list[str]]:
        return [list(row) for row in self._range(document, sheet, address).getFormulaArray()]

    def shown_as_truth(self, document: int, sheet: str, addresses: list[str]) -> list[str]:
        cells = self.documents[document].Sheets.getByName(sheet)
        shown = ((at, cells.getCellRangeByName(at).getString()) for at in addresses)
        return [at for at, text in shown if text in ("TRUE", "FALSE")]

    def not_understood(self, document: int, sheet: str, addresses: list[str]) -> list[str]:
        bad = self._bad_name()
        cells = self.documents[document].Sheets.getByName(sheet)
        found = []
        for at in addresses:
            tokens = cells.getCellRangeByName(at).getCellByPosition(0, 0).getTokens()
            if any(token.OpCode == bad for token in tokens):
                found.append(at)
        return found

    def first_causes(self, document: int, cells: list[list[str]]) -> list[list[str]]:
        sheets = self.documents[document].Sheets
        places = {}
        for sheet, address in cells:
            cell = sheets.getByName(sheet).getCellRangeByName(address).getCellByPosition(0, 0)
            at = cell.CellAddress
            places[at.Sheet, at.Column, at.Row] = cell
        found = []
        for place, (key, cell) in zip(cells, places.items(), strict=True):
            reads = cell.queryPrecedents(False).RangeAddresses
            if not any(_holds(area, other) for area in reads for other in places if other != key):
                found.append(place)
        return found

    def recalculate_hard(self, document: int) -> None:
        self.documents[document].calculateAll()

    def save_as(self, document: int, path: str, format: str) -> None:
        filter_name = PropertyValue("FilterName", 0, FILTERS[format], 0)
        self.documents[document].storeToURL(uno.systemPathToFileUrl(path), (filter_name,))

    def _service(self, name: str) -> Any:
        return self.context.ServiceManager.createInstanceWithContext(name, self.context)

    def _extensions(self) -> Any:
        return self.context.getByName("/singletons/com.sun.star.deployment.ExtensionManager")

    def _bad_name(self) -> int:
        """What stands in a compiled formula for a name that nobody knows."""
        mapper = self.documents[self.opened].createInstance(
            "com.sun.star.sheet.FormulaOpCodeMapper"
        )
        special = mapper.getAvailableMappings(0, FormulaMapGroup.SPECIAL)
        code: int = special[FormulaMapGroupSpecialOffset.BAD].Token.OpCode
        return code

    def _load(self, url: str) -> int:
        values = {
            "Hidden": True,
            "MacroExecutionMode": MacroExecMode.NEVER_EXECUTE,
            "UpdateDocMode": UpdateDocMode.NO_UPDATE,
        }
        options = tuple(PropertyValue(name, 0, value, 0) for name, value in values.items())
        document = self.desktop.loadComponentFromURL(url, "_blank", 0, options)
        if document is None:
            raise ValueError(f"LibreOffice cannot open {url}")
        self.opened += 1
        self.documents[self.opened] = document
        return self.opened

    def _range(self, document: int, sheet: str, address: str | None) -> Any:
        cells = self.documents[document].Sheets.getByName(sheet)
        if address is not None:
            return cells.getCellRangeByName(address)
        cursor = cells.createCursor()
        cursor.gotoEndOfUsedArea(False)
        end = cursor.RangeAddress
        return cells.getCellRangeByPosition(0, 0, end.EndColumn, end.EndRow)


def _mark_blanks(area: Any, rows: list[list[Any]]) -> None:
    """Tell a blank cell (None) from a formula's empty text (""): both arrive as ""."""
    origin = area.RangeAddress
    for part in area.queryEmptyCells().RangeAddresses:
        width = part.EndColumn - part.StartColumn + 1
        left = part.StartColumn - origin.StartColumn
        for y in range(part.StartRow - origin.StartRow, part.EndRow - origin.StartRow + 1):
            rows[y][left : left + width] = [None] * width


def _holds(area: Any, place: tuple[int, int, int]) -> bool:
    sheet, column, row = place
    return (
        area.Sheet == sheet
        and area.StartColumn <= column <= area.EndColumn
        and area.StartRow <= row <= area.EndRow
    )


def answer(call: Callable[..., Any], arguments: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"result": call(**arguments)}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


def main() -> None:
    driver = Driver()
    for line in sys.stdin:
        request = json.loads(line)
        reply = answer(getattr(driver, request["call"]), request["arguments"])
        print(json.dumps(reply), flush=True)
    # Whoever asked is gone, perhaps killed before it could stop LibreOffice.
    if driver.desktop is not None:
        driver.quit()


if __name__ == "__main__":
    main()
