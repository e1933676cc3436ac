"""Which function computes which metric of which task."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

import numpy as np

from platform_core.evaluation.answers import Answers
from platform_core.evaluation.arrays import Floats, Indices, defined_mean, ratio
from platform_core.evaluation.intervals import Resampler
from platform_core.evaluation.metrics import classes, labels, numbers, questions, ranking
from platform_core.evaluation.metrics.triage import too_mild
from platform_core.evaluation.names import split_name
from platform_core.sdk.targets import Task

RATES = ("precision", "recall", "fpr", "alert_rate")
"""What an operating point of a binary task is described by, beside its metrics."""

_COSTLY = frozenset({"auroc", "average_precision"})


class Sample:
    """Answers, each counted some number of times; what several metrics need is computed once.

    Args:
        answers: the answers.
        weights: how often each example counts, [..., n]; once if omitted.
    """

    def __init__(self, answers: Answers, weights: Floats | None = None) -> None:
        self.answers = answers
        self.weights = np.ones(len(answers)) if weights is None else weights

    def mean(self, values: Floats) -> Floats:
        """Return the mean of ``values`` [n] over the examples."""
        return ratio(self.weights @ values, self.weights.sum(-1))

    @cached_property
    def confusion(self) -> Floats:
        """Targets against predictions, [..., k, k]."""
        targets, predictions = self.answers.targets.astype(np.intp), self.answers.predictions.astype(np.intp)
        return classes.confusion_matrix(targets, predictions, len(self.answers.labels), self.weights)

    @cached_property
    def tally(self) -> classes.Tally:
        """Counts of each class, [..., k]."""
        targets, predictions = self.answers.targets.astype(np.intp), self.answers.predictions.astype(np.intp)
        return classes.Tally.of(targets, predictions, len(self.answers.labels), self.weights)

    @cached_property
    def question(self) -> questions.Counts:
        """Counts of the positive label, of two."""
        return questions.Counts.of(self.tally, self.answers.positive or 0)

    @cached_property
    def label_counts(self) -> questions.Counts:
        """Counts of each label of sets, [..., k]."""
        return labels.label_counts(
            self.answers.targets.astype(bool), self.answers.predictions.astype(bool), self.weights
        )

    @cached_property
    def cumulated(self) -> ranking.Cumulated | None:
        """What the positive label's scores find as the threshold falls; ``None`` where only one label occurs."""
        return self.answers.rankings[0].cumulate(self.weights) if self.answers.rankings else None

    @cached_property
    def areas(self) -> tuple[Floats, Floats]:
        """ROC-AUC and average precision, mean over the questions in which scores are ranked."""
        if self.answers.positive is not None:
            parts = [self.cumulated] if self.cumulated is not None else []
            return self._mean_areas([(ranking.auroc(c), ranking.average_precision(c)) for c in parts])
        ranked = (r.cumulate(self.weights) for r in self.answers.rankings)
        return self._mean_areas([(ranking.auroc(c), ranking.average_precision(c)) for c in ranked])

    def _mean_areas(self, areas: Sequence[tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
        if not areas:
            return self.undefined(), self.undefined()
        rocs, precisions = zip(*areas, strict=True)
        return defined_mean(np.stack(rocs, -1)), defined_mean(np.stack(precisions, -1))

    def undefined(self) -> Floats:
        """Return NaN for each of the weightings."""
        return np.full(self.weights.shape[:-1], np.nan)


Measure = Callable[[Sample, float], Floats]
"""Computes a metric; the number is the share or the count that its name states."""


def _of_classes(function: Callable[[classes.Tally], Floats]) -> Measure:
    return lambda s, _: function(s.tally)


def _recall_at(function: Callable[[ranking.Cumulated, float], Floats]) -> Measure:
    return lambda s, share: s.undefined() if s.cumulated is None else function(s.cumulated, share)


def _cost_saved(sample: Sample, _: float) -> Floats:
    costs = sample.answers.costs
    return sample.undefined() if costs is None else questions.cost_saved(sample.question, fp=costs.fp, fn=costs.fn)


def _undertriage(sample: Sample, _: float) -> Floats:
    targets, predictions = _levels(sample)
    return sample.mean(too_mild(targets, predictions, severe_first=sample.answers.severe_first).astype(float))


def _coverage(sample: Sample, _: float) -> Floats:
    given = sample.answers.given
    return sample.undefined() if given is None else sample.mean(given.astype(float))


def _risk(sample: Sample, _: float) -> Floats:
    given = sample.answers.given
    if given is None:
        return sample.undefined()
    wrong = given & ~sample.answers.right
    return ratio(sample.weights @ wrong.astype(float), sample.weights @ given.astype(float))


def _top_accuracy(sample: Sample, count: float) -> Floats:
    answers = sample.answers
    if len(answers.labels) <= count:
        return sample.undefined()
    return sample.mean((answers.ranks < count).astype(float))


def _distance_in_levels(sample: Sample, _: float) -> Floats:
    targets, predictions = _levels(sample)
    return sample.mean(np.abs(predictions - targets).astype(float))


def _levels(sample: Sample) -> tuple[Indices, Indices]:
    return sample.answers.targets.astype(np.intp), sample.answers.predictions.astype(np.intp)


def _of_numbers(function: Callable[[Floats, Floats, Floats], Floats]) -> Measure:
    return lambda s, _: function(s.answers.targets.astype(float), s.answers.predictions.astype(float), s.weights)


_RANKED: Mapping[str, Measure] = {
    "auroc": lambda s, _: s.areas[0],
    "average_precision": lambda s, _: s.areas[1],
}
_WITHHELD: Mapping[str, Measure] = {"coverage": _coverage, "risk": _risk}
_CLASSES: Mapping[str, Measure] = {
    **_WITHHELD,
    **{name: _of_classes(function) for name, function in classes.TALLY_METRICS.items()},
    "brier": lambda s, _: s.mean(s.answers.distances),
    "ece": lambda s, _: s.answers.answered.ece(s.weights),
}
MEASURES: Mapping[Task, Mapping[str, Measure]] = {
    "binary": {
        **_CLASSES,
        **_RANKED,
        "recall@fpr": _recall_at(ranking.recall_at_fpr),
        "recall@alert": _recall_at(ranking.recall_at_alert),
        "cost_saved": _cost_saved,
        "precision": lambda s, _: questions.precision(s.question),
        "recall": lambda s, _: questions.recall(s.question),
        "fpr": lambda s, _: questions.fpr(s.question),
        "alert_rate": lambda s, _: questions.alert_rate(s.question),
    },
    "multiclass": {**_CLASSES, **_RANKED, "top_k_accuracy": _top_accuracy},
    "ordinal": {
        **_CLASSES,
        "auroc": _RANKED["auroc"],
        "qwk": lambda s, _: classes.qwk(s.confusion),
        "undertriage": _undertriage,
        "undertriage@overtriage": lambda s, share: s.answers.triage.undertriage(s.weights, share),
        "mae": _distance_in_levels,
    },
    "multilabel": {
        **_WITHHELD,
        **_RANKED,
        "accuracy": lambda s, _: s.mean(s.answers.right.astype(float)),
        "macro_f1": lambda s, _: labels.macro_f1(s.label_counts),
        "micro_f1": lambda s, _: labels.micro_f1(s.label_counts),
        "brier": lambda s, _: s.mean(s.answers.distances),
        "ece": lambda s, _: s.answers.answered.ece(s.weights),
    },
    "regression": {
        "mae": _of_numbers(numbers.mae),
        "rmse": _of_numbers(numbers.rmse),
        "r2": _of_numbers(numbers.r2),
    },
}
"""Every metric of each task, by its name without share; of binary tasks also the ``RATES``."""


def measure(name: str, sample: Sample) -> Floats:
    """Return a metric of a sample, of the leading shape of its weights; NaN where it is undefined.

    Args:
        name: a metric of the sample's task, or one of ``RATES``.
        sample: the answers and their weights.

    Raises:
        UsageError: the task has no such metric.
    """
    task = sample.answers.task
    base, share = (name, 0.0) if task == "binary" and name in RATES else split_name(name, task)
    return MEASURES[task][base](sample, share)


def values_of(names: Sequence[str], answers: Answers) -> dict[str, float]:
    """Return those of the metrics that are defined on the answers."""
    sample = Sample(answers)
    values = {name: float(measure(name, sample)) for name in names}
    return {name: value for name, value in values.items() if not np.isnan(value)}


def draws_of(names: Sequence[str], answers: Answers, resampler: Resampler, resamples: int) -> dict[str, Floats]:
    """Return each metric on each resample; those that rank many columns get fewer resamples on large data."""
    ranked = [name for name in names if name in _COSTLY and answers.columns > 1]
    plain = [name for name in names if name not in ranked]
    found: dict[str, Floats] = {}
    for group, cost in ((plain, 1), (ranked, answers.columns)):
        if group:
            found |= _drawn(group, answers, resampler, resamples, cost)
    return found


def _drawn(
    names: Sequence[str], answers: Answers, resampler: Resampler, resamples: int, cost: int
) -> dict[str, Floats]:
    def measured(weights: Floats) -> Floats:
        sample = Sample(answers, weights)
        return np.stack([measure(name, sample) for name in names], axis=-1)

    return dict(zip(names, resampler.evaluate(measured, resamples, cost).T, strict=True))
