"""Bootstrap intervals: how far a metric could be from its value on another sample of the same size.

Rows are drawn with replacement; where rows come in groups (sentences of one report, visits of one patient), whole
groups are drawn, since rows of a group say nearly the same (Davison & Hinkley, 1997, chapter 3.8). A resample is a
vector of weights, how often each row was drawn; metrics take the weights of many resamples at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from platform_core.evaluation.arrays import Floats, Indices

LEVEL = 0.95
_NORMAL = 1.959964
"""The quantile of the normal distribution that belongs to it."""
FEWEST_RESAMPLES = 200
ELEMENTS_PER_CHUNK = 1_000_000
"""Weights held in memory at once: 8 MB."""
ELEMENTS_IN_ALL = 20_000_000
"""Weights drawn for one metric, as far as ``FEWEST_RESAMPLES`` allows: under a second's work."""


class Resampler:
    """Draws the same resamples whenever asked.

    Args:
        rows: number of examples n.
        groups: group of each example, by number or name; without groups, examples are drawn one by one.
        seed: seed of the draws.
    """

    def __init__(self, rows: int, groups: Sequence[str] | Indices | None, seed: int) -> None:
        self._rows = rows
        self._seed = seed
        self._unit_of_row: Indices | None = None
        self.units = rows
        if groups is not None:
            names, unit_of_row = np.unique(np.asarray(groups), return_inverse=True)
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
        return np.concatenate([metric(self._spread(self._draw(random, size))) for size in chunks])

    def _draw(self, random: np.random.Generator, resamples: int) -> Floats:
        """Return how often each unit is in each resample, [resamples, units]."""
        drawn = random.integers(self.units, size=(resamples, self.units))
        drawn += np.arange(resamples)[:, None] * self.units
        counts = np.bincount(drawn.ravel(), minlength=resamples * self.units)
        return counts.reshape(resamples, self.units).astype(np.float64)

    def _spread(self, weights: Floats) -> Floats:
        """Give each row the weight of its unit."""
        return weights if self._unit_of_row is None else weights.take(self._unit_of_row, axis=-1)


class Swapper(Resampler):
    """Tosses a coin for each unit, instead of drawing it: weights are 1 or 0, half of each."""

    def _draw(self, random: np.random.Generator, resamples: int) -> Floats:
        return random.integers(2, size=(resamples, self.units)).astype(np.float64)


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


def wilson_interval(share: float, units: int) -> tuple[float, float]:
    """Return the 95 % score interval of a share that was seen in ``units`` independent trials (Wilson, 1927).

    It is of use where every resample says the same: ten right answers of ten leave a share of 72 % possible.
    """
    squared = _NORMAL**2 / units
    middle = (share + squared / 2) / (1 + squared)
    reach = _NORMAL * ((share * (1 - share) + squared / 4) / units) ** 0.5 / (1 + squared)
    return max(0.0, min(middle - reach, share)), min(1.0, max(middle + reach, share))
