"""Taking turns: of work that takes long, a few run at a time, a few more wait, and the rest is turned away."""

import asyncio
from collections.abc import Callable
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
    """

    def __init__(self, running: int, waiting: int) -> None:
        self._free = asyncio.Semaphore(running)
        self._most = running + waiting
        self._admitted = 0

    async def take(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Return what ``function`` returns, once it is its turn.

        Raises:
            Overloaded: too many calls wait already.
        """
        if self._admitted >= self._most:
            raise Overloaded(
                "too many operations are running and waiting",
                hint="try again later, or use 'verticore run'",
                details={"retry_after": RETRY_AFTER},
            )
        self._admitted += 1
        try:
            async with self._free:
                return await run_in_threadpool(function, *args, **kwargs)
        finally:
            self._admitted -= 1
