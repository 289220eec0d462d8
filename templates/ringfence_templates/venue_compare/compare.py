"""The sheet Compare: the trade on the left, the venues ranked on the right, the upshot on top."""

from typing import Final

from openpyxl.formatting.rule import Rule
from openpyxl.styles import Border, Font, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils.cell import absolute_coordinate

from ringfence.inputs import SIDES
from ringfence_templates import entry, style
from ringfence_templates.position_sizer import pictures, told
from ringfence_templates.position_sizer.layout import Input
from ringfence_templates.position_sizer.look import share_bar
from ringfence_templates.position_sizer.sizer import add_title
from ringfence_templates.position_sizer.told import (
    BLANK,
    Told,
    equal,
    every,
    is_number,
    joined,
    percent,
    price,
    some,
    when,
)
from ringfence_templates.sheet import Book, Sheet
from ringfence_templates.venue_compare import layout, pieces
from ringfence_templates.venue_compare.blocks import (
    ALREADY_STATE,
    CHART,
    FOUND,
    JUDGED,
    NEEDED,
    NEVER_STATE,
    UNHEARD,
    Workings,
)
from ringfence_templates.venue_compare.layout import CELL, INPUTS, ROWS, SECTIONS, TOP
from ringfence_templates.venue_compare.look import section

EMPTY: Final = (
    "Type a trade on the left: coin, side, size or notional, entry_price, and leverage or"
    " isolated_margin."
)
NOT_HEARD: Final = "RF_RISK gave no answer; is Ringfence running?"
_UNDER: Final = Border(bottom=Side(style="thin", color=style.LINE))
_COLUMNS: Final = "FGHIJKLMN"
_SENTENCE: Final = f"F{TOP + 1}:N{TOP + 3}"
_TILES: Final = (("F", "H"), ("I", "K"), ("L", "M"), ("N", "N"))
_TILES_ROW: Final = TOP + 5  # a label, its figure over two rows, words below it
HEAD: Final = _TILES_ROW + 6
FIRST: Final = HEAD + 1
_LAST: Final = FIRST + ROWS - 1
_CHART_ROW: Final = int(CELL["as_of"][1:]) + 2
_BRIEF: Final = 70  # characters that the last column holds
_READ_SO: Final = (
    "Distance: from the mark to the liquidation price, with the tier of that price. vs 1/leverage:"
    " what is missing of the distance that the leverage on the screen seems to promise.",
    "Margin for: what the box would have to hold, in dollars, to be liquidated at the price of the"
    " farthest venue, or target_distance away.",
    "Details has every figure, Rules who pays funding and what a liquidation takes. Venues takes"
    " other symbols, your own rates and fees, and leaves venues out.",
)
# Column -> head, look
_HEADS: Final = {
    "F": ("rank", "count"),
    "G": ("venue", "text"),
    "H": ("symbol", "text"),
    "I": ("liquidation price", "price"),
    "J": ("distance", "fine"),
    "K": ("vs 1/leverage", "gap"),
    "L": ("for the farthest's", "money"),
    "M": ("for the target's", "money"),
    "N": ("what to know, or why there is no answer", "remark"),
}


def add_compare(book: Book, its: Workings) -> None:
    """Add the sheet; its inputs are names of the workbook."""
    sheet = book.sheet(layout.COMPARE, tab_colour=style.NAVY)
    _add_heading(sheet, its)
    _add_inputs(book, sheet, its)
    _add_sentence(sheet, its)
    _add_tiles(sheet, its)
    _add_ranks(sheet, its)
    colours = {"distance": style.NAVY, "lost to 1/leverage": "E8998D"}
    chart = pictures.bars(its.blocks[CHART.about], colours, 10.6, 13.4)
    chart.y_axis.scaling.max = None  # distances are small beside the 100 % of other charts
    chart.x_axis.tickLblSkip = 1
    section(sheet, "BCD", _CHART_ROW, "Distance; pale: what 1/leverage promises besides")
    sheet.worksheet.add_chart(chart, f"B{_CHART_ROW + 1}")
    sheet.widths(A=2, B=15, C=12, D=26, E=2, F=5, G=13, H=20, I=15, J=10, K=12, L=21, M=22, N=50)
    sheet.worksheet.freeze_panes = f"A{TOP}"
    sheet.print_set_up(f"A1:N{_LAST + 3 + len(_READ_SO)}", one_page=True)


