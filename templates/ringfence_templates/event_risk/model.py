"""What the workbook holds and shows, as Python computes it: the values beside the formulas.

What an RF_ formula shows is asked of that same formula, on the contents of the cells it points to.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from ringfence.accounts import COLUMNS as ACCOUNT_COLUMNS
from ringfence.book import BookRisk, assess_columns
from ringfence.stress import OTHERS
from ringfence_addin import cells as formula_cells
from ringfence_addin.functions import (
    RF_EXPOSURE,
    RF_HEAT_MAP,
    RF_JOINT_SHOCK,
    RF_RISK,
    RF_STRESS,
    RF_STRESS_ROWS,
    RISK_COLUMNS,
    STRESS_COLUMNS,
)
from ringfence_templates.event_risk import cells, crossed, excel
from ringfence_templates.event_risk.cells import Row
from ringfence_templates.event_risk.layout import SHOWN, Area, calc_areas
from ringfence_templates.event_risk.scenarios import (
    BETA_ROWS,
    COIN_COLUMNS,
    EVENT_ROWS,
    HEAT_STEPS,
    MOVE_ROWS,
    Move,
    Scenarios,
)
from ringfence_templates.filling import Filling
from ringfence_templates.given import Given, accounts_given, as_table, positions_given
from ringfence_templates.isolated_book.model import INPUTS
from ringfence_templates.package import Value
from ringfence_templates.ranking import BLANK

Table = list[list[Value]]

LOWEST: Final = -0.99  # a fall by a beta ends here: no price is below zero
PAST: Final = 1 + 1e-9  # a first failure is looked at just beyond it
OK, FIX = "ok", "fix a move"


@dataclass(frozen=True, slots=True)
class Model:
    """The whole workbook. ``blocks``: by area of Calc, the rows below its header."""

    rows: tuple[Row, ...]
    capacity: int  # rows of the table Positions, those for typing included
    accounts: tuple[Given, ...]
    account_capacity: int
    scenarios: Scenarios
    heat_coins: tuple[str, str]  # of the rows, of the columns
    event: int | None  # the event that the sheet Boxes shows
    blocks: Mapping[str, Table]
    heads: Mapping[str, list[Value]]  # of areas whose header a formula writes
    areas: Mapping[str, Area]
    as_of: date | None
    filled_on: date
    title: str
    book: BookRisk

    def padded(self) -> list[Row | None]:
        """The rows, and None for each spare one."""
        return [*self.rows, *[None] * (self.capacity - len(self.rows))]

    def value(self, area: str, name: str, row: int) -> Value:
        """What a cell of Calc shows; row 0 is the header."""
        at = self.areas[area].names.index(name)
        return self.heads[area][at] if row == 0 else self.blocks[area][row - 1][at]

    def column(self, area: str, name: str) -> list[Value]:
        at = self.areas[area].names.index(name)
        return [row[at] for row in self.blocks[area]]

    # The input cells of the scenarios, with the blank ones

    def event_at(self, number: int) -> tuple[str | None, tuple[Move, ...]]:
        """An event's name and moves, a cell a column of Events; numbers from 1."""
        if number > len(self.scenarios.events):
            return None, (None,) * COIN_COLUMNS
        name, moves = self.scenarios.events[number - 1]
        return name, _event_cells(self.scenarios, moves)

    def event_check(self, number: int) -> str:
        return event_check(*self.event_at(number))

    def shown(self, area: str, row: int, *, when: bool = True) -> dict[str, Value]:
        """RF_STRESS's figures as the sheets show them: blank where there is none."""
        values = {name: self.value(area, name, row) for name in SHOWN}
        return {
            name: value if when and excel.figure(value) else BLANK for name, value in values.items()
        }


def event_check(name: str | None, moves: Sequence[Move]) -> str:
    """What the column check of Events says: ok, or that a move is none."""
    given = [move for move in moves if move is not None]
    if name is None and not given:
        return BLANK
    good = all(excel.figure(move) and excel.n(move) > -1 for move in given)
    return OK if good else FIX


def coin_cells(scenarios: Scenarios) -> list[str | None]:
    """The coins at the heads of Events, in all its columns but the last."""
    return [*scenarios.coins, *[None] * (COIN_COLUMNS - 1 - len(scenarios.coins))]


def _event_cells(scenarios: Scenarios, moves: tuple[Move, ...]) -> tuple[Move, ...]:
    """Moves by column: those of named coins, blanks, and that of the others."""
    named, others = moves[:-1], moves[-1]
    return (*named, *[None] * (COIN_COLUMNS - 1 - len(named)), others)


def padded_cells(cells: Sequence[Any], rows: int) -> list[Any]:
    return [*cells, *[None] * (rows - len(cells))]


