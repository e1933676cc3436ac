"""Which sinks are chosen."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

from platform_core.finetune.tracking.sink import MetricSink
from platform_core.sdk import UsageError

_PACKAGES = {"tensorboard": ("TensorBoard", "tensorboard"), "mlflow": ("MLflow", "mlflow")}
"""Tracker → its name for people, and the package that its extra installs."""


def check_trackers(trackers: Sequence[str], mlflow_uri: str | None) -> None:
    """Refuse trackers that cannot work here; whether a server is there is not asked.

    Raises:
        UsageError: an extra is not installed, or MLflow's tracking URI cannot be used.
    """
    for tracker in trackers:
        name, package = _PACKAGES[tracker]
        if importlib.util.find_spec(package) is None:
            raise UsageError(
                f"{name} is chosen as a tracker, but is not installed",
                where="the setting 'trackers'",
                hint=f"pip install 'verticore[{tracker}]', or take it out of the setting",
            )
    if "mlflow" in trackers and mlflow_uri is not None:
        from platform_core.finetune.tracking.mlflow import check_uri

        check_uri(mlflow_uri)


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
