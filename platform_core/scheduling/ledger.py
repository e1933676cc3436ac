"""The ledger of a device's memory: what lies there, to the byte. Nothing is admitted that does not fit.

What was used longest ago leaves first; what is pinned or needed by others stays.
"""

from __future__ import annotations

import sys
import threading
from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass

from platform_core.sdk import MemoryFull


@dataclass
class Entry:
    """What lies in the memory.

    Attributes:
        name: of it, e.g. ``model ver_…``.
        nbytes: what it takes.
        drop: lets it go; may be called at any moment while nobody needs it.
        pinned: whether it stays until it is released.
    """

    name: str
    nbytes: int
    drop: Callable[[], object]
    pinned: bool = False


class Ledger:
    """The entries of one device; any thread may write.

    Args:
        capacity: bytes that entries may take together.
    """

    def __init__(self, capacity: int = sys.maxsize) -> None:
        self.capacity = capacity
        self._entries: OrderedDict[str, Entry] = OrderedDict()  # used longest ago first
        self._used = 0
        self._needs: Counter[str] = Counter()
        self._spared: deque[str] = deque()
        self._lock = threading.RLock()

    @property
    def used(self) -> int:
        """Bytes of all entries."""
        return self._used

    def entries(self) -> list[Entry]:
        """Return what lies in the memory, used longest ago first."""
        with self._lock:
            return list(self._entries.values())

    def admit(self, name: str, nbytes: int, drop: Callable[[], object], *, pinned: bool = False) -> None:
        """Write an entry, or the new size of one, dropping others until it fits.

        Raises:
            MemoryFull: it does not fit beside what cannot be dropped; then nothing is written.
        """
        with self._lock:
            old = self._take_out(name)
            kept = sum(entry.nbytes for entry in self._entries.values() if entry.pinned)
            if nbytes > self.capacity - kept or not self._make_room(nbytes):
                if old is not None:
                    self._put(old)
                raise MemoryFull(
                    f"{nbytes:,} bytes do not fit into the memory for models: {self.capacity:,} bytes, "
                    f"of which {self.used:,} are taken by what is in use",
                    where=name,
                    hint="raise the setting model_memory, or keep fewer models pinned",
                )
            self._put(Entry(name, nbytes, drop, pinned or (old is not None and old.pinned)))

    def touch(self, name: str) -> None:
        """Note that an entry is used."""
        with self._lock:
            if name in self._entries:
                self._entries.move_to_end(name)

    def pin(self, name: str) -> bool:
        """Keep an entry until it is unpinned or released; return whether it is there."""
        with self._lock:
            if name in self._entries:
                self._entries[name].pinned = True
            return name in self._entries

    def unpin(self, name: str) -> None:
        """Let an entry go when room is needed."""
        with self._lock:
            if name in self._entries:
                self._entries[name].pinned = False

    def release(self, name: str) -> None:
        """Strike an entry out; its owner has let it go."""
        with self._lock:
            self._take_out(name)

    def need(self, name: str) -> None:
        """Keep an entry of that name, once there is one, until :meth:`spare` was called as often."""
        with self._lock:
            self._needs[name] += 1

    def spare(self, name: str) -> None:
        """Take back one :meth:`need`. Waits for no lock: the garbage collector may call it at any moment."""
        self._spared.append(name)

    def _make_room(self, nbytes: int) -> bool:
        while self._used + nbytes > self.capacity:
            entry = next((entry for entry in self._entries.values() if self._may_go(entry)), None)
            if entry is None:
                return False
            self._take_out(entry.name)
            entry.drop()
        return True

    def _put(self, entry: Entry) -> None:
        self._entries[entry.name] = entry
        self._used += entry.nbytes

    def _take_out(self, name: str) -> Entry | None:
        entry = self._entries.pop(name, None)
        self._used -= entry.nbytes if entry is not None else 0
        return entry

    def _may_go(self, entry: Entry) -> bool:
        while self._spared:
            self._needs[self._spared.popleft()] -= 1
        return not entry.pinned and self._needs[entry.name] <= 0
