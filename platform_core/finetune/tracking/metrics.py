"""The metric streams of runs: their queries, and reading them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlmodel import Session, col, delete, select

from platform_core.db.engine import Database
from platform_core.finetune.repository import RunRepository
from platform_core.finetune.tracking.tables import RunMetric
from platform_core.sdk import NotFound

Key = tuple[str, int]
"""Name of a metric, and a step."""

_MOST_STEPS = 500
"""Steps in one statement: databases bound the number of parameters."""


@dataclass(frozen=True, kw_only=True)
class MetricStream:
    """One metric of a run by step; the lists are parallel, in order of steps.

    Attributes:
        epochs: the epoch that each value concludes; none for values of steps.
        at: moments of the steps.
    """

    name: str
    steps: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    epochs: list[int | None] = field(default_factory=list)
    at: list[datetime] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON types."""
        return asdict(self) | {"at": [moment.isoformat() for moment in self.at]}


class RunMetricRepository:
    """The points of one tenant's runs, within one session."""

    def __init__(self, session: Session, tenant: str) -> None:
        self._session = session
        self._tenant = tenant

    def of_run(self, run_id: str) -> Sequence[RunMetric]:
        """Return all points of a run by name and step."""
        order = (col(RunMetric.name), col(RunMetric.step))
        return self._session.exec(select(RunMetric).where(*self._is_of(run_id)).order_by(*order)).all()

    def add(self, points: Iterable[RunMetric]) -> None:
        """Insert points."""
        self._session.add_all(points)

    def forget_from(self, run_id: str, step: int) -> None:
        """Delete the points of a run at ``step`` and later."""
        self._session.exec(delete(RunMetric).where(*self._is_of(run_id), col(RunMetric.step) >= step))

    def forget(self, run_id: str, keys: Iterable[Key]) -> None:
        """Delete single points of a run."""
        steps: dict[str, list[int]] = defaultdict(list)
        for name, step in keys:
            steps[name].append(step)
        for name, some in steps.items():
            for first in range(0, len(some), _MOST_STEPS):
                here = (col(RunMetric.name) == name, col(RunMetric.step).in_(some[first : first + _MOST_STEPS]))
                self._session.exec(delete(RunMetric).where(*self._is_of(run_id), *here))

    def _is_of(self, run_id: str) -> tuple[Any, Any]:
        return col(RunMetric.tenant) == self._tenant, col(RunMetric.run_id) == run_id


class MetricStreams:
    """The metric streams of one tenant's runs.

    Args:
        db: where they are.
        tenant: whose.
    """

    def __init__(self, db: Database, tenant: str) -> None:
        self._db = db
        self._tenant = tenant

    def of(self, run_id: str) -> list[MetricStream]:
        """Return the streams of a run by name; empty where nothing is recorded yet.

        Raises:
            NotFound: there is no such run.
        """
        with self._db.reading() as session:
            runs = RunRepository(session, self._tenant)
            if runs.get(run_id) is None:
                raise NotFound.of("run", run_id, [run.id for run in runs.all()])
            points = RunMetricRepository(session, self._tenant).of_run(run_id)
        return [_stream(name, list(some)) for name, some in groupby(points, key=lambda point: point.name)]


def _stream(name: str, points: Sequence[RunMetric]) -> MetricStream:
    return MetricStream(
        name=name,
        steps=[point.step for point in points],
        values=[point.value for point in points],
        epochs=[point.epoch for point in points],
        at=[point.created_at for point in points],
    )
