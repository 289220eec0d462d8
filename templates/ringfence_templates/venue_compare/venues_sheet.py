"""The sheet Venues: the contract at each venue, and what of it a person knows better."""

from typing import Final

from openpyxl.worksheet.datavalidation import DataValidation

from ringfence import inputs
from ringfence_templates import entry, style
from ringfence_templates.position_sizer import told
from ringfence_templates.position_sizer.told import BLANK, equal, every, guarded, is_number, when
from ringfence_templates.sheet import Book, Sheet
from ringfence_templates.venue_compare import layout, pieces
from ringfence_templates.venue_compare.blocks import FED, FOUND, JUDGED, Workings
from ringfence_templates.venue_compare.layout import HOUSES, OF_VENUE, ROWS
from ringfence_templates.venue_compare.layout import VENUES_HEAD as HEAD

_LOOKS: Final = {
    "compare": "input choice",
    "symbol": "input text",
    "contract_type": "input choice",
    "contract_size": "input size",
    "mmr": "input number",
    "maintenance_amount": "input size",
    "taker_fee_rate": "input number",
}
_WIDTHS: Final = (17, 14, 21, 10, 21, 15, 15, 10, 21, 16, 15, 80)
_ASKED: Final = {
    "compare": "no leaves the venue out. Blank: yes.",
    "contract_type": "Blank: linear. Inverse: the margin is held in the coin.",
}


def add_venues(book: Book, its: Workings) -> None:
    """Add the sheet."""
    sheet = book.sheet(layout.VENUES, tab_colour=style.INPUT_INK)
    sheet.put("A1", "Venues", "title")
    sheet.worksheet.row_dimensions[1].height = 28
    sheet.put(
        "A2",
        "The coin's main perpetual at each venue, as far as it is on file. The pale yellow cells"
        " are yours; a blank one takes the venue's own.",
        "subtitle",
    )
    sheet.put(f"D{HEAD - 1}", "Yours: another contract, your own rates and fees", "caption")
    heads = {"A": "check", "B": "venue", "C": "on file", **dict.fromkeys("KL", "")}
    heads |= {letter: name for name, letter in OF_VENUE.items()}
    heads |= {"K": "contracts", "L": "status"}
    for letter, head in heads.items():
        optional = " optional" if letter in OF_VENUE.values() else ""
        right = " right" if head in inputs.NUMBERS or head == "contracts" else ""
        sheet.put(f"{letter}{HEAD}", head, f"column head{optional}{right}")
    sheet.worksheet.row_dimensions[HEAD].height = 20
    for at in range(ROWS):
        _add_row(sheet, its, at)
    _add_checks(sheet)
    last = HEAD + ROWS
    sheet.widths(**dict(zip("ABCDEFGHIJKL", _WIDTHS, strict=True)))
    sheet.worksheet.freeze_panes = f"C{HEAD + 1}"
    sheet.print_set_up(f"A1:L{last}", repeat_rows=f"{HEAD}:{HEAD}", one_page=True)


def _add_row(sheet: Sheet, its: Workings, at: int) -> None:
    row = HEAD + 1 + at
    main = pieces.index(
        "cat_symbol", its.cell(FOUND, "place", at), [one.symbol for one in its.listed]
    )
    used = when(equal(its.cell(FOUND, "place", at), ""), "none", guarded(main, "none"))
    check, remark = its.cell(JUDGED, "check", at), its.cell(JUDGED, "remark", at)
    fine = every(equal(check, "ok"), equal(remark, ""))
    contracts = its.cell(FED, "size", at)
    for letter, piece, look in (
        ("A", pieces.text(check), "text"),
        ("C", used, "text"),
        ("K", when(is_number(contracts), contracts, BLANK), "quantity"),
        ("L", when(fine, "ok", pieces.text(remark)), "remark"),
    ):
        sheet.formula(f"{letter}{row}", f"={piece.formula}", told.as_value(piece.value), look)
    sheet.put(f"B{row}", HOUSES[at], "text")
    typed = its.trade.typed.get(HOUSES[at], {})
    for name, letter in OF_VENUE.items():
        sheet.put(f"{letter}{row}", typed.get(name), _LOOKS[name])


def _add_checks(sheet: Sheet) -> None:
    first, last = HEAD + 1, HEAD + ROWS

    def area(name: str) -> str:
        return f"{OF_VENUE[name]}{first}:{OF_VENUE[name]}{last}"

    for name in OF_VENUE:
        if name in inputs.NUMBERS:
            entry.add_number(sheet, area(name), inputs.NUMBERS[name])
    for name, words in (("compare", "yes,no"), ("contract_type", "linear,inverse")):
        rule = DataValidation("list", formula1=f'"{words}"', allow_blank=True)
        rule.errorTitle = rule.promptTitle = name
        rule.error = rule.prompt = _ASKED[name]
        rule.showErrorMessage = rule.showInputMessage = True
        rule.add(area(name))
        sheet.worksheet.add_data_validation(rule)
    rules = sheet.worksheet.conditional_formatting
    rules.add(f"A{first}:A{last}", style.light_rule(f'LEFT($A{first},3)="fix"', "Error"))
    rules.add(f"A{first}:A{last}", style.light_rule(f'$A{first}="ok"', "Green"))
    rules.add(f"A{first}:A{last}", style.light_rule(f'$A{first}="no contract"', "Never"))
    for name in ("contract_size", "maintenance_amount"):
        cell = f"{OF_VENUE[name]}{first}"
        rules.add(area(name), style.whole_number_rule(style.LARGE_AND_WHOLE.format(cell)))
