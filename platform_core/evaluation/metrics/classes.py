"""Metrics of single answers that depend on counts of classes alone. An undefined MCC is 0, as by convention."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from platform_core.evaluation.arrays import Floats, Indices, defined_mean, ratio


@dataclass(frozen=True)
class Tally:
    """Counts of each class, [..., k]: most metrics need no more, and the confusion matrix of many classes is large.

    Attributes:
        hits: rows of the class that are predicted to be of it.
        targets: rows of the class.
        predictions: rows that are predicted to be of it.
    """

    hits: Floats
    targets: Floats
    predictions: Floats

    @classmethod
    def of(cls, targets: Indices, predictions: Indices, classes: int, weights: Floats) -> Tally:
        """Count; arguments as for :func:`confusion_matrix`."""
        right = (targets == predictions).astype(np.float64)
        return cls(
            hits=_count(targets, classes, weights * right),
            targets=_count(targets, classes, weights),
            predictions=_count(predictions, classes, weights),
        )


def confusion_matrix(targets: Indices, predictions: Indices, classes: int, weights: Floats | None = None) -> Floats:
    """Count targets (rows) against predictions (columns).

    Args:
        targets: class indices, [n].
        predictions: class indices, [n].
        classes: number of classes k.
        weights: how often each row counts, [..., n]; once if omitted.

    Returns:
        Sums of weights, float [..., k, k].
    """
    weights = np.ones(len(targets)) if weights is None else weights
    counts = _count(targets * classes + predictions, classes**2, weights)
    return counts.reshape(*weights.shape[:-1], classes, classes)


def accuracy(tally: Tally) -> Floats:
    """Share of correct predictions."""
    return ratio(tally.hits.sum(-1), tally.targets.sum(-1))


def balanced_accuracy(tally: Tally) -> Floats:
    """Mean recall of the classes that occur among the targets (Brodersen et al., 2010)."""
    return defined_mean(ratio(tally.hits, tally.targets))


def macro_f1(tally: Tally) -> Floats:
    """Mean F1 of the classes that occur among targets or predictions; F1 = 2·hits / (targets + predictions)."""
    return defined_mean(ratio(2 * tally.hits, tally.targets + tally.predictions))


def micro_f1(tally: Tally) -> Floats:
    """F1 of the pooled decisions; where each example has exactly one class, this is the accuracy."""
    return accuracy(tally)


def mcc(tally: Tally) -> Floats:
    """Matthews correlation coefficient for k classes (Gorodkin, 2004); 0 where a side has one class only."""
    targets, predictions = tally.targets, tally.predictions
    total = targets.sum(-1)
    covariance = tally.hits.sum(-1) * total - (targets * predictions).sum(-1)
    target_variance = total**2 - (targets**2).sum(-1)
    prediction_variance = total**2 - (predictions**2).sum(-1)
    coefficient = ratio(covariance, np.sqrt(target_variance * prediction_variance))
    return np.where(np.isnan(coefficient) & (total > 0), 0.0, coefficient)


def qwk(confusion: Floats) -> Floats:
    """Quadratically weighted kappa of ordered levels (Cohen, 1968).

    1 less the squared distances of predictions to targets over those that chance would give, both with the same
    marginal counts; 0 is chance. Undefined where targets and predictions are all of one and the same level.
    """
    levels = np.arange(confusion.shape[-1], dtype=np.float64)
    distances = (levels[:, None] - levels) ** 2
    by_chance = ratio(
        confusion.sum(-1)[..., :, None] * confusion.sum(-2)[..., None, :],
        np.expand_dims(confusion.sum((-2, -1)), (-2, -1)),
    )
    return 1 - ratio((distances * confusion).sum((-2, -1)), (distances * by_chance).sum((-2, -1)))


TALLY_METRICS: Mapping[str, Callable[[Tally], Floats]] = {
    "accuracy": accuracy,
    "balanced_accuracy": balanced_accuracy,
    "macro_f1": macro_f1,
    "micro_f1": micro_f1,
    "mcc": mcc,
}
"""Metrics that depend on the tally alone."""


def _count(cells: Indices, size: int, weights: Floats) -> Floats:
    """Return the sums of ``weights`` [..., n] by cell, [..., size]."""
    rows = weights.reshape(-1, len(cells))
    offsets = np.arange(len(rows))[:, None] * size
    counts = np.bincount((cells + offsets).ravel(), weights=rows.ravel(), minlength=len(rows) * size)
    return counts.astype(np.float64, copy=False).reshape(*weights.shape[:-1], size)
