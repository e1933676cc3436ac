"""Brier score and calibration error, against their definitions and against scikit-learn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference
from sklearn.calibration import calibration_curve

from platform_core.evaluation.metrics.probabilities import (
    BINS,
    Answered,
    label_distances,
    squared_distances,
)


def random_answers(rows, classes, seed):
    random = np.random.default_rng(seed)
    return random.integers(classes, size=rows), random.dirichlet(np.ones(classes) * 0.5, size=rows)


def by_definition(right, confidence):
    error = 0.0
    for b in range(BINS):
        inside = (confidence > b / BINS) & (confidence <= (b + 1) / BINS)
        if inside.any():
            error += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    return error


@given(rows=st.integers(1, 60), classes=st.integers(2, 6), seed=st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_ece_is_its_definition(rows, classes, seed):
    targets, scores = random_answers(rows, classes, seed)
    expected = by_definition(scores.argmax(1) == targets, scores.max(1))
    assert Answered.most_probable(targets, scores).ece() == pytest.approx(expected, abs=1e-12)


@given(rows=st.integers(1, 40), labels=st.integers(1, 5), seed=st.integers(0, 10_000))
@settings(max_examples=100, deadline=None)
def test_ece_of_labels_pools_the_answers_to_all_of_them(rows, labels, seed):
    random = np.random.default_rng(seed)
    targets, scores = random.random((rows, labels)) < 0.4, random.random((rows, labels))
    right, confidence = ((scores >= 0.5) == targets).ravel(), np.maximum(scores, 1 - scores).ravel()
    answered = Answered.each_label(targets, scores)
    assert answered.ece() == pytest.approx(by_definition(right, confidence), abs=1e-12)
    assert sum(b["count"] for b in answered.reliability()) == rows * labels


@given(rows=st.integers(1, 40), seed=st.integers(0, 10_000))
@settings(max_examples=50, deadline=None)
def test_weights_are_repetitions(rows, seed):
    targets, scores = random_answers(rows, 3, seed)
    weights = np.random.default_rng(seed).integers(0, 3, size=(2, rows))
    weights[:, 0] += 1
    many = Answered.most_probable(targets, scores).ece(weights.astype(float))
    for value, times in zip(many, weights, strict=True):
        repeated = np.repeat(np.arange(rows), times)
        assert value == pytest.approx(Answered.most_probable(targets[repeated], scores[repeated]).ece(), abs=1e-12)


def test_bins_agree_with_scikit_learn():
    targets, scores = random_answers(500, 3, 1)
    accuracy, confidence = calibration_curve(scores.argmax(1) == targets, scores.max(1), n_bins=BINS)
    bins = Answered.most_probable(targets, scores).reliability()
    assert [b["accuracy"] for b in bins] == pytest.approx(accuracy)
    assert [b["confidence"] for b in bins] == pytest.approx(confidence)
    assert sum(b["count"] for b in bins) == 500
    assert all(b["low"] < b["confidence"] <= b["high"] for b in bins)


def test_honest_confidence_has_a_small_error_and_boasting_a_large_one():
    random = np.random.default_rng(0)
    confidence = random.uniform(0.5, 1, size=20_000)
    right = random.uniform(size=20_000) < confidence
    scores = np.stack([confidence, 1 - confidence], axis=1)
    assert Answered.most_probable(np.where(right, 0, 1), scores).ece() < 0.02
    certain = np.tile([1.0, 0.0], (20_000, 1))
    assert Answered.most_probable(np.where(right, 0, 1), certain).ece() == pytest.approx(0.25, abs=0.02)


def test_probabilities_that_exceed_one_by_rounding_stay_in_the_last_bin():
    answered = Answered.most_probable(np.array([0]), np.array([[1.0 + 1e-7, -1e-7]]))
    assert [b["high"] for b in answered.reliability()] == [1.0]


@given(rows=st.integers(1, 40), classes=st.integers(2, 5), seed=st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_brier_agrees_with_scikit_learn(rows, classes, seed):
    targets, scores = random_answers(rows, classes, seed)
    given_scores = scores[:, 1] if classes == 2 else scores
    expected = reference.brier_score_loss(targets, given_scores, labels=list(range(classes)))
    assert squared_distances(targets, scores).mean() == pytest.approx(expected, abs=1e-9)


def test_brier_of_labels_is_the_mean_of_theirs():
    random = np.random.default_rng(0)
    targets, scores = random.random((50, 4)) < 0.4, random.random((50, 4))
    expected = np.mean([reference.brier_score_loss(t, s) for t, s in zip(targets.T, scores.T, strict=True)])
    assert label_distances(targets, scores).mean() == pytest.approx(expected)
