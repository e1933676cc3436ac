"""A loop that tells its weights when it is done, in each of the processes that share it."""

from __future__ import annotations

import os
from pathlib import Path

from safetensors.torch import save_file

from platform_core.finetune.loop.keeper import Keeper
from platform_core.finetune.loop.state import LoopState, trainable

TOLD = "TOLD_WEIGHTS"
"""Environment variable: the folder that weights are written to."""


class TellingKeeper(Keeper):
    """Writes the weights after the last step, before the best ones are put back."""

    def restore_best(self, state: LoopState) -> None:
        weights = {name: value.detach().clone() for name, value in trainable(self._trainee.network).items()}
        save_file(weights, Path(os.environ[TOLD]) / f"{self._group.index}.safetensors")
        super().restore_best(state)
