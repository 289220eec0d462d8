"""The sheet Events: what each named event does to the book, and which is the worst."""

from typing import Any, Final

from openpyxl.worksheet.datavalidation import DataValidation

from ringfence_templates import style
from ringfence_templates.event_risk import excel, frame, layout, looks
from ringfence_templates.event_risk.layout import COINS, EVENT_FIGURES, EVENT_INPUTS, FACTS
from ringfence_templates.event_risk.model import FIX, OK, Model, coin_cells
from ringfence_templates.package import Value
from ringfence_templates.ranking import BLANK
from ringfence_templates.sheet import Book, Sheet

_HEAD: Final = EVENT_INPUTS.head
_LAST: Final = "R"
_TILES: Final = (("B", "C"), ("D", "H"), ("I", "M"), ("N", _LAST))
_NET: Final = _HEAD - 1
HEADS: Final = {
    "equity": ("equity now", 12.5),
    "loss": ("loss", 12.5),
    "left": ("left", 12.5),
    "loss_share": ("loss share", 11.0),
    "boxes_failed": ("boxes failed", 12.5),
    "pools_failed": ("pools failed", 12.5),
    "check": ("check", 12.0),
}
FIGURE_LOOKS: Final = {
    "equity": "count",
    "loss": "count",
    "left": "count",
    "loss_share": "percent",
    "boxes_failed": "count",
    "pools_failed": "count",
}


def add_events(book: Book, model: Model) -> None:
    """Add the sheet, the first of the workbook."""
    sheet = frame.new_sheet(book, layout.EVENTS, model.title, tab_colour=style.RED)
    sheet.formula("B2", _SUBTITLE, _subtitle(model), "subtitle")
    frame.add_warning(sheet, model)
    _add_tiles(sheet, model)
    sheet.formula("B9", SENTENCE, sentence(model), "sentence")
    sheet.worksheet.row_dimensions[9].height = 22
    _add_heads(sheet, model)
    for row in range(1, EVENT_INPUTS.rows + 1):
        _add_row(sheet, model, row)
    last = _HEAD + EVENT_INPUTS.rows
    sheet.put(
        f"B{last + 1}",
        "Yellow cells are yours: events, coins, moves (fractions: -5 % or -0.05; blank: the coin"
        " stands still). * is every coin without a column. The moves are examples, not forecasts."
        " A loss below 0 is a gain.",
        "caption",
    )
    _add_validations(sheet)
    _add_colours(sheet)
    sheet.widths(A=2, B=5, C=32, **{EVENT_INPUTS.letter(coin): 9.0 for coin in COINS})
    sheet.widths(**{EVENT_FIGURES.letter(name): width for name, (_, width) in HEADS.items()})
    sheet.worksheet.freeze_panes = f"D{_HEAD + 1}"
    sheet.print_set_up(f"A1:{_LAST}{last + 1}", one_page=True)


def _calc(model: Model, area: str, name: str, row: int) -> str:
    return model.areas[area].cell(name, row)


# Texts

_EQUITY: Final = EVENT_FIGURES.cell("equity", 1, abroad=False)
_SUBTITLE: Final = (
    f"=SUMPRODUCT(--(LEN({layout.STATUS})>0))"
    f'&" positions with the prices they have now; every figure in US dollars, with USDT, USDC and'
    f' USD as one. Each event starts from there: prices go to the moves in a straight line."'
)


def _subtitle(model: Model) -> str:
    return (
        f"{len(model.rows)} positions with the prices they have now; every figure in US dollars,"
        " with USDT, USDC and USD as one. Each event starts from there: prices go to the moves in a"
        " straight line."
    )


def of_event(name: str, number: str) -> str:
    """A column of Events at an event's number."""
    area = EVENT_INPUTS if name in EVENT_INPUTS.names else EVENT_FIGURES
    return f"INDEX({area.column(name)},{number})"


_WORST: Final = f"{layout.CALC}!{FACTS['worst']}"
_MOST: Final = f"{layout.CALC}!{FACTS['most']}"


def _its(name: str, number: str = _WORST) -> str:
    return of_event(name, number)


def _told(figure: str, digits: int = 0) -> str:
    return excel.fixed_formula(figure, digits)


