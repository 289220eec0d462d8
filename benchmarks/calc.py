"""RF_RISK over 1,000 rows in a real LibreOffice: ``python benchmarks/calc.py``. Asserts nothing.

Needs LibreOffice on this machine. Seconds are those of the cell's own recalculation, with the call
into LibreOffice and back, beside those of the same rows in this process.
"""

import platform
from typing import Final

from openpyxl.utils import get_column_letter
from run import best, book, table

from ringfence_addin.functions import RF_RISK
from ringfence_addin.hosts.calc_install import office_with_formulas
from ringfence_addin.office.find import find
from ringfence_addin.office.session import Document

ROWS: Final = 1_000
SHEET: Final = "Sheet1"
FIRST: Final = 16  # column of the answers


def recalculated(document: Document, entries: list[float]) -> None:
    """Change the last row's entry and read its notional, for which all rows are computed anew."""
    entries.append(entries[-1] + 1)
    document.set(SHEET, f"E{ROWS + 1}", entries[-1])
    document.value(SHEET, f"P{ROWS + 1}")


def main() -> None:
    rows = table(*book(ROWS), ROWS)
    cells = [list(rows.columns), *rows.to_numpy(dtype=object).tolist()]
    answer = RF_RISK(cells)
    here = best(lambda: RF_RISK(cells))
    installation = find()
    with office_with_formulas(installation) as office, office.new() as document:
        document.fill(SHEET, f"A1:{get_column_letter(len(cells[0]))}{ROWS + 1}", cells)
        last = get_column_letter(FIRST + len(answer[0]) - 1)
        area = f"{get_column_letter(FIRST)}1:{last}{ROWS + 1}"
        document.set_array(SHEET, area, f"=RF_RISK(A1:F{ROWS + 1})")
        assert document.values(SHEET, area)[ROWS][0] == answer[ROWS][0]
        entries = [float(cells[-1][4])]
        soft = best(lambda: recalculated(document, entries))
        assert document.values(SHEET, area)[ROWS][0] != answer[ROWS][0]
        hard = best(document.recalculate_hard)
        call = best(lambda: document.value(SHEET, "A1"), 20)
    print(f"LibreOffice {installation.version}, Python {platform.python_version()}")
    print(f"RF_RISK, {ROWS:,} rows, {len(answer[0])} columns:")
    for what, seconds in (
        ("in this process", here),
        ("after a cell changes", soft),
        ("hard recalculation", hard),
    ):
        print(f"  {what:21} {seconds * 1e3:8.1f} ms  {seconds / here:5.1f} times")
    print(f"  a call of LibreOffice that computes nothing: {call * 1e3:.1f} ms")


if __name__ == "__main__":
    main()
