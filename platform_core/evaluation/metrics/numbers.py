"""Metrics of predicted numbers."""

from __future__ import annotations

import numpy as np

from platform_core.evaluation.arrays import Floats, ratio

_ROUNDING = 1e-12


def mae(targets: Floats, predictions: Floats, weights: Floats) -> Floats:
    """Mean absolute error, in the unit of the target.

    Args:
        targets: true values, [n].
        predictions: predicted values, [n].
        weights: how often each row counts, [..., n].
    """
    return ratio(weights @ np.abs(predictions - targets), weights.sum(-1))


def rmse(targets: Floats, predictions: Floats, weights: Floats) -> Floats:
    """Root of the mean squared error, in the unit of the target; arguments as for :func:`mae`."""
    return np.sqrt(ratio(weights @ (predictions - targets) ** 2, weights.sum(-1)))


def r2(targets: Floats, predictions: Floats, weights: Floats) -> Floats:
    """Share of the variance that is explained: 1 less squared errors over squared distances to the mean.

    0 is no better than always answering the mean of these targets; undefined where all targets are the same. Arguments
    as for :func:`mae`.
    """
    centred = targets - targets.mean()
    total = weights.sum(-1)
    squares = weights @ centred**2
    spread = squares - ratio((weights @ centred) ** 2, total)
    spread = np.where(spread > _ROUNDING * squares, spread, 0.0)
    return 1 - ratio(weights @ (predictions - targets) ** 2, spread)
