"""Checked, encoded answers: what every measurement of this room starts from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from platform_core.evaluation.arrays import Bools, Floats, Indices
from platform_core.evaluation.decisions import Predictions, confidences, decide
from platform_core.evaluation.goals import Costs, stated_costs
from platform_core.evaluation.metrics.probabilities import Answered, label_distances, squared_distances
from platform_core.evaluation.metrics.ranking import Ranking
from platform_core.evaluation.metrics.triage import TriageCurve
from platform_core.sdk.decisions import Decision
from platform_core.sdk.errors import DataError, EmptyData, TrainingFailed
from platform_core.sdk.targets import TargetValue, Task

_SHOWN = 5


@dataclass(frozen=True, eq=False)
class Answers:
    """The truth about n examples, and what a model says of them.

    Attributes:
        task: the kind of answer.
        labels: k labels, classes or levels in order; none for numbers.
        targets: class indices [n]; of sets of labels, which hold [n, k]; numbers [n].
        scores: [n, k]; numbers [n, 1].
        predictions: of the shape of ``targets``.
        positive: of two classes, the index of the one that is looked for.
        severe_first: of levels, whether the first is the most severe one.
        costs: of two classes, what mistakes cost, where that is known.
        given: which answers are given and not left to a person, [n]; none where the decision withholds none.
        compared: numbers of the like order as ``scores``, where not the scores but these are to be ranked.
    """

    task: Task
    labels: tuple[str, ...]
    targets: Predictions
    scores: Floats
    predictions: Predictions
    positive: int | None
    severe_first: bool
    costs: Costs | None
    compared: Floats | None = None
    given: Bools | None = None

    def __len__(self) -> int:
        return len(self.targets)

    def take(self, rows: Indices) -> Answers:
        """Return the answers to some of the examples."""
        return replace(
            self,
            targets=self.targets[rows],
            scores=self.scores[rows],
            predictions=self.predictions[rows],
            compared=None if self.compared is None else self.compared[rows],
            given=None if self.given is None else self.given[rows],
        )

    @property
    def columns(self) -> int:
        """Number of columns that a metric goes through: one of two classes or of numbers, else one for each label."""
        return 1 if self.task in ("binary", "regression") else len(self.labels)

    @cached_property
    def rankings(self) -> list[Ranking]:
        """The order of the scores in each question that has both answers."""
        return list(self._rankings())

    def _rankings(self) -> Iterator[Ranking]:
        scores = self.scores if self.compared is None else self.compared
        for column in range(len(self.labels)) if self.positive is None else [self.positive]:
            truth = self.targets[:, column] if self.task == "multilabel" else self.targets == column
            if 0 < np.count_nonzero(truth) < len(truth):
                yield Ranking(truth.astype(bool), scores[:, column])

    @cached_property
    def answered(self) -> Answered:
        """The most probable answers, for calibration."""
        if self.task == "multilabel":
            return Answered.each_label(self.targets.astype(bool), self.scores)
        return Answered.most_probable(self.targets.astype(np.intp), self.scores)

    @cached_property
    def distances(self) -> Floats:
        """Squared distance of the probabilities to the truth, [n]: the mean is the Brier score."""
        if self.task == "multilabel":
            return label_distances(self.targets.astype(bool), self.scores)
        return squared_distances(self.targets.astype(np.intp), self.scores)

    @cached_property
    def triage(self) -> TriageCurve:
        """Undertriage against overtriage, of levels."""
        return TriageCurve(self.targets.astype(np.intp), self.scores, severe_first=self.severe_first)

    @cached_property
    def right(self) -> Bools:
        """Whether each answer is right, [n]; a set of labels must be right as a whole."""
        same: Bools = self.predictions == self.targets
        return np.asarray(same.all(-1)) if self.task == "multilabel" else same

    @cached_property
    def ranks(self) -> Indices:
        """How many classes are more probable than the true one, [n]."""
        own = np.take_along_axis(self.scores, self.targets[:, None].astype(np.intp), axis=-1)
        return np.asarray((self.scores > own).sum(-1))

    @cached_property
    def confidences(self) -> Floats | None:
        """How sure each answer is, [n]; none for numbers."""
        return confidences(self.task, self.scores, self.predictions)


def read_answers(
    task: Task,
    labels: Sequence[str],
    targets: Sequence[TargetValue],
    scores: ArrayLike,
    *,
    positive: str | None = None,
    decision: Decision,
    severe: Literal["first", "last"] = "first",
    costs: Costs | None = None,
) -> Answers:
    """Check and encode what a model says of examples whose answers are known.

    Args:
        task: the kind of answer.
        labels: in the order of the columns of ``scores``; levels in their order; none for numbers.
        targets: the true answer of each example: a label, a set of labels, or a number.
        scores: calibrated scores, [n, k]; numbers [n] or [n, 1].
        positive: of two classes, the one that is looked for; the last if omitted.
        decision: how scores become answers.
        severe: the end of the levels that must not be missed.
        costs: of two classes, what mistakes cost; those of the decision's goal if omitted.

    Raises:
        EmptyData: there are no examples.
        DataError: a target is not among ``labels``, or is not a finite number.
        TrainingFailed: a score is not a finite number.
    """
    if not len(targets):
        raise EmptyData("there is no example to evaluate on", hint="give data with at least one labelled example")
    table = np.asarray(scores, dtype=np.float64)
    table = table[:, None] if table.ndim == 1 else table
    expected = (len(targets), 1 if task == "regression" else len(labels))
    if table.shape != expected:
        raise ValueError(f"scores have shape {table.shape}, not {expected}")
    encoded = _encoded(task, labels, targets)
    if not np.isfinite(table).all():
        row = int(np.flatnonzero(~np.isfinite(table).all(-1))[0])
        raise TrainingFailed(
            "the model's scores are not finite numbers",
            where=f"example {row + 1} of {len(targets)}",
            hint="train again with a lower learning rate",
        )
    predictions = decide(task, labels, table, decision)
    sure = confidences(task, table, predictions)
    return Answers(
        task=task,
        labels=tuple(labels),
        targets=encoded,
        scores=table,
        predictions=predictions,
        positive=(len(labels) - 1 if positive is None else labels.index(positive)) if task == "binary" else None,
        severe_first=severe == "first",
        costs=costs or stated_costs(decision.goal),
        given=None if sure is None or decision.abstain_below is None else sure >= decision.abstain_below,
    )


def _encoded(task: Task, labels: Sequence[str], targets: Sequence[TargetValue]) -> Predictions:
    if task == "regression":
        return _numbers(targets)
    position = {label: i for i, label in enumerate(labels)}
    try:
        if task != "multilabel":
            return np.fromiter((position[t] for t in targets), np.intp, len(targets))  # type: ignore[index]
        held = np.zeros((len(targets), len(labels)), dtype=bool)
        for row, target in zip(held, targets, strict=True):
            for label in target:  # type: ignore[union-attr]
                row[position[label]] = True
    except KeyError:
        raise _unknown(labels, targets) from None
    return held


def _unknown(labels: Sequence[str], targets: Sequence[TargetValue]) -> DataError:
    given = {label for target in targets for label in (target if isinstance(target, tuple) else (target,))}
    unknown = sorted(map(str, given - set(labels)))
    return DataError(
        f"the model does not know the label{'s' if unknown[1:] else ''} {', '.join(map(repr, unknown[:_SHOWN]))}",
        hint=f"it knows {', '.join(map(repr, labels[:10]))}; correct the labels or train a model with them",
        details={"unknown": unknown[:100]},
    )


def _numbers(targets: Sequence[TargetValue]) -> Floats:
    numbers = np.asarray(targets, dtype=np.float64)
    if not np.isfinite(numbers).all():
        row = int(np.flatnonzero(~np.isfinite(numbers))[0])
        raise DataError(
            "a target is not a finite number", where=f"example {row + 1} of {len(targets)}", hint="correct the data"
        )
    return numbers
