"""A venue's public or read-only endpoints, as ccxt reaches them."""

import os
from collections.abc import Callable
from typing import Any, Final, TypeVar

from ringfence.errors import RingfenceError
from ringfence_addin.market.keys import scrubbed, variable

_Answer = TypeVar("_Answer")

# ccxt's name of each venue
EXCHANGES: Final = {
    "binance": "binanceusdm",
    "binance_coinm": "binancecoinm",
    "bingx": "bingx",
    "bitget": "bitget",
    "blofin": "blofin",
    "bybit": "bybit",
    "delta": "delta",
    "deribit": "deribit",
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
        raise RingfenceError(
            "fetching needs ccxt; run: pip install '.[market]' in Ringfence's folder"
        ) from None
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
        "apiKey": variable(venue, "key"),
        "secret": variable(venue, "secret"),
    }
    found = {field: os.environ.get(name, "") for field, name in names.items()}
    if not all(found.values()):
        raise RingfenceError(
            f"{venue} shows its tiers only to a key; set {' and '.join(names.values())}"
            " (read-only is enough)"
        )
    return found


def asked(venue: str, exchange: Any, ask: Callable[[], _Answer], *, has_key: bool) -> _Answer:
    """``ask()``, a client's errors in one line each, without the key and without their causes.

    Raises RingfenceError.
    """
    import ccxt

    try:
        return ask()
    except RingfenceError:
        raise
    except ccxt.AuthenticationError as error:
        who = f"{venue} refused the key" if has_key else f"{venue} wants a key for this"
        why = f"{who} ({_said(error, exchange)}); a read-only key is enough"
    except (ccxt.DDoSProtection, ccxt.RateLimitExceeded, ccxt.OnMaintenance) as error:
        why = f"{venue} does not answer now ({_said(error, exchange)}); try again later"
    except ccxt.NetworkError as error:
        why = f"{venue} could not be reached ({type(error).__name__})"
    except ccxt.BaseError as error:
        why = f"{venue} did not answer as expected ({_said(error, exchange)})"
    except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        why = f"{venue} answered in a form that is not known ({_said(error, exchange)})"
    raise RingfenceError(why)


def _said(error: Exception, exchange: Any) -> str:
    """The error in a short line; a client quotes its own request, so the key is taken out."""
    return f"{type(error).__name__}: {scrubbed(str(error), exchange)[:160]}"
