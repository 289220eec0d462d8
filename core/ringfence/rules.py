"""RuleSet: one venue's margin rule for one span of time, as data.

A venue file declares a tuple of them, oldest first; ``as_of`` picks one. What differs between
venues is a field here first, a schedule class second, and code of the venue's own last.
"""

from datetime import date
from functools import cached_property
from typing import Annotated, Final, Literal

from pydantic import Field

from ringfence.box_rules import BoxRules
from ringfence.cross_rules import CrossRules
from ringfence.sources import Frozen, PriceRounding, Source

ContractType = Literal["linear", "inverse", "quanto"]


_SCHEDULES: Final = {
    "bracket": "position value x rate of its bracket - maintenance amount",
    "slab": "whole position value x rate of the one tier that it lies in",
    "size_linear": "position value x a rate that grows with the size",
    "square_root": "position value x a rate that grows with the square root of the size",
    "leverage_factor": "position value x a factor / leverage, the factor by size and leverage",
}
_FEES: Final = {
    "none": "none",
    "taker_at_mark": "fee on the mark value",
    "taker_at_entry": "fee on the entry value",
    "taker_at_bankruptcy": "fee to close at the bankruptcy price",
}


_ROUNDINGS: Final = {
    "none": "A liquidation price is printed with all its digits.",
    "nearest": "A liquidation price is printed to the nearest tick.",
    "conservative": "A liquidation price is rounded to the tick on the side of the mark price.",
    "up": "A liquidation price is rounded up to the tick.",
    "down": "A liquidation price is rounded down to the tick.",
    "tick_early": "A liquidation price is printed one tick nearer to the mark price.",
}

# What CrossRules may say in place of the RuleSet
_DIFFERING: Final = (
    "maintenance_price",
    "tier_at",
    "initial_price",
    "trigger_fee",
    "maintenance_holds_trigger_fee",
    "funding_in_maintenance",
    "initial_margin_fee",
    "screen_ratio_name",
    "price_rounding",
)


