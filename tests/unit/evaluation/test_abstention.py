"""Risk against coverage, and the confidence below which a person is asked."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from platform_core.evaluation import evaluate
from platform_core.evaluation.abstention import between, choose_abstention, risk_coverage
from platform_core.sdk import Decision


@st.composite
def answers(draw):
    rows = draw(st.integers(1, 60))
    return draw(hnp.arrays(np.float64, rows, elements=st.integers(0, 8))) / 8, draw(hnp.arrays(np.bool_, rows))


@given(case=answers(), seed=st.integers(0, 100))
@settings(max_examples=100, deadline=None)
def test_curve_is_counted_and_the_order_of_rows_means_nothing(case, seed):
    confidences, correct = case
    curve = risk_coverage(confidences, correct)
    for confidence, coverage, risk in zip(curve.confidence, curve.coverage, curve.risk, strict=True):
        given_answers = confidences >= confidence
        assert coverage == pytest.approx(given_answers.mean())
        assert risk == pytest.approx((~correct[given_answers]).mean())
    order = np.random.default_rng(seed).permutation(len(correct))
    assert risk_coverage(confidences[order], correct[order]).aurc == pytest.approx(curve.aurc)
    assert 0 <= curve.aurc <= 1


def test_area_without_ties_is_the_mean_risk_and_with_ties_that_of_any_order():
    correct = np.array([True, False, True, False])
    assert risk_coverage(np.array([0.9, 0.8, 0.7, 0.6]), correct).aurc == pytest.approx((0 + 1 / 2 + 1 / 3 + 2 / 4) / 4)
    assert risk_coverage(np.full(4, 0.5), correct).aurc == pytest.approx(0.5)


@given(case=answers(), risk=st.sampled_from([0.0, 0.1, 0.3, 0.5]))
@settings(max_examples=200, deadline=None)
def test_chosen_confidence_keeps_the_risk_and_the_most_answers(case, risk):
    confidences, correct = case
    below = choose_abstention(confidences, correct, risk=risk)
    enough = min(20, len(correct))
    possible = [
        kept.sum()
        for t in np.unique(confidences)
        for kept in [confidences >= t]
        if (~correct[kept]).mean() <= risk + 1e-12 and kept.sum() >= enough
    ]
    if below is None:
        assert not possible
    else:
        kept = confidences >= below
        assert kept.sum() == max(possible)
        assert (~correct[kept]).mean() <= risk + 1e-12


def test_all_answers_are_given_where_all_may_be():
    assert choose_abstention(np.linspace(0.5, 1, 30), np.ones(30, bool), risk=0.0) == 0


@given(low=st.floats(0, 1), high=st.floats(0, 1))
def test_between_excludes_the_lower_number(low, high):
    if low < high:
        assert low < between(low, high) <= high


def test_coverage_and_risk_are_those_of_the_answers_that_are_given():
    scores = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.45, 0.55]])
    targets = ["a", "a", "a", "b"]
    found = evaluate("binary", ["a", "b"], targets, scores, decision=Decision(abstain_below=0.58), resamples=50)
    assert found.metrics["coverage"] == 0.75
    assert found.metrics["risk"] == pytest.approx(1 / 3)
    assert (found.risk_coverage["coverage"], found.risk_coverage["risk"]) == (0.75, pytest.approx(1 / 3))
    assert not {"coverage", "risk"} & set(evaluate("binary", ["a", "b"], targets, scores, resamples=2).metrics)
    none = evaluate("binary", ["a", "b"], targets, scores, decision=Decision(abstain_below=0.95), resamples=2)
    assert none.metrics["coverage"] == 0
    assert "risk" not in none.metrics