SENTENCE: Final = (
    f'=IF({_WORST}=0,"",IF({_its("loss")}>0,'
    f'"Worst: "&{_its("event")}&" loses "&{_told(_its("loss"))}&" dollars, "'
    f'&{_told("100*" + _its("loss_share"), 1)}&" % of the equity, and leaves "'
    f"&{_told(_its('left'))}"
    f'&". Boxes that fail: "&{_its("boxes_failed")}&"; cross pools: "&{_its("pools_failed")}&".",'
    f'"No event loses money; the least is gained with "&{_its("event")}&": "'
    f'&{_told("-" + _its("loss"))}&" dollars."))'
)


def _figures(model: Model, number: int) -> dict[str, Value]:
    return model.shown("events", number, when=model.event_check(number) == OK)


def _first_with_most(model: Model, column: str) -> int:
    """The number of the first event with the most of something; 0: there is none."""
    best = [
        (excel.n(figures), -number)
        for number, figures in enumerate(model.column("events", column), 1)
        if model.event_check(number) == OK and excel.figure(figures)
    ]
    return -max(best)[1] if best else 0


def worst(model: Model) -> int:
    return _first_with_most(model, "loss")


def most(model: Model) -> int:
    return _first_with_most(model, "failures")


def sentence(model: Model) -> str:
    """The line that names the worst event."""
    number = worst(model)
    if not number:
        return BLANK
    name = excel.text(model.event_at(number)[0])
    its = {key: excel.n(value) for key, value in _figures(model, number).items()}
    if its["loss"] <= 0:
        return (
            f"No event loses money; the least is gained with {name}:"
            f" {excel.fixed(-its['loss'], 0)} dollars."
        )
    return (
        f"Worst: {name} loses {excel.fixed(its['loss'], 0)} dollars,"
        f" {excel.fixed(100 * its['loss_share'], 1)} % of the equity, and leaves"
        f" {excel.fixed(its['left'], 0)}. Boxes that fail: {its['boxes_failed']:g}; cross pools:"
        f" {its['pools_failed']:g}."
    )


# Tiles


def _add_tiles(sheet: Sheet, model: Model) -> None:
    labels = ("Equity now", "Worst event", "Most failures", "First failure of a common move")
    for (first, last), label in zip(_TILES, labels, strict=True):
        frame.add_tile(sheet, 4, first, last, label)
    _equity_tile(sheet, model)
    _worst_tile(sheet, model)
    _most_tile(sheet, model)
    _first_tile(sheet, model)


def _equity_tile(sheet: Sheet, model: Model) -> None:
    equity, head = _calc(model, "events", "equity", 1), frame.FIGURE
    now = model.value("events", "equity", 1)
    sheet.formula("B5", f"={equity}", now, "tile money")
    (boxes, boxes_now), (pools, pools_now), (idle, idle_now) = (
        (model.areas["exposure"].cell(head, row), excel.n(model.value("exposure", head, row)))
        for row in (frame.BOXES_ROW, frame.POOLS_ROW, frame.IDLE_ROW)
    )
    sheet.formula(
        "B6",
        f'="isolated boxes: "&N({boxes})&", cross pools: "&N({pools})',
        f"isolated boxes: {boxes_now:g}, cross pools: {pools_now:g}",
        "tile text",
    )
    sheet.formula(
        "B7",
        f'="of it idle in the accounts: "&{_told(f"N({idle})")}',
        f"of it idle in the accounts: {excel.fixed(idle_now, 0)}",
        "tile text",
    )


def _worst_tile(sheet: Sheet, model: Model) -> None:
    number = worst(model)
    figures = _figures(model, number) if number else {}
    loss, share = figures.get("loss", BLANK), excel.n(figures.get("loss_share", BLANK))
    blank = f'=IF({_WORST}=0,"",'
    sheet.formula("D5", f"{blank}0-{_its('loss')})", 0 - excel.n(loss) if number else BLANK,
                  "tile money")  # fmt: skip
    name = model.event_at(number)[0] if number else BLANK
    sheet.formula("D6", f'{blank}{_its("event")}&"")', excel.text(name), "tile text")
    sheet.formula(
        "D7",
        f'{blank}{_told("-100*" + _its("loss_share"), 1)}&" % of the equity")',
        f"{excel.fixed(-100 * share, 1)} % of the equity" if number else BLANK,
        "tile text",
    )


