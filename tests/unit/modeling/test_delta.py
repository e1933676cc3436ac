from __future__ import annotations

import copy

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from platform_core.modeling.delta import LoraDelta, extract_delta, inject_trainable_delta
from platform_core.modeling.gathering import Asked, Gathered, ResidentDelta, gather_linears
from platform_core.modeling.pool import EncoderPool
from platform_core.modeling.text_encoder import encode

CPU = torch.device("cpu")
TARGETS = ("query", "value", "attention_output", "output")
TEXTS = ["profit rose", "the loss narrowed to EUR 1.2 mn from EUR 3 mn a year ago", "no change is expected", "x"]


@pytest.fixture(scope="module")
def encoder():
    return EncoderPool(device="cpu").fresh("minilm")


def gathered(batch, deltas):
    return Gathered.of_texts(deltas, [batch["input_ids"].shape[1]] * len(deltas), CPU)


def random_delta(encoder, rank: int, seed: int, targets=TARGETS) -> LoraDelta:
    generator = torch.Generator().manual_seed(seed)
    pairs = {}
    for name in encoder.layers_for(targets):
        layer = encoder.module.get_submodule(name)
        pairs[name] = (
            torch.randn(rank, layer.in_features, generator=generator) * 0.05,
            torch.randn(layer.out_features, rank, generator=generator) * 0.05,
        )
    return LoraDelta(pairs)


def test_targets_name_each_kind_of_layer_once_per_block(encoder):
    assert len(encoder.layers_for(("output",))) == 6
    assert len(encoder.layers_for(("query", "key", "value", "attention_output", "intermediate", "output"))) == 36


@torch.inference_mode()
def test_a_delta_that_peft_trained_computes_the_same_when_it_is_gathered(encoder):
    batch = encoder.collate(encoder.tokenize(TEXTS, 64))
    trained = copy.deepcopy(encoder.module)
    inject_trainable_delta(trained, encoder.layers_for(TARGETS), rank=4, alpha=8)
    torch.manual_seed(0)
    for name, parameter in trained.named_parameters():
        if "lora_B" in name:
            parameter.data.normal_(0, 0.05)
    expected = encode(trained.eval(), batch)["text"]

    module, asked = copy.deepcopy(encoder.module), Asked()
    plain = encode(module, batch)["text"]
    gather_linears(module, asked)
    delta = ResidentDelta.of(extract_delta(trained), CPU, torch.float32)
    with asked.set(gathered(batch, [delta] * len(TEXTS))):
        torch.testing.assert_close(encode(module, batch)["text"], expected, atol=1e-5, rtol=1e-5)
    assert not torch.allclose(plain, expected, atol=1e-3)
    with asked.set(gathered(batch, [None] * len(TEXTS))):
        torch.testing.assert_close(encode(module, batch)["text"], plain, atol=1e-6, rtol=1e-6)


@settings(max_examples=15, deadline=None)
@given(data=st.data())
@torch.inference_mode()
def test_any_mix_of_deltas_in_a_batch_equals_each_alone(encoder, data):
    kinds = st.tuples(st.integers(1, 8), st.sampled_from([TARGETS, ("query", "value"), ("intermediate",)]))
    module, asked = copy.deepcopy(encoder.module), Asked()
    gather_linears(module, asked)
    deltas = [None]
    for seed, (rank, targets) in enumerate(data.draw(st.lists(kinds, min_size=1, max_size=4))):
        deltas.append(ResidentDelta.of(random_delta(encoder, rank, seed, targets), CPU, torch.float32))
    rows = data.draw(st.lists(st.tuples(st.sampled_from(TEXTS), st.sampled_from(deltas)), min_size=1, max_size=8))

    def features(mix):
        batch = encoder.collate(encoder.tokenize([text for text, _ in mix], 64))
        with asked.set(gathered(batch, [delta for _, delta in mix])):
            return encode(module, batch)["text"]

    together = features(rows)
    alone = torch.cat([features([row]) for row in rows])
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=1e-4)


def test_a_resident_delta_takes_its_own_bytes(encoder):
    delta = random_delta(encoder, 8, 1)
    numbers = sum(tensor.numel() for tensor in delta.tensors().values())
    assert ResidentDelta.of(delta, CPU, torch.float32).nbytes == 4 * numbers
    assert ResidentDelta.of(delta, CPU, torch.bfloat16).nbytes == 2 * numbers


def test_a_delta_survives_its_flat_form():
    delta = LoraDelta({"a.b": (torch.ones(2, 3), torch.zeros(4, 2)), "c": (torch.ones(1, 3), torch.ones(4, 1))})
    back = LoraDelta.from_tensors(delta.tensors())
    assert back.rank == 2
    assert set(back.pairs) == {"a.b", "c"}
    assert all(torch.equal(x, y) for k in delta.pairs for x, y in zip(delta.pairs[k], back.pairs[k], strict=True))
