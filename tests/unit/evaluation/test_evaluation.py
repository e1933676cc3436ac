"""The door of the room: `evaluate_classes` and `score`."""

import json
import math
import time

import numpy as np
import pytest
from sklearn.metrics import f1_score, precision_recall_fscore_support

from platform_core.evaluation import METRICS, evaluate_classes, score
from platform_core.sdk import DataError, EmptyData, TrainingFailed, UsageError

LABELS = ("negative", "neutral", "positive")


def answers(rows, classes=3, seed=0, skill=1.5):
    random = np.random.default_rng(seed)
    labels = LABELS if classes == 3 else [f"class {i}" for i in range(classes)]
    truth = random.integers(classes, size=rows)
    logits = random.normal(size=(rows, classes))
    logits[np.arange(rows), truth] += skill
    scores = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    return labels, [labels[i] for i in truth], scores


def test_everything_is_measured_and_written_as_json():
    labels, targets, scores = answers(300)
    evaluation = evaluate_classes(labels, targets, scores)
    assert tuple(evaluation.metrics) == METRICS
    assert set(evaluation.intervals) == set(METRICS)
    for name, (low, high) in evaluation.intervals.items():
        assert low <= evaluation.metrics[name] <= high
        assert low < high
    assert evaluation.n == 300
    assert evaluation.warnings == ()
    assert json.loads(json.dumps(evaluation.to_dict(), allow_nan=False)) == evaluation.to_dict()


def test_per_class_table_and_confusion_agree_with_scikit_learn():
    labels, targets, scores = answers(200, seed=1)
    predictions = [labels[i] for i in scores.argmax(1)]
    evaluation = evaluate_classes(labels, targets, scores)
    expected = precision_recall_fscore_support(targets, predictions, labels=list(labels))
    for i, row in enumerate(evaluation.per_class):
        assert (row["precision"], row["recall"], row["f1"], row["support"]) == pytest.approx([e[i] for e in expected])
    assert [row["label"] for row in evaluation.per_class] == list(labels)
    assert np.sum(evaluation.confusion["matrix"]) == 200
    assert np.sum(evaluation.confusion["matrix"], axis=1).tolist() == [targets.count(label) for label in labels]
    assert evaluation.metrics["macro_f1"] == pytest.approx(f1_score(targets, predictions, average="macro"))


def test_same_seed_gives_the_same_intervals_and_groups_change_them():
    labels, targets, scores = answers(200)
    once = evaluate_classes(labels, targets, scores, seed=3)
    assert evaluate_classes(labels, targets, scores, seed=3) == once
    assert evaluate_classes(labels, targets, scores, seed=4).intervals != once.intervals
    grouped = evaluate_classes(labels, targets, scores, groups=[str(i // 4) for i in range(200)], seed=3)
    assert grouped.metrics == once.metrics
    assert grouped.intervals != once.intervals


def test_examples_without_a_group_stand_for_themselves():
    labels, targets, scores = answers(100)
    plain = evaluate_classes(labels, targets, scores)
    assert evaluate_classes(labels, targets, scores, groups=[None] * 100) == plain
    mixed = evaluate_classes(labels, targets, scores, groups=["a"] * 60 + [None] * 40)
    assert mixed.intervals["accuracy"] != plain.intervals["accuracy"]
    assert mixed.warnings == ()


def test_one_class_only_leaves_out_what_is_undefined():
    labels, _, scores = answers(40)
    evaluation = evaluate_classes(labels, ["neutral"] * 40, scores)
    assert "auroc" not in evaluation.metrics
    assert "auroc" not in evaluation.intervals
    assert math.isnan(score("auroc", labels, ["neutral"] * 40, scores))
    assert evaluation.metrics["mcc"] == 0
    assert "'negative', 'positive'" in evaluation.warnings[0]


def test_an_absent_class_is_told_and_the_others_are_measured():
    labels, targets, scores = answers(60)
    kept = [i for i, target in enumerate(targets) if target != "neutral"]
    evaluation = evaluate_classes(labels, [targets[i] for i in kept], scores[kept])
    assert tuple(evaluation.metrics) == METRICS
    assert evaluation.per_class[1]["support"] == 0
    assert evaluation.warnings[0].startswith("no example of 'neutral' was there")


def test_a_single_example_is_enough_and_the_reader_is_warned():
    evaluation = evaluate_classes(["no", "yes"], ["yes"], np.array([[0.2, 0.8]]))
    assert evaluation.metrics["accuracy"] == 1
    assert evaluation.metrics["brier"] == pytest.approx(0.04)
    assert any("only 1 example:" in warning for warning in evaluation.warnings)


def test_few_groups_are_told():
    labels, targets, scores = answers(100)
    evaluation = evaluate_classes(labels, targets, scores, groups=[str(i % 5) for i in range(100)])
    assert "only 5 groups of examples (100 examples)" in evaluation.warnings[0]


@pytest.mark.parametrize("name", METRICS)
def test_score_is_what_the_evaluation_says(name):
    labels, targets, scores = answers(80)
    assert score(name, labels, targets, scores) == evaluate_classes(labels, targets, scores).metrics[name]


def test_mistakes_are_named():
    labels, targets, scores = answers(5)
    with pytest.raises(UsageError, match=r"no metric 'f1'.*macro_f1"):
        score("f1", labels, targets, scores)
    with pytest.raises(EmptyData):
        evaluate_classes(labels, [], scores[:0])
    with pytest.raises(DataError, match=r"does not know the labels 'bad', 'good'.*it knows 'negative'"):
        evaluate_classes(labels, ["good", "bad", *targets[2:]], scores)
    with pytest.raises(ValueError, match="shape"):
        evaluate_classes(labels, targets, scores[:, :2])
    broken = scores.copy()
    broken[2, 1] = np.nan
    with pytest.raises(TrainingFailed, match=r"not finite.*example 3 of 5"):
        score("accuracy", labels, targets, broken)


def test_five_thousand_rows_take_little_time():
    labels, targets, scores = answers(5000)
    start = time.process_time()
    evaluate_classes(labels, targets, scores)
    assert time.process_time() - start < 2.5
