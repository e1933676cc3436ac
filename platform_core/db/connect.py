"""Engines and sessions. SQLite and PostgreSQL take the same road.

What SQLite needs on top: foreign keys are switched on for every connection, and writers wait for each other. A
transaction that may write takes the write lock at its start (``BEGIN IMMEDIATE``): one that read first and wanted to
write later would fail at once where another process wrote in between.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError, ProgrammingError

from platform_core.db.complaints import explain

_READ_ONLY = "verticore_read_only"


def make_engine(url: str, busy_seconds: float) -> sa.Engine:
    """Return an engine for ``url``, whose SQLite writers wait ``busy_seconds`` for each other."""
    engine = sa.create_engine(url)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", partial(_configure_sqlite, busy_seconds))
        sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def read_only(engine: sa.Engine) -> sa.Engine:
    """Return ``engine`` for transactions that only read; both share their connections."""
    return engine.execution_options(**{_READ_ONLY: True})


@contextmanager
def open_session(engine: sa.Engine) -> Iterator[Any]:
    """Open a SQLModel session that is rolled back unless its user commits."""
    from sqlmodel import Session

    with explained(engine), Session(engine, expire_on_commit=False) as session:
        yield session


def peek(engine: sa.Engine, query: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]] | None:
    """Run one ``SELECT``; ``None`` where its table does not exist."""
    try:
        with read_only(engine).connect() as connection:
            return [tuple(row) for row in connection.execute(sa.text(query), parameters)]
    except ProgrammingError:
        return None


@contextmanager
def explained(engine: sa.Engine) -> Iterator[None]:
    """Turn those complaints of the database that users can act on into errors of ours."""
    try:
        yield
    except DatabaseError as error:
        place = engine.url.render_as_string(hide_password=True)
        explanation = explain(str(error.orig), place.removeprefix("sqlite:///"))
        if explanation is None:
            raise
        raise explanation from error


def _configure_sqlite(busy_seconds: float, connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin transactions by itself: `_begin_sqlite` does
    connection.execute(f"PRAGMA busy_timeout = {round(busy_seconds * 1000)}")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: sa.Connection) -> None:
    reads = connection.get_execution_options().get(_READ_ONLY, False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
