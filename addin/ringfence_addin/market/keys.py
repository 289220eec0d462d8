"""A venue's read-only key: from the environment, else from the keyring of the operating system.

A key is never an argument, never shown, logged or written to a file.
"""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final
from urllib.parse import quote

from ringfence.errors import RingfenceError

SERVICE: Final = "ringfence"  # in the keyring; an entry a venue, account and field
# What a key consists of, and ccxt's names of it
_KEY: Final = {"key": "apiKey", "secret": "secret"}
_WITH_PASSPHRASE: Final = {**_KEY, "passphrase": "password"}
_FIELDS: Final[Mapping[str, Mapping[str, str]]] = {
    "bitget": _WITH_PASSPHRASE,
    "blofin": _WITH_PASSPHRASE,
    "hyperliquid": {"address": "walletAddress"},  # public: nothing is signed
    "kucoin": _WITH_PASSPHRASE,
    "okx": _WITH_PASSPHRASE,
}
_CREDENTIALS: Final = ("apiKey", "secret", "password", "walletAddress", "privateKey")
_LONG_TOKEN: Final = re.compile(r"[A-Za-z0-9+/_=%-]{32,}")  # a signature, a key, another's address
_QUERY: Final = re.compile(r"\?\S*")  # of a quoted request: its signature stands there


def fields(venue: str) -> Mapping[str, str]:
    """What ``venue`` asks of a reader: our name of each field -> ccxt's."""
    return _FIELDS.get(venue, _KEY)


def variable(venue: str, field: str) -> str:
    """The environment's name of a field, such as RINGFENCE_BINANCE_KEY."""
    return f"RINGFENCE_{venue}_{field}".upper()


def find(venue: str, account: str = "") -> dict[str, str]:
    """The key, by ccxt's names. Raises RingfenceError that says where to put it.

    The environment goes first, as a whole: a half of a key there is never completed by another
    half from the keyring.
    """
    names = fields(venue)
    found = {field: os.environ.get(variable(venue, field), "").strip() for field in names}
    if not any(found.values()):
        found = {field: _stored(_entry(venue, account, field)) for field in names}
    if not all(found.values()):
        wanted = " and ".join(variable(venue, field) for field in names)
        whose = f" --account {account}" if account else ""
        raise RingfenceError(
            f"{venue}: no key to read positions with; set {wanted}, or run: ringfence positions"
            f" {venue}{whose} --store-key (a read-only key is enough)"
        )
    return {names[field]: value for field, value in found.items()}


def store(venue: str, account: str, ask: Callable[[str], str]) -> None:
    """Put a key into the keyring, each field as ``ask`` returns it for a prompt.

    Raises RingfenceError where a field is blank (nothing is stored then) or no keyring is there.
    """
    given = {field: ask(f"{venue} {field}: ").strip() for field in fields(venue)}
    for field, value in given.items():
        if not value:
            raise RingfenceError(f"{field}: nothing was given; nothing was stored")
    keyring = _keyring()
    if keyring is None:
        raise RingfenceError(
            "storing a key needs keyring; run: pip install '.[market]' in Ringfence's folder"
        )
    problem = ""
    try:
        for field, value in given.items():
            keyring.set_password(SERVICE, _entry(venue, account, field), value)
    except Exception as error:  # a backend raises its own, D-Bus's or the system's
        problem = type(error).__name__
    if problem:
        raise RingfenceError(
            f"this machine's keyring does not take the key ({problem}); set"
            f" {' and '.join(variable(venue, field) for field in given)} instead"
        )


def _entry(venue: str, account: str, field: str) -> str:
    return " ".join(filter(None, [venue, account.casefold(), field]))


def _stored(entry: str) -> str:
    keyring = _keyring()
    try:
        return (keyring.get_password(SERVICE, entry) or "") if keyring else ""
    except Exception:  # locked, refused or no backend: as good as not stored
        return ""


def _keyring() -> Any:
    try:
        import keyring
    except ImportError:
        return None
    return keyring


def scrubbed(text: str, exchange: Any) -> str:
    """``text`` on one line without the key, whatever form a client or a venue quotes it in."""
    for secret in _secrets(exchange):
        text = text.replace(secret, "***")
    return " ".join(_LONG_TOKEN.sub("***", _QUERY.sub("?***", text)).split())


def _secrets(exchange: Any) -> Iterable[str]:
    values = [getattr(exchange, name, None) for name in _CREDENTIALS]
    secrets = {form for value in values if value for form in (value, quote(value, safe=""))}
    return sorted(secrets, key=len, reverse=True)  # one may hold another
