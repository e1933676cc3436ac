"""What a fine-tune will cost, measured on one batch before the first step."""

from __future__ import annotations

from dataclasses import dataclass

import psutil
import torch

from platform_core.finetune.loop.loop import Loop


@dataclass(frozen=True)
class Estimate:
    """Time of all epochs, and memory of the process (or of the GPU) while they run."""

    seconds: float
    memory_bytes: int

    def __str__(self) -> str:
        minutes, seconds = divmod(round(self.seconds), 60)
        return f"about {minutes} min {seconds:02d} s for all epochs, {self.memory_bytes / 2**30:.1f} GiB of memory"


def estimate(loop: Loop) -> Estimate:
    """Measure ``loop`` on one batch and scale to all batches of all epochs, padding included."""
    seconds = loop.estimated_seconds()
    memory = torch.cuda.max_memory_allocated() if torch.cuda.is_available() else psutil.Process().memory_info().rss
    return Estimate(seconds, memory)
