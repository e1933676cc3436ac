"""How long a step takes, found out without taking one."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from platform_core.finetune.loop.feed import Feed
from platform_core.finetune.loop.state import changing_buffers


def seconds_per_unit(
    network: nn.Module, feed: Feed, gradients: Callable[[np.ndarray], Tensor], device: torch.device
) -> float:
    """Time the gradients of a batch of median length; return seconds per unit of padded length.

    The network, and the random numbers to come, are as before; gradients are left behind.

    Args:
        network: what is trained.
        feed: its training batches.
        gradients: computes those of a batch, indices.
        device: where that happens.
    """
    batch = feed.median_batch()
    buffers = {name: buffer.clone() for name, buffer in changing_buffers(network).items()}
    network.train()
    seconds = 0.0
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        for _ in range(2):  # the first pass pays for one-time preparations
            started = time.perf_counter()
            gradients(batch).item()
            seconds = time.perf_counter() - started
    for name, buffer in changing_buffers(network).items():
        buffer.copy_(buffers[name])
    return seconds / max(1, feed.units(batch))
