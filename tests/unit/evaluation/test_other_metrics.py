"""Metrics of label sets, numbers, levels and yes/no questions, against scikit-learn or their definitions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn import metrics as reference

from platform_core.evaluation.metrics import labels, numbers, questions
from platform_core.evaluation.metrics.triage import TriageCurve, too_mild

NUMBERS = st.floats(-100, 100).map(lambda x: round(x, 3))


@st.composite
def label_sets(draw):
    # One column alone would be read as two classes.
    shape = draw(st.integers(1, 30)), draw(st.integers(2, 5))
    weights = draw(hnp.arrays(np.float64, shape[0], elements=st.integers(0, 3)))
    weights[0] = 1
    return draw(hnp.arrays(np.bool_, shape)), draw(hnp.arrays(np.bool_, shape)), weights


@given(case=label_sets())
@settings(max_examples=80, deadline=None)
def test_f1_of_label_sets_agrees_with_scikit_learn(case):
    targets, predictions, weights = case
    counts = labels.label_counts(targets, predictions, weights)
    facts = {"sample_weight": weights, "zero_division": np.nan}
    if (targets | predictions)[weights > 0].any():
        macro = reference.f1_score(targets, predictions, average="macro", **facts)
        micro = reference.f1_score(targets, predictions, average="micro", **facts)
        assert labels.macro_f1(counts) == pytest.approx(macro)
        assert labels.micro_f1(counts) == pytest.approx(micro)
    else:
        assert np.isnan(labels.macro_f1(counts))
        assert np.isnan(labels.micro_f1(counts))
    np.testing.assert_allclose(counts.tp + counts.fp + counts.fn + counts.tn, weights.sum())


@st.composite
def predicted_numbers(draw):
    rows = draw(st.integers(2, 30))
    weights = draw(hnp.arrays(np.float64, rows, elements=st.integers(0, 3)))
    weights[0] = 1
    targets, predictions = (draw(hnp.arrays(np.float64, rows, elements=NUMBERS)) for _ in range(2))
    return targets, predictions, weights


@given(case=predicted_numbers())
@settings(max_examples=80, deadline=None)
def test_errors_of_numbers_agree_with_scikit_learn(case):
    targets, predictions, weights = case
    for ours, theirs in (
        (numbers.mae, reference.mean_absolute_error),
        (numbers.rmse, reference.root_mean_squared_error),
        (numbers.r2, reference.r2_score),
    ):
        found = ours(targets, predictions, weights)
        if ours is numbers.r2 and len(set(targets[weights > 0])) == 1:
            assert np.isnan(found)
        else:
            assert found == pytest.approx(theirs(targets, predictions, sample_weight=weights), rel=1e-6, abs=1e-6)


def test_r2_does_not_mind_a_large_offset():
    targets = 1e9 + np.arange(10.0)
    assert numbers.r2(targets, targets + 0.5, np.ones(10)) == pytest.approx(1 - 0.25 / 8.25)


@st.composite
def levels(draw):
    k, rows = draw(st.integers(2, 5)), draw(st.integers(1, 30))
    targets = draw(hnp.arrays(np.intp, rows, elements=st.integers(0, k - 1)))
    marks = draw(hnp.arrays(np.float64, (rows, k), elements=st.sampled_from([1.0, 2.0, 4.0, 8.0])))
    weights = draw(hnp.arrays(np.float64, rows, elements=st.integers(0, 3)))
    weights[0] = 1
    return targets, marks / marks.sum(1, keepdims=True), weights


def median_levels(scores, threshold=0.5):
    return (scores.cumsum(-1) >= threshold).argmax(-1)


@given(case=levels(), share=st.sampled_from([0.1, 0.3, 0.6]))
@settings(max_examples=80, deadline=None)
def test_undertriage_at_overtriage_is_that_of_the_lowest_threshold_that_is_allowed(case, share):
    targets, scores, weights = case
    cumulated = scores.cumsum(-1)
    # Every threshold that makes a difference: just above each cumulated probability.
    candidates = np.nextafter(np.unique(np.r_[0.0, cumulated.ravel()]), 2)
    best = 1.0
    for threshold in candidates:
        reached = cumulated >= threshold
        reached[:, -1] = True
        predictions = reached.argmax(-1)
        over = weights @ (predictions < targets) / weights.sum()
        if over <= share + 1e-9:
            best = min(best, weights @ (predictions > targets) / weights.sum())
    found = TriageCurve(targets, scores, severe_first=True).undertriage(weights, share)
    assert found == pytest.approx(best)


@given(case=levels(), share=st.sampled_from([0.1, 0.3, 0.6]))
@settings(max_examples=50, deadline=None)
def test_severity_may_stand_at_either_end(case, share):
    targets, scores, weights = case
    last = scores.shape[1] - 1
    first = TriageCurve(targets, scores, severe_first=True).undertriage(weights, share)
    mirrored = TriageCurve(last - targets, scores[:, ::-1], severe_first=False).undertriage(weights, share)
    assert first == mirrored
    predictions = median_levels(scores)
    np.testing.assert_array_equal(
        too_mild(targets, predictions, severe_first=True),
        too_mild(last - targets, last - predictions, severe_first=False),
    )


@given(case=levels(), seed=st.integers(0, 100))
@settings(max_examples=50, deadline=None)
def test_triage_of_many_weight_vectors_at_once(case, seed):
    targets, scores, weights = case
    many = np.random.default_rng(seed).integers(0, 3, size=(3, len(weights))) + weights
    curve = TriageCurve(targets, scores, severe_first=True)
    np.testing.assert_allclose(curve.undertriage(many, 0.3), [curve.undertriage(w, 0.3) for w in many])


@given(st.lists(st.integers(0, 50), min_size=4, max_size=4))
def test_rates_and_savings_of_a_question(counts):
    tp, fp, fn, tn = (np.array(float(c)) for c in counts)
    asked = questions.Counts(tp=tp, fp=fp, fn=fn, tn=tn)
    truth = np.repeat([1, 0, 1, 0], counts)
    alerts = np.repeat([1, 1, 0, 0], counts)
    if truth.any():
        assert questions.recall(asked) == pytest.approx(reference.recall_score(truth, alerts))
    if alerts.any():
        assert questions.precision(asked) == pytest.approx(reference.precision_score(truth, alerts, zero_division=0))
    if len(truth):
        assert questions.alert_rate(asked) == pytest.approx(alerts.mean())
    saved = questions.cost_saved(asked, fp=1, fn=20)
    assert np.isnan(saved) if not truth.any() or truth.all() else saved <= 1


def test_cost_saved_compares_with_the_better_trivial_policy():
    perfect = questions.Counts(tp=np.array(5.0), fp=np.array(0.0), fn=np.array(0.0), tn=np.array(95.0))
    silent = questions.Counts(tp=np.array(0.0), fp=np.array(0.0), fn=np.array(5.0), tn=np.array(95.0))
    assert questions.cost_saved(perfect, fp=1, fn=20) == 1
    assert questions.cost_saved(silent, fp=1, fn=10) == 0
    assert questions.cost_saved(silent, fp=1, fn=38) == pytest.approx(-1)
