"""How each venue states an open position: from its raw answer to the input columns.

ccxt is the client (addresses, pace, signature, list of contracts). The figures are read from the
venues' own records: ccxt's common form adds unrealized PnL to some margins, counts fees out of
none, and fills in a liquidation price of its own where the venue gives none.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from ringfence import inputs, venues
from ringfence.errors import InputError, MissingInputError, RingfenceError

Exchange = Any  # ccxt.Exchange, which has no types of its own for the raw endpoints
Row = Mapping[str, Any]
Context = Mapping[str, Any]  # what the venue says of the whole account

_SIDES: Final = {
    "long": "long", "buy": "long", "1": "long", "short": "short", "sell": "short", "2": "short",
}  # fmt: skip
_MODES: Final = {
    "isolated": "isolated", "1": "isolated", "isolated_margin": "isolated",
    "cross": "cross", "crossed": "cross", "2": "cross", "regular_margin": "cross",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ask:
    """One question: ccxt's name of the endpoint, and where the rows lie in the answer.

    ``{wallet}`` in a parameter stands for the public address. ``cursor``: where the answer names
    the next page.
    """

    endpoint: str
    params: Mapping[str, str] = field(default_factory=dict)
    rows: str = ""
    contract_type: str = ""  # '' where the venue's list of contracts tells
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """Where a position's figures stand: paths into the venue's record, ``a.b`` for b within a.

    ``margin`` makes the wallet of the box, without unrealized PnL; ``margin_from`` says of what,
    for people. ``contract_size`` where the venue counts in coins or dollars: else it is as listed.
    """

    asks: tuple[Ask, ...]
    symbol: str
    size: str
    entry: str
    mark: str | Callable[[Row], float]
    leverage: str
    liquidation: str
    mode: Callable[[Row, Context], object]
    margin: Callable[[Row, "Position"], float | None]
    margin_from: str
    side: str = ""  # '': the sign of the size
    public_mark: Ask | None = None  # asked with the symbol where the record has no mark
    contract_size: float | None = None
    contract_type: Callable[[Row], str] | None = None
    mmr: str = ""  # where a rule needs the rate that the venue states for a cross position
    context: Callable[[Exchange], Context] = lambda exchange: {}
    market_types: tuple[str, ...] = ()  # kinds of contracts to list, where not the client's own
    note: str = ""  # what the record cannot tell, said beside it


@dataclass(slots=True)
class Position:
    """One open position, in the input columns of :mod:`ringfence.inputs`."""

    symbol: str
    contract_type: str | None = None
    margin_mode: str | None = None
    side: str | None = None
    size: Any = None
    contract_size: float | None = None
    entry_price: Any = None
    mark_price: Any = None
    leverage: Any = None
    isolated_margin: float | None = None
    mmr: Any = None
    venue_reported_liquidation_price: float | None = None

    @property
    def sign(self) -> float:
        return 1.0 if self.side == "long" else -1.0

    @property
    def notional_at_entry(self) -> float:
        """In the settle currency."""
        size = float(self.size) * (self.contract_size or 1.0)
        price = float(self.entry_price)
        return size / price if self.contract_type == "inverse" else size * price


# Asking


def ask_for(exchange: Exchange, endpoint: str, params: Mapping[str, str]) -> Any:
    """The answer; None where this part of the account was never opened (a settle currency)."""
    import ccxt

    try:
        return getattr(exchange, endpoint)(dict(params))
    except ccxt.AccountNotEnabled:
        return None


# Reading


def dig(row: Any, path: str) -> Any:
    """The value at ``a.b.c``, None where a step is missing; '' is the whole.

    Of ``a|b`` it is the first that is there: a venue's two names of one figure.
    """
    for steps in path.split("|"):
        value = row
        for step in filter(None, steps.split(".")):
            if isinstance(value, Mapping):
                value = value.get(step)
            elif isinstance(value, Sequence) and not isinstance(value, str) and step.isdigit():
                value = value[int(step)] if int(step) < len(value) else None
            else:
                value = None
        if value is not None:
            return value
    return None


def figure(row: Row, path: str) -> Any:
    """A figure as a number; None where blank; what is no number stays, for its row to refuse."""
    value = dig(row, path) if path else None
    if inputs.is_blank(value):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return value
    return number if math.isfinite(number) else value


def needed(row: Row, path: str, column: str) -> float:
    """A number without which ``column`` is not known. Raises InputError."""
    number = figure(row, path)
    if number is None:
        raise MissingInputError(column, f"the venue's record has no {path}")
    if not isinstance(number, float):
        raise InputError(column, f"{path} {inputs.shown(number)} is not a number")
    return number


def read(record: Record, ask: Ask, row: Any, context: Context, listed: Row | None) -> Position:
    """One record as a position; its mark is None where the record has none.

    ``listed``: the contract in ccxt's list, if it is there. Raises InputError.
    """
    its = Position(symbol_of(record, row))
    its.contract_type = (
        record.contract_type(row) if record.contract_type else ask.contract_type or _type(listed)
    )
    size = figure(row, record.size)
    its.size = _size(size)
    its.side = _side(record, row, size)
    its.contract_size = record.contract_size or _contract_size(listed)
    its.entry_price = figure(row, record.entry)
    its.mark_price = (
        figure(row, record.mark) if isinstance(record.mark, str) else record.mark(row)
    ) or None
    its.leverage = _size(figure(row, record.leverage)) or None  # 0: cross; below: cross, at that
    its.venue_reported_liquidation_price = _stated_price(figure(row, record.liquidation))
    its.margin_mode = _MODES.get(str(record.mode(row, context)).lower())
    if its.margin_mode is None:
        raise InputError(
            "margin_mode",
            f"{inputs.shown(record.mode(row, context))} is not isolated or cross",
        )
    if its.margin_mode == "isolated":
        its.isolated_margin = record.margin(row, its)
    elif record.mmr:
        its.mmr = figure(row, record.mmr)
    return its


def symbol_of(record: Record, row: Any) -> str:
    return str(dig(row, record.symbol) or "")


def is_open(record: Record, row: Any) -> bool:
    """Whether the record is of a position, not of an empty slot; what is odd counts as one."""
    return not isinstance(row, Mapping) or figure(row, record.size) != 0


def _side(record: Record, row: Row, size: Any) -> str | None:
    stated = _SIDES.get(str(dig(row, record.side)).lower()) if record.side else None
    if stated or not isinstance(size, float):
        return stated
    return "long" if size > 0 else "short"


def _size(number: Any) -> Any:
    return abs(number) if isinstance(number, float) else number


def _stated_price(price: Any) -> float | None:
    """0, and what is below, is how venues say that there is none."""
    return price if isinstance(price, float) and price > 0 else None


def _type(listed: Row | None) -> str | None:
    if listed is None:
        return None
    return "inverse" if listed["inverse"] else "linear" if listed["linear"] else "quanto"


def _contract_size(listed: Row | None) -> float | None:
    if listed is None:
        return None
    info = listed["info"]
    if "ctVal" in info:  # okx, whose multiplier ccxt leaves out
        return float(info["ctVal"]) * float(info.get("ctMult") or 1)
    return float(listed["contractSize"]) if listed["contractSize"] else None


# Building blocks


def _at(path: str) -> Callable[[Row, Position], float | None]:
    return lambda row, its: needed(row, path, "isolated_margin")


def _difference(path: str, less: str) -> Callable[[Row, Position], float | None]:
    return lambda row, its: (
        needed(row, path, "isolated_margin") - needed(row, less, "isolated_margin")
    )


def _by_leverage(row: Row, its: Position) -> float | None:
    """Nothing: entry value / leverage is the margin."""
    needed({"leverage": its.leverage}, "leverage", "leverage")
    return None


def _word(path: str) -> Callable[[Row, Context], object]:
    return lambda row, context: dig(row, path)


def _flag(path: str, *, yes: str, no: str) -> Callable[[Row, Context], object]:
    def mode(row: Row, context: Context) -> object:
        value = dig(row, path)
        return {True: yes, False: no, "true": yes, "false": no}.get(value, value)

    return mode


# The venues


def _binance_mode(row: Row, context: Context) -> object:
    stated = dig(row, "marginType")  # v3 of the linear endpoint has none
    if stated is not None:
        return stated
    return "isolated" if needed(row, "isolatedWallet", "margin_mode") else "cross"


def _bybit_account(exchange: Exchange) -> Context:
    answer = exchange.privateGetV5AccountInfo()["result"]
    if answer["marginMode"] == "PORTFOLIO_MARGIN":
        raise RingfenceError("bybit: this account is in portfolio margin, which is not modelled")
    return {"marginMode": answer["marginMode"]}


def _bybit_margin(row: Row, its: Position) -> float | None:
    """positionBalance less the fee to close at the bankruptcy price, which it holds besides."""
    if figure(row, "positionBalance") is None:
        return _by_leverage(row, its)
    balance = needed(row, "positionBalance", "isolated_margin")
    assert its.contract_type
    fee = venues.rule_at("bybit", its.contract_type, date.today()).taker_fee_rate
    away = its.sign if its.contract_type == "linear" else -its.sign
    return (balance - fee * its.notional_at_entry) / (1 - fee * away)


def _bingx_margin(row: Row, its: Position) -> float | None:
    """Newer answers have ``margin``, older ones only ``initialMargin``: both with the PnL in it."""
    name = "margin" if figure(row, "margin") is not None else "initialMargin"
    return _difference(name, "unrealizedProfit")(row, its)


def _okx_account(exchange: Exchange) -> Context:
    return {"acctLv": str(exchange.privateGetAccountConfig()["data"][0]["acctLv"])}


def _okx_mode(row: Row, context: Context) -> object:
    if dig(row, "instType") not in ("SWAP", "FUTURES"):
        raise InputError("symbol", f"{dig(row, 'instType')} positions are not modelled")
    if dig(row, "mgnMode") == "cross" and context["acctLv"] != "2":
        raise InputError(
            "margin_mode", "cross is modelled in futures mode only, and this account is in another"
        )
    return dig(row, "mgnMode")


def _deribit_account(exchange: Exchange) -> Context:
    summaries = exchange.privateGetGetAccountSummaries()["result"]["summaries"]
    return {"summaries": {its["currency"]: its for its in summaries}}


def deribit_currency(symbol: str) -> str:
    """What a contract settles in: BTC_USDC-PERPETUAL in USDC, BTC-PERPETUAL in BTC."""
    return symbol.split("-")[0].split("_")[-1]


def _deribit_mode(row: Row, context: Context) -> object:
    if dig(row, "kind") != "future":
        raise InputError("symbol", f"{dig(row, 'kind')} positions are not modelled")
    currency = deribit_currency(str(dig(row, "instrument_name")))
    model = dig(context["summaries"], f"{currency}.margin_model")
    if model not in (None, "segregated_sm"):
        raise InputError("margin_mode", f"{model} is not modelled, only segregated_sm")
    return "cross"


def _gate_mode(row: Row, context: Context) -> object:
    return "cross" if needed(row, "leverage", "margin_mode") == 0 else "isolated"


def _kucoin_mode(row: Row, context: Context) -> object:
    stated = dig(row, "marginMode")
    return stated if stated else _flag("crossMode", yes="cross", no="isolated")(row, context)


def _hyperliquid_account(exchange: Exchange) -> Context:
    kind = exchange.publicPostInfo({"type": "userAbstraction", "user": exchange.walletAddress})
    return {"abstraction": kind}


def _hyperliquid_mark(row: Row) -> float:
    value = needed(row, "position.positionValue", "mark_price")
    return value / abs(needed(row, "position.szi", "size"))


def _hyperliquid_mode(row: Row, context: Context) -> object:
    kind = dig(row, "position.leverage.type")
    if kind == "cross" and context["abstraction"] in ("unifiedAccount", "portfolioMargin"):
        raise InputError(
            "margin_mode",
            f"cross in an account of the kind {context['abstraction']} is not modelled",
        )
    return kind


RECORDS: Final[Mapping[str, Record]] = {
    "binance": Record(
        (Ask("fapiPrivateV3GetPositionRisk", contract_type="linear"),),
        symbol="symbol", size="positionAmt", entry="entryPrice", mark="markPrice",
        leverage="leverage", liquidation="liquidationPrice", mode=_binance_mode,
        margin=_at("isolatedWallet"), margin_from="isolatedWallet", contract_size=1.0,
    ),
    "binance_coinm": Record(
        (Ask("dapiPrivateGetPositionRisk", contract_type="inverse"),),
        symbol="symbol", size="positionAmt", entry="entryPrice", mark="markPrice",
        leverage="leverage", liquidation="liquidationPrice", mode=_binance_mode,
        margin=_at("isolatedWallet"), margin_from="isolatedWallet",
    ),
    "bingx": Record(
        (Ask("swapV2PrivateGetUserPositions", rows="data", contract_type="linear"),),
        symbol="symbol", size="positionAmt", side="positionSide", entry="avgPrice",
        mark="markPrice",
        public_mark=Ask("swapV2PublicGetQuotePremiumIndex", rows="data.markPrice"),
        leverage="leverage", liquidation="liquidationPrice",
        mode=_flag("isolated", yes="isolated", no="cross"), margin=_bingx_margin,
        margin_from="margin (older answers: initialMargin) - unrealizedProfit", contract_size=1.0,
    ),
    "bitget": Record(
        tuple(
            Ask("privateMixGetV2MixPositionAllPosition",
                {"productType": f"{coin}-FUTURES", "marginCoin": coin}, "data", "linear")
            for coin in ("USDT", "USDC")
        ),
        symbol="symbol", size="total", side="holdSide", entry="openPriceAvg", mark="markPrice",
        leverage="leverage", liquidation="liquidationPrice", mode=_word("marginMode"),
        margin=_by_leverage, margin_from="entry value / leverage", contract_size=1.0,
        note="bitget: marginSize is the margin at the mark price since 2025-09-29; margin added to"
        " or taken out of a box by hand is not in its record",
    ),
    "blofin": Record(
        (Ask("privateGetAccountPositions", rows="data"),),
        symbol="instId", size="positions", side="positionSide", entry="averagePrice",
        mark="markPrice", leverage="leverage", liquidation="liquidationPrice",
        mode=_word("marginMode"), margin=_at("margin"), margin_from="margin",
    ),
    "bybit": Record(
        (
            *(
                Ask("privateGetV5PositionList",
                    {"category": "linear", "settleCoin": coin, "limit": "200"},
                    "result.list", "linear", "result.nextPageCursor")
                for coin in ("USDT", "USDC")
            ),
            Ask("privateGetV5PositionList", {"category": "inverse", "limit": "200"},
                "result.list", "inverse", "result.nextPageCursor"),
        ),
        symbol="symbol", size="size", side="side", entry="avgPrice", mark="markPrice",
        leverage="leverage", liquidation="liqPrice",
        mode=lambda row, context: context["marginMode"], margin=_bybit_margin,
        margin_from="positionBalance less the fee to close at the bankruptcy price",
        contract_size=1.0, context=_bybit_account,
        note="bybit: where positionBalance is blank the margin of a box is entry value / leverage;"
        " margin added by hand is then not in it",
    ),
    "deribit": Record(
        (Ask("privateGetGetPositions", rows="result"),),
        symbol="instrument_name", size="size", side="direction", entry="average_price",
        mark="mark_price", leverage="leverage", liquidation="estimated_liquidation_price",
        mode=_deribit_mode, margin=_by_leverage,
        margin_from="(there is no isolated margin)", contract_size=1.0,
        contract_type=lambda row: (
            "linear" if "_" in str(dig(row, "instrument_name")) else "inverse"
        ),
        context=_deribit_account,
    ),
    "gate": Record(
        (
            Ask("privateFuturesGetSettlePositions", {"settle": "usdt", "holding": "true"}),
            Ask("privateFuturesGetSettlePositions", {"settle": "btc", "holding": "true"}),
        ),
        symbol="contract", size="size", entry="entry_price", mark="mark_price",
        leverage="leverage", liquidation="liq_price", mode=_gate_mode, margin=_at("margin"),
        margin_from="margin",
    ),
    "hyperliquid": Record(
        (Ask("publicPostInfo", {"type": "clearinghouseState", "user": "{wallet}"},
             "assetPositions", "linear"),),
        symbol="position.coin", size="position.szi", entry="position.entryPx",
        mark=_hyperliquid_mark,
        leverage="position.leverage.value", liquidation="position.liquidationPx",
        mode=_hyperliquid_mode,
        margin=_difference("position.marginUsed", "position.unrealizedPnl"),
        margin_from="marginUsed - unrealizedPnl", contract_size=1.0,
        context=_hyperliquid_account,
        note="hyperliquid: positions in HIP-3 markets are not in this answer",
    ),
    "kucoin": Record(
        (Ask("futuresPrivateGetPositions", rows="data"),),
        symbol="symbol", size="currentQty", entry="avgEntryPrice", mark="markPrice",
        leverage="leverage", liquidation="liquidationPrice", mode=_kucoin_mode,
        margin=_difference("posMargin", "posComm"), margin_from="posMargin - posComm",
        mmr="maintMarginReq",
    ),
    "mexc": Record(
        (Ask("contractPrivateGetPositionOpenPositions", rows="data"),),
        symbol="symbol", size="holdVol", side="positionType", entry="holdAvgPrice",
        mark="", public_mark=Ask("contractPublicGetTicker", rows="data.fairPrice"),
        leverage="leverage", liquidation="liquidatePrice", mode=_word("openType"),
        margin=_at("im"), margin_from="im",
    ),
    "okx": Record(
        (Ask("privateGetAccountPositions", rows="data"),),
        symbol="instId", size="pos", side="posSide", entry="avgPx", mark="markPx",
        leverage="lever", liquidation="liqPx", mode=_okx_mode, margin=_at("margin"),
        margin_from="margin", context=_okx_account, market_types=("swap", "future"),
    ),
    "phemex": Record(
        (Ask("privateGetGAccountsAccountPositions", {"currency": "USDT"}, "data.positions",
             "linear"),),
        symbol="symbol", size="sizeRq|size", side="side", entry="avgEntryPriceRp",
        mark="markPriceRp", leverage="leverageRr", liquidation="liquidationPriceRp",
        mode=_flag("crossMargin", yes="cross", no="isolated"), margin=_at("assignedPosBalanceRv"),
        margin_from="assignedPosBalanceRv", contract_size=1.0,
        note="phemex: USDT-margined positions only",
    ),
}  # fmt: skip

# Why there is no record, where one might be looked for
REFUSED: Final = {
    "bitmex": "the client (ccxt) has no bitmex",
    "coinex": "the client (ccxt) has no coinex",
    "htx": "its new system's record does not state the wallet of a box in a way that is known",
    "kraken": "its record has neither the margin of a box nor a liquidation price",
}
