"""Models of generated worlds, and an engine that serves them without a registry."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from worlds import Answer, Kind, make_solution, write_encoder
from worlds.work import World

from platform_core.datasets.pseudonyms import Pseudonyms
from platform_core.modeling.model import Model
from platform_core.sdk import NotFound
from platform_core.serving.cache import PredictionCache
from platform_core.serving.deployments.policy import Route
from platform_core.serving.engine import ServingEngine
from platform_core.serving.lane import LaneLimits
from platform_core.serving.lanes import Lanes
from platform_core.serving.routing import Router
from platform_core.serving.served import Served


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("world")
    return World(folder, write_encoder(folder / "encoder"))


@pytest.fixture(scope="session")
def model_of(world: World) -> Callable[..., Model]:
    """Return a function that learns a little of a world, once for each."""
    known: dict[str, Model] = {}

    def make(kind: Kind, answer: Answer, method: Any = "head") -> Model:
        name = f"{kind}-{answer}-{method}"
        if name not in known:
            material = world.material(kind, answer, method, rows=120, epochs=3)
            known[name] = world.save_and_load(world.learn(material, name), material, name)
        return known[name]

    return make


class Shelf:
    """Models by name, in the places of routing, residency and plugins; keeps what was served."""

    def __init__(self) -> None:
        self.models: dict[str, Model] = {}
        self.solutions: dict[str, Any] = {}
        self.served: list[Served] = []

    def put(self, name: str, model: Model) -> None:
        kind, answer = model.spec.solution.removeprefix("world.").split("_")
        self.solutions[model.spec.solution] = make_solution(kind, answer)  # type: ignore[arg-type]
        self.models[name] = model

    def route(self, reference: str) -> Route:
        if reference not in self.models:
            raise NotFound.of("model", reference, self.models)
        solution = self.models[reference].spec.solution
        version: Any = SimpleNamespace(id=reference, model=reference, number=1, solution=solution)
        return Route(version)

    def stamp(self) -> Any:
        return ()

    def get(self, version: Any) -> Model:
        return self.models[version.id]

    def resident(self, version: Any) -> Model | None:
        return self.models.get(version.id)

    def solution(self, name: str) -> Any:
        return self.solutions[name]

    @contextmanager
    def engine(
        self, timeout: float = 30.0, cache: int = 0, trials: Any = None, **limits: Any
    ) -> Iterator[ServingEngine]:
        shelf: Any = self
        known = {"workers": 2, "threads": 1, "pass_tokens": 512, "delay": 0.001} | limits
        engine = ServingEngine(
            Router(trials or shelf),
            shelf,
            shelf,
            Pseudonyms(Path(), "k" * 16),
            Lanes(LaneLimits(**known)),
            self.served.append,
            tenant="local",
            timeout=timeout,
            cache=PredictionCache(cache),
        )
        try:
            yield engine
        finally:
            engine.close()


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()
