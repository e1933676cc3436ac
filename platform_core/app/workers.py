"""Several processes that serve at one address.

The parent binds the address once for each worker, and starts the workers, which listen when they can answer: the kernel
deals connections out evenly among those who do. (From one queue the first to wake would take them all, and clients keep
their connections.) Where a worker dies, its socket stops listening, so that the others get all, until another worker
has taken its place. SIGTERM goes on to all, and the parent waits until they have answered what they were asked. A
worker whose parent is gone drains, too: its standard input ends.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import IO

from prometheus_client.multiprocess import mark_process_dead

from platform_core.rooms import WORKER_SETTINGS
from platform_core.sdk import VerticoreError
from platform_core.settings import Settings

DRAIN_SECONDS = 30
POLL_SECONDS = 0.1
READY = b"ready"
"""What a worker writes to its standard output when it can answer."""

STEADY_SECONDS, LONGEST_PAUSE = 60.0, 30.0
"""A worker that dies sooner is started again after a pause, which doubles each time."""

_DEALT_OUT = sys.platform == "linux"
"""Whether connections to one address are dealt out among the sockets that listen there."""

_LOG = logging.getLogger(__name__)


class WorkerDied(VerticoreError):
    """A process that should serve died before it could."""

    code = "server.worker-died"


def supervise(
    settings: Settings,
    listener: socket.socket,
    *,
    announce: Callable[[], None],
    stop: threading.Event | None = None,
) -> None:
    """Serve with ``settings.workers`` processes until a signal or ``stop``; the socket is closed then.

    Args:
        settings: of the platform, and how many workers there are.
        listener: a socket that listens; it shows that nobody else does.
        announce: called once, when all can answer.
        stop: ends them when set.

    Raises:
        WorkerDied: one died before all could answer.
    """
    signals = 0

    def count_signal() -> None:
        nonlocal signals
        signals += 1

    def is_over() -> bool:
        return signals > 0 or (stop is not None and stop.is_set())

    # Counters of all workers are added up through files; see prometheus_client.multiprocess.
    with on_signals(count_signal), tempfile.TemporaryDirectory(prefix="verticore-metrics-") as metrics:
        crew = _Crew(settings, _sockets(listener, settings.workers), {"PROMETHEUS_MULTIPROC_DIR": metrics})
        try:
            while not crew.is_ready and not is_over():
                crew.check_alive()
                time.sleep(POLL_SECONDS)
            if not is_over():
                announce()
            while not is_over():
                crew.replace_dead()
                time.sleep(POLL_SECONDS)
        finally:
            crew.end(in_haste=lambda: signals > 1)


@contextmanager
def on_signals(handle: Callable[[], None]) -> Iterator[None]:
    """While inside, SIGTERM and Ctrl-C call ``handle``; only where this is the main thread."""

    def handler(_number: int, _frame: FrameType | None) -> None:
        handle()

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, known in before.items():
            signal.signal(number, known)


def tell_ready() -> None:
    """Tell the parent of this worker that it can answer."""
    with suppress(OSError):
        os.write(sys.stdout.fileno(), READY + b"\n")


def orphaned() -> threading.Event:
    """Return what is set when the parent of this worker is gone."""
    gone = threading.Event()

    def wait() -> None:
        while os.read(sys.stdin.fileno(), 1):  # unbuffered: a lock that a daemon holds breaks the end of the process
            pass
        gone.set()

    threading.Thread(target=wait, name="parent", daemon=True).start()
    return gone


class _Worker:
    """A process that serves, or the pause before it is started again."""

    def __init__(self, command: list[str], environment: dict[str, str], listener: socket.socket) -> None:
        self._command, self._environment, self._listener = command, environment, listener
        self._pause = 0.0
        self._due = 0.0
        self.start()

    def start(self) -> None:
        self.is_ready = False
        self._since = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - our own program, our own words
            [*self._command, str(self._listener.fileno())],
            env=os.environ | self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=(self._listener.fileno(),),
            start_new_session=True,  # Ctrl-C is for the parent, which tells the others
        )
        assert self.process.stdout is not None
        threading.Thread(target=self._listen, args=(self.process.stdout,), daemon=True).start()

    def replace(self) -> None:
        """Start it again where it died, at once or after a pause."""
        code = self.process.poll()
        if code is None:
            return
        now = time.monotonic()
        if not self._due:
            steady = now - self._since > STEADY_SECONDS
            self._pause = 0.0 if steady else min(LONGEST_PAUSE, 2 * self._pause or 0.5)
            self._due = now + self._pause
            _LOG.error("worker %d ended with %d; another follows in %g s", self.process.pid, code, self._pause)
            # Else what it last said of its queue would count for ever.
            mark_process_dead(self.process.pid, self._environment["PROMETHEUS_MULTIPROC_DIR"])  # type: ignore[no-untyped-call]
            self._close()
            if _DEALT_OUT:
                with suppress(OSError):
                    self._listener.shutdown(socket.SHUT_RD)
        if now >= self._due:
            self._due = 0.0
            self.start()

    def end(self, until: float) -> None:
        """Wait for the end until a moment of the monotonic clock, then force it."""
        try:
            self.process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            _LOG.error("worker %d does not end", self.process.pid)
            self.process.kill()
            self.process.wait()
        self._close()

    def _listen(self, output: IO[bytes]) -> None:
        with suppress(ValueError):  # it is closed
            for line in output:
                self.is_ready = self.is_ready or line.strip() == READY

    def _close(self) -> None:
        assert self.process.stdin is not None
        with suppress(OSError):
            self.process.stdin.close()


class _Crew:
    """All workers."""

    def __init__(self, settings: Settings, sockets: list[socket.socket], environment: dict[str, str]) -> None:
        # In the environment, which only processes of the same user can read: settings may hold passwords.
        shared = environment | {WORKER_SETTINGS: settings.model_dump_json()}
        shared["OMP_NUM_THREADS"] = os.environ.get("OMP_NUM_THREADS") or str(max(1, _cores() // settings.workers))
        command = [sys.executable, "-P", "-m", "platform_core.cli.server_worker"]
        self._sockets = sockets
        self._workers = [_Worker(command, shared, listener) for listener in sockets]

    @property
    def is_ready(self) -> bool:
        """Whether all can answer."""
        return all(worker.is_ready for worker in self._workers)

    def check_alive(self) -> None:
        """Raise if one has died."""
        for worker in self._workers:
            code = worker.process.poll()
            if code is not None:
                hint = "its last words are above and in the log file"
                raise WorkerDied(f"a worker ended with {code} before it could serve", hint=hint)

    def replace_dead(self) -> None:
        """Start another worker for each that has died."""
        for worker in self._workers:
            worker.replace()

    def end(self, in_haste: Callable[[], bool]) -> None:
        """Let all drain, then force the end; ``in_haste`` tells whether it shall not take long."""
        self._terminate()
        time.sleep(POLL_SECONDS * 2)  # they stop listening themselves; a socket that goes before would disturb them
        for listener in self._sockets:
            listener.close()
        until = time.monotonic() + DRAIN_SECONDS + 5
        told = False
        while any(worker.process.poll() is None for worker in self._workers) and time.monotonic() < until:
            if in_haste() and not told:
                self._terminate()
                told = True
            time.sleep(POLL_SECONDS)
        for worker in self._workers:
            worker.end(until)

    def _terminate(self) -> None:
        for worker in self._workers:
            if worker.process.poll() is None:
                worker.process.terminate()


def _sockets(listener: socket.socket, count: int) -> list[socket.socket]:
    """Return a socket for each worker, all of one address; where the kernel does not deal out, one for all."""
    if not _DEALT_OUT:
        return [listener] * count
    address = listener.getsockname()
    listener.close()
    sockets = [socket.socket(listener.family, listener.type, listener.proto) for _ in range(count)]
    for each in sockets:
        each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        each.bind(address)
    return sockets


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
