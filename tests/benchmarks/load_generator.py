"""Clients that ask a server over and over, each its next request when the last one is answered; a process of its own.

``python load_generator.py REQUESTS PORT CLIENTS WARM SECONDS`` reads a JSON file of pairs (path, body), and prints
JSON: answers a second, and latencies in milliseconds.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import uvloop

Requests = list[tuple[str, str]]


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, body: bytes) -> None:
    """Send one request on a connection that is kept, and read its answer.

    Raises:
        RuntimeError: it is not answered with 200.
    """
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    writer.write(head.encode() + b"\r\n\r\n" + body)
    status, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
    size = next(int(line.split(":")[1]) for line in lines if line.startswith("content-length:"))
    answer = await reader.readexactly(size)
    if status.split()[1] != "200":
        raise RuntimeError(f"{path}: {status}: {answer[:500]!r}")


@dataclass
class Tally:
    """What was answered while it counted.

    Attributes:
        start, end: when that is.
        answers: a request that lies partly outside counts in part, so that bursts do not blur short measurements.
        latencies: seconds of each request that was sent meanwhile.
    """

    start: float
    end: float
    answers: float = 0.0
    latencies: list[float] = field(default_factory=list)

    def note(self, asked: float, answered: float) -> None:
        """Count a request."""
        self.answers += max(0.0, min(answered, self.end) - max(asked, self.start)) / (answered - asked)
        if asked >= self.start:
            self.latencies.append(answered - asked)


async def client(port: int, requests: Requests, tally: Tally) -> None:
    """Ask until the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for path, body in itertools.cycle(requests):
        asked = time.perf_counter()
        if asked >= tally.end:
            break
        await ask(reader, writer, path, body.encode())
        tally.note(asked, time.perf_counter())
    writer.close()


async def load(requests: Requests, port: int, clients: int, warm: float, seconds: float) -> dict[str, float]:
    """Return what a server does under the load of so many clients.

    Args:
        requests: path and body of each; every client starts at its own place among them.
        port: of the server on this machine.
        clients: how many.
        warm: seconds that are not counted.
        seconds: seconds that are.
    """
    start = time.perf_counter() + warm
    tally = Tally(start, start + seconds)
    places = [len(requests) * number // clients for number in range(clients)]
    await asyncio.gather(*(client(port, requests[place:] + requests[:place], tally) for place in places))
    ranked = sorted(tally.latencies) or [float("nan")]
    return {
        "rate": tally.answers / seconds,
        "p50": 1000 * ranked[len(ranked) // 2],
        "p99": 1000 * ranked[int(len(ranked) * 0.99)],
    }


if __name__ == "__main__":
    pairs = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    wanted = load(pairs, int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), float(sys.argv[5]))
    print(json.dumps(uvloop.run(wanted)))
