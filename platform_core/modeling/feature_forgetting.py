"""Removing the features of some examples from the disk, while others read and write the same caches.

A shard that holds some is written anew without them, then removed. Nobody merges shards meanwhile, so that none of what
is removed moves into a file that was looked through already. Readers have what they mapped; whoever finds a shard gone
looks once more. Cut off halfway, the same call finds the shards that are left.
"""

from __future__ import annotations

import os
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from platform_core.modeling.feature_cache import MERGING
from platform_core.modeling.feature_shards import KEY_WORDS, SUFFIX, Shard, open_shard, write_shard
from platform_core.sdk import Conflict

ABANDONED_SECONDS = 600
"""Age at which a file that was being written belongs to a process that died."""

_LOCK_SECONDS = 600


def forget(cache: Path, keys: Collection[bytes]) -> int:
    """Remove the vectors of ``keys`` from all caches below ``cache``; return how many there were.

    What cannot be read, such as files of other releases and of writers that died, may hold some, and goes too: it is
    no more than a cache.

    Args:
        cache: a folder of caches, one for each encoder and preprocessing.
        keys: see :func:`platform_core.modeling.feature_cache.feature_key`.

    Raises:
        Conflict: another process merges shards without end.
    """
    if not keys or not cache.is_dir():
        return 0
    wanted = np.frombuffer(b"".join(sorted(keys)), "<u8").reshape(-1, KEY_WORDS)
    return sum(_forget(folder, wanted) for folder in sorted(cache.iterdir()) if folder.is_dir())


def forget_all(cache: Path) -> int:
    """Remove all vectors from all caches below ``cache``; return how many files they were in."""
    files = [file for file in cache.rglob("*") if file.is_file() and file.name != MERGING]
    for file in files:
        file.unlink(missing_ok=True)
    return len(files)


def _forget(folder: Path, wanted: np.ndarray) -> int:
    try:
        with FileLock(folder / MERGING, timeout=_LOCK_SECONDS):
            _remove_leftovers(folder)
            return sum(_without(file, wanted) for file in sorted(folder.glob(f"*{SUFFIX}")))
    except Timeout:
        raise Conflict("another process holds the cached features", where=str(folder), hint="wait for it") from None


def _without(file: Path, wanted: np.ndarray) -> int:
    """Replace the shard by one without the keys ``wanted``, where it has some; return how many."""
    try:
        shard = open_shard(file)
    except FileNotFoundError:
        return 0
    if shard is None:
        file.unlink(missing_ok=True)
        return 0
    count = int(_held(shard.keys, wanted).sum())
    if count:
        _rewrite(shard, wanted)
    return count


def _rewrite(shard: Shard, wanted: np.ndarray) -> None:
    keys, vectors = shard.intact()
    kept = ~_held(keys, wanted)
    if kept.any():
        used = shard.path.stat()
        copy = write_shard(shard.path.parent, keys[kept], vectors[kept])
        os.utime(copy, ns=(used.st_atime_ns, used.st_mtime_ns))  # what is pruned first stays what was used longest ago
    shard.path.unlink(missing_ok=True)


def _held(keys: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return bool [rows]: which of ``keys`` [rows, 4] are among ``wanted`` [n, 4]."""
    held = np.isin(keys[:, 0], wanted[:, 0])
    whole = {key.tobytes() for key in wanted}
    for row in np.flatnonzero(held):
        held[row] = keys[row].tobytes() in whole
    return held


def _remove_leftovers(folder: Path) -> None:
    """Remove what no reader of this release looks at: files of other layouts, and those of writers that died."""
    limit = time.time() - ABANDONED_SECONDS
    for file in folder.iterdir():
        if file.name == MERGING or file.suffix == SUFFIX or not file.is_file():
            continue
        with suppress(FileNotFoundError):
            if file.suffix != ".part" or file.stat().st_mtime < limit:
                file.unlink()
