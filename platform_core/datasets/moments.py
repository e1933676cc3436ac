"""Reading the moments of a time column."""

from __future__ import annotations

from collections.abc import Sequence

from platform_core.datasets.records import LabeledExample, Problems
from platform_core.sdk import BadRecord, read_moment


def moments_of(examples: Sequence[LabeledExample], column: str) -> list[float]:
    """Return the moment of each example; see :func:`platform_core.sdk.read_moment`.

    Raises:
        DataError: a value is neither; the message names its row.
    """
    problems = Problems()
    moments = []
    for row in examples:
        moment = read_moment(row.time)
        if moment is None:
            problems.add(BadRecord(row.place, f"{row.time!r} is no moment", column, "write numbers or ISO 8601 dates"))
        else:
            moments.append(moment)
    if problems.count:
        raise problems.error()
    return moments
