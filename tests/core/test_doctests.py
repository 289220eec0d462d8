"""The examples in the docstrings run."""

import doctest
import pkgutil
from importlib import import_module

import pytest

import ringfence

MODULES = ["ringfence", *(m.name for m in pkgutil.walk_packages(ringfence.__path__, "ringfence."))]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    assert doctest.testmod(import_module(name)).failed == 0


def test_the_main_names_have_examples() -> None:
    finder = doctest.DocTestFinder()
    shown = {test.name for test in finder.find(ringfence, "ringfence") if test.examples}
    assert "ringfence" in shown
    assert any(test.examples for test in finder.find(ringfence.liquidation_price))
