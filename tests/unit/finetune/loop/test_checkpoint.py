from __future__ import annotations

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from platform_core.finetune.loop.averaging import WeightAverage
from platform_core.finetune.loop.checkpoint import STATE_FILE, Checkpoints
from platform_core.finetune.loop.optimisation import Optimiser
from platform_core.finetune.loop.state import LoopState, Trainee, changing_buffers, trainable
from platform_core.sdk import Interrupted


def trainee(stand, *, average: bool = True, scaler: bool = True, seed: int = 0) -> Trainee:
    network = stand.network("vectors", norm=True)
    network.body.requires_grad_(False)
    optimiser = Optimiser(network, stand.recipe, torch.amp.GradScaler("cpu") if scaler else None)
    averaged = WeightAverage(list(trainable(network).values()), 0.9) if average else None
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        moments = [value for state in optimiser.adamw.state.values() for value in state.values()]
        averages = averaged.values if averaged else []
        for value in [*trainable(network).values(), *moments, *averages]:
            value.copy_(torch.rand(value.shape, generator=generator))
        network.head[0].running_mean.copy_(torch.rand(8, generator=generator))
    return Trainee(network, optimiser.adamw, averaged, optimiser.scaler)


def contents(one: Trainee) -> list[torch.Tensor]:
    moments = [value for state in one.optimizer.state.values() for value in state.values()]
    return [v.clone() for v in [*one.network.state_dict().values(), *moments, *one.average.values]]


def test_everything_comes_back(tmp_path, stand):
    saved, other = trainee(stand, seed=1), trainee(stand, seed=2)
    saved.scaler.load_state_dict(saved.scaler.state_dict() | {"scale": 128.0, "_growth_tracker": 7})
    state = LoopState(epoch=2, batch=5, loss_sum=0.1 + 0.2, history=[{"epoch": 1.0, "loss": 0.5}], pass_limit=9)
    state.rate_factor, state.rollbacks, state.peak_epoch, state.peak_score = 0.25, 2, 1, 1 / 3
    Checkpoints(tmp_path).save(state, saved)
    numbers = torch.rand(3)
    assert Checkpoints(tmp_path).load(other) == state
    assert stand.equal(contents(saved), contents(other))
    assert other.scaler.state_dict() == saved.scaler.state_dict()
    assert torch.equal(torch.rand(3), numbers)
    assert [f.name for f in tmp_path.iterdir()] == [STATE_FILE]


def test_only_what_is_trained_is_kept(tmp_path, stand):
    subject = trainee(stand)
    Checkpoints(tmp_path).save(LoopState(), subject)
    names = set(load_file(tmp_path / STATE_FILE))
    assert not any("body" in name for name in names)
    assert {"buffer/head.0.running_mean", "average/head.2.weight", "exp_avg/head.2.bias", "step/head.2.bias"} <= names
    assert set(changing_buffers(stand.network("vectors"))) == set()


@pytest.mark.parametrize("lacks", ["average", "scaler"])
def test_a_checkpoint_of_other_settings_is_none(tmp_path, stand, lacks):
    Checkpoints(tmp_path).save(LoopState(epoch=3), trainee(stand, **{lacks: False}))
    assert Checkpoints(tmp_path).load(trainee(stand)) is None


@pytest.mark.parametrize("what", ["damaged", "best weights gone", "another layout"])
def test_a_checkpoint_that_is_not_whole_means_from_the_start(tmp_path, stand, what):
    expected = stand.loop(tmp_path / "straight")[0].run().history
    folder = tmp_path / "stopped"
    with pytest.raises(Interrupted):
        stand.loop(folder, stop=stand.stop_after(20))[0].run()
    if what == "damaged":
        (folder / STATE_FILE).write_bytes(b"\x00" * 100)
    elif what == "best weights gone":
        next(folder.glob("best-*")).unlink()
    else:
        state = load_file(folder / STATE_FILE)
        with safe_open(folder / STATE_FILE, "pt") as opened:
            header = opened.metadata()
        save_file({f"old.{name}": t for name, t in state.items()}, folder / STATE_FILE, header)
    assert stand.loop(folder)[0].run().history == expected


def test_weights_that_a_standing_checkpoint_names_are_not_removed(tmp_path, stand):
    scores = iter([0.5, 0.6, 0.7, 0.8])
    seen = []
    loop, _ = stand.loop(
        tmp_path, score=lambda _: next(scores), on_epoch=lambda _: seen.append(sorted(tmp_path.glob("best-*")))
    )
    loop.run()
    with safe_open(tmp_path / STATE_FILE, "pt") as opened:
        assert "best-4.safetensors" in opened.metadata()["loop"]
    # The checkpoint of the start names none; only the latest best is kept while no other checkpoint is due.
    assert [[file.name for file in files] for files in seen] == [[f"best-{n}.safetensors"] for n in (1, 2, 3, 4)]
