"""What a report says, computed once and without a clock: the same input gives the same report.

The writers (HTML, PDF, XLSX) only lay out what stands here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

import numpy as np
import pandas as pd

import ringfence
from ringfence import Risk, inputs, tiers
from ringfence.accounts import Accounts
from ringfence.book import OUTPUTS, BookRisk, assess_table
from ringfence.position import ALREADY, NEVER
from ringfence.quantities import INVERSE
from ringfence.rules import RuleSet
from ringfence.summary import NEAR, Summary, summarise
from ringfence_addin.report import formats, wording


class Band(Enum):
    """How far away a liquidation is, in the steps that risk reports ask for. Value: the label."""

    ALREADY = "already liquidated"
    WITHIN_5 = "within 5%"
    WITHIN_10 = "5% to 10%"
    WITHIN_20 = "10% to 20%"
    BEYOND = "beyond 20%"
    NEVER = "never liquidated"

    @property
    def key(self) -> str:
        """The band's name in style sheets."""
        return self.name.lower().replace("_", "-")


@dataclass(frozen=True, slots=True)
class Position:
    """One computed position: what was given, and its risk."""

    number: int  # of the row in the table, from 1, without the header
    venue: str
    symbol: str
    account: str
    contract_type: str
    side: str
    size: float
    entry_price: float
    mark_price: float
    settle: str  # currency of margin, notional and PnL
    dollar_margin: float | None  # None: the settle currency has no price here (quanto)
    band: Band
    risk: Risk

    @property
    def inverse(self) -> bool:
        return self.contract_type == INVERSE

    @property
    def falling(self) -> bool:
        """The price that liquidates lies below the mark price."""
        return self.side == "long"

    @property
    def name(self) -> str:
        return f"{self.symbol or 'unnamed contract'} {self.side}"


@dataclass(frozen=True, slots=True)
class BandShare:
    """The positions of one band and the margin in them, in quote."""

    band: Band
    positions: int
    margin: float
    share: float


@dataclass(frozen=True, slots=True)
class RowError:
    """A row that could not be computed."""

    number: int
    venue: str
    symbol: str
    message: str


@dataclass(frozen=True, slots=True)
class Badge:
    """A word of caution beside a name, in the colour of a band."""

    text: str
    tone: Band


@dataclass(frozen=True, slots=True)
class RuleUsed:
    """A rule that at least one position is computed by."""

    rule: RuleSet
    positions: int
    statement: str
    screen: str
    badges: tuple[Badge, ...]


@dataclass(frozen=True, slots=True)
class ContractTiers:
    """The tiers of one contract of the book that has a date of its own, or a note."""

    symbol: str
    about: str
    badges: tuple[Badge, ...]


