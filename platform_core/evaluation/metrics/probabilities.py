"""Metrics of probabilities: are they near the truth, and can they be taken at their word?

For calibration, confidence is the probability of the most probable answer. Confidences fall into 15 bins of equal
width, ``(low, high]``; in each bin the mean confidence is compared with the share of right answers (Guo et al., 2017,
"On Calibration of Modern Neural Networks"). Where labels are independent, each label of each example is one yes/no
answer, and all of them are pooled.
"""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from platform_core.evaluation.arrays import Bools, Floats, Indices, ratio

BINS = 15


class ReliabilityBin(TypedDict):
    """Answers whose confidence lies in ``(low, high]``."""

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


class Answered:
    """Answers with their confidence, whether they are right, and the bin they fall into.

    Args:
        confidence: probability of each answer, [n, m]: m answers to each example.
        right: whether it is right, [n, m].
    """

    def __init__(self, confidence: Floats, right: Bools) -> None:
        upper_edges = np.linspace(0, 1, BINS + 1)[1:]
        # A probability may exceed 1 by rounding.
        self._bins = np.minimum(np.searchsorted(upper_edges, confidence, side="left"), BINS - 1)
        self._confidence = confidence
        self._right = right
        gaps = right - confidence
        rows, answers = confidence.shape
        cells = np.arange(rows)[:, None] * BINS + self._bins
        self._gaps = np.bincount(cells.ravel(), weights=gaps.ravel(), minlength=rows * BINS).reshape(rows, BINS)
        self._answers = answers

    @classmethod
    def most_probable(cls, targets: Indices, scores: Floats) -> Answered:
        """Take the most probable class of ``scores`` [n, k] as the answer; ``targets`` are class indices [n]."""
        return cls(scores.max(-1)[:, None], (scores.argmax(-1) == targets)[:, None])

    @classmethod
    def each_label(cls, targets: Bools, scores: Floats) -> Answered:
        """Take "yes" or "no" to each label as an answer; ``targets`` and ``scores`` are [n, k]."""
        return cls(np.maximum(scores, 1 - scores), (scores >= 0.5) == targets)

    def ece(self, weights: Floats | None = None) -> Floats:
        """Expected calibration error: mean over answers of |share right - confidence| of the answer's bin.

        Args:
            weights: how often each row counts, [..., n]; once if omitted.
        """
        weights = np.ones(len(self._gaps)) if weights is None else weights
        return ratio(np.abs(weights @ self._gaps).sum(-1), self._answers * weights.sum(-1))

    def reliability(self) -> list[ReliabilityBin]:
        """Return the bins that hold answers, from low to high confidence."""
        return [
            ReliabilityBin(
                low=float(b / BINS),
                high=float((b + 1) / BINS),
                count=int(np.count_nonzero(inside)),
                confidence=float(self._confidence[inside].mean()),
                accuracy=float(self._right[inside].mean()),
            )
            for b in np.unique(self._bins)
            for inside in [self._bins == b]
        ]


def squared_distances(targets: Indices, scores: Floats) -> Floats:
    """Squared distance of the probabilities to the truth, [n]; their mean is the Brier score (Brier, 1950).

    For two classes it is halved, so that it is the usual ``(p - y)²`` in [0, 1]; for more it lies in [0, 2].

    Args:
        targets: class indices, [n].
        scores: probabilities, [n, k].
    """
    truth = np.arange(scores.shape[1]) == targets[:, None]
    distances: Floats = ((scores - truth) ** 2).sum(-1) / (2 if scores.shape[1] == 2 else 1)
    return distances


def label_distances(targets: Bools, scores: Floats) -> Floats:
    """Mean over independent labels of ``(p - y)²``, [n], for ``targets`` and ``scores`` [n, k]."""
    distances: Floats = ((scores - targets) ** 2).mean(-1)
    return distances
