"""Metrics of a run: in the database, bounded, replaced where a run goes on, and never in the way of the training."""

from __future__ import annotations

import math
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platform_core.db.engine import Database
from platform_core.db.tables import now
from platform_core.finetune.schemas import RunSpec
from platform_core.finetune.service import RunService
from platform_core.finetune.tracking.database import DatabaseSink
from platform_core.finetune.tracking.metrics import MetricStreams
from platform_core.finetune.tracking.sink import Point, TrackedRun
from platform_core.finetune.tracking.thinning import Thinning
from platform_core.finetune.tracking.tracking import Trackers, Tracking
from platform_core.sdk import Interrupted, NotFound, Recipe, UsageError

SPEC = RunSpec(solution="acme.words", model="words", dataset_id="dsv_1", method="head", recipe=Recipe(), seed=0)


@pytest.fixture
def run(database: Database, tmp_path: Path) -> str:
    return RunService(database, tmp_path, "local").create(SPEC)


class Recorder:
    """A sink that keeps what it is told."""

    name = "recorder"

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.points: list[Point] = []
        self.sinces: list[int | None] = []
        self.ended: tuple[str, Mapping[str, float]] | None = None

    def start(self, run: TrackedRun) -> None:
        self.calls.append("start")

    def log(self, points: Sequence[Point], *, since: int | None) -> None:
        self.calls.append("log")
        self.points += points
        self.sinces.append(since)

    def finish(self, status: str, metrics: Mapping[str, float]) -> None:
        self.calls.append("finish")
        self.ended = (status, metrics)


class Broken(Recorder):
    """A sink that fails at one of its calls."""

    name = "broken"

    def __init__(self, at: str) -> None:
        super().__init__()
        self._at = at

    def start(self, run: TrackedRun) -> None:
        super().start(run)
        self._fail("start")

    def log(self, points: Sequence[Point], *, since: int | None) -> None:
        super().log(points, since=since)
        self._fail("log")

    def finish(self, status: str, metrics: Mapping[str, float]) -> None:
        super().finish(status, metrics)
        self._fail("finish")

    def _fail(self, call: str) -> None:
        if call == self._at:
            raise ConnectionError("server gone\nlong story")


def follow(run: str, *sinks: Recorder | DatabaseSink, told: list[str] | None = None, every: float = 60.0) -> Tracking:
    tell = (told if told is not None else []).append
    return Tracking(TrackedRun(id=run, model="words", solution="acme.words"), sinks, tell, batch_seconds=every)


def database_sink(database: Database, told: list[str] | None = None, **options: int) -> DatabaseSink:
    return DatabaseSink(database, "local", (told if told is not None else []).append, **options)


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def stored(database: Database, run: str, tenant: str = "local") -> dict[str, dict[int, float]]:
    streams = MetricStreams(database, tenant).of(run)
    return {stream.name: dict(zip(stream.steps, stream.values, strict=True)) for stream in streams}


# Following


def test_what_the_loop_tells_is_in_the_database_with_its_epochs_and_moments(database, run):
    before = now()
    with follow(run, database_sink(database)) as tracking:
        tracking.step(1, {"loss": 0.9, "rate": 1e-5})
        tracking.step(4, {"loss": 0.5, "rate": 2e-5})
        tracking.epoch({"epoch": 1.0, "loss": 0.7, "score": 0.8}, step=4)
    assert stored(database, run) == {
        "loss": {1: 0.9, 4: 0.5},
        "rate": {1: 1e-5, 4: 2e-5},
        "epoch_loss": {4: 0.7},
        "epoch_score": {4: 0.8},
    }
    streams = {stream.name: stream for stream in MetricStreams(database, "local").of(run)}
    assert streams["epoch_score"].epochs == [1]
    assert streams["loss"].epochs == [None, None]
    assert before <= streams["loss"].at[0] <= streams["loss"].at[1] <= now()


def test_points_arrive_while_the_run_works(run):
    sink = Recorder()
    arrived = threading.Event()
    log = sink.log
    sink.log = lambda points, *, since: (log(points, since=since), arrived.set())  # type: ignore[method-assign]
    with follow(run, sink, every=0.01) as tracking:
        tracking.step(1, {"loss": 1.0})
        assert arrived.wait(10)
        assert sink.ended is None


def test_many_steps_make_one_batch(run):
    sink = Recorder()
    with follow(run, sink) as tracking:
        for step in range(1, 101):
            tracking.step(step, {"loss": 1.0})
    assert sink.calls == ["start", "log", "finish"]
    assert len(sink.points) == 100


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (None, "finished"),
        (Interrupted("stopped"), "interrupted"),
        (KeyboardInterrupt(), "interrupted"),
        (ValueError("bad"), "failed"),
    ],
)
def test_sinks_are_told_how_a_run_ended(run, error, status):
    sink = Recorder()

    def work() -> None:
        with follow(run, sink) as tracking:
            tracking.result({"macro_f1": 0.8})
            if error is not None:
                raise error

    if error is None:
        work()
    else:
        with pytest.raises(type(error)):
            work()
    assert sink.ended == (status, {"macro_f1": 0.8})


