"""The queue of a lane: the order of tickets, and how much goes before a newcomer."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from platform_core.modeling.rows import Row
from platform_core.serving.queueing import TicketQueue
from platform_core.serving.tickets import Ticket

MODEL: Any = SimpleNamespace(prepare=lambda examples: [Row([1, 2])] * examples)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("new"), st.integers(-1, 2), st.integers(1, 9)),
        st.tuples(st.sampled_from(["take", "again"]), st.integers(1, 5), st.integers(0, 3)),
    ),
    max_size=40,
)


@given(STEPS)
def test_what_waits_is_counted_exactly(steps):
    """Tickets come, are taken in parts, and start over, also while the rest of them waits."""
    queue, inside, outside = TicketQueue(), [], []
    for step, number, size in steps:
        if step == "new":
            ticket = Ticket(MODEL, lambda size=size: size, deadline=float("inf"), examples=size, priority=number)
            ticket.prepare()
            queue.push(ticket)
            inside.append(ticket)
        elif step == "take" and inside:
            ticket = queue.pop()
            assert ticket is min(inside)
            inside.remove(ticket)
            ticket.take(2 * number)
            if ticket.queue_again():
                queue.push(ticket)
                inside.append(ticket)
            else:
                outside.append(ticket)
        elif step == "again" and inside + outside:
            ticket = (inside + outside)[size % len(inside + outside)]
            ticket.start_over()
            queue.push(ticket)
            if ticket in outside:
                outside.remove(ticket)
                inside.append(ticket)
        assert len(queue) == len(inside)
        assert queue.examples == sum(ticket.waiting for ticket in inside)
        for priority in range(-1, 3):
            before = [ticket for ticket in inside if ticket.priority >= priority]
            assert queue.before(priority) == (len(before), sum(ticket.waiting for ticket in before))
