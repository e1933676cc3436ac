"""The server. It says where it listens when it can answer, and drains on SIGTERM and Ctrl-C.

Draining: no new connections, requests that are being answered get ``DRAIN_SECONDS``, then the process ends with 0.
Files and operations that would take longer are answered 503 shortly before. One process serves, or several at one
address, see :mod:`.workers`.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import uvicorn

from platform_core.api import create_app, predict_path
from platform_core.api.turns import Turns
from platform_core.app.connection import Connection
from platform_core.app.workers import DRAIN_SECONDS, on_signals, supervise
from platform_core.platform import Platform
from platform_core.sdk.errors import Conflict, UsageError

BACKLOG = 2048
LAST_SECONDS = 2.0
"""Of those for draining, the ones in which who is still waiting for a file or an operation is told of the end."""


@dataclass(frozen=True)
class Endpoint:
    """Where the server listens, and the path of each model that it offers (name or alias → path)."""

    url: str
    models: dict[str, str] = field(default_factory=dict)


def serve(
    platform: Platform,
    *,
    announce: Callable[[Endpoint], None] = lambda _: None,
    stop: threading.Event | None = None,
) -> None:
    """Serve the platform's models at the host and port of its settings until a signal or ``stop``.

    Args:
        platform: whose models; its settings say where to listen; port 0 takes any that is free.
        announce: called once, when requests can be answered.
        stop: ends the server when set, for servers that run in a thread.

    Raises:
        Conflict: the port is taken.
        UsageError: the address is none of this machine.
        WorkerDied: a process that should serve died before it could.
    """
    settings = platform.settings
    with listen(settings.host, settings.port) as listener:
        endpoint = Endpoint(_url(listener), _models(platform))
        if settings.workers > 1:
            supervise(settings, listener, announce=lambda: announce(endpoint), stop=stop)
        else:
            run_server(platform, listener, announce=lambda: announce(endpoint), stop=stop)


def run_server(
    platform: Platform,
    listener: socket.socket,
    *,
    announce: Callable[[], None] = lambda: None,
    stop: threading.Event | None = None,
) -> None:
    """Serve in this process, on a socket that listens, until a signal or ``stop``; the socket is closed then.

    Raises:
        VerticoreError: what serving needs cannot be loaded, see :meth:`Platform.warm_up`.
    """
    app = create_app(platform)
    config = uvicorn.Config(
        app,
        http=type("Connection", (Connection,), {"patience": platform.settings.receive_timeout_s}),
        ws="none",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        server_header=False,
        lifespan="on",
    )
    server = _Server(config, announce, (app.state.turns, app.state.batches))
    if stop is not None:
        threading.Thread(target=_stop_when_set, args=(server, stop), daemon=True).start()
    with server.capture_signals():  # one that comes while models are loaded ends the server after that
        platform.warm_up()  # not only as the application starts: uvicorn would end without a word
    if not server.should_exit:
        server.run(sockets=[listener])


class _Server(uvicorn.Server):
    """Uvicorn that says when it listens, and ends quietly on a signal instead of dying of it after draining."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None], turns: Sequence[Turns]) -> None:
        super().__init__(config)
        self._announce = announce
        self._turns = turns

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._announce()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        ending = asyncio.get_running_loop().call_later(DRAIN_SECONDS - LAST_SECONDS, self._end_turns)
        try:
            await super().shutdown(sockets)
        finally:
            ending.cancel()

    def _end_turns(self) -> None:
        for turns in self._turns:
            turns.end()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        with on_signals(self._drain):
            yield

    def _drain(self) -> None:
        # A second signal does not wait for the requests that are being answered.
        self.force_exit = self.should_exit
        self.should_exit = True


def _stop_when_set(server: uvicorn.Server, stop: threading.Event) -> None:
    stop.wait()
    server.should_exit = True


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Raises:
        Conflict, UsageError: as for :func:`serve`.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError:
        raise UsageError(f"{host!r} is no address", where="--host", hint="127.0.0.1 is this machine only") from None
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        hint = "another server may be running; choose another port, 0 takes any that is free"
        raise Conflict(f"cannot listen on {host}:{port} ({error.strerror})", where="--port", hint=hint) from None
    return listener


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _models(platform: Platform) -> dict[str, str]:
    found: dict[str, str] = {}
    for model in platform.registry.list():
        for reference in (model.name, *(f"{model.name}@{alias}" for alias in model.aliases)):
            found[reference] = predict_path(reference)
    return found
