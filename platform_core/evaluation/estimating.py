"""Values of metrics with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from platform_core.evaluation.answers import Answers
from platform_core.evaluation.arrays import Bools, Floats, Indices
from platform_core.evaluation.intervals import Resampler, percentile_interval, wilson_interval
from platform_core.evaluation.measures import draws_of, values_of

Interval = tuple[float, float]

FEW_UNITS = 30
"""Fewer examples, or groups of them, make values and intervals rough."""

_ROUNDING = 1e-12
_SHARES_OF_ALL = frozenset({"accuracy", "top_k_accuracy", "undertriage", "alert_rate", "coverage"})
_SHARES_OF_POSITIVES = frozenset({"recall", "recall@fpr", "recall@alert"})


@dataclass(frozen=True)
class Estimates:
    """Metrics of some answers.

    Attributes:
        values: those that are defined.
        intervals: 95 % intervals of those of which one can be given.
        draws: each metric that is defined on each resample, [resamples].
    """

    values: dict[str, float]
    intervals: dict[str, Interval]
    draws: dict[str, Floats]


class Estimator:
    """Estimates metrics of answers.

    Args:
        answers: the answers.
        groups: number of the group of each example, [n]; ``None`` where every example stands for itself.
        seed: seed of the resamples.
        resamples: how many; large data gets fewer, to stay within seconds.
    """

    def __init__(self, answers: Answers, groups: Indices | None, *, seed: int, resamples: int) -> None:
        self._answers = answers
        self._groups = groups
        self._resamples = resamples
        self._resampler = Resampler(len(answers), groups, seed)

    @property
    def units(self) -> int:
        """Number of groups, or of examples."""
        return self._resampler.units

    def estimate(self, names: Sequence[str]) -> Estimates:
        """Return the metrics that are defined, and their intervals."""
        values = values_of(names, self._answers)
        draws = draws_of(list(values), self._answers, self._resampler, self._resamples)
        intervals = {name: self._interval(name, value, draws[name]) for name, value in values.items()}
        return Estimates(values, {name: i for name, i in intervals.items() if i is not None}, draws)

    def _interval(self, name: str, value: float, draws: Floats) -> Interval | None:
        """Return an interval; ``None`` where all resamples agree and nothing else tells how far off it could be."""
        low, high = percentile_interval(value, draws, recentre=name == "ece")
        if high - low > _ROUNDING * max(1.0, abs(value)):
            return low, high
        units = self._units_behind(name)
        return wilson_interval(value, units) if units else None

    def _units_behind(self, name: str) -> int:
        """Return of how many examples or groups the metric is a share; 0 where it is none."""
        base = name.partition("=")[0]
        if base in _SHARES_OF_ALL or (base == "micro_f1" and self._answers.task != "multilabel"):
            return self.units
        if base in _SHARES_OF_POSITIVES:
            return self._count(self._answers.targets == self._answers.positive)
        return 0

    def _count(self, chosen: Bools) -> int:
        return int(np.count_nonzero(chosen)) if self._groups is None else len(np.unique(self._groups[chosen]))


def number_groups(groups: Sequence[str | None] | None) -> Indices | None:
    """Number the groups; each example without a group is one of its own. ``None`` where no example has a group."""
    if groups is None or all(group is None for group in groups):
        return None
    numbers: dict[object, int] = {}
    keys = ((row,) if group is None else group for row, group in enumerate(groups))
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.intp)
