from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from platform_core.finetune.checkpoint import STATE_FILE, Checkpoints
from platform_core.finetune.loop import Loop, TrainingSet, Validation, rate_factor
from platform_core.finetune.networks import FeatureInputs, Network
from platform_core.sdk import Interrupted, Recipe, Silent, StorageFull, TrainingFailed
from platform_core.sdk.heads import ClassificationHead, HeadSpec

RECIPE = Recipe(epochs=4, batch_size=8, learning_rate=0.05, dropout=0.3, patience=4)


def make_data(rows: int = 100) -> tuple[np.ndarray, list[str]]:
    generator = np.random.default_rng(0)
    vectors = generator.normal(size=(rows, 6)).astype(np.float32)
    return vectors, ["yes" if v[0] + v[1] > 0 else "no" for v in vectors]


def make_loop(folder, *, recipe=RECIPE, stop=lambda: False, validate=True, vectors=None) -> tuple[Loop, Network]:
    data, targets = make_data()
    vectors = data if vectors is None else vectors
    torch.manual_seed(0)
    head = ClassificationHead(HeadSpec(feature_widths={"pooled": 6}, labels=("no", "yes"), dropout=recipe.dropout))
    network = Network(head)
    encoded = head.encode_targets(targets)

    def judge(outputs: torch.Tensor) -> float:
        return float((outputs.argmax(-1) == encoded).float().mean())

    loop = Loop(
        network,
        TrainingSet(FeatureInputs(vectors), encoded),
        Validation(FeatureInputs(vectors), judge) if validate else None,
        recipe,
        seed=1,
        device=torch.device("cpu"),
        precision="fp32",
        checkpoints=Checkpoints(folder),
        progress=Silent(),
        on_epoch=lambda history: None,
        stop_requested=stop,
    )
    return loop, network


def weights(network: Network) -> list[torch.Tensor]:
    return [p.detach().clone() for p in network.parameters()]


def test_it_learns(tmp_path):
    loop, _ = make_loop(tmp_path)
    result = loop.run()
    assert result.history[-1]["score"] > 0.9
    assert result.history[-1]["loss"] < result.history[0]["loss"]


@pytest.mark.parametrize("steps", [1, 5, 13, 14, 30, 51])
def test_a_loop_that_was_stopped_ends_with_the_same_weights(tmp_path, steps):
    straight, expected = make_loop(tmp_path / "straight")
    history = straight.run().history
    calls = iter(range(1000))
    stopped, _ = make_loop(tmp_path / "stopped", stop=lambda: next(calls) == steps)
    with pytest.raises(Interrupted):
        stopped.run()
    resumed, found = make_loop(tmp_path / "stopped")
    assert resumed.run().history == history
    assert all(torch.equal(a, b) for a, b in zip(weights(found), weights(expected), strict=True))


def test_the_best_epoch_is_kept_and_patience_ends_the_run(tmp_path):
    loop, _ = make_loop(tmp_path, recipe=RECIPE.model_copy(update={"epochs": 50, "patience": 2, "learning_rate": 0.5}))
    result = loop.run()
    scores = [entry["score"] for entry in result.history]
    assert len(scores) < 50
    assert scores.index(max(scores)) + 1 == result.best_epoch
    assert [f.name for f in tmp_path.glob("best-*")] == [f"best-{result.best_epoch}.safetensors"]


def test_without_validation_the_last_epoch_counts(tmp_path):
    loop, _ = make_loop(tmp_path, validate=False)
    result = loop.run()
    assert result.best_epoch == 4
    assert "score" not in result.history[0]


def test_a_loss_that_is_no_number_ends_clearly(tmp_path):
    vectors, _ = make_data()
    vectors[17] = np.nan
    loop, _ = make_loop(tmp_path, vectors=vectors)
    with pytest.raises(TrainingFailed, match="nan") as caught:
        loop.run()
    assert "batch" in caught.value.where


def test_a_damaged_checkpoint_means_from_the_start(tmp_path):
    calls = iter(range(1000))
    stopped, _ = make_loop(tmp_path, stop=lambda: next(calls) == 20)
    with pytest.raises(Interrupted):
        stopped.run()
    (tmp_path / STATE_FILE).write_bytes(b"\x00" * 100)
    loop, _ = make_loop(tmp_path)
    assert len(loop.run().history) == 4


@pytest.mark.parametrize("what", ["best weights gone", "another layout"])
def test_a_checkpoint_that_is_not_whole_means_from_the_start(tmp_path, what):
    expected = make_loop(tmp_path / "straight")[0].run().history
    calls = iter(range(1000))
    stopped, _ = make_loop(tmp_path / "stopped", stop=lambda: next(calls) == 20)
    with pytest.raises(Interrupted):
        stopped.run()
    if what == "best weights gone":
        next((tmp_path / "stopped").glob("best-*")).unlink()
    else:
        state = load_file(tmp_path / "stopped" / STATE_FILE)
        with safe_open(tmp_path / "stopped" / STATE_FILE, "pt") as opened:
            header = opened.metadata()
        save_file({f"old.{name}": t for name, t in state.items()}, tmp_path / "stopped" / STATE_FILE, header)
    loop, _ = make_loop(tmp_path / "stopped")
    assert loop.run().history == expected


def test_a_full_disk_keeps_the_previous_checkpoint(tmp_path, monkeypatch):
    calls = iter(range(1000))
    stopped, _ = make_loop(tmp_path, stop=lambda: next(calls) == 20)
    with pytest.raises(Interrupted):
        stopped.run()
    before = (tmp_path / STATE_FILE).read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("platform_core.finetune.checkpoint.save_file", full)
    loop, _ = make_loop(tmp_path)
    with pytest.raises(StorageFull, match="No space left"):
        loop.run()
    assert (tmp_path / STATE_FILE).read_bytes() == before


def test_the_rate_rises_then_falls_to_zero():
    factors = [rate_factor(step, 100, 0.1) for step in range(101)]
    assert 0 < factors[0] < factors[9] <= 1
    assert math.isclose(max(factors), 1, abs_tol=0.1)
    assert factors[100] == 0
    assert factors[10:] == sorted(factors[10:], reverse=True)


def test_measuring_a_step_changes_nothing(tmp_path):
    loop, network = make_loop(tmp_path)
    before = weights(network)
    assert loop.seconds_per_unit() > 0
    assert all(torch.equal(a, b) for a, b in zip(before, weights(network), strict=True))
    plain, expected = make_loop(tmp_path / "plain")
    assert loop.run().history == plain.run().history
    assert all(torch.equal(a, b) for a, b in zip(weights(network), weights(expected), strict=True))
