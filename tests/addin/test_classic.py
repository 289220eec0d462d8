"""Classic Excel on Windows: the VBA, the way through COM, the settings; without Windows.

What needs xlwings' Windows half runs once, in a process of its own (windows.py).
"""

import json
import math
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, get_type_hints

import pytest
import xlwings

from addin.test_functions import BTC, POSITION, SOUND
from addin.windows import ERRORS, MISSING
from ringfence import venues
from ringfence_addin import catalogue, cli
from ringfence_addin.catalogue import Argument
from ringfence_addin.commands import excel
from ringfence_addin.functions import FORMULAS
from ringfence_addin.hosts import classic
from ringfence_addin.hosts.classic import MODULE, module_text
from ringfence_addin.hosts.classic_settings import RECORD, Settings, this_python

ARGUMENTS = dict(zip(POSITION, BTC, strict=False)) | SOUND
OBJECT = {"object": ""}
HEAD = ["venue", "symbol", "side", "size", "entry_price", "leverage"]
ROW = ["binance", "BTCUSDT", "long", 50.0, 60_000.0, 20.0]
# What somebody may put where an argument belongs, as COM delivers it
ANYTHING: list[Any] = [
    MISSING, None, "", *(ERRORS[text] for text in ("#N/A", "#DIV/0!", "#NAME?")), "60,000", "50",
    True, 0.0, -1.0, 1e308, math.nan, math.inf, "x" * 32_767, [[5.0]], [[None]],
    [[ERRORS["#REF!"]]], [[1.0, 2.0]], [[1.0], ["a"]], SOUND["positions"], {"range": None},
    {"range": 5.0}, {"range": ERRORS["#NUM!"]}, {"range": SOUND["positions"]},
    {"date": "2026-01-02"}, OBJECT,
]  # fmt: skip
Call = tuple[str, list[Any]]


def sound(name: str) -> list[Any]:
    """Arguments that the formula can answer."""
    return [ARGUMENTS.get(its.name) for its in FORMULAS[name].arguments]


def calls() -> list[Call]:
    made: list[Call] = []
    for name in FORMULAS:
        plain = sound(name)
        made.append((name, plain))
        made.append((name, [{"range": value} for value in plain]))
        made.append((name, [str(v) if isinstance(v, float) else v for v in plain]))
        made.append((name, []))
        for value in ANYTHING:
            made.append((name, [value for _ in plain]))
            made += [(name, [*plain[:at], value, *plain[at + 1 :]]) for at in range(len(plain))]
    return made


# What must be seen of error cells and tables, beside the answers being Python's
ERROR_CALLS: list[tuple[str, list[Any], Any]] = [
    ("RF_LIQ_PRICE", [*BTC, ERRORS["#DIV/0!"]], {"error": "#VALUE!"}),
    ("RF_LIQ_PRICE", [*BTC, ERRORS["#N/A"]], {"error": "#N/A"}),
    ("RF_LIQ_PRICE", [*BTC, {"range": ERRORS["#NUM!"]}], {"error": "#NUM!"}),
    ("RF_LIQ_PRICE", [*BTC, ""], 57_342.727730246595),
    ("RF_LIQ_PRICE", ["binance", "BTCUSDT", "long"], {"error": "#N/A"}),
    ("RF_RISK", [[HEAD, ROW], ERRORS["#N/A"]], "status"),
    ("RF_RISK", [[HEAD, ROW], None, ERRORS["#N/A"]], "status"),
    ("RF_ACCOUNT_RATIO", [SOUND["positions"], SOUND["accounts"], ERRORS["#REF!"]],
     {"error": "#VALUE!"}),
]  # fmt: skip
# The last cell of a row that holds an error is its status
ROWS_IN_ERROR = [HEAD, [*ROW[:3], ERRORS["#N/A"], *ROW[4:]], [*ROW[:5], ERRORS["#REF!"]], ROW,
                 [ERRORS["#NAME?"], *ROW[1:]], [None] * 6]  # fmt: skip


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    """windows.py's report on :func:`calls`, ERROR_CALLS and ROWS_IN_ERROR, in this order."""
    asked = [*calls(), *(its[:2] for its in ERROR_CALLS), ("RF_RISK", [ROWS_IN_ERROR])]
    ran = subprocess.run(
        [sys.executable, Path(__file__).with_name("windows.py")],
        input=json.dumps(asked), stdout=subprocess.PIPE, text=True, check=True, timeout=300,
    )  # fmt: skip
    answers: dict[str, Any] = json.loads(ran.stdout)
    return answers


