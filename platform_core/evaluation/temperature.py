"""Temperature scaling: one number that makes a classifier's probabilities honest (Guo et al. 2017)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar

_LOG_RANGE = (-2.0, 3.0)
_FEWEST = 20


def fit_temperature(labels: Sequence[str], targets: Sequence[str], scores: npt.ArrayLike) -> float:
    """Return the temperature that minimises the negative log-likelihood of held-out examples.

    Args:
        labels: class names, in the order of the columns of ``scores``.
        targets: the true label of each example.
        scores: probabilities at temperature 1, [n, k].

    Returns:
        The temperature; above 1 softens, below 1 sharpens. 1 where there are too few examples to tell.
    """
    if len(targets) < _FEWEST:
        return 1.0
    position = {label: i for i, label in enumerate(labels)}
    rows = np.arange(len(targets))
    columns = np.array([position[target] for target in targets])
    logits = np.log(np.clip(np.asarray(scores, np.float64), 1e-12, 1.0))

    def loss(log_temperature: float) -> float:
        scaled = logits / np.exp(log_temperature)
        peak = scaled.max(1, keepdims=True)
        normaliser = peak[:, 0] + np.log(np.exp(scaled - peak).sum(1))
        return float(np.mean(normaliser - scaled[rows, columns]))

    return float(np.exp(minimize_scalar(loss, bounds=_LOG_RANGE, method="bounded").x))
