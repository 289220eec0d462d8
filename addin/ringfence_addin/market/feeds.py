"""How each venue states its tiers: from its raw answers to :class:`Listing` rows.

ccxt is the client (addresses, pace, signature, list of contracts, contract sizes and ticks). The
tiers are read from the venues' own answers, because ccxt's common form drops the maintenance
amounts and calls contracts a notional.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from ringfence.tiers import Tier

Exchange = Any  # ccxt.Exchange, which has no types of its own for the raw endpoints
Market = Mapping[str, Any]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Listing:
    """One contract as its venue lists it today."""

    symbol: str
    contract_type: str
    contract_size: float
    tick: float | None
    tiers: tuple[Tier, ...]


@dataclass(frozen=True, slots=True)
class Feed:
    """Where a venue's tiers come from. ``floor_unit`` by contract type, as in the tier files."""

    endpoint: str
    read: Callable[[Exchange, Progress], Iterable[Listing]]
    floor_unit: str | dict[str, str]
    needs_key: bool = False
    quotes: tuple[str, ...] = ()  # where symbols name no quote


# Building blocks


def _contracts(exchange: Exchange) -> dict[str, Market]:
    """The perpetuals and futures that trade, by the venue's own symbol."""
    markets = exchange.load_markets().values()
    return {
        str(market["id"]): market
        for market in markets
        if market["contract"] and not market["option"] and market["active"] is not False
    }


def _listing(market: Market, tiers: Sequence[Tier], symbol: str | None = None) -> Listing:
    return Listing(
        symbol=symbol or str(market["id"]),
        contract_type="inverse" if market["inverse"] else "linear",
        contract_size=float(market["contractSize"] or 0),
        tick=float(tick) if (tick := market["precision"]["price"]) else None,
        tiers=tuple(tiers),
    )


def _from_caps(rows: Iterable[tuple[float, float, float]]) -> list[Tier]:
    """Tiers from (upper bound, rate, leverage) rows in any order; no maintenance amounts."""
    ordered = sorted(rows)
    floors = [0.0, *(cap for cap, _, _ in ordered)]
    return [
        Tier(floor, rate, leverage, 0.0)
        for floor, (_, rate, leverage) in zip(floors, ordered, strict=False)
    ]


def _continuous(tiers: Sequence[Tier]) -> list[Tier]:
    """The same brackets with the maintenance amounts that make the margin continuous."""
    amount, done = 0.0, list(tiers[:1])
    for below, tier in pairwise(tiers):
        step = tier.maintenance_margin_rate - below.maintenance_margin_rate
        amount += tier.floor * step
        done.append(Tier(tier.floor, tier.maintenance_margin_rate, tier.max_leverage, amount))
    return done


def _grouped(rows: Iterable[Mapping[str, Any]], name: str) -> dict[str, list[Mapping[str, Any]]]:
    groups: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[str(row[name])].append(row)
    return groups


def _each(contracts: Mapping[str, Market], progress: Progress) -> Iterator[tuple[str, Market]]:
    for done, (symbol, market) in enumerate(contracts.items()):
        progress(done, len(contracts))
        yield symbol, market


def _ask(endpoint: Callable[[Mapping[str, str]], Any], about: Mapping[str, str]) -> Any:
    """The answer about one contract; one without rows where the venue does not know it."""
    import ccxt

    try:
        return endpoint(about)
    except ccxt.BadRequest:  # BadSymbol too
        return {"data": []}


# The venues


def _binance(exchange: Exchange, progress: Progress) -> Iterator[Listing]:
    contracts = _contracts(exchange)
    for row in exchange.fapiPrivateGetLeverageBracket():
        # A coefficient is this account's own: its tiers are not what others trade under.
        if row["symbol"] in contracts and float(row.get("notionalCoef") or 1) == 1:
            yield _listing(contracts[row["symbol"]], _binance_tiers(row, "notionalFloor"))


