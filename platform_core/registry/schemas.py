"""What the registry tells others of models and versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class VersionInfo:
    """A whole version of a model.

    Attributes:
        id: opaque id.
        model: name of the model.
        number: 1 is the first; numbers are never used twice.
        aliases: the aliases that point here, sorted.
        digest: SHA-256 over names and contents of its files.
        size_bytes: bytes of its files.
        lineage: what it was made from: recipe, versions of code, data mapping, seed.
    """

    id: str
    model: str
    number: int
    solution: str
    method: str
    encoder: str
    encoder_fingerprint: str
    metrics: Mapping[str, Any]
    lineage: Mapping[str, Any]
    aliases: tuple[str, ...]
    created_at: datetime
    size_bytes: int
    storage_key: str
    digest: str
    run_id: str | None
    dataset_version_id: str | None
    parent_id: str | None

    @property
    def ref(self) -> str:
        """The reference that always means this version: ``name:3``."""
        return f"{self.model}:{self.number}"

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON types."""
        return asdict(self) | {
            "ref": self.ref,
            "aliases": list(self.aliases),
            "created_at": self.created_at.isoformat(),
        }


@dataclass(frozen=True)
class ModelInfo:
    """A model: how many versions it has, the newest one's number, and where its aliases point."""

    name: str
    solution: str
    versions: int
    newest: int | None
    aliases: Mapping[str, int]

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON types."""
        return asdict(self)
