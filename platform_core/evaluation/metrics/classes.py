"""Metrics of single answers that depend on the confusion matrix alone. An undefined MCC is 0, as by convention."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from platform_core.evaluation.arrays import Floats, Indices, defined_mean, ratio


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
    cells = targets * classes + predictions
    if weights is None:
        return np.bincount(cells, minlength=classes**2).astype(np.float64).reshape(classes, classes)
    rows = weights.reshape(-1, len(cells))
    offsets = np.arange(len(rows))[:, None] * classes**2
    counts = np.bincount((cells + offsets).ravel(), weights=rows.ravel(), minlength=len(rows) * classes**2)
    return counts.astype(np.float64, copy=False).reshape(*weights.shape[:-1], classes, classes)


def accuracy(confusion: Floats) -> Floats:
    """Share of correct predictions."""
    return ratio(_hits(confusion).sum(-1), confusion.sum((-2, -1)))


def balanced_accuracy(confusion: Floats) -> Floats:
    """Mean recall of the classes that occur among the targets (Brodersen et al., 2010)."""
    recalls = ratio(_hits(confusion), confusion.sum(-1))
    return defined_mean(recalls)


def macro_f1(confusion: Floats) -> Floats:
    """Mean F1 of the classes that occur among targets or predictions; F1 = 2·hits / (targets + predictions)."""
    return defined_mean(ratio(2 * _hits(confusion), confusion.sum(-1) + confusion.sum(-2)))


def micro_f1(confusion: Floats) -> Floats:
    """F1 of the pooled decisions; where each example has exactly one class, this is the accuracy."""
    return accuracy(confusion)


def mcc(confusion: Floats) -> Floats:
    """Matthews correlation coefficient for k classes (Gorodkin, 2004); 0 where a side has one class only."""
    total = confusion.sum((-2, -1))
    targets, predictions = confusion.sum(-1), confusion.sum(-2)
    covariance = _hits(confusion).sum(-1) * total - (targets * predictions).sum(-1)
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


CONFUSION_METRICS: Mapping[str, Callable[[Floats], Floats]] = {
    "accuracy": accuracy,
    "balanced_accuracy": balanced_accuracy,
    "macro_f1": macro_f1,
    "micro_f1": micro_f1,
    "mcc": mcc,
    "qwk": qwk,
}
"""Metrics that depend on the confusion matrix alone; ``qwk`` makes sense for ordered levels only."""


def _hits(confusion: Floats) -> Floats:
    return confusion.diagonal(axis1=-2, axis2=-1)
