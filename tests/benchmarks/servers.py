"""Servers in processes of their own, which stand still unless they are measured; and the texts that they are asked."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil

HERE = Path(__file__).parent
SECONDS = float(os.environ.get("VERTICORE_BENCH_SECONDS", "3"))
"""Of each measurement; a smoke run takes less."""

ROUNDS = int(os.environ.get("VERTICORE_BENCH_ROUNDS", "3"))
START_SECONDS = 120
MAX_WAIT = 25.0
"""Seconds that requests may wait for Verticore: speed is measured, not shedding."""

_WORDS = (
    "profit loss sales revenue company group board quarter year period market share dividend order contract plant "
    "operating net pretax consolidated preliminary strong weak rose fell increased decreased amounted announced "
    "expects signed EUR million mn percent 2009 2010 Finland Helsinki the a of in to from and by for with compared "
    "corresponding previous bank shipping telecom forest paper steel machinery customer subsidiary agreement"
)


def sentences(count: int, seed: int = 0) -> list[str]:
    """Return texts of 10 to 35 words, as long as sentences of financial news."""
    drawn, words = random.Random(seed), _WORDS.split()
    return [" ".join(drawn.choices(words, k=drawn.randint(10, 35))).capitalize() + "." for _ in range(count)]


@contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """While inside, SIGTERM unwinds the stack, so that no server is left behind standing still."""

    def unwind(number: int, frame: object) -> None:
        sys.exit(128 + number)

    before = signal.signal(signal.SIGTERM, unwind)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@dataclass(frozen=True)
class Load:
    """What a server did under load: answers a second, latencies in milliseconds."""

    rate: float
    p50: float
    p99: float


@dataclass
class Server:
    """A server that is ready.

    Args:
        command: what starts it; ``{port}`` stands for its port.
        environment: besides that of this process; the numbers of threads of this process are not handed on.
        folder: where it is started, and its log lies.
        request: what it is asked until it answers: path and JSON.
    """

    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    request: tuple[str, Any]
    port: int = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = _free_port()
        inherited = {k: v for k, v in os.environ.items() if not k.endswith("_NUM_THREADS")}
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [word.replace("{port}", str(self.port)) for word in self.command],
                env=inherited | {"TOKENIZERS_PARALLELISM": "false", "PORT": str(self.port)} | dict(self.environment),
                cwd=self.folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            self._wait()
        except BaseException:
            self.close()
            raise

    def ask(self, path: str, body: Any) -> Any:
        """Return the answer to one request."""
        answer = httpx.post(f"http://127.0.0.1:{self.port}{path}", json=body, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def load(
        self, requests: Sequence[tuple[str, Any]], clients: int, seconds: float = SECONDS, warm: float | None = None
    ) -> Load:
        """Return what it does under load; see ``load_generator.py``.

        Args:
            requests: paths and JSON.
            clients: how many ask at a time.
            seconds: that are measured.
            warm: seconds before; if left out, some.
        """
        file = self.folder / "requests.json"
        file.write_text(json.dumps([(path, json.dumps(body)) for path, body in requests]), "utf-8")
        warm = min(0.5, seconds / 4) if warm is None else warm
        words = [str(HERE / "load_generator.py"), str(file), str(self.port), str(clients), str(warm), str(seconds)]
        done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{done.stderr[-2000:]}\n{self.words}")
        return Load(**json.loads(done.stdout))

    @property
    def words(self) -> str:
        """The end of its log."""
        return (self.folder / "log").read_text("utf-8", "replace")[-3000:]

    @property
    def own_bytes(self) -> int:
        """Memory that its processes share with no other (USS)."""
        return sum(process.memory_full_info().uss for process in self._processes())

    def pause(self) -> None:
        """Let it stand still."""
        self._each(psutil.Process.suspend)

    def resume(self) -> None:
        """Let it go on."""
        self._each(psutil.Process.resume)

    def close(self) -> None:
        """End it."""
        processes = self._processes()
        self.resume()
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
        _, alive = psutil.wait_procs(processes, timeout=10)
        for process in alive:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._process.wait()

    def _wait(self) -> None:
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                self.ask(*self.request)
                return
            except httpx.HTTPError as error:
                if self._process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(f"{self.command[:3]} does not serve ({error})\n{self.words}") from error
            time.sleep(0.2)

    def _processes(self) -> list[psutil.Process]:
        try:
            parent = psutil.Process(self._process.pid)
            return [parent, *parent.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def _each(self, act: Callable[[psutil.Process], object]) -> None:
        for process in self._processes():
            with suppress(psutil.NoSuchProcess):
                act(process)


def verticore(home: Path, folder: Path, request: tuple[str, Any]) -> Server:
    """Return ``verticore serve`` on a workspace, with its defaults; only it does not turn anybody away."""
    command = [sys.executable, "-P", "-m", "platform_core.cli", "serve", "--home", str(home), "--port", "{port}"]
    return Server(command, {"VERTICORE_MAX_WAIT_S": str(MAX_WAIT)}, folder, request)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
