"""What is loaded into a device's memory: once for all who ask at a time, for as long as the ledger lets it stay."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

from platform_core.scheduling.ledger import Ledger

T = TypeVar("T")


class Residents(Generic[T]):
    """Things of one kind by key.

    What the ledger drops is no longer found here; who holds it goes on using it.

    Args:
        kind: goes before the key in the ledger, e.g. ``model``.
        ledger: of the device where they lie.
    """

    def __init__(self, kind: str, ledger: Ledger) -> None:
        self._kind = kind
        self._ledger = ledger
        self._found: dict[str, T] = {}
        self._loading: dict[str, Future[T]] = {}
        self._lock = threading.Lock()

    def entry(self, key: str) -> str:
        """Return what the ledger calls it."""
        return f"{self._kind} {key}"

    def at_hand(self, key: str) -> T | None:
        """Return it if it is loaded."""
        found = self._found.get(key)
        if found is not None:
            self._ledger.touch(self.entry(key))
        return found

    def get(
        self, key: str, load: Callable[[], T], size: Callable[[T], int], *, expected: int, pinned: bool = False
    ) -> T:
        """Return it, loading it on first use; what has other keys is there meanwhile.

        Args:
            key: of it.
            load: makes it.
            size: returns the bytes that it takes.
            expected: bytes that are kept free while it is loaded.
            pinned: whether it stays.

        Raises:
            MemoryFull: it does not fit.
        """
        while True:
            found = self.at_hand(key)
            if found is None:
                with self._lock:
                    found = self._found.get(key)  # it may have come meanwhile
                    loading = self._loading.get(key)
                    if found is None and loading is None:
                        mine = self._loading[key] = Future()
            if found is None:
                if loading is None:
                    return self._load_for_all(key, mine, load, size, expected, pinned)
                found = loading.result()
            if not pinned or self._ledger.pin(self.entry(key)):
                return found

    def unpin(self, key: str) -> None:
        """Let it go when room is needed."""
        self._ledger.unpin(self.entry(key))

    def _load_for_all(
        self, key: str, waiting: Future[T], load: Callable[[], T], size: Callable[[T], int], expected: int, pinned: bool
    ) -> T:
        """Load it, for this caller and for those that ask meanwhile."""
        name = self.entry(key)
        self._ledger.need(name)  # nobody may drop what is being loaded
        try:
            self._ledger.admit(name, expected, lambda: self._forget(key))
            loaded = load()
            self._ledger.admit(name, size(loaded), lambda: self._forget(key), pinned=pinned)
            with self._lock:
                self._found[key] = loaded
                del self._loading[key]
        except BaseException as error:
            self._ledger.release(name)
            with self._lock:
                del self._loading[key]
            waiting.set_exception(error)
            raise
        finally:
            self._ledger.spare(name)
        waiting.set_result(loaded)
        return loaded

    def _forget(self, key: str) -> None:
        with self._lock:
            self._found.pop(key, None)
