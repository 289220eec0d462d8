"""Facts that no code changes, and where they are stated."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict

PriceRounding = Literal["none", "nearest", "conservative", "up", "down", "tick_early"]


class Frozen(BaseModel):
    """Data that no code changes, and no field of which is misspelt."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(Frozen):
    """A page that states the rule, and when it was read."""

    title: str
    url: str
    read: date
