"""Cell values as hosts deliver them, in and out."""

import math
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.errors import InputError
from ringfence_addin import cells
from ringfence_addin.cells import CellError

CELL_VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20),
        st.dates(), st.datetimes(), st.sampled_from(["#N/A", "#VALUE!", "=cmd|' /C calc'!A0"]),
    ),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)  # fmt: skip


@pytest.mark.parametrize("blank", [None, "", "  ", [[None]], ((None,),), [""]])
def test_blank_is_none(blank: Any) -> None:
    assert cells.argument("mmr", blank) is None
    assert cells.argument("size", blank) is None


@pytest.mark.parametrize("zero", [0, 0.0, [[0.0]]])
def test_zero_is_blank(zero: Any) -> None:
    # LibreOffice hands an empty cell over as 0.0.
    assert cells.argument("isolated_margin", zero) is None
    assert cells.argument("as_of", zero) is None
    assert cells.argument("symbol", zero) is None
    assert cells.argument("size", zero) is None


def test_a_zero_that_a_row_needs_is_named_as_one() -> None:
    columns, _, _ = cells.table_columns([["venue", "size", "mmr"], ["binance", 0, 0]])
    assert columns == {"venue": ["binance"], "size": [0], "mmr": [None]}


@pytest.mark.parametrize("one", [5, 5.0, [5], [[5.0]], ((5,),)])
def test_one_cell_however_it_comes(one: Any) -> None:
    value = cells.argument("size", one)
    assert value == 5.0
    assert isinstance(value, float)


def test_days() -> None:
    assert cells.argument("as_of", 46349.0) == date(2026, 11, 23)
    assert cells.argument("as_of", 46349.75) == date(2026, 11, 23)
    assert cells.argument("as_of", datetime(2026, 11, 23)) == datetime(2026, 11, 23)
    for impossible in (-5.0, 1e12, math.nan):
        with pytest.raises(InputError, match="as_of"):
            cells.argument("as_of", impossible)


@pytest.mark.parametrize(
    ("text", "error"),
    [("#N/A", CellError.NA), ("#NUM!", CellError.NUM), ("#REF!", CellError.VALUE)],
)
def test_an_error_cell_passes_its_error_on(text: str, error: CellError) -> None:
    with pytest.raises(InputError, match="size: the cell holds the error") as caught:
        cells.argument("size", text)
    assert cells.error_value(caught.value) is error


def test_a_range_where_a_cell_belongs_is_refused() -> None:
    with pytest.raises(InputError, match="size: is a range; give one cell"):
        cells.argument("size", [[1.0, 2.0]])


def test_results() -> None:
    assert cells.scalar(1.5) == 1.5
    assert cells.scalar(None) == cells.scalar(math.nan) == "never"
    assert cells.scalar(math.inf) == "bankrupt"
    assert cells.cell(math.nan) == cells.cell(None) == ""
    assert cells.cell("ok") == "ok"
    assert cells.cell(math.inf) == "bankrupt"


def test_table_columns() -> None:
    table = [
        ["Venue", "Entry Price", "note", None],
        ["binance", 5, "mine", ""],
        [None, "", None, 1],
        [None, None, None, None],
        ["", None, "", None],
    ]
    columns, n, twice = cells.table_columns(table)
    assert columns == {"venue": ["binance", None], "entry_price": [5.0, None]}
    assert (n, twice) == (2, [])


def test_table_with_a_column_twice_says_which() -> None:
    assert cells.table_columns([["venue", "side", "Side"], ["x", "a", "b"]])[2] == ["side"]


@pytest.mark.parametrize("table", [None, 5, "x", [], [[]], [["a", "b"], [1, 2]], [[None]]])
def test_what_is_no_table_is_refused(table: Any) -> None:
    with pytest.raises(InputError, match="positions: "):
        cells.table_columns(table)


@given(st.sampled_from(["venue", "side", "size", "mmr", "as_of", "symbol"]), CELL_VALUES)
def test_any_cell_gives_a_value_or_a_one_line_error(name: str, value: Any) -> None:
    try:
        cells.argument(name, value)
    except InputError as error:
        assert "\n" not in str(error)
    except OverflowError:
        assert isinstance(cells.single(value), int)  # RF_ functions answer #VALUE!


@given(CELL_VALUES)
def test_any_cell_is_taken_for_a_table_or_refused(value: Any) -> None:
    try:
        cells.table_columns(value)
    except InputError as error:
        assert str(error).startswith("positions: ")
