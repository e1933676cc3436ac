"""Bounding a stream of points without losing its shape."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable


class Thinning:
    """The steps of one stream that are kept: at most ``limit``, about evenly spread over all of them.

    Points nearer to their predecessor than ``gap`` are not taken. Where the limit is passed, the gap doubles and the
    points that are now too near go: at least half of them stay.

    Args:
        limit: most steps that are kept, at least 2.
        steps: kept by an earlier process, rising.
    """

    def __init__(self, limit: int, steps: Iterable[int] = ()) -> None:
        self.steps = list(steps)
        self._limit = limit
        self._gap = 1

    def take(self, step: int) -> bool:
        """Keep ``step``, which is greater than all before; ``False`` where it is too near to the last one."""
        if self.steps and step < self.steps[-1] + self._gap:
            return False
        self.steps.append(step)
        while len(self.steps) > self._limit:
            self._gap *= 2
            self.steps = _spaced(self.steps, self._gap)
        return True

    def take_last(self, step: int) -> None:
        """Keep ``step`` whatever its distance: it ends the stream."""
        if len(self.steps) >= self._limit:
            self.steps.pop()
        self.steps.append(step)

    def forget_from(self, step: int) -> None:
        """Forget ``step`` and all later ones."""
        del self.steps[bisect_left(self.steps, step) :]


def _spaced(steps: list[int], gap: int) -> list[int]:
    kept = steps[:1]
    for step in steps[1:]:
        if step - kept[-1] >= gap:
            kept.append(step)
    return kept
