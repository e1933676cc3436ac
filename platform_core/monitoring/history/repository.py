"""All queries of the history of requests, for one tenant, in the transaction of the caller.

Several processes count the same minute: each adds to what stands there, one after the other. SQLite has one writer at a
time; on PostgreSQL writers hold a lock until their transaction ends, which takes milliseconds every few seconds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import text
from sqlmodel import Session, col, delete, select

from platform_core.db.ids import new_id
from platform_core.monitoring.history.counting import Cell, Counts
from platform_core.monitoring.history.tables import RequestHistory
from platform_core.serving.served import Role

_LOCK = 0x7E47_1C05
"""Key of the advisory lock on PostgreSQL; any number that nobody else uses."""


class HistoryRepository:
    """Reads and writes counts."""

    def __init__(self, session: Session, tenant: str) -> None:
        self._session = session
        self._tenant = tenant

    def add(self, counts: Mapping[Cell, Counts], span: int) -> None:
        """Add counts to those that stand there.

        Args:
            counts: of cells of ``span`` seconds.
            span: length of a cell.
        """
        self._wait_for_others()
        left = dict(counts)
        for row in self._at({cell.start for cell in counts}, span):
            more = left.pop(cell_of(row), None)
            if more is not None:
                total = counts_of(row)
                total.add(more)
                for name, value in _columns(total).items():
                    setattr(row, name, value)
        self._session.add_all(self._row(cell, own, span) for cell, own in left.items())
        self._session.flush()

    def of(self, model: str, since: datetime) -> Sequence[RequestHistory]:
        """Return the rows of a model from ``since`` on, by time."""
        start = col(RequestHistory.start)
        wanted = (*self._own, col(RequestHistory.model) == model, start >= since)
        return self._session.exec(select(RequestHistory).where(*wanted).order_by(start)).all()

    def take_before(self, moment: datetime, span: int, most: int) -> Sequence[RequestHistory]:
        """Delete rows of that span from before ``moment``, the oldest ones, and return them."""
        self._wait_for_others()
        start = col(RequestHistory.start)
        query = select(RequestHistory).where(*self._own, col(RequestHistory.span) == span, start < moment)
        rows = self._session.exec(query.order_by(start).limit(most)).all()
        for row in rows:
            self._session.delete(row)
        self._session.flush()
        return rows

    def forget_before(self, moment: datetime) -> None:
        """Delete all rows from before ``moment``."""
        self._session.exec(delete(RequestHistory).where(*self._own, col(RequestHistory.start) < moment))

    def _wait_for_others(self) -> None:
        """Be the only one who writes, until the transaction ends."""
        if self._session.get_bind().dialect.name == "postgresql":
            self._session.connection().execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})

    def _at(self, starts: set[datetime], span: int) -> Sequence[RequestHistory]:
        here = (*self._own, col(RequestHistory.span) == span, col(RequestHistory.start).in_(starts))
        return self._session.exec(select(RequestHistory).where(*here)).all()

    def _row(self, cell: Cell, counts: Counts, span: int) -> RequestHistory:
        columns = cell._asdict() | _columns(counts)
        return RequestHistory(id=new_id("req"), tenant=self._tenant, span=span, **columns)

    @property
    def _own(self) -> tuple[Any]:
        return (col(RequestHistory.tenant) == self._tenant,)


def cell_of(row: RequestHistory) -> Cell:
    """Return what a row counts."""
    return Cell(row.model, row.version, row.version_id, cast(Role, row.role), row.start)


def counts_of(row: RequestHistory) -> Counts:
    """Return what a row has counted."""
    return Counts(
        requests=row.requests,
        examples=row.examples,
        seconds=row.seconds,
        errors=Counter(row.errors),
        latencies=Counter({int(bucket): count for bucket, count in row.latencies.items()}),
    )


def _columns(counts: Counts) -> dict[str, Any]:
    return {
        "requests": counts.requests,
        "examples": counts.examples,
        "seconds": counts.seconds,
        "errors": dict(counts.errors),
        "latencies": {str(bucket): count for bucket, count in sorted(counts.latencies.items())},
    }
