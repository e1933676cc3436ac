"""The MLflow sink. Needs the extra ``mlflow``; MLflow's own reports of usage to its makers stay off."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from platform_core.finetune.tracking.sink import Point, TrackedRun
from platform_core.sdk import VerticoreError

if TYPE_CHECKING:
    from mlflow.entities import Metric, Run

_ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_CONFIGURE_LOGGING": "false",  # its records go where ours go, not to the terminal
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",  # a server that is down must not keep the end of a run waiting
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
}
"""MLflow is configured by variables alone; those that the user has set stand."""

_STATUS = {"finished": "FINISHED", "failed": "FAILED", "interrupted": "KILLED"}
_RUN_TAG = "verticore.run"
_MOST_METRICS, _MOST_PARAMS = 1000, 100
"""In one request to MLflow."""


class MlflowSink:
    """Writes parameters, tags and metrics to a run in the experiment that has the model's name.

    A run that goes on continues the MLflow run it had before. MLflow cannot delete points: those of steps that it has
    already are not written again.

    Args:
        uri: MLflow's tracking URI; ``None``: ``mlflow.db`` in the workspace.
        home: the workspace.
    """

    name = "MLflow"

    def __init__(self, uri: str | None, home: Path) -> None:
        self._uri = uri or f"sqlite:///{home / 'mlflow.db'}"
        # Without this, MLflow would note a folder below the directory where the command runs.
        self._artifacts = (home / "mlflow").as_uri() if uri is None else None
        self._home = home
        self._reached: dict[str, int] = {}
        self._step = 0

    def start(self, run: TrackedRun) -> None:
        """Create the run, or find the one of an earlier process."""
        for name, value in _ENVIRONMENT.items():
            os.environ.setdefault(name, value)
        from mlflow import MlflowClient

        with self._without_secrets():
            self._home.mkdir(parents=True, exist_ok=True)
            self._client = MlflowClient(tracking_uri=self._uri)
            experiment = self._experiment(run.model)
            found = self._client.search_runs([experiment], f"tags.`{_RUN_TAG}` = '{run.id}'", max_results=1)
            if found:
                self._go_on(found[0])
            else:
                self._create(experiment, run)

    def log(self, points: Sequence[Point], *, since: int | None) -> None:  # noqa: ARG002  (see the class)
        """Append the points that MLflow does not have yet."""
        from mlflow.entities import Metric

        news = []
        for point in points:
            self._step = point.step
            for name, value in ((_allowed(name), value) for name, value in point.values.items()):
                if point.step > self._reached.get(name, -1):
                    self._reached[name] = point.step
                    news.append(Metric(name, value, int(point.at.timestamp() * 1000), point.step))
        self._log_metrics(news)

    def finish(self, status: str, metrics: Mapping[str, float]) -> None:
        """Add the final metrics, and close the run."""
        from mlflow.entities import Metric

        moment = time.time_ns() // 1_000_000
        self._log_metrics([Metric(_allowed(name), value, moment, self._step) for name, value in metrics.items()])
        with self._without_secrets():
            self._client.set_terminated(self._id, status=_STATUS[status])

    def _experiment(self, name: str) -> str:
        """Return the experiment's id; two processes may create it at once."""
        from mlflow.exceptions import MlflowException

        known = self._client.get_experiment_by_name(name)
        if known is None:
            try:
                return str(self._client.create_experiment(name, artifact_location=self._artifacts))
            except MlflowException:
                known = self._client.get_experiment_by_name(name)
                if known is None:
                    raise
        return str(known.experiment_id)

    def _create(self, experiment: str, run: TrackedRun) -> None:
        from mlflow.entities import Param

        tags = {_RUN_TAG: run.id, "verticore.solution": run.solution}
        tags |= {f"verticore.{name}": value for name, value in run.tags.items()}
        self._id = self._client.create_run(experiment, run_name=run.id, tags=tags).info.run_id
        params = [Param(name, str(value)) for name, value in run.scalars().items()]
        for first in range(0, len(params), _MOST_PARAMS):
            self._client.log_batch(self._id, params=params[first : first + _MOST_PARAMS])

    def _go_on(self, run: Run) -> None:
        self._id = run.info.run_id
        self._client.update_run(self._id, status="RUNNING")
        for name in run.data.metrics:
            self._reached[name] = max(point.step for point in self._client.get_metric_history(self._id, name))

    def _log_metrics(self, metrics: Sequence[Metric]) -> None:
        with self._without_secrets():
            for first in range(0, len(metrics), _MOST_METRICS):
                self._client.log_batch(self._id, metrics=metrics[first : first + _MOST_METRICS])

    @contextmanager
    def _without_secrets(self) -> Iterator[None]:
        """Let errors pass without the password, user and query of the tracking URI, which MLflow quotes in them."""
        try:
            yield
        except Exception as error:
            text = str(error)
            for secret in secrets_of(self._uri):
                text = text.replace(secret, "***")
            raise VerticoreError(text) from None


def secrets_of(uri: str) -> list[str]:
    """Return the parts of a URI that nobody may read, the longest first."""
    parts = urlsplit(uri)
    user, _, _ = parts.netloc.rpartition("@")
    found = {user, parts.query, parts.password or "", unquote(parts.password or "")}
    return sorted(found - {""}, key=len, reverse=True)


def _allowed(name: str) -> str:
    """Return ``name`` without the characters that MLflow refuses, e.g. ``recall_alert``."""
    return re.sub(r"[^\w\-./ :]", "_", name)
