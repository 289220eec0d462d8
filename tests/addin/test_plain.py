"""Which formulas say the same in a plain cell as in an array of one cell."""

import pytest

from ringfence_addin.workbook.plain import may_be_plain

PRICE = 'RF_LIQ_PRICE("binance","BTCUSDT","long",{},60000,,20)'
ONE = PRICE.format(1)
SINGLE = frozenset({"as_of", "size"})


@pytest.mark.parametrize(
    "formula",
    [
        ONE,
        "_xldudf_XLW_RF_RISK(A1:C9,As_Of)",
        "rf_risk(Positions[[#All],[venue]:[as_of]])",
        "RF_RISK(A1:C9)",
        PRICE.format("SUM(A1:A3)") + "*-A1%+size",
        PRICE.format("'It''s'!$A$1") + "&Sheet1!A1",
        "IF(size>0,IFERROR(" + PRICE.format("T[[#This Row],[size]]*2") + ',"n/a"),"")',
        "MAX(A:A,sizes,{1,2})+" + ONE,
        "SUMIFS(B1:B9,A1:A9,A1,C1:C9,size)+" + ONE,
        "VLOOKUP(A1,B1:C9,2,FALSE)+" + ONE,
        'INDEX(A1:A9,MATCH("x",B1:B9,0))+' + ONE,
        "INDEX(sizes,size)*" + ONE,
        "INDEX(RF_TIERS(A1,B1),2,3)+1",
        "ROWS(RF_TIERS(A1,B1))+1",
        "COUNT(INDEX(RF_TIERS(A1,B1),0,1))",
        "SUMPRODUCT(--(INDEX(RF_TIERS(A1,B1),0,1)<=A1),A1:A3*ABS(B1:B3))+1",
        "SUMPRODUCT(MAX(A1:A3*B1:B3))+" + ONE,
        "SUM(_xlfn.SEQUENCE(3))+" + ONE,
        "IF(A1,,2)+" + ONE,
    ],
)
def test_the_same(formula: str) -> None:
    assert may_be_plain(formula, SINGLE)


@pytest.mark.parametrize(
    "formula",
    [
        "SUM(A1:A3*2)",
        "SUM(ABS(A1:A3))",
        "SUM(ROUND(A1:A3,0))",
        "SUM(LEN(A1:A3))",
        "SUM(IF(ISNUMBER(A1:A3),1,0))",
        "SUM(sizes*2)",
        "SUM(-sizes)",
        "SUM(sizes%)",
        "SUM((sizes)*2)",
        "SUM(T[size]*2)",
        "SUM(T[[#This Row],[a]:[b]]*2)",
        "SUM(Positions*2)",
        "SUM(Sheet1!sizes*2)",
        "SUM(INDEX(A1:C3,0,1)*2)",
        "SUM(INDEX(A1:C3,,1)*2)",
        "SUM(INDEX(RF_TIERS(A1,B1),2)*2)",
        "SUM(RF_TIERS(A1,B1)*2)",
        "SUM(_xlfn.SEQUENCE(3)*2)",
        "SUM(OFFSET(A1,0,0,3)*2)",
        "SUM(MYOWN(A1:A3))",
        "SUM(COUNTIF(A1:A9,B1:B3))",
        "SUM(VLOOKUP(A1:A3,B1:C9,2,FALSE))",
        "SUMPRODUCT(IF(A1:A3>0,1,0))",
        "SUMPRODUCT(INDEX(A1:A9,B1:B3))",
        "SUMPRODUCT(" + PRICE.format("A1:A3*2") + ")",
        "SUM({1,2}*2)",
        "A1:A3",
        "sizes",
        "RF_TIERS(A1,B1)+A1:A3",
        "INDEX(A1:A9,2):A3",
        "(A1,B1)",
        "A1:A3 A1:B1",
        "XYZ1*2",  # a name: no column goes so far
        "_xlfn.ANCHORARRAY(A1)*2",
        "_xlfn.LET(_xlpm.x,A1:A3,SUM(_xlpm.x*2))",
    ],
)
def test_something_else_or_not_known(formula: str) -> None:
    assert not may_be_plain(f"{formula}+0*{ONE}", SINGLE)


@pytest.mark.parametrize("size", ["SUM(ABS(A1:A3))", "A1:A3*2", "IF(A1,sizes,1)", "-sizes"])
def test_within_an_argument_of_ours(size: str) -> None:
    assert not may_be_plain(PRICE.format(size), SINGLE)


@pytest.mark.parametrize(
    "formula", ["", "(", "A1)", "SUM(A1#)", "1+", "RF_RISK(A1", "{1,2", "1 2", "(" * 4000]
)
def test_no_formula(formula: str) -> None:
    assert not may_be_plain(formula)
