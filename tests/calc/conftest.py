"""One real LibreOffice for all tests here, with our add-in built from the catalogue."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ringfence_addin.functions import FORMULAS
from ringfence_addin.hosts.calc import build_oxt
from ringfence_addin.hosts.calc_install import add
from ringfence_addin.hosts.calc_packages import search_path
from ringfence_addin.office.find import Installation, OfficeProblem, find
from ringfence_addin.office.session import Document, Office, new_profile, running

ROOT = Path(__file__).resolve().parents[2]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the tests here where there is no LibreOffice; RINGFENCE_REQUIRE_CALC=1 forbids it."""
    here = Path(__file__).parent
    ours = [
        item
        for item in items
        if item.path.is_relative_to(here) and "installation" in getattr(item, "fixturenames", ())
    ]
    if not ours or os.environ.get("RINGFENCE_REQUIRE_CALC") == "1":
        return
    try:
        find()
    except OfficeProblem as problem:
        for item in ours:
            item.add_marker(pytest.mark.skip(reason=str(problem)))


@pytest.fixture(scope="session")
def installation() -> Installation:
    return find()


@pytest.fixture(scope="session")
def extension(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With the packages that LibreOffice's Python needs, kept from run to run."""
    folders = search_path(installation, ROOT / "build" / "calc-packages")
    return build_oxt(tmp_path_factory.mktemp("oxt") / "ringfence.oxt", FORMULAS, folders)


@pytest.fixture(scope="session")
def office(
    installation: Installation, extension: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    profile = new_profile(tmp_path_factory.mktemp("profile"))
    add(installation, extension, profile)
    with running(installation, profile) as its:
        yield its


@pytest.fixture(scope="session")
def bare_office(
    installation: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    """A LibreOffice that does not know our formulas."""
    with running(installation, new_profile(tmp_path_factory.mktemp("profile"))) as its:
        yield its


@pytest.fixture
def document(office: Office) -> Iterator[Document]:
    with office.new() as opened:
        yield opened