@pytest.mark.parametrize("at", ["start", "log", "finish"])
def test_a_sink_that_fails_is_told_once_and_left_out(run, at):
    broken, sound, told = Broken(at), Recorder(), []
    with follow(run, broken, sound, told=told, every=0.001) as tracking:
        for step in range(1, 4):
            tracking.step(step, {"loss": 1.0})
            wait_for(lambda step=step: len(sound.points) == step)
    assert told == ["broken gets no more of this run; the training goes on (server gone)"]
    assert len(sound.points) == 3
    assert broken.calls[-1] == at
    assert broken.calls.count(at) == 1


def test_going_back_replaces_what_waits_and_what_was_passed_on(run):
    sink = Recorder()
    with follow(run, sink) as tracking:
        for step in (1, 2, 3, 4):
            tracking.step(step, {"loss": 9.0})
        tracking.step(3, {"loss": 1.0})
        tracking.step(4, {"loss": 1.0})
    assert [(point.step, point.values["loss"]) for point in sink.points] == [(1, 9.0), (2, 9.0), (3, 1.0), (4, 1.0)]
    assert sink.sinces == [1]


def test_a_step_that_is_told_again_replaces_its_values(database, run):
    sink = Recorder()
    with follow(run, sink, database_sink(database), every=0.001) as tracking:
        tracking.step(1, {"loss": 3.0})
        wait_for(lambda: len(sink.points) == 1)
        tracking.step(1, {"loss": 2.0})
        tracking.step(1, {"loss": 1.0})
    assert sink.sinces[:2] == [1, 1]
    assert stored(database, run) == {"loss": {1: 1.0}}


def test_epochs_whose_steps_nobody_tells_have_their_place(database, run):
    sink = Recorder()
    with follow(run, sink, database_sink(database)) as tracking:
        tracking.epoch({"epoch": 1.0, "score": 0.5}, step=4)
        tracking.epoch({"epoch": 2.0, "score": 0.6}, step=8)
        tracking.step(9, {"loss": 1.0})
        tracking.epoch({"epoch": 3.0, "score": 0.7}, step=9)
    assert stored(database, run) == {"epoch_score": {4: 0.5, 8: 0.6, 9: 0.7}, "loss": {9: 1.0}}


# The database


