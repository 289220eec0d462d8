"""The server as a real process, and real HTTP: what it answers, and what it refuses."""

import json
import signal
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import trustme

from calc.test_addin import sample
from ringfence import venues
from ringfence_addin.catalogue import Formula
from ringfence_addin.functions import FORMULAS, RF_LIQ_PRICE
from ringfence_addin.hosts.server import connections, security
from server.running import Answer, Header, Running, received

BTC = ["binance", "BTCUSDT", "long", 50, 60_000, None, 20]
ONE_CALL = json.dumps({"calls": [{"name": "RF_LIQ_PRICE", "arguments": BTC}]}).encode()


def refused(answer: Answer, status: int) -> str:
    """The message of a refusal with this status; every one has the headers of any answer."""
    assert answer.status == status, answer.body
    assert {name: answer.headers[name] for name in security.HEADERS} == security.HEADERS
    assert "Traceback" not in answer.error
    return answer.error


def without(headers: list[Header], name: str) -> list[Header]:
    return [header for header in headers if header[0] != name]


# What it answers


@pytest.mark.parametrize("formula", FORMULAS.values(), ids=FORMULAS)
def test_every_formula_gives_pythons_figure(server: Running, formula: Formula) -> None:
    arguments = sample(formula)
    assert server.call(formula.name, *arguments) == as_json(formula.function(*arguments))


def as_json(result: Any) -> Any:
    if isinstance(result, list):
        return [[as_json(cell) for cell in row] for row in result]
    return "" if result is None else result


def test_results_come_in_the_order_of_the_calls(server: Running) -> None:
    calls = [{"name": "RF_LIQ_PRICE", "arguments": [*BTC[:3], n, *BTC[4:]]} for n in range(1, 301)]
    body = json.dumps({"calls": calls}).encode()
    answer = server.send("POST", "/call", server.calling(), body)
    expected = [RF_LIQ_PRICE(*call["arguments"]) for call in calls]
    assert json.loads(answer.body)["results"] == expected
    assert len(set(expected)) > 1


def test_an_error_spoils_its_own_result_only(server: Running) -> None:
    calls = [
        {"name": "RF_LIQ_PRICE", "arguments": arguments}
        for arguments in ([], ["nowhere", *BTC[1:]], [*BTC[:4], "#NUM!", None, 20], BTC)
    ]
    calls += [{"name": "os.system", "arguments": []}, {"name": "RF_VENUES", "arguments": [1]}]
    body = json.dumps({"calls": calls}).encode()
    found = json.loads(server.send("POST", "/call", server.calling(), body).body)["results"]
    errors = [its["error"] if isinstance(its, dict) else its for its in found]
    assert errors == ["#N/A", "#VALUE!", "#NUM!", RF_LIQ_PRICE(*BTC), "#VALUE!", "#VALUE!"]
    assert found[5]["message"] == "RF_VENUES takes 0 arguments"


