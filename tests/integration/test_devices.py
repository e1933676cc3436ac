"""``--devices 2``: two processes train together, are stopped, die, and go on."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
import torch
from safetensors.torch import load_file
from worlds.plugin import installed_world, verticore, write_table, write_words
from worlds.telling import TOLD, TellingKeeper

from platform_core.finetune.loop import loop
from platform_core.finetune.loop.steps import Stepper
from platform_core.platform import Platform

# Processes draw dropout of their own, and a mean weighted by classes is only alike in parts of a batch.
SETTINGS = {"epochs": 4, "dropout": 0.0, "table.dropout": 0.0, "class_weights": "none"}
WORKER = "platform_core.cli.worker"
TELLING = f"""
if {TOLD!r} in os.environ:
    from platform_core.finetune.loop import loop
    from worlds.telling import TellingKeeper
    loop.Keeper = TellingKeeper
"""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("place")
    with installed_world(folder, more=TELLING):
        write_words(folder / "words.csv")
        write_table(folder / "rows.csv")
        yield folder


@pytest.fixture(scope="module")
def uninterrupted(place: Path) -> Path:
    """A workspace in which two processes have learned a head, and told their weights, and nobody disturbed them."""
    home = place / "uninterrupted"
    home.mkdir()
    with telling(home):
        assert verticore(*train_head(place, home, 2)).result["version"] == 1
    return home


@contextmanager
def telling(folder: Path) -> Iterator[None]:
    """While inside, each process of a run writes its last weights into ``folder``."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "Keeper", TellingKeeper)
        patch.setenv(TOLD, str(folder))
        yield


def train_head(place: Path, home: Path, devices: int) -> tuple[object, ...]:
    changes = [word for name, value in SETTINGS.items() for word in ("--set", f"{name}={value}")]
    data = ("--data", place / "words.csv", "--home", home)
    return ("train", "world.words", "--method", "head", "--devices", devices, *data, *changes)


def workers() -> list[psutil.Process]:
    """Return the processes that this one has started to share its work, zombies included."""
    return [p for p in psutil.Process().children() if p.status() == psutil.STATUS_ZOMBIE or WORKER in p.cmdline()]


def weights(home: Path) -> dict[str, torch.Tensor]:
    """Return the weights of the only model in a workspace."""
    with Platform.open(home) as platform:
        (model,) = platform.registry.list()
        folder = platform.registry.folder(platform.registry.resolve(model.name))
    return {f"{f.stem}/{name}": value for f in folder.glob("*.safetensors") for name, value in load_file(f).items()}


def at_step(patch: pytest.MonkeyPatch, number: int, act: Callable[[], object]) -> None:
    """Let the first process ``act`` when it has its gradients of a step, from 1, and the others do not know them."""
    apply, calls = Stepper.apply, iter(range(1, 10_000))

    def apply_and_act(*arguments: Any, **named: Any) -> Any:
        if next(calls) == number:
            act()
        return apply(*arguments, **named)

    patch.setattr(Stepper, "apply", apply_and_act)


def test_a_stop_and_a_worker_that_dies_change_nothing_in_the_end(
    place: Path, uninterrupted: Path, tmp_path: Path
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        at_step(patch, 9, lambda: os.kill(os.getpid(), signal.SIGTERM))
        stopped = verticore(*train_head(place, tmp_path, 2)).error
    with Platform.open(tmp_path) as platform:
        (run,) = platform.runs.list()
        assert run.status == "interrupted"
    assert stopped["code"] == "run.interrupted"
    assert stopped["hint"] == f"go on with: verticore runs resume {run.id}"
    assert workers() == []

    moments = []

    def kill_the_worker() -> None:
        (worker,) = workers()
        worker.kill()
        moments.append(time.monotonic())

    with pytest.MonkeyPatch.context() as patch:
        at_step(patch, 5, kill_the_worker)
        failed = verticore("runs", "resume", run.id, "--home", tmp_path).error
    assert time.monotonic() - moments[0] < 10
    assert workers() == []
    assert (failed["code"], failed["message"]) == ("training.failed", "worker 1 of 2 died with signal SIGKILL")
    assert failed["where"].startswith("process ")
    assert "ran out of memory" in failed["hint"]
    assert failed["hint"].endswith(f"go on with: verticore runs resume {run.id}")

    assert verticore("runs", "resume", run.id, "--home", tmp_path).result["version"] == 1
    found = weights(tmp_path)
    assert all(torch.equal(value, found[name]) for name, value in weights(uninterrupted).items())


def assert_learned_alike(alone: Path, together: Path) -> None:
    """Two processes have the same weights, and those that one had, but for rounding."""
    first, second = (load_file(together / f"{index}.safetensors") for index in range(2))
    for name, value in load_file(alone / "0.safetensors").items():
        assert torch.equal(first[name], second[name])
        torch.testing.assert_close(value, first[name], rtol=1e-2, atol=1e-3)


def test_two_processes_learn_what_one_does(place: Path, uninterrupted: Path, tmp_path: Path) -> None:
    with telling(tmp_path):
        alone = verticore(*train_head(place, tmp_path, 1)).result
    assert_learned_alike(tmp_path, uninterrupted)
    with Platform.open(uninterrupted) as platform:
        assert platform.registry.resolve("world.words:1").metrics == pytest.approx(alone["metrics"], abs=0.01)


def test_the_network_of_a_blend_is_shared_and_the_rest_is_fitted_by_the_first(place: Path, tmp_path: Path) -> None:
    results = []
    with Platform.open(tmp_path) as platform:
        for devices in (1, 2):
            folder = tmp_path / str(devices)
            folder.mkdir()
            with telling(folder):
                file = place / "rows.csv"
                results.append(platform.train("world.rows", file, method="fit", settings=SETTINGS, devices=devices))
    assert_learned_alike(tmp_path / "1", tmp_path / "2")
    assert results[1].metrics == pytest.approx(results[0].metrics, abs=0.01)
    assert workers() == []


def test_what_has_no_steps_is_fitted_by_one_process_which_says_so(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Platform, "_start_workers", lambda *_: pytest.fail("a worker was started"))
    said = verticore(
        "train", "world.words", "--data", place / "words.csv", "--method", "fit", "--devices", 2, "--home", tmp_path
    )
    assert said.result["version"] == 1
    assert "method fit has no steps to share: one process instead of 2" in said.err
