"""Choosing a version's decision on validation data: thresholds, weights of rare classes, and when a person is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from numpy.typing import ArrayLike

from platform_core.evaluation.abstention import choose_abstention
from platform_core.evaluation.answers import read_answers
from platform_core.evaluation.decisions import decide
from platform_core.evaluation.estimating import number_groups
from platform_core.evaluation.goals import Goal
from platform_core.evaluation.operating_points import OperatingPoint, choose_threshold
from platform_core.evaluation.weighting import Weighting, choose_weighting
from platform_core.sdk.decisions import Decision
from platform_core.sdk.errors import UsageError
from platform_core.sdk.targets import TargetValue, Task


@dataclass(frozen=True)
class ChosenDecision:
    """A decision, and how it does on the examples that it was chosen on.

    Attributes:
        decision: to be kept with the version.
        points: the operating point of each label that got a threshold.
        notes: what the user should know.
        weighting: what favouring rare classes gains; ``None`` where they are not favoured.
    """

    decision: Decision
    points: Mapping[str, OperatingPoint]
    notes: tuple[str, ...]
    weighting: Weighting | None = None


def choose_decision(
    task: Task,
    labels: Sequence[str],
    targets: Sequence[TargetValue],
    scores: ArrayLike,
    *,
    positive: str | None = None,
    goal: Goal | None = None,
    risk: float | None = None,
    metric: str = "",
    groups: Sequence[str | None] | None = None,
) -> ChosenDecision:
    """Choose thresholds, the weights of rare classes and abstention on validation data.

    Args:
        task: the kind of answer.
        labels: in the order of the columns of ``scores``.
        targets: the true answer of each example.
        scores: calibrated scores, [n, k].
        positive: of two classes, the one that is looked for; the last if omitted.
        goal: what thresholds are for: that of the positive class, or that of each label of a set.
        risk: the share of wrong answers that is accepted before a person is asked.
        metric: what the answers are judged by; rare classes are favoured for some, see :func:`choose_weighting`.
        groups: group of each example, see :func:`platform_core.evaluation.evaluate`.

    Raises:
        UsageError: the goal or the risk makes no sense for the task.
        EmptyData, DataError, TrainingFailed: see :func:`platform_core.evaluation.evaluate`.
    """
    check_choice(task, goal, risk)
    plain = read_answers(task, labels, targets, scores, positive=positive, decision=Decision())
    points: dict[str, OperatingPoint] = {}
    if goal is not None and plain.positive is not None:
        found = choose_threshold(goal, plain.targets == plain.positive, plain.scores[:, plain.positive])
        points = {labels[plain.positive]: found}
    elif goal is not None:
        truth = plain.targets.astype(bool)
        points = {label: choose_threshold(goal, truth[:, i], plain.scores[:, i]) for i, label in enumerate(labels)}
    notes = [f"{label}: {point.note}" for label, point in points.items() if point.note]
    decision = Decision(
        thresholds={label: point.threshold for label, point in points.items()}, goal="" if goal is None else str(goal)
    )
    weighting = choose_weighting(metric, plain, number_groups(groups))
    if weighting is not None:
        decision = decision.model_copy(update={"rarity": weighting.rarity, "shares": weighting.shares})
        notes.append(decision.note)
    if risk is not None:
        answers = replace(plain, predictions=decide(task, labels, plain.scores, decision))
        assert answers.confidences is not None
        below = choose_abstention(answers.confidences, answers.right, risk=risk)
        if below is None:
            notes.append(f"no confidence leaves at most {risk:.1%} of the answers wrong: none is withheld")
        decision = decision.model_copy(update={"abstain_below": below or None})
    return ChosenDecision(decision, points, tuple(notes), weighting)


def check_choice(task: Task, goal: Goal | None, risk: float | None) -> None:
    """Refuse a goal or a risk that makes no sense for the task.

    Raises:
        UsageError: it does not.
    """
    if goal is not None and task not in ("binary", "multilabel"):
        raise UsageError(
            f"{task} answers have no threshold to choose for {goal}",
            hint="goals are for two classes, or for sets of labels",
        )
    if risk is not None and task == "regression":
        raise UsageError("numbers come without confidence, so none can be withheld", hint="leave the risk out")
    if risk is not None and not 0 < risk < 1:
        raise UsageError(f"the accepted risk {risk:g} is not a share between 0 and 1", hint="0.05 is one in twenty")
