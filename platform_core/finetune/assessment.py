"""Judging a loaded model on labelled examples, through the very road that serving takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from platform_core.datasets.records import LabeledExample
from platform_core.datasets.slicing import slice_values
from platform_core.evaluation import Evaluation, evaluate
from platform_core.evaluation.calibrating import fit_calibration
from platform_core.evaluation.choosing import choose_decision
from platform_core.evaluation.goals import Costs, Goal
from platform_core.evaluation.operating_points import OperatingPoint
from platform_core.finetune.material import targets_of
from platform_core.modeling.model import Model
from platform_core.modeling.spec import ModelSpec
from platform_core.sdk import OrdinalTarget, Progress, Solution


@dataclass(frozen=True)
class Settled:
    """A model with its calibration and decision, chosen on validation data.

    Attributes:
        model: the model.
        scores: its calibrated scores of the validation examples.
        notes: what the user should know of the choice.
        points: what the chosen thresholds do on the validation examples, by label.
    """

    model: Model
    scores: np.ndarray
    notes: tuple[str, ...] = ()
    points: Mapping[str, OperatingPoint] = field(default_factory=dict)


def settle(
    model: Model,
    validation: Sequence[LabeledExample],
    *,
    goal: str | None,
    abstain_risk: float | None,
    progress: Progress,
) -> Settled:
    """Calibrate ``model`` and choose how its scores become answers.

    Args:
        model: as learned.
        validation: held-out examples; without any, nothing is chosen.
        goal: what thresholds are for, e.g. ``recall=0.95``.
        abstain_risk: share of wrong answers that is accepted before a person is asked.
        progress: is told how it goes.

    Raises:
        UsageError: goal or risk make no sense for the task.
    """
    if not validation:
        notes = ("no validation data: the goal was left out",) if goal or abstain_risk is not None else ()
        return Settled(model, np.zeros((0, 1)), notes)
    progress.stage("calibrating", len(validation))
    record, targets = model.spec.head, targets_of(validation)
    raw = model.score_examples([e.example for e in validation], advance=progress.advance)
    calibration = fit_calibration(
        record.task, record.labels, targets, raw, record.positive, groups=groups_of(validation)
    )
    scores = calibration.apply(record.task, raw)
    chosen = choose_decision(
        record.task,
        record.labels,
        targets,
        scores,
        positive=record.positive,
        goal=Goal.parse(goal) if goal else None,
        risk=abstain_risk,
    )
    spec = model.spec.model_copy(update={"calibration": calibration, "decision": chosen.decision})
    return Settled(replace(model, spec=spec), scores, chosen.notes, chosen.points)


def assess(
    model: Model,
    solution: Solution,
    examples: Sequence[LabeledExample],
    progress: Progress,
    *,
    seed: int = 0,
    costs: Costs | None = None,
    slices: Sequence[str] = (),
) -> Evaluation:
    """Return all metrics of ``model`` on ``examples``, with intervals that respect groups.

    Args:
        model: the model.
        solution: says what is reported apart.
        examples: labelled ones.
        progress: is told how it goes.
        seed: of the intervals.
        costs: what mistakes cost, of two classes.
        slices: fields or columns to report apart beside those of the solution.
    """
    progress.stage("evaluating", len(examples))
    scores = model.score_examples([e.example for e in examples], advance=progress.advance)
    return judge(model.spec, solution, examples, scores, seed=seed, costs=costs, slices=slices)


def judge(
    spec: ModelSpec,
    solution: Solution,
    examples: Sequence[LabeledExample],
    scores: np.ndarray,
    *,
    seed: int = 0,
    costs: Costs | None = None,
    slices: Sequence[str] = (),
) -> Evaluation:
    """Return all metrics of the calibrated ``scores`` of a model with ``spec``; the rest is as for :func:`assess`."""
    record = spec.head
    return evaluate(
        record.task,
        record.labels,
        targets_of(examples),
        scores.astype(np.float64),
        positive=record.positive,
        decision=spec.decision,
        severe=severe_end(solution),
        groups=groups_of(examples),
        also=[solution.primary_metric],
        slices=slice_values(examples, list(dict.fromkeys((*solution.slices, *slices)))),
        costs=costs,
        seed=seed,
    )


def groups_of(examples: Sequence[LabeledExample]) -> list[str | None] | None:
    """Return the group of each example; nothing where none has one."""
    groups = [e.group for e in examples]
    return groups if any(group is not None for group in groups) else None


def severe_end(solution: Solution) -> Literal["first", "last"]:
    """Return the end of the order that must not be missed."""
    return solution.target.severe if isinstance(solution.target, OrdinalTarget) else "first"
