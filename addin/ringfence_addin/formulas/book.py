"""Formulas about a whole book: each position's risk, its accounts, and shocks of the market."""

from dataclasses import replace
from typing import Any, Final

from ringfence import inputs, stress
from ringfence.book import OUTPUTS, BookRisk
from ringfence.errors import InputError, MissingInputError, RingfenceError
from ringfence.exposure import IDLE, exposure
from ringfence.position import NEVER, OK
from ringfence.rows import BLANK_ROW
from ringfence_addin import cells
from ringfence_addin.catalogue import formula
from ringfence_addin.formulas.common import ACCOUNTS_DOC, BOOK_DOCS, POSITION_DOCS, book_of

# What RF_RISK returns: the core's output columns, then what is needed to add positions up (the
# currency they settle in, and its price in dollars).
RISK_COLUMNS: Final = (*OUTPUTS, "contract_type", "settle_currency", "settle_price")


@formula(
    {
        "positions": "Range with a header row: venue, symbol, side, size, entry_price, "
        "isolated_margin or leverage, mark_price ...",
        "as_of": POSITION_DOCS["as_of"],
        "accounts": ACCOUNTS_DOC,
    },
    ranges=("positions", "accounts"),
    returns_table=True,
)
def RF_RISK(positions, as_of=None, accounts=None):
    """Risk of each position of a range: a header row, then one row for each row: notional, PnL,
    margins, ratios, liquidation and bankruptcy price, distance, leverage, max loss, rule,
    status, contract type, settle currency and its price."""
    try:
        book = book_of(positions, accounts, as_of)
    except RingfenceError as error:
        return [["status"], [f"error: {error}"]]
    return [list(RISK_COLUMNS), *risk_rows(book)]


def risk_rows(book: BookRisk) -> list[list[Any]]:
    """A book's risk as rows of cells: :data:`RISK_COLUMNS`; "never" where no price liquidates.

    Blank rows are blank.
    """
    columns = {name: book.risk[name].tolist() for name in OUTPUTS}
    columns["contract_type"] = book.contract_type.tolist()
    columns["settle_currency"] = [its and (its.settle or None) for its in book.terms]
    columns["settle_price"] = book.settle_price.tolist()
    shown = {name: [cells.cell(value) for value in column] for name, column in columns.items()}
    for row, status in enumerate(shown["status"]):
        if status == NEVER:
            shown["liquidation_price"][row] = shown["liquidation_distance"][row] = cells.NEVER
        elif status == BLANK_ROW:
            shown["status"][row] = cells.BLANK
    return [list(row) for row in zip(*shown.values(), strict=True)]


# Accounts


@formula(
    {
        **BOOK_DOCS,
        "row": "Which position of the range: 1 is the first below the header row",
    },
    ranges=("positions", "accounts"),
)
def RF_CROSS_LIQ_PRICE(positions, accounts, row, as_of=None):
    """Liquidation price of one position of a range by its account: the price of its contract alone,
    the others at their marks. Text "never" where there is none; see RF_RISK for all at once."""
    try:
        book = book_of(positions, accounts, as_of)
        number = _number("row", row)
        if not 1 <= number <= len(book.terms) or number % 1:
            raise InputError("row", f"{number:g} is not a row of the range")
        at = int(number) - 1
        status = str(book.risk["status"][at])
        if status.startswith("error"):
            raise InputError("row", status)
        return cells.scalar(float(book.risk["liquidation_price"][at]))
    except (RingfenceError, OverflowError) as error:
        return cells.error_value(error)


ACCOUNT_ROWS: Final = (
    "account", "venue", "currency", "cross_positions", "wallet", "unrealized_pnl",
    "margin_balance", "maintenance_requirement", "margin_ratio", "notional", "effective_leverage",
)  # fmt: skip


@formula(BOOK_DOCS, ranges=("positions", "accounts"), returns_table=True)
def RF_ACCOUNTS(positions, accounts, as_of=None):
    """The cross pools of a book, a row a pool: wallet without boxes, PnL, balance, requirement,
    margin ratio (liquidation at 1), notional, effective leverage. RF_RISK says why one is not
    there."""
    try:
        book = book_of(positions, accounts, as_of)
    except RingfenceError as error:
        return [[f"error: {error}"]]
    rows = pool_rows(book)
    lost = [s for s in map(str, book.risk["status"]) if s.startswith("error: account: ")]
    return [list(ACCOUNT_ROWS), *rows] if rows or not lost else [[lost[0]]]


