"""Classic Excel on Windows: builds `ringfence.bas`, the formulas as VBA functions.

The wrappers are xlwings' own, from the xlwings that is installed, so that they fit its add-in. Two
things are changed in them, since xlwings shows errors as plain text, which SUM skips and IFERROR
does not see: an answer such as "#N/A" becomes Excel's own error, and so does whatever goes wrong on
the way to Python. xlwings' *Import Functions* imports the same wrappers without that.
"""

import io
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace
from typing import Any, Final

import xlwings

from ringfence.errors import RingfenceError
from ringfence_addin.catalogue import Formula, declare

MODULE: Final = "ringfence_addin.functions"  # what VBA asks Python for
VBA_MODULE: Final = "Ringfence"  # beside xlwings_udfs, which Import Functions replaces

# What xlwings.udfs imports of Windows; writing VBA touches none of it.
_WINDOWS_MODULES: Final = ("pythoncom", "pywintypes", "win32com", "win32com.client")

_CALL: Final = re.compile(r"^( +)(RF_\w+) = (XLPy\.CallUDF\(.*\))$", re.MULTILINE)
_FAILURE: Final = re.compile(r"^( +)(RF_\w+) = Err\.Description$", re.MULTILINE)

FIRST_LINE: Final = f'Attribute VB_Name = "{VBA_MODULE}"'
_HEAD: Final = f"""\
{FIRST_LINE}
Option Explicit
'Written by "ringfence excel install": changes are lost when it writes the file again.
#Const App = "Microsoft Excel"

"""

# By number: LibreOffice, which runs this VBA in a test, has no xlErrNA.
_ERROR_NUMBERS: Final = {
    "#NULL!": 2000, "#DIV/0!": 2007, "#VALUE!": 2015, "#REF!": 2023, "#NAME?": 2029,
    "#NUM!": 2036, "#N/A": 2042,
}  # fmt: skip
_CASES: Final = "".join(
    f'        Case "{text}"\n            RingfenceCell = CVErr({number})\n'
    for text, number in _ERROR_NUMBERS.items()
)
_RESULTS: Final = f"""\
'What Python answers, with Excel's own errors where it holds their texts.
Private Function RingfenceResult(ByVal result As Variant) As Variant
    Dim i As Long, j As Long
    If IsArray(result) Then
        For i = LBound(result, 1) To UBound(result, 1)
            For j = LBound(result, 2) To UBound(result, 2)
                result(i, j) = RingfenceCell(result(i, j))
            Next j
        Next i
        RingfenceResult = result
    Else
        RingfenceResult = RingfenceCell(result)
    End If
End Function

Private Function RingfenceCell(ByVal value As Variant) As Variant
    RingfenceCell = value
    If VarType(value) <> vbString Then Exit Function
    Select Case value
{_CASES}    End Select
End Function

'Python could not be asked: #VALUE! in the cell, the reason in the Immediate window (Ctrl+G).
Private Function RingfenceFailure(ByVal reason As String) As Variant
    Debug.Print "Ringfence: " & reason
    RingfenceFailure = CVErr(2015)
End Function

"""

_DESCRIBE: Final = """\
Private Sub RingfenceDescribe(ByVal name As String, ByVal help As String, ByVal docs As Variant)
    Dim macro As String
    macro = "'" & ThisWorkbook.Name & "'!" & name
    If UBound(docs) < LBound(docs) Then
        Application.MacroOptions Macro:=macro, Description:=help, Category:="Ringfence"
    Else
        Application.MacroOptions Macro:=macro, Description:=help, Category:="Ringfence", _
            ArgumentDescriptions:=docs
    End If
End Sub

'The help of the function wizard: run once (Alt+F8), then save.
Public Sub RingfenceHelp()
"""


def module_text(formulas: Mapping[str, Formula]) -> str:
    """The VBA module, as Excel's VBA editor imports it: ASCII, Windows' line ends.

    Raises RingfenceError where the installed xlwings writes wrappers that are not known here.
    """
    wrappers, calls = _CALL.subn(r"\1\2 = RingfenceResult(\3)", _wrappers(formulas))
    wrappers, failures = _FAILURE.subn(r"\1\2 = RingfenceFailure(Err.Description)", wrappers)
    # in Excel and, in a branch that is not compiled there, in other Office programs
    if (calls, failures) != (2 * len(formulas), len(formulas)):
        raise RingfenceError(
            f"xlwings {xlwings.__version__} writes VBA that Ringfence does not know; install"
            " xlwings 0.37.8, or use Import Functions (docs/install-classic.md)"
        )
    help_lines = "\n".join(map(_description, formulas.values()))
    text = f"{_HEAD}{wrappers}{_RESULTS}{_DESCRIBE}{help_lines}\nEnd Sub\n"
    return text.replace("\n", "\r\n")


def _wrappers(formulas: Mapping[str, Formula]) -> str:
    """xlwings' VBA functions for the formulas."""
    with _generator() as udfs:
        for formula in formulas.values():
            declare(formula, udfs.xlfunc, udfs.xlarg)
        functions = SimpleNamespace(**{name: its.function for name, its in formulas.items()})
        text = io.StringIO()
        # The name makes the wrappers fit an add-in; they fit a workbook too.
        udfs.generate_vba_wrapper(MODULE, functions, text, SimpleNamespace(Name="ringfence.xlam"))
    return text.getvalue()


@contextmanager
def _generator() -> Iterator[Any]:
    """xlwings' module of Windows functions; elsewhere with empty modules in Windows' place."""
    missing = [name for name in _WINDOWS_MODULES if name not in sys.modules]
    if sys.platform == "win32" or not missing:
        yield _udfs()
        return
    try:
        sys.modules.update({name: ModuleType(name) for name in missing})
        vars(sys.modules["pythoncom"])["CoInitialize"] = None
        vars(sys.modules["win32com.client"])["Dispatch"] = None
        yield _udfs()
    finally:
        for name in (*missing, "xlwings.udfs"):
            sys.modules.pop(name, None)
        vars(xlwings).pop("udfs", None)


def _udfs() -> Any:
    try:
        from xlwings import udfs
    except ImportError as error:
        raise RingfenceError(
            f"xlwings cannot write VBA here ({error}); on Windows: py -m pip install pywin32"
        ) from None
    return udfs


def _description(formula: Formula) -> str:
    docs = _listed(argument.doc for argument in formula.arguments)
    return f'    RingfenceDescribe "{formula.name}", {_quoted(formula.doc)}, Array({docs})'


def _listed(texts: Iterable[str]) -> str:
    """Texts as the arguments of a call, a line each: a line of VBA has at most 1,023 characters."""
    return ",".join(f" _\n        {_quoted(text)}" for text in texts)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
