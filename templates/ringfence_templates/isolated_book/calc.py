"""The sheet Calc: RF_RISK over the whole table in one call, and what is derived from it."""

from collections.abc import Sequence
from typing import Final

from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.workbook.defined_name import DefinedName

from ringfence_addin.functions import RISK_COLUMNS
from ringfence_templates import ranking, style
from ringfence_templates.isolated_book import layout, what_if
from ringfence_templates.isolated_book.layout import BLOCK_LETTER as B
from ringfence_templates.isolated_book.layout import CALC_LETTER as C
from ringfence_templates.isolated_book.layout import CHART_LETTER as H
from ringfence_templates.isolated_book.model import INPUTS, Model, Row
from ringfence_templates.package import Value
from ringfence_templates.positions_sheet import AS_OF, of_row
from ringfence_templates.ranking import ALREADY, BLANK
from ringfence_templates.sheet import Book, Sheet

HEAD: Final = layout.CALC_HEAD
LAST_ROW: Final = "calc_last_row"
NO_ANSWER: Final = "error: RF_RISK gave no answer; is Ringfence running?"
_STYLES: Final = {
    "away": "percent",
    "mark_price": "price",
    "margin": "money",
    "notional": "money",
    "unrealized_pnl": "money",
    "left_to_lose": "money",
    "state": "text",
    "light": "text",
    "status": "text",
}
_WIDTHS: Final = {
    "sort_key": 15,
    "status": 22,
    "notional": 15,
    "unrealized_pnl": 15,
}


def add_calc(book: Book, model: Model) -> None:
    """Add the sheet, hidden, and the names calc_... and risk_... over its columns."""
    sheet = book.sheet(layout.CALC, tab_colour=style.GREY)
    sheet.worksheet.sheet_state = "hidden"  # nobody prints the workings with the book
    _add_heading(sheet, model)
    formulas = _formulas()
    for number, row in enumerate(model.padded(), 1):
        _add_row(sheet, formulas, number, row, model)
    _add_chart_figures(sheet, model)
    _add_answers(sheet, model)
    _add_block(sheet, model)
    _add_names(book, model)
    for name, letter in (*C.items(), *B.items()):
        sheet.worksheet.column_dimensions[letter].width = _WIDTHS.get(name, max(11, len(name) + 2))
    for letter in H.values():
        sheet.worksheet.column_dimensions[letter].width = 9
    sheet.worksheet.column_dimensions[H["position"]].width = 34
    sheet.worksheet.column_dimensions[B["status"]].width = 60
    sheet.worksheet.freeze_panes = f"B{HEAD + 1}"
    # No area: LibreOffice prints hidden sheets that have one, and only sheets that have one.
    sheet.print_set_up(None, repeat_rows=f"{HEAD}:{HEAD}")


def _add_heading(sheet: Sheet, model: Model) -> None:
    sheet.put("A1", "Calc", "title")
    sheet.put(
        "A2",
        "The workings: nothing to type here. One call of RF_RISK computes all positions; the"
        " columns on the left derive from it what the other sheets show.",
        "subtitle",
    )
    sheet.worksheet.row_dimensions[1].height = 28
    sheet.put("A3", "Last row in use", "text")
    sheet.formula("C3", "=SUMPRODUCT(MAX(calc_used*calc_row))", len(model.rows), "count")
    sheet.put("E3", "Shortest bar of the chart", "text")
    sheet.put("F3", None, "text")
    sheet.formula(
        layout.SHORTEST_BAR.replace("$", ""),
        f"=IF(COUNT(calc_away)=0,{_SHORTEST},MAX({_SHORTEST},"
        f"{_SHORTEST_SHARE}*MIN(1,SMALL(calc_away,MIN({layout.CHART_ROWS},COUNT(calc_away))))))",
        shortest_bar(threatened(model)),
        "percent",
    )
    for first, last, caption in (
        (C["row"], C["status"], "By row of the table Positions (names calc_...)"),
        (H["rank"], H["green"], "Bars of the chart"),
        (
            B["notional"],
            B["settle_price"],
            "RF_RISK of the whole table in one array formula (names risk_...); IF keeps it to the"
            " rows in use.",
        ),
    ):
        for column in range(column_index_from_string(first), column_index_from_string(last) + 1):
            sheet.put(f"{get_column_letter(column)}{HEAD - 1}", None, "section")
        sheet.put(f"{first}{HEAD - 1}", caption, "section")
    for name, letter in (*C.items(), *H.items()):
        sheet.put(f"{letter}{HEAD}", name, "column head")


