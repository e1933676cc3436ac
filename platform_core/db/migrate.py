"""Bringing a database to the newest schema. Imported only where there is something to do: Alembic is slow to import.

A migration is written by hand: copy the newest file of ``migrations/versions``, count its name and revision up, and
set :data:`platform_core.db.engine.HEAD_REVISION`. A test compares the migrated schema with every ``tables.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from filelock import FileLock

from platform_core import __version__
from platform_core.db.connect import explained
from platform_core.sdk.errors import UsageError, WorkspaceTooNew

_MIGRATIONS = Path(__file__).with_name("migrations")
_LOCK = 0x7E47_1C04
"""Key of the advisory lock on PostgreSQL; any number that nobody else uses."""


def alembic_config() -> Config:
    """Return Alembic's configuration; there is no ``alembic.ini``."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config


def migrate(engine: sa.Engine, file: Path | None) -> None:
    """Bring the database behind ``engine`` to the newest revision; ``file`` is SQLite's, else ``None``.

    Each call runs in one transaction: a process that dies in between leaves the schema as it was.

    Raises:
        WorkspaceTooNew: the database's revision is not among this release's.
        UsageError: the folder of ``file`` cannot be created.
    """
    if file is not None:
        _make_folder(file.parent)
    with explained(engine), FileLock(f"{file}.lock") if file is not None else nullcontext():
        if file is not None:
            _use_write_ahead_log(engine)
        with _locked_connection(engine) as connection:
            _refuse_newer(connection, str(file or engine.url.render_as_string()))
            config = alembic_config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


@contextmanager
def _locked_connection(engine: sa.Engine) -> Iterator[sa.Connection]:
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        yield connection


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"the workspace cannot be created: {error.strerror}", where=str(folder), hint="choose another with --home"
        ) from error


def _use_write_ahead_log(engine: sa.Engine) -> None:
    """Switch the journal; SQLite remembers it in the file, and refuses inside a transaction."""
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()


def _refuse_newer(connection: sa.Connection, place: str) -> None:
    revision = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()}
    if revision is not None and revision not in known:
        raise WorkspaceTooNew(
            f"the workspace was written by a newer release: Verticore {__version__} does not know its "
            f"schema revision {revision!r}",
            where=place,
            hint="update with `pip install --upgrade verticore`, or use another workspace with --home",
            details={"revision": revision, "release": __version__},
        )
