"""Reading bodies of requests: bounded while they arrive, strict JSON, never trusted."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

import orjson
from fastapi import Request
from pydantic import BaseModel, ValidationError

from platform_core.api.problems import BodyTooLarge, BodyTooSlow, NotJson, WrongContentType, WrongSchema
from platform_core.sdk.errors import Overloaded
from platform_core.sdk.wording import first_complaint

M = TypeVar("M", bound=BaseModel)

DISCARDED_BYTES, DISCARDING_SECONDS = 64 * 1024**2, 2.0
"""Of a body that is too large so much is read and thrown away: who still sends may not see the answer."""

_ZEROS = bytes.maketrans(b"123456789", b"0" * 9)
_LONG_NUMBER = b"0" * 19


@dataclass
class Intake:
    """What all bodies together may take while they arrive.

    Attributes:
        seconds: within which a body has to be whole.
        most: bytes that bodies hold, those in memory before they are whole; more are turned away.
        held: bytes that they hold now.
    """

    seconds: float
    most: int
    held: int = 0

    @contextmanager
    def body(self) -> Iterator[Callable[[int], None]]:
        """Yield what counts the bytes of a body as they come; they are held until the end.

        It raises :class:`Overloaded` where there is no room for them.
        """
        own = 0

        def take(count: int) -> None:
            nonlocal own
            if self.held + count > self.most:
                raise Overloaded("too many large requests are arriving", hint="try again in a moment")
            self.held += count
            own += count

        try:
            yield take
        finally:
            self.held -= own


async def read_json(request: Request, limit: int) -> Any:
    """Return the JSON document in the body of ``request``.

    Args:
        request: the request; its body is read as a stream.
        limit: most bytes that are accepted.

    Raises:
        WrongContentType: the body is not declared as JSON, or is compressed.
        BodyTooLarge: it is longer than ``limit``.
        BodyTooSlow: it did not arrive in time.
        Overloaded: too many large bodies arrive at once.
        NotJson: it is not UTF-8, no JSON, nested too deeply, or holds NaN or infinite numbers.
    """
    _check_content_type(request.headers.get("content-type", ""))
    return parse_json(await read_body(request, limit))


def parse_json(body: bytes) -> Any:
    """Return the strict JSON document in ``body``.

    Raises:
        NotJson: it is none.
    """
    try:
        # The fast parser makes floats of integers that need more than 64 bits: digits of an account would be lost.
        return orjson.loads(body) if _LONG_NUMBER not in body.translate(_ZEROS) else _parse_exactly(body)
    except RecursionError:
        raise NotJson("the document is nested too deeply", hint="send a flat list of examples") from None
    except ValueError as error:
        raise NotJson(f"the body is no JSON document: {error}", hint="send one JSON object in UTF-8") from None


def validated(model: type[M], document: Any, hint: str) -> M:
    """Return a document as what it should be; ``hint`` shows what that looks like.

    Raises:
        WrongSchema: it is something else; names the place and the first complaint.
    """
    try:
        return model.model_validate(document)
    except ValidationError as error:
        found = first_complaint(error)
        raise WrongSchema(found.message, where=found.where or "the document", hint=hint) from None


async def read_body(request: Request, limit: int) -> bytes:
    """Return the body of ``request``.

    Raises:
        WrongContentType: it is compressed.
        BodyTooLarge, BodyTooSlow, Overloaded: as for :func:`read_json`.
    """
    if request.headers.get("content-encoding", "identity") != "identity":
        raise WrongContentType("the body is compressed", where="Content-Encoding", hint="send it as it is")
    intake: Intake = request.app.state.intake
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        await discard(request)
        raise too_large(limit)
    body = bytearray()
    stream = request.stream()
    try:
        with intake.body() as take:
            async with asyncio.timeout(intake.seconds):
                async for chunk in stream:
                    take(len(chunk))
                    body += chunk
                    if len(body) > limit:
                        break
    except TimeoutError:
        raise too_slow(intake.seconds) from None
    if len(body) > limit:
        await discard(request, stream)
        raise too_large(limit)
    return bytes(body)


async def discard(request: Request, stream: AsyncIterator[bytes] | None = None) -> None:
    """Read what comes and throw it away, for a while; not where the sender waits for a sign to begin."""
    if "expect" in request.headers:
        return
    left = DISCARDED_BYTES
    with suppress(TimeoutError):
        async with asyncio.timeout(DISCARDING_SECONDS):
            async for chunk in stream or request.stream():
                left -= len(chunk)
                if left < 0:
                    return


def too_large(limit: int, setting: str = "max_request_bytes") -> BodyTooLarge:
    """Return the error for a body of more than ``limit`` bytes, which ``setting`` allows."""
    return BodyTooLarge(
        f"the body is larger than {limit:,} bytes",
        hint=f"send less at a time, or raise the setting {setting}",
        details={"limit": limit},
    )


def too_slow(seconds: float) -> BodyTooSlow:
    """Return the error for a body that takes longer than ``seconds``."""
    return BodyTooSlow(
        f"the body did not arrive within {seconds:g} seconds",
        hint="send it whole, or raise the setting receive_timeout_s",
        details={"seconds": seconds},
    )


def _parse_exactly(body: bytes) -> Any:
    text = body.decode("utf-8")
    document = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    if "\\ud" in text.lower():
        # Half a surrogate pair is valid JSON and no text: no tokenizer and no UTF-8 file takes it.
        json.dumps(document, ensure_ascii=False).encode("utf-8")
    return document


def _check_content_type(declared: str) -> None:
    media = declared.partition(";")[0].strip().lower()
    if media != "application/json" and not (media.startswith("application/") and media.endswith("+json")):
        raise WrongContentType(
            f"the content type is {media!r}" if media else "the content type is missing",
            where="Content-Type",
            hint="send application/json",
        )


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"the number {digits[:40]} is too large")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")
