"""Two models side by side: real differences are told, chance is not."""

import json

import numpy as np
import pytest
from scipy.stats import kstest, permutation_test

from platform_core.evaluation import METRICS_OF, Costs, compare, score
from platform_core.evaluation.comparison import mcnemar
from platform_core.sdk import DataError, Decision, UsageError

TASKS = tuple(METRICS_OF)


def blurred(task, scores, amount, seed=1):
    """Scores of a worse model of the same kind."""
    random = np.random.default_rng(seed)
    if task == "regression":
        return scores + random.normal(size=scores.shape) * amount * 5
    other = random.random(scores.shape)
    return (1 - amount) * scores + amount * (other if task == "multilabel" else other / other.sum(1, keepdims=True))


def of(comparison, metric):
    return next(d for d in comparison.differences if d.metric == metric)


@pytest.mark.parametrize("task", TASKS)
def test_a_better_model_is_told(task, answers):
    labels, targets, scores = answers(task, 400)
    worse = blurred(task, scores, 0.7)
    decision = Decision(abstain_below=0.6)
    found = compare(
        task,
        labels,
        targets,
        worse,
        scores,
        names=("old", "new"),
        costs=Costs(1, 5),
        resamples=300,
        decision_a=decision,
        decision_b=decision,
    )
    expected = set(METRICS_OF[task]) - {"recall@alert=0.001", "top_k_accuracy=3"}
    assert {d.metric for d in found.differences} == expected
    main = of(found, found.primary)
    assert found.better == "new"
    assert found.verdict.startswith("new is better than old on these 400 examples")
    assert main.p_value < 0.05
    assert main.interval[0] <= main.difference <= main.interval[1]
    assert main.a == score(found.primary, task, labels, targets, worse)
    assert main.b == score(found.primary, task, labels, targets, scores)
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False)) == found.to_dict()
    back = compare(task, labels, targets, scores, worse, names=("old", "new"), resamples=300)
    assert back.better == "old"
    assert of(back, found.primary).difference == -main.difference


@pytest.mark.parametrize("task", TASKS)
def test_a_model_is_no_better_than_itself(task, answers):
    labels, targets, scores = answers(task, 60)
    found = compare(task, labels, targets, scores, scores, resamples=50)
    assert found.better is None
    assert all(d.p_value == 1 and d.interval is None and d.difference == 0 for d in found.differences)
    assert "cannot be told apart" in found.verdict


def test_p_values_of_equal_models_are_spread_evenly(answers):
    found = []
    for seed in range(60):
        labels, targets, scores = answers("regression", 60, seed=seed)
        a, b = (blurred("regression", scores, 0.5, seed=1000 + 2 * seed + i) for i in range(2))
        found.append(of(compare("regression", labels, targets, a, b, resamples=200, seed=seed), "mae").p_value)
    assert kstest(found, "uniform").pvalue > 0.01


def test_p_value_is_that_of_a_sign_flip_test(answers):
    labels, targets, scores = answers("regression", 80)
    a, b = blurred("regression", scores, 0.8), blurred("regression", scores, 0.6, seed=2)
    errors = [np.abs(np.array(targets) - s[:, 0]) for s in (a, b)]
    expected = permutation_test(
        errors, lambda x, y: np.mean(x - y), permutation_type="samples", n_resamples=4000, rng=0
    ).pvalue
    assert of(compare("regression", labels, targets, a, b, resamples=4000), "mae").p_value == pytest.approx(
        expected, abs=0.03
    )


def test_accuracy_is_tested_by_mcnemar(answers):
    labels, targets, scores = answers("multiclass", 200)
    worse = blurred("multiclass", scores, 0.5)
    found = compare("multiclass", labels, targets, scores, worse, resamples=50)
    right = [np.array(targets) == np.array(labels)[s.argmax(1)] for s in (scores, worse)]
    assert (found.only_a, found.only_b) == ((right[0] & ~right[1]).sum(), (right[1] & ~right[0]).sum())
    assert of(found, "accuracy").p_value == mcnemar(found.only_a, found.only_b)
    assert mcnemar(0, 0) == 1
    assert mcnemar(1, 9) == pytest.approx(22 / 1024)


def test_ranking_is_compared_whatever_the_scale(answers):
    labels, targets, scores = answers("binary", 500)
    worse = blurred("binary", scores, 0.6)
    squeezed = scores[:, 1] ** 8
    squeezed = np.stack([1 - squeezed, squeezed], axis=1)
    plain = of(compare("binary", labels, targets, worse, scores, resamples=300), "auroc")
    other = of(compare("binary", labels, targets, worse, squeezed, resamples=300), "auroc")
    assert (plain.difference, plain.p_value) == pytest.approx((other.difference, other.p_value))


def test_groups_make_differences_less_certain(answers):
    labels, targets, scores = answers("multiclass", 30)
    worse = blurred("multiclass", scores, 0.5)
    ten = [t for t in targets for _ in range(10)], np.repeat(scores, 10, axis=0), np.repeat(worse, 10, axis=0)
    facts = "multiclass", labels, ten[0], ten[2], ten[1]
    alone = of(compare(*facts, resamples=300), "accuracy")
    grouped = of(compare(*facts, groups=[str(i // 10) for i in range(300)], resamples=300), "accuracy")
    assert grouped.p_value > alone.p_value
    assert grouped.interval[1] - grouped.interval[0] > 2 * (alone.interval[1] - alone.interval[0])


def test_each_model_answers_by_its_own_decision(answers):
    labels, targets, scores = answers("binary", 300, skill=0.5)
    decision = Decision(thresholds={"fraud": 0.2}, goal="cost=fp:1,fn:20")
    found = compare("binary", labels, targets, scores, scores, decision_b=decision, primary="cost_saved")
    assert of(found, "auroc").difference == 0
    assert of(found, "accuracy").difference != 0
    assert (found.primary, found.better) == ("cost_saved", "b")


def test_what_cannot_be_compared_is_told(answers):
    labels, targets, scores = answers("binary", 20)
    found = compare("binary", labels, ["fine"] * 20, scores, scores, primary="auroc", resamples=20)
    assert found.verdict.startswith("auroc is undefined")
    assert "only 20 independent examples" in found.warnings[0]
    with pytest.raises(UsageError, match="no metric 'mae'"):
        compare("binary", labels, targets, scores, scores, primary="mae")
    with pytest.raises(DataError, match="does not know the label"):
        compare("binary", labels, ["other"] * 20, scores, scores)
