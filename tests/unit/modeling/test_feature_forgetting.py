from __future__ import annotations

import os
import tempfile
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platform_core.modeling import feature_cache, feature_forgetting
from platform_core.modeling.feature_cache import FeatureCache, feature_key
from platform_core.modeling.feature_forgetting import ABANDONED_SECONDS, forget
from platform_core.modeling.feature_shards import SUFFIX, open_shard

NAMES = [f"example {number}" for number in range(40)]


def vectors_of(names: list[str], width: int = 8) -> np.ndarray:
    return np.array([np.frombuffer(feature_key(name), np.uint8)[:width] for name in names], np.float32)


def fill(folder: Path, names: list[str], **options: int) -> list[str]:
    """Fetch, check every vector, and return the names that had to be computed."""
    computed: list[str] = []

    def compute(indices: list[int]) -> np.ndarray:
        computed.extend(names[i] for i in indices)
        return vectors_of([names[i] for i in indices])

    found = FeatureCache(folder, 8).fetch([feature_key(name) for name in names], compute, **options)
    assert (found == vectors_of(names).reshape(-1, 8)).all()
    return computed


def keys(names: list[str]) -> set[bytes]:
    return {feature_key(name) for name in names}


def holds(cache: Path, name: str) -> bool:
    """Tell whether the key or the vector of ``name`` is anywhere on the disk."""
    parts = (feature_key(name), vectors_of([name]).tobytes())
    return any(part in file.read_bytes() for file in cache.rglob("*") if file.is_file() for part in parts)


@settings(max_examples=25, deadline=None)
@given(requests=st.lists(st.sets(st.sampled_from(NAMES), min_size=1), max_size=5), gone=st.sets(st.sampled_from(NAMES)))
def test_what_is_forgotten_is_nowhere_and_the_rest_is_still_known(requests, gone):
    with tempfile.TemporaryDirectory() as place:
        cache = Path(place)
        for request in requests:
            fill(cache / "encoder", sorted(request), chunk=7)
        known = set().union(*requests)
        assert forget(cache, keys(sorted(gone))) == len(known & gone)
        assert not any(holds(cache, name) for name in gone)
        assert set(fill(cache / "encoder", sorted(known))) == known & gone


def test_every_encoder_forgets_and_shards_without_them_stay_as_they_are(tmp_path):
    fill(tmp_path / "one", ["a", "b"])
    fill(tmp_path / "two", ["b", "c"])
    fill(tmp_path / "two", ["d"])
    before = {file.name for file in (tmp_path / "two").glob(f"*{SUFFIX}")}
    assert forget(tmp_path, keys(["b", "never seen"])) == 2
    assert len(before & {file.name for file in (tmp_path / "two").glob(f"*{SUFFIX}")}) == 1
    assert forget(tmp_path, keys(["a"])) == 1
    assert [file.name for file in (tmp_path / "one").glob(f"*{SUFFIX}")] == []
    assert forget(tmp_path / "absent", keys(["a"])) == 0


def test_keys_that_begin_alike_are_told_apart(tmp_path):
    alike = [bytes(8) + bytes([number]) * 24 for number in range(3)]
    FeatureCache(tmp_path / "one", 1).fetch(alike, lambda rows: np.array([[float(r)] for r in rows], np.float32))
    assert forget(tmp_path, {alike[1]}) == 1
    (file,) = (tmp_path / "one").glob(f"*{SUFFIX}")
    shard = open_shard(file)
    assert shard is not None
    assert shard.vectors[:, 0].tolist() == [0.0, 2.0]


def test_what_cannot_be_read_goes_and_what_is_being_written_stays(tmp_path):
    fill(tmp_path / "one", ["a"])
    (tmp_path / "one" / f"broken{SUFFIX}").write_bytes(b"VCFEAT")
    (tmp_path / "one" / "vectors.npy").write_bytes(b"of another release")
    (tmp_path / "one" / "new.part").write_bytes(b"being written")
    (tmp_path / "one" / "old.part").write_bytes(b"of a process that died")
    os.utime(tmp_path / "one" / "old.part", (0, 0))
    assert ABANDONED_SECONDS > 60
    forget(tmp_path, keys(["b"]))
    names = {file.name for file in (tmp_path / "one").iterdir() if file.suffix != ".lock"}
    assert len(names) == 2
    assert "new.part" in names


def test_a_shard_keeps_its_age(tmp_path):
    fill(tmp_path / "one", ["a", "b"])
    (file,) = (tmp_path / "one").glob(f"*{SUFFIX}")
    os.utime(file, (1000, 1000))
    forget(tmp_path, keys(["a"]))
    (file,) = (tmp_path / "one").glob(f"*{SUFFIX}")
    assert file.stat().st_mtime == 1000


def test_cut_off_between_writing_and_removing_the_same_call_finishes(tmp_path, monkeypatch):
    fill(tmp_path / "one", NAMES)

    def cut(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(feature_forgetting.os, "utime", cut)
        with pytest.raises(KeyboardInterrupt):
            forget(tmp_path, keys(["example 3"]))
    assert holds(tmp_path, "example 3")
    forget(tmp_path, keys(["example 3"]))
    assert not holds(tmp_path, "example 3")
    assert fill(tmp_path / "one", NAMES) == ["example 3"]


def test_readers_and_merges_meanwhile_are_undisturbed(tmp_path, monkeypatch):
    monkeypatch.setattr(feature_cache, "MOST_SMALL", 2)
    fill(tmp_path / "one", NAMES, chunk=3)
    problems: list[BaseException] = []
    stop = threading.Event()

    def read() -> None:
        try:
            while not stop.is_set():
                fill(tmp_path / "one", NAMES[10:], chunk=2)
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(5):
        forget(tmp_path, keys(NAMES[:20]))
    stop.set()
    for thread in threads:
        thread.join()
    assert problems == []
    assert not any(holds(tmp_path, name) for name in NAMES[:10])