def _most_tile(sheet: Sheet, model: Model) -> None:
    number = most(model)
    figures = _figures(model, number) if number else {}
    boxes, pools = (figures.get(name, BLANK) for name in ("boxes_failed", "pools_failed"))
    blank = f'=IF({_MOST}=0,"",'
    its = {name: of_event(name, _MOST) for name in ("event", "boxes_failed", "pools_failed")}
    sheet.formula(
        "I5",
        f"{blank}{its['boxes_failed']}+{its['pools_failed']})",
        excel.n(boxes) + excel.n(pools) if number else BLANK,
        "tile count",
    )
    name = model.event_at(number)[0] if number else BLANK
    sheet.formula("I6", f'{blank}{its["event"]}&"")', excel.text(name), "tile text")
    sheet.formula(
        "I7",
        f'{blank}"boxes: "&{its["boxes_failed"]}&", cross pools: "&{its["pools_failed"]})',
        f"boxes: {excel.n(boxes):g}, cross pools: {excel.n(pools):g}" if number else BLANK,
        "tile text",
    )


_WAYS: Final = ("a fall", "a rise")


ALREADY: Final = "already"


def _first_tile(sheet: Sheet, model: Model) -> None:
    joint = model.areas["joint"]
    parts, shown = [], []
    for row, sign in ((1, ""), (2, "+")):
        move, value = joint.cell("move", row), model.value("joint", "move", row)
        told = f'IF({move}=0,"{ALREADY}","{sign}"&{_told(f"100*{move}", 1)}&" %")'
        parts.append(f'IF(ISNUMBER({move}),{told},"never")')
        far = f"{sign}{excel.fixed(100 * excel.n(value), 1)} %" if excel.n(value) else ALREADY
        shown.append(far if excel.figure(value) else "never")
    sheet.formula("N5", f'={parts[0]}&"  /  "&{parts[1]}', "  /  ".join(shown), "tile words")
    for at, row, way in ((6, 1, _WAYS[0]), (7, 2, _WAYS[1])):
        move, venue, symbol = (joint.cell(name, row) for name in ("move", "venue", "symbol"))
        sheet.formula(
            f"N{at}",
            f'=IF(ISNUMBER({move}),"on {way}: "&{symbol}&" at "&{venue},"on {way}: none")',
            f"on {way}: {who(model, row)}",
            "tile text",
        )


def who(model: Model, row: int) -> str:
    """The position that fails first on a common move: row 1 down, 2 up."""
    if not excel.figure(model.value("joint", "move", row)):
        return "none"
    return f"{model.value('joint', 'symbol', row)} at {model.value('joint', 'venue', row)}"


# The table


def _add_heads(sheet: Sheet, model: Model) -> None:
    first, last = EVENT_INPUTS.letter("event"), EVENT_INPUTS.letter(COINS[-1])
    frame.add_section(sheet, "B", last, _HEAD - 2, "Moves of each coin's price, as fractions")
    frame.add_section(
        sheet, EVENT_FIGURES.letter("equity"), _LAST, _HEAD - 2, "What the book does then"
    )
    sheet.put(f"{first}{_NET}", "long less short in the coin, dollars", "caption right")
    _add_net(sheet, model)
    frame.add_heads(sheet, _HEAD, {"B": "no.", first: "event"}, left=(first,))
    for coin, content in zip(COINS, [*coin_cells(model.scenarios), "*"], strict=True):
        look = "input coin" if coin != COINS[-1] else "column head right"
        sheet.put(EVENT_INPUTS.at(coin, 0), content, look)
    frame.add_heads(
        sheet,
        _HEAD,
        {EVENT_FIGURES.letter(name): head for name, (head, _) in HEADS.items()},
        left=(EVENT_FIGURES.letter("check"),),
    )


