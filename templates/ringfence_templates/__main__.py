"""Rebuild the shipped workbooks from the sample book.

    python -m ringfence_templates [FOLDER]

FOLDER: where the files go (default: the folder above this package). Nothing in them depends on the
day they are built on.
"""

import sys
from datetime import date
from importlib.resources import files
from io import StringIO
from pathlib import Path
from typing import Final

import pandas as pd

from ringfence_templates import TEMPLATES, fill

SAMPLE_DAY: Final = date(2026, 11, 23)  # of the prices in the sample
SAMPLE_TITLE: Final = "Isolated positions: sample book"


def sample_book() -> pd.DataFrame:
    """The positions that ship with the package."""
    text = (files("ringfence_templates") / "data" / "sample_book.csv").read_text("utf-8")
    return pd.read_csv(StringIO(text))


def build_shipped(folder: Path) -> list[Path]:
    """Write every template, filled with the sample book, into ``folder``."""
    written = []
    for name in TEMPLATES:
        path = folder / f"{name}.xlsx"
        fill(name, sample_book(), path, title=SAMPLE_TITLE, filled_on=SAMPLE_DAY)
        written.append(path)
    return written


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1]
    for path in build_shipped(target):
        print(path)
