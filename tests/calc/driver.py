"""Drives a running LibreOffice for office.py: JSON requests in, JSON replies out, a line each.

Runs in LibreOffice's own Python, which has `uno`; the tests' Python may be another one. Standard
library and `uno` only.
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
from com.sun.star.lang import DisposedException
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

    def connect(self, pipe: str, timeout: float) -> None:
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
                    raise
                time.sleep(0.05)
        self.desktop = self._service("com.sun.star.frame.Desktop")

    def install(self, extension: str) -> None:
        """As the Extension Manager does; `unopkg` refuses to do it for root."""
        manager = self.context.getByName("/singletons/com.sun.star.deployment.ExtensionManager")
        url = uno.systemPathToFileUrl(extension)
        manager.addExtension(url, (), "user", None, Consent())

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

    def recalculate_hard(self, document: int) -> None:
        self.documents[document].calculateAll()

    def save_as(self, document: int, path: str, format: str) -> None:
        filter_name = PropertyValue("FilterName", 0, FILTERS[format], 0)
        self.documents[document].storeToURL(uno.systemPathToFileUrl(path), (filter_name,))

    def _service(self, name: str) -> Any:
        return self.context.ServiceManager.createInstanceWithContext(name, self.context)

    def _load(self, url: str) -> int:
        hidden = PropertyValue("Hidden", 0, True, 0)
        document = self.desktop.loadComponentFromURL(url, "_blank", 0, (hidden,))
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