def build_model(filling: Filling, scenarios: Scenarios) -> Model:
    """Everything the workbook shows."""
    day = filling.day
    given, held = (
        positions_given(filling.positions, INPUTS, filling.refused),
        accounts_given(filling.accounts),
    )
    capacity, account_capacity = (max(1, len(its) + filling.spare_rows) for its in (given, held))
    asked = _Asked(as_table(INPUTS, given), as_table(ACCOUNT_COLUMNS, held), day)
    risk = RF_RISK(asked.positions, day, asked.accounts)[1:]
    rows = tuple(
        Row(number, cells_given, dict(zip(RISK_COLUMNS, its, strict=True)))
        for number, (cells_given, its) in enumerate(zip(given, risk, strict=True), 1)
    )
    areas = calc_areas(capacity, account_capacity)
    worked = _Worked(areas)
    worked.put("risk", risk)
    other = crossed.build(rows, held, capacity, account_capacity, day)
    worked.put("rows", other.rows)
    worked.put("cross", other.positions, head=list(crossed.HEAD))
    worked.put("cross_trial", other.trial)
    worked.put("wallets", other.wallets)
    in_cross = _Asked(other.without_boxes(), other.accounts(), day)
    _exposure(worked, asked)
    _events(worked, scenarios, asked, in_cross)
    _common(worked, scenarios, asked, in_cross)
    heat_coins = _heat_coins(worked, scenarios)
    _heat(worked, scenarios, heat_coins, asked)
    event = scenarios.event or _worst(worked)
    _chosen(worked, scenarios, event, asked)
    columns, n, _ = formula_cells.table_columns(asked.positions)
    return Model(
        rows=rows,
        capacity=capacity,
        accounts=tuple(held),
        account_capacity=account_capacity,
        scenarios=scenarios,
        heat_coins=heat_coins,
        event=event,
        blocks=worked.blocks,
        heads=worked.heads,
        areas=areas,
        as_of=filling.as_of,
        filled_on=filling.filled_on,
        title=filling.title,
        book=assess_columns(columns, n, accounts=formula_cells.accounts(asked.accounts), as_of=day),
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """The ranges of one book, as the formulas take them."""

    positions: list[list[Any]]
    accounts: list[list[Any]]
    as_of: date

    def __call__(self, formula: Callable[..., Any], *arguments: Any) -> Table:
        """The formula's answer, header and all."""
        answer: Table = formula(self.positions, *arguments, self.accounts, as_of=self.as_of)
        return answer


class _Worked:
    """The blocks of Calc as they come."""

    def __init__(self, areas: Mapping[str, Area]) -> None:
        self.areas = areas
        self.blocks: dict[str, Table] = {}
        self.heads: dict[str, list[Value]] = {}

    def put(
        self, name: str, rows: Sequence[Sequence[Any]], head: list[Value] | None = None
    ) -> None:
        """Rows of cells, filled up with blanks to the area's size."""
        area = self.areas[name]
        width = len(area.names)
        full = [[cells.shown(c) for c in row] + [BLANK] * (width - len(row)) for row in rows]
        full += [[BLANK] * width for _ in range(area.rows - len(full))]
        self.blocks[name] = full
        self.heads[name] = list(area.names) if head is None else head

    def answer(self, name: str, table: Table) -> None:
        """What a formula returned: its header, and the rows below it."""
        head, *rows = table
        width = len(self.areas[name].names)
        self.put(name, rows, [*head, *[BLANK] * (width - len(head))])

    def table(self, name: str) -> Table:
        """An area as a range with its header."""
        return [self.heads[name], *self.blocks[name]]


def _exposure(worked: _Worked, asked: _Asked) -> None:
    table = RF_EXPOSURE(asked.positions, asked.accounts, None, asked.as_of)
    head, *rows = [[*row, excel.text(row[0]), excel.text(row[1])] for row in table]
    worked.put("exposure", rows, [*head[:-2], *worked.areas["exposure"].names[-2:]])


def cleaned(move: Move) -> float:
    """A move as Calc takes it from its cell; what is none is 0, and told beside it."""
    return excel.n(move) if excel.n(move) > -1 else 0.0


def _events(worked: _Worked, scenarios: Scenarios, asked: _Asked, in_cross: _Asked) -> None:
    events = padded_cells(scenarios.events, EVENT_ROWS)
    rows: list[list[Any]] = []
    checks: list[str] = []
    for event in events:
        name, moves = event or (None, (None,))
        its = _event_cells(scenarios, moves)
        rows.append([excel.text(name), *map(cleaned, its)])
        checks.append(event_check(name, its))
    head: list[Value] = ["event"]
    for coin in (*coin_cells(scenarios), OTHERS):
        head.append(BLANK if excel.head(coin) in head else excel.head(coin))  # the first counts
    worked.put("event_moves", rows, head)
    worked.answer("events", asked(RF_STRESS, worked.table("event_moves")))
    worked.heads["events"][-1] = "failures"
    for row, check in zip(worked.blocks["events"], checks, strict=True):
        failed = (row[STRESS_COLUMNS.index(name)] for name in ("boxes_failed", "pools_failed"))
        row[-1] = sum(map(excel.n, failed)) if check == OK else BLANK
    worked.answer("cross_events", in_cross(RF_STRESS, worked.table("event_moves")))


def _worst(worked: _Worked) -> int | None:
    """The event with the largest loss; None where there is no event."""
    losses = [-1e300 if row[-1] == BLANK else excel.n(row[2]) for row in worked.blocks["events"]]
    return losses.index(max(losses)) + 1 if max(losses) > -1e300 else None


def _common(worked: _Worked, scenarios: Scenarios, asked: _Asked, in_cross: _Asked) -> None:
    betas = [
        [excel.head(coin), (excel.n(beta) if excel.figure(beta) else 1.0) if coin else BLANK]
        for coin, beta in (
            pair or (None, None) for pair in padded_cells(scenarios.betas, BETA_ROWS)
        )
    ]
    worked.put("betas", betas)
    worked.answer("joint", asked(RF_JOINT_SHOCK, worked.table("betas")))
    inputs = padded_cells(scenarios.moves, MOVE_ROWS)
    market = [cleaned(move) for move in inputs]
    first = [row[1] for row in worked.blocks["joint"]]
    rows = [
        [max(LOWEST, move * excel.n(beta)) for _, beta in betas]
        for move in (*market, *(excel.n(move) * PAST for move in first))
    ]
    worked.put("common_moves", rows, [coin for coin, _ in betas])
    for name, its in (("common", asked), ("cross_common", in_cross)):
        worked.answer(name, its(RF_STRESS, worked.table("common_moves")))
    worked.put("chart", _chart(worked, inputs, first))


def _chart(worked: _Worked, inputs: Sequence[Move], first: Sequence[Value]) -> Table:
    """Where the lines of the charts go: no figure, no point."""
    left = {
        name: [row[3] for row in worked.blocks[area]]
        for name, area in (("isolated", "common"), ("cross", "cross_common"))
    }
    drawn = [excel.n(move) for move in inputs if excel.figure(move)]
    rows: Table = []
    for at, move in enumerate([*inputs, *first]):
        seen = excel.figure(move)
        if at >= MOVE_ROWS:
            seen = seen and bool(drawn) and min(drawn) <= excel.n(move) <= max(drawn)
        rows.append(
            [excel.n(move), *(line[at] if seen and excel.figure(line[at]) else NOT_DRAWN
                              for line in left.values())]
        )  # fmt: skip
    return rows


NOT_DRAWN: Final = "#N/A"


def _heat_coins(worked: _Worked, scenarios: Scenarios) -> tuple[str, str]:
    """The axes' coins; where the book holds neither, those with most at stake take their places."""
    held = [str(row[1]) for row in worked.blocks["exposure"] if row[0] == "coin"][1:]
    wanted = scenarios.heat_coins
    if not held or set(map(excel.head, wanted)) & set(held):
        return wanted
    return held[0], held[1] if len(held) > 1 else wanted[1]


def _heat(
    worked: _Worked, scenarios: Scenarios, heat_coins: tuple[str, str], asked: _Asked
) -> None:
    axes = [padded_cells(axis, HEAT_STEPS) for axis in scenarios.heat_moves]
    one, two = ([cleaned(move) for move in axis] for axis in axes)
    worked.put("heat_moves", list(zip(one, two, strict=True)))
    first, second = heat_coins
    table = RF_HEAT_MAP(asked.positions, first, one, second, two, asked.accounts, asked.as_of)
    worked.answer("heat", table)


def _chosen(worked: _Worked, scenarios: Scenarios, event: int | None, asked: _Asked) -> None:
    if excel.figure(scenarios.one_move):
        move = max(LOWEST, excel.n(scenarios.one_move))
        row: list[Any] = [ONE_MOVE, *[move] * COIN_COLUMNS]
    elif event:
        row = worked.blocks["event_moves"][event - 1]
    else:
        row = [BLANK, *[0.0] * COIN_COLUMNS]
    worked.put("chosen_moves", [row], worked.heads["event_moves"])
    worked.answer("chosen", asked(RF_STRESS, worked.table("chosen_moves")))
    worked.answer("chosen_rows", asked(RF_STRESS_ROWS, worked.table("chosen_moves")))


ONE_MOVE: Final = "One move of every coin"
