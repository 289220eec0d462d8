"""What is generated is up to date, and what the README says is so."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import ringfence
from ringfence import inputs, venues
from ringfence.book import OUTPUTS
from ringfence_templates.__main__ import sample

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", ["formula", "venue"])
def test_generated_pages_are_up_to_date(name: str) -> None:
    spec = importlib.util.spec_from_file_location(name, ROOT / f"scripts/{name}_docs.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    page = ROOT / f"docs/{name}s.md"
    assert page.read_text("utf-8") == module.page(), "run: make docs"


def test_readme_names_the_venues() -> None:
    listed = re.search(r"^Venues: (.*?)\.$", README, re.MULTILINE | re.DOTALL)
    assert listed
    assert sorted(re.split(r",\s+", listed[1])) == list(venues.names())


def test_readme_commands_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"`?make (\w+)", README):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    usage = subprocess.run(
        [sys.executable, "-m", "ringfence_addin.cli", "--help"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    for command in re.findall(r"^ringfence (\w+) ", README, re.MULTILINE):
        assert f" {command} " in usage


def test_readme_example() -> None:
    price = ringfence.liquidation_price(
        venue="binance", symbol="BTCUSDT", side="long", size=50, entry_price=60_000, leverage=20
    )
    assert f"{price:,.2f}" in README
    assert f"{price:.4f}..." in README


def test_every_column_is_documented() -> None:
    page = (ROOT / "docs/excel.md").read_text("utf-8")
    for name in inputs.COLUMNS:
        assert f"`{name}`" in page
    outputs = re.search(r"`(notional, [^`]*)`", page)
    assert outputs
    assert tuple(outputs[1].replace("\n", " ").split(", ")) == OUTPUTS


def test_links_between_pages_lead_somewhere() -> None:
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")):
        for link in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_the_python_of_the_readme_runs() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    given: dict[str, Any] = {
        "positions": sample("sample_mixed.csv"),
        "wallets": sample("sample_accounts.csv"),
    }
    exec(code, given)
    assert len(given["held"].terms) == len(given["positions"])
