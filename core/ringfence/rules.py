"""RuleSet: one venue's margin rule for one span of time, as data.

A venue file declares a tuple of them, oldest first; ``as_of`` picks one. What differs between
venues is a field here first, a schedule class second, and code of the venue's own last.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

ContractType = Literal["linear", "inverse", "quanto"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(_Frozen):
    """A page that states the rule, and when it was read."""

    title: str
    url: str
    read: date


class RuleSet(_Frozen):
    """One dated margin rule of a venue.

    The requirement of an isolated position is

        maintenance margin (at ``maintenance_price``) + ``trigger_fee``
    """

    venue: str
    product: str
    effective_from: date | None = None  # None: the oldest rule on file, whenever it began
    contract_types: Annotated[tuple[ContractType, ...], Field(min_length=1)]

    # "base": an amount of coin (inverse: of quote); "contracts": pieces of a given size
    size_unit: Literal["base", "contracts"] = "base"
    # Maintenance margin
    schedule: Literal["bracket", "slab"]
    maintenance_price: Literal["mark", "entry"] = "mark"
    # Initial margin
    initial_price: Literal["entry", "mark"] = "entry"
    # Fees
    taker_fee_rate: Annotated[float, Field(ge=0, lt=1)]
    trigger_fee: Literal["none", "taker_at_mark"] = "none"
    # The fee for closing at the bankruptcy price, set aside in both initial and maintenance margin:
    # it shows in the figures and cancels in the trigger.
    closing_fee_reserved: bool = False
    # Margin added to the box moves the bankruptcy price away, and the closing fee there with it.
    added_margin_lowers_closing_fee: bool = False
    # What the screen shows
    trigger_price: Literal["mark", "oracle", "index"] = "mark"
    screen_ratio: Literal["requirement / balance", "balance / requirement"]
    liquidation_threshold: float = 1.0
    screen_ratio_name: str

    confidence: Literal["high", "medium", "low"]
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    assumed: tuple[str, ...] = ()
    not_modelled: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """What the ``rule`` column says: venue, and the day the rule began where that is known."""
        return f"{self.venue}@{self.effective_from}" if self.effective_from else self.venue
