"""The model card of a run: what the registry shows of the version, and the pictures beside it."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Any

import psutil
import torch

from platform_core.db.tables import now
from platform_core.evaluation.evaluation import Evaluation
from platform_core.evaluation.pictures import draw_all
from platform_core.finetune.loop import LoopResult
from platform_core.finetune.material import Material
from platform_core.registry.card import DataSummary, EncoderSummary, ModelCard, TrainingSummary
from platform_core.sdk import Manifest


def write_card(
    folder: Path,
    material: Material,
    result: LoopResult,
    evaluation: Evaluation | None,
    *,
    precision: str,
    device: torch.device,
    versions: dict[str, str],
    manifest: Manifest | None,
) -> None:
    """Write ``card.md``, ``card.json`` and their pictures into the model's folder.

    Args:
        folder: the folder of the version, before it is published.
        material: what the run worked on.
        result: how the training went.
        evaluation: of the held-out split; ``None`` where there is none.
        precision: of the matrix products.
        device: where they ran.
        versions: of the software.
        manifest: of the plugin, for its licences.
    """
    spec, solution, dataset = material.spec, material.solution, material.dataset
    recipe = spec.recipe.model_dump(mode="json")
    defaults = solution.recipes[spec.method].model_dump(mode="json")
    measured: dict[str, Any] = evaluation.to_dict() if evaluation else {}
    pictures = draw_all(folder, evaluation, result.history, metric=solution.primary_metric) if evaluation else {}
    ModelCard(
        model=spec.model,
        run=material.run_id,
        solution=solution.id,
        title=solution.title,
        summary=solution.summary,
        created_at=now(),
        intended_use=solution.notes.intended_use,
        limits=list(solution.notes.limits),
        risks=list(solution.notes.risks),
        evaluated_on=material.evaluated_on,
        **measured,
        data=DataSummary(
            dataset=dataset.ref,
            digest=dataset.digest,
            rows=dataset.rows,
            splits=dict(dataset.splits),
            labels=list(dataset.labels),
            adapter=dataset.adapter,
            mapping=dict(dataset.mapping),
            provenance=dict(dataset.provenance),
            warnings=list(dataset.warnings),
        ),
        method=spec.method,
        encoder=EncoderSummary(
            name=material.model.encoder.reference,
            fingerprint=material.model.encoder.fingerprint,
            licence=material.model.encoder.licence,
        ),
        recipe=recipe,
        changed={name: value for name, value in recipe.items() if defaults[name] != value},
        seed=spec.seed,
        training=TrainingSummary(
            seconds=result.train_seconds,
            epochs=len(result.history),
            best_epoch=result.best_epoch,
            hardware=hardware(device),
            precision=precision,
        ),
        licences=manifest.licences.model_dump() if manifest else {},
        versions=versions,
        pictures=pictures,
    ).write(folder)


def hardware(device: torch.device) -> str:
    """Return what computed, in words."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{platform.machine()} CPU, {psutil.cpu_count(logical=True)} cores, {torch.get_num_threads()} threads"
