"""The model card of a run: what the registry shows of the version, and the pictures beside it."""

from __future__ import annotations

import math
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil
import torch

from platform_core.db.tables import now
from platform_core.evaluation import Evaluation, OperatingPoint
from platform_core.evaluation.evaluation import RiskReport
from platform_core.evaluation.pictures import draw_all
from platform_core.evaluation.weighting import Weighting
from platform_core.finetune.assessment import Settled, severe_end
from platform_core.finetune.learning import Learned
from platform_core.finetune.material import Material
from platform_core.finetune.recipe_values import value_names, value_of
from platform_core.finetune.requests import NO_GOAL
from platform_core.finetune.schemas import RunSpec
from platform_core.finetune.search.schemas import Selection
from platform_core.modeling.artifact import SPEC_FILE
from platform_core.modeling.spec import EncoderRecord, ModelSpec, TableRecord
from platform_core.registry.card import (
    AttemptRow,
    CalibrationSummary,
    CategorySummary,
    DataSummary,
    EncoderSummary,
    ModelCard,
    NumberSummary,
    OperatingPointRow,
    RiskSummary,
    SelectionSummary,
    TableSummary,
    TrainingSummary,
    WeightingSummary,
    save_card,
)
from platform_core.sdk import Manifest, NumberTarget, Recipe, Solution

_NAMED_VALUES = 5
"""Of each column of categories, so many are named."""


def write_card(
    folder: Path,
    material: Material,
    learned: Learned,
    evaluation: Evaluation | None,
    *,
    precision: str,
    device: torch.device,
    versions: Mapping[str, str],
    manifest: Manifest | None,
    parent: str | None = None,
    settled: Settled | None = None,
    selection: Selection | None = None,
) -> None:
    """Write ``card.md``, ``card.json`` and their pictures into the model's folder.

    Args:
        folder: the folder of the version with its settled ``model.json``, before it is published.
        material: what the run worked on.
        learned: how the learning went.
        evaluation: of the held-out split; ``None`` where there is none.
        precision: of the matrix products.
        device: where they ran.
        versions: of the software.
        manifest: of the plugin, for its licences.
        parent: reference of the version whose weights training began with.
        settled: what calibration, thresholds and abstention do on the validation split.
        selection: what was tried before the run.
    """
    spec, solution, history = material.spec, material.solution, learned.result.history
    described = ModelSpec.model_validate_json((folder / SPEC_FILE).read_text("utf-8"))
    measured: dict[str, Any] = evaluation.to_dict() if evaluation else {}
    pictures = draw_all(folder, evaluation, history, metric=solution.primary_metric) if evaluation else {}
    card = ModelCard(
        model=spec.model,
        run=material.run_id,
        solution=solution.id,
        title=solution.title,
        summary=solution.summary,
        created_at=now(),
        intended_use=solution.notes.intended_use,
        limits=list(solution.notes.limits),
        risks=list(solution.notes.risks),
        **{"task": described.head.task} | measured,
        positive=described.head.positive,
        severe=severe_end(solution),
        unit=solution.target.unit if isinstance(solution.target, NumberTarget) else "",
        primary_metric=solution.primary_metric,
        evaluated_on=material.evaluated_on,
        validation_points=_points(settled.points if settled else {}),
        weighting=_weighting(settled.weighting) if settled and settled.weighting else None,
        validation_risk=_risk(settled.risk) if settled and settled.risk else None,
        abstain_risk=spec.abstain_risk,
        declined=_declined(spec, solution),
        calibration=_calibration(described),
        data=_data(material),
        method=spec.method,
        encoder=_encoder(described.encoder),
        table=_table(described.table),
        members=list(described.head.members),
        blend=dict(learned.shares),
        parent=parent or spec.parent_id,
        recipe=spec.recipe.model_dump(mode="json"),
        changed=_changed(spec.recipe, solution.recipes[spec.method]),
        seed=spec.seed,
        training=_training(material, learned, precision, device),
        selection=_selection(selection),
        licences=_licences(manifest),
        versions=dict(versions),
        pictures=pictures,
    )
    save_card(card, folder)


