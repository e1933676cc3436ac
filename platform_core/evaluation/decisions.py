"""From scores to answers, by a decision: the same rules as heads decode by, for whole arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from platform_core.evaluation.arrays import Bools, Floats, Indices
from platform_core.sdk.decisions import Decision
from platform_core.sdk.targets import Task

Predictions = Indices | Bools | Floats
"""Class indices [n]; of sets of labels, which are given [n, k]; numbers [n]."""


def decide(task: Task, labels: Sequence[str], scores: Floats, decision: Decision) -> Predictions:
    """Return the answers.

    Without thresholds: the most probable class, the median level, labels with at least one half. Of two classes the one
    with a threshold is given when it reaches it; of more, the most probable one of those that reach theirs. Levels have
    no thresholds. Where rare classes are favoured, the class with the greatest weighted score takes the place of the
    most probable one.

    Args:
        task: the kind of answer.
        labels: in the order of the columns; none for numbers.
        scores: calibrated scores, [n, k]; numbers are [n, 1].
        decision: the thresholds and weights.
    """
    limits = decision.thresholds
    match task:
        case "regression":
            numbers: Floats = scores[:, 0]
            return numbers
        case "multilabel":
            given: Bools = scores >= np.array([limits.get(label, 0.5) for label in labels])
            return given
        case _:
            return _decide_one(task, labels, scores, decision)


def _decide_one(task: Task, labels: Sequence[str], scores: Floats, decision: Decision) -> Indices:
    """Return the index of the class or level that is given, [n]."""
    if task == "ordinal":
        reached: Bools = scores.cumsum(-1) >= 0.5
        reached[:, -1] = True  # rounding can keep the sum of all below it
        level: Indices = reached.argmax(-1)
        return level
    limits = decision.thresholds
    weighted = scores * decision.weights(labels)
    foremost: Indices = weighted.argmax(-1)
    if not limits:
        return foremost
    if task == "binary":
        alerted = next(i for i, label in enumerate(labels) if label in limits)
        return np.where(scores[:, alerted] >= limits[labels[alerted]], alerted, 1 - alerted)
    allowed = scores >= np.array([limits.get(label, 0.0) for label in labels])
    return np.where(allowed.any(-1), np.where(allowed, weighted, -np.inf).argmax(-1), foremost)


def confidences(task: Task, scores: Floats, predictions: Predictions) -> Floats | None:
    """Return how sure each answer is, [n]: the score of the answer, of a set of labels that of its least sure label.

    Args:
        task: the kind of answer.
        scores: calibrated scores, [n, k].
        predictions: the answers, see :func:`decide`.

    Returns:
        Probabilities; ``None`` for numbers, which come without.
    """
    match task:
        case "regression":
            return None
        case "multilabel":
            least: Floats = np.maximum(scores, 1 - scores).min(-1)
            return least
        case _:
            return np.take_along_axis(scores, predictions[:, None].astype(np.intp), axis=-1)[:, 0]
