"""A real, headless LibreOffice for tests: its own profile, our extension, time limits.

LibreOffice is driven from its own Python (driver.py), so the tests may run in any Python.
"""

import json
import os
import queue
import signal
import subprocess
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import Any, Literal, Self

from ringfence_addin.hosts.calc import SERVICE

Cell = float | str | bool | None
Value = float | str | None | dict[str, str]

PYTHON = os.environ.get("RINGFENCE_CALC_PYTHON", "/usr/bin/python3")
START_SECONDS = 60
CALL_SECONDS = 60
QUIT_SECONDS = 5

# OOXMLRecalcMode 0: always recalculate .xlsx on load; by default the values in the file are shown.
# No lock files: one left by an office that was killed would keep the next from opening the file.
SETTINGS = """\
<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop>
</item>
<item oor:path="/org.openoffice.Office.Common/Misc">
<prop oor:name="UseLocking" oor:op="fuse"><value>false</value></prop>
</item>
</oor:items>
"""


class OfficeError(Exception):
    """LibreOffice refused a request, or did not answer in time."""


def missing() -> str | None:
    """Why LibreOffice cannot be driven on this machine, if it cannot."""
    if which("soffice", path=_system_path()) is None:
        return "no LibreOffice: run scripts/install_libreoffice.sh"
    try:
        probe = subprocess.run([PYTHON, "-c", "import uno"], env=_environment([]), timeout=60)
    except OSError:
        return f"no {PYTHON}; set RINGFENCE_CALC_PYTHON to LibreOffice's Python"
    if probe.returncode:
        return f"{PYTHON} has no `uno`: run scripts/install_libreoffice.sh"
    return None


@dataclass(frozen=True)
class Document:
    """One open workbook; sheets by name, cells by address ("B2", "A1:C9")."""

    office: "Office"
    number: int

    def set(self, sheet: str, address: str, value: Cell) -> None:
        """Put a value into a cell, or a formula ("=...", as a user types it)."""
        self._call("set", sheet=sheet, address=address, value=value)

    def fill(self, sheet: str, address: str, rows: Sequence[Sequence[float | str | None]]) -> None:
        """Put values, no formulas, into a range of the same shape."""
        self._call("fill", sheet=sheet, address=address, rows=rows)

    def set_array(self, sheet: str, address: str, formula: str) -> None:
        """Put an array formula, arguments separated by ";", over a range."""
        self._call("set_array", sheet=sheet, address=address, formula=formula)

    def values(self, sheet: str, address: str | None = None) -> list[list[Value]]:
        """What the cells show; an error as {"error": "#N/A"}, a blank cell as None."""
        return self._call("values", sheet=sheet, address=address)

    def value(self, sheet: str, address: str) -> Value:
        return self.values(sheet, address)[0][0]

    def formulas(self, sheet: str, address: str | None = None) -> list[list[str]]:
        """In Calc's own spelling: arguments separated by ";", an array formula in braces.

        Our formulas by their methods' names: Calc's prefix is left out.
        """
        rows = self._call("formulas", sheet=sheet, address=address)
        return [[text.replace(f"{SERVICE.upper()}.", "") for text in row] for row in rows]

    def sheets(self) -> list[str]:
        return self._call("sheets")

    def recalculate_hard(self) -> None:
        self._call("recalculate_hard")

    def save_as(self, path: Path, format: Literal["xlsx", "ods", "pdf"]) -> None:
        self._call("save_as", path=str(path), format=format)

    def close(self) -> None:
        self._call("close")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _call(self, name: str, **arguments: object) -> Any:
        return self.office.call(name, document=self.number, **arguments)


