"""What the sheet Calc works out for the others: definitions with names, and tables of ours."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ringfence.dynamics import FILL_COLUMNS, Refill
from ringfence.position import ALREADY, NEVER
from ringfence.sizing import DAYS_A_YEAR, Mode, StopCheck
from ringfence_addin.functions import FORMULAS, RISK_COLUMNS
from ringfence_templates.package import Value
from ringfence_templates.position_sizer import told
from ringfence_templates.position_sizer.layout import GAP, INPUTS, POSITION, TRADE
from ringfence_templates.position_sizer.told import BLANK, Told, equal, every, is_number, when
from ringfence_templates.position_sizer.trade import Trade

STEPS: Final = 24  # of a liquidation that the workbook has room for
REFILLS: Final = 8
MODES: Final = 4
# The first lines of RF_LIQ_PATH below its steps; their order is frozen
PATH_TOTALS: Final = (
    "to_trader", "to_venue", "fees", "to_market", "left_in_box", "shortfall", "fee_note",
)  # fmt: skip
NOT_KNOWN: Final = "n/a"

# States of the trade
UNHEARD, ERROR, ALREADY_STATE, NEVER_STATE, OK = "unheard", "error", "already", "never", "ok"


@dataclass(frozen=True, slots=True)
class Table:
    """A table that a formula of ours returns, in a block of cells with a name for each.

    ``call``: the formula. ``says``: its first cell, which is an error in words where it has no
    answer. ``rows``: how many it has. The block is blank where there is nothing below a header.
    """

    call: str
    says: Told
    rows: Told
    values: tuple[tuple[Value, ...], ...]  # with the header, as many as the block has rows

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.values), len(self.values[0])


@dataclass
class Workings:
    """The inputs, RF_RISK's answer, and what follows from them."""

    trade: Trade
    given: dict[str, Told]  # input -> its cell, by its name
    mirror: tuple[Told, ...]  # the position's inputs as RF_RISK reads them
    risk_block: tuple[tuple[Value, ...], ...]
    risk: dict[str, Told]  # RF_RISK's column -> its cell
    defined: dict[str, Told] = field(default_factory=dict)  # name -> what its cell says
    tables: dict[str, Table] = field(default_factory=dict)

    def define(self, name: str, its: Told) -> Told:
        """Give a definition a cell and a name of its own; the name as a piece."""
        self.defined[name] = its
        return self.named(name)

    def named(self, name: str) -> Told:
        return Told(name, self.defined[name].value)

    def of_ours(self, name: str, **others: Told) -> Told:
        """A formula of ours on the inputs; ``n/a`` where it has no answer, '' without a trade."""
        bare = told.call(name, self.given, **others)
        return when(self.named("calc_fine"), told.guarded(bare, NOT_KNOWN), BLANK)

    def add_table(self, prefix: str, name: str, height: int, width: int, **others: Told) -> None:
        """Call a formula that returns a table, and keep room for so many rows below its header."""
        its = told.call(name, self.given, **others)
        rows: Sequence[Sequence[Any]] = its.value
        says = self.define(
            f"{prefix}_says",
            told.guarded(told.joined(Told(f"INDEX({its.formula},1,1)", rows[0][0]), ""), ""),
        )
        counted = self.define(
            f"{prefix}_rows", told.guarded(Told(f"ROWS({its.formula})", float(len(rows))), 0)
        )
        blank: tuple[Value, ...] = ("",) * width
        values = [tuple(map(told.as_value, row)) for row in rows] if len(rows) > 1 else []
        values = [*values[: height + 1], *[blank] * (height + 1 - len(values))]
        self.tables[prefix] = Table(its.formula, says, counted, tuple(values))

    def total(self, number: int) -> Told:
        """A line of RF_LIQ_PATH below its steps, counted from 0: its third cell."""
        its = told.call("RF_LIQ_PATH", self.given)
        steps = self.named("path_steps")
        rows: Sequence[Sequence[Any]] = its.value
        at = 1 + int(steps.value) + number
        cell = Told(
            f"INDEX({its.formula},{steps.formula}+{number + 2},3)",
            rows[at][2] if at < len(rows) else told.VALUE_ERROR,
        )
        return when(self.tables["path"].rows < 2, BLANK, told.guarded(cell, NOT_KNOWN))

    def cell(self, prefix: str, row: int, column: int) -> Told:
        """A cell of a table by its name; row 0 is the header."""
        value = self.tables[prefix].values[row][column]
        return told.plain(Told(f"INDEX({prefix}_table,{row + 1},{column + 1})", value))

    def stop(self, name: str) -> Told:
        """What RF_STOP_CHECK says."""
        column = StopCheck._fields.index(name)
        return Told(f"stop_{name}", self.tables["stop"].values[1][column])


