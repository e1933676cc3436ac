"""Files of cached vectors: immutable, memory-mapped, found by sorted keys, each row with a check of its own.

A shard is one file: a head of 64 bytes, then as little-endian arrays

- ``words`` uint64 [rows]: first eight bytes of each key, ascending; ``places`` uint64 [rows]: the row that each is of;
- ``keys`` uint64 [rows, 4], ``checks`` uint64 [rows], ``vectors`` float32 [rows, width]: in the order of writing, so
  that whoever asks again in that order reads straight on.

The check of a row is a weighted sum of the words of its key and vector, modulo 2⁶⁴, with odd weights: what changes
within eight bytes is always found, wider damage but for one case in some 2⁶⁴; and a vector under another's key, too.
"""

from __future__ import annotations

import math
import mmap
import struct
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

import numpy as np

SUFFIX = ".features"
KEY_WORDS = 4

_HEAD = struct.Struct("<8sQQ40x")
_MAGIC = b"VCFEAT\x00\x02"
_BLOCK_ROWS = 1024  # rows that are copied and checked at a time, while they are in the processor's cache


@dataclass(frozen=True, eq=False)
class Shard:
    """An open shard. What is mapped stays readable when the file is removed.

    Attributes:
        path: where it lies.
        words: uint64 [rows], ascending: first word of each key.
        places: uint64 [rows]: the row of each word.
        keys: uint64 [rows, 4].
        checks: uint64 [rows].
        vectors: float32 [rows, width].
    """

    path: Path
    words: np.ndarray
    places: np.ndarray
    keys: np.ndarray
    checks: np.ndarray
    vectors: np.ndarray

    def find(self, words: np.ndarray) -> np.ndarray:
        """Return int64 [words]: the row whose key begins with each word, or -1. ``words`` must ascend."""
        rows = np.full(len(words), -1, np.int64)
        few, many = (words, self.words) if len(words) <= len(self.words) else (self.words, words)
        at = np.searchsorted(many, few)
        at[at == len(many)] = 0
        hits = np.flatnonzero(many[at] == few)
        wanted, stored = (hits, at[hits]) if few is words else (at[hits], hits)
        rows[wanted] = np.minimum(self.places[stored], len(self.keys) - 1)  # a damaged place leads to a wrong check
        return rows

    def read(self, rows: np.ndarray, keys: np.ndarray, out: np.ndarray, places: np.ndarray) -> np.ndarray:
        """Copy vectors and check them.

        Args:
            rows: int64 [n]: what to read.
            keys: uint64 [n, 4]: what each row should be the vector of.
            out: float32 [any, width]: where the vectors go.
            places: int64 [n]: which row of ``out`` each goes to.

        Returns:
            bool [n]: whether the row is intact and that key's.
        """
        right = np.empty(len(rows), bool)
        for start in range(0, len(rows), _BLOCK_ROWS):
            part = slice(start, start + _BLOCK_ROWS)
            source = _run(rows[part])
            block = self.vectors[source]
            right[part] = self.checks[source] == checks_of(keys[part], block)
            out[_run(places[part])] = block
        return right

    def intact(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the keys and vectors of the rows whose check is right, as copies."""
        parts = range(0, len(self.keys), _BLOCK_ROWS)
        blocks = (slice(start, start + _BLOCK_ROWS) for start in parts)
        right = [checks_of(self.keys[block], self.vectors[block]) == self.checks[block] for block in blocks]
        rows = np.flatnonzero(np.concatenate(right))
        return self.keys[rows], self.vectors[rows]


def checks_of(keys: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Return the check of each row, uint64 [rows], from keys uint64 [rows, 4] and vectors float32 [rows, width]."""
    words: np.ndarray = vectors.view(np.uint64 if vectors.shape[1] % 2 == 0 else np.uint32)
    weights = (2 * np.arange(KEY_WORDS + words.shape[1], dtype=np.uint64) + 1) * np.uint64(0x9E3779B97F4A7C15)
    of_keys: np.ndarray = np.einsum("ij,j->i", keys, weights[:KEY_WORDS])
    of_vectors: np.ndarray = np.einsum("ij,j->i", words, weights[KEY_WORDS:].astype(words.dtype))
    return of_keys + of_vectors.astype(np.uint64)


def write_shard(folder: Path, keys: np.ndarray, vectors: np.ndarray) -> Path:
    """Write keys uint64 [rows, 4] and vectors float32 [rows, width] as a new shard of ``folder``; return its file.

    It appears whole, by renaming. It is not forced to the disk: what a power cut spoils, its checks find.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # Names ascend with time, so that shards are read and merged in the order of writing.
    file = folder / f"{time.time_ns():016x}-{uuid.uuid4().hex[:16]}{SUFFIX}"
    part = file.with_suffix(".part")
    places = np.argsort(keys[:, 0], kind="stable")
    arrays = (keys[places, 0], places.astype(np.uint64), keys, checks_of(keys, vectors), vectors)
    try:
        with part.open("wb") as stream:
            stream.write(_HEAD.pack(_MAGIC, *vectors.shape))
            for array, (kind, _) in zip(arrays, _layout(*vectors.shape), strict=True):
                stream.write(np.ascontiguousarray(array, kind).data)
        part.replace(file)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return file


def open_shard(path: Path, width: int | None = None) -> Shard | None:
    """Return a shard of vectors of ``width``, or of any; ``None`` where the file is no such thing, or not all of it.

    Raises:
        OSError: it cannot be opened; another process may have removed it.
    """
    with path.open("rb") as stream:
        head = stream.read(_HEAD.size)
        if len(head) < _HEAD.size:
            return None
        magic, rows, stored_width = _HEAD.unpack(head)
        layout = _layout(rows, stored_width)
        size = _HEAD.size + sum(int(kind[-1]) * math.prod(shape) for kind, shape in layout)
        wanted = stored_width if width is None else width
        if magic != _MAGIC or stored_width != wanted or not rows or stream.seek(0, 2) != size:
            return None
        data = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    arrays, offset = [], _HEAD.size
    for kind, shape in layout:
        arrays.append(np.ndarray(shape, kind, data, offset))
        offset += arrays[-1].nbytes
    return Shard(path, *arrays)


def _layout(rows: int, width: int) -> list[tuple[str, tuple[int, ...]]]:
    return [("<u8", (rows,)), ("<u8", (rows,)), ("<u8", (rows, KEY_WORDS)), ("<u8", (rows,)), ("<f4", (rows, width))]


def _run(indices: np.ndarray) -> slice | np.ndarray:
    """Return ``indices`` as a slice where they follow each other: it is copied three times as fast."""
    first, last = int(indices[0]), int(indices[-1])
    consecutive = last - first == len(indices) - 1 and (np.diff(indices) == 1).all()
    return slice(first, last + 1) if consecutive else indices
