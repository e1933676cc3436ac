from __future__ import annotations

import math
from types import SimpleNamespace

import pytest
import torch
from worlds import write_encoder
from worlds.work import World

from platform_core.finetune.precision import Change, fastest_model
from platform_core.modeling.pool import EncoderPool
from platform_core.sdk import Silent


@pytest.mark.parametrize(
    ("change", "harmless"),
    [
        (Change(1000, 0.996, 0.01, 0.0), True),
        (Change(1000, 0.994, 0.01, 0.0), False),
        (Change(60, 59 / 60, 0.01, 0.0), True),
        (Change(60, 58 / 60, 0.01, 0.0), False),
        (Change(1000, 1.0, 0.03, 0.0), False),
        (Change(1000, 1.0, 0.001, 0.02), False),
        (Change(1000, 1.0, 0.001, -0.02), True),
        (Change(1000, 1.0, 0.001, math.nan), True),
        (Change(1000, None, 0.01, 0.0), True),
        (Change(1000, None, math.nan, 0.0), False),
    ],
)
def test_little_may_change(change, harmless):
    assert change.is_harmless is harmless


@pytest.fixture(scope="module")
def learned(tmp_path_factory):
    folder = tmp_path_factory.mktemp("world")
    world = World(folder, write_encoder(folder / "encoder"))
    material = world.material("text", "binary", "head", rows=400, epochs=2)
    return material, world.learn(material, "m").artifact


class Halves(EncoderPool):
    """A machine with bf16, whose products are spoilt as far as the test says."""

    def __init__(self, spoilt: float = 0.0, **options) -> None:
        super().__init__(device="cpu", **options)
        self.spoilt = spoilt

    def half(self):
        return None if self._exact else "bf16"

    def load(self, artifact, solution=None, *, precision=None):
        model = super().load(artifact, solution, precision=precision)
        if precision == "bf16":
            model.runtime = SimpleNamespace(features=self._noisy(model.runtime), tokenize=model.runtime.tokenize)
            model.runtime.device = self.device
        return model

    def _noisy(self, runtime):
        noise = torch.Generator().manual_seed(0)

        def features(rows, deltas, *, tokens=False):
            found = runtime.features(rows, deltas, tokens=tokens)
            found["text"] = found["text"] + self.spoilt * torch.randn(found["text"].shape, generator=noise)
            return found

        return features


@pytest.mark.parametrize(
    ("options", "precision"), [({}, "bf16"), ({"spoilt": 50.0}, "fp32"), ({"exact": True}, "fp32")]
)
def test_the_record_says_in_which_precision_a_model_is_asked(learned, options, precision):
    material, artifact = learned
    model = fastest_model(Halves(**options), artifact, material, material.training, Silent())
    assert model.spec.precision == precision


def test_of_few_examples_nothing_is_told(learned):
    material, artifact = learned
    assert fastest_model(Halves(), artifact, material, material.training[:20], Silent()).spec.precision == "fp32"


def test_a_version_is_asked_as_its_record_says_where_the_machine_can(learned):
    _, artifact = learned
    object.__setattr__(artifact, "spec", artifact.spec.model_copy(update={"precision": "bf16"}))
    runtimes = [pool.load(artifact).runtime for pool in (Halves(), Halves(exact=True))]
    assert [runtime._precision for runtime in runtimes] == ["bf16", "fp32"]