def _add_heading(sheet: Sheet, its: Workings) -> None:
    trade = its.trade
    what = (
        "One isolated trade at every venue, by each venue's own rule and tiers. The pale yellow"
        " cells are yours, here and on the sheet Venues."
    )
    add_title(sheet, trade.title, what, row=trade.row, rows=trade.rows)
    answers, stale = its.named("calc_answers"), its.named("calc_stale")
    warning = when(
        answers > 0,
        when(stale > 0,
             joined(stale, " of ", answers,
                    " venues are computed with tiers of another time than the trade's: see the"
                    " last column, and run: ringfence tiers update VENUE"), BLANK),
        BLANK,
    )  # fmt: skip
    sheet.formula("B3", f"={warning.formula}", warning.value, "warning")


# The trade


def _add_inputs(book: Book, sheet: Sheet, its: Workings) -> None:
    at = TOP
    for title, inputs in SECTIONS.items():
        section(sheet, "BCD", at, title)
        for each in inputs:
            at += 1
            sheet.put(f"B{at}", each.name, "text")
            sheet.put(f"C{at}", its.trade.given[each.name], each.look)
            said = _said(its, each)
            sheet.formula(f"D{at}", f"={said.formula}", said.value, "beside")
            if each.look == "input size":
                rule = style.whole_number_rule(style.LARGE_AND_WHOLE.format(f"C{at}"))
                sheet.worksheet.conditional_formatting.add(f"C{at}", rule)
        at += 2
    for name, cell in CELL.items():
        book.name(name, sheet, cell)
        if field := INPUTS[name].number:
            entry.add_number(sheet, cell, field)
    entry.add_choice(sheet, CELL["side"], "side", "long or short")
    message = "The coin as venues name it, such as BTC; any other than those in the list too."
    entry.add_choice(sheet, CELL["coin"], "coin", message, strict=False)
    entry.add_day(sheet, CELL["as_of"], "Day whose rules apply. Blank: today.")
    checked = f"D{TOP + 1}:D{CELL['as_of'][1:]}"
    sheet.worksheet.conditional_formatting.add(
        checked, style.fault_rule(f'LEFT($D{TOP + 1},4)="fix:"')
    )


def _said(its: Workings, each: Input) -> Told:
    """The hint beside an input, or what is wrong with it."""
    name = each.name
    value, used = its.named(f"trade_{name}"), equal(its.named("calc_used"), 1)
    fine: Told | str = each.hint
    if name == "notional":
        fine = when(
            every(*(is_number(its.named(f"trade_{one}")) for one in ("size", "notional"))),
            "not used: size is given",
            each.hint,
        )
    if name == "coin":
        known = float(sum(its.column(FOUND, "coin_known")))
        area = f"{layout.CALC}!{absolute_coordinate(FOUND.area('coin_known', ROWS))}"
        nowhere = equal(Told(f"SUM({area})", known), 0)
        fine = when(nowhere, "not on file: see Venues", each.hint)
    missing = _missing(its, name)
    blank = when(every(used, missing), "fix: missing", each.hint) if missing else each.hint
    return when(equal(value, ""), blank, _checked(value, each, fine))


def _missing(its: Workings, name: str) -> Told | None:
    """Whether a blank ``name`` leaves the trade without something it needs."""
    beside = {"size": "notional", "leverage": "isolated_margin"}
    if name in beside:
        return equal(its.named(f"trade_{beside[name]}"), "")
    return equal(told.constant(0), 0) if name in ("coin", "side", "entry_price") else None


def _checked(value: Told, each: Input, fine: Told | str) -> Told:
    """What is said of an input that is not blank."""
    field = each.number
    if field is not None:
        wrong = joined("fix: ", field.allowed)
        # Two conditions, since OR would compare a text too
        bad = value <= field.above if field.above is not None else value < (field.at_least or 0.0)
        inside = when(bad, wrong, fine)
        if field.below is not None:
            inside = when(value < field.below, inside, wrong)
        return when(is_number(value), inside, wrong)
    if each.name == "side":
        side = pieces.lower(pieces.word(pieces.text(value)))
        known = some(*(equal(side, one) for one in SIDES))
        return when(known, fine, "fix: long or short")
    if each.name == "as_of":
        return when(is_number(value), fine, "fix: a date")
    return told.piece(fine)


