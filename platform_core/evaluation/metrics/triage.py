"""Metrics of ordered levels of which one end must not be missed, such as the acuity of patients."""

from __future__ import annotations

import numpy as np

from platform_core.evaluation.arrays import Bools, Floats, Indices, ratio

_SLACK = 1e-9


def too_mild(targets: Indices, predictions: Indices, *, severe_first: bool) -> Bools:
    """Tell of each example whether its predicted level is milder than the true one; ``undertriage`` is their share.

    Args:
        targets: index of the true level, [n].
        predictions: index of the predicted level, [n].
        severe_first: level 0 is the most severe one; otherwise the last is.
    """
    return predictions > targets if severe_first else predictions < targets


class TriageCurve:
    """Undertriage against overtriage, as one threshold moves.

    The predicted level is the first, from the severe end, with which the cumulated probability reaches a threshold; at
    one half it is the median level. A lower threshold makes every prediction more severe or leaves it.

    Args:
        targets: index of the true level, [n].
        scores: probabilities of the levels, [n, k].
        severe_first: level 0 is the most severe one; otherwise the last is.
    """

    def __init__(self, targets: Indices, scores: Floats, *, severe_first: bool) -> None:
        severity = targets if severe_first else scores.shape[1] - 1 - targets
        cumulated = (scores if severe_first else scores[:, ::-1]).cumsum(-1)
        rows = np.arange(len(targets))
        more_severe = np.where(severity > 0, cumulated[rows, severity - 1], 0.0)
        self._over_order = np.argsort(-more_severe, kind="stable")
        self._over_until = more_severe[self._over_order]
        self._under_order = np.argsort(cumulated[rows, severity], kind="stable")
        self._under_from = cumulated[rows, severity][self._under_order]

    def undertriage(self, weights: Floats, overtriage: float) -> Floats:
        """Least share of examples judged too mild at which at most ``overtriage`` of them are judged too severe.

        Args:
            weights: how often each row counts, [..., n].
            overtriage: the share that may be judged too severe.
        """
        total = weights.sum(-1)
        over = weights.take(self._over_order, axis=-1).cumsum(-1)
        allowed = np.count_nonzero(over <= overtriage * total[..., None] + _SLACK, axis=-1)
        # The threshold stands just above the first score that would go beyond what is allowed.
        stop = np.append(self._over_until, 0.0)[allowed]
        under = weights.take(self._under_order, axis=-1).cumsum(-1)
        judged = np.searchsorted(self._under_from, stop, side="right")
        found = np.take_along_axis(under, np.maximum(judged - 1, 0)[..., None], axis=-1)[..., 0]
        return ratio(np.where(judged > 0, found, 0.0), total)
