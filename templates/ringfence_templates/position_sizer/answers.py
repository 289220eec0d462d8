"""What the sheet Sizer answers, as pieces of formulas with their values."""

from dataclasses import dataclass, replace
from typing import Final

from ringfence_templates.position_sizer import told
from ringfence_templates.position_sizer.told import (
    BLANK,
    Told,
    amount,
    constant,
    equal,
    every,
    fixed,
    is_number,
    joined,
    percent,
    price,
    some,
    when,
)
from ringfence_templates.position_sizer.workings import (
    ALREADY_STATE,
    ERROR,
    NEVER_STATE,
    NOT_KNOWN,
    UNHEARD,
    Workings,
)

LIGHTS: Final = ("Liquidated", "Red", "Amber", "Green", "Never", "Error")
NOT_HEARD: Final = "RF_RISK gave no answer; is Ringfence running?"
EMPTY: Final = (
    "Type a trade on the left: venue, symbol, side, size, entry_price, and isolated_margin or"
    " leverage."
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A line: a label, a figure, and what it means in words.

    ``alarm``: the condition that paints it red, with {h} for the figure's cell; ``loud``: the words
    too.
    """

    label: str
    shown: Told
    look: str
    words: Told | str
    alarm: str = ""
    loud: bool = False


def sections(its: Workings) -> dict[str, tuple[Answer, ...]]:
    """Heading -> the answers below it. Without a trade that can be computed they are blank."""
    found = {
        "Liquidation": _liquidation(its),
        "Size, for a move against it": _size(its),
        "Stop": _stop(its),
        "Funding and margin": _margin(its),
    }
    fine = its.named("calc_fine")
    return {
        title: tuple(replace(answer, words=when(fine, answer.words, BLANK)) for answer in section)
        for title, section in found.items()
    }


# The verdict


def light(its: Workings) -> Told:
    """Red, amber or green, or why there is none of them."""
    state, size, stop = (
        its.named(f"calc_{part}") for part in ("state", "size_state", "stop_state")
    )
    judged = when(
        some(equal(stop, "liquidation"), equal(size, "too large")),
        "Red",
        when(
            equal(state, NEVER_STATE),
            "Never",
            when(
                some(
                    equal(size, NOT_KNOWN), *(equal(stop, bad) for bad in ("none", "beyond", ERROR))
                ),
                "Amber",
                "Green",
            ),
        ),
    )
    return _by_state(its, "Error", "Error", "Liquidated", judged)


def _by_state(
    its: Workings, unheard: Told | str, error: Told | str, already: Told | str, judged: Told
) -> Told:
    state = its.named("calc_state")
    return when(
        equal(state, ""),
        BLANK,
        when(
            equal(state, UNHEARD),
            unheard,
            when(equal(state, ERROR), error, when(equal(state, ALREADY_STATE), already, judged)),
        ),
    )


def move_in_words(its: Workings) -> Told:
    """Such as: 2-sigma move in 7 days."""
    return joined(its.given["sigmas"], "-sigma move in ", its.given["days"], " days")


def sentence(its: Workings) -> Told:
    """The verdict in words."""
    size, stop = its.named("calc_size_state"), its.named("calc_stop_state")
    largest = its.named("calc_largest")
    move = move_in_words(its)
    holds = when(
        equal(its.named("calc_state"), NEVER_STATE),
        "No price liquidates it: the margin covers any loss.",
        joined("It holds: a ", move, ", with funding and fees, does not liquidate it."),
    )
    of_size = when(
        equal(size, "holds"),
        holds,
        when(
            equal(size, "too large"),
            joined(
                "Too large: a ", move, ", with funding and fees, liquidates it; ",
                when(
                    largest > 0,
                    joined("the largest size that survives is ", amount(largest), "."),
                    "no size survives that with this margin.",
                ),
            ),
            "Give volatility, sigmas and days to judge the size.",
        ),
    )  # fmt: skip
    of_stop = when(
        equal(stop, "stop"),
        " The stop comes before the liquidation.",
        when(
            equal(stop, "liquidation"),
            " The liquidation comes before the stop: the whole margin is lost.",
            when(
                equal(stop, "beyond"),
                " The stop comes first, but its fill lies beyond the liquidation price.",
                when(equal(stop, "none"), " No stop is given.", " The stop cannot be judged."),
            ),
        ),
    )
    judged = _by_state(
        its,
        NOT_HEARD,
        joined(its.risk["status"], ""),
        "Already liquidated: the mark price is at or past the liquidation price. The venue has"
        " acted, or will at once.",
        joined(of_size, of_stop),
    )
    return when(equal(its.named("calc_state"), ""), EMPTY, judged)


def polite(says: Told) -> Told:
    """What a formula of ours says instead of a table, for people; '' where it has one.

    "error: venue: x has no auto-margin on file" is "Not shown: x has no auto-margin on file."
    """
    text = str(says.value)
    begins = Told(f"LEFT({says.formula},6)", text[:6])
    rest = Told(
        f'SUBSTITUTE(MID({says.formula},8,240),"venue: ","")', text[7:247].replace("venue: ", "")
    )
    return when(equal(begins, "error:"), joined("Not shown: ", rest, "."), BLANK)


def first_of(one: Told, two: Told | str) -> Told:
    """``two`` where ``one`` is ''."""
    return when(equal(one, ""), two, one)


def subject(its: Workings) -> Told:
    """The trade in a line, for the other sheets."""
    given, risk = its.given, its.risk
    size = given["size"]
    return when(
        its.named("calc_fine"),
        joined(
            given["side"], " ", when(is_number(size), amount(size), size), " ", given["symbol"],
            " at ", given["venue"], ", mark ", price(its.named("calc_mark")), ", margin ",
            amount(risk["max_loss"]), " ", risk["settle_currency"],
        ),
        BLANK,
    )  # fmt: skip


def warning(its: Workings) -> Told:
    """Why the other sheets show nothing; '' where they do."""
    judged = _by_state(
        its, NOT_HEARD, joined("See the sheet Sizer: ", its.risk["status"]), BLANK, BLANK
    )
    return when(equal(its.named("calc_state"), ""), "Type a trade on the sheet Sizer.", judged)


# The figures


def _if_number(figure: Told, words: Told | str, otherwise: Told | str = "") -> Told:
    return when(is_number(figure), words, otherwise)


def _liquidation(its: Workings) -> tuple[Answer, ...]:
    risk, mark = its.risk, its.named("calc_mark")
    liquidation, distance = risk["liquidation_price"], risk["liquidation_distance"]
    state, fine = its.named("calc_state"), its.named("calc_fine")
    sigma, away = its.named("calc_sigma"), its.named("calc_sigmas_away")
    touch, days = its.named("calc_touch"), its.given["days"]
    way = when(its.named("calc_short"), "rise", "fall")
    on_screen = its.named("calc_screen_price")
    return (
        Answer(
            "Liquidation price",
            liquidation,
            "price",
            when(
                equal(state, ALREADY_STATE),
                "the mark price is at or past it",
                _if_number(
                    liquidation,
                    joined("the price may ", way, " by ", price(told.size_of(mark - liquidation))),
                    when(equal(state, NEVER_STATE), "no price liquidates this position", BLANK),
                ),
            ),
        ),
        Answer(
            "  as the venue's screen rounds it",
            on_screen,
            "price",
            when(
                equal(on_screen, NOT_KNOWN),
                "how it rounds, or the tick, is not on file",
                "to put beside the venue's own figure",
            ),
        ),
        Answer(
            "Distance from the mark price",
            distance,
            "percent",
            when(fine, joined("of the mark price, ", price(mark)), BLANK),
        ),
        Answer(
            "Distance in sigmas",
            away,
            "decimal",
            when(
                every(fine, is_number(sigma)),
                joined("one sigma in ", days, " days is ", percent(sigma), " (of the logarithm)"),
                "needs volatility and days",
            ),
            "AND(ISNUMBER({h}),N({h})<N(sigmas))",
        ),
        Answer(
            "Chance that it is touched",
            touch,
            "percent",
            when(
                equal(touch, NOT_KNOWN),
                "needs volatility and days",
                joined(
                    "within ", days, " days; log-normal, no drift, watched all the time, no gaps"
                ),
            ),
        ),
        Answer(
            "Margin ratio at the mark",
            risk["margin_ratio"],
            "percent",
            "requirement / margin balance; liquidation at 100 %",
        ),
        Answer(
            "Effective leverage",
            risk["effective_leverage"],
            "multiple",
            "value at the mark price / margin balance",
        ),
    )


def _size(its: Workings) -> tuple[Answer, ...]:
    size, largest = its.given["size"], its.named("calc_largest")
    move, far = its.named("calc_move_price"), its.named("calc_move_distance")
    share = when(
        every(is_number(largest), is_number(size)),
        told.guarded(size / largest, NOT_KNOWN),
        when(equal(largest, "any"), BLANK, largest),
    )
    return (
        Answer(
            "Price after the move",
            move,
            "price",
            _if_number(far, joined("a ", move_in_words(its), ": ", percent(far)),
                       "needs volatility, sigmas and days"),
        ),
        Answer(
            "Largest size that survives it",
            largest,
            "quantity",
            when(
                equal(largest, NOT_KNOWN),
                "needs volatility, sigmas and days",
                when(
                    equal(largest, "any"),
                    "every size survives",
                    "with the margin in the box, after funding and the fee to close",
                ),
            ),
        ),
        Answer(
            "Size chosen / largest size",
            share,
            "percent",
            when(
                equal(its.named("calc_size_state"), "too large"),
                joined("too large: ", amount(size - largest), " above it"),
                when(equal(its.named("calc_size_state"), "holds"), "not above it", BLANK),
            ),
            "AND(ISNUMBER({h}),N({h})>1)",
            loud=True,
        ),
    )  # fmt: skip


def _stop(its: Workings) -> tuple[Answer, ...]:
    given, state = its.given, its.named("calc_stop_state")
    first, loss = its.stop("first"), its.stop("loss")
    share, margin = its.stop("share_of_equity"), its.risk["max_loss"]
    equity, stop = its.named("calc_equity"), given["stop_price"]
    distance = its.stop("stop_distance")
    whose = when(equal(given["account_equity"], ""), "of wallet_balance", "of account_equity")
    in_box = when(
        every(is_number(margin), is_number(equity)), told.guarded(margin / equity, NOT_KNOWN), BLANK
    )
    return (
        Answer(
            "Comes first",
            when(some(equal(state, "none"), equal(state, ERROR)), BLANK, joined(first, "")),
            "number",
            when(
                equal(state, "liquidation"),
                joined("the box is liquidated before a stop at ", price(stop), " can work"),
                when(
                    equal(state, "stop"),
                    joined("the stop at ", price(stop), " is ", percent(distance), " away"),
                    when(
                        equal(state, "beyond"),
                        joined(its.stop("note"), ""),
                        when(equal(state, "none"), "no stop_price is given",
                             polite(its.tables["stop"].says)),
                    ),
                ),
            ),
            '{h}="liquidation"',
            loud=True,
        ),
        Answer(
            "Loss at the stop",
            loss,
            "coins",
            when(
                equal(state, "liquidation"),
                "the whole margin in the box",
                when(
                    some(equal(state, "stop"), equal(state, "beyond")),
                    joined("since entry; of it fee ", amount(its.stop("fee")), ", slippage ",
                           amount(its.stop("slippage_cost"))),
                    BLANK,
                ),
            ),
        ),
        Answer(
            "Share of equity at risk",
            share,
            "percent",
            _if_number(share, joined("at the stop, ", whose)),
        ),
        Answer(
            "Share of equity in the box",
            in_box,
            "percent",
            _if_number(in_box, joined("lost if it is liquidated, ", whose)),
        ),
    )  # fmt: skip


def _margin(its: Workings) -> tuple[Answer, ...]:
    given, risk, fine = its.given, its.risk, its.named("calc_fine")
    rate, hours = given["funding_rate"], given["interval_hours"]
    days = its.named("calc_funding_days")
    each = when(equal(hours, ""), 8, hours)
    a_day = when(
        every(fine, is_number(rate), some(equal(hours, ""), is_number(hours))),
        told.guarded(
            when(its.named("calc_short"), constant(-1), 1) * rate * risk["notional"] * 24 / each,
            NOT_KNOWN,
        ),
        BLANK,
    )
    no_rate = some(equal(rate, ""), equal(rate, 0))
    target = given["target_price"]
    add = when(equal(target, ""), BLANK, its.named("calc_top_up"))
    free = its.named("calc_withdrawable")
    return (
        Answer(
            "Days until funding liquidates",
            days,
            "days",
            when(
                no_rate,
                "no funding_rate is given",
                when(
                    equal(days, NOT_KNOWN),
                    "who pays funding at this venue is not on file, or an input is wrong",
                    when(
                        equal(days, "never"),
                        "the box receives funding, or the account pays it",
                        "the price standing still, the rate staying as it is",
                    ),
                ),
            ),
        ),
        Answer(
            "Funding paid a day",
            a_day,
            "coins",
            _if_number(a_day, joined(fixed(rate * 100, 4), " % each ", each,
                                     " hours; below 0: received")),
        ),
        Answer(
            "Margin in the box",
            risk["max_loss"],
            "coins",
            when(
                fine,
                joined("the most it can lose; all money here in ",
                       when(equal(risk["settle_currency"], ""), "settle currency",
                            risk["settle_currency"])),
                BLANK,
            ),
        ),
        Answer(
            "Top-up for target_price",
            add,
            "coins",
            when(
                equal(target, ""),
                "no target_price is given",
                when(
                    equal(add, NOT_KNOWN),
                    joined("target_price must be ", when(its.named("calc_short"), "above", "below"),
                           " the mark price"),
                    _if_number(
                        add,
                        when(add < 0, "below 0: so much more than that is in it",
                             joined("to be liquidated at ", price(target))),
                    ),
                ),
            ),
        ),
        Answer(
            "May be taken out",
            free,
            "coins",
            when(
                equal(free, NOT_KNOWN),
                when(
                    equal(given["leverage"], ""),
                    "needs leverage, and the venue's rule on file",
                    "what the venue lets out of a box is not on file",
                ),
                when(fine, "at the mark price, by the venue's rule", BLANK),
            ),
        ),
        Answer(
            "Tiers and rule",
            BLANK,
            "text",
            joined(risk["rule"], ""),
        ),
    )  # fmt: skip
