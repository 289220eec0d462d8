"""One real LibreOffice for all tests here, with our add-in built from the catalogue."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from calc.office import Document, Office, missing
from ringfence_addin.functions import FORMULAS
from ringfence_addin.hosts.calc import build_oxt

ROOT = Path(__file__).resolve().parents[2]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the tests here where there is no LibreOffice; RINGFENCE_REQUIRE_CALC=1 forbids it."""
    here = Path(__file__).parent
    ours = [
        item
        for item in items
        if item.path.is_relative_to(here) and "office" in getattr(item, "fixturenames", ())
    ]
    if not ours or os.environ.get("RINGFENCE_REQUIRE_CALC") == "1":
        return
    if reason := missing():
        for item in ours:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def extension(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_oxt(tmp_path_factory.mktemp("oxt") / "ringfence.oxt", FORMULAS)


@pytest.fixture(scope="session")
def office(extension: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    if reason := missing():
        pytest.fail(reason)
    subprocess.run([sys.executable, ROOT / "scripts" / "calc_site.py"], check=True)
    python_path = [ROOT / "core", ROOT / "addin", ROOT / "templates", ROOT / "build" / "calc-site"]
    running = Office.with_extension(tmp_path_factory.mktemp("profile"), extension, python_path)
    yield running
    running.stop()


@pytest.fixture
def document(office: Office) -> Iterator[Document]:
    with office.new() as opened:
        yield opened
