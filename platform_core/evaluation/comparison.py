"""Two models on the same examples: by how much they differ, and whether chance alone explains it.

Differences are paired: every resample counts the same examples for both models. The p-value of a difference is that
of a permutation test: were the models equally good, swapping their answers to any example, or to any group of examples,
would change nothing; it is the share of random swaps that make a difference at least as large (Noreen, 1989). For the
accuracy of ungrouped answers it is McNemar's exact test, of the examples that one model alone gets right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from platform_core.evaluation.answers import Answers, read_answers
from platform_core.evaluation.arrays import Floats, Indices
from platform_core.evaluation.estimating import FEW_UNITS, number_groups
from platform_core.evaluation.evaluation import Comparison, Difference
from platform_core.evaluation.goals import Costs, stated_costs
from platform_core.evaluation.intervals import Resampler, Swapper, percentile_interval
from platform_core.evaluation.measures import Sample, draws_of, measure, values_of
from platform_core.evaluation.names import METRICS_OF, canonical, sign_of
from platform_core.sdk.decisions import Decision
from platform_core.sdk.targets import TargetValue, Task

PRIMARY: Mapping[Task, str] = {
    "binary": "macro_f1",
    "multiclass": "macro_f1",
    "ordinal": "qwk",
    "multilabel": "macro_f1",
    "regression": "mae",
}
"""The metric that the verdict is about, where none is named."""

SIGNIFICANT = 0.05
_ROUNDING = 1e-12
_UNDECIDED = Decision()


def compare(
    task: Task,
    labels: Sequence[str],
    targets: Sequence[TargetValue],
    scores_a: ArrayLike,
    scores_b: ArrayLike,
    *,
    positive: str | None = None,
    decision_a: Decision = _UNDECIDED,
    decision_b: Decision = _UNDECIDED,
    severe: Literal["first", "last"] = "first",
    groups: Sequence[str | None] | None = None,
    costs: Costs | None = None,
    names: tuple[str, str] = ("a", "b"),
    primary: str | None = None,
    seed: int = 0,
    resamples: int = 1000,
) -> Comparison:
    """Compare two models on the same examples. Arguments as for :func:`~platform_core.evaluation.evaluate`, and:

    Args:
        scores_a: calibrated scores of the first model.
        scores_b: those of the second, with the same columns.
        decision_a: how scores of the first become answers.
        decision_b: how those of the second do.
        names: of the models, for the verdict.
        primary: the metric that the verdict is about; ``PRIMARY`` of the task if omitted.

    Raises:
        UsageError: ``primary`` is no metric of the task.
        EmptyData, DataError, TrainingFailed: see :func:`~platform_core.evaluation.evaluate`.
    """
    costs = costs or stated_costs(decision_a.goal) or stated_costs(decision_b.goal)
    a, b = (
        read_answers(task, labels, targets, scores, positive=positive, decision=decision, severe=severe, costs=costs)
        for scores, decision in ((scores_a, decision_a), (scores_b, decision_b))
    )
    judged = canonical(primary or PRIMARY[task], task)
    pair = _Pair(a, b, number_groups(groups), seed=seed, resamples=resamples)
    differences = pair.differences(list(dict.fromkeys((judged, *METRICS_OF[task]))))
    main = next((d for d in differences if d.metric == judged), None)
    winner = _better(main, names)
    discordant = None if task == "regression" else pair.discordant
    few = f"only {pair.units} independent examples: chance explains almost any difference"
    return Comparison(
        task=task,
        n=len(a),
        names=names,
        primary=judged,
        differences=differences,
        only_a=None if discordant is None else discordant[0],
        only_b=None if discordant is None else discordant[1],
        verdict=_verdict(main, judged, names, len(a)),
        better=winner,
        warnings=(few,) if pair.units < FEW_UNITS else (),
    )


class _Pair:
    """The answers of two models to the same examples."""

    def __init__(self, a: Answers, b: Answers, groups: Indices | None, *, seed: int, resamples: int) -> None:
        self._a, self._b = a, b
        self._groups = groups
        self._seed = seed
        self._resamples = resamples
        self.units = Resampler(len(a), groups, seed).units
        only_a, only_b = a.right & ~b.right, b.right & ~a.right
        self.discordant = int(np.count_nonzero(only_a)), int(np.count_nonzero(only_b))

    def differences(self, names: Sequence[str]) -> list[Difference]:
        """Return the metrics that are defined for both models."""
        of_a, of_b = values_of(names, self._a), values_of(names, self._b)
        shared = [name for name in names if name in of_a and name in of_b]
        draws_a, draws_b = (
            draws_of(shared, answers, Resampler(len(answers), self._groups, self._seed), self._resamples)
            for answers in (self._a, self._b)
        )
        swapped = self._swapped(shared)
        found = []
        for name in shared:
            difference = of_b[name] - of_a[name]
            low, high = percentile_interval(difference, draws_b[name] - draws_a[name])
            rounding = _ROUNDING * max(1.0, abs(of_a[name]), abs(of_b[name]))
            found.append(
                Difference(
                    metric=name,
                    a=of_a[name],
                    b=of_b[name],
                    difference=difference,
                    interval=(low, high) if high - low > rounding else None,
                    p_value=self._p_value(name, abs(difference) - rounding, swapped[name]),
                )
            )
        return found

    def _swapped(self, names: Sequence[str]) -> dict[str, Floats]:
        """Return the differences between the models after random swaps of their answers."""
        both = _joined(self._a, self._b)

        def differences(first: Floats) -> Floats:
            one = Sample(both, np.concatenate([first, 1 - first], axis=-1))
            other = Sample(both, np.concatenate([1 - first, first], axis=-1))
            return np.stack([measure(name, other) - measure(name, one) for name in names], axis=-1)

        swapper = Swapper(len(self._a), self._groups, self._seed)
        table = swapper.evaluate(differences, self._resamples, cost=2 * self._a.columns if names else 1)
        return dict(zip(names, table.T, strict=True))

    def _p_value(self, name: str, least: float, swapped: Floats) -> float:
        if name == "accuracy" and self._groups is None:
            return mcnemar(*self.discordant)
        defined = swapped[~np.isnan(swapped)]
        as_large = np.count_nonzero(np.abs(defined) >= least)
        return float((as_large + 1) / (len(defined) + 1))


def mcnemar(only_a: int, only_b: int) -> float:
    """Return the two-sided exact p-value of McNemar's test.

    Args:
        only_a: examples that the first model alone gets right.
        only_b: examples that the second alone does.
    """
    from scipy.stats import binomtest

    return float(binomtest(only_a, only_a + only_b).pvalue) if only_a + only_b else 1.0


def _joined(a: Answers, b: Answers) -> Answers:
    """Return the answers of both models, one after the other; scores are ranked within their model."""
    ranked = [_ranks(answers.scores) for answers in (a, b)]
    return replace(
        a,
        targets=np.concatenate([a.targets, b.targets]),
        scores=np.concatenate([a.scores, b.scores]),
        predictions=np.concatenate([a.predictions, b.predictions]),
        compared=np.concatenate(ranked),
        given=None if a.given is None or b.given is None else np.concatenate([a.given, b.given]),
    )


def _ranks(scores: Floats) -> Floats:
    """Return how many scores of its column are below each, ties counting half, [n, k]."""
    columns = [np.sort(column) for column in scores.T]
    below = [
        np.searchsorted(c, s, "left") + np.searchsorted(c, s, "right") for c, s in zip(columns, scores.T, strict=True)
    ]
    return np.stack(below, axis=-1) / 2


def _better(main: Difference | None, names: tuple[str, str]) -> str | None:
    if main is None or main.p_value >= SIGNIFICANT:
        return None
    return names[1] if sign_of(main.metric) * main.difference > 0 else names[0]


def _verdict(main: Difference | None, primary: str, names: tuple[str, str], n: int) -> str:
    if main is None:
        return f"{primary} is undefined on these {n:,} examples: the models cannot be compared by it."
    span = f", 95 % interval {main.interval[0]:+.3g} to {main.interval[1]:+.3g}" if main.interval else ""
    facts = (
        f"{primary} {main.a:.3g} and {main.b:.3g}, a difference of {main.difference:+.3g}{span}, p = {main.p_value:.2g}"
    )
    winner = _better(main, names)
    if winner is None:
        return f"{names[0]} and {names[1]} cannot be told apart on these {n:,} examples: {facts}."
    loser = names[0] if winner == names[1] else names[1]
    return f"{winner} is better than {loser} on these {n:,} examples: {facts}."
