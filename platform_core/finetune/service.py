"""The records of runs.

A run is ``created``, then ``running``, then ``finished``, ``failed`` or ``interrupted``. Only the process that holds
the lock of the run's folder writes its row. A process that is killed writes nothing: its run still says ``running``,
and shows as ``interrupted`` because its process is gone or its heartbeat is old.
"""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
from filelock import FileLock, Timeout

from platform_core.db.engine import Database
from platform_core.db.ids import new_id
from platform_core.db.tables import now
from platform_core.finetune.repository import RunRepository
from platform_core.finetune.schemas import RunInfo, RunSpec
from platform_core.finetune.tables import Run
from platform_core.sdk import Conflict, NotFound

HEARTBEAT_LIMIT = timedelta(minutes=2)
"""A running run that was silent for so long, on another machine, counts as interrupted."""


class RunService:
    """The runs of one tenant.

    Args:
        db: where their rows are.
        folder: where their checkpoints are, a folder per run.
        tenant: whose runs.
    """

    def __init__(self, db: Database, folder: Path, tenant: str) -> None:
        self._db = db
        self._folder = folder
        self._tenant = tenant

    def create(self, spec: RunSpec) -> str:
        """Record what is asked for; return the run's id."""
        run = Run(
            id=new_id("run"),
            tenant=self._tenant,
            solution=spec.solution,
            model_name=spec.model,
            spec=spec.model_dump(mode="json"),
            method=spec.method,
            dataset_version_id=spec.dataset_id,
        )
        run_id = run.id
        with self._db.session() as session:
            RunRepository(session, self._tenant).add(run)
        return run_id

    def list(self) -> list[RunInfo]:
        """Return all runs, newest first."""
        with self._db.reading() as session:
            return [_info(run) for run in RunRepository(session, self._tenant).all()]

    def get(self, run_id: str) -> RunInfo:
        """Return one run.

        Raises:
            NotFound: there is no such run.
        """
        with self._db.reading() as session:
            return _info(self._row(RunRepository(session, self._tenant), run_id))

    def spec(self, run_id: str) -> RunSpec:
        """Return what was asked of a run."""
        with self._db.reading() as session:
            return RunSpec.model_validate(self._row(RunRepository(session, self._tenant), run_id).spec)

    def folder(self, run_id: str) -> Path:
        """Return the folder of the run's checkpoints."""
        return self._folder / run_id

    @contextmanager
    def claim(self, run_id: str) -> Iterator[None]:
        """Hold a run: nobody else may execute it meanwhile.

        Raises:
            Conflict: another process executes it.
        """
        folder = self.folder(run_id)
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / "lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise Conflict(f"the run {run_id} is being executed by another process", hint="wait for it") from None
        try:
            yield
        finally:
            lock.release()

    def start(self, run_id: str) -> None:
        """Note that this process executes the run."""
        process = {"pid": os.getpid(), "host": socket.gethostname()}
        self.update(run_id, status="running", error="", started_at=now(), finished_at=None, **process)

    def finish(self, run_id: str, status: str, **facts: Any) -> None:
        """Note how the run ended."""
        self.update(run_id, status=status, finished_at=now(), **facts)

    def discard_checkpoint(self, run_id: str) -> None:
        """Remove what a finished run no longer needs."""
        shutil.rmtree(self.folder(run_id) / "checkpoint", ignore_errors=True)

    def update(self, run_id: str, **facts: Any) -> None:
        """Write ``facts`` into the run's row, and note that its process is alive."""
        with self._db.session() as session:
            run = self._row(RunRepository(session, self._tenant), run_id)
            for name, value in ({"heartbeat_at": now()} | facts).items():
                setattr(run, name, value)

    def _row(self, repository: RunRepository, run_id: str) -> Run:
        run = repository.get(run_id)
        if run is None:
            raise NotFound.of("run", run_id, [r.id for r in repository.all()])
        return run


def _info(run: Run) -> RunInfo:
    ended = run.finished_at or run.heartbeat_at
    return RunInfo(
        id=run.id,
        solution=run.solution,
        model=run.model_name,
        status="interrupted" if run.status == "running" and not _is_alive(run) else run.status,
        method=run.method,
        dataset_id=run.dataset_version_id or "",
        recipe=run.spec["recipe"],
        seed=run.spec["seed"],
        metrics=run.metrics,
        history=run.history,
        error=run.error,
        created_at=run.created_at,
        seconds=(ended - run.started_at).total_seconds() if ended and run.started_at else None,
        model_version_id=run.model_version_id,
    )


def _is_alive(run: Run) -> bool:
    if run.host == socket.gethostname():
        return run.pid is not None and psutil.pid_exists(run.pid)
    return run.heartbeat_at is not None and now() - run.heartbeat_at < HEARTBEAT_LIMIT
