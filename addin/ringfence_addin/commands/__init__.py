"""What the commands of the shell share; each module beside adds its own by ``add(command)``.

Exit 0: fine. 1: some rows are in error, all others are written. 2: wrong use or an unusable file.
A command raises RingfenceError or OSError for what ends it; the shell says it in one line.
"""

import argparse
import sys
from collections.abc import Callable
from datetime import date
from typing import Final

from ringfence import inputs
from ringfence.errors import RingfenceError

FINE: Final = 0
ROWS_IN_ERROR: Final = 1
WRONG_USE: Final = 2

Run = Callable[[argparse.Namespace], int]
Command = Callable[[str, Run, str], argparse.ArgumentParser]  # name, what runs, help


def say(line: str) -> None:
    """One line on standard error."""
    print(f"ringfence: {line}", file=sys.stderr)


def add_as_of(parser: argparse.ArgumentParser) -> None:
    """Add ``--as-of``; ``options.as_of`` is a date or None."""
    parser.add_argument("--as-of", type=_day, help="day whose rules apply (default: today)")


def _day(text: str) -> date:
    try:
        day = inputs.parse_date(text)
    except RingfenceError as error:  # argparse names the option itself
        raise argparse.ArgumentTypeError(str(error).removeprefix("as_of: ")) from None
    if day is None:
        raise argparse.ArgumentTypeError("give a date like 2026-11-23")
    return day
