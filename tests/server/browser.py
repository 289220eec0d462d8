"""A real headless Chromium on the server's page, with a stand-in for Microsoft's office.js."""

import http.server
import json
import shutil
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import trustme
from selenium import webdriver

OFFICE_HOST = "appsforoffice.microsoft.com"
OFFICE_PATH = "/lib/1/hosted/office.js"
STUB = (Path(__file__).with_name("office_stub.js")).read_bytes()
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage",
    "--ignore-certificate-errors",  # of the stand-in; the server's own is plain HTTP here
)  # fmt: skip


def missing() -> str:
    """Why there can be no browser; empty where there can."""
    absent = [name for name in ("chromium", "chromedriver") if not shutil.which(name)]
    return f"no {' and no '.join(absent)}: scripts/install_chromium.sh" if absent else ""


class _Office(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        kind, body = ("text/javascript", STUB) if self.path == OFFICE_PATH else ("text/html", b"")
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def office(folder: Path) -> Iterator[int]:
    """Microsoft's host over https on this computer: its port."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert(OFFICE_HOST).configure_cert(context)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Office)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


class Page:
    """The task pane in a browser that reaches this computer and nothing else."""

    def __init__(self, profile: Path, office_port: int) -> None:
        options = webdriver.ChromeOptions()
        options.binary_location = str(shutil.which("chromium"))
        for flag in FLAGS:
            options.add_argument(flag)
        options.add_argument(f"--user-data-dir={profile}")
        options.add_argument(
            f"--host-resolver-rules=MAP {OFFICE_HOST}:443 127.0.0.1:{office_port},"
            "MAP * ~NOTFOUND,EXCLUDE 127.0.0.1,EXCLUDE localhost"
        )
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        service = webdriver.ChromeService(executable_path=shutil.which("chromedriver"))
        self.driver = webdriver.Chrome(options=options, service=service)
        self.driver.set_script_timeout(60)

    def open(self, origin: str) -> None:
        self.driver.get(f"{origin}/taskpane.html?_host_Info=Excel$Win32$16.01$en-US")

    def script(self, source: str, *arguments: Any) -> Any:
        """The value of an async function's body; the arguments are its `given`."""
        return self.driver.execute_async_script(
            "const given = [...arguments], done = given.pop();"
            f"(async () => {{ {source} }})().then(done, (error) => done(`failed: ${{error}}`));",
            *arguments,
        )

    def excel(self, name: str, *arguments: Any) -> Any:
        """What Excel's cell would show for this formula."""
        return self.script("return await excel(given[0], given[1])", name, arguments)

    def console(self) -> list[str]:
        """What the page has complained of since it was asked last."""
        return [line["message"] for line in self.driver.get_log("browser")]

    def requests(self) -> list[str]:
        """The addresses the page has asked for since it was asked last."""
        lines = self.driver.get_log("performance")
        events = [json.loads(line["message"])["message"] for line in lines]
        return [
            event["params"]["request"]["url"]
            for event in events
            if event["method"] == "Network.requestWillBeSent"
        ]
