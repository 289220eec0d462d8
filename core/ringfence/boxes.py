"""Positions as arrays: the arithmetic of :mod:`ringfence.position`, row for row.

Same formulas, same order of operations, so that one position and a table of them agree to the last
bit.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringfence import position, quantities
from ringfence.lookup import Terms
from ringfence.quantities import QUANTO
from ringfence.schedules import NOTHING
from ringfence.solver import Floats, Ints, PackedSchedules


class Figures:
    """Positions as arrays, as far as they do not depend on the margin behind them."""

    def __init__(
        self,
        its: "TermsColumns",
        code: Ints,
        *,
        side_sign: Floats,
        size: Floats,
        entry: Floats,
        mark: Floats,
        leverage: Floats,
        funding_rate: Floats,
        taker_fee_rate: Floats,
    ) -> None:
        self.its, self.code, self.side_sign, self.size = its, code, side_sign, size
        self.entry = entry
        self.inverse = its.inverse[code]
        self.direction = np.where(self.inverse, -side_sign, side_sign)
        self.mark = np.where(np.isnan(mark), entry, mark)
        self.exposure = size * its.contract_size[code]
        self.at_entry = self._notional(entry)
        self.at_mark = self._notional(self.mark)
        self.leverage = leverage
        self.key = np.where(its.tier_at_entry[code], self.at_entry, size)
        own_fee = np.isnan(taker_fee_rate)
        self.taker = np.where(own_fee, its.taker_fee_rate[code], taker_fee_rate)
        self.fee_in_trigger = np.where(its.fee_at_mark[code], self.taker, 0.0)
        self.funding = np.where(np.isnan(funding_rate), 0.0, funding_rate)
        self.pnl = quantities.unrealized_pnl(self.direction, self.at_entry, self.at_mark)
        self.in_range = within_range(self.at_entry, self.at_mark)

    def _notional(self, price: Floats) -> Floats:
        value: Floats = np.where(self.inverse, self.exposure / price, self.exposure * price)
        return value

    def price(self, notional: Floats) -> Floats:
        """The price of each notional; NaN where it is not positive: no price gets there."""
        reached = np.where(notional > 0, notional, np.nan)
        price = np.where(self.inverse, self.exposure / reached, reached / self.exposure)
        return np.where((price > 0) & (price < np.inf), price, np.nan)

    def settle_price(self) -> Floats:
        price = np.where(self.inverse, self.mark, 1.0)
        return np.where(self.its.in_dollars[self.code], price, np.nan)

    @cached_property
    def _by_schedule(self) -> Floats:
        """Maintenance margin by the schedule alone, at the price the rule takes it."""
        at = np.where(self.its.maintenance_at_entry[self.code], self.at_entry, self.at_mark)
        return self.its.maintenance.maintenance_margin(self.code, at, self.key)

    @cached_property
    def _funding_to_pay(self) -> Floats:
        due = self.at_entry * np.maximum(self.side_sign * self.funding, 0.0)
        return np.where(self.its.funding_in_maintenance[self.code], due, 0.0)

    @cached_property
    def fee_at_bankruptcy(self) -> Floats:
        return quantities.closing_fee(self.direction, self.at_entry, self.leverage, self.taker)

    @cached_property
    def _fixed_fee(self) -> Floats:
        """The fee in the trigger that no price moves."""
        its, code = self.its, self.code
        fee = np.where(its.fee_at_entry[code], self.taker * self.at_entry, 0.0)
        return np.where(its.fee_at_bankruptcy[code], self.fee_at_bankruptcy, fee)

    @cached_property
    def fixed_requirement(self) -> Floats:
        """What is required at every price: margin, funding and fees that are fixed at entry."""
        fixed = np.where(self.its.maintenance_at_entry[self.code], self._by_schedule, 0.0)
        total: Floats = fixed + self._funding_to_pay + self._fixed_fee
        return total

    @cached_property
    def requirement(self) -> Floats:
        """What equity is held against at the mark price."""
        moving = self.its.trigger.maintenance_margin(
            self.code, self.at_mark, self.key, self.fee_in_trigger
        )
        total: Floats = moving + self.fixed_requirement
        return total

    @property
    def maintenance_margin(self) -> Floats:
        """The venue's own figure, without what it sets aside on both sides."""
        its, code = self.its, self.code
        held = np.where(
            its.fee_at_bankruptcy[code], self.fee_at_bankruptcy, self.taker * self.at_mark
        )
        fee = np.where(its.fee_in_maintenance[code], held, 0.0)
        total: Floats = self._by_schedule + self._funding_to_pay + fee
        return total

    @property
    def initial_margin(self) -> Floats:
        """The same of the initial margin."""
        its, code = self.its, self.code
        at = np.where(its.initial_at_mark[code], self.at_mark, self.at_entry)
        initial = np.where(
            its.initial_by_schedule[code],
            its.initial.maintenance_margin(code, at, self.key),
            at / self.leverage,
        )
        initial += np.where(
            its.initial_fee_at_entry[code], self.taker * self.at_entry, 0.0
        ) + np.where(its.initial_fee_at_bankruptcy[code], self.fee_at_bankruptcy, 0.0)
        return initial

    @property
    def takes_all(self) -> NDArray[np.bool_]:
        """Where the maintenance margin would be all of the value, or more."""
        return self.its.maintenance.takes_all(self.code, self.key, self.fee_in_trigger)

    def liquidation_notional(self, wallet: Floats) -> Floats:
        """The notional at which ``wallet`` and the PnL are down to the requirement."""
        intercept = wallet - self.direction * self.at_entry - self.fixed_requirement
        return self.its.trigger.liquidation_notional(
            self.code, self.direction, intercept, self.at_mark, self.key, self.fee_in_trigger
        )

    def beyond_tiers(self, notional: Floats) -> NDArray[np.bool_]:
        """Where the tiers on file end before the position does, now or at ``notional``."""
        largest = np.fmax(np.maximum(self.at_entry, self.at_mark), notional)  # NaN: never
        largest = np.where(self.its.ends_in_contracts[self.code], self.size, largest)
        beyond: NDArray[np.bool_] = largest > self.its.tiers_end[self.code]
        return beyond

    def outputs(
        self,
        *,
        balance: Floats,
        requirement: Floats,
        equity: Floats,
        set_aside: Floats,
        liquidation: Floats,
        bankruptcy: Floats,
        max_loss: Floats,
        adverse: Floats,
    ) -> dict[str, NDArray[Any]]:
        """The output columns of positions whose ``equity`` is held against ``requirement``.

        ``set_aside``: what the venue counts on both sides. ``liquidation`` and ``bankruptcy`` are
        notionals; <= 0: never. ``adverse``: +1 where a falling price hurts, -1 where a rising one.
        """
        its, code = self.its, self.code
        on_screen = equity + set_aside
        screen_ratio = np.where(
            its.screen_upside_down[code],
            np.where(requirement > 0, equity / requirement, np.inf),
            np.where(on_screen > 0, (requirement + set_aside) / on_screen, np.inf),
        )
        price = self.price(liquidation)
        status = np.full(len(code), position.OK, dtype=object)
        status[np.isnan(price)] = position.NEVER
        status[equity <= requirement] = position.ALREADY
        return {
            "notional": self.at_mark,
            "unrealized_pnl": self.pnl,
            "margin_balance": balance,
            "initial_margin": self.initial_margin + set_aside,
            "maintenance_margin": self.maintenance_margin + set_aside,
            "margin_ratio": np.where(equity > 0, requirement / equity, np.inf),
            "venue_margin_ratio": screen_ratio,
            "liquidation_price": price,
            "bankruptcy_price": self.price(bankruptcy),
            "liquidation_distance": adverse * (self.mark - price) / self.mark,
            "effective_leverage": np.where(balance > 0, self.at_mark / balance, np.nan),
            "max_loss": max_loss,
            "rule": its.rule_text[code],
            "status": status,
        }


