"""Weights of rare classes: chosen by the metric alone, where they gain, and never at the cost of probabilities."""

import numpy as np
import pytest

from platform_core.evaluation import choose_decision, evaluate, score
from platform_core.evaluation.weighting import RARITIES
from platform_core.sdk import Decision

LABELS = ("common", "usual", "rare")


def unequal(n=1500, seed=0, shares=(0.75, 0.18, 0.07), signal=1.0):
    """Return targets and true posteriors of classes that overlap: probabilities that are calibrated by construction."""
    random = np.random.default_rng(seed)
    codes = random.choice(len(shares), n, p=shares)
    seen = random.normal(0, 1, (n, len(shares)))
    seen[np.arange(n), codes] += signal
    posteriors = np.exp(signal * seen) * shares
    return [LABELS[code] for code in codes], posteriors / posteriors.sum(1, keepdims=True)


@pytest.mark.parametrize("metric", ["macro_f1", "balanced_accuracy"])
def test_rare_classes_are_favoured_where_every_class_counts_the_same(metric):
    chosen = choose_decision("multiclass", LABELS, *unequal(), metric=metric)
    found = chosen.weighting
    assert found.rarity in RARITIES
    assert chosen.decision.rarity == found.rarity
    assert found.shares["rare"] == pytest.approx(0.07, abs=0.02)
    assert sum(found.shares.values()) == pytest.approx(1)
    assert found.weighted > found.plain
    assert found.surely >= 0.8
    assert chosen.notes == (chosen.decision.note,)
    targets, scores = unequal(seed=1)
    fresh = [score(metric, "multiclass", LABELS, targets, scores, decision=d) for d in (Decision(), chosen.decision)]
    assert fresh[1] > fresh[0] + 0.01


def test_the_values_are_those_of_an_evaluation():
    targets, scores = unequal()
    chosen = choose_decision("multiclass", LABELS, targets, scores, metric="macro_f1")
    weighted = evaluate("multiclass", LABELS, targets, scores, decision=chosen.decision, resamples=200)
    plain = evaluate("multiclass", LABELS, targets, scores, resamples=200)
    assert weighted.metrics["macro_f1"] == chosen.weighting.weighted
    assert plain.metrics["macro_f1"] == chosen.weighting.plain
    of_probabilities = ("auroc", "average_precision", "brier", "ece")
    assert [weighted.metrics[name] for name in of_probabilities] == [plain.metrics[name] for name in of_probabilities]
    assert weighted.reliability == plain.reliability


@pytest.mark.parametrize("metric", ["", "accuracy", "mcc", "auroc"])
def test_other_metrics_leave_the_most_probable_class(metric):
    chosen = choose_decision("multiclass", LABELS, *unequal(), metric=metric)
    assert chosen.weighting is None
    assert chosen.decision == Decision()


def test_equal_classes_and_sure_models_are_left_alone():
    equal = choose_decision("multiclass", LABELS, *unequal(shares=(1 / 3, 1 / 3, 1 / 3)), metric="balanced_accuracy")
    right = np.eye(3)[[0, 1, 2, 0, 0, 0]] * 0.9 + 0.1 / 3
    targets = [LABELS[row.argmax()] for row in right]
    sure = choose_decision("multiclass", LABELS, targets, right, metric="macro_f1")
    assert equal.decision.rarity == 0
    assert sure.decision == Decision()


@pytest.mark.parametrize("task", ["binary", "ordinal"])
def test_two_classes_and_levels_have_no_weights(task):
    targets, scores = unequal()
    if task == "binary":
        targets, scores = ["rare" if t == "rare" else "common" for t in targets], scores[:, [0, 2]]
        scores = scores / scores.sum(1, keepdims=True)
    labels = LABELS if task == "ordinal" else ("common", "rare")
    assert choose_decision(task, labels, targets, scores, metric="macro_f1").decision == Decision()


def test_groups_count_as_one():
    targets, scores = unequal(n=60)
    repeated = targets * 20, np.tile(scores, (20, 1))
    groups = [str(row % 60) for row in range(1200)]
    alone = choose_decision("multiclass", LABELS, *repeated, metric="balanced_accuracy")
    together = choose_decision("multiclass", LABELS, *repeated, metric="balanced_accuracy", groups=groups)
    assert together.weighting is None or together.weighting.surely < alone.weighting.surely


def test_abstention_goes_by_the_probability_of_the_label_that_is_given():
    targets, scores = unequal()
    chosen = choose_decision("multiclass", LABELS, targets, scores, metric="macro_f1", risk=0.1)
    assert chosen.decision.rarity > 0
    weights = np.array(chosen.decision.weights(LABELS))
    given = (scores * weights).argmax(1)
    sure = scores[np.arange(len(scores)), given] >= chosen.decision.abstain_below
    wrong = np.array([LABELS[i] for i in given]) != np.array(targets)
    assert 0.05 < wrong[sure].mean() <= 0.1
    report = evaluate("multiclass", LABELS, targets, scores, decision=chosen.decision, resamples=200)
    assert report.metrics["coverage"] == pytest.approx(sure.mean())


def test_a_label_that_validation_lacks_has_a_finite_weight():
    targets, scores = unequal()
    wider = np.c_[scores * 0.999, np.full(len(scores), 0.001)]
    chosen = choose_decision("multiclass", (*LABELS, "unseen"), targets, wider, metric="macro_f1")
    assert np.isfinite(chosen.decision.weights((*LABELS, "unseen"))).all()
    assert 0 < chosen.decision.shares["unseen"] < 0.001


def test_what_is_said_names_the_exponent():
    assert Decision().note == ""
    assert "toward rare classes (a = 0.5)" in Decision(rarity=0.5, shares={"rare": 0.1}).note


def test_decisions_of_earlier_releases_are_read():
    old = Decision.model_validate({"thresholds": {}, "goal": "", "abstain_below": 0.4})
    assert old.weights(LABELS) == [1.0, 1.0, 1.0]
