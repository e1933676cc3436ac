"""What an export gives back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from platform_core.finetune.schemas import Measured


@dataclass(frozen=True, kw_only=True)
class ExportResult(Measured):
    """A registered export, and what was measured of it on held-out examples beside its parent.

    Attributes:
        model, version: the version that was registered.
        parent: the version that was exported, e.g. ``news:3``.
        format: ``onnx``.
        precision: ``fp32`` or ``int8``.
        evaluated_on: the split that was measured: ``test``, else ``validation``, else ``none``.
        n: examples that both answered; without a split the solution's sample requests.
        largest_difference: between two scores; of numbers, in standard deviations of the target.
        same_answers: share of the examples that get the same answer; none of numbers.
        comparison: of the parent and the export, by metric: ``a`` and ``b``, ``difference``, ``interval``.
        size_bytes: of the export.
        parent_size_bytes: of the parent with its encoder.
        speeds: ``latency_ms`` and ``per_second`` by name of what answered.
        warnings: what the user should know.
        folder: where its files are; with storage elsewhere, a copy of them.
        aliases: aliases that were moved to the version.
    """

    model: str
    version: int
    solution: str
    parent: str
    format: str
    precision: str
    evaluated_on: str
    n: int
    largest_difference: float
    same_answers: float | None
    comparison: Sequence[Mapping[str, Any]]
    size_bytes: int
    parent_size_bytes: int
    speeds: Mapping[str, Mapping[str, float]]
    folder: str
    warnings: Sequence[str] = ()
    aliases: Sequence[str] = field(default=())

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON types."""
        return asdict(self)
