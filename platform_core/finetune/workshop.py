"""The rooms that a run needs, and what it works on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from platform_core.datasets.info import DatasetInfo
from platform_core.datasets.records import LabeledExample
from platform_core.datasets.service import Datasets
from platform_core.finetune.guarding import DataGuard
from platform_core.finetune.loop.devices import Workers
from platform_core.finetune.material import Material, describe_model
from platform_core.finetune.schemas import RunSpec
from platform_core.finetune.service import RunService
from platform_core.finetune.tracking.tracking import Trackers
from platform_core.finetune.warm_start import check_parent
from platform_core.modeling.artifact import load_artifact
from platform_core.modeling.pool import EncoderPool
from platform_core.modeling.rows import has_text
from platform_core.plugin_host.host import PluginHost
from platform_core.registry.service import Registry
from platform_core.sdk import EmptyData, Progress
from platform_core.storage import Storage


@dataclass(frozen=True)
class Workshop:
    """The rooms that a run needs.

    Attributes:
        cache: folder of the tenant's feature caches.
        trackers: where the metrics of runs go.
        start_workers: run and number of processes → the further processes that share its work.
    """

    host: PluginHost
    datasets: Datasets
    registry: Registry
    runs: RunService
    storage: Storage
    encoders: EncoderPool
    cache: Path
    trackers: Trackers
    start_workers: Callable[[str, int], Workers]
    tenant: str

    def guard(self, data: DatasetInfo) -> DataGuard:
        """Return the guard of what is kept of ``data``."""
        return DataGuard(self.cache, self.datasets, data)


def gather(shop: Workshop, run_id: str, spec: RunSpec, progress: Progress) -> Material:
    """Collect what the run works on.

    Raises:
        EmptyData: the dataset version has no training part.
        UsageError: the version to start from leads elsewhere.
    """
    solution = shop.host.solution(spec.solution)
    dataset = shop.datasets.resolve(spec.dataset_id)
    splits: dict[str, list[LabeledExample]] = {"train": [], "validation": [], "test": []}
    for example in shop.datasets.load(dataset):
        splits[example.split].append(example)
    if not splits["train"]:
        raise EmptyData("there is nothing to train on", where=dataset.ref, hint="give --split a training part")
    parent = None
    if spec.parent_id is not None:
        parent = load_artifact(shop.registry.folder(shop.registry.get(spec.parent_id)), head=solution.head)
        check_parent(parent.spec, spec)
    encoder = shop.encoders.locate(spec.recipe.encoder) if has_text(solution.example) else None
    model = describe_model(spec, solution, dataset, splits, encoder, parent=parent, progress=progress)
    return Material(run_id, spec, solution, dataset, splits, model, parent)
