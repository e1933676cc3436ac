from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platform_core.modeling import feature_cache
from platform_core.modeling.feature_cache import FeatureCache, feature_key, prune
from platform_core.modeling.feature_shards import SUFFIX, open_shard, write_shard


def keys(*texts: str) -> list[bytes]:
    return [feature_key(text) for text in texts]


def shards(folder: Path) -> list[Path]:
    return sorted(folder.rglob(f"*{SUFFIX}"))


class Counting:
    """Computes a vector per index and remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []

    def __call__(self, indices: list[int]) -> np.ndarray:
        self.asked.append(indices)
        return np.array([[float(i), 1.0] for i in indices], np.float32)


def vectors_of(names: list[str], width: int) -> np.ndarray:
    """A vector that only its own name has."""
    return np.array([np.frombuffer(feature_key(name) * 9, np.uint8)[:width] for name in names], np.float32)


def fetch(folder: Path, names: list[str], width: int = 8, **options: int) -> list[str]:
    """Fetch, check every vector, and return the names that had to be computed."""
    computed: list[str] = []

    def compute(indices: list[int]) -> np.ndarray:
        computed.extend(names[i] for i in indices)
        return vectors_of([names[i] for i in indices], width)

    found = FeatureCache(folder, width).fetch(keys(*names), compute, **options)
    assert found.dtype == np.float32
    assert found.tolist() == vectors_of(names, width).reshape(-1, width).tolist()
    return computed


NAMES = [f"example {number}" for number in range(50)]


def test_only_what_is_unknown_is_computed_and_each_once(tmp_path):
    compute = Counting()
    cache = FeatureCache(tmp_path, 2)
    first = cache.fetch(keys("a", "b", "a"), compute)
    again = FeatureCache(tmp_path, 2).fetch(keys("b", "c"), compute)
    assert compute.asked == [[0, 1], [1]]
    assert first[0].tolist() == first[2].tolist()
    assert again[0].tolist() == first[1].tolist()
    assert cache.fetch([], compute).shape == (0, 2)


def test_who_waits_is_told_how_many_are_computed(tmp_path):
    told: list[int] = []
    cache = FeatureCache(tmp_path, 2)
    for names in ("abc", "abc", "abcdea"):
        cache.fetch(keys(*names), Counting(), chunk=2, on_missing=told.append)
    assert told == [3, 2]


@settings(max_examples=40, deadline=None)
@given(
    requests=st.lists(st.lists(st.integers(0, 40), max_size=30), max_size=8),
    width=st.sampled_from([1, 2, 3, 8]),
    chunk=st.integers(1, 9),
)
def test_whatever_is_asked_in_whatever_order_each_row_is_its_own_and_computed_once(requests, width, chunk):
    seen: set[str] = set()
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(feature_cache, "MOST_SMALL", 2)
        patch.setattr(feature_cache, "FULL_BYTES", 2000)
        for request in requests:
            names = [NAMES[number] for number in request]
            computed = fetch(Path(folder), names, width, chunk=chunk)
            assert sorted(computed) == sorted(set(names) - seen)
            seen |= set(names)


def test_keys_that_begin_alike_are_told_apart(tmp_path):
    alike = [bytes(8) + bytes([number]) * 24 for number in (0, 1, 2, 1)]

    def compute(indices: list[int]) -> np.ndarray:
        return np.array([[alike[i][-1], 1] for i in indices], np.float32)

    for _ in range(2):
        assert FeatureCache(tmp_path, 2).fetch(alike, compute)[:, 0].tolist() == [0, 1, 2, 1]


def test_an_interrupted_encoding_keeps_its_work(tmp_path):
    def compute(indices: list[int]) -> np.ndarray:
        if 20 in indices:
            raise KeyboardInterrupt
        return vectors_of([NAMES[i] for i in indices], 8)

    with pytest.raises(KeyboardInterrupt):
        FeatureCache(tmp_path, 8).fetch(keys(*NAMES), compute, chunk=8)
    assert fetch(tmp_path, NAMES) == NAMES[16:]


def test_vectors_of_another_shape_are_not_stored(tmp_path):
    with pytest.raises(ValueError, match="due"):
        FeatureCache(tmp_path, 2).fetch(keys("a", "b"), lambda indices: np.ones((1, 2), np.float32))
    assert not shards(tmp_path)


def test_small_shards_become_one_and_lose_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(feature_cache, "MOST_SMALL", 4)
    fetch(tmp_path, NAMES, chunk=1)
    assert len(shards(tmp_path)) <= 5
    assert fetch(tmp_path, NAMES[::-1]) == []


def test_full_shards_stay_as_they_are(tmp_path, monkeypatch):
    monkeypatch.setattr(feature_cache, "MOST_SMALL", 1)
    fetch(tmp_path, NAMES[:30])
    first = shards(tmp_path)[0]
    monkeypatch.setattr(feature_cache, "FULL_BYTES", first.stat().st_size)
    fetch(tmp_path, NAMES, chunk=2)
    assert first in shards(tmp_path)
    assert len(shards(tmp_path)) == 2


@pytest.mark.parametrize(
    "damage",
    [lambda b: b[:40], lambda b: b[:-1], lambda b: b + b"x", lambda b: b"", lambda b: b"VC" + bytes(len(b) - 2)],
)
def test_a_damaged_file_counts_as_unknown_and_is_replaced(tmp_path, damage):
    fetch(tmp_path, NAMES)
    [file] = shards(tmp_path)
    file.write_bytes(damage(file.read_bytes()))
    assert fetch(tmp_path, NAMES) == NAMES
    assert not file.exists()
    assert fetch(tmp_path, NAMES) == []


def test_any_flipped_bit_is_found_and_only_its_row_is_computed_again(tmp_path):
    fetch(tmp_path / "whole", NAMES)
    [file] = shards(tmp_path / "whole")
    content, drawn = file.read_bytes(), random.Random(0)
    for number in range(150):
        spoilt = bytearray(content)
        spoilt[drawn.randrange(24, len(content))] ^= 1 << drawn.randrange(8)
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / file.name).write_bytes(spoilt)
        assert len(fetch(folder, NAMES)) <= 3  # a word out of order may hide its neighbours
        assert fetch(folder, NAMES) == []
        shutil.rmtree(folder)


def test_a_spoilt_row_leaves_the_disk(tmp_path):
    fetch(tmp_path, NAMES)
    [file] = shards(tmp_path)
    spoilt = bytearray(file.read_bytes())
    spoilt[-1] ^= 64
    file.write_bytes(spoilt)
    assert fetch(tmp_path, NAMES) == NAMES[-1:]
    rows = [open_shard(shard, 8) for shard in shards(tmp_path)]
    assert sorted(len(shard.intact()[0]) for shard in rows) == [1, 49]
    assert not file.exists()


def test_swapped_files_give_nobody_anothers_vector(tmp_path):
    one, other = (tmp_path / name for name in ("one", "other"))
    fetch(one, NAMES[:20])
    FeatureCache(other, 8).fetch(keys(*NAMES[10:]), lambda indices: vectors_of([str(i) for i in indices], 8))
    [a], [b] = shards(one), shards(other)
    foreign, own = b.read_bytes(), bytearray(a.read_bytes())
    own[-20 * 32 :] = foreign[-20 * 32 :]  # vectors of one encoder behind the keys of another's
    a.write_bytes(own)
    assert fetch(one, NAMES[:20]) == NAMES[:20]


def test_shards_of_another_width_and_layout_are_replaced(tmp_path):
    fetch(tmp_path, NAMES, width=3)
    np.save(tmp_path / "0123.npy", np.ones((1, 8), np.float32))
    (tmp_path / "0123.keys").write_bytes(feature_key(NAMES[0]))
    assert fetch(tmp_path, NAMES, width=8) == NAMES
    assert fetch(tmp_path, NAMES, width=8) == []


def test_a_shard_that_a_merge_removed_meanwhile_is_looked_for_once_more(tmp_path, monkeypatch):
    fetch(tmp_path, NAMES[:25])
    fetch(tmp_path, NAMES[25:])
    opened = feature_cache.open_shard

    def merged_first(path: Path, width: int) -> object:
        monkeypatch.setattr(feature_cache, "open_shard", opened)
        FeatureCache(tmp_path, 8)._merge(shards(tmp_path))
        return opened(path, width)

    monkeypatch.setattr(feature_cache, "open_shard", merged_first)
    assert fetch(tmp_path, NAMES) == []
    assert len(shards(tmp_path)) == 1


def test_a_full_disk_costs_the_cache_not_the_run(tmp_path, monkeypatch, caplog):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(feature_cache, "write_shard", full)
    assert fetch(tmp_path, NAMES, chunk=10) == NAMES
    assert "No space left" in caplog.text


def test_a_writer_that_fails_leaves_nothing(tmp_path, monkeypatch):
    def fails(self: Path, target: Path) -> Path:
        raise OSError

    monkeypatch.setattr(Path, "replace", fails)
    with pytest.raises(OSError):
        write_shard(tmp_path, np.ones((1, 4), np.uint64), np.ones((1, 2), np.float32))
    assert not list(tmp_path.iterdir())


def test_many_threads_lose_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(feature_cache, "MOST_SMALL", 3)

    def work(number: int) -> None:
        names = [f"{number}-{i}" for i in range(20)] + ["common"]
        FeatureCache(tmp_path, 2).fetch(keys(*names), Counting(), chunk=4)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    compute = Counting()
    FeatureCache(tmp_path, 2).fetch(keys(*(f"{n}-{i}" for n in range(8) for i in range(20)), "common"), compute)
    assert compute.asked == []
    assert not list(tmp_path.glob("*.part"))


WRITER = """
import sys
from pathlib import Path
import numpy as np
from platform_core.modeling import feature_cache
from platform_core.modeling.feature_cache import FeatureCache, feature_key
feature_cache.MOST_SMALL = 3
start = int(sys.argv[2])
for round in range(6):
    numbers = [(start + 40 * round + i) % 400 for i in range(160)]
    keys = [feature_key(str(number)) for number in numbers]
    found = FeatureCache(Path(sys.argv[1]), 2).fetch(
        keys, lambda indices: np.array([[numbers[i], 1] for i in indices], np.float32), chunk=10
    )
    assert found[:, 0].tolist() == numbers
"""


def test_four_processes_write_merge_and_read_at_once(tmp_path):
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, tmp_path, str(100 * number)], env=environment)
        for number in range(4)
    ]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0, 0]
    compute = Counting()
    found = FeatureCache(tmp_path, 2).fetch(keys(*map(str, range(400))), compute)
    assert found[:, 0].tolist() == list(range(400))
    assert compute.asked == []
    assert not list(tmp_path.glob("*.part"))


def test_what_was_used_longest_ago_goes_first(tmp_path):
    cache = FeatureCache(tmp_path / "tenant" / "encoder", 2)
    for age, name in enumerate("abc"):
        cache.fetch(keys(name), Counting())
        for file in shards(tmp_path):
            if file.stat().st_mtime > 1000:
                os.utime(file, (100 + age, 100 + age))
    cache.fetch(keys("a"), Counting())
    prune(tmp_path, 2 * shards(tmp_path)[0].stat().st_size)
    compute = Counting()
    cache.fetch(keys("a", "b", "c"), compute)
    assert compute.asked == [[1]]
    prune(tmp_path, 0)
    assert not list(tmp_path.rglob("*.*"))
    prune(tmp_path / "absent", 0)
