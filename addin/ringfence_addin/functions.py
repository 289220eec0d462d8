"""The RF_ formulas. Names and argument order are frozen: they live in people's workbooks.

Each is thin: cells in, the core's answer, cells out. A formula never raises: a missing argument
gives #N/A, a wrong one #VALUE!, and RF_RISK says why in its status column.
"""

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from ringfence import (
    assess,
    inputs,
    liquidation_price,
    tiers,
    venue_liquidation_price,
    venues,
)
from ringfence.book import OUTPUTS, BookRisk, assess_columns
from ringfence.errors import RingfenceError
from ringfence.lookup import find
from ringfence.position import NEVER
from ringfence_addin import cells
from ringfence_addin.catalogue import FORMULAS, formula

__all__ = [
    "FORMULAS",
    "RF_BANKRUPTCY_PRICE",
    "RF_INIT_MARGIN",
    "RF_LIQ_DISTANCE",
    "RF_LIQ_PRICE",
    "RF_MAINT_MARGIN",
    "RF_MARGIN_RATIO",
    "RF_RISK",
    "RF_TIERS",
    "RF_VENUES",
    "RF_VENUE_LIQ_PRICE",
]

# What RF_RISK returns: the core's output columns, then what is needed to add positions up (the
# currency they settle in, and its price in dollars).
RISK_COLUMNS: Final = (*OUTPUTS, "contract_type", "settle_currency", "settle_price")

POSITION_DOCS: Final = {
    "venue": "Exchange: binance, binance_coinm, bybit, okx, hyperliquid ... (see RF_VENUES)",
    "symbol": "Contract, such as BTCUSDT. Picks the venue's tiers; not needed where mmr is given",
    "side": "long or short",
    "size": "Number of contracts, above 0 (coins where the venue counts in coins)",
    "entry_price": "Average entry price, quote per base",
    "isolated_margin": "Wallet of the box, without unrealized PnL. Blank: notional / leverage",
    "leverage": "Leverage set for the position. Needed where isolated_margin is blank",
    "mark_price": "Mark price, quote per base. Blank: entry_price",
    "mmr": "Maintenance margin rate as a fraction (0.005). Blank or 0: the venue's tiers",
    "maintenance_amount": "Amount off the maintenance margin, beside mmr. Blank: 0",
    "taker_fee_rate": "Taker fee rate as a fraction (0.0005). Blank or 0: the venue's base rate",
    "contract_type": "linear, inverse or quanto. Blank: as the symbol is listed",
    "contract_size": "Base (linear) or quote (inverse) per contract. Blank: as listed",
    "funding_rate": "Funding rate as a fraction, where the venue's trigger counts funding",
    "as_of": "Day whose rules apply. Blank: today",
}

ACCOUNTS_DOC: Final = (
    "Range with a header row: account, venue, wallet_balance (boxes included, without unrealized"
    " PnL), for cross positions. Blank: none"
)


def _answer(pick: Callable[..., float | str], position: dict[str, Any]) -> float | str:
    """``pick`` of the position's arguments, or the error value that says what kind of fault."""
    try:
        return pick(**cells.arguments(position))
    except (RingfenceError, OverflowError) as error:
        return cells.error_value(error)


@formula(POSITION_DOCS)
def RF_LIQ_PRICE(
    venue, symbol, side, size, entry_price, isolated_margin=None, leverage=None, mark_price=None,
    mmr=None, maintenance_amount=None, taker_fee_rate=None, contract_type=None,
    contract_size=None, funding_rate=None, as_of=None,
):  # fmt: skip
    """Liquidation price of an isolated position by the venue's own rule: the first adverse
    price at which its equity is down to the requirement. Text "never" where there is none."""
    return _answer(lambda **p: cells.scalar(liquidation_price(**p)), locals())


@formula(POSITION_DOCS)
def RF_MARGIN_RATIO(
    venue, symbol, side, size, entry_price, isolated_margin=None, leverage=None, mark_price=None,
    mmr=None, maintenance_amount=None, taker_fee_rate=None, contract_type=None,
    contract_size=None, funding_rate=None, as_of=None,
):  # fmt: skip
    """Maintenance requirement / margin balance of an isolated position at the mark price;
    liquidation at 1 (100 %) or more. The same way up for every venue. Text "bankrupt" where the
    balance is gone."""
    return _answer(lambda **p: cells.scalar(assess(**p).margin_ratio), locals())


@formula(POSITION_DOCS)
def RF_MAINT_MARGIN(
    venue, symbol, side, size, entry_price, isolated_margin=None, leverage=None, mark_price=None,
    mmr=None, maintenance_amount=None, taker_fee_rate=None, contract_type=None,
    contract_size=None, funding_rate=None, as_of=None,
):  # fmt: skip
    """Maintenance margin of an isolated position, as the venue computes it, in settle currency
    (quote for linear, base for inverse)."""
    return _answer(lambda **p: cells.scalar(assess(**p).maintenance_margin), locals())


@formula(POSITION_DOCS)
def RF_INIT_MARGIN(
    venue, symbol, side, size, entry_price, isolated_margin=None, leverage=None, mark_price=None,
    mmr=None, maintenance_amount=None, taker_fee_rate=None, contract_type=None,
    contract_size=None, funding_rate=None, as_of=None,
):  # fmt: skip
    """Initial margin of an isolated position at its leverage, as the venue computes it, in
    settle currency."""
    return _answer(lambda **p: cells.scalar(assess(**p).initial_margin), locals())


@formula(POSITION_DOCS)
def RF_BANKRUPTCY_PRICE(
    venue, symbol, side, size, entry_price, isolated_margin=None, leverage=None, mark_price=None,
    mmr=None, maintenance_amount=None, taker_fee_rate=None, contract_type=None,
    contract_size=None, funding_rate=None, as_of=None,
):  # fmt: skip
    """Price at which the box's equity is zero. Text "never" where there is none."""
    return _answer(lambda **p: cells.scalar(assess(**p).bankruptcy_price), locals())


