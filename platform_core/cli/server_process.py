"""A server in its own process, as ``verticore serve`` starts it, for as long as a block runs."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from platform_core.sdk import VerticoreError

DRAIN_SECONDS = 30.0


class ServerFailed(VerticoreError):
    """The server did not start."""

    code = "server.failed"


class ServerProcess:
    """Starts the server on loopback and stops it in the end. Use as a context manager.

    Args:
        home: the workspace.
        port: 0 takes any that is free.

    Attributes:
        url: where it listens.
    """

    def __init__(self, home: Path, *, port: int = 0) -> None:
        self._words = ["serve", "--home", str(home), "--host", "127.0.0.1", "--port", str(port), "--json"]
        self._process: subprocess.Popen[str] | None = None
        self.url = ""

    def __enter__(self) -> Self:
        # -P: a folder of the user's named like one of our packages must not be imported instead.
        command = [sys.executable, "-P", "-m", "platform_core.cli", *self._words]
        self._process = subprocess.Popen(  # noqa: S603 — our own program, our own words
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        try:
            self.url = json.loads(line)["endpoint"]
        except (ValueError, KeyError):
            _, errors = self._process.communicate(timeout=DRAIN_SECONDS)
            raise ServerFailed("the server did not start", where=errors.strip() or line.strip()) from None
        # Nobody reads what it may say from now on; a full pipe would stop it.
        threading.Thread(target=self._process.communicate, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        process = self._process
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(DRAIN_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def wait(self) -> None:
        """Return when the server ends or the keyboard interrupts."""
        assert self._process is not None
        try:
            self._process.wait()
        except KeyboardInterrupt:
            return