# What it comes to


def _add_sentence(sheet: Sheet, its: Workings) -> None:
    section(sheet, _COLUMNS, TOP, "The distance, not the nominal leverage")
    for column in _COLUMNS:
        for row in range(TOP + 1, TOP + 4):
            sheet.put(f"{column}{row}", None, "verdict")
    said = sentence(its)
    sheet.formula(f"F{TOP + 1}", f"={said.formula}", said.value, "verdict")
    sheet.worksheet.merge_cells(_SENTENCE)


def _outcome(its: Workings, end: str) -> Told:
    """What happens to the trade at the venue of one end."""
    state, away = its.named(f"{end}_state"), its.named(f"{end}_away")
    where, until = when(its.named("calc_short"), " above", " below"), its.named(f"{end}_until")
    return joined(
        "at ",
        its.named(f"{end}_label"),
        " ",
        when(
            equal(state, NEVER_STATE),
            "no price liquidates it",
            when(
                equal(state, ALREADY_STATE),
                "it is liquidated already",
                joined("it is liquidated ", percent(away, 2), where, " the mark, at ",
                       price(its.named(f"{end}_price"))),
            ),
        ),
        when(equal(until, ""), BLANK, joined(" (by a rule known until ", until, " only)")),
    )  # fmt: skip


def sentence(its: Workings) -> Told:
    """The comparison in words."""
    answers, leverage = its.named("calc_answers"), its.named("calc_leverage")
    coins = its.named("calc_coins")
    coin = pieces.left(pieces.text(its.named("trade_coin")), pieces.WORD)
    trade = joined(
        when(is_number(leverage), joined(_short(leverage), "x "), ""),
        when(its.named("calc_short"), "short", "long"),
        " of ",
        when(is_number(coins), _short(coins), ""),
        " ",
        coin,
    )
    spread = when(
        is_number(its.named("calc_spread_money")),
        joined(
            " The venue alone is worth ", price(its.named("calc_spread")),
            " dollars of adverse move a coin, ", told.fixed(its.named("calc_spread_money"), 0),
            " on the whole trade.",
        ),
        BLANK,
    )  # fmt: skip
    both = joined(
        "This ", trade, ": ", _outcome(its, "best"), "; ", _outcome(its, "worst"), ".", spread
    )
    only = joined("This ", trade, ": ", _outcome(its, "best"), ". No other venue has an answer.")
    first = its.ranked(JUDGED, "state", 0)
    why = its.ranked(JUDGED, "remark", 0)
    none = when(equal(first, UNHEARD), NOT_HEARD, joined("Nothing to compare: ", why))
    return when(
        equal(its.named("calc_used"), 0),
        EMPTY,
        when(answers > 1, both, when(answers > 0, only, none)),
    )


def _short(one: Told) -> Told:
    """A number with as many decimals as it needs, up to four, and without a separator's doubt."""
    value = pieces.rounded(one, 4)
    return joined(value, "")


