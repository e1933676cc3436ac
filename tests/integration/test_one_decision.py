"""A decision means the same in a head's answers and in an evaluation's numbers."""

from collections.abc import Sequence

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from platform_core.evaluation.decisions import decide
from platform_core.sdk import Decision
from platform_core.sdk.heads import ClassificationHead, Head, HeadSpec, MultiLabelHead, OrdinalHead

LABELS = ("a", "b", "c")
shares = st.floats(0.01, 0.99)


def head_of(kind: type[Head], labels: Sequence[str]) -> Head:
    return kind(HeadSpec(feature_widths={"pooled": 2}, labels=tuple(labels)))


def scores_of(raw: list[list[float]], *, sums_to_one: bool) -> np.ndarray:
    scores = np.array(raw, np.float64)
    return scores / scores.sum(1, keepdims=True) if sums_to_one else scores


rows = st.lists(st.lists(shares, min_size=3, max_size=3), min_size=1, max_size=8)


@given(
    rows, st.dictionaries(st.sampled_from(LABELS), shares), st.floats(0, 1), st.lists(shares, min_size=3, max_size=3)
)
def test_one_of_several(raw: list[list[float]], limits: dict[str, float], rarity: float, common: list[float]) -> None:
    scores = scores_of(raw, sums_to_one=True)
    decision = Decision(thresholds=limits, rarity=rarity, shares=dict(zip(LABELS, common, strict=True)))
    said = head_of(ClassificationHead, LABELS).decode(torch.from_numpy(scores), decision)
    assert [LABELS.index(answer["label"]) for answer in said] == decide("multiclass", LABELS, scores, decision).tolist()


@given(rows, st.floats(0, 1), st.lists(shares, min_size=3, max_size=3))
def test_weights_change_labels_alone(raw: list[list[float]], rarity: float, common: list[float]) -> None:
    scores = scores_of(raw, sums_to_one=True)
    head = ClassificationHead(HeadSpec(feature_widths={"pooled": 2}, labels=LABELS, top=2))
    decision = Decision(rarity=rarity, shares=dict(zip(LABELS, common, strict=True)), abstain_below=0.5)
    said, plain = (head.decode(torch.from_numpy(scores), d) for d in (decision, Decision(abstain_below=0.5)))
    for answer, usual in zip(said, plain, strict=True):
        assert (answer["scores"], answer["top"]) == (usual["scores"], usual["top"])
        # A person is asked by the probability of the label that is given, which is never above the greatest.
        assert answer.get("abstained", False) == (answer["scores"][answer["label"]] < 0.5)


@given(rows, st.lists(shares, min_size=3, max_size=3))
def test_without_rarity_the_most_probable_class_is_given(raw: list[list[float]], common: list[float]) -> None:
    scores = scores_of(raw, sums_to_one=True)
    decision = Decision(shares=dict(zip(LABELS, common, strict=True)))
    assert decide("multiclass", LABELS, scores, decision).tolist() == scores.argmax(-1).tolist()


@given(rows, shares)
def test_one_of_two(raw: list[list[float]], limit: float) -> None:
    scores = scores_of([row[:2] for row in raw], sums_to_one=True)
    decision = Decision(thresholds={"b": limit})
    said = head_of(ClassificationHead, LABELS[:2]).decode(torch.from_numpy(scores), decision)
    assert [LABELS.index(answer["label"]) for answer in said] == decide("binary", LABELS[:2], scores, decision).tolist()


@given(rows, st.dictionaries(st.sampled_from(LABELS[:2]), shares))
def test_levels(raw: list[list[float]], limits: dict[str, float]) -> None:
    scores, decision = scores_of(raw, sums_to_one=True), Decision(thresholds=limits)
    said = head_of(OrdinalHead, LABELS).decode(torch.from_numpy(scores), decision)
    assert [LABELS.index(answer["label"]) for answer in said] == decide("ordinal", LABELS, scores, decision).tolist()


@given(rows, st.dictionaries(st.sampled_from(LABELS), shares))
def test_sets(raw: list[list[float]], limits: dict[str, float]) -> None:
    scores, decision = scores_of(raw, sums_to_one=False), Decision(thresholds=limits)
    said = head_of(MultiLabelHead, LABELS).decode(torch.from_numpy(scores), decision)
    found = [[label in answer["labels"] for label in LABELS] for answer in said]
    assert found == decide("multilabel", LABELS, scores, decision).astype(bool).tolist()
