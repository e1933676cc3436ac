"""Moments as users write them: numbers, and dates in ISO 8601."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

_CLOCKS_DIFFER = timedelta(days=1)


def read_moment(text: str | None) -> float | None:
    """Return a number as it is, a date in ISO 8601 as seconds since 1970 (UTC if unsaid), ``None`` for all else."""
    if text is None:
        return None
    try:
        number = float(text)
    except ValueError:
        date = read_date(text)
        return None if date is None else date.timestamp()
    return number if math.isfinite(number) else None


def read_date(text: str) -> datetime | None:
    """Return a date in ISO 8601 (UTC if unsaid), ``None`` for all else, numbers of eight digits included."""
    try:
        float(text)
    except ValueError:
        pass
    else:
        return None
    try:
        date = datetime.fromisoformat(text)
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def is_to_come(text: str) -> bool:
    """Tell whether a date lies further ahead than clocks and time zones explain; a number, of any unit, never does."""
    date = read_date(text)
    return date is not None and date > datetime.now(UTC) + _CLOCKS_DIFFER
