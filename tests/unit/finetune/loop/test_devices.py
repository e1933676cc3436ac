"""Two processes that train together: the test is the first, a script the second."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import torch

from platform_core.finetune.loop.devices import LEADER, Rank, Workers
from platform_core.finetune.loop.group import joined
from platform_core.sdk import Interrupted, TrainingFailed

CPU = torch.device("cpu")
WORKER = f"""
import os, signal, sys, time
sys.path.insert(0, {str(Path(__file__).parent)!r})
from pathlib import Path
import torch
from conftest import Stand
from platform_core.finetune.loop.devices import Rank
from platform_core.finetune.loop.group import joined
from platform_core.sdk import Interrupted

what, folder = sys.argv[1], Path(sys.argv[2])
stand = Stand()
calls = 0

def at_a_step():
    global calls
    calls += 1
    if what == "hang at 10" and calls == 10:
        (folder / "hangs").write_text(str(os.getpid()))
        time.sleep(600)
    if what == "fail at 10" and calls == 10:
        raise ValueError("the worker has had enough")
    return what == "stop at 10" and calls == 10

def meet_faults(network, inputs):
    if what == "train" and network.training and len(inputs[0]["ids"]) > 2:
        raise MemoryError
    if what == "fail at 10" and calls == 3:
        inputs[0]["ids"][:] = 0  # no token is left to be averaged

with joined(Rank.from_environment(), torch.device("cpu")) as group:
    network = stand.network("sequences", dropout=0.0)
    network.register_forward_pre_hook(meet_faults)
    settings = dict(averaging=0.9, batch_size=7)
    loop, _ = stand.loop(folder, "sequences", network=network, group=group, stop=at_a_step, **settings)
    try:
        loop.run()
    except Interrupted:
        (folder / "worker was stopped").touch()
"""


@pytest.fixture
def command(tmp_path):
    script = tmp_path / "worker.py"
    script.write_text(WORKER)

    def build(what: str = "train") -> list[str]:
        return [sys.executable, "-W", "error", str(script), what, str(tmp_path / "run")]

    (tmp_path / "run").mkdir()
    return build


def train(stand, folder, group=None, **others):
    network = stand.network("sequences", dropout=0.0)
    settings = {"averaging": 0.9, "batch_size": 7} | others
    loop, _ = stand.loop(folder, "sequences", network=network, group=group, **settings)
    return loop.run(), stand.weights(network)


@pytest.mark.slow
def test_two_processes_compute_what_one_does_though_one_has_little_memory(tmp_path, stand, command):
    with Workers(command(), 2) as workers, joined(workers.rank, CPU, workers) as group:
        together, found = train(stand, tmp_path / "run", group)
    alone, expected = train(stand, tmp_path / "alone")
    for entry, wanted in zip(together.history, alone.history, strict=True):
        assert entry == pytest.approx(wanted, rel=1e-3)
    for value, wanted in zip(found, expected, strict=True):
        torch.testing.assert_close(value, wanted, rtol=1e-3, atol=1e-4)


@pytest.mark.slow
def test_a_stop_in_one_process_reaches_all_and_the_rest_is_the_same(tmp_path, stand, command):
    with (
        Workers(command("stop at 10"), 2) as workers,
        joined(workers.rank, CPU, workers) as group,
        pytest.raises(Interrupted),
    ):
        train(stand, tmp_path / "run", group)
    assert (tmp_path / "run" / "worker was stopped").exists()
    resumed, _ = train(stand, tmp_path / "run")
    alone, _ = train(stand, tmp_path / "alone")
    assert resumed.history[-1] == pytest.approx(alone.history[-1], rel=1e-3)


def train_with(stand, command, folder, devices=2, **others):
    with Workers(command, devices) as workers, joined(workers.rank, CPU, workers) as group:
        train(stand, folder, group, **others)


@pytest.mark.slow
def test_a_worker_that_fails_ends_the_run_with_its_last_words(tmp_path, stand, command, notes):
    with pytest.raises(TrainingFailed, match="worker 1 of 2 died with exit code 1") as caught:
        train_with(stand, command("fail at 10"), tmp_path / "run", progress=notes)
    # A loss that was no number in the worker took all processes back to the checkpoint before that.
    assert [note[:39] for note in notes.notes] == ["the loss became nan at epoch 1, batch 4"]
    assert "the worker has had enough" in caught.value.hint
    assert caught.value.details == {"rank": 1, "exit_code": 1}


@pytest.mark.slow
def test_a_worker_that_is_killed_ends_the_run(tmp_path, stand, command):
    def kill_it() -> None:
        file = tmp_path / "run" / "hangs"
        while not file.exists() or not file.read_text():
            time.sleep(0.05)
        os.kill(int(file.read_text()), signal.SIGKILL)  # by now the first process waits for its gradients

    threading.Thread(target=kill_it, daemon=True).start()
    with pytest.raises(TrainingFailed, match="worker 1 of 2 died with signal SIGKILL"):
        train_with(stand, command("hang at 10"), tmp_path / "run")


def test_a_worker_that_never_comes_ends_the_run(tmp_path, stand):
    command = [sys.executable, "-c", "import sys; sys.exit('no such option')"]
    with pytest.raises(TrainingFailed, match=r"worker [12] of 3 died") as caught:
        train_with(stand, command, tmp_path, devices=3)
    assert "no such option" in caught.value.hint


def test_a_worker_whose_leader_is_gone_before_it_comes_leaves(tmp_path, command):
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    place = Rank(1, 2).environment() | {LEADER: gone.stdout.decode().strip()}
    assert subprocess.run(command(), env=os.environ | place, timeout=60, check=False).returncode == 1


def test_workers_are_gone_after_another_error():
    processes = []

    def fail() -> None:
        with Workers([sys.executable, "-c", "import time; time.sleep(600)"], 2) as workers:
            processes.extend(workers._processes)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert [process.poll() for process in processes] == [-signal.SIGTERM]


def test_workers_that_have_begun_are_gone_when_another_cannot_begin(monkeypatch):
    begun, start = [], subprocess.Popen

    def begin(*args, **kwargs):
        if begun:
            raise OSError(12, "Cannot allocate memory")
        begun.append(start(*args, **kwargs))
        return begun[0]

    monkeypatch.setattr(subprocess, "Popen", begin)
    workers = Workers([sys.executable, "-c", "import time; time.sleep(600)"], 3)
    with pytest.raises(OSError, match="Cannot allocate memory"):
        workers.__enter__()
    assert begun[0].poll() == -signal.SIGTERM


def test_the_place_of_a_process_goes_through_the_environment(monkeypatch):
    assert Rank.from_environment() == Rank(0, 1)
    rank = Rank(2, 4, "127.0.0.1", 1234)
    for name, value in rank.environment().items():
        monkeypatch.setenv(name, value)
    assert Rank.from_environment() == rank
    assert rank.device(torch.device("cuda")) == torch.device("cuda", 2)
    assert rank.device(CPU) == CPU


def test_one_device_needs_nobody():
    with Workers(["/no/such/command"], 1) as workers, joined(workers.rank, CPU, workers) as group:
        assert group.is_first
        tensor = torch.ones(2)
        group.sum(tensor)
        group.wait()
        assert tensor.tolist() == [1, 1]
