"""What crosses the border of the room: what is asked of a run, and what it gives back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from platform_core.evaluation.evaluation import Evaluation
from platform_core.finetune.search.schemas import Selection
from platform_core.registry.schemas import VersionInfo
from platform_core.sdk import Method, NumberTarget, Recipe, Solution


class RunSpec(BaseModel):
    """All that a run needs to start or to go on; kept in its row, so resuming needs no other option.

    Attributes:
        promote: alias that moves to the new version.
        goal: what the operating point is chosen for, such as ``recall=0.95``.
        abstain_risk: share of wrong answers that is allowed among those that are given; the rest goes to a person.
        parent_id: version whose weights training starts from.
        devices: processes that share the work.
        selection: what was tried before the run, and why it is as it is.
    """

    model_config = ConfigDict(frozen=True)

    solution: str
    model: str
    dataset_id: str
    method: Method
    recipe: Recipe
    seed: int
    promote: str | None = None
    goal: str | None = None
    abstain_risk: float | None = None
    parent_id: str | None = None
    devices: int = 1
    selection: Selection | None = None


@dataclass(frozen=True, kw_only=True)
class RunInfo:
    """A run, as people see it.

    Attributes:
        status: created, running, finished, failed or interrupted.
        dataset_id: id of the dataset version.
        history: one entry per epoch: ``epoch``, ``loss``, ``score``.
        warnings: what went wrong without ending it.
        model_version_id: what came of it.
        selection: what was tried before it, and why it is as it is.
    """

    id: str
    solution: str
    model: str
    status: str
    method: str
    dataset_id: str
    recipe: Mapping[str, Any]
    seed: int
    metrics: Mapping[str, float]
    history: Sequence[Mapping[str, float]]
    warnings: Sequence[str]
    error: str
    created_at: datetime
    seconds: float | None
    model_version_id: str | None
    selection: Selection | None

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON types."""
        return asdict(self) | {"created_at": self.created_at.isoformat(), "selection": _json(self.selection)}


def _json(selection: Selection | None) -> dict[str, Any] | None:
    return selection.model_dump(mode="json") if selection else None


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What was measured on labelled examples. What does not apply to the task is empty or ``None``.

    Attributes:
        task: the kind of answer; empty where nothing was measured.
        unit: of numbers, as shown to people.
        primary_metric: the solution's.
        metrics, intervals: values and their 95 % bootstrap intervals.
        goal: what the thresholds were chosen for.
        operating_points: what each threshold does: recall, precision, share of alerts.
        risk_coverage: what leaving the least sure answers to people buys: ``abstain_below``, ``coverage``, ``risk``,
            ``aurc``.
        rules: what the solution's rules did: ``n``, ``flagged``, ``raised``, ``codes``.
        residuals: how far numbers are off: ``bias``, ``sd``, ``quantiles``.
        slices: the same metrics on parts of the examples.
    """

    task: str = ""
    unit: str = ""
    primary_metric: str = ""
    metrics: Mapping[str, float] = field(default_factory=dict)
    intervals: Mapping[str, Sequence[float]] = field(default_factory=dict)
    goal: str = ""
    operating_points: Sequence[Mapping[str, Any]] = ()
    risk_coverage: Mapping[str, Any] | None = None
    rules: Mapping[str, Any] | None = None
    residuals: Mapping[str, Any] | None = None
    slices: Sequence[Mapping[str, Any]] = ()


def measured(evaluation: Evaluation | None, solution: Solution) -> dict[str, Any]:
    """Return the attributes of :class:`Measured`."""
    target = solution.target
    known: dict[str, Any] = {"primary_metric": solution.primary_metric}
    known["unit"] = target.unit if isinstance(target, NumberTarget) else ""
    if evaluation is None:
        return known
    facts = evaluation.to_dict()
    risk = facts["risk_coverage"]
    if risk is not None:
        facts["risk_coverage"] = {name: value for name, value in risk.items() if name != "curve"}
    return known | {part.name: facts[part.name] for part in fields(Measured) if part.name in facts}


@dataclass(frozen=True, kw_only=True)
class TrainResult(Measured):
    """What a finished run made, and what was measured on its held-out split.

    Attributes:
        run: id of the run.
        model, version: the version that was registered.
        dataset: reference of the dataset version, e.g. ``news:1``.
        evaluated_on: what was measured: the split ``test``, else ``validation``, or ``out_of_fold`` where the model was
            learned in folds, else ``none``.
        seconds: wall time of the run, all preparation included.
        train_seconds: optimisation steps with data loading, without evaluation.
        first_epoch_seconds: from the start of the run to the end of its first epoch.
        epochs: epochs that were trained; the best is kept.
        size_bytes: size of the version.
        warnings: what the user should know about the data, and what went wrong without ending the run.
        aliases: aliases that were moved to the version.
        selection: what was tried before the run, and why it is as it is.
    """

    run: str
    solution: str
    model: str
    version: int
    dataset: str
    method: str
    encoder: str
    evaluated_on: str
    seconds: float
    train_seconds: float
    first_epoch_seconds: float
    epochs: int
    size_bytes: int
    warnings: Sequence[str] = ()
    aliases: Sequence[str] = ()
    selection: Selection | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON types."""
        return asdict(self) | {"selection": _json(self.selection)}


@dataclass(frozen=True, kw_only=True)
class EvaluateResult(Measured):
    """A model measured on labelled data.

    Attributes:
        n: number of examples.
        per_class: precision, recall, F1 and support of each class or label.
        confusion: ``{"labels", "matrix"}``, targets in rows; empty where answers are not single labels.
    """

    model: str
    version: int
    n: int
    per_class: Sequence[Mapping[str, Any]]
    confusion: Mapping[str, Any]
    warnings: Sequence[str] = ()

    @classmethod
    def of(cls, version: VersionInfo, evaluation: Evaluation, solution: Solution, warnings: Sequence[str]) -> Self:
        """Build it from what was measured on ``version``."""
        facts = evaluation.to_dict()
        return cls(
            model=version.model,
            version=version.number,
            n=evaluation.n,
            per_class=facts["per_class"],
            confusion=facts["confusion"],
            warnings=[*warnings, *evaluation.warnings],
            **measured(evaluation, solution),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON types."""
        return asdict(self)
