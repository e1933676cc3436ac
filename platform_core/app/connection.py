"""One connection: requests have to arrive in time and with headers of a reasonable size; all answers are problems.

Uvicorn alone waits for ever for the first request of a connection and for the rest of headers, and keeps all of them.
"""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from platform_core.api.problems import MEDIA_TYPE, describe_problem

MOST_HEADER_BYTES = 64 * 1024


class Connection(HttpToolsProtocol):
    """Uvicorn's connection with a limit for the time and the bytes that headers take.

    Attributes:
        patience: seconds in which the first request has to begin, and headers and unread bodies have to end.
    """

    patience = 20.0

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self._deadline: asyncio.TimerHandle | None = None
        self._header_bytes = 0
        self._in_headers = False
        self._in_body = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for a request."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._wait_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; headers that do not end are refused."""
        super().data_received(data)
        if self._in_headers:
            self._header_bytes += len(data)
            if self._header_bytes > MOST_HEADER_BYTES:
                hint = f"send headers of {MOST_HEADER_BYTES // 1024} KiB at most"
                self._refuse(431, "request.headers-too-large", "the headers are too large", hint)

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._in_headers, self._header_bytes = True, 0
        self._wait()

    def on_headers_complete(self) -> None:
        """The application takes over; it waits for the body itself."""
        self._in_headers, self._in_body = False, True
        self._wait_no_more()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """A request is whole."""
        self._in_body = False
        self._wait_no_more()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """A request was answered; where its body was not wanted, the rest of it still has to come."""
        super().on_response_complete()
        if self._in_body and not self.transport.is_closing():
            self._wait()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the name is uvicorn's
        """Refuse what is no request."""
        self._refuse(400, "request.invalid", "this is no HTTP request", "speak HTTP/1.1")

    def _wait(self) -> None:
        self._wait_no_more()
        self._deadline = self.loop.call_later(self.patience, self._give_up)

    def _wait_no_more(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        if self._in_headers:
            hint = "send it whole, or raise the setting receive_timeout_s"
            self._refuse(408, "request.too-slow", f"no request arrived within {self.patience:g} seconds", hint)
        else:
            self.transport.close()

    def _refuse(self, status: int, code: str, detail: str, hint: str) -> None:
        """Answer outside the application, and close."""
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete:  # else an earlier request is being answered
            body = orjson.dumps(describe_problem(status, code, detail, hint=hint))
            head = f"content-type: {MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
            self.transport.write(STATUS_LINE[status] + head.encode() + body)
        self.transport.close()
