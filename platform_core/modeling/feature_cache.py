"""Features of frozen encoders on disk, found by content: memory-mapped, verified, safe with many writers.

A cache is a folder of immutable shards (:mod:`platform_core.modeling.feature_shards`). Writers only add files and
readers only map them, so nobody waits. One process at a time merges small shards into larger ones and leaves out what
is damaged; the files that it replaces are removed last. Whoever finds a shard gone looks once more, and computes what
is still missing: at worst a vector is computed or stored twice.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from platform_core.modeling.feature_shards import KEY_WORDS, SUFFIX, Shard, open_shard, write_shard

MOST_SMALL = 16
"""More shards below :data:`FULL_BYTES` than this are merged."""

FULL_BYTES = 64 * 1024**2
"""A shard of this size stays as it is: it is what `prune` removes at once, and what a merge holds in memory twice."""

MERGING = "merging.lock"
"""Who replaces shards of a folder holds this file of it."""

_log = logging.getLogger(__name__)


def feature_key(content: str) -> bytes:
    """Return the key of an example, 32 bytes, from its content hash or text."""
    return hashlib.sha256(content.encode()).digest()


class FeatureCache:
    """Vectors of one encoder under one preprocessing.

    Args:
        folder: one folder per tenant, encoder fingerprint and preprocessing.
        width: size of a vector.
        on_damage: is told of each file that was found damaged; what it lacks is computed again.
        writing: is entered to write computed features; what it raises ends the work, and they are not written.
    """

    def __init__(
        self,
        folder: Path,
        width: int,
        *,
        on_damage: Callable[[Path], object] = lambda _: None,
        writing: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._folder = folder
        self._width = width
        self._on_damage = on_damage
        self._writing = writing

    def fetch(
        self,
        keys: Sequence[bytes],
        compute: Callable[[list[int]], np.ndarray],
        *,
        chunk: int = 1024,
        on_missing: Callable[[int], object] = lambda _: None,
    ) -> np.ndarray:
        """Return vectors float32 [keys, width]; what is not cached is computed, each key once, and kept.

        What ``compute`` raises passes through; the chunks before stay in the cache.

        Args:
            keys: a key per row, see :func:`feature_key`.
            compute: indices, ascending → vectors float32 [indices, width]; called for at most ``chunk`` at a time.
            chunk: how many vectors are computed before they are written.
            on_missing: told how many will be computed, if any, before the first call of ``compute``.
        """
        found = np.empty((len(keys), self._width), np.float32)
        if not keys:
            return found
        words = np.frombuffer(b"".join(keys), "<u8").reshape(len(keys), KEY_WORDS)
        wanted, copies, originals = _distinct(words)
        missing = self._read(words, wanted, found)
        if len(missing):
            on_missing(len(missing))
        for start in range(0, len(missing), chunk):
            part = missing[start : start + chunk]
            computed = np.asarray(compute(part.tolist()), np.float32)
            if computed.shape != (len(part), self._width):
                raise ValueError(f"computed {computed.shape} where {(len(part), self._width)} was due")
            found[part] = computed
            self._write(words[part], computed)
        found[copies] = found[originals]
        return found

    def _read(self, words: np.ndarray, wanted: np.ndarray, found: np.ndarray) -> np.ndarray:
        """Fill ``found`` at ``wanted`` (indices in the order of their words); return what is missing, ascending."""
        heads = words[wanted, 0]
        damaged: list[Path] = []
        for _ in range(2):
            vanished = False
            for file in self._shards():
                if not len(wanted):
                    break
                shard = self._open(file)
                if shard is None:
                    vanished = True
                    continue
                rest, intact = _take(shard, words, wanted, heads, found)
                wanted, heads = wanted[rest], heads[rest]
                if not intact:
                    self._tell_damage(file)
                    damaged.append(file)
            if not vanished or not len(wanted):
                break  # else a merge may have moved what we miss into a shard that we have not seen
        if damaged:
            self._merge(damaged)
        return np.sort(wanted)

    def _shards(self) -> list[Path]:
        return sorted(self._folder.glob(f"*{SUFFIX}"))

    def _open(self, file: Path) -> Shard | None:
        try:
            shard = open_shard(file, self._width)
        except OSError:
            return None
        if shard is None:
            self._tell_damage(file)
            _remove(file)
        return shard

    def _tell_damage(self, file: Path) -> None:
        _log.warning("a damaged file of cached features is replaced: %s", file)
        self._on_damage(file)

    def _write(self, words: np.ndarray, vectors: np.ndarray) -> None:
        try:
            with self._writing():
                write_shard(self._folder, words, vectors)
        except OSError as error:  # a full disk must not end what only wanted to be faster the next time
            _log.warning("computed features could not be kept: %s", error)
            return
        small = [file for file in self._shards() if _size(file) < FULL_BYTES]
        if len(small) > MOST_SMALL:
            self._merge(list(_up_to_full(small)))

    def _merge(self, files: Sequence[Path]) -> None:
        """Put the intact rows of ``files``, each key once, into one shard in their place, unless another merges now."""
        with suppress(Timeout, OSError), FileLock(self._folder / MERGING, timeout=0):
            shards = [shard for shard in map(self._open, files) if shard is not None]
            if not shards:
                return
            keys, vectors = (np.concatenate(parts) for parts in zip(*(s.intact() for s in shards), strict=True))
            if len(keys):
                kept = np.sort(_distinct(keys)[0])
                write_shard(self._folder, keys[kept], vectors[kept])
            for shard in shards:
                _remove(shard.path)


def prune(cache: Path, most_bytes: int) -> None:
    """Remove what was used longest ago below ``cache``, whole shards, until the rest fits ``most_bytes``.

    A run that needs a shard meanwhile finds it absent, and computes it again. Files of other layouts, and what
    writers that died have left, are never used and so go in time.
    """
    found = []
    for file in cache.rglob("*.*"):
        with suppress(FileNotFoundError):  # another process removes it
            state = file.stat()
            found.append((state.st_mtime_ns, state.st_size, file))
    kept = 0
    for _, size, file in sorted(found, reverse=True):
        kept += size
        if kept > most_bytes and file.suffix != ".lock":
            _remove(file)


def _distinct(words: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return indices of distinct rows of ``words`` [n, 4], by their first word; those of copies; those copied."""
    order = np.argsort(words[:, 0], kind="stable")
    first = words[order, 0]
    new = np.ones(len(order), bool)
    alike = np.flatnonzero(first[1:] == first[:-1]) + 1
    new[alike] = (words[order[alike]] != words[order[alike - 1]]).any(1)
    distinct = order[new]
    return distinct, order[~new], distinct[np.cumsum(new)[~new] - 1]


def _take(
    shard: Shard, words: np.ndarray, wanted: np.ndarray, heads: np.ndarray, found: np.ndarray
) -> tuple[np.ndarray, bool]:
    """Fill ``found`` with what ``shard`` has of ``wanted``, whose keys begin with ``heads``.

    Returns:
        bool [wanted]: what is still wanted; and whether all that was read is intact.
    """
    rest = np.ones(len(wanted), bool)
    rows = shard.find(heads)
    hits = np.flatnonzero(rows >= 0)
    if not len(hits):
        return rest, True
    with suppress(OSError):
        os.utime(shard.path)  # it was used now: see `prune`
    hits = hits[np.argsort(rows[hits])]  # straight through the file
    places = wanted[hits]
    right = shard.read(rows[hits], words[places], found, places)
    rest[hits[right]] = False
    return rest, bool(right.all())


def _up_to_full(files: Sequence[Path]) -> Iterator[Path]:
    total = 0
    for file in files:
        yield file
        total += _size(file)
        if total >= FULL_BYTES:
            return


def _size(file: Path) -> int:
    with suppress(OSError):
        return file.stat().st_size
    return 0


def _remove(file: Path) -> None:
    with suppress(OSError):
        file.unlink()