# The way through COM


def python_value(argument: Argument, value: Any) -> Any:
    """The argument as the formula must get it from xlwings."""
    if value == MISSING:
        return None
    if isinstance(value, dict):
        if "date" in value:
            day = datetime.fromisoformat(value["date"])
            return [[day]] if argument.is_range else day
        return python_value(argument, value["range"])
    rows = value if isinstance(value, list) else [[value]]
    rows = [[cell(its) for its in row] for row in rows]
    if argument.is_range:
        return rows
    if len(rows) == 1:
        rows = rows[0]
    elif len(rows[0]) == 1:
        rows = [row[0] for row in rows]
    return rows[0] if len(rows) == 1 else rows


def cell(value: Any) -> Any:
    if value == "":
        return None
    texts = {number: text for text, number in ERRORS.items()}
    return texts.get(value, value) if type(value) is int else value


def excel_value(value: Any) -> Any:
    """An answer as it must reach VBA: always rows; no number is an empty text."""
    rows = value if isinstance(value, list) else [[value]]
    return [
        ["" if its is None or its != its else {"error": str(its)} if is_error(its) else its
         for its in row]
        for row in rows
    ]  # fmt: skip


def is_error(value: Any) -> bool:
    return type(value).__name__ == "CellError"


def test_com_delivers_what_the_functions_answer_and_never_an_exception(
    report: dict[str, Any],
) -> None:
    answered = 0
    for (name, given), its in zip(calls(), report["calls"], strict=False):
        assert "raised" not in its, (name, given, its)
        rows = its["result"]
        assert len({len(row) for row in rows}) == 1
        assert all(
            isinstance(value, (str, float, int)) or value.keys() == {"error"}
            for row in rows for value in row
        )  # fmt: skip
        if OBJECT in given:
            continue
        formula = FORMULAS[name]
        arguments = map(python_value, formula.arguments, given)
        expected = excel_value(formula.function(*arguments) if given else no_arguments(name))
        assert json.dumps(rows) == json.dumps(expected), (name, given)
        answered += 1
    assert answered > 3_000


def no_arguments(name: str) -> Any:
    return FORMULAS[name].function(*[None] * len(FORMULAS[name].arguments))


def test_an_error_cell_is_no_blank(report: dict[str, Any]) -> None:
    answers = report["calls"][len(calls()) :]
    for (name, given, first), its in zip(ERROR_CALLS, answers, strict=False):
        assert its["result"][0][0] == first, (name, given)
    assert answers[5]["result"][1][0] == "error: as_of: the cell holds the error #N/A"
    assert answers[6]["result"][1][0].startswith("error: accounts: the first row must hold")


def test_a_row_with_an_error_cell_says_so(report: dict[str, Any]) -> None:
    head, *rows = report["calls"][-1]["result"]
    status = [row[head.index("status")] for row in rows]
    assert status[0].startswith("error: size: '#N/A' is not a number above 0")
    assert status[1].startswith("error: leverage: '#REF!' is not a number")
    assert status[2] == "ok"
    assert status[3].startswith("error: venue: '#name?' is not on file")
    assert len(status) == 4  # blank rows at the end are left out


def test_nothing_of_xlwings_that_wants_a_key_is_loaded(report: dict[str, Any]) -> None:
    assert report["paid"] == []


# What xlwings' generator knows of each formula; its generator for Office.js reads the same fields


@pytest.mark.parametrize("name", FORMULAS)
def test_metadata(name: str, report: dict[str, Any]) -> None:
    formula, known = FORMULAS[name], report["metadata"][name]
    assert re.fullmatch(r"[A-Z][A-Z_]{2,63}", known["name"])
    assert (known["name"], known["category"], known["sub"]) == (name, "Ringfence", False)
    assert (known["volatile"], known["async_mode"]) == (False, None)
    assert (known["ret"]["doc"], known["ret"]["options"]) == (formula.doc, {})
    assert len(known["args"]) == len(formula.arguments) <= 60
    for position, (its, argument) in enumerate(zip(known["args"], formula.arguments, strict=True)):
        assert (its["name"], its["pos"], its["doc"]) == (argument.name, position, argument.doc)
        assert 1 <= len(its["doc"]) <= 255
        assert ("optional" in its) == argument.optional
        assert its.get("optional") is None
        assert not its["vararg"]
        ndim = {"ndim": 2} if argument.is_range else {}
        assert its["options"] == {"err_to_str": True, **ndim}  # no converter: it might refuse