def _add_net(sheet: Sheet, model: Model) -> None:
    """What the book is long or short in each coin: the column of a coin it lacks shows a dash."""
    exposure, moves = model.areas["exposure"], model.areas["event_moves"]
    net, section = exposure.column("net_notional"), exposure.column("its_section")
    coins = [(str(row[1]), excel.n(row[4])) for row in model.blocks["exposure"] if row[0] == "coin"]
    listed = 0.0
    for coin in COINS[:-1]:
        head = str(model.value("event_moves", coin, 0))
        value = sum(figure for name, figure in coins if head and name == head)
        listed += value
        sheet.formula(
            f"{EVENT_INPUTS.letter(coin)}{_NET}",
            f'=IF({moves.cell(coin, 0)}="",0,SUMIFS({net},{section},"coin",'
            f"{exposure.column('its_name')},{moves.cell(coin, 0)}))",
            value,
            "net",
        )
    first, last = EVENT_INPUTS.letter(COINS[0]), EVENT_INPUTS.letter(COINS[-2])
    sheet.formula(
        f"{EVENT_INPUTS.letter(COINS[-1])}{_NET}",
        f'=ROUND(SUMIFS({net},{section},"coin")-SUM({first}{_NET}:{last}{_NET}),2)',
        excel.rounded(sum(figure for _, figure in coins) - listed, 2),
        "net",
    )


def _add_row(sheet: Sheet, model: Model, row: int) -> None:
    name, moves = model.event_at(row)
    at = _HEAD + row
    sheet.put(f"B{at}", row, "count")
    sheet.put(EVENT_INPUTS.at("event", row), name, "input text")
    for coin, move in zip(COINS, moves, strict=True):
        sheet.put(EVENT_INPUTS.at(coin, row), move, "input move")
    check = f"${EVENT_FIGURES.at('check', row)}"
    for figure, value in _figures(model, row).items():
        cell = _calc(model, "events", figure, row)
        sheet.formula(
            EVENT_FIGURES.at(figure, row),
            f'=IF(AND({check}="{OK}",ISNUMBER({cell})),{cell},"")',
            value,
            FIGURE_LOOKS[figure],
        )
    first, last = EVENT_INPUTS.at(COINS[0], row), EVENT_INPUTS.at(COINS[-1], row)
    given = f"{first}:{last}"
    sheet.formula(
        EVENT_FIGURES.at("check", row),
        f'=IF(COUNTA({EVENT_INPUTS.at("event", row)}:{last})=0,"",'
        f'IF(COUNTA({given})-COUNT({given})+COUNTIF({given},"<=-1")>0,"{FIX}","{OK}"))',
        model.event_check(row),
        "text",
    )


def move_validation() -> DataValidation:
    """For a cell with a move."""
    rule = DataValidation("decimal", operator="greaterThan", formula1="-1", allow_blank=True)
    rule.errorTitle = "Move"
    rule.error = "A fraction above -100 %, such as -5 % or -0.05. Blank: no move."
    rule.showErrorMessage = True
    return rule


def _add_validations(sheet: Sheet) -> None:
    rule = move_validation()
    rule.add(EVENT_INPUTS.area(COINS[0], COINS[-1], body=True))
    sheet.worksheet.add_data_validation(rule)


def _add_colours(sheet: Sheet) -> None:
    rules = sheet.worksheet.conditional_formatting
    for name in ("boxes_failed", "pools_failed"):
        cell = EVENT_FIGURES.at(name, 1)
        rules.add(EVENT_FIGURES.area(name, name, body=True), looks.fails_rule(f"N({cell})>0"))
    shares = EVENT_FIGURES.column("loss_share", abroad=False)
    rules.add(EVENT_FIGURES.area("loss_share", "loss_share", body=True), looks.loss_bar(shares))
    losses = EVENT_FIGURES.column("loss", abroad=False)
    loss = f"${EVENT_FIGURES.at('loss', 1)}"
    worst_row = f"AND(N({loss})>0,N({loss})=MAX({losses}))"
    rules.add(EVENT_FIGURES.area("loss", "left", body=True), looks.fails_rule(worst_row))
    check = f"${EVENT_FIGURES.at('check', 1)}"
    rules.add(
        EVENT_FIGURES.area("check", "check", body=True),
        style.light_rule(f'{check}="{FIX}"', "Error"),
    )


def facts(model: Model) -> dict[str, tuple[str, Any]]:
    """The figures of Calc about the events: formula and value."""
    losses = EVENT_FIGURES.column("loss")
    failures = model.areas["events"].column("failures", abroad=False)
    return {
        "worst": (f"=IF(COUNT({losses})=0,0,MATCH(MAX({losses}),{losses},0))", worst(model)),
        "most": (f"=IF(COUNT({failures})=0,0,MATCH(MAX({failures}),{failures},0))", most(model)),
    }
