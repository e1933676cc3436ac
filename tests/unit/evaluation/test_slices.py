"""Slices: measured apart, compared fairly, small ones flagged."""

import numpy as np
import pytest

from platform_core.evaluation import evaluate


def test_each_value_is_measured_as_if_it_were_alone(answers):
    labels, targets, scores = answers("binary", 300)
    values = ["a" if i % 3 else "b" for i in range(300)]
    [report] = evaluate("binary", labels, targets, scores, slices={"kind": values}, resamples=50).slices
    assert report["field"] == "kind"
    assert [(part["value"], part["n"], part["small"]) for part in report["values"]] == [
        ("a", 200, False),
        ("b", 100, False),
    ]
    rows = np.flatnonzero(np.array(values) == "b")
    alone = evaluate("binary", labels, [targets[i] for i in rows], scores[rows], resamples=50)
    part = report["values"][1]["metrics"]
    assert {name: part[name] for name in ("accuracy", "macro_f1", "auroc")} == {
        name: alone.metrics[name] for name in ("accuracy", "macro_f1", "auroc")
    }
    assert part["recall"] == alone.operating_points[0]["recall"]
    for gap in report["gaps"]:
        measured = {v["value"]: v["metrics"][gap["metric"]] for v in report["values"]}
        assert gap["gap"] == pytest.approx(max(measured.values()) - min(measured.values()))
        assert measured[gap["highest"]] >= measured[gap["lowest"]]


def test_a_group_that_is_served_worse_is_told_and_chance_is_not(answers):
    labels, targets, scores = answers("binary", 2000)
    women = np.arange(2000) % 4 == 0
    unfair = scores.copy()
    unfair[women] = np.random.default_rng(1).dirichlet([2, 1], size=women.sum())
    sex = np.where(women, "f", "m").tolist()
    fair = evaluate("binary", labels, targets, scores, slices={"sex": sex}, resamples=200)
    assert not any(gap["beyond_noise"] for gap in fair.slices[0]["gaps"])
    assert fair.warnings == ()
    told = evaluate("binary", labels, targets, unfair, slices={"sex": sex}, resamples=200)
    [warning] = told.warnings
    assert warning.startswith("sex makes a difference beyond chance: accuracy")
    assert "recall" in warning
    assert "'f'" in warning


def test_false_alarms_are_rare_whatever_the_number_of_values(answers):
    false = 0
    for seed in range(40):
        labels, targets, scores = answers("multiclass", 400, seed=seed)
        values = [str(v) for v in np.random.default_rng(seed).integers(6, size=400)]
        found = evaluate("multiclass", labels, targets, scores, slices={"x": values}, seed=seed, resamples=200)
        false += any(gap["beyond_noise"] for gap in found.slices[0]["gaps"])
    assert false <= 5


def test_small_slices_are_flagged_and_not_compared(answers):
    labels, targets, scores = answers("regression", 110)
    values = ["most"] * 90 + ["few"] * 19 + [None]
    found = evaluate("regression", labels, targets, scores, slices={"site": values}, resamples=50)
    assert [(p["value"], p["small"]) for p in found.slices[0]["values"]] == [
        ("most", False),
        ("few", True),
        ("(none)", True),
    ]
    assert found.slices[0]["gaps"] == []
    assert found.warnings == ("too few examples of site 'few' (19), '(none)' (1) to compare",)


def test_many_values_are_cut_to_the_most_frequent_and_groups_count_as_one(answers):
    labels, targets, scores = answers("ordinal", 400)
    values = [str(i % 37) if i < 300 else "big" for i in range(400)]
    groups = [str(i // 50) for i in range(400)]
    found = evaluate("ordinal", labels, targets, scores, slices={"ward": values}, groups=groups, resamples=50)
    assert len(found.slices[0]["values"]) == 20
    assert found.slices[0]["values"][0] == found.slices[0]["values"][0] | {"value": "big", "n": 100, "small": True}


def test_values_must_be_those_of_the_examples(answers):
    with pytest.raises(ValueError, match="slice 'x' has 2 values for 10 examples"):
        evaluate("regression", *answers("regression", 10), slices={"x": ["a", "b"]})
