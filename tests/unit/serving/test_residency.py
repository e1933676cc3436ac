"""Loading: once for all that ask, beside all others, and the least recently used out first."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from platform_core.scheduling.ledger import Ledger
from platform_core.sdk import IntegrityError, MemoryFull
from platform_core.serving import residency
from platform_core.serving.residency import Residency

SIZE = residency._OBJECTS


class Named(str):
    """Stands where a model is."""

    nbytes = 0


class Shelves:
    """Registry, host and encoders in one: a model is the name of its version; loading some waits for the test."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.loaded: list[str] = []
        self.gates: dict[str, threading.Event] = {}
        self.begun = threading.Semaphore(0)
        self.broken: set[str] = set()

    def solution(self, name):
        return SimpleNamespace(head="module:Head")

    def folder(self, version):
        return version.id

    def load(self, name, solution):
        self.begun.release()
        if name in self.gates:
            assert self.gates[name].wait(20)
        if name in self.broken:
            raise IntegrityError("it is damaged")
        self.loaded.append(name)
        return Named(name)


@pytest.fixture
def shelves(monkeypatch):
    monkeypatch.setattr(residency, "load_artifact", lambda folder, head: folder)
    return Shelves()


def version(name):
    return SimpleNamespace(id=name, ref=name, solution="a.b", size_bytes=10)


def test_a_model_that_loads_slowly_holds_up_no_other(shelves):
    models = Residency(shelves, shelves, shelves)
    shelves.gates["slow"] = threading.Event()
    with ThreadPoolExecutor() as pool:
        slow = pool.submit(models.get, version("slow"))
        assert shelves.begun.acquire(timeout=20)
        assert pool.submit(models.get, version("quick")).result(20) == "quick"
        assert models.get(version("quick")) == "quick"
        assert not slow.done()
        shelves.gates["slow"].set()
        assert slow.result(20) == "slow"


def test_many_that_ask_at_once_load_once(shelves):
    models = Residency(shelves, shelves, shelves)
    shelves.gates["a"] = threading.Event()
    with ThreadPoolExecutor(8) as pool:
        found = [pool.submit(models.get, version("a")) for _ in range(8)]
        assert shelves.begun.acquire(timeout=20)
        shelves.gates["a"].set()
        assert {model.result(20) for model in found} == {"a"}
    assert shelves.loaded == ["a"]


def test_a_load_that_fails_fails_for_all_that_wait_and_is_tried_again(shelves):
    models = Residency(shelves, shelves, shelves)
    shelves.gates["a"], shelves.broken = threading.Event(), {"a"}
    with ThreadPoolExecutor(2) as pool:
        found = [pool.submit(models.get, version("a")) for _ in range(2)]
        assert shelves.begun.acquire(timeout=20)
        shelves.gates["a"].set()
        for model in found:
            with pytest.raises(IntegrityError):
                model.result(20)
    shelves.broken.clear()
    assert models.get(version("a")) == "a"


def test_the_least_recently_used_leaves(shelves):
    shelves.ledger.capacity = 2 * SIZE
    models = Residency(shelves, shelves, shelves)
    for name in ("a", "b", "a", "c", "a", "b"):
        models.get(version(name))
    assert shelves.loaded == ["a", "b", "c", "b"]


def test_what_is_pinned_stays_and_what_never_fits_is_refused(shelves):
    shelves.ledger.capacity = 2 * SIZE
    models = Residency(shelves, shelves, shelves)
    models.get(version("kept"), pinned=True)
    for name in ("a", "b", "kept"):
        models.get(version(name))
    assert shelves.loaded == ["kept", "a", "b"]
    models.get(version("b"), pinned=True)
    with pytest.raises(MemoryFull, match="do not fit"):
        models.get(version("c"))
    assert models.resident(version("kept")) is not None