def work_out(trade: Trade) -> Workings:
    """Everything the sheets show of ``trade``."""
    inputs = [*INPUTS, GAP.name]
    given = {name: Told(name, _blank_or(trade.given.get(name))) for name in inputs}
    mirror = tuple(
        Told(f'IF({name}="","",{name})', told.as_value(given[name].value)) for name in POSITION
    )
    filled = sum(piece.value != "" for piece in mirror[: len(TRADE)])
    block = _risk_block(mirror, filled)
    risk = {
        name: Told(f"risk_{name}", value) for name, value in zip(block[0], block[1], strict=True)
    }
    if not filled:
        risk = {name: Told(f"risk_{name}", "") for name in RISK_COLUMNS}
    its = Workings(trade, given, mirror, block, {str(name): risk[name] for name in risk})
    its.define("calc_used", Told('SUMPRODUCT(--(calc_trade<>""))', float(filled)))
    _define_states(its)
    _define_move(its)
    _define_account(its)
    _add_tables(its)
    _define_verdicts(its)
    return its


def _blank_or(content: Any) -> Any:
    return "" if content is None else content


def _risk_block(mirror: Sequence[Told], filled: int) -> tuple[tuple[Value, ...], ...]:
    """RF_RISK's header and its row; blank where there is no trade."""
    if not filled:
        blank: tuple[Value, ...] = ("",) * len(RISK_COLUMNS)
        return blank, blank
    rows = FORMULAS["RF_RISK"].function([list(POSITION), [piece.value for piece in mirror]])
    return tuple(tuple(map(told.as_value, row)) for row in rows)


def _define_states(its: Workings) -> None:
    risk, given = its.risk, its.given
    status = told.joined(risk["status"], "")  # text of an array is none to some functions
    state = its.define(
        "calc_state",
        when(
            equal(its.named("calc_used"), 0),
            BLANK,
            when(
                equal(status, ""),
                UNHEARD,
                when(
                    equal(Told(f"LEFT({status.formula},5)", str(status.value)[:5]), "error"),
                    ERROR,
                    when(
                        equal(status, ALREADY),
                        ALREADY_STATE,
                        when(equal(status, NEVER), NEVER_STATE, OK),
                    ),
                ),
            ),
        ),
    )
    fine = its.define("calc_fine", when(is_number(risk["max_loss"]), 1, 0))
    side = str(given["side"].value)
    its.define(
        "calc_short",
        when(equal(Told(f"LEFT(LOWER({given['side'].formula}),1)", side.lower()[:1]), "s"), 1, 0),
    )
    mark = given["mark_price"]
    its.define(
        "calc_mark",
        when(
            fine,
            when(is_number(mark), when(equal(mark, 0), given["entry_price"], mark),
                 given["entry_price"]),
            BLANK,
        ),
    )  # fmt: skip
    liquidation = risk["liquidation_price"]
    its.define(
        "calc_touch",
        when(
            fine,
            when(
                equal(state, ALREADY_STATE),
                1,
                told.guarded(
                    told.call(
                        "RF_TOUCH_PROB",
                        its.given,
                        mark_price=its.named("calc_mark"),
                        barrier=liquidation,
                    ),
                    NOT_KNOWN,
                ),
            ),
            BLANK,
        ),
    )


def positive(*numbers: Told) -> Told:
    """Whether all are numbers above 0. Two conditions, since AND looks at every one."""
    zero = every(*(number > 0 for number in numbers))
    return when(every(*map(is_number, numbers)), when(zero, 1, 0), 0)


