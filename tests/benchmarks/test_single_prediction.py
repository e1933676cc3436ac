"""How long one prediction takes, warm: through the Python API and over HTTP, for every solution of every plugin."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from report import write_section

from platform_core.api.application import create_app
from platform_core.platform import Platform

ROUNDS = 200
WARM = 20


def milliseconds(ask: Callable[[int], object]) -> tuple[float, float]:
    """Return the median and the 99th percentile of ``ROUNDS`` calls, one after another."""
    times = []
    for index in range(WARM + ROUNDS):
        started = time.perf_counter()
        ask(index)
        times.append(1000 * (time.perf_counter() - started))
    kept = times[WARM:]
    return statistics.median(kept), statistics.quantiles(kept, n=100)[-1]


@pytest.mark.benchmark
@pytest.mark.timeout(1800)
@pytest.mark.filterwarnings("ignore")
def test_one_prediction(tmp_path: Path) -> None:
    rows = []
    with Platform.open(tmp_path / "home") as platform:
        for solution in [platform.plugins.solution(entry.id) for entry in platform.plugins.solution_entries()]:
            folder = tmp_path / solution.id
            folder.mkdir()
            solution.sample.write(folder)
            method = solution.recipes[solution.default_method]
            epochs = {"epochs": 1} if solution.default_method != "fit" else {}
            platform.train(solution.id, folder, promote="champion", settings=epochs)
            reference, requests = f"{solution.id}@champion", solution.sample.requests
            direct = milliseconds(lambda i, r=reference, q=requests: platform.predict(r, [q[i % len(q)]]))
            with TestClient(create_app(platform)) as client:
                url = f"/api/v1/models/{reference}/predict"
                served = milliseconds(
                    lambda i, c=client, u=url, q=requests: c.post(
                        u, json={"examples": [q[i % len(q)]]}
                    ).raise_for_status()
                )
            shown = solution.default_method + (f", {method.folds} folds" if method.folds > 1 else "")
            rows.append((solution.id, shown, *(f"{value:.1f} ms" for value in (*direct, *served))))
    write_section(
        "One prediction",
        "A model of each solution's sample data by its default method, loaded, asked for one example at a time by one "
        f"caller, {ROUNDS} times: `Platform.predict`, and the HTTP application with its queue (waiting for others to "
        "join a batch included, the network not). `tests/benchmarks/test_single_prediction.py`.",
        ("solution", "method", "Python, median", "p99", "HTTP, median", "p99"),
        rows,
    )
