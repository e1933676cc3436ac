"""The lanes of all encoders in use."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
import weakref
from collections.abc import Callable, Sequence

from platform_core.modeling.model import Model
from platform_core.modeling.runtime import Runtime
from platform_core.sdk import Example, Overloaded
from platform_core.serving.lane import Lane, LaneLimits
from platform_core.serving.tickets import Predictions, Ticket, too_late

_SWITCH_SECONDS = 0.0005


class Lanes:
    """One lane for each encoder that is asked: shared ones, and those of `full` fine-tunes.

    Args:
        limits: what a lane may do.
    """

    def __init__(self, limits: LaneLimits) -> None:
        self._limits = limits
        # Workers compute side by side, in many short operations: by default each would wait 5 ms for the interpreter
        # when the other happens to run Python.
        sys.setswitchinterval(min(sys.getswitchinterval(), _SWITCH_SECONDS))
        # A lane goes with its encoder: that of a `full` fine-tune goes with the last holder of its model.
        self._lanes: weakref.WeakKeyDictionary[Runtime, Lane] = weakref.WeakKeyDictionary()
        self._closed = False
        self._lock = threading.Lock()

    @property
    def waiting(self) -> int:
        """Examples that wait in all lanes."""
        with self._lock:
            return sum(lane.waiting for lane in self._lanes.values())

    async def answer(
        self,
        model: Model,
        finish: Callable[[], Sequence[Example]],
        *,
        examples: int,
        deadline: float,
        priority: int = 0,
    ) -> Predictions:
        """Return one prediction for each example.

        Args:
            model: who is asked.
            finish: returns the finished examples; called in a thread of the lane.
            examples: how many they are.
            deadline: moment of the monotonic clock after which nobody waits any more.
            priority: those with a greater one go first.

        Raises:
            Overloaded: the answer would take too long, or the lanes are closed.
            DeadlineExceeded: it did not come in time.
            ModelFailed: the model's own networks fail.
        """
        ticket = Ticket(model, finish, deadline=deadline, examples=examples, priority=priority)
        self._lane(model.runtime).submit(ticket)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(ticket.predictions), deadline - time.monotonic())
        except TimeoutError:
            raise too_late() from None

    def close(self) -> None:
        """Answer what is queued, then stop."""
        with self._lock:
            self._closed = True
            lanes = list(self._lanes.values())
        for lane in lanes:
            lane.close()

    def _lane(self, runtime: Runtime) -> Lane:
        with self._lock:
            lane = self._lanes.get(runtime)
            if lane is None:
                if self._closed:
                    raise Overloaded("the server is stopping", hint="try again in a moment")
                lane = self._lanes[runtime] = Lane(self._limits)
                weakref.finalize(runtime, lane.stop).atexit = False
            return lane
