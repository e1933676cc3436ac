"""Metrics of classifiers.

Every function takes optional ``weights``, float [..., n], or the confusion matrices that come of them, [..., k, k],
and returns an array of the leading shape: one call computes a metric for all bootstrap resamples at once, with the
code that computes the metric itself. A metric that is undefined is NaN; an undefined MCC is 0, as by convention.

Names and conventions are those of scikit-learn, against which the tests compare.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]


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
    weights = np.ones(len(cells)) if weights is None else weights
    rows = weights.reshape(-1, len(cells))
    offsets = np.arange(len(rows))[:, None] * classes**2
    counts = np.bincount((cells + offsets).ravel(), weights=rows.ravel(), minlength=len(rows) * classes**2)
    return counts.astype(np.float64, copy=False).reshape(*weights.shape[:-1], classes, classes)


def accuracy(confusion: Floats) -> Floats:
    """Share of correct predictions."""
    return _ratio(_hits(confusion).sum(-1), confusion.sum((-2, -1)))


def balanced_accuracy(confusion: Floats) -> Floats:
    """Mean recall of the classes that occur among the targets (Brodersen et al., 2010)."""
    recalls = _ratio(_hits(confusion), confusion.sum(-1))
    return _defined_mean(recalls)


def macro_f1(confusion: Floats) -> Floats:
    """Mean F1 of the classes that occur among targets or predictions; F1 = 2·hits / (targets + predictions)."""
    return _defined_mean(_ratio(2 * _hits(confusion), confusion.sum(-1) + confusion.sum(-2)))


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
    coefficient = _ratio(covariance, np.sqrt(target_variance * prediction_variance))
    return np.where(np.isnan(coefficient) & (total > 0), 0.0, coefficient)


CONFUSION_METRICS: Mapping[str, Callable[[Floats], Floats]] = {
    "accuracy": accuracy,
    "balanced_accuracy": balanced_accuracy,
    "macro_f1": macro_f1,
    "micro_f1": micro_f1,
    "mcc": mcc,
}
"""Metrics that depend on the confusion matrix alone."""


def brier(targets: Indices, scores: Floats, weights: Floats | None = None) -> Floats:
    """Brier score: mean squared distance of the probabilities to the truth (Brier, 1950).

    For two classes it is halved, so that it is the usual ``(p - y)²`` in [0, 1]; for more it lies in [0, 2].

    Args:
        targets: class indices, [n].
        scores: probabilities, [n, k].
        weights: how often each row counts, [..., n].
    """
    truth = np.arange(scores.shape[1]) == targets[:, None]
    losses = ((scores - truth) ** 2).sum(-1) / (2 if scores.shape[1] == 2 else 1)
    weights = np.ones(len(losses)) if weights is None else weights
    return _ratio(weights @ losses, weights.sum(-1))


def auroc(targets: Indices, scores: Floats, weights: Floats | None = None) -> Floats:
    """Area under the ROC curve, one class against the rest, mean over the classes where it is defined.

    A class's area is the chance that one of its examples outranks one of another class, a tie counting half
    (Mann-Whitney). It needs an example of the class and one of another. For two classes both areas are the same.

    Args:
        targets: class indices, [n].
        scores: scores, [n, k]; the second column decides where k = 2.
        weights: how often each row counts, [..., n].
    """
    weights = np.ones(len(targets)) if weights is None else weights
    columns = [1] if scores.shape[1] == 2 else range(scores.shape[1])
    present = [c for c in columns if 0 < np.count_nonzero(targets == c) < len(targets)]
    if not present:
        return np.full(weights.shape[:-1], np.nan)
    return _defined_mean(np.stack([_area(targets == c, scores[:, c], weights) for c in present], axis=-1))


def _area(positive: NDArray[np.bool_], score: Floats, weights: Floats) -> Floats:
    order = np.argsort(score, kind="stable")
    ranked = score[order]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
    total = weights.take(order, axis=-1)
    above = total * positive[order]
    below = total - above
    if len(starts) < len(order):
        above = np.add.reduceat(above, starts, axis=-1)
        below = np.add.reduceat(below, starts, axis=-1)
    outranked = below.cumsum(-1) - below / 2
    pairs = above.sum(-1) * below.sum(-1)
    return _ratio(np.einsum("...n,...n->...", above, outranked), pairs)


def _hits(confusion: Floats) -> Floats:
    return confusion.diagonal(axis1=-2, axis2=-1)


def _ratio(numerator: Floats, denominator: Floats) -> Floats:
    """Divide, with NaN instead of a warning where the denominator is 0."""
    quotient: Floats = np.full(np.broadcast_shapes(np.shape(numerator), np.shape(denominator)), np.nan)
    np.divide(numerator, denominator, out=quotient, where=np.asarray(denominator) > 0)
    return quotient


def _defined_mean(values: Floats) -> Floats:
    """Mean over the last axis of what is not NaN."""
    defined = ~np.isnan(values)
    return _ratio(np.where(defined, values, 0.0).sum(-1), defined.sum(-1).astype(np.float64))
