from pathlib import Path
from datetime import date
from calc.office import Office
from calc.test_isolated_book_calc import stored_values, calculated, differences
from ringfence_templates.__main__ import SAMPLE_DAY

SHIPPED = Path(__file__).parents[2] / "templates" / "mixed_book.xlsx"


def test_x(office: Office):
    stored = stored_values(SHIPPED)
    with office.open(SHIPPED) as d:
        d.set("Positions", "C4", float((SAMPLE_DAY - date(1899, 12, 30)).days))
        found = calculated(d, stored)
    ds = differences(stored, found)
    print(len(stored), len(ds))
    for x in ds[:80]:
        print(x)
    assert not ds