class Boxes(Figures):
    """Isolated positions: each stands on a wallet of its own."""

    def __init__(self, its: "TermsColumns", code: Ints, *, wallet: Floats, **figures: Floats):
        super().__init__(its, code, **figures)
        leverage = self.leverage
        self.wallet = np.where(np.isnan(wallet), self.at_entry / leverage, wallet)
        self.leverage = np.where(np.isnan(leverage), self.at_entry / self.wallet, leverage)
        self.in_range &= within_range(self.wallet, self.leverage)

    def take(self, at: Ints) -> "Boxes":
        """Some of the boxes, by their indices."""
        if len(at) == len(self.code):
            return self
        return Boxes(
            self.its,
            self.code[at],
            wallet=self.wallet[at],
            side_sign=self.side_sign[at],
            size=self.size[at],
            entry=self.entry[at],
            mark=self.mark[at],
            leverage=self.leverage[at],
            funding_rate=self.funding[at],
            taker_fee_rate=self.taker[at],
        )

    @cached_property
    def credit(self) -> Floats:
        """What added margin takes off the closing fee that is set aside."""
        credit = quantities.added_margin_credit(
            self.direction, self.at_entry, self.leverage, self.wallet, self.taker
        )
        return np.where(self.its.added_margin_credited[self.code], credit, 0.0)

    @cached_property
    def _set_aside(self) -> Floats:
        its, code = self.its, self.code
        fee = np.where(
            its.closing_fee_on_margin[code],
            quantities.closing_fee_on_margin(self.at_entry, self.wallet, self.taker),
            self.fee_at_bankruptcy,
        )
        return np.where(its.closing_fee_reserved[code], fee, 0.0)

    @cached_property
    def liquidation(self) -> Floats:
        """The notional at liquidation."""
        return self.liquidation_notional(self.wallet + self.credit)

    def risk(self) -> dict[str, NDArray[Any]]:
        """The output columns."""
        balance = self.wallet + self.pnl
        return self.outputs(
            balance=balance,
            requirement=self.requirement,
            equity=balance + self.credit,
            set_aside=self._set_aside,
            liquidation=self.liquidation,
            bankruptcy=quantities.bankruptcy_notional(
                self.direction, self.at_entry, self.wallet + self.credit
            ),
            max_loss=self.wallet,
            adverse=self.side_sign,
        )


