"""The workbooks in templates/: what the package builds from its samples, and nothing else."""

import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from ringfence_templates import TEMPLATES
from ringfence_templates.__main__ import build_shipped
from templates.stored import parts

FOLDER = Path(__file__).parents[2] / "templates"


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {path.stem: path for path in build_shipped(tmp_path_factory.mktemp("rebuilt"))}


def test_every_template_ships() -> None:
    assert {path.stem for path in FOLDER.glob("*.xlsx")} == set(TEMPLATES)


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_shipped_file_is_what_the_package_builds(name: str, rebuilt: dict[str, Path]) -> None:
    ours, theirs = parts(rebuilt[name]), parts(FOLDER / f"{name}.xlsx")
    assert list(ours) == list(theirs)
    changed = [
        part for part in ours if ET.canonicalize(ours[part]) != ET.canonicalize(theirs[part])
    ]
    assert changed == [], "run make templates"


@pytest.mark.parametrize("name", TEMPLATES)
def test_nothing_in_it_tells_the_clock_or_the_machine(name: str) -> None:
    path = FOLDER / f"{name}.xlsx"
    with zipfile.ZipFile(path) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    core = parts(path)["docProps/core.xml"]
    assert set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", core)) == {"2026-11-23T00:00:00Z"}
    root = str(FOLDER.parent)
    assert not [part for part, text in parts(path).items() if root in text or "/home" in text]
