from __future__ import annotations

import numpy as np
import pytest
import torch

from platform_core.finetune.loop.averaging import WeightAverage
from platform_core.finetune.loop.estimate import estimate


def test_it_learns(tmp_path, stand):
    result = stand.loop(tmp_path)[0].run()
    assert result.history[-1]["score"] > 0.9
    assert result.history[-1]["loss"] < result.history[0]["loss"]
    assert result.train_seconds > 0


@pytest.mark.parametrize("precision", ["bf16", "fp16", "tf32"])
def test_it_learns_in_every_precision(tmp_path, stand, precision):
    loop, network = stand.loop(tmp_path, precision=precision)
    assert loop.run().history[-1]["score"] > 0.9
    assert all(p.dtype == torch.float32 for p in network.parameters())
    assert torch.get_float32_matmul_precision() == "highest"


def test_the_best_epoch_is_kept_and_patience_counts_from_the_peak(tmp_path, stand):
    scores = iter([0.5, 0.9, 0.4, 0.899, 0.5, 0.5])
    loop, network = stand.loop(tmp_path, epochs=50, patience=3, tie=0.01, score=lambda _: next(scores))
    result = loop.run()
    assert len(result.history) == 5  # the peak was epoch 2
    assert result.best_epoch == 4  # level with it, and later
    assert [f.name for f in tmp_path.glob("best-*")] == ["best-4.safetensors"]
    others = iter([0.1, 0.2, 0.3, 0.9, 0, 0, 0])
    again, other = stand.loop(tmp_path / "four", epochs=50, patience=3, score=lambda _: next(others))
    assert again.run().best_epoch == 4
    assert stand.equal(stand.weights(network), stand.weights(other))


def test_without_validation_the_last_epoch_counts(tmp_path, stand):
    result = stand.loop(tmp_path, validate=False)[0].run()
    assert result.best_epoch == 4
    assert "score" not in result.history[0]


def test_measuring_changes_nothing(tmp_path, stand):
    loop, network = stand.loop(tmp_path, network=stand.network("vectors", norm=True))
    before = stand.weights(network)
    assert loop.seconds_per_unit() > 0
    assert "for all epochs" in str(estimate(loop))
    assert stand.equal(before, stand.weights(network))
    plain, expected = stand.loop(tmp_path / "plain", network=stand.network("vectors", norm=True))
    assert loop.run().history == plain.run().history
    assert stand.equal(stand.weights(network), stand.weights(expected))


def test_outputs_come_in_the_order_of_the_inputs(tmp_path, stand):
    inputs = stand.inputs("sequences")
    loop, network = stand.loop(tmp_path, "sequences", inputs=inputs)
    found = loop.outputs(inputs)
    network.eval()
    one_by_one = torch.cat([network(inputs.collate(np.array([i]))) for i in range(len(inputs.lengths))])
    torch.testing.assert_close(found, one_by_one.detach())


def test_the_average_is_what_is_judged_and_kept(tmp_path, stand):
    judged = []
    loop, network = stand.loop(
        tmp_path, validate=True, averaging=0.9, epochs=2, score=lambda outputs: judged.append(outputs) or 0.5
    )
    loop.run()
    inputs = stand.inputs("vectors")
    torch.testing.assert_close(loop.outputs(inputs), judged[-1])
    raw, other = stand.loop(tmp_path / "raw", epochs=2)
    raw.run()
    assert not stand.equal(stand.weights(network), stand.weights(other))
    last, third = stand.loop(tmp_path / "last", validate=False, averaging=0.9, epochs=2)
    last.run()
    assert stand.equal(stand.weights(network), stand.weights(third))


def test_the_average_follows_fast_at_first_and_changes_places_without_copies():
    weight = torch.nn.Parameter(torch.zeros(3))
    average = WeightAverage([weight], 0.5)
    with torch.no_grad():
        weight += 1
    average.update(0)
    torch.testing.assert_close(average.values[0], torch.full((3,), 0.9))  # decay 1/10 at first
    average.update(10_000)
    torch.testing.assert_close(average.values[0], torch.full((3,), 0.95))
    with average.applied():
        assert weight[0].item() == pytest.approx(0.95)
        assert average.values[0][0] == 1
    assert weight[0] == 1


def test_progress_and_steps_are_told(tmp_path, stand, notes):
    told: list[tuple[int, dict[str, float]]] = []
    histories = []
    loop, _ = stand.loop(
        tmp_path,
        "sequences",
        progress=notes,
        on_step=lambda step, values: told.append((step, dict(values))),
        on_epoch=lambda history: histories.append(len(history)),
    )
    loop.run()
    assert notes.stages == [f"epoch {epoch}/4" for epoch in range(1, 5)]
    assert notes.units == 4 * 13
    assert set(notes.numbers[-1]) == {"loss", "examples_per_second", "tokens_per_second", "seconds_left"}
    assert [step for step, _ in told][-1] == 4 * 13
    assert {step for step, _ in told} >= {13, 26, 39, 52}
    assert set(told[0][1]) == {"loss", "rate", "examples_per_second"}
    assert 0 < told[-1][1]["rate"] < told[0][1]["rate"] <= 0.05
    assert histories == [1, 2, 3, 4]


def test_a_compiler_that_fails_is_done_without(tmp_path, stand, notes, monkeypatch):
    def broken(_: object) -> None:
        raise RuntimeError("no compiler here")

    monkeypatch.setattr(torch, "compile", broken)
    loop, network = stand.loop(tmp_path, progress=notes, compile="on")
    history = loop.run().history
    assert notes.notes == ["torch.compile failed, going on without it: no compiler here"]
    plain, expected = stand.loop(tmp_path / "plain")
    assert plain.run().history == history
    assert stand.equal(stand.weights(network), stand.weights(expected))


def test_a_compiled_network_is_the_one_that_runs(tmp_path, stand, monkeypatch):
    calls = []

    class Compiled(torch.nn.Module):
        def __init__(self, network: torch.nn.Module) -> None:
            super().__init__()
            self.network = network

        def forward(self, batch):
            calls.append(len(batch["x"]))
            return self.network(batch)

    monkeypatch.setattr(torch, "compile", Compiled)
    loop, _ = stand.loop(tmp_path, compile="on", epochs=1)
    loop.run()
    assert sum(calls) == 2 * 8 + 100 + 100
