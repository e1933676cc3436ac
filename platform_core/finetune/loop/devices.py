"""Several processes for one run: who is who, starting them, and noticing when one dies."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from types import TracebackType
from typing import IO, Any, Self

import psutil
import torch
from torch import distributed

from platform_core.sdk import TrainingFailed

PATIENCE = timedelta(minutes=30)
"""How long a process waits for another that is alive: as long as a checkpoint or a validation may take."""
POLL_SECONDS = 0.2
LEAVE_SECONDS = 20.0
"""How long workers may take to leave by themselves when the work is done."""
LAST_LINES = 8
LEADER = "VERTICORE_LEADER"
"""Environment variable in which a worker finds the process that started it."""


class LostPeer(TrainingFailed):
    """Another process of the run is gone."""


@dataclass(frozen=True)
class Rank:
    """The place of a process among those that train together.

    Attributes:
        index: its number; 0 is the one that a user started.
        size: how many there are.
        address, port: where they meet.
    """

    index: int = 0
    size: int = 1
    address: str = "127.0.0.1"
    port: int = 0

    @classmethod
    def from_environment(cls) -> Rank:
        """Read what :meth:`environment` gave this process; without that, it is alone."""
        known = os.environ
        return cls(
            int(known.get("RANK", 0)),
            int(known.get("WORLD_SIZE", 1)),
            known.get("MASTER_ADDR", "127.0.0.1"),
            int(known.get("MASTER_PORT", 0)),
        )

    def environment(self) -> dict[str, str]:
        """Return the variables by which a process knows its place, in torch's words, and its share of the cores."""
        return {
            "RANK": str(self.index),
            "LOCAL_RANK": str(self.index),
            "WORLD_SIZE": str(self.size),
            "MASTER_ADDR": self.address,
            "MASTER_PORT": str(self.port),
            "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS") or str(self.threads),
        }

    @property
    def threads(self) -> int:
        """Threads for each process, so that all together do not ask for more cores than there are."""
        return max(1, (psutil.cpu_count(logical=False) or 1) // self.size)

    def device(self, kind: torch.device) -> torch.device:
        """Return the device of this process: the GPU of its number, or the CPU."""
        return torch.device("cuda", self.index) if kind.type == "cuda" and self.size > 1 else kind


class Workers:
    """The further processes of a run, from the second on. Use as a context manager.

    A worker that dies ends the run: whoever waits for it gets :class:`LostPeer`, and leaving the context turns that
    into an error which says who died, and of what.

    Args:
        command: command line of each worker; it finds its place with :meth:`Rank.from_environment`.
        devices: number of processes, this one included.
        environment: further variables for the workers.

    Attributes:
        rank: the place of this process.
        store: where the processes meet; this process keeps it.
    """

    def __init__(self, command: Sequence[str], devices: int, *, environment: Mapping[str, str] | None = None) -> None:
        self._command = list(command)
        self._environment = dict(environment or {})
        self._processes: list[subprocess.Popen[bytes]] = []
        self._outputs: list[IO[bytes]] = []
        self._closing = threading.Event()
        self.rank = Rank(size=devices)
        self.store: Any = None
        if devices > 1:
            self.store = meeting_point(self.rank, opens=True)
            self.rank = replace(self.rank, port=self.store.port)

    def __enter__(self) -> Self:
        try:
            for index in range(1, self.rank.size):
                self._start(replace(self.rank, index=index))
        except BaseException:
            self.close()
            raise
        if self._processes:
            threading.Thread(target=self._watch, daemon=True, name="workers").start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if isinstance(error, LostPeer):
                self._wait(LEAVE_SECONDS, enough=1)
                self.check()
            elif error is None:
                self._wait(LEAVE_SECONDS, enough=len(self._processes))
        finally:
            self.close()

    def check(self) -> None:
        """Look after the workers.

        Raises:
            LostPeer: one of them has died.
        """
        for index, process in enumerate(self._processes, 1):
            if process.poll():
                raise LostPeer(
                    f"worker {index} of {self.rank.size} died with {_cause(process.returncode)}",
                    where=f"process {process.pid}",
                    hint=self._advice(index - 1, process.returncode),
                    details={"rank": index, "exit_code": process.returncode},
                )

    def close(self) -> None:
        """End the workers that still run."""
        self._closing.set()
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for output in self._outputs:
            output.close()
        self._processes, self._outputs = [], []

    def _start(self, place: Rank) -> None:
        output = tempfile.TemporaryFile()  # noqa: SIM115 - it is read when the worker has died
        self._outputs.append(output)
        self._processes.append(
            subprocess.Popen(  # noqa: S603 - the command is the caller's own
                self._command,
                env=os.environ | self._environment | place.environment() | {LEADER: str(os.getpid())},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C is for the first process, which tells the others
            )
        )

    def _watch(self) -> None:
        """Break the collective that waits for a dead worker: NCCL, unlike gloo, does not notice by itself."""
        while not self._closing.wait(POLL_SECONDS):
            if any(process.poll() for process in self._processes):
                world = distributed.group.WORLD if distributed.is_initialized() else None
                if world is not None and distributed.get_backend() == "nccl":
                    world.abort()
                return

    def _wait(self, seconds: float, *, enough: int) -> None:
        """Wait until ``enough`` workers have ended."""
        until = time.monotonic() + seconds
        while sum(process.poll() is not None for process in self._processes) < enough and time.monotonic() < until:
            time.sleep(POLL_SECONDS / 4)

    def _advice(self, place: int, code: int) -> str:
        if code == -signal.SIGKILL:
            return "if nobody killed it, the machine ran out of memory: free some, or train with fewer --devices"
        return f"its last words: {self._last_words(place) or 'none'}"

    def _last_words(self, place: int) -> str:
        output = self._outputs[place]
        output.seek(0)
        lines = output.read().decode(errors="replace").strip().splitlines()
        return " | ".join(line.strip() for line in lines[-LAST_LINES:])


def meeting_point(rank: Rank, *, opens: bool) -> Any:
    """Return torch's store at the address of ``rank``; who ``opens`` it chooses the port where that is 0."""
    store: Any = distributed.TCPStore(  # type: ignore[attr-defined]
        rank.address, rank.port, is_master=opens, wait_for_workers=False, timeout=PATIENCE
    )
    return store


def _cause(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    return f"signal {signal.Signals(-code).name}"
