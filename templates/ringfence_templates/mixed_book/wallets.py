"""The accounts' own figures: what is in boxes, what backs cross positions, and what is free.

RF_EXPOSURE is told of the free money, so that the equity of the book is that of its accounts. Where
it cannot be told for certain it is not counted: equity is then rather too small.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ringfence import tiers, venues
from ringfence_templates.mixed_book import layout
from ringfence_templates.mixed_book.given import Given
from ringfence_templates.mixed_book.layout import WALLET_LETTER as W
from ringfence_templates.mixed_book.texts import trimmed
from ringfence_templates.package import Value

if TYPE_CHECKING:
    from ringfence_templates.mixed_book.model import Row

NOT_KNOWN: Final = "not known"
_DIGITS: Final = 8


@dataclass(frozen=True, slots=True)
class Wallet:
    """One row of Accounts: its input cells, and the columns of Calc. No value is ''."""

    row: int
    given: Given
    account: str
    venue: str
    currency: str
    mode: str
    check: str
    dollar: int  # 1: its currency is a dollar
    multi: int  # 1: the account's balances back its positions together
    positions: Value  # that name it, or no account at its venue
    cross: Value  # those among them that it backs
    bad: Value  # those in error
    unknown: Value  # 1: it has no currency and not all of them settle in dollars
    boxed: Value  # in its boxes
    unit: Value  # dollars that a unit of its currency is worth
    free: Value  # dollars in no box and behind no cross position
    used: int = 1


def names_of(held: Sequence[Given]) -> list[tuple[str, str]]:
    """Account and venue of each row, as they are compared."""
    return [(trimmed(its["account"]), trimmed(its["venue"])) for its in held]


def wallets(held: Sequence[Given], rows: Sequence["Row"]) -> list[Wallet]:
    """The rows of Accounts beside the positions."""
    names = names_of(held)
    several = {
        name
        for name, its in zip(names, held, strict=True)
        if trimmed(its["collateral_mode"]) == "multi"
    }
    return [
        _wallet(number, its, name in several, rows)
        for number, (its, name) in enumerate(zip(held, names, strict=True), 1)
    ]


def _wallet(number: int, its: Given, multi: bool, rows: Sequence["Row"]) -> Wallet:
    account, venue = trimmed(its["account"]), trimmed(its["venue"])
    currency = trimmed(its["currency"]).upper()
    dollar = currency in tiers.DOLLARS
    check = _check(its, venue)
    unit: Value = ""
    if not currency or dollar:
        unit = 1
    elif isinstance(its["price"], float):
        unit = its["price"]
    positions: Value = ""
    cross: Value = ""
    bad: Value = ""
    unknown: Value = ""
    boxed: Value = ""
    if venue:
        here = [row for row in rows if row.house == venue and row.account in ("", account)]
        good = [row for row in here if row.state != "error"]
        positions, bad = len(here), len(here) - len(good)
        cross = sum(
            row.mode == "cross"
            and (
                not currency or row.settle == currency or bool(dollar and row.dollars) or multi
            )
            for row in here
        )  # fmt: skip
        unknown = int(not currency and any(not row.dollars for row in good))
        boxed = sum(
            row.box
            for row in here
            if not currency or row.settle == currency or (currency == "USD" and row.dollars)
        )
    return Wallet(
        row=number,
        given=its,
        account=account,
        venue=venue,
        currency=currency,
        mode=trimmed(its["collateral_mode"]),
        check=check,
        dollar=int(dollar),
        multi=int(multi),
        positions=positions,
        cross=cross,
        bad=bad,
        unknown=unknown,
        boxed=boxed,
        unit=unit,
        free=_free(check, its["wallet_balance"], (cross, bad, unknown), boxed, unit),
    )


def _check(its: Given, venue: str) -> str:
    if venue not in venues.names():
        return "fix venue"
    if not isinstance(its["wallet_balance"], float):
        return "fix wallet_balance"
    if trimmed(its["collateral_mode"]) not in ("", "single", "multi"):
        return "fix collateral_mode"
    price, weight = its["price"], its["collateral_weight"]
    if not (price is None or (isinstance(price, float) and price >= 0)):
        return "fix price"
    if not (weight is None or (isinstance(weight, float) and 0 <= weight <= 1)):
        return "fix collateral_weight"
    return "ok"


def _free(
    check: str, balance: object, counts: tuple[Value, Value, Value], boxed: Value, unit: Value
) -> Value:
    if check != "ok":
        return ""
    cross, bad, unknown = counts
    if cross:
        return 0
    if bad or unknown or isinstance(unit, str):
        return NOT_KNOWN
    assert isinstance(balance, float)
    assert not isinstance(boxed, str)
    return round(max(0.0, balance - boxed), _DIGITS) * unit


def formulas() -> Mapping[str, str]:
    """Each column's formula, with {r} for the sheet's row."""
    row = f"${W['row']}{{r}}"
    cell = {name: f"{letter}{{r}}" for name, letter in W.items()}
    blank, none = f"{cell['used']}=0", f'OR({cell["used"]}=0,{cell["venue"]}="")'
    account, venue, currency = cell["account"], cell["venue"], cell["currency"]
    here = f'(calc_house={venue})*((calc_account={account})+(calc_account="")>0)'
    same = f'({currency}="")+(calc_settle={currency})'

    def of(name: str) -> str:
        return layout.of_row(name, row, layout.WALLETS)

    def lower(name: str) -> str:
        return f'=IF({blank},"",LOWER(TRIM({of(name)})))'

    def count(what: str) -> str:
        return f'=IF({none},"",SUMPRODUCT({here}{what}))'

    inputs_row = f"INDEX({layout.WALLETS}[[account]:[collateral_weight]],{row},0)"
    share, price = of("collateral_weight"), of("price")
    return {
        "used": f"=IFERROR(IF(COUNTA({inputs_row})>0,1,0),0)",
        "account": lower("account"),
        "venue": lower("venue"),
        "currency": f'=IF({blank},"",UPPER(TRIM({of("currency")})))',
        "mode": lower("collateral_mode"),
        "check": (
            f'=IF({blank},"",IF(SUMPRODUCT((list_venue={venue})*1)=0,"fix venue",'
            f'IF(NOT(ISNUMBER({of("wallet_balance")})),"fix wallet_balance",'
            f'IF(AND({cell["mode"]}<>"",{cell["mode"]}<>"single",{cell["mode"]}<>"multi"),'
            f'"fix collateral_mode",IF(OR({_is_text(price)},N({price})<0),"fix price",'
            f'IF(OR({_is_text(share)},N({share})<0,N({share})>1),"fix collateral_weight",'
            '"ok"))))))'
        ),
        "dollar": f"=SUMPRODUCT((list_dollars={currency})*1)",
        "multi": (
            f'=IF({blank},0,IF(SUMPRODUCT((acc_account={account})*(acc_venue={venue})*(acc_mode="multi"))'
            ">0,1,0))"
        ),
        "positions": count(""),
        "cross": count(
            f'*(calc_mode="cross")*({same}+{cell["dollar"]}*calc_dollars+{cell["multi"]}>0)'
        ),
        "bad": count('*(calc_state="error")'),
        "unknown": (
            f'=IF({none},"",IF(AND({currency}="",SUMPRODUCT({here}*(calc_state<>"error")'
            "*(calc_dollars=0))>0),1,0))"
        ),
        "boxed": count(f'*({same}+({currency}="USD")*calc_dollars>0)*calc_box'),
        "unit": (
            f'=IF({blank},"",IF(OR({currency}="",{cell["dollar"]}=1),1,'
            f'IF(ISNUMBER({price}),{price},"")))'
        ),
        "free": (
            f'=IF({cell["check"]}<>"ok","",IF({cell["cross"]}>0,0,'
            f'IF(OR({cell["bad"]}>0,{cell["unknown"]}>0,{cell["unit"]}=""),"{NOT_KNOWN}",'
            f"ROUND(MAX(0,{of('wallet_balance')}-{cell['boxed']}),{_DIGITS})*{cell['unit']})))"
        ),
    }


def _is_text(cell: str) -> str:
    """Something that is neither blank nor a number."""
    return f'AND({cell}<>"",NOT(ISNUMBER({cell})))'


SPARE: Final[Mapping[str, Value]] = {
    **dict.fromkeys(layout.WALLET_COLUMNS, ""),
    **dict.fromkeys(("used", "dollar", "multi"), 0),
}
