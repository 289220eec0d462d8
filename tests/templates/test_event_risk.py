"""The template event_risk as a file: structure, stored values, what it says against the core."""

import re
from dataclasses import replace
from datetime import date
from functools import cache, partial
from itertools import product
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pandas as pd
import pytest
from openpyxl.workbook import Workbook

from ringfence import inputs, stress, venues
from ringfence.accounts import COLUMNS as ACCOUNT_COLUMNS
from ringfence.accounts import from_frame
from ringfence.book import BookRisk, assess_table
from ringfence_templates import fill
from ringfence_templates.__main__ import SAMPLE_DAY, SAMPLES, sample, sample_book
from ringfence_templates.event_risk import accounts as accounts_sheet
from ringfence_templates.event_risk import excel, frame, layout
from ringfence_templates.event_risk.layout import (
    BETA_INPUTS,
    BOX_ROWS_HEAD,
    EVENT_FIGURES,
    EVENT_INPUTS,
    FIRST_FAILURES,
    HEAT,
    MOVE_FIGURES,
    MOVE_INPUTS,
    SHEETS,
    STEPS,
)
from ringfence_templates.event_risk.scenarios import SCENARIOS
from ringfence_templates.isolated_book.positions import SHEET
from ringfence_templates.positions_sheet import HEAD
from templates import stored
from templates.stored import HOSTILE, cells, formulas, hostile_positions, load, parts

SHIPPED = Path(__file__).parents[2] / "templates" / "event_risk.xlsx"
CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
OURS = {
    "RF_RISK", "RF_EXPOSURE", "RF_STRESS", "RF_STRESS_ROWS", "RF_JOINT_SHOCK", "RF_HEAT_MAP",
}  # fmt: skip
MODES_HEAD = 9
CROSS_COLUMNS = {"isolated": "C", "cross": "D", "ring-fencing": "E"}  # beside the moves


def book() -> pd.DataFrame:
    return sample(SAMPLES["event_risk"].positions)


def purse() -> pd.DataFrame:
    return sample(str(SAMPLES["event_risk"].accounts))


built = partial(stored.built, "event_risk")


def core(positions: pd.DataFrame, accounts: pd.DataFrame | None = None) -> BookRisk:
    held = purse() if accounts is None else accounts
    return assess_table(positions, accounts=from_frame(held), as_of=SAMPLE_DAY)


@cache
def _shipped_values() -> Workbook:
    return load(SHIPPED, data_only=True)


def shown(path: Path, sheet: str) -> Any:
    """A sheet as viewers see it."""
    return (_shipped_values() if path == SHIPPED else load(path, data_only=True))[sheet]


@pytest.fixture(scope="module")
def shipped() -> Workbook:
    return load(SHIPPED)


def by_event(event: int) -> dict[str, float]:
    """An event's moves as the core takes them."""
    _, moves = SCENARIOS.events[event - 1]
    coins = (*SCENARIOS.coins, stress.OTHERS)
    return dict(zip(coins, (float(move or 0) for move in moves), strict=True))


# Formulas and their values


def test_rf_formulas_stand_on_calc_only(tmp_path: Path) -> None:
    called = [
        (sheet, name)
        for sheet, _, text in formulas(built(tmp_path, host="calc"))
        for name in re.findall(r"RF_[A-Z_]+(?=\()", text)
    ]
    assert {sheet for sheet, _ in called} == {layout.CALC}
    names = [name for _, name in called]
    assert {name: names.count(name) for name in set(names)} == {
        **dict.fromkeys(OURS, 1),
        "RF_STRESS": 5,  # events and moves, isolated and in cross, and the chosen shock
        "RF_STRESS_ROWS": 2,
    }


# What it says, against the core


