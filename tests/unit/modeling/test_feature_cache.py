from __future__ import annotations

import os
import threading

import numpy as np

from platform_core.modeling.feature_cache import FeatureCache, feature_key, prune


def keys(*texts: str) -> list[bytes]:
    return [feature_key(text) for text in texts]


class Counting:
    """Computes a vector per index and remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []

    def __call__(self, indices: list[int]) -> np.ndarray:
        self.asked.append(indices)
        return np.array([[float(i), 1.0] for i in indices], np.float32)


def test_only_what_is_unknown_is_computed(tmp_path):
    compute = Counting()
    cache = FeatureCache(tmp_path, 2)
    first = cache.fetch(keys("a", "b", "a"), compute)
    again = FeatureCache(tmp_path, 2).fetch(keys("b", "c"), compute)
    assert compute.asked == [[0, 1, 2], [1]]
    assert again[0].tolist() == first[1].tolist()


def test_a_damaged_shard_counts_as_unknown(tmp_path):
    compute = Counting()
    cache = FeatureCache(tmp_path, 2)
    cache.fetch(keys("a", "b"), compute)
    shard = next(tmp_path.glob("*.npy"))
    shard.write_bytes(shard.read_bytes()[:40])
    cache.fetch(keys("a", "b"), compute)
    assert compute.asked == [[0, 1], [0, 1]]


def test_many_writers_lose_nothing(tmp_path):
    def work(number: int) -> None:
        names = [f"{number}-{i}" for i in range(20)] + ["common"]
        FeatureCache(tmp_path, 2).fetch(keys(*names), Counting())

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    compute = Counting()
    FeatureCache(tmp_path, 2).fetch(keys(*(f"{n}-{i}" for n in range(8) for i in range(20)), "common"), compute)
    assert compute.asked == []
    assert not list(tmp_path.glob("*.part"))


def test_what_was_used_longest_ago_goes_first(tmp_path):
    cache = FeatureCache(tmp_path / "tenant" / "encoder", 2)
    for age, name in enumerate("abc"):
        cache.fetch(keys(name), Counting())
        for file in tmp_path.rglob("*.*"):
            if file.stat().st_mtime > 1000:
                os.utime(file, (100 + age, 100 + age))
    cache.fetch(keys("a"), Counting())
    shard = sum(file.stat().st_size for file in tmp_path.rglob("*.*")) // 3
    prune(tmp_path, 2 * shard)
    compute = Counting()
    cache.fetch(keys("a", "b", "c"), compute)
    assert compute.asked == [[1]]
    prune(tmp_path, 0)
    assert not list(tmp_path.rglob("*.*"))
    prune(tmp_path / "absent", 0)
