"""What takes metrics, and which ones are chosen."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from platform_core.sdk import UsageError

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


_PACKAGES = {"tensorboard": ("TensorBoard", "tensorboard"), "mlflow": ("MLflow", "mlflow")}
"""Tracker → its name for people, and the package that its extra installs."""


def check_trackers(trackers: Sequence[str]) -> None:
    """Refuse trackers that cannot work here.

    Raises:
        UsageError: an extra is not installed.
    """
    for tracker in trackers:
        name, package = _PACKAGES[tracker]
        if importlib.util.find_spec(package) is None:
            raise UsageError(
                f"{name} is chosen as a tracker, but is not installed",
                where="the setting 'trackers'",
                hint=f"pip install 'verticore[{tracker}]', or take it out of the setting",
            )


def open_sinks(trackers: Sequence[str], home: Path, mlflow_uri: str | None) -> list[MetricSink]:
    """Return the sinks for ``trackers`` of one run; they touch nothing before they are started.

    Args:
        trackers: some of ``tensorboard`` and ``mlflow``.
        home: the workspace.
        mlflow_uri: MLflow's tracking URI; ``None``: a database in the workspace.
    """
    sinks: list[MetricSink] = []
    if "tensorboard" in trackers:
        from platform_core.finetune.tracking.tensorboard import TensorBoardSink

        sinks.append(TensorBoardSink(home / "tensorboard"))
    if "mlflow" in trackers:
        from platform_core.finetune.tracking.mlflow import MlflowSink

        sinks.append(MlflowSink(mlflow_uri, home))
    return sinks