def test_choices_are_listed_where_a_hint_is_no_converter(monkeypatch: pytest.MonkeyPatch) -> None:
    def RF_TRY(venue, side, size, contract_type=None):  # noqa: N802
        """Try."""
        return [venue, side, size, contract_type]

    docs = dict.fromkeys(("venue", "side", "size", "contract_type"), "help")
    monkeypatch.setattr(catalogue, "FORMULAS", {})
    catalogue.formula(docs)(RF_TRY)
    assert get_type_hints(RF_TRY) == {}
    monkeypatch.setattr(sys, "platform", "emscripten")
    monkeypatch.setattr(xlwings, "__version__", "0.35.2")
    catalogue.formula(docs)(RF_TRY)
    assert get_type_hints(RF_TRY) == {}
    monkeypatch.setattr(xlwings, "__version__", "0.35.3")
    catalogue.formula(docs)(RF_TRY)
    assert get_type_hints(RF_TRY) == {
        "venue": Literal[venues.names()],
        "side": Literal["long", "short"],
        "contract_type": Literal["linear", "inverse", "quanto"],
    }
    assert RF_TRY("Binance", "BUY", 5) == ["Binance", "BUY", 5, None]  # no check, no change


def test_choices_are_what_the_core_takes() -> None:
    for side in catalogue.CHOICES["side"]:
        assert isinstance(FORMULAS["RF_LIQ_PRICE"].function(*BTC[:2], side, *BTC[3:]), float)
    for typed in ("Long", "BUY", " long "):
        assert FORMULAS["RF_LIQ_PRICE"].function(*BTC[:2], typed, *BTC[3:]) == (
            FORMULAS["RF_LIQ_PRICE"].function(*BTC)
        )


# The VBA


@pytest.fixture(scope="module")
def vba() -> list[str]:
    text = module_text(FORMULAS)
    assert text.isascii()  # the editor reads Windows' code page
    assert "\n" not in text.replace("\r\n", "")  # and knows no other line ends
    return text.split("\r\n")


def test_vba_is_the_same_with_windows_modules(vba: list[str], report: dict[str, Any]) -> None:
    assert report["module"].split("\r\n") == vba
    assert "pythoncom" not in sys.modules
    assert not hasattr(xlwings, "udfs")


def test_vba_has_every_formula_with_its_arguments(vba: list[str]) -> None:
    declared = {}
    for line in vba:
        if found := re.fullmatch(r"Function (\w+)\((.*)\)", line):
            declared[found[1]] = [its for its in found[2].split(", ") if its]
    assert declared == {
        name: [f"{'Optional ' * its.optional}{its.name}" for its in formula.arguments]
        for name, formula in FORMULAS.items()
    }
    passed = [",".join(re.findall(r"Array\((.*?)\)", line)) for line in vba if "XLPy" in line]
    given = [", ".join(its.name for its in FORMULAS[name].arguments) for name in sorted(FORMULAS)]
    assert passed == [its for its in given for _ in range(2)]


def test_vba_lets_no_answer_and_no_failure_by(vba: list[str]) -> None:
    for name in FORMULAS:
        answers = [line.strip() for line in vba if line.strip().startswith(f"{name} = ")]
        called = f'{name} = RingfenceResult(XLPy.CallUDF("{MODULE}", "{name}", Array('
        assert [line.startswith(called) for line in answers] == [True, True, False]
        assert answers[2] == f"{name} = RingfenceFailure(Err.Description)"


def test_vba_keeps_to_the_limits_of_the_editor(vba: list[str]) -> None:
    assert max(map(len, vba)) <= 1_023
    in_a_row = 0
    for line in vba:
        in_a_row = in_a_row + 1 if line.endswith(" _") else 0
        assert in_a_row <= 24
    opened = [line for line in vba if re.match(r"((Private|Public) )?(Function|Sub) ", line)]
    assert len(opened) == sum(line in ("End Function", "End Sub") for line in vba)
    # In a cell only the formulas: all else is private, or a macro
    public = [line for line in opened if not line.startswith("Private ")]
    assert public == [*(line for line in opened if line.startswith("Function RF_")),
                      "Public Sub RingfenceHelp()"]  # fmt: skip
    helped = "\n".join(vba[vba.index("Public Sub RingfenceHelp()") :])
    assert len(helped) < 60_000  # a procedure has at most 64 kB


