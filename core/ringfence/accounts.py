"""The accounts that cross positions draw on: a table of wallets, read once."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ringfence import inputs, tiers, venues
from ringfence.cross_rules import Collateral
from ringfence.errors import InputError, MissingInputError, RingfenceError, RuleMissingError
from ringfence.lookup import PARENT_HOUSE

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
            percent=True,
        ),
    )
}  # fmt: skip
_MODES: Final = ("single", "multi")
_NAMES: Final = {"XBT": "BTC"}  # a coin's other name
Holder = tuple[str, str]  # an account's name and its venue, in small letters


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

    def __init__(
        self, columns: Mapping[str, Sequence[Any]], refused: Mapping[int, str] | None = None
    ) -> None:
        for name in ("venue", "wallet_balance"):
            if name not in columns:
                raise MissingInputError(
                    name, "missing; accounts need account, venue, wallet_balance"
                )
        self._wallets: dict[Holder, list[Wallet]] = {}
        self._problems: dict[Holder, str] = {}
        self._multi: set[Holder] = set()
        self.errors: dict[int, str] = dict(refused or {})  # row number -> why it cannot be used
        blank = [None] * len(columns["venue"])
        for number, row in enumerate(zip(*(columns.get(n, blank) for n in COLUMNS), strict=True)):
            account, venue, *figures = row
            key = inputs.parse_text(account).casefold(), inputs.parse_text(venue).lower()
            try:
                if number in self.errors:
                    raise RingfenceError(self.errors[number])
                wallet = _wallet(key[1], *figures)
            except RingfenceError as error:
                self.errors[number] = self._problems[key] = str(error)
            else:
                self._wallets.setdefault(key, []).append(wallet)
                if wallet.multi:
                    self._multi.add(key)
        for key, wallets in self._wallets.items():
            if len(wallets) > 1 and (clash := _clash(wallets)):
                self._problems[key] = clash

    def holder(self, account: str, house: str) -> Holder | None:
        """Whose wallets a position of ``account`` draws on under ``house``'s rules, if any.

        Names in small letters. Where the position names no account, the one that the venue has in
        the table; a venue's coin-margined house may stand under the venue's own name.
        """
        if (account, house) in self._wallets:
            return account, house  # the usual case
        houses = [house, *filter(None, [PARENT_HOUSE.get(house)])]
        for name in houses:
            if (account, name) in self._wallets or (account, name) in self._problems:
                return account, name
        if account:
            return None
        for name in houses:
            named = [key for key in (*self._wallets, *self._problems) if key[1] == name]
            if len(set(named)) == 1:
                return named[0]
        return None

    def wallets(self, holder: Holder) -> list[Wallet]:
        """The wallets of ``holder``. Raises InputError where one of its rows cannot be used."""
        if holder in self._problems:
            raise InputError("account", f"its row among the accounts: {self._problems[holder]}")
        return self._wallets[holder]

    def readable(self) -> Iterator[tuple[Holder, list[Wallet]]]:
        """The holders whose rows can all be used, and their wallets."""
        for holder, wallets in self._wallets.items():
            if holder not in self._problems:
                yield holder, wallets

    def is_multi(self, holder: Holder) -> bool:
        """Whether ``holder`` keeps several coins as one collateral."""
        return holder in self._multi


def _clash(wallets: Sequence[Wallet]) -> str:
    """Why rows of one account cannot stand beside each other; '' where they can."""
    currencies = [wallet.currency for wallet in wallets]
    if "" in currencies:
        return "account: it is listed more than once; its rows need a currency each"
    if len(set(currencies)) < len(currencies):
        return "currency: this account has one of them twice"
    if len({wallet.multi for wallet in wallets}) > 1:
        return "collateral_mode: is single in one row of this account, multi in another"
    return ""


def no_wallet(account: str, venue: str) -> MissingInputError:
    """The error for a position whose account is not in the table."""
    named = f"account {inputs.shown(account)}" if account else "a row without an account"
    return MissingInputError(
        "account", f"no wallet_balance at {venue} for {named}; add it to the accounts"
    )


def from_frame(
    frame: "pd.DataFrame | None", refused: Mapping[int, str] | None = None
) -> Accounts | None:
    """The accounts of a DataFrame with the columns account, venue, wallet_balance.

    Optional columns: currency, price, collateral_mode, collateral_weight. ``refused``: row number
    -> why it could not be read. Raises InputError.
    """
    if frame is None:
        return None
    if not hasattr(frame, "columns"):
        raise InputError("accounts", "give a DataFrame of account, venue, wallet_balance")
    names = [inputs.column_name(name) for name in frame.columns]
    for name in COLUMNS:
        if names.count(name) > 1:
            raise InputError(name, "the accounts have this column more than once")
    columns: dict[str, list[Any]] = {
        name: frame.iloc[:, names.index(name)].tolist() for name in COLUMNS if name in names
    }
    return Accounts(columns, refused)


def pool_wallet(
    wallets: Sequence[Wallet], settle: str, only: bool, collateral: Collateral | None
) -> float:
    """What a pool that settles in ``settle`` ('USD': in dollars of any kind) holds.

    ``only``: the account has no other pool, so that a wallet without a currency is this one's.
    Raises InputError or RuleMissingError.
    """
    first = wallets[0]
    if only and len(wallets) == 1 and not first.multi and not first.currency:
        return first.balance  # the usual case
    if any(wallet.multi for wallet in wallets):
        return sum(_collateral_value(wallet, collateral) for wallet in wallets)
    if not only and any(not wallet.currency for wallet in wallets):
        raise MissingInputError(
            "currency",
            "missing among the accounts: this account's positions settle in several currencies",
        )
    fitting = [wallet.balance for wallet in wallets if _same_money(wallet.currency, settle)]
    if not settle and only and len(wallets) == 1:  # nobody knows what it settles in
        fitting = [wallets[0].balance]
    if not fitting:
        in_what = f"in {settle} " if settle else ""
        raise MissingInputError("account", f"no wallet {in_what}among the accounts")
    return sum(fitting)


def coins_behind(wallets: Sequence[Wallet], collateral: Collateral | None) -> dict[str, float]:
    """What the coins of a multi-asset account count for, in dollars: they move with their prices.

    Empty where the account keeps each currency by itself. Raises as :func:`pool_wallet` does.
    """
    return {
        wallet.currency: _collateral_value(wallet, collateral)
        for wallet in wallets
        if wallet.multi and wallet.currency not in tiers.DOLLARS
    }


def idle_money(
    wallets: Sequence[Wallet],
    boxed: Mapping[str, float],
    backing: Set[str],
    prices: Mapping[str, float],
) -> Iterator[tuple[str, float]]:
    """Currency and dollars of wallets that back no cross position, less the boxes in them.

    ``boxed``: settle currency -> margin in boxes; ``backing``: what pools settle in; ``prices``:
    dollars a coin, where the wallet does not say. What has no price in dollars is not counted.
    """
    if any(wallet.multi for wallet in wallets) and backing:
        return
    for wallet in wallets:
        alone = len(wallets) == 1
        currencies = {*boxed, *backing}
        if any(_same_money(wallet.currency, its) or alone for its in backing):
            continue
        if not wallet.currency and currencies - {*tiers.DOLLARS}:
            continue  # nobody knows what it is in
        dollars = wallet.currency in ("", *tiers.DOLLARS)
        price = 1.0 if dollars else wallet.price or prices.get(wallet.currency)
        inside = sum(
            margin
            for settle, margin in boxed.items()
            if _same_money(wallet.currency, settle)
            or (wallet.currency == "USD" and settle in tiers.DOLLARS)
        )
        if price is not None:
            yield ("USD" if dollars else wallet.currency), max(wallet.balance - inside, 0.0) * price


def _same_money(currency: str, settle: str) -> bool:
    return currency in ("", settle) or (settle == "USD" and currency in tiers.DOLLARS)


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
    share = inputs.parse_number(NUMBERS["collateral_weight"], weight)
    if share is not None and share > 1:
        raise InputError("collateral_weight", f"{share:g} is not a number from 0 to 1")
    return Wallet(
        balance=held,
        currency=_NAMES.get(coin := inputs.parse_text(currency).upper(), coin),
        price=inputs.parse_number(NUMBERS["price"], price),
        multi=named == "multi",
        weight=share,
    )