def _formulas() -> dict[str, str]:
    """Each column's formula, with {r} for the sheet's row."""
    row = f"${C['row']}{{r}}"
    cell = {name: f"{letter}{{r}}" for name, letter in C.items()}
    risk = {name: f"{letter}{{r}}" for name, letter in B.items()}
    entry, mark = of_row("entry_price", row), of_row("mark_price", row)
    blank, none = f'{cell["state"]}=""', f'OR({cell["state"]}="",{cell["state"]}="error")'
    in_dollars = f'=IF(ISNUMBER({risk["settle_price"]}),{{figure}}*{risk["settle_price"]},"")'
    inputs_row = f"INDEX({layout.TABLE}[[{INPUTS[0]}]:[{INPUTS[-1]}]],{row},0)"
    return {
        "used": f"=IFERROR(IF(COUNTA({inputs_row})>0,1,0),0)",
        **ranking.formulas(cell, risk, row),
        "mark_price": f'=IF({none},"",IF(OR({mark}="",{mark}=0),{entry},{mark}))',
        "margin": in_dollars.replace("{figure}", risk["max_loss"]),
        "notional": in_dollars.replace("{figure}", risk["notional"]),
        "unrealized_pnl": in_dollars.replace("{figure}", risk["unrealized_pnl"]),
        # A box cannot lose more than it holds.
        "left_to_lose": in_dollars.replace("{figure}", f"MAX(0,{risk['margin_balance']})"),
        "light": (
            f'=IF({blank},"",IF({cell["state"]}="already","Liquidated",'
            f'IF({cell["state"]}="never","Never",IF({cell["state"]}="error","Error",'
            f"IF(OR({cell['away']}<{layout.RED_DISTANCE},"
            f'N({risk["margin_ratio"]})>={layout.RED_RATIO}),"Red",'
            f'IF({cell["away"]}<{layout.AMBER_DISTANCE},"Amber","Green"))))))'
        ),
        # A status from an array is no text to LibreOffice's MATCH and COUNTIF; &"" makes it one.
        "status": (
            f'=IF({cell["used"]}=0,"",IF({risk["status"]}="","{NO_ANSWER}",{risk["status"]}&""))'
        ),
    }


def _values(row: Row, model: Model) -> dict[str, Value]:
    return {
        "used": 1,
        "state": row.state,
        "away": row.away,
        "sort_key": row.sort_key,
        "rank": model.rank[row.number],
        "mark_price": row.mark_price,
        "margin": row.margin,
        "notional": row.notional,
        "unrealized_pnl": row.unrealized_pnl,
        "left_to_lose": row.left_to_lose,
        "light": row.light,
        "status": row.status,
    }


_SPARE: Final[dict[str, Value]] = {**dict.fromkeys(layout.CALC_COLUMNS, BLANK), "used": 0}


def _add_row(
    sheet: Sheet, formulas: dict[str, str], number: int, row: Row | None, model: Model
) -> None:
    at = HEAD + number
    sheet.put(f"{C['row']}{at}", number, "count")
    values = _SPARE if row is None else _values(row, model)
    for name, formula in formulas.items():
        look = _STYLES.get(name, "number")
        sheet.formula(f"{C[name]}{at}", formula.replace("{r}", str(at)), values[name], look)


def _add_block(sheet: Sheet, model: Model) -> None:
    last = HEAD + model.capacity
    inputs_table = f"{layout.TABLE}[[#All],[{INPUTS[0]}]:[{INPUTS[-1]}]]"
    spare: list[Value] = [BLANK] * len(RISK_COLUMNS)
    values: list[list[Value]] = [
        list(RISK_COLUMNS),
        *(
            spare if row is None else [row.risk[name] for name in RISK_COLUMNS]
            for row in model.padded()
        ),
    ]
    first_column, last_column = B[RISK_COLUMNS[0]], B[RISK_COLUMNS[-1]]
    # RF_RISK leaves out blank rows at the end; there Excel would show #N/A.
    first = f"${first_column}${HEAD}"
    rows = f"ROW({first}:${first_column}${last})-ROW({first})"
    sheet.array(
        f"{first_column}{HEAD}:{last_column}{last}",
        f'=IFERROR(IF({rows}<={LAST_ROW},RF_RISK({inputs_table},{AS_OF}),""),"")',
        values,
        "amount",
    )
    sheet.restyle(f"{first_column}{HEAD}:{last_column}{HEAD}", "column head")
    for name, look in _BLOCK_STYLES.items():
        sheet.restyle(f"{B[name]}{HEAD + 1}:{B[name]}{last}", look)


