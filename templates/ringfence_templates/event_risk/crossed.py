"""The same book with its boxes held in cross: derived positions, and the wallets behind them.

An account's wallet holds the margin of its boxes and what stands idle beside them: it stays as it
is, and in cross all of it is behind the positions. An account that is not in Accounts has a wallet
of what the margins of its boxes come to, one a currency. What a venue's cross margin, or the
wallet, cannot hold stays as it was, with its whole account.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from ringfence.accounts import COLUMNS as ACCOUNT_COLUMNS
from ringfence.lookup import PARENT_HOUSE
from ringfence_addin.functions import RF_STRESS_ROWS
from ringfence_templates.event_risk import excel
from ringfence_templates.event_risk.cells import Row, shown
from ringfence_templates.event_risk.layout import calc_areas
from ringfence_templates.given import Given
from ringfence_templates.package import Value
from ringfence_templates.ranking import BLANK

Table = list[list[Value]]

_NAMES: Final = calc_areas(1, 1)["cross"].names
_COMMON: Final = _NAMES[2:-2]
# What RF_ formulas read: both wings hold a margin_mode.
OUTCOMES: Final = ("fails", "holds")  # what RF_STRESS_ROWS says of a row that it can compute
HEAD: Final = (*_NAMES[:-1], "margin_mode")


@dataclass(frozen=True, slots=True)
class Crossed:
    """The blocks of Calc for the book in cross, each row as its cells."""

    rows: Table
    positions: Table
    trial: Table
    wallets: Table

    def without_boxes(self) -> Table:
        """The range for the comparison: what cannot be held in cross is as it was."""
        return [list(HEAD[:-1]), *(row[:-1] for row in self.positions)]

    def accounts(self) -> Table:
        return [list(ACCOUNT_COLUMNS), *(row[:-1] for row in self.wallets)]


def build(
    rows: Sequence[Row],
    accounts: Sequence[Given],
    capacity: int,
    account_capacity: int,
    day: date,
) -> Crossed:
    named = [_account(row, accounts) for row in rows]
    own = [
        row.good and not row.is_cross and not _listed(row, name, accounts)
        for row, name in zip(rows, named, strict=True)
    ]
    wallets = _wallets(rows, named, own, accounts, capacity, account_capacity)
    held = [list(ACCOUNT_COLUMNS), *(row[:-1] for row in wallets)]
    common = [
        [shown(row.given[name]) if row.good else BLANK for name in _COMMON]
        + [account if row.good else BLANK]
        for row, account in zip(rows, named, strict=True)
    ]
    all_cross = ["cross" if row.good else BLANK for row in rows]
    trial = RF_STRESS_ROWS(
        [[*_COMMON, "account", "margin_mode"],
         *([*its, mode] for its, mode in zip(common, all_cross, strict=True))],
        0, held, day,
    )[1:]  # fmt: skip
    trial += [[BLANK, BLANK]] * (len(rows) - len(trial))
    positions = []
    for row, its, mode, (outcome, _) in zip(rows, common, all_cross, trial, strict=True):
        held_as: Value = BLANK
        if row.good:
            held_as = mode if outcome in OUTCOMES or row.is_cross else "isolated"
        margin = shown(row.given["isolated_margin"]) if held_as == "isolated" else BLANK
        positions.append([held_as, margin, *its, mode])
    state: Table = [
        [
            row.number,
            1,
            row.status,
            int(row.good),
            int(row.good and row.is_cross),
            account,
            _settle(row),
            int(box),
        ]
        for row, account, box in zip(rows, named, own, strict=True)
    ]
    spare: Table = [
        [number, 0, BLANK, 0, 0, BLANK, BLANK, 0] for number in range(len(rows) + 1, capacity + 1)
    ]
    return Crossed(rows=[*state, *spare], positions=positions, trial=trial, wallets=wallets)


def _account(row: Row, accounts: Sequence[Given]) -> str:
    """The account by name; a position without one draws on its venue's, where there is one."""
    name = row.text("account") if row.good else BLANK
    if name or not row.good:
        return name
    here = [
        excel.text(account["account"])
        for account in accounts
        if excel.same(account["venue"], row.given["venue"])
    ]
    return here[0] if len({other.casefold() for other in here}) == 1 else BLANK


def _settle(row: Row) -> str:
    return excel.text(row.risk["settle_currency"]) if row.good else BLANK


def _listed(row: Row, name: str, accounts: Sequence[Given]) -> bool:
    """Whether Accounts has the row's account, under its venue or the house that runs it."""
    venue = row.text("venue")
    houses = (venue, PARENT_HOUSE.get(venue.lower(), venue))
    return any(
        excel.same(account["account"], name)
        and any(excel.same(account["venue"], house) for house in houses)
        for account in accounts
    )


def _wallets(
    rows: Sequence[Row],
    named: Sequence[str],
    own: Sequence[bool],
    accounts: Sequence[Given],
    capacity: int,
    account_capacity: int,
) -> Table:
    """The accounts as they are; then a row for each wallet of boxes whose account is not there."""
    none: list[Value] = [BLANK] * len(ACCOUNT_COLUMNS)
    table: Table = []
    for account in accounts:
        passed = account["venue"] is not None
        kept = [shown(account[name]) for name in ACCOUNT_COLUMNS]
        table.append([*(kept if passed else none), int(passed)])
    table += [[*none, 0] for _ in range(account_capacity - len(accounts))]
    keys = [
        (name.casefold(), row.text("venue").casefold(), _settle(row).casefold())
        for row, name in zip(rows, named, strict=True)
    ]
    boxed = [key if box else None for key, box in zip(keys, own, strict=True)]
    for at, (row, name, key) in enumerate(zip(rows, named, boxed, strict=True)):
        if key is None or key in boxed[:at]:  # one row a wallet
            table.append([*none, 0])
            continue
        figures: dict[str, Value] = {
            "account": name,
            "venue": row.text("venue"),
            "wallet_balance": sum(
                excel.n(other.risk["max_loss"])
                for other, its in zip(rows, boxed, strict=True)
                if its == key
            ),
            "currency": _settle(row),
        }
        table.append([*(figures.get(column, BLANK) for column in ACCOUNT_COLUMNS), 1])
    table += [[*none, 0] for _ in range(capacity - len(rows))]
    return table
