"""From scores to answers: thresholds, median levels, and how sure an answer is."""

import numpy as np
import pytest

from platform_core.evaluation.decisions import confidences, decide
from platform_core.sdk import Decision


def answers(task, labels, scores, **thresholds):
    found = decide(task, labels, np.array(scores), Decision(thresholds=thresholds))
    return found.tolist()


def test_without_thresholds():
    assert answers("binary", ("no", "yes"), [[0.5, 0.5], [0.4, 0.6]]) == [0, 1]
    assert answers("multiclass", ("a", "b", "c"), [[0.2, 0.5, 0.3]]) == [1]
    assert answers("ordinal", ("1", "2", "3"), [[0.4, 0.1, 0.5], [0.5, 0.0, 0.5]]) == [1, 0]
    assert answers("multilabel", ("a", "b"), [[0.5, 0.49]]) == [[True, False]]
    assert answers("regression", (), [[3.5]]) == [3.5]


def test_the_threshold_of_one_of_two_classes_decides_alone():
    scores = [[0.75, 0.25], [0.8, 0.2], [0.3, 0.7]]
    assert answers("binary", ("no", "yes"), scores, yes=0.25) == [1, 0, 1]
    assert answers("binary", ("no", "yes"), scores, no=0.8) == [1, 0, 1]


def test_a_class_needs_its_threshold_else_the_next_best_is_given():
    scores = [[0.5, 0.3, 0.2], [0.7, 0.2, 0.1], [0.4, 0.35, 0.25]]
    assert answers("multiclass", ("a", "b", "c"), scores, a=0.6) == [1, 0, 1]
    assert answers("multiclass", ("a", "b"), [[0.6, 0.4]], a=0.9, b=0.9) == [0]


def test_levels_have_no_thresholds():
    assert answers("ordinal", ("1", "2", "3"), [[0.3, 0.3, 0.4]], **{"1": 0.2}) == [1]


def test_label_sets_have_a_threshold_each():
    assert answers("multilabel", ("a", "b"), [[0.3, 0.6]], a=0.25, b=0.7) == [[True, False]]


def test_confidence_is_the_score_of_the_answer():
    scores = np.array([[0.7, 0.3], [0.1, 0.9]])
    assert confidences("binary", scores, np.array([1, 1])).tolist() == [0.3, 0.9]
    assert confidences("multilabel", scores, scores >= 0.5) == pytest.approx([0.7, 0.9])
    assert confidences("regression", scores[:, :1], scores[:, 0]) is None
