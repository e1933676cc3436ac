import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError as RowClash
from sqlalchemy.exc import StatementError
from sqlmodel import select

from platform_core.db.engine import Database
from platform_core.db.ids import new_id
from platform_core.plugin_host.tables import PluginState
from platform_core.registry.tables import Alias
from platform_core.sdk import IntegrityError, StorageFull, UsageError

COUNT = "SELECT count(*) FROM plugin_state WHERE tenant = :tenant"


def plugin(name: str = "finance", **columns: object) -> PluginState:
    return PluginState(id=new_id("plg"), tenant="local", name=name, enabled=True, **columns)


def test_a_session_commits_at_its_end_and_rolls_back_where_it_raises(database: Database) -> None:
    with database.session() as session:
        session.add(plugin())
    with pytest.raises(RowClash), database.session() as session:
        session.add_all([plugin("agri"), plugin("agri")])
    with database.reading() as session:
        assert [row.name for row in session.exec(select(PluginState))] == ["finance"]


def test_rows_stay_usable_after_their_session(database: Database) -> None:
    with database.session() as session:
        row = plugin()
        session.add(row)
    assert row.name == "finance"


def test_moments_come_back_aware_in_utc(database: Database) -> None:
    moment = datetime(2026, 3, 1, 12, 30, 0, 123456, tzinfo=timezone(timedelta(hours=5)))
    with database.session() as session:
        session.add(plugin(updated_at=moment))
    with database.reading() as session:
        stored = session.exec(select(PluginState)).one()
    assert stored.updated_at == moment
    assert stored.updated_at.tzinfo is UTC
    assert stored.created_at.tzinfo is UTC


def test_a_naive_moment_is_refused(database: Database) -> None:
    naive = datetime(2026, 3, 1)
    with pytest.raises(StatementError, match="timezone"), database.session() as session:
        session.add(plugin(updated_at=naive))


def test_foreign_keys_are_on(database: Database) -> None:
    with pytest.raises(RowClash, match="FOREIGN KEY"), database.session() as session:
        session.add(Alias(id=new_id("als"), tenant="local", model_id="none", name="champion", version_id="none"))


def test_a_reader_does_not_wait_for_a_writer(database: Database) -> None:
    with database.session() as writer:
        writer.add(plugin())
        writer.flush()
        with database.reading() as reader:
            assert reader.exec(select(PluginState)).all() == []


def test_the_log_is_written_ahead(database: Database) -> None:
    assert database.peek("PRAGMA journal_mode") == [("wal",)]


def test_a_peek_leaves_nothing_behind(home: Path) -> None:
    assert Database(f"sqlite:///{home}/verticore.db").peek(COUNT, {"tenant": "local"}) is None
    assert not home.exists()


def test_a_peek_reads(database: Database) -> None:
    with database.session() as session:
        session.add(plugin())
    assert database.peek(COUNT, {"tenant": "local"}) == [(1,)]
    assert database.peek(COUNT, {"tenant": "other"}) == [(0,)]
    assert database.peek("SELECT 1 FROM absent") is None


def test_opening_and_peeking_an_up_to_date_workspace_imports_no_library(database: Database) -> None:
    script = f"""
import sys
from platform_core.db.engine import Database
database = Database({database.url!r})
database.prepare()
assert database.peek("SELECT count(*) FROM plugin_state") == [(0,)]
loaded = {{"sqlmodel", "sqlalchemy", "alembic"}} & set(sys.modules)
assert not loaded, loaded
"""
    subprocess.run([sys.executable, "-W", "error", "-c", script], check=True)


def test_a_file_that_is_no_database_is_named(home: Path) -> None:
    home.mkdir()
    file = home / "verticore.db"
    file.write_bytes(b"something else" * 100)
    with pytest.raises(IntegrityError, match="no SQLite database") as caught:
        Database(f"sqlite:///{file}").prepare()
    assert str(file) in str(caught.value)


def test_a_workspace_that_cannot_be_created_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="workspace") as caught:
        Database(f"sqlite:///{tmp_path}/file/deep/verticore.db").prepare()
    assert str(tmp_path / "file") in str(caught.value)


def test_a_full_disk_is_said_and_nothing_is_written(database: Database) -> None:
    pages = database.peek("PRAGMA page_count")
    assert pages
    with database.engine.connect() as connection:  # the only one in the pool, so the next session gets it
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages[0][0]}")
    with pytest.raises(StorageFull), database.session() as session:
        session.add(plugin(reason="x" * 1_000_000))
    assert database.peek(COUNT, {"tenant": "local"}) == [(0,)]
