"""Whether a model is asked what it has learned."""

from __future__ import annotations

from collections.abc import Sequence

from platform_core.datasets.records import LabeledExample
from platform_core.datasets.service import Datasets
from platform_core.registry.schemas import VersionInfo
from platform_core.sdk import NotFound


def seen_in_training(datasets: Datasets, version: VersionInfo, examples: Sequence[LabeledExample]) -> list[str]:
    """Return a warning where inputs of ``examples`` are among those that ``version`` was trained or chosen on.

    Args:
        datasets: where the version's data is found; if it is gone, nothing can be told.
        version: what is measured.
        examples: what it is measured on.
    """
    try:
        learned = datasets.resolve(version.dataset_version_id) if version.dataset_version_id else None
    except NotFound:
        learned = None
    if learned is None:
        return []
    known = {row.example.content_hash() for row in datasets.load(learned, ["train", "validation"])}
    seen = sum(row.example.content_hash() in known for row in examples)
    if not seen:
        return []
    return [
        f"{seen:,} of these {len(examples):,} examples are training or validation data of {version.ref}: "
        f"the numbers are too good to be true; measure on {learned.ref}, of which the test split is used"
    ]
