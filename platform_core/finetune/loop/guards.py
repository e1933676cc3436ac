"""What may go wrong in a step, and is not the end of it: memory that runs out, a loss that is no number."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from accelerate.utils.memory import should_reduce_batch_size

from platform_core.sdk import TrainingFailed

MOST_ROLLBACKS = 3
"""A loop goes back to its last checkpoint this often; then it gives up."""
RATE_CUT = 0.5
"""Factor of all rates after each time."""
LEAST_LOSS_SCALE = 1e-3
"""A loss scaler that has come down to this has met nothing but overflows."""


class OutOfMemory(Exception):
    """Memory ran out in a pass of these ``examples``, indices."""

    def __init__(self, examples: np.ndarray) -> None:
        super().__init__(f"out of memory with {len(examples)} examples")
        self.examples = examples


class NonFinite(Exception):
    """A loss or a gradient is no finite number; ``what`` says which, ``batch`` counts from 1 in the epoch."""

    def __init__(self, what: str, batch: int) -> None:
        super().__init__(what)
        self.what = what
        self.batch = batch


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether ``error`` means that a smaller batch may fit."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, Exception) and should_reduce_batch_size(error)


@contextmanager
def must_fit(what: str) -> Iterator[None]:
    """Turn memory that runs out inside, where no smaller batch helps, into an error that says so.

    Raises:
        TrainingFailed: ``what`` does not fit.
    """
    try:
        yield
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        raise TrainingFailed(
            f"{what} does not fit into memory",
            hint="train less of it (--method lora or head), choose a smaller encoder, or use a larger machine",
        ) from error
