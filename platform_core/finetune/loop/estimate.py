"""What a fine-tune will cost, measured on one batch before the first step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import psutil
import torch

from platform_core.finetune.loop.loop import Loop


@dataclass(frozen=True)
class Estimate:
    """Time of all epochs, and memory of the process (or of the GPU) while they run.

    Attributes:
        seconds: of the epochs.
        memory_bytes: at the first batch.
        besides: members of the recipe that are fitted afterwards, which takes time of its own, not known before.
    """

    seconds: float
    memory_bytes: int
    besides: tuple[str, ...] = ()

    def __str__(self) -> str:
        minutes, seconds = divmod(round(self.seconds), 60)
        more = f" plus the fit of {' and '.join(self.besides)}" if self.besides else ""
        memory = f"{self.memory_bytes / 2**30:.1f} GiB of memory"
        return f"about {minutes} min {seconds:02d} s for all epochs{more}, {memory}"


def estimate(loop: Loop, besides: Iterable[str] = ()) -> Estimate:
    """Measure ``loop`` on one batch and scale to all batches of all epochs, padding included; ``besides`` is told."""
    seconds = loop.estimated_seconds()
    memory = torch.cuda.max_memory_allocated() if torch.cuda.is_available() else psutil.Process().memory_info().rss
    return Estimate(seconds, memory, tuple(besides))
