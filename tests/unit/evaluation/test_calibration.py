"""The calibration error, against its definition and against scikit-learn's calibration curve."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve

from platform_core.evaluation.calibration import BINS, ece, reliability


def random_answers(rows, classes, seed):
    random = np.random.default_rng(seed)
    return random.integers(classes, size=rows), random.dirichlet(np.ones(classes) * 0.5, size=rows)


def by_definition(targets, scores):
    confidence, correct = scores.max(1), scores.argmax(1) == targets
    error = 0.0
    for b in range(BINS):
        inside = (confidence > b / BINS) & (confidence <= (b + 1) / BINS)
        if inside.any():
            error += inside.mean() * abs(correct[inside].mean() - confidence[inside].mean())
    return error


@given(rows=st.integers(1, 60), classes=st.integers(2, 6), seed=st.integers(0, 10_000))
@settings(max_examples=150, deadline=None)
def test_ece_is_its_definition(rows, classes, seed):
    targets, scores = random_answers(rows, classes, seed)
    assert ece(targets, scores) == pytest.approx(by_definition(targets, scores), abs=1e-12)


def test_bins_agree_with_scikit_learn():
    targets, scores = random_answers(500, 3, 1)
    accuracy, confidence = calibration_curve(scores.argmax(1) == targets, scores.max(1), n_bins=BINS)
    bins = reliability(targets, scores)
    assert [b["accuracy"] for b in bins] == pytest.approx(accuracy)
    assert [b["confidence"] for b in bins] == pytest.approx(confidence)
    assert sum(b["count"] for b in bins) == 500
    assert all(b["low"] < b["confidence"] <= b["high"] for b in bins)


def test_honest_confidence_has_a_small_error_and_boasting_a_large_one():
    random = np.random.default_rng(0)
    confidence = random.uniform(0.5, 1, size=20_000)
    right = random.uniform(size=20_000) < confidence
    scores = np.stack([confidence, 1 - confidence], axis=1)
    assert ece(np.where(right, 0, 1), scores) < 0.02
    certain = np.tile([1.0, 0.0], (20_000, 1))
    assert ece(np.where(right, 0, 1), certain) == pytest.approx(0.25, abs=0.02)


def test_probabilities_that_exceed_one_by_rounding_stay_in_the_last_bin():
    scores = np.array([[1.0 + 1e-7, -1e-7]])
    assert [b["high"] for b in reliability(np.array([0]), scores)] == [1.0]
