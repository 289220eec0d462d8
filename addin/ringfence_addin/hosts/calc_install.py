"""Puts the extension into a LibreOffice profile, and takes it out again."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from platformdirs import user_data_path

from ringfence_addin.functions import FORMULAS
from ringfence_addin.hosts.calc import IDENTIFIER, build_oxt
from ringfence_addin.hosts.calc_packages import search_path
from ringfence_addin.office.find import Installation, OfficeProblem, run
from ringfence_addin.office.session import Office, new_profile, running

_SECONDS: Final = 120


def install(installation: Installation, profile: Path | None = None) -> list[Path]:
    """Build the extension and put it into the profile (None: the user's), in place of an older one.

    Returns the folders in which its Python looks for Ringfence. Raises OfficeProblem, OSError.
    """
    _check_idle(profile)
    if profile:
        profile.mkdir(parents=True, exist_ok=True)
    folders = search_path(installation, packages_folder(profile))
    with tempfile.TemporaryDirectory(prefix="ringfence-") as scratch:
        extension = build_oxt(Path(scratch) / "ringfence.oxt", FORMULAS, folders)
        add(installation, extension, profile)
    return folders


def uninstall(installation: Installation, profile: Path | None = None) -> bool:
    """Take the extension out, and the packages that were fetched for it. Whether there was one.

    Raises OfficeProblem, OSError.
    """
    there = installed(installation, profile) is not None
    if there and _is_root():
        with running(installation, profile) as office:
            office.remove(IDENTIFIER)
    elif there:
        _unopkg(installation, profile, "remove", IDENTIFIER)
    packages = packages_folder(profile)
    if packages.exists():
        shutil.rmtree(packages)
    return there


@contextmanager
def office_with_formulas(installation: Installation) -> Iterator[Office]:
    """A headless LibreOffice with our formulas, on a profile that is gone afterwards.

    Raises OfficeProblem, OSError.
    """
    with tempfile.TemporaryDirectory(prefix="ringfence-", ignore_cleanup_errors=True) as scratch:
        folders = search_path(installation, packages_folder(None))
        extension = build_oxt(Path(scratch) / "ringfence.oxt", FORMULAS, folders)
        profile = new_profile(Path(scratch) / "profile")
        add(installation, extension, profile)
        with running(installation, profile) as office:
            yield office


def add(installation: Installation, extension: Path, profile: Path | None) -> None:
    """Register an extension; LibreOffice knows its formulas from the next start on."""
    if _is_root():
        with running(installation, profile) as office:
            office.install(extension)
    else:
        _unopkg(installation, profile, "add", "--force", str(extension))


def installed(installation: Installation, profile: Path | None = None) -> str | None:
    """The version of Ringfence that is in the profile; None where there is none.

    Raises OfficeProblem.
    """
    _check_idle(profile)
    if not ((profile or _user_profile()) / "user").exists():
        return None
    if _is_root():
        with running(installation, profile) as office:
            return office.installed(IDENTIFIER)
    lines = [line.strip() for line in _unopkg(installation, profile, "list").splitlines()]
    own = f"Identifier: {IDENTIFIER}"
    after = lines[lines.index(own) :] if own in lines else []
    return next((line.split()[1] for line in after if line.startswith("Version:")), None)


def packages_folder(profile: Path | None) -> Path:
    """Where the packages for a profile's extension go, if LibreOffice's Python needs its own."""
    name = hashlib.sha256(str(profile.resolve()).encode()).hexdigest()[:16] if profile else "user"
    return user_data_path("ringfence", appauthor=False) / "calc" / name


def _is_root() -> bool:
    """`unopkg` refuses root; as root the extension manager itself is asked."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _check_idle(profile: Path | None) -> None:
    lock = (profile or _user_profile()) / ".lock"
    if lock.exists():
        raise OfficeProblem(
            f"{lock}: LibreOffice is running; close it (if it is not, delete this file)"
        )


def _user_profile() -> Path:
    """Where LibreOffice keeps the user's profile, unless its administrator moved it."""
    home = Path.home()
    folders = {
        "win32": Path(os.environ.get("APPDATA", home)) / "LibreOffice",
        "darwin": home / "Library/Application Support/LibreOffice",
    }
    linux = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "libreoffice"
    return folders.get(sys.platform, linux) / "4"


def _unopkg(installation: Installation, profile: Path | None, *arguments: str) -> str:
    """What LibreOffice's extension manager prints. Raises OfficeProblem with its message."""
    program = installation.beside("unopkg")
    console = program.with_suffix(".com")  # on Windows the one that prints
    command = [str(console if console.is_file() else program), *arguments]
    if profile:
        command.append(f"-env:UserInstallation={profile.resolve().as_uri()}")
    try:
        done = run(command, _SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise OfficeProblem(f"{command[0]}: {error}") from None
    if done.returncode:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        raise OfficeProblem(f"unopkg: {' '.join(lines)[:400] or 'failed without a word'}")
    return done.stdout
