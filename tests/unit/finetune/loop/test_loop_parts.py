"""The parts of the loop: optimiser, feed, selection, meter."""

from __future__ import annotations

import math
import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from platform_core.finetune.loop import feed as feed_module
from platform_core.finetune.loop.feed import Feed, TrainingSet
from platform_core.finetune.loop.meter import Meter
from platform_core.finetune.loop.optimisation import Optimiser, clip, parameter_groups, rate_factor
from platform_core.finetune.loop.selection import out_of_patience, takes_the_lead, tie_of
from platform_core.finetune.loop.state import LoopState


def test_the_rate_rises_then_falls_to_zero():
    factors = [rate_factor(step, 100, 0.1) for step in range(101)]
    assert 0 < factors[0] < factors[9] <= 1
    assert math.isclose(max(factors), 1, abs_tol=0.1)
    assert factors[100] == 0
    assert factors[10:] == sorted(factors[10:], reverse=True)


def test_groups_by_rate_and_decay(stand):
    recipe = stand.recipe.model_copy(update={"head_learning_rate": 0.2, "weight_decay": 0.3})
    groups = {
        (g["lr"], g["weight_decay"]): len(g["params"]) for g in parameter_groups(stand.network("vectors"), recipe)
    }
    assert groups == {(0.05, 0.3): 1, (0.05, 0.0): 1, (0.2, 0.3): 1, (0.2, 0.0): 3}


@pytest.mark.parametrize("head_rate", [None, 0.2])
def test_a_step_is_that_of_adamw_after_clipping(stand, head_rate):
    recipe = stand.recipe.model_copy(
        update={"head_learning_rate": head_rate, "weight_decay": 0.3, "clip_norm": 0.5, "learning_rate": 0.01}
    )
    ours, theirs = stand.network("vectors", dropout=0.0), stand.network("vectors", dropout=0.0)
    optimiser = Optimiser(ours, recipe, None)
    reference = torch.optim.AdamW(parameter_groups(theirs, recipe))
    inputs = stand.inputs("vectors")
    for step in range(10):
        batch = inputs.collate(np.arange(step, step + 16))
        for network in (ours, theirs):
            network.loss(network(batch), inputs.targets[step : step + 16]).backward()
        if step == 3:  # a parameter may be left out of a step
            ours.body.bias.grad = theirs.body.bias.grad = None
        norm = nn.utils.clip_grad_norm_([p for p in theirs.parameters() if p.grad is not None], 0.5)
        optimiser.set_rate(1 - step / 20)
        for group, whole in zip(reference.param_groups, parameter_groups(theirs, recipe), strict=True):
            group["lr"] = whole["lr"] * (1 - step / 20)
        reference.step()
        reference.zero_grad()
        assert optimiser.step().item() == pytest.approx(norm.item(), rel=1e-5)
        for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
            torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-6)
    assert all(p.grad is None for p in ours.parameters())


def test_clipping_nothing():
    assert clip([], 1.0) == 0
    gradients = [torch.tensor([0.3, 0.4])]
    assert clip(gradients, 1.0).item() == pytest.approx(0.5)
    assert gradients[0].tolist() == pytest.approx([0.3, 0.4])


@settings(deadline=None)
@given(st.integers(1, 60), st.integers(1, 20), st.integers(1, 4), st.one_of(st.none(), st.integers(16, 90)))
def test_ranks_and_passes_share_a_batch_out(rows, size, ranks, limit):
    class Inputs:
        lengths = [(i * 7) % 30 + 1 for i in range(rows)]

        def collate(self, indices):
            return {"i": torch.from_numpy(indices)}

    training = TrainingSet(Inputs(), torch.arange(rows))
    feeds = [Feed(training, size, 3, rank=rank, ranks=ranks) for rank in range(ranks)]
    for batch in feeds[0].plan(0):
        passes = [p for feed in feeds for p in feed.passes(batch, limit)]
        assert sorted(i for p in passes for i in p.inputs["i"].tolist()) == sorted(batch.tolist())
        assert all(torch.equal(p.inputs["i"], p.targets) for p in passes)
        assert sum(p.share for p in passes) == pytest.approx(1)
        if limit:
            assert all(len(p.examples) == 1 or feeds[0].units(p.examples) <= limit for p in passes)