def test_vba_describes_every_argument(vba: list[str]) -> None:
    text = "\n".join(vba[vba.index("Public Sub RingfenceHelp()") :]).replace(" _\n", "\n")
    described = {}
    for name, doc, docs in re.findall(
        r'RingfenceDescribe "(\w+)", "((?:[^"]|"")*)", Array\(((?:\s*"(?:[^"]|"")*",?)*)\)', text
    ):
        texts = [its.replace('""', '"') for its in re.findall(r'"((?:[^"]|"")*)"', docs)]
        described[name] = (doc.replace('""', '"'), texts)
    assert described == {
        name: (its.doc, [argument.doc for argument in its.arguments])
        for name, its in FORMULAS.items()
    }


def test_vba_of_another_xlwings_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(classic, "_wrappers", lambda formulas: "Function RF_X()\nEnd Function\n")
    assert cli.main(["excel", "install", "--folder", str(tmp_path)]) == 2
    assert "writes VBA that Ringfence does not know" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


# The command


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """xlwings.conf of a user of Windows."""
    conf = tmp_path / "home" / ".xlwings" / "xlwings.conf"
    monkeypatch.setattr(excel, "_settings", lambda: Settings.load(conf))
    monkeypatch.setattr(sys, "executable", r"C:\Users\me\venv\Scripts\python.exe")
    monkeypatch.delenv("CONDA_EXE", raising=False)
    return conf


def run(*arguments: object) -> int:
    return cli.main(["excel", *map(str, arguments)])


OURS = r'"INTERPRETER_WIN","C:\Users\me\venv\Scripts\python.exe"'


