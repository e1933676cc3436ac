"""The losses of the last steps: looked at together where looking makes a GPU wait, and checked to be numbers."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from platform_core.finetune.loop.guards import LEAST_LOSS_SCALE, NonFinite
from platform_core.finetune.loop.state import LoopState


class Losses:
    """Losses and gradient norms that were computed, but not yet looked at.

    Args:
        every: how many steps to wait before looking.
        scaler: of fp16 gradients, which deals with their overflows itself.
    """

    def __init__(self, every: int, scaler: torch.amp.GradScaler | None) -> None:
        self._every = every
        self._scaler = scaler
        self._pending: list[Tensor] = []

    @property
    def are_due(self) -> bool:
        """Whether it is time to look."""
        return len(self) >= self._every

    def __len__(self) -> int:
        return len(self._pending) // 2

    def add(self, loss: Tensor, norm: Tensor) -> None:
        """Take the loss of a step and the norm of its gradients before clipping, scalars."""
        self._pending += (loss, norm)

    def clear(self) -> None:
        """Forget them."""
        self._pending = []

    def look(self, state: LoopState) -> list[float]:
        """Return the losses since the last time and add them to those of ``state``.

        Raises:
            NonFinite: one of them is no finite number, or all gradients overflow.
        """
        if len(self) == 1:
            values = [value.item() for value in self._pending]
        else:
            values = torch.stack(self._pending).tolist() if self._pending else []
        self.clear()
        losses, norms = values[::2], values[1::2]
        first = state.batch - len(losses) + 1
        for batch, (loss, norm) in enumerate(zip(losses, norms, strict=True), first):
            if not math.isfinite(loss):
                raise NonFinite(f"the loss became {loss}", batch)
            if self._scaler is None and not math.isfinite(norm):
                raise NonFinite(f"the norm of the gradients became {norm}", batch)
            state.loss_sum += loss
        if self._scaler is not None and self._scaler.get_scale() < LEAST_LOSS_SCALE:
            raise NonFinite("the gradients overflow in fp16 at every scale", first)
        return losses
