"""A venue on this machine: recorded answers over HTTP, asked by ccxt itself."""

import json
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

RECORDED = Path(__file__).parent / "recorded"
VENUES = sorted(path.stem for path in RECORDED.glob("*.json"))


def recording(venue: str) -> list[dict[str, Any]]:
    """The answers of one venue: path, the parameters that pick it, body."""
    answers: list[dict[str, Any]] = json.loads((RECORDED / f"{venue}.json").read_text())["answers"]
    return answers


class Server(ThreadingHTTPServer):
    """Answers as recorded; 400 for what was not. ``status`` and ``body`` override every answer."""

    daemon_threads = True

    def __init__(self, answers: list[dict[str, Any]]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = answers
        self.status: int | None = None
        self.body: bytes | None = None
        self.location = ""  # of a redirect
        self.asked: list[tuple[str, dict[str, str]]] = []

    def find(self, path: str, query: dict[str, str]) -> dict[str, Any] | None:
        fitting = [
            answer
            for answer in self.answers
            if answer["path"] == path
            and all(str(query.get(name)) == value for name, value in answer["query"].items())
        ]
        return max(fitting, key=lambda answer: len(answer["query"]), default=None)

    def play(self, exchange: Any) -> Any:
        """``exchange`` with all its addresses on this server, and no waiting between requests."""
        host = getattr(exchange, "hostname", None) or ""
        exchange.urls["api"] = self._local(exchange.urls["api"], host)
        exchange.enableRateLimit = False
        exchange.options["maxRetriesOnFailure"] = 0
        return exchange

    def _local(self, urls: Any, host: str) -> Any:
        if isinstance(urls, dict):
            return {name: self._local(url, host) for name, url in urls.items()}
        path = urlsplit(urls.replace("{hostname}", host)).path
        return f"http://127.0.0.1:{self.server_port}{path}"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self._answer(dict(parse_qsl(urlsplit(self.path).query)))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self._answer({k: str(v) for k, v in json.loads(body or b"{}").items()})

    def _answer(self, query: dict[str, str]) -> None:
        path = urlsplit(self.path).path
        self.server.asked.append((path, query))
        found = self.server.find(path, query)
        body = json.dumps(found["body"] if found else {"error": "not recorded"}).encode()
        self.send_response(self.server.status or (200 if found else 400))
        self.send_header("content-type", "application/json")
        if self.server.location:
            self.send_header("location", self.server.location)
        self.end_headers()
        self.wfile.write(body if self.server.body is None else self.server.body)

    def log_message(self, *args: Any) -> None:
        pass


def serving(venue: str) -> AbstractContextManager[Server]:
    """The recorded ``venue`` on 127.0.0.1, until the block ends."""
    return running(recording(venue))


@contextmanager
def running(answers: list[dict[str, Any]]) -> Iterator[Server]:
    """A server of these answers on 127.0.0.1, until the block ends."""
    server = Server(answers)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
