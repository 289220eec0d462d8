"""What a key may do besides reading, where the venue tells."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

Exchange = Any


@dataclass(frozen=True, slots=True)
class Rights:
    """Whether a key may trade, and whether it may take money off the account."""

    trade: bool
    withdraw: bool


def _binance(exchange: Exchange) -> Rights:
    # developers.binance.com, Get API Key Permission
    answer = exchange.sapiGetAccountApiRestrictions()
    trading = ("enableFutures", "enableMargin", "enableSpotAndMarginTrading",
               "enableVanillaOptions", "enablePortfolioMarginTrading")  # fmt: skip
    return Rights(
        trade=any(_yes(answer.get(name)) for name in trading),
        withdraw=_yes(answer.get("enableWithdrawals")),
    )


def _bybit(exchange: Exchange) -> Rights:
    # bybit-exchange.github.io/docs/v5/user/apikey-info
    answer = exchange.privateGetV5UserQueryApi()["result"]
    writes = str(answer["readOnly"]) != "1"
    return Rights(
        trade=writes,
        withdraw=writes and "Withdraw" in (answer["permissions"].get("Wallet") or ()),
    )


def _okx(exchange: Exchange) -> Rights:
    # okx.com/docs-v5, Get account configuration: perm is read_only, trade, withdraw
    allowed = exchange.privateGetAccountConfig()["data"][0]["perm"].split(",")
    return Rights(trade="trade" in allowed, withdraw="withdraw" in allowed)


def _yes(value: object) -> bool:
    return str(value).lower() == "true"


RIGHTS: Final[Mapping[str, Callable[[Exchange], Rights]]] = {
    "binance": _binance,
    "binance_coinm": _binance,
    "bybit": _bybit,
    "okx": _okx,
}
