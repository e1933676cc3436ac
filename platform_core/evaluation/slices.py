"""Slices: the same metrics on parts of the examples, and whether the parts differ by more than chance.

The gap of a metric is the difference between its greatest and its least value over the values of a field. Chance alone
makes a gap too: the distribution of that one is found from the resamples of each part, moved to a common value. As
the greatest of all differences is compared with the greatest that chance makes, it does not matter how many parts there
are; the level is divided by the number of metrics (Bonferroni).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from platform_core.evaluation.answers import Answers
from platform_core.evaluation.arrays import Indices
from platform_core.evaluation.estimating import FEW_UNITS, Estimates, Estimator
from platform_core.evaluation.evaluation import Gap, SliceReport, SliceValue
from platform_core.sdk.targets import Task

METRICS_OF_SLICES: Mapping[Task, tuple[str, ...]] = {
    "binary": ("accuracy", "macro_f1", "auroc", "recall", "fpr", "alert_rate"),
    "multiclass": ("accuracy", "balanced_accuracy", "macro_f1"),
    "ordinal": ("accuracy", "qwk", "undertriage", "mae"),
    "multilabel": ("accuracy", "macro_f1", "micro_f1"),
    "regression": ("mae", "rmse"),
}
"""What is measured on each slice. Of two classes also the rates that fairness is about: ``recall`` (equal opportunity),
``fpr`` and ``alert_rate`` (equal treatment)."""

MOST_VALUES = 20
MISSING = "(none)"
_MOST_RESAMPLES = 400
_CHANCE = 0.05


def slice_report(
    name: str,
    values: Sequence[str | None],
    answers: Answers,
    groups: Indices | None,
    *,
    also: Sequence[str] = (),
    seed: int,
    resamples: int,
) -> SliceReport:
    """Measure the answers to the examples of each value of a field.

    Args:
        name: the field.
        values: its value in each example, ``None`` where it has none; the 20 most frequent ones are reported.
        answers: the answers.
        groups: number of the group of each example, or none.
        also: metrics to report beside those of the task.
        seed: seed of the intervals.
        resamples: most resamples of the intervals.
    """
    if len(values) != len(answers):
        raise ValueError(f"slice {name!r} has {len(values)} values for {len(answers)} examples")
    metrics = tuple(dict.fromkeys((*METRICS_OF_SLICES[answers.task], *also)))
    named = np.array([MISSING if value is None else str(value) for value in values], dtype=object)
    parts: list[tuple[SliceValue, Estimates]] = []
    most_frequent = sorted(Counter(named).items(), key=lambda item: (-item[1], item[0]))[:MOST_VALUES]
    for number, (value, n) in enumerate(most_frequent):
        rows = np.flatnonzero(named == value)
        estimator = Estimator(
            answers.take(rows),
            None if groups is None else groups[rows],
            seed=seed + number,
            resamples=min(resamples, _MOST_RESAMPLES),
        )
        found = estimator.estimate(metrics)
        small = estimator.units < FEW_UNITS
        part = SliceValue(value=value, n=n, small=small, metrics=found.values, intervals=found.intervals)
        parts.append((part, found))
    gaps = [_gap(metric, parts, _CHANCE / len(metrics)) for metric in metrics]
    return SliceReport(field=name, values=[part for part, _ in parts], gaps=[gap for gap in gaps if gap is not None])


def slice_warnings(report: SliceReport) -> list[str]:
    """Return what a reader must know of a field: where it matters more than chance explains."""
    beyond = [gap for gap in report["gaps"] if gap["beyond_noise"]]
    small = [part for part in report["values"] if part["small"]]
    notes = []
    if beyond:
        listed = "; ".join(_difference(gap, report["values"]) for gap in beyond)
        notes.append(f"{report['field']} makes a difference beyond chance: {listed}")
    if small:
        named = ", ".join(f"{part['value']!r} ({part['n']})" for part in small[:5])
        more = f" and {len(small) - 5} more" if small[5:] else ""
        notes.append(f"too few examples of {report['field']} {named}{more} to compare")
    return notes


def _gap(metric: str, parts: Sequence[tuple[SliceValue, Estimates]], chance: float) -> Gap | None:
    """Return the gap between the parts that are not small and have the metric; ``None`` where fewer than two do."""
    compared = [(part["value"], found) for part, found in parts if not part["small"] and metric in found.values]
    if len(compared) < 2:
        return None
    points = np.array([found.values[metric] for _, found in compared])
    fewest = min(len(found.draws[metric]) for _, found in compared)
    draws = np.stack([found.draws[metric][:fewest] for _, found in compared])
    draws = np.where(np.isnan(draws), points[:, None], draws)
    noise = np.ptp(draws - draws.mean(1, keepdims=True), axis=0)
    gap, bound = float(np.ptp(points)), float(np.quantile(noise, 1 - chance))
    return Gap(
        metric=metric,
        gap=gap,
        highest=compared[int(points.argmax())][0],
        lowest=compared[int(points.argmin())][0],
        noise=bound,
        beyond_noise=gap > bound,
    )


def _difference(gap: Gap, values: Sequence[SliceValue]) -> str:
    of = {part["value"]: part["metrics"] for part in values}
    high, low = of[gap["highest"]][gap["metric"]], of[gap["lowest"]][gap["metric"]]
    return f"{gap['metric']} {high:.3g} for {gap['highest']!r}, {low:.3g} for {gap['lowest']!r}"
