from datetime import date
from pathlib import Path
import pandas as pd, pytest, time
from dataclasses import replace
from calc.office import Office
from calc.test_isolated_book_calc import calculated, differences, stored_values
from ringfence_templates.__main__ import SAMPLE_DAY, sample, sample_book
from ringfence_templates import fill
from ringfence_templates.event_risk.scenarios import SCENARIOS
P=lambda: sample("sample_mixed.csv"); A=lambda: sample("sample_accounts.csv")
def bad():
    p=P().astype(object); p.loc[1,"symbol"]="NOSUCHUSDT"; p.loc[6,"mark_price"]=20.0; p.loc[8,"size"]="many"; p.loc[9,"account"]=None
    return p
def inv():
    p=pd.concat([sample_book(), P()], ignore_index=True); return p
def nocross():
    p=P().astype(object)
    p=pd.concat([p,pd.DataFrame([dict(venue="kucoin",symbol="XBTUSDTM",side="long",size=100,entry_price=97000,mark_price=97400,leverage=10),dict(venue="deribit",symbol="BTC-PERPETUAL",side="long",size=1000,entry_price=97000,mark_price=97400,leverage=10,account="d"),dict(venue="binance",symbol="ETHUSDC",side="long",size=10,entry_price=3300,mark_price=3298,leverage=10,account="market making",mmr=.01)])],ignore_index=True)
    return p
def accts_bad():
    a=A().astype(object); a.loc[0,"wallet_balance"]="lots"; a.loc[2,"venue"]="nowhere"; a.loc[3,"collateral_mode"]="odd"
    return a
def multi():
    a=A().astype(object); a["currency"]=None;a["price"]=None;a["collateral_mode"]=None
    a.loc[0,["currency","collateral_mode"]]=["USDT","multi"]
    a.loc[4]=["market making","binance",0.5,"BTC",97400,"multi"]
    return a
S=SCENARIOS
odd=replace(S, coins=("BTC","btc ",), events=(("x",(-.1,"y",0.1)),(None,(-1.5,.1,.1)),("z",(.1,.2,.3)),(None,(None,None,None)),("=1+1",(0.5,-.5,-.9))), moves=(.1,None,-.1,"q",-2.0,3.0), betas=(("BTC",2.0),("eth",None),(None,3.0),("*",-.5)), heat_coins=("hype","doge"), heat_moves=((-.1,None,.1),("x",.2)), event=2)
V={"plain":(P(),A(),S),"bad":(bad(),A(),S),"inv":(inv(),A(),S),"nocross":(nocross(),A(),S),"noacc":(P(),None,S),"isolated":(sample_book(),None,S),"empty":(P().head(0),None,S),"accbad":(P(),accts_bad(),S),"multi":(P(),multi(),S),"odd":(P(),A(),odd),"one":(P(),A(),replace(S,one_move=-0.4)),"blankacc":(P().assign(account=None),A(),S)}
@pytest.mark.parametrize("name", list(V))
def test_v(office: Office, tmp_path: Path, name) -> None:
    p,a,s=V[name]
    t=time.time()
    fill("event_risk", p, tmp_path/"x.xlsx", accounts=a, scenarios=s, filled_on=SAMPLE_DAY, as_of=SAMPLE_DAY, host="calc" if name!="odd" else "lite")
    print(name, time.time()-t)
    stored = stored_values(tmp_path/"x.xlsx")
    with office.open(tmp_path/"x.xlsx") as document:
        found = calculated(document, stored)
    d = differences(stored, found)
    for at in ["Events!B2","Events!B3","Events!B9","Boxes!B7","Isolated vs cross!B4","Isolated vs cross!B5","Isolated vs cross!B6","Shocks!B3","Heat map!B3"]:
        k=tuple(at.split("!")); print("  ",at, stored.get(k))
    print(len(d)); print("\n".join(d[:25]))
    assert not d
