import random

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoConfig, AutoModel

from platform_core.modeling.packing import PACKABLE, Pack, PackedEncoder
from platform_core.modeling.text_encoder import encode

SIZES = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "embedding_size": 32,
    "dim": 32,
    "hidden_dim": 64,
    "n_layers": 2,
    "n_heads": 4,
    "vocab_size": 300,
    "max_position_embeddings": 64,
}
CPU = torch.device("cpu")


def network(architecture):
    torch.manual_seed(0)
    config = AutoConfig.for_model(architecture)
    for name, value in SIZES.items():
        if hasattr(config, name):
            setattr(config, name, value)
    module = AutoModel.from_config(config).eval()
    module.pooler = None
    return module


def texts_of(count, seed=0):
    drawn = random.Random(seed)
    return [[drawn.randrange(10, 300) for _ in range(drawn.randint(1, 40))] for _ in range(count)]


def padded(texts, padding):
    ids = torch.full((len(texts), max(map(len, texts))), padding)
    mask = torch.zeros_like(ids)
    for row, text in enumerate(texts):
        ids[row, : len(text)] = torch.tensor(text)
        mask[row, : len(text)] = 1
    return {"input_ids": ids, "attention_mask": mask}


@pytest.mark.parametrize("architecture", sorted(PACKABLE))
@torch.inference_mode()
def test_packs_give_what_padded_batches_give(architecture):
    module, texts = network(architecture), texts_of(9)
    expected = encode(module, padded(texts, module.config.pad_token_id or 0), tokens=True)
    pack = Pack.of(texts, CPU)
    hidden = PackedEncoder(module)(pack)
    states, mask = pack.padded(hidden)
    assert torch.equal(mask, expected["mask"])
    torch.testing.assert_close(pack.mean(hidden), expected["text"], atol=2e-6, rtol=1e-5)
    torch.testing.assert_close(states * mask[..., None], expected["tokens"] * mask[..., None], atol=5e-6, rtol=1e-5)


@pytest.fixture(scope="module")
def bert():
    return PackedEncoder(network("bert"))


@settings(max_examples=30, deadline=None)
@given(numbers=st.lists(st.integers(0, 19), min_size=1, max_size=12))
@torch.inference_mode()
def test_a_text_does_not_see_its_neighbours(bert, numbers):
    texts = texts_of(20)

    def features(chosen):
        pack = Pack.of([texts[i] for i in chosen], CPU)
        return pack.mean(bert(pack))

    alone = torch.cat([features([i]) for i in numbers])
    torch.testing.assert_close(features(numbers), alone, atol=2e-6, rtol=1e-5)


def test_texts_of_one_length_are_one_segment():
    pack = Pack.of([[1, 2, 3], [4], [5, 6, 7]], CPU)
    assert [(s.start, s.texts, s.tokens) for s in pack.segments] == [(0, 1, 1), (1, 2, 3)]
    assert pack.ids.tolist() == [[4, 1, 2, 3, 5, 6, 7]]
    assert pack.positions.tolist() == [[0, 0, 1, 2, 0, 1, 2]]
