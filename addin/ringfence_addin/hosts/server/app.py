"""The pages and the one address that computes: everything the server answers."""

import html
import json
import secrets
from collections.abc import Awaitable, Callable, Collection, Mapping
from importlib.resources import files
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

import ringfence
from ringfence_addin.functions import FORMULAS
from ringfence_addin.hosts.server.calls import answer, parse
from ringfence_addin.hosts.server.metadata import functions_json
from ringfence_addin.hosts.server.security import FAILED, Guard, read_body, refusal
from ringfence_addin.hosts.server.workers import Workers

COMPUTE_SECONDS: Final = 60.0
_THREADS: Final = 4

_STATIC: Final = files(__package__) / "static"
_FILES: Final = {
    "taskpane.html": "text/html",
    "taskpane.css": "text/css",
    "functions.js": "text/javascript",
    "manifest.xml": "application/xml",
    **{f"icon-{pixels}.png": "image/png" for pixels in (16, 32, 64, 80)},
}
_FILLED: Final = ("text/html", "application/xml")


def application(origin: str, hosts: Collection[str]) -> ASGIApp:
    """The server's ASGI application, with a token of its own.

    ``origin`` is the address that the manifest gives to Excel, ``hosts`` are the values of Host
    that are let through.
    """
    token = secrets.token_urlsafe(32)
    workers = Workers(_THREADS, COMPUTE_SECONDS)

    async def call(request: Request) -> Response:
        try:
            calls = parse(await read_body(request))
        except ValueError as error:
            return refusal(400, str(error))
        try:
            return JSONResponse({"results": await workers.each(answer, calls)})
        except TimeoutError:
            return refusal(504, f"the formulas took more than {COMPUTE_SECONDS:.0f} seconds")

    known = {
        "origin": origin,
        "version": ringfence.__version__,
        "token": token,
        "formulas": " ".join(FORMULAS),
    }
    routes = [Route(f"/{name}", _page(_content(name, known), _FILES[name])) for name in _FILES]
    metadata = json.dumps(functions_json(FORMULAS.values())).encode()
    routes.append(Route("/functions.json", _page(metadata, "application/json")))
    routes.append(Route("/call", call, methods=["POST"]))
    app = Starlette(routes=routes, exception_handlers={HTTPException: _refused, Exception: _failed})
    app.router.redirect_slashes = False
    return Guard(app, hosts=hosts, token=token, paths=[route.path for route in routes])


def _content(name: str, known: Mapping[str, str]) -> bytes:
    """A file of ours, with each ``{{word}}`` that is known filled in where it is a page."""
    content = (_STATIC / name).read_bytes()
    if _FILES[name] in _FILLED:
        for word, value in known.items():
            content = content.replace(f"{{{{{word}}}}}".encode(), html.escape(value).encode())
    return content


def _page(content: bytes, kind: str) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(_request: Request) -> Response:
        return Response(content, media_type=kind)

    return endpoint


async def _refused(_request: Request, error: Exception) -> Response:
    """What Starlette refuses (no such page, wrong method) and what reading a body does."""
    assert isinstance(error, HTTPException)
    response = refusal(error.status_code, error.detail)
    response.headers.update(error.headers or {})
    return response


async def _failed(_request: Request, _error: Exception) -> Response:
    return refusal(500, FAILED)
