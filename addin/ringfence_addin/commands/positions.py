"""``ringfence positions``: the open positions of an account, from its venue."""

import argparse
import getpass
import sys
import warnings
from pathlib import Path
from typing import Final

import pandas as pd

from ringfence import inputs
from ringfence.book import BookRisk
from ringfence.errors import RingfenceError
from ringfence.summary import summarise
from ringfence_addin import tables
from ringfence_addin.commands import FINE, ROWS_IN_ERROR, Command, say
from ringfence_addin.market import keys
from ringfence_addin.market.positions import (
    REPORTED,
    Fetched,
    check_venue,
    compared,
    fetch_positions,
)
from ringfence_templates.files import replacing

_FILES: Final = {"": "table", ".txt": "table", ".csv": "csv", ".json": "json"}
_SHOWN: Final = {
    "symbol": "symbol",
    "margin_mode": "mode",
    "side": "side",
    "size": "size",
    "mark_price": "mark",
    "liquidation_price": "liq. price",
    REPORTED: "venue says",
    "difference": "difference",
    "margin_ratio": "ratio",
    "status": "status",
}
_FORMATS: Final = {"difference": "+.4%", "margin_ratio": ".2%"}


def add(command: Command) -> None:
    """Add the command to the shell."""
    its = command(
        "positions",
        _positions,
        "Fetch an account's open positions with a read-only key, and compare the liquidation price"
        " with the venue's own.",
    )
    its.add_argument("venue", metavar="VENUE")
    its.add_argument("--account", default="", metavar="NAME", help="name for the account column")
    its.add_argument("-o", "--output", type=Path, metavar="OUT", help="file to write")
    its.add_argument(
        "--accounts-output",
        type=Path,
        metavar="CSV",
        help="file for the wallets",
    )
    its.add_argument("--format", choices=("table", "csv", "json"), help="default: by OUT, or table")
    its.add_argument("--as-of", help="day whose rules apply (default: today)")
    its.add_argument(
        "--allow-withdrawal-key", action="store_true", help="use a key even if it may withdraw"
    )
    its.add_argument(
        "--store-key",
        action="store_true",
        help="ask for the key and keep it in the operating system's keyring; fetch nothing",
    )


def _positions(options: argparse.Namespace) -> int:
    venue = check_venue(options.venue)
    if options.store_key:
        keys.store(venue, options.account, _hidden)
        print(f"{venue}: the key is in this machine's keyring")
        return FINE
    out: Path | None = options.output
    kind = options.format or _kind(out)
    day = inputs.parse_date(options.as_of)
    if options.accounts_output and options.accounts_output.suffix.lower() != ".csv":
        raise RingfenceError(f"{options.accounts_output}: the accounts file ends in .csv")
    fetched = fetch_positions(
        venue, options.account, allow_withdrawal_key=options.allow_withdrawal_key
    )
    for note in fetched.notes:
        say(note)
    book = fetched.assessed(day)
    rows = compared(fetched, book)
    text = {"table": _as_text, "csv": tables.as_csv, "json": tables.as_json}[kind](rows)
    if kind == "table":
        text += _summary(fetched, rows)
    _write(text, out)
    _write_accounts(fetched, options.accounts_output)
    return _status(venue, book)


def _hidden(prompt: str) -> str:
    """What is typed, unseen. Raises RingfenceError where it would be seen."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            return getpass.getpass(prompt)
        except (getpass.GetPassWarning, EOFError):
            pass
    raise RingfenceError(
        "--store-key: no terminal here that hides what is typed; set the environment instead"
    )


def _kind(out: Path | None) -> str:
    suffix = out.suffix.lower() if out else ""
    if suffix not in _FILES:
        endings = ", ".join(filter(None, _FILES))
        raise RingfenceError(f"{out}: positions writes {endings}; ringfence fill makes workbooks")
    return _FILES[suffix]


def _write(text: str, out: Path | None) -> None:
    if out is None:
        sys.stdout.write(text)
        return
    with replacing(out) as beside:
        beside.write_text(text, encoding="utf-8", newline="")


def _write_accounts(fetched: Fetched, out: Path | None) -> None:
    if out is not None and fetched.accounts is not None:
        _write(tables.as_csv(fetched.accounts), out)
    elif out is not None:
        say(f"{out} was not written: no position at {fetched.venue} is cross")
    elif fetched.accounts is not None:
        say("cross positions need their wallets beside them; --accounts-output CSV writes those")


def _status(venue: str, book: BookRisk) -> int:
    if any(its and its.stale for its in book.terms):
        say(f"the tiers on file are of another time; run: ringfence tiers update {venue}")
    errors = summarise(book).errors
    if not errors:
        return FINE
    say(f"{errors} {'row is' if errors == 1 else 'rows are'} in error; see the status column")
    return ROWS_IN_ERROR


def _as_text(rows: pd.DataFrame) -> str:
    lines = [list(_SHOWN.values())]
    for row in rows[list(_SHOWN)].itertuples(index=False, name=None):
        lines.append([_cell(name, cell) for name, cell in zip(_SHOWN, row, strict=True)])
    return tables.aligned(lines)


def _cell(name: str, cell: object) -> str:
    if inputs.is_blank(cell):
        return ""
    if isinstance(cell, float):
        return format(cell, _FORMATS.get(name, ",.10g"))
    return "".join(c if c.isprintable() else "?" for c in str(cell))


def _summary(fetched: Fetched, rows: pd.DataFrame) -> str:
    when = f"{fetched.fetched_at:%Y-%m-%d %H:%M} UTC"
    n, both = len(rows), rows["difference"].abs().dropna()
    parts = [f"{fetched.venue}, {when}: {n} {'position' if n == 1 else 'positions'}"]
    if len(both):
        worst = rows.iloc[int(both.index[int(both.argmax())])]
        parts.append(
            f"{len(both)} compared with the venue's own price, furthest {worst['difference']:+.4%}"
            f" ({worst['symbol']} {worst['side']})"
        )
    return "; ".join(parts) + "\n"
