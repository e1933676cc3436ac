"""SIGTERM and Ctrl-C ask a training to checkpoint and leave."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class StopRequest:
    """Whether somebody asked to stop; call it to ask."""

    def __init__(self) -> None:
        self._asked = False

    def ask(self) -> None:
        """Ask to stop at the next step."""
        self._asked = True

    def __call__(self) -> bool:
        """Tell whether to stop."""
        return self._asked


@contextmanager
def stop_on_signals() -> Iterator[StopRequest]:
    """While inside, SIGTERM and the first SIGINT ask to stop; a second SIGINT interrupts at once.

    Signals reach only the main thread; elsewhere the request must be asked by the caller.
    """
    request = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield request
        return

    def handle(number: int, frame: FrameType | None) -> None:
        if request() and number == signal.SIGINT:
            signal.default_int_handler(number, frame)
        request.ask()

    before = {number: signal.signal(number, handle) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield request
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