@formula(POSITION_DOCS)
def RF_LIQ_DISTANCE(
    venue, symbol, side, size, entry_price, isolated_margin=None, leverage=None, mark_price=None,
    mmr=None, maintenance_amount=None, taker_fee_rate=None, contract_type=None,
    contract_size=None, funding_rate=None, as_of=None,
):  # fmt: skip
    """How far the mark price is from the liquidation price, as a fraction of the mark price; 0
    or below: already there. Text "never" where there is none."""
    return _answer(lambda **p: cells.scalar(assess(**p).liquidation_distance), locals())


@formula({**POSITION_DOCS, "tick": "Step of the contract's price, quote per base. Blank: on file"})
def RF_VENUE_LIQ_PRICE(
    venue, symbol, side, size, entry_price, isolated_margin=None, leverage=None, mark_price=None,
    mmr=None, maintenance_amount=None, taker_fee_rate=None, contract_type=None,
    contract_size=None, funding_rate=None, as_of=None, tick=None,
):  # fmt: skip
    """RF_LIQ_PRICE as the venue's own screen rounds it, to put beside the venue's figure. #VALUE!
    where how it rounds, or the contract's tick, is not on file."""
    return _answer(lambda **p: cells.scalar(venue_liquidation_price(**p)), locals())


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
        columns, n, twice = cells.table_columns(positions)
        blank = cells.blank_rows(columns, n)
        day = inputs.parse_date(cells.argument("as_of", cells.single(as_of)))
        held = cells.accounts(accounts)
    except RingfenceError as error:
        return [["status"], [f"error: {error}"]]
    book = assess_columns(columns, n, accounts=held, as_of=day, ambiguous=twice)
    rows = risk_rows(book)
    for row in blank:
        rows[row] = [cells.BLANK] * len(RISK_COLUMNS)
    return [list(RISK_COLUMNS), *rows]


def risk_rows(book: BookRisk) -> list[list[Any]]:
    """A book's risk as rows of cells: :data:`RISK_COLUMNS`; "never" where no price liquidates."""
    columns = {name: book.risk[name].tolist() for name in OUTPUTS}
    columns["contract_type"] = book.contract_type.tolist()
    columns["settle_currency"] = [its and (its.settle or None) for its in book.terms]
    columns["settle_price"] = book.settle_price.tolist()
    shown = {name: [cells.cell(value) for value in column] for name, column in columns.items()}
    for row, status in enumerate(shown["status"]):
        if status == NEVER:
            shown["liquidation_price"][row] = shown["liquidation_distance"][row] = cells.NEVER
    return [list(row) for row in zip(*shown.values(), strict=True)]


@formula(
    {
        "venue": POSITION_DOCS["venue"],
        "symbol": POSITION_DOCS["symbol"],
        "contract_type": POSITION_DOCS["contract_type"],
    },
    returns_table=True,
)
def RF_TIERS(venue, symbol, contract_type=None):
    """The margin tiers on file for a contract: floor, maintenance margin rate, max leverage,
    maintenance amount. Floors are in the unit named in the header."""
    try:
        arguments = {"venue": venue, "symbol": symbol, "contract_type": contract_type}
        return tiers_table(**dict.fromkeys(arguments) | cells.arguments(arguments))
    except (RingfenceError, OverflowError) as error:
        return [[f"error: {error}"]]


def tiers_table(venue: object, symbol: object, contract_type: object = None) -> list[list[Any]]:
    """Header and rows of a contract's tiers. Raises InputError or RuleMissingError."""
    kind, name = inputs.parse_choice("contract_type", contract_type), inputs.parse_text(symbol)
    house, contract = find(inputs.parse_text(venue), name, kind)
    if contract is None:
        raise tiers.tier_file(house).no_tiers(kind, name)
    head = [
        f"floor ({contract.floor_unit})",
        "maintenance_margin_rate",
        "max_leverage",
        "maintenance_amount",
    ]
    return [
        head,
        *(
            [t.floor, t.maintenance_margin_rate, t.max_leverage, t.maintenance_amount]
            for t in contract.tiers
        ),
    ]


VENUE_COLUMNS: Final = (
    "venue", "product", "contract_types", "since", "maintenance_margin", "at_price",
    "fee_in_trigger", "taker_fee_rate", "screen_ratio", "confidence", "tiers_as_of", "source",
    "assumed", "not_modelled",
)  # fmt: skip


@formula({}, returns_table=True)
def RF_VENUES():
    """The venues on file and their rules today, a row a rule: what it says, where it is from, how
    sure it is, what is assumed and what is not modelled."""
    try:
        return venues_table(date.today())
    except RingfenceError as error:
        return [[f"error: {error}"]]


def venues_table(day: date) -> list[list[Any]]:
    """Header and rows of the rules in force on ``day``; a venue may have one a contract type."""
    rows = []
    for venue in venues.names():
        for rule in venues.in_force(venue, day):
            rows.append(
                [
                    venue,
                    rule.product,
                    ", ".join(rule.contract_types),
                    rule.effective_from.isoformat() if rule.effective_from else "",
                    rule.schedule,
                    rule.maintenance_price,
                    rule.fee_in_trigger,
                    rule.taker_fee_rate,
                    rule.screen_ratio,
                    rule.confidence,
                    tiers.tier_file(venue).as_of,
                    rule.sources[0].url,
                    "; ".join(rule.assumed),
                    "; ".join(rule.not_modelled),
                ]
            )
    return [list(VENUE_COLUMNS), *rows]
