"""LibreOffice on this machine: the program, its version, and the Python that it runs."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import Final

from ringfence.errors import RingfenceError

MINIMUM: Final = (24, 8)
MINIMUM_PYTHON: Final = (3, 11)

_SECONDS: Final = 60  # a first start from a cold disk
_NAMES: Final = ("soffice", "libreoffice")
_USUAL: Final = {
    "win32": [
        rf"{os.environ.get(name, '')}\LibreOffice\program\soffice.exe"
        for name in ("ProgramW6432", "ProgramFiles", "ProgramFiles(x86)")
    ],
    "darwin": [
        "/Applications/LibreOffice.app/Contents/MacOS/soffice",
        "~/Applications/LibreOffice.app/Contents/MacOS/soffice",
    ],
    "linux": ["/usr/lib/libreoffice/program/soffice", "/usr/lib64/libreoffice/program/soffice"],
}
# Runs in LibreOffice's Python.
_PROBE: Final = (
    "import json, sys, sysconfig, uno;"
    "print(json.dumps([*sys.version_info[:2], sysconfig.get_platform()]))"
)


class OfficeProblem(RingfenceError):  # noqa: N818 - it reads as the message does
    """LibreOffice is missing, unfit or refuses; the message is one line that says what to do."""


@dataclass(frozen=True, slots=True)
class Installation:
    """A LibreOffice that can run the formulas. ``python`` is its own, or the system's with uno."""

    soffice: Path
    version: str  # "25.2.3.2"
    python: Path
    python_version: tuple[int, int]
    platform: str  # of that Python, as sysconfig.get_platform() names it

    def beside(self, name: str) -> Path:
        """A program of LibreOffice's own."""
        return self.soffice.with_name(name + self.soffice.suffix)


def find(soffice: Path | None = None) -> Installation:
    """The LibreOffice at ``soffice``, else the one on the PATH, else in the usual places.

    Raises OfficeProblem: none there, too old, or without a Python that fits.
    """
    program = _program(soffice)
    version = _version(program)
    if tuple(map(int, version.split(".")[:2])) < MINIMUM:
        raise OfficeProblem(
            f"{program}: is LibreOffice {version}; Ringfence needs {_dotted(MINIMUM)} or newer"
        )
    python, its, platform = _python(program)
    if its < MINIMUM_PYTHON:
        raise OfficeProblem(
            f"{python}: LibreOffice {version} runs Python {_dotted(its)}; Ringfence needs"
            f" {_dotted(MINIMUM_PYTHON)} or newer: install a newer LibreOffice"
        )
    return Installation(program, version, python, its, platform)


def _dotted(version: tuple[int, int]) -> str:
    return ".".join(map(str, version))


def _program(given: Path | None) -> Path:
    if given:
        if not given.is_file():
            raise OfficeProblem(f"{given}: there is no such program; give LibreOffice's soffice")
        return given.resolve()
    for place in _places():
        if place.is_file():
            return place.resolve()  # on Linux a link into LibreOffice's own folder
    raise OfficeProblem(
        f"there is no LibreOffice on the PATH or in the usual places; install {_dotted(MINIMUM)}"
        " or newer, or name its program: --soffice PATH"
    )


def _places() -> Iterator[Path]:
    for name in _NAMES:
        if found := which(name):
            yield Path(found)
    yield from (Path(place).expanduser() for place in _USUAL.get(sys.platform, []))
    if sys.platform == "linux":
        yield from sorted(Path("/opt").glob("libreoffice*/program/soffice"), reverse=True)


def _version(program: Path) -> str:
    # On Windows soffice.exe has no console to write to.
    console = program.with_suffix(".com")
    said = _output([str(console if console.is_file() else program), "--version"])
    found = re.search(r"LibreOffice\w* (\d+\.\d+[.\d]*)", said or "")
    if not found:
        raise OfficeProblem(f"{program}: does not say that it is LibreOffice; give its soffice")
    return found[1]


def _python(program: Path) -> tuple[Path, tuple[int, int], str]:
    """The Python that LibreOffice runs, its version and platform."""
    folder = program.parent
    own = [
        folder / "python.exe",
        folder / "python",
        folder.with_name("Resources") / "python",  # macOS
    ]
    given = os.environ.get("RINGFENCE_CALC_PYTHON")
    if given:
        candidates = [Path(given)]
    else:
        # Linux distributions let LibreOffice run the system's.
        candidates = [place for place in own if place.is_file()] or [Path("/usr/bin/python3")]
    for place in candidates:
        if said := _output([str(place), "-c", _PROBE]):
            major, minor, platform = json.loads(said)
            return place, (major, minor), platform
    raise OfficeProblem(
        f"{candidates[0]}: does not run, or has no `uno`; install LibreOffice's Python support"
        " (Debian: python3-uno), or set RINGFENCE_CALC_PYTHON to its Python"
    )


def _output(command: list[str]) -> str | None:
    """What a command prints; None where it fails."""
    try:
        done = run(command, _SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def run(command: list[str], seconds: float) -> subprocess.CompletedProcess[str]:
    """A program of LibreOffice's to its end, with what it prints. Raises as ``subprocess.run``."""
    return subprocess.run(
        command,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


def environment() -> dict[str, str]:
    """Ours without our virtual environment: LibreOffice's Python would take its library from it."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PYTHON") and name != "VIRTUAL_ENV"
    }
    if sys.prefix != sys.base_prefix:
        folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
        ours = Path(sys.prefix)
        outside = [folder for folder in folders if not Path(folder).is_relative_to(ours)]
        kept["PATH"] = os.pathsep.join(outside)
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1"}
