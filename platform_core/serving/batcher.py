"""One lane per encoder: requests for all its models join one batch, and the encoder runs once for all of them."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from torch import Tensor

from platform_core.modeling.batching import inference_batches
from platform_core.modeling.model import Model, forward_rows
from platform_core.modeling.rows import Row
from platform_core.sdk import Overloaded

MOST_WAITING = 4096


@dataclass
class _Ticket:
    """The rows of one request, and where its scores go."""

    model: Model
    rows: Sequence[Row]
    scores: Future[list[Tensor]] = field(default_factory=Future)

    @property
    def cost(self) -> int:
        return sum(row.cost for row in self.rows)


class Lane:
    """The queue and the thread of one encoder.

    It holds neither the encoder nor a model while nothing waits, so that those that nobody else holds can go.

    Args:
        max_tokens: most tokens in one padded batch.
        max_delay: seconds that a first request waits for company.
    """

    def __init__(self, *, max_tokens: int, max_delay: float) -> None:
        self._max_tokens = max_tokens
        self._max_delay = max_delay
        # Both may be entered anew by the garbage collector, which stops the lane of an encoder that it removes.
        self._waiting: queue.SimpleQueue[_Ticket | None] = queue.SimpleQueue()
        self._lock = threading.RLock()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="lane", daemon=True)
        self._thread.start()

    def submit(self, model: Model, rows: Sequence[Row]) -> Future[list[Tensor]]:
        """Queue rows of ``model``; the future gives the scores of each row.

        Raises:
            Overloaded: too many requests wait already, or the lane is closed.
        """
        ticket = _Ticket(model, rows)
        with self._lock:
            if self._closed:
                raise Overloaded("the server is stopping", hint="try again in a moment")
            if self._waiting.qsize() >= MOST_WAITING:
                raise Overloaded("too many requests are waiting", hint="try again in a moment")
            self._waiting.put(ticket)
        return ticket.scores

    def stop(self) -> None:
        """Take no more; what is queued is answered. Returns at once."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._waiting.put(None)

    def close(self) -> None:
        """Answer what is queued, then stop."""
        self.stop()
        self._thread.join()

    def _work(self) -> None:
        while self._answer_batch():
            pass

    def _answer_batch(self) -> bool:
        """Answer the requests of one batch; return whether more may come."""
        tickets, open_for_more = self._gather()
        tickets = [t for t in tickets if t.scores.set_running_or_notify_cancel()]
        try:
            found = self._forward(tickets)
        except Exception:
            self._forward_one_by_one(tickets)
        else:
            for ticket, scores in zip(tickets, found, strict=True):
                ticket.scores.set_result(scores)
        return open_for_more

    def _gather(self) -> tuple[list[_Ticket], bool]:
        """Return the requests of the next batch, and whether more may come."""
        first = self._waiting.get()
        if first is None:
            return [], False
        tickets, tokens = [first], first.cost
        deadline = time.monotonic() + self._max_delay
        while tokens < self._max_tokens:
            try:
                ticket = self._waiting.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                break
            if ticket is None:
                return tickets, False
            tickets.append(ticket)
            tokens += ticket.cost
        return tickets, True

    def _forward(self, tickets: Sequence[_Ticket]) -> list[list[Tensor]]:
        rows = [(ticket.model, row) for ticket in tickets for row in ticket.rows]
        found: list[Tensor | None] = [None] * len(rows)
        for batch in inference_batches([row.cost for _, row in rows], self._max_tokens, most=256):
            for index, scores in zip(batch, forward_rows([rows[i] for i in batch]), strict=True):
                found[index] = scores
        ordered = iter(found)
        return [[next(ordered) for _ in ticket.rows] for ticket in tickets]  # type: ignore[misc]

    def _forward_one_by_one(self, tickets: Sequence[_Ticket]) -> None:
        """After a batch failed: the request that caused it fails, the others are answered."""
        for ticket in tickets:
            try:
                ticket.scores.set_result(self._forward([ticket])[0])
            except Exception as error:
                ticket.scores.set_exception(error)
