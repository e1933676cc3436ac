"""What waits in a lane: tickets by priority, and how many examples go before a newcomer."""

from __future__ import annotations

import heapq
from collections import Counter

from platform_core.serving.tickets import Ticket


class TicketQueue:
    """Tickets, those with the greatest priority first; its owner sees to it that one thread is inside at a time."""

    def __init__(self) -> None:
        self._heap: list[Ticket] = []
        self._examples: dict[Ticket, int] = {}
        self._waiting: Counter[int] = Counter()
        self._tickets: Counter[int] = Counter()

    def __len__(self) -> int:
        return len(self._heap)

    @property
    def examples(self) -> int:
        """Examples of all tickets."""
        return self._waiting.total()

    def before(self, priority: int) -> tuple[int, int]:
        """Return how many tickets and examples would go before a new ticket."""
        counts = (self._tickets, self._waiting)
        tickets, examples = (sum(count[p] for p in count if p >= priority) for count in counts)
        return tickets, examples

    def push(self, ticket: Ticket) -> None:
        """Add a ticket; of one that is there already, note how many of its examples wait now."""
        if ticket in self._examples:
            self._waiting[ticket.priority] -= self._examples[ticket]
        else:
            heapq.heappush(self._heap, ticket)
            self._tickets[ticket.priority] += 1
        self._examples[ticket] = ticket.waiting
        self._waiting[ticket.priority] += ticket.waiting

    def pop(self) -> Ticket:
        """Return the ticket that goes first, which does not wait any more."""
        ticket = heapq.heappop(self._heap)
        self._waiting[ticket.priority] -= self._examples.pop(ticket)
        self._tickets[ticket.priority] -= 1
        return ticket
