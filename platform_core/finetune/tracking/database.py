"""The sink that every run has: the table ``run_metric``, bounded in points for each metric."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from platform_core.db.engine import Database
from platform_core.db.ids import new_id
from platform_core.finetune.tracking.metrics import Key, RunMetricRepository
from platform_core.finetune.tracking.sink import Point, TrackedRun
from platform_core.finetune.tracking.tables import RunMetric
from platform_core.finetune.tracking.thinning import Thinning

MOST_POINTS = 2000
"""Points of one metric of one run; a longer stream is thinned out evenly."""


class DatabaseSink:
    """Writes the points of a run, one transaction a batch.

    A write that fails is told once, and tried again with the next batch: nothing is lost while a disk is full or
    another process holds the lock.

    Args:
        db: where the run is.
        tenant: whose run it is.
        tell: gets a warning for people.
        limit: most points of one metric.
    """

    name = "database"

    def __init__(self, db: Database, tenant: str, tell: Callable[[str], None], *, limit: int = MOST_POINTS) -> None:
        self._db = db
        self._tenant = tenant
        self._tell = tell
        self._has_told = False
        self._run_id = ""
        self._kept: dict[str, Thinning] = defaultdict(lambda: Thinning(limit))
        self._stored: set[Key] = set()
        self._waiting: dict[Key, RunMetric] = {}
        self._last: dict[str, RunMetric] = {}
        self._since: int | None = None

    def start(self, run: TrackedRun) -> None:
        """Take up what an earlier process has recorded."""
        self._run_id = run.id
        with self._forgiving(), self._db.reading() as session:
            for point in RunMetricRepository(session, self._tenant).of_run(run.id):
                self._kept[point.name].steps.append(point.step)
                self._stored.add((point.name, point.step))

    def log(self, points: Sequence[Point], *, since: int | None) -> None:
        """Write points; values that are not finite are left out, as databases differ in them."""
        if since is not None:
            self._go_back(since)
        for point in points:
            for name, value in point.values.items():
                if math.isfinite(value):
                    self._take(name, value, point)
        self._write()

    def finish(self, status: str, metrics: Mapping[str, float]) -> None:  # noqa: ARG002  (the run's own row has both)
        """Write what is left, the last point of every metric included."""
        for name, row in self._last.items():
            if (name, row.step) not in self._stored and self._kept[name].steps[-1] != row.step:
                self._kept[name].take_last(row.step)
                self._waiting[name, row.step] = row
        self._write()

    def _go_back(self, step: int) -> None:
        self._since = step if self._since is None else min(step, self._since)
        for kept in self._kept.values():
            kept.forget_from(step)
        self._stored = {key for key in self._stored if key[1] < step}
        self._waiting = {key: row for key, row in self._waiting.items() if key[1] < step}
        self._last = {}

    def _take(self, name: str, value: float, point: Point) -> None:
        row = RunMetric(
            id=new_id("rmt"),
            tenant=self._tenant,
            created_at=point.at,
            run_id=self._run_id,
            name=name,
            step=point.step,
            epoch=point.epoch,
            value=value,
        )
        self._last[name] = row
        if self._kept[name].take(point.step):
            self._waiting[name, point.step] = row

    def _write(self) -> None:
        wanted = {(name, step) for name, kept in self._kept.items() for step in kept.steps}
        if self._since is None and wanted == self._stored:
            return
        with self._forgiving():
            with self._db.session() as session:
                repository = RunMetricRepository(session, self._tenant)
                if self._since is not None:
                    repository.forget_from(self._run_id, self._since)
                repository.forget(self._run_id, self._stored - wanted)
                repository.add(self._waiting[key] for key in wanted - self._stored)
            self._stored, self._waiting, self._since = wanted, {}, None

    @contextmanager
    def _forgiving(self) -> Iterator[None]:
        """Survive a database that cannot be used at the moment; say so once."""
        try:
            yield
        except Exception as error:
            if self._has_told:
                return
            self._has_told = True
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            self._tell(f"the metrics of this run cannot be written at the moment; the training goes on ({reason})")
