"""How a loop tells where it stands: speed, time left, and the values of its steps, not too often."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from platform_core.sdk import Progress

OnStep = Callable[[int, Mapping[str, float]], object]
"""Is given the number of steps so far, and ``loss``, ``rate`` and ``examples_per_second``."""

PROGRESS_SECONDS = 0.05
STEP_SECONDS = 0.5


class Meter:
    """Tells ``progress`` at most twenty times a second, and ``on_step`` at most twice, and at the end of an epoch.

    Args:
        progress: is given ``loss`` (of the epoch so far), ``examples_per_second``, ``tokens_per_second`` where
            examples have lengths, and ``seconds_left``.
        on_step: is given the mean loss since it was told last.
    """

    def __init__(self, progress: Progress, on_step: OnStep | None) -> None:
        self._progress = progress
        self._on_step = on_step
        self._losses: list[float] = []
        self._steps = self._examples = self._tokens = self._to_come = 0
        self._began = self._told_at = self._wrote_at = 0.0

    def begin(self, name: str, batches: int, done: int, to_come: int) -> None:
        """An epoch begins, or goes on after ``done`` of its ``batches``; ``to_come`` examples are left in the run."""
        self._progress.stage(name, batches)
        if done:
            self._progress.advance(done)
        self._losses.clear()
        self._steps = self._examples = self._tokens = 0
        self._to_come = to_come
        self._began = self._told_at = self._wrote_at = time.perf_counter()

    def step(self, examples: int, tokens: int) -> None:
        """A step is done, of so many examples and tokens (0: they are not counted)."""
        self._steps += 1
        self._examples += examples
        self._tokens += tokens

    def losses(self, values: Sequence[float]) -> None:
        """The losses of the last steps are known."""
        self._losses += values

    def tell(self, step: int, mean_loss: float, rate: float, *, now: float | None = None) -> None:
        """Tell how it goes, if it is time; without ``now``, it is."""
        if now is None or now - self._told_at >= PROGRESS_SECONDS:
            told_at = now or time.perf_counter()
            self._progress.advance(self._steps, loss=mean_loss, **self._speed(told_at))
            self._steps, self._told_at = 0, told_at
        if self._on_step and self._losses and (now is None or now - self._wrote_at >= STEP_SECONDS):
            wrote_at = now or time.perf_counter()
            loss = sum(self._losses) / len(self._losses)
            speed = self._speed(wrote_at)["examples_per_second"]
            self._on_step(step, {"loss": loss, "rate": rate, "examples_per_second": speed})
            self._losses.clear()
            self._wrote_at = wrote_at

    def _speed(self, now: float) -> dict[str, float]:
        seconds = max(now - self._began, 1e-9)
        speed = self._examples / seconds
        told = {"examples_per_second": speed}
        if self._tokens:
            told["tokens_per_second"] = self._tokens / seconds
        if speed > 0:
            told["seconds_left"] = max(0, self._to_come - self._examples) / speed
        return told
