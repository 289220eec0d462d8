import time
def test_x(office, document):
    fs=office.functions('RF_'); print(list(fs)); print(fs['RF_RISK'])
    S='Sheet1'
    for f in ['=RF_LIQ_PRICE("binance","BTCUSDT","long",50,60000,,20)','=RF_VENUES()','=RF_TIERS("binance","BTCUSDT")']:
        document.set(S,'A1',f); print(f, document.value(S,'A1'))
    document.set_array(S,'A1:L26','=RF_VENUES()')
    for r in document.values(S): print(r)
