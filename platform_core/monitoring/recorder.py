"""The recorder: hears of every request, and lets metrics, history, prediction log and plugins know.

Counting happens at once, in memory. What takes time happens in two threads: one writes history and log, the other calls
plugins, whose hooks may hang. Where they fall behind, the log and the plugins miss requests; counts never do.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence

from platform_core.monitoring.draining import Drain
from platform_core.monitoring.history.service import History
from platform_core.monitoring.logged import LoggedPrediction
from platform_core.monitoring.metrics import Metrics
from platform_core.monitoring.prediction_log import PredictionLog
from platform_core.plugin_host.hooks import HookCaller
from platform_core.sdk import NotFound, PredictionLogged
from platform_core.serving.answers import answer_of
from platform_core.serving.served import Served

MOST_WAITING = 10_000
"""Examples that wait to be logged, and answers that plugins have not heard of."""

HISTORY_SECONDS = 5.0
"""Time between two writes of the history: a process that is killed loses so much."""

REFRESH_SECONDS = 1.0
_PATIENCE_TO_FIND = 2.0
_PATIENCE_SECONDS, _PATIENCE_WITH_PLUGINS = 60.0, 5.0

_log = logging.getLogger(__name__)


class Recorder:
    """An observer of the serving engine.

    Args:
        metrics: counts for scraping.
        history: counts by minute.
        log: keeps examples and answers.
        hooks: tell plugins.
    """

    def __init__(self, metrics: Metrics, history: History, log: PredictionLog, hooks: HookCaller) -> None:
        self._metrics = metrics
        self._history = history
        self._prediction_log = log
        self._hooks = hooks
        self._writing: Drain[Served] = Drain("recorder", self._write, most=MOST_WAITING)
        self._telling: Drain[Served] = Drain("hooks", self._tell, most=MOST_WAITING)
        self._written = self._refreshed = time.monotonic()
        self._failed: set[str] = set()

    def __call__(self, served: Served) -> None:
        """Take note of a request; takes microseconds, and does not raise."""
        try:
            self._metrics.count(served)
            self._history.count(served)
            self._writing.start()
            if self._prediction_log.wants(served) and not self._writing.put(served, len(served.examples)):
                self._metrics.miss(served, "log")
            if served.code is None and served.role != "shadow" and not self._telling.put(served):
                self._metrics.miss(served, "hooks")
        except Exception:
            _log.exception("a request could not be recorded")

    def find(self, identifier: str) -> LoggedPrediction:
        """Return the request that was answered under ``identifier``, also a moment ago.

        Raises:
            NotFound: it is not in the log.
        """
        try:
            return self._prediction_log.find(identifier)
        except NotFound:
            self._writing.settle(_PATIENCE_TO_FIND)
            return self._prediction_log.find(identifier)

    def close(self) -> None:
        """Write and tell what waits."""
        self._telling.close(_PATIENCE_WITH_PLUGINS)
        self._writing.close(_PATIENCE_SECONDS)

    def _write(self, batch: Sequence[Served], is_last: bool) -> None:
        for served in batch:
            self._try("a prediction cannot be logged", self._take, served)
        moment = time.monotonic()
        if is_last or moment - self._written >= HISTORY_SECONDS:
            self._written = moment
            self._try("the history of requests cannot be written at the moment", self._history.tick)
        self._try(
            "predictions cannot be logged at the moment",
            self._prediction_log.flush if is_last else self._prediction_log.tick,
        )
        if moment - self._refreshed >= REFRESH_SECONDS:
            self._refreshed = moment
            self._metrics.refresh()

    def _take(self, served: Served) -> None:
        if not self._prediction_log.add(served):
            self._metrics.miss(served, "log")

    def _tell(self, batch: Sequence[Served], _is_last: bool) -> None:
        if batch:
            self._try("plugins cannot be told", self._announce, batch)

    def _announce(self, batch: Sequence[Served]) -> None:
        if self._hooks.is_heard(PredictionLogged):
            for served in batch:
                self._hooks.announce(_event_of(served))

    def _try(self, problem: str, do: Callable[..., object], *arguments: object) -> None:
        """Call ``do``, and say once where it fails, until it works again."""
        try:
            do(*arguments)
            self._failed.discard(problem)
        except Exception as error:
            if problem not in self._failed:
                self._failed.add(problem)
                _log.warning("%s (%s)", problem, (str(error).splitlines() or [type(error).__name__])[0])
                _log.debug("%s", problem, exc_info=error)


def _event_of(served: Served) -> PredictionLogged:
    return PredictionLogged(
        tenant=served.tenant,
        model=served.model,
        version=served.version,
        examples=len(served.predictions),
        seconds=served.seconds,
        labels=tuple(str(answer_of(prediction)) for prediction in served.predictions),
    )
