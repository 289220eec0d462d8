"""The template mixed_book as a file: structure, stored values, accounts, hostile text."""

import re
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from openpyxl.workbook import Workbook

from ringfence import accounts as core_accounts
from ringfence import inputs, tiers, venues
from ringfence.accounts import from_frame
from ringfence.book import assess_table
from ringfence.exposure import exposure
from ringfence_addin import readers
from ringfence_templates import fill
from ringfence_templates.__main__ import SAMPLE_DAY, SAMPLES, sample
from ringfence_templates.filling import Filling
from ringfence_templates.given import WALLET_INPUTS
from ringfence_templates.mixed_book import accounts as accounts_sheet
from ringfence_templates.mixed_book import layout, positions
from ringfence_templates.mixed_book.layout import INPUTS
from ringfence_templates.mixed_book.model import Model, Thresholds, build_model
from ringfence_templates.ranking import Thresholds as IsolatedThresholds
from templates import stored
from templates.stored import HOSTILE, MAIN, cells, formulas, load

SHIPPED = Path(__file__).parents[2] / "templates" / "mixed_book.xlsx"
SHEETS = ["Dashboard", "Positions", "Accounts", "Risk", "Pools", "Notes", "Calc"]
OURS = ("RF_ACCOUNTS", "RF_EXPOSURE", "RF_JOINT_SHOCK", "RF_RISK")


def book() -> pd.DataFrame:
    return sample(SAMPLES["mixed_book"].positions)


def purse() -> pd.DataFrame:
    return sample(str(SAMPLES["mixed_book"].accounts))


built = partial(stored.built, "mixed_book")


def modelled(its: pd.DataFrame, held: pd.DataFrame | None) -> Model:
    filling = Filling(
        positions=its, accounts=held, spare_rows=3, filled_on=SAMPLE_DAY, title=""
    )  # fmt: skip
    return build_model(filling, spare_accounts=2)


@pytest.fixture(scope="module")
def shipped() -> Workbook:
    return load(SHIPPED)


# The shipped file


def test_the_sample_is_a_believable_book() -> None:
    risk = assess_table(book(), accounts=from_frame(purse()), as_of=SAMPLE_DAY)
    assert set(risk.risk["status"]) == {"ok"}
    assert risk.pools
    assert len(risk.box_rows) == 5
    assert len(risk.pools.wallet) == 3
    assert not (book()["mark_price"] == book()["entry_price"]).any()


# Formulas and their values


def test_each_rf_formula_is_called_once(tmp_path: Path) -> None:
    texts = [re.sub(r'"[^"]*"', "", text) for *_, text in formulas(built(tmp_path, host="calc"))]
    found = [name for text in texts for name in re.findall(r"RF_[A-Z_]+(?=\()", text)]
    assert sorted(found) == list(OURS)


def test_the_ranges_grow_with_the_tables(tmp_path: Path) -> None:
    for *_, text in formulas(built(tmp_path, host="calc")):
        if "RF_" in re.sub(r'"[^"]*"', "", text):
            assert "Positions[[#All],[venue]:[as_of]]" in text
            assert "Accounts[[#All],[account]:[collateral_weight]]" in text


# What the figures are


def test_wallets_and_pnl_come_to_the_equity(tmp_path: Path) -> None:
    board = load(built(tmp_path), data_only=True)["Dashboard"]
    wallets, pnl, equity = (board[f"G{row}"].value for row in (12, 13, 14))
    assert wallets == pytest.approx(purse()["wallet_balance"].sum())
    assert equity == pytest.approx(wallets + pnl)
    assert board["B5"].value == equity


