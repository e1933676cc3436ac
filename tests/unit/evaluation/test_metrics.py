"""Metrics of single answers are those of scikit-learn, also on degenerate data, with and without weights."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn import metrics as reference

from platform_core.evaluation.metrics import classes as metrics


@st.composite
def answers(draw):
    """Targets, scores with many ties, and whole-number weights."""
    classes = draw(st.integers(2, 5))
    rows = draw(st.integers(1, 40))
    targets = draw(hnp.arrays(np.intp, rows, elements=st.integers(0, classes - 1)))
    marks = draw(hnp.arrays(np.float64, (rows, classes), elements=st.integers(0, 4)))
    weights = draw(hnp.arrays(np.float64, rows, elements=st.integers(0, 3)))
    weights[0] = 1
    return targets, (marks + 1) / (marks + 1).sum(1, keepdims=True), weights


def from_scikit_learn(name, targets, scores, weights):
    predictions = scores.argmax(-1)
    present = weights > 0
    targets, predictions, weights = targets[present], predictions[present], weights[present]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        match name:
            case "accuracy":
                return reference.accuracy_score(targets, predictions, sample_weight=weights)
            case "balanced_accuracy":
                return reference.balanced_accuracy_score(targets, predictions, sample_weight=weights)
            case "macro_f1" | "micro_f1":
                average = name.removesuffix("_f1")
                return reference.f1_score(targets, predictions, average=average, sample_weight=weights)
            case "mcc":
                return reference.matthews_corrcoef(targets, predictions, sample_weight=weights)
            case "qwk":
                levels = range(scores.shape[1])
                return reference.cohen_kappa_score(
                    targets, predictions, labels=levels, weights="quadratic", sample_weight=weights
                )


@pytest.mark.parametrize("name", [*metrics.TALLY_METRICS, "qwk"])
@given(case=answers())
@settings(max_examples=60, deadline=None)
def test_class_metrics_agree_with_scikit_learn(name, case):
    targets, scores, weights = case
    facts = targets, scores.argmax(-1), scores.shape[1], weights
    if name == "qwk":
        ours = metrics.qwk(metrics.confusion_matrix(*facts))
    else:
        ours = metrics.TALLY_METRICS[name](metrics.Tally.of(*facts))
    assert ours == pytest.approx(from_scikit_learn(name, targets, scores, weights), abs=1e-9, nan_ok=True)


@given(case=answers())
@settings(max_examples=60, deadline=None)
def test_confusion_matrix_agrees_with_scikit_learn(case):
    targets, scores, weights = case
    labels = range(scores.shape[1])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = reference.confusion_matrix(targets, scores.argmax(-1), labels=labels, sample_weight=weights)
    np.testing.assert_array_equal(metrics.confusion_matrix(targets, scores.argmax(-1), len(labels), weights), expected)


def test_without_weights_every_row_counts_once():
    targets, predictions = np.array([0, 0, 1, 1]), np.array([0, 0, 0, 1])
    np.testing.assert_array_equal(metrics.confusion_matrix(targets, predictions, 2), [[2, 0], [1, 1]])


@given(case=answers(), seed=st.integers(0, 1000))
@settings(max_examples=50, deadline=None)
def test_many_weight_vectors_at_once_give_what_each_gives_alone(case, seed):
    targets, scores, _ = case
    many = np.random.default_rng(seed).integers(0, 3, size=(2, 4, len(targets))).astype(float)
    together = metrics.confusion_matrix(targets, scores.argmax(-1), scores.shape[1], many)
    for i, j in np.ndindex(2, 4):
        alone = metrics.confusion_matrix(targets, scores.argmax(-1), scores.shape[1], many[i, j])
        np.testing.assert_array_equal(together[i, j], alone)
    tally = metrics.Tally.of(targets, scores.argmax(-1), scores.shape[1], many)
    np.testing.assert_array_equal(tally.hits, together.diagonal(axis1=-2, axis2=-1))
    np.testing.assert_array_equal(tally.targets, together.sum(-1))
    np.testing.assert_array_equal(tally.predictions, together.sum(-2))
