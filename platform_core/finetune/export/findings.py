"""What is found out of an export beside its parent: answers, metrics, speed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from platform_core.evaluation import Comparison, Evaluation, compare, sign_of
from platform_core.finetune.assessment import groups_of, judge, severe_end
from platform_core.finetune.export.comparing import Trial
from platform_core.finetune.export.speed import Speed, answerer, measure_speed
from platform_core.finetune.material import targets_of
from platform_core.finetune.parity import Parity, compare_answers
from platform_core.modeling.hardware import Precision
from platform_core.modeling.model import Model
from platform_core.registry.schemas import VersionInfo
from platform_core.sdk import Progress, Solution

LOSS_LIMIT = 0.007
"""Loss of the primary metric from which on people are warned: .7 of a point; of numbers, .7 % of the error."""


@dataclass(frozen=True)
class Findings:
    """An export beside its parent.

    Attributes:
        trial: what both answered.
        parity: how far their answers are apart.
        evaluation: of the export; none without labelled examples.
        comparison: of the parent (a) and the export (b) on these.
        speeds: by name of what answered: the export first, then the parent.
        warnings: what people should know before they use the export.
    """

    trial: Trial
    parity: Parity
    evaluation: Evaluation | None
    comparison: Comparison | None
    speeds: Mapping[str, Speed]
    warnings: Sequence[str]


def examine(
    export: Model,
    parents: Mapping[Precision, Model],
    trial: Trial,
    *,
    version: VersionInfo,
    solution: Solution,
    progress: Progress,
) -> Findings:
    """Let both answer the same examples.

    Args:
        export: as serving will load it.
        parents: what it was made of, in fp32, and in the other precisions that it is compared with in speed.
        trial: the examples.
        version: the parent's.
        solution: says what is measured.
        progress: is told how it goes.
    """
    progress.stage("comparing", 2 * len(trial.examples))
    theirs, ours = (
        model.score_examples(trial.examples, advance=progress.advance) for model in (parents["fp32"], export)
    )
    comparison = _compared(export, trial, theirs, ours, version.ref, solution) if trial.labelled else None
    progress.stage("measuring speed")
    return Findings(
        trial=trial,
        parity=compare_answers(export.spec, theirs, ours),
        evaluation=judge(export.spec, solution, trial.labelled, ours) if trial.labelled else None,
        comparison=comparison,
        speeds=_speeds(export, parents, trial, version.ref),
        warnings=_warnings(comparison) if comparison else (),
    )


def _compared(
    export: Model, trial: Trial, theirs: np.ndarray, ours: np.ndarray, name: str, solution: Solution
) -> Comparison:
    spec, record = export.spec, export.spec.head
    return compare(
        record.task,
        record.labels,
        targets_of(trial.labelled),
        theirs.astype(np.float64),
        ours.astype(np.float64),
        positive=record.positive,
        decision_a=spec.decision,
        decision_b=spec.decision,
        severe=severe_end(solution),
        groups=groups_of(trial.labelled),
        names=(name, "the export"),
        primary=solution.primary_metric,
    )


def _speeds(export: Model, parents: Mapping[Precision, Model], trial: Trial, name: str) -> dict[str, Speed]:
    assert export.spec.export is not None
    contenders = {f"ONNX {export.spec.export.precision}": answerer(export)}
    contenders |= {f"{name} {precision}": answerer(parent) for precision, parent in parents.items()}
    return measure_speed(contenders, export.prepare(trial.examples))


def _warnings(comparison: Comparison) -> list[str]:
    """Return that the export is worse than its parent, where it is."""
    main = next((d for d in comparison.differences if d.metric == comparison.primary), None)
    if main is None:
        return list(comparison.warnings)
    numbers = comparison.task == "regression"
    whole = abs(main.a) or 1.0 if numbers else 1.0
    loss = -sign_of(main.metric) * main.difference / whole
    if loss <= LOSS_LIMIT:
        return list(comparison.warnings)
    lost = f"{100 * loss:.1f} {'%' if numbers else 'points'} of {main.metric}"
    return [f"the export loses {lost}: {comparison.verdict}", *comparison.warnings]
