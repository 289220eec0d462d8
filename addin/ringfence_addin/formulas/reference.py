"""Formulas about what is on file: venues and tiers."""

from datetime import date
from typing import Any, Final

from ringfence import inputs, tiers, venues
from ringfence.errors import RingfenceError
from ringfence.lookup import find
from ringfence_addin import cells
from ringfence_addin.catalogue import formula
from ringfence_addin.formulas.common import POSITION_DOCS


@formula(
    {
        "venue": POSITION_DOCS["venue"],
        "symbol": POSITION_DOCS["symbol"],
        "contract_type": POSITION_DOCS["contract_type"],
    },
    returns_table=True,
)
def RF_TIERS(venue, symbol, contract_type=None):
    """The margin tiers on file for a contract: floor, maintenance margin rate, max leverage,
    maintenance amount. Floors are in the unit named in the header."""
    try:
        arguments = {"venue": venue, "symbol": symbol, "contract_type": contract_type}
        return tiers_table(**dict.fromkeys(arguments) | cells.arguments(arguments))
    except (RingfenceError, OverflowError) as error:
        return [[f"error: {error}"]]


def tiers_table(venue: object, symbol: object, contract_type: object = None) -> list[list[Any]]:
    """Header and rows of a contract's tiers. Raises InputError or RuleMissingError."""
    kind, name = inputs.parse_choice("contract_type", contract_type), inputs.parse_text(symbol)
    house, contract = find(inputs.parse_text(venue), name, kind)
    if contract is None:
        raise tiers.tier_file(house).no_tiers(kind, name)
    first, *others = contract.columns
    head = [f"{first} ({contract.floor_unit})", *others]
    return [
        head,
        *(
            [t.floor, t.maintenance_margin_rate, t.max_leverage, t.maintenance_amount]
            for t in contract.tiers
        ),
    ]


VENUE_COLUMNS: Final = (
    "venue", "product", "contract_types", "since", "maintenance_margin", "at_price",
    "fee_in_trigger", "taker_fee_rate", "screen_ratio", "confidence", "tiers_as_of", "source",
    "assumed", "not_modelled",
)  # fmt: skip


@formula({}, returns_table=True)
def RF_VENUES():
    """The venues on file and their rules today, a row a rule: what it says, where it is from, how
    sure it is, what is assumed and what is not modelled."""
    try:
        return venues_table(date.today())
    except RingfenceError as error:
        return [[f"error: {error}"]]


def venues_table(day: date) -> list[list[Any]]:
    """Header and rows of the rules in force on ``day``; a venue may have one a contract type."""
    rows = []
    for venue in venues.names():
        for rule in venues.in_force(venue, day):
            rows.append(
                [
                    venue,
                    rule.product,
                    ", ".join(rule.contract_types),
                    rule.effective_from.isoformat() if rule.effective_from else "",
                    rule.schedule,
                    rule.maintenance_price,
                    rule.fee_in_trigger,
                    rule.taker_fee_rate,
                    rule.screen_ratio,
                    rule.confidence,
                    _days_of_tiers(venue),
                    rule.sources[0].url,
                    "; ".join(rule.assumed),
                    "; ".join(rule.not_modelled),
                ]
            )
    return [list(VENUE_COLUMNS), *rows]


def _days_of_tiers(venue: str) -> str:
    try:
        return tiers.tier_file(venue).days
    except RingfenceError:  # what was fetched of one venue is damaged
        return "damaged"
