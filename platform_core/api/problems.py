"""Problems: every error that leaves the server, as ``application/problem+json`` with a stable code."""

import logging
import math
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from platform_core.sdk.errors import BadInput, VerticoreError
from platform_core.sdk.wording import complaints_of

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = 1
"""Seconds after which a caller who was turned away may try again, where the error does not say."""

_OPEN_INFERENCE = "/v2"
_LOG = logging.getLogger(__name__)


class Problem(BaseModel):
    """What went wrong, for people and programs."""

    type: str = Field(description="URN of the kind of problem.")
    title: str = Field(description="The HTTP status in words.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What is wrong.")
    code: str = Field(description="Stable across releases; see the error reference.")
    where: str | None = Field(None, description="The place: a field, an example, a name.")
    hint: str | None = Field(None, description="What the caller can do about it.")
    details: dict[str, Any] | None = Field(None, description="Machine-readable facts.")
    error: str | None = Field(None, description="All in one string, as the Open Inference Protocol has it; under /v2.")


class RequestProblem(BadInput):
    """A request that cannot be read as one: the errors of the HTTP border."""

    code = "request.invalid"
    status = 400


class BodyTooLarge(RequestProblem):
    """The body is larger than the server accepts."""

    code = "request.too-large"
    status = 413


class BodyTooSlow(RequestProblem):
    """The body did not arrive whole in the time that the server waits for it."""

    code = "request.too-slow"
    status = 408


class BodyCut(RequestProblem):
    """The connection ended before the body was whole."""

    code = "request.cut"
    status = 400


class TooManyExamples(RequestProblem):
    """The request holds more examples than the server accepts."""

    code = "request.too-many-examples"
    status = 413


class WrongContentType(RequestProblem):
    """The body is not declared to be what the endpoint takes."""

    code = "request.content-type"
    status = 415


class WrongForm(RequestProblem):
    """The form is none, or holds no file."""

    code = "request.form"
    status = 422


class NotJson(RequestProblem):
    """The body is no JSON document."""

    code = "request.not-json"
    status = 400


class WrongSchema(RequestProblem):
    """The JSON document is not what the endpoint takes."""

    code = "request.schema"
    status = 422


_STATUS_CODES = {404: "request.no-such-path", 405: "request.method"}


def install(app: FastAPI) -> None:
    """Make every error of ``app`` a problem document."""
    app.add_exception_handler(VerticoreError, _on_own_error)
    app.add_exception_handler(RequestValidationError, _on_wrong_parameters)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(ClientDisconnect, _on_cut)
    app.add_middleware(_Fence)


def describe_problem(status: int, code: str, detail: str, **parts: Any) -> dict[str, Any]:
    """Return a problem document; ``parts`` that are none are left out."""
    document = Problem(
        type=f"urn:verticore:problem:{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=code,
        **parts,
    )
    return document.model_dump(exclude_none=True)


def _answer(
    request: Request, status: int, code: str, detail: str, *, headers: dict[str, str] | None = None, **parts: Any
) -> JSONResponse:
    if request.url.path.startswith(_OPEN_INFERENCE):
        parts["error"] = ", ".join(filter(None, (f"{code}: {detail}", parts.get("where"), parts.get("hint"))))
    return JSONResponse(describe_problem(status, code, detail, **parts), status, headers, media_type=MEDIA_TYPE)


async def _on_own_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, VerticoreError)
    if error.status == 503:
        _LOG.warning("%s", error)
    elif error.status >= 500:
        _LOG.error("%s", error, exc_info=error)
    facts = error.to_dict()
    code, message = facts.pop("code"), facts.pop("message")
    return _answer(request, error.status, code, message, headers=_headers(error), **facts)


def _headers(error: VerticoreError) -> dict[str, str]:
    headers: dict[str, str] = {}
    if error.status in (429, 503):
        headers["Retry-After"] = str(max(1, math.ceil(error.details.get("retry_after", RETRY_AFTER))))
    if error.status in (408, 413):
        # The rest of the body is not read: the connection cannot carry another request.
        headers["Connection"] = "close"
    return headers


async def _on_wrong_parameters(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    found = complaints_of(error.errors())[0]
    return _answer(request, 422, "request.schema", found.message, where=found.where)


async def _on_http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code = _STATUS_CODES.get(error.status_code, "request.invalid")
    headers = dict(error.headers) if error.headers else None
    hint = "GET /openapi.json describes what there is" if error.status_code in _STATUS_CODES else None
    place = f"{request.method} {request.url.path}"
    return _answer(request, error.status_code, code, str(error.detail), headers=headers, where=place, hint=hint)


async def _on_cut(request: Request, _error: Exception) -> JSONResponse:
    # Nobody reads it; but it is the caller's doing, no defect of ours.
    return await _on_own_error(request, BodyCut("the connection ended before the body was whole"))


class _Fence:
    """Answers defects. A handler of ``Exception`` would answer too, but raise on, at which uvicorn drops the
    connection: the next request on it, of whomever it is, would be lost.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        has_begun = False

        async def watched(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:
            if scope["type"] != "http" or has_begun:
                raise
            _LOG.error("a request failed unexpectedly", exc_info=error)
            hint = "its log file has the details"
            problem = _answer(Request(scope), 500, "internal.unexpected", "the server failed to answer", hint=hint)
            await problem(scope, receive, send)