def test_events_say_what_the_core_says() -> None:
    sheet, its = shown(SHIPPED, layout.EVENTS), core(book())
    losses = {}
    for row, (name, _) in enumerate(SCENARIOS.events, 1):
        answer = stress.shock(its, by_event(row))
        told = {
            figure: sheet[EVENT_FIGURES.at(figure, row)].value for figure in EVENT_FIGURES.names
        }
        assert told == {
            "equity": pytest.approx(answer.equity),
            "loss": pytest.approx(answer.loss),
            "left": pytest.approx(answer.left),
            "loss_share": pytest.approx(answer.loss / answer.equity),
            "boxes_failed": answer.boxes_failed,
            "pools_failed": answer.pools_failed,
            "check": "ok",
        }
        losses[name] = answer.loss
    worst = max(losses, key=lambda name: losses[name])
    assert sheet["D6"].value == worst
    assert sheet["D5"].value == pytest.approx(-losses[worst])
    assert sheet["B9"].value.startswith(f"Worst: {worst} loses {losses[worst]:,.0f} dollars, ")
    assert sheet["B5"].value == pytest.approx(stress.shock(its, 0.0).equity)
    assert sheet["B6"].value == "isolated boxes: 5, cross pools: 3"
    assert sheet["N5"].value == "-2.0 %  /  +4.3 %"
    assert sheet["B3"].value is None
    blank = len(SCENARIOS.events) + 1
    assert {sheet[EVENT_FIGURES.at(name, blank)].value for name in EVENT_FIGURES.names} == {None}


def test_the_sample_shows_boxes_and_pools_that_fail() -> None:
    sheet = shown(SHIPPED, layout.EVENTS)
    rows = range(1, len(SCENARIOS.events) + 1)
    failed = {
        name: [sheet[EVENT_FIGURES.at(name, row)].value for row in rows]
        for name in ("boxes_failed", "pools_failed", "loss")
    }
    assert max(failed["boxes_failed"]) >= 3
    assert max(failed["pools_failed"]) >= 1
    assert min(failed["loss"]) < 0 < max(failed["loss"])


def test_long_less_short_by_coin() -> None:
    sheet, positions = shown(SHIPPED, layout.EVENTS), book()
    signed = positions["size"] * positions["mark_price"]
    signed *= positions["side"].map({"long": 1, "short": -1})
    signed[positions["venue"] == "okx"] *= positions["symbol"].map(
        {"BTC-USDT-SWAP": 0.01, "ETH-USDT-SWAP": 0.1}
    )
    coins = positions["symbol"].str.extract(r"^(BTC|ETH|SOL|XRP|DOGE|AVAX|HYPE)")[0]
    for coin, column in zip(SCENARIOS.coins, EVENT_INPUTS.names[1:], strict=False):
        told = sheet[f"{EVENT_INPUTS.letter(column)}{EVENT_INPUTS.head - 1}"].value
        assert told == pytest.approx(signed[coins == coin].sum())
    others = sheet[f"{EVENT_INPUTS.letter(EVENT_INPUTS.names[-1])}{EVENT_INPUTS.head - 1}"].value
    assert others == 0


def test_shocks_and_the_first_failures() -> None:
    sheet, its = shown(SHIPPED, layout.SHOCKS), core(book())
    for row, move in enumerate(SCENARIOS.moves, 1):
        answer = stress.shock(its, float(move or 0))
        assert sheet[MOVE_INPUTS.at("move", row)].value == move
        assert sheet[MOVE_FIGURES.at("left", row)].value == pytest.approx(answer.left)
        assert sheet[MOVE_FIGURES.at("boxes_failed", row)].value == answer.boxes_failed
    joint = stress.joint_shock(its)
    for row, (move, at) in enumerate(
        ((joint.first_down, joint.row_down), (joint.first_up, joint.row_up)), 1
    ):
        assert move is not None
        assert at is not None
        told = {
            name: sheet[FIRST_FAILURES.at(name, row)].value for name in FIRST_FAILURES.names[1:]
        }
        assert told == {
            "move": pytest.approx(move),
            "row": at + 1,
            "venue": book()["venue"][at],
            "symbol": book()["symbol"][at],
            "left": pytest.approx(stress.shock(its, move * (1 + 1e-9)).left),
        }
        beyond = stress.shock(its, move * (1 + 1e-6))
        assert beyond.boxes_failed + beyond.pools_failed == 1
        before = stress.shock(its, move * (1 - 1e-6))
        assert before.boxes_failed + before.pools_failed == 0


