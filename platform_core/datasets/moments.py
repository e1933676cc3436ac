"""Reading the moments of a time column."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime

from platform_core.datasets.records import LabeledExample, Problems
from platform_core.sdk import BadRecord


def moments_of(examples: Sequence[LabeledExample], column: str) -> list[float]:
    """Return the moment of each example: numbers as they are, ISO 8601 dates as seconds since 1970 (UTC if unsaid).

    Raises:
        DataError: a value is neither; the message names its row.
    """
    problems = Problems()
    moments = []
    for row in examples:
        moment = _moment(row.time or "")
        if moment is None:
            problems.add(BadRecord(row.place, f"{row.time!r} is no moment", column, "write numbers or ISO 8601 dates"))
        else:
            moments.append(moment)
    if problems.count:
        raise problems.error()
    return moments


def _moment(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        pass
    else:
        return number if math.isfinite(number) else None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
