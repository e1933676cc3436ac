"""Taking turns: who is told of the end, and what the threads may use."""

import asyncio
import threading
import time

import pytest
import torch

from platform_core.api.turns import Turns
from platform_core.sdk import Interrupted
from platform_core.sdk.errors import Overloaded


class Work:
    """A function that goes on until its progress ends it."""

    def __init__(self) -> None:
        self.began = threading.Semaphore(0)
        self.ended: list[type[BaseException]] = []
        self.over = threading.Event()

    def __call__(self, progress) -> None:
        self.began.release()
        try:
            while True:
                progress.advance()
                time.sleep(0.01)
        except BaseException as error:
            self.ended.append(type(error))
            raise
        finally:
            self.over.set()


def test_the_end_answers_those_who_run_and_those_who_wait():
    work = Work()

    async def ask():
        turns = Turns(running=1, waiting=1)
        asked = [asyncio.create_task(turns.take(work)) for _ in range(2)]
        await asyncio.to_thread(work.began.acquire)
        turns.end()
        told = await asyncio.wait_for(asyncio.gather(*asked, return_exceptions=True), 5)
        assert [type(error) for error in told] == [Overloaded, Overloaded]
        with pytest.raises(Overloaded, match="the server ends"):
            await turns.take(work)

    asyncio.run(ask())
    assert work.over.wait(5)
    assert work.ended == [Interrupted]
    assert not work.began.acquire(blocking=False), "who waited was begun"


def test_who_is_not_waited_for_any_more_ends():
    work = Work()

    async def ask():
        turns = Turns(running=1, waiting=0)
        asked = asyncio.create_task(turns.take(work))
        await asyncio.to_thread(work.began.acquire)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        assert await turns.take(lambda _progress: 7) == 7, "its turn is free again"

    asyncio.run(ask())
    assert work.over.wait(5)


def test_errors_are_the_callers():
    def fail(_progress):
        raise TimeoutError("of its own")

    with pytest.raises(TimeoutError, match="of its own"):
        asyncio.run(Turns(1, 0).take(fail))


def test_networks_compute_on_one_core_and_those_of_others_as_before():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        assert asyncio.run(Turns(1, 0).take(lambda _progress: torch.get_num_threads())) == 1
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
