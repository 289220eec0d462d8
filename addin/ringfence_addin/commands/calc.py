"""``ringfence calc``: the formulas in this machine's LibreOffice."""

import argparse
from pathlib import Path

import ringfence
from ringfence_addin.commands import FINE, Command
from ringfence_addin.hosts import calc_install
from ringfence_addin.office.find import Installation, find


def add(command: Command) -> None:
    """Add the command to the shell."""
    its = command("calc", _calc, "Put the formulas into LibreOffice Calc, or take them out.")
    its.add_argument("action", choices=tuple(_ACTIONS))
    its.add_argument(
        "--soffice", type=Path, metavar="PATH", help="LibreOffice's program (default: it is found)"
    )
    its.add_argument(
        "--profile", type=Path, metavar="DIR", help="LibreOffice profile (default: your own)"
    )


def _calc(options: argparse.Namespace) -> int:
    installation = find(options.soffice)
    done = _ACTIONS[options.action](installation, options.profile)
    print(f"LibreOffice {installation.version}: {done}")
    return FINE


def _install(installation: Installation, profile: Path | None) -> str:
    folders = calc_install.install(installation, profile)
    return (
        f"Ringfence {ringfence.__version__} is installed; restart LibreOffice if it is open."
        f" It runs from {', '.join(map(str, folders))}"
    )


def _uninstall(installation: Installation, profile: Path | None) -> str:
    there = calc_install.uninstall(installation, profile)
    return "Ringfence is uninstalled" if there else "Ringfence was not installed"


def _status(installation: Installation, profile: Path | None) -> str:
    version = calc_install.installed(installation, profile)
    return f"Ringfence {version} is installed" if version else "Ringfence is not installed"


_ACTIONS = {"install": _install, "uninstall": _uninstall, "status": _status}
