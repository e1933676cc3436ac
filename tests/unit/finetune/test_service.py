"""The rows of runs: written by one process, in order, and never in the way of the work."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from platform_core.db.engine import Database
from platform_core.finetune.heartbeat import Heartbeat
from platform_core.finetune.schemas import RunSpec
from platform_core.finetune.search.schemas import MethodChosen, Selection
from platform_core.finetune.service import RunService, RunTaken
from platform_core.sdk import Conflict, Recipe

SPEC = RunSpec(solution="acme.words", model="m", dataset_id="dsv_1", method="head", recipe=Recipe(), seed=0)


@pytest.fixture
def runs(database: Database, tmp_path: Path) -> RunService:
    return RunService(database, tmp_path, "local")


@pytest.fixture
def run(runs: RunService) -> str:
    """A run that this process executes."""
    run = runs.create(SPEC)
    runs.start(run)
    return run


@contextmanager
def locked(database: Database) -> Iterator[None]:
    """Let another connection hold the write lock, and writers of ours wait for it no longer than a moment."""
    assert database.file is not None
    with database.engine.connect() as connection:  # the only one in the pool, so the service gets it
        connection.exec_driver_sql("PRAGMA busy_timeout = 10")
    other = sqlite3.connect(database.file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.rollback()
        other.close()


def take_over(database: Database, run: str) -> None:
    with database.session() as session:
        session.connection().exec_driver_sql("UPDATE run SET host = 'elsewhere', pid = 1 WHERE id = ?", (run,))


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def test_a_run_that_goes_on_has_not_finished(runs):
    run = runs.create(SPEC)
    runs.start(run)
    runs.finish(run, "interrupted", error="stopped")
    runs.start(run)
    info = runs.get(run)
    assert (info.status, info.error) == ("running", "")
    assert info.seconds is not None
    assert info.seconds >= 0, "counted from the new start, not to the old end"


def test_a_process_that_got_the_number_of_a_dead_one_does_not_execute_its_run(runs, run, database):
    assert runs.get(run).status == "running"
    with database.session() as session:
        session.connection().exec_driver_sql("UPDATE run SET started_at = '2020-01-01 00:00:00' WHERE id = ?", (run,))
    assert runs.get(run).status == "interrupted"


def test_what_was_noted_is_written_with_the_next_update_the_newest_last(runs, run):
    runs.note(run, history=[{"epoch": 1.0}])
    runs.note(run, history=[{"epoch": 1.0}, {"epoch": 2.0}])
    runs.warn(run, "no server")
    assert runs.get(run).history == []
    runs.finish(run, "finished", metrics={"accuracy": 1.0})
    info = runs.get(run)
    assert (len(info.history), info.warnings, info.metrics) == (2, ["no server"], {"accuracy": 1.0})


def test_warnings_gather_over_the_processes_of_a_run_each_once(runs, run, database, tmp_path):
    for text in ("no server", "no room"):
        runs.warn(run, text)
        runs.update(run)
    later = RunService(database, tmp_path, "local")
    later.start(run)
    later.warn(run, "no server")
    later.finish(run, "finished")
    assert later.get(run).warnings == ["no server", "no room"]


def test_an_update_that_fails_forgets_nothing(runs, run, database):
    runs.note(run, history=[{"epoch": 1.0}])
    runs.warn(run, "first")
    with locked(database), pytest.raises(Conflict, match="writing for too long"):
        runs.update(run)
    runs.note(run, history=[{"epoch": 2.0}])
    runs.warn(run, "second")
    runs.update(run)
    info = runs.get(run)
    assert (info.history, info.warnings) == ([{"epoch": 2.0}], ["first", "second"])


def test_a_run_outlives_a_database_that_is_locked(runs, run, database, caplog):
    with Heartbeat(runs, run, seconds=0.01) as heart:
        with locked(database):
            runs.note(run, history=[{"epoch": 1.0}])
            wait_for(lambda: len(caplog.records) >= 2)
            heart.check()
            assert runs.get(run).history == []
        wait_for(lambda: runs.get(run).history == [{"epoch": 1.0}])
        heart.check()


def test_what_is_noted_is_written_at_once_where_that_is_wanted(runs, run):
    with Heartbeat(runs, run, seconds=60.0) as heart:
        runs.note(run, history=[{"epoch": 1.0}])
        heart.beat()
        wait_for(lambda: runs.get(run).history == [{"epoch": 1.0}])


def test_the_thread_ends_with_the_work(runs, run):
    before = threading.active_count()
    with pytest.raises(ValueError, match="bad"), Heartbeat(runs, run, seconds=60.0):
        raise ValueError("bad")
    assert threading.active_count() == before


def test_a_run_that_was_taken_over_is_given_up_and_its_row_left_alone(runs, run, database):
    def taken() -> bool:
        try:
            heart.check()
        except RunTaken:
            return True
        return False

    with Heartbeat(runs, run, seconds=0.01) as heart:
        heart.check()
        take_over(database, run)
        wait_for(taken)
    with pytest.raises(RunTaken, match="process 1 on elsewhere"):
        runs.finish(run, "failed", error="not for this row")
    assert runs.get(run).error == ""
    runs.start(run)  # it is taken back
    runs.finish(run, "finished")
    assert runs.get(run).status == "finished"


def test_a_run_tells_what_was_tried_before_it(runs):
    chosen = MethodChosen(metric="accuracy", attempts=(), chosen_because="Method head was the only one.")
    run = runs.create(SPEC.model_copy(update={"selection": Selection(method=chosen)}))
    info = runs.get(run)
    assert info.selection is not None
    assert info.selection.method == chosen
    assert info.to_dict()["selection"]["method"]["chosen_because"] == chosen.chosen_because
    assert runs.get(runs.create(SPEC)).to_dict()["selection"] is None
