"""Desks on small generated data."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from worlds import Answer, Kind, write_encoder
from worlds.work import World

from platform_core.finetune.search.desk import Desk
from platform_core.sdk import Silent


class Recorder(Silent):
    """Progress that keeps what it is told."""

    def __init__(self) -> None:
        self.stages: list[tuple[str, int | None]] = []
        self.notes: list[str] = []
        self.warnings: list[str] = []
        self.numbers: list[dict[str, float]] = []
        self.units = 0

    def stage(self, name: str, total: int | None = None) -> None:
        self.stages.append((name, total))

    def advance(self, units: int = 1, **numbers: float) -> None:
        self.units += units
        self.numbers.append(numbers)

    def note(self, text: str) -> None:
        self.notes.append(text)

    def warn(self, text: str) -> None:
        self.warnings.append(text)


@pytest.fixture(scope="session")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture
def make_desk(tmp_path: Path, encoder: str) -> Callable[..., Desk]:
    """Return a function that makes desks of three fifths of training, a fifth of validation and a fifth of test data.

    ``groups`` and ``times`` give each row, by its number, a group and a moment.
    """

    def make(
        kind: Kind = "table",
        answer: Answer = "binary",
        *,
        method: Any = "head",
        rows: int = 200,
        metric: str = "accuracy",
        search: Any = None,
        validate: bool = True,
        groups: Callable[[int], str] | None = None,
        times: bool = False,
        stop: Callable[[], bool] = lambda: False,
        **recipe: Any,
    ) -> Desk:
        world = World(tmp_path, encoder)
        settings = {"epochs": 3, "precision": "fp32", "learning_rate": 0.02} | recipe
        base = world.material(kind, answer, method, rows=rows, **settings)
        solution = replace(base.solution, primary_metric=metric, search=search or {})
        splits = {
            name: [
                replace(
                    row,
                    group=groups(row.place.row) if groups else None,
                    time=f"2020-01-{1 + row.place.row % 28:02d}" if times else None,
                )
                for row in part
            ]
            for name, part in base.splits.items()
        }
        if not validate:
            splits = {"train": splits["train"] + splits["validation"], "validation": [], "test": splits["test"]}
        guard = SimpleNamespace(check=lambda: None, writing=nullcontext)
        shop = SimpleNamespace(encoders=world.pool, cache=tmp_path / "features", guard=lambda data: guard)
        return Desk(replace(base, solution=solution, splits=splits), shop, Recorder(), stop)  # type: ignore[arg-type]

    return make
