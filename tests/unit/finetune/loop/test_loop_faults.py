"""Injected faults: memory runs out, a loss is no number, the disk is full."""

from __future__ import annotations

import gc

import numpy as np
import pytest
import torch
from torch import nn

from platform_core.finetune.loop.checkpoint import STATE_FILE
from platform_core.finetune.loop.feed import Feed, TrainingSet
from platform_core.finetune.loop.group import Group
from platform_core.finetune.loop.guards import is_out_of_memory
from platform_core.finetune.loop.memory import Memory
from platform_core.finetune.loop.optimisation import Optimiser
from platform_core.finetune.loop.state import LoopState
from platform_core.finetune.loop.steps import Stepper
from platform_core.sdk import Interrupted, StorageFull, TrainingFailed


class Faulty(nn.Module):
    """A network whose forward pass meets faults in training: ``fault(call, outputs)`` returns the outputs to use."""

    def __init__(self, network, fault):
        super().__init__()
        self.network = network
        self.head = network.head
        self._fault = fault
        self.calls = 0
        self.sizes: list[int] = []

    def forward(self, batch):
        outputs = self.network(batch)
        if self.training:
            self.calls += 1
            self.sizes.append(next(iter(batch.values())).numel())
            return self._fault(self, outputs)
        return outputs

    def loss(self, outputs, targets):
        return self.network.loss(outputs, targets)


class HoldsAtMost:
    """Memory for so many padded units."""

    def __init__(self, units: int, error: Exception, *, after: int = 0) -> None:
        self.units = units
        self.error = error
        self.after = after

    def __call__(self, network, outputs):
        if network.calls > self.after and network.sizes[-1] > self.units:
            network.sizes.pop()
            raise self.error
        return outputs


@pytest.fixture(autouse=True)
def _quick_collection(monkeypatch):
    """Collecting the garbage of a whole test session takes long."""
    monkeypatch.setattr(gc, "collect", lambda: 0)


def losses(result):
    return [entry["loss"] for entry in result.history]


CUDA = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
CPU = RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 99 bytes.")


@pytest.mark.parametrize("error", [CUDA, CPU, MemoryError()], ids=["cuda", "cpu", "python"])
def test_out_of_memory_halves_the_pass_and_loses_no_step(tmp_path, stand, notes, error):
    network = Faulty(stand.network("sequences", dropout=0.0), HoldsAtMost(60, error, after=5))
    result = stand.loop(tmp_path, "sequences", network=network, progress=notes)[0].run()
    whole, expected = stand.loop(tmp_path / "whole", "sequences", network=stand.network("sequences", dropout=0.0))
    assert losses(whole.run()) == pytest.approx(losses(result), rel=1e-4)
    for found, wanted in zip(stand.weights(network.network), stand.weights(expected), strict=True):
        torch.testing.assert_close(found, wanted, rtol=1e-3, atol=1e-4)
    assert max(network.sizes[5:]) <= 60
    assert notes.units == 4 * 13
    assert 1 <= len(notes.notes) <= 4
    assert "out of memory with 8 examples" in notes.notes[0]


def test_passes_that_were_collated_ahead_do_not_raise_the_limit(stand, notes):
    inputs = stand.inputs("vectors")
    network = Faulty(stand.network("vectors"), HoldsAtMost(6, CUDA)).train()
    recipe = stand.recipe
    feed = Feed(TrainingSet(inputs, inputs.targets), 8, 0)
    stepper = Stepper(
        network, Optimiser(network, recipe, None), None, device=torch.device("cpu"), precision="fp32", group=Group()
    )
    memory, state = Memory(stepper, feed, recipe, notes), LoopState()
    ahead = [(batch, feed.passes(batch, None)) for batch in feed.plan(0)[:3]]
    for batch, passes in ahead:
        memory.gradients(state, batch, passes)
        assert state.pass_limit == 1
    assert [note.partition(":")[0] for note in notes.notes] == [
        f"out of memory with {n} examples at once" for n in (8, 4, 2, 8, 8)
    ]


def test_the_limit_that_was_found_is_kept(tmp_path, stand, notes):
    network = Faulty(stand.network("sequences"), HoldsAtMost(60, CUDA))
    with pytest.raises(Interrupted):
        stand.loop(tmp_path, "sequences", network=network, stop=stand.stop_after(40))[0].run()
    stand.loop(tmp_path, "sequences", network=network, progress=notes)[0].run()
    assert notes.notes == []


def test_one_example_that_does_not_fit_ends_clearly(tmp_path, stand):
    network = Faulty(stand.network("sequences"), HoldsAtMost(20, CUDA))
    with pytest.raises(TrainingFailed, match="does not hold one example") as caught:
        stand.loop(tmp_path, "sequences", network=network)[0].run()
    assert "max_tokens" in caught.value.hint
    assert caught.value.where.startswith("epoch 1, batch ")