def test_totals_are_those_of_the_core(tmp_path: Path) -> None:
    its = book()
    its.loc[5, "mark_price"] = 0.2  # a bankrupt box: it owes nothing beyond its margin
    risk = assess_table(its, accounts=from_frame(purse()), as_of=SAMPLE_DAY)
    path = built(tmp_path, its)
    board = load(path, data_only=True)["Dashboard"]
    free = load(path, data_only=True)["Accounts"]["C4"].value
    figures = exposure(risk)
    assert free == figures.idle
    assert board["G14"].value == pytest.approx(figures.equity)
    assert board["D12"].value + board["E12"].value == pytest.approx(figures.at_stake)
    assert board["G15"].value == pytest.approx(figures.notional)
    assert board["G16"].value == pytest.approx(figures.effective_leverage)
    assert board["G18"].value == figures.near
    assert board["E19"].value == pytest.approx(figures.free_in_pools)
    assert board["F19"].value == figures.idle
    assert board["L5"].value == "already liquidated"
    assert risk.pools
    assert board["E12"].value == pytest.approx(risk.pools.wallet.sum())
    assert board["E14"].value == pytest.approx(risk.pools.state.equity.sum())
    assert board["D14"].value == pytest.approx((risk.boxes.wallet + risk.boxes.pnl)[1:].sum())
    coins = {
        board[f"B{row}"].value: [board[f"{column}{row}"].value for column in "CDEFG"]
        for row in range(24, 31)
    }
    assert coins == {
        its.name: pytest.approx(
            [its.notional, its.net_notional, its.at_stake, its.share, its.fails_together]
        )
        for its in figures.by_coin
    }


def test_the_charts_add_up_to_the_tables(tmp_path: Path) -> None:
    book_ = load(built(tmp_path), data_only=True)
    board, calc, letter = book_["Dashboard"], book_["Calc"], layout.CHART_LETTER
    for number in range(7):
        long, short = (calc[f"{letter[name]}{6 + number}"].value for name in ("long", "short"))
        assert long >= 0 >= short
        assert long - short == pytest.approx(board[f"C{24 + number}"].value)
        assert long + short == pytest.approx(board[f"D{24 + number}"].value)
    for number in range(4):
        boxes, pools = (calc[f"{letter[name]}{6 + number}"].value for name in ("boxes", "pools"))
        assert boxes + pools == pytest.approx(board[f"E{35 + number}"].value)


def position(**cells: Any) -> dict[str, Any]:
    return {
        "venue": "binance", "symbol": "BTCUSDT", "side": "long", "size": 1.0, "leverage": 10.0,
        "entry_price": 97_000.0, "mark_price": 97_000.0, **cells,
    }  # fmt: skip


def wallet(**cells: Any) -> dict[str, Any]:
    return {"account": "a", "venue": "binance", "wallet_balance": 20_000.0, **cells}


BOX = position(account="a", isolated_margin=5_000.0)
CROSS = position(account="a", margin_mode="cross", symbol="ETHUSDT", entry_price=3_300.0,
                 mark_price=3_300.0)  # fmt: skip
COIN = position(account="a", symbol="BTCUSD_PERP", isolated_margin=0.01, size=10.0)


# Account, venue -> what Accounts says of each row: positions, cross positions, dollars in boxes
@pytest.mark.parametrize(
    ("its", "held", "drawn"),
    [
        ([BOX], [wallet()], [(1, 0, 5_000.0)]),
        ([BOX, CROSS], [wallet(), wallet(account="b")], [(2, 1, 5_000.0), (0, 0, 0)]),
        # A name is one in any spelling.
        ([{**BOX, "account": " A "}], [wallet(venue="Binance")], [(1, 0, 5_000.0)]),
        # Without a name it is the venue's only account.
        ([{**BOX, "account": None}], [wallet(), wallet(venue="gate")], [(1, 0, 5e3), (0, 0, 0)]),
        ([{**BOX, "account": None}], [wallet(), wallet(account="b")], [(0, 0, 0), (0, 0, 0)]),
        # What another venue or account holds is its own.
        ([BOX], [wallet(venue="bybit"), wallet(account="b")], [(0, 0, 0), (0, 0, 0)]),
        # A coin-margined house may stand under the venue's name.
        ([COIN], [wallet()], [(1, 0, 970.0)]),
        ([COIN], [wallet(), wallet(venue="binance_coinm")], [(0, 0, 0), (1, 0, 970.0)]),
        ([{**COIN, "venue": "binance_coinm"}], [wallet()], [(1, 0, 970.0)]),
        # What cannot be computed has no margin.
        ([{**BOX, "size": -1.0}], [wallet()], [(1, 0, 0)]),
    ],
)
def test_accounts_tell_what_draws_on_them(
    its: list[dict[str, Any]], held: list[dict[str, Any]], drawn: list[tuple[int, int, float]]
) -> None:
    model = modelled(pd.DataFrame(its), pd.DataFrame(held))
    found = [(row.positions, row.cross, row.boxed) for row in model.wallets]
    assert found == [(n, cross, pytest.approx(boxed)) for n, cross, boxed in drawn]
    risk = assess_table(
        pd.DataFrame(its), accounts=from_frame(pd.DataFrame(held)), as_of=SAMPLE_DAY
    )
    assert model.idle == exposure(risk).idle


