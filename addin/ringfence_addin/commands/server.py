"""``ringfence server``: the formulas for Excel, from this computer (optional)."""

import argparse
from pathlib import Path
from typing import Final

from ringfence.errors import RingfenceError
from ringfence_addin.commands import FINE, Command, say

_PORT: Final = 8443


def add(command: Command) -> None:
    """Add the command to the shell."""
    its = command("server", _serve, "Serve the formulas to Excel from this computer.")
    its.add_argument(
        "--port", type=_port, default=_PORT, help=f"default: {_PORT}; 0: any that is free"
    )
    its.add_argument(
        "--cert", type=Path, metavar="FILE", help="certificate for localhost (PEM), for https"
    )
    its.add_argument("--key", type=Path, metavar="FILE", help="its private key (PEM)")


def _port(text: str) -> int:
    if not (text.isdecimal() and int(text) <= 65_535):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port, 0 to 65535")
    return int(text)


def _serve(options: argparse.Namespace) -> int:
    try:
        from ringfence_addin.hosts.server.serving import serve
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("starlette", "uvicorn", "h11", "anyio"):
            raise
        raise RingfenceError(
            f"the server needs {error.name}: pip install '.[server]' in Ringfence's folder"
        ) from None
    if (options.cert is None) != (options.key is None):
        raise RingfenceError("--cert and --key: give both, or none")
    if options.cert is None:
        say("http, which Excel may refuse: see --cert and --key, docs/install-server.md")
    serve(options.port, options.cert and (options.cert, options.key))
    return FINE