def pool_rows(book: BookRisk) -> list[list[Any]]:
    """Each pool of a book as a row of cells: :data:`ACCOUNT_ROWS`."""
    pools = book.pools
    if pools is None:
        return []
    state, rows = pools.state, []
    for pool in range(len(state.wallet)):
        its = (pools.pool == pool).nonzero()[0]
        row = book.pool_rows[its[0]]
        terms = book.terms[row]
        equity, required = float(state.equity[pool]), float(state.requirement[pool])
        notional = float(pools.rows.at_mark[its].sum())
        rows.append(
            [
                book.account[row], terms.rule.venue, terms.settle, len(its),
                float(state.wallet[pool]), float(state.unrealized_pnl[pool]), equity, required,
                required / equity if equity > 0 else cells.BANKRUPT, notional,
                notional / equity if equity > 0 else cells.BANKRUPT,
            ]
        )  # fmt: skip
    return rows


@formula(
    {
        **BOOK_DOCS,
        "account": "The account's name, as in the positions. Blank: the only one",
        "venue": "Its venue. Blank: the only one",
    },
    ranges=("positions", "accounts"),
)
def RF_ACCOUNT_RATIO(positions, accounts, account=None, venue=None, as_of=None):
    """Margin ratio of an account's cross pool: what all its positions require / its balance;
    liquidation at 1 (100 %) or more. The same way up for every venue."""
    try:
        book = book_of(positions, accounts, as_of)
        name = inputs.parse_text(cells.argument("account", account)).casefold()
        house = inputs.parse_text(cells.argument("venue", venue)).lower()
        found = [
            row
            for row in pool_rows(book)
            if name in ("", str(row[0]).casefold()) and house in ("", row[1])
        ]
        if not found:
            raise MissingInputError("account", "no cross pool of that name can be computed")
        if len(found) > 1:
            raise InputError("account", "there are several such pools; name account and venue")
        return found[0][ACCOUNT_ROWS.index("margin_ratio")]
    except (RingfenceError, OverflowError) as error:
        return cells.error_value(error)


# Shocks

STRESS_COLUMNS: Final = (
    "event", "equity", "loss", "left", "loss_share", "boxes_failed", "pools_failed", "errors",
    "not_counted", "idle", "status",
)  # fmt: skip
MOVES_DOC: Final = (
    "Moves as fractions (-0.2: 20 % down): one column of numbers for the whole market, or a header"
    " row 'event' and coins ('*': all others) over rows of moves"
)


@formula(
    {**BOOK_DOCS, "moves": MOVES_DOC},
    ranges=("positions", "moves", "accounts"),
    or_values=("moves",),
    returns_table=True,
)
def RF_STRESS(positions, moves, accounts=None, as_of=None):
    """A book under shocks, a row a shock: equity (idle money too), loss, what is left, of it idle,
    boxes and pools that fail, rows in error or without a value in dollars (both left out), status.
    What fails on the way is gone."""
    try:
        book = book_of(positions, accounts, as_of)
        shocks = _shocks(moves)
    except (RingfenceError, OverflowError) as error:
        return [[f"error: {error}"]]
    return [list(STRESS_COLUMNS), *(_stress_row(book, *its) for its in shocks)]


def _stress_row(book: BookRisk, name: Any, given: Any) -> list[Any]:
    """One shock's row; an error says so in its status and spoils no other row."""
    try:
        moves = _moves(given)
        its = stress.shock(book, moves)
    except (RingfenceError, OverflowError) as error:
        blank = [cells.BLANK] * (len(STRESS_COLUMNS) - 2)
        return [inputs.parse_text(name), *blank, f"error: {error}"]
    share = its.loss / its.equity if its.equity else 0.0
    return [
        name if isinstance(moves, dict) else moves, its.equity, its.loss, its.left, share,
        its.boxes_failed, its.pools_failed, its.errors, its.not_counted, its.idle, OK,
    ]  # fmt: skip