def _binance_coinm(exchange: Exchange, progress: Progress) -> Iterator[Listing]:
    contracts = _contracts(exchange)
    for row in exchange.dapiPrivateV2GetLeverageBracket():
        if row["symbol"] in contracts:
            # The documentation spells it qtylFloor.
            floor = "qtyFloor" if "qtyFloor" in row["brackets"][0] else "qtylFloor"
            yield _listing(contracts[row["symbol"]], _binance_tiers(row, floor))


def _binance_tiers(row: Mapping[str, Any], floor: str) -> list[Tier]:
    tiers = [
        Tier(
            float(bracket[floor]),
            float(bracket["maintMarginRatio"]),
            float(bracket["initialLeverage"]),
            float(bracket["cum"]),
        )
        for bracket in row["brackets"]
    ]
    return sorted(tiers, key=lambda tier: tier.floor)


def _bingx(exchange: Exchange, progress: Progress) -> Iterator[Listing]:
    # Its tiers are those of the linear contracts; the list of spot markets is not needed.
    contracts = {str(market["id"]): market for market in exchange.fetch_swap_markets({})}
    for symbol, market in _each(contracts, progress):
        answer = _ask(exchange.swapV1PrivateGetMaintMarginRatio, {"symbol": symbol})
        tiers = [
            Tier(
                float(row["minPositionVal"]),
                float(row["maintMarginRatio"]),
                0.0,  # not in the answer
                float(row["maintAmount"]),
            )
            for row in answer["data"]
        ]
        yield _listing(market, sorted(tiers, key=lambda tier: tier.floor))


def _bitget(exchange: Exchange, progress: Progress) -> Iterator[Listing]:
    linear = {s: market for s, market in _contracts(exchange).items() if market["linear"]}
    for symbol, market in _each(linear, progress):
        answer = _ask(
            exchange.publicMixGetV2MixMarketQueryPositionLever,
            {"symbol": symbol, "productType": f"{market['settle']}-FUTURES"},
        )
        rows = [
            (float(row["endUnit"]), float(row["keepMarginRate"]), float(row["leverage"]))
            for row in answer["data"]
        ]
        yield _listing(market, _continuous(_from_caps(rows)))


def _blofin(exchange: Exchange, progress: Progress) -> Iterator[Listing]:
    linear = {s: market for s, market in _contracts(exchange).items() if market["linear"]}
    for symbol, market in _each(linear, progress):
        answer = _ask(
            exchange.publicGetMarketPositionTiers, {"instId": symbol, "marginMode": "isolated"}
        )
        rows = [
            (float(row["maxSize"]), float(row["maintenanceMarginRate"]), float(row["maxLeverage"]))
            for row in answer["data"]
        ]
        yield _listing(market, _from_caps(rows))


def _bybit(exchange: Exchange, progress: Progress) -> Iterator[Listing]:
    contracts = _contracts(exchange)
    for category in ("linear", "inverse"):
        rows: list[Mapping[str, Any]] = []
        cursor = ""
        while True:
            answer = exchange.publicGetV5MarketRiskLimit({"category": category, "cursor": cursor})
            rows += answer["result"]["list"]
            before, cursor = cursor, answer["result"].get("nextPageCursor") or ""
            if cursor in ("", before):
                break
        for symbol, its in _grouped(rows, "symbol").items():
            if symbol in contracts:
                yield _listing(contracts[symbol], _bybit_tiers(its))


def _bybit_tiers(rows: Sequence[Mapping[str, Any]]) -> list[Tier]:
    ordered = sorted(rows, key=lambda row: float(row["riskLimitValue"]))
    floors = [0.0, *(float(row["riskLimitValue"]) for row in ordered)]
    tiers = []
    for floor, row in zip(floors, ordered, strict=False):
        # Rates come as fractions or as percents: initial rate x leverage is 1 or 100.
        leverage = float(row["maxLeverage"])
        unit = 100.0 if float(row["initialMargin"]) * leverage > 10 else 1.0
        amount = float(row.get("mmDeduction") or 0)
        tiers.append(Tier(floor, float(row["maintenanceMargin"]) / unit, leverage, amount))
    return tiers


