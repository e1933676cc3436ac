"""Counting in memory, between two writes to the database."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from platform_core.serving.latencies import bucket_of
from platform_core.serving.served import Role, Served


class Cell(NamedTuple):
    """What is counted together: the requests of a version in a role, from ``start`` on."""

    model: str
    version: int
    version_id: str
    role: Role
    start: datetime


@dataclass
class Counts:
    """Requests, their examples, their seconds in sum, their errors by code, their latencies by bucket."""

    requests: int = 0
    examples: int = 0
    seconds: float = 0.0
    errors: Counter[str] = field(default_factory=Counter)
    latencies: Counter[int] = field(default_factory=Counter)

    def add(self, other: Counts) -> None:
        """Count what ``other`` has counted, too."""
        self.requests += other.requests
        self.examples += other.examples
        self.seconds += other.seconds
        self.errors.update(other.errors)
        self.latencies.update(other.latencies)


class MinuteCounts:
    """Counts requests by minute; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[Cell, Counts] = {}

    def count(self, served: Served) -> None:
        """Count a request."""
        start = served.at.replace(second=0, microsecond=0)
        cell = Cell(served.model, served.version, served.version_id, served.role, start)
        bucket = bucket_of(served.seconds)
        with self._lock:
            counts = self._counts.get(cell)
            if counts is None:
                counts = self._counts[cell] = Counts()
            counts.requests += 1
            counts.examples += len(served.examples)
            counts.seconds += served.seconds
            counts.latencies[bucket] += 1
            if served.code is not None:
                counts.errors[served.code] += 1

    def take(self) -> dict[Cell, Counts]:
        """Return what was counted since the last call."""
        with self._lock:
            counts, self._counts = self._counts, {}
        return counts

    def put_back(self, counts: Mapping[Cell, Counts]) -> None:
        """Take back what could not be written."""
        with self._lock:
            add_up(self._counts, counts.items())


def add_up(into: dict[Cell, Counts], more: Iterable[tuple[Cell, Counts]]) -> None:
    """Add counts to those of the same cell."""
    for cell, counts in more:
        into.setdefault(cell, Counts()).add(counts)
