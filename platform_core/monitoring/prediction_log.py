"""The prediction log: what was asked and answered, as Parquet, for a while.

Rows wait in memory and are written as one part: soon where little is going on, once a minute where much is. A process
that is killed loses those that wait.
"""

from __future__ import annotations

import random
import threading
import time
import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

import polars as pl

from platform_core.db.ids import made_at
from platform_core.monitoring.log_parts import Erased, LogParts, may_hold
from platform_core.monitoring.logged import SCHEMA, LoggedPrediction, Row, distinct, frame_of, requests_of, rows_of
from platform_core.sdk import NotFound
from platform_core.serving.served import Served
from platform_core.storage import Storage

PART_SECONDS = 60.0
"""Least time between two parts of a process."""

SETTLE_SECONDS = 2.0
"""How long the first row of a part waits for others."""

MOST_WAITING_BYTES = 64 * 1024**2
"""Of JSON that waits: a part is written early then. Where it cannot be written, further rows are lost."""

JOIN_SECONDS = 3600.0
"""Time between two looks for parts that are too old, or to be joined."""

_SEEN_BY_CALLER = (pl.col("role") == "stable") | ((pl.col("role") == "canary") & pl.col("code").is_null())

_LOOKS = 5
"""How often parts are listed for one id, where others join them at the same time."""

_SOLUTION, _EXAMPLE, _PREDICTION = (SCHEMA.names().index(name) for name in ("solution", "example", "prediction"))


