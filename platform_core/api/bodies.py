"""Reading bodies of requests: bounded while they arrive, strict JSON, never trusted."""

import json
import math
from typing import Any, NoReturn

from fastapi import Request

from platform_core.api.problems import BodyTooLarge, NotJson, WrongContentType


async def read_json(request: Request, limit: int) -> Any:
    """Return the JSON document in the body of ``request``.

    Args:
        request: the request; its body is read as a stream.
        limit: most bytes that are accepted.

    Raises:
        WrongContentType: the body is not declared as JSON.
        BodyTooLarge: it is longer than ``limit``; the rest is not read.
        NotJson: it is not UTF-8, no JSON, nested too deeply, or holds NaN or infinite numbers.
    """
    _check_content_type(request.headers.get("content-type", ""))
    return parse_json(await _read(request, limit))


def parse_json(body: bytes) -> Any:
    """Return the strict JSON document in ``body``.

    Raises:
        NotJson: it is none.
    """
    try:
        text = body.decode("utf-8")
        document = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
        if "\\ud" in text.lower():
            # Half a surrogate pair is valid JSON and no text: no tokenizer and no UTF-8 file takes it.
            json.dumps(document, ensure_ascii=False).encode("utf-8")
    except RecursionError:
        raise NotJson("the document is nested too deeply", hint="send a flat list of examples") from None
    except ValueError as error:
        raise NotJson(f"the body is no JSON document: {error}", hint='send {"examples": [...]} in UTF-8') from None
    return document


def _check_content_type(declared: str) -> None:
    media = declared.partition(";")[0].strip().lower()
    if media != "application/json" and not (media.startswith("application/") and media.endswith("+json")):
        raise WrongContentType(
            f"the content type is {media!r}" if media else "the content type is missing",
            where="Content-Type",
            hint="send application/json",
        )


async def _read(request: Request, limit: int) -> bytes:
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise _too_large(limit)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise _too_large(limit)
    return bytes(body)


def _too_large(limit: int) -> BodyTooLarge:
    return BodyTooLarge(
        f"the body is larger than {limit:,} bytes",
        hint="send fewer examples a request, or raise the setting max_request_bytes",
        details={"limit": limit},
    )


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"the number {digits[:40]} is too large")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")
