"""Facts that no code changes, and where they are stated."""

from datetime import date

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """Data that no code changes, and no field of which is misspelt."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(Frozen):
    """A page that states the rule, and when it was read."""

    title: str
    url: str
    read: date
