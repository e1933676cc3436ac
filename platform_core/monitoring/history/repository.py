"""All queries of the history of requests, for one tenant, in the transaction of the caller.

Several processes count the same minute. Each adds to what stands there in one transaction that holds the row: SQLite
has one writer at a time, PostgreSQL locks the rows that are read for it. Rows are made and locked in one order, so that
no two processes wait for each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, delete, select

from platform_core.db.ids import new_id
from platform_core.db.tables import now
from platform_core.monitoring.history.counting import Cell, Counts
from platform_core.monitoring.history.tables import RequestHistory
from platform_core.serving.served import Role

_KEY = ("tenant", "version_id", "role", "span", "start")


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
        if not counts:
            return
        self._make_missing(sorted(counts), span)
        for row in self._locked({cell.start for cell in counts}, span):
            more = counts.get(cell_of(row))
            if more is not None:
                total = counts_of(row)
                total.add(more)
                for name, value in _columns(total).items():
                    setattr(row, name, value)

    def of(self, model: str, since: datetime) -> Sequence[RequestHistory]:
        """Return the rows of a model from ``since`` on, by time."""
        start = col(RequestHistory.start)
        wanted = (*self._own, col(RequestHistory.model) == model, start >= since)
        return self._session.exec(select(RequestHistory).where(*wanted).order_by(start)).all()

    def take_before(self, moment: datetime, span: int, most: int) -> Sequence[RequestHistory]:
        """Delete rows of that span from before ``moment``, the oldest ones, and return them."""
        start = col(RequestHistory.start)
        query = select(RequestHistory).where(*self._own, col(RequestHistory.span) == span, start < moment)
        # Another process that does the same takes others.
        rows = self._session.exec(query.order_by(start).limit(most).with_for_update(skip_locked=True)).all()
        for row in rows:
            self._session.delete(row)
        self._session.flush()
        return rows

    def forget_before(self, moment: datetime) -> None:
        """Delete all rows from before ``moment``."""
        self._session.exec(delete(RequestHistory).where(*self._own, col(RequestHistory.start) < moment))

    def _make_missing(self, cells: Sequence[Cell], span: int) -> None:
        empty = _columns(Counts())
        rows = [
            cell._asdict() | empty | {"id": new_id("req"), "tenant": self._tenant, "created_at": now(), "span": span}
            for cell in cells
        ]
        dialect = self._session.get_bind().dialect.name
        insert = (postgresql if dialect == "postgresql" else sqlite).insert(RequestHistory)
        statement = insert.on_conflict_do_nothing(index_elements=_KEY)
        self._session.connection().execute(statement, rows)

    def _locked(self, starts: set[datetime], span: int) -> Sequence[RequestHistory]:
        here = (*self._own, col(RequestHistory.span) == span, col(RequestHistory.start).in_(starts))
        query = select(RequestHistory).where(*here).order_by(*(col(getattr(RequestHistory, name)) for name in _KEY))
        return self._session.exec(query.with_for_update()).all()

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
