"""Who may call, how much, and what a browser is told: one guard around the whole application.

The server listens on this computer only, but every web page that its user opens can send requests
there too. A request must name our own host (a foreign name that resolves to 127.0.0.1 is refused),
come from our own page (Origin), and a call must hold the token that only our page can read. What
this does not keep out is another program of the same computer: it can read the page as Excel does.
"""

import asyncio
import hmac
import logging
import time
from collections.abc import Collection
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

METHODS: Final = ("GET", "HEAD", "POST")
TOKEN_HEADER: Final = "x-ringfence-token"
BODY_BYTES: Final = 5_000_000
BODY_SECONDS: Final = 10.0  # for the whole body to arrive
REQUEST_SECONDS: Final = 90.0  # for everything, answering included

OFFICE_JS: Final = "https://appsforoffice.microsoft.com"
# Pages of Microsoft that show an add-in in a frame (Excel on the web)
_OFFICE_FRAMES: Final = (
    "https://*.officeapps.live.com", "https://*.office.com", "https://*.cloud.microsoft",
    "https://*.sharepoint.com", "https://onedrive.live.com",
)  # fmt: skip
_POLICY: Final = {
    "default-src": ("'none'",),
    "script-src": ("'self'", OFFICE_JS),
    "connect-src": ("'self'",),
    "style-src": ("'self'",),
    "img-src": ("'self'",),
    "base-uri": ("'none'",),
    "form-action": ("'none'",),
    "frame-ancestors": ("'self'", *_OFFICE_FRAMES),
}
_REFUSED_FEATURES: Final = (
    "camera", "display-capture", "fullscreen", "geolocation", "microphone", "payment", "usb",
)  # fmt: skip
# After the OWASP Secure Headers Project. Not X-Frame-Options, which cannot name Office's hosts, and
# not Strict-Transport-Security, which would hold for every other server on localhost.
HEADERS: Final = {
    "content-security-policy": "; ".join(f"{key} {' '.join(its)}" for key, its in _POLICY.items()),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "permissions-policy": ", ".join(f"{feature}=()" for feature in _REFUSED_FEATURES),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-permitted-cross-domain-policies": "none",
    "cache-control": "no-store",
}

FAILED: Final = "the server failed; see its messages"

_LOG: Final = logging.getLogger("ringfence.server")


def refusal(status: int, problem: str) -> JSONResponse:
    """An error as one line of JSON. The connection ends: there may be a body that nobody read."""
    return JSONResponse({"error": problem}, status, {"connection": "close"})


class Guard:
    """Lets requests through that pass every rule; sets the headers of every answer; logs it."""

    def __init__(
        self, app: ASGIApp, *, hosts: Collection[str], token: str, paths: Collection[str]
    ) -> None:
        self._app = app
        self._hosts = frozenset(hosts)
        self._token = token.encode()
        self._paths = frozenset(paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.monotonic()
        status: int | None = None

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                await (self._refusal(scope) or self._app)(scope, receive, answer)
        except Exception as error:
            _LOG.error("request failed: %s", type(error).__name__)  # its text may hold a position
            if status is None:
                await refusal(500, FAILED)(scope, receive, answer)
        self._log(scope, status, time.monotonic() - started)

    def _refusal(self, scope: Scope) -> JSONResponse | None:
        headers = scope["headers"]

        def values(name: str) -> list[bytes]:
            return [value for key, value in headers if key == name.encode()]

        host = values("host")
        if len(host) != 1 or host[0].decode("latin-1") not in self._hosts:
            return refusal(403, f"Host must be {' or '.join(sorted(self._hosts))}")
        if values("transfer-encoding") and values("content-length"):
            return refusal(400, "Content-Length and Transfer-Encoding exclude each other")
        if scope["method"] not in METHODS:
            response = refusal(405, f"the method must be {', '.join(METHODS)}")
            response.headers["allow"] = ", ".join(METHODS)
            return response
        calling = scope["method"] == "POST"
        own = [f"{scope['scheme']}://".encode() + host[0]]
        if values("origin") not in ([own] if calling else [own, []]):
            return refusal(403, "Origin must be this server's own")
        token = values(TOKEN_HEADER)
        if calling and not (len(token) == 1 and hmac.compare_digest(token[0], self._token)):
            return refusal(403, "the session's token is missing or wrong; reload the page")
        return None

    def _log(self, scope: Scope, status: int | None, seconds: float) -> None:
        """Method and path where they are ours: positions, and what strangers send, stay out."""
        method = scope["method"] if scope["method"] in METHODS else "-"
        path = scope["path"] if scope["path"] in self._paths else "-"
        _LOG.info("%s %s %s %.0f ms", method, path, status or "-", seconds * 1000)


async def read_body(request: Request) -> bytes:
    """The body of a call. Raises HTTPException: not JSON, too large, too slow."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise HTTPException(415, "Content-Type must be application/json")
    too_large = HTTPException(413, f"a request has at most {BODY_BYTES:,} bytes")
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > BODY_BYTES:
        raise too_large
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > BODY_BYTES:
                    raise too_large
    except TimeoutError:
        raise HTTPException(408, f"the body took more than {BODY_SECONDS:.0f} seconds") from None
    return bytes(body)
