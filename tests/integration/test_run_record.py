"""What is known of a run besides its model: its metrics wherever they go, and what went wrong without ending it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from platform_core.cli.entry import run
from platform_core.finetune.service import RunService
from platform_core.finetune.tracking.metrics import MetricStreams
from platform_core.finetune.tracking.tensorboard import TensorBoardSink
from platform_core.platform import Platform
from platform_core.sdk import Conflict, Interrupted, Silent, UsageError
from platform_core.settings import Settings
from platform_core.testkit import FakePlugin, fake_site

EPOCHS = {"epochs": 6, "patience": 6, "precision": "fp32"}


class Recorder(Silent):
    """Progress that keeps the warnings."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def warn(self, text: str) -> None:
        self.warnings.append(text)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The sample of a plugin that is installed, ``claims.rows``."""
    folder = tmp_path_factory.mktemp("place")
    with fake_site(folder / "site") as site:
        FakePlugin(name="claims", kind="table", answer="binary").install(site)
        with Platform.open(folder / "unused") as platform:
            platform.plugins.solution("claims.rows").sample.write(folder)
        yield folder / "sample.csv"


@pytest.fixture
def opened(home: Path) -> Iterator[Callable[..., Platform]]:
    """Return a function that opens the workspace with other settings."""
    platforms = []

    def open_(**settings) -> Platform:
        platforms.append(Platform.open(settings=Settings(home=home, **settings)))
        return platforms[-1]

    yield open_
    for platform in platforms:
        platform.close()


def stop_after(calls: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the stop be requested at the step with that number."""
    left = iter(range(calls))
    monkeypatch.setattr("platform_core.finetune.stopping.StopRequest.__call__", lambda self: next(left, None) is None)


@pytest.mark.parametrize("choice", [{"trackers": ("tensorboard",)}, {"trackers": ("mlflow",), "mlflow_uri": "foo://x"}])
def test_trackers_that_cannot_work_are_refused_before_anything_is_read(opened, data, monkeypatch, choice):
    plain = opened()
    stop_after(3, monkeypatch)
    with pytest.raises(Interrupted):
        plain.train("claims.rows", data, method="head", settings=EPOCHS)
    monkeypatch.undo()
    (begun,) = plain.runs.list()
    if choice["trackers"] == ("tensorboard",):
        found = find_spec
        monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "tensorboard" else found(name))
    elif not find_spec("mlflow"):
        pytest.skip("needs the extra mlflow")
    platform = opened(**choice)
    for work in (
        lambda: platform.train("claims.rows", "no-such-file.csv"),
        lambda: platform.tune("claims.rows", "no-such-file.csv", method="head"),
        lambda: platform.resume(begun.id),
    ):
        with pytest.raises(UsageError, match=r"TensorBoard is chosen|tracking URI"):
            work()
    assert platform.runs.get(begun.id).status == "interrupted"
    monkeypatch.undo()
    assert plain.resume(begun.id).version == 1


def test_a_tracker_that_fails_is_in_the_progress_the_result_and_the_record(opened, data, home, monkeypatch, capsys):
    def fail(self, points, *, since) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(TensorBoardSink, "log", fail)
    progress = Recorder()
    platform = opened(trackers=("tensorboard",))
    result = platform.train("claims.rows", data, method="head", settings=EPOCHS, progress=progress)
    told = [text for text in progress.warnings if text.startswith("TensorBoard gets no more of this run")]
    assert len(told) == 1
    assert "No space left" in told[0]
    assert platform.runs.get(result.run).warnings == told
    assert result.warnings.count(told[0]) == 1
    assert result.version == 1
    capsys.readouterr()
    assert run(["runs", "show", result.run, "--home", str(home), "--json"]) == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out.splitlines()[-1])["warnings"] == told
    assert "warning: TensorBoard gets no more" in shown.err


@pytest.mark.skipif(not find_spec("mlflow"), reason="needs the extra mlflow")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_run_that_was_preempted_has_every_epoch_once_everywhere(opened, data, home, monkeypatch):
    platform = opened(trackers=("mlflow",))
    stop_after(8, monkeypatch)
    with pytest.raises(Interrupted):
        platform.train("claims.rows", data, method="head", settings=EPOCHS | {"batch_size": 64})
    monkeypatch.undo()
    (begun,) = platform.runs.list()
    result = platform.resume(begun.id)
    streams = {stream.name: stream for stream in MetricStreams(platform.db, "local").of(result.run)}
    assert streams["epoch_score"].epochs == [1, 2, 3, 4, 5, 6]
    from mlflow import MlflowClient

    client = MlflowClient(tracking_uri=f"sqlite:///{home / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("claims.rows")
    (tracked,) = client.search_runs([experiment.experiment_id])
    for name in ("loss", "epoch_score", "epoch_loss", *result.metrics):
        steps = [point.step for point in client.get_metric_history(tracked.info.run_id, name)]
        assert steps == sorted(set(steps)), name
    points = client.get_metric_history(tracked.info.run_id, "epoch_score")
    assert [point.step for point in points] == streams["epoch_score"].steps
    assert tracked.info.status == "FINISHED"


def test_an_epoch_has_its_place_though_its_last_step_was_taken_before_a_stop(opened, data, monkeypatch):
    platform = opened()
    settings = EPOCHS | {"batch_size": 64, "epochs": 3}
    whole = platform.train("claims.rows", data, method="head", settings=settings)
    streams = {s.name: s for s in MetricStreams(platform.db, "local").of(whole.run)}
    stop_after(streams["epoch_score"].steps[1] - 1, monkeypatch)
    with pytest.raises(Interrupted):
        platform.train("claims.rows", data, method="head", settings=settings)
    monkeypatch.undo()
    begun = platform.runs.list()[0]
    assert len(begun.history) == 1
    platform.resume(begun.id)
    found = {s.name: s for s in MetricStreams(platform.db, "local").of(begun.id)}
    assert found["epoch_score"].steps == streams["epoch_score"].steps
    assert found["epoch_score"].values == streams["epoch_score"].values


def test_a_record_that_cannot_be_written_at_the_end_does_not_hide_what_ended_the_run(opened, data, monkeypatch):
    def fail(self, run_id, status, **facts) -> None:
        raise Conflict("another process has been writing for too long")

    monkeypatch.setattr(RunService, "finish", fail)
    stop_after(3, monkeypatch)
    with pytest.raises(Interrupted) as stopped:
        opened().train("claims.rows", data, method="head", settings=EPOCHS)
    assert "runs resume" in stopped.value.hint


def test_a_metric_that_is_undefined_on_validation_data_is_told_and_not_recorded(opened, data, monkeypatch):
    monkeypatch.setattr("platform_core.finetune.single.score", lambda *_, **__: math.nan)
    platform = opened()
    result = platform.train("claims.rows", data, method="head", settings=EPOCHS | {"patience": 1})
    assert [text for text in result.warnings if "is undefined on the validation data" in text]
    history = platform.runs.get(result.run).history
    assert [list(entry) for entry in history] == [["epoch", "loss"]] * 6


def test_the_final_run_of_a_search_is_shared_as_asked(opened, data, monkeypatch):
    monkeypatch.setattr(Platform, "_execute", lambda self, run, progress: self.runs.spec(run))
    found = opened().tune("claims.rows", data, method="head", trials=1, settings={"epochs": 1}, devices=2)
    assert found.train.devices == 2
    assert found.train.selection.search.trials == 1
