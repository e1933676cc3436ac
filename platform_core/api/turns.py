"""Taking turns: of work that takes long, a few run at a time, a few more wait, and the rest is turned away."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from fastapi.concurrency import run_in_threadpool

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

    async def take(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Return what ``function`` returns, once it is its turn.

        Raises:
            Overloaded: too many calls wait already.
        """
        with self.admitted():
            return await self.run(function, *args, **kwargs)

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """While inside, the caller counts among those who may run or wait.

        Raises:
            Overloaded: too many calls wait already.
        """
        if self._admitted >= self._most:
            raise Overloaded(
                f"too many {self._what} are running and waiting",
                hint=f"try again later, or use '{self._instead}'",
                details={"retry_after": RETRY_AFTER},
            )
        self._admitted += 1
        try:
            yield
        finally:
            self._admitted -= 1

    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Return what ``function`` returns, once it is its turn; the caller is admitted already."""
        async with self._free:
            return await run_in_threadpool(function, *args, **kwargs)