def test_betas_move_the_coins_apart(tmp_path: Path) -> None:
    betas = (("BTC", 1.0), ("ETH", 1.5), ("*", 0.5))
    path = built(tmp_path, scenarios=replace(SCENARIOS, betas=betas, moves=(-0.9, -0.2, 0.3)))
    sheet, its = shown(path, layout.SHOCKS), core(book())
    for row, move in enumerate((-0.9, -0.2, 0.3), 1):
        moves = {coin: max(-0.99, beta * move) for coin, beta in betas}
        left = sheet[MOVE_FIGURES.at("left", row)].value
        assert left == pytest.approx(stress.shock(its, moves).left)
    joint = stress.joint_shock(its, dict(betas))
    assert sheet[FIRST_FAILURES.at("move", 1)].value == pytest.approx(joint.first_down)
    assert sheet[FIRST_FAILURES.at("move", 2)].value == pytest.approx(joint.first_up)
    assert sheet[BETA_INPUTS.at("beta", 2)].value == 1.5


def test_the_heat_map_is_that_of_the_core() -> None:
    sheet, (one, two) = shown(SHIPPED, layout.HEAT_MAP), SCENARIOS.heat_moves
    grid = stress.heat_map(
        core(book()),
        ("BTC", [float(move or 0) for move in one]),
        ("ETH", [float(move or 0) for move in two]),
    )
    for (row, line), (at, step) in product(enumerate(grid, 1), enumerate(STEPS)):
        assert sheet[HEAT.at(step, row)].value == pytest.approx(line[at])
    assert sheet["F5"].value == pytest.approx(grid.min())
    assert sheet["K5"].value == pytest.approx(grid.max())


def test_the_heat_map_takes_coins_that_are_in_the_book(tmp_path: Path) -> None:
    positions = book()
    positions = positions[positions["symbol"].str.contains("SOL|HYPE|DOGE")]
    sheet = shown(built(tmp_path, positions), layout.HEAT_MAP)
    across, down = (sheet[cell].value for cell in layout.HEAT_COIN_CELLS)
    assert {across, down} < {"SOL", "HYPE", "DOGE"}
    assert sheet["B3"].value is None


def test_boxes_open_with_the_worst_event() -> None:
    sheet, its = shown(SHIPPED, layout.BOXES), core(book())
    event = sheet[layout.EVENT_CELL].value
    assert SCENARIOS.events[event - 1][0] == shown(SHIPPED, layout.EVENTS)["D6"].value
    answer = stress.shock(its, by_event(event))
    rows = range(BOX_ROWS_HEAD + 1, BOX_ROWS_HEAD + 1 + len(book()))
    assert [sheet[f"J{row}"].value for row in rows] == [
        "fails" if fails else "holds" for fails in answer.fails
    ]
    changes = [sheet[f"K{row}"].value for row in rows]
    assert changes == pytest.approx(answer.pnl.tolist())
    assert sum(changes) == pytest.approx(-answer.loss)
    assert [sheet[f"H{row}"].value for row in rows] == pytest.approx(
        (its.risk["notional"] * its.settle_price).tolist()
    )


def test_one_move_goes_before_the_event(tmp_path: Path) -> None:
    path = built(tmp_path, scenarios=replace(SCENARIOS, one_move=-0.3))
    text = shown(path, layout.BOXES)["B7"].value
    loss = excel.fixed(stress.shock(core(book()), -0.3).loss, 0)
    assert text.startswith(f"One move of every coin: {loss} dollars lost of ")