@dataclass(frozen=True, slots=True)
class TiersUsed:
    """The margin tiers on file that at least one position is computed with."""

    venue: str
    source: str
    dated: str
    badges: tuple[Badge, ...]
    positions: int
    contracts: tuple[ContractTiers, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything on the page. ``positions``: nearest liquidation first, never-liquidated last."""

    title: str
    source_name: str
    as_of: date
    summary: Summary
    currency: str  # of the totals
    headline: str
    sentences: tuple[str, ...]
    positions: tuple[Position, ...]
    bands: tuple[BandShare, ...]
    errors: tuple[RowError, ...]
    rules: tuple[RuleUsed, ...]
    tier_files: tuple[TiersUsed, ...]
    version: str

    @property
    def nearest(self) -> Position | None:
        """The position whose liquidation is nearest; None where nothing can be liquidated."""
        first = self.positions[0] if self.positions else None
        return first if first and first.band is not Band.NEVER else None

    @property
    def never(self) -> tuple[Position, ...]:
        return tuple(p for p in self.positions if p.band is Band.NEVER)


def build(
    positions: pd.DataFrame,
    *,
    as_of: date,
    title: str,
    source_name: str,
    accounts: Accounts | None = None,
    refused: Mapping[int, str] | None = None,
) -> Report:
    """The report on a table of positions (columns as for :func:`ringfence.evaluate`).

    Parameters
    ----------
    positions : DataFrame
        One position a row; rows without any value are left out. A row that cannot be computed
        appears with its reason, it never raises.
    as_of : date or datetime
        Day whose rules apply where a row has none of its own, and the day data ages count from.
    title, source_name : str
        The heading, and where the positions came from (a file's name).
    accounts : Accounts, optional
        The wallets that cross positions share.
    refused : mapping, optional
        Row number -> why the row could not be read from its file.
    """
    kept = _filled_rows(positions, refused or {})
    day = as_of.date() if isinstance(as_of, datetime) else as_of
    held = positions.iloc[kept]
    unread = {at: refused[row] for at, row in enumerate(kept) if row in refused} if refused else {}
    book = assess_table(held, accounts=accounts, as_of=day, refused=unread)
    figures = summarise(book)
    table = _Table(held, [row + 1 for row in kept], book, figures)
    good = [row for row in range(len(kept)) if not table.is_error(row)]
    ranked = figures.ranked.tolist()
    shown = tuple(table.position(row) for row in ranked + sorted(set(good) - set(ranked)))
    currency = _currency(shown)
    return Report(
        title=formats.label(title),
        source_name=formats.label(source_name),
        as_of=as_of,
        summary=figures,
        currency=currency,
        headline=wording.headline(shown, figures),
        sentences=wording.sentences(shown, figures, currency),
        positions=shown,
        bands=_bands(shown, figures.margin),
        errors=tuple(table.error(row) for row in range(len(kept)) if table.is_error(row)),
        rules=_rules_used([book.terms[row].rule for row in good]),
        tier_files=_tiers_used([t.contract for t in book.terms[good] if t.contract], day),
        version=ringfence.__version__,
    )


def _filled_rows(positions: pd.DataFrame, refused: Mapping[int, str]) -> list[int]:
    """The numbers of the rows that hold anything in a column of ours."""
    known = [inputs.column_name(name) in inputs.COLUMNS for name in positions.columns]
    rows = positions.loc[:, known].itertuples(index=False, name=None)
    return [
        at
        for at, row in enumerate(rows)
        if at in refused or not row or not all(map(inputs.is_blank, row))
    ]


class _Table:
    """The rows of the input beside the core's answer."""

    def __init__(
        self, held: pd.DataFrame, numbers: Sequence[int], book: BookRisk, figures: Summary
    ) -> None:
        self.numbers, self.book = numbers, book
        names = [inputs.column_name(name) for name in held.columns]
        self.labels = {
            name: held.iloc[:, names.index(name)].tolist()
            for name in ("venue", "symbol", "account")
            if name in names
        }
        self.dollar_margin = _nulls(figures.dollar_margin)
        self.risks = list(zip(*(_nulls(book.risk[name]) for name in OUTPUTS), strict=True))

    def text(self, name: str, row: int) -> str:
        column = self.labels.get(name)
        return formats.label(inputs.parse_text(column[row])) if column else ""

    def is_error(self, row: int) -> bool:
        return str(self.book.risk["status"][row]).startswith("error")

    def position(self, row: int) -> Position:
        """One row that is not in error."""
        book, its = self.book, self.book.terms[row]
        risk = Risk(*self.risks[row])
        return Position(
            number=self.numbers[row],
            venue=self.text("venue", row).lower(),
            symbol=self.text("symbol", row),
            account=self.text("account", row),
            contract_type=its.contract_type,
            side="long" if book.side_sign[row] > 0 else "short",
            size=float(book.size[row]),
            entry_price=float(book.entry_price[row]),
            mark_price=float(book.mark_price[row]),
            settle=formats.label(its.settle) or ("coin" if its.inverse else "quote"),
            dollar_margin=self.dollar_margin[row],
            band=_band(risk),
            risk=risk,
        )

    def error(self, row: int) -> RowError:
        status = str(self.book.risk["status"][row])
        return RowError(
            number=self.numbers[row],
            venue=self.text("venue", row),
            symbol=self.text("symbol", row),
            message=" ".join(status.removeprefix("error: ").split()),
        )


def _nulls(column: np.ndarray[Any, Any]) -> list[Any]:
    """Python values with None for NaN, and no negative zeros."""
    if column.dtype.kind == "f":
        column = column + 0.0
    return [None if value != value else value for value in column.tolist()]


def _band(risk: Risk) -> Band:
    if risk.status == ALREADY:
        return Band.ALREADY
    if risk.status == NEVER or risk.liquidation_distance is None:
        return Band.NEVER
    steps = (Band.WITHIN_5, Band.WITHIN_10, Band.WITHIN_20)
    reached = zip(NEAR, steps, strict=True)
    return next((b for limit, b in reached if risk.liquidation_distance <= limit), Band.BEYOND)


def _bands(positions: Sequence[Position], total: float) -> tuple[BandShare, ...]:
    shares = []
    for band in Band:
        held = [p for p in positions if p.band is band]
        margin = sum(p.dollar_margin or 0.0 for p in held)
        shares.append(BandShare(band, len(held), margin, margin / total if total else 0.0))
    return tuple(shares)


def _currency(positions: Sequence[Position]) -> str:
    """What the totals are in: the one quote currency of the book, or dollars where they mix."""
    held = {
        wording.DOLLAR if p.inverse else p.settle for p in positions if p.dollar_margin is not None
    }
    return held.pop() if len(held) == 1 else wording.DOLLAR


def _rules_used(of_rows: Sequence[RuleSet]) -> tuple[RuleUsed, ...]:
    distinct = {(rule.id, rule.product, rule.contract_types): rule for rule in of_rows}
    return tuple(
        RuleUsed(
            rule,
            sum(rule is other for other in of_rows),
            rule.statement,
            wording.screen_statement(rule),
            _rule_badges(rule),
        )
        for _, rule in sorted(distinct.items())
    )


def _rule_badges(rule: RuleSet) -> tuple[Badge, ...]:
    badges = []
    if rule.effective_until:
        badges.append(Badge(f"known until {rule.effective_until}", Band.WITHIN_5))
    if rule.confidence != "high":
        tone = Band.WITHIN_5 if rule.confidence == "low" else Band.WITHIN_20
        badges.append(Badge(f"{rule.confidence} confidence", tone))
    return tuple(badges)


def _tiers_used(of_rows: Sequence[tiers.Contract], day: date) -> tuple[TiersUsed, ...]:
    used = []
    for venue in sorted({contract.venue for contract in of_rows}):
        on_file, held = tiers.tier_file(venue), [c for c in of_rows if c.venue == venue]
        distinct = {(c.symbol, c.contract_type): c for c in held}
        used.append(
            TiersUsed(
                venue=venue,
                source=on_file.source,
                dated=wording.dated(on_file.as_of, day),
                badges=_age_badges(on_file.as_of, day),
                positions=len(held),
                contracts=tuple(
                    ContractTiers(
                        c.symbol, wording.contract_tiers(c, day), _age_badges(c.as_of, day)
                    )
                    for _, c in sorted(distinct.items())
                    if c.note or c.as_of != on_file.as_of
                ),
            )
        )
    return tuple(used)


def _age_badges(as_of: str, day: date) -> tuple[Badge, ...]:
    old = wording.days_old(as_of, day)
    if old is None:
        return (Badge("no date", Band.WITHIN_20),)
    return (Badge("old", Band.WITHIN_20),) if old > wording.OLD_DAYS else ()
