"""Tiers that ``ringfence tiers update`` fetched elsewhere, brought in as files.

A browser may read an answer only where the server says so (CORS). That exchanges do is not known
for any of them, most issue threads say they do not, and some show their tiers only to a key: so
nothing is fetched here.
"""

import json
import os
from pathlib import Path
from typing import Any, Final

from ringfence import tiers, venues
from ringfence.errors import RingfenceError
from ringfence.lookup import forget
from ringfence_addin.lite.filling import DRIVE
from ringfence_addin.lite.sheets import ScriptProblem

HEAD: Final = ("file", "venue", "tiers of", "contracts", "what became of it")
_HOW: Final = (
    "tiers cannot be fetched from Excel's browser: run `ringfence tiers update VENUE` on a computer"
    " and drop its VENUE.json into {drive}, then run this again"
)


def folder() -> Path:
    """Where the files are looked for: ``$RINGFENCE_DATA``, else Lite's drive."""
    return Path(os.environ.get("RINGFENCE_DATA") or DRIVE)


def take_in(drive: Path) -> list[list[Any]]:
    """Use the tier files that lie in ``drive``; a row of :data:`HEAD` for each.

    Raises ScriptProblem where there is none.
    """
    found = sorted({*drive.glob("*.json"), *drive.glob("tiers/*.json")})
    if not found:
        raise ScriptProblem(_HOW.format(drive=drive))
    rows = [_take(path) for path in found]
    forget()
    return rows


def _take(path: Path) -> list[Any]:
    """Put one file where the formulas look for it, if it is as it was written."""
    try:
        data = json.loads(path.read_text("utf-8"))
        venue = data["venue"]
        sound = venue in venues.names() and data["sha256"] == tiers.digest(data)
    except (OSError, ValueError, TypeError, LookupError, RecursionError):
        sound = False
    if not sound:
        return [path.name, "", "", "", "left out: not a file of ringfence tiers update"]
    place = tiers.fetched_path(venue)
    before = place.read_bytes() if place.exists() else None
    if before != path.read_bytes():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(path.read_bytes())
    forget()
    try:
        held = tiers.tier_file(venue)
    except RingfenceError as error:
        place.unlink() if before is None else place.write_bytes(before)
        return [path.name, venue, "", "", f"left out: {error}"]
    count = sum(len(listed) for listed in data["contracts"].values())
    return [path.name, venue, held.as_of, count, "in use; recalculate with Ctrl+Alt+F9"]