@pytest.mark.parametrize(
    ("held", "checks"),
    [
        ([wallet()], ["ok"]),
        ([wallet(venue="nowhere")], ["fix venue"]),
        ([wallet(venue=None)], ["fix venue"]),
        ([wallet(wallet_balance=None)], ["fix wallet_balance"]),
        ([wallet(wallet_balance="60,000")], ["fix wallet_balance"]),  # New York or Berlin?
        ([wallet(wallet_balance="60,000.5", collateral_mode="Multi")], ["ok"]),
        ([wallet(collateral_mode="all")], ["fix collateral_mode"]),
        ([wallet(price="dear")], ["fix price"]),
        ([wallet(price=-1.0)], ["fix price"]),
        ([wallet(collateral_weight=1.5)], ["fix collateral_weight"]),
        ([wallet(collateral_weight="95%")], ["ok"]),
        ([wallet(currency="USDT"), wallet(currency="BTC", price=97_000.0)], ["ok", "ok"]),
        ([wallet(currency="USDT"), wallet()], ["ok", "fix currency"]),
        ([wallet(currency="USDT"), wallet(currency="usdt")], ["fix currency"] * 2),
        (
            [wallet(currency="USDT"), wallet(currency="USDC", collateral_mode="multi")],
            ["fix collateral_mode"] * 2,
        ),
        ([wallet(), wallet(account="b"), wallet(venue="gate")], ["ok"] * 3),
    ],
)
def test_an_account_that_cannot_be_used_says_what_to_fix(
    held: list[dict[str, Any]], checks: list[str]
) -> None:
    frame = pd.DataFrame(held)
    assert [row.check for row in modelled(book(), frame).wallets] == checks
    accounts = from_frame(frame)
    assert accounts
    usable = {holder for holder, _ in accounts.readable()}
    for row, check in zip(held, checks, strict=True):
        named = str(row["account"]), str(row["venue"] or "").lower()
        if check != "ok":
            assert named not in usable
        elif len(held) == 1:
            assert named in usable


def test_the_house_is_the_one_that_the_core_finds() -> None:
    its = pd.concat([book(), pd.DataFrame([COIN])], ignore_index=True)
    model = modelled(its, purse())
    assert [row.rule_venue for row in model.rows] == [
        terms.rule.venue for terms in model.book.terms
    ]
    assert model.rows[-1].rule_venue == "binance_coinm"


def test_lights_of_boxes_are_those_of_isolated_book() -> None:
    ours, theirs = Thresholds(), IsolatedThresholds()
    for name in ("red_distance", "amber_distance", "red_ratio"):
        assert getattr(ours, name) == getattr(theirs, name)


def test_pools_go_by_their_ratio_and_the_bankrupt_come_first(tmp_path: Path) -> None:
    its, held = book(), purse()
    its.loc[9, "mark_price"] = 140_000.0  # takes more than the account has
    held.loc[0, "wallet_balance"] = 20_000.0
    sheet = load(built(tmp_path, its, accounts=held), data_only=True)["Pools"]
    rows = [[sheet[f"{column}{row}"].value for column in "ABCK"] for row in (6, 7, 8)]
    assert rows[0] == [1, "Liquidated", "basis", "bankrupt"]
    assert [row[:3] for row in rows[1:]] == [[2, "Green", "market making"], [3, "Green", "hyper"]]
    assert rows[1][3] > rows[2][3] > 0.3
    assert sheet["A9"].value is None


