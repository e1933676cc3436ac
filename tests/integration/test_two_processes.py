"""A workspace that several real processes use at once, and that they die in."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from platform_core.db.engine import Database
from platform_core.plugin_host.hooks import HookCaller, HookRegistry
from platform_core.registry import Registry
from platform_core.storage import Storage

PRELUDE = """
import os, signal, sys, time
from pathlib import Path
from platform_core.db.engine import Database
from platform_core.plugin_host.hooks import HookCaller, HookRegistry
from platform_core.registry import Registry
from platform_core.registry.repository import RegistryRepository
from platform_core.storage import Storage

home = Path(sys.argv[1])
database = Database(f"sqlite:///{home / 'verticore.db'}")
storage = Storage(f"file://{home / 'storage'}", home / "cache")
registry = Registry(database, storage, HookCaller(HookRegistry(), lambda: None), "local")

def register(run=None):
    with storage.staging() as folder:
        (folder / "head.safetensors").write_bytes(os.urandom(100))
        (folder / "card.json").write_text("{}")
        return registry.register(
            name="mood", solution="finance.sentiment", folder=folder, method="head", encoder="minilm",
            encoder_fingerprint="f", metrics={}, lineage={}, run_id=run,
        )

def die(*_args, **_kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

def start_together():
    (home.parent / f"ready-{os.getpid()}").touch()
    while not (home.parent / "go").exists():
        time.sleep(0.001)
"""


def start(script: str, home: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", PRELUDE + script, str(home)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run_together(script: str, home: Path, processes: int) -> list[str]:
    """Start processes that wait for each other at ``start_together()``; return what they print."""
    started = [start(script, home) for _ in range(processes)]
    while len(list(home.parent.glob("ready-*"))) < processes:
        assert all(process.poll() is None for process in started), [p.communicate() for p in started if p.poll()]
    (home.parent / "go").touch()
    answers = [process.communicate(timeout=120) for process in started]
    assert [process.returncode for process in started] == [0] * processes, answers
    return [out for out, _ in answers]


def open_registry(home: Path) -> tuple[Registry, Storage]:
    database = Database(f"sqlite:///{home / 'verticore.db'}")
    database.prepare()
    storage = Storage(f"file://{home / 'storage'}", home / "cache")
    return Registry(database, storage, HookCaller(HookRegistry(), lambda: None), "local"), storage


@pytest.mark.slow
def test_processes_that_create_the_workspace_at_once_agree(home: Path) -> None:
    script = "start_together(); database.prepare(); print(database.peek('SELECT count(*) FROM model'))"
    assert run_together(script, home, 4) == ["[(0,)]\n"] * 4


@pytest.mark.slow
def test_versions_registered_at_once_get_consecutive_numbers(home: Path) -> None:
    script = """
database.prepare()
start_together()
print(*[register().number for _ in range(6)])
"""
    numbers = [int(number) for line in run_together(script, home, 4) for number in line.split()]
    assert sorted(numbers) == list(range(1, 25))
    registry, storage = open_registry(home)
    assert [version.number for version in registry.versions("mood")] == list(range(1, 25))
    assert len(storage.keys()) == 24
    for number in (1, 12, 24):
        registry.verify(f"mood:{number}")


@pytest.mark.slow
def test_a_run_registered_twice_at_once_has_one_version(home: Path) -> None:
    script = "database.prepare(); start_together(); print(register(run='run_1').id)"
    assert len(set(run_together(script, home, 4))) == 1
    registry, storage = open_registry(home)
    assert len(registry.versions("mood")) == len(storage.keys()) == 1


@pytest.mark.parametrize(
    ("moment", "published"),
    [
        ("import platform_core.storage.local as m; m._flush = die", 0),
        ("os.rename = die", 0),
        ("rename = os.rename; os.rename = lambda a, b: (rename(a, b), die())", 1),
        ("RegistryRepository.add_version = die", 1),
        ("import sqlmodel; sqlmodel.Session.commit = die", 1),
    ],
    ids=["while flushing", "before the rename", "after the rename", "before the row", "before the commit"],
)
def test_a_process_killed_while_registering_leaves_whole_versions_only(home: Path, moment: str, published: int) -> None:
    process = start(f"database.prepare(); register(); {moment}\nregister(run='run_1')", home)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL, errors
    registry, storage = open_registry(home)
    assert [version.number for version in registry.versions("mood")] == [1]
    assert len(storage.keys()) == 1 + published, "what was published in vain is there, but nobody is told of it"
    registry.verify("mood")

    again = start("database.prepare(); print(register(run='run_1').number)", home)
    assert again.communicate(timeout=60)[0] == "2\n"
    registry.verify("mood:2")


def test_a_process_killed_while_migrating_leaves_a_workspace_that_opens(home: Path) -> None:
    process = start("import alembic.op; alembic.op.create_index = die\ndatabase.prepare()", home)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL, errors
    registry, _ = open_registry(home)
    assert registry.list() == []
