"""What people type, what files hold: read where there is one reading, refused in one line."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.strategies import floats
from ringfence import inputs
from ringfence.errors import InputError


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("60000", 60_000.0),
        (" 60000.5 ", 60_000.5),
        ("-0.5", -0.5),
        ("−0.5", -0.5),  # the minus sign of typesetters
        ("1e3", 1_000.0),
        (".5", 0.5),
        ("60,000.50", 60_000.5),
        ("1,234,567", 1_234_567.0),
        ("1.234.567", 1_234_567.0),
        ("60.000,50", 60_000.5),
        ("0,005", 0.005),
        ("60000,5", 60_000.5),
        ("1 234,5", 1_234.5),
        ("1\u00a0234\u00a0567.8", 1_234_567.8),
        ("1'234.5", 1_234.5),
    ],
)
def test_one_reading(text: str, number: float) -> None:
    assert inputs.number_from_text(text) == number


@pytest.mark.parametrize(
    "text",
    ["60,000", "-1,234", "abc", "", "1,2,3", "1.2.3", "12,34,567", "1 23", "0x10", "1_000", "nan",
     "inf", "--5", "5-", "1e9999999", "=1+1", "1,234.567,8", "½"],
)  # fmt: skip
def test_none_or_two_readings(text: str) -> None:
    assert inputs.number_from_text(text) is None


@given(floats(-1e15, 1e15))
def test_what_python_prints_is_read_back(number: float) -> None:
    assert inputs.number_from_text(repr(number)) == number
    grouped = f"{abs(number):,.2f}"
    assert inputs.number_from_text(grouped) == pytest.approx(round(abs(number), 2))


@given(st.text(max_size=30))
def test_any_text_is_a_number_or_a_one_line_error(text: str) -> None:
    for field in inputs.NUMBERS.values():
        try:
            value = inputs.parse_number(field, text)
        except InputError as error:
            line = str(error)
            assert line.startswith(f"{field.name}: ")
            assert line.isprintable()
            assert len(line) < 160
        else:
            assert value is None or field.accepts(value)


BLANKS = [None, "", "  ", float("nan"), np.nan, pd.NA, pd.NaT, np.float64("nan")]


@pytest.mark.parametrize("value", BLANKS, ids=repr)
def test_blank(value: Any) -> None:
    assert inputs.is_blank(value)
    assert inputs.parse_number(inputs.NUMBERS["size"], value) is None
    assert inputs.parse_choice("side", value) is None
    assert inputs.parse_date(value) is None
    assert inputs.parse_text(value) == ""


@pytest.mark.parametrize("value", [0, 0.0, False, "0", "x", [1], np.array([1.0, 2.0])], ids=repr)
def test_not_blank(value: Any) -> None:
    assert not inputs.is_blank(value)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("size", -5, "size: -5 is not a number above 0; the column side says long or short"),
        ("size", True, "size: True is not a number above 0"),
        ("size", float("inf"), "size: inf is not a number above 0"),
        ("size", 10**400, "size: 1000"),
        ("size", date(2026, 1, 1), "size: 2026-01-01 is not a number above 0"),
        ("size", [1, 2], "size: [1, 2] is not a number above 0"),
        ("entry_price", 0, "entry_price: 0 is not a number above 0"),
        ("entry_price", "60,000", "entry_price: '60,000' is not a number above 0; type it plainly"),
        ("entry_price", "5%", "entry_price: '5%' is not a number above 0"),
        ("mmr", 0.5 + 0.5, "mmr: 1 is not a number at least 0 and below 1 (1 % is 0.01)"),
        ("mmr", 2, "mmr: 2 is not a number at least 0 and below 1 (2 % is 0.02)"),
        ("funding_rate", -1, "funding_rate: -1 is not a number above -1 and below 1"),
    ],
)
def test_error_says_field_value_and_what_is_allowed(name: str, value: Any, says: str) -> None:
    with pytest.raises(InputError) as caught:
        inputs.parse_number(inputs.NUMBERS[name], value)
    assert str(caught.value).startswith(says)
    assert caught.value.field == name


@pytest.mark.parametrize("value", ["0.5%", " 0.5 % ".replace(" %", "%"), 0.005, "0.005", "0,005",
                                   Decimal("0.005"), np.float32(0.005)])  # fmt: skip
def test_rates_are_fractions_and_a_percent_sign_is_read(value: Any) -> None:
    assert inputs.parse_number(inputs.NUMBERS["mmr"], value) == pytest.approx(0.005)


@pytest.mark.parametrize("text", ["0.5%%", "%", "1,000%", "5 % %"])
def test_one_percent_sign_behind_one_number(text: str) -> None:
    assert inputs.NUMBERS["mmr"].read(text) is None
    assert inputs.NUMBERS["entry_price"].read("5%") is None  # no rate


def test_choices() -> None:
    assert inputs.parse_choice("side", " LONG ") == 1.0
    assert inputs.parse_choice("side", "sell") == -1.0
    assert inputs.parse_choice("margin_mode", "Crossed") == "cross"
    with pytest.raises(InputError, match="side: 'up' is not long or short"):
        inputs.parse_choice("side", "up")
    with pytest.raises(InputError, match="contract_type: 5 is not linear, inverse or quanto"):
        inputs.parse_choice("contract_type", 5)


@pytest.mark.parametrize(
    "value",
    ["2026-11-23", "2026-11-23T10:00:00", date(2026, 11, 23), datetime(2026, 11, 23, 5),
     pd.Timestamp("2026-11-23"), np.datetime64("2026-11-23")],
)  # fmt: skip
def test_days(value: Any) -> None:
    assert inputs.parse_date(value) == date(2026, 11, 23)


@pytest.mark.parametrize("value", ["23/11/2026", "soon", 5, "2026-13-01"])
def test_no_days(value: Any) -> None:
    with pytest.raises(InputError, match=r"as_of: .* is not a date like 2026-11-23"):
        inputs.parse_date(value)


@given(st.one_of(floats(-1e308, 1e308), st.just(float("inf")), st.just(float("nan"))))
def test_one_value_and_an_array_are_judged_alike(value: float) -> None:
    for field in inputs.NUMBERS.values():
        assert bool(field.accepts_all(np.array([value]))[0]) == field.accepts(value)


def test_columns_and_fields_agree() -> None:
    assert set(inputs.NUMBERS) < set(inputs.COLUMNS)
    assert set(inputs.REQUIRED) < set(inputs.COLUMNS)
    assert inputs.column_name("  Entry  Price ") == "entry_price"
