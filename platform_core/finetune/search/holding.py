"""One process at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from platform_core.sdk import Conflict


@contextmanager
def held(path: Path, held_by: str = "another process does the same search") -> Iterator[None]:
    """Keep other processes from ``path``, a file or folder that need not exist; its parent is made.

    Args:
        path: what is held.
        held_by: says, where another process is at it, what that does.

    Raises:
        Conflict: another process is at it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path.with_name(f"{path.name}.held"), timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise Conflict(held_by, where=str(path), hint="wait for it") from None
    try:
        yield
    finally:
        lock.release()
