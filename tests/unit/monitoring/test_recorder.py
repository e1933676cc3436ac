"""The recorder: what it passes on, what it survives, and how little it takes."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from platform_core.db.engine import Database
from platform_core.monitoring import recorder as recorder_module
from platform_core.monitoring.history.service import History
from platform_core.monitoring.metrics import Metrics
from platform_core.monitoring.prediction_log import PredictionLog
from platform_core.monitoring.recorder import Recorder
from platform_core.sdk import NotFound, PredictionLogged
from platform_core.serving.served import Served
from platform_core.storage import Storage

Serve = Callable[..., Served]


class Hooks:
    """Plugins that listen, or do not."""

    def __init__(self) -> None:
        self.events: list[PredictionLogged] = []
        self.heard = True
        self.gate = threading.Event()
        self.gate.set()

    def is_heard(self, _event: type) -> bool:
        return self.heard

    def announce(self, event: PredictionLogged) -> None:
        self.gate.wait()
        self.events.append(event)


class Watch:
    """A recorder and all that it fills."""

    def __init__(self, database: Database, storage: Storage) -> None:
        self.metrics = Metrics()
        self.history = History(database, "local")
        self.log = PredictionLog(storage, "local", lambda _: set())
        self.hooks: Any = Hooks()
        self.recorder = Recorder(self.metrics, self.history, self.log, self.hooks)

    def scraped(self) -> str:
        return self.metrics.expose()[0].decode()

    def counted(self) -> int:
        return sum(version.total.requests for version in self.history.of("notes").versions)


@pytest.fixture
def watch(database: Database, storage: Storage) -> Watch:
    return Watch(database, storage)


def until(true: Callable[[], object], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


def test_what_was_answered_a_moment_ago_is_found(watch, serve):
    served = serve("a", "b")
    watch.recorder(served)
    assert watch.recorder.find(served.id).id == served.id
    with pytest.raises(NotFound):
        watch.recorder.find("prd_none")
    watch.recorder.close()
    with pytest.raises(NotFound):
        watch.recorder.find("prd_none")


def test_closing_writes_all(watch, serve):
    requests = [serve("a", "b") for _ in range(20)]
    for served in requests:
        watch.recorder(served)
    watch.recorder(serve("a", code="model.failed", predictions=[]))
    watch.recorder(serve("a", role="shadow", version=2, version_id="ver_2"))
    watch.recorder.close()
    assert watch.counted() == 22
    assert len(watch.log.last("notes", 100)) == 22
    assert [event.labels for event in watch.hooks.events] == [("A", "B")] * 20
    assert 'verticore_requests_total{code="ok",model="notes",role="stable",tenant="local",version="1"} 20.0' in (
        watch.scraped()
    )
    watch.recorder(serve("late"))
    assert 'verticore_unlogged_requests_total{missed_by="log",tenant="local"} 1.0' in watch.scraped()


def test_a_process_that_does_not_close_has_written_soon(watch, serve, monkeypatch):
    monkeypatch.setattr(recorder_module, "HISTORY_SECONDS", 0.1)
    watch.recorder(serve("a"))
    until(lambda: watch.counted() == 1)
    watch.recorder.close()


def test_a_plugin_that_hangs_delays_nobody_else(watch, serve, monkeypatch):
    monkeypatch.setattr(recorder_module, "_PATIENCE_WITH_PLUGINS", 0.1)
    watch.hooks.gate.clear()
    for _ in range(5):
        watch.recorder(serve("a"))
    watch.recorder.close()
    assert watch.counted() == 5
    assert watch.hooks.events == []
    watch.hooks.gate.set()
    until(lambda: len(watch.hooks.events) == 5)


def test_nobody_who_listens_is_not_told(watch, serve):
    watch.hooks.heard = False
    watch.recorder(serve("a"))
    watch.recorder.close()
    assert watch.hooks.events == []


def test_when_too_much_waits_the_log_loses_and_the_counts_do_not(watch, serve, monkeypatch):
    taken, held, add = threading.Event(), threading.Event(), watch.log.add

    def note(served: Served) -> bool:
        taken.set()
        return add(served)

    monkeypatch.setattr(watch.log, "add", note)
    monkeypatch.setattr(watch.log, "tick", lambda: taken.is_set() and held.wait())
    monkeypatch.setattr(watch.recorder._writing, "_most", 10)
    watch.recorder(serve("a"))
    assert taken.wait(30)
    for _ in range(25):
        watch.recorder(serve("a", "b"))
    held.set()
    watch.recorder.close()
    assert watch.counted() == 26
    assert len(watch.log.last("notes", 100)) == 6
    assert 'verticore_unlogged_requests_total{missed_by="log",tenant="local"} 20.0' in watch.scraped()


def test_a_database_that_fails_is_told_once_and_tried_again(watch, serve, monkeypatch, caplog):
    monkeypatch.setattr(recorder_module, "HISTORY_SECONDS", 0.0)
    failures = 0
    sound = watch.history.tick

    def fail() -> None:
        nonlocal failures
        failures += 1
        if failures < 4:
            raise RuntimeError("the disk is full")
        sound()

    monkeypatch.setattr(watch.history, "tick", fail)
    with caplog.at_level(logging.WARNING):
        watch.recorder(serve("a"))
        until(lambda: watch.counted() == 1)
        watch.recorder.close()
    assert [record.message for record in caplog.records] == [
        "the history of requests cannot be written at the moment (the disk is full)"
    ]


def test_what_cannot_be_recorded_disturbs_nobody(watch, serve, caplog):
    watch.recorder(serve("a", examples=["no example"]))
    watch.recorder(serve("a", at=None))
    watch.recorder(serve("a"))
    watch.recorder.close()
    assert watch.counted() == 2
    assert len(watch.log.last("notes", 10)) == 1


def test_a_recorder_that_heard_nothing_closes(watch):
    watch.recorder.close()
    assert watch.counted() == 0


def test_taking_note_takes_microseconds(watch, serve):
    requests = [serve("a short text") for _ in range(3000)]
    started = time.thread_time()  # of the processor: who else is busy does not count
    for served in requests:
        watch.recorder(served)
    seconds = time.thread_time() - started
    watch.recorder.close()
    assert seconds / len(requests) < 200e-6  # about 10 on a quiet machine
    assert watch.counted() == 3000
