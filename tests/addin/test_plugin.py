"""The wheel as a plugin of xlwings Lite: what is in it, what it loads, what a host finds in it."""

import json
import os
import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from addin.test_functions import BTC, POSITION, SOUND
from ringfence_addin import scripts
from ringfence_addin.functions import FORMULAS

ROOT = Path(__file__).resolve().parents[2]
LITE = {"sys_platform": "emscripten", "platform_machine": "wasm32", "extra": ""}
# A browser has none of these (threads and processes cannot start, sockets cannot connect), or the
# formulas have no business with them.
WITHHELD = (
    "openpyxl", "jinja2", "reportlab", "lxml", "pyarrow", "ccxt", "requests", "socket", "ssl",
    "subprocess", "multiprocessing", "asyncio.subprocess", "concurrent.futures.process",
)  # fmt: skip
# What Lite brings along; it may load what it likes.
THIRD_PARTY = ("numpy", "pandas", "pydantic", "platformdirs", "xlwings")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    (built,) = folder.glob("*.whl")
    return built


def run(code: str, *arguments: str, path: Path | None = None, cwd: Path | None = None) -> str:
    """What ``code`` prints in a fresh Python."""
    places = [path] if path else [ROOT / its for its in ("core", "addin", "templates")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, places))}
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=environment, cwd=cwd, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


# The wheel


def test_wheel_is_pure_python(wheel: Path) -> None:
    assert wheel.name.endswith("-py3-none-any.whl")
    with zipfile.ZipFile(wheel) as parts:
        names = parts.namelist()
        (about,) = (name for name in names if name.endswith(".dist-info/WHEEL"))
        assert "Root-Is-Purelib: true" in parts.read(about).decode()
    compiled = (".so", ".pyd", ".dll", ".dylib", ".wasm", ".pyc", ".o", ".a", ".exe")
    assert not [name for name in names if name.endswith(compiled) or ".so." in name]
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert tops == {"ringfence", "ringfence_addin", "ringfence_templates"}