def test_a_run_that_goes_on_replaces_the_points_after_its_checkpoint(database, run):
    with follow(run, database_sink(database)) as tracking:
        for step in range(1, 8):
            tracking.step(step, {"loss": 9.0})
            if step in (3, 6):
                tracking.epoch({"epoch": step // 3, "score": 0.1}, step=step)
    with follow(run, database_sink(database)) as tracking:
        for step in range(5, 10):
            tracking.step(step, {"loss": 1.0})
            if step % 3 == 0:
                tracking.epoch({"epoch": step // 3, "score": 0.2}, step=step)
    assert stored(database, run) == {
        "loss": {1: 9.0, 2: 9.0, 3: 9.0, 4: 9.0, 5: 1.0, 6: 1.0, 7: 1.0, 8: 1.0, 9: 1.0},
        "epoch_score": {3: 0.1, 6: 0.2, 9: 0.2},
    }


def test_values_that_are_not_finite_are_left_out(database, run):
    with follow(run, database_sink(database)) as tracking:
        tracking.step(1, {"loss": math.nan, "rate": 0.1})
        tracking.step(2, {"loss": math.inf})
    assert stored(database, run) == {"rate": {1: 0.1}}


@pytest.mark.parametrize("batch", [1, 7, 1000])
def test_a_long_stream_is_thinned_out_evenly_with_its_first_and_last_point(database, run, batch):
    sink = database_sink(database, limit=50)
    sink.start(TrackedRun(id=run, model="words", solution="acme.words"))
    steps = list(range(1, 1000, 3))
    for first in range(0, len(steps), batch):
        part = [Point(step, {"loss": float(step)}, now()) for step in steps[first : first + batch]]
        sink.log(part, since=1 if first == 0 else None)
    sink.finish("finished", {})
    kept = stored(database, run)["loss"]
    assert all(value == step for step, value in kept.items())
    assert 25 <= len(kept) <= 50
    assert (min(kept), max(kept)) == (1, steps[-1])
    gaps = [b - a for a, b in zip(list(kept), list(kept)[1:-1], strict=False)]
    assert max(gaps) <= 2 * min(gaps)


def test_a_thinned_stream_goes_on_within_its_bound(database, run):
    for first in (0, 100, 200):
        with follow(run, database_sink(database, limit=40)) as tracking:
            for step in range(first + 1, first + 131):
                tracking.step(step, {"loss": float(step)})
    kept = stored(database, run)["loss"]
    assert len(kept) <= 40
    assert (min(kept), max(kept)) == (1, 330)


def test_a_database_that_is_locked_loses_nothing(database, run, monkeypatch):
    told: list[str] = []
    sink = database_sink(database, told)
    session = database.session
    with follow(run, sink, told=told, every=0.001) as tracking:
        tries = []

        def locked():
            tries.append(1)
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(database, "session", locked)
        tracking.step(1, {"loss": 0.9})
        wait_for(lambda: len(tries) >= 1)
        tracking.step(2, {"loss": 0.8})
        wait_for(lambda: len(tries) >= 2)
        monkeypatch.setattr(database, "session", session)
        tracking.step(3, {"loss": 0.7})
    assert stored(database, run) == {"loss": {1: 0.9, 2: 0.8, 3: 0.7}}
    assert len(told) == 1
    assert "the training goes on" in told[0]
    assert "No space left" in told[0]


def test_a_full_disk_is_survived_for_real(database, run):
    told: list[str] = []
    pages = database.peek("PRAGMA page_count")
    assert pages
    sink = database_sink(database, told, limit=10_000)
    sink.start(TrackedRun(id=run, model="words", solution="acme.words"))
    points = [Point(step, {"loss": 1.0}, now()) for step in range(1, 3001)]
    with database.engine.connect() as connection:  # the only one in the pool, so the sink gets it
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages[0][0]}")
    sink.log(points, since=1)
    assert stored(database, run) == {}
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    sink.finish("finished", {})
    assert len(stored(database, run)["loss"]) == 3000
    assert len(told) == 1
    assert "disk is full" in told[0]


def test_tenants_do_not_see_each_other(database, run, tmp_path):
    with follow(run, database_sink(database)) as tracking:
        tracking.step(1, {"loss": 0.9})
    with pytest.raises(NotFound):
        MetricStreams(database, "other").of(run)
    DatabaseSink(database, "other", print).start(TrackedRun(id=run, model="words", solution="acme.words"))
    assert stored(database, run) == {"loss": {1: 0.9}}


def test_points_go_with_their_run(database, run):
    with follow(run, database_sink(database)) as tracking:
        tracking.step(1, {"loss": 0.9})
    with database.session() as session:
        session.connection().exec_driver_sql("DELETE FROM run")
    assert database.peek("SELECT count(*) FROM run_metric") == [(0,)]


def test_reading_metrics_needs_no_deep_learning_library():
    import subprocess

    script = "import sys, platform_core.finetune.tracking.metrics\nassert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True)


# Choosing


@pytest.mark.parametrize(("tracker", "name"), [("mlflow", "MLflow"), ("tensorboard", "TensorBoard")])
def test_a_tracker_without_its_extra_is_refused(database, tmp_path, monkeypatch, tracker, name):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(UsageError, match=f"{name} is chosen") as caught:
        Trackers(database, "local", tmp_path, chosen=(tracker,)).check()
    assert f"pip install 'verticore[{tracker}]'" in str(caught.value)
    Trackers(database, "local", tmp_path).check()


def test_lists_and_mappings_among_the_parameters_are_json():
    run = TrackedRun(id="r", model="m", solution="s", params={"a": 1, "b": None, "c": ["x", 2], "d": {"e": True}})
    assert run.scalars() == {"a": 1, "c": '["x", 2]', "d": '{"e": true}'}


def test_the_database_is_followed_without_any_choice(database, run, tmp_path):
    with Trackers(database, "local", tmp_path / "home").follow(run, SPEC, print, tags={"dataset": "d:1"}) as tracking:
        tracking.step(1, {"loss": 0.5})
    assert stored(database, run) == {"loss": {1: 0.5}}
    assert not (tmp_path / "home").exists()


# Thinning


@given(st.lists(st.integers(1, 10_000), unique=True, min_size=1, max_size=400).map(sorted), st.integers(2, 30))
def test_thinning_keeps_a_bounded_part_with_the_first_step(steps, limit):
    thinning = Thinning(limit)
    for step in steps:
        thinning.take(step)
        assert len(thinning.steps) <= limit
    assert thinning.steps[0] == steps[0]
    assert thinning.steps == sorted(set(thinning.steps) & set(steps))
    if len(steps) <= limit:
        assert thinning.steps == steps
    thinning.forget_from(steps[len(steps) // 2])
    assert all(step < steps[len(steps) // 2] for step in thinning.steps)
