"""RF_RISK over 1,000 rows in a real LibreOffice: ``python benchmarks/calc.py``. Asserts nothing.

Needs LibreOffice on this machine. Seconds are those of the cell's own recalculation, with the call
into LibreOffice and back, beside those of the same rows in this process.
"""

import platform
import sys
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parent))  # also where this file is run from elsewhere
from run import best, book, table

from ringfence_addin.functions import RF_RISK
from ringfence_addin.hosts.calc_install import office_with_formulas
from ringfence_addin.office.find import find
from ringfence_addin.office.session import Document

ROWS: Final = 1_000
SHEET: Final = "Sheet1"


def recalculated(document: Document, cell: str, entries: list[float]) -> None:
    """Change one entry, and wait for what depends on it: LibreOffice computes at once."""
    entries.append(entries[-1] + 1)
    document.set(SHEET, cell, entries[-1])


def main() -> None:
    rows = table(*book(ROWS), ROWS)
    cells = [list(rows.columns), *rows.to_numpy(dtype=object).tolist()]
    width = len(cells[0])
    answer = RF_RISK(cells)
    here = best(lambda: RF_RISK(cells))
    installation = find()
    with office_with_formulas(installation) as office, office.new() as document:
        document.fill(SHEET, f"A1:{chr(ord('A') + width - 1)}{ROWS + 1}", cells)
        document.set_array(SHEET, f"P1:AC{ROWS + 1}", f"=RF_RISK(A1:F{ROWS + 1})")
        assert document.value(SHEET, "P2") == answer[1][0]
        entry = f"E{ROWS + 1}"
        entries = [float(cells[-1][4])]
        soft = best(lambda: recalculated(document, entry, entries))
        hard = best(document.recalculate_hard)
        call = best(lambda: document.set(SHEET, "AZ1", 1.0), 20)
    print(f"LibreOffice {installation.version}, Python {platform.python_version()}")
    print(f"RF_RISK, {ROWS:,} rows, {len(answer[0])} columns:")
    for what, seconds in (
        ("in this process", here),
        ("after a cell changes", soft),
        ("hard recalculation", hard),
    ):
        print(f"  {what:21} {seconds * 1e3:8.1f} ms  {seconds / here:5.1f} times")
    print(f"  a call of LibreOffice that computes nothing {call * 1e3:.1f} ms")


if __name__ == "__main__":
    main()