def _delta(exchange: Exchange, progress: Progress) -> Iterator[Listing]:
    for market in _contracts(exchange).values():
        info = market["info"]
        if not market["linear"] or not info.get("maintenance_margin_scaling_factor"):
            continue
        # Percents; the slope is percent a dollar beyond the threshold.
        tier = Tier(
            float(info["max_leverage_notional"]),
            float(info["maintenance_margin"]) / 100,
            round(100 / float(info["initial_margin"]), 2),
            float(info["maintenance_margin_scaling_factor"]) / 100,
        )
        yield _listing(market, [tier])


def _dydx(exchange: Exchange, progress: Progress) -> Iterator[Listing]:
    for symbol, row in exchange.indexerGetPerpetualMarkets()["markets"].items():
        if row["status"] == "ACTIVE":
            rate, initial = float(row["maintenanceMarginFraction"]), row["initialMarginFraction"]
            tier = Tier(0.0, rate, round(1 / float(initial), 2), 0.0)
            yield Listing(symbol, "linear", 1.0, float(row["tickSize"]), (tier,))


def _gate(exchange: Exchange, progress: Progress) -> Iterator[Listing]:
    contracts = _contracts(exchange)
    for settle in ("usdt", "btc"):
        listed: dict[str, list[Mapping[str, Any]]] = {}
        while True:  # a page holds all tiers of up to 100 contracts
            page = exchange.publicFuturesGetSettleRiskLimitTiers(
                {"settle": settle, "limit": 100, "offset": len(listed)}
            )
            its_contracts = _grouped(page, "contract")
            nothing_new = its_contracts.keys() <= listed.keys()
            listed |= its_contracts
            if nothing_new or len(its_contracts) < 100:
                break
        for symbol, its in listed.items():
            market = contracts.get(symbol)
            if market and (market["linear"] or market["inverse"]):
                yield _listing(market, _gate_tiers(its))


def _gate_tiers(rows: Sequence[Mapping[str, Any]]) -> list[Tier]:
    ordered = sorted(rows, key=lambda row: float(row["risk_limit"]))
    floors = [0.0, *(float(row["risk_limit"]) for row in ordered)]
    return [
        Tier(
            floor,
            float(row["maintenance_rate"]),
            float(row["leverage_max"]),
            float(row["deduction"]),
        )
        for floor, row in zip(floors, ordered, strict=False)
    ]


def _htx(exchange: Exchange, progress: Progress) -> Iterator[Listing]:
    contracts = _contracts(exchange)
    for answer in (
        exchange.contractPublicGetLinearSwapApiV1SwapAdjustfactor(),
        exchange.contractPublicGetSwapApiV1SwapAdjustfactor(),
    ):
        for row in answer["data"]:
            if market := contracts.get(row["contract_code"]):
                yield _listing(market, _htx_tiers(row["list"]))


def _htx_tiers(by_leverage: Sequence[Mapping[str, Any]]) -> list[Tier]:
    """Adjustment factors: ladders by net contracts, one set for each leverage."""
    tiers = []
    for row in sorted(by_leverage, key=lambda row: float(row["lever_rate"])):
        floor = 0.0
        for ladder in sorted(row["ladders"], key=lambda ladder: int(ladder["ladder"])):
            tiers.append(Tier(floor, float(ladder["adjust_factor"]), float(row["lever_rate"]), 0.0))
            floor = float(ladder["max_size"] or 0)
    return tiers


