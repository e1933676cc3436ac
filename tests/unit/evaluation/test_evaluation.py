"""The doors of the room: `evaluate` and `score`."""

import json
import math
import subprocess
import sys
import time
import tracemalloc

import numpy as np
import pytest
from sklearn import metrics as reference

from platform_core.evaluation import METRICS_OF, Costs, evaluate, score
from platform_core.sdk import DataError, Decision, EmptyData, TrainingFailed, UsageError

COSTS = Costs(fp=1, fn=20)
TASKS = tuple(METRICS_OF)
LABELS = ("negative", "neutral", "positive")
DOUBTING = Decision(abstain_below=0.6)
DEFINED = {task: tuple(name for name in names if name != "top_k_accuracy=3") for task, names in METRICS_OF.items()}
"""Metrics that three classes have."""


@pytest.mark.parametrize("task", TASKS)
def test_everything_is_measured_and_written_as_json(task, answers):
    rows = 1200 if task == "binary" else 300
    evaluation = evaluate(task, *answers(task, rows), costs=COSTS, decision=DOUBTING, resamples=300)
    assert tuple(evaluation.metrics) == DEFINED[task]
    assert set(evaluation.intervals) == set(DEFINED[task])
    for name, (low, high) in evaluation.intervals.items():
        assert low <= evaluation.metrics[name] <= high
        assert low < high
    assert (evaluation.task, evaluation.n) == (task, rows)
    assert evaluation.warnings == ()
    assert json.loads(json.dumps(evaluation.to_dict(), allow_nan=False)) == evaluation.to_dict()
    for curve in evaluation.curves.values():
        assert len({len(column) for column in curve.values()}) == 1
        assert all(2 <= len(column) <= 200 for column in curve.values())


@pytest.mark.parametrize("task", TASKS)
def test_score_is_what_the_evaluation_says(task, answers):
    facts = answers(task, 1200 if task == "binary" else 100)
    evaluation = evaluate(task, *facts, costs=COSTS, decision=DOUBTING, resamples=2)
    for name in DEFINED[task]:
        assert score(name, task, *facts, costs=COSTS, decision=DOUBTING) == evaluation.metrics[name]


@pytest.mark.parametrize("task", TASKS)
def test_the_order_of_examples_means_nothing(task, answers):
    labels, targets, scores = answers(task, 150)
    order = np.random.default_rng(1).permutation(150)
    shuffled = labels, [targets[i] for i in order], scores[order]
    once, again = (evaluate(task, *facts, resamples=2).metrics for facts in ((labels, targets, scores), shuffled))
    assert once == pytest.approx(again)


@pytest.mark.parametrize("task", TASKS)
def test_to_evaluate_twice_the_same_examples_changes_no_metric_that_is_no_count(task, answers):
    labels, targets, scores = answers(task, 150)
    once = evaluate(task, labels, targets, scores, resamples=2)
    twice = evaluate(task, labels, [*targets, *targets], np.concatenate([scores, scores]), resamples=2)
    shared = {name for name in once.metrics if not name.startswith("recall@")}
    assert {n: once.metrics[n] for n in shared} == pytest.approx({n: twice.metrics[n] for n in shared})


def test_answers_that_cost_more_than_none_are_told(answers):
    labels, targets, _ = answers("binary", 200)
    upside_down = np.array([[target == "fraud", target != "fraud"] for target in targets], dtype=float)
    for costs, otherwise in ((Costs(1, 1), "doing nothing"), (Costs(1, 100), "alerting everything")):
        found = evaluate("binary", labels, targets, upside_down, costs=costs)
        assert found.metrics["cost_saved"] < 0
        assert f"where mistakes cost {costs}, these answers cost more than {otherwise}" in found.warnings[-2]
    found = evaluate("binary", labels, targets, 1 - upside_down, costs=Costs(1, 1))
    assert not any("cost_saved" in warning and "below" in warning for warning in found.warnings)


