"""xlwings' settings of one user, `xlwings.conf`: what Ringfence puts there and takes back.

A line is ``"KEY","value"``. xlwings' VBA takes the first line of a key, whatever the case of its
letters, and reads the file in Windows' code page. What stood there before is kept in
`ringfence.json` beside it.
"""

import json
import locale
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PureWindowsPath
from typing import Any, Final

from ringfence.errors import RingfenceError
from ringfence_templates.files import replacing

INTERPRETER: Final = "INTERPRETER_WIN"
CONDA_PATH: Final = "CONDA PATH"
CONDA_ENVIRONMENT: Final = "CONDA ENV"
MODULES: Final = "UDF MODULES"  # names, with ";" between them

RECORD: Final = "ringfence.json"
_LINE: Final = re.compile(r'\s*"([^"]*)"\s*,\s*"([^"]*)"')


def this_python() -> dict[str, str]:
    """The settings by which xlwings starts the Python that runs here.

    A conda environment must be activated, or numpy's libraries are not found; xlwings does that
    only where the interpreter is plainly called python.
    """
    executable, name = os.environ.get("CONDA_EXE"), os.environ.get("CONDA_DEFAULT_ENV")
    if executable and name and os.environ.get("CONDA_PREFIX") == sys.prefix:
        base = str(PureWindowsPath(executable).parents[1])
        return {CONDA_PATH: base, CONDA_ENVIRONMENT: name, INTERPRETER: "python"}
    return {INTERPRETER: sys.executable}


@dataclass(frozen=True, slots=True)
class Change:
    """One setting that Ringfence wrote, and what stood there before (None: nothing)."""

    before: str | None
    written: str


@dataclass(slots=True)
class Settings:
    """The settings in ``path`` and Ringfence's changes to them; :meth:`save` writes both.

    ``files`` are the files that were written beside them.
    """

    path: Path
    lines: list[str]
    changes: dict[str, Change] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)

    @classmethod
    def load(cls, path: Path) -> "Settings":
        """What is on file; nothing where there is no file. Raises OSError, RingfenceError."""
        content = path.read_bytes() if path.exists() else b""
        text = content.decode(locale.getencoding(), "surrogateescape")
        settings, record = cls(path, text.splitlines()), path.with_name(RECORD)
        if record.exists():
            try:
                kept = json.loads(record.read_bytes())
                changes = {key: Change(**its) for key, its in kept["changes"].items()}
                settings.changes, settings.files = changes, list(kept["files"])
            except (ValueError, TypeError, KeyError, AttributeError):
                raise RingfenceError(f"{record}: is damaged; delete it") from None
        return settings

    def get(self, key: str) -> str | None:
        """A setting; None where it is not there or empty."""
        for line in self.lines:
            if (found := _LINE.match(line)) and found[1].upper() == key:
                return found[2] or None
        return None

    def use(self, python: Mapping[str, str], module: str, *, replace: bool = False) -> None:
        """Let xlwings start ``python`` and import ``module`` too; all else stays.

        Raises RingfenceError where another Python is set, unless it is to be replaced.
        """
        for key in (INTERPRETER, CONDA_PATH, CONDA_ENVIRONMENT):
            other = self.get(key)
            ours = key in self.changes and other == self.changes[key].written
            if other is None or ours or replace or key not in python:
                continue
            if PureWindowsPath(other) != PureWindowsPath(python[key]):
                raise RingfenceError(
                    f"{key}: {self.path} names {other}, which your other workbooks may need, and"
                    f" not {python[key]}; install Ringfence into that Python and run it from"
                    " there, or replace the setting with --replace"
                )
        for key, value in python.items():
            self._change(key, value)
        names = _names(self.get(MODULES))
        if module not in names:
            self._change(MODULES, ";".join([*names, module]))

    def take_back(self, module: str) -> list[str]:
        """Undo the changes; returns the settings left as they are, since somebody changed them."""
        left = []
        for key, its in self.changes.items():
            now = self.get(key)
            if now == its.written:
                self._set(key, its.before)
            elif key == MODULES and module in _names(now):
                self._set(key, ";".join(name for name in _names(now) if name != module) or None)
            else:
                left.append(key)
        self.changes = {}
        return left

    def save(self) -> None:
        """Write the settings and the record of what was changed."""
        text = "".join(f"{line}\r\n" for line in self.lines)
        try:
            content = text.encode(locale.getencoding(), "surrogateescape")
        except UnicodeEncodeError as error:
            raise RingfenceError(
                f"{self.path}: {text[error.start : error.end]!r} is not in Windows' code page"
                f" ({error.encoding}), in which xlwings reads the path of Python; install Python"
                " under a path without it"
            ) from None
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self.lines or self.path.exists():
            _write(self.path, content)
        record = self.path.with_name(RECORD)
        if self.changes or self.files:
            changes = {
                key: {"before": its.before, "written": its.written}
                for key, its in self.changes.items()
            }
            kept: dict[str, Any] = {"changes": changes, "files": self.files}
            _write(record, json.dumps(kept, indent=1).encode())
        else:
            record.unlink(missing_ok=True)

    def _change(self, key: str, value: str) -> None:
        before = self.get(key)
        if before == value:
            return
        earlier = self.changes.get(key)
        if earlier and earlier.written == before:
            before = earlier.before
        self.changes[key] = Change(before, value)
        self._set(key, value)

    def _set(self, key: str, value: str | None) -> None:
        """In place of the key's first line, or at the end; xlwings reads no second one."""
        at, kept = len(self.lines), []
        for number, line in enumerate(self.lines):
            found = _LINE.match(line)
            if found and found[1].upper() == key:
                at = min(at, number)
            else:
                kept.append(line)
        if value is not None:
            kept.insert(at, f'"{key}","{value}"')
        self.lines = kept


def _names(setting: str | None) -> list[str]:
    return [name for part in (setting or "").split(";") if (name := part.strip())]


def _write(path: Path, content: bytes) -> None:
    with replacing(path) as beside:
        beside.write_bytes(content)
