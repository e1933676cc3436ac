"""Event files, read back with TensorBoard's own reader."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from platform_core.finetune.tracking.sink import TrackedRun
from platform_core.finetune.tracking.tensorboard import TensorBoardSink
from platform_core.finetune.tracking.tracking import Tracking

accumulators = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
hparams = pytest.importorskip("tensorboard.plugins.hparams.plugin_data_pb2")

RUN = TrackedRun(
    id="run_1", model="words", solution="acme.words", params={"rate": 1e-3, "method": "lora", "rank": None, "x": [1]}
)


def follow(folder: Path, told: list[str]) -> Tracking:
    return Tracking(RUN, [TensorBoardSink(folder)], told.append)


def read(folder: Path):
    events = accumulators.EventAccumulator(str(folder / "words" / "run_1"), size_guidance={"scalars": 0})
    return events.Reload()


def scalars(folder: Path) -> dict[str, dict[int, float]]:
    events = read(folder)
    return {tag: {e.step: round(e.value, 4) for e in events.Scalars(tag)} for tag in events.Tags()["scalars"]}


def test_scalars_and_hyper_parameters_are_in_the_folder_of_the_run(tmp_path):
    told: list[str] = []
    with follow(tmp_path, told) as tracking:
        tracking.step(1, {"loss": 0.9, "rate": 0.001})
        tracking.step(5, {"loss": 0.5, "rate": 0.002})
        tracking.epoch({"epoch": 1.0, "score": 0.75}, step=5)
        tracking.result({"macro_f1": 0.8})
    assert told == []
    assert scalars(tmp_path) == {
        "loss": {1: 0.9, 5: 0.5},
        "rate": {1: 0.001, 5: 0.002},
        "epoch_score": {5: 0.75},
        "macro_f1": {5: 0.8},
    }
    content = read(tmp_path).summary_metadata["_hparams_/session_start_info"].plugin_data.content
    start = hparams.HParamsPluginData.FromString(content).session_start_info
    assert start.hparams["rate"].number_value == 0.001
    assert start.hparams["method"].string_value == "lora"
    assert start.hparams["x"].string_value == "[1]"
    assert "rank" not in start.hparams


def test_a_run_that_goes_on_hides_the_points_after_its_checkpoint(tmp_path):
    told: list[str] = []
    for steps, loss in ((range(1, 8), 9.0), (range(5, 10), 1.0)):
        with follow(tmp_path, told) as tracking:
            for step in steps:
                tracking.step(step, {"loss": loss})
    assert scalars(tmp_path)["loss"] == {step: 9.0 if step < 5 else 1.0 for step in range(1, 10)}
    assert told == []


def test_going_back_within_a_run_hides_the_points_too(tmp_path):
    told: list[str] = []
    with Tracking(RUN, [TensorBoardSink(tmp_path)], told.append, batch_seconds=0.001) as tracking:
        for step in range(1, 8):
            tracking.step(step, {"loss": 9.0})
        deadline = time.monotonic() + 20
        while not (tmp_path / "words").exists() or 7 not in scalars(tmp_path).get("loss", {}):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        tracking.step(4, {"loss": 1.0})
    assert scalars(tmp_path)["loss"] == {1: 9.0, 2: 9.0, 3: 9.0, 4: 1.0}
    assert told == []


def test_a_run_without_a_step_leaves_no_folder_unless_it_finished(tmp_path):
    with pytest.raises(KeyboardInterrupt), follow(tmp_path, []):
        raise KeyboardInterrupt
    assert not list(tmp_path.iterdir())
    with follow(tmp_path, []) as tracking:
        tracking.result({"accuracy": 1.0})
    assert scalars(tmp_path) == {"accuracy": {0: 1.0}}


def test_a_folder_that_cannot_be_written_ends_nothing(tmp_path):
    (tmp_path / "words").write_text("in the way")
    told: list[str] = []
    with follow(tmp_path, told) as tracking:
        tracking.step(1, {"loss": 1.0})
    assert len(told) == 1
    assert told[0].startswith("TensorBoard gets no more of this run; the training goes on")