def test_two_classes_agree_with_scikit_learn_at_the_chosen_threshold(answers):
    labels, targets, scores = answers("binary", 500)
    decision = Decision(thresholds={"fraud": 0.25}, goal="cost=fp:1,fn:20")
    found = evaluate("binary", labels, targets, scores, positive="fraud", decision=decision)
    truth, alerts = np.array(targets) == "fraud", scores[:, 1] >= 0.25
    assert found.metrics["macro_f1"] == pytest.approx(reference.f1_score(truth, alerts, average="macro"))
    assert found.metrics["average_precision"] == pytest.approx(reference.average_precision_score(truth, scores[:, 1]))
    assert found.metrics["auroc"] == pytest.approx(reference.roc_auc_score(truth, scores[:, 1]))
    tn, fp, fn, tp = reference.confusion_matrix(truth, alerts).ravel()
    assert found.metrics["cost_saved"] == pytest.approx(1 - (fp + 20 * fn) / min(fp + tn, 20 * (tp + fn)))
    [point] = found.operating_points
    assert (point["label"], point["threshold"], found.goal) == ("fraud", 0.25, "cost=fp:1,fn:20")
    assert point["recall"] == pytest.approx(tp / (tp + fn))
    assert point["precision"] == pytest.approx(tp / (tp + fp))
    assert point["fpr"] == pytest.approx(fp / (fp + tn))
    assert point["alert_rate"] == pytest.approx(alerts.mean())
    for rate, (low, high) in point["intervals"].items():
        assert low <= point[rate] <= high
        assert low < high


def test_what_is_said_of_the_threshold_fits_the_answers_where_both_labels_are_equally_probable():
    found = evaluate("binary", ("fine", "fraud"), ["fine", "fraud"] * 20, np.full((40, 2), 0.5))
    [point] = found.operating_points
    assert point["recall"] == found.per_class[1]["recall"]
    assert point["alert_rate"] == np.sum(found.confusion["matrix"], axis=0)[1] / 40
    for rate, (low, high) in point["intervals"].items():
        assert low <= point[rate] <= high


def test_the_positive_label_is_the_one_that_is_named(answers):
    labels, targets, scores = answers("binary", 300)
    for positive, column in (("fine", 0), ("fraud", 1), (None, 1)):
        found = score("average_precision", "binary", labels, targets, scores, positive=positive)
        expected = reference.average_precision_score(np.array(targets) == labels[column], scores[:, column])
        assert found == pytest.approx(expected)


def test_several_classes_agree_with_scikit_learn(answers):
    labels, targets, scores = answers("multiclass", 200, seed=1)
    predictions = [labels[i] for i in scores.argmax(1)]
    evaluation = evaluate("multiclass", labels, targets, scores)
    expected = reference.precision_recall_fscore_support(targets, predictions, labels=list(labels))
    for i, row in enumerate(evaluation.per_class):
        assert (row["precision"], row["recall"], row["f1"], row["support"]) == pytest.approx([e[i] for e in expected])
    assert [row["label"] for row in evaluation.per_class] == list(labels)
    assert np.sum(evaluation.confusion["matrix"], axis=1).tolist() == [targets.count(label) for label in labels]
    truth = np.array(targets)[:, None] == labels
    assert evaluation.metrics["auroc"] == pytest.approx(reference.roc_auc_score(targets, scores, multi_class="ovr"))
    expected_precision = reference.average_precision_score(truth, scores, average="macro")
    assert evaluation.metrics["average_precision"] == pytest.approx(expected_precision)


def test_label_sets_agree_with_scikit_learn(answers):
    labels, targets, scores = answers("multilabel", 200)
    found = evaluate("multilabel", labels, targets, scores, decision=Decision(thresholds={"late": 0.3}))
    truth = np.array([[label in target for label in labels] for target in targets])
    given = scores >= [0.3, 0.5, 0.5]
    assert found.metrics["accuracy"] == pytest.approx(reference.accuracy_score(truth, given))
    assert found.metrics["macro_f1"] == pytest.approx(reference.f1_score(truth, given, average="macro"))
    assert found.metrics["auroc"] == pytest.approx(reference.roc_auc_score(truth, scores))
    expected = reference.precision_recall_fscore_support(truth, given)
    assert [row["recall"] for row in found.per_class] == pytest.approx(expected[1])
    assert [point["label"] for point in found.operating_points] == ["late"]
    assert found.operating_points[0]["recall"] == found.per_class[0]["recall"]
    assert found.confusion == {"labels": [], "matrix": []}


def test_levels_know_their_severe_end(answers):
    labels, targets, scores = answers("ordinal", 300)
    truth = np.array([labels.index(t) for t in targets])
    median = (scores.cumsum(1) >= 0.5).argmax(1)
    first, last = (evaluate("ordinal", labels, targets, scores, severe=end).metrics for end in ("first", "last"))
    assert first["undertriage"] == pytest.approx((median > truth).mean())
    assert last["undertriage"] == pytest.approx((median < truth).mean())
    assert first["mae"] == pytest.approx(np.abs(median - truth).mean())
    assert first["qwk"] == pytest.approx(reference.cohen_kappa_score(truth, median, weights="quadratic"))


