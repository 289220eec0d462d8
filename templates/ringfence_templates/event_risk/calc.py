"""The sheet Calc: every RF_ formula of the workbook, and the ranges they are asked about."""

from collections.abc import Sequence
from typing import Final

from openpyxl.workbook.defined_name import DefinedName

from ringfence.accounts import COLUMNS as ACCOUNT_COLUMNS
from ringfence.lookup import PARENT_HOUSE
from ringfence_addin.functions import RISK_COLUMNS, STRESS_COLUMNS
from ringfence_templates import style
from ringfence_templates.event_risk import boxes, crossed, events, frame, layout
from ringfence_templates.event_risk.layout import (
    ACCOUNTS_TABLE,
    BETA_INPUTS,
    COINS,
    COMMON_BLOCKS,
    EVENT_FIGURES,
    EVENT_INPUTS,
    EXPOSURE_COLUMNS,
    FACTS,
    HEAT,
    HEAT_COINS,
    JOINT_COLUMNS,
    MOVE_INPUTS,
    STEPS,
    TABLE,
    WARNING,
    Area,
)
from ringfence_templates.event_risk.model import LOWEST, OK, PAST, Model
from ringfence_templates.event_risk.scenarios import BETA_ROWS, EVENT_ROWS, HEAT_STEPS, MOVE_ROWS
from ringfence_templates.isolated_book.model import INPUTS
from ringfence_templates.package import Value
from ringfence_templates.positions_sheet import AS_OF, of_row
from ringfence_templates.sheet import Book, Sheet

NO_ANSWER: Final = "error: RF_RISK gave no answer; is Ringfence running?"
_POSITIONS: Final = f"{TABLE}[[#All],[{INPUTS[0]}]:[{INPUTS[-1]}]]"
_ACCOUNTS: Final = f"{ACCOUNTS_TABLE}[[#All],[{ACCOUNT_COLUMNS[0]}]:[{ACCOUNT_COLUMNS[-1]}]]"

_CAPTIONS: Final = {
    "rows": "Rows of the table Positions",
    "risk": "RF_RISK of the book",
    "cross": "The book in cross: on the left as some stay isolated, on the right with all in cross",
    "cross_trial": "Which can be held so",
    "wallets": "Wallets of the book in cross",
    "exposure": "RF_EXPOSURE",
    "event_moves": "Moves of the events; what is none is 0",
    "events": "RF_STRESS of the events",
    "cross_events": "The same in cross",
    "betas": "Betas",
    "joint": "RF_JOINT_SHOCK",
    "common_moves": "Market moves by beta, then the first failures",
    "common": "RF_STRESS of them",
    "cross_common": "The same in cross",
    "chart": "Lines of the charts",
    "heat_moves": "Margins",
    "heat": "RF_HEAT_MAP",
    "chosen_moves": "The shock of the sheet Boxes",
    "chosen": "RF_STRESS of it",
    "chosen_rows": "RF_STRESS_ROWS of it",
}
_WIDE: Final = {"status": 24.0, "rule": 20.0, "event": 30.0, "name": 20.0, "account": 18.0}


def add_calc(book: Book, model: Model) -> None:
    """Add the sheet, hidden, and the names over its columns that other sheets look up."""
    sheet = book.sheet(layout.CALC, tab_colour=style.GREY)
    sheet.worksheet.sheet_state = "hidden"  # nobody prints the workings with the book
    _Calc(sheet, model).add()
    status = model.areas["rows"].column("status")
    book.workbook.defined_names[layout.STATUS] = DefinedName(layout.STATUS, attr_text=status)
    sheet.worksheet.freeze_panes = f"B{layout.CALC_HEAD + 1}"
    # No area: LibreOffice prints hidden sheets that have one, and only sheets that have one.
    sheet.print_set_up(None)


