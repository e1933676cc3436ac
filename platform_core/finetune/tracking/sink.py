"""What takes the metrics of a run, and what it is told."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

Scalar = str | int | float | bool


@dataclass(frozen=True, kw_only=True)
class TrackedRun:
    """What a sink is told of a run before it works.

    Attributes:
        params: the recipe and what else decides the result, JSON types.
        tags: what it is made of, e.g. the dataset and the versions of the software.
    """

    id: str
    model: str
    solution: str
    params: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)

    def scalars(self) -> dict[str, Scalar]:
        """Return the parameters that are set, lists and mappings as JSON."""
        return {
            name: value if isinstance(value, Scalar) else json.dumps(value, ensure_ascii=False)
            for name, value in self.params.items()
            if value is not None
        }


@dataclass(frozen=True)
class Point:
    """Values at one step.

    Attributes:
        step: steps that are done, over all epochs.
        at: the moment, aware.
        epoch: the epoch that the values conclude; ``None``: they are of the step.
    """

    step: int
    values: Mapping[str, float]
    at: datetime
    epoch: int | None = None


class MetricSink(Protocol):
    """Takes the metrics of one run; called by one thread. One that raises is left out for the rest of the run."""

    name: str

    def start(self, run: TrackedRun) -> None:
        """The run begins, or goes on."""

    def log(self, points: Sequence[Point], *, since: int | None) -> None:
        """Record points, in order of steps; with ``since`` they replace what was recorded there and later."""

    def finish(self, status: str, metrics: Mapping[str, float]) -> None:
        """The run ended: ``finished``, with the ``metrics`` of the held-out split, ``failed`` or ``interrupted``."""