def test_numbers_come_with_residuals(answers):
    labels, targets, scores = answers("regression", 300)
    found = evaluate("regression", labels, targets, scores[:, 0] + 1)
    residuals = scores[:, 0] + 1 - targets
    assert found.residuals["bias"] == pytest.approx(residuals.mean())
    assert found.residuals["quantiles"]["50"] == pytest.approx(np.median(residuals))
    assert sum(found.curves["residuals"]["count"]) == 300
    assert (found.risk_coverage, found.reliability, found.per_class) == (None, [], [])


@pytest.mark.parametrize("bias", [0.0, 3.0, 1e5, 1e17])
def test_residuals_that_hardly_differ_have_a_histogram(bias):
    found = evaluate("regression", (), [0.0, 1.0, 2.0], np.array([0.0, 1.0, 2.0 + 1e-11]) + bias, resamples=5)
    columns = found.curves["residuals"]
    assert sum(columns["count"]) == 3
    assert all(low < high for low, high in zip(columns["low"], columns["high"], strict=True))


def test_abstention_is_measured_where_it_was_decided(answers):
    labels, targets, scores = answers("multiclass", 300)
    sure = scores.max(1) >= 0.6
    right = np.array(targets) == np.array(labels)[scores.argmax(1)]
    found = evaluate("multiclass", labels, targets, scores, decision=Decision(abstain_below=0.6)).risk_coverage
    assert found["coverage"] == pytest.approx(sure.mean())
    assert found["risk"] == pytest.approx(1 - right[sure].mean())
    everything = evaluate("multiclass", labels, targets, scores).risk_coverage
    assert (everything["coverage"], everything["risk"]) == (1, pytest.approx(1 - right.mean()))
    nothing = evaluate("multiclass", labels, targets, scores, decision=Decision(abstain_below=1.1)).risk_coverage
    assert (nothing["coverage"], nothing["risk"]) == (0, None)


