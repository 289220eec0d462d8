"""One real server, and one real browser, for all tests here."""

from collections.abc import Iterator

import pytest

from server.running import Running


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("server") / "log")
    yield running
    running.stop()
