"""Moments as transactions and news carry them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

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
    if text is None:
        return None
    try:
        number = float(text)
    except ValueError:
        return _of_date(text.strip())
    if not math.isfinite(number):
        return None
    if abs(number) >= _EPOCH_MILLISECONDS:
        number /= 1000
    local = datetime.fromtimestamp(number, UTC) if _EPOCH <= number < _EPOCH_MILLISECONDS else None
    return Moment(number, local, has_clock=True)


def _of_date(text: str) -> Moment | None:
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        return None
    seconds = (local if local.tzinfo else local.replace(tzinfo=UTC)).timestamp()
    return Moment(seconds, local, has_clock=":" in text or "T" in text)
