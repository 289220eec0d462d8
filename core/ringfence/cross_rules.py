"""What differs where positions share a pool instead of standing in a box, as data."""

from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field

from ringfence.sources import Frozen, PriceRounding, Source

_POOLS: Final = {
    "settle_currency": "Positions that settle in one currency share a pool.",
    "account": "All positions of the account share a pool, in dollars.",
}
_MOVES: Final = {
    "held": "A liquidation price leaves the others at their marks.",
    "pro_rata": "The pool is shared out by mark value.",
    "index": "Positions on one coin move together.",
    "own_and_free": "A position draws on its own margin and on what nobody uses.",
}
_PAIRS: Final = {
    "sum": "share one price, with the margin of each",
    "combined": "share one price, with the margin of both as one position",
    "larger": "share one price, with the margin of the larger",
    "net": "share one price, with the margin of the difference",
}

Slices = Annotated[tuple[tuple[float, float], ...], Field(min_length=1)]


def _pairs(weights: object) -> object:
    return tuple(weights.items()) if isinstance(weights, dict) else weights


class Collateral(Frozen):
    """What a coin counts for as margin, where a pool holds several.

    ``weights``: coin -> (amount from, weight) slices, each slice of the amount at its own weight
    and none beyond a last weight of 0. Only what is owned is weighted: a debt counts in full.
    """

    weights: Annotated[tuple[tuple[str, Slices], ...], BeforeValidator(_pairs)]  # a mapping will do
    source: Source

    def slices(self, coin: str) -> Slices | None:
        """The weights of ``coin``; None where it is not on file."""
        return dict(self.weights).get(coin)


class CrossRules(Frozen):
    """One venue's cross margin: a RuleSet's own fields hold but for those that are given here.

    A position's liquidation price is the one at which the pool's equity meets its requirement, the
    other positions standing where they are: ``others`` and ``requirement`` say what is different.
    """

    # Positions that share a pool: those that settle in one currency, or all of an account's, in
    # dollars
    pool: Literal["settle_currency", "account"] = "settle_currency"
    # "held": the others stay at their marks. "pro_rata": the pool is shared out by mark value.
    # "index": all positions on one coin move together. "own_and_free": a position draws on its own
    # margin and on what nobody uses; the others' margins and profits are not its own.
    others: Literal["held", "pro_rata", "index", "own_and_free"] = "held"
    # "frozen": the price is worked out with today's maintenance margin and fee
    requirement: Literal["moving", "frozen"] = "moving"
    # A long and a short of one contract: they share one price, and the margin is that of each
    # ("sum"), of both as one position ("combined"), of the larger alone, or of the difference.
    # None: the venue holds one position a contract.
    pair: Literal["sum", "combined", "larger", "net"] | None = None

    # Fields of the RuleSet that are others in cross margin; None: the same
    maintenance_price: Literal["mark", "entry"] | None = None
    tier_at: Literal["mark", "entry"] | None = None
    initial_price: Literal["entry", "mark"] | None = None
    trigger_fee: (
        Literal["none", "taker_at_mark", "taker_at_entry", "taker_at_bankruptcy"] | None
    ) = None
    maintenance_holds_trigger_fee: bool | None = None
    funding_in_maintenance: bool | None = None
    initial_margin_fee: Literal["none", "entry_value", "bankruptcy_value"] | None = None
    screen_ratio_name: str | None = None
    price_rounding: PriceRounding | None = None

    collateral: Collateral | None = None  # None: one currency a pool, or not on file
    confidence: Literal["high", "medium", "low"]
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    assumed: tuple[str, ...] = ()
    not_modelled: tuple[str, ...] = ()

    @property
    def statement(self) -> str:
        """The rule in two or three sentences."""
        text = f"{_POOLS[self.pool]} {_MOVES[self.others]}"
        if self.requirement == "frozen":
            text += " The price is worked out with today's maintenance margin."
        pair = f" A long and a short of one contract {_PAIRS[self.pair]}." if self.pair else ""
        return text + (pair or " The venue holds one position a contract.")
