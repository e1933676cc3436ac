"""Runs: the cache of features, resuming after SIGTERM and after kill -9, warnings, official splits."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from platform_core.platform import Platform
from platform_core.sdk import Conflict, NotFound, UsageError

CLI = [sys.executable, "-m", "platform_core.cli"]
RECIPE = ["--set", "epochs=3", "--set", "lora_rank=2", "--set", "batch_size=8", "--set", "precision=fp32"]


def train_command(home: Path, data: Path | None, *more: str) -> list[str]:
    what = ["finance.sentiment", "--data", str(data), *RECIPE] if data else []
    return [*CLI, "train", *what, "--home", str(home), "--json", *more]


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory, small_csv) -> dict:
    """What a run gives that nobody stops."""
    return run(train_command(tmp_path_factory.mktemp("straight"), small_csv))


def start(command: list[str]) -> subprocess.Popen:
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def run(command: list[str], code: int = 0) -> dict:
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout.strip().splitlines()[-1])


def test_a_second_head_run_does_not_encode_again(workspace, small_csv):
    results = [
        workspace.train("finance.sentiment", small_csv, name="cached", method="head", settings={"max_tokens": 33})
        for _ in range(2)
    ]
    assert results[1].first_epoch_seconds < results[0].first_epoch_seconds / 3
    assert results[1].metrics == results[0].metrics
    assert (results[0].version, results[1].version) == (1, 2)


def test_who_measures_on_training_data_is_told(workspace, small_csv):
    made = workspace.train(
        "finance.sentiment", small_csv, name="crammer", method="head", settings={"max_tokens": 33, "epochs": 1}
    )
    own = workspace.datasets.resolve(made.dataset)
    learned = own.splits["train"] + own.splits["validation"]

    honest = workspace.evaluate("crammer", made.dataset)
    crammed = workspace.evaluate("crammer", small_csv)
    compared = workspace.compare("crammer:1", "cached:1", small_csv)

    assert not any("too good" in warning for warning in honest.warnings)
    warning = f"{learned} of these 100 examples are training or validation data of crammer:1"
    assert any(text.startswith(warning) for text in crammed.warnings)
    assert any(text.startswith(warning) for text in compared.warnings)


def test_a_finished_run_is_not_run_again(workspace):
    finished = next(r for r in workspace.runs.list() if r.status == "finished")
    with pytest.raises(Conflict, match="finished"):
        workspace.resume(finished.id)
    with pytest.raises(NotFound):
        workspace.resume("run_nothing")


def test_recipes_are_checked_before_anything_is_read(workspace):
    for settings, words in (({"epoch": 3}, "did you mean 'epochs'"), ({"epochs": 0}, "epochs")):
        with pytest.raises(UsageError, match=words):
            workspace.train("finance.sentiment", "no-such-file.csv", settings=settings)
    with pytest.raises(UsageError, match="lora"):
        workspace.train("finance.sentiment", "no-such-file.csv", method="fit")
    with pytest.raises(NotFound, match=r"finance\.sentiment"):
        workspace.train("finance.sentimnt", "no-such-file.csv")


def test_without_a_test_part_the_metrics_are_those_of_validation(workspace, small_csv):
    result = workspace.train(
        "finance.sentiment", small_csv, split="80/20/0", name="novel", method="head", settings={"epochs": 1}
    )
    assert result.evaluated_on == "validation"
    assert result.metrics["accuracy"] > 0
    alone = workspace.train(
        "finance.sentiment", small_csv, split="100/0/0", name="novel", method="head", settings={"epochs": 1}
    )
    assert (alone.evaluated_on, alone.metrics) == ("none", {})


@pytest.mark.slow
def test_sigterm_checkpoints_and_resume_ends_in_the_same_model(tmp_path, small_csv, uninterrupted):
    home = tmp_path / "stopped"
    process = subprocess.Popen(
        train_command(home, small_csv), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    wait_for_first_epoch(home, process)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1, errors
    assert "runs resume" in errors
    with Platform.open(home) as platform:
        (stopped,) = platform.runs.list()
        assert stopped.status == "interrupted"
        assert platform.registry.list() == []
    resumed = run(train_command(home, None, "--resume", stopped.id))
    assert resumed["metrics"] == pytest.approx(uninterrupted["metrics"], abs=1e-9)
    assert resumed["version"] == 1


@pytest.mark.slow
def test_kill_9_at_a_random_moment_loses_nothing(tmp_path, small_csv, uninterrupted):
    home = tmp_path / "killed"
    process = subprocess.Popen(
        train_command(home, small_csv), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    wait_for_first_epoch(home, process)
    time.sleep(random.random())
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    with Platform.open(home) as platform:
        (killed,) = platform.runs.list()
        for model in platform.registry.list():
            platform.registry.verify(model.name)
    if killed.status != "finished":
        assert killed.status == "interrupted"
        resumed = run([*CLI, "runs", "resume", killed.id, "--home", str(home), "--json"])
        assert resumed["metrics"] == pytest.approx(uninterrupted["metrics"], abs=0.002)
    with Platform.open(home) as platform:
        assert [m.newest for m in platform.registry.list()] == [1]


def wait_for_first_epoch(home: Path, process: subprocess.Popen) -> None:
    """Wait until the run has recorded an epoch."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        if (home / "verticore.db").exists() and any((home / "runs").glob("*/checkpoint/state.safetensors")):
            return
        time.sleep(0.05)
    raise AssertionError(process.communicate()[1] if process.poll() is not None else "no epoch in two minutes")


def test_the_command_trains_on_a_version_that_was_imported(tmp_path, small_csv):
    home = str(tmp_path / "home")
    run([*CLI, "data", "import", "finance.sentiment", str(small_csv), "--home", home, "--json"])
    words = ["finance.sentiment", "--data", "finance.sentiment:1", "--method", "head", "--set", "epochs=1"]
    assert run([*CLI, "train", *words, "--home", home, "--json"])["dataset"] == "finance.sentiment:1"
    run([*CLI, "train", *words, "--split", "70/15/15", "--home", home, "--json"], code=2)
