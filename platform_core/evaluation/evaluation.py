"""Evaluating a classifier: all metrics, their intervals, and where it goes wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypedDict

import numpy as np

from platform_core.evaluation.calibration import ReliabilityBin, ece, reliability
from platform_core.evaluation.intervals import Resampler, percentile_interval
from platform_core.evaluation.metrics import (
    CONFUSION_METRICS,
    Floats,
    Indices,
    auroc,
    brier,
    confusion_matrix,
)
from platform_core.sdk.errors import DataError, EmptyData, TrainingFailed, UsageError

SCORE_METRICS = {"auroc": auroc, "ece": ece, "brier": brier}
"""Metrics that need the probabilities."""

METRICS = (*CONFUSION_METRICS, *SCORE_METRICS)
"""Names of all metrics of a classifier."""

LOWER_IS_BETTER = frozenset({"ece", "brier"})

_FEW_UNITS = 30


class ClassReport(TypedDict):
    """One class; a ratio without cases is 0, as in scikit-learn."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int


class Confusion(TypedDict):
    """Counts of targets (rows) against predictions (columns)."""

    labels: list[str]
    matrix: list[list[int]]


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """What a classifier did on examples whose answers are known.

    Attributes:
        n: number of examples.
        metrics: value of each metric that is defined on these examples.
        intervals: 95 % bootstrap interval of each metric, (low, high).
        per_class: precision, recall, F1 and number of examples of each class.
        confusion: counts, targets in rows.
        reliability: confidence against accuracy, in bins.
        warnings: what a reader must know before trusting the numbers.
    """

    n: int
    metrics: dict[str, float]
    intervals: dict[str, tuple[float, float]]
    per_class: list[ClassReport]
    confusion: Confusion
    reliability: list[ReliabilityBin]
    warnings: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the same as JSON types."""
        intervals = {name: list(interval) for name, interval in self.intervals.items()}
        return asdict(self) | {"intervals": intervals, "warnings": list(self.warnings)}


def evaluate_classes(
    labels: Sequence[str],
    targets: Sequence[str],
    scores: Floats,
    *,
    groups: Sequence[str | None] | None = None,
    seed: int = 0,
    resamples: int = 1000,
) -> Evaluation:
    """Compare a classifier's probabilities with the truth.

    Args:
        labels: class names, in the order of the columns of ``scores``.
        targets: the true label of each example.
        scores: probabilities, [n, k].
        groups: group of each example, for intervals that respect them; ``None`` where an example has none.
        seed: seed of the bootstrap; the same seed gives the same intervals.
        resamples: bootstrap resamples; large data gets fewer, to stay within seconds.

    Raises:
        EmptyData: there are no examples.
        DataError: a target is not among ``labels``.
        TrainingFailed: a score is not a finite number.
    """
    indices, scores = _checked(labels, targets, scores)
    confusion = confusion_matrix(indices, scores.argmax(-1), len(labels))
    resampler = Resampler(len(indices), _filled(groups), seed)
    values = {name: _value(name, confusion, indices, scores) for name in METRICS}
    defined = {name: value for name, value in values.items() if not np.isnan(value)}
    draws = _resampled(resampler, resamples, len(labels), indices, scores)
    return Evaluation(
        n=len(indices),
        metrics=defined,
        intervals={
            name: percentile_interval(value, draws[name], recentre=name == "ece") for name, value in defined.items()
        },
        per_class=_per_class(labels, confusion),
        confusion={"labels": list(labels), "matrix": confusion.astype(int).tolist()},
        reliability=reliability(indices, scores),
        warnings=_warnings(labels, confusion, resampler),
    )


def score(name: str, labels: Sequence[str], targets: Sequence[str], scores: Floats) -> float:
    """Compute one metric, without interval: for early stopping.

    Args:
        name: one of ``METRICS``.
        labels: class names, in the order of the columns of ``scores``.
        targets: the true label of each example.
        scores: probabilities, [n, k].

    Returns:
        The value; NaN where the metric is undefined on these examples.

    Raises:
        UsageError: there is no such metric.
        EmptyData: there are no examples.
        DataError: a target is not among ``labels``.
        TrainingFailed: a score is not a finite number.
    """
    if name not in METRICS:
        raise UsageError(f"there is no metric {name!r}", hint=f"known: {', '.join(METRICS)}")
    indices, scores = _checked(labels, targets, scores)
    return _value(name, confusion_matrix(indices, scores.argmax(-1), len(labels)), indices, scores)


def _value(name: str, confusion: Floats, targets: Indices, scores: Floats) -> float:
    if name in CONFUSION_METRICS:
        return float(CONFUSION_METRICS[name](confusion))
    return float(SCORE_METRICS[name](targets, scores))


def _resampled(
    resampler: Resampler, resamples: int, classes: int, targets: Indices, scores: Floats
) -> dict[str, Floats]:
    """Return each metric on each resample."""
    predictions = scores.argmax(-1)

    def all_but_auroc(weights: Floats) -> Floats:
        confusions = confusion_matrix(targets, predictions, classes, weights)
        columns = [metric(confusions) for metric in CONFUSION_METRICS.values()]
        return np.stack([*columns, ece(targets, scores, weights), brier(targets, scores, weights)], axis=-1)

    table = resampler.evaluate(all_but_auroc, resamples)
    columns = dict(zip((*CONFUSION_METRICS, "ece", "brier"), table.T, strict=True))
    areas = 1 if classes == 2 else classes
    return columns | {"auroc": resampler.evaluate(lambda w: auroc(targets, scores, w), resamples, cost=areas)}


def _per_class(labels: Sequence[str], confusion: Floats) -> list[ClassReport]:
    hits, support, predicted = confusion.diagonal(), confusion.sum(1), confusion.sum(0)
    return [
        ClassReport(
            label=label,
            precision=float(hits[i] / max(predicted[i], 1)),
            recall=float(hits[i] / max(support[i], 1)),
            f1=float(2 * hits[i] / max(support[i] + predicted[i], 1)),
            support=int(support[i]),
        )
        for i, label in enumerate(labels)
    ]


def _warnings(labels: Sequence[str], confusion: Floats, resampler: Resampler) -> tuple[str, ...]:
    rows = int(confusion.sum())
    absent = [label for label, support in zip(labels, confusion.sum(1), strict=True) if not support]
    notes = []
    if absent:
        named = ", ".join(map(repr, absent[:5])) + (f" and {len(absent) - 5} more" if len(absent) > 5 else "")
        notes.append(f"no example of {named} was there to test: how well the model does there is unknown")
    if resampler.units < _FEW_UNITS:
        plural = "" if resampler.units == 1 else "s"
        kind = f"example{plural}" if resampler.units == rows else f"group{plural} of examples ({rows} examples)"
        notes.append(f"only {resampler.units} {kind}: values and intervals are rough")
    return tuple(notes)


def _filled(groups: Sequence[str | None] | None) -> list[str] | None:
    """Make each example without a group a group of its own."""
    if groups is None or all(group is None for group in groups):
        return None
    return [f"row:{i}" if group is None else f"group:{group}" for i, group in enumerate(groups)]


def _checked(labels: Sequence[str], targets: Sequence[str], scores: Floats) -> tuple[Indices, Floats]:
    scores = np.asarray(scores, dtype=np.float64)
    if not len(targets):
        raise EmptyData("there is no example to evaluate on", hint="give data with at least one labelled example")
    if scores.shape != (len(targets), len(labels)):
        raise ValueError(f"scores have shape {scores.shape}, not {(len(targets), len(labels))}")
    position = {label: i for i, label in enumerate(labels)}
    unknown = sorted({target for target in targets if target not in position})
    if unknown:
        raise DataError(
            f"the model does not know the label{'s' if unknown[1:] else ''} {', '.join(map(repr, unknown[:5]))}",
            hint=f"it knows {', '.join(map(repr, labels[:10]))}; correct the labels or train a model with them",
            details={"unknown": unknown[:100]},
        )
    if not np.isfinite(scores).all():
        row = int(np.flatnonzero(~np.isfinite(scores).all(-1))[0])
        raise TrainingFailed(
            "the model's scores are not finite numbers",
            where=f"example {row + 1} of {len(targets)}",
            hint="train again with a lower learning rate",
        )
    return np.array([position[target] for target in targets], dtype=np.intp), scores
