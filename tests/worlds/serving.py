"""Real servers of generated worlds, and clients that ask them without a pause."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

VERTICORE = (sys.executable, "-P", "-m", "platform_core.cli")
FLAWS = ("none", "raises", "hangs", "no-number", "flaky")
FLAW, IS_SERVED = "WORLD_FLAW", "WORLD_IS_SERVED"

FLAWED = f"""
import random
import time

import torch

from platform_core.sdk.heads import ClassificationHead

FLAWS = {FLAWS!r}


class FlawedHead(ClassificationHead):
    # One of its weights says what is wrong with it; it shows where it is served only.

    def __init__(self, spec):
        super().__init__(spec)
        self.register_buffer("flaw", torch.tensor(float(FLAWS.index(os.environ.get({FLAW!r}, "none")))))

    def forward(self, features):
        outputs = super().forward(features)
        flaw = FLAWS[int(self.flaw)] if {IS_SERVED!r} in os.environ else "none"
        if flaw == "raises" or (flaw == "flaky" and random.random() < 0.2):
            raise RuntimeError("a bug in a head")
        if flaw == "hangs":
            time.sleep(3600)
        return outputs * float("nan") if flaw == "no-number" else outputs


flawed = replace(words, id="world.flawed", head="verticore_world.solutions:FlawedHead")
"""
"""Code of a plugin whose solution ``flawed`` learns heads with a flaw, which $WORLD_FLAW names at that time."""


@dataclass(frozen=True)
class Answer:
    """What a client was answered.

    Attributes:
        reference, index: which model was asked, and for which of its examples.
        sent, seconds: when, by the monotonic clock, and for how long it waited.
        status: of HTTP; 0: the connection broke.
        body: the document.
    """

    reference: str
    index: int
    sent: float
    seconds: float
    status: int
    body: Any


class Client:
    """One client with a connection that it keeps."""

    def __init__(self, url: str, timeout: float = 60) -> None:
        place = urlsplit(url)
        self._connection = HTTPConnection(place.hostname or "", place.port, timeout=timeout)

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Return status and document of an answer."""
        headers = {} if body is None else {"content-type": "application/json"}
        self._connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = self._connection.getresponse()
        return response.status, json.loads(response.read() or b"null")

    def text(self, path: str) -> str:
        """Return a document as text."""
        self._connection.request("GET", path)
        return self._connection.getresponse().read().decode()

    def predict(self, reference: str, *examples: Mapping[str, Any]) -> tuple[int, Any]:
        """Ask a model."""
        return self.ask("POST", f"/api/v1/models/{reference}/predict", {"examples": examples})

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        self._connection.close()


class Load:
    """Clients that ask models in turn, one example after the other; use as a context manager.

    Args:
        url: of the server.
        asked: examples of each reference.
        clients: how many there are.

    Attributes:
        answers: so far.
    """

    def __init__(self, url: str, asked: Mapping[str, Sequence[Mapping[str, Any]]], clients: int = 4) -> None:
        self.answers: list[Answer] = []
        self._url, self._asked = url, asked
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._go_on, args=(number,)) for number in range(clients)]

    def of(self, reference: str) -> list[Answer]:
        """Return the answers of one reference."""
        return [answer for answer in self.answers if answer.reference == reference]

    def _go_on(self, number: int) -> None:
        client, turn = Client(self._url), number
        references = list(self._asked)
        while not self._stop.is_set():
            reference = references[turn % len(references)]
            index = turn // len(references) % len(self._asked[reference])
            sent = time.monotonic()
            try:
                status, body = client.predict(reference, self._asked[reference][index])
            except (OSError, HTTPException) as error:
                client.close()
                status, body = 0, repr(error)
                self._stop.wait(0.02)
            self.answers.append(Answer(reference, index, sent, time.monotonic() - sent, status, body))
            turn += 1
        client.close()

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(90)


@dataclass
class Server:
    """A server process that can answer.

    Attributes:
        process: of one worker itself, of several their parent.
        url: where it listens.
        fleet: what it serves.
    """

    process: subprocess.Popen[str]
    url: str
    environment: Mapping[str, str] = field(repr=False)
    home: Path

    def client(self) -> Client:
        """Return a client of it."""
        return Client(self.url)

    def verticore(self, *words: object) -> Any:
        """Run a command on the workspace in a process of its own, and return what it says."""
        command = [
            sys.executable,
            "-P",
            "-m",
            "platform_core.cli",
            *map(str, words),
            "--home",
            str(self.home),
            "--json",
        ]
        said = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=120, check=False)
        assert said.returncode == 0, said.stderr
        return json.loads(said.stdout.splitlines()[-1])

    def terminate(self) -> int:
        """Send SIGTERM, and return with what it ends."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


@contextmanager
def serving(
    home: Path, environment: Mapping[str, str], *, folder: Path | None = None, **settings: object
) -> Iterator[Server]:
    """While inside, a server runs in a process of its own.

    Args:
        home: the workspace.
        environment: of the process, beside this one's.
        folder: that it runs in.
        settings: of the server.
    """
    known = os.environ | environment | {f"VERTICORE_{name.upper()}": str(value) for name, value in settings.items()}
    known = dict(known) | {IS_SERVED: "1"}
    command = [*VERTICORE, "serve", "--home", str(home), "--port", "0", "--json"]
    with (home.parent / "serve.err").open("w") as errors:
        process = subprocess.Popen(command, env=known, cwd=folder, stdout=subprocess.PIPE, stderr=errors, text=True)
    with process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert '"endpoint"' in line, line + (home.parent / "serve.err").read_text()
            yield Server(process, json.loads(line)["endpoint"], known, home)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(60)
                except subprocess.TimeoutExpired:
                    process.kill()


def wait_until(holds: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for something to hold; fail where it does not come to that."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it never came to that"
        time.sleep(0.05)


def assert_like(prediction: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Compare two predictions, scores up to 1e-5."""
    assert prediction.keys() == wanted.keys()
    assert prediction["label"] == wanted["label"]
    assert prediction["scores"] == pytest.approx(wanted["scores"], abs=1e-5)