# Structure


def test_sheets_and_names(shipped: Workbook) -> None:
    assert shipped.sheetnames == SHEETS
    assert shipped.active.title == "Dashboard"
    assert {s.title for s in shipped if s.sheet_state == "hidden"} == {"Calc"}
    names = shipped.defined_names
    for name in ("as_of", "red_distance", "amber_distance", "red_ratio", "amber_ratio"):
        ((sheet, at),) = names[name].destinations
        assert at.replace("$", "").isalnum()
        assert sheet in SHEETS
    assert not shipped.calculation.fullCalcOnLoad  # the stored values are to be seen


def test_names_that_formulas_use_are_defined(shipped: Workbook) -> None:
    for *_, text in formulas(SHIPPED):
        bare = re.sub(r'"[^"]*"|\[[^]]*\]|\w+!\$?[A-Z]+\$?\d+|\w+\(', "", text)
        words = set(re.findall(r"(?<![A-Za-z0-9])[a-z]\w{2,}", bare))
        assert words <= set(shipped.defined_names), text


def test_the_tables_and_their_columns(shipped: Workbook) -> None:
    table = shipped["Positions"].tables["Positions"]
    assert table.ref == f"A6:S{6 + len(book()) + 20}"
    assert table.column_names == list(positions.SHEET.columns)
    assert set(INPUTS) == set(inputs.COLUMNS)
    wallets = shipped["Accounts"].tables["Accounts"]
    assert wallets.ref == f"A6:K{6 + len(purse()) + 10}"
    assert wallets.column_names == list(accounts_sheet.COLUMNS)
    assert set(WALLET_INPUTS) == set(core_accounts.COLUMNS)
    for its in (table, wallets):
        sheet, letter = (
            (shipped["Positions"], positions.SHEET.letter)
            if its is table
            else (shipped["Accounts"], accounts_sheet.LETTER)
        )
        assert its.autoFilter is None
        for column in its.tableColumns:
            if column.calculatedColumnFormula:
                formula = column.calculatedColumnFormula.attr_text
                assert formula == str(sheet[f"{letter[column.name]}7"].value)[1:]


def validations(sheet: Any) -> dict[str, Any]:
    """By area."""
    return {
        area: rule
        for rule in sheet.data_validations.dataValidation
        for area in str(rule.sqref).split()
    }


@pytest.mark.parametrize("name", ["Positions", "Accounts"])
def test_each_column_is_validated_in_all_rows(tmp_path: Path, name: str) -> None:
    workbook = load(built(tmp_path, spare_rows=7, spare_accounts=3))
    letter, columns, last = (
        (positions.SHEET.letter, INPUTS, 6 + len(book()) + 7)
        if name == "Positions"
        else (accounts_sheet.LETTER, WALLET_INPUTS, 6 + len(purse()) + 3)
    )
    rules = validations(workbook[name])
    numbers = {**inputs.NUMBERS, **core_accounts.NUMBERS}
    for column in columns:
        if column in ("symbol", "account"):
            continue
        rule = rules[f"{letter[column]}7:{letter[column]}{last}"]
        assert rule.allow_blank
        assert rule.error
        assert rule.prompt
        wanted = "decimal" if column in numbers else "date" if column == "as_of" else "list"
        assert rule.type == wanted


def test_lists_live_in_the_workbook(shipped: Workbook) -> None:
    listed = {}
    for name in ("Positions", "Accounts"):
        for rule in validations(shipped[name]).values():
            if rule.type == "list":
                ((sheet, area),) = shipped.defined_names[rule.formula1].destinations
                listed[rule.formula1] = [row[0].value for row in shipped[sheet][area]]
    assert listed == {
        "list_venue": list(venues.names()),
        "list_side": ["long", "short"],
        "list_margin_mode": ["isolated", "cross"],
        "list_contract_type": ["linear", "inverse", "quanto"],
        "list_collateral_mode": ["single", "multi"],
        "list_dollars": list(tiers.DOLLARS),
    }