def test_the_metadata_is_the_catalogue(server: Running) -> None:
    metadata = json.loads(server.send("GET", "/functions.json").body)
    assert metadata["allowErrorForDataTypeAny"] is True
    assert [its["id"] for its in metadata["functions"]] == list(FORMULAS)
    words = {its["id"]: [v["stringValue"] for v in its["values"]] for its in metadata["enums"]}
    assert words["VENUE"] == list(venues.names())
    for its in metadata["functions"]:
        formula = FORMULAS[its["name"]]
        assert its["description"] == formula.doc
        many = {True: "matrix", False: "scalar"}
        assert its["result"] == {
            "type": "any",
            "dimensionality": many[formula.returns_table],
        }
        for parameter, argument in zip(its["parameters"], formula.arguments, strict=True):
            assert parameter["name"] == argument.name
            assert parameter["description"] == argument.doc
            assert parameter["optional"] == argument.optional
            assert parameter["dimensionality"] == many[argument.is_range]
            assert parameter.get("customEnumId", "SIDE") in words
            assert ("customEnumId" in parameter) == (argument.name.upper() in words)
    ids = [its["id"] for its in metadata["functions"]]
    assert all(set(name) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.") for name in ids)


def test_all_that_the_manifest_names_is_there(server: Running) -> None:
    answer = server.send("GET", "/manifest.xml")
    root = ET.fromstring(answer.body)
    values = {element.get("DefaultValue", "") for element in root.iter()}
    addresses = {value for value in values if value.startswith("http")}
    assert {address.partition("/taskpane")[0] for address in addresses} > {server.origin}
    for address in addresses:
        path = address.removeprefix(server.origin)
        assert server.send("GET", path).status == 200, address
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    named = {element.get("resid") for element in root.iter() if element.get("resid")}
    assert named <= set(ids)
    assert len(ids) == len(set(ids))


def test_files_and_their_types(server: Running) -> None:
    for path, kind in {
        "/taskpane.html?_host_Info=Excel$Win32$16.01$en-US": "text/html; charset=utf-8",
        "/functions.js": "text/javascript; charset=utf-8",
        "/taskpane.css": "text/css; charset=utf-8",
        "/functions.json": "application/json",
        "/icon-32.png": "image/png",
    }.items():
        answer = server.send("GET", path)
        assert (answer.status, answer.headers["content-type"]) == (200, kind)
        assert {name: answer.headers[name] for name in security.HEADERS} == security.HEADERS
        assert b"{{" not in answer.body
    head = server.raw(
        f"HEAD /taskpane.html HTTP/1.1\r\nHost: localhost:{server.port}\r\n"
        "Connection: close\r\n\r\n".encode()
    )
    assert head.startswith(b"HTTP/1.1 200 ")
    assert head.endswith(b"\r\n\r\n")


def test_headers_tell_no_version_and_let_no_other_site_in(server: Running) -> None:
    answer = server.send("OPTIONS", "/call", [("Origin", "https://evil.example")])
    names = {name.lower() for name in answer.headers}
    page = server.send("GET", "/taskpane.html").headers
    names |= {name.lower() for name in page}
    assert not {"server", "x-powered-by", "x-frame-options"} & names
    assert not [name for name in names if name.startswith("access-control")]
    policy = page["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "https://*.officeapps.live.com" in policy.partition("frame-ancestors")[2]


# What it refuses


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "localhost", "localhost:{other}",
             "127.0.0.1", "localhost.evil.example:{port}", "LOCALHOST:{port}x", "0.0.0.0:{port}",
             "[::1]:{port}", ""],
)  # fmt: skip
def test_a_foreign_host_is_refused(server: Running, host: str) -> None:
    """DNS rebinding: a name of the attacker's that resolves to 127.0.0.1."""
    host = host.format(port=server.port, other=server.port % 65_535 + 1)
    origin = ("Origin", f"http://{host}")
    for method, path in (("GET", "/taskpane.html"), ("POST", "/call")):
        answer = server.send(method, path, [("Host", host), origin, *server.calling()[1:]])
        assert refused(answer, 403).startswith("Host must be 127.0.0.1:")
        assert b"token" not in answer.body


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "", "http://localhost", "https://localhost:{port}",
               "http://127.0.0.1:{port}", "http://localhost:{port}.evil.example", None],
)  # fmt: skip
def test_a_call_from_another_origin_is_refused(server: Running, origin: str | None) -> None:
    headers = without(server.calling(), "Origin")
    if origin is not None:
        headers.append(("Origin", origin.format(port=server.port)))
    answer = server.send("POST", "/call", headers, ONE_CALL)
    assert refused(answer, 403) == "Origin must be this server's own"


def test_a_second_origin_or_host_is_refused(server: Running) -> None:
    twice = [*server.calling(), ("Origin", server.origin)]
    refused(server.send("POST", "/call", twice, ONE_CALL), 403)
    hosts = [("Host", f"localhost:{server.port}"), ("Host", "evil.example")]
    assert server.send("GET", "/taskpane.html", hosts).status in (400, 403)


def test_a_page_is_for_our_own_origin_or_a_visit(server: Running) -> None:
    foreign = [("Origin", "https://evil.example")]
    refused(server.send("GET", "/taskpane.html", foreign), 403)
    assert server.send("GET", "/taskpane.html", [("Origin", server.origin)]).status == 200


