"""The sheet Dashboard: the book on one page."""

from typing import Final

from openpyxl.formatting.rule import DataBarRule

from ringfence import position
from ringfence_templates import style
from ringfence_templates.mixed_book import beside, charts, layout, warnings
from ringfence_templates.mixed_book.model import CROSS, ISOLATED, POOL_LIGHTS, Model, Row
from ringfence_templates.package import Value
from ringfence_templates.positions_sheet import of_row
from ringfence_templates.ranking import ALREADY, BLANK, LIGHTS
from ringfence_templates.sheet import Book, Sheet

_COLUMNS: Final = "BCDEFGHIJKLMNOPQRS"
_TILES: Final = (("B", "D"), ("E", "G"), ("H", "K"), ("L", "O"), ("P", "S"))
_TOP: Final = 9  # row of the first sections
_MIDDLE: Final = 22
_VENUES: Final = _MIDDLE + layout.COINS + 3
_LAST: Final = _VENUES + layout.VENUES + 1
_TOP_UPS: Final = _TOP + 5
_LINE_POINTS: Final = 17
NONE: Final = "none"
PER_DOLLARS: Final = 1_000


def add_dashboard(book: Book, model: Model) -> None:
    """Add the sheet: tiles, boxes beside pools, what fails first, and where the book is thick."""
    sheet = book.sheet(layout.DASHBOARD, tab_colour=style.NAVY)
    sheet.put("B1", model.title, "title")
    sheet.worksheet.row_dimensions[1].height = 28
    sheet.formula("B2", _SUBTITLE, subtitle(model), "subtitle")
    sheet.formula("B3", warnings.FORMULA, warnings.warning(model), "warning")
    _add_tiles(sheet, model)
    _section(sheet, _TOP, "B", "G", "Isolated boxes beside cross pools (USD)")
    beside.add(sheet, model)
    _add_ratios(sheet, model)
    _add_first_to_fail(sheet, model)
    _add_top_ups(sheet, model)
    _add_concentration(sheet, model, "coin", _MIDDLE, layout.COINS)
    _add_concentration(sheet, model, "venue", _VENUES, layout.VENUES)
    _section(sheet, _MIDDLE, "I", "M", "Long and short by coin (notional, USD)")
    charts.add_by_coin(sheet, model, f"I{_MIDDLE + 1}", (12.8, 10.4))
    _section(sheet, _MIDDLE, "O", "S", "At stake by venue (USD)")
    charts.add_by_venue(sheet, model, f"O{_MIDDLE + 1}", (13.2, 10.4))
    for row in range(_TOP, _LAST + 1):
        sheet.worksheet.row_dimensions[row].height = _LINE_POINTS
    sheet.widths(A=2, H=2.5, N=2.5, **_WIDTHS)
    sheet.print_set_up(f"A1:S{_LAST}", one_page=True)


_WIDTHS: Final = {
    "B": 16, "C": 14, "D": 14, "E": 14, "F": 14, "G": 14,
    "I": 19, "J": 14, "K": 11, "L": 11, "M": 11,
    "O": 18, "P": 14, "Q": 11, "R": 14, "S": 11,
}  # fmt: skip
_OF_MODE: Final = 'COUNTIF(calc_mode,"{}")'
_SUBTITLE: Final = (
    f'=COUNT(calc_rank)&" positions: "&{_OF_MODE.format(ISOLATED)}&" isolated boxes and "&'
    f'{_OF_MODE.format(CROSS)}&" cross positions in "&COUNT(pool_rank)&" pools. Money in US'
    ' dollars, with USDT, USDC and USD as one; coins at the mark price."'
)


def subtitle(model: Model) -> str:
    boxes, cross = (len(model.of_mode(mode)) for mode in (ISOLATED, CROSS))
    return (
        f"{len(model.rows)} positions: {boxes} isolated boxes and {cross} cross positions in"
        f" {len(model.pools)} pools. Money in US dollars, with USDT, USDC and USD as one; coins at"
        " the mark price."
    )


def _span(first: str, last: str) -> str:
    return _COLUMNS[_COLUMNS.index(first) : _COLUMNS.index(last) + 1]


def _section(sheet: Sheet, at: int, first: str, last: str, text: str) -> None:
    for column in _span(first, last):
        sheet.put(f"{column}{at}", None, "section")
    sheet.put(f"{first}{at}", text, "section")


def _heads(sheet: Sheet, at: int, heads: dict[str, tuple[str, str]]) -> None:
    """Column -> (heading, look of the figures below)."""
    for column, (head, look) in heads.items():
        side = " center" if look == "label" else "" if look == "text" else " right"
        sheet.put(f"{column}{at}", head, f"column head{side}")


