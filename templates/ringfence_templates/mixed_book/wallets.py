"""The rows of Accounts: whether they can be used, and which positions stand on them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ringfence import venues
from ringfence_templates.given import Given
from ringfence_templates.mixed_book import layout
from ringfence_templates.mixed_book.layout import WALLET_LETTER as W
from ringfence_templates.mixed_book.texts import trimmed
from ringfence_templates.package import Value
from ringfence_templates.positions_sheet import of_row

if TYPE_CHECKING:
    from ringfence_templates.mixed_book.model import Row

_SINGLE, _MULTI = "single", "multi"


@dataclass(frozen=True, slots=True)
class Wallet:
    """One row of Accounts: its input cells, and the columns of Calc. No value is ''."""

    row: int
    given: Given
    account: str
    venue: str
    currency: str
    mode: str
    only: int  # 1: its venue has no other account
    check: str
    positions: Value  # those that draw on it
    cross: Value  # the cross positions among them
    boxed: Value  # dollars in the boxes among them
    used: int = 1


def names_of(held: Sequence[Given]) -> list[tuple[str, str]]:
    """Account and venue of each row, as they are compared."""
    return [(trimmed(its["account"]), trimmed(its["venue"])) for its in held]


def wallets(held: Sequence[Given], rows: Sequence["Row"]) -> list[Wallet]:
    """The rows of Accounts beside the positions."""
    names = names_of(held)
    purses = [(*name, _currency(its)) for name, its in zip(names, held, strict=True)]
    modes = [(*name, _mode(its)) for name, its in zip(names, held, strict=True)]
    counts = Counter(names), Counter(purses), Counter(modes)
    found = []
    for number, (its, name, purse, mode) in enumerate(
        zip(held, names, purses, modes, strict=True), 1
    ):
        account, venue = name
        rows_of_it, like_it, of_its_mode = counts[0][name], counts[1][purse], counts[2][mode]
        only = bool(venue) and all(a == account for a, v in names if v == venue)
        here = [
            row
            for row in rows
            if venue
            and row.house == venue
            and (row.account == account or (only and not row.account))
        ]
        found.append(
            Wallet(
                row=number,
                given=its,
                account=account,
                venue=venue,
                currency=purse[2],
                mode=mode[2],
                only=int(only),
                check=_check(
                    its,
                    purse[2],
                    clash=rows_of_it > 1 and (not purse[2] or like_it > 1),
                    mixed=of_its_mode < rows_of_it,
                ),
                positions=len(here) if venue else "",
                cross=sum(row.mode == "cross" for row in here) if venue else "",
                boxed=sum(row.box for row in here) if venue else "",
            )
        )
    return found


def _currency(its: Given) -> str:
    return trimmed(its["currency"]).upper()


def _mode(its: Given) -> str:
    return trimmed(its["collateral_mode"]) or _SINGLE


def _check(its: Given, currency: str, *, clash: bool, mixed: bool) -> str:
    price, share = its["price"], its["collateral_weight"]
    faults = {
        "venue": trimmed(its["venue"]) not in venues.names(),
        "wallet_balance": not isinstance(its["wallet_balance"], float),
        "collateral_mode": mixed or _mode(its) not in (_SINGLE, _MULTI),
        "price": not (price is None or (isinstance(price, float) and price >= 0)),
        "collateral_weight": not (
            share is None or (isinstance(share, float) and 0 <= share <= 1)
        ),
        "currency": clash,
    }  # fmt: skip
    return next((f"fix {name}" for name, faulty in faults.items() if faulty), "ok")


def formulas() -> Mapping[str, str]:
    """Each column's formula, with {r} for the sheet's row."""
    row = f"${W['row']}{{r}}"
    cell = {name: f"{letter}{{r}}" for name, letter in W.items()}
    blank, none = f"{cell['used']}=0", f'OR({cell["used"]}=0,{cell["venue"]}="")'
    account, venue, currency, mode = (cell[n] for n in ("account", "venue", "currency", "mode"))
    here = (
        f"(calc_house={venue})"
        f'*((calc_account={account})+(calc_account="")*{cell["only"]}>0)'
    )  # fmt: skip
    same = f"(acc_account={account})*(acc_venue={venue})"

    def of(name: str) -> str:
        return of_row(name, row, layout.WALLETS)

    def lower(name: str) -> str:
        return f'=IF({blank},"",LOWER(TRIM({of(name)})))'

    def count(what: str) -> str:
        return f'=IF({none},"",SUMPRODUCT({here}{what}))'

    inputs_row = f"INDEX({layout.WALLETS}[[account]:[collateral_weight]],{row},0)"
    named = f"LOWER(TRIM({of('collateral_mode')}))"
    rows_of_it = f"SUMPRODUCT({same})"
    faults = {
        "venue": f"SUMPRODUCT((list_venue={venue})*1)=0",
        "wallet_balance": f"NOT(ISNUMBER({of('wallet_balance')}))",
        "collateral_mode": (
            f'OR(AND({mode}<>"{_SINGLE}",{mode}<>"{_MULTI}"),'
            f"SUMPRODUCT({same}*(acc_mode={mode}))<{rows_of_it})"
        ),
        "price": f"OR({_is_text(of('price'))},N({of('price')})<0)",
        "collateral_weight": (
            f"OR({_is_text(of('collateral_weight'))},N({of('collateral_weight')})<0,"
            f"N({of('collateral_weight')})>1)"
        ),
        "currency": (
            f'AND({rows_of_it}>1,OR({currency}="",SUMPRODUCT({same}*(acc_currency={currency}))>1))'
        ),
    }
    check = '"ok"'
    for name, faulty in reversed(faults.items()):
        check = f'IF({faulty},"fix {name}",{check})'
    return {
        "used": f"=IFERROR(IF(COUNTA({inputs_row})>0,1,0),0)",
        "account": lower("account"),
        "venue": lower("venue"),
        "currency": f'=IF({blank},"",UPPER(TRIM({of("currency")})))',
        "mode": f'=IF({blank},"",IF({named}="","{_SINGLE}",{named}))',
        "only": (
            f"=IF({none},0,IF(SUMPRODUCT((acc_venue={venue})*(acc_account<>{account}))=0,1,0))"
        ),
        "check": f'=IF({blank},"",{check})',
        "positions": count(""),
        "cross": count('*(calc_mode="cross")'),
        "boxed": count("*calc_box"),
    }


def _is_text(cell: str) -> str:
    """Something that is neither blank nor a number."""
    return f'AND({cell}<>"",NOT(ISNUMBER({cell})))'


SPARE: Final[Mapping[str, Value]] = {
    **dict.fromkeys(layout.WALLET_COLUMNS, ""),
    **dict.fromkeys(("used", "only"), 0),
}