def test_another_error_is_not_taken_for_memory(tmp_path, stand):
    network = Faulty(stand.network("vectors"), HoldsAtMost(0, RuntimeError("shapes do not match")))
    with pytest.raises(RuntimeError, match="shapes do not match"):
        stand.loop(tmp_path, network=network)[0].run()
    assert not is_out_of_memory(KeyboardInterrupt())


def test_out_of_memory_in_validation(tmp_path, stand, notes):
    class Small(Faulty):
        def forward(self, batch):
            if not self.training and len(batch["x"]) > 20:
                raise CUDA
            return self.network(batch)

    loop, _ = stand.loop(tmp_path, network=Small(stand.network("vectors"), None), progress=notes)
    plain, _ = stand.loop(tmp_path / "plain")
    found = [entry["score"] for entry in loop.run().history]
    assert found == [entry["score"] for entry in plain.run().history]
    assert len(notes.notes) == 2  # 64, 32, 16


def test_parts_of_a_batch_are_worth_the_whole(tmp_path, stand):
    runs = {}
    for tokens in (None, 16, 100):
        network = stand.network("sequences", dropout=0.0)
        loop, _ = stand.loop(tmp_path / str(tokens), "sequences", network=network, batch_tokens=tokens)
        runs[tokens] = losses(loop.run()), stand.weights(network)
    for tokens in (16, 100):
        assert runs[tokens][0] == pytest.approx(runs[None][0], rel=1e-4)
        for found, wanted in zip(runs[tokens][1], runs[None][1], strict=True):
            torch.testing.assert_close(found, wanted, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_a_loss_that_is_no_number_once_goes_back_with_half_the_rate(tmp_path, stand, notes, precision):
    rates = []
    network = Faulty(stand.network("vectors"), lambda net, outputs: outputs * (np.nan if net.calls == 30 else 1))
    loop, _ = stand.loop(
        tmp_path,
        network=network,
        progress=notes,
        precision=precision,
        on_step=lambda step, values: rates.append((step, values["rate"])),
    )
    result = loop.run()
    assert len(result.history) == 4
    assert result.history[-1]["score"] > 0.9
    assert notes.notes == [
        "the loss became nan at epoch 3, batch 4: back to epoch 1, batch 1 with 0.5 of the recipe's rates "
        "(1 of 3 times)"
    ]
    by_step = [rate for step, rate in rates if step == 13]
    assert by_step[1] == by_step[0] / 2
    assert all(torch.isfinite(w).all() for w in stand.weights(network))


def test_a_gradient_that_is_no_number_goes_back_too(tmp_path, stand, notes):
    class Spike(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.clone()

        @staticmethod
        def backward(ctx, gradient):
            return gradient * float("inf")

    network = Faulty(stand.network("vectors"), lambda net, out: Spike.apply(out) if net.calls == 20 else out)
    stand.loop(tmp_path, network=network, progress=notes)[0].run()
    assert "the norm of the gradients became" in notes.notes[0]


def test_after_three_returns_it_gives_up_even_across_a_restart(tmp_path, stand, notes):
    inputs = stand.inputs("vectors")
    inputs.values[17] = np.nan
    with pytest.raises(TrainingFailed, match="the loss became nan, also after 3 returns") as caught:
        stand.loop(tmp_path, inputs=inputs, progress=notes)[0].run()
    assert caught.value.where.startswith("epoch 1, batch ")
    assert "learning_rate" in caught.value.hint
    assert len(notes.notes) == 3
    assert "0.125 of the recipe's rates (3 of 3 times)" in notes.notes[2]
    with pytest.raises(TrainingFailed, match="also after 3 returns"):
        stand.loop(tmp_path, inputs=inputs)[0].run()


def test_a_full_disk_keeps_the_previous_checkpoint(tmp_path, stand, monkeypatch):
    with pytest.raises(Interrupted):
        stand.loop(tmp_path, stop=stand.stop_after(20))[0].run()
    before = (tmp_path / STATE_FILE).read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("platform_core.finetune.loop.checkpoint.save_file", full)
    with pytest.raises(StorageFull, match="No space left"):
        stand.loop(tmp_path)[0].run()
    assert (tmp_path / STATE_FILE).read_bytes() == before
    assert not list(tmp_path.glob("*.part"))
    with pytest.raises(StorageFull):  # a new run does not wait an epoch to say so
        stand.loop(tmp_path / "new", on_epoch=lambda _: pytest.fail("trained"))[0].run()
