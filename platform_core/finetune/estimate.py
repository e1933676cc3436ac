"""What a fine-tune will cost, measured on one batch before the first step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import psutil
import torch

from platform_core.finetune.loop import Loop
from platform_core.finetune.networks import Inputs
from platform_core.modeling.batching import training_batches
from platform_core.sdk import Recipe


@dataclass(frozen=True)
class Estimate:
    """Time of all epochs, and memory of the process (or of the GPU) while they run."""

    seconds: float
    memory_bytes: int

    def __str__(self) -> str:
        minutes, seconds = divmod(round(self.seconds), 60)
        return f"about {minutes} min {seconds:02d} s for all epochs, {self.memory_bytes / 2**30:.1f} GiB of memory"


def estimate(loop: Loop, inputs: Inputs, recipe: Recipe, seed: int) -> Estimate:
    """Measure ``loop`` on one batch and scale to all batches of all epochs, padding included."""
    lengths = np.asarray(inputs.lengths)
    batches = training_batches(inputs.lengths, recipe.batch_size, seed, 0)
    units = sum(int(lengths[batch].max()) * len(batch) for batch in batches)
    seconds = loop.seconds_per_unit() * units * recipe.epochs
    memory = torch.cuda.max_memory_allocated() if torch.cuda.is_available() else psutil.Process().memory_info().rss
    return Estimate(seconds, memory)
