"""One isolated position: plain floats, no arrays.

``liquidation_price`` and ``margin_ratio`` take the columns of a table row as keyword arguments;
``assess`` answers everything about the position at once.
"""

import math
from datetime import date
from typing import Any, Final, NamedTuple

from ringfence import inputs, quantities
from ringfence.errors import InputError, MissingInputError
from ringfence.lookup import Terms, by_leverage, terms
from ringfence.schedules import NotionalSchedule

OK: Final = "ok"
NEVER: Final = "never liquidated"
ALREADY: Final = "already liquidated"
CROSS: Final = InputError(
    "margin_mode",
    "a cross position depends on its whole account; use ringfence.evaluate with accounts",
)
NO_MARGIN: Final = InputError("isolated_margin", "0 is not a number above 0")
MISSING_MARGIN: Final = MissingInputError(
    "isolated_margin", "missing; give isolated_margin or leverage"
)
TOO_LARGE: Final = InputError("size", "size x contract_size x price is out of range")


class Risk(NamedTuple):
    """The output columns for one position. Money in settle currency, prices in quote per base.

    None: there is no such number (``liquidation_price`` of a position that is never liquidated).
    """

    notional: float
    unrealized_pnl: float
    margin_balance: float
    initial_margin: float
    maintenance_margin: float
    margin_ratio: float
    venue_margin_ratio: float
    liquidation_price: float | None
    bankruptcy_price: float | None
    liquidation_distance: float | None
    effective_leverage: float | None
    max_loss: float
    rule: str
    status: str


class Box(NamedTuple):
    """One isolated position with every default filled in and every figure checked."""

    terms: Terms
    side_sign: float
    direction: float
    size: float
    exposure: float
    entry_notional: float
    mark_price: float
    mark_notional: float
    wallet: float
    leverage: float
    funding_rate: float

    @property
    def key(self) -> float:
        """What fixes the tier of a schedule that no price moves."""
        return self.entry_notional if self.terms.rule.tier_at == "entry" else self.size

    @property
    def maintenance(self) -> NotionalSchedule:
        return self.terms.maintenance.at_key(self.key)

    @property
    def trigger(self) -> NotionalSchedule:
        return self.terms.trigger.at_key(self.key)

    @property
    def fixed_requirement(self) -> float:
        """What is required at every price: margin, funding and fees that are fixed at entry."""
        rule, fixed = self.terms.rule, 0.0
        if rule.maintenance_price == "entry":
            fixed += self.maintenance.maintenance_margin(self.entry_notional)
        if rule.funding_in_maintenance:
            fixed += self.funding_to_pay
        if rule.trigger_fee == "taker_at_entry":
            fixed += self.terms.taker_fee_rate * self.entry_notional
        elif rule.trigger_fee == "taker_at_bankruptcy":
            fixed += self.fee_at_bankruptcy
        return fixed

    @property
    def fee_at_bankruptcy(self) -> float:
        """The fee to close at the bankruptcy price that the leverage alone gives."""
        return quantities.closing_fee(
            self.direction, self.entry_notional, self.leverage, self.terms.taker_fee_rate
        )

    @property
    def funding_to_pay(self) -> float:
        return self.entry_notional * max(self.side_sign * self.funding_rate, 0.0)

    @property
    def credit(self) -> float:
        """What added margin takes off the closing fee that is set aside."""
        if not self.terms.rule.added_margin_lowers_closing_fee:
            return 0.0
        return quantities.added_margin_credit(
            self.direction,
            self.entry_notional,
            self.leverage,
            self.wallet,
            self.terms.taker_fee_rate,
        )

    @property
    def closing_fee(self) -> float:
        rule, rate = self.terms.rule, self.terms.taker_fee_rate
        if not rule.closing_fee_reserved:
            return 0.0
        if rule.closing_fee_on == "entry_and_margin":
            return quantities.closing_fee_on_margin(self.entry_notional, self.wallet, rate)
        return self.fee_at_bankruptcy


def _number(name: str, value: Any) -> float | None:
    if value is None:
        return None
    return inputs.parse_number(inputs.NUMBERS[name], value)


def _needed(name: str, value: Any) -> float:
    number = _number(name, value)
    if number is None:
        raise inputs.missing(name)
    return number


