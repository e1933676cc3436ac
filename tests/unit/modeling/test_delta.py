from __future__ import annotations

import copy

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from platform_core.modeling.delta import DeltaBank, LoraDelta, Runs, extract_delta, inject_trainable_delta
from platform_core.modeling.pool import EncoderPool
from platform_core.modeling.text_encoder import encode

TARGETS = ("query", "value", "attention_output", "output")
TEXTS = ["profit rose", "the loss narrowed to EUR 1.2 mn from EUR 3 mn a year ago", "no change is expected", "x"]


@pytest.fixture(scope="module")
def encoder():
    return EncoderPool(device="cpu").fresh("minilm")


def random_delta(encoder, rank: int, seed: int) -> LoraDelta:
    generator = torch.Generator().manual_seed(seed)
    pairs = {}
    for name in encoder.layers_for(TARGETS):
        layer = encoder.module.get_submodule(name)
        layer = getattr(layer, "base", layer)
        pairs[name] = (
            torch.randn(rank, layer.in_features, generator=generator) * 0.05,
            torch.randn(layer.out_features, rank, generator=generator) * 0.05,
        )
    return LoraDelta(pairs)


def test_targets_name_each_kind_of_layer_once_per_block(encoder):
    assert len(encoder.layers_for(("output",))) == 6
    assert len(encoder.layers_for(("query", "key", "value", "attention_output", "intermediate", "output"))) == 36


def runs_of(batch, slots):
    rows, tokens = batch["input_ids"].shape
    return Runs.of(slots, [tokens] * rows, torch.device("cpu"))


@torch.inference_mode()
def test_a_delta_that_peft_trained_computes_the_same_in_the_bank(encoder):
    batch = encoder.collate(encoder.tokenize(TEXTS, 64))
    trained = copy.deepcopy(encoder.module)
    inject_trainable_delta(trained, encoder.layers_for(TARGETS), rank=4, alpha=8)
    torch.manual_seed(0)
    for name, parameter in trained.named_parameters():
        if "lora_B" in name:
            parameter.data.normal_(0, 0.05)
    expected = encode(trained.eval(), batch)["text"]

    module = copy.deepcopy(encoder.module)
    plain = encode(module, batch)["text"]
    bank = DeltaBank(module)
    slot = bank.add(extract_delta(trained))
    with bank.asked(runs_of(batch, [slot] * len(TEXTS))):
        torch.testing.assert_close(encode(module, batch)["text"], expected, atol=1e-5, rtol=1e-5)
    assert not torch.allclose(plain, expected, atol=1e-3)
    with bank.asked(runs_of(batch, [0] * len(TEXTS))):
        torch.testing.assert_close(encode(module, batch)["text"], plain, atol=1e-6, rtol=1e-6)


@settings(max_examples=15, deadline=None)
@given(data=st.data())
@torch.inference_mode()
def test_any_mix_of_deltas_in_a_batch_equals_each_alone(encoder, data):
    ranks = data.draw(st.lists(st.integers(1, 8), min_size=1, max_size=4))
    module = copy.deepcopy(encoder.module)
    bank = DeltaBank(module)
    slots = [0] + [bank.add(random_delta(encoder, rank, seed)) for seed, rank in enumerate(ranks)]
    rows = data.draw(st.lists(st.tuples(st.sampled_from(TEXTS), st.sampled_from(slots)), min_size=1, max_size=8))

    def features(mix):
        batch = encoder.collate(encoder.tokenize([text for text, _ in mix], 64))
        with bank.asked(runs_of(batch, [slot for _, slot in mix])):
            return encode(module, batch)["text"]

    together = features(rows)
    alone = torch.cat([features([row]) for row in rows])
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=1e-4)


def test_slots_are_reused_and_a_smaller_delta_leaves_no_trace_of_the_larger(encoder):
    module = copy.deepcopy(encoder.module)
    bank = DeltaBank(module)
    batch = encoder.collate(encoder.tokenize(TEXTS, 64))
    bank.remove(bank.add(random_delta(encoder, 8, 1)))
    slot = bank.add(random_delta(encoder, 2, 2))
    assert slot == 1
    fresh_module = copy.deepcopy(encoder.module)
    fresh = DeltaBank(fresh_module)
    with torch.inference_mode(), bank.asked(runs_of(batch, [slot] * len(TEXTS))):
        reused = encode(module, batch)["text"]
    alone = runs_of(batch, [fresh.add(random_delta(encoder, 2, 2))] * len(TEXTS))
    with torch.inference_mode(), fresh.asked(alone):
        torch.testing.assert_close(reused, encode(fresh_module, batch)["text"])


def test_a_delta_survives_its_flat_form():
    delta = LoraDelta({"a.b": (torch.ones(2, 3), torch.zeros(4, 2)), "c": (torch.ones(1, 3), torch.ones(4, 1))})
    back = LoraDelta.from_tensors(delta.tensors())
    assert back.rank == 2
    assert set(back.pairs) == {"a.b", "c"}
    assert all(torch.equal(x, y) for k in delta.pairs for x, y in zip(delta.pairs[k], back.pairs[k], strict=True))
