"""torch.compile, where the run is long enough to win back what compiling costs."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import torch
from torch import nn

from platform_core.sdk import Progress, Recipe

LONG_RUN_SECONDS = 600.0
"""Compiling takes about a minute and gains ten to thirty per cent: runs from here on gain."""


def wants_compilation(recipe: Recipe, device: torch.device, seconds: Callable[[], float]) -> bool:
    """Tell whether to compile; ``seconds`` estimates the run, and is asked only where that decides."""
    if recipe.compile == "auto":
        return device.type == "cuda" and seconds() >= LONG_RUN_SECONDS
    return recipe.compile == "on"


def compiled(network: nn.Module, trial: Callable[[nn.Module], object], progress: Progress) -> nn.Module:
    """Return ``network`` compiled, or as it is where that fails; progress is told.

    Args:
        network: what to compile.
        trial: runs the network once forward and backward: compilers fail at the first use.
        progress: is told of a failure.
    """
    progress.stage("compiling")
    try:
        candidate = cast(nn.Module, torch.compile(network))
        trial(candidate)
    except Exception as error:
        torch.compiler.reset()
        reason = str(error).strip().splitlines() or [type(error).__name__]
        progress.note(f"torch.compile failed, going on without it: {reason[0]}")
        return network
    return candidate
