"""A headless LibreOffice: a process with a profile, documents in it, time limits.

LibreOffice is driven from its own Python (driver.py), so that ours may be any.
"""

import json
import os
import queue
import signal
import subprocess
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, Literal, Self

from ringfence_addin.office.find import Installation, OfficeProblem, environment

Cell = float | str | bool | None
Value = float | str | None | dict[str, str]

START_SECONDS: Final = 60
CALL_SECONDS: Final = 60
QUIT_SECONDS: Final = 5

# OOXMLRecalcMode 0: always recalculate .xlsx on load; by default the values in the file are shown.
# No lock files: one left by an office that was killed would keep the next from opening the file.
# English, whatever the machine speaks: errors and truth values are told by what cells show.
_SETTINGS: Final = """\
<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop>
</item>
<item oor:path="/org.openoffice.Office.Common/Misc">
<prop oor:name="UseLocking" oor:op="fuse"><value>false</value></prop>
</item>
<item oor:path="/org.openoffice.Office.Linguistic/General">
<prop oor:name="UILocale" oor:op="fuse"><value>en-US</value></prop>
</item>
<item oor:path="/org.openoffice.Setup/L10N">
<prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>en-US</value></prop>
</item>
</oor:items>
"""


class OfficeError(OfficeProblem):
    """LibreOffice refused a request, or did not answer in time."""


def new_profile(folder: Path) -> Path:
    """A profile of its own for a session: settings under which figures can be compared."""
    user = folder / "user"
    user.mkdir(parents=True, exist_ok=True)
    (user / "registrymodifications.xcu").write_text(_SETTINGS)
    return folder


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

    def freeze(
        self, sheet: str, address: str, rows: Sequence[Sequence[float | str | None]]
    ) -> None:
        """Put values in place of the formulas of a range; of an array formula all cells at once.

        A text stays text, whatever it looks like; None leaves the cell blank.
        """
        self._call("freeze", sheet=sheet, address=address, rows=rows)

    def set_array(self, sheet: str, address: str, formula: str) -> None:
        """Put an array formula, arguments separated by ";", over a range."""
        self._call("set_array", sheet=sheet, address=address, formula=formula)

    def values(self, sheet: str, address: str | None = None) -> list[list[Value]]:
        """What the cells show; an error as {"error": "#N/A"}, a blank cell as None."""
        return self._call("values", sheet=sheet, address=address)

    def value(self, sheet: str, address: str) -> Value:
        return self.values(sheet, address)[0][0]

    def shown_as_truth(self, sheet: str, addresses: Sequence[str]) -> list[str]:
        """Those of the cells that show TRUE or FALSE; their value is 1 or 0."""
        return self._call("shown_as_truth", sheet=sheet, addresses=addresses)

    def not_understood(self, sheet: str, addresses: Sequence[str]) -> list[str]:
        """Those of the formula cells in which a name stands that LibreOffice does not know."""
        return self._call("not_understood", sheet=sheet, addresses=addresses)

    def first_causes(self, cells: Sequence[tuple[str, str]]) -> list[list[str]]:
        """Those of the cells (sheet, address) whose formulas refer to none of the others."""
        return self._call("first_causes", cells=cells)

    def formulas(self, sheet: str, address: str | None = None) -> list[list[str]]:
        """In Calc's own spelling: arguments separated by ";", an array formula in braces."""
        return self._call("formulas", sheet=sheet, address=address)

    def sheets(self) -> list[str]:
        return self._call("sheets")

    def recalculate_hard(self, limit: float = CALL_SECONDS) -> None:
        self.office.call("recalculate_hard", limit, document=self.number)

    def save_as(self, path: Path, format: Literal["xlsx", "ods", "pdf"]) -> None:
        self._call("save_as", path=str(path.resolve()), format=format)

    def close(self) -> None:
        self._call("close")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _call(self, name: str, **arguments: object) -> Any:
        return self.office.call(name, document=self.number, **arguments)


@contextmanager
def running(installation: Installation, profile: Path | None = None) -> Iterator["Office"]:
    """A LibreOffice for as long as the block runs."""
    office = Office(installation, profile)
    try:
        yield office
    finally:
        office.stop()