def in_cross(accounts: pd.DataFrame | None = None) -> BookRisk:
    """The sample with its boxes held in cross, by hand."""
    positions = book().astype(object)
    positions["margin_mode"] = "cross"
    positions["isolated_margin"] = None
    return core(positions, accounts)


def test_the_book_in_cross_is_the_same_book_with_the_same_money() -> None:
    sheet, isolated, crossed = shown(SHIPPED, layout.MODES), core(book()), in_cross()
    assert len(crossed.boxes.wallet) == 0
    differences = []
    for row, move in enumerate(SCENARIOS.moves, MODES_HEAD + 1):
        here, there = (stress.shock(its, float(move or 0)) for its in (isolated, crossed))
        assert here.equity == pytest.approx(there.equity)
        told = [sheet[f"{column}{row}"].value for column in CROSS_COLUMNS.values()]
        assert told == pytest.approx([here.left, there.left, here.left - there.left], abs=1e-5)
        assert sheet[f"H{row}"].value == there.pools_failed
        differences.append(here.left - there.left)
    for event in range(1, len(SCENARIOS.events) + 1):
        there = stress.shock(crossed, by_event(event))
        assert sheet[f"L{MODES_HEAD + event}"].value == pytest.approx(there.left)
    assert max(differences) > 1_000 > -1_000 > min(differences)  # it saves here and costs there
    assert sheet["B5"].value.startswith("Boxes held in cross here: 5; boxes that stay")
    assert sheet["B6"].value is None


def test_boxes_of_an_account_that_is_not_listed_have_their_margins(tmp_path: Path) -> None:
    positions, listed = book(), purse()
    listed = listed[listed["account"] != "satellites"]
    path = built(tmp_path, positions, accounts=listed)
    boxes = positions[positions["account"] == "satellites"]
    margins = (boxes["size"] * boxes["entry_price"] / boxes["leverage"]).sum()
    row = {"account": "satellites", "venue": "bybit", "wallet_balance": margins}
    crossed = in_cross(pd.concat([listed, pd.DataFrame([row])], ignore_index=True))
    sheet = shown(path, layout.MODES)
    for at, move in enumerate(SCENARIOS.moves, MODES_HEAD + 1):
        there = stress.shock(crossed, float(move or 0))
        assert sheet[f"D{at}"].value == pytest.approx(there.left, abs=1e-5)
    assert sheet["B6"].value is None


def test_coin_margined_boxes_may_stand_under_the_venues_own_name(tmp_path: Path) -> None:
    box = {"account": "coins", "venue": "binance_coinm", "symbol": "BTCUSD_PERP", "side": "long",
           "size": 100.0, "entry_price": 97_000.0, "mark_price": 97_400.0,
           "isolated_margin": 0.02, "margin_mode": "isolated"}  # fmt: skip
    wallet = {"account": "coins", "venue": "binance", "wallet_balance": 0.5, "currency": "BTC"}
    positions = pd.concat([book(), pd.DataFrame([box])], ignore_index=True)
    listed = pd.concat([purse(), pd.DataFrame([wallet])], ignore_index=True)
    sheet = shown(built(tmp_path, positions, accounts=listed), layout.MODES)
    assert "Boxes held in cross here: 6; " in sheet["B5"].value
    assert sheet["B6"].value is None  # the idle coins are at the mark of the position


def test_a_box_that_no_pool_can_hold_stays(tmp_path: Path) -> None:
    more = {
        "venue": "gmx", "symbol": "BTC", "side": "long", "size": 0.5,
        "entry_price": 97_000.0, "mark_price": 97_400.0, "leverage": 10.0,
    }  # fmt: skip
    path = built(tmp_path, pd.concat([book(), pd.DataFrame([more])], ignore_index=True))
    sheet = shown(path, layout.MODES)
    assert "Boxes held in cross here: 5; " in sheet["B5"].value
    assert sheet["B5"].value.endswith("the wallet cannot hold them: 1.")
    assert sheet["B6"].value is None


