"""The sheet Sizer: the trade on the left, the answers on the right, the verdict on top."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from openpyxl.workbook.defined_name import DefinedName

from ringfence_templates import style
from ringfence_templates.position_sizer import answers, checks, layout, told
from ringfence_templates.position_sizer.answers import Answer
from ringfence_templates.position_sizer.layout import CELL, INPUTS, SECTIONS
from ringfence_templates.position_sizer.look import money_rule
from ringfence_templates.position_sizer.workings import Workings
from ringfence_templates.sheet import Book, Sheet

_TOP: Final = layout.INPUTS_TOP
_LIGHT, _SENTENCE, _VERDICT = "F5:F7", "G5:I7", "F5:I7"
_ANSWERS_TOP: Final = 9
_TITLE_WIDTH: Final = "BCDEFGHI"


@dataclass(frozen=True, slots=True)
class _Placed:
    """An answer in its row."""

    row: int
    answer: Answer


def add_sizer(book: Book, its: Workings) -> None:
    """Add the sheet; its inputs are the names of the workbook."""
    sheet = book.sheet(layout.SIZER, tab_colour=style.NAVY)
    _add_heading(sheet, its)
    _add_inputs(book, sheet, its)
    _add_verdict(sheet, its)
    last = _add_answers(sheet, its)
    sheet.widths(A=2, B=19, C=14, D=33, E=3, F=13, G=16, H=16, I=60)
    sheet.worksheet.freeze_panes = f"A{_TOP}"
    sheet.print_set_up(f"A1:I{max(last, layout.LAST_ROW)}", one_page=True)


def add_title(sheet: Sheet, title: str, what: str, *, row: int, rows: int) -> None:
    """The title, and what the sheet shows: of which row, where the file had several."""
    sheet.put("B1", title, "title")
    sheet.worksheet.row_dimensions[1].height = 28
    where = f" Row {row} of the {rows} in the file." if rows > 1 else ""
    sheet.put("B2", f"{what}{where}", "subtitle")


def _add_heading(sheet: Sheet, its: Workings) -> None:
    trade = its.trade
    what = "One isolated position. The pale yellow cells are yours; everything else follows from"
    add_title(sheet, trade.title, f"{what} them.", row=trade.row, rows=trade.rows)
    put_in = f"Put in to start with, yours to change: {', '.join(trade.put_in)}. See Notes."
    sheet.put("B3", put_in if trade.put_in else None, "caption")


def _add_inputs(book: Book, sheet: Sheet, its: Workings) -> None:
    at = _TOP
    for title, section in SECTIONS.items():
        for column in "BCD":
            sheet.put(f"{column}{at}", None, "section")
        sheet.put(f"B{at}", title, "section")
        for each in section:
            at += 1
            sheet.put(f"B{at}", each.name, "text")
            sheet.put(f"C{at}", its.trade.given[each.name], each.look)
            sheet.put(f"D{at}", each.hint, "beside")
            if each.look == "input size":
                sheet.worksheet.conditional_formatting.add(
                    f"C{at}", style.whole_number_rule(style.LARGE_AND_WHOLE.format(f"C{at}"))
                )
        at += 2
    for name, cell in CELL.items():
        text = layout.absolute(layout.SIZER, cell)
        book.workbook.defined_names[name] = DefinedName(name, attr_text=text)
    for name, rule in checks.of_inputs(INPUTS.values()):
        rule.add(CELL[name])
        sheet.worksheet.add_data_validation(rule)


def _add_verdict(sheet: Sheet, its: Workings) -> None:
    for column in "FGHI":
        sheet.put(f"{column}{_TOP}", None, "section")
        for row in range(_TOP + 1, _TOP + 4):
            sheet.put(f"{column}{row}", None, "verdict")
    sheet.put(f"F{_TOP}", "Verdict", "section")
    light, sentence = answers.light(its), answers.sentence(its)
    sheet.formula("F5", f"={light.formula}", light.value, "verdict light")
    sheet.formula("G5", f"={sentence.formula}", sentence.value, "verdict")
    sheet.restyle(_LIGHT, "verdict light")
    for area in (_LIGHT, _SENTENCE):
        sheet.worksheet.merge_cells(area)
    for label in answers.LIGHTS:
        sheet.worksheet.conditional_formatting.add(
            _VERDICT, style.light_rule(f'$F$5="{label}"', label)
        )


def _placed(its: Workings) -> Iterator[tuple[int, str] | _Placed]:
    """Each heading and answer with its row."""
    row = _ANSWERS_TOP
    for title, section in answers.sections(its).items():
        yield row, title
        for answer in section:
            row += 1
            yield _Placed(row, answer)
        row += 2


def _add_answers(sheet: Sheet, its: Workings) -> int:
    """The answers; the last row of them."""
    last = _ANSWERS_TOP
    for place in _placed(its):
        if isinstance(place, tuple):
            row, title = place
            for column in "FGHI":
                sheet.put(f"{column}{row}", None, "section")
            sheet.put(f"F{row}", title, "section")
        else:
            last = place.row
            _add_answer(sheet, place.row, place.answer)
    return last


def _add_answer(sheet: Sheet, row: int, answer: Answer) -> None:
    sheet.put(f"F{row}", answer.label, "text")
    sheet.put(f"G{row}", None, "text")
    value = told.as_value(answer.shown.value)
    sheet.formula(f"H{row}", f"={answer.shown.formula}", value, answer.look)
    words = told.piece(answer.words)
    sheet.formula(f"I{row}", f"={words.formula}", words.value, "beside")
    rules = sheet.worksheet.conditional_formatting
    if answer.look == "coins":
        rules.add(f"H{row}", money_rule(f"$H${row}"))
    if answer.alarm:
        condition = answer.alarm.format(h=f"$H${row}")
        rules.add(
            f"H{row}:I{row}" if answer.loud else f"H{row}", style.light_rule(condition, "Red")
        )
