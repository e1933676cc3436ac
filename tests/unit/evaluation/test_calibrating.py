"""Calibration finds by how much a model is too sure of itself, and changes nothing without need."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platform_core.evaluation import Calibration, fit_calibration, score
from platform_core.evaluation.metrics.probabilities import Answered

LABELS = ("a", "b", "c")


def softmax(logits):
    exponentials = np.exp(logits - logits.max(1, keepdims=True))
    return exponentials / exponentials.sum(1, keepdims=True)


def sigmoid(logits):
    return 1 / (1 + np.exp(-logits))


def honest_logits(rows, seed=0):
    random = np.random.default_rng(seed)
    logits = random.normal(size=(rows, 3)) * 1.5
    cumulative = softmax(logits).cumsum(1)
    return logits, (random.uniform(size=(rows, 1)) > cumulative).sum(1).clip(max=2)


def two_classes(rows, curve, seed=0):
    """Scores of a model whose score s means a probability ``curve(s)``."""
    random = np.random.default_rng(seed)
    s = random.random(rows)
    truth = random.random(rows) < curve(s)
    return ["yes" if t else "no" for t in truth], np.stack([s, 1 - s], axis=1)


@pytest.mark.parametrize("factor", [0.5, 3.0])
@pytest.mark.parametrize("task", ["multiclass", "ordinal"])
def test_the_factor_is_found_and_the_error_gone(task, factor):
    logits, truth = honest_logits(2000)
    scores = softmax(logits * factor)
    calibration = fit_calibration(task, LABELS, [LABELS[i] for i in truth], scores)
    assert calibration.method == "temperature"
    assert calibration.temperature == pytest.approx(factor, rel=0.1)
    calibrated = calibration.apply(task, scores)
    np.testing.assert_allclose(calibrated, softmax(logits * factor / calibration.temperature), atol=1e-9)
    assert Answered.most_probable(truth, calibrated).ece() < 0.04


def test_independent_labels_are_scaled_each_by_its_logit():
    random = np.random.default_rng(1)
    logits = random.normal(size=(2000, 4)) * 1.5 - 1
    truth = random.random((2000, 4)) < sigmoid(logits)
    labels = np.array(["a", "b", "c", "d"])
    targets = [tuple(labels[row]) for row in truth]
    scores = sigmoid(logits * 2)
    calibration = fit_calibration("multilabel", labels.tolist(), targets, scores)
    assert calibration.temperature == pytest.approx(2, rel=0.1)
    expected = sigmoid(logits * 2 / calibration.temperature)
    np.testing.assert_allclose(calibration.apply("multilabel", scores), expected, atol=1e-9)


def test_a_bent_curve_is_straightened_by_steps():
    targets, scores = two_classes(4000, lambda s: np.where(s < 0.7, 0.05, 0.8))
    calibration = fit_calibration("binary", ("yes", "no"), targets, scores, "yes")
    assert (calibration.method, calibration.column) == ("isotonic", 0)
    calibrated = calibration.apply("binary", scores)
    np.testing.assert_allclose(calibrated.sum(1), 1)
    assert calibrated[scores[:, 0] < 0.6, 0].mean() == pytest.approx(0.05, abs=0.02)
    assert calibrated[scores[:, 0] > 0.8, 0].mean() == pytest.approx(0.8, abs=0.03)
    assert calibrated.min() > 0
    assert Calibration.model_validate_json(calibration.model_dump_json()) == calibration
    for metric in ("brier", "ece"):
        before, after = (score(metric, "binary", ("yes", "no"), targets, s) for s in (scores, calibrated))
        assert after < before


def test_steps_are_not_taken_where_few_examples_tell():
    targets, scores = two_classes(90, lambda s: np.where(s < 0.7, 0.05, 0.8))
    assert fit_calibration("binary", ("yes", "no"), targets, scores, "yes").method != "isotonic"


def test_steps_are_not_praised_for_knowing_other_rows_of_a_group():
    random = np.random.default_rng(0)
    logits = random.normal(size=110) * 1.5
    truth = random.random(110) < sigmoid(logits)
    p, targets = np.repeat(sigmoid(logits), 10), np.repeat(np.where(truth, "yes", "no"), 10).tolist()
    facts = "binary", ("no", "yes"), targets, np.stack([1 - p, p], axis=1)
    assert fit_calibration(*facts).method == "isotonic"
    assert fit_calibration(*facts, groups=[str(row // 10) for row in range(1100)]).method != "isotonic"
    assert fit_calibration(*facts, groups=[str(row // 400) for row in range(1100)]) == Calibration()


def test_groups_of_one_row_change_nothing():
    targets, scores = two_classes(300, lambda s: s**2)
    facts = "binary", ("yes", "no"), targets, scores, "yes"
    assert fit_calibration(*facts, groups=[str(row) for row in range(300)]) == fit_calibration(*facts, groups=None)


def test_an_honest_model_stays_nearly_as_it_is():
    targets, scores = two_classes(3000, lambda s: s, seed=2)
    calibration = fit_calibration("binary", ("yes", "no"), targets, scores, "yes")
    assert calibration.method in ("none", "temperature")
    assert calibration.temperature == pytest.approx(1, abs=0.1)


@given(temperature=st.floats(0.2, 5), seed=st.integers(0, 100))
@settings(max_examples=50, deadline=None)
def test_a_temperature_keeps_shape_precision_order_and_sums(temperature, seed):
    scores = np.random.default_rng(seed).dirichlet(np.ones(4) * 0.3, size=20).astype(np.float32)
    calibrated = Calibration(method="temperature", temperature=temperature).apply("multiclass", scores)
    assert (calibrated.shape, calibrated.dtype) == (scores.shape, scores.dtype)
    np.testing.assert_allclose(calibrated.sum(1), 1, rtol=1e-5)
    np.testing.assert_array_equal(calibrated.argmax(1), scores.argmax(1))
    assert ((calibrated >= 0) & (calibrated <= 1)).all()


def test_nothing_to_calibrate():
    assert fit_calibration("multiclass", LABELS, ["a"] * 5, softmax(np.eye(5, 3))) == Calibration()
    assert fit_calibration("regression", (), [1.0] * 50, np.ones((50, 1))) == Calibration()
    values = np.array([[3.0], [np.inf]])
    assert Calibration(method="temperature", temperature=2).apply("regression", values) is values
    assert json.loads(Calibration().model_dump_json())["method"] == "none"


def test_certain_and_right_stays_finite():
    scores = np.tile([1.0, 0.0, 0.0], (50, 1))
    calibrated = fit_calibration("multiclass", LABELS, ["a"] * 50, scores).apply("multiclass", scores)
    assert np.isfinite(calibrated).all()
    for task in ("multiclass", "multilabel"):
        assert np.isfinite(Calibration(method="temperature", temperature=0.2).apply(task, scores)).all()
