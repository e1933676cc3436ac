"""The history of requests: written by those who serve, read by people.

Minutes become hours after two days, and nothing is left after the days that are set.
"""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from platform_core.db.engine import Database
from platform_core.monitoring.history.counting import Cell, Counts, MinuteCounts, add_up
from platform_core.monitoring.history.repository import HistoryRepository, cell_of, counts_of
from platform_core.monitoring.history.schemas import ModelHistory, Summary, VersionHistory
from platform_core.serving.served import Served

MINUTE, HOUR = 60, 3600
MINUTES_KEPT = timedelta(hours=48)
SWEEP_SECONDS = 3600.0
"""Time between two looks for what is old."""

MOST_POINTS = 240
_STEPS = (MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 6 * HOUR, 24 * HOUR)
_ROWS_AT_ONCE = 5_000
_ROLES = ("stable", "canary", "shadow")


class History:
    """The history of one tenant's models.

    Args:
        db: where it is kept.
        tenant: whose.
        days: how long.
    """

    def __init__(self, db: Database, tenant: str, *, days: int = 30) -> None:
        self._db = db
        self._tenant = tenant
        self._days = days
        self._counts = MinuteCounts()
        # Processes that started together do not look at the same time.
        self._swept = time.monotonic() - random.uniform(0, SWEEP_SECONDS)

    def count(self, served: Served) -> None:
        """Count a request, in memory; takes microseconds."""
        self._counts.count(served)

    def flush(self) -> None:
        """Write what was counted; what cannot be written is kept for the next time."""
        counts = self._counts.take()
        if not counts:
            return
        try:
            with self._db.session() as session:
                HistoryRepository(session, self._tenant).add(counts, MINUTE)
        except BaseException:
            self._counts.put_back(counts)
            raise

    def tick(self) -> None:
        """Write what was counted, and look for what is old now and then."""
        self.flush()
        if time.monotonic() - self._swept >= SWEEP_SECONDS:
            self._swept = time.monotonic()
            self.sweep()

    def of(self, model: str, *, hours: float = 24, until: datetime | None = None) -> ModelHistory:
        """Return what the versions of ``model`` answered in the last ``hours``; without versions where nothing."""
        end = until or datetime.now(UTC)
        since = end - timedelta(hours=hours)
        step = _step_for(end - since)
        with self._db.reading() as session:
            rows = HistoryRepository(session, self._tenant).of(model, _floor(since, step))
            cells = [(cell_of(row), counts_of(row)) for row in rows if row.start <= end]
        grouped: dict[tuple[int, int], list[tuple[Cell, Counts]]] = defaultdict(list)
        for cell, counts in cells:
            grouped[-cell.version, _ROLES.index(cell.role)].append((cell, counts))
        versions = [
            _version_history(-version, _ROLES[role], some, step) for (version, role), some in sorted(grouped.items())
        ]
        return ModelHistory(model=model, since=since, until=end, step_seconds=step, versions=versions)

    def sweep(self) -> None:
        """Make hours of old minutes, and delete what is too old."""
        moment = datetime.now(UTC)
        with self._db.session() as session:
            HistoryRepository(session, self._tenant).forget_before(moment - timedelta(days=self._days))
        while self._roll_up(_floor(moment - MINUTES_KEPT, HOUR)):
            pass

    def _roll_up(self, moment: datetime) -> bool:
        """Make hours of some minutes from before ``moment``; return whether there may be more."""
        with self._db.session() as session:
            repository = HistoryRepository(session, self._tenant)
            rows = repository.take_before(moment, MINUTE, _ROWS_AT_ONCE)
            hours: dict[Cell, Counts] = {}
            add_up(hours, ((_at(cell_of(row), HOUR), counts_of(row)) for row in rows))
            repository.add(hours, HOUR)
        return len(rows) == _ROWS_AT_ONCE


def _version_history(version: int, role: str, cells: Iterable[tuple[Cell, Counts]], step: int) -> VersionHistory:
    total = Counts()
    steps: dict[datetime, Counts] = defaultdict(Counts)
    for cell, counts in cells:
        total.add(counts)
        steps[_floor(cell.start, step)].add(counts)
    points = [(start, Summary.of(counts)) for start, counts in sorted(steps.items())]
    return VersionHistory(version=version, role=role, total=Summary.of(total), points=points)


def _step_for(length: timedelta) -> int:
    """Return the seconds of a step; an hour at least where minutes may have become hours."""
    least = HOUR if length > MINUTES_KEPT - timedelta(hours=1) else MINUTE
    fitting = (step for step in _STEPS if step >= least and length.total_seconds() / step <= MOST_POINTS)
    return next(fitting, _STEPS[-1])


def _at(cell: Cell, step: int) -> Cell:
    return cell._replace(start=_floor(cell.start, step))


def _floor(moment: datetime, step: int) -> datetime:
    return datetime.fromtimestamp(moment.timestamp() // step * step, UTC)
