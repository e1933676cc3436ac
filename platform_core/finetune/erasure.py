"""What is told of an erasure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, kw_only=True)
class ErasedRows:
    """Rows that were removed from a dataset version: how many, and how many are left."""

    dataset: str
    rows: int
    left: int


@dataclass(frozen=True, kw_only=True)
class TrainedOn:
    """A version of a model that was trained on the rows.

    Attributes:
        model: ``name:version``.
        solution: whose model it is.
        dataset: the dataset version to train on again.
        aliases: the aliases that point at it.
    """

    model: str
    solution: str
    dataset: str
    aliases: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class ErasureResult:
    """What was removed of a person; of a dry run, what would be.

    Attributes:
        subject: the keyed hash that the tombstone knows the person by.
        solution: whose data alone they are erased from; empty: all.
        found: whether there was anything of theirs.
        erased_before: when they were erased first, if this was not the first time.
        datasets: the dataset versions.
        models: the versions of models that were trained on the rows; they stay.
        vectors: cached features that were removed; of a dry run 0.
        runs: the runs whose checkpoints were removed.
        searches: the searches that were removed.
        elsewhere: examples that were removed from other places, by what people call them.
        hidden: dataset versions in which nobody can be found: their identities were hashed with another key.
    """

    subject: str
    solution: str
    dry_run: bool
    found: bool
    erased_before: datetime | None
    datasets: Sequence[ErasedRows]
    models: Sequence[TrainedOn]
    vectors: int
    runs: Sequence[str]
    searches: Sequence[str]
    elsewhere: Mapping[str, int]
    hidden: Sequence[str]

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON types."""
        moment = self.erased_before.isoformat() if self.erased_before else None
        return asdict(self) | {"erased_before": moment}
