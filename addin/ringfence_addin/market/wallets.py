"""What each venue says of an account's wallets: from its raw answers to rows of accounts.

``wallet_balance`` is as :mod:`ringfence.accounts` wants it: without unrealized PnL, with the margin
of isolated boxes in it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ringfence import tiers
from ringfence_addin.market.records import (
    Context,
    Exchange,
    Row,
    ask_for,
    deribit_currency,
    dig,
    needed,
)

_BALANCE: Final = "wallet_balance"


@dataclass(frozen=True, slots=True)
class Wallet:
    """One balance in one currency; ``price`` in dollars, of a coin in a multi-asset account."""

    wallet_balance: float
    currency: str
    price: float | None = None
    collateral_mode: str | None = None


@dataclass(frozen=True, slots=True)
class Funds:
    """How a venue's wallets are read, from its answers to the positions too, and from what."""

    read: Callable[[Exchange, Sequence[Any], Context], Iterator[Wallet]]
    balance_from: str
    boxes_assumed: bool = False  # no page says whether the figure holds the margin of boxes


def _sum(row: Row, plus: str, *minus: str) -> float:
    return needed(row, plus, _BALANCE) - sum(needed(row, name, _BALANCE) for name in minus)


def _plain(
    endpoint: str, currency: str, balance: str, *minus: str, rows: str = "",
    params: Sequence[Mapping[str, str]] = ({},),
) -> Callable[[Exchange, Sequence[Any], Context], Iterator[Wallet]]:  # fmt: skip
    """Wallets that one endpoint lists, a row a currency; empty ones are left out."""

    def wallets(exchange: Exchange, answers: Sequence[Any], context: Context) -> Iterator[Wallet]:
        for asked in params:
            listed = dig(ask_for(exchange, endpoint, asked), rows)
            for row in [listed] if isinstance(listed, Mapping) else listed or ():
                wallet = Wallet(_sum(row, balance, *minus), str(row[currency]))
                if wallet.wallet_balance:
                    yield wallet

    return wallets


def _binance(exchange: Exchange, answers: Sequence[Any], context: Context) -> Iterator[Wallet]:
    multi = str(exchange.fapiPrivateGetMultiAssetsMargin()["multiAssetsMargin"]).lower() == "true"
    prices: dict[str, float] = {}
    if multi:
        for row in exchange.fapiPublicGetAssetIndex():
            prices[str(row["symbol"]).removesuffix("USD")] = needed(row, "index", "price")
    for row in exchange.fapiPrivateV3GetBalance():
        balance, currency = needed(row, "balance", _BALANCE), str(row["asset"])
        if balance:
            price = None if currency in tiers.DOLLARS else prices.get(currency)
            yield Wallet(balance, currency, price, "multi" if multi else None)


def _bybit(exchange: Exchange, answers: Sequence[Any], context: Context) -> Iterator[Wallet]:
    answer = exchange.privateGetV5AccountWalletBalance({"accountType": "UNIFIED"})
    row = answer["result"]["list"][0]
    yield Wallet(_sum(row, "totalMarginBalance", "totalPerpUPL"), "USD")


def _deribit(exchange: Exchange, answers: Sequence[Any], context: Context) -> Iterator[Wallet]:
    """Equity less all PnL since entry: at 8:00 UTC a day's profit goes into the balance."""
    held = dig(answers[0], "result")
    for currency, summary in context["summaries"].items():
        profits = [
            needed(row, "total_profit_loss", _BALANCE)
            for row in held
            if deribit_currency(str(row["instrument_name"])) == currency
        ]
        if balance := needed(summary, "equity", _BALANCE) - sum(profits):
            yield Wallet(balance, currency)


def _hyperliquid(exchange: Exchange, answers: Sequence[Any], context: Context) -> Iterator[Wallet]:
    profits = [
        needed(row, "position.unrealizedPnl", _BALANCE) for row in answers[0]["assetPositions"]
    ]
    value = needed(answers[0], "marginSummary.accountValue", _BALANCE)
    yield Wallet(value - sum(profits), "USDC")


def _kucoin(exchange: Exchange, answers: Sequence[Any], context: Context) -> Iterator[Wallet]:
    for currency in sorted({row["settleCurrency"] for row in answers[0]["data"]}):
        row = exchange.futuresPrivateGetAccountOverview({"currency": currency})["data"]
        yield Wallet(needed(row, "marginBalance", _BALANCE), currency)


def _phemex(exchange: Exchange, answers: Sequence[Any], context: Context) -> Iterator[Wallet]:
    yield Wallet(needed(answers[0], "data.account.accountBalanceRv", _BALANCE), "USDT")


FUNDS: Final[Mapping[str, Funds]] = {
    "binance": Funds(_binance, "balance"),
    "binance_coinm": Funds(_plain("dapiPrivateGetBalance", "asset", "balance"), "balance"),
    "bingx": Funds(
        _plain("swapV3PrivateGetUserBalance", "asset", "balance", rows="data"), "balance", True
    ),
    "bitget": Funds(
        _plain("privateMixGetV2MixAccountAccounts", "marginCoin", "accountEquity", "unrealizedPL",
               rows="data", params=({"productType": "USDT-FUTURES"},
                                    {"productType": "USDC-FUTURES"})),
        "accountEquity - unrealizedPL", True,
    ),
    "blofin": Funds(
        _plain("privateGetAccountBalance", "currency", "balance", rows="data.details"),
        "balance", True,
    ),
    "bybit": Funds(_bybit, "totalMarginBalance - totalPerpUPL, in USD"),
    "deribit": Funds(_deribit, "equity - total_profit_loss of the positions"),
    "gate": Funds(
        _plain("privateFuturesGetSettleAccounts", "currency", "total",
               params=({"settle": "usdt"}, {"settle": "btc"})),
        "total",
    ),
    "hyperliquid": Funds(
        _hyperliquid, "marginSummary.accountValue - unrealizedPnl of the positions"
    ),
    "kucoin": Funds(_kucoin, "marginBalance"),
    "mexc": Funds(
        _plain("contractPrivateGetAccountAssets", "currency", "equity", "unrealized", rows="data"),
        "equity - unrealized", True,
    ),
    "okx": Funds(
        _plain("privateGetAccountBalance", "ccy", "cashBal", rows="data.0.details"), "cashBal", True
    ),
    "phemex": Funds(_phemex, "accountBalanceRv"),
}  # fmt: skip
