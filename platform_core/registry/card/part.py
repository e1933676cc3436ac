"""What all parts of a card have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """A part of a card: it does not change, and has no field that is not described."""

    model_config = ConfigDict(frozen=True, extra="forbid")
