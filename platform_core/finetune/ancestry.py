"""Which data a version of a model comes from: its own, and that of the versions that it started from."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from platform_core.datasets.service import Datasets
from platform_core.finetune.service import RunService
from platform_core.registry.schemas import VersionInfo
from platform_core.registry.service import Registry
from platform_core.sdk import NotFound


@dataclass(frozen=True)
class Origin:
    """What a version was made of.

    Attributes:
        dataset_id: id of the dataset version.
        digest: of its contents at that time, where it is known.
        parent_id: the version that it started from, or is an export of.
    """

    dataset_id: str | None
    digest: str | None
    parent_id: str | None


class Ancestry:
    """The origins of all versions of a tenant; of those that were deleted, what their runs tell."""

    def __init__(self, registry: Registry, runs: RunService) -> None:
        self.versions = [version for model in registry.list() for version in registry.versions(model.name)]
        self._origins = {
            version.id: Origin(version.dataset_version_id, version.lineage.get("dataset_digest"), version.parent_id)
            for version in self.versions
        }
        for run in runs.list():
            if run.model_version_id and run.model_version_id not in self._origins:
                self._origins[run.model_version_id] = Origin(run.dataset_id, None, runs.spec(run.id).parent_id)

    def data_of(self, version: VersionInfo) -> list[tuple[str, str | None]]:
        """Return the dataset versions behind ``version``, nearest first: ids, and digests where they are known."""
        found = []
        origin = self._origins.get(version.id)
        while origin is not None:
            if origin.dataset_id:
                found.append((origin.dataset_id, origin.digest))
            origin = self._origins.get(origin.parent_id) if origin.parent_id else None
        return found


def erased_behind(version: VersionInfo, ancestry: Ancestry, datasets: Datasets) -> dict[str, int]:
    """Return how many rows were erased from the data behind ``version`` since it was trained, by dataset version."""
    erased: dict[str, int] = {}
    for dataset_id, digest in ancestry.data_of(version):
        with suppress(NotFound):
            data = datasets.resolve(dataset_id)
            rows = data.erased_since(digest)
            if rows:
                erased[data.ref] = max(rows, erased.get(data.ref, 0))
    return erased
