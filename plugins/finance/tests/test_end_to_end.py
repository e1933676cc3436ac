"""The whole road of each solution on its sample: import, train, evaluate, promote, serve, predict, explain."""

from pathlib import Path
from typing import Any

import pytest

from platform_core.cli.server_process import ServerProcess
from platform_core.client import Client
from platform_core.platform import Platform

pytestmark = pytest.mark.slow


def walk(folder: Path, solution: str, **training: Any) -> tuple[dict[str, float], list[dict[str, Any]]]:
    """Return the metrics on the test split, and the explained answers of the endpoint to the sample requests."""
    sample = folder / "sample"
    sample.mkdir()
    with Platform.open(folder / "home") as platform:
        requests = platform.plugins.solution(solution).sample.requests
        platform.plugins.solution(solution).sample.write(sample)
        dataset = platform.datasets.import_(solution, sample)
        trained = platform.train(solution, dataset.ref, **training)
        measured = platform.evaluate(solution, dataset.ref, split="test")
        assert measured.metrics.keys() >= trained.metrics.keys()
        platform.registry.promote(f"{solution}:{trained.version}", "champion")
    with ServerProcess(folder / "home") as server, Client(server.url) as client:
        answer = client.predict(f"{solution}@champion", requests, explain=True)
    assert answer.version == trained.version
    return dict(measured.metrics), answer.predictions


def test_sentiment(tmp_path: Path) -> None:
    metrics, predictions = walk(tmp_path, "finance.sentiment", method="head", settings={"epochs": 10})
    assert metrics["macro_f1"] > 0.6
    assert [row["topic"] for row in predictions] == ["earnings", "earnings", "earnings", "earnings"]
    assert all(row["explanation"]["words"] for row in predictions)


def test_fraud(tmp_path: Path) -> None:
    metrics, predictions = walk(tmp_path, "finance.fraud")
    assert metrics["average_precision"] > 0.5
    assert metrics["cost_saved"] > 0.2
    assert "recall@alert=0.01" in metrics
    habit, burst, _ = predictions
    assert (habit["label"], burst["label"]) == ("0", "1"), "four payments within minutes came before"
    assert burst["scores"]["1"] > 5 * habit["scores"]["1"]
    reasons = {reason["column"]: reason["weight"] for reason in burst["explanation"]["columns"]}
    assert reasons.keys() >= {"count_1h", "seconds_since_last", "amount", "category"}
