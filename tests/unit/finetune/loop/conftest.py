"""Small networks, their data, and loops on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from platform_core.finetune.loop.checkpoint import Checkpoints
from platform_core.finetune.loop.loop import Loop, TrainingSet, Validation
from platform_core.sdk import Recipe, Silent


class Vectors:
    """Inputs of one length."""

    def __init__(self, rows: int = 100) -> None:
        generator = np.random.default_rng(0)
        self.values = torch.from_numpy(generator.normal(size=(rows, 6)).astype(np.float32))
        self.targets = (self.values[:, 0] + self.values[:, 1] > 0).long()
        self.lengths = [1] * rows

    def collate(self, indices: np.ndarray) -> dict[str, Tensor]:
        return {"x": self.values.index_select(0, torch.from_numpy(indices))}


class Sequences:
    """Inputs of varying length: a class's tokens are more frequent in its sequences."""

    def __init__(self, rows: int = 100) -> None:
        generator = np.random.default_rng(1)
        self.targets = torch.from_numpy(generator.integers(0, 2, rows))
        sizes = generator.integers(1, 30, rows)
        self.rows = [
            torch.from_numpy(generator.integers(1, 20, size) + 10 * int(target))
            for size, target in zip(sizes, self.targets, strict=True)
        ]
        self.lengths = [len(row) for row in self.rows]

    def collate(self, indices: np.ndarray) -> dict[str, Tensor]:
        return {"ids": nn.utils.rnn.pad_sequence([self.rows[i] for i in indices], batch_first=True)}


class SmallNetwork(nn.Module):
    """A body and a head with dropout and batch statistics."""

    def __init__(self, body: nn.Module, width: int, *, dropout: float, norm: bool) -> None:
        super().__init__()
        self.body = body
        middle = nn.BatchNorm1d(width) if norm else nn.LayerNorm(width)
        self.head = nn.Sequential(middle, nn.Dropout(dropout), nn.Linear(width, 2))

    def forward(self, batch: dict[str, Tensor]) -> Tensor:
        if "x" in batch:
            hidden = self.body(batch["x"])
        else:
            mask = (batch["ids"] > 0).unsqueeze(-1)
            hidden = (self.body(batch["ids"]) * mask).sum(1) / mask.sum(1)
        outputs: Tensor = self.head(hidden)
        return outputs

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        return F.cross_entropy(outputs, targets)


class Stand:
    """What tests build loops from.

    Attributes:
        recipe: the one that is changed by ``settings``.
    """

    recipe = Recipe(epochs=4, batch_size=8, learning_rate=0.05, patience=4)

    def inputs(self, kind: str) -> Any:
        return Vectors() if kind == "vectors" else Sequences()

    def network(self, kind: str, *, dropout: float = 0.3, norm: bool = False) -> Any:
        torch.manual_seed(0)
        body = nn.Linear(6, 8) if kind == "vectors" else nn.Embedding(40, 8)
        return SmallNetwork(body, 8, dropout=dropout, norm=norm)

    def loop(
        self,
        folder: Path,
        kind: str = "vectors",
        *,
        network: Any = None,
        inputs: Any = None,
        validate: bool = True,
        stop: Callable[[], bool] = lambda: False,
        precision: Any = "fp32",
        progress: Any = None,
        on_epoch: Callable[[Sequence[dict[str, float]]], None] = lambda _: None,
        on_step: Any = None,
        group: Any = None,
        tie: float | None = None,
        score: Callable[[Tensor], float] | None = None,
        **settings: Any,
    ) -> tuple[Loop, Any]:
        inputs = inputs or self.inputs(kind)
        network = network or self.network(kind)

        def accuracy(outputs: Tensor) -> float:
            return float((outputs.argmax(-1) == inputs.targets).float().mean())

        loop = Loop(
            network,
            TrainingSet(inputs, inputs.targets),
            Validation(inputs, score or accuracy, tie) if validate else None,
            self.recipe.model_copy(update=settings),
            seed=1,
            device=torch.device("cpu"),
            precision=precision,
            checkpoints=Checkpoints(folder),
            progress=progress or Silent(),
            on_epoch=on_epoch,
            stop_requested=stop,
            on_step=on_step,
            group=group,
        )
        return loop, network

    @staticmethod
    def stop_after(steps: int) -> Callable[[], bool]:
        """Ask to stop at the step of this number, from 0."""
        calls = iter(range(10_000))
        return lambda: next(calls) == steps

    @staticmethod
    def weights(network: nn.Module) -> list[Tensor]:
        return [value.detach().clone() for value in network.state_dict().values()]

    @staticmethod
    def equal(one: list[Tensor], other: list[Tensor]) -> bool:
        return all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


class Notes(Silent):
    """Progress that keeps what it is told."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.stages: list[str] = []
        self.numbers: list[dict[str, float]] = []
        self.units = 0

    def stage(self, name: str, total: int | None = None) -> None:
        self.stages.append(name)

    def advance(self, units: int = 1, **numbers: float) -> None:
        self.units += units
        if numbers:
            self.numbers.append(numbers)

    def note(self, text: str) -> None:
        self.notes.append(text)


@pytest.fixture
def stand() -> Stand:
    return Stand()


@pytest.fixture
def notes() -> Notes:
    return Notes()
