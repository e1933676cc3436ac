"""Metrics of the order of scores are those of scikit-learn, with ties and with weights."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn import metrics as reference

from platform_core.evaluation import evaluate, score
from platform_core.evaluation.metrics.ranking import (
    Ranking,
    auroc,
    average_precision,
    recall_at_alert,
    recall_at_fpr,
)

SHARES = (0.01, 0.1, 0.3, 0.5, 0.99)


@st.composite
def questions(draw):
    """A truth with both answers, scores with many ties, and whole-number weights that keep both answers."""
    rows = draw(st.integers(2, 40))
    positive = draw(hnp.arrays(np.bool_, rows))
    positive[:2] = [True, False]
    scores = draw(hnp.arrays(np.float64, rows, elements=st.integers(0, 6))) / 6
    weights = draw(hnp.arrays(np.float64, rows, elements=st.integers(0, 3)))
    weights[:2] = 1
    return positive, scores, weights


@given(case=questions())
@settings(max_examples=80, deadline=None)
def test_areas_agree_with_scikit_learn(case):
    positive, scores, weights = case
    cumulated, seen = Ranking(positive, scores).cumulate(weights), weights > 0
    facts = positive[seen], scores[seen]
    assert auroc(cumulated) == pytest.approx(reference.roc_auc_score(*facts, sample_weight=weights[seen]))
    expected = reference.average_precision_score(*facts, sample_weight=weights[seen])
    assert average_precision(cumulated) == pytest.approx(expected)


@given(case=questions(), share=st.sampled_from(SHARES))
@settings(max_examples=80, deadline=None)
def test_recall_at_a_false_positive_rate_is_read_off_the_roc_curve(case, share):
    positive, scores, weights = case
    seen = weights > 0
    fpr, tpr, _ = reference.roc_curve(
        positive[seen], scores[seen], sample_weight=weights[seen], drop_intermediate=False
    )
    found = recall_at_fpr(Ranking(positive, scores).cumulate(weights), share)
    assert found == pytest.approx(tpr[fpr <= share + 1e-12].max())


@st.composite
def tiny_questions(draw):
    """A truth with a positive, and scores with ties: few enough to look at every order."""
    rows = draw(st.integers(1, 6))
    positive = draw(hnp.arrays(np.bool_, rows))
    positive[0] = True
    return positive, draw(hnp.arrays(np.float64, rows, elements=st.integers(0, 2)))


@given(case=tiny_questions(), share=st.sampled_from((*SHARES, 0.2, 0.67, 1.0)))
@settings(max_examples=80, deadline=None)
def test_recall_at_a_share_of_alerts_is_the_mean_over_all_orders_of_equal_scores(case, share):
    positive, scores = case
    count = math.floor(share * len(scores) + 1e-9)
    ranked = [sorted(order, key=lambda row: -scores[row]) for order in itertools.permutations(range(len(scores)))]
    recalls = [positive[order[:count]].sum() / positive.sum() for order in ranked]
    found = recall_at_alert(Ranking(positive, scores).cumulate(), share)
    assert np.isnan(found) if count == 0 else found == pytest.approx(np.mean(recalls))


def test_one_score_for_all_finds_as_many_as_chance_does():
    positive = np.arange(1000) < 30
    assert recall_at_alert(Ranking(positive, np.full(1000, 0.5)).cumulate(), 0.01) == pytest.approx(0.01)


@given(case=questions(), seed=st.integers(0, 1000))
@settings(max_examples=100, deadline=None)
def test_weights_are_repetitions_and_the_order_of_rows_means_nothing(case, seed):
    positive, scores, weights = case
    repeated = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(scores)), weights.astype(int)))
    weighted = Ranking(positive, scores).cumulate(weights)
    plain = Ranking(positive[repeated], scores[repeated]).cumulate()
    for metric in (auroc, average_precision, lambda c: recall_at_fpr(c, 0.3), lambda c: recall_at_alert(c, 0.3)):
        assert metric(weighted) == pytest.approx(metric(plain), nan_ok=True)


@given(case=questions(), seed=st.integers(0, 1000))
@settings(max_examples=50, deadline=None)
def test_many_weight_vectors_at_once_give_what_each_gives_alone(case, seed):
    positive, scores, _ = case
    many = np.random.default_rng(seed).integers(0, 3, size=(4, len(positive))).astype(float)
    ranking = Ranking(positive, scores)
    for metric in (auroc, average_precision, lambda c: recall_at_fpr(c, 0.3), lambda c: recall_at_alert(c, 0.3)):
        alone = [metric(ranking.cumulate(weights)) for weights in many]
        np.testing.assert_allclose(metric(ranking.cumulate(many)), alone, atol=1e-12)


def test_a_resample_without_positives_or_without_negatives_has_no_value():
    ranking = Ranking(np.array([True, False]), np.array([0.9, 0.1]))
    for weights in ([0.0, 2.0], [2.0, 0.0]):
        cumulated = ranking.cumulate(np.array(weights))
        assert np.isnan(auroc(cumulated))
        assert np.isnan(recall_at_fpr(cumulated, 0.5))
    assert np.isnan(average_precision(ranking.cumulate(np.array([0.0, 2.0]))))


def test_top_k_accuracy_agrees_with_scikit_learn():
    random = np.random.default_rng(0)
    scores = random.dirichlet(np.ones(6), 200)
    codes = random.integers(6, size=200)
    labels = list("abcdef")
    targets = [labels[code] for code in codes]
    for count in (1, 2, 5):
        expected = reference.top_k_accuracy_score(codes, scores, k=count, labels=range(6))
        assert score(f"top_k_accuracy={count}", "multiclass", labels, targets, scores) == pytest.approx(expected)
    assert "top_k_accuracy=3" in evaluate("multiclass", labels, targets, scores, resamples=2).metrics
