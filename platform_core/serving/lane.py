"""The lane of an encoder: requests for all its models join one queue, and passes run side by side.

A worker that is free takes what waits, up to a pass; while it computes, the next pass gathers. So batches grow with the
load by themselves, and a lone request waits for nobody. On a CPU each worker multiplies on one thread: passes side by
side wait less for each other than the threads within one. A pass that is alone takes all threads.
"""

from __future__ import annotations

import math
import threading
import time
import weakref
from dataclasses import dataclass, field

import torch

from platform_core.modeling.model import Model
from platform_core.sdk import ModelFailed, Overloaded
from platform_core.serving.passes import answer
from platform_core.serving.queueing import TicketQueue
from platform_core.serving.tickets import Slice, Ticket, too_late

CPU_TOKENS, GPU_TOKENS = 512, 16384

WATCH_SECONDS = 0.25
"""How often workers are looked at."""

_MEMORY = 0.9
"""What of the earlier passes counts, beside the last one, for how long an example takes: full passes count for more."""

_COLD_PASSES = 5

REST_SECONDS = 30.0
"""How long a model that hung is not asked: each time costs a thread that cannot be stopped."""


@dataclass(frozen=True)
class LaneLimits:
    """What a lane may do.

    Attributes:
        workers: passes side by side.
        threads: of a pass that is alone.
        pass_tokens: most tokens in a pass.
        delay: seconds that a pass waits for company while others compute.
        waiting: most requests in the queue.
        patience: most seconds that a request may expect to wait; who would wait longer is turned away at once.
        hang: seconds after which a pass counts as hanging.
    """

    workers: int
    threads: int
    pass_tokens: int
    delay: float
    waiting: int = 4096
    patience: float = 5.0
    hang: float = 10.0

    @classmethod
    def of(cls, device: torch.device, *, tokens: int | None, delay: float, patience: float, hang: float) -> LaneLimits:
        """Return what suits a device.

        Args:
            device: where encoders compute.
            tokens: most tokens in a pass; if left out, what a core's own cache holds, or a GPU keeps busy.
            delay, patience, hang: see above.
        """
        on_cpu = device.type == "cpu"
        cores = torch.get_num_threads() if on_cpu else 1
        tokens = tokens or (CPU_TOKENS if on_cpu else GPU_TOKENS)
        return cls(workers=cores, threads=cores, pass_tokens=tokens, delay=delay, patience=patience, hang=hang)


@dataclass(eq=False)
class _Worker:
    """What a thread computes: slices that are ready, whose code runs, and since when."""

    slices: list[Slice] = field(default_factory=list)
    preparing: Ticket | None = None
    suspect: Model | None = None
    since: float = 0.0
    given_up: bool = False
    thread: threading.Thread | None = None

    @property
    def tickets(self) -> list[Ticket]:
        """All that wait for it."""
        return [part.ticket for part in self.slices] + ([self.preparing] if self.preparing else [])

    def begin(self, suspect: Model | None) -> None:
        """Note whose code runs from now on; ``None``: the encoder's."""
        self.suspect, self.since = suspect, time.monotonic()


