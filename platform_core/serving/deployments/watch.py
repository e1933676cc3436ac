"""Counting what trials do, in a process that serves, and ending those that break a limit.

Requests are counted where they are answered, in memory. A thread writes the counts, reads those of other processes,
judges the sum, and ends a trial at most once: the database says who was first. A failure of a tried version wakes the
thread at once; times and labels are judged when counts are written, twice a second.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from platform_core.db.ids import new_id
from platform_core.serving.deployments.judging import Judge, Verdict
from platform_core.serving.deployments.policy import Answers, Arm, Outcome
from platform_core.serving.deployments.repository import SIDES, Side
from platform_core.serving.deployments.tally import Tally
from platform_core.serving.deployments.trials import Trials

WRITE_SECONDS = 0.5
COLD_SECONDS = 5.0
"""After the first answer of a version in a process, for which its times do not count: models load, caches fill."""

_log = logging.getLogger(__name__)


def _tallies() -> dict[Side, Tally]:
    return {side: Tally() for side in SIDES}


@dataclass
class _Watched:
    """A trial: what this process counted, what others did, when each side first answered here."""

    arm: Arm
    mine: dict[Side, Tally] = field(default_factory=_tallies)
    others: dict[Side, Tally] = field(default_factory=_tallies)
    first: dict[Side, float] = field(default_factory=dict)
    is_written: bool = False
    judge: Judge = field(init=False)
    verdict: Verdict | None = None

    def __post_init__(self) -> None:
        self.judge = Judge(self.arm.role)


class Watch:
    """Counts, shares and judges what trials do in this process.

    Args:
        trials: where counts are kept.
        ended: is told the id of a trial as soon as it is found to be over, before the database is.
        clock: monotonic seconds.
    """

    def __init__(
        self, trials: Trials, ended: Callable[[str], object], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._trials = trials
        self._ended = ended
        self._clock = clock
        self._worker = new_id("wrk")
        self._watched: dict[str, _Watched] = {}
        self._over: set[str] = set()
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._closed = False
        self._thread: threading.Thread | None = None
        self._written_at = float("-inf")

    def count(self, arms: Iterable[Arm], side: Side, outcome: Outcome, *, sampled: bool = True) -> None:
        """Count a request for trials.

        Args:
            arms: the trials.
            side: which of their two versions was asked.
            outcome: what became of it.
            sampled: whether chance chose the request: only then do times and labels count.
        """
        with self._lock:
            for watched in self._find(arms):
                is_warm = self._clock() - watched.first.setdefault(side, self._clock()) >= COLD_SECONDS
                watched.mine[side].add(outcome, timed=sampled and is_warm, labelled=sampled)
        if outcome.failed and side == "tried":
            self._wake.set()

    def compare(self, arms: Iterable[Arm], mine: Answers, theirs: Answers) -> None:
        """Count a request whose answers of both versions are there: the stable one's, then the tried one's."""
        with self._lock:
            for watched in self._find(arms):
                watched.mine["tried"].add_comparison(mine, theirs)

    def close(self) -> None:
        """Write what was counted, and stop."""
        with self._lock:
            self._closed = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def _find(self, arms: Iterable[Arm]) -> Iterable[_Watched]:
        """Return the trials that are not over, to be changed; the lock is held."""
        found = []
        for arm in arms:
            if arm.id in self._over or self._closed:
                continue
            watched = self._watched.setdefault(arm.id, _Watched(arm))
            watched.arm, watched.is_written = arm, False
            found.append(watched)
        if found and self._thread is None:
            self._thread = threading.Thread(target=self._run, name="verticore-trials", daemon=True)
            self._thread.start()
        return found

    def _run(self) -> None:
        """Judge and write until closed, and once more then."""
        is_last = False
        while not is_last:
            self._wake.wait(WRITE_SECONDS)
            self._wake.clear()
            is_last = self._closed
            for watched in self._unwritten():
                self._judge(watched)
            if is_last or self._clock() - self._written_at >= WRITE_SECONDS:
                self._write()

    def _unwritten(self) -> list[_Watched]:
        with self._lock:
            return [watched for watched in self._watched.values() if not watched.is_written]

    def _write(self) -> None:
        self._written_at = self._clock()
        for watched in self._unwritten():
            watched.is_written = True
            try:
                self._exchange(watched)
            except Exception:
                watched.is_written = False
                _log.warning("the counts of %s could not be written", watched.arm.version.ref, exc_info=True)

    def _exchange(self, watched: _Watched) -> None:
        """Write the counts of a trial and read others', or write the verdict on it."""
        mine = self._copy(watched)
        if watched.verdict is not None:
            if self._trials.roll_back(watched.arm.id, self._worker, mine, watched.verdict):
                _log.warning("%s was rolled back: %s", watched.arm.version.ref, watched.verdict.text)
            self._forget(watched)
            return
        others = self._trials.exchange(watched.arm.id, self._worker, mine)
        if others is None:
            self._forget(watched)
        else:
            watched.others = others
            self._judge(watched)

    def _judge(self, watched: _Watched) -> None:
        """Judge a trial by all counts; one that has broken a limit gets no request any more, at once."""
        if watched.verdict is not None:
            return
        mine = self._copy(watched)
        stable, tried = (Tally.total((mine[side], watched.others[side])) for side in SIDES)
        watched.verdict = watched.judge.look(stable, tried, watched.arm.limits)
        if watched.verdict is not None:
            self._ended(watched.arm.id)
            watched.is_written = False
            self._written_at = float("-inf")
            self._wake.set()

    def _copy(self, watched: _Watched) -> dict[Side, Tally]:
        with self._lock:
            return {side: Tally.total((watched.mine[side],)) for side in SIDES}

    def _forget(self, watched: _Watched) -> None:
        with self._lock:
            self._over.add(watched.arm.id)
            self._watched.pop(watched.arm.id, None)
        self._ended(watched.arm.id)
