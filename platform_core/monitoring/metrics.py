"""What Prometheus scrapes.

Where several processes serve, each writes its values to files in ``$PROMETHEUS_MULTIPROC_DIR``, which their parent has
set, and whoever is scraped adds up those of all.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, disable_created_metrics
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector

from platform_core.serving.served import Served

ANSWERED = "ok"
"""The ``code`` of requests that were answered."""

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_WHO = ("tenant", "model", "version", "role")

_log = logging.getLogger(__name__)

disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each, of which nobody asks

Labels = tuple[str, ...]
Reading = float | Mapping[Labels, float]
"""A value; or values by the labels of their gauge."""


class Metrics:
    """The metrics of this process, or of all that serve together; safe to share between threads."""

    def __init__(self) -> None:
        self._shared = os.environ.get(_FOLDER)
        self._registry = CollectorRegistry()
        self._own = None if self._shared else self._registry
        if self._shared:
            MultiProcessCollector(self._registry, self._shared)  # type: ignore[no-untyped-call]
        else:
            ProcessCollector(registry=self._registry)
        self._requests = Counter(
            "verticore_requests",
            "Requests that a version answered, or failed to, by the error's code.",
            (*_WHO, "code"),
            registry=self._own,
        )
        self._examples = Counter("verticore_examples", "Valid examples in these requests.", _WHO, registry=self._own)
        self._seconds = Histogram(
            "verticore_request_seconds",
            "Seconds from request to answer, errors included.",
            _WHO,
            buckets=_SECONDS,
            registry=self._own,
        )
        self._unlogged = Counter(
            "verticore_unlogged_requests",
            "Requests that the prediction log, or the hooks of plugins, missed because too much waited.",
            ("tenant", "missed_by"),
            registry=self._own,
        )
        self._known: dict[tuple[str, str, int, str, str], tuple[Counter, Counter, Histogram]] = {}
        self._refreshing = threading.Lock()
        self._watched: list[tuple[Gauge, Callable[[], Reading], set[Labels]]] = []

    def count(self, served: Served) -> None:
        """Count a request; takes microseconds."""
        key = (served.tenant, served.model, served.version, served.role, served.code or ANSWERED)
        known = self._known.get(key)
        if known is None:
            *who, code = map(str, key)
            known = self._requests.labels(*who, code), self._examples.labels(*who), self._seconds.labels(*who)
            self._known[key] = known
        requests, examples, seconds = known
        requests.inc()
        examples.inc(len(served.examples))
        seconds.observe(served.seconds)

    def miss(self, served: Served, missed_by: str) -> None:
        """Count a request that ``log`` or ``hooks`` did not get."""
        self._unlogged.labels(served.tenant, missed_by).inc()

    def watch(self, name: str, documentation: str, read: Callable[[], Reading], labels: Sequence[str] = ()) -> None:
        """Show a value that changes by itself, such as the length of a queue; of several processes their sum.

        Args:
            name: of the metric, e.g. ``verticore_waiting_requests``.
            documentation: what it is, with its unit.
            read: returns the value; or values by labels, of which those that are absent are 0.
            labels: names of the labels.
        """
        gauge = Gauge(name, documentation, labels, registry=self._own, multiprocess_mode="livesum")
        self._watched.append((gauge, read, set()))

    def refresh(self) -> None:
        """Read the values that are watched; processes that serve together see each other's as of the last call."""
        with self._refreshing:
            for gauge, read, seen in self._watched:
                try:
                    reading = read()
                except Exception:
                    _log.debug("a metric cannot be read", exc_info=True)
                    continue
                if not isinstance(reading, Mapping):
                    gauge.set(reading)
                    continue
                seen.update(reading)
                for labels in seen:
                    gauge.labels(*labels).set(reading.get(labels, 0.0))

    def expose(self, accept: str = "") -> tuple[bytes, str]:
        """Return all metrics, and their content type.

        Args:
            accept: the formats that the scraper takes, as in its ``Accept`` header.
        """
        self.refresh()
        encode, content_type = choose_encoder(accept)
        return encode(self._registry), content_type
