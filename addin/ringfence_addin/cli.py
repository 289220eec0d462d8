"""The ``ringfence`` command.

Exit 0: fine. 1: some rows are in error, all others are written. 2: wrong use or an unusable file.
Errors are one line on standard error that says what to change.
"""

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, NoReturn

import pandas as pd

import ringfence
from ringfence import tiers, venues
from ringfence.accounts import Accounts, from_frame
from ringfence.book import VENUE_PRICE, BookRisk, assess_table
from ringfence.errors import RingfenceError
from ringfence.lookup import find
from ringfence.summary import summarise
from ringfence_addin import readers, report, tables
from ringfence_addin.commands import (
    FINE,
    ROWS_IN_ERROR,
    WRONG_USE,
    add_as_of,
    calc,
    convert,
    excel,
    explain,
    positions,
    refresh,
    say,
    server,
)
from ringfence_addin.functions import tiers_table, venues_table
from ringfence_addin.market.update import update_tiers
from ringfence_templates import TEMPLATES, fill
from ringfence_templates.files import replacing

# Modules of ringfence_addin.commands
_COMMANDS: Final = (calc, convert, excel, explain, positions, refresh, server)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    options = _parser().parse_args(argv)
    try:
        status: int = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of our output has gone: nothing left to say
        sys.stderr.close()
        return FINE
    except (RingfenceError, OSError) as error:
        if sys.stderr.isatty():
            print("\r", end="", file=sys.stderr)  # over a line of progress
        say(_one_line(error))
        return WRONG_USE
    except KeyboardInterrupt:
        say("stopped")
        return 130
    return status