@pytest.mark.parametrize("rows", [0, 14, 200])
def test_column_heads_are_repeated_on_each_page(tmp_path: Path, rows: int) -> None:
    its = pd.concat([book()] * 15, ignore_index=True).head(rows)
    workbook = load(built(tmp_path, its))
    heads = {"Positions": 6, "Accounts": 6, "Risk": 6, "Pools": 5}
    for name, head in heads.items():
        assert workbook[name].print_title_rows == f"${head}:${head}"
    assert workbook["Risk"].print_area.endswith(f"${6 + rows + 20}")


def test_figures_and_their_heads_are_on_one_side(shipped: Workbook) -> None:
    for name, head in (("Positions", 6), ("Accounts", 6), ("Risk", 6), ("Pools", 5)):
        sheet = shipped[name]
        for cell in sheet[head]:
            below = sheet.cell(head + 1, cell.column)
            assert cell.alignment.horizontal == below.alignment.horizontal, (name, cell.coordinate)


def test_notes_tell_rules_tiers_and_assumptions(shipped: Workbook) -> None:
    rows = list(shipped["Notes"].iter_rows(values_only=True))
    texts = [str(row[2] or "") for row in rows]
    for said in ("straight line", "lost all its equity", "others standing at their marks",
                 "Unhide", "Portfolio margin"):  # fmt: skip
        assert any(said in text for text in texts), said
    for venue in venues.names():
        start = next(at for at, row in enumerate(rows) if row[1] == venue and row[11] is not None)
        rules = venues.in_force(venue, SAMPLE_DAY)
        assert [row[2] for row in rows[start : start + len(rules)]] == [
            rule.product.replace("Ⓢ", "S") for rule in rules
        ]
    cross = [rule.cross for rule in venues.in_force("okx", SAMPLE_DAY) if rule.cross]
    assert all(any(its.statement in text for text in texts) for its in cross)


# What is put in


def test_text_from_outside_stays_text(tmp_path: Path) -> None:
    its = pd.DataFrame([dict.fromkeys(INPUTS, text) for text in HOSTILE])
    held = pd.DataFrame([dict.fromkeys(WALLET_INPUTS, text) for text in HOSTILE])
    path = built(tmp_path, its, accounts=held, title="=1+1")
    assert not [text for *_, text in formulas(path) if "cmd" in text or "HYPERLINK" in text]
    workbook = load(path)
    for name, letter, columns in (
        ("Positions", positions.SHEET.letter, INPUTS),
        ("Accounts", accounts_sheet.LETTER, WALLET_INPUTS),
    ):
        for row in range(7, 7 + len(HOSTILE)):
            for column in columns:
                cell = workbook[name][f"{letter[column]}{row}"]
                assert cell.data_type == "s", (name, cell.coordinate)
                assert bool(cell.quotePrefix) == cell.value.startswith(("=", "+", "-", "@"))
    assert workbook["Dashboard"]["B1"].value == "=1+1"
    assert workbook["Dashboard"]["B1"].data_type == "s"


def test_a_bad_row_says_why_and_a_blank_one_is_left_out(tmp_path: Path) -> None:
    its = book().astype(object)
    its.loc[5, "size"] = -1
    its.loc[6] = None
    its.loc[9, "side"] = "up"
    path = built(tmp_path, its)
    sheet = load(path, data_only=True)["Positions"]
    checks = [sheet[f"A{row}"].value for row in range(7, 21)]
    # Cross positions of an account with a row in error cannot be told
    assert checks == [*["fix account"] * 5, "fix size", "ok", "ok", "fix side", "fix account",
                      "ok", "ok", "ok", None]  # fmt: skip
    assert "another of its rows is in error" in sheet["S7"].value
    board = load(path, data_only=True)["Dashboard"]
    assert board["B3"].value.startswith("8 of the rows cannot be computed")
    assert board["G20"].value == 8
    assert board["G11"].value == 13


