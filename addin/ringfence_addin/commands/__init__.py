"""What the commands of the shell share; each module beside adds its own by ``add(command)``.

Exit 0: fine. 1: some rows are in error, all others are written. 2: wrong use or an unusable file.
A command raises RingfenceError or OSError for what ends it; the shell says it in one line.
"""

import argparse
import sys
from collections.abc import Callable
from typing import Final

FINE: Final = 0
ROWS_IN_ERROR: Final = 1
WRONG_USE: Final = 2

Run = Callable[[argparse.Namespace], int]
Command = Callable[[str, Run, str], argparse.ArgumentParser]  # name, what runs, help


def say(line: str) -> None:
    """One line on standard error."""
    print(f"ringfence: {line}", file=sys.stderr)
