"""The template isolated_book as a file: structure, stored values, print set-up, hostile text."""

from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from openpyxl.workbook import Workbook

import ringfence
from ringfence import inputs, venues
from ringfence.book import assess_table
from ringfence.lookup import forget
from ringfence.summary import summarise
from ringfence_templates import fill, style
from ringfence_templates.__main__ import SAMPLE_DAY, sample_book
from ringfence_templates.isolated_book.layout import CALC_HEAD, CHART_LETTER, CHART_ROWS
from ringfence_templates.isolated_book.model import INPUTS
from ringfence_templates.isolated_book.positions import SHEET
from ringfence_templates.positions_sheet import HEAD
from templates import stored
from templates.stored import HOSTILE, MAIN, formulas, hostile_positions, load, parts

SHIPPED = Path(__file__).parents[2] / "templates" / "isolated_book.xlsx"
SHEETS = ["Positions", "Risk", "Dashboard", "What if", "Notes", "Calc"]


built = partial(stored.built, "isolated_book")


def repeated(rows: int) -> pd.DataFrame:
    sample = sample_book()
    return pd.concat([sample] * (rows // len(sample) + 1), ignore_index=True).head(rows)


@pytest.fixture(scope="module")
def shipped() -> Workbook:
    return load(SHIPPED)


# The shipped file


def test_every_part_is_declared_and_related() -> None:
    content = parts(SHIPPED)
    declared = content["[Content_Types].xml"]
    for name in content:
        if name.endswith(".xml") and name != "[Content_Types].xml":
            assert f'PartName="/{name}"' in declared or name.endswith(".rels"), name
    assert 'Target="metadata.xml"' in content["xl/_rels/workbook.xml.rels"]


def test_the_sample_is_a_believable_book() -> None:
    sample = sample_book()
    risk = ringfence.evaluate(sample, as_of=SAMPLE_DAY)
    distance = risk["liquidation_distance"]
    assert set(sample["venue"]) == {"binance", "binance_coinm", "bybit", "okx", "hyperliquid"}
    assert set(sample["side"]) == {"long", "short"}
    assert set(sample["contract_type"]) == {"linear", "inverse"}
    assert (sample["mark_price"] != sample["entry_price"]).all()
    assert not risk["status"].str.startswith("error").any()
    assert (risk["status"] == "never liquidated").sum() == 1
    assert distance.between(0.03, 0.08).sum() >= 4
    assert distance.between(0.2, 0.6).sum() >= 3
    assert distance.min() > 0.01


# Formulas and their values


def test_values_have_the_type_they_show(tmp_path: Path) -> None:
    book = load(built(tmp_path), data_only=True)
    assert book["Dashboard"]["B5"].value == pytest.approx(362_395.7, rel=1e-3)
    assert book["Risk"]["B7"].value == "Red"
    assert book["Risk"]["I24"].value == "never"
    for row in book["Calc"].iter_rows(min_row=6):
        assert not [cell.coordinate for cell in row if cell.data_type == "e"]


def test_stored_totals_are_those_of_the_core(tmp_path: Path) -> None:
    positions = sample_book().astype(object)
    positions.loc[3, "symbol"] = "NOSUCHUSDT"
    positions.loc[0, "mark_price"] = 90_000
    board = load(built(tmp_path, positions), data_only=True)["Dashboard"]
    figures = summarise(assess_table(positions, as_of=SAMPLE_DAY))
    assert board["E10"].value == board["E11"].value == pytest.approx(figures.margin)
    assert board["E12"].value == pytest.approx(figures.unrealized_pnl)
    assert board["E14"].value == pytest.approx(figures.notional)
    assert board["E16"].value == figures.positions
    assert board["E17"].value == figures.not_counted == 1
    shares = [board[f"J{row}"].value for row in (11, 12, 13)]
    assert shares == pytest.approx(list(figures.share_within.values()))
    lights = {board[f"L{row}"].value: board[f"M{row}"].value for row in range(10, 16)}
    assert lights["Liquidated"] == figures.already_liquidated == 1
    assert lights["Error"] == figures.errors == 1
    assert "1 of the rows" in board["B3"].value


def test_what_if_agrees_with_rf_risk(tmp_path: Path) -> None:
    sheet = load(built(tmp_path), data_only=True)["What if"]
    for row in range(27, 33):
        figures = [sheet[f"{column}{row}"].value for column in "CDE"]
        assert figures == pytest.approx([figures[0]] * 3, rel=1e-12)


def test_rf_risk_is_called_once(tmp_path: Path) -> None:
    texts = [text for *_, text in formulas(built(tmp_path, host="calc"))]
    assert sum("RF_RISK(" in text for text in texts) == 1


def test_a_bankrupt_box_is_not_paid_by_the_others(tmp_path: Path) -> None:
    positions = sample_book().iloc[[0, 2, 6]].reset_index(drop=True)  # two linear, one inverse
    positions.loc[0, "mark_price"] = 90_000.0
    book = assess_table(positions, as_of=SAMPLE_DAY)
    balance = book.risk["margin_balance"] * book.settle_price
    assert balance[0] < -10_000
    assert min(balance[1:]) > 0
    board = load(built(tmp_path, positions), data_only=True)["Dashboard"]
    assert board["E13"].value == pytest.approx(balance[1] + balance[2])
    notional = (book.risk["notional"] * book.settle_price).sum()
    assert board["E15"].value == pytest.approx(notional / (balance[1] + balance[2]))


def test_with_nothing_left_there_is_no_multiple(tmp_path: Path) -> None:
    positions = sample_book().head(1)
    positions["mark_price"] = 90_000.0
    board = load(built(tmp_path, positions), data_only=True)["Dashboard"]
    assert board["E13"].value == 0
    assert not board["E15"].value


def test_what_is_already_liquidated_is_said_and_drawn(tmp_path: Path) -> None:
    positions = sample_book()
    positions.loc[2, "mark_price"] *= 0.9
    path = built(tmp_path, positions)
    board = load(path, data_only=True)["Dashboard"]
    assert board["E5"].value == "already liquidated"
    assert board["E6"].value == "ETHUSDT long binance"
    (rules,) = [a.rules for a in load(path)["Dashboard"].conditional_formatting if "E5" in a]
    assert rules[0].formula == ['$E$5="already liquidated"']
    assert rules[0].dxf.font.color.rgb.endswith(style.RED)
    calc = load(path, data_only=True)["Calc"]
    bars = [
        {name: calc[f"{letter}{CALC_HEAD + at}"].value for name, letter in CHART_LETTER.items()}
        for at in range(1, CHART_ROWS + 1)
    ]
    assert bars[0]["position"] == "1  ETHUSDT long: liquidated"
    longest = max(bar[colour] for bar in bars for colour in ("red", "amber", "green"))
    assert bars[0]["red"] == pytest.approx(longest / 50)
    assert bars[1]["red"] > bars[0]["red"]


# Structure


def test_calc_is_the_last_sheet_and_hidden(shipped: Workbook) -> None:
    assert {sheet.title: sheet.sheet_state for sheet in shipped} == {
        **dict.fromkeys(SHEETS, "visible"),
        "Calc": "hidden",
    }
    notes = [row[2] or "" for row in shipped["Notes"].iter_rows(values_only=True)]
    assert any("Unhide" in text for text in notes)


def test_figures_and_their_heads_are_on_one_side(shipped: Workbook) -> None:
    sheet = shipped["Positions"]
    assert sheet.tables["Positions"].autoFilter is None
    for name in SHEET.columns:
        head, cell = (sheet[f"{SHEET.letter[name]}{HEAD + more}"] for more in (0, 1))
        assert head.alignment.horizontal == cell.alignment.horizontal, name


def test_notes_tell_every_rule_in_force(shipped: Workbook) -> None:
    rows = list(shipped["Notes"].iter_rows(values_only=True))
    for venue in venues.names():
        start = next(at for at, row in enumerate(rows) if row[1] == venue and row[10] is not None)
        rules = venues.in_force(venue, SAMPLE_DAY)
        assert [row[2] for row in rows[start : start + len(rules)]] == [
            rule.product.replace("Ⓢ", "S") for rule in rules
        ]


def test_damaged_tiers_are_said_and_the_notes_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RINGFENCE_DATA", str(tmp_path))
    (tmp_path / "tiers").mkdir()
    (tmp_path / "tiers" / "okx.json").write_text("{}")
    forget()
    try:
        notes = load(built(tmp_path))["Notes"]
    finally:
        monkeypatch.undo()
        forget()
    texts = [cell.value for row in notes.iter_rows() for cell in row if cell.value]
    assert any("okx" in str(text) and "damaged" in str(text) for text in texts)


def test_lights_are_those_of_the_report(shipped: Workbook) -> None:
    assert [shipped["Risk"][at].value for at in ("B4", "D4", "H4")] == [0.05, 0.20, 0.8]


def test_sheets_and_names(shipped: Workbook) -> None:
    assert shipped.sheetnames == SHEETS
    assert shipped.active.title == "Dashboard"
    names = shipped.defined_names
    for name in ("as_of", "red_distance", "amber_distance", "red_ratio"):
        ((sheet, at),) = names[name].destinations
        assert at.replace("$", "").isalnum()
        assert sheet in SHEETS
    assert {f"risk_{name}" for name in ringfence.Risk._fields} <= set(names)
    assert not shipped.calculation.fullCalcOnLoad  # the stored values are to be seen


def test_the_table_and_its_columns(shipped: Workbook) -> None:
    table = shipped["Positions"].tables["Positions"]
    rows = len(sample_book()) + 20
    assert table.ref == f"A{HEAD}:S{HEAD + rows}"
    assert table.column_names == list(SHEET.columns)
    assert set(INPUTS) == set(inputs.COLUMNS)
    heads = [shipped["Positions"].cell(HEAD, at).value for at in range(1, len(SHEET.columns) + 1)]
    assert heads == list(SHEET.columns)
    calculated = {c.name: c.calculatedColumnFormula for c in table.tableColumns}
    for name in ("check", "status"):
        formula = calculated[name].attr_text
        assert formula == str(shipped["Positions"][f"{SHEET.letter[name]}{HEAD + 1}"].value)[1:]
    # Reading its own status would be a circular reference.
    (risk,) = [t for _, _, t in formulas(SHIPPED) if "RF_RISK(" in t]
    assert "Positions[[#All],[venue]:[as_of]]" in risk


def validations(book: Workbook) -> dict[str, Any]:
    """By column of the table."""
    found = {}
    for rule in book["Positions"].data_validations.dataValidation:
        for area in str(rule.sqref).split():
            found[area] = rule
    return found


def test_each_column_is_validated_in_all_rows(tmp_path: Path) -> None:
    book = load(built(tmp_path, spare_rows=7))
    last = HEAD + len(sample_book()) + 7
    rules = validations(book)
    for name in INPUTS:
        if name in ("symbol", "account"):
            continue
        rule = rules[f"{SHEET.letter[name]}{HEAD + 1}:{SHEET.letter[name]}{last}"]
        assert rule.allow_blank
        assert rule.showErrorMessage
        assert rule.error
        assert rule.prompt
        wanted = "decimal" if name in inputs.NUMBERS else "date" if name == "as_of" else "list"
        assert rule.type == wanted


def test_lists_live_in_the_workbook(shipped: Workbook) -> None:
    listed = {}
    for rule in validations(shipped).values():
        if rule.type == "list":
            ((sheet, area),) = shipped.defined_names[rule.formula1].destinations
            listed[rule.formula1] = [row[0].value for row in shipped[sheet][area]]
    assert listed == {
        "list_venue": list(venues.names()),
        "list_side": ["long", "short"],
        "list_contract_type": ["linear", "inverse", "quanto"],
        "list_margin_mode": ["isolated"],
    }


def test_lights_have_colours_and_words(shipped: Workbook) -> None:
    rules = [
        rule
        for area in shipped["Risk"].conditional_formatting
        for rule in area.rules
        if rule.formula[0].startswith("$B7=")
    ]
    labels = {rule.formula[0].split('"')[1] for rule in rules}
    assert labels == {"Liquidated", "Red", "Amber", "Green", "Never", "Error"}
    words = {shipped["Dashboard"][f"L{row}"].value for row in range(10, 16)}
    assert labels == words


def test_styles_do_not_take_the_names_of_excels_own(shipped: Workbook) -> None:
    names = [name for name in shipped.named_styles if name != "Normal"]
    assert all(name.startswith("Ringfence ") for name in names)


def test_input_cells_look_like_inputs(shipped: Workbook) -> None:
    sheet = shipped["Positions"]
    price = sheet[f"{SHEET.letter['entry_price']}{HEAD + 1}"]
    assert price.style == "Ringfence input price"
    assert not price.protection.locked
    assert price.number_format.startswith("[<0.1]")
    assert sheet.freeze_panes == f"{SHEET.letter['side']}{HEAD + 1}"


@pytest.mark.parametrize("rows", [0, 18, 500])
def test_column_heads_are_repeated_on_each_page(tmp_path: Path, rows: int) -> None:
    book = load(built(tmp_path, repeated(rows)))
    heads = {"Positions": 6, "Risk": 6, "Calc": 5}
    for name, head in heads.items():
        assert book[name].print_title_rows == f"${head}:${head}"
    assert book["Positions"].print_area.endswith(f"${HEAD + rows + 20}")
    assert book["Risk"].print_area.endswith(f"${6 + rows + 20}")


def test_500_positions(tmp_path: Path) -> None:
    path = built(tmp_path, repeated(500))
    book, values = load(path), load(path, data_only=True)
    assert book["Positions"].tables["Positions"].ref == f"A{HEAD}:S{HEAD + 520}"
    assert values["Risk"]["A506"].value == 500
    assert values["Risk"]["A507"].value is None  # stored as an empty text
    assert book["Risk"]["B526"].value.startswith("=")
    ranks = [values["Calc"][f"F{row}"].value for row in range(6, 506)]
    assert sorted(ranks) == list(range(1, 501))
    (block,) = [c.find(f"{MAIN}f") for _, c, t in formulas(path) if "RF_RISK(" in t]
    assert block is not None
    assert str(block.get("ref")).endswith("525")


def test_ranks_go_by_distance_then_errors_then_never(tmp_path: Path) -> None:
    positions = sample_book().astype(object)
    positions.loc[0, "size"] = -1
    positions = pd.concat([positions, positions.iloc[[5]]], ignore_index=True)  # a tie
    risk = load(built(tmp_path, positions), data_only=True)["Risk"]
    rows = range(7, 7 + len(positions))
    lights = [risk[f"B{row}"].value for row in rows]
    assert lights[-2:] == ["Error", "Never"]
    distances = [risk[f"G{row}"].value for row in rows][:-2]
    assert distances == sorted(distances)
    assert [risk[f"L{row}"].value for row in rows][-4:-2] == [6, 19]


# What is put in


def test_text_from_outside_stays_text(tmp_path: Path) -> None:
    positions = hostile_positions()
    path = built(tmp_path, positions, title="=1+1")
    assert not [text for *_, text in formulas(path) if "cmd" in text or "HYPERLINK" in text]
    book = load(path)
    sheet = book["Positions"]
    for row in range(HEAD + 1, HEAD + 1 + len(HOSTILE)):
        for name in ("symbol", "account", "side", "entry_price"):
            cell = sheet[f"{SHEET.letter[name]}{row}"]
            if cell.data_type == "n":  # "+1+1" is no number, "-2+3" is none either
                continue
            assert cell.data_type == "s"
            assert bool(cell.quotePrefix) == cell.value.startswith(("=", "+", "-", "@"))
        assert sheet[f"{SHEET.letter['size']}{row}"].value == -1
        assert sheet[f"{SHEET.letter['size']}{row}"].data_type == "n"
    assert sheet["A1"].value == "=1+1"
    assert sheet["A1"].data_type == "s"


def test_values_become_cells_of_their_kind(tmp_path: Path) -> None:
    positions = pd.DataFrame(
        [
            {
                "Venue": " Binance ", "SYMBOL": "BTCUSDT", "side": "BUY", "size": "1,5",
                "entry price": "60,000.50", "leverage": 20, "taker_fee_rate": "0.05%",
                "as_of": "2026-11-01", "strategy": "ignored",
            },
            {"Venue": None, "SYMBOL": "  "},
            {"Venue": "okx", "SYMBOL": 7, "side": "up", "size": 1e999, "entry price": "60,000"},
        ]
    )  # fmt: skip
    path = built(tmp_path, positions)
    sheet, values = load(path)["Positions"], load(path, data_only=True)["Positions"]
    first, second = HEAD + 1, HEAD + 2

    def row(at: int) -> dict[str, Any]:
        return {name: sheet[f"{SHEET.letter[name]}{at}"].value for name in INPUTS}

    given = {name: value for name, value in row(first).items() if value is not None}
    assert given.pop("as_of").date() == date(2026, 11, 1)
    assert given == {
        "venue": "binance", "symbol": "BTCUSDT", "side": "long", "size": 1.5,
        "entry_price": 60_000.5, "leverage": 20, "taker_fee_rate": pytest.approx(0.0005),
    }  # fmt: skip
    assert values[f"A{first}"].value == "ok"
    assert row(second)["venue"] == "okx"  # the blank row is left out
    assert row(second)["entry_price"] == "60,000"
    assert values[f"A{second}"].value == "fix side"
    assert "'60,000' is not a number" in values[f"S{second}"].value


def test_a_row_that_could_not_be_read_is_not_computed(tmp_path: Path) -> None:
    reason = "row: has 9 cells, the header has 8"
    path = tmp_path / "book.xlsx"
    book = fill("isolated_book", sample_book(), path, refused={0: reason})
    assert str(book.risk["status"][0]).startswith("error: size")
    sheet = load(path)["Positions"]
    assert sheet[f"{SHEET.letter['size']}{HEAD + 1}"].value == reason
    assert sheet[f"{SHEET.letter['entry_price']}{HEAD + 1}"].value is None


@pytest.mark.parametrize(
    ("name", "twin", "faulty"),
    [
        ("mark_price", "Mark price", "mark_price"),
        ("side", "SIDE", "side"),
        ("venue", "Venue ", "venue"),
        ("as_of", "As of", "as_of"),
        ("account", "Account", "size"),
    ],
)
def test_a_column_that_stands_there_twice_is_an_error_in_each_row(
    tmp_path: Path, name: str, twin: str, faulty: str
) -> None:
    doubled = sample_book()
    doubled["as_of"] = "2026-11-01"
    doubled[twin] = doubled[name]
    path = tmp_path / "book.xlsx"
    book = fill("isolated_book", doubled, path, filled_on=SAMPLE_DAY)
    reasons = book.risk["status"]
    assert len(reasons) == len(doubled)
    for reason in reasons:
        assert reason.startswith(f"error: {faulty}: ")
        assert "more than once in the table" in reason
    sheet = load(path)["Positions"]
    assert "more than once" in sheet[f"{SHEET.letter[faulty]}{HEAD + 1}"].value
    assert sheet[f"{SHEET.letter['symbol']}{HEAD + 1}"].value == doubled["symbol"][0]


def test_the_day_is_written_or_left_to_today(tmp_path: Path) -> None:
    assert load(built(tmp_path))["Positions"]["C4"].value is None
    pinned = load(built(tmp_path, as_of=date(2025, 6, 1)))
    assert pinned["Positions"]["C4"].value.date() == date(2025, 6, 1)
    assert "rules of 2025-06-01" in pinned["Notes"]["B2"].value


def test_notes_say_how_old_the_tiers_are(shipped: Workbook) -> None:
    rows = list(shipped["Notes"].iter_rows(values_only=True))
    (head,) = [row for row in rows if row[1] == "venue" and row[2] == "product"]
    at = {name: head.index(name) for name in ("tiers of", "tiers' age, days")}
    (binance,) = [row for row in rows if row[1] == "binance" and row[at["tiers of"]]]
    age = (SAMPLE_DAY - binance[at["tiers of"]].date()).days
    assert binance[at["tiers' age, days"]] == age


# Wrong use
