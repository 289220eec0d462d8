"""`ringfence calc` as users run it, on a throwaway profile of the real LibreOffice."""

import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

import ringfence
from ringfence_addin.cli import main
from ringfence_addin.functions import RF_LIQ_PRICE
from ringfence_addin.hosts import calc_packages
from ringfence_addin.office.find import Installation, OfficeProblem, find
from ringfence_addin.office.session import Office, Value, new_profile, running

FORMULA = '=RF_LIQ_PRICE("binance","BTCUSDT","long",50,60000,,20)'
PRICE = RF_LIQ_PRICE("binance", "BTCUSDT", "long", 50, 60_000, None, 20)
NOBODY = 65534


def ringfence_calc(
    *arguments: str, home: Path, python: Path = Path(sys.executable), **options: object
) -> subprocess.CompletedProcess[str]:
    """The command, by a process that has no other home than this one."""
    environment: Mapping[str, str] = {
        **os.environ,
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_DATA_HOME": str(home / ".local/share"),
        "PYTHONPATH": os.pathsep.join(map(str, calc_packages.own_search_path())),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return subprocess.run(
        [str(python), "-m", "ringfence_addin.cli", "calc", *arguments],
        env=environment, cwd=home, capture_output=True, text=True, timeout=300, check=False,
        **options,  # type: ignore[call-overload]
    )  # fmt: skip


def shown(installation: Installation, profile: Path) -> Value:
    """What a formula typed into a new document shows, in a LibreOffice without our path."""
    with running(installation, profile) as office, office.new() as document:
        document.set("Sheet1", "A1", FORMULA)
        return document.value("Sheet1", "A1")


def test_installed_and_uninstalled(installation: Installation, tmp_path: Path) -> None:
    profile = new_profile(tmp_path / "a profile, größer")
    at = ("--profile", str(profile))
    for _ in range(2):  # a second time is as the first
        done = ringfence_calc("install", *at, home=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        assert f"Ringfence {ringfence.__version__} is installed" in done.stdout
    assert (
        f"{ringfence.__version__} is installed"
        in ringfence_calc("status", *at, home=tmp_path).stdout
    )
    assert shown(installation, profile) == PRICE
    for text in ("Ringfence is uninstalled", "Ringfence was not installed"):
        done = ringfence_calc("uninstall", *at, home=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        assert text in done.stdout
    assert "is not installed" in ringfence_calc("status", *at, home=tmp_path).stdout
    assert shown(installation, profile) == {"error": "#NAME?"}


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="the test above is no root's already"
)
def test_by_unopkg_as_a_user_who_is_not_root(installation: Installation) -> None:
    """Into that user's own profile; run by LibreOffice's Python, which anybody may run."""
    if installation.python_version != sys.version_info[:2]:
        pytest.skip("LibreOffice's Python cannot load our packages")
    home = Path(os.path.realpath("/var/tmp")) / f"ringfence-test-{os.getpid()}"
    home.mkdir()
    try:
        os.chown(home, NOBODY, NOBODY)

        def run(action: str) -> subprocess.CompletedProcess[str]:
            return ringfence_calc(
                action, home=home, python=installation.python,
                user=NOBODY, group=NOBODY, extra_groups=[],
            )  # fmt: skip

        done = run("status")
        if "Permission denied" in done.stderr or "No module named" in done.stderr:
            pytest.skip("this checkout is readable to root only")
        for action, text in (
            ("status", "is not installed"),
            ("install", "is installed"),
            ("install", "is installed"),
            ("status", "is installed"),
        ):
            done = run(action)
            assert (done.returncode, done.stderr) == (0, "")
            assert text in done.stdout
        profile = home / ".config/libreoffice/4"
        assert shown(installation, profile) == PRICE
        subprocess.run(["chown", "-R", str(NOBODY), profile], check=True)
        (profile / ".lock").touch()
        done = run("install")
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1
        assert "LibreOffice is running; close it" in done.stderr
        (profile / ".lock").unlink()
        assert "is uninstalled" in run("uninstall").stdout
        assert shown(installation, profile) == {"error": "#NAME?"}
    finally:
        subprocess.run(["rm", "-rf", home], check=True)


def test_a_profile_that_cannot_be_written_is_one_line(
    installation: Installation, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    done = ringfence_calc("install", "--profile", str(tmp_path / "file/profile"), home=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"ringfence: {tmp_path / 'file/profile'}: Not a directory\n"


def test_a_libreoffice_that_does_not_start_says_so(
    installation: Installation, tmp_path: Path
) -> None:
    started = time.monotonic()
    (tmp_path / "profile").write_text("")
    with pytest.raises(OfficeProblem, match="LibreOffice does not start"):
        Office(installation, tmp_path / "profile")
    assert time.monotonic() - started < 30


def wheel(folder: Path, name: str, body: str) -> None:
    """A package that pip can install without any network."""
    info = f"{name}-1.0.dist-info"
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{name}/__init__.py", body)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")


def test_another_python_gets_packages_of_its_own(
    installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel(tmp_path / "wheels", "needed", "import sys; VERSION = sys.version_info[:2]")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    monkeypatch.setattr(calc_packages, "requirements", lambda: ["needed>=1.0"])
    other = replace(installation, platform="another-platform")
    folder = tmp_path / "data" / "packages"
    assert calc_packages.search_path(other, folder) == [folder]
    code = "import needed, ringfence_addin.office.find as it; print(needed.VERSION, it.__file__)"
    said = subprocess.check_output(
        [other.python, "-c", code], env={"PYTHONPATH": str(folder)}, text=True
    )
    assert said.split(") ")[0] + ")" == str(other.python_version)
    assert str(folder) in said

    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "gone"))  # nothing is fetched again
    (folder / "ringfence" / "old.py").write_text("")
    assert calc_packages.search_path(other, folder) == [folder]
    assert not (folder / "ringfence" / "old.py").exists()

    monkeypatch.setattr(calc_packages, "requirements", lambda: ["needed>=2.0"])
    with pytest.raises(OfficeProblem, match="pip: no packages for LibreOffice's Python") as problem:
        calc_packages.search_path(other, folder)
    assert "\n" not in str(problem.value)
    assert (folder / "needed").is_dir()
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.mark.skipif(os.name != "posix", reason="stand-ins are shell scripts")
def test_a_libreoffice_that_does_not_fit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("RINGFENCE_CALC_PYTHON", raising=False)
    says = "echo 'LibreOffice {} abcdef'".format
    old = script(tmp_path / "old/soffice", says("24.2.7.2"))
    other = script(tmp_path / "other/soffice", "echo 'SomethingElse 25.2'")
    fits = script(tmp_path / "fits/soffice", says("25.2.3.2"))
    script(tmp_path / "fits/python", "echo '[3, 10, \"linux-x86_64\"]'")
    broken = script(tmp_path / "broken/soffice", says("25.8.1.1"))
    script(tmp_path / "broken/python", "exit 1")
    for soffice, message in (
        (old, "is LibreOffice 24.2.7.2; Ringfence needs 24.8 or newer"),
        (other, "does not say that it is LibreOffice"),
        (fits, "LibreOffice 25.2.3.2 runs Python 3.10; Ringfence needs 3.11 or newer"),
        (broken, "does not run, or has no `uno`"),
        (tmp_path / "none", "there is no such program"),
    ):
        assert main(["calc", "install", "--soffice", str(soffice)]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert message in line


def test_without_any_libreoffice(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("ringfence_addin.office.find._places", lambda: [tmp_path / "soffice"])
    with pytest.raises(OfficeProblem, match=r"install 24\.8 or newer, or name its program"):
        find()
