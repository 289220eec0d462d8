"""What happens around an isolated box, venue by venue, as data: funding, top-ups, the steps down.

``None`` everywhere means that no page read says so: a question that needs it is refused, not
guessed. ``"none"`` means that the venue says there is no such thing.
"""

from typing import Annotated, Final, Literal

from pydantic import Field

from ringfence.sources import Frozen

_FUNDING: Final = {
    "box": "the box pays and gets funding",
    "account_then_box": "the account pays funding, and the box where it has nothing left",
    "account": "the account pays and gets funding",
}
_ADDED: Final = {
    "initial_margin": "the position's initial margin again",
    "to_initial_margin": "what lifts equity back to the initial margin",
    "shortfall": "what lifts equity just above the requirement",
    "everything": "all that the account has",
}
_ACTIONS: Final = {
    "cancel_orders": "orders are cancelled",
    "step_down": "{tiers} down is closed",
    "close_fraction": "{fraction:.0%} is closed",
    "close_until_safe": "as much as makes it safe is closed",
    "close": "all is closed",
    "take_over": "all is taken over at the bankruptcy price",
}

Rate = Annotated[float, Field(ge=0, lt=1)]


class Withdrawal(Frozen):
    """What must stay in the box when margin is taken out.

    Taken out may be the least of what these leave free, and never less than nothing:

        equity - max(value at ``initial_margin_at`` / leverage, ``minimum_rate`` * mark value)
        wallet - maintenance margin                  where ``wallet_keeps_maintenance``

        wallet                                       where ``profit_stays``

    ``equity`` is wallet + unrealized PnL; a profit counts only where ``profit_counts``.
    """

    initial_margin_at: Literal["mark", "entry"]
    profit_counts: bool
    profit_stays: bool = False  # it counts towards what must stay, but does not leave
    minimum_rate: Rate = 0.0
    wallet_keeps_maintenance: bool = False

    @property
    def statement(self) -> str:
        """The rule in a line."""
        kept = f"value at {self.initial_margin_at} / leverage"
        if self.minimum_rate:
            kept = f"the larger of {kept} and {self.minimum_rate:.0%} of the mark value"
        profit = "with" if self.profit_counts else "without"
        text = f"may be taken out: what equity, {profit} unrealized profit, has above {kept}"
        if self.wallet_keeps_maintenance:
            text += ", and the wallet above the maintenance margin"
        return text + (", but no more than the wallet" if self.profit_stays else "")


class AutoAdd(Frozen):
    """Auto-margin: what moves from the account into the box instead of a liquidation.

    ``amount``, each time, as long as the account has it (the rest of the account where it has less,
    unless ``all_or_nothing``): the position's current ``initial_margin`` again; what lifts equity
    back ``to_initial_margin``; what lifts it just above the requirement, ``shortfall``; or all the
    account has, ``everything``.
    """

    amount: Literal["initial_margin", "to_initial_margin", "shortfall", "everything"]
    at_ratio: Annotated[float, Field(gt=0, le=1)] = 1.0  # margin_ratio at which it acts
    all_or_nothing: bool = False
    by_default: bool = False  # on unless the trader turns it off

    @property
    def statement(self) -> str:
        """The rule in a line."""
        on = "on unless turned off" if self.by_default else "where it is on"
        return f"auto-margin ({on}) adds {_ADDED[self.amount]}"


class Step(Frozen):
    """One step of the venue's liquidation, in the order in which it takes them.

    ``step_down``: close what lies above a lower tier, ``tiers`` tiers down, as long as the position
    is in tier ``from_tier`` (the lowest is 1) or higher. ``close_fraction``: close ``fraction`` of
    the position. ``close_until_safe``: close as little as brings the ratio back below 1.
    ``close``: close all of it. ``take_over``: the venue takes all of it at the bankruptcy price.
    """

    action: Literal[
        "cancel_orders", "step_down", "close_fraction", "close_until_safe", "close", "take_over"
    ]
    tiers: Annotated[int, Field(ge=1)] = 1
    from_tier: Annotated[int, Field(ge=1)] = 2
    fraction: Annotated[float, Field(gt=0, le=1)] = 1.0
    above_notional: Annotated[float, Field(ge=0)] = 0.0  # only positions worth more than this
    at_equity: float | None = None  # take_over: equity / maintenance margin at or below this
    price: Literal["market", "bankruptcy", "mark"] = "market"
    repeats: bool = False  # until the position is safe or the step no longer applies

    @property
    def statement(self) -> str:
        """The step in a few words."""
        tiers = "a tier" if self.tiers == 1 else f"{self.tiers} tiers"
        text = _ACTIONS[self.action].format(tiers=tiers, fraction=self.fraction)
        if self.above_notional:
            text += f" where it is worth more than {self.above_notional:,.0f}"
        if self.action == "step_down" and self.from_tier > 2:
            text += f" from tier {self.from_tier} up"
        if self.at_equity is not None:
            text += f" at equity of {self.at_equity:.4g} times the maintenance margin"
        return text + (", again and again" if self.repeats else "")


class BoxRules(Frozen):
    """The rules around one isolated box."""

    # Who pays funding: the box; the account while it has anything free, then the box; the account
    funding_from: Literal["box", "account_then_box", "account"] | None = None
    withdrawal: Withdrawal | Literal["none"] | None = None
    auto_add: AutoAdd | Literal["none"] | None = None
    steps: tuple[Step, ...] | None = None
    liquidation_fee_rate: Rate | None = None  # of the value closed; 0: the venue says none
    liquidation_fee_at_most: bool = False  # the rate is the most that may be taken
    # Who keeps what is left of the box once all of it is closed better than at bankruptcy
    remainder_to: Literal["trader", "venue"] | None = None

    @property
    def statements(self) -> tuple[str, ...]:
        """What is known, a short line a rule."""
        lines = [_FUNDING[self.funding_from]] if self.funding_from else []
        if self.withdrawal == "none":
            lines.append("no margin may be taken out")
        elif self.withdrawal:
            lines.append(self.withdrawal.statement)
        if self.auto_add == "none":
            lines.append("no auto-margin")
        elif self.auto_add:
            lines.append(self.auto_add.statement)
        if self.steps is not None:
            lines.append(f"liquidation: {', then '.join(step.statement for step in self.steps)}")
        if self.liquidation_fee_rate is not None:
            fee = f"{self.liquidation_fee_rate:.4%}".rstrip("0%").rstrip(".")
            most = "up to " if self.liquidation_fee_at_most else ""
            lines.append(f"liquidation fee: {most}{fee or '0'} % of the value closed")
        if self.remainder_to:
            lines.append(f"what a complete liquidation leaves: to the {self.remainder_to}")
        return tuple(lines)
