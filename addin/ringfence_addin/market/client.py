"""A venue's public or read-only endpoints, as ccxt reaches them."""

import os
from typing import Any, Final

from ringfence.errors import RingfenceError

# ccxt's name of each venue
EXCHANGES: Final = {
    "binance": "binanceusdm",
    "binance_coinm": "binancecoinm",
    "bingx": "bingx",
    "bitget": "bitget",
    "blofin": "blofin",
    "bybit": "bybit",
    "delta": "delta",
    "dydx": "dydx",
    "gate": "gate",
    "htx": "htx",
    "hyperliquid": "hyperliquid",
    "kraken": "krakenfutures",
    "kucoin": "kucoinfutures",
    "lighter": "lighter",
    "mexc": "mexc",
    "okx": "okx",
    "phemex": "phemex",
}
# Only contracts: spot markets, options and currencies are other endpoints.
_CONTRACTS_ONLY: Final[dict[str, Any]] = {
    "binance": ["linear"],
    "binance_coinm": ["inverse"],
    "bitget": ["swap"],
    "bybit": ["linear", "inverse"],
    "gate": ["swap"],
    "htx": {"spot": False, "linear": True, "inverse": True},
    "hyperliquid": ["swap"],
    "kucoin": ["swap", "future", "contract"],
    "mexc": {"spot": False, "swap": {"linear": True, "inverse": True}},
    "okx": ["swap"],
}


def connect(venue: str, *, needs_key: bool = False) -> Any:
    """The ccxt exchange of ``venue``, with a key from the environment where one is needed.

    Raises RingfenceError where ccxt or the key is missing.
    """
    try:
        import ccxt
    except ImportError:
        raise RingfenceError("fetching needs ccxt; run: pip install 'ringfence[market]'") from None
    options: dict[str, Any] = {"enableRateLimit": True, "timeout": 20_000}
    if needs_key:
        options |= _key(venue)
    exchange = getattr(ccxt, EXCHANGES[venue])(options)
    exchange.options["maxRetriesOnFailure"] = 2
    if types := _CONTRACTS_ONLY.get(venue):
        exchange.options["fetchMarkets"] = {
            **exchange.options.get("fetchMarkets", {}),
            "types": types,
        }
    exchange.has["fetchCurrencies"] = False
    return exchange


def _key(venue: str) -> dict[str, str]:
    """The read-only API key in the environment; it is never written or shown anywhere."""
    names = {
        "apiKey": f"RINGFENCE_{venue.upper()}_KEY",
        "secret": f"RINGFENCE_{venue.upper()}_SECRET",
    }
    found = {field: os.environ.get(name, "") for field, name in names.items()}
    if not all(found.values()):
        raise RingfenceError(
            f"{venue} shows its tiers only to a key; set {' and '.join(names.values())}"
            " (read-only is enough)"
        )
    return found