def _one_line(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return " ".join(str(error).split())


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line, where argparse would print the usage too."""
        print(f"{self.prog}: {message}; see {self.prog} --help", file=sys.stderr)
        raise SystemExit(WRONG_USE)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="ringfence", description="Liquidation price and margin ratio by venue.")
    parser.add_argument("--version", action="version", version=ringfence.__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)

    def command(name: str, run: Any, help_text: str) -> argparse.ArgumentParser:
        its = commands.add_parser(name, help=help_text, description=help_text)
        its.set_defaults(run=run)
        return its

    risk = command("risk", _risk, "Compute the risk of each position in a file.")
    risk.add_argument("file", type=Path, help="csv, json, jsonl, parquet or xlsx")
    risk.add_argument(
        "--accounts",
        type=Path,
        help="accounts file: account, venue, wallet_balance; default: FILE's own sheet of accounts",
    )
    add_as_of(risk)
    risk.add_argument(
        "--format", choices=("table", "csv", "json"), help="default: by OUT, or table"
    )
    risk.add_argument(
        "--venue-rounding",
        action="store_true",
        help="add the liquidation price as the venue's screen rounds it",
    )
    risk.add_argument("-o", "--output", type=Path, metavar="OUT", help="file to write")

    fill = command("fill", _fill, "Fill a template workbook with the positions of a file.")
    fill.add_argument("file", type=Path)
    fill.add_argument("-o", "--output", type=Path, required=True, metavar="BOOK.xlsx")
    fill.add_argument("--template", choices=tuple(TEMPLATES), default="isolated_book")
    fill.add_argument(
        "--accounts", type=Path, help="accounts file; default: FILE's own sheet of accounts"
    )
    fill.add_argument("--host", choices=("lite", "classic", "calc"), default="lite")
    add_as_of(fill)

    report = command("report", _report, "Write a report of a filled workbook or a position file.")
    report.add_argument("file", type=Path, metavar="BOOK_OR_FILE")
    report.add_argument(
        "-o", "--output", type=Path, required=True, metavar="OUT", help=".html, .pdf or .xlsx"
    )
    report.add_argument(
        "--accounts", type=Path, help="accounts file; default: FILE's own sheet of accounts"
    )
    report.add_argument("--title", default=None)
    add_as_of(report)

    demo = command("demo", _demo, "Evaluate the sample book; write a workbook and reports.")
    demo.add_argument("-o", "--output", type=Path, default=Path("ringfence-demo"), metavar="FOLDER")

    listed = command("venues", _venues, "List the venues and their rules.")
    listed.add_argument("--venue", help="one venue in full")

    listed_tiers = command(
        "tiers",
        _tiers,
        "Show the margin tiers on file of a contract: VENUE SYMBOL. Fetch all of a venue's:"
        " update VENUE.",
    )
    listed_tiers.add_argument("venue", metavar="VENUE|update")
    listed_tiers.add_argument("symbol", metavar="SYMBOL|VENUE")
    listed_tiers.add_argument("--contract-type", choices=("linear", "inverse", "quanto"))

    for module in _COMMANDS:
        module.add(command)
    return parser


def _read(path: Path) -> readers.PositionTable:
    table = readers.read_table(path)
    for warning in table.warnings:
        say(warning)
    return table


def _account_table(options: argparse.Namespace) -> readers.PositionTable | None:
    """The accounts file, else the accounts in the workbook that holds the positions."""
    given: Path | None = options.accounts
    return readers.read_accounts(given) if given else readers.accounts_beside(options.file)


def _accounts(options: argparse.Namespace) -> Accounts | None:
    """The accounts; rows that cannot be used are said, and refuse who needs them."""
    table = _account_table(options)
    if table is None:
        return None
    accounts = from_frame(table.frame, table.problems)
    assert accounts
    for row, problem in accounts.errors.items():
        say(f"{(options.accounts or options.file).name}: account row {row + 1}: {problem}")
    return accounts


def _status(errors: int) -> int:
    """The exit status, and a line where rows are in error."""
    if not errors:
        return FINE
    say(f"{errors} {'row is' if errors == 1 else 'rows are'} in error; see the status column")
    return ROWS_IN_ERROR


# What risk writes by the ending of OUT
_TEXT_FILES = {"": "table", ".txt": "table", ".csv": "csv", ".json": "json"}


def _risk(options: argparse.Namespace) -> int:
    out: Path | None = options.output
    suffix = out.suffix.lower() if out else ""
    if suffix not in _TEXT_FILES:
        endings = ", ".join(filter(None, _TEXT_FILES))
        raise RingfenceError(
            f"{out}: risk writes {endings}; see fill for workbooks, report for html"
        )
    kind = options.format or _TEXT_FILES[suffix]
    table = _read(options.file)
    book = assess_table(
        table.frame,
        accounts=_accounts(options),
        as_of=options.as_of or table.as_of,
        refused=table.problems,
    )
    columns = dict(book.risk)
    if options.venue_rounding:
        columns[VENUE_PRICE] = book.venue_liquidation_price()
    rows = tables.joined(table.frame, pd.DataFrame(columns))
    if kind == "table":
        settle = [its.settle if its else "" for its in book.terms]
        text = tables.as_text(rows.assign(settle=settle)) + "\n" + _summary_line(book)
    else:
        text = {"csv": tables.as_csv, "json": tables.as_json}[kind](rows)
    if out is None:
        sys.stdout.write(text)
    else:
        with replacing(out) as beside:
            beside.write_text(text, encoding="utf-8", newline="")
    return _status(summarise(book).errors)


def _summary_line(book: BookRisk) -> str:
    figures = summarise(book)
    answered = figures.positions - figures.errors
    parts = [f"{answered} {'position' if answered == 1 else 'positions'}"]
    boxed = figures.margin - figures.pooled
    if boxed or not figures.pooled:
        parts.append(f"{boxed:,.2f} USD ring-fenced: all of it is lost if every box fails")
    if figures.pooled:
        parts.append(f"{figures.pooled:,.2f} USD in cross pools")
    if unpriced := figures.not_counted - figures.errors:
        parts.append(f"{unpriced} not in that sum (settled in a coin without a price here)")
    stale = sum(bool(its and its.stale) for its in book.terms)
    if stale:
        parts.append(
            f"{stale} on tiers of another time (see the rule column; ringfence tiers update VENUE)"
        )
    if figures.already_liquidated:
        parts.append(f"{figures.already_liquidated} already liquidated")
    elif figures.nearest is not None:
        distance = book.risk["liquidation_distance"][figures.nearest]
        parts.append(f"nearest liquidation: row {figures.nearest + 1}, {distance:.2%} away")
    return "; ".join(parts) + "\n"


def _fill(options: argparse.Namespace) -> int:
    if options.output.suffix.lower() != ".xlsx":
        raise RingfenceError(f"{options.output}: a filled workbook ends in .xlsx")
    table, held = _read(options.file), _account_table(options)
    book = fill(
        options.template,
        table.frame,
        options.output,
        host=options.host,
        as_of=options.as_of or table.as_of,
        accounts=None if held is None else held.frame,
        refused=table.problems,
    )
    return _status(summarise(book).errors)


_TITLES = {False: "Liquidation risk of isolated positions", True: "Liquidation risk of the book"}


def _report(options: argparse.Namespace) -> int:
    table = _read(options.file)
    made = report.build(
        table.frame,
        as_of=options.as_of or table.as_of or date.today(),
        title=options.title or _TITLES[options.accounts is not None],
        source_name=options.file.name,
        accounts=_accounts(options),
        refused=table.problems,
    )
    report.write(made, options.output)
    return _status(len(made.errors))


def _demo(options: argparse.Namespace) -> int:
    folder: Path = options.output
    folder.mkdir(parents=True, exist_ok=True)
    sample = folder / "positions.csv"
    with replacing(sample) as beside:
        beside.write_bytes((files("ringfence_templates") / "data/sample_book.csv").read_bytes())
    print(f"The sample book, {sample}:\n")
    outputs = [folder / "isolated_book.xlsx", folder / "report.html", folder / "report.pdf"]
    status = main(["risk", str(sample)])
    status = max(status, main(["fill", str(sample), "-o", str(outputs[0])]))
    for out in outputs[1:]:
        status = max(status, main(["report", str(sample), "-o", str(out)]))
    print("\nWritten:")
    for out in outputs:
        print(f"  {out}")
    return status


_LONG_TEXTS = ("source", "assumed", "not_modelled")  # `venues --venue` has them


def _venues(options: argparse.Namespace) -> int:
    if options.venue:
        print(_venue_in_full(options.venue.strip().lower()))
        return FINE
    head, *rows = venues_table(date.today())
    names = list(head)
    shown = [names.index(name) for name in names if name not in _LONG_TEXTS]
    lines = [[str(line[at]) for at in shown] for line in (head, *rows)]
    sys.stdout.write(tables.aligned(lines))
    return FINE


def _venue_in_full(venue: str) -> str:
    """The venue file's own text, then each dated rule with its sources."""
    rules = venues.rule_sets(venue)
    on_file = tiers.tier_file(venue)
    lines = [venues.document(venue).strip(), ""]
    for rule in rules:
        lines.append(f"{rule.id}: {rule.product}, confidence {rule.confidence}")
        lines += [f"  source: {s.title}, {s.url}, read {s.read}" for s in rule.sources]
        lines.append(f"  screen: {rule.screen_ratio_name}: {rule.screen_ratio}")
        fee = "" if rule.trigger_fee == "none" else f" ({rule.taker_fee_rate:.4%})"
        lines.append(f"  fee in the trigger: {rule.fee_in_trigger}{fee}")
        lines += [f"  assumed: {text}" for text in rule.assumed]
        lines += [f"  not modelled: {text}" for text in rule.not_modelled]
        lines += [f"  {text}" for text in rule.box.statements]
        lines += filter(None, [f"  {rule.rounding_statement}".rstrip()])
        if rule.cross:
            lines.append(f"  cross, confidence {rule.cross.confidence}: {rule.cross.statement}")
            lines += [f"    source: {s.title}, {s.url}, read {s.read}" for s in rule.cross.sources]
            lines += [f"    assumed: {text}" for text in rule.cross.assumed]
            lines += [f"    not modelled: {text}" for text in rule.cross.not_modelled]
    symbols = {contract.symbol for contract in on_file.contracts.values()}
    lines.append(f"tiers of {on_file.days or 'no date'}, {len(symbols)} symbols: {on_file.source}")
    lines += filter(None, [on_file.note])
    return "\n".join(lines)


def _tiers(options: argparse.Namespace) -> int:
    if options.venue.strip().lower() == "update":
        return _update_tiers(options.symbol)
    head, *rows = tiers_table(options.venue, options.symbol, options.contract_type)
    lines = [[str(name) for name in head], *([f"{cell:,.8g}" for cell in row] for row in rows)]
    sys.stdout.write(tables.aligned(lines))
    house, contract = find(options.venue, options.symbol, options.contract_type)
    assert contract
    on_file = tiers.tier_file(house)
    print(f"\n{contract.symbol}, {contract.contract_type}, tiers of {contract.as_of}.")
    for text in filter(None, [contract.note, on_file.note, f"Source: {contract.source}"]):
        print(text)
    return FINE


def _update_tiers(venue: str) -> int:
    def progress(done: int, of: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{venue}: {done} of {of} contracts", end="", file=sys.stderr, flush=True)

    update = update_tiers(venue, progress)
    if sys.stderr.isatty():
        print("\r", end="", file=sys.stderr)
    when = f"{update.fetched_at:%Y-%m-%d %H:%M} UTC"
    print(f"{update.venue}: tiers of {update.symbols} contracts, {when}; kept in {update.path}")
    for symbol, reason in update.left_out.items():
        say(f"{symbol}: left out: {reason}")
    return ROWS_IN_ERROR if update.left_out else FINE


if __name__ == "__main__":
    sys.exit(main())