# Tiles

_NEAREST_ROW: Final = "MATCH(1,calc_rank,0)"
_WORST: Final = f"{layout.POOLS}!K{layout.POOLS_HEAD + 1}"


def _add_tiles(sheet: Sheet, model: Model) -> None:
    for first, last in _TILES:
        for row in range(4, 8):
            sheet.worksheet.merge_cells(f"{first}{row}:{last}{row}")
            for column in _span(first, last):
                sheet.put(f"{column}{row}", None, "tile label")
    for row, height in ((4, 20), (5, 30), (7, 20)):
        sheet.worksheet.row_dimensions[row].height = height
    _add_equity_tile(sheet, model)
    _add_stake_tiles(sheet, model)
    _add_nearest_tile(sheet, model)
    _add_ratio_tile(sheet, model)


def _add_equity_tile(sheet: Sheet, model: Model) -> None:
    equity = model.exposure.total("equity")
    sheet.put("B4", "Equity", "tile label")
    sheet.formula("B5", f"={beside.total('equity')}", beside.number(equity), "tile money")
    sheet.put("B6", "boxes, pools and what is free beside them", "tile text")
    leverage = model.exposure.total("effective_leverage")
    found = 'INDEX(exposure_figure,MATCH("effective_leverage",exposure_name,0))'
    sheet.formula(
        "B7", f'=IF(ISNUMBER({found}),{found},"none is left")',
        "none is left" if isinstance(leverage, str) else leverage, "tile text",
    )  # fmt: skip
    sheet.worksheet["B7"].number_format = '"effective leverage "0.0"x"'


def _add_stake_tiles(sheet: Sheet, model: Model) -> None:
    boxes, cross = (len(model.of_mode(mode)) for mode in (ISOLATED, CROSS))
    sheet.put("E4", "At stake in isolated boxes", "tile label")
    sheet.formula(
        "E5", f"={beside.at('stake', ISOLATED)}", beside.stake(model, ISOLATED), "tile money"
    )
    sheet.formula(
        "E6",
        f'={_OF_MODE.format(ISOLATED)}&" boxes"',
        f"{boxes} boxes",
        "tile text",
    )
    sheet.put("E7", "each can lose its own margin, and no more", "tile text")
    sheet.put("H4", "At stake in cross pools", "tile label")
    sheet.formula("H5", f"={beside.at('stake', CROSS)}", beside.stake(model, CROSS), "tile money")
    sheet.formula(
        "H6",
        f'=COUNT(pool_rank)&" pools of "&{_OF_MODE.format(CROSS)}&" positions"',
        f"{len(model.pools)} pools of {cross} positions",
        "tile text",
    )

    sheet.put("H7", "a pool fails as one, with all its wallet", "tile text")


def _nearest(model: Model) -> Row | None:
    first = model.ranked[0] if model.ranked else None
    return first if first and not isinstance(first.away, str) else None


def _nearest_distance(nearest: Row | None) -> Value:
    """How far it is; past it, no share of the price says so as plainly as words."""
    if nearest is None:
        return NONE
    return position.ALREADY if nearest.state == ALREADY else nearest.away


def _add_nearest_tile(sheet: Sheet, model: Model) -> None:
    nearest, some = _nearest(model), "COUNT(calc_away)=0"
    sheet.put("L4", "Nearest liquidation", "tile label")
    sheet.formula(
        "L5",
        f'=IF({some},"{NONE}",IF(INDEX(calc_state,{_NEAREST_ROW})="already","{position.ALREADY}",'
        f"INDEX(calc_away,{_NEAREST_ROW})))",
        _nearest_distance(nearest),
        "tile percent",
    )
    sheet.worksheet.conditional_formatting.add(
        "L5:O5", style.alarm_rule(f'$L$5="{position.ALREADY}"')
    )
    parts = [of_row(name, _NEAREST_ROW) for name in ("symbol", "side", "venue")]
    names = '&" "&'.join(parts) + f'&", "&INDEX(calc_mode,{_NEAREST_ROW})'
    said = BLANK
    if nearest is not None:
        told = (nearest.text(part) for part in ("symbol", "side", "venue"))
        said = f"{' '.join(told)}, {nearest.mode}"
    sheet.formula("L6", f'=IF({some},"",{names})', said, "tile text")
    sheet.formula(
        "L7",
        f'=IF({some},"",INDEX(risk_liquidation_price,{_NEAREST_ROW}))',
        BLANK if nearest is None else nearest.risk["liquidation_price"],
        "tile price",
    )


