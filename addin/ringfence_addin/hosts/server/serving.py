"""Starts the server on this computer, and keeps it until it is told to stop."""

import logging
import socket
import ssl
from pathlib import Path
from typing import Final

import uvicorn

from ringfence.errors import RingfenceError
from ringfence_addin.hosts.server.app import application
from ringfence_addin.hosts.server.connections import Connection

ADDRESS: Final = "127.0.0.1"  # this computer only; never 0.0.0.0
_HOSTS: Final = (ADDRESS, "localhost")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_MOST_CONNECTIONS: Final = 64
_HEAD_BYTES: Final = 16_384  # of one request's line and headers
_IDLE_SECONDS: Final = 30
_STOP_SECONDS: Final = 5  # for answers that are under way


def serve(port: int, certificate: tuple[Path, Path] | None) -> None:
    """Serve until stopped; port 0 takes a free one. ``certificate``: its file and its key's.

    Raises RingfenceError for a certificate that cannot be used, OSError for a port in use.
    """
    if certificate:
        _check(*certificate)
    scheme = "https" if certificate else "http"
    with socket.create_server((ADDRESS, port)) as listening:
        port = listening.getsockname()[1]
        suffix = "" if port == _DEFAULT_PORTS[scheme] else f":{port}"
        origin = f"{scheme}://localhost{suffix}"
        config = uvicorn.Config(
            application(origin, [host + suffix for host in _HOSTS]),
            http=Connection,
            ws="none",
            lifespan="off",
            proxy_headers=False,  # nobody stands before us whose word on the caller we would take
            server_header=False,
            access_log=False,  # the guard writes one without arguments
            log_config=None,
            limit_concurrency=_MOST_CONNECTIONS,
            h11_max_incomplete_event_size=_HEAD_BYTES,
            timeout_keep_alive=_IDLE_SECONDS,
            timeout_graceful_shutdown=_STOP_SECONDS,
            ssl_certfile=certificate and certificate[0],
            ssl_keyfile=certificate and certificate[1],
        )
        logging.basicConfig(format="%(asctime)s %(message)s", level=logging.INFO)
        logging.getLogger("uvicorn").setLevel(logging.WARNING)
        print(f"The formulas are at {origin} until you press Ctrl-C.")
        print(f"Excel's add-in: {origin}/manifest.xml", flush=True)
        uvicorn.Server(config).run(sockets=[listening])


def _check(certificate: Path, key: Path) -> None:
    """Before uvicorn does, whose error would be a traceback. An encrypted key is not asked for."""
    for file in (certificate, key):
        file.open("rb").close()  # says which one cannot be read
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
    except ssl.SSLError:
        raise RingfenceError(
            f"{certificate}: not a certificate in PEM that goes with the unencrypted key {key}"
        ) from None
