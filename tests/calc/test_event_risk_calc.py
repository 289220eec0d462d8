from datetime import date
from pathlib import Path
from calc.office import Office
from calc.test_isolated_book_calc import calculated, differences, stored_values
from ringfence_templates.__main__ import SAMPLE_DAY

def test_quick(office: Office) -> None:
    p = Path("/tmp/ev.xlsx")
    stored = stored_values(p)
    print(len(stored))
    with office.open(p) as document:
        document.set("Positions", "C4", float((SAMPLE_DAY - date(1899, 12, 30)).days))
        found = calculated(document, stored)
    d = differences(stored, found)
    print(len(d)); print("\n".join([x for x in d if x.startswith("Calc")][:60]))
    assert not d