def test_both_names_of_this_computer_work(server: Running) -> None:
    host = f"127.0.0.1:{server.port}"
    headers = [("Host", host), ("Origin", f"http://{host}"), *server.calling()[1:]]
    assert server.send("POST", "/call", headers, ONE_CALL).status == 200


def test_a_call_needs_the_token(server: Running) -> None:
    token, headers = server.token(), without(server.calling(), "X-Ringfence-Token")
    refused(server.send("POST", "/call", headers, ONE_CALL), 403)
    for wrong in ("", "wrong", token + "x", token[:-1], token.swapcase(), "\xe9"):
        answer = server.send("POST", "/call", [*headers, ("X-Ringfence-Token", wrong)], ONE_CALL)
        assert "token" in refused(answer, 403)
    twice = [*server.calling(), ("X-Ringfence-Token", server.token())]
    refused(server.send("POST", "/call", twice, ONE_CALL), 403)


def test_a_token_in_the_address_is_none(server: Running) -> None:
    headers = without(server.calling(), "X-Ringfence-Token")
    path = f"/call?x-ringfence-token={server.token()}"
    refused(server.send("POST", path, headers, ONE_CALL), 403)


def test_each_start_has_its_own_token(server: Running, tmp_path: Path) -> None:
    other = Running(tmp_path / "log")
    try:
        assert len(server.token()) >= 43  # 32 bytes
        assert other.token() != server.token()
    finally:
        other.stop()


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "X"])
def test_other_methods_are_refused(server: Running, method: str) -> None:
    answer = server.send(method, "/call", server.calling())
    assert refused(answer, 405) == "the method must be GET, HEAD, POST"
    assert answer.headers["allow"] == "GET, HEAD, POST"


def test_a_method_at_the_wrong_place(server: Running) -> None:
    refused(server.send("GET", "/call"), 405)
    refused(server.send("POST", "/taskpane.html", server.calling(), ONE_CALL), 405)


@pytest.mark.parametrize(
    "path", ["/", "/call/", "/taskpane.html/", "/nothing", "/../app.py", "/static/../../app.py",
             "/..%2f..%2fapp.py", "/%2e%2e/app.py", "/taskpane.html%00.png", "//etc/passwd",
             "/..\\app.py", "http://evil.example/taskpane.html", "/static/taskpane.html",
             "/app.py", "/__init__.py"],
)  # fmt: skip
def test_nothing_but_its_pages_is_there(server: Running, path: str) -> None:
    assert refused(server.send("GET", path), 404) == "Not Found"


def test_only_json_is_a_call(server: Running) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/jsonx", ""):
        headers = [*without(server.calling(), "Content-Type"), ("Content-Type", kind)]
        refused(server.send("POST", "/call", headers, ONE_CALL), 415)


DEEP = 100_000
GOOD = '{"calls":[{"name":"RF_LIQ_PRICE","arguments":[%s]}]}'


@pytest.mark.parametrize(
    "body",
    [
        "", "{", "[]", "null", "1", '{"calls":[]}', '{"calls":{}}', '{"calls":[1]}',
        '{"calls":[{"name":"RF_VENUES"}]}', '{"calls":[{"name":1,"arguments":[]}]}',
        '{"calls":[{"name":"RF_VENUES","arguments":[],"more":1}]}',
        GOOD % "NaN", GOOD % "Infinity", GOOD % "-Infinity", GOOD % "1e999", GOOD % ("9" * 400),
        GOOD % "{}", GOOD % "[1]", GOOD % "[[[1]]]", GOOD % '[[{"a":1}]]', GOOD % "01",
        GOOD % "1,", GOOD % '"\\ud800"', GOOD % '"a\nb"', GOOD % "[[NaN]]",
        "[" * DEEP, GOOD % ("[" * DEEP + "]" * DEEP), '{"calls":' * DEEP,
        json.dumps({"calls": [{"name": "RF_VENUES", "arguments": []}] * 501}),
    ],
    ids=range(29),
)  # fmt: skip
def test_what_is_no_call_is_refused(server: Running, body: str) -> None:
    refused(server.send("POST", "/call", server.calling(), body.encode()), 400)


