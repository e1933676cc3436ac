"""Taking turns: of work that takes long, a few run at a time, a few more wait, and the rest is turned away.

Each runs in a thread of its own, which computes on one core. Nothing waits for these threads when the server ends: what
is not done by then is told to stop, and answered 503.
"""

import asyncio
import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Concatenate, ParamSpec, TypeVar

from platform_core.sdk import Interrupted, Progress
from platform_core.sdk.errors import Overloaded

P = ParamSpec("P")
R = TypeVar("R")

RETRY_AFTER = 5
"""Seconds after which a caller who was turned away may try again."""


class Turns:
    """Runs functions in threads, so that the event loop stays free for predictions.

    Args:
        running: most functions that run at a time.
        waiting: most calls that wait for their turn.
        what: takes turns, as people call it.
        instead: command that does it without a server.
    """

    def __init__(self, running: int, waiting: int, what: str = "operations", instead: str = "verticore run") -> None:
        self._free = asyncio.Semaphore(running)
        self._most = running + waiting
        self._admitted = 0
        self._what, self._instead = what, instead
        self._patiences: set[asyncio.Timeout] = set()
        self._is_over = False

    async def take(self, function: Callable[Concatenate[Progress, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Return what ``function`` returns, once it is its turn.

        Args:
            function: is given a progress that raises :class:`Interrupted` when nobody waits for the result any more.
            args, kwargs: what it is given besides.

        Raises:
            Overloaded: too many calls wait already, or the server ends.
        """
        self.check()
        self._admitted += 1
        stop, patience = threading.Event(), asyncio.timeout(None)
        self._patiences.add(patience)
        try:
            async with patience, self._free:
                return await _in_thread(partial(function, _Interruptible(stop), *args, **kwargs))
        except TimeoutError:
            if not patience.expired():
                raise
            raise _ending() from None
        finally:
            stop.set()
            self._patiences.discard(patience)
            self._admitted -= 1

    def check(self) -> None:
        """Tell whether a call would be turned away now.

        Raises:
            Overloaded: too many calls wait already, or the server ends.
        """
        if self._is_over:
            raise _ending()
        if self._admitted >= self._most:
            raise Overloaded(
                f"too many {self._what} are running and waiting",
                hint=f"try again later, or use '{self._instead}'",
                details={"retry_after": RETRY_AFTER},
            )

    def end(self) -> None:
        """Interrupt what runs, and answer all calls that the server ends; once."""
        self._is_over = True
        for patience in self._patiences:
            patience.reschedule(0)


def _ending() -> Overloaded:
    return Overloaded("the server ends", hint="try again in a moment", details={"retry_after": RETRY_AFTER})


class _Interruptible:
    """Progress that nobody watches, and that ends the work when ``stop`` is set."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop

    def stage(self, name: str, total: int | None = None) -> None:  # noqa: ARG002 - the protocol's
        self._check()

    def advance(self, units: int = 1, **numbers: float) -> None:  # noqa: ARG002 - the protocol's
        self._check()

    def note(self, text: str) -> None:
        """Ignore it."""

    def warn(self, text: str) -> None:
        """Ignore it."""

    def _check(self) -> None:
        if self._stop.is_set():
            raise Interrupted("nobody waits for the result any more")


async def _in_thread(call: Callable[[], R]) -> R:
    """Return what ``call`` returns in a thread of its own, for which the end of the process does not wait."""
    found: Future[R] = Future()
    found.set_running_or_notify_cancel()  # else it could be cancelled, and not be set any more

    def work() -> None:
        try:
            found.set_result(_alone(call))
        except BaseException as error:
            found.set_exception(error)

    threading.Thread(target=contextvars.copy_context().run, args=(work,), name="turn", daemon=True).start()
    return await asyncio.wrap_future(found)


def _alone(call: Callable[[], R]) -> R:
    from platform_core.serving.threads import use_one_core

    use_one_core()
    return call()
