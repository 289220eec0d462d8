"""``ringfence excel``: sets up classic Excel on Windows, as far as that goes without Excel."""

import argparse
import sys
import sysconfig
from pathlib import Path
from typing import Final

import xlwings

from ringfence.errors import RingfenceError
from ringfence_addin.commands import FINE, Command, say
from ringfence_addin.functions import FORMULAS
from ringfence_addin.hosts import classic
from ringfence_addin.hosts.classic_settings import Settings, this_python
from ringfence_templates.files import replacing

FILE: Final = "ringfence.bas"

_NEXT: Final = """
Next, once on this computer, with Excel closed:
  {xlwings} addin install
Then in Excel, in a workbook saved as .xlsm (or in an add-in for all workbooks and your team):
  Alt+F11 opens the VBA editor; there
  Tools > References: tick xlwings
  File > Import File: {file}
  back in Excel, Alt+F8: run RingfenceHelp, and save.
Instead, on the tab xlwings: Import Functions. It shows errors as plain text and needs File >
Options > Trust Center > Trust Center Settings > Macro Settings > "Trust access to the VBA project
object model".
Step by step, and what to do about #NAME? and blocked macros: docs/install-classic.md"""
_ELSEWHERE: Final = """
Excel runs it on Windows only, so no settings were written here. There, in
Ringfence's folder: py -m pip install . and then ringfence excel install. On a Mac and on the web
use xlwings Lite.
Step by step: docs/install-classic.md"""


def add(command: Command) -> None:
    its = command(
        "excel",
        _excel,
        "Set up classic Excel on Windows: write ringfence.bas (the formulas as VBA functions) and"
        " xlwings' settings; uninstall takes both back.",
    )
    its.add_argument("action", choices=("install", "uninstall"))
    its.add_argument("--folder", type=Path, help="of ringfence.bas (default: the current one)")
    its.add_argument(
        "--replace", action="store_true", help="replace the Python that xlwings' settings name"
    )


def _excel(options: argparse.Namespace) -> int:
    file = (options.folder or Path()).resolve() / FILE
    settings = _settings()
    if options.action == "install":
        return _install(file, settings, replace=options.replace)
    return _uninstall({file} if options.folder or not settings else set(), settings)


def _install(file: Path, settings: Settings | None, *, replace: bool) -> int:
    text = classic.module_text(FORMULAS).encode("ascii")
    if file.exists() and not _is_ours(file):
        raise RingfenceError(f"{file}: was not written by Ringfence; give another --folder")
    if settings:
        settings.use(this_python(), classic.MODULE, replace=replace)
        settings.files = sorted({*settings.files, str(file)})
        settings.save()
    file.parent.mkdir(parents=True, exist_ok=True)
    with replacing(file) as beside:
        beside.write_bytes(text)
    print(f"{file}: {len(FORMULAS)} formulas")
    if settings:
        print(f"{settings.path}: {', '.join(settings.changes) or 'nothing to change'}")
        print(_NEXT.format(xlwings=Path(sysconfig.get_path("scripts"), "xlwings"), file=file))
    else:
        print(_ELSEWHERE)
    return FINE


def _uninstall(files: set[Path], settings: Settings | None) -> int:
    changed: set[str] = set()
    if settings:
        files = files | set(map(Path, settings.files))
        changed, settings.files = set(settings.changes), []
        left = settings.take_back(classic.MODULE)
        settings.save()
        for key in sorted(changed):
            if key in left:
                say(f"{settings.path}: {key} was changed since; left as it is")
            else:
                print(f"{settings.path}: {key} as before")
    removed = [its for its in sorted(files) if its.exists() and _is_ours(its)]
    for its in removed:
        its.unlink()
        print(f"{its}: removed")
    if not removed and not changed:
        print("nothing of Ringfence to take back")
    return FINE


def _settings() -> Settings | None:
    """xlwings' settings, where Excel's VBA functions run."""
    return Settings.load(Path(xlwings.USER_CONFIG_FILE)) if sys.platform == "win32" else None


def _is_ours(file: Path) -> bool:
    return file.read_bytes().startswith(classic.FIRST_LINE.encode())
