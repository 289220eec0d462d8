"""Where LibreOffice's Python finds Ringfence and the packages that its formulas import.

The same Python as ours (version and platform) takes them from where we have them. Another one
cannot load our compiled packages: it gets a folder with its own.
"""

import json
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Final

import ringfence
import ringfence_addin
import ringfence_templates
from ringfence_addin.office.find import Installation, OfficeProblem, environment

_OURS: Final = tuple(
    Path(package.__path__[0]) for package in (ringfence, ringfence_addin, ringfence_templates)
)
# What the formulas import; reports and workbooks are not made in LibreOffice.
_IMPORTED: Final = ("numpy", "pandas", "platformdirs", "pydantic", "xlwings")
_STAMP: Final = "installed.json"


def search_path(installation: Installation, folder: Path) -> list[Path]:
    """The folders for LibreOffice's Python; ``folder`` is filled only where ours do not fit.

    Raises OfficeProblem where pip cannot get what it needs; OSError.
    """
    if installation.python_version == sys.version_info[:2] and (
        installation.platform == sysconfig.get_platform()
    ):
        return own_search_path()
    return [packages_for(installation, folder, requirements())]


def own_search_path() -> list[Path]:
    """The folders from which this very process imports Ringfence and what it needs."""
    installed = [Path(place) for place in sys.path if place.endswith(("-packages", "-packages/"))]
    return list(dict.fromkeys([*(package.parent for package in _OURS), *installed]))


def requirements() -> list[str]:
    """The versions of what the formulas import, as the project states them."""
    named = {re.split(r"[^\w-]", line)[0]: line for line in metadata.requires("ringfence") or ()}
    return [named[package] for package in _IMPORTED]


def packages_for(installation: Installation, folder: Path, wanted: Sequence[str]) -> Path:
    """``folder`` with the wanted packages for LibreOffice's Python, and a copy of ours.

    Nothing is fetched where it has them. Raises OfficeProblem, and then leaves it as it was.
    """
    stamp = json.dumps([*installation.python_version, installation.platform, *wanted])
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as scratch:
        if _text(folder / _STAMP) != stamp:
            fresh = Path(scratch) / "fresh"
            _install(installation, fresh, wanted)
            (fresh / _STAMP).write_text(stamp, encoding="utf-8")
            if folder.exists():
                folder.rename(Path(scratch) / "old")
            fresh.rename(folder)
    for package in _OURS:
        its = folder / package.name
        shutil.rmtree(its, ignore_errors=True)
        shutil.copytree(package, its, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def _install(installation: Installation, folder: Path, wanted: Sequence[str]) -> None:
    """By our pip, run in LibreOffice's Python: it then picks what fits that one."""
    pip = [sys.executable, "-m", "pip", "--python", str(installation.python)]
    options = ["--quiet", "--disable-pip-version-check", "--no-input", "--only-binary=:all:"]
    done = subprocess.run(
        [*pip, "install", *options, f"--target={folder}", *wanted],
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()] or ["it does not run"]
        said = next((line for line in lines if line.startswith("ERROR")), lines[-1])
        version = ".".join(map(str, installation.python_version))
        raise OfficeProblem(
            f"pip: no packages for LibreOffice's Python {version}: {said.strip()[:300]}"
        )
