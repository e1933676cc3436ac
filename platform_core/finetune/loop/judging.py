"""How good a network is at the moment: its outputs on the validation split, and the score that they earn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from platform_core.finetune.loop.group import Group
from platform_core.finetune.loop.guards import OutOfMemory, is_out_of_memory
from platform_core.finetune.loop.selection import tie_of
from platform_core.finetune.loop.steps import Stepper
from platform_core.finetune.networks import Inputs
from platform_core.modeling.batching import split_batch


@dataclass(frozen=True)
class Validation:
    """What a network is judged on.

    Attributes:
        inputs: the validation split.
        score: of a network's outputs, float32 [examples, …], on it; larger is better.
        tie: scores nearer than this are level; by default what chance does to a score between 0 and 1.
    """

    inputs: Inputs
    score: Callable[[Tensor], float]
    tie: float | None = None

    @property
    def tie_width(self) -> float:
        """The difference below which scores are level."""
        return tie_of(len(self.inputs.lengths)) if self.tie is None else self.tie


def network_outputs(stepper: Stepper, inputs: Inputs, group: Group, *, units: int, most: int) -> Tensor:
    """Return the outputs of the network in evaluation mode, float32 [examples, …] on the CPU.

    Args:
        stepper: runs the network.
        inputs: what to run it on, at least one example.
        group: processes that share the work; all get all outputs.
        units: most padded units in a pass.
        most: most examples in a pass.

    Raises:
        OutOfMemory: a pass does not fit.
    """
    lengths = np.asarray(inputs.lengths, np.int64)
    order = np.argsort(-lengths, kind="stable")
    mine = order[group.index :: group.size]
    rows = []
    for part in split_batch(mine if len(mine) else order[:1], lengths, units, most):
        try:
            with torch.inference_mode():
                rows.append(stepper.outputs(inputs.collate(part)))
        except Exception as error:
            if is_out_of_memory(error):
                raise OutOfMemory(part) from error
            raise
    found = torch.cat(rows)
    outputs = found.new_zeros((len(order), *found.shape[1:]))
    if len(mine):
        outputs[torch.from_numpy(mine).to(found.device)] = found
    group.sum(outputs)
    return outputs.cpu()
