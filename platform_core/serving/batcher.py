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
from platform_core.modeling.model import EncoderRuntime, Model, forward_rows
from platform_core.modeling.text_encoder import TokenIds
from platform_core.sdk import Overloaded

MOST_WAITING = 4096


@dataclass
class _Ticket:
    """The rows of one request, and where its scores go."""

    model: Model
    ids: Sequence[TokenIds]
    scores: Future[list[Tensor]] = field(default_factory=Future)


class Lane:
    """The queue and the thread of one encoder.

    Args:
        runtime: the encoder.
        max_tokens: most tokens in one padded batch.
        max_delay: seconds that a first request waits for company.
    """

    def __init__(self, runtime: EncoderRuntime, *, max_tokens: int, max_delay: float) -> None:
        self._runtime = runtime
        self._max_tokens = max_tokens
        self._max_delay = max_delay
        self._waiting: queue.Queue[_Ticket | None] = queue.Queue(MOST_WAITING)
        self._thread = threading.Thread(target=self._work, name="lane", daemon=True)
        self._thread.start()

    def submit(self, model: Model, ids: Sequence[TokenIds]) -> Future[list[Tensor]]:
        """Queue rows of ``model``; the future gives the scores of each row.

        Raises:
            Overloaded: too many requests wait already.
        """
        ticket = _Ticket(model, ids)
        try:
            self._waiting.put_nowait(ticket)
        except queue.Full:
            raise Overloaded("too many requests are waiting", hint="try again in a moment") from None
        return ticket.scores

    def close(self) -> None:
        """Answer what is queued, then stop."""
        self._waiting.put(None)
        self._thread.join()

    def _work(self) -> None:
        open_for_more = True
        while open_for_more:
            tickets, open_for_more = self._gather()
            tickets = [t for t in tickets if t.scores.set_running_or_notify_cancel()]
            try:
                found = self._forward(tickets)
            except Exception:
                self._forward_one_by_one(tickets)
            else:
                for ticket, scores in zip(tickets, found, strict=True):
                    ticket.scores.set_result(scores)

    def _gather(self) -> tuple[list[_Ticket], bool]:
        """Return the requests of the next batch, and whether more may come."""
        first = self._waiting.get()
        if first is None:
            return [], False
        tickets, tokens = [first], sum(map(len, first.ids))
        deadline = time.monotonic() + self._max_delay
        while tokens < self._max_tokens:
            try:
                ticket = self._waiting.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                break
            if ticket is None:
                return tickets, False
            tickets.append(ticket)
            tokens += sum(map(len, ticket.ids))
        return tickets, True

    def _forward(self, tickets: Sequence[_Ticket]) -> list[list[Tensor]]:
        rows = [(ticket.model, ids) for ticket in tickets for ids in ticket.ids]
        found: list[Tensor | None] = [None] * len(rows)
        for batch in inference_batches([len(ids) for _, ids in rows], self._max_tokens, most=256):
            for index, scores in zip(batch, forward_rows([rows[i] for i in batch]), strict=True):
                found[index] = scores
        ordered = iter(found)
        return [[next(ordered) for _ in ticket.ids] for ticket in tickets]  # type: ignore[misc]

    def _forward_one_by_one(self, tickets: Sequence[_Ticket]) -> None:
        """After a batch failed: the request that caused it fails, the others are answered."""
        for ticket in tickets:
            try:
                ticket.scores.set_result(self._forward([ticket])[0])
            except Exception as error:
                ticket.scores.set_exception(error)
