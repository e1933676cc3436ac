"""Finding rows that say the same: exactly, or nearly.

Near duplicates are found with MinHash signatures over word shingles, cut into bands (locality-sensitive hashing);
rows that share a band are compared shingle by shingle, so that nothing is linked by chance. Within a band each row is
compared with the first and with the previous one only: the work stays linear when thousands of rows share a template.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SHINGLE_WORDS = 2
NEAR = 0.6
"""Two texts are near duplicates when they share this part of their word pairs (Jaccard)."""

_BANDS, _ROWS_PER_BAND = 20, 3
_SLACK = 0.15
"""How far the agreement of two signatures may be below the true likeness: over two standard deviations."""

_CHUNK = 100_000
_MAX_WORDS = 1_000
_MIN_WORDS = 4
_WORD = re.compile(r"\w+")
_ADDRESS = re.compile(r"https?://\S+")

Pair = tuple[int, int]
Shingles = frozenset[int]


@dataclass(frozen=True)
class Duplicates:
    """Which rows say the same.

    Attributes:
        exact: links between rows of equal content.
        near: links between rows of nearly equal text.
    """

    exact: tuple[Pair, ...]
    near: tuple[Pair, ...]


def find_duplicates(identities: Sequence[Hashable], texts: Sequence[str | None] | None) -> Duplicates:
    """Return links that connect all rows that say the same.

    Args:
        identities: one per row; equal means equal content.
        texts: the text of each row, ``None`` for one that is not compared; or none where rows hold no text.

    Returns:
        Links between row numbers; ``k`` equal rows have ``k - 1`` of them.
    """
    first: dict[Hashable, int] = {}
    exact: list[Pair] = []
    for row, identity in enumerate(identities):
        other = first.setdefault(identity, row)
        if other != row:
            exact.append((other, row))
    if texts is None:
        return Duplicates(tuple(exact), ())
    unique = {row: text for row in first.values() if (text := texts[row]) is not None}
    rows = list(unique)
    near = {(rows[a], rows[b]) for a, b in _near_pairs(list(unique.values()))}
    return Duplicates(tuple(exact), tuple(sorted(near)))


def cluster(rows: int, links: Iterable[Pair]) -> list[int]:
    """Return a cluster for each of ``rows`` rows, the number of its first row: linked rows are in the same."""
    parent = list(range(rows))

    def root(row: int) -> int:
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = parent[row]
        return row

    for a, b in links:
        low, high = sorted((root(a), root(b)))
        parent[high] = low
    return [root(row) for row in range(rows)]


def _near_pairs(texts: Sequence[str]) -> Iterator[Pair]:
    if len(texts) < 2:
        return
    shingles = [_shingles(text) for text in texts]
    signatures = _signatures(shingles)
    for low, high in _candidates(signatures):
        if _jaccard(shingles[low], shingles[high]) >= NEAR:
            yield low, high


def _shingles(text: str) -> Shingles:
    """Return the hashed word pairs of the text; a very short one is a single shingle, equal or not."""
    words = _WORD.findall(_ADDRESS.sub(" ", text[: 20 * _MAX_WORDS].casefold()))[:_MAX_WORDS]
    if len(words) < _MIN_WORDS:
        return frozenset((zlib.crc32(" ".join(words or [text.strip()]).encode()),))
    return frozenset(
        zlib.crc32(" ".join(words[i : i + SHINGLE_WORDS]).encode()) for i in range(len(words) - SHINGLE_WORDS + 1)
    )


def _signatures(shingles: Sequence[Shingles]) -> NDArray[np.uint64]:
    """Return MinHash signatures, [rows, bands * rows per band]."""
    from datasketch import MinHash

    def identity(hashed: int) -> int:
        return hashed

    width = _BANDS * _ROWS_PER_BAND
    signatures = np.empty((len(shingles), width), dtype=np.uint64)
    for row, minhash in enumerate(MinHash.generator(map(list, shingles), num_perm=width, seed=1, hashfunc=identity)):
        signatures[row] = minhash.hashvalues
    return signatures


def _candidates(signatures: NDArray[np.uint64]) -> Iterator[Pair]:
    """Return pairs of rows that share a band and may be near enough by the agreement of their signatures."""
    rows = len(signatures)
    found: list[NDArray[np.int64]] = []
    for band in np.split(signatures, _BANDS, axis=1):
        order = np.lexsort(band.T)
        same = (band[order[1:]] == band[order[:-1]]).all(axis=1)
        positions = np.arange(rows)
        starts = np.maximum.accumulate(np.where(np.concatenate([[False], same]), 0, positions))
        linked = positions[1:][same]
        for others in (linked - 1, starts[linked]):
            low, high = np.sort([order[others], order[linked]], axis=0)
            found.append(low * rows + high)
    low, high = np.divmod(np.unique(np.concatenate(found)), rows)
    for start in range(0, len(low), _CHUNK):
        a, b = low[start : start + _CHUNK], high[start : start + _CHUNK]
        likely = (signatures[a] == signatures[b]).mean(axis=1) >= NEAR - _SLACK
        yield from zip(a[likely].tolist(), b[likely].tolist(), strict=True)


def _jaccard(a: Shingles, b: Shingles) -> float:
    shared = len(a & b)
    return shared / (len(a) + len(b) - shared)
