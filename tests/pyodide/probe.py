"""Runs in Pyodide: installs the wheels as Lite's installer does, then calls each case's formula.

``CASES``: JSON, a list of [name, keyword arguments]. The last value: JSON, with what came back.
"""

import importlib
import json
import sys
from importlib import metadata
from pathlib import Path

import micropip
from packaging.requirements import Requirement

for wheel in sorted(Path("/wheels").glob("*.whl")):
    await micropip.install(f"emfs:{wheel}", deps=False)  # noqa: F704
importlib.invalidate_caches()

from ringfence.explain import explain  # noqa: E402
from ringfence_addin import catalogue  # noqa: E402
from ringfence_addin.formulas import position, reference  # noqa: E402, F401


def answer(name, arguments):
    if name == "explain":
        return [list(step) for step in explain(**arguments).steps]
    return catalogue.FORMULAS[name].function(**arguments)


needed = [Requirement(text) for text in metadata.requires("ringfence") if "extra" not in text]
json.dumps(
    {
        "python": sys.version.split()[0],
        "platform": sys.platform,
        "needs": sorted(its.name for its in needed if not its.marker or its.marker.evaluate()),
        "absent": [name for name in ("numpy", "pandas") if importlib.util.find_spec(name) is None],
        "formulas": sorted(catalogue.FORMULAS),
        "answers": [answer(name, arguments) for name, arguments in json.loads(CASES)],  # noqa: F821
    }
)
