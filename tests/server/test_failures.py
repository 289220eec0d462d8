"""What no request brings about at will: a formula that takes too long, and a fault of ours."""

import asyncio
import json
import logging
import re
import threading
import time
from dataclasses import replace
from typing import Any

import pytest
from starlette.types import ASGIApp

from ringfence_addin.functions import RF_LIQ_PRICE
from ringfence_addin.hosts.server import app, calls, security
from ringfence_addin.hosts.server.workers import Workers

HOST = "localhost:8443"
BTC = ["binance", "BTCUSDT", "long", 50, 60_000, None, 20]


async def ask(served: ASGIApp, method: str, path: str, token: str = "", body: bytes = b"") -> Any:
    """Status and body of one request to the application itself, in this process."""
    sent: list[Any] = []
    headers = {"host": HOST, "origin": f"http://{HOST}", "content-type": "application/json"}
    headers["x-ringfence-token"] = token
    scope = {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(),
        "query_string": b"", "root_path": "", "scheme": "http",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await served(scope, receive, send)
    assert dict(sent[0]["headers"])[b"cache-control"] == b"no-store"
    return sent[0]["status"], b"".join(its.get("body", b"") for its in sent[1:])


async def called(served: ASGIApp, *arguments: Any) -> Any:
    _, page = await ask(served, "GET", "/taskpane.html")
    token = re.search(rb'ringfence-token" content="([^"]+)"', page)
    assert token
    body = json.dumps({"calls": [{"name": "RF_LIQ_PRICE", "arguments": arguments}]}).encode()
    status, answer = await ask(served, "POST", "/call", token[1].decode(), body)
    return status, json.loads(answer)


def test_a_slow_formula_is_given_up_and_others_are_answered_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    goes_on = threading.Event()

    def slow(call: calls.Call) -> Any:
        if call.arguments[0] == "slow":
            goes_on.wait(10)
        return calls.answer(call)

    monkeypatch.setattr(app, "answer", slow)
    monkeypatch.setattr(app, "COMPUTE_SECONDS", 0.5)

    async def both() -> None:
        served = app.application(f"http://{HOST}", [HOST])
        late = asyncio.create_task(called(served, "slow"))
        await asyncio.sleep(0.1)
        assert await called(served, *BTC) == (200, {"results": [RF_LIQ_PRICE(*BTC)]})
        assert not late.done()
        status, answer = await late
        assert status == 504
        assert answer == {"error": "the formulas took more than 0 seconds"}

    asyncio.run(both())
    goes_on.set()


def test_a_fault_tells_nobody_about_positions(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def faulty(*_: Any) -> Any:
        raise RuntimeError("secret position")

    with caplog.at_level(logging.INFO):
        served = app.application(f"http://{HOST}", [HOST])
        broken = replace(calls.FORMULAS["RF_LIQ_PRICE"], function=faulty)
        monkeypatch.setitem(calls.FORMULAS, "RF_LIQ_PRICE", broken)
        status, answer = asyncio.run(called(served, *BTC))
        assert (status, answer["results"][0]["error"]) == (200, "#VALUE!")
        monkeypatch.undo()
        monkeypatch.setattr(app, "answer", faulty)
        served = app.application(f"http://{HOST}", [HOST])
        assert asyncio.run(called(served, *BTC)) == (500, {"error": security.FAILED})
    assert "RuntimeError" in caplog.text
    assert "secret" not in caplog.text + json.dumps(answer)


def test_results_in_order_and_failures() -> None:
    async def both() -> None:
        workers = Workers(2, 5)
        assert await workers.each(str, [1, 2, 3]) == ["1", "2", "3"]
        with pytest.raises(ZeroDivisionError):
            await workers.each(lambda n: 1 / n, [1, 0])

    asyncio.run(both())


def test_a_late_one_is_given_up_and_keeps_its_place_until_it_is_done() -> None:
    goes_on = threading.Event()
    begun = []

    def late(number: int) -> int:
        begun.append(number)
        goes_on.wait(10)
        return number

    async def work() -> None:
        workers = Workers(1, 0.2)
        for _ in range(2):  # the second waits for the place of the first
            with pytest.raises(TimeoutError):
                await workers.each(late, [1, 2])
        assert begun == [1]
        goes_on.set()
        deadline = time.monotonic() + 5
        while True:
            try:
                assert await workers.each(str, ["again"]) == ["again"]
                break
            except TimeoutError:
                assert time.monotonic() < deadline
        assert begun == [1]  # what was not begun in time is left out

    asyncio.run(work())