def test_boxes_alone_need_no_accounts(tmp_path: Path) -> None:
    sheet = shown(built(tmp_path, sample_book(), accounts=None), layout.MODES)
    assert sheet["B6"].value is None
    assert sheet["B3"].value is None
    held = int(re.findall(r"\d+", sheet["B5"].value)[0])
    assert held > 10


def test_sides_that_start_apart_are_not_compared(tmp_path: Path) -> None:
    positions = book()
    positions.loc[6, "mark_price"] = 20.0  # a box that is bankrupt
    path = built(tmp_path, positions)
    assert "do not start from the same equity" in shown(path, layout.MODES)["B6"].value
    assert shown(path, layout.EVENTS)["N5"].value == "already  /  already"


# What is put in


def test_bad_rows_say_why_and_blank_rows_are_left_out(tmp_path: Path) -> None:
    positions = book().astype(object)
    positions.loc[8, "symbol"] = "NOSUCHUSDT"
    positions.loc[len(positions)] = None
    path = built(tmp_path, positions)
    table, events = shown(path, layout.POSITIONS), shown(path, layout.EVENTS)
    assert table[f"A{HEAD + 9}"].value == "fix symbol"
    assert "NOSUCHUSDT" in table[f"{SHEET.letter['status']}{HEAD + 9}"].value
    assert table[f"{SHEET.letter['venue']}{HEAD + 15}"].value is None
    assert events["B3"].value == f"1{frame.NOT_COMPUTED}"
    loss = events[EVENT_FIGURES.at("loss", 1)].value
    assert loss == pytest.approx(stress.shock(core(positions), by_event(1)).loss)
    boxes = shown(path, layout.BOXES)
    assert boxes[f"J{BOX_ROWS_HEAD + 9}"].value == "error"
    assert boxes[f"K{BOX_ROWS_HEAD + 9}"].value is None


def test_bad_accounts_say_why(tmp_path: Path) -> None:
    accounts = purse().astype(object)
    accounts.loc[0, "wallet_balance"] = "lots"
    accounts.loc[2, "venue"] = "nowhere"
    accounts.loc[4] = None
    accounts.loc[5, ["account", "venue", "wallet_balance"]] = ["x", "Bybit", "1,000.5"]
    accounts["collateral_mode"] = None
    accounts.loc[3, "collateral_mode"] = "both"
    path = built(tmp_path, accounts=accounts)
    sheet = shown(path, layout.ACCOUNTS)
    rows = range(accounts_sheet.HEAD + 1, accounts_sheet.HEAD + 7)
    assert [sheet[f"A{row}"].value for row in rows] == [
        "fix wallet_balance", "ok", "fix venue", "fix collateral_mode", "ok", None,
    ]  # fmt: skip
    last = accounts_sheet.HEAD + 5
    assert sheet[f"{accounts_sheet.LETTER['wallet_balance']}{last}"].value == 1000.5
    assert sheet[f"{accounts_sheet.LETTER['venue']}{last}"].value == "bybit"
    told = [row.value for row in shown(path, layout.POSITIONS)["A"][HEAD : HEAD + 14]]
    assert told.count("ok") == 5  # the boxes
    counts = [
        [sheet[f"{accounts_sheet.LETTER[name]}{row}"].value for row in rows][:2]
        for name in ("boxes", "cross_positions")
    ]
    assert counts == [[2, 2], [5, 0]]


def test_a_move_that_is_none_spoils_no_other_event(tmp_path: Path) -> None:
    moves = (-0.1,) * 8
    events = (("good", moves), ("text", (*moves[:7], "x")), ("too far", (-1.0, *moves[1:])))
    path = built(tmp_path, scenarios=replace(SCENARIOS, events=events))
    sheet = shown(path, layout.EVENTS)
    checks = [sheet[EVENT_FIGURES.at("check", row)].value for row in range(1, 5)]
    assert checks == ["ok", "fix a move", "fix a move", None]
    losses = [sheet[EVENT_FIGURES.at("loss", row)].value for row in range(1, 5)]
    assert losses == [pytest.approx(stress.shock(core(book()), -0.1).loss), None, None, None]
    assert sheet["B9"].value.startswith("No event loses money; the least is gained with good: ")


