"""A position file with every kind of bad row between good ones, and what must be said of each."""

GOOD = {
    "venue": "binance", "symbol": "BTCUSDT", "side": "long", "size": "0.5",
    "entry_price": "60000", "leverage": "20", "isolated_margin": "", "mark_price": "61000",
    "mmr": "", "taker_fee_rate": "", "as_of": "",
}  # fmt: skip
INJECTION = "=cmd|' /C calc'!A0"

# (what is changed in a good row, the start of the message; '' where the row is good after all)
ROWS: list[tuple[dict[str, str], str]] = [
    ({}, ""),
    ({"venue": ""}, "venue: missing"),
    ({"side": " "}, "side: missing"),
    ({"size": ""}, "size: missing"),
    ({"entry_price": ""}, "entry_price: missing"),
    ({"leverage": ""}, "isolated_margin: missing; give isolated_margin or leverage"),
    ({"symbol": ""}, "symbol: missing"),
    ({"entry_price": "60,000"}, "entry_price: '60,000' is not a number above 0"),
    ({"entry_price": "60,000.50"}, ""),
    ({"entry_price": "5%"}, "entry_price: '5%' is not a number above 0"),
    ({"mmr": "0.5%"}, ""),
    ({"mmr": "5"}, "mmr: 5 is not a number at least 0 and below 1 (5 % is 0.05)"),
    (
        {"venue": "okx", "symbol": "BTC-USDT-SWAP", "taker_fee_rate": "0.996"},
        "taker_fee_rate: the fee rate 0.996 and the maintenance margin rate",
    ),
    ({"leverage": "10x"}, "leverage: '10x' is not a number above 0"),
    ({"venue": "bybit", "symbol": "DOTUSD", "mmr": "0.01"}, "contract_type: missing; 'DOTUSD' is"),
    ({"venue": "mtgox"}, "venue: 'mtgox' is not on file; there are binance"),
    ({"size": "-1"}, "size: -1 is not a number above 0; the column side says long or short"),
    ({"size": "0"}, "size: 0 is not a number above 0"),
    ({"entry_price": "0"}, "entry_price: 0 is not a number above 0"),
    ({"entry_price": "nan"}, "entry_price: 'nan' is not a number above 0"),
    ({"entry_price": "inf"}, "entry_price: 'inf' is not a number above 0"),
    ({"size": "1e300", "entry_price": "1e300"}, "size: size x contract_size x price is out of"),
    ({"side": "up"}, "side: 'up' is not long or short"),
    ({"symbol": "NOSUCHUSDT"}, "symbol: 'NOSUCHUSDT' has no tiers on file for binance"),
    ({"symbol": INJECTION}, "symbol: \"=cmd|' /C calc'!A0\" has no tiers on file"),
    ({"symbol": INJECTION, "mmr": "0.01"}, ""),
    ({"symbol": "<script>alert(1)</script>", "mmr": "0.01"}, ""),
    ({"symbol": "@SUM(1)", "mmr": "0.01"}, ""),
    ({"as_of": "yesterday"}, "as_of: 'yesterday' is not a date like 2026-11-23"),
    ({"side": "long\tshort"}, "side: 'long\\tshort' is not long or short"),
    ({"size": "1" * 400}, "size: inf is not a number above 0"),
    ({"size": "--1"}, "size: '--1' is not a number above 0"),
    ({}, ""),
]
RECORDS = [{**GOOD, **changed} for changed, _ in ROWS]
MESSAGES = [message for _, message in ROWS]