_BLOCK_STYLES: Final = {
    "liquidation_price": "price",
    "bankruptcy_price": "price",
    "liquidation_distance": "percent",
    "margin_ratio": "percent",
    "venue_margin_ratio": "number",
    "rule": "text",
    "status": "text",
    "contract_type": "text",
    "settle_currency": "text",
    "settle_price": "price",
}


def _add_chart_figures(sheet: Sheet, model: Model) -> None:
    bars = threatened(model)
    for rank in range(1, layout.CHART_ROWS + 1):
        row = bars[rank - 1] if rank <= len(bars) else None
        _add_bar(sheet, rank, row, shortest_bar(bars))


def _add_bar(sheet: Sheet, rank: int, row: Row | None, shortest: float) -> None:
    at = HEAD + rank
    number = f"${H['row']}{at}"
    sheet.put(f"{H['rank']}{at}", rank, "count")
    sheet.formula(
        number.replace("$", ""),
        f'=IF({H["rank"]}{at}<=COUNT(calc_away),MATCH({H["rank"]}{at},calc_rank,0),"")',
        BLANK if row is None else row.number,
        "count",
    )
    parts = '&" "&'.join(of_row(name, number) for name in ("symbol", "side"))
    past = f'IF(INDEX(calc_state,{number})="{ALREADY}","{_PAST}","")'
    sheet.formula(
        f"{H['position']}{at}",
        f'=IF({number}="","",{H["rank"]}{at}&"  "&{parts}&{past})',
        BLANK if row is None else bar_label(rank, row),
        "text",
    )
    length = f"MAX({layout.SHORTEST_BAR},MIN(INDEX(calc_away,{number}),1))"
    light = f"INDEX(calc_light,{number})"
    for bar, lights in BARS.items():
        wanted = ",".join(f'{light}="{name}"' for name in lights)
        sheet.formula(
            f"{H[bar]}{at}",
            f'=IF({number}="","",IF(OR({wanted}),{length},0))',
            BLANK if row is None else bar_length(row, shortest) if row.light in lights else 0,
            "percent",
        )


# A bar in one of three colours -> the lights it stands for
BARS: Final = {"red": ("Red", "Liquidated"), "amber": ("Amber",), "green": ("Green",)}


# A bar that can be seen, as a share of the longest, and where there is no other
_SHORTEST_SHARE, _SHORTEST = 0.02, 0.002
_PAST: Final = ": liquidated"


def threatened(model: Model) -> list[Row]:
    """The rows of the chart."""
    return [row for row in model.ranked if not isinstance(row.away, str)][: layout.CHART_ROWS]


def shortest_bar(bars: Sequence[Row]) -> float:
    """The length that every bar has at least, so that one without a distance can be seen."""
    longest = max((row.away for row in bars if not isinstance(row.away, str)), default=0.0)
    return max(_SHORTEST, _SHORTEST_SHARE * min(1.0, longest))


def bar_label(rank: int, row: Row) -> str:
    past = _PAST if row.state == ALREADY else ""
    return f"{rank}  {row.text('symbol')} {row.text('side')}{past}"


def bar_length(row: Row, shortest: float) -> float:
    """The distance as far as the chart shows it, to 100 %."""
    return 0.0 if isinstance(row.away, str) else max(shortest, min(row.away, 1.0))


def _add_answers(sheet: Sheet, model: Model) -> None:
    """The scalar formulas of What if, bare: there each is shown, or why it has no answer."""
    at = layout.ANSWERS_HEAD
    for letter in H.values():
        sheet.put(f"{letter}{at - 1}", None, "section")
    sheet.put(f"{H['rank']}{at - 1}", "Answers for the sheet What if", "section")
    for letter, head in zip(H.values(), ("", "", "formula", *what_if.BARE), strict=False):
        sheet.put(f"{letter}{at}", head or None, "column head")
    answers = what_if.answers(model)
    for number, name in enumerate(what_if.ANSWERS, 1):
        sheet.put(f"{H['position']}{at + number}", name, "text")
        for letter, column in zip((H["red"], H["amber"]), what_if.BARE.values(), strict=True):
            call = f"={what_if.call(name, column, abroad=True)}"
            sheet.formula(f"{letter}{at + number}", call, answers[name], "number")


def _add_names(book: Book, model: Model) -> None:
    book.workbook.defined_names[LAST_ROW] = DefinedName(LAST_ROW, attr_text=f"{layout.CALC}!$C$3")
    for prefix, letters in (("calc", C), ("risk", B)):
        for name, letter in letters.items():
            area = layout.body(letter, HEAD, model.capacity)
            title = f"{prefix}_{name}"
            book.workbook.defined_names[title] = DefinedName(
                title, attr_text=f"{layout.CALC}!{area}"
            )