def test_a_coin_at_two_heads_is_told(tmp_path: Path) -> None:
    coins = ("BTC", "ETH", "SOL", "XRP", "DOGE", "AVAX", "eth ")
    sheet = shown(built(tmp_path, scenarios=replace(SCENARIOS, coins=coins)), layout.EVENTS)
    assert sheet["B3"].value == frame.TWICE
    assert sheet[EVENT_FIGURES.at("loss", 1)].value is not None


def test_text_from_outside_stays_text(tmp_path: Path) -> None:
    positions = hostile_positions()
    accounts = pd.DataFrame(
        [{"account": text, "venue": text, "wallet_balance": text} for text in HOSTILE]
    )
    path = built(tmp_path, positions, accounts=accounts, title="=1+1")
    assert not [text for *_, text in formulas(path) if "cmd" in text or "HYPERLINK" in text]
    loaded = load(path)
    for sheet, letters, head, names in (
        ("Positions", SHEET.letter, HEAD, ("symbol", "account", "side", "entry_price")),
        ("Accounts", accounts_sheet.LETTER, accounts_sheet.HEAD, ("account", "venue")),
    ):
        for row, name in product(range(head + 1, head + 1 + len(HOSTILE)), names):
            cell = loaded[sheet][f"{letters[name]}{row}"]
            assert cell.data_type == "s"
            assert bool(cell.quotePrefix) == cell.value.startswith(("=", "+", "-", "@"))
    assert loaded[layout.EVENTS]["B1"].value == "=1+1"
    assert loaded[layout.EVENTS]["B1"].data_type == "s"


def test_a_row_that_could_not_be_read_is_not_computed(tmp_path: Path) -> None:
    reason = "row: has 9 cells, the header has 8"
    sheet = shown(built(tmp_path, refused={0: reason}), layout.POSITIONS)
    assert sheet[f"{SHEET.letter['size']}{HEAD + 1}"].value == reason
    assert sheet[f"{SHEET.letter['entry_price']}{HEAD + 1}"].value is None
    assert sheet[f"A{HEAD + 1}"].value == "fix size"


@pytest.mark.parametrize("spare_rows", [0, 7])
def test_an_empty_book_is_no_error(tmp_path: Path, spare_rows: int) -> None:
    path = built(tmp_path, book().head(0), accounts=None, spare_rows=spare_rows)
    loaded = load(path)
    for name, head in (("Positions", HEAD), ("Accounts", accounts_sheet.HEAD)):
        (table,) = loaded[name].tables.values()
        assert table.ref.endswith(str(head + max(1, spare_rows)))
    events = shown(path, layout.EVENTS)
    assert events["B5"].value == 0
    errors = [cell for sheet, cell in cells(path) if cell.get("t") == "e" and sheet != layout.CALC]
    assert errors == []


# Structure


def test_sheets_and_names(shipped: Workbook) -> None:
    assert tuple(shipped.sheetnames) == SHEETS
    assert shipped.active.title == layout.EVENTS
    assert {sheet.title for sheet in shipped if sheet.sheet_state != "visible"} == {layout.CALC}
    for name in ("as_of", "calc_status", "list_venue", "list_side", "list_margin_mode"):
        assert name in shipped.defined_names
    assert not shipped.calculation.fullCalcOnLoad  # the stored values are to be seen