def _hyperliquid(exchange: Exchange, progress: Progress) -> Iterator[Listing]:
    meta = exchange.publicPostInfo({"type": "meta"})
    tables = {int(number): table["marginTiers"] for number, table in meta["marginTables"]}
    for coin in meta["universe"]:
        if coin.get("isDelisted"):
            continue
        # A table below 50 is one tier at that leverage.
        number = int(coin.get("marginTableId") or coin["maxLeverage"])
        table = tables.get(number) or [{"lowerBound": "0", "maxLeverage": coin["maxLeverage"]}]
        tiers = [
            Tier(float(row["lowerBound"]), 0.5 / float(row["maxLeverage"]),
                 float(row["maxLeverage"]), 0.0)
            for row in table
        ]  # fmt: skip
        yield Listing(coin["name"], "linear", 1.0, None, tuple(_continuous(tiers)))


def _kraken(exchange: Exchange, progress: Progress) -> Iterator[Listing]:
    for market in _contracts(exchange).values():
        levels = market["info"].get("marginLevels")
        if not levels:
            continue
        floor = "contracts" if market["inverse"] else "numNonContractUnits"
        tiers = [
            Tier(
                float(level[floor]),
                float(level["maintenanceMargin"]),
                round(1 / float(level["initialMargin"]), 2),
                0.0,
            )
            for level in levels
            if level.get(floor) is not None
        ]
        yield _listing(market, tiers, str(market["id"]).upper())


def _kucoin(exchange: Exchange, progress: Progress) -> Iterator[Listing]:
    linear = {s: market for s, market in _contracts(exchange).items() if market["linear"]}
    for symbol, market in _each(linear, progress):
        answer = _ask(exchange.futuresPublicGetContractsRiskLimitSymbol, {"symbol": symbol})
        rows = [
            (float(row["maxRiskLimit"]), float(row["maintainMargin"]), float(row["maxLeverage"]))
            for row in answer["data"]
        ]
        yield _listing(market, _from_caps(rows))


def _lighter(exchange: Exchange, progress: Progress) -> Iterator[Listing]:
    for row in exchange.publicGetOrderBookDetails()["order_book_details"]:
        if row["status"] == "active" and row.get("maintenance_margin_fraction"):
            initial = float(row["min_initial_margin_fraction"])
            rate = float(row["maintenance_margin_fraction"]) / 10_000
            tick = 10.0 ** -int(row["price_decimals"])
            tier = Tier(0.0, rate, round(10_000 / initial, 2), 0.0)
            yield Listing(row["symbol"], "linear", 1.0, tick, (tier,))


def _mexc(exchange: Exchange, progress: Progress) -> Iterator[Listing]:
    for market in _contracts(exchange).values():
        if market["linear"] or market["inverse"]:
            yield _listing(market, _from_caps(_mexc_rows(market["info"])))


def _mexc_rows(info: Mapping[str, Any]) -> list[tuple[float, float, float]]:
    """(most contracts, rate, leverage) of each level: listed one by one, or in equal steps."""
    if info.get("riskLimitMode") == "CUSTOM":
        return [
            (float(level["maxVol"]), float(level["mmr"]), float(level["maxLeverage"]))
            for level in info["riskLimitCustom"]
        ]
    base, step = float(info["riskBaseVol"]), float(info["riskIncrVol"])
    rate, initial = float(info["maintenanceMarginRate"]), float(info["initialMarginRate"])
    return [
        (
            base + level * step,
            rate + level * float(info["riskIncrMmr"]),
            round(1 / (initial + level * float(info["riskIncrImr"])), 2),
        )
        for level in range(int(info["riskLevelLimit"]) if step else 1)
    ]


def _okx(exchange: Exchange, progress: Progress) -> Iterator[Listing]:
    for symbol, market in _each(_contracts(exchange), progress):
        info = market["info"]
        answer = _ask(
            exchange.publicGetPublicPositionTiers,
            {"instType": "SWAP", "tdMode": "isolated", "instFamily": info["instFamily"]},
        )
        rows = [
            (float(row["maxSz"]), float(row["mmr"]), float(row["maxLever"]))
            for row in answer["data"]
        ]
        listing = _listing(market, _from_caps(rows))
        size = float(info["ctVal"]) * float(info["ctMult"])
        yield Listing(symbol, listing.contract_type, size, listing.tick, listing.tiers)