def _add_ratio_tile(sheet: Sheet, model: Model) -> None:
    worst = model.ranked_pools[0] if model.ranked_pools else None
    none = "COUNT(pool_rank)=0"
    sheet.put("P4", "Highest margin ratio of a pool", "tile label")
    sheet.formula(
        "P5",
        f'=IF({none},"{NONE}",{_WORST})',
        NONE if worst is None else worst.cells["margin_ratio"],
        "tile percent",
    )
    sheet.worksheet.conditional_formatting.add(
        "P5:S5", style.alarm_rule(f'OR($P$5="bankrupt",N($P$5)>={layout.RED_RATIO})')
    )
    row = layout.POOLS_HEAD + 1
    sheet.formula(
        "P6",
        f'=IF({none},"",{layout.POOLS}!C{row}&" at "&{layout.POOLS}!D{row})',
        BLANK if worst is None else f"{worst.text('account')} at {worst.text('venue')}",
        "tile text",
    )
    sheet.put("P7", "liquidation at 100 %", "tile text")


# Account ratios

_RATIO_HEADS: Final = {
    "I": ("account", "text"),
    "J": ("venue", "text"),
    "K": ("ratio", "percent"),
    "L": ("light", "label"),
    "M": ("leverage", "multiple"),
}
_OF_POOLS: Final = {"I": "C", "J": "D", "K": "K", "L": "B", "M": "N"}


def _add_ratios(sheet: Sheet, model: Model) -> None:
    _section(sheet, _TOP, "I", "M", "Account ratios of the pools, the highest first")
    _heads(sheet, _TOP + 1, _RATIO_HEADS)
    first = _TOP + 2
    for number in range(1, layout.LISTED_POOLS + 1):
        at, of_pools = first + number - 1, layout.POOLS_HEAD + number
        pool = model.ranked_pools[number - 1] if number <= len(model.ranked_pools) else None
        values: dict[str, Value] = dict.fromkeys(_RATIO_HEADS, BLANK)
        if pool is not None:
            values = {
                "I": pool.cells["account"],
                "J": pool.cells["venue"],
                "K": pool.cells["margin_ratio"],
                "L": pool.light,
                "M": pool.cells["effective_leverage"],
            }
        for column, (_, look) in _RATIO_HEADS.items():
            formula = f"={layout.POOLS}!{_OF_POOLS[column]}{of_pools}"
            sheet.formula(f"{column}{at}", formula, values[column], look)
    last = first + layout.LISTED_POOLS - 1
    for light in POOL_LIGHTS:
        sheet.worksheet.conditional_formatting.add(
            f"L{first}:L{last}", style.light_rule(f'$L{first}="{light}"', light)
        )
    more = len(model.pools) - layout.LISTED_POOLS
    sheet.formula(
        f"I{last + 1}",
        f"=IF(COUNT(pool_rank)>{layout.LISTED_POOLS},"
        f'COUNT(pool_rank)-{layout.LISTED_POOLS}&" more on the sheet Pools","")',
        f"{more} more on the sheet Pools" if more > 0 else BLANK,
        "caption",
    )
    sheet.put(f"I{last + 2}", "Requirement / balance, the same way up for every venue:", "caption")
    sheet.put(f"I{last + 3}", "liquidation at 100 %. Colours by the thresholds on Risk.", "caption")


# What fails first


def _add_first_to_fail(sheet: Sheet, model: Model) -> None:
    _section(sheet, _TOP, "O", "S", "First to fail if the whole market moves at once")
    joint = layout.JOINT_LETTER
    for number, (label, line) in enumerate(
        zip(("all down", "all up"), model.joint[1:], strict=True), 1
    ):
        at, of_calc = _TOP + number, layout.CALC_HEAD + number
        move, row = (f"{layout.CALC}!{joint[name]}{of_calc}" for name in ("move", "row"))
        for column in "OPQRS":
            sheet.put(f"{column}{at}", None, "text")
        sheet.put(f"O{at}", label, "text")
        sheet.formula(f"P{at}", f"={move}", line[1], "percent")
        parts = '&" "&'.join(of_row(name, row) for name in ("symbol", "side"))
        cross = f'"pool "&INDEX(calc_account,{row})&" at "&INDEX(calc_rule_venue,{row})'
        box = f'"box "&{parts}&" at "&{of_row("venue", row)}'
        sheet.formula(
            f"Q{at}",
            f'=IF(N({row})=0,"",IF(INDEX(calc_mode,{row})="{CROSS}",{cross},{box}))',
            failing(model, line[2]),
            "text",
        )
    sheet.put(
        f"O{_TOP + 3}", "Every coin by the same share of its mark, on a straight line.", "caption"
    )


