"""What a loop is at a moment: how far it is, and all that changes with its steps."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from platform_core.finetune.loop.averaging import WeightAverage


@dataclass
class LoopState:
    """How far a loop is.

    Attributes:
        epoch: the epoch in progress, from 0.
        batch: batches of it that are done.
        loss_sum: sum of the losses of these batches.
        history: one entry for each finished epoch: ``epoch``, ``loss``, validation ``score``.
        best_epoch: the epoch that is kept.
        best_file: the file with its weights.
        peak_score: the highest validation score so far.
        peak_epoch: the epoch that had it first.
        pass_limit: most padded units in one pass, found when memory ran out.
        rate_factor: factor of all rates, lowered when the loss was no number.
        rollbacks: how often the loop went back to a checkpoint since then.
        train_seconds: time in optimisation steps, data loading included, evaluation not.
    """

    epoch: int = 0
    batch: int = 0
    loss_sum: float = 0.0
    history: list[dict[str, float]] = field(default_factory=list)
    best_epoch: int | None = None
    best_file: str | None = None
    peak_score: float | None = None
    peak_epoch: int | None = None
    pass_limit: int | None = None
    rate_factor: float = 1.0
    rollbacks: int = 0
    train_seconds: float = 0.0

    def place(self, batch: int) -> str:
        """Return words for ``batch`` (from 1) of the epoch in progress."""
        return f"epoch {self.epoch + 1}, batch {batch}"


@dataclass(frozen=True)
class Trainee:
    """All that steps change, beside the random state and the :class:`LoopState`."""

    network: nn.Module
    optimizer: torch.optim.Optimizer
    average: WeightAverage | None = None
    scaler: torch.amp.GradScaler | None = None


def trainable(network: nn.Module) -> dict[str, nn.Parameter]:
    """Return the parameters that are trained, by name."""
    return {name: parameter for name, parameter in network.named_parameters() if parameter.requires_grad}


def changing_buffers(network: nn.Module) -> dict[str, Tensor]:
    """Return the stored buffers beside parameters that are trained (a batch norm's statistics), by name."""
    return {
        f"{prefix}.{name}" if prefix else name: buffer
        for prefix, module in network.named_modules()
        if any(parameter.requires_grad for parameter in module.parameters(recurse=False))
        for name, buffer in module.named_buffers(recurse=False)
        if name not in module._non_persistent_buffers_set
    }
