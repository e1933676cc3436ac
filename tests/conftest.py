"""What tests of every room share: a workspace that is thrown away, and the real things in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from platform_core.datasets.pseudonyms import KEY_FILE, Pseudonyms
from platform_core.db.engine import Database
from platform_core.storage import Storage


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace that does not exist yet, and nothing of the developer's own settings."""
    for variable in ("VERTICORE_HOME", "VERTICORE_CONFIG"):
        monkeypatch.delenv(variable, raising=False)
    return tmp_path / "workspace"


@pytest.fixture
def database(home: Path) -> Iterator[Database]:
    """A prepared SQLite database in the workspace."""
    database = Database(f"sqlite:///{home / 'verticore.db'}")
    database.prepare()
    yield database
    database.close()


@pytest.fixture
def storage(home: Path) -> Storage:
    """A local storage in the workspace."""
    return Storage(f"file://{home / 'storage'}", home / "cache")


@pytest.fixture
def pseudonyms(home: Path) -> Pseudonyms:
    """Keyed hashes of a fixed key."""
    return Pseudonyms(home / KEY_FILE, "a key for nothing but tests")