def test_bytes_that_are_no_text_are_refused(server: Running) -> None:
    for body in (b"\xff\xfe", ONE_CALL.decode().encode("utf-16"), b"\x00" * 100):
        refused(server.send("POST", "/call", server.calling(), body), 400)


def test_a_body_too_large_is_refused_by_its_length(server: Running) -> None:
    size = security.BODY_BYTES + 1
    headers = [*server.calling(), ("Content-Length", str(size))]
    refused(server.send("POST", "/call", headers), 413)  # before any of it was sent
    fits = GOOD % ('"' + "x" * (security.BODY_BYTES - len(GOOD)) + '"')
    assert len(fits) == security.BODY_BYTES
    assert server.send("POST", "/call", server.calling(), fits.encode()).status == 200


def test_a_body_too_large_is_refused_while_it_comes(server: Running) -> None:
    """Chunked, so that no header says how much there will be."""
    head = "".join(f"{name}: {value}\r\n" for name, value in server.calling())
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    with server.connect() as connection:
        connection.sendall(
            f"POST /call HTTP/1.1\r\nHost: localhost:{server.port}\r\n{head}"
            "Transfer-Encoding: chunked\r\n\r\n".encode()
        )
        sent = 0
        connection.setblocking(False)
        answer, deadline = b"", time.monotonic() + 20
        while not answer and time.monotonic() < deadline:
            try:
                sent += connection.send(chunk)
            except BlockingIOError:
                time.sleep(0.01)
            except ConnectionError:  # it has answered and closed while we were sending
                break
            try:
                answer = connection.recv(65_536)
            except BlockingIOError:
                pass
            except ConnectionError:
                break
    assert sent < 4 * security.BODY_BYTES
    assert answer.startswith(b"HTTP/1.1 413 ") or "POST /call 413" in server.log()
    assert server.call("RF_LIQ_PRICE", *BTC) == RF_LIQ_PRICE(*BTC)


def test_slow_requests_end_while_others_are_answered(server: Running) -> None:
    """A head that never ends is cut, a body that never ends is refused; neither holds others up."""
    head = "".join(f"{name}: {value}\r\n" for name, value in server.calling())
    start = f"POST /call HTTP/1.1\r\nHost: localhost:{server.port}\r\n{head}"
    begun = time.monotonic()
    silent, slow_head, slow_body, reused = (server.connect(30) for _ in range(4))
    slow_head.sendall(start.encode())
    slow_body.sendall(f'{start}Content-Length: 100\r\n\r\n{{"calls"'.encode())
    reused.sendall(f"{start}Content-Length: {len(ONE_CALL)}\r\n\r\n".encode() + ONE_CALL)
    assert reused.recv(65_536).startswith(b"HTTP/1.1 200 ")
    reused.sendall(b"GET / HTTP")
    for second in range(3):
        time.sleep(1)
        slow_head.sendall(f"X-{second}: {second}\r\n".encode())
        slow_body.sendall(b" ")
    assert server.call("RF_LIQ_PRICE", *BTC) == RF_LIQ_PRICE(*BTC)
    assert "more than 10 seconds" in refused(Answer(received(slow_body)), 408)
    for connection in (silent, slow_head, reused):
        assert received(connection) == b""
        connection.close()
    slow_body.close()
    limit = max(connections.HEAD_SECONDS, security.BODY_SECONDS)
    assert time.monotonic() - begun < limit + 5