class Lane:
    """The queue and the workers of one encoder.

    It holds neither the encoder nor a model while nothing waits, so that those that nobody else holds can go.
    """

    def __init__(self, limits: LaneLimits) -> None:
        self._limits = limits
        self._queue = TicketQueue()
        self._passes = 0
        self._lately = (0.0, 0.0)
        # It may be entered anew by the garbage collector, which stops the lane of an encoder that it removes.
        self._changed = threading.Condition(threading.RLock())
        self._closed = False
        self._resting: weakref.WeakKeyDictionary[Model, float] = weakref.WeakKeyDictionary()
        self._busy: set[_Worker] = set()
        self._workers: set[_Worker] = set()
        for _ in range(limits.workers):
            self._start_worker()
        threading.Thread(target=self._watch, name="lane-watch", daemon=True).start()

    @property
    def waiting(self) -> int:
        """Examples that no pass has taken yet."""
        with self._changed:
            return self._queue.examples

    def submit(self, ticket: Ticket) -> None:
        """Queue a ticket.

        Raises:
            Overloaded: too many wait already, it would wait too long, or the lane is closed.
            ModelFailed: the model has just hung.
        """
        with self._changed:
            if self._closed:
                raise Overloaded("the server is stopping", hint="try again in a moment")
            if self._resting.get(ticket.model, 0.0) > time.monotonic():
                raise ModelFailed(
                    "the model did not come to an end, and rests for a while",
                    where=ticket.model.spec.solution,
                    hint="go back to an earlier version, or try again in half a minute",
                )
            tickets, examples = self._queue.before(ticket.priority)
            seconds, answered = self._lately
            wait = examples * seconds / max(answered, 1.0) / self._limits.workers
            if tickets >= self._limits.waiting or wait > self._limits.patience:
                raise Overloaded(
                    "too many requests are waiting",
                    hint="try again in a moment",
                    details={"retry_after": max(1, math.ceil(wait))},
                )
            self._push(ticket)

    def _push(self, ticket: Ticket) -> None:
        self._queue.push(ticket)
        self._changed.notify()

    def stop(self) -> None:
        """Take no more; what is queued is answered. Returns at once."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def close(self) -> None:
        """Answer what is queued, then stop; who hangs is not waited for longer than a pass may take."""
        self.stop()
        with self._changed:
            threads = [worker.thread for worker in self._workers if worker.thread is not None]
        for thread in threads:
            thread.join(self._limits.hang + 2 * WATCH_SECONDS)

    def _start_worker(self) -> None:
        worker = _Worker()
        worker.thread = threading.Thread(target=self._work, args=(worker,), name="lane", daemon=True)
        self._workers.add(worker)
        worker.thread.start()

    def _work(self, worker: _Worker) -> None:
        while not worker.given_up and self._gather(worker):
            torch.set_num_threads(self._limits.threads if self._is_alone() else 1)
            started = time.monotonic()
            answer(worker.slices, worker.begin)
            with self._changed:
                if not worker.given_up:
                    self._learn(time.monotonic() - started, sum(len(part.rows) for part in worker.slices))
                self._busy.discard(worker)
                worker.slices, worker.suspect = [], None

    def _learn(self, seconds: float, examples: int) -> None:
        """Note what a pass took; the first ones, which load and warm up, tell nothing."""
        self._passes += 1
        if self._passes > _COLD_PASSES:
            before, answered = self._lately
            self._lately = (_MEMORY * before + seconds, _MEMORY * answered + examples)

    def _is_alone(self) -> bool:
        with self._changed:
            return self._limits.workers == 1 or (len(self._busy) == 1 and not self._queue)

    def _gather(self, worker: _Worker) -> bool:
        """Take what makes the next pass; return whether there was something before the lane closed."""
        room, until = self._limits.pass_tokens, None
        while room > 0:
            ticket = self._next(worker, until)
            if ticket is None:
                break
            ready = ticket.prepare()
            with self._changed:
                worker.preparing = None
                if worker.given_up:
                    return False
                if not ready:
                    continue
                part = ticket.take(room)
                if not part.rows:
                    continue
                worker.slices.append(part)
                room -= part.cost
                if ticket.queue_again():
                    self._push(ticket)
                if until is None:
                    until = time.monotonic() + (self._limits.delay if len(self._busy) > 1 else 0.0)
        with self._changed:
            if not worker.slices:
                self._busy.discard(worker)
        return bool(worker.slices)

    def _next(self, worker: _Worker, until: float | None) -> Ticket | None:
        """Hand the ticket that goes first to ``worker``, waiting for one until ``until``, or until the lane closes."""
        with self._changed:
            if not worker.slices:
                self._busy.discard(worker)
            while not self._queue:
                left = None if until is None else until - time.monotonic()
                if self._closed or (left is not None and left <= 0):
                    return None
                self._changed.wait(left)
            ticket = self._queue.pop()
            worker.preparing = ticket
            worker.begin(ticket.model)
            self._busy.add(worker)
            return ticket

    def _watch(self) -> None:
        """Give up passes that hang: the model that hangs fails, the other tickets go back to the queue."""
        while True:
            time.sleep(WATCH_SECONDS)
            with self._changed:
                if self._closed and not self._queue and not self._busy:
                    return
                late = time.monotonic() - self._limits.hang
                for worker in [w for w in self._busy if w.since < late]:
                    self._give_up(worker)

    def _give_up(self, worker: _Worker) -> None:
        worker.given_up = True
        self._busy.discard(worker)
        self._workers.discard(worker)
        hanging = worker.suspect
        if hanging is not None:
            self._resting[hanging] = time.monotonic() + REST_SECONDS
        for ticket in worker.tickets:
            if hanging is None or ticket.model is hanging:
                ticket.fail(too_late())
            elif ticket.start_over():
                self._push(ticket)
        self._start_worker()
        self._changed.notify_all()
