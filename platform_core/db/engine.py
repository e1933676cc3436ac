"""The door to the database: transactions, the schema's revision, and a quick look that loads no library.

Importing this module, :meth:`Database.peek` and :meth:`Database.prepare` of an up-to-date SQLite workspace import
neither SQLAlchemy, SQLModel nor Alembic: together they would take most of the time that a light command may take.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from platform_core.sdk.errors import UsageError

if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlmodel import Session

HEAD_REVISION = "0008"
"""The newest migration. Stated here so that an up-to-date workspace opens without Alembic."""

BUSY_SECONDS = 30
"""How long a SQLite writer waits for another one."""


class Database:
    """One database of the platform; safe to share between threads, and between processes by its URL.

    Args:
        url: an SQLAlchemy URL: ``sqlite:////folder/verticore.db`` or ``postgresql+psycopg://…``.
    """

    def __init__(self, url: str) -> None:
        self.url = url

    @cached_property
    def engine(self) -> sa.Engine:
        """The engine, created on first use."""
        from platform_core.db.connect import make_engine

        return make_engine(self.url, BUSY_SECONDS)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Open a transaction that may write: committed at the end of the block, rolled back where it raises.

        Keep it short, and never open a second one inside: SQLite has one writer at a time. Rows stay usable after
        the block.

        Raises:
            StorageFull: the disk has no room for the commit.
        """
        from platform_core.db.connect import open_session

        with open_session(self.engine) as session:
            yield session
            session.commit()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a transaction that only reads, from one consistent moment; it waits for no writer."""
        from platform_core.db.connect import open_session, read_only

        with open_session(read_only(self.engine)) as session:
            yield session

    def peek(self, query: str, parameters: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]] | None:
        """Run one ``SELECT`` with ``:named`` parameters; creates, migrates and, on SQLite, imports nothing.

        Returns:
            the rows; ``None`` where the database or the table does not exist yet.
        """
        if self.file is not None:
            return _peek_sqlite(self.file, query, parameters or {})
        from platform_core.db.connect import peek

        return peek(self.engine, query, parameters or {})

    def prepare(self) -> None:
        """Create the database, or bring its schema up to this release's; does nothing where that is done.

        Two processes may call it at once: one migrates, the other waits.

        Raises:
            WorkspaceTooNew: a newer release wrote it.
            UsageError: the folder cannot be created.
            IntegrityError: the file is not a database.
            StorageFull: the disk has no room.
        """
        if self.peek("SELECT version_num FROM alembic_version") == [(HEAD_REVISION,)]:
            return
        from platform_core.db.migrate import migrate

        migrate(self.engine, self.file)

    def close(self) -> None:
        """Give all connections back."""
        if "engine" in self.__dict__:
            self.engine.dispose()

    @cached_property
    def file(self) -> Path | None:
        """The file of a SQLite database; ``None`` for others."""
        match = re.match(r"sqlite(?:\+\w+)?:///([^?]+)", self.url)
        return Path(match[1]) if match else None


def _peek_sqlite(file: Path, query: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]] | None:
    try:
        if not file.exists() or not file.stat().st_size:
            return None
    except OSError as error:
        raise UsageError(f"the workspace cannot be opened: {error.strerror}", where=str(file.parent)) from error
    address = f"file:{quote(str(file.absolute()))}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS)) as connection:
            return connection.execute(query, dict(parameters)).fetchall()
    except sqlite3.DatabaseError as error:
        from platform_core.db.complaints import explain

        if "no such table" in str(error):
            return None
        explained = explain(str(error), str(file))
        if explained is None:
            raise
        raise explained from error