def test_the_tables_and_their_columns(shipped: Workbook) -> None:
    table = shipped["Positions"].tables["Positions"]
    assert table.ref == f"A{HEAD}:S{HEAD + len(book()) + 20}"
    assert table.column_names == list(SHEET.columns)
    accounts = shipped["Accounts"].tables["Accounts"]
    assert accounts.column_names == list(accounts_sheet.COLUMNS)
    assert accounts.ref.endswith(str(accounts_sheet.HEAD + len(purse()) + 20))
    calculated = {c.name: c.calculatedColumnFormula for c in accounts.tableColumns}
    for name in ("check", "boxes", "cross_positions"):
        cell = shipped["Accounts"][f"{accounts_sheet.LETTER[name]}{accounts_sheet.HEAD + 1}"]
        assert calculated[name].attr_text == str(cell.value)[1:]


def test_ranges_grow_with_the_tables() -> None:
    called = [text for *_, text in formulas(SHIPPED) if "RF_" in text]
    of_the_book = [text for text in called if "Positions[[#All],[venue]:[as_of]]" in text]
    assert len(of_the_book) == 8  # the others ask about the book in cross
    assert all("Accounts[[#All],[account]:[collateral_weight]]" in text for text in of_the_book)


def test_lists_live_in_the_workbook(shipped: Workbook) -> None:
    listed = {}
    for sheet in (shipped["Positions"], shipped["Accounts"]):
        for rule in sheet.data_validations.dataValidation:
            if rule.type == "list":
                ((name, area),) = shipped.defined_names[rule.formula1].destinations
                listed[rule.formula1] = [row[0].value for row in shipped[name][area]]
    assert listed == {
        "list_venue": list(venues.names()),
        "list_side": ["long", "short"],
        "list_contract_type": ["linear", "inverse", "quanto"],
        "list_margin_mode": list(inputs.MARGIN_MODES),
        "list_collateral_mode": ["single", "multi"],
    }


@pytest.mark.parametrize(
    ("sheet", "area"),
    [
        (layout.EVENTS, "D14:K33"),
        (layout.SHOCKS, MOVE_INPUTS.area(body=True)),
        (layout.SHOCKS, BETA_INPUTS.area("beta", "beta", body=True)),
        (layout.HEAT_MAP, HEAT.area("move", "move", body=True)),
        (layout.BOXES, layout.EVENT_CELL),
        (layout.BOXES, layout.ONE_MOVE_CELL),
        (layout.ACCOUNTS, "D7:D30"),
    ],
)
def test_input_cells_are_checked(shipped: Workbook, sheet: str, area: str) -> None:
    rules = shipped[sheet].data_validations.dataValidation
    (rule,) = [rule for rule in rules if area in str(rule.sqref).split()]
    assert rule.showErrorMessage
    assert rule.error
    assert shipped[sheet][area.split(":")[0]].protection.locked is False


def test_moves_are_shown_in_percent_and_signed(shipped: Workbook) -> None:
    assert shipped[layout.EVENTS]["D14"].number_format == "+0.0%;-0.0%;0.0%"
    assert shipped[layout.EVENTS][EVENT_FIGURES.at("loss_share", 1)].number_format == "0.0%"


def conditional(shipped: Workbook, sheet: str) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for area in shipped[sheet].conditional_formatting:
        for rule in area.rules:
            found.setdefault(rule.type, []).append((str(area.sqref), rule))
    return found


def test_bars_scales_and_red(shipped: Workbook) -> None:
    events = conditional(shipped, layout.EVENTS)
    ((area, bar),) = events["dataBar"]
    assert area == EVENT_FIGURES.area("loss_share", "loss_share", body=True)
    assert bar.dataBar.cfvo[0].type == "num"  # gains have no bar
    red = {area for area, rule in events["expression"] if rule.formula[0].startswith("N(")}
    assert red == {
        EVENT_FIGURES.area(name, name, body=True) for name in ("boxes_failed", "pools_failed")
    }
    ((area, scale),) = conditional(shipped, layout.HEAT_MAP)["colorScale"]
    assert area == HEAT.area(STEPS[0], STEPS[-1], body=True)
    assert scale.colorScale.cfvo[1].val == "$B$5"  # the equity now


