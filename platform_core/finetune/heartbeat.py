"""The thread that keeps a run's row true while the run works."""

from __future__ import annotations

import logging
import threading
from typing import Self

from platform_core.finetune.service import RunService, RunTaken

HEARTBEAT_SECONDS = 5.0

_log = logging.getLogger(__name__)


class Heartbeat:
    """Writes what is noted of a run, and that its process is alive; use as a context manager around its work.

    A write that fails (the database is locked or away, the disk is full) is tried again with the next beat.

    Args:
        runs: where the run's row is.
        run_id: the run; this process executes it.
        seconds: from one beat to the next.
    """

    def __init__(self, runs: RunService, run_id: str, *, seconds: float = HEARTBEAT_SECONDS) -> None:
        self._runs = runs
        self._run_id = run_id
        self._seconds = seconds
        self._due = threading.Event()
        self._ended = False
        self._taken: RunTaken | None = None
        self._worker = threading.Thread(target=self._work, name=f"heartbeat-{run_id}", daemon=True)

    def __enter__(self) -> Self:
        self._worker.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._ended = True
        self._due.set()
        self._worker.join()

    def beat(self) -> None:
        """Let the next beat be now."""
        self._due.set()

    def check(self) -> None:
        """Return while the run is this process's own.

        Raises:
            RunTaken: another process has begun to execute it.
        """
        if self._taken is not None:
            raise self._taken

    def _work(self) -> None:
        while True:
            self._due.wait(self._seconds)
            self._due.clear()
            if self._ended:
                return
            try:
                self._runs.update(self._run_id)
            except RunTaken as taken:
                self._taken = taken
                return
            except Exception:
                _log.warning("run %s: its row cannot be written at the moment", self._run_id, exc_info=True)
