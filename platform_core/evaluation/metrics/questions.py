"""Metrics of one yes/no question that depend on its four counts alone: rates, and what answering it saves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from platform_core.evaluation.arrays import Floats, ratio
from platform_core.evaluation.metrics.classes import Tally


@dataclass(frozen=True)
class Counts:
    """Counts of answers to one question, each of any one shape.

    Attributes:
        tp, fp, fn, tn: positives that were found, false alerts, positives that were missed, the rest.
    """

    tp: Floats
    fp: Floats
    fn: Floats
    tn: Floats

    @classmethod
    def of(cls, tally: Tally, positive: int) -> Counts:
        """Read them from the tally of two classes; ``positive`` is the index of the positive one."""
        tp, tn = tally.hits[..., positive], tally.hits[..., 1 - positive]
        return cls(tp=tp, fp=tally.predictions[..., positive] - tp, fn=tally.targets[..., positive] - tp, tn=tn)


def recall(counts: Counts) -> Floats:
    """Share of the positives that is found."""
    return ratio(counts.tp, counts.tp + counts.fn)


def precision(counts: Counts) -> Floats:
    """Share of the alerts that is right."""
    return ratio(counts.tp, counts.tp + counts.fp)


def fpr(counts: Counts) -> Floats:
    """Share of the negatives that is alerted."""
    return ratio(counts.fp, counts.fp + counts.tn)


def alert_rate(counts: Counts) -> Floats:
    """Share of all examples that is alerted."""
    return ratio(counts.tp + counts.fp, counts.tp + counts.fp + counts.fn + counts.tn)


def f1(counts: Counts) -> Floats:
    """Harmonic mean of precision and recall; undefined where there are neither positives nor alerts."""
    return ratio(2 * counts.tp, 2 * counts.tp + counts.fp + counts.fn)


def cost_saved(counts: Counts, *, fp: float, fn: float) -> Floats:
    """Share of the cost that is saved against the better of alerting always and alerting never.

    1 is a model without mistakes, 0 one that is worth nothing, less than 0 one that is worse than no model.

    Args:
        counts: the answers.
        fp: cost of a false alert.
        fn: cost of a positive that is missed.
    """
    cost = fp * counts.fp + fn * counts.fn
    always, never = fp * (counts.fp + counts.tn), fn * (counts.tp + counts.fn)
    return 1 - ratio(cost, np.minimum(always, never))
