"""Metrics of one yes/no question that depend on the order of the scores alone. Ties always fall together, but
where a number of alerts is fixed: then in random order.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from platform_core.evaluation.arrays import Bools, Floats, Indices, ratio

_SLACK = 1e-9
"""A share of a whole number is not always whole in floating point: 0.1 · 30 > 3."""


class Cumulated(NamedTuple):
    """What is found as the threshold falls past one distinct score after the other, highest first.

    Attributes:
        hits: weight of the positives so far, [..., g]; the last is that of all positives.
        alerts: weight of the rows so far, [..., g]; the last is that of all rows.
    """

    hits: Floats
    alerts: Floats


class Ranking:
    """The rows of one question in the order of their scores, to be counted with any weights.

    Args:
        positive: the truth, [n].
        scores: higher means more likely positive, [n].
    """

    def __init__(self, positive: Bools, scores: Floats) -> None:
        self._order = np.argsort(-scores, kind="stable")
        ranked = scores[self._order]
        self._positive = positive[self._order].astype(np.float64)
        ends = np.r_[np.flatnonzero(ranked[1:] != ranked[:-1]), len(ranked) - 1]
        self._ends = ends if len(ends) < len(ranked) else None
        self.distinct: Floats = ranked[ends]

    def cumulate(self, weights: Floats | None = None) -> Cumulated:
        """Count hits and alerts down to each of the ``distinct`` scores.

        Args:
            weights: how often each row counts, [..., n]; once if omitted.
        """
        if weights is None:
            hits, alerts = self._positive.cumsum(), np.arange(1.0, len(self._order) + 1)
        else:
            ranked = weights.take(self._order, axis=-1)
            alerts = ranked.cumsum(-1)
            ranked *= self._positive
            hits = ranked.cumsum(-1, out=ranked)
        return (
            Cumulated(hits, alerts) if self._ends is None else Cumulated(hits[..., self._ends], alerts[..., self._ends])
        )


def auroc(cumulated: Cumulated) -> Floats:
    """Area under the ROC curve: the chance that a positive outranks a negative, a tie counting half (Mann-Whitney)."""
    hits, alerts = cumulated
    misses = alerts - hits
    doubled = np.einsum("...g,...g->...", np.diff(misses, axis=-1), hits[..., 1:] + hits[..., :-1])
    doubled += misses[..., 0] * hits[..., 0]
    return ratio(doubled, 2 * hits[..., -1] * misses[..., -1])


def average_precision(cumulated: Cumulated) -> Floats:
    """Mean over the positives of the precision down to their score: the area under the precision-recall steps."""
    hits, alerts = cumulated
    # Rows without weight may come first; then nothing is found either.
    precision = np.divide(hits, alerts, out=np.zeros_like(hits), where=alerts > 0)
    summed = np.einsum("...g,...g->...", np.diff(hits, axis=-1), precision[..., 1:])
    return ratio(summed + hits[..., 0] * precision[..., 0], hits[..., -1])


def recall_at_fpr(cumulated: Cumulated, share: float) -> Floats:
    """Greatest recall at which at most ``share`` of the negatives is alerted; undefined where one side is absent."""
    misses = cumulated.alerts - cumulated.hits
    negatives = misses[..., -1]
    steps = _steps_within(misses, share * negatives)
    return np.where(negatives > 0, ratio(_after(steps, cumulated.hits), cumulated.hits[..., -1]), np.nan)


def recall_at_alert(cumulated: Cumulated, share: float) -> Floats:
    """Recall where the highest scores are alerted, as many as ``share`` of the examples, rounded down.

    Where only some of the examples with one score fit, it is the expected value under a random order of these: the
    share of them that fits finds the same share of their positives. So it is neither 0 nor arbitrary where many
    examples have one score.

    Undefined where there are no positives, and where the share is less than one example.
    """
    hits, alerts = cumulated
    budget = np.floor(share * alerts[..., -1] + _SLACK)
    steps = _steps_within(alerts, budget)
    found, alerted = _after(steps, hits), _after(steps, alerts)
    following = np.minimum(steps + 1, alerts.shape[-1])
    tied = _after(following, alerts) - alerted
    fitting = np.divide(budget - alerted, tied, out=np.zeros_like(found), where=tied > 0)
    found = found + fitting * (_after(following, hits) - found)
    return np.where(budget >= 1, ratio(found, hits[..., -1]), np.nan)


def _steps_within(spent: Floats, budget: Floats) -> Indices:
    """Return how many distinct scores may be alerted so that what is ``spent`` [..., g] stays in ``budget`` [...]."""
    steps: Indices = np.count_nonzero(spent <= budget[..., None] + _SLACK, axis=-1)
    return steps


def _after(steps: Indices, counts: Floats) -> Floats:
    """Return ``counts`` [..., g] after ``steps`` [...] distinct scores, 0 after none."""
    last = np.maximum(steps - 1, 0)[..., None]
    found: Floats = np.where(steps > 0, np.take_along_axis(counts, last, axis=-1)[..., 0], 0.0)
    return found
