"""What callers see of a dataset version."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from platform_core.datasets.mapping import from_json
from platform_core.datasets.tables import Dataset, DatasetVersion


@dataclass(frozen=True)
class DatasetInfo:
    """An immutable dataset version.

    Attributes:
        id: opaque identifier.
        name: name of the dataset.
        number: number of the version, from 1.
        solution: for which solution.
        rows: examples in all splits.
        splits: examples by split.
        labels: the labels, in the order in which people expect them; none where the target is a number.
        statistics: rows, labels, text lengths, missing values and duplicates; ``target``: quantiles of a target that is
            a number; ``columns`` and ``derived``: type, missing and different values of the columns of an open field,
            and of derived ones.
        provenance: files with hashes, plugin and platform versions, what was ignored or skipped.
        warnings: what people should know about the data.
        adapter: the adapter that read it.
        mapping: field → column, and of an open field its columns.
        options: how it was split.
        digest: SHA-256 of the examples, their splits and the options; after an erasure, of the digest before it and the
            rows that went.
        storage_key: where the examples are stored.
        created_at: when it was first imported.
        reused: an import found this version instead of making one.
    """

    id: str
    name: str
    number: int
    solution: str
    rows: int
    splits: dict[str, int]
    labels: list[str]
    statistics: dict[str, Any]
    provenance: dict[str, Any]
    warnings: list[str]
    adapter: str
    mapping: dict[str, str | tuple[str, ...]]
    options: dict[str, Any]
    digest: str
    storage_key: str
    created_at: datetime
    reused: bool = False

    @property
    def ref(self) -> str:
        """``name:number``."""
        return f"{self.name}:{self.number}"

    @property
    def erased(self) -> list[dict[str, Any]]:
        """Erasures from this version, oldest first: ``at``, a moment; how many ``rows``; the ``digest`` before."""
        return list(self.provenance.get("erased", ()))

    def erased_since(self, digest: str | None) -> int:
        """Return how many rows were erased since the version had ``digest``; if that is unknown, since its import."""
        if digest == self.digest:
            return 0
        digests = [step["digest"] for step in self.erased]
        since = digests.index(digest) if digest in digests else 0
        return sum(step["rows"] for step in self.erased[since:])

    @property
    def positive(self) -> str | None:
        """Of two classes, the one that is looked for, where the solution's own names do not tell it."""
        chosen = self.options.get("positive")
        return chosen if chosen in self.labels else None

    @property
    def notes(self) -> list[str]:
        """What was done to the rows: how they were split, and what was masked in their texts."""
        masking = self.provenance.get("masking")
        if masking is None:
            return list(self.provenance.get("notes", ()))
        counted = ", ".join(f"{count:,} {kind}" for kind, count in masking["counts"].items()) or "nothing found"
        return [*self.provenance.get("notes", ()), f"texts were masked by {masking['by']}: {counted}"]

    def to_dict(self) -> dict[str, Any]:
        """Return JSON types."""
        return {"ref": self.ref, **asdict(self), "notes": self.notes, "created_at": self.created_at.isoformat()}


def describe(version: DatasetVersion, dataset: Dataset, *, reused: bool = False) -> DatasetInfo:
    """Return what callers see of a row."""
    statistics = dict(version.statistics)
    warnings, labels = statistics.pop("warnings"), statistics.pop("label_order")
    return DatasetInfo(
        id=version.id,
        name=dataset.name,
        number=version.number,
        solution=dataset.solution,
        rows=version.rows,
        splits=statistics["rows"],
        labels=labels,
        statistics=statistics,
        provenance=version.provenance,
        warnings=warnings,
        adapter=version.adapter,
        mapping=from_json(version.mapping),
        options=version.options,
        digest=version.digest,
        storage_key=version.storage_key,
        created_at=version.created_at,
        reused=reused,
    )
