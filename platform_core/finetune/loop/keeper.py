"""Keeping a loop's state: when a checkpoint is due, the best weights, and the way back when a loss is no number."""

from __future__ import annotations

import time

from platform_core.finetune.loop.checkpoint import Checkpoints, best_name
from platform_core.finetune.loop.group import Group
from platform_core.finetune.loop.guards import MOST_ROLLBACKS, RATE_CUT, NonFinite
from platform_core.finetune.loop.state import LoopState, Trainee
from platform_core.sdk import TrainingFailed

CHECKPOINT_SECONDS = 20.0
"""A checkpoint at least this often, unless writing it would take over a twentieth of the time."""


class Keeper:
    """Keeps the state of a loop in ``checkpoints``; in a group, the first process does so for all."""

    def __init__(self, checkpoints: Checkpoints, trainee: Trainee, group: Group) -> None:
        self._checkpoints = checkpoints
        self._trainee = trainee
        self._group = group
        self._saved_at = time.perf_counter()
        self._cost = 0.0
        self._saved_best: str | None = None

    def load(self) -> LoopState | None:
        """Restore the last checkpoint; return its state, or ``None`` if there is none."""
        state = self._checkpoints.load(self._trainee)
        self._group.wait()  # until all have read it, nobody may replace it
        self._saved_best = state.best_file if state else None
        return state

    def is_due(self, now: float) -> bool:
        """Tell whether it is time for a checkpoint; ``now`` is of :func:`time.perf_counter`."""
        return now - self._saved_at > max(CHECKPOINT_SECONDS, 20 * self._cost)

    def save(self, state: LoopState) -> None:
        """Replace the checkpoint.

        Raises:
            StorageFull: no room.
        """
        started = time.perf_counter()
        if self._group.is_first:
            self._checkpoints.save(state, self._trainee)
        self._saved_best = state.best_file
        self._saved_at = time.perf_counter()
        self._cost = self._saved_at - started

    def save_best(self, state: LoopState) -> None:
        """Keep the present weights as the best, those of the epoch in progress."""
        state.best_file = best_name(state.epoch + 1)
        if self._group.is_first:
            self._checkpoints.save_best(state.epoch + 1, self._trainee.network)

    def restore_best(self, state: LoopState) -> None:
        """Put the best weights into the network; without validation, those are the last ones, or their average."""
        if state.best_file is None and self._trainee.average is not None:
            self._trainee.average.keep()
        elif state.best_file is not None and self._group.is_first:
            self._checkpoints.restore_best(state.best_file, self._trainee.network)

    def forget_others(self, state: LoopState) -> None:
        """Remove best weights that neither ``state`` nor the checkpoint that stands will ask for."""
        if self._group.is_first:
            self._checkpoints.forget_all_but(self._saved_best, state.best_file)

    def go_back(self, state: LoopState, failure: NonFinite) -> LoopState:
        """Return to the last checkpoint with lower rates; ``state`` is that of the failure.

        Raises:
            TrainingFailed: that was done often enough.
        """
        if state.rollbacks == MOST_ROLLBACKS:
            raise TrainingFailed(
                f"{failure.what}, also after {MOST_ROLLBACKS} returns to a checkpoint with lower rates",
                where=state.place(failure.batch),
                hint="lower the rate: --set learning_rate=…, or use --set precision=fp32; "
                "if it happens early, look for extreme values in the data",
            )
        restored = self.load()
        if restored is None:
            raise TrainingFailed(
                f"{failure.what}, and the checkpoint to return to is gone",
                where=state.place(failure.batch),
                hint="train again, and keep others from writing into the run's folder",
            )
        restored.rollbacks = state.rollbacks + 1
        restored.rate_factor = state.rate_factor * RATE_CUT
        restored.pass_limit, restored.train_seconds = state.pass_limit, state.train_seconds
        self.save(restored)
        return restored
