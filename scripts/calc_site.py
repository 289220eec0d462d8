"""Install what the formulas import into build/calc-site, for LibreOffice's own Python.

    python scripts/calc_site.py      then put build/calc-site on LibreOffice's PYTHONPATH

LibreOffice runs the system's Python, which may be another version than ours; compiled packages
must match that one. Safe to run again: it does nothing when the folder is up to date.
"""

import os
import platform
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "build" / "calc-site"
STAMP = ".requirements"
OFFICE_PYTHON = os.environ.get("RINGFENCE_CALC_PYTHON", "/usr/bin/python3")
PACKAGES = ("numpy", "pandas", "platformdirs", "pydantic", "xlwings")
# pip takes these literally: naming a newer one does not include the older ones.
MANYLINUX = ("manylinux_2_28", "manylinux_2_27", "manylinux_2_17", "manylinux2014")


def requirements() -> list[str]:
    """The lines for PACKAGES in pyproject.toml, so that versions are stated once."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = {re.split(r"[^\w-]", line)[0]: line for line in project["dependencies"]}
    return [named[package] for package in PACKAGES]


def office_version() -> str:
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    return subprocess.check_output([OFFICE_PYTHON, "-c", code], text=True).strip()


def install(target: Path, version: str, wanted: list[str]) -> None:
    platforms = [f"--platform={name}_{platform.machine()}" for name in MANYLINUX]
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    selection = ["--only-binary=:all:", "--implementation=cp", f"--python-version={version}"]
    subprocess.run([*pip, *selection, *platforms, f"--target={target}", *wanted], check=True)


def main() -> None:
    try:
        version = office_version()
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"calc_site: {OFFICE_PYTHON} does not run ({error}); set RINGFENCE_CALC_PYTHON")
    wanted = requirements()
    stamp = "\n".join([version, *wanted])
    if (SITE / STAMP).is_file() and (SITE / STAMP).read_text() == stamp:
        return
    fresh = SITE.with_name(f"{SITE.name}.{os.getpid()}")
    try:
        install(fresh, version, wanted)
        (fresh / STAMP).write_text(stamp)
        shutil.rmtree(SITE, ignore_errors=True)
        fresh.rename(SITE)
    except subprocess.CalledProcessError:
        sys.exit(f"calc_site: pip found no ready-built packages for Python {version}")
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    print(f"{SITE.relative_to(ROOT)}: {', '.join(wanted)} for Python {version}")


if __name__ == "__main__":
    main()