class RuleSet(Frozen):
    """One dated margin rule of a venue.

    The requirement of an isolated position is

        maintenance margin (at ``maintenance_price``) + ``trigger_fee``
    """

    venue: str
    product: str
    label: str = ""  # tells the rules of one venue's products apart in ``id``
    effective_from: date | None = None  # None: the oldest rule on file, whenever it began
    # The last day for which it is known to hold; after that the ``rule`` column says so and
    # ``assumed`` says what became of it.
    effective_until: date | None = None
    # "opened_since": a position opened before keeps the older rule: give its own day as as_of
    applies_to: Literal["all", "opened_since"] = "all"
    contract_types: Annotated[tuple[ContractType, ...], Field(min_length=1)]

    # "base": an amount of coin (inverse: of quote); "contracts": pieces of a given size
    size_unit: Literal["base", "contracts"] = "base"
    # Maintenance margin
    schedule: Literal["bracket", "slab", "size_linear", "square_root", "leverage_factor"]
    tier_at: Literal["mark", "entry"] = "mark"  # "entry": the tier of the entry value is kept
    maintenance_price: Literal["mark", "entry"] = "mark"
    minimum_maintenance: Annotated[float, Field(ge=0)] = 0.0  # in settle currency
    # A funding rate that the position has to pay stands in the maintenance margin, on entry value.
    funding_in_maintenance: bool = False
    # Initial margin: value / leverage, or by the schedule's own initial rates
    initial_price: Literal["entry", "mark"] = "entry"
    initial_margin_by: Literal["leverage", "schedule"] = "leverage"
    # A fee that opening puts into the box beside value / leverage. It is in the figure; a wallet
    # that follows from the leverage alone is without it: give isolated_margin to be exact.
    initial_margin_fee: Literal["none", "entry_value", "bankruptcy_value"] = "none"
    # Fees. ``taker_fee_rate`` is the rate of whatever fee the rule counts, by default.
    taker_fee_rate: Annotated[float, Field(ge=0, lt=1)]
    trigger_fee: Literal["none", "taker_at_mark", "taker_at_entry", "taker_at_bankruptcy"] = "none"
    maintenance_holds_trigger_fee: bool = False  # in the figure; the trigger is the same
    # The fee for closing at the bankruptcy price, set aside in both initial and maintenance margin:
    # it shows in the figures and cancels in the trigger.
    closing_fee_reserved: bool = False
    closing_fee_on: Literal["bankruptcy_value", "entry_and_margin"] = "bankruptcy_value"
    # Margin added to the box moves the bankruptcy price away, and the closing fee there with it.
    added_margin_lowers_closing_fee: bool = False
    # What the screen shows
    trigger_price: Literal["mark", "oracle", "index"] = "mark"
    screen_ratio: Literal["requirement / balance", "balance / requirement"]
    liquidation_threshold: float = 1.0
    screen_ratio_name: str
    # How the screen or the API rounds a liquidation price to the contract's tick ("conservative":
    # towards the mark price, so that it warns early; "tick_early": the exact price, one tick nearer
    # to the mark price); "none": it prints the digits of ``decimals``
    # or all of them; None: not known
    price_rounding: PriceRounding | None = None
    price_decimals: Annotated[int, Field(ge=0)] | None = None

    box: BoxRules = BoxRules()
    cross: CrossRules | None = None  # None: the venue has none, or it is not on file

    confidence: Literal["high", "medium", "low"]
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    assumed: tuple[str, ...] = ()
    not_modelled: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """What the ``rule`` column says: name, and the days between which the rule is known."""
        name = self.label or self.venue
        since = f"@{self.effective_from}" if self.effective_from else ""
        until = f" until {self.effective_until}" if self.effective_until else ""
        return f"{name}{since}{until}"

    @cached_property
    def in_cross(self) -> "RuleSet | None":
        """The rule of cross margin: this one with what differs there; None where none is on file.

        Nothing is set aside in a position that shares its pool.
        """
        cross = self.cross
        if cross is None:
            return None
        given = {name: value for name in _DIFFERING if (value := getattr(cross, name)) is not None}
        return self.model_copy(
            update={
                "closing_fee_reserved": False,
                "added_margin_lowers_closing_fee": False,
                "initial_margin_fee": "none",
                **given,
                "label": f"{self.label or self.venue} cross",
                "confidence": cross.confidence,
                "sources": cross.sources,
                "assumed": cross.assumed,
                "not_modelled": cross.not_modelled,
            }
        )

    @property
    def fee_in_trigger(self) -> str:
        """The fee that the requirement holds besides the maintenance margin, in words."""
        return _FEES[self.trigger_fee]

    @property
    def rounding_statement(self) -> str:
        """How a liquidation price is printed, in a line; '' where it is not known."""
        if self.price_rounding == "none" and self.price_decimals is not None:
            return f"A liquidation price is printed with {self.price_decimals} decimals."
        return _ROUNDINGS.get(self.price_rounding or "", "")

    @property
    def statement(self) -> str:
        """The rule in two or three sentences."""
        fee = "" if self.trigger_fee == "none" else f" plus a {self.fee_in_trigger}"
        text = (
            f"Liquidation when margin + unrealized PnL at the {self.trigger_price} price is down to"
            f" the maintenance margin{fee}. Maintenance margin = {_SCHEDULES[self.schedule]}, at"
            f" the {self.maintenance_price} price."
        )
        if self.tier_at == "entry":
            text += " The tier of the entry value is kept at every price."
        if self.minimum_maintenance:
            text += f" It is at least {self.minimum_maintenance:g}."
        if self.funding_in_maintenance:
            text += " A funding rate that the position has to pay is added."
        if self.closing_fee_reserved:
            text += " A fee to close is set aside in both and cancels out."
        return text
