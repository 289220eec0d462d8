"""The lines that Ringfence adds to xlwings' VBA, run: LibreOffice's Basic understands VBA.

Excel is not here, so what belongs to it is taken out: its call to Python is a function below, and
Application.Caller and Debug.Print are left out.
"""

import subprocess
from pathlib import Path

import pytest

from ringfence_addin.functions import FORMULAS
from ringfence_addin.hosts.classic import module_text
from ringfence_addin.office.find import Installation, environment

# Answers in the place of Python; then what a cell would get, a line each.
PROBE = """
Function FakeCallUDF(module, name, given)
    Dim one(0, 0) As Variant
    Dim table(1, 2) As Variant
    Select Case given(0)
        Case "raise"
            Err.Raise 1000, "xlwings", "Could not activate Python COM server"
        Case "table"
            table(0, 0) = "#N/A"
            table(0, 1) = 5.5
            table(0, 2) = "#VALUE!"
            table(1, 0) = "#N/A, said"
            table(1, 1) = Empty
            table(1, 2) = "#NUM!"
            FakeCallUDF = table
        Case "alone"
            FakeCallUDF = "#DIV/0!"
        Case Else
            one(0, 0) = given(0)
            FakeCallUDF = one
    End Select
End Function

Function Shown(value) As String
    If IsError(value) Then
        Shown = "error " & CLng(value)
    ElseIf IsEmpty(value) Then
        Shown = "empty"
    Else
        Shown = TypeName(value) & " " & value
    End If
End Function

Function Tried() As String
    Dim given, answer, cell
    Dim lines As String
    For Each given In Array({given})
        answer = RF_LIQ_PRICE(given, "BTCUSDT", "long", 50, 60000)
        If IsArray(answer) Then
            For Each cell In answer
                lines = lines & given & ": " & Shown(cell) & Chr(10)
            Next
        Else
            lines = lines & given & ": " & Shown(answer) & ", alone" & Chr(10)
        End If
    Next
    Tried = lines
End Function
"""
GIVEN = ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "never", "")


@pytest.fixture(scope="module")
def cells(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What the cells get for each answer of Python."""
    profile = tmp_path_factory.mktemp("basic")
    given = ", ".join(f'"{text}"' for text in (*GIVEN, "alone", "table", "raise"))
    module = profile / "tried.bas"
    module.write_text(without_excel() + PROBE.format(given=given + ", 5.5"), "utf-8")
    command = [
        installation.python, Path(__file__).with_name("run_basic.py"),
        installation.soffice, profile, module, "Tried",
    ]  # fmt: skip
    ran = subprocess.run(
        command, env=environment(), timeout=180, check=True, stdout=subprocess.PIPE, text=True
    )
    return ran.stdout.splitlines()


def without_excel() -> str:
    """The whole module as LibreOffice can run it."""
    _, _, source = module_text(FORMULAS).replace("\r\n", "\n").partition("\n")
    for excel, here in (
        ("XLPy.CallUDF(", "FakeCallUDF("),
        (", ActiveWorkbook, Application.Caller", ""),
        ("If TypeOf Application.Caller Is Range Then ", ""),
        ('Debug.Print "Ringfence: " & reason', ""),
    ):
        assert excel in source
        source = source.replace(excel, here)
    return "Option VBASupport 1\n" + source


def of(cells: list[str], given: str) -> list[str]:
    return [its.removeprefix(f"{given}: ") for its in cells if its.startswith(f"{given}: ")]


def test_texts_of_errors_become_errors(cells: list[str]) -> None:
    numbers = (2000, 2007, 2015, 2023, 2029, 2036, 2042)  # xlErrNull .. xlErrNA
    for text, number in zip(GIVEN, numbers, strict=False):
        assert of(cells, text) == [f"error {number}"]
    assert of(cells, "alone") == ["error 2007, alone"]


def test_all_else_stays(cells: list[str]) -> None:
    assert of(cells, "never") == ["String never"]
    assert of(cells, "") == ["String "]
    assert of(cells, "5.5") == ["Double 5.5"]


def test_cells_of_a_table(cells: list[str]) -> None:
    assert sorted(of(cells, "table")) == [
        "Double 5.5", "String #N/A, said", "empty", "error 2015", "error 2036", "error 2042",
    ]  # fmt: skip


def test_what_goes_wrong_on_the_way_to_python_is_an_error(cells: list[str]) -> None:
    assert of(cells, "raise") == ["error 2015, alone"]