def test_charts_are_straight_lines_with_their_values() -> None:
    content = parts(SHIPPED)
    charts = sorted(name for name in content if re.fullmatch(r"xl/charts/chart\d+\.xml", name))
    drawn = [ET.fromstring(content[name]) for name in charts]
    assert [len(list(chart.iter(f"{CHART}ser"))) for chart in drawn] == [3, 2]
    for chart in drawn:
        assert {smooth.get("val") for smooth in chart.iter(f"{CHART}smooth")} <= {"0"}
        assert [seen.get("val") for seen in chart.iter(f"{CHART}plotVisOnly")] == ["0"]
        for series in chart.iter(f"{CHART}ser"):
            for axis in ("xVal", "yVal"):
                (values,) = series.iter(f"{CHART}{axis}")
                assert list(values.iter(f"{CHART}v"))
    lines = drawn[0].findall(f".//{CHART}ser")
    points = [
        [float(v.text or "") for v in line.findall(f"{CHART}xVal//{CHART}v")] for line in lines[1:]
    ]
    joint = stress.joint_shock(core(book()))
    assert points == [[pytest.approx(joint.first_down)], [pytest.approx(joint.first_up)]]


@pytest.mark.parametrize("rows", [0, 14, 120])
def test_boxes_print_on_one_page_while_they_fit(tmp_path: Path, rows: int) -> None:
    positions = pd.concat([book()] * 10, ignore_index=True).head(rows)
    loaded = load(built(tmp_path, positions))
    assert loaded[layout.BOXES].page_setup.fitToHeight == (0 if rows == 120 else 1)
    assert loaded[layout.BOXES].print_area.endswith(f"${BOX_ROWS_HEAD + rows + 20}")


def test_notes_name_assumptions_rules_and_tiers(shipped: Workbook) -> None:
    rows = list(shipped[layout.NOTES].iter_rows(values_only=True))
    terms = {row[1] for row in rows}
    assert set(layout.SHEETS[:5]) <= terms
    assert {"Straight lines", "All is lost", "Dollars stay", "No probabilities"} <= terms
    (head,) = [row for row in rows if row[1] == "venue" and row[2] == "product"]
    named = {row[1] for row in rows if row[head.index("tiers of")] and row[1] != "venue"}
    assert named == set(book()["venue"])


def test_the_day_is_written_or_left_to_today(tmp_path: Path) -> None:
    assert load(built(tmp_path))["Positions"]["C4"].value is None
    pinned = load(built(tmp_path, as_of=date(2026, 6, 1)))
    assert pinned["Positions"]["C4"].value.date() == date(2026, 6, 1)
    assert "rules of 2026-06-01" in pinned["Notes"]["B2"].value


def test_styles_do_not_take_the_names_of_excels_own(shipped: Workbook) -> None:
    names = [name for name in shipped.named_styles if name != "Normal"]
    assert all(name.startswith("Ringfence ") for name in names)


# Wrong use


def test_the_risk_of_the_rows_is_returned(tmp_path: Path) -> None:
    risk = fill("event_risk", book(), tmp_path / "b.xlsx", accounts=purse(), as_of=SAMPLE_DAY)
    assert list(risk.risk["status"]) == list(core(book()).risk["status"])


@pytest.mark.parametrize(
    ("number", "digits", "text"),
    [(1234.5, 0, "1,235"), (-1234.5, 0, "-1,235"), (-0.04, 1, "0.0"), (2.25, 1, "2.3")],
)
def test_figures_in_sentences_are_rounded_as_excel_does(
    number: float, digits: int, text: str
) -> None:
    assert excel.fixed(number, digits) == text


def test_account_columns_are_those_of_the_core() -> None:
    assert set(ACCOUNT_COLUMNS) < set(accounts_sheet.COLUMNS)