def _define_move(its: Workings) -> None:
    given, fine = its.given, its.named("calc_fine")
    sigma = its.define(
        "calc_sigma",
        when(
            positive(given["volatility"], given["days"]),
            given["volatility"] * told.root(given["days"] / DAYS_A_YEAR),
            BLANK,
        ),
    )
    mark, short = its.named("calc_mark"), its.named("calc_short")
    known = every(fine, is_number(sigma), is_number(given["sigmas"]))
    move = its.define(
        "calc_move_price",
        when(
            known,
            told.guarded(mark * told.exp(when(short, 1, -1) * given["sigmas"] * sigma), NOT_KNOWN),
            BLANK,
        ),
    )
    its.define(
        "calc_move_distance",
        when(is_number(move), told.size_of(move / mark - 1), BLANK),
    )
    its.define("calc_sigmas_away", away_in_sigmas(its, its.risk["liquidation_price"]))


def away_in_sigmas(its: Workings, liquidation: Told) -> Told:
    """How many standard deviations a price is away; below 0: past it."""
    mark, sigma = its.named("calc_mark"), its.named("calc_sigma")
    way = when(its.named("calc_short"), told.log(liquidation / mark), told.log(mark / liquidation))
    return when(every(is_number(liquidation), is_number(sigma)), way / sigma, BLANK)


def _define_account(its: Workings) -> None:
    given, risk, fine = its.given, its.risk, its.named("calc_fine")
    wallet, equity = given["wallet_balance"], given["account_equity"]
    its.define(
        "calc_account_free",
        when(every(fine, is_number(wallet)), told.at_least(wallet - risk["max_loss"], 0), BLANK),
    )
    its.define(
        "calc_equity",
        when(equal(equity, ""), when(equal(wallet, ""), BLANK, wallet), equity),
    )
    value, mark, entry = risk["notional"], its.named("calc_mark"), given["entry_price"]
    its.define(
        "calc_entry_value",
        when(
            every(fine, is_number(entry)),
            when(equal(told.joined(risk["contract_type"], ""), "inverse"), value * mark / entry,
                 value * entry / mark),
            BLANK,
        ),
    )  # fmt: skip


def _add_tables(its: Workings) -> None:
    its.add_table(
        "stop", "RF_STOP_CHECK", 1, len(StopCheck._fields), account_equity=its.named("calc_equity")
    )
    its.add_table("modes", "RF_COMPARE_MODES", MODES, len(Mode._fields))
    its.add_table("path", "RF_LIQ_PATH", STEPS, 1 + len(FILL_COLUMNS))
    its.add_table(
        "added",
        "RF_AUTO_ADD",
        REFILLS,
        len(Refill._fields),
        account_free=its.named("calc_account_free"),
    )
    path = told.call("RF_LIQ_PATH", its.given)
    numbered = sum(isinstance(row[0], (int, float)) for row in path.value)
    # A step has a number; what is left to whom has none.
    its.define("path_steps", Told(f"COUNT(INDEX({path.formula},0,1))", float(numbered)))
    for number, name in enumerate(PATH_TOTALS):
        its.define(f"path_{name}", its.total(number))


def _define_verdicts(its: Workings) -> None:
    given, fine = its.given, its.named("calc_fine")
    others = {"account_free": its.named("calc_account_free")}
    its.define("calc_funding_days", its.of_ours("RF_FUNDING_DAYS", **others))
    for name, formula in (
        ("calc_screen_price", "RF_VENUE_LIQ_PRICE"),
        ("calc_top_up", "RF_TOP_UP"),
        ("calc_withdrawable", "RF_WITHDRAWABLE"),
    ):
        its.define(name, its.of_ours(formula))
    known = positive(given["volatility"], given["days"], given["sigmas"])
    largest = its.define(
        "calc_largest",
        when(
            known,
            its.of_ours("RF_MAX_SIZE", isolated_margin=its.risk["max_loss"]),
            when(fine, NOT_KNOWN, BLANK),
        ),
    )
    its.define(
        "calc_size_state",
        when(
            fine,
            when(
                equal(largest, "any"),
                "holds",
                when(
                    every(is_number(largest), is_number(given["size"])),
                    when(given["size"] <= largest, "holds", "too large"),
                    NOT_KNOWN,
                ),
            ),
            BLANK,
        ),
    )
    first = told.joined(its.stop("first"), "")
    its.define(
        "calc_stop_state",
        when(
            fine,
            when(
                equal(given["stop_price"], ""),
                "none",
                when(
                    its.tables["stop"].rows < 2,
                    ERROR,
                    when(equal(told.joined(its.stop("note"), ""), ""), first, "beyond"),
                ),
            ),
            BLANK,
        ),
    )
