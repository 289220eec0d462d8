"""Each template in a real LibreOffice: what holds for all of them."""

from pathlib import Path

import openpyxl
import pytest

from calc.compare import DAY, built, calculated, differences, same, stored_values, wrong_in
from ringfence_addin.office.session import Office
from ringfence_templates import TEMPLATES
from templates.stored import FOLDER, sample_of

BOOKS = [name for name in TEMPLATES if name != "position_sizer"]


@pytest.mark.parametrize("name", TEMPLATES)
def test_as_shipped_every_stored_value_is_what_calc_computes(name: str, office: Office) -> None:
    path = FOLDER / f"{name}.xlsx"
    stored = stored_values(path)
    assert len(stored) > 500
    ((sheet, cell),) = openpyxl.load_workbook(path).defined_names["as_of"].destinations
    with office.open(path) as document:
        # The file leaves the day to today; after that of the sample, rules may change.
        document.set(sheet, cell.replace("$", ""), DAY)
        found = calculated(document, stored)
    others = [at for at in stored if not same(stored[at], found[at])]
    assert {found[at] for at in others} <= {DAY}, differences(stored, found)


@pytest.mark.parametrize("column", ["mark_price", "venue", "account", "margin_mode"])
@pytest.mark.parametrize("name", BOOKS)
def test_a_column_that_stands_there_twice_is_refused_again(
    name: str, column: str, office: Office, tmp_path: Path
) -> None:
    doubled = sample_of(name)
    if column not in doubled:
        doubled[column] = None
    doubled[column.upper()] = doubled[column]
    assert wrong_in(office, built(name, doubled, tmp_path / "book.xlsx", host="calc")) == []


@pytest.mark.parametrize("name", BOOKS)
def test_without_positions_calc_agrees(name: str, office: Office, tmp_path: Path) -> None:
    path = built(name, sample_of(name).head(0), tmp_path / "book.xlsx", host="calc")
    assert wrong_in(office, path) == []
