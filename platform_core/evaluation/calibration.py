"""Calibration: does a confidence of 90 % mean nine right answers in ten?

Confidence is the probability of the predicted class. Confidences fall into 15 bins of equal width, ``(low, high]``;
in each bin the mean confidence is compared with the accuracy (Guo et al., 2017, "On Calibration of Modern Neural
Networks").
"""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from platform_core.evaluation.metrics import Floats, Indices

BINS = 15


class ReliabilityBin(TypedDict):
    """Predictions whose confidence lies in ``(low, high]``."""

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


def ece(targets: Indices, scores: Floats, weights: Floats | None = None) -> Floats:
    """Expected calibration error: mean over examples of |accuracy - confidence| of the example's bin.

    Args:
        targets: class indices, [n].
        scores: probabilities, [n, k].
        weights: how often each row counts, [..., n].

    Returns:
        Errors in [0, 1], of the leading shape of ``weights``.
    """
    bins, confidence, correct = _assign(targets, scores)
    weights = np.ones(len(bins)) if weights is None else weights
    membership = bins[:, None] == np.arange(BINS)
    gaps = weights @ (membership * (correct - confidence)[:, None])
    error: Floats = np.abs(gaps).sum(-1) / weights.sum(-1)
    return error


def reliability(targets: Indices, scores: Floats) -> list[ReliabilityBin]:
    """Return the bins that hold predictions, from low to high confidence.

    Args:
        targets: class indices, [n].
        scores: probabilities, [n, k].
    """
    bins, confidence, correct = _assign(targets, scores)
    return [
        ReliabilityBin(
            low=float(b / BINS),
            high=float((b + 1) / BINS),
            count=int((bins == b).sum()),
            confidence=float(confidence[bins == b].mean()),
            accuracy=float(correct[bins == b].mean()),
        )
        for b in np.unique(bins)
    ]


def _assign(targets: Indices, scores: Floats) -> tuple[Indices, Floats, Floats]:
    """Return each example's bin, confidence, and 1 where the prediction is right."""
    confidence = scores.max(-1)
    correct = (scores.argmax(-1) == targets).astype(np.float64)
    upper_edges = np.linspace(0, 1, BINS + 1)[1:]
    bins = np.searchsorted(upper_edges, confidence, side="left")
    # A probability may exceed 1 by rounding.
    return np.minimum(bins, BINS - 1), confidence, correct
