"""What goes into the extension, and the values that cross into Calc; needs no LibreOffice."""

import math
import struct
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from ringfence_addin.catalogue import Formula
from ringfence_addin.cells import CellError
from ringfence_addin.functions import FORMULAS
from ringfence_addin.hosts.calc import build_oxt
from ringfence_addin.hosts.calc_values import calc_function, from_calc, to_calc


class Range:
    """A stand-in for Calc's range object: error cells are None, and tell their number."""

    def __init__(self, rows: tuple[tuple[object, ...], ...], number: int) -> None:
        self.rows, self.number = rows, number

    def getDataArray(self) -> tuple[tuple[object, ...], ...]:  # noqa: N802
        return self.rows

    def getCellByPosition(self, x: int, y: int) -> "Range":  # noqa: N802
        assert self.rows[y][x] is None
        return self

    def getError(self) -> int:  # noqa: N802
        return self.number


def error_number(value: object) -> int:
    assert isinstance(value, float)
    assert math.isnan(value)
    return struct.unpack("<Q", struct.pack("<d", value))[0] & 0xFFFF_FFFF


def test_the_same_formulas_give_the_same_bytes(tmp_path: Path) -> None:
    first = build_oxt(tmp_path / "one.oxt", FORMULAS).read_bytes()
    assert build_oxt(tmp_path / "two.oxt", FORMULAS).read_bytes() == first
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.oxt", "two.oxt"]


def test_a_failed_build_leaves_the_old_file(tmp_path: Path) -> None:
    target = build_oxt(tmp_path / "ringfence.oxt", FORMULAS)
    before = target.read_bytes()
    broken = {"RF_BROKEN": Formula("RF_BROKEN", print, 1, (), False)}  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        build_oxt(target, FORMULAS | broken)
    assert target.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["ringfence.oxt"]


def test_every_part_of_the_manifest_is_there_and_well_formed(tmp_path: Path) -> None:
    with zipfile.ZipFile(build_oxt(tmp_path / "ringfence.oxt", FORMULAS)) as archive:
        names = set(archive.namelist())
        manifest = ET.fromstring(archive.read("META-INF/manifest.xml"))
        for name in names:
            if name.endswith((".xml", ".xcu", ".components")):
                ET.fromstring(archive.read(name))
    listed = {path for entry in manifest for key, path in entry.items() if "full-path" in key}
    assert listed
    assert listed <= names


@pytest.mark.parametrize(
    ("result", "expected"),
    [(1, 1.0), (True, 1.0), (False, 0.0), (np.float64(2.5), 2.5), ("never", "never"), ("", "")],
)
def test_a_value_crosses_as_a_plain_number_or_text(result: object, expected: object) -> None:
    crossed = to_calc(result)
    assert crossed == expected
    assert type(crossed) is type(expected)


@pytest.mark.parametrize(
    ("result", "number"),
    [
        (CellError.NA, 32767),
        (CellError.VALUE, 519),
        (CellError.NUM, 503),
        (None, 32767),
        (math.nan, 503),
        (-math.inf, 503),
    ],
)
def test_an_error_crosses_as_calcs_own(result: object, number: int) -> None:
    assert error_number(to_calc(result)) == number


@pytest.mark.parametrize("returns_table", [True, False])
def test_a_fault_in_a_formula_is_value(returns_table: bool) -> None:
    def fails() -> None:
        raise ZeroDivisionError

    result = calc_function(Formula("RF_FAILS", fails, "Fails.", (), returns_table))(None)
    assert error_number(result[0][0] if returns_table else result) == 519


@pytest.mark.parametrize(("number", "text"), [(32767, "#N/A"), (532, "#DIV/0!"), (1234, "#VALUE!")])
def test_a_range_tells_its_error_cells(number: int, text: str) -> None:
    assert from_calc(Range(((1.0, None), ("", "a")), number)) == [[1.0, text], ["", "a"]]
