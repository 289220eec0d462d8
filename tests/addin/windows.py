"""xlwings' classic Windows functions, run where there is no Windows: a process of its own.

    python windows.py < calls.json > report.json

pywin32's modules are empty shells; everything else is xlwings' own: its decorators, its VBA
generator, and `call_udf`, which Excel's VBA reaches through COM. Its paid part may not be imported.

calls.json: a list of [formula, arguments]. An argument is a value as COM delivers it, a list of
rows (a tuple of tuples in COM), or one of {"range": value} (a reference to cells), {"date":
"2026-01-02"}, {"object": ""} (no value of a cell). The report has {"result": ...} or {"raised":
"..."} for each call; {"error": "#N/A"} is an error value among the results.
"""

import asyncio
import ctypes
import datetime
import json
import sys
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

MISSING = -2147352572  # DISP_E_PARAMNOTFOUND: what an omitted Optional arrives as
ERRORS = {  # how COM delivers error cells
    "#NULL!": -2146826288, "#DIV/0!": -2146826281, "#VALUE!": -2146826273, "#REF!": -2146826265,
    "#NAME?": -2146826259, "#NUM!": -2146826252, "#N/A": -2146826246,
}  # fmt: skip
EXCEL_RANGE = "{00020846-0000-0000-C000-000000000046}"


class ComError(Exception):
    pass


class Shell:
    """For what is only touched while xlwings loads."""

    def __init__(self, *args: object, **options: object) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Shell()

    def __call__(self, *args: object, **options: object) -> Any:
        return Shell()


class NoPaidPart:
    """An import hook: fails on what needs a licence key."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name == "xlwings.pro" or name.startswith("xlwings.pro."):
            raise ImportError("xlwings.pro is not for tests")


class Cells:
    """A COM Range, as far as xlwings looks at it: what a reference in a formula arrives as."""

    class _oleobj_:  # noqa: N801 (pywin32's names)
        @staticmethod
        def GetTypeInfo() -> Any:  # noqa: N802
            return SimpleNamespace(GetTypeAttr=lambda: SimpleNamespace(iid=EXCEL_RANGE))

    def __init__(self, value: Any) -> None:
        self.Value = value
        rows = value if isinstance(value, tuple) else ((value,),)
        self.Worksheet, self.Row, self.Column = MagicMock(), 1, 1
        self.Rows = SimpleNamespace(Count=len(rows))
        self.Columns = SimpleNamespace(Count=len(rows[0]))


def stub(name: str, **content: object) -> None:
    made = sys.modules[name] = ModuleType(name)
    made.__dict__.update(content)
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, made)


def pretend_windows() -> Any:
    """xlwings' Windows functions, with its decorators in force; the module `xlwings.udfs`."""
    sys.meta_path.insert(0, NoPaidPart())  # type: ignore[arg-type]
    stub("pywintypes", com_error=ComError, error=ComError, TimeType=datetime.datetime, IID=str)
    nothing = {"CoInitialize": lambda: None, "IID_IDispatch": "", "com_error": ComError}
    stub("pythoncom", __file__="", **nothing)
    for name in ("win32api", "win32con", "win32gui", "win32event", "win32timezone", "win32com"):
        stub(name)
    stub("win32process", GetWindowThreadProcessId=lambda window: (0, 1))
    shells = dict.fromkeys(
        ("DispatchEx", "CDispatch", "CoClassBaseClass", "DispatchBaseClass"), Shell
    )
    stub("win32com.client", Dispatch=lambda xl, *_, **__: xl, **shells)
    ctypes.windll, ctypes.oledll = Shell(), Shell()  # type: ignore[attr-defined, misc, assignment]
    real, ctypes.PyDLL = ctypes.PyDLL, Shell  # type: ignore[misc, assignment]
    import xlwings
    from xlwings import _xlwindows, udfs

    ctypes.PyDLL = real  # type: ignore[misc]
    # call_udf takes this one name from the COM server
    stub("xlwings.com_server", loop=asyncio.new_event_loop())
    xlwings._xlwindows = _xlwindows
    xlwings.engines.add(xlwings.Engine(impl=_xlwindows.engine))
    xlwings.engines.active = xlwings.engines["excel"]  # it says how to clean cells
    xlwings.func, xlwings.arg = udfs.xlfunc, udfs.xlarg
    return udfs


def argument(value: Any) -> Any:
    match value:
        case {"range": inner}:
            return Cells(argument(inner))
        case {"date": day}:
            return datetime.datetime.fromisoformat(day)
        case {"object": _}:
            return MagicMock()
        case [*rows]:
            return tuple(map(argument, rows))
    return value


def shown(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return list(map(shown, value))
    return {"error": str(value)} if type(value).__name__ == "CellError" else value


def main() -> None:
    udfs = pretend_windows()
    from ringfence_addin.hosts.classic import MODULE, module_text
    from ringfence_addin.functions import FORMULAS  # isort: skip (xlwings' decorators come first)

    calls = []
    for name, given in json.load(sys.stdin):
        # VBA's Array(...) has them all, in order
        arguments = [*given, *[MISSING] * (len(FORMULAS[name].arguments) - len(given))]
        try:
            result = udfs.call_udf(MODULE, name, tuple(map(argument, arguments)), None, object())
            calls.append({"result": shown(result)})
        except Exception as error:
            calls.append({"raised": f"{type(error).__name__}: {error}"})
    metadata = {name: its.function.__xlfunc__ for name, its in FORMULAS.items()}
    paid = [name for name in sys.modules if name.startswith("xlwings.pro")]
    report = {"calls": calls, "metadata": metadata, "module": module_text(FORMULAS), "paid": paid}
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main()
