import importlib
import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.ddl.impl import DefaultImpl
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

import platform_core
from platform_core.db import tables
from platform_core.db.engine import HEAD_REVISION, Database
from platform_core.db.migrate import alembic_config
from platform_core.sdk import WorkspaceTooNew

GOLDEN = Path(__file__).parents[2] / "golden"


@pytest.fixture(scope="module")
def metadata() -> sa.MetaData:
    """The tables of all rooms."""
    root = Path(platform_core.__path__[0])
    for file in root.rglob("tables.py"):
        importlib.import_module(".".join(("platform_core", *file.relative_to(root).with_suffix("").parts)))
    return tables.metadata


def test_the_stated_head_is_the_newest_migration() -> None:
    assert ScriptDirectory.from_config(alembic_config()).get_current_head() == HEAD_REVISION


def test_the_migrated_schema_is_that_of_the_tables(database: Database, metadata: sa.MetaData) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_constraints_have_the_names_that_later_migrations_need(database: Database, metadata: sa.MetaData) -> None:
    inspector = sa.inspect(database.engine)
    for table in metadata.sorted_tables:
        stated = {c.name for c in table.constraints if isinstance(c, sa.UniqueConstraint)}
        assert {c["name"] for c in inspector.get_unique_constraints(table.name)} == stated
        assert {k["name"] for k in inspector.get_foreign_keys(table.name)} == {
            c.name for c in table.foreign_key_constraints
        }


def test_every_row_has_a_tenant(metadata: sa.MetaData) -> None:
    assert metadata.sorted_tables
    assert all("tenant" in table.c and not table.c.tenant.nullable for table in metadata.sorted_tables)


def test_the_tables_are_portable_to_postgresql(metadata: sa.MetaData) -> None:
    for table in metadata.sorted_tables:
        text = str(CreateTable(table).compile(dialect=postgresql.dialect()))
        assert "created_at TIMESTAMP WITH TIME ZONE NOT NULL" in text


def test_preparing_twice_changes_nothing(database: Database) -> None:
    before = database.peek("SELECT name, sql FROM sqlite_master ORDER BY name")
    database.prepare()
    assert database.peek("SELECT name, sql FROM sqlite_master ORDER BY name") == before


def test_a_workspace_of_a_newer_release_is_left_alone(database: Database) -> None:
    with database.session() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(WorkspaceTooNew) as caught:
        database.prepare()
    message = str(caught.value)
    assert "'9999'" in message
    assert platform_core.__version__ in message
    assert "pip install --upgrade verticore" in message
    assert database.peek("SELECT version_num FROM alembic_version") == [("9999",)]


def test_a_migration_that_dies_leaves_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(f"sqlite:///{home / 'verticore.db'}")
    created = 0

    def create_index(self: DefaultImpl, index: sa.Index, **kwargs: object) -> None:
        nonlocal created
        created += 1
        if created == 5:
            raise RuntimeError("power cut")
        self._exec(sa.schema.CreateIndex(index))

    monkeypatch.setattr(DefaultImpl, "create_index", create_index)
    with pytest.raises(RuntimeError, match="power cut"):
        database.prepare()
    assert database.peek("SELECT name FROM sqlite_master") == []
    monkeypatch.undo()
    database.prepare()
    assert database.peek("SELECT count(*) FROM run") == [(0,)]
    database.close()


@pytest.mark.parametrize("release", sorted(GOLDEN.iterdir()), ids=lambda folder: folder.name)
def test_the_workspace_of_a_release_is_brought_up_to_this_one(release: Path, tmp_path: Path) -> None:
    file = tmp_path / "verticore.db"
    shutil.copy(release / "workspace" / "verticore.db", file)
    database = Database(f"sqlite:///{file}")
    tables = [name for (name,) in database.peek("SELECT name FROM sqlite_master WHERE type = 'table'") or []]
    queries = {name: f"SELECT {columns_of(database, name)} FROM {name}" for name in tables if name != "alembic_version"}
    before = {name: database.peek(query) for name, query in queries.items()}
    database.prepare()
    assert {name: database.peek(query) for name, query in queries.items()} == before
    assert set(database.peek("SELECT warnings FROM run") or []) <= {("[]",)}
    assert database.peek("SELECT version_num FROM alembic_version") == [(HEAD_REVISION,)]
    assert database.peek("SELECT count(*) FROM run_metric") == [(0,)]
    database.close()


def test_an_erasure_of_before_is_one_of_all_data(tmp_path: Path) -> None:
    file = tmp_path / "verticore.db"
    shutil.copy(GOLDEN / "0.1.0" / "workspace" / "verticore.db", file)
    database = Database(f"sqlite:///{file}")
    config = alembic_config()
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0007")
        columns = "id, tenant, created_at, subject, versions, models"
        connection.exec_driver_sql(
            f"INSERT INTO erasure ({columns}) VALUES ('era_1', 'local', '2026-01-01', 'p_3f', '{{}}', '[]')"
        )
    database.prepare()
    assert database.peek("SELECT subject, solution FROM erasure") == [("p_3f", "")]
    database.close()


def columns_of(database: Database, table: str) -> str:
    return ", ".join(name for _, name, *_ in database.peek(f"PRAGMA table_info({table})") or [])
