"""Encoders that many models share: what a text is answered does not depend on who shares its pass."""

from __future__ import annotations

import threading

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import write_encoder

from platform_core.modeling.delta import LoraDelta
from platform_core.modeling.encoder_files import locate_encoder
from platform_core.modeling.hardware import choose_precision
from platform_core.modeling.rows import Row
from platform_core.modeling.runtime import EncoderRuntime
from platform_core.modeling.text_encoder import TextEncoder

WORDS = [
    *("the", "pump", "was", "slow", "and", "hot", "while", "valve"),
    *("seven", "leaked", "oil", "on", "a", "cold", "morning", "shift"),
]
CPU = torch.device("cpu")


def random_delta(encoder, rank, seed):
    torch.manual_seed(seed)
    layers = {name: encoder.module.get_submodule(name) for name in encoder.layers_for(["query", "value", "output"])}
    return LoraDelta(
        {
            name: (0.2 * torch.randn(rank, layer.in_features), 0.2 * torch.randn(layer.out_features, rank))
            for name, layer in layers.items()
        }
    )


class Shared:
    """A runtime with five models: one of the encoder as it came, and four deltas of several ranks."""

    def __init__(self, folder, precision) -> None:
        encoder = TextEncoder(locate_encoder(str(folder)))
        deltas = [random_delta(encoder, rank, rank) for rank in (1, 3, 8, 5)]
        self.runtime = EncoderRuntime(encoder, CPU, precision)
        self.deltas = [self.runtime.attach(delta) for delta in (None, *deltas)]

    def features(self, asked):
        texts = [" ".join((WORDS * 3)[: length + 1]) for length, _ in asked]
        rows = [Row(ids) for ids in self.runtime.tokenize(texts, 64)]
        return self.runtime.features(rows, [self.deltas[model] for _, model in asked])["text"]


@pytest.fixture(scope="module", params=["fp32", "bf16"])
def shared(request, tmp_path_factory):
    if request.param != "fp32" and choose_precision("auto", CPU) != request.param:
        pytest.skip("this processor has no such instructions")
    return request.param, Shared(write_encoder(tmp_path_factory.mktemp("encoder")), request.param)


@settings(max_examples=40, deadline=None)
@given(asked=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 4)), min_size=1, max_size=12))
def test_a_text_is_answered_as_if_it_were_alone(shared, asked):
    precision, runtime = shared
    alone = torch.cat([runtime.features([one]) for one in asked])
    together = runtime.features(asked)
    if precision == "bf16":
        assert torch.equal(together, alone), "products in bf16 do not depend on the number of rows"
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=1e-5)


def test_models_differ(shared):
    _, runtime = shared
    found = runtime.features([(7, model) for model in range(5)])
    assert torch.pdist(found).min() > 1e-3


def test_passes_run_side_by_side(shared):
    _, runtime = shared
    asked = [[(length, model) for length in range(3, 20, model + 1)] for model in range(5)]
    expected = [runtime.features(some) for some in asked]
    found = {}

    def ask(model):
        for _ in range(10):
            found[model] = runtime.features(asked[model])
            torch.testing.assert_close(found[model], expected[model], atol=1e-5, rtol=1e-5)

    threads = [threading.Thread(target=ask, args=(model,)) for model in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 5
    for model in range(5):
        torch.testing.assert_close(found[model], expected[model], atol=1e-5, rtol=1e-5)
