"""How much fits into memory at once: found out by running out of it, halving, and doing the same work in parts."""

from __future__ import annotations

from typing import NoReturn

import numpy as np
from accelerate.utils.memory import clear_device_cache
from torch import Tensor

from platform_core.finetune.loop.feed import Feed, Pass
from platform_core.finetune.loop.group import Group
from platform_core.finetune.loop.guards import OutOfMemory
from platform_core.finetune.loop.judging import network_outputs
from platform_core.finetune.loop.state import LoopState
from platform_core.finetune.loop.steps import Stepper
from platform_core.finetune.networks import Inputs
from platform_core.sdk import Progress, Recipe, TrainingFailed

INFERENCE_UNITS = 8192
"""Padded length of an evaluation pass, at most."""
INFERENCE_EXAMPLES = 64
"""Examples in an evaluation pass, at most, or twice a training batch if that is more."""


class Memory:
    """Runs passes of a size that fits.

    Args:
        stepper: runs them.
        feed: cuts training batches into passes.
        recipe: bounds them.
        progress: is told when memory ran out.
    """

    def __init__(self, stepper: Stepper, feed: Feed, recipe: Recipe, progress: Progress) -> None:
        self._stepper = stepper
        self._feed = feed
        self._recipe = recipe
        self._progress = progress
        self._inference_units = INFERENCE_UNITS

    def limit(self, state: LoopState) -> int | None:
        """Return the most padded units in one training pass, or ``None`` without bound."""
        limits = [limit for limit in (self._recipe.batch_tokens, state.pass_limit) if limit is not None]
        return min(limits, default=None)

    def gradients(self, state: LoopState, batch: np.ndarray, passes: list[Pass]) -> Tensor:
        """Accumulate the gradients of ``batch``, in smaller passes if those given do not fit; return its loss.

        The limit that was found is kept in ``state``.

        Raises:
            TrainingFailed: one example alone does not fit.
        """
        while True:
            try:
                return self._stepper.accumulate(passes)
            except OutOfMemory as error:
                lengths = self._feed.lengths[error.examples]
            halved = self._halved(lengths, state)
            # A pass that was collated ahead may be larger than what was found since.
            state.pass_limit = min(halved, state.pass_limit or halved)
            passes = self._feed.passes(batch, self.limit(state))

    def outputs(self, state: LoopState, inputs: Inputs, group: Group) -> Tensor:
        """Return the network's outputs, float32 [examples, …] on the CPU; all of ``group`` get all of them.

        Raises:
            TrainingFailed: one example alone does not fit.
        """
        most = max(INFERENCE_EXAMPLES, 2 * self._recipe.batch_size)
        while True:
            try:
                return network_outputs(self._stepper, inputs, group, units=self._inference_units, most=most)
            except OutOfMemory as error:
                lengths = np.asarray(inputs.lengths)[error.examples]
            self._inference_units = self._halved(lengths, state)

    def _halved(self, lengths: np.ndarray, state: LoopState) -> int:
        clear_device_cache(garbage_collection=True)
        if len(lengths) == 1:
            _give_up(state)
        self._progress.note(f"out of memory with {len(lengths)} examples at once: going on with half of that at most")
        return max(1, int(lengths.max()) * len(lengths) // 2)


def _give_up(state: LoopState) -> NoReturn:
    raise TrainingFailed(
        "memory does not hold one example",
        where=state.place(state.batch + 1),
        hint="shorten the examples (--set max_tokens=…), train less (--method lora or head), or free memory",
    )
