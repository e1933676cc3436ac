"""Moments as transactions and news carry them: seconds from any start, since 1970, or dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from platform_core.sdk.moments import read_date
from platform_core.sdk.moments import read_moment as read_seconds

_EPOCH = 1e8
_EPOCH_MILLISECONDS = 1e11


@dataclass(frozen=True)
class Moment:
    """A point in time.

    Attributes:
        seconds: since 1970 (UTC where no zone is said), or since where the numbers of a file begin.
        local: the date and time as written; ``None`` for numbers that begin elsewhere than 1970.
        has_clock: whether the time of day is known.
    """

    seconds: float
    local: datetime | None
    has_clock: bool


@lru_cache(maxsize=1 << 16)
def read_moment(text: str | None) -> Moment | None:
    """Read a number of seconds (or milliseconds since 1970), or a date in ISO 8601; ``None`` for anything else."""
    seconds = read_seconds(text)
    if text is None or seconds is None:
        return None
    date = read_date(text)
    if date is not None:
        return Moment(seconds, date, has_clock=":" in text or "T" in text)
    if abs(seconds) >= _EPOCH_MILLISECONDS:
        seconds /= 1000
    local = datetime.fromtimestamp(seconds, UTC) if _EPOCH <= seconds < _EPOCH_MILLISECONDS else None
    return Moment(seconds, local, has_clock=True)
