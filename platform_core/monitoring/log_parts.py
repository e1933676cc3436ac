"""The files of the prediction log: parts, each a published folder with one Parquet file, by day.

A part is named by its first and its last id. Ids begin with the moment at which they were made, so that the name tells
whether a part can hold an id. Parts of days that are over are joined, up to a size.

Persons who were erased: whoever writes a part asks who they are before *and after* publishing it, and takes out of it
again what was erased meanwhile. So an erasure that has left its tombstone finds all parts that hold the person, or
their writer does.
"""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from platform_core.db.ids import made_at
from platform_core.monitoring.logged import distinct
from platform_core.sdk import Conflict, IntegrityError, NotFound
from platform_core.storage import Storage

PART_FILE = "predictions.parquet"
JOINED_BYTES = 16 * 1024**2
"""Size of a part, compressed, from which no other is joined to it; in memory it takes about ten times that."""

ABANDONED_SECONDS = 600
"""Age at which a part that is not published belongs to a process that died."""

_ROWS_IN_GROUP = 10_000

Erased = Callable[[str], Collection[str]]
"""From a solution to the keyed hashes of the persons who were erased from its data."""

Subjects = Mapping[str, Collection[str]]
"""Keyed hashes of persons, by the solution whose examples they are looked for in; of the empty name, all solutions."""


class LogParts:
    """The parts of one tenant.

    Args:
        storage: where they are.
        tenant: whose.
        erased: tells who was erased.
    """

    def __init__(self, storage: Storage, tenant: str, erased: Erased) -> None:
        self._storage = storage
        self._prefix = f"tenants/{tenant}/predictions"
        self._erased = erased

    def write(self, frame: pl.DataFrame) -> list[str]:
        """Write rows as parts, one for each day of their ids, without those of persons erased; return the parts.

        Raises:
            StorageFull: there is no room.
        """
        solutions = frame["solution"].unique().to_list()
        before = {solution: frozenset(self._erased(solution)) for solution in solutions}
        keys = [self._publish(day, rows) for day, rows in _by_day(_without(frame, before))]
        meanwhile = {solution: frozenset(self._erased(solution)) - before[solution] for solution in solutions}
        for key in keys if any(meanwhile.values()) else ():
            self.erase(key, meanwhile)
        return keys

    def on(self, day: date) -> list[str]:
        """Return the parts of a day, newest first."""
        return sorted(self._storage.keys(f"{self._prefix}/{day.isoformat()}"), reverse=True)

    def all(self) -> list[str]:
        """Return all parts."""
        return self._storage.keys(self._prefix)

    def read(self, key: str, wanted: pl.Expr | None = None) -> pl.DataFrame | None:
        """Return the rows of a part for which ``wanted`` holds; ``None`` where others have joined it meanwhile.

        Raises:
            IntegrityError: it is damaged.
        """
        try:
            rows = pl.scan_parquet(self._storage.fetch(key) / PART_FILE)
            return (rows if wanted is None else rows.filter(wanted)).collect()
        except (NotFound, FileNotFoundError):
            return None
        except IntegrityError:  # one that is being deleted looks damaged for a moment
            if self._storage.exists(key):
                raise
            return None

    def erase(self, key: str, subjects: Subjects, *, dry_run: bool = False) -> int:
        """Take the examples that name one of ``subjects`` out of a part; return how many there were."""
        rows = self.read(key)
        if rows is None:
            return 0
        kept = _without(rows, subjects)
        gone = len(rows) - len(kept)
        if gone and not dry_run:
            for day, part in _by_day(kept):
                self._publish(day, part)
            self._storage.delete(key)
        return gone

    def erase_left_over(self, subjects: Subjects) -> None:
        """Remove parts with such examples that processes which died never published."""
        for folder in self._storage.copies():
            file = folder / PART_FILE
            with suppress(FileNotFoundError):
                if time.time() - file.stat().st_mtime > ABANDONED_SECONDS and _is_affected(file, subjects):
                    shutil.rmtree(folder, ignore_errors=True)

    def drop_before(self, day: date) -> None:
        """Delete the parts of earlier days."""
        for key in self.all():
            if _day_of(key) < day:
                self._storage.delete(key)

    def join(self, today: date) -> None:
        """Join the parts of each day that is over; one that is not joined is tried again next time."""
        days: dict[date, list[str]] = {}
        for key in self.all():
            days.setdefault(_day_of(key), []).append(key)
        for day, keys in days.items():
            # Parts of yesterday may still be written: of requests that began before midnight.
            if day < today - timedelta(days=1):
                for group in self._groups(sorted(keys)):
                    self._join(group)

    def _groups(self, keys: Sequence[str]) -> Iterator[list[str]]:
        """Yield neighbours that are joined: two at least, up to the size of a part."""
        group: list[str] = []
        size = 0
        for key in keys:
            try:
                own = (self._storage.fetch(key, verify=False) / PART_FILE).stat().st_size
            except (NotFound, FileNotFoundError, IntegrityError):
                continue
            if group and size + own > JOINED_BYTES:
                if len(group) > 1:
                    yield group
                group, size = [], 0
            group.append(key)
            size += own
        if len(group) > 1:
            yield group

    def _join(self, keys: Sequence[str]) -> None:
        parts = [self.read(key) for key in keys]
        frames = [part for part in parts if part is not None]
        if len(frames) < len(keys):  # another process is at it
            return
        made = self.write(pl.concat(frames))
        for key in set(keys) - set(made):
            self._storage.delete(key)

    def _publish(self, day: date, rows: pl.DataFrame) -> str:
        ordered = distinct(rows).sort("model", "id", "version_id", "index")
        key = f"{self._prefix}/{day.isoformat()}/{_name(ordered)}"
        with self._storage.staging() as folder:
            ordered.write_parquet(folder / PART_FILE, compression="zstd", row_group_size=_ROWS_IN_GROUP)
            with suppress(Conflict):  # the same rows, written by another release of the library
                self._storage.publish(folder, key)
        return key


