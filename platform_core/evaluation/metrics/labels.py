"""Metrics of sets of labels that depend on the counts of each label alone.

A label that occurs neither among targets nor among predictions has no F1 and is left out of the mean, as classes are.
"""

from __future__ import annotations

from platform_core.evaluation.arrays import Bools, Floats, defined_mean, ratio
from platform_core.evaluation.metrics.questions import Counts, f1


def label_counts(targets: Bools, predictions: Bools, weights: Floats) -> Counts:
    """Count the answers to each label.

    Args:
        targets: the truth, [n, k].
        predictions: what was given, [n, k].
        weights: how often each row counts, [..., n].

    Returns:
        Counts of shape [..., k].
    """
    tp = weights @ (targets & predictions).astype(float)
    wanted, given = weights @ targets.astype(float), weights @ predictions.astype(float)
    total = weights.sum(-1)[..., None]
    return Counts(tp=tp, fp=given - tp, fn=wanted - tp, tn=total - wanted - given + tp)


def macro_f1(counts: Counts) -> Floats:
    """Mean F1 of the labels, of counts [..., k]."""
    return defined_mean(f1(counts))


def micro_f1(counts: Counts) -> Floats:
    """F1 of the answers to all labels together, of counts [..., k]."""
    tp = counts.tp.sum(-1)
    return ratio(2 * tp, 2 * tp + counts.fp.sum(-1) + counts.fn.sum(-1))
