"""Rebuild the shipped workbooks from the sample book.

    python -m ringfence_templates [FOLDER]

FOLDER: where the files go (default: the folder above this package). Nothing in them depends on the
day they are built on.
"""

import sys
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from io import StringIO
from pathlib import Path
from typing import Final

import pandas as pd

from ringfence_templates import TEMPLATES, fill

SAMPLE_DAY: Final = date(2026, 11, 23)  # of the prices in the samples
SAMPLE_TITLE: Final = "Isolated positions: sample book"


@dataclass(frozen=True)
class Sample:
    """What a shipped workbook is filled with: files of ringfence_templates/data, and a title."""

    positions: str
    title: str
    accounts: str | None = None


SAMPLES: Final = {
    "isolated_book": Sample("sample_book.csv", SAMPLE_TITLE),
    "mixed_book": Sample(
        "sample_mixed.csv", "Isolated satellites beside a cross book: sample", "sample_accounts.csv"
    ),
    "position_sizer": Sample("sample_trade.csv", "Size of one position: sample"),
    "event_risk": Sample(
        "sample_mixed.csv", "What events would do to the book: sample", "sample_accounts.csv"
    ),
    "venue_compare": Sample("sample_compare.csv", "One trade at every venue: sample"),
}


def sample(name: str) -> pd.DataFrame:
    """A table that ships with the package."""
    text = (files("ringfence_templates") / "data" / name).read_text("utf-8")
    return pd.read_csv(StringIO(text))


def sample_book() -> pd.DataFrame:
    """The isolated positions that ship with the package."""
    return sample(SAMPLES["isolated_book"].positions)


def build_shipped(folder: Path) -> list[Path]:
    """Write every template, filled with the sample book, into ``folder``."""
    written = []
    for name in TEMPLATES:
        path = folder / f"{name}.xlsx"
        its = SAMPLES[name]
        fill(
            name,
            sample(its.positions),
            path,
            accounts=sample(its.accounts) if its.accounts else None,
            title=its.title,
            filled_on=SAMPLE_DAY,
        )
        written.append(path)
    return written


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1]
    for path in build_shipped(target):
        print(path)
