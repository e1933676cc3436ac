"""A loop that was stopped at any step ends with the very same weights as one that was not."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from platform_core.sdk import Interrupted

STEPS = sorted(np.random.default_rng(7).choice(4 * 13, 20, replace=False).tolist())


@pytest.fixture(scope="module")
def straight(tmp_path_factory):
    """Weights and history of loops that nobody stopped, by their settings."""
    known: dict[str, tuple] = {}

    def run(stand, kind, network, settings):
        key = repr((kind, settings))
        if key not in known:
            loop, trained = stand.loop(tmp_path_factory.mktemp("straight"), kind, network=network(), **settings)
            known[key] = loop.run().history, stand.weights(trained)
        return known[key]

    return run


@pytest.mark.parametrize("steps", STEPS)
@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("vectors", {}),
        ("sequences", {"averaging": 0.9, "batch_tokens": 40}),
    ],
    ids=["vectors", "sequences, averaged, in parts"],
)
def test_stopped_at_any_step(tmp_path, stand, straight, kind, settings, steps):
    check(tmp_path, stand, straight, kind, settings, [steps])


@pytest.mark.parametrize("settings", [{"precision": "fp16"}, {"precision": "bf16", "averaging": 0.5}], ids=str)
def test_with_a_loss_scaler_and_halves(tmp_path, stand, straight, settings):
    check(tmp_path, stand, straight, "sequences", settings, [17])


def test_stopped_at_every_seventh_step(tmp_path, stand, straight):
    check(tmp_path, stand, straight, "vectors", {"averaging": 0.9, "batch_tokens": 5}, [7] * 6)


def check(tmp_path, stand, straight, kind, settings, stops):
    def network():
        # A batch norm refuses passes of one example.
        return stand.network(kind, norm="batch_tokens" not in settings)

    history, weights = straight(stand, kind, network, settings)
    for steps in stops:
        torch.manual_seed(99)  # the state of whatever ran before must not matter
        with pytest.raises(Interrupted):
            stand.loop(tmp_path, kind, network=network(), stop=stand.stop_after(steps), **settings)[0].run()
    loop, found = stand.loop(tmp_path, kind, network=network(), **settings)
    assert loop.run().history == history
    assert stand.equal(stand.weights(found), weights)
