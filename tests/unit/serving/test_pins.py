"""Pinned models: of references, wherever these point."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

from platform_core.scheduling.ledger import Ledger
from platform_core.sdk import IntegrityError, NotFound
from platform_core.serving import pins as pins_module
from platform_core.serving import residency
from platform_core.serving.pins import Pins
from platform_core.serving.residency import Residency

SIZE = residency._OBJECTS


class Named(str):
    """Stands where a model is."""

    nbytes = 0


class World:
    """Registry, host, encoders and routes in one."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.broken: set[str] = set()
        self.aliases = {"news@champion": "news1", "notes": "notes1"}
        self.models = Residency(self, self, self)  # type: ignore[arg-type]
        self.is_away = False

    def solution(self, _name):
        return SimpleNamespace(head="module:Head")

    def folder(self, version):
        return version.id

    def load(self, name, _solution):
        if name in self.broken:
            raise IntegrityError("it is damaged")
        return Named(name)

    def stamp(self):
        if self.is_away:
            raise RuntimeError("the database is away")
        return tuple(self.aliases.items())

    def resolve(self, reference):
        if reference not in self.aliases:
            raise NotFound.of("model", reference, list(self.aliases))
        return version(self.aliases[reference])

    def pinned(self):
        return {entry.name.removeprefix("model ") for entry in self.ledger.entries() if entry.pinned}


def version(name):
    return SimpleNamespace(id=name, ref=name, solution="a.b", size_bytes=10)


@pytest.fixture
def world(monkeypatch):
    monkeypatch.setattr(residency, "load_artifact", lambda folder, head: folder)
    monkeypatch.setattr(pins_module, "LOOK_SECONDS", 0.01)
    return World()


@pytest.fixture
def start(world):
    started = []

    def make(*references):
        pins = Pins(references, world.resolve, world.stamp, world.models)
        started.append(pins)
        pins.start()
        return pins

    yield make
    for pins in started:
        pins.close()


def wait_until(condition, seconds=5.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def test_an_alias_that_moves_takes_the_pin_with_it(world, start):
    start("news@champion", "notes").start()  # once is enough
    assert world.pinned() == {"news1", "notes1"}
    world.aliases["news@champion"] = "news2"
    wait_until(lambda: world.pinned() == {"news2", "notes1"})
    assert world.models.resident(version("news1")) == "news1", "it may go, and need not"


def test_a_version_stays_as_long_as_one_reference_means_it(world, start):
    world.aliases["news"] = "news1"
    start("news@champion", "news")
    world.aliases["news@champion"] = "news2"
    wait_until(lambda: world.pinned() == {"news1", "news2"})
    world.aliases["news"] = "news2"
    wait_until(lambda: world.pinned() == {"news2"})


def test_where_both_do_not_fit_the_old_one_makes_room(world, start):
    world.ledger.capacity = SIZE
    start("news@champion")
    world.aliases["news@champion"] = "news2"
    wait_until(lambda: world.pinned() == {"news2"})
    assert world.models.resident(version("news1")) is None


def test_what_cannot_be_loaded_leaves_the_rest_as_it_was(world, start, caplog):
    start("news@champion", "notes")
    world.broken.add("news2")
    world.aliases |= {"news@champion": "news2", "notes": "notes2"}
    wait_until(lambda: world.pinned() == {"news1", "notes2"})
    time.sleep(0.1)
    assert [record.getMessage().split(":")[0] for record in caplog.records] == [
        "the pinned model news@champion cannot be loaded"
    ]
    world.aliases["news@champion"] = "news3"
    wait_until(lambda: world.pinned() == {"news3", "notes2"})


def test_a_database_that_is_away_is_asked_again(world, start, caplog):
    start("news@champion")
    world.is_away = True
    wait_until(lambda: caplog.records)
    world.aliases["news@champion"] = "news2"
    time.sleep(0.1)
    world.is_away = False
    wait_until(lambda: world.pinned() == {"news2"})
    assert len(caplog.records) == 1


def test_what_is_no_model_is_an_error_at_the_start(world, start):
    with pytest.raises(NotFound, match="mews"):
        start("news@champion", "mews")
