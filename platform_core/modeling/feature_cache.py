"""Features of frozen encoders on disk, found by content: memory-mapped, append-only, safe with many writers.

A cache is a folder of immutable shards. A shard is a pair of files, ``<id>.npy`` (float32 [rows, width]) and
``<id>.keys`` (32 bytes a row); it is written aside and appears by renaming the keys last, so a reader never sees half
of one, and writers never wait for each other. Two writers may store the same row twice; the first found is used.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

KEY_BYTES = 32


def feature_key(content: str) -> bytes:
    """Return the key of an example from its content hash or text."""
    return hashlib.sha256(content.encode()).digest()


class FeatureCache:
    """Vectors of one encoder under one preprocessing.

    Args:
        folder: one folder per tenant, encoder fingerprint and preprocessing.
        width: size of a vector.
    """

    def __init__(self, folder: Path, width: int) -> None:
        self._folder = folder
        self._width = width

    def fetch(self, keys: Sequence[bytes], compute: Callable[[list[int]], np.ndarray]) -> np.ndarray:
        """Return vectors float32 [keys, width]; ``compute`` is called once with the indices that are not cached.

        Args:
            keys: a key per row, see :func:`feature_key`.
            compute: indices → vectors float32 [indices, width].
        """
        found = np.empty((len(keys), self._width), np.float32)
        missing = self._read(keys, found)
        if missing:
            found[missing] = computed = compute(missing)
            self._write([keys[i] for i in missing], computed)
        return found

    def _read(self, keys: Sequence[bytes], found: np.ndarray) -> list[int]:
        wanted: dict[bytes, list[int]] = {}
        for index, key in enumerate(keys):
            wanted.setdefault(key, []).append(index)
        for keys_file in sorted(self._folder.glob("*.keys")):
            shard = _open_shard(keys_file, self._width)
            if shard is None:
                continue
            stored, vectors = shard
            before = len(wanted)
            for row, key in enumerate(stored):
                for index in wanted.pop(key, ()):
                    found[index] = vectors[row]
            if len(wanted) < before:
                with suppress(OSError):
                    os.utime(keys_file)  # it was used now: see `prune`
            if not wanted:
                break
        return sorted(index for indices in wanted.values() for index in indices)

    def _write(self, keys: Sequence[bytes], vectors: np.ndarray) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        name = uuid.uuid4().hex
        final = self._folder / f"{name}.npy"
        with final.with_suffix(".npy.part").open("wb") as stream:
            np.save(stream, np.ascontiguousarray(vectors, np.float32))
        keys_part = self._folder / f"{name}.keys.part"
        keys_part.write_bytes(b"".join(keys))
        final.with_suffix(".npy.part").replace(final)
        keys_part.replace(self._folder / f"{name}.keys")


def prune(cache: Path, most_bytes: int) -> None:
    """Remove what was used longest ago below ``cache``, whole shards, until the rest fits ``most_bytes``.

    A run that reads a shard meanwhile finds it absent, and computes it again.
    """
    shards: dict[str, list[Path]] = defaultdict(list)
    for file in cache.rglob("*.*"):
        shards[str(file.parent / file.name.partition(".")[0])].append(file)
    found = []
    for files in shards.values():
        with suppress(FileNotFoundError):  # another process removes it
            states = [file.stat() for file in files]
            found.append((max(s.st_mtime_ns for s in states), sum(s.st_size for s in states), sorted(files)))
    kept = 0
    for _, size, files in sorted(found, reverse=True):
        kept += size
        if kept > most_bytes:
            for file in files:  # keys first: without them the vectors count as absent
                file.unlink(missing_ok=True)


def _open_shard(keys_file: Path, width: int) -> tuple[list[bytes], np.ndarray] | None:
    """Return keys and memory-mapped vectors, or ``None`` for a shard that is damaged: it counts as not cached."""
    try:
        raw = keys_file.read_bytes()
        vectors = np.load(keys_file.with_suffix(".npy"), mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    if vectors.ndim != 2 or vectors.shape[1] != width or len(raw) != KEY_BYTES * len(vectors):
        return None
    return [raw[i : i + KEY_BYTES] for i in range(0, len(raw), KEY_BYTES)], vectors
