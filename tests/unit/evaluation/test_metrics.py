"""Our metrics are those of scikit-learn, also on degenerate data, with and without weights."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn import metrics as reference

from platform_core.evaluation import metrics


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


@pytest.mark.parametrize("name", metrics.CONFUSION_METRICS)
@given(case=answers())
@settings(max_examples=150, deadline=None)
def test_class_metrics_agree_with_scikit_learn(name, case):
    targets, scores, weights = case
    confusion = metrics.confusion_matrix(targets, scores.argmax(-1), scores.shape[1], weights)
    ours = metrics.CONFUSION_METRICS[name](confusion)
    assert ours == pytest.approx(from_scikit_learn(name, targets, scores, weights), abs=1e-9)


@given(case=answers())
@settings(max_examples=150, deadline=None)
def test_confusion_matrix_agrees_with_scikit_learn(case):
    targets, scores, weights = case
    labels = range(scores.shape[1])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = reference.confusion_matrix(targets, scores.argmax(-1), labels=labels, sample_weight=weights)
    np.testing.assert_array_equal(metrics.confusion_matrix(targets, scores.argmax(-1), len(labels), weights), expected)


@given(case=answers())
@settings(max_examples=150, deadline=None)
def test_auroc_is_the_mean_of_the_areas_that_are_defined(case):
    targets, scores, weights = case
    seen = weights > 0
    columns = [1] if scores.shape[1] == 2 else range(scores.shape[1])
    areas = [
        reference.roc_auc_score(targets[seen] == c, scores[seen, c], sample_weight=weights[seen])
        for c in columns
        if 0 < (targets[seen] == c).sum() < seen.sum()
    ]
    ours = metrics.auroc(targets, scores, weights)
    assert ours == pytest.approx(np.mean(areas), abs=1e-9) if areas else np.isnan(ours)


@given(case=answers())
@settings(max_examples=100, deadline=None)
def test_auroc_of_all_classes_agrees_with_one_versus_rest(case):
    targets, scores, _ = case
    if len(np.unique(targets)) < scores.shape[1]:
        return
    given_scores = scores[:, 1] if scores.shape[1] == 2 else scores
    expected = reference.roc_auc_score(targets, given_scores, multi_class="ovr")
    assert metrics.auroc(targets, scores) == pytest.approx(expected, abs=1e-9)


@given(case=answers())
@settings(max_examples=150, deadline=None)
def test_brier_agrees_with_scikit_learn(case):
    targets, scores, weights = case
    labels = list(range(scores.shape[1]))
    given_scores = scores[:, 1] if len(labels) == 2 else scores
    expected = reference.brier_score_loss(targets, given_scores, sample_weight=weights, labels=labels)
    assert metrics.brier(targets, scores, weights) == pytest.approx(expected, abs=1e-9)


@given(case=answers(), seed=st.integers(0, 1000))
@settings(max_examples=50, deadline=None)
def test_many_weight_vectors_at_once_give_what_each_gives_alone(case, seed):
    targets, scores, _ = case
    many = np.random.default_rng(seed).integers(0, 3, size=(4, len(targets))).astype(float)
    many[:, 0] += 1
    for metric in (metrics.auroc, metrics.brier):
        alone = [metric(targets, scores, weights) for weights in many]
        np.testing.assert_allclose(metric(targets, scores, many), alone, atol=1e-12)


def test_without_weights_every_row_counts_once():
    targets = np.array([0, 0, 1, 1])
    scores = np.array([[0.9, 0.1], [0.6, 0.4], [0.65, 0.35], [0.2, 0.8]])
    assert metrics.auroc(targets, scores) == 0.75
    assert metrics.brier(targets, scores) == pytest.approx((0.01 + 0.16 + 0.4225 + 0.04) / 4)
    np.testing.assert_array_equal(metrics.confusion_matrix(targets, scores.argmax(-1), 2), [[2, 0], [1, 1]])