def hardware(device: torch.device) -> str:
    """Return what computed, in words."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    cores, threads = psutil.cpu_count(logical=True) or 1, torch.get_num_threads()
    return f"{platform.machine()} CPU, {_counted(cores, 'core')}, {_counted(threads, 'thread')}"


def _licences(manifest: Manifest | None) -> dict[str, str]:
    """Return the licences of code and weights; what the manifest says of data is said of the plugin's sample alone."""
    if manifest is None:
        return {}
    return manifest.licences.model_dump(exclude={"data"}) | {"data": "not known: whoever brought it must know"}


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def _data(material: Material) -> DataSummary:
    dataset = material.dataset
    return DataSummary(
        dataset=dataset.ref,
        digest=dataset.digest,
        rows=dataset.rows,
        splits=dict(dataset.splits),
        labels=list(dataset.labels),
        adapter=dataset.adapter,
        mapping={
            field: column if isinstance(column, str) else list(column) for field, column in dataset.mapping.items()
        },
        provenance=dict(dataset.provenance),
        warnings=list(dataset.warnings),
    )


def _encoder(record: EncoderRecord | None) -> EncoderSummary | None:
    if record is None:
        return None
    return EncoderSummary(name=record.reference, fingerprint=record.fingerprint, licence=record.licence)


def _table(record: TableRecord | None) -> TableSummary | None:
    if record is None:
        return None
    columns = record.columns
    return TableSummary(
        numbers=[
            NumberSummary(name=c.place.name, low=c.edges[0], median=c.center, high=c.edges[-1]) for c in columns.numbers
        ],
        categories=[
            CategorySummary(name=c.place.name, count=len(c.values), values=list(c.values[:_NAMED_VALUES]))
            for c in columns.categories
        ],
        rare=record.settings.rare,
    )


def _training(material: Material, learned: Learned, precision: str, device: torch.device) -> TrainingSummary:
    result, score = learned.result, learned.score
    return TrainingSummary(
        seconds=result.train_seconds,
        epochs=len(result.history),
        best_epoch=result.best_epoch or None,
        score=score if score is not None and math.isfinite(score) else None,
        hardware=hardware(device),
        precision=precision,
        devices=material.spec.devices,
    )


def _declined(spec: RunSpec, solution: Solution) -> list[str]:
    """Return the options that say no to defaults of the solution that the run did not take."""
    goal = ["--goal", NO_GOAL] if solution.goal and spec.goal is None else []
    return goal + (["--abstain-risk", "0"] if solution.abstain_risk and spec.abstain_risk is None else [])


def _calibration(described: ModelSpec) -> CalibrationSummary | None:
    if described.head.task == "regression":
        return None
    chosen = described.calibration
    return CalibrationSummary(method=chosen.method, temperature=chosen.temperature)


def _risk(report: RiskReport) -> RiskSummary:
    return RiskSummary.model_validate(report)


def _weighting(weighting: Weighting) -> WeightingSummary:
    return WeightingSummary(
        rarity=weighting.rarity, metric=weighting.metric, plain=weighting.plain, weighted=weighting.weighted
    )


def _points(points: Mapping[str, OperatingPoint]) -> list[OperatingPointRow]:
    return [
        OperatingPointRow(
            label=label,
            threshold=point.threshold,
            recall=point.recall,
            precision=point.precision,
            fpr=point.fpr,
            alert_rate=point.alert_rate,
            note=point.note,
        )
        for label, point in points.items()
    ]


def _changed(recipe: Recipe, defaults: Recipe) -> dict[str, Any]:
    """Return what differs from the defaults, by names as ``--set`` takes them, in JSON types."""
    content = recipe.model_dump(mode="json")
    found: dict[str, Any] = {}
    for name in value_names():
        if value_of(recipe, name) != value_of(defaults, name):
            group, _, inner = name.partition(".")
            found[name] = content[group][inner] if inner else content[group]
    return found


def _selection(selection: Selection | None) -> SelectionSummary | None:
    if selection is None:
        return None
    tried, crossed = selection.method, selection.cross_validation
    return SelectionSummary(
        sentences=selection.sentences(),
        attempts=[AttemptRow(**attempt.model_dump()) for attempt in tried.attempts] if tried else [],
        folds=list(crossed.values) if crossed else [],
        metrics=crossed.metrics if crossed else {},
        intervals=crossed.intervals if crossed else {},
    )