class _Calc:
    """The sheet under construction: one method a block, in the order of the layout."""

    def __init__(self, sheet: Sheet, model: Model) -> None:
        self.sheet, self.model, self.areas = sheet, model, model.areas

    def add(self) -> None:
        self._heading()
        for name, area in self.areas.items():
            self._captions(name, area)
        self._rows()
        self._risk()
        self._cross()
        self._wallets()
        self._exposure()
        self._events()
        self._betas()
        self._common()
        self._chart()
        self._heat()
        self._chosen()

    # Heading

    def _heading(self) -> None:
        sheet, model = self.sheet, self.model
        sheet.put("A1", "Calc", "title")
        sheet.put(
            "A2",
            "The workings: nothing to type here. All RF_ formulas stand here, over ranges of"
            " Positions, Accounts and the blocks beside it.",
            "subtitle",
        )
        sheet.worksheet.row_dimensions[1].height = 28
        sheet.put("A4", "Warning", "text")
        sheet.formula(_plain(WARNING), self._warning(), frame.warning(model), "text")
        facts = {
            **events.facts(model),
            "chosen": (boxes.CHOSEN, boxes.chosen(model)),
            "twice": (self._twice(), frame.coins_twice(model)),
        }
        for name, label_at in zip(facts, ("A5", "D5", "G5", "J5"), strict=True):
            formula, value = facts[name]
            sheet.put(label_at, "coins twice" if name == "twice" else f"{name} event", "text")
            sheet.formula(_plain(FACTS[name]), formula, value, "count")
        sheet.put("M5", "no move", "text")
        sheet.put(_plain(FACTS["no move"]), 0, "count")
        # Programs that cannot calculate keep this text, but not what an array gave.
        sheet.put("P5", "answer", "text")
        answer = self.areas["events"].cell("event", 0, abroad=False)
        first = str(model.heads["events"][0])
        sheet.formula(_plain(FACTS["answer"]), f'={answer}&""', first, "text")

    def _warning(self) -> str:
        answer = FACTS["answer"]
        uncounted = self.areas["exposure"].cell(frame.FIGURE, frame.NOT_COUNTED_ROW, abroad=False)
        errors = f'SUMPRODUCT(--(LEFT({layout.STATUS},5)="error"))'
        longer = (
            f"OR(ROWS({TABLE}[venue])>{self.model.capacity},"
            f"ROWS({ACCOUNTS_TABLE}[venue])>{self.model.account_capacity})"
        )
        return (
            f'=IF({longer},"{frame.TOO_LONG}",IF(LEFT({answer},5)="error",{answer},'
            f'IF({answer}="","{frame.NO_ANSWER}",IF({FACTS["twice"]}>0,"{frame.TWICE}",'
            f'IF({errors}>0,{errors}&"{frame.NOT_COMPUTED}",'
            f'IF(N({uncounted})>0,N({uncounted})&"{frame.NO_DOLLARS}",""))))))'
        )

    def _twice(self) -> str:
        """How many columns of Events are headed by a coin that has one already."""
        first, last = COINS[0], COINS[-1]
        given = f"{EVENT_INPUTS.cell(first, 0)}:{EVENT_INPUTS.at(last, 0)}"
        area = self.areas["event_moves"]
        kept = f"{area.at(first, 0)}:{area.at(last, 0)}"
        counted = [f"SUMPRODUCT(--(LEN(TRIM({cells}))>0))" for cells in (given, kept)]
        return f"={counted[0]}-{counted[1]}"

    def _captions(self, name: str, area: Area) -> None:
        for column in area.names:
            letter = area.letter(column)
            self.sheet.put(f"{letter}{area.head - 1}", None, "section")
            width = _WIDE.get(column, max(11.0, len(column) + 2.0))
            self.sheet.worksheet.column_dimensions[letter].width = width
        self.sheet.put(f"{area.letter(area.names[0])}{area.head - 1}", _CAPTIONS[name], "section")

    # Blocks

    def _answer(
        self, name: str, call: str, columns: Sequence[str], *, up_to: str | None = None
    ) -> None:
        """An RF_ formula over an area's columns and header.

        ``up_to``: the block always has as many rows as its first column, whatever the formula
        returns; beyond that Excel would show #N/A.
        """
        area, model = self.areas[name], self.model
        values: list[list[Value]] = [
            [model.value(name, column, row) for column in columns] for row in range(area.rows + 1)
        ]
        padded = call
        if up_to:
            first = area.cell(columns[0], 0, abroad=False)
            column = f"{first}:{area.cell(columns[0], area.rows, abroad=False)}"
            padded = f'IF(ROW({column})-ROW({first})<={up_to},{call},"")'
        self.sheet.array(
            area.area(columns[0], columns[-1]), f'=IFERROR({padded},"")', values, "amount"
        )
        head = f"{area.at(columns[0], 0)}:{area.at(columns[-1], 0)}"
        self.sheet.restyle(head, "column head")

    def _head(self, area: Area, heads: Sequence[str], columns: Sequence[str]) -> None:
        for column, head in zip(columns, heads, strict=True):
            self.sheet.put(area.at(column, 0), head, "column head")

    def _cell(self, name: str, column: str, row: int, formula: str, look: str = "amount") -> None:
        value = self.model.value(name, column, row)
        self.sheet.formula(self.areas[name].at(column, row), formula, value, look)

    def _rows(self) -> None:
        area, risk, cross = (self.areas[name] for name in ("rows", "risk", "cross"))
        self._head(area, area.names, area.names)
        for row in range(1, area.rows + 1):
            its = {name: area.cell(name, row, abroad=False) for name in area.names}
            said, settle = (
                risk.cell(name, row, abroad=False) for name in ("status", "settle_currency")
            )
            account, mode = (of_row(name, str(row)) for name in ("account", "margin_mode"))
            venue = cross.cell("venue", row, abroad=False)
            given = f"INDEX({TABLE}[[{INPUTS[0]}]:[{INPUTS[-1]}]],{row},0)"
            theirs = f"INDEX({ACCOUNTS_TABLE}[account],MATCH({venue},{ACCOUNTS_TABLE}[venue],0))"
            house = venue
            for name, parent in PARENT_HOUSE.items():
                house = f'IF({venue}="{name}","{parent}",{house})'
            houses = f"({ACCOUNTS_TABLE}[venue]={venue})+({ACCOUNTS_TABLE}[venue]={house})"
            listed = f'SUMPRODUCT(({ACCOUNTS_TABLE}[account]&""={its["account"]})*({houses}))>0'
            self.sheet.put(area.at("row", row), row, "count")
            # A status from an array is no text to LibreOffice's functions; &"" makes it one.
            formulas = {
                "used": f"=IFERROR(IF(COUNTA({given})>0,1,0),0)",
                "status": f'=IF({its["used"]}=0,"",IF({said}="","{NO_ANSWER}",{said}&""))',
                "good": f'=IF(AND({its["status"]}<>"",LEFT({its["status"]},5)<>"error"),1,0)',
                "was_cross": f'=IF({its["good"]}=1,IF(LEFT({mode},5)="cross",1,0),0)',
                "account": f'=IF({its["good"]}=0,"",IF({account}<>"",{account}&"",'
                f"IFERROR(IF(SUMPRODUCT(({ACCOUNTS_TABLE}[venue]={venue})*({ACCOUNTS_TABLE}[account]"
                f'<>{theirs}&""))=0,{theirs}&"",""),"")))',
                "settle": f'=IF({its["good"]}=0,"",{settle}&"")',
                "own_wallet": f"=IF(AND({its['good']}=1,{its['was_cross']}=0),IF({listed},0,1),0)",
            }
            for name, formula in formulas.items():
                look = "text" if name in ("status", "account", "settle") else "count"
                self._cell("rows", name, row, formula, look)

    def _risk(self) -> None:
        self._answer(
            "risk",
            f"RF_RISK({_POSITIONS},{AS_OF},{_ACCOUNTS})",
            RISK_COLUMNS,
            up_to=_last_row(self.areas["rows"]),
        )

    def _cross(self) -> None:
        area, rows, trial = (self.areas[name] for name in ("cross", "rows", "cross_trial"))
        self._head(area, crossed.HEAD, area.names)
        good = rows.column("good", abroad=False)
        for first, last in COMMON_BLOCKS:
            names = area.names[area.names.index(first) : area.names.index(last) + 1]
            source = f"{TABLE}[[{first}]:[{last}]]"
            self.sheet.array(
                area.area(first, last, body=True),
                f'=IFERROR(IF({good}=1,IF({source}="","",{source}),""),"")',
                [
                    [self.model.value("cross", name, row) for name in names]
                    for row in range(1, area.rows + 1)
                ],
                "amount",
            )
        for row in range(1, area.rows + 1):
            is_good = f"{rows.cell('good', row, abroad=False)}=1"
            outcome = f'{trial.cell("outcome", row, abroad=False)}&""'
            can = ",".join(f'{outcome}="{word}"' for word in crossed.OUTCOMES)
            was = f"{rows.cell('was_cross', row, abroad=False)}=1"
            mode = area.cell("margin_mode", row, abroad=False)
            margin = of_row("isolated_margin", str(row))
            formulas = {
                "account": f"={rows.cell('account', row, abroad=False)}",
                "all_cross": f'=IF({is_good},"cross","")',
                "margin_mode": f'=IF({is_good},IF(OR({can},{was}),"cross","isolated"),"")',
                "isolated_margin": f'=IF({mode}="isolated",IF({margin}="","",{margin}),"")',
            }
            for name, formula in formulas.items():
                self._cell("cross", name, row, formula, "text")
        wallets = self._cross_wallets()
        self._answer(
            "cross_trial",
            # LibreOffice takes a cell for the moves, but no number
            f"RF_STRESS_ROWS({area.block('venue', 'all_cross', abroad=False)},{FACTS['no move']},"
            f"{wallets},{AS_OF})",
            trial.names,
            up_to=_last_row(rows, "good"),  # blank rows at the end have no answer
        )

    def _cross_wallets(self) -> str:
        return self.areas["wallets"].block(ACCOUNT_COLUMNS[0], ACCOUNT_COLUMNS[-1], abroad=False)

    def _wallets(self) -> None:
        area, rows, risk = (self.areas[name] for name in ("wallets", "rows", "risk"))
        self._head(area, area.names, area.names)
        own, names = (rows.column(name, abroad=False) for name in ("own_wallet", "account"))
        venues = self.areas["cross"].column("venue", abroad=False)
        for row in range(1, self.model.account_capacity + 1):
            given = {name: f"INDEX({ACCOUNTS_TABLE}[{name}],{row})" for name in ACCOUNT_COLUMNS}
            passed = area.cell("passed_on", row, abroad=False)
            self._cell(
                "wallets",
                "passed_on",
                row,
                f'=IFERROR(IF({given["venue"]}="",0,1),0)',
                "count",
            )
            for name in ACCOUNT_COLUMNS:
                formula = f'=IF({passed}=1,IF({given[name]}="","",{given[name]}),"")'
                self._cell("wallets", name, row, formula, "text")
        numbers, settles = (rows.column(name, abroad=False) for name in ("row", "settle"))
        margins = risk.column("max_loss", abroad=False)
        for number in range(1, self.model.capacity + 1):
            row = self.model.account_capacity + number
            its = {name: rows.cell(name, number, abroad=False) for name in rows.names}
            venue = self.areas["cross"].cell("venue", number, abroad=False)
            together = (
                f"{own}*({names}={its['account']})*({venues}={venue})*({settles}={its['settle']})"
            )
            passed = area.cell("passed_on", row, abroad=False)
            self._cell(  # one row a wallet
                "wallets",
                "passed_on",
                row,
                f"=IF({its['own_wallet']}=1,"
                f"IF(SUMPRODUCT({together}*({numbers}<{number}))=0,1,0),0)",
                "count",
            )
            sources = {
                "account": its["account"],
                "venue": venue,
                "wallet_balance": f"SUMPRODUCT({together},{margins})",
                "currency": its["settle"],
            }
            for name, source in sources.items():
                self._cell("wallets", name, row, f'=IF({passed}=1,{source},"")', "text")

    def _exposure(self) -> None:
        area = self.areas["exposure"]
        self._answer(
            "exposure",
            f"RF_EXPOSURE({_POSITIONS},{_ACCOUNTS},0,{AS_OF})",
            EXPOSURE_COLUMNS,
            up_to=str(area.rows),
        )
        for helper, source in (("its_section", "section"), ("its_name", "name")):
            self.sheet.put(area.at(helper, 0), helper, "column head")
            for row in range(1, area.rows + 1):
                formula = f'={area.cell(source, row, abroad=False)}&""'
                self._cell("exposure", helper, row, formula, "text")

    def _events(self) -> None:
        area = self.areas["event_moves"]
        self.sheet.put(area.at("event", 0), "event", "column head")
        for at, coin in enumerate(COINS):
            head = f"UPPER(TRIM({EVENT_INPUTS.cell(coin, 0)}))"
            if at:  # the first of a coin's columns counts
                before = (area.cell(name, 0, abroad=False) for name in (COINS[0], COINS[at - 1]))
                head = f'IF(SUMPRODUCT(--({":".join(before)}={head}))>0,"",{head})'
            self._cell("event_moves", coin, 0, f"={head}", "column head")
        for row in range(1, EVENT_ROWS + 1):
            self._cell(
                "event_moves", "event", row, f'={EVENT_INPUTS.cell("event", row)}&""', "text"
            )
            for coin in COINS:
                self._cell(
                    "event_moves", coin, row, _cleaned(EVENT_INPUTS.cell(coin, row)), "percent"
                )
        moves = area.block(abroad=False)
        self._answer("events", self._stress(moves), STRESS_COLUMNS)
        self._answer("cross_events", self._stress(moves, in_cross=True), STRESS_COLUMNS)
        stressed = self.areas["events"]
        self.sheet.put(stressed.at("failures", 0), "failures", "column head")
        for row in range(1, EVENT_ROWS + 1):
            counts = "+".join(
                f"N({stressed.cell(name, row, abroad=False)})"
                for name in ("boxes_failed", "pools_failed")
            )
            check = EVENT_FIGURES.cell("check", row)
            self._cell("events", "failures", row, f'=IF({check}="{OK}",{counts},"")', "count")

    def _stress(self, moves: str, *, in_cross: bool = False) -> str:
        if not in_cross:
            return f"RF_STRESS({_POSITIONS},{moves},{_ACCOUNTS},{AS_OF})"
        book = self.areas["cross"].block("margin_mode", "account", abroad=False)
        return f"RF_STRESS({book},{moves},{self._cross_wallets()},{AS_OF})"

    def _betas(self) -> None:
        area = self.areas["betas"]
        self._head(area, area.names, area.names)
        for row in range(1, BETA_ROWS + 1):
            coin, beta = (BETA_INPUTS.cell(name, row) for name in ("coin", "beta"))
            self._cell("betas", "coin", row, f"=UPPER(TRIM({coin}))", "text")
            mine = area.cell("coin", row, abroad=False)
            self._cell(
                "betas", "beta", row, f'=IF({mine}="","",IF(ISNUMBER({beta}),{beta},1))', "number"
            )
        self._answer(
            "joint",
            f"RF_JOINT_SHOCK({_POSITIONS},{area.block(abroad=False)},{_ACCOUNTS},{AS_OF})",
            JOINT_COLUMNS,
        )

    def _common(self) -> None:
        area, betas, joint = (self.areas[name] for name in ("common_moves", "betas", "joint"))
        for at, name in enumerate(area.names, 1):
            coin, beta = (betas.cell(which, at, abroad=False) for which in ("coin", "beta"))
            self._cell("common_moves", name, 0, f"={coin}", "column head")
            for row in range(1, MOVE_ROWS + 3):
                if row <= MOVE_ROWS:
                    move = _cleaned(MOVE_INPUTS.cell("move", row)).removeprefix("=")
                else:
                    first = joint.cell("move", row - MOVE_ROWS, abroad=False)
                    move = f"N({first})*{PAST!r}"
                self._cell("common_moves", name, row, f"=MAX({LOWEST},{move}*N({beta}))", "percent")
        moves = area.block(abroad=False)
        for name, in_cross in (("common", False), ("cross_common", True)):
            self._answer(name, self._stress(moves, in_cross=in_cross), STRESS_COLUMNS)

    def _chart(self) -> None:
        area, joint = self.areas["chart"], self.areas["joint"]
        self._head(area, area.names, area.names)
        inputs = MOVE_INPUTS.column("move")
        for row in range(1, MOVE_ROWS + 3):
            if row <= MOVE_ROWS:
                move = MOVE_INPUTS.cell("move", row)
                seen = f"ISNUMBER({move})"
            else:
                move = joint.cell("move", row - MOVE_ROWS, abroad=False)
                seen = (
                    f"IF(AND(ISNUMBER({move}),COUNT({inputs})>0),"
                    f"AND({move}>=MIN({inputs}),{move}<=MAX({inputs})),FALSE)"
                )
            self._cell("chart", "move", row, f"=N({move})", "percent")
            for name, source in (("isolated", "common"), ("cross", "cross_common")):
                left = self.areas[source].cell("left", row, abroad=False)
                self._cell(
                    "chart", name, row, f"=IF(AND({seen},ISNUMBER({left})),{left},NA())", "money"
                )

    def _heat(self) -> None:
        area = self.areas["heat_moves"]
        self._head(area, area.names, area.names)
        for row in range(1, HEAT_STEPS + 1):
            margins = {"rows": HEAT.cell("move", row), "columns": HEAT.cell(STEPS[row - 1], 0)}
            for name, cell in margins.items():
                self._cell("heat_moves", name, row, _cleaned(cell), "percent")
        down, across = (area.column(name, abroad=False) for name in area.names)
        one, two = HEAT_COINS
        self._answer(
            "heat",
            f"RF_HEAT_MAP({_POSITIONS},{one},{down},{two},{across},{_ACCOUNTS},{AS_OF})",
            self.areas["heat"].names,
        )

    def _chosen(self) -> None:
        area, source = self.areas["chosen_moves"], self.areas["event_moves"]
        number = FACTS["chosen"]
        self.sheet.put(area.at("event", 0), "event", "column head")
        self._cell("chosen_moves", "event", 1, boxes.chosen_name(number), "text")
        for coin in COINS:
            head = source.cell(coin, 0, abroad=False)
            self._cell("chosen_moves", coin, 0, f"={head}", "column head")
            moves = source.column(coin, abroad=False)
            formula = boxes.chosen_move(number, moves, LOWEST)
            self._cell("chosen_moves", coin, 1, formula, "percent")
        moves = area.block(abroad=False)
        self._answer("chosen", self._stress(moves), STRESS_COLUMNS)
        rows = self.areas["chosen_rows"]
        self._answer(
            "chosen_rows",
            f"RF_STRESS_ROWS({_POSITIONS},{moves},{_ACCOUNTS},{AS_OF})",
            rows.names,
            up_to=_last_row(self.areas["rows"]),
        )


def _last_row(rows: Area, which: str = "used") -> str:
    """The number of the table's last row that is in use, or good."""
    chosen, numbers = (rows.column(name, abroad=False) for name in (which, "row"))
    return f"SUMPRODUCT(MAX({chosen}*{numbers}))"


def _cleaned(cell: str) -> str:
    """A move's cell as a number: what is none, or not above -1, is 0."""
    return f"=IFERROR(IF(N({cell})>-1,N({cell}),0),0)"


def _plain(cell: str) -> str:
    return cell.replace("$", "")