def failing(model: Model, row: Value) -> str:
    """What fails there, in words."""
    if isinstance(row, str):
        return BLANK
    its = model.rows[int(row) - 1]
    if its.mode == CROSS:
        return f"pool {its.account} at {its.rule_venue}"
    return f"box {its.text('symbol')} {its.text('side')} at {its.text('venue')}"


# Where a top-up buys most

_TOP_UP_HEADS: Final = {
    "O": ("box", "text"),
    "P": ("venue", "text"),
    "Q": ("distance", "percent"),
    "R": (f"per {PER_DOLLARS:,} USD", "percent"),
    "S": ("light", "label"),
}


def _add_top_ups(sheet: Sheet, model: Model) -> None:
    _section(sheet, _TOP_UPS, "O", "S", "Where a top-up buys most distance")
    _heads(sheet, _TOP_UPS + 1, _TOP_UP_HEADS)
    first = _TOP_UPS + 2
    for number in range(1, layout.TOP_UPS + 1):
        line, at = model.exposure.line("top-up", number), first + number - 1

        def of(name: str, number: int = number) -> str:
            return f"INDEX(exposure_{name},top_up_start+{number})"

        row = of("figure")
        formulas = {
            "O": f'{of_row("symbol", row)}&" "&{of_row("side", row)}',
            "P": f'{of_row("venue", row)}&""',
            "Q": f"INDEX(calc_away,{row})",
            "R": f"{of('notional')}*{PER_DOLLARS}",
            "S": f"INDEX(calc_light,{row})",
        }
        values = _top_up(model, line[2], line[3]) if line else dict.fromkeys(formulas, BLANK)
        for column, formula in formulas.items():
            sheet.formula(
                f"{column}{at}",
                f'=IF({of("kind")}="top-up",{formula},"")',
                values[column],
                _TOP_UP_HEADS[column][1],
            )
    last = first + layout.TOP_UPS - 1
    for light in LIGHTS:
        sheet.worksheet.conditional_formatting.add(
            f"S{first}:S{last}", style.light_rule(f'$S{first}="{light}"', light)
        )


def _top_up(model: Model, row: Value, gain: Value) -> dict[str, Value]:
    its = model.rows[int(row) - 1]
    assert isinstance(gain, float)
    return {
        "O": f"{its.text('symbol')} {its.text('side')}",
        "P": its.text("venue"),
        "Q": its.away,
        "R": gain * PER_DOLLARS,
        "S": its.light,
    }


# Concentration


_EACH: Final = {
    "notional": ("notional", "money"),
    "net_notional": ("net notional", "money"),
    "at_stake": ("at stake", "money"),
    "share": ("share of it", "percent"),
}
_OF_GROUP: Final = {
    "coin": {**_EACH, "fails_together": ("fails together", "money")},
    "venue": {**_EACH, "figure": ("positions", "count")},
}
# Where RF_EXPOSURE has them in its lines
_PLACE: Final = {"name": 1} | {
    name: at - 2 for at, name in enumerate(layout.EXPOSURE_COLUMNS) if name not in ("kind", "name")
}


def _add_concentration(sheet: Sheet, model: Model, kind: str, top: int, room: int) -> None:
    """What RF_EXPOSURE says of coins, or of venues, what is most at stake first."""
    figures = {"name": (kind, "text"), **_OF_GROUP[kind]}
    heads = dict(zip("BCDEFG", figures.values(), strict=True))
    _section(sheet, top, "B", "G", f"By {kind}")
    _heads(sheet, top + 1, heads)
    start, first = f"{kind}_start", top + 2
    for number in range(1, room + 1):
        line = model.exposure.line(kind, number)
        for letter, (name, (_, look)) in zip("BCDEFG", figures.items(), strict=True):
            sheet.formula(
                f"{letter}{first + number - 1}",
                f'=IF(INDEX(exposure_kind,{start}+{number})="{kind}",'
                f'INDEX(exposure_{name},{start}+{number}),"")',
                line[_PLACE[name]] if line else BLANK,
                look,
            )
    more = max(0, len(model.exposure.lines(kind)) - room)
    sheet.formula(
        f"E{top}",
        f'=IF(COUNTIF(exposure_kind,"{kind}")-1>{room},'
        f'COUNTIF(exposure_kind,"{kind}")-1-{room}&" more","")',
        f"{more} more" if more else BLANK,
        "section",
    )
    sheet.worksheet.conditional_formatting.add(
        f"F{first}:F{first + room - 1}",
        DataBarRule("num", 0, "num", 1, color=f"FF{style.AMBER}"),  # type: ignore[no-untyped-call]
    )