def _phemex(exchange: Exchange, progress: Progress) -> Iterator[Listing]:
    contracts = _contracts(exchange)
    ladders = {
        int(ladder["index_id"]): ladder["items"]
        for ladder in exchange.v2GetPublicProducts()["data"].get("leverageMargins", ())
    }
    for market in contracts.values():
        info = market["info"]
        if (number := info.get("leverageMargin")) and int(number) in ladders:
            yield _listing(market, _phemex_ladder(ladders[int(number)]))
        elif rows := info.get("riskLimits"):
            caps = [
                (
                    float(row["limit"]),
                    _phemex_rate(row, "maintenanceMargin"),
                    round(1 / _phemex_rate(row, "initialMargin"), 2),
                )
                for row in rows
            ]
            yield _listing(market, _continuous(_from_caps(caps)))


def _phemex_ladder(rows: Sequence[Mapping[str, Any]]) -> list[Tier]:
    """The newer form: upper bounds with the venue's own maintenance amounts."""
    ordered = sorted(rows, key=lambda row: float(row["notionalValueRv"]))
    floors = [0.0, *(float(row["notionalValueRv"]) for row in ordered)]
    return [
        Tier(
            floor,
            float(row["maintenanceMarginRateRr"]),
            float(row["maxLeverage"]),
            float(row["maintenanceAmountRv"]),
        )
        for floor, row in zip(floors, ordered, strict=False)
    ]


def _phemex_rate(row: Mapping[str, Any], name: str) -> float:
    """A rate as a plain fraction (``...Rr``) or scaled by 10^8 (``...Er``)."""
    real = row.get(f"{name}Rr")
    return float(real) if real is not None else float(row[f"{name}Er"]) / 1e8


_BY_TYPE: Final = {"linear": "quote", "inverse": "base"}

FEEDS: Final[dict[str, Feed]] = {
    "binance": Feed("GET /fapi/v1/leverageBracket", _binance, "quote", needs_key=True),
    "binance_coinm": Feed("GET /dapi/v2/leverageBracket", _binance_coinm, "base", needs_key=True),
    "bingx": Feed("GET /openApi/swap/v1/maintMarginRatio", _bingx, _BY_TYPE, needs_key=True),
    "bitget": Feed("GET /api/v2/mix/market/query-position-lever", _bitget, "quote"),
    "blofin": Feed("GET /api/v1/market/position-tiers (isolated)", _blofin, "contracts"),
    "bybit": Feed("GET /v5/market/risk-limit", _bybit, _BY_TYPE),
    "delta": Feed("GET /v2/products", _delta, "quote"),
    "dydx": Feed("GET /v4/perpetualMarkets", _dydx, "quote"),
    "gate": Feed("GET /api/v4/futures/{settle}/risk_limit_tiers", _gate, _BY_TYPE),
    "htx": Feed("GET swap_adjustfactor", _htx, "contracts"),
    "hyperliquid": Feed(
        'POST /info {"type": "meta"}', _hyperliquid, "quote", quotes=("USDC", "USD")
    ),
    "kraken": Feed(
        "GET /derivatives/api/v3/instruments",
        _kraken,
        {"linear": "quote", "inverse": "contracts"},
    ),
    "kucoin": Feed("GET /api/v1/contracts/risk-limit/{symbol}", _kucoin, _BY_TYPE),
    "lighter": Feed("GET /api/v1/orderBookDetails", _lighter, "quote", quotes=("USDC", "USD")),
    "mexc": Feed("GET /api/v1/contract/detail", _mexc, "contracts"),
    "okx": Feed("GET /api/v5/public/position-tiers", _okx, "contracts"),
    "phemex": Feed("GET /public/products", _phemex, _BY_TYPE),
}