def may_hold(key: str, identifier: str) -> bool:
    """Tell whether a part can hold the request ``identifier``."""
    first, last = key.rpartition("/")[2].split("-")[:2]
    return first <= _digits(identifier) <= last


def _name(rows: pl.DataFrame) -> str:
    """Return the name of a part: the same rows have the same name."""
    ids = [_digits(identifier) for identifier in rows["id"]]
    facts = rows.select(pl.concat_str("id", "version_id", "index", separator=" ")).to_series()
    digest = hashlib.sha256("\n".join(facts).encode()).hexdigest()[:16]
    return f"{min(ids)}-{max(ids)}-{digest}"


def _digits(identifier: str) -> str:
    return identifier.rpartition("_")[2]


def _day_of(key: str) -> date:
    return date.fromisoformat(key.split("/")[-2])


def _by_day(rows: pl.DataFrame) -> Iterator[tuple[date, pl.DataFrame]]:
    """Yield rows by the day of their ids, not that of their answers: an id is looked for by its own."""
    days = {identifier: made_at(identifier).date() for identifier in rows["id"].unique()}
    for day in sorted(set(days.values())):
        ids = [identifier for identifier, own in days.items() if own == day]
        yield day, rows.filter(pl.col("id").is_in(ids))


def _without(rows: pl.DataFrame, subjects: Subjects) -> pl.DataFrame:
    """Return the rows whose examples name none of ``subjects``; keyed hashes stand in no other text."""
    for solution, names in subjects.items():
        if names:
            is_of = pl.col("solution") == solution if solution else pl.lit(True)
            rows = rows.filter(~(is_of & pl.col("example").str.contains_any(sorted(names))))
    return rows


def _is_affected(file: Path, subjects: Subjects) -> bool:
    try:
        rows = pl.read_parquet(file, columns=["solution", "example"])
    except (pl.exceptions.PolarsError, OSError):
        return True  # it was cut off while it was written; nobody reads it
    return len(_without(rows, subjects)) < len(rows)
