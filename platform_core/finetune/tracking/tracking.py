"""Following a run: the loop's words to every sink, from a thread of their own."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self

from platform_core.db.engine import Database
from platform_core.db.tables import now
from platform_core.finetune.tracking.database import DatabaseSink
from platform_core.finetune.tracking.sink import MetricSink, Point, TrackedRun
from platform_core.finetune.tracking.sinks import check_trackers, open_sinks
from platform_core.sdk import Interrupted

if TYPE_CHECKING:
    from platform_core.finetune.schemas import RunSpec

BATCH_SECONDS = 2.0
"""What the loop tells within this time is written at once."""

CLOSING_SECONDS = 60.0
"""How long the end of a run waits for sinks that are slow; a locked SQLite database takes half of it."""


class Tracking:
    """Follows one run; use as a context manager around its work. Its methods return at once and never raise.

    Args:
        run: what the sinks are told of it.
        sinks: where its metrics go. One that raises is told of once and left out.
        tell: gets warnings for people; called from the thread.
        batch_seconds: how often the sinks are called.
    """

    def __init__(
        self,
        run: TrackedRun,
        sinks: Sequence[MetricSink],
        tell: Callable[[str], None],
        *,
        batch_seconds: float = BATCH_SECONDS,
    ) -> None:
        self._run = run
        self._sinks = list(sinks)
        self._tell = tell
        self._batch_seconds = batch_seconds
        self._lock = threading.Lock()
        self._waiting: list[Point] = []
        self._since: int | None = None
        self._step = 0
        self._passed_on = math.inf  # an earlier process may have come to any step
        self._metrics: Mapping[str, float] = {}
        self._status = "failed"
        self._ended = threading.Event()
        self._worker = threading.Thread(target=self._work, name=f"tracking-{run.id}", daemon=True)

    def __enter__(self) -> Self:
        self._worker.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._status = "finished"
        elif issubclass(kind, Interrupted | KeyboardInterrupt):
            self._status = "interrupted"
        self._ended.set()
        self._worker.join(CLOSING_SECONDS)
        if self._worker.is_alive():
            self._tell(f"the last metrics of this run are not written: {self._names()} did not answer")

    def step(self, step: int, values: Mapping[str, float]) -> None:
        """Record values at ``step``, counted from 1 over all epochs.

        The first step of a process, and one that is not greater than the last, replace what was recorded there and
        later: the run went on from a checkpoint, or knows better.
        """
        with self._lock:
            if step <= self._passed_on:
                self._since = step if self._since is None else min(step, self._since)
            self._waiting = [point for point in self._waiting if point.step < step]
            self._step = step
            self._waiting.append(Point(step, dict(values), now()))

    def epoch(self, entry: Mapping[str, float], *, step: int) -> None:
        """Record an epoch that ended with ``step``: its entry in the history, each value under ``epoch_<name>``."""
        values = {f"epoch_{name}": value for name, value in entry.items() if name != "epoch"}
        with self._lock:
            self._step = step
            self._waiting.append(Point(step, values, now(), epoch=int(entry["epoch"])))

    def result(self, metrics: Mapping[str, float]) -> None:
        """Keep what the finished model reached on the held-out split, for the end."""
        self._metrics = dict(metrics)

    def _work(self) -> None:
        self._each(lambda sink: sink.start(self._run))
        while not self._ended.wait(self._batch_seconds):
            self._pass_on()
        self._pass_on()
        self._each(lambda sink: sink.finish(self._status, self._metrics))

    def _pass_on(self) -> None:
        with self._lock:
            points, since = self._waiting, self._since
            self._waiting, self._since = [], None
            self._passed_on = self._step or math.inf
        if points:
            self._each(lambda sink: sink.log(points, since=since))

    def _each(self, call: Callable[[MetricSink], None]) -> None:
        for sink in list(self._sinks):
            try:
                call(sink)
            except Exception as error:
                self._sinks.remove(sink)
                reason = (str(error).splitlines() or [type(error).__name__])[0]
                self._tell(f"{sink.name} gets no more of this run; the training goes on ({reason})")

    def _names(self) -> str:
        return ", ".join(sink.name for sink in self._sinks)


class Trackers:
    """The trackers that the settings choose, beside the database.

    Args:
        db: where runs are.
        tenant: whose runs.
        home: the workspace.
        chosen: some of ``tensorboard`` and ``mlflow``.
        mlflow_uri: MLflow's tracking URI; ``None``: a database in the workspace.

    """

    def __init__(
        self, db: Database, tenant: str, home: Path, *, chosen: Sequence[str] = (), mlflow_uri: str | None = None
    ) -> None:
        self._db = db
        self._tenant = tenant
        self._home = home
        self._chosen = chosen
        self._mlflow_uri = mlflow_uri

    def check(self) -> None:
        """Refuse trackers that cannot work, before there is a run.

        Raises:
            UsageError: an extra is not installed, or MLflow's tracking URI cannot be used.
        """
        check_trackers(self._chosen, self._mlflow_uri)

    def follow(self, run_id: str, spec: RunSpec, tell: Callable[[str], None], *, tags: Mapping[str, str]) -> Tracking:
        """Return the tracking of a run.

        Args:
            run_id: its row exists.
            spec: what was asked for.
            tell: gets warnings for people, from another thread.
            tags: what else tells runs apart, e.g. the dataset and the versions of the software.
        """
        run = TrackedRun(
            id=run_id,
            model=spec.model,
            solution=spec.solution,
            params={"method": spec.method, "seed": spec.seed} | spec.recipe.model_dump(mode="json"),
            tags={"tenant": self._tenant} | dict(tags),
        )
        database = DatabaseSink(self._db, self._tenant, tell)
        return Tracking(run, [database, *open_sinks(self._chosen, self._home, self._mlflow_uri)], tell)