def within_range(*figures: Floats) -> NDArray[np.bool_]:
    """Where all ``figures`` are above 0 and finite."""
    good: NDArray[np.bool_] = np.logical_and.reduce([(f > 0) & (f < np.inf) for f in figures])
    return good


class TermsColumns:
    """What the distinct terms of a table say, as arrays to take by each row's code."""

    def __init__(self, its: Sequence[Terms]) -> None:
        self.maintenance = PackedSchedules([t.maintenance for t in its])
        # What moves with the price; the fee comes on top row by row, since it is the trader's own.
        self.trigger = PackedSchedules(
            [NOTHING if t.rule.maintenance_price == "entry" else t.maintenance for t in its]
        )
        self.contract_type = np.array([t.contract_type for t in its], object)
        self.itself = np.fromiter(its, dtype=object, count=len(its))
        self.in_dollars = np.array(
            [t.quoted_in_dollars and t.contract_type != QUANTO for t in its], bool
        )
        self.inverse = np.array([t.inverse for t in its], bool)
        self.tiers_end = np.array([t.tiers_end for t in its], float)
        self.ends_in_contracts = np.array([t.ends_in_contracts for t in its], bool)
        self.contract_size = np.array([t.contract_size for t in its], float)
        self.taker_fee_rate = np.array([t.taker_fee_rate for t in its], float)
        rules = [t.rule for t in its]
        self.closing_fee_reserved = np.array([r.closing_fee_reserved for r in rules], bool)
        self.added_margin_credited = np.array(
            [r.added_margin_lowers_closing_fee for r in rules], bool
        )
        self.initial = PackedSchedules([t.initial or NOTHING for t in its])
        self.initial_by_schedule = np.array([t.initial is not None for t in its], bool)
        self.tier_at_entry = np.array([r.tier_at == "entry" for r in rules], bool)
        self.funding_in_maintenance = np.array([r.funding_in_maintenance for r in rules], bool)
        fees = [r.initial_margin_fee for r in rules]
        self.initial_fee_at_entry = np.array([f == "entry_value" for f in fees], bool)
        self.initial_fee_at_bankruptcy = np.array([f == "bankruptcy_value" for f in fees], bool)
        self.fee_at_mark = np.array([r.trigger_fee == "taker_at_mark" for r in rules], bool)
        self.fee_at_entry = np.array([r.trigger_fee == "taker_at_entry" for r in rules], bool)
        self.fee_at_bankruptcy = np.array(
            [r.trigger_fee == "taker_at_bankruptcy" for r in rules], bool
        )
        self.fee_in_maintenance = np.array([r.maintenance_holds_trigger_fee for r in rules], bool)
        self.closing_fee_on_margin = np.array(
            [r.closing_fee_on == "entry_and_margin" for r in rules], bool
        )
        self.maintenance_at_entry = np.array([r.maintenance_price == "entry" for r in rules], bool)
        self.initial_at_mark = np.array([r.initial_price == "mark" for r in rules], bool)
        self.screen_upside_down = np.array(
            [r.screen_ratio == "balance / requirement" for r in rules], bool
        )
        self.rule_text = np.array([t.rule_text for t in its], object)