class PredictionLog:
    """The prediction log of one tenant; safe to share between threads.

    Args:
        storage: where the parts are.
        tenant: whose.
        erased: tells who was erased.
        sample: share of the requests that is logged, chosen by their ids.
        days: how long parts are kept.
    """

    def __init__(
        self,
        storage: Storage,
        tenant: str,
        erased: Erased,
        *,
        sample: float = 1.0,
        days: int = 30,
    ) -> None:
        self._parts = LogParts(storage, tenant, erased)
        self._sample = sample
        self._days = days
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._waiting: dict[tuple[str, str], list[Row]] = {}
        self._bytes = 0
        self._waits_since = 0.0
        self._written = -PART_SECONDS
        self._is_failing = False
        # Processes that started together do not look at the same parts at the same time.
        self._joined = time.monotonic() - random.uniform(0, JOIN_SECONDS)

    def wants(self, served: Served) -> bool:
        """Tell whether a request is one of those that are logged: the same for all versions that were asked."""
        return bool(served.examples) and zlib.crc32(served.id.encode()) < self._sample * 2**32

    def add(self, served: Served) -> bool:
        """Take a request, to be written later; ``False``: it is lost, as nothing could be written for long."""
        rows = rows_of(served)
        with self._lock:
            if self._bytes > 2 * MOST_WAITING_BYTES:
                return False
            if not self._waiting:
                self._waits_since = time.monotonic()
            self._waiting[served.id, served.version_id] = rows
            self._bytes += _size(rows)
            return True

    def tick(self) -> None:
        """Write what waits if it is time to, and remove what is old now and then.

        What could not be written is tried again a minute later, however much waits.

        Raises:
            StorageFull: there is no room; the rows go on waiting.
        """
        moment = time.monotonic()
        is_settled = moment - self._waits_since >= SETTLE_SECONDS and moment - self._written >= PART_SECONDS
        is_much = self._bytes > MOST_WAITING_BYTES and not self._is_failing
        if self._waiting and (is_settled or is_much):
            self.flush()
        if moment - self._joined >= JOIN_SECONDS:
            self._joined = moment
            self.sweep()

    def flush(self) -> None:
        """Write what waits.

        Raises:
            StorageFull: there is no room; the rows go on waiting.
        """
        with self._writing:
            with self._lock:
                batch = dict(self._waiting)
                self._written = time.monotonic()
            if not batch:
                return
            self._is_failing = True  # until it is written
            self._parts.write(frame_of(row for rows in batch.values() for row in rows))
            self._is_failing = False
            with self._lock:  # only now: until then they are found here
                for key in batch:
                    del self._waiting[key]
                self._bytes = sum(_size(rows) for rows in self._waiting.values())
                self._waits_since = time.monotonic()

    def find(self, identifier: str) -> LoggedPrediction:
        """Return the request that was answered under ``identifier``, as the caller saw it.

        That is neither a shadow's answer nor a canary's failure, at which the stable version answers.

        Raises:
            NotFound: it is not in the log.
        """
        requests = requests_of(distinct(self._rows_with(identifier).filter(_SEEN_BY_CALLER)))
        if not requests:
            raise NotFound(
                f"there is no logged prediction {identifier!r}",
                where="prediction",
                hint=self._why_absent(),
                details={"kind": "prediction", "name": identifier},
            )
        return requests[0]

    def last(self, model: str, most: int) -> list[LoggedPrediction]:
        """Return the latest requests for a model, newest first."""
        found = pl.concat(self._latest(pl.col("model") == model, most))
        return requests_of(distinct(found))[:most]

    def erase(self, subject: str, solution: str = "", *, dry_run: bool = False) -> int:
        """Remove the examples of a person, and return how many there were.

        Those that other processes have not written yet are left out when they are, by the person's tombstone.

        Args:
            subject: the keyed hash that stands for the person.
            solution: whose examples alone they are removed from; empty: all.
            dry_run: whether only to count.
        """
        subjects = {solution: (subject,)}
        waiting = self._erase_waiting(subject, solution, dry_run=dry_run)
        gone = sum(self._parts.erase(key, subjects, dry_run=dry_run) for key in self._parts.all())
        if not dry_run:
            self._parts.erase_left_over(subjects)
        return waiting + gone

    def sweep(self) -> None:
        """Remove parts that are too old, and join those of days that are over."""
        today = _today()
        self._parts.drop_before(today - timedelta(days=self._days))
        self._parts.join(today)

    def _rows_with(self, identifier: str) -> pl.DataFrame:
        try:
            day = made_at(identifier).date()
        except ValueError:
            return frame_of(())
        with self._lock:
            waiting = [rows for (name, _), rows in self._waiting.items() if name == identifier]
        frames = [frame_of(row for rows in waiting for row in rows)]
        for _ in range(_LOOKS):
            keys = [key for key in self._parts.on(day) if may_hold(key, identifier)]
            parts = [self._parts.read(key, pl.col("id") == identifier) for key in keys]
            if all(part is not None for part in parts):
                break
        return pl.concat([*frames, *(part for part in parts if part is not None)])

    def _latest(self, wanted: pl.Expr, most: int) -> Iterator[pl.DataFrame]:
        """Yield rows, newest parts first, until there are enough requests."""
        with self._lock:
            waiting = [row for rows in self._waiting.values() for row in rows]
        frame = frame_of(waiting).filter(wanted)
        yield frame
        found = set(frame["id"])
        for day in self._days_back():
            for key in self._parts.on(day):
                if len(found) >= most:
                    return
                part = self._parts.read(key, wanted)
                if part is not None:
                    found.update(part["id"])
                    yield part

    def _days_back(self) -> Sequence[date]:
        return [_today() - timedelta(days=back) for back in range(self._days + 1)]

    def _erase_waiting(self, subject: str, solution: str, *, dry_run: bool) -> int:
        with self._writing, self._lock:
            gone = 0
            for key, rows in self._waiting.items():
                kept = [r for r in rows if subject not in r[_EXAMPLE] or solution not in ("", r[_SOLUTION])]
                gone += len(rows) - len(kept)
                if not dry_run:
                    self._waiting[key] = kept
            return gone

    def _why_absent(self) -> str:
        if self._sample == 0:
            return "no predictions are logged (setting prediction_log_sample); send the example instead"
        share = "" if self._sample == 1 else f"{self._sample:.0%} of the "
        return (
            f"{share}predictions are logged, a minute after they were made at the latest, and kept for "
            f"{self._days} days; send the example instead"
        )


def _size(rows: Sequence[Row]) -> int:
    return sum(len(row[_EXAMPLE]) + len(row[_PREDICTION] or "") for row in rows)


def _today() -> date:
    return datetime.now(UTC).date()
