"""``ringfence positions``: the open positions of an account, from its venue."""

import argparse
import getpass
import sys
import warnings
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import pandas as pd

from ringfence import inputs
from ringfence.book import BookRisk
from ringfence.errors import RingfenceError
from ringfence.summary import summarise
from ringfence_addin import tables
from ringfence_addin.commands import FINE, ROWS_IN_ERROR, Command, add_as_of, say
from ringfence_addin.market import keys
from ringfence_addin.market.positions import (
    REPORTED,
    Fetched,
    check_venue,
    compared,
    fetch_positions,
    one_sided,
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
_NAMED: Final = 3  # rows that are named one by one


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
    add_as_of(its)
    its.add_argument(
        "--allow-withdrawal-key",
        action="store_true",
        help="use a key even if it may withdraw, or the venue does not tell whether it may",
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
    _check_files(out, options.accounts_output)
    fetched = fetch_positions(
        venue, options.account, allow_withdrawal_key=options.allow_withdrawal_key
    )
    for note in fetched.notes:
        say(note)
    book = fetched.assessed(options.as_of)
    rows = compared(fetched, book)
    text = {"table": _as_text, "csv": tables.as_csv, "json": tables.as_json}[kind](rows)
    if kind == "table":
        text += _summary(fetched, rows)
    _write(text, out, fetched, options.accounts_output)
    _say_one_sided(rows)
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


def _check_files(out: Path | None, accounts: Path | None) -> None:
    """Refuse, before anything is asked, what could not be written."""
    if accounts and accounts.suffix.lower() != ".csv":
        raise RingfenceError(f"{accounts}: the accounts file ends in .csv")
    for path in filter(None, [out, accounts]):
        if path.is_dir():
            raise RingfenceError(f"{path}: is a folder; give a file")
    if out and accounts and _place(out) == _place(accounts):
        raise RingfenceError(f"{accounts}: --output and --accounts-output are one file; give two")


def _place(path: Path) -> str:
    """Where it lies; small letters, because many file systems make no difference."""
    return str(path.resolve()).casefold()


def _write(text: str, out: Path | None, fetched: Fetched, accounts: Path | None) -> None:
    """The files both, or neither where one cannot be written."""
    files: dict[Path, str] = {}
    if out is not None:
        files[out] = text
    else:
        sys.stdout.write(text)
    if accounts and fetched.accounts is not None:
        files[accounts] = tables.as_csv(fetched.accounts)
    with ExitStack() as beside:
        for path, content in files.items():
            new = beside.enter_context(replacing(path))
            new.write_text(content, encoding="utf-8", newline="")
    if accounts and fetched.accounts is None:
        cross = (fetched.positions["margin_mode"] == "cross").any()
        why = "the wallets could not be read" if cross else "no position is cross"
        say(f"{accounts} was not written: {why}")
    elif fetched.accounts is not None and not accounts:
        say("cross positions need their wallets beside them; --accounts-output CSV writes those")


def _say_one_sided(rows: pd.DataFrame) -> None:
    its = one_sided(rows).to_dict("records")
    for row in its[:_NAMED]:
        theirs, ours = row[REPORTED], row["liquidation_price"]
        stated = "none" if inputs.is_blank(theirs) else _cell(REPORTED, theirs)
        said = row["status"] if inputs.is_blank(ours) else _cell("liquidation_price", ours)
        say(f"{_named(row)}: the venue states {stated}, we say {said}")
    if len(its) > _NAMED:
        more = len(its) - _NAMED
        what = "row" if more == 1 else "rows"
        say(f"and {more} more {what} where only one side has a liquidation price")


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


def _named(row: Any) -> str:
    return f"{_cell('symbol', row['symbol'])} {row['side']}"


def _summary(fetched: Fetched, rows: pd.DataFrame) -> str:
    when = f"{fetched.fetched_at:%Y-%m-%d %H:%M} UTC"
    n, both = len(rows), rows["difference"].abs().dropna()
    parts = [f"{fetched.venue}, {when}: {n} {'position' if n == 1 else 'positions'}"]
    one = one_sided(rows)
    if len(one):
        names = [_named(row) for row in one[:_NAMED].to_dict("records")]
        more = ", ..." if len(one) > _NAMED else ""
        parts.append(f"{len(one)} with a price on one side only ({', '.join(names)}{more})")
    if len(both):
        worst = rows.iloc[int(both.index[int(both.argmax())])]
        parts.append(
            f"{len(both)} compared with the venue's own price, furthest {worst['difference']:+.4%}"
            f" ({_named(worst)})"
        )
    return "; ".join(parts) + "\n"
