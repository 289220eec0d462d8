"""A real `ringfence server` in a process of its own, and plain HTTP to talk to it."""

import http.client
import io
import json
import re
import socket
import ssl
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

Header = tuple[str, str]


class Running:
    """The server on a free port. Headers are a list, so that a test can send one twice."""

    def __init__(self, log: Path, *options: str, trust: ssl.SSLContext | None = None) -> None:
        self._log = log
        self._trust = trust
        command = [sys.executable, "-m", "ringfence_addin.cli", "server", "--port", "0", *options]
        with log.open("w") as errors:
            self.process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=log.parent
            )
        assert self.process.stdout is not None
        said = self.process.stdout.readline()
        found = re.search(r"https?://localhost(:\d+)?", said)
        assert found, said + self.log()
        self.origin = found[0]
        port = urlsplit(self.origin).port
        assert port
        self.port = port

    def log(self) -> str:
        """What it has said on standard error."""
        return self._log.read_text()

    def connect(self, timeout: float = 20) -> socket.socket:
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=timeout)
        return self._trust.wrap_socket(plain, server_hostname="localhost") if self._trust else plain

    def raw(self, data: bytes, timeout: float = 20) -> bytes:
        """Everything it sends back until it closes, which the data must ask for."""
        with self.connect(timeout) as connection:
            connection.sendall(data)
            return received(connection)

    def send(
        self, method: str, path: str, headers: Sequence[Header] = (), body: bytes = b""
    ) -> "Answer":
        """One request as its own connection; Host is ours unless the headers name one."""
        sent = [*headers, ("Connection", "close")]
        if not any(name.lower() == "host" for name, _ in sent):
            sent.insert(0, ("Host", f"localhost:{self.port}"))
        if body and not any(name.lower() == "content-length" for name, _ in sent):
            sent.append(("Content-Length", str(len(body))))
        head = "".join(f"{name}: {value}\r\n" for name, value in sent)
        return Answer(self.raw(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body))

    def token(self) -> str:
        page = self.send("GET", "/taskpane.html").body.decode()
        found = re.search(r'name="ringfence-token" content="([^"]+)"', page)
        assert found
        return found[1]

    def calling(self) -> list[Header]:
        """The headers of a call that is let through."""
        return [
            ("Origin", self.origin),
            ("X-Ringfence-Token", self.token()),
            ("Content-Type", "application/json"),
        ]

    def call(self, name: str, *arguments: Any) -> Any:
        """The result of one formula."""
        body = json.dumps({"calls": [{"name": name, "arguments": arguments}]}).encode()
        answer = self.send("POST", "/call", self.calling(), body)
        assert answer.status == 200, answer.body
        return json.loads(answer.body)["results"][0]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=20)


class Answer:
    """One HTTP response, read as a browser reads it."""

    def __init__(self, data: bytes) -> None:
        response = http.client.HTTPResponse(_Bytes(data))  # type: ignore[arg-type]
        response.begin()
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def error(self) -> str:
        """The message of a refusal, which is one line of JSON and nothing else."""
        assert self.body.count(b"\n") == 0
        found = json.loads(self.body)
        assert found.keys() == {"error"}
        return str(found["error"])


class _Bytes(io.BytesIO):
    """What HTTPResponse takes for a socket."""

    def makefile(self, _mode: str) -> "_Bytes":
        return self


def received(connection: socket.socket) -> bytes:
    data = b""
    while chunk := connection.recv(65_536):
        data += chunk
    return data