def box(
    *,
    venue: str | None = None,
    side: str | None = None,
    size: float | None = None,
    entry_price: float | None = None,
    symbol: str | None = None,
    contract_type: str | None = None,
    margin_mode: str | None = None,
    account: str | None = None,
    contract_size: float | None = None,
    mark_price: float | None = None,
    leverage: float | None = None,
    isolated_margin: float | None = None,
    mmr: float | None = None,
    maintenance_amount: float | None = None,
    taker_fee_rate: float | None = None,
    funding_rate: float | None = None,
    as_of: date | str | None = None,
) -> Box:
    """One position, checked: the keyword arguments are the input columns of a table.

    Raises InputError (which field, which value, what is allowed) or RuleMissingError.
    """
    if inputs.parse_choice("margin_mode", margin_mode) == "cross":
        raise CROSS
    name = inputs.parse_text(venue)
    if not name:
        raise inputs.missing("venue")
    sign = inputs.parse_choice("side", side)
    if sign is None:
        raise inputs.missing("side")
    contracts = _needed("size", size)
    entry = _needed("entry_price", entry_price)
    wallet = _number("isolated_margin", isolated_margin)
    leverage = _number("leverage", leverage)
    funding = _number("funding_rate", funding_rate)
    its = terms(
        name,
        inputs.parse_text(symbol),
        inputs.parse_date(as_of) or date.today(),
        inputs.parse_choice("contract_type", contract_type),
        _number("contract_size", contract_size),
        _number("mmr", mmr),
        _number("maintenance_amount", maintenance_amount),
        _number("taker_fee_rate", taker_fee_rate),
        leverage=leverage if by_leverage(name) else None,
    )
    exposure = contracts * its.contract_size
    entry_notional = quantities.notional(its.inverse, exposure, entry)
    mark = _number("mark_price", mark_price)
    if mark is None:
        mark = entry
    mark_notional = quantities.notional(its.inverse, exposure, mark)
    if wallet is None and leverage is None:
        raise MISSING_MARGIN
    if wallet == 0:
        raise NO_MARGIN
    if not (0 < entry_notional < math.inf and 0 < mark_notional < math.inf):
        raise TOO_LARGE
    if wallet is None:
        assert leverage is not None
        wallet = entry_notional / leverage
    elif leverage is None:
        leverage = entry_notional / wallet
    if not (0 < wallet < math.inf and 0 < leverage < math.inf):
        raise TOO_LARGE
    largest = contracts if its.ends_in_contracts else max(mark_notional, entry_notional)
    if largest > its.tiers_end:
        raise its.beyond_tiers
    return Box(
        terms=its,
        side_sign=sign,
        direction=quantities.direction(its.inverse, sign),
        size=contracts,
        exposure=exposure,
        entry_notional=entry_notional,
        mark_price=mark,
        mark_notional=mark_notional,
        wallet=wallet,
        leverage=leverage,
        funding_rate=funding or 0.0,
    )


def liquidation_price_of(held: Box) -> float | None:
    """:func:`liquidation_price` of a position that is checked already."""
    at_zero = held.wallet + held.credit - held.direction * held.entry_notional
    intercept = at_zero - held.fixed_requirement
    notional = held.trigger.liquidation_notional(held.direction, intercept, held.mark_notional)
    if notional > held.terms.tiers_end and not held.terms.ends_in_contracts:
        raise held.terms.beyond_tiers
    return _price_at(held, notional)


def _price_at(held: Box, notional: float) -> float | None:
    """The price of ``notional``; None where no price gets there."""
    if notional <= 0:
        return None
    price = quantities.price_at(held.terms.inverse, held.exposure, notional)
    return price if 0 < price < math.inf else None


def _margin_ratio(requirement: float, balance: float) -> float:
    return requirement / balance if balance > 0 else math.inf


def liquidation_price(**position: Any) -> float | None:
    """The first adverse price at which equity is down to the requirement; None: there is none.

    Keyword arguments: the input columns (see :func:`box`). Quote per base.

    >>> round(liquidation_price(venue="binance", symbol="BTCUSDT", side="long",
    ...                         size=50, entry_price=60_000, leverage=20), 4)
    57342.7277
    """
    return liquidation_price_of(box(**position))


def margin_ratio(**position: Any) -> float:
    """Maintenance requirement / margin balance at the mark price; liquidation at >= 1.

    Infinite where the margin balance is gone. Keyword arguments: the input columns (see
    :func:`box`).
    """
    return assess(**position).margin_ratio


def assess(**position: Any) -> Risk:
    """Every output column for one position. Keyword arguments: the input columns."""
    held = box(**position)
    its, rule = held.terms, held.terms.rule
    pnl = quantities.unrealized_pnl(held.direction, held.entry_notional, held.mark_notional)
    balance = held.wallet + pnl
    requirement = held.trigger.maintenance_margin(held.mark_notional) + held.fixed_requirement
    equity = balance + held.credit
    maintenance_at = held.mark_notional if rule.maintenance_price == "mark" else held.entry_notional
    maintenance = held.maintenance.maintenance_margin(maintenance_at)
    if rule.funding_in_maintenance:
        maintenance += held.funding_to_pay
    if rule.maintenance_holds_trigger_fee:
        maintenance += (
            held.fee_at_bankruptcy
            if rule.trigger_fee == "taker_at_bankruptcy"
            else its.taker_fee_rate * held.mark_notional
        )
    initial_at = held.mark_notional if rule.initial_price == "mark" else held.entry_notional
    if its.initial:
        initial = its.initial.at_key(held.key).maintenance_margin(initial_at)
    else:
        initial = initial_at / held.leverage
    if rule.initial_margin_fee == "entry_value":
        initial += its.taker_fee_rate * held.entry_notional
    elif rule.initial_margin_fee == "bankruptcy_value":
        initial += held.fee_at_bankruptcy
    ratio = _margin_ratio(requirement, equity)
    if rule.screen_ratio == "balance / requirement":
        venue_ratio = equity / requirement if requirement > 0 else math.inf
    else:
        venue_ratio = _margin_ratio(requirement + held.closing_fee, equity + held.closing_fee)
    price = liquidation_price_of(held)
    bankrupt = quantities.bankruptcy_notional(
        held.direction, held.entry_notional, held.wallet + held.credit
    )
    distance = None
    if price is not None:
        distance = held.side_sign * (held.mark_price - price) / held.mark_price
    status = NEVER if price is None else OK
    if equity <= requirement:
        status = ALREADY
    return Risk(
        notional=held.mark_notional,
        unrealized_pnl=pnl,
        margin_balance=balance,
        initial_margin=initial + held.closing_fee,
        maintenance_margin=maintenance + held.closing_fee,
        margin_ratio=ratio,
        venue_margin_ratio=venue_ratio,
        liquidation_price=price,
        bankruptcy_price=_price_at(held, bankrupt),
        liquidation_distance=distance,
        effective_leverage=held.mark_notional / balance if balance > 0 else None,
        max_loss=held.wallet,
        rule=its.rule_text,
        status=status,
    )