def test_a_row_that_could_not_be_read_is_not_computed(tmp_path: Path) -> None:
    reason = "row: has 9 cells, the header has 8"
    path = tmp_path / "book.xlsx"
    risk = fill("mixed_book", book(), path, accounts=purse(), refused={5: reason})
    assert str(risk.risk["status"][5]).startswith("error: size")
    sheet = load(path)["Positions"]
    assert sheet[f"{positions.SHEET.letter['size']}12"].value == reason
    assert sheet[f"{positions.SHEET.letter['entry_price']}12"].value is None


@pytest.mark.parametrize("name", ["mark_price", "side", "account", "margin_mode"])
def test_a_column_that_stands_there_twice_is_an_error_in_each_row(
    tmp_path: Path, name: str
) -> None:
    doubled = book()
    doubled[name.upper()] = doubled[name]
    risk = fill("mixed_book", doubled, tmp_path / "book.xlsx", accounts=purse())
    assert all("more than once in the table" in text for text in risk.risk["status"])


def test_a_column_of_accounts_that_stands_there_twice_is_an_error(tmp_path: Path) -> None:
    doubled = purse()
    doubled["Wallet balance"] = 1e9
    path = built(tmp_path, accounts=doubled)
    sheet = load(path, data_only=True)["Accounts"]
    assert {sheet[f"A{row}"].value for row in range(7, 11)} == {"fix wallet_balance"}
    assert "4 of the accounts cannot be used" in load(path, data_only=True)["Dashboard"]["B3"].value


def test_without_accounts_boxes_are_computed_and_cross_positions_say_why(tmp_path: Path) -> None:
    path = built(tmp_path, accounts=None)
    workbook = load(path, data_only=True)
    assert workbook["Dashboard"]["D20"].value == 0
    assert workbook["Dashboard"]["E20"].value == 9
    assert "add it to the accounts" in workbook["Positions"]["S7"].value
    assert workbook["Dashboard"]["P5"].value == "none"


def test_labels_that_pandas_took_for_numbers_still_match(tmp_path: Path) -> None:
    its = book()
    its["account"] = its["account"].map({"market making": 7}).astype(float)
    its = its[its["venue"] == "binance"]
    held = pd.DataFrame([{"account": 7, "venue": "Binance", "wallet_balance": "98,000.50"}])
    path = built(tmp_path, its, accounts=held)
    sheet = load(path)["Accounts"]
    assert [sheet[f"{column}7"].value for column in "BCD"] == ["7", "binance", 98_000.5]
    checks = load(path, data_only=True)["Positions"]
    assert {checks[f"A{row}"].value for row in range(7, 14)} == {"ok"}


def test_the_filled_workbook_is_read_again(tmp_path: Path) -> None:
    path = built(tmp_path, as_of=date(2026, 11, 1))
    table, held = readers.read_table(path), readers.read_accounts(path)
    assert table.as_of == date(2026, 11, 1)
    ours = assess_table(book(), accounts=from_frame(purse()), as_of=table.as_of)
    again = assess_table(table.frame, accounts=from_frame(held.frame), as_of=table.as_of)
    for name in ("liquidation_price", "margin_ratio", "max_loss"):
        assert again.risk[name].tolist() == ours.risk[name].tolist()


def test_what_is_returned_is_the_risk_of_the_rows_written(tmp_path: Path) -> None:
    risk = fill(
        "mixed_book", book(), tmp_path / "b.xlsx", accounts=purse(), filled_on=SAMPLE_DAY
    )  # fmt: skip
    core = assess_table(book(), accounts=from_frame(purse()), as_of=SAMPLE_DAY)
    assert risk.risk["liquidation_price"].tolist() == core.risk["liquidation_price"].tolist()


# Wrong use


def test_figures_of_any_size_are_written(tmp_path: Path) -> None:
    held = purse().astype({"wallet_balance": float})
    held["wallet_balance"] = 1e300
    idle = pd.DataFrame([wallet(account=name, wallet_balance=1.7e308) for name in "abc"])
    its = book().astype({"size": float})
    its["size"] *= 1e200
    path = built(tmp_path, its, accounts=pd.concat([held, idle], ignore_index=True))
    values = {cell.findtext(f"{MAIN}v") for _, cell in cells(path)}
    assert not values & {"inf", "-inf", "nan"}