def _add_tiles(sheet: Sheet, its: Workings) -> None:
    nominal = its.named("calc_nominal")

    def end(name: str) -> tuple[Told, Told]:
        away = its.named(f"{name}_away")
        at = its.named(f"{name}_price")
        words = joined(
            its.named(f"{name}_label"), when(is_number(at), joined(", at ", price(at)), "")
        )
        return away, words

    far, near = its.named("best_away"), its.named("worst_away")
    left = when(
        every(is_number(nominal), is_number(far), is_number(near)),
        told.guarded(
            joined("true: ", percent(near / nominal, 0), " to ", percent(far / nominal, 0),
                   " of it"),
            "",
        ),
        BLANK,
    )  # fmt: skip
    money = its.named("calc_spread_money")
    between = when(
        is_number(money),
        joined(told.fixed(money, 0), " dollars of adverse move"),
        BLANK,
    )
    shown = (
        ("Farthest liquidation", *end("best")),
        ("Nearest liquidation", *end("worst")),
        ("Between them", its.named("calc_spread_away"), between),
        ("Nominal: 1 / leverage", nominal, left),
    )
    top, end_row = _TILES_ROW, _TILES_ROW + 3
    for (first, last), (label, value, said) in zip(_TILES, shown, strict=True):
        for row in range(top, end_row + 1):
            for column in _COLUMNS[_COLUMNS.index(first) : _COLUMNS.index(last) + 1]:
                sheet.put(f"{column}{row}", None, "tile label")
        sheet.put(f"{first}{top}", label, "tile label")
        sheet.formula(f"{first}{top + 1}", f"={value.formula}", value.value, "tile fine")
        sheet.formula(f"{first}{end_row}", f"={said.formula}", said.value, "tile text")
        for start, end_at in ((top, top), (top + 1, top + 2), (end_row, end_row)):
            sheet.worksheet.merge_cells(f"{first}{start}:{last}{end_at}")


# The venues, ranked


def _row(its: Workings, rank: int) -> dict[str, Told]:
    answered = equal(its.ranked(JUDGED, "answered", rank), 1)

    def shown(piece: Told) -> Told:
        return when(answered, piece, BLANK)

    return {
        "F": shown(told.constant(rank + 1)),
        "G": pieces.text(its.ranked(JUDGED, "label", rank)),
        "H": pieces.text(its.ranked_feed("symbol", rank)),
        "I": shown(its.ranked_risk("liquidation_price", rank)),
        "J": its.ranked(JUDGED, "away", rank),
        "K": its.ranked(JUDGED, "short_of", rank),
        "L": its.ranked(NEEDED, "same_price", rank),
        "M": its.ranked(NEEDED, "at_target", rank),
        "N": _in_brief(its.ranked(JUDGED, "remark", rank)),
    }


def _in_brief(remark: Told) -> Told:
    """A remark that fits into its cell."""
    long = Told(f"LEN({remark.formula})", float(len(str(remark.value)))) > _BRIEF
    return when(long, joined(pieces.left(remark, _BRIEF - 12), "... see Rules"), remark)


def _add_ranks(sheet: Sheet, its: Workings) -> None:
    section(sheet, _COLUMNS, HEAD - 1, "Farthest liquidation first")
    target, best = its.named("trade_target_distance"), its.named("best_price")
    needs = when(is_number(best), joined("margin for ", price(best)), "margin for the farthest")
    away = when(is_number(target), joined("margin for ", percent(target), " away"),
                "margin for a target")  # fmt: skip
    for column, (head, look) in _HEADS.items():
        side = "" if look in ("text", "remark") else " right"
        if column in "LM":
            its_head = needs if column == "L" else away
            sheet.formula(
                f"{column}{HEAD}", f"={its_head.formula}", its_head.value, f"column head{side}"
            )
        else:
            sheet.put(f"{column}{HEAD}", head, f"column head{side}")
    sheet.worksheet.row_dimensions[HEAD].height = 20
    for rank in range(ROWS):
        for column, piece in _row(its, rank).items():
            at = f"{column}{FIRST + rank}"
            sheet.formula(at, f"={piece.formula}", told.as_value(piece.value), _HEADS[column][1])
    rules = sheet.worksheet.conditional_formatting
    rules.add(f"J{FIRST}:J{_LAST}", share_bar("9DB4CE"))
    rules.add(f"N{FIRST}:N{_LAST}", _ink(f'$F{FIRST}=""', style.GREY))
    rules.add(f"N{FIRST}:N{_LAST}", _ink(f'$F{FIRST}<>""', style.LIGHT_COLOURS["Amber"][0]))
    below = _LAST + 2
    section(sheet, _COLUMNS, below, "How to read it")
    for line, text in enumerate(_READ_SO, below + 1):
        sheet.put(f"F{line}", text, "caption")


def _ink(condition: str, colour: str) -> Rule:
    """A conditional format for words; with the line of their row, for LibreOffice."""
    look = DifferentialStyle(font=Font(color=colour), border=_UNDER)
    return Rule(type="expression", dxf=look, formula=[condition])