def test_same_seed_gives_the_same_intervals_and_groups_change_them(answers):
    facts = ("multiclass", *answers("multiclass", 200))
    once = evaluate(*facts, seed=3)
    assert evaluate(*facts, seed=3) == once
    assert evaluate(*facts, seed=4).intervals != once.intervals
    grouped = evaluate(*facts, groups=[str(i // 4) for i in range(200)], seed=3)
    assert grouped.metrics == once.metrics
    assert grouped.intervals != once.intervals


def test_examples_without_a_group_stand_for_themselves(answers):
    facts = ("multiclass", *answers("multiclass", 100))
    plain = evaluate(*facts)
    assert evaluate(*facts, groups=[None] * 100) == plain
    mixed = evaluate(*facts, groups=["a"] * 60 + [None] * 40)
    assert mixed.intervals["accuracy"] != plain.intervals["accuracy"]
    assert mixed.warnings == ()


def test_one_class_only_leaves_out_what_is_undefined(answers):
    _, _, scores = answers("multiclass", 40)
    evaluation = evaluate("multiclass", LABELS, ["neutral"] * 40, scores)
    assert not {"auroc", "average_precision"} & (set(evaluation.metrics) | set(evaluation.intervals))
    assert math.isnan(score("auroc", "multiclass", LABELS, ["neutral"] * 40, scores))
    assert evaluation.metrics["mcc"] == 0
    assert "'negative', 'positive'" in evaluation.warnings[0]


@pytest.mark.parametrize("label", ["fine", "fraud"])
def test_one_of_two_classes_only_has_neither_ranking_nor_curves(label, answers):
    labels, _, scores = answers("binary", 40)
    evaluation = evaluate("binary", labels, [label] * 40, scores, costs=COSTS)
    assert evaluation.curves == {}
    assert not {"auroc", "recall@fpr=0.01", "cost_saved"} & set(evaluation.metrics)
    json.dumps(evaluation.to_dict(), allow_nan=False)


def test_an_absent_class_is_told_and_the_others_are_measured(answers):
    labels, targets, scores = answers("multiclass", 60)
    kept = [i for i, target in enumerate(targets) if target != "neutral"]
    evaluation = evaluate("multiclass", labels, [targets[i] for i in kept], scores[kept])
    assert set(evaluation.metrics) == set(DEFINED["multiclass"]) - {"coverage", "risk"}
    assert evaluation.per_class[1]["support"] == 0
    assert evaluation.warnings[0].startswith("no example of 'neutral' was there")


def test_a_single_example_is_enough_and_the_reader_is_warned():
    evaluation = evaluate("binary", ["no", "yes"], ["yes"], np.array([[0.2, 0.8]]))
    assert evaluation.metrics["accuracy"] == 1
    assert evaluation.metrics["brier"] == pytest.approx(0.04)
    assert any("only 1 example:" in warning for warning in evaluation.warnings)
    assert "brier" not in evaluation.intervals
    assert any(w.startswith("no interval for") and "brier" in w for w in evaluation.warnings)


def test_a_faultless_model_on_few_examples_may_still_err():
    scores = np.tile([[0.9, 0.1], [0.2, 0.8]], (5, 1))
    evaluation = evaluate("binary", ("no", "yes"), ["no", "yes"] * 5, scores)
    assert evaluation.intervals["accuracy"] == pytest.approx((0.722, 1), abs=1e-3)
    assert evaluation.intervals["recall@fpr=0.01"] == pytest.approx((0.566, 1), abs=1e-3)
    grouped = evaluate("binary", ("no", "yes"), ["no", "yes"] * 5, scores, groups=list("aabbccddee"))
    assert grouped.intervals["accuracy"] == pytest.approx((0.566, 1), abs=1e-3)
    assert "macro_f1" not in evaluation.intervals


def test_few_groups_and_few_positives_are_told(answers):
    labels, targets, scores = answers("multiclass", 100)
    evaluation = evaluate("multiclass", labels, targets, scores, groups=[str(i % 5) for i in range(100)])
    assert "only 5 groups of examples (100 examples)" in evaluation.warnings[0]
    labels, _, scores = answers("binary", 100)
    evaluation = evaluate("binary", labels, ["fraud"] * 9 + ["fine"] * 91, scores)
    assert "only 9 examples of 'fraud'" in evaluation.warnings[0]


def test_other_shares_are_reported_on_demand(answers):
    labels, targets, scores = answers("binary", 200)
    evaluation = evaluate("binary", labels, targets, scores, also=("recall@fpr=.05", "macro_f1"))
    assert evaluation.metrics["recall@fpr=0.05"] == score("recall@fpr=0.05", "binary", labels, targets, scores)
    assert list(evaluation.metrics).count("macro_f1") == 1


def test_mistakes_are_named(answers):
    labels, targets, scores = answers("multiclass", 5)
    with pytest.raises(UsageError, match=r"no metric 'f1'.*macro_f1"):
        score("f1", "multiclass", labels, targets, scores)
    with pytest.raises(UsageError, match="cost_saved needs to know what mistakes cost"):
        score("cost_saved", "binary", *answers("binary", 5))
    with pytest.raises(EmptyData):
        evaluate("multiclass", labels, [], scores[:0])
    with pytest.raises(DataError, match=r"does not know the labels 'bad', 'good'.*it knows 'negative'"):
        evaluate("multiclass", labels, ["good", "bad", *targets[2:]], scores)
    with pytest.raises(DataError, match="does not know the label 'x'"):
        evaluate("multilabel", ("a", "b"), [("a", "x"), ()], scores[:2, :2])
    with pytest.raises(DataError, match=r"target is not a finite number.*example 2 of 2"):
        evaluate("regression", (), [1.0, math.nan], [[1.0], [2.0]])
    with pytest.raises(ValueError, match="shape"):
        evaluate("multiclass", labels, targets, scores[:, :2])
    broken = scores.copy()
    broken[2, 1] = np.nan
    with pytest.raises(TrainingFailed, match=r"not finite.*example 3 of 5"):
        score("accuracy", "multiclass", labels, targets, broken)


def test_large_data_takes_little_time(answers):
    facts = answers("binary", 100_000)
    start = time.process_time()
    evaluate("binary", *facts)
    assert time.process_time() - start < 5


def test_many_classes_need_no_confusion_matrix_for_each_resample():
    random = np.random.default_rng(0)
    labels = tuple(map(str, range(1000)))
    targets = [labels[i] for i in random.integers(1000, size=100)]
    tracemalloc.start()
    evaluate("multiclass", labels, targets, random.dirichlet(np.ones(1000), 100), resamples=200)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 200e6


def test_the_room_is_light():
    heavy = ("scipy", "sklearn", "matplotlib", "torch")
    code = f"import sys, platform_core.evaluation; print([m for m in {heavy} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