def test_wheel_holds_each_file_of_its_packages(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as parts:
        held = set(parts.namelist())
    for root, package in (
        ("core", "ringfence"),
        ("addin", "ringfence_addin"),
        ("templates", "ringfence_templates"),
    ):
        files = (its for its in (ROOT / root / package).rglob("*") if its.is_file())
        ours = {str(its.relative_to(ROOT / root)) for its in files if its.suffix != ".pyc"}
        assert ours
        assert ours <= held


def test_wheel_asks_lite_for_what_lite_can_give(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as parts:
        (about,) = (name for name in parts.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = Parser().parsestr(parts.read(about).decode())
    wanted = map(Requirement, metadata.get_all("Requires-Dist") or [])
    names = {its.name for its in wanted if not its.marker or its.marker.evaluate(LITE)}
    pyodide = {"numpy", "pandas", "pydantic", "platformdirs", "jinja2"}  # in its own distribution
    pure = {"openpyxl", "defusedxml"}  # from PyPI
    assert names == pyodide | pure


def test_wheel_runs_where_it_was_unpacked(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as parts:
        parts.extractall(tmp_path)
    code = (
        "import ringfence, ringfence_addin\n"
        "from ringfence_addin.functions import RF_LIQ_PRICE\n"
        f"print(ringfence.__file__, ringfence_addin.__file__, RF_LIQ_PRICE(*{BTC!r}), sep='|')"
    )
    core, addin, price = run(code, path=tmp_path, cwd=tmp_path).strip().split("|")
    assert Path(core).is_relative_to(tmp_path)
    assert Path(addin).is_relative_to(tmp_path)
    assert float(price) == FORMULAS["RF_LIQ_PRICE"].function(*BTC) == pytest.approx(57342.7277)


# What it loads

RESTRICTED = f"""
import importlib, json, sys, threading, _thread, tempfile, asyncio
for name in {THIRD_PARTY!r}:
    importlib.import_module(name)
import importlib.metadata, importlib.resources, numpy.typing  # with what they load themselves

def refuse(*arguments, **named):
    raise RuntimeError("can't start new thread")
_thread.start_new_thread = threading._start_new_thread = threading.Thread.start = refuse

withheld = {WITHHELD!r}
class Absent:
    def find_spec(self, name, path=None, target=None):
        if any(name == its or name.startswith(its + ".") for its in withheld):
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Absent())
for name in [*sys.modules]:
    if any(name == its or name.startswith(its + ".") for its in withheld):
        del sys.modules[name]
"""
ASK_ALL = """
from ringfence_addin.functions import FORMULAS
asked = json.loads(sys.argv[1])
print(json.dumps({name: FORMULAS[name].function(*given) for name, given in asked.items()}))
"""


def test_each_formula_runs_without_what_a_browser_lacks() -> None:
    position = dict(zip(POSITION, BTC, strict=False)) | SOUND
    position["positions"] = SOUND["positions"][:3]  # without the row in error
    position |= {"moves": [[-0.1]], "funding_rate": 0.0001, "mark_price": 59_900.0}
    asked = {
        name: [position.get(argument.name) for argument in formula.arguments]
        for name, formula in FORMULAS.items()
    }
    asked["RF_ACCOUNT_RATIO"] = [position["positions"], position["accounts"]]
    asked["RF_AUTO_ADD"][0] = "bybit"  # Binance has no auto-margin
    answers: dict[str, Any] = json.loads(run(RESTRICTED + ASK_ALL, json.dumps(asked)))
    assert set(answers) == set(FORMULAS)
    for name, answer in answers.items():
        ours = json.loads(json.dumps(FORMULAS[name].function(*asked[name])))
        assert answer == ours, name
        first = answer[0][0] if isinstance(answer, list) else answer
        assert not str(first).startswith(("#", "error")), (name, first)


def test_the_importer_withholds_what_it_says() -> None:
    code = RESTRICTED + (
        "for name in withheld:\n"
        "    try:\n"
        "        importlib.import_module(name)\n"
        "    except ModuleNotFoundError:\n"
        "        continue\n"
        "    print(name)\n"
        "try:\n"
        "    threading.Thread(target=print).start()\n"
        "except RuntimeError as error:\n"
        "    print(error)\n"
    )
    assert run(code) == "can't start new thread\n"


def test_scripts_load_and_work_without_what_a_browser_lacks() -> None:
    code = RESTRICTED + (
        "from ringfence_addin import scripts\n"
        "from ringfence_addin.lite import filling\n"
        "print(filling.read([['venue;side;size'], ['okx;long;1.234,5']]).rows)\n"
    )
    assert run(code) == "[['okx', 'long', 1234.5]]\n"


# What a host finds

# As xlwings' own scanners look: custom_functions_meta and custom_scripts_meta in its
# pro/udfs_officejs.py go through inspect.getmembers of one module.
SCAN = """
import inspect, json, sys, types
import xlwings as xw

def marks(attribute):
    def mark(function=None, **options):
        def inner(its):
            setattr(its, attribute, options)
            return its
        return inner if function is None else inner(function)
    return mark
xw.func, xw.script = marks("__xlfunc__"), marks("__xlscript__")
module = types.ModuleType("main")
exec(sys.argv[1], module.__dict__)
if sys.argv[2]:
    module = sys.modules[sys.argv[2]]
found = inspect.getmembers(module)
print(json.dumps([
    sorted(its.__name__ for _, its in found if hasattr(its, "__xlfunc__")),
    sorted(
        name for name, its in found if inspect.isfunction(its) and hasattr(its, "__xlscript__")
    ),
]))
"""


@pytest.mark.parametrize(
    ("code", "module"),
    [
        ("from ringfence_addin import *", ""),  # a workbook's main.py
        ("import ringfence_addin", "ringfence_addin"),
        (
            "from ringfence_addin.functions import *\nfrom ringfence_addin.scripts import *",
            "",
        ),
    ],
)
def test_all_formulas_and_scripts_are_found(code: str, module: str) -> None:
    formulas, found = json.loads(run(SCAN, code, module))
    assert formulas == sorted(FORMULAS)
    assert found == sorted(scripts.__all__)


def test_package_named_after_the_project_holds_no_formula() -> None:
    """What is known not to register: a host that looks only there finds nothing."""
    assert json.loads(run(SCAN, "import ringfence", "ringfence")) == [[], []]


def test_importing_the_packages_loads_no_spreadsheet() -> None:
    code = (
        "import sys, ringfence, ringfence_addin\n"
        "print([its for its in ('xlwings', 'pandas', 'numpy', 'openpyxl') if its in sys.modules])"
    )
    assert run(code) == "[]\n"
