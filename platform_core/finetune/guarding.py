"""What is kept of data while it is learned from: only as long as no row of it was erased.

Whoever learns has read the rows once, and may be at it for hours. So all that it leaves where others find it, such as
cached features and the states of searches, is written under a lock, after a look at whether the data is still as it
was read. An erasure first gives the data another digest, then takes the lock once: what was written before lies there
to be removed, and nothing more is written after.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from platform_core.datasets.info import DatasetInfo
from platform_core.datasets.service import Datasets


class DataGuard:
    """Watches over what is kept of one dataset version.

    Args:
        cache: folder of the tenant's feature caches; the lock lies beside it.
        datasets: knows what became of the version.
        data: the version as it was read.
    """

    def __init__(self, cache: Path, datasets: Datasets, data: DatasetInfo) -> None:
        self._cache = cache
        self._datasets = datasets
        self._data = data

    def check(self) -> None:
        """Refuse to go on with data that has changed.

        Raises:
            DataChanged: rows were erased from it.
        """
        self._datasets.check_unchanged(self._data)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Write something that stays; what is done meanwhile takes a moment.

        Raises:
            DataChanged: rows were erased from the data; nothing is to be written.
        """
        with _lock_of(self._cache):
            self.check()
            yield


def wait_for_writers(cache: Path) -> None:
    """Return when nobody writes any more who looked at the data before this call."""
    with _lock_of(cache):
        pass


def _lock_of(cache: Path) -> FileLock:
    cache.parent.mkdir(parents=True, exist_ok=True)
    return FileLock(cache.with_name(f"{cache.name}.lock"))
