"""Judging a loaded model on labelled examples, through the very road that serving takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from platform_core.datasets.records import LabeledExample
from platform_core.datasets.slicing import slice_values
from platform_core.evaluation import Evaluation, evaluate
from platform_core.evaluation.answers import read_answers
from platform_core.evaluation.calibrating import fit_calibration
from platform_core.evaluation.choosing import choose_decision
from platform_core.evaluation.curves import risk_report
from platform_core.evaluation.evaluation import RiskReport, RuleReport
from platform_core.evaluation.goals import Costs, Goal, stated_costs
from platform_core.evaluation.operating_points import OperatingPoint
from platform_core.evaluation.ruling import rule_report
from platform_core.evaluation.weighting import Weighting
from platform_core.finetune.material import targets_of
from platform_core.modeling.model import Model
from platform_core.modeling.rows import Row
from platform_core.modeling.spec import ModelSpec
from platform_core.sdk import ClassTarget, OrdinalTarget, Progress, Solution, Task


@dataclass(frozen=True)
class Settled:
    """A model with its calibration and decision, chosen on validation data.

    Attributes:
        model: the model.
        scores: its scores of the validation examples, calibrated and raised as rules want it.
        notes: what the user should know of the choice.
        points: what the chosen thresholds do on the validation examples, by label.
        weighting: what favouring rare classes gains on them; ``None`` where they are not favoured.
        rules: what the solution's rules did to them.
        risk: what leaving the least sure of them to people buys.
    """

    model: Model
    scores: np.ndarray
    notes: tuple[str, ...] = ()
    points: Mapping[str, OperatingPoint] = field(default_factory=dict)
    weighting: Weighting | None = None
    rules: RuleReport | None = None
    risk: RiskReport | None = None


def settle(
    model: Model,
    validation: Sequence[LabeledExample],
    *,
    goal: str | None,
    abstain_risk: float | None,
    metric: str,
    progress: Progress,
    raw: np.ndarray | None = None,
) -> Settled:
    """Calibrate ``model`` and choose how its scores become answers.

    Args:
        model: as learned.
        validation: held-out examples; without any, nothing is chosen.
        goal: what thresholds are for, e.g. ``recall=0.95``.
        abstain_risk: share of wrong answers that is accepted before a person is asked.
        metric: the solution's primary one; for some, rare classes are favoured.
        progress: is told how it goes.
        raw: uncalibrated scores of these examples, where ``model`` itself has learned from them; else it is asked.

    Raises:
        UsageError: goal or risk make no sense for the task.
    """
    if not validation:
        notes = ("no validation data: the goal was left out",) if goal or abstain_risk is not None else ()
        return Settled(model, np.zeros((0, 1)), notes)
    progress.stage("calibrating", len(validation))
    record, targets = model.spec.head, targets_of(validation)
    rows = model.prepare([e.example for e in validation])
    if raw is None:
        raw = model.alone.score_rows(rows, advance=progress.advance)
    calibration = fit_calibration(
        record.task, record.labels, targets, raw, record.positive, groups=groups_of(validation)
    )
    plain = calibration.apply(record.task, raw)
    scores = model.raised(plain, rows)
    chosen = choose_decision(
        record.task,
        record.labels,
        targets,
        scores,
        positive=record.positive,
        goal=Goal.parse(goal) if goal else None,
        risk=abstain_risk,
        metric=metric,
        groups=groups_of(validation),
    )
    spec = model.spec.model_copy(update={"calibration": calibration, "decision": chosen.decision})
    answers = read_answers(
        record.task, record.labels, targets, scores, positive=record.positive, decision=chosen.decision
    )
    return Settled(
        model=replace(model, spec=spec),
        scores=scores,
        notes=chosen.notes,
        points=chosen.points,
        weighting=chosen.weighting,
        rules=_rules(spec, plain, scores, rows),
        risk=risk_report(answers, chosen.decision.abstain_below),
    )


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
    rows = model.prepare([e.example for e in examples])
    plain = model.alone.score_rows(rows, advance=progress.advance)
    scores = model.raised(plain, rows)
    rules = _rules(model.spec, plain, scores, rows)
    return judge(model.spec, solution, examples, scores, rules=rules, seed=seed, costs=costs, slices=slices)


def judge(
    spec: ModelSpec,
    solution: Solution,
    examples: Sequence[LabeledExample],
    scores: np.ndarray,
    *,
    rules: RuleReport | None = None,
    seed: int = 0,
    costs: Costs | None = None,
    slices: Sequence[str] = (),
) -> Evaluation:
    """Return all metrics of the scores of a model with ``spec``.

    Args:
        spec: of the model.
        solution: says what is reported apart.
        examples: labelled ones.
        scores: of the examples, calibrated and raised as rules want it.
        rules: what they did, if the solution has some.
        seed, costs, slices: as for :func:`assess`.
    """
    record = spec.head
    found = evaluate(
        record.task,
        record.labels,
        targets_of(examples),
        scores.astype(np.float64),
        positive=record.positive,
        decision=spec.decision,
        severe=severe_end(solution),
        groups=groups_of(examples),
        also=[solution.primary_metric, *_listed(solution, record.task)],
        slices=slice_values(examples, list(dict.fromkeys((*solution.slices, *slices)))),
        costs=costs or _usual_costs(solution, spec),
        seed=seed,
    )
    return replace(found, rules=rules)


def _usual_costs(solution: Solution, spec: ModelSpec) -> Costs | None:
    """Return what the solution takes mistakes to cost, where the goal of the model does not say it."""
    if spec.head.task != "binary" or stated_costs(spec.decision.goal):
        return None
    return stated_costs(solution.goal or "")


def _listed(solution: Solution, task: Task) -> list[str]:
    """Return the metric of the labels that predictions list."""
    top = solution.target.top if isinstance(solution.target, ClassTarget) else 0
    return [f"top_k_accuracy={top}"] if task == "multiclass" and top > 1 else []


def _rules(spec: ModelSpec, plain: np.ndarray, scores: np.ndarray, rows: Sequence[Row]) -> RuleReport | None:
    """Return what rules made of the scores ``plain``; ``None`` where the solution has no rules."""
    remarks = [row.review.remarks for row in rows if row.review is not None]
    if not remarks:
        return None
    return rule_report(spec.head.task, spec.head.labels, plain, scores, remarks, decision=spec.decision)


def groups_of(examples: Sequence[LabeledExample]) -> list[str | None] | None:
    """Return the group of each example; nothing where none has one."""
    groups = [e.group for e in examples]
    return groups if any(group is not None for group in groups) else None


def severe_end(solution: Solution) -> Literal["first", "last"]:
    """Return the end of the order that must not be missed."""
    return solution.target.severe if isinstance(solution.target, OrdinalTarget) else "first"
