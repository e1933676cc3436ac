"""What was learned → calibrated, measured, described, and registered as a version."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from platform_core import __version__
from platform_core.evaluation import Evaluation
from platform_core.finetune.assessment import Settled, assess, judge, settle
from platform_core.finetune.card import write_card
from platform_core.finetune.learning import Learned
from platform_core.finetune.material import Material, Rows
from platform_core.finetune.precision import fastest_model
from platform_core.finetune.workshop import Workshop
from platform_core.modeling.artifact import load_artifact, save_artifact, save_spec
from platform_core.modeling.hardware import Precision
from platform_core.plugin_host.info import PluginInfo
from platform_core.registry.schemas import VersionInfo
from platform_core.sdk import Progress
from platform_core.sdk import __version__ as sdk_version


def versions_of(plugin: PluginInfo) -> dict[str, str]:
    """Return the versions of the software that makes a version of a model."""
    return {"verticore": __version__, "sdk": sdk_version, plugin.name: plugin.version}


def publish(
    shop: Workshop,
    material: Material,
    learned: Learned,
    *,
    precision: Precision,
    plugin: PluginInfo,
    progress: Progress,
) -> tuple[VersionInfo, Evaluation | None]:
    """Save what was learned, settle how it decides, measure it on the held-out split, and register it whole or not.

    Args:
        shop: the rooms that a run needs.
        material: what the run worked on.
        learned: what came of it.
        precision: of the matrix products.
        plugin: whose solution it is.
        progress: is told how it goes.

    Returns:
        The version, and its evaluation where there are held-out examples.

    Raises:
        StorageFull: there is no room for it.
    """
    spec = material.spec
    progress.stage("saving")
    with shop.storage.staging() as folder:
        save_artifact(learned.artifact, folder)
        unseen = learned.held_out.rows if learned.held_out else material.validation
        settled = _settle(shop, material, learned, unseen, folder, progress)
        evaluation = _evaluate(material, settled, unseen, progress)
        versions = versions_of(plugin)
        write_card(
            folder,
            material,
            learned,
            evaluation,
            precision=precision,
            device=shop.encoders.device,
            versions=versions,
            manifest=plugin.manifest,
            parent=shop.registry.get(spec.parent_id).ref if spec.parent_id else None,
            settled=settled,
            selection=spec.selection,
        )
        return _register(shop, material, learned, folder, evaluation, versions), evaluation


def _settle(
    shop: Workshop, material: Material, learned: Learned, unseen: Rows, folder: Path, progress: Progress
) -> Settled:
    """Calibrate what was *saved*: load the folder as serving will."""
    spec = material.spec
    artifact = load_artifact(folder, head=material.solution.head)
    settled = settle(
        fastest_model(shop.encoders, artifact, material, unseen, progress),
        unseen,
        goal=spec.goal,
        abstain_risk=spec.abstain_risk,
        metric=material.solution.primary_metric,
        progress=progress,
        raw=learned.held_out.scores if learned.held_out else None,
    )
    save_spec(settled.model.spec, folder)
    for note in settled.notes:
        progress.note(note)
    return settled


def _evaluate(material: Material, settled: Settled, unseen: Rows, progress: Progress) -> Evaluation | None:
    spec = material.spec
    if material.evaluated_on == "none":
        return None
    if material.evaluated_on != "test":  # its scores are known already
        known = settled.model.spec, material.solution, unseen, settled.scores
        return judge(*known, rules=settled.rules, seed=spec.seed)
    return assess(settled.model, material.solution, material.splits["test"], progress, seed=spec.seed)


def _register(
    shop: Workshop,
    material: Material,
    learned: Learned,
    folder: Path,
    evaluation: Evaluation | None,
    versions: Mapping[str, str],
) -> VersionInfo:
    spec = material.spec
    lineage = {
        "recipe": spec.recipe.model_dump(mode="json"),
        "seed": spec.seed,
        "dataset": material.dataset.ref,
        "dataset_digest": material.dataset.digest,
        "adapter": material.dataset.adapter,
        "mapping": dict(material.dataset.mapping),
        "versions": dict(versions),
        "evaluated_on": material.evaluated_on,
    }
    if learned.shares:
        lineage["blend"] = dict(learned.shares)
    if spec.selection:
        lineage["selection"] = spec.selection.model_dump(mode="json")
    return shop.registry.register(
        name=spec.model,
        solution=spec.solution,
        folder=folder,
        method=spec.method,
        encoder=material.encoder_name,
        encoder_fingerprint=material.model.encoder.fingerprint if material.model.encoder else "",
        parent_id=spec.parent_id,
        metrics=evaluation.metrics if evaluation else {},
        lineage=lineage,
        run_id=material.run_id,
        dataset_version_id=material.dataset.id,
    )