@formula(
    {**BOOK_DOCS, "moves": "One shock: a number, or a header row of coins and a row of moves"},
    ranges=("positions", "moves", "accounts"),
    or_values=("moves",),
    returns_table=True,
)
def RF_STRESS_ROWS(positions, moves, accounts=None, as_of=None):
    """What one shock does to each position of a range: fails or holds, and the change of equity in
    dollars, a row a row."""
    try:
        book = book_of(positions, accounts, as_of)
        shocks = _shocks(moves)
        if len(shocks) != 1:
            raise InputError("moves", "give one shock")
        its = stress.shock(book, _moves(shocks[0][1]))
    except (RingfenceError, OverflowError) as error:
        return [[f"error: {error}", ""]]
    rows = [
        ["" if book.risk["status"][row] == BLANK_ROW else book.risk["status"][row], cells.BLANK]
        if book.terms[row] is None
        else ["fails" if its.fails[row] else "holds", cells.cell(float(its.pnl[row]))]
        for row in range(len(book.terms))
    ]
    return [["outcome", "change"], *rows]


@formula(
    {
        **BOOK_DOCS,
        "coin_1": "Coin of the rows, such as BTC",
        "moves_1": "Its moves as fractions, a range",
        "coin_2": "Coin of the columns, such as ETH",
        "moves_2": "Its moves as fractions, a range",
    },
    ranges=("positions", "moves_1", "moves_2", "accounts"),
    or_values=("moves_1", "moves_2"),
    returns_table=True,
)
def RF_HEAT_MAP(positions, coin_1, moves_1, coin_2, moves_2, accounts=None, as_of=None):
    """What is left of the book's equity (idle money too), in dollars, when two coins move apart and
    the others stand still: the moves of the second as header, a row a move of the first."""
    try:
        book = book_of(positions, accounts, as_of)
        first, second = (_text(n, c) for n, c in (("coin_1", coin_1), ("coin_2", coin_2)))
        down, across = _numbers("moves_1", moves_1), _numbers("moves_2", moves_2)
        grid = stress.heat_map(book, (first, down), (second, across))
    except (RingfenceError, OverflowError) as error:
        return [[f"error: {error}"]]
    body = [[move, *row] for move, row in zip(down, grid.tolist(), strict=True)]
    return [[f"{first} \\ {second}", *across], *body]


@formula(
    {
        **BOOK_DOCS,
        "betas": "Range of two columns, coin and beta ('*': all others). Blank: 1 for all",
    },
    ranges=("positions", "betas", "accounts"),
    returns_table=True,
)
def RF_JOINT_SHOCK(positions, betas=None, accounts=None, as_of=None):
    """The common move at which the first box or pool fails, each coin moving by its beta: one row
    down, one up: the move, the position's row, venue and symbol. Exact. "never": none fails."""
    try:
        book = book_of(positions, accounts, as_of)
        joint = stress.joint_shock(book, _betas(betas))
    except (RingfenceError, OverflowError) as error:
        return [[f"error: {error}"]]
    rows = []
    for way, move, row in (
        ("down", joint.first_down, joint.row_down),
        ("up", joint.first_up, joint.row_up),
    ):
        if row is None:
            rows.append([way, cells.NEVER, "", "", ""])
        else:
            its = book.terms[row]
            rows.append([way, move, row + 1, its.rule.venue, its.symbol])
    return [["direction", "move", "row", "venue", "symbol"], *rows]


@formula(
    {
        **BOOK_DOCS,
        "idle": "Dollars in no box and behind no cross position. Blank: what the accounts hold so",
    },
    ranges=("positions", "accounts"),
    returns_table=True,
)
def RF_EXPOSURE(positions, accounts=None, idle=None, as_of=None):
    """The book as one account: totals, then by coin and by venue what is at stake together, then
    where a dollar of top-up buys most distance. Money in dollars."""
    try:
        book = book_of(positions, accounts, as_of)
        free = cells.argument("idle", cells.single(idle))
        its = exposure(book, idle=inputs.parse_number(IDLE, free))
    except (RingfenceError, OverflowError) as error:
        return [[f"error: {error}"]]
    rows: list[list[Any]] = [["total", "", "figure", *_ROOM]]
    for name in ("equity", "at_stake", "at_stake_share", "notional", "effective_leverage", "idle",
                 "boxes", "pools", "near", "errors", "not_counted", "free_in_pools"):  # fmt: skip
        rows.append(["total", name, cells.cell(getattr(its, name)), *_ROOM])
    head = ["name", "positions", "notional", "net_notional", "at_stake", "share", "fails_together"]
    for section, groups in (("coin", its.by_coin), ("venue", its.by_venue)):
        rows.append([section, *head])
        rows += [[section, *group] for group in groups]
    rows.append(["top-up", "symbol", "row", "distance_a_dollar", *_ROOM[1:]])
    for row, gain in its.best_top_ups[:5]:
        rows.append(["top-up", book.terms[row].symbol, row + 1, gain, *_ROOM[1:]])
    return rows