def test_many_open_connections_do_not_lock_others_out_for_long(server: Running) -> None:
    idle = [server.connect() for _ in range(80)]
    try:
        assert server.raw(
            f"GET /taskpane.html HTTP/1.1\r\nHost: localhost:{server.port}\r\n"
            "Connection: close\r\n\r\n".encode()
        ).startswith(b"HTTP/1.1 503 ")
    finally:
        for connection in idle:
            connection.close()
    deadline = time.monotonic() + 5
    while server.send("GET", "/taskpane.html").status == 503:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_one_request_cannot_hide_in_another(server: Running) -> None:
    """Request smuggling: what a body holds is never a request, and no length counts twice."""
    hidden = f"GET /functions.js HTTP/1.1\r\nHost: localhost:{server.port}\r\n\r\n"
    head = "".join(f"{name}: {value}\r\n" for name, value in server.calling())
    start = f"POST /call HTTP/1.1\r\nHost: localhost:{server.port}\r\n{head}"
    for lengths in (
        f"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n{hidden}",
        f"Content-Length: 0\r\nContent-Length: {len(hidden)}\r\n\r\n{hidden}",
        f"Content-Length: +{len(hidden)}\r\n\r\n{hidden}",
        f"Content-Length : {len(hidden)}\r\n\r\n{hidden}",
        f"Transfer-Encoding: xchunked\r\n\r\n{hidden}",
        f"Transfer-Encoding: chunked\r\n\r\nz\r\n{hidden}",
        f"Content-Length: {len(hidden)}\r\nConnection: close\r\n\r\n{hidden}",
    ):
        found = server.raw((start + lengths).encode())
        assert found.startswith(b"HTTP/1.1 4"), lengths
        assert found.count(b"HTTP/1.1 ") == 1, lengths
    chunked = f"{len(ONE_CALL):x}\r\n{ONE_CALL.decode()}\r\n0\r\n\r\n"
    both = f"Transfer-Encoding: chunked\r\nContent-Length: {len(chunked)}\r\n\r\n{chunked}"
    assert "exclude each other" in refused(Answer(server.raw((start + both).encode())), 400)
    got = server.raw(
        f"GET /taskpane.css HTTP/1.1\r\nHost: localhost:{server.port}\r\nConnection: close\r\n"
        f"Content-Length: {len(hidden)}\r\n\r\n{hidden}".encode()
    )
    assert got.count(b"HTTP/1.1 ") == 1


def test_nothing_sent_comes_back_as_a_header_or_a_line_of_the_log(server: Running) -> None:
    path = "/x%0d%0aSet-Cookie:%20a=b%0d%0a2026-01-01%20forged"
    refused(server.send("GET", path), 404)
    found = server.raw(
        f"GET /taskpane.css HTTP/1.1\r\nHost: localhost:{server.port}\r\n"
        "X-A: b\nSet-Cookie: a=b\r\nX-B: \r\x00c\r\nConnection: close\r\n\r\n".encode()
    )
    assert b"Set-Cookie" not in found
    assert "forged" not in server.log()


def test_a_head_too_large_is_refused(server: Running) -> None:
    start = f"GET /taskpane.css HTTP/1.1\r\nHost: localhost:{server.port}\r\nX: "
    assert server.raw(start.encode() + b"x" * 30_000).startswith(b"HTTP/1.1 400 ")


def test_the_log_has_no_positions_and_no_token(server: Running) -> None:
    server.call("RF_LIQ_PRICE", *BTC[:4], 61_234.5, None, 20)
    server.send("GET", f"/taskpane.html?{server.token()}")
    assert "POST /call 200" in server.log()
    for secret in (server.token(), "61234", "BTCUSDT", "RF_LIQ_PRICE"):
        assert secret not in server.log()


# Starting and stopping


