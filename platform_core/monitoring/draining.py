"""A bounded queue, and the thread that works it off: who puts something in never waits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")

PAUSE_SECONDS = 0.25


class Drain(Generic[T]):
    """Hands what is put in to ``work``, in batches, in a thread of its own.

    The thread begins with the first thing that is put in, so that processes can be forked before.

    Args:
        name: of the thread.
        work: gets what came in since the last call, also nothing, a few times a second; the second argument says that
            it is the last call. It does not raise.
        most: weight of what may wait.
    """

    def __init__(self, name: str, work: Callable[[Sequence[T], bool], object], *, most: int) -> None:
        self._name = name
        self._work = work
        self._most = most
        self._lock = threading.Lock()
        self._items: list[T] = []
        self._weight = 0
        self._wake = threading.Event()
        self._closing = False
        self._settled: list[threading.Event] = []
        self._thread: threading.Thread | None = None

    def put(self, item: T, weight: int = 1) -> bool:
        """Let ``item`` wait for its turn; ``False``: it is lost, too much waits already."""
        with self._lock:
            if self._closing or self._weight + weight > self._most:
                return False
            self._items.append(item)
            self._weight += weight
            is_half_full = 2 * self._weight > self._most
        if is_half_full:
            self._wake.set()
        self.start()
        return True

    def start(self) -> None:
        """Let the thread begin, if it has not."""
        if self._thread is None:
            with self._lock:
                if self._thread is None and not self._closing:
                    self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                    self._thread.start()

    def settle(self, seconds: float) -> None:
        """Return when all that was put in before is worked off; give up after some seconds."""
        with self._lock:
            if self._thread is None or self._closing:
                return
            settled = threading.Event()
            self._settled.append(settled)
        self._wake.set()
        settled.wait(seconds)

    def close(self, seconds: float) -> None:
        """Work off what waits, then end; give up after some seconds."""
        with self._lock:
            self._closing = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(seconds)

    def _run(self) -> None:
        is_last = False
        while not is_last:
            self._wake.wait(PAUSE_SECONDS)
            self._wake.clear()
            with self._lock:
                is_last = self._closing
                items, self._items, self._weight = self._items, [], 0
                settled, self._settled = self._settled, []
            self._work(items, is_last)
            for event in settled:
                event.set()
