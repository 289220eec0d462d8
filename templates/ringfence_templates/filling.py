"""What a workbook is filled with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from ringfence_templates.hosts import Host

SPARE_ROWS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """The arguments of :func:`ringfence_templates.fill`, checked and with their defaults."""

    positions: pd.DataFrame
    accounts: pd.DataFrame | None = None
    refused: Mapping[int, str] = field(default_factory=dict)
    host: Host = Host.LITE
    as_of: date | None = None
    filled_on: date
    title: str
    spare_rows: int = SPARE_ROWS

    @property
    def day(self) -> date:
        """The day whose rules the stored values are of."""
        return self.as_of or self.filled_on