_ROOM: Final = ("",) * 5  # the columns that totals leave empty


# Ranges that are not positions


def _number(name: str, value: Any) -> float:
    cell = cells.argument(name, cells.single(value))
    number = inputs.parse_number(inputs.NumberField(name, name), cell)
    if number is None:
        raise MissingInputError(name, "missing; give a number")
    return number


def _text(name: str, value: Any) -> str:
    text = inputs.parse_text(cells.argument(name, cells.single(value)))
    if not text:
        raise MissingInputError(name, "missing; give a coin, such as BTC")
    return text.upper()


def _grid(name: str, value: Any) -> list[list[Any]]:
    """A range as rows of cells; a single cell is one."""
    rows = value if isinstance(value, (list, tuple)) else [[value]]
    return [list(row) if isinstance(row, (list, tuple)) else [row] for row in rows]


_MARKET: Final = ("move", "shock", "market")  # a column of the whole market's moves


def _move(name: str, value: Any) -> float:
    """A cell that holds a fraction; a blank one is 0."""
    if inputs.is_blank(value):
        return 0.0
    field = replace(stress.MOVE, name=name)
    return inputs.parse_number(field, cells.argument(name, value) or 0.0) or 0.0


def _numbers(name: str, value: Any) -> list[float]:
    """The numbers of a range, in reading order; blank cells are left out."""
    found = [_move(name, c) for row in _grid(name, value) for c in row if not inputs.is_blank(c)]
    if not found:
        raise MissingInputError(name, "missing; give moves as fractions")
    return found


def _shocks(value: Any) -> list[tuple[Any, Any]]:
    """Shocks as (name, cells): one cell for the whole market, or coin -> cell. Raises InputError
    where there is no such table."""
    rows = [row for row in _grid("moves", value) if not all(map(inputs.is_blank, row))]
    if not rows:
        raise MissingInputError("moves", "missing; give moves as fractions")
    head = rows[0]
    if not any(
        isinstance(c, str) and inputs.number_from_text(c.rstrip(" %")) is None for c in head
    ):
        if any(len(row) > 1 for row in rows):
            raise InputError("moves", "several columns need a header row: event, BTC, ETH ...")
        return [(row[0], row[0]) for row in rows]
    coins = [inputs.parse_text(c).upper() for c in head]
    named = inputs.column_name(coins[0]) in ("event", "name", "scenario")
    coins = [stress.OTHERS if inputs.column_name(c) in _MARKET else c for c in coins]
    for coin in filter(None, coins):
        if coins.count(coin) > 1:
            raise InputError("moves", f"the column {coin} is there twice")
    return [
        (
            inputs.parse_text(row[0]) if named else number,
            {coin: cell for coin, cell in list(zip(coins, row, strict=False))[named:] if coin},
        )
        for number, row in enumerate(rows[1:], 1)
    ]


def _moves(given: Any) -> dict[str, float] | float:
    """The cells of one shock as fractions. Raises InputError."""
    if isinstance(given, dict):
        return {coin: _move(f"moves, {coin}", cell) for coin, cell in given.items()}
    return _move("moves", given)


def _betas(value: Any) -> dict[str, float] | float:
    rows = [row for row in _grid("betas", value) if not all(map(inputs.is_blank, row))]
    if not rows or value is None:
        return 1.0
    betas: dict[str, float] = {}
    for row in rows:
        if len(row) != 2:
            raise InputError("betas", "give two columns, coin and beta")
        coin = inputs.parse_text(row[0])
        if inputs.column_name(coin) in ("coin", "symbol", "base", "asset"):
            continue  # a header
        blank = inputs.is_blank(row[1])  # a beta of 0 is one: the coin stands still
        betas[coin] = 1.0 if blank else row[1] and _number("betas", row[1])
    return betas
