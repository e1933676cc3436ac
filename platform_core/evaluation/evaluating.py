"""Measuring a model on examples whose answers are known: in full, or one metric at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from numpy.typing import ArrayLike

from platform_core.evaluation.answers import Answers, read_answers
from platform_core.evaluation.arrays import Bools
from platform_core.evaluation.curves import curves_of, residual_report, risk_report
from platform_core.evaluation.estimating import FEW_UNITS, Estimates, Estimator, number_groups
from platform_core.evaluation.evaluation import ClassReport, Confusion, Evaluation, OperatingPointReport
from platform_core.evaluation.goals import Costs
from platform_core.evaluation.measures import RATES, Sample, measure
from platform_core.evaluation.names import METRICS_OF, canonical, split_name
from platform_core.evaluation.operating_points import measure_threshold
from platform_core.evaluation.slices import slice_report, slice_warnings
from platform_core.sdk.decisions import Decision
from platform_core.sdk.errors import UsageError
from platform_core.sdk.targets import TargetValue, Task

_UNDECIDED = Decision()
_EVEN = 0.5


def evaluate(
    task: Task,
    labels: Sequence[str],
    targets: Sequence[TargetValue],
    scores: ArrayLike,
    *,
    positive: str | None = None,
    decision: Decision = _UNDECIDED,
    severe: Literal["first", "last"] = "first",
    groups: Sequence[str | None] | None = None,
    slices: Mapping[str, Sequence[str | None]] | None = None,
    costs: Costs | None = None,
    also: Sequence[str] = (),
    seed: int = 0,
    resamples: int = 1000,
) -> Evaluation:
    """Compare a model's scores with the truth.

    Args:
        task: the kind of answer.
        labels: in the order of the columns of ``scores``; levels in their order; none for numbers.
        targets: the true answer of each example: a label, a set of labels, or a number.
        scores: calibrated scores, [n, k]; numbers [n] or [n, 1].
        positive: of two classes, the one that is looked for; the last if omitted.
        decision: how scores become answers.
        severe: the end of the levels that must not be missed.
        groups: group of each example, for intervals that respect them; ``None`` where an example has none.
        slices: values of each field to report apart, one for each example.
        costs: of two classes, what mistakes cost; those of the decision's goal if omitted.
        also: metrics to report beside those of the task, such as ``recall@fpr=0.05``.
        seed: seed of the bootstrap; the same seed gives the same intervals.
        resamples: bootstrap resamples; large data gets fewer, to stay within seconds.

    Raises:
        UsageError: one of ``also`` is no metric of the task.
        EmptyData: there are no examples.
        DataError: a target is not among ``labels``, or is not a finite number.
        TrainingFailed: a score is not a finite number.
    """
    answers = read_answers(
        task,
        labels,
        targets,
        scores,
        positive=positive,
        decision=decision,
        severe=severe,
        costs=costs,
    )
    numbered = number_groups(groups)
    extra = [canonical(name, task) for name in also]
    names = list(dict.fromkeys((*METRICS_OF[task], *extra)))
    estimator = Estimator(answers, numbered, seed=seed, resamples=resamples)
    found = estimator.estimate([*names, *(RATES if task == "binary" else ())])
    parts = [
        slice_report(name, values, answers, numbered, also=extra, seed=seed, resamples=resamples)
        for name, values in (slices or {}).items()
    ]
    sample = Sample(answers)
    return Evaluation(
        task=task,
        n=len(answers),
        metrics={name: found.values[name] for name in names if name in found.values},
        intervals={name: found.intervals[name] for name in names if name in found.intervals},
        per_class=_per_class(sample),
        confusion=_confusion(sample),
        reliability=[] if task == "regression" else answers.answered.reliability(),
        warnings=(*_warnings(sample, estimator, found), *(note for part in parts for note in slice_warnings(part))),
        goal=decision.goal,
        operating_points=_operating_points(answers, decision, found),
        risk_coverage=risk_report(answers, decision.abstain_below),
        residuals=residual_report(answers),
        slices=parts,
        curves=curves_of(answers),
    )


def score(
    name: str,
    task: Task,
    labels: Sequence[str],
    targets: Sequence[TargetValue],
    scores: ArrayLike,
    *,
    positive: str | None = None,
    decision: Decision = _UNDECIDED,
    severe: Literal["first", "last"] = "first",
    costs: Costs | None = None,
) -> float:
    """Compute one metric, without interval: for early stopping. Arguments as for :func:`evaluate`.

    Returns:
        The value; NaN where the metric is undefined on these examples.

    Raises:
        UsageError: the task has no such metric, or costs are not known.
        EmptyData, DataError, TrainingFailed: see :func:`evaluate`.
    """
    split_name(name, task)
    answers = read_answers(
        task, labels, targets, scores, positive=positive, decision=decision, severe=severe, costs=costs
    )
    if name == "cost_saved" and answers.costs is None:
        raise UsageError("cost_saved needs to know what mistakes cost", hint="state a goal such as cost=fp:1,fn:20")
    return float(measure(name, Sample(answers)))


def _operating_points(answers: Answers, decision: Decision, found: Estimates) -> list[OperatingPointReport]:
    """Return the positive label of two, and each label of sets that has a threshold."""
    points: dict[str, tuple[float, Bools, Bools]] = {}
    if answers.positive is not None:
        label = answers.labels[answers.positive]
        truth, alerted = answers.targets == answers.positive, answers.predictions == answers.positive
        points[label] = decision.thresholds.get(label, _EVEN), truth, alerted
    elif answers.task == "multilabel":
        for i, label in enumerate(answers.labels):
            if label in decision.thresholds:
                truth, alerted = answers.targets[:, i].astype(bool), answers.predictions[:, i].astype(bool)
                points[label] = decision.thresholds[label], truth, alerted
    intervals = {name: found.intervals[name] for name in RATES if name in found.intervals}
    reports = []
    for label, (threshold, truth, alerted) in points.items():
        point = measure_threshold(threshold, truth, alerted)
        reports.append(
            OperatingPointReport(
                label=label,
                threshold=threshold,
                recall=point.recall,
                precision=point.precision,
                fpr=point.fpr,
                alert_rate=point.alert_rate,
                intervals=intervals if answers.positive is not None else {},
            )
        )
    return reports


def _per_class(sample: Sample) -> list[ClassReport]:
    if sample.answers.task == "regression":
        return []
    if sample.answers.task == "multilabel":
        counts = sample.label_counts
        hits, support, predicted = counts.tp, counts.tp + counts.fn, counts.tp + counts.fp
    else:
        hits, support, predicted = (sample.confusion.diagonal(), sample.confusion.sum(1), sample.confusion.sum(0))
    return [
        ClassReport(
            label=label,
            precision=float(hits[i] / max(predicted[i], 1)),
            recall=float(hits[i] / max(support[i], 1)),
            f1=float(2 * hits[i] / max(support[i] + predicted[i], 1)),
            support=int(support[i]),
        )
        for i, label in enumerate(sample.answers.labels)
    ]


def _confusion(sample: Sample) -> Confusion:
    if sample.answers.task in ("multilabel", "regression"):
        return Confusion(labels=[], matrix=[])
    return Confusion(labels=list(sample.answers.labels), matrix=sample.confusion.astype(int).tolist())


def _loss(sample: Sample, saved: float) -> list[str]:
    """Return a sentence where the answers cost more than none would."""
    costs = sample.answers.costs
    if costs is None or saved >= 0:
        return []
    counts = sample.question
    never, always = costs.fn * float(counts.tp + counts.fn), costs.fp * float(counts.fp + counts.tn)
    otherwise = "doing nothing" if never <= always else "alerting everything"
    return [f"cost_saved is below 0: where mistakes cost {costs}, these answers cost more than {otherwise}"]


def _warnings(sample: Sample, estimator: Estimator, found: Estimates) -> list[str]:
    rows = len(sample.answers)
    support = {row["label"]: row["support"] for row in _per_class(sample)}
    absent = [label for label, count in support.items() if not count]
    notes = []
    if absent:
        named = ", ".join(map(repr, absent[:5])) + (f" and {len(absent) - 5} more" if len(absent) > 5 else "")
        notes.append(f"no example of {named} was there to test: how well the model does there is unknown")
    if estimator.units < FEW_UNITS:
        plural = "" if estimator.units == 1 else "s"
        kind = f"example{plural}" if estimator.units == rows else f"group{plural} of examples ({rows} examples)"
        notes.append(f"only {estimator.units} {kind}: values and intervals are rough")
    elif sample.answers.positive is not None:
        label = sample.answers.labels[sample.answers.positive]
        if 0 < support[label] < FEW_UNITS:
            notes.append(f"only {support[label]} examples of {label!r}: what is said of them is rough")
    notes += _loss(sample, found.values.get("cost_saved", 0.0))
    unsure = [name for name in found.values if name not in found.intervals and name not in RATES]
    if unsure:
        notes.append(f"no interval for {', '.join(unsure)}: every resample says the same, which says nothing of others")
    return notes
