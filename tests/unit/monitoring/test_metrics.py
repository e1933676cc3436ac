"""Metrics of one process, and of several that serve together."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from platform_core.monitoring.metrics import Metrics
from platform_core.serving.served import Served

Serve = Callable[..., Served]


def samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_requests_examples_errors_and_latencies_are_counted(serve):
    metrics = Metrics()
    metrics.count(serve("a", "b", seconds=0.02))
    metrics.count(serve("a", seconds=0.2))
    metrics.count(serve("a", code="model.failed", predictions=[], seconds=20.0))
    found = samples(metrics.expose()[0].decode())
    who = (("model", "notes"), ("role", "stable"), ("tenant", "local"), ("version", "1"))
    assert found["verticore_requests_total", (("code", "ok"), *who)] == 2
    assert found["verticore_requests_total", (("code", "model.failed"), *who)] == 1
    assert found["verticore_examples_total", who] == 4
    assert found["verticore_request_seconds_count", who] == 3
    assert found["verticore_request_seconds_bucket", tuple(sorted((*who, ("le", "0.25"))))] == 2


def test_values_that_change_by_themselves_are_read_when_scraped():
    metrics = Metrics()
    queues = {("gpu",): 3.0, ("cpu",): 1.0}
    metrics.watch("verticore_waiting", "Requests that wait.", lambda: dict(queues), ["lane"])
    metrics.watch("verticore_resident_bytes", "Bytes of models in memory.", lambda: 12.0)
    metrics.watch("verticore_broken", "Nobody knows.", lambda: 1 / 0)
    assert samples(metrics.expose()[0].decode())["verticore_waiting", (("lane", "gpu"),)] == 3
    del queues["gpu",]
    found = samples(metrics.expose()[0].decode())
    assert found["verticore_waiting", (("lane", "gpu"),)] == 0
    assert found["verticore_waiting", (("lane", "cpu"),)] == 1
    assert found["verticore_resident_bytes", ()] == 12
    assert any(name == "process_resident_memory_bytes" for name, _ in found)


def test_scrapers_get_the_format_that_they_take():
    body, kind = Metrics().expose("application/openmetrics-text; version=1.0.0")
    assert kind.startswith("application/openmetrics-text")
    assert body.endswith(b"# EOF\n")
    assert Metrics().expose("*/*")[1].startswith("text/plain")


WORKER = """
from platform_core.monitoring.metrics import Metrics
from platform_core.serving.served import Served
metrics = Metrics()
metrics.watch("verticore_waiting", "Requests that wait.", lambda: 2.0)
for _ in range(5):
    metrics.count(Served(id="prd_1", tenant="local", model="notes", version=1, version_id="ver_1", solution="s",
                         reference="notes", role="stable", code=None, seconds=0.02))
print(metrics.expose()[0].decode())
"""


def test_processes_that_serve_together_are_added_up(tmp_path: Path):
    text = ""
    for _ in range(2):
        text = subprocess.run(
            [sys.executable, "-c", WORKER],
            env={"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    found = samples(text)
    who = (("model", "notes"), ("role", "stable"), ("tenant", "local"), ("version", "1"))
    assert found["verticore_requests_total", (("code", "ok"), *who)] == 10
    assert found["verticore_request_seconds_count", who] == 10
    assert found["verticore_waiting", ()] == 4
