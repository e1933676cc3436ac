"""Where numbers are: most rules need a longish one, and most of a text holds none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

_LONG_NUMBER = re.compile(r"\d[\d ().\-/_]{2,}[\dA-Z]|\d{1,2}/\d|[A-Z]{1,5}[-_]?\d[A-Z\d]{2}")
_BEFORE = 60
_AFTER = 40


@lru_cache(maxsize=4)
def _windows(text: str) -> tuple[tuple[int, int], ...]:
    """Return the stretches of ``text`` around numbers, in order, none overlapping."""
    found: list[tuple[int, int]] = []
    for match in _LONG_NUMBER.finditer(text):
        start, end = max(0, match.start() - _BEFORE), match.end() + _AFTER
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], end
        else:
            found.append((start, end))
    return tuple(found)


def in_windows(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Yield the matches of ``pattern``, which must hold a number of some length, in ``text``."""
    for start, end in _windows(text):
        yield from pattern.finditer(text, start, end)
