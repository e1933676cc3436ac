"""Clients that cost a server something and ask for nothing: ``python -m worlds.crowd HOST PORT IDLE SLOW``.

Idle ones hold a connection, half of them after a request; slow ones send a body, a byte at a time. Those that the
server lets go come again. Prints a line when all are there, and ends with its standard input.
"""

from __future__ import annotations

import asyncio
import sys

BODY = (
    b"POST /api/v1/models/steady/predict HTTP/1.1\r\nhost: server\r\n"
    b'content-type: application/json\r\ncontent-length: 5000\r\n\r\n{"examples": [{"text": "'
)
PING = b"GET /healthz HTTP/1.1\r\nhost: server\r\n\r\n"


async def idle(host: str, port: int, opening: bytes, present: asyncio.Semaphore) -> None:
    """Hold a connection that says ``opening`` and nothing else."""
    while True:
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(opening)
        present.release()
        try:
            while await reader.read(4096):
                pass
        except OSError:
            pass
        writer.close()
        await asyncio.sleep(0.5)


async def slow(host: str, port: int, present: asyncio.Semaphore) -> None:
    """Send a body for ever."""
    while True:
        _, writer = await asyncio.open_connection(host, port)
        writer.write(BODY)
        present.release()
        try:
            while not writer.is_closing():
                await asyncio.sleep(0.2)
                writer.write(b"a")
                await writer.drain()
        except OSError:
            pass
        writer.close()


async def main(host: str, port: int, idlers: int, drips: int) -> None:
    """Come, say so, and stay until nobody listens."""
    present = asyncio.Semaphore(0)
    crowd = [idle(host, port, PING if number % 2 else b"", present) for number in range(idlers)]
    crowd += [slow(host, port, present) for _ in range(drips)]
    tasks = [asyncio.create_task(each) for each in crowd]
    for _ in crowd:
        await present.acquire()
    print("here", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], *map(int, sys.argv[2:])))
