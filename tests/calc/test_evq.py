from pathlib import Path
from calc.office import Office
def test_q(office: Office) -> None:
    with office.open(Path("/tmp/ev.xlsx")) as d:
        d.recalculate_hard()
        print(d.formulas("Calc","AT8:AT9"))
        print(d.formulas("Calc","A8:A9"), d.value("Calc","AT8"))
        for k,f in enumerate(["=RF_STRESS_ROWS(Positions.$B$6:$R$40;0;Accounts.$B$6:$H$30)", "=ROW(AT8:AT42)", "=SUMPRODUCT(MAX($B$9:$B$42*$A$9:$A$42))"]):
            d.set_array("Calc", f"A{60+10*k}:B{64+10*k}", f)
            print(f, d.values("Calc", f"A{60+10*k}:B{64+10*k}"))
