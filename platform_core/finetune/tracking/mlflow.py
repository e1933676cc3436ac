"""The MLflow sink. Needs the extra ``mlflow``; MLflow's own reports of usage to its makers stay off."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from sqlalchemy.engine import make_url

from platform_core.finetune.tracking.sink import Point, TrackedRun
from platform_core.sdk import UsageError, VerticoreError

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

_ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_CONFIGURE_LOGGING": "false",  # its records go where ours go, not to the terminal
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",  # a server that is down must not keep the end of a run waiting
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
}
"""MLflow is configured by variables alone; those that the user has set stand."""

_DATABASES = ("sqlite", "postgresql", "mysql", "mssql")
"""Schemes of URIs that MLflow hands to SQLAlchemy."""

_STATUS = {"finished": "FINISHED", "failed": "FAILED", "interrupted": "KILLED"}
_RUN_TAG = "verticore.run"
_MOST_METRICS, _MOST_PARAMS = 1000, 100
"""In one request to MLflow."""


class MlflowSink:
    """Writes parameters, tags and metrics to a run in the experiment that has the model's name.

    A run that goes on continues the MLflow run it had before. MLflow cannot delete points: those of steps that it has
    already are not written again, so the steps of a metric rise.

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
        with _without_secrets(self._uri):
            self._home.mkdir(parents=True, exist_ok=True)
            self._client = _client(self._uri)
            experiment = self._experiment(run.model)
            found = self._client.search_runs([experiment], f"tags.`{_RUN_TAG}` = '{run.id}'", max_results=1)
            if found:
                self._go_on(found[0])
            else:
                self._create(experiment, run)

    def log(self, points: Sequence[Point], *, since: int | None) -> None:  # noqa: ARG002  (see the class)
        """Append the points that MLflow does not have yet."""
        for point in points:
            self._step = max(self._step, point.step)
        self._log_metrics(
            [
                (name, value, int(point.at.timestamp() * 1000), point.step)
                for point in points
                for name, value in point.values.items()
            ]
        )

    def finish(self, status: str, metrics: Mapping[str, float]) -> None:
        """Add the final metrics, and close the run."""
        moment = time.time_ns() // 1_000_000
        self._log_metrics([(name, value, moment, self._step) for name, value in metrics.items()])
        with _without_secrets(self._uri):
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
        self._step = max(self._reached.values(), default=0)

    def _log_metrics(self, values: Iterable[tuple[str, float, int, int]]) -> None:
        """Append values with name, moment in milliseconds and step, except of steps that the metric has come to."""
        from mlflow.entities import Metric

        news = []
        for name, value, moment, step in values:
            metric = Metric(_allowed(name), value, moment, step)
            if step > self._reached.get(metric.key, -1):
                self._reached[metric.key] = step
                news.append(metric)
        with _without_secrets(self._uri):
            for first in range(0, len(news), _MOST_METRICS):
                self._client.log_batch(self._id, metrics=news[first : first + _MOST_METRICS])


def check_uri(uri: str) -> None:
    """Refuse a tracking URI that MLflow cannot use; neither a server nor a database is asked whether it is there.

    Raises:
        UsageError: it is of no kind that MLflow knows, names no server, or its database has no driver here.
    """
    try:
        with _without_secrets(uri):
            scheme = urlsplit(uri).scheme.partition("+")[0]
            if scheme in ("http", "https"):
                if not urlsplit(uri).hostname:
                    raise ValueError("it names no server")
            elif scheme in _DATABASES:
                make_url(uri).get_dialect().import_dbapi()
            else:
                _client(uri)
    except VerticoreError as error:
        raise UsageError(
            f"MLflow's tracking URI cannot be used: {error.message.strip()}",
            where="the setting 'mlflow_uri'",
            hint="write https://HOST:PORT, or a database such as sqlite:////folder/mlflow.db whose driver is installed",
        ) from None


def _client(uri: str) -> MlflowClient:
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    from mlflow import MlflowClient

    return MlflowClient(tracking_uri=uri)


@contextmanager
def _without_secrets(uri: str) -> Iterator[None]:
    """Let errors pass without the password, user and query of the tracking URI, which MLflow quotes in them."""
    try:
        yield
    except Exception as error:
        text = str(error)
        for secret in secrets_of(uri):
            text = text.replace(secret, "***")
        raise VerticoreError(text) from None


def secrets_of(uri: str) -> list[str]:
    """Return the parts of a URI that nobody may read, the longest first."""
    try:
        parts = urlsplit(uri)
    except ValueError:  # it cannot be taken apart
        return [uri]
    user, _, _ = parts.netloc.rpartition("@")
    found = {user, parts.query, parts.password or "", unquote(parts.password or "")}
    return sorted(found - {""}, key=len, reverse=True)


def _allowed(name: str) -> str:
    """Return ``name`` without the characters that MLflow refuses, e.g. ``recall_alert``."""
    return re.sub(r"[^\w\-./ :]", "_", name)
