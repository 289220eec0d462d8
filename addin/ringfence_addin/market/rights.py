"""What a key may do besides reading, where the venue tells.

A reader raises (KeyError, TypeError, ValueError) where the answer does not say whether the key may
withdraw: what is not said is not taken for a no.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

Exchange = Any


@dataclass(frozen=True, slots=True)
class Rights:
    """Whether a key may trade, move money between accounts, and take it off the venue."""

    trade: bool
    transfer: bool
    withdraw: bool


def _binance(exchange: Exchange) -> Rights:
    # developers.binance.com, Get API Key Permission
    answer = exchange.sapiGetAccountApiRestrictions()
    trading = ("enableFutures", "enableMargin", "enableSpotAndMarginTrading", "enableFixApiTrade",
               "enableVanillaOptions", "enablePortfolioMarginTrading")  # fmt: skip
    moving = ("enableInternalTransfer", "permitsUniversalTransfer")
    withdraw = str(answer["enableWithdrawals"]).lower()
    if withdraw not in ("true", "false"):
        raise ValueError("enableWithdrawals is not true or false")
    return Rights(
        trade=any(_yes(answer.get(name)) for name in trading),
        transfer=any(_yes(answer.get(name)) for name in moving),
        withdraw=withdraw == "true",
    )


def _bybit(exchange: Exchange) -> Rights:
    # bybit-exchange.github.io/docs/v5/user/apikey-info
    answer = exchange.privateGetV5UserQueryApi()["result"]
    if str(answer["readOnly"]) == "1":
        return Rights(trade=False, transfer=False, withdraw=False)
    wallet = answer["permissions"]["Wallet"]
    return Rights(
        trade=True,
        transfer="AccountTransfer" in wallet or "SubMemberTransfer" in wallet,
        withdraw="Withdraw" in wallet,
    )


def _okx(exchange: Exchange) -> Rights:
    # okx.com/docs-v5, Get account configuration: perm is read_only, trade, withdraw
    stated = exchange.privateGetAccountConfig()["data"][0]["perm"]
    allowed = [word.strip() for word in stated.split(",")]
    if not {"read_only", "trade", "withdraw"}.issuperset(allowed):
        raise ValueError("perm is not of read_only, trade, withdraw")
    return Rights(trade="trade" in allowed, transfer=False, withdraw="withdraw" in allowed)


def _yes(value: object) -> bool:
    return str(value).lower() == "true"


RIGHTS: Final[Mapping[str, Callable[[Exchange], Rights]]] = {
    "binance": _binance,
    "binance_coinm": _binance,
    "bybit": _bybit,
    "okx": _okx,
}
