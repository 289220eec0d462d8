"""The accounts that cross positions draw on: a table of wallets, read once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ringfence import inputs, tiers, venues
from ringfence.cross_rules import Collateral
from ringfence.errors import InputError, MissingInputError, RingfenceError, RuleMissingError

if TYPE_CHECKING:
    import pandas as pd

COLUMNS: Final = (
    "account", "venue", "wallet_balance", "currency", "price", "collateral_mode",
    "collateral_weight",
)  # fmt: skip
NUMBERS: Final = {
    field.name: field
    for field in (
        inputs.NumberField("wallet_balance", "wallet without unrealized PnL, boxes included"),
        inputs.NumberField("price", "dollars a unit of currency (multi-asset collateral)", above=0),
        inputs.NumberField(
            "collateral_weight", "what a coin counts for, in place of the venue's", at_least=0,
            below=1.0000001, percent=True,
        ),
    )
}  # fmt: skip
_MODES: Final = ("single", "multi")


@dataclass(frozen=True, slots=True)
class Wallet:
    """One row: a balance in one currency. ``currency`` '': the one that the positions settle in."""

    balance: float
    currency: str
    price: float | None
    multi: bool
    weight: float | None


class Accounts:
    """Wallets by account and venue. A row that cannot be used is an error of who needs it.

    ``columns`` are those of :data:`COLUMNS` that the table has, all of one length.
    """

    def __init__(self, columns: Mapping[str, Sequence[Any]]) -> None:
        for name in ("venue", "wallet_balance"):
            if name not in columns:
                raise MissingInputError(
                    name, "missing; accounts need account, venue, wallet_balance"
                )
        self._wallets: dict[tuple[str, str], list[Wallet]] = {}
        self._problems: dict[tuple[str, str], str] = {}
        self.errors: dict[int, str] = {}  # row number -> why it cannot be used
        blank = [None] * len(columns["venue"])
        for number, row in enumerate(zip(*(columns.get(n, blank) for n in COLUMNS), strict=True)):
            account, venue, *figures = row
            key = inputs.parse_text(account).casefold(), inputs.parse_text(venue).lower()
            try:
                wallet = _wallet(key[1], *figures)
            except RingfenceError as error:
                self.errors[number] = self._problems[key] = str(error)
            else:
                self._wallets.setdefault(key, []).append(wallet)

    def held_by(self, account: str, venue: str, house: str) -> list[Wallet]:
        """The wallets of ``account`` at ``venue``, or at ``house``, whose rules apply there.

        Names in small letters. Where the position names no account, the one account that the venue
        has in the table. Raises InputError.
        """
        keys = [(account, house), (account, venue)]
        if not account and not any(key in self._wallets for key in keys):
            named = {key for key in (*self._wallets, *self._problems) if key[1] in (house, venue)}
            keys = list(named) if len(named) == 1 else keys
        for key in keys:
            if key in self._problems:
                raise InputError("account", f"its row among the accounts: {self._problems[key]}")
            if key in self._wallets:
                return self._wallets[key]
        named_so = f"account {inputs.shown(account)}" if account else "a row without an account"
        raise MissingInputError(
            "account", f"no wallet_balance at {venue} for {named_so}; add it to the accounts"
        )


def from_frame(frame: "pd.DataFrame | None") -> Accounts | None:
    """The accounts of a DataFrame with the columns account, venue, wallet_balance.

    Optional columns: currency, price, collateral_mode, collateral_weight. Raises InputError.
    """
    if frame is None:
        return None
    names = [inputs.column_name(name) for name in frame.columns]
    for name in COLUMNS:
        if names.count(name) > 1:
            raise InputError(name, "the accounts have this column more than once")
    return Accounts({n: frame.iloc[:, names.index(n)].tolist() for n in COLUMNS if n in names})


def pool_wallet(
    wallets: Sequence[Wallet], settle: str, only: bool, collateral: Collateral | None
) -> float:
    """What a pool that settles in ``settle`` ('USD': in dollars of any kind) holds.

    ``only``: the account has no other pool, so that a wallet without a currency is this one's.
    Raises InputError or RuleMissingError.
    """
    if any(wallet.multi for wallet in wallets):
        return sum(_collateral_value(wallet, collateral) for wallet in wallets)
    total, found = 0.0, False
    for wallet in wallets:
        if not wallet.currency and not only:
            raise MissingInputError(
                "currency",
                "missing among the accounts: this account's positions settle in several currencies",
            )
        if not wallet.currency or _same_money(wallet.currency, settle):
            total, found = total + wallet.balance, True
    if not found:
        raise MissingInputError("account", f"no wallet in {settle} among the accounts")
    return total


def _same_money(currency: str, settle: str) -> bool:
    return currency == settle or (settle == "USD" and currency in tiers.DOLLARS)


def _collateral_value(wallet: Wallet, collateral: Collateral | None) -> float:
    """What one balance counts for, in dollars; a debt counts in full."""
    price = wallet.price
    if price is None:
        if wallet.currency not in tiers.DOLLARS:
            raise MissingInputError(
                "price", f"missing; give the dollars that one {wallet.currency or 'unit'} is worth"
            )
        price = 1.0
    if wallet.balance <= 0:
        return wallet.balance * price
    if wallet.weight is not None:
        return wallet.balance * price * wallet.weight
    slices = collateral.slices(wallet.currency) if collateral else None
    if slices is None:
        raise RuleMissingError(
            "collateral_weight",
            f"what {wallet.currency or 'that currency'} counts for is not on file; give it",
        )
    floors = [floor for floor, _ in slices[1:]] + [wallet.balance]
    counted = 0.0
    for (floor, weight), end in zip(slices, floors, strict=True):
        counted += weight * max(min(end, wallet.balance) - floor, 0.0)
    return counted * price


def _wallet(venue: str, balance: Any, currency: Any, price: Any, mode: Any, weight: Any) -> Wallet:
    if not venue:
        raise inputs.missing("venue")
    venues.rule_sets(venue)  # refuses a name that is not on file
    held = inputs.parse_number(NUMBERS["wallet_balance"], balance)
    if held is None:
        raise MissingInputError("wallet_balance", f"missing; give {NUMBERS['wallet_balance'].doc}")
    named = inputs.parse_text(mode).lower() or "single"
    if named not in _MODES:
        raise InputError("collateral_mode", f"{inputs.shown(mode)} is not {' or '.join(_MODES)}")
    return Wallet(
        balance=held,
        currency=inputs.parse_text(currency).upper(),
        price=inputs.parse_number(NUMBERS["price"], price),
        multi=named == "multi",
        weight=inputs.parse_number(NUMBERS["collateral_weight"], weight),
    )
