"""Bootstrap intervals: how far a metric could be from its value on another sample of the same size.

Rows are drawn with replacement; where rows come in groups (sentences of one report, visits of one patient), whole
groups are drawn, since rows of a group say nearly the same (Davison & Hinkley, 1997, chapter 3.8). A resample is a
vector of weights, how often each row was drawn; metrics take the weights of many resamples at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from platform_core.evaluation.metrics import Floats, Indices

LEVEL = 0.95
FEWEST_RESAMPLES = 200
ELEMENTS_PER_CHUNK = 1_000_000
"""Weights held in memory at once: 8 MB."""
ELEMENTS_IN_ALL = 20_000_000
"""Weights drawn for one metric, as far as ``FEWEST_RESAMPLES`` allows: under a second's work."""


class Resampler:
    """Draws the same resamples whenever asked.

    Args:
        rows: number of examples n.
        groups: group of each example; examples without groups are drawn one by one.
        seed: seed of the draws.
    """

    def __init__(self, rows: int, groups: Sequence[str] | None, seed: int) -> None:
        self._rows = rows
        self._seed = seed
        self._unit_of_row: Indices | None = None
        self.units = rows
        if groups is not None:
            names, unit_of_row = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
            self.units = len(names)
            if self.units < rows:
                self._unit_of_row = unit_of_row

    def evaluate(self, metric: Callable[[Floats], Floats], resamples: int, cost: int = 1) -> Floats:
        """Compute a metric on each resample.

        Args:
            metric: weights [b, n] → values [b, ...].
            resamples: how many are wanted; on large data fewer are drawn, but not below ``FEWEST_RESAMPLES``.
            cost: how often the metric goes through the weights.

        Returns:
            Values, [resamples, ...].
        """
        affordable = max(FEWEST_RESAMPLES, ELEMENTS_IN_ALL // (self._rows * cost))
        resamples = min(resamples, affordable)
        step = max(1, ELEMENTS_PER_CHUNK // self._rows)
        random = np.random.default_rng(self._seed)
        chunks = [min(step, resamples - start) for start in range(0, resamples, step)]
        return np.concatenate([metric(self._draw(random, size)) for size in chunks])

    def _draw(self, random: np.random.Generator, resamples: int) -> Floats:
        """Return how often each row is in each resample, [resamples, n]."""
        drawn = random.integers(self.units, size=(resamples, self.units))
        drawn += np.arange(resamples)[:, None] * self.units
        counts = np.bincount(drawn.ravel(), minlength=resamples * self.units)
        weights = counts.reshape(resamples, self.units).astype(np.float64)
        return weights if self._unit_of_row is None else weights.take(self._unit_of_row, axis=-1)


def percentile_interval(point: float, values: Floats, *, recentre: bool = False) -> tuple[float, float]:
    """Return the 95 % percentile interval; it always contains the point estimate.

    Args:
        point: the metric on the sample itself.
        values: the metric on the resamples; undefined (NaN) values are left out.
        recentre: shift the values so that their mean is ``point``: for a metric that is biased on resamples, as the
            calibration error is, which noise can only raise.
    """
    defined = values[~np.isnan(values)]
    if not len(defined):
        return point, point
    if recentre:
        defined = np.maximum(defined - defined.mean() + point, 0.0)
    low, high = np.quantile(defined, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return min(float(low), point), max(float(high), point)