def test_install_and_uninstall(
    windows: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "new" / "folder"
    for _ in range(2):  # as often as one likes
        assert run("install", "--folder", folder) == 0
        assert windows.read_bytes().decode().split("\r\n") == [
            OURS, f'"UDF MODULES","{MODULE}"', "",
        ]  # fmt: skip
        assert (folder / "ringfence.bas").read_bytes().decode() == module_text(FORMULAS)
    said = capsys.readouterr().out
    assert "addin install" in said
    assert str(folder / "ringfence.bas") in said
    assert run("uninstall") == 0
    assert not (folder / "ringfence.bas").exists()
    assert windows.read_bytes() == b""
    assert not windows.with_name(RECORD).exists()
    assert run("uninstall") == 0
    assert "nothing of Ringfence to take back" in capsys.readouterr().out


THEIRS = (
    '"udf modules","mine; other"\r\n"SHOW CONSOLE","True"\r\nno setting\r\n'
    '"PYTHONPATH","C:\\M\xfcller"\r\n"INTERPRETER_WIN",""\r\n'
)


def test_settings_of_others_stay(windows: Path, tmp_path: Path) -> None:
    windows.parent.mkdir(parents=True)
    windows.write_bytes(THEIRS.encode("cp1252"))  # whatever the code page here
    assert run("install", "--folder", tmp_path) == 0
    lines = windows.read_bytes().decode("cp1252").split("\r\n")
    assert lines == [
        f'"UDF MODULES","mine;other;{MODULE}"', '"SHOW CONSOLE","True"', "no setting",
        '"PYTHONPATH","C:\\M\xfcller"', OURS, "",
    ]  # fmt: skip
    assert run("uninstall") == 0
    lines = windows.read_bytes().decode("cp1252").split("\r\n")
    assert lines == [
        '"UDF MODULES","mine; other"', '"SHOW CONSOLE","True"', "no setting",
        '"PYTHONPATH","C:\\M\xfcller"', "",
    ]  # fmt: skip


def test_another_python_is_replaced_only_when_asked(
    windows: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    windows.parent.mkdir(parents=True)
    theirs = b'"INTERPRETER_WIN","D:\\py\\python.exe"\r\n'
    windows.write_bytes(theirs)
    assert run("install", "--folder", tmp_path) == 2
    error = capsys.readouterr().err
    assert error.startswith("ringfence: INTERPRETER_WIN: ")
    assert "D:\\py\\python.exe" in error
    assert error.count("\n") == 1
    assert windows.read_bytes() == theirs
    assert not (tmp_path / "ringfence.bas").exists()
    for _ in range(2):
        assert run("install", "--folder", tmp_path, "--replace") == 0
    assert OURS in windows.read_text()
    assert run("uninstall") == 0
    assert windows.read_bytes() == theirs


def test_the_same_python_in_other_letters_is_no_other(windows: Path, tmp_path: Path) -> None:
    windows.parent.mkdir(parents=True)
    windows.write_bytes(OURS.replace("Users", "USERS").encode())
    assert run("install", "--folder", tmp_path) == 0
    assert OURS in windows.read_text()


def test_a_moved_environment_replaces_its_own_setting(
    windows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("install", "--folder", tmp_path) == 0
    monkeypatch.setattr(sys, "executable", r"C:\new\python.exe")
    assert run("install", "--folder", tmp_path) == 0
    assert r"C:\new\python.exe" in windows.read_text()
    assert run("uninstall") == 0
    assert windows.read_bytes() == b""


def test_what_somebody_changed_since_is_left(
    windows: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("install", "--folder", tmp_path) == 0
    changed = f'"INTERPRETER_WIN","D:\\py\\python.exe"\r\n"UDF MODULES","{MODULE};mine"\r\n'
    windows.write_bytes(changed.encode())
    assert run("uninstall") == 0
    assert "INTERPRETER_WIN was changed since; left as it is" in capsys.readouterr().err
    assert windows.read_text("utf-8").splitlines() == [
        '"INTERPRETER_WIN","D:\\py\\python.exe"', '"UDF MODULES","mine"',
    ]  # fmt: skip


def test_a_file_of_somebody_else_is_neither_overwritten_nor_removed(
    windows: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "ringfence.bas"
    file.write_text("mine")
    assert run("install", "--folder", tmp_path) == 2
    assert "was not written by Ringfence" in capsys.readouterr().err
    assert not windows.exists()
    assert run("uninstall", "--folder", tmp_path) == 0
    assert file.read_text() == "mine"


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"changes": [], "files": []}', "\xff"])
def test_a_damaged_record_is_one_line(
    content: str, windows: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    windows.parent.mkdir(parents=True)
    windows.with_name(RECORD).write_bytes(content.encode("latin-1"))
    assert run("uninstall") == 2
    assert "is damaged; delete it" in capsys.readouterr().err


def test_a_path_that_xlwings_cannot_read_is_refused(
    windows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr("locale.getencoding", lambda: "cp1252")
    monkeypatch.setattr(sys, "executable", "C:\\Users\\\u5f20\\python.exe")
    assert run("install", "--folder", tmp_path) == 2
    assert "is not in Windows' code page" in capsys.readouterr().err
    assert not windows.exists()


def test_conda_is_activated_by_xlwings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONDA_EXE", r"C:\conda\Scripts\conda.exe")
    monkeypatch.setenv("CONDA_DEFAULT_ENV", "trading")
    monkeypatch.setenv("CONDA_PREFIX", sys.prefix)
    assert this_python() == {
        "CONDA PATH": r"C:\conda", "CONDA ENV": "trading", "INTERPRETER_WIN": "python",
    }  # fmt: skip
    monkeypatch.setenv("CONDA_PREFIX", "another environment")
    assert this_python() == {"INTERPRETER_WIN": sys.executable}


def test_xlwings_reads_what_is_written(
    windows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("install", "--folder", tmp_path) == 0
    from xlwings.utils import read_user_config

    monkeypatch.setattr(xlwings, "USER_CONFIG_FILE", str(windows))
    assert read_user_config() == {"interpreter_win": sys.executable, "udf modules": MODULE}


def test_elsewhere_the_file_is_written_and_the_rest_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlwings, "USER_CONFIG_FILE", str(tmp_path / "xlwings.conf"))
    assert run("install", "--folder", tmp_path) == 0
    assert "Windows only" in capsys.readouterr().out
    assert [its.name for its in tmp_path.iterdir()] == ["ringfence.bas"]
    assert run("uninstall", "--folder", tmp_path) == 0
    assert not list(tmp_path.iterdir())
