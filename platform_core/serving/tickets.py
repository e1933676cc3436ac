"""What waits in a lane: the examples of one request for one model, answered slice by slice."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from platform_core.modeling.model import Model
from platform_core.modeling.rows import Row
from platform_core.sdk import DeadlineExceeded, Example

Predictions = list[dict[str, Any]]

_numbers = itertools.count()


class Ticket:
    """Examples of one request, their model, and where the predictions go.

    Args:
        model: who is asked.
        finish: returns the finished examples; called by the lane, off the event loop.
        deadline: moment of the monotonic clock after which nobody waits any more.
        examples: how many examples there will be.
        priority: tickets with a greater one go first.

    Attributes:
        predictions: one per example.
    """

    def __init__(
        self,
        model: Model,
        finish: Callable[[], Sequence[Example]],
        *,
        deadline: float,
        examples: int = 1,
        priority: int = 0,
    ) -> None:
        self.model = model
        self.deadline = deadline
        self.predictions: Future[Predictions] = Future()
        self._finish = finish
        self._examples = examples
        self.priority = priority
        self._number = next(_numbers)
        self._rows: Sequence[Row] | None = None
        self._taken = 0
        self._scores: list[Tensor | None] = []
        self._lock = threading.Lock()

    def __lt__(self, other: Ticket) -> bool:
        """Tell whether this one goes first."""
        return (-self.priority, self._number) < (-other.priority, other._number)

    @property
    def is_settled(self) -> bool:
        """Whether nobody waits any more."""
        return self.predictions.done()

    @property
    def waiting(self) -> int:
        """Examples that no pass has taken yet."""
        return self._examples - self._taken

    def prepare(self) -> bool:
        """Make rows of the examples; return whether there is something to compute: else the ticket is settled."""
        if self.is_settled:
            return False
        if time.monotonic() > self.deadline:
            self.fail(too_late())
            return False
        if self._rows is None:
            try:
                self._rows = self.model.prepare(self._finish())
            except Exception as error:
                self.fail(error)
                return False
            self._scores = [None] * len(self._rows)
            if not self._rows:
                self._settle([])
        return bool(self._rows)

    def take(self, tokens: int) -> Slice:
        """Return the next rows, as many as fit ``tokens``, one at least where there are some."""
        assert self._rows is not None
        start = end = self._taken
        while end < len(self._rows) and (end == start or tokens >= self._rows[end].cost):
            tokens -= self._rows[end].cost
            end += 1
        self._taken = end
        return Slice(self, start, self._rows[start:end])

    def queue_again(self) -> bool:
        """Go behind those who wait already; return whether there are rows left to take."""
        assert self._rows is not None
        self._number = next(_numbers)
        return self._taken < len(self._rows) and not self.is_settled

    def start_over(self) -> bool:
        """Forget what was taken, after a pass was given up; return whether somebody still waits."""
        with self._lock:
            self._taken = 0
        return not self.is_settled

    def give(self, start: int, scores: Sequence[Tensor]) -> None:
        """Write the scores of the rows from ``start`` on; with the last of them, decode and settle."""
        assert self._rows is not None
        with self._lock:
            self._scores[start : start + len(scores)] = scores
            found = [row for row in self._scores if row is not None]
        if len(found) == len(self._rows):
            self._settle(self.model.decode(torch.stack(found), self._rows))

    def fail(self, error: Exception) -> None:
        """Give an error to whoever still waits."""
        with suppress(InvalidStateError):
            self.predictions.set_exception(error)

    def _settle(self, predictions: Predictions) -> None:
        with suppress(InvalidStateError):
            self.predictions.set_result(predictions)


@dataclass(frozen=True)
class Slice:
    """Rows of a ticket that go into one pass."""

    ticket: Ticket
    start: int
    rows: Sequence[Row]

    @property
    def cost(self) -> int:
        """Tokens of all rows."""
        return sum(row.cost for row in self.rows)


def too_late() -> DeadlineExceeded:
    """Return the error for answers that come after their deadline."""
    return DeadlineExceeded(
        "the answer took too long",
        hint="ask for fewer examples at a time, try again later, or raise the setting request_timeout_s",
    )
