"""The records of runs.

A run is ``created``, then ``running``, then ``finished``, ``failed`` or ``interrupted``. Only the process that holds
the lock of the run's folder writes its row. A process that is killed writes nothing: its run still says ``running``,
and shows as ``interrupted`` because its process is gone or its heartbeat is old.

A run that works need not wait for the database: it *notes* what its row shall say, and a thread of its own writes it
(see :mod:`.heartbeat`); the end of the run waits.
"""

from __future__ import annotations

import os
import shutil
import socket
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
from filelock import FileLock, Timeout

from platform_core.db.engine import Database
from platform_core.db.ids import new_id
from platform_core.db.tables import now
from platform_core.finetune.repository import RunRepository
from platform_core.finetune.schemas import RunInfo, RunSpec
from platform_core.finetune.search.schemas import Selection
from platform_core.finetune.tables import Run
from platform_core.sdk import Conflict, NotFound

HEARTBEAT_LIMIT = timedelta(minutes=2)
"""A running run that was silent for so long, on another machine, counts as interrupted."""

CLOCK_ERROR = timedelta(minutes=1)
"""The system knows when a process began no better than this: its clock is put right now and then."""


class RunTaken(Conflict):
    """Another process has begun to execute the run: this one is not to go on with it."""


@dataclass
class _Notes:
    """What is to be written into a row: facts, and warnings to add to those that it has."""

    facts: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


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
        self._executing: set[str] = set()
        self._notes: dict[str, _Notes] = defaultdict(_Notes)
        self._noting = threading.Lock()
        self._writing = threading.Lock()

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
        self._executing.discard(run_id)
        self.update(run_id, status="running", error="", started_at=now(), finished_at=None, **_this_process())
        self._executing.add(run_id)

    def finish(self, run_id: str, status: str, **facts: Any) -> None:
        """Note how the run ended.

        Raises:
            RunTaken: another process has begun to execute it.
        """
        self.update(run_id, status=status, finished_at=now(), **facts)

    def has_checkpoint(self, run_id: str) -> bool:
        """Tell whether something is kept to go on from."""
        return (self.folder(run_id) / "checkpoint").exists()

    def discard_checkpoint(self, run_id: str) -> None:
        """Remove what a finished run no longer needs."""
        shutil.rmtree(self.folder(run_id) / "checkpoint", ignore_errors=True)

    def note(self, run_id: str, **facts: Any) -> None:
        """Keep ``facts`` for the run's row; the next update writes them."""
        with self._noting:
            self._notes[run_id].facts |= facts

    def warn(self, run_id: str, text: str) -> None:
        """Keep a warning for the run's row; the next update adds it to those that are there."""
        with self._noting:
            self._notes[run_id].warnings.append(text)

    def update(self, run_id: str, **facts: Any) -> None:
        """Write what was noted and ``facts`` into the run's row, and that its process is alive.

        Where that fails, what was noted stays noted.

        Raises:
            RunTaken: this process executes the run, and another one has begun to.
        """
        with self._writing:  # so that older facts never replace newer ones
            with self._noting:
                notes = self._notes.pop(run_id, _Notes())
            try:
                self._write(run_id, notes, facts)
            except BaseException:
                self._take_back(run_id, notes)
                raise

    def _write(self, run_id: str, notes: _Notes, facts: dict[str, Any]) -> None:
        with self._db.session() as session:
            run = self._row(RunRepository(session, self._tenant), run_id)
            if run_id in self._executing and (run.host, run.pid) != tuple(_this_process().values()):
                raise RunTaken(
                    f"the run {run_id} was taken over by process {run.pid} on {run.host}",
                    hint="it goes on there: 'verticore runs show' tells how",
                )
            for name, value in ({"heartbeat_at": now()} | notes.facts | facts).items():
                setattr(run, name, value)
            run.warnings = list(dict.fromkeys([*run.warnings, *notes.warnings]))

    def _take_back(self, run_id: str, notes: _Notes) -> None:
        with self._noting:
            newer = self._notes[run_id]
            self._notes[run_id] = _Notes(notes.facts | newer.facts, notes.warnings + newer.warnings)

    def _row(self, repository: RunRepository, run_id: str) -> Run:
        run = repository.get(run_id)
        if run is None:
            raise NotFound.of("run", run_id, [r.id for r in repository.all()])
        return run


def _this_process() -> dict[str, Any]:
    return {"host": socket.gethostname(), "pid": os.getpid()}


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
        warnings=run.warnings,
        error=run.error,
        created_at=run.created_at,
        seconds=(ended - run.started_at).total_seconds() if ended and run.started_at else None,
        model_version_id=run.model_version_id,
        selection=Selection.model_validate(selection) if (selection := run.spec.get("selection")) else None,
    )


def _is_alive(run: Run) -> bool:
    if run.host == socket.gethostname():
        return run.pid is not None and run.started_at is not None and _was_there(run.pid, run.started_at)
    return run.heartbeat_at is not None and now() - run.heartbeat_at < HEARTBEAT_LIMIT


def _was_there(pid: int, moment: datetime) -> bool:
    """Tell whether the process ``pid`` was there at ``moment``: containers, above all, soon give numbers again."""
    try:
        began: float = psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        return False
    return began <= (moment + CLOCK_ERROR).timestamp()