class Office:
    """A LibreOffice process and the driver beside it; `stop` ends both, whatever they do."""

    def __init__(self, profile: Path, python_path: Sequence[Path]) -> None:
        _write_profile(profile)
        pipe = f"ringfence-{os.getpid()}-{profile.name}"
        log = profile / "log.txt"
        self._log = log.open("w")
        self._processes = [self._start_office(profile, pipe, python_path)]
        self._driver = self._start_driver()
        self._processes.append(self._driver)
        self._replies: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()
        try:
            self.call("connect", START_SECONDS + 10, pipe=pipe, timeout=START_SECONDS)
        except BaseException as error:
            self.stop()
            error.add_note(f"LibreOffice said: {log.read_text()}")
            raise

    @classmethod
    def with_extension(
        cls, profile: Path, extension: Path, python_path: Sequence[Path]
    ) -> "Office":
        """A LibreOffice that has the extension: the types it brings are known after a restart."""
        installer = cls(profile, python_path)
        try:
            installer.call("install", extension=str(extension))
        finally:
            installer.stop()
        return cls(profile, python_path)

    def functions(self, prefix: str) -> dict[str, Any]:
        """The function wizard's texts of all functions whose names start with `prefix`."""
        return self.call("functions", prefix=prefix)

    def new(self) -> Document:
        return Document(self, self.call("new"))

    def open(self, path: Path) -> Document:
        return Document(self, self.call("open", path=str(path)))

    def call(self, name: str, limit: float = CALL_SECONDS, /, **arguments: object) -> Any:
        if self._driver.poll() is not None:
            raise OfficeError("LibreOffice's driver has ended")
        assert self._driver.stdin is not None
        self._driver.stdin.write(json.dumps({"call": name, "arguments": arguments}) + "\n")
        self._driver.stdin.flush()
        try:
            reply = json.loads(self._replies.get(timeout=limit))
        except queue.Empty:
            # A late reply would be taken for the next one's: this office is lost.
            self.stop()
            raise OfficeError(f"LibreOffice did not answer {name} in {limit} seconds") from None
        if "error" in reply:
            raise OfficeError(f"{name}: {reply['error']}")
        return reply["result"]

    def stop(self) -> None:
        """Ask first: LibreOffice then writes its profile and removes its sockets from /tmp."""
        assert self._driver.stdin is not None
        with suppress(OSError):
            self._driver.stdin.close()  # at which the driver tells LibreOffice to quit
        for process in self._processes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(QUIT_SECONDS)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self._log.close()

    def _listen(self) -> None:
        assert self._driver.stdout is not None
        for line in self._driver.stdout:
            self._replies.put(line)
        self._replies.put(json.dumps({"error": "LibreOffice's driver has ended"}))

    def _start_office(
        self, profile: Path, pipe: str, python_path: Sequence[Path]
    ) -> subprocess.Popen[str]:
        command = [
            "soffice",
            f"-env:UserInstallation={profile.as_uri()}",
            f"--accept=pipe,name={pipe};urp",
            "--headless",
            "--norestore",
            "--nologo",
            "--nodefault",
        ]
        return self._popen(command, python_path)

    def _start_driver(self) -> subprocess.Popen[str]:
        command = [PYTHON, str(Path(__file__).with_name("driver.py"))]
        return self._popen(command, [], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def _popen(
        self, command: list[str], python_path: Sequence[Path], **streams: int
    ) -> subprocess.Popen[str]:
        """In a process group of its own: `soffice` is a script, and its children outlive it."""
        return subprocess.Popen(
            command,
            env=_environment(python_path),
            stderr=self._log,
            text=True,
            start_new_session=True,
            **{"stdin": subprocess.DEVNULL, "stdout": self._log, **streams},
        )


def _write_profile(profile: Path) -> None:
    user = profile / "user"
    user.mkdir(parents=True, exist_ok=True)
    (user / "registrymodifications.xcu").write_text(SETTINGS)


def _environment(python_path: Sequence[Path]) -> dict[str, str]:
    """Without our virtual environment: LibreOffice's Python would take its library from it."""
    kept = {name: os.environ[name] for name in ("HOME", "TMPDIR") if name in os.environ}
    return {
        **kept,
        "PATH": _system_path(),
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join(map(str, python_path)),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _system_path() -> str:
    return "/usr/local/bin:/usr/bin:/bin"
