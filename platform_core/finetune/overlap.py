"""Whether a model is asked what it has learned."""

from __future__ import annotations

from collections.abc import Sequence

from platform_core.datasets.info import DatasetInfo
from platform_core.datasets.records import LabeledExample
from platform_core.datasets.service import Datasets
from platform_core.registry.schemas import VersionInfo
from platform_core.sdk import NotFound


def learned_from(datasets: Datasets, version: VersionInfo) -> DatasetInfo | None:
    """Return the dataset version that a model version was trained on; ``None`` where it was never known, or is gone.

    One of which all rows were erased is gone, too.
    """
    try:
        known = datasets.resolve(version.dataset_version_id) if version.dataset_version_id else None
    except NotFound:
        return None
    return known if known is not None and known.rows else None


def seen_in_training(
    datasets: Datasets, versions: Sequence[VersionInfo], examples: Sequence[LabeledExample]
) -> list[str]:
    """Return a warning for each version that was trained or chosen on inputs that are among ``examples``.

    Args:
        datasets: where the versions' data is found; if it is gone, nothing can be told.
        versions: what is measured.
        examples: what they are measured on.
    """
    asked = [row.example.content_hash() for row in examples]
    known: dict[str, set[str]] = {}
    warnings = []
    for version in {v.id: v for v in versions}.values():
        learned = learned_from(datasets, version)
        if learned is None:
            continue
        if learned.id not in known:
            rows = datasets.load(learned, ["train", "validation"])
            known[learned.id] = {row.example.content_hash() for row in rows}
        seen = sum(key in known[learned.id] for key in asked)
        if seen:
            warnings.append(
                f"{seen:,} of these {len(examples):,} examples are training or validation data of {version.ref}: "
                f"the numbers are too good to be true; measure on {learned.ref}, of which the test split is used"
            )
    return warnings