def test_it_listens_on_this_computer_only(server: Running) -> None:
    others = {its[4][0] for its in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for address in others - {"127.0.0.1", "127.0.1.1"}:
        with pytest.raises(OSError, match="refused"):
            socket.create_connection((address, server.port), timeout=2)
    listening = Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()
    ours = [line.split()[1] for line in listening.splitlines() if f":{server.port:04X} " in line]
    assert f"0100007F:{server.port:04X}" in ours
    assert not [address for address in ours if set(address.partition(":")[0]) == {"0"}]


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_when_told_to(tmp_path: Path, sent: signal.Signals) -> None:
    status = {signal.SIGTERM: -signal.SIGTERM, signal.SIGINT: 130}[sent]
    server = Running(tmp_path / "log")
    with server.connect() as idle:
        assert server.call("RF_LIQ_PRICE", *BTC) == RF_LIQ_PRICE(*BTC)
        server.process.send_signal(sent)
        assert server.process.wait(timeout=10) == status
        assert idle.recv(1) == b""
    assert "Traceback" not in server.log()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", server.port), timeout=2)


def test_over_https(tmp_path: Path) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("localhost", "127.0.0.1")
    files = certificate_files(tmp_path, issued)
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    server = Running(tmp_path / "log", *files, trust=trust)
    try:
        assert server.origin.startswith("https://localhost:")
        assert server.call("RF_LIQ_PRICE", *BTC) == RF_LIQ_PRICE(*BTC)
        assert server.origin.encode() in server.send("GET", "/manifest.xml").body
        plain = [(n, v.replace("https", "http")) for n, v in server.calling()]
        refused(server.send("POST", "/call", plain, ONE_CALL), 403)
        old = ssl.create_default_context()
        authority.configure_trust(old)
        with pytest.warns(DeprecationWarning, match="TLSv1_1"):
            old.maximum_version = ssl.TLSVersion.TLSv1_1
        with (
            socket.create_connection(("127.0.0.1", server.port)) as raw,
            pytest.raises(ssl.SSLError),
        ):
            old.wrap_socket(raw, server_hostname="localhost")
    finally:
        server.stop()


def certificate_files(folder: Path, issued: trustme.LeafCert) -> list[str]:
    certificate, key = folder / "cert.pem", folder / "key.pem"
    certificate.write_bytes(b"".join(pem.bytes() for pem in issued.cert_chain_pems))
    key.write_bytes(issued.private_key_pem.bytes())
    return ["--cert", str(certificate), "--key", str(key)]


def started(*options: str, python: tuple[str, ...] = ("-m", "ringfence_addin.cli")) -> str:
    """The one line on standard error of a server that must not start."""
    result = subprocess.run(
        [sys.executable, *python, "server", *options], capture_output=True, text=True, timeout=60
    )
    lines = [line for line in result.stderr.splitlines() if "http, which Excel" not in line]
    assert result.returncode == 2, result.stderr
    assert len(lines) == 1, result.stderr
    return lines[0]


def test_what_it_cannot_start_with(server: Running, tmp_path: Path) -> None:
    assert "Address already in use" in started("--port", str(server.port))
    assert "'65536' is not a port" in started("--port", "65536")
    assert "'-1' is not a port" in started("--port=-1")
    assert "give both, or none" in started("--cert", "a.pem")
    missing = str(tmp_path / "none.pem")
    assert started("--cert", missing, "--key", missing) == (
        f"ringfence: {missing}: No such file or directory"
    )
    authority = trustme.CA()
    mine, others = tmp_path / "mine", tmp_path / "others"
    mine.mkdir()
    others.mkdir()
    files = certificate_files(mine, authority.issue_cert("localhost"))
    files[3] = certificate_files(others, authority.issue_cert("localhost"))[3]
    assert "not a certificate in PEM that goes with" in started("--port", "0", *files)
    (mine / "cert.pem").write_text("nonsense")
    assert "not a certificate in PEM that goes with" in started("--port", "0", *files)


WITHOUT = """
import sys
for name in ("starlette", "uvicorn"):
    sys.modules[name] = None  # as if it were not installed
from ringfence_addin.cli import main
sys.exit(main(sys.argv[1:]))
"""


def test_without_the_extra_only_this_command_is_missing(tmp_path: Path) -> None:
    said = started(python=("-c", WITHOUT))
    assert said == (
        "ringfence: the server needs uvicorn: pip install '.[server]' in Ringfence's folder"
    )
    command = [sys.executable, "-c", WITHOUT, "tiers", "binance", "BTCUSDT"]
    assert subprocess.run(command, capture_output=True).returncode == 0


PAID = """
import sys
import xlwings
before = set(sys.modules)
import ringfence_addin.hosts.server.serving
print([name for name in set(sys.modules) - before if name.startswith("xlwings")])
"""


def test_it_loads_nothing_of_xlwings_server() -> None:
    result = subprocess.run([sys.executable, "-c", PAID], capture_output=True, text=True)
    assert result.stdout == "[]\n", result.stderr
