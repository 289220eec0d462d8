from pathlib import Path
from calc.office import Office, SETTINGS
import calc.office as o
from ringfence_templates.mixed_book.layout import POOL_LETTER as P, CALC_LETTER as C

SHIPPED = Path(__file__).parents[2] / "templates" / "mixed_book.xlsx"


def test_x(tmp_path):
    o.SETTINGS = SETTINGS.replace("<value>0</value>", "<value>1</value>", 1)
    bare = Office(tmp_path / "profile", [])
    try:
        with bare.open(SHIPPED) as d:
            print(d.value("Dashboard", "B3"))
            for n in ("cross_positions", "rank", "account", "margin_ratio"):
                print(n, [r[0] for r in d.values("Calc", f"{P[n]}5:{P[n]}12")])
            for n in ("mode", "state", "used"):
                print(n, [r[0] for r in d.values("Calc", f"{C[n]}5:{C[n]}25")])
            d.set("Dashboard", "Z1", "=SUM(pool_cross_positions)")
            print(d.value("Dashboard", "Z1"))
            d.set("Dashboard", "Z1", '=COUNTIFS(calc_mode;"cross";calc_state;"<>error")')
            print(d.value("Dashboard", "Z1"))
    finally:
        bare.stop()