class Slow:
    """Inputs that take long to collate."""

    def __init__(self, stand, seconds: float = 0.005) -> None:
        self.inner = stand.inputs("sequences")
        self.lengths, self.targets = self.inner.lengths, self.inner.targets
        self.seconds = seconds
        self.threads: list[str] = []

    def collate(self, indices):
        time.sleep(self.seconds)
        self.threads.append(threading.current_thread().name)
        return self.inner.collate(indices)


def test_slow_collation_moves_to_a_thread_and_changes_nothing(tmp_path, stand):
    slow = Slow(stand)
    loop, network = stand.loop(tmp_path, "sequences", inputs=slow)
    history = loop.run().history
    assert sum(name.startswith("collate") for name in slow.threads) == 4 * 13 - 8
    plain, expected = stand.loop(tmp_path / "plain", "sequences")
    assert plain.run().history == history
    assert stand.equal(stand.weights(network), stand.weights(expected))
    assert not [t for t in threading.enumerate() if t.name.startswith("collate")]


def test_quick_collation_stays_where_it_is(tmp_path, stand, monkeypatch):
    monkeypatch.setattr(feed_module, "time", SimpleNamespace(perf_counter=lambda: 0.0))
    monkeypatch.setattr(feed_module, "_ahead", lambda *_: pytest.fail("a thread was started"))
    stand.loop(tmp_path)[0].run()


def test_an_error_in_the_thread_is_the_loops_error(tmp_path, stand):
    class Breaks(Slow):
        def collate(self, indices):
            if len(self.threads) == 11:
                raise ValueError("a damaged picture")
            return super().collate(indices)

    with pytest.raises(ValueError, match="a damaged picture"):
        stand.loop(tmp_path, "sequences", inputs=Breaks(stand))[0].run()
    assert not [t for t in threading.enumerate() if t.name.startswith("collate")]


def test_level_epochs_go_to_the_later_one_but_not_downhill():
    state = LoopState()
    kept = []
    for score in (0.5, 0.8, 0.79, 0.78, 0.77, 0.6, 0.9, 0.5):
        if takes_the_lead(state, score, 0.02):
            kept.append(state.epoch + 1)
        state.history.append({"score": score})
        state.epoch += 1
    assert kept == [1, 2, 3, 4, 7]
    assert (state.best_epoch, state.peak_epoch, state.peak_score) == (7, 7, 0.9)
    assert not out_of_patience(state, 2)
    assert out_of_patience(state, 1)
    assert tie_of(100) == 0.025


def test_scores_that_are_no_numbers_never_lead():
    state = LoopState()
    assert takes_the_lead(state, 0.5, 0.1)
    assert not takes_the_lead(state, math.nan, 0.1)
    assert state.peak_score == 0.5


def test_a_score_that_is_no_number_at_first_does_not_stand_in_the_way(tmp_path, stand):
    scores = iter([math.nan, 0.5, 0.9, 0.1])
    result = stand.loop(tmp_path, score=lambda _: next(scores), patience=2)[0].run()
    assert result.best_epoch == 3


def test_where_no_epoch_can_be_judged_the_last_one_is_kept(tmp_path, stand):
    result = stand.loop(tmp_path / "judged", score=lambda _: math.nan, patience=1)[0].run()
    assert (result.best_epoch, len(result.history)) == (4, 4)


def test_the_meter_speaks_seldom(notes, monkeypatch):
    now = 1.0
    monkeypatch.setattr("platform_core.finetune.loop.meter.time.perf_counter", lambda: now)
    told = []
    meter = Meter(notes, lambda step, values: told.append((step, values["loss"])))
    meter.begin("epoch 1/1", 1000, 400, to_come=600)
    for step in range(600):
        now += 1 / 1024  # a binary fraction: sums of it are exact
        meter.step(1, 0)
        meter.losses([float(step)])
        meter.tell(400 + step, 1.0, 0.1, now=now)
    meter.tell(1000, 1.0, 0.1)
    assert notes.units == 1000
    assert 10 <= len(notes.numbers) <= 13
    assert notes.numbers[0]["examples_per_second"] == pytest.approx(1024)
    assert notes.numbers[0]["seconds_left"] == pytest.approx(0.53, rel=0.01)
    assert [step for step, _ in told] == [911, 1000]
    assert told[0][1] == pytest.approx(np.mean(range(512)))
