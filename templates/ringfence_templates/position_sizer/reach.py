"""How near a liquidation price is: what the ladders and the modes say of each of theirs."""

from typing import Final

from ringfence_templates import style
from ringfence_templates.position_sizer import told
from ringfence_templates.position_sizer.told import BLANK, Told, equal, is_number, when
from ringfence_templates.position_sizer.workings import NOT_KNOWN, Workings
from ringfence_templates.sheet import Sheet

HOLDS, REACHED, LIQUIDATED, NEVER = "holds", "reached", "liquidated", "never"
_LIGHT_OF: Final = {HOLDS: "Green", REACHED: "Red", LIQUIDATED: "Liquidated", NEVER: "Never"}


def touched(its: Workings, price: Told, distance: Told) -> Told:
    """The probability of touching a liquidation price; 1 where it is passed, 0 where never."""
    chance = told.call("RF_TOUCH_PROB", its.given, mark_price=its.named("calc_mark"), barrier=price)
    return when(
        is_number(distance),
        when(distance <= 0, 1, told.guarded(chance, NOT_KNOWN)),
        when(equal(distance, NEVER), 0, BLANK),
    )


def against_the_move(its: Workings, distance: Told) -> Told:
    """Whether the move of so many sigmas reaches a liquidation price that far away."""
    far = its.named("calc_move_distance")
    return when(
        is_number(distance),
        when(
            distance <= 0,
            LIQUIDATED,
            when(is_number(far), when(distance <= far, REACHED, HOLDS), BLANK),
        ),
        when(equal(distance, NEVER), NEVER, BLANK),
    )


def shown_length(distance: Told) -> Told:
    """A distance as charts show it: from 0 to 100 %, where never is."""
    return when(
        is_number(distance),
        told.at_least(told.at_most(distance, 1), 0),
        when(equal(distance, NEVER), 1, 0),
    )


def add_lights(sheet: Sheet, area: str, cell: str) -> None:
    """Colours for the words of :func:`against_the_move`."""
    for word, light in _LIGHT_OF.items():
        rule = style.light_rule(f'{cell}="{word}"', light)
        sheet.worksheet.conditional_formatting.add(area, rule)