class Office:
    """A LibreOffice process and the driver beside it; `stop` ends both, whatever they do.

    Without a profile it runs on the user's own. Raises OfficeError where it does not start.
    """

    def __init__(self, installation: Installation, profile: Path | None = None) -> None:
        self._log: IO[str] = tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115
        pipe = f"ringfence-{uuid.uuid4().hex}"
        self._processes = [self._start_office(installation.soffice, profile, pipe)]
        try:
            self._driver = self._start_driver(installation.python)
            self._processes.append(self._driver)
            self._replies: queue.Queue[str] = queue.Queue()
            threading.Thread(target=self._listen, daemon=True).start()
            self._connect(pipe)
        except BaseException:
            self.stop()
            raise

    def _connect(self, pipe: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self.call("connect", pipe=pipe, timeout=1):
            if self._processes[0].poll() is not None:
                raise OfficeError(f"LibreOffice does not start{self._said()}")
            if time.monotonic() > deadline:
                raise OfficeError(
                    f"LibreOffice did not start within {START_SECONDS} seconds{self._said()}"
                )

    def install(self, extension: Path) -> None:
        """Add an extension to the profile; its formulas are known after a restart."""
        self.call("install", extension=str(extension.resolve()))

    def remove(self, identifier: str) -> None:
        """Remove an extension from the profile, by its identifier."""
        self.call("remove", identifier=identifier)

    def installed(self, identifier: str) -> str | None:
        """The version of an extension in the profile; None where it is not there."""
        return self.call("installed", identifier=identifier)

    def functions(self, prefix: str) -> dict[str, Any]:
        """The function wizard's texts of all functions whose names start with `prefix`."""
        return self.call("functions", prefix=prefix)

    def new(self) -> Document:
        return Document(self, self.call("new"))

    def open(self, path: Path, limit: float = CALL_SECONDS) -> Document:
        """A workbook; its macros do not run, and what it links to is not fetched."""
        return Document(self, self.call("open", limit, path=str(path.resolve())))

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
            said = self._said()
            self.stop()
            raise OfficeError(
                f"LibreOffice did not answer {name} in {limit:.0f} seconds{said}"
            ) from None
        if "error" in reply:
            raise OfficeError(f"{name}: {reply['error']}")
        return reply["result"]

    def stop(self) -> None:
        """Ask first: LibreOffice then writes its profile and removes its sockets from /tmp."""
        for process in reversed(self._processes):
            if process.stdin:
                with suppress(OSError):
                    process.stdin.close()  # at which the driver tells LibreOffice to quit
            with suppress(subprocess.TimeoutExpired):
                process.wait(QUIT_SECONDS)
            _kill(process)
        self._log.close()

    def _said(self) -> str:
        """The last that LibreOffice said of itself, to be added to a message."""
        self._log.seek(0)
        lines = self._log.read().split("\n")
        last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return f"; it said: {last[:200]}" if last else ""

    def _listen(self) -> None:
        assert self._driver.stdout is not None
        for line in self._driver.stdout:
            self._replies.put(line)
        self._replies.put(json.dumps({"error": "LibreOffice's driver has ended"}))

    def _start_office(
        self, soffice: Path, profile: Path | None, pipe: str
    ) -> subprocess.Popen[str]:
        command = [
            str(soffice),
            f"--accept=pipe,name={pipe};urp",
            "--headless",
            "--norestore",
            "--nologo",
            "--nodefault",
        ]
        if profile:
            command.append(f"-env:UserInstallation={profile.resolve().as_uri()}")
        return self._popen(command)

    def _start_driver(self, python: Path) -> subprocess.Popen[str]:
        command = [str(python), str(Path(__file__).with_name("driver.py"))]
        return self._popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def _popen(self, command: list[str], **streams: int) -> subprocess.Popen[str]:
        """In a process group of its own: `soffice` is a script, and its children outlive it."""
        try:
            return subprocess.Popen(
                command,
                env={**environment(), "LC_ALL": "C.UTF-8"},
                stderr=self._log,
                text=True,
                encoding="utf-8",
                start_new_session=True,
                **{"stdin": subprocess.DEVNULL, "stdout": self._log, **streams},
            )
        except OSError as error:
            raise OfficeError(f"{command[0]}: {error.strerror or error}") from None


def _kill(process: subprocess.Popen[str]) -> None:
    """Whatever is left of a process and, where the system knows such groups, of its children."""
    with suppress(ProcessLookupError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()
