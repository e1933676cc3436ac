"""Problems: every error that leaves the server, as ``application/problem+json`` with a stable code."""

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from platform_core.sdk.errors import BadInput, VerticoreError
from platform_core.sdk.wording import complaints_of

MEDIA_TYPE = "application/problem+json"
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


class RequestProblem(BadInput):
    """A request that cannot be read as one: the errors of the HTTP border."""

    code = "request.invalid"
    status = 400


class BodyTooLarge(RequestProblem):
    """The body is larger than the server accepts."""

    code = "request.too-large"
    status = 413


class TooManyExamples(RequestProblem):
    """The request holds more examples than the server accepts."""

    code = "request.too-many-examples"
    status = 413


class WrongContentType(RequestProblem):
    """The body is not declared as JSON."""

    code = "request.content-type"
    status = 415


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
    app.add_exception_handler(Exception, _on_defect)


def problem(
    status: int, code: str, detail: str, *, headers: dict[str, str] | None = None, **parts: Any
) -> JSONResponse:
    """Return a problem document as a response; ``parts`` that are none are left out."""
    content = Problem(
        type=f"urn:verticore:problem:{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=code,
        **parts,
    )
    return JSONResponse(content.model_dump(exclude_none=True), status, headers, media_type=MEDIA_TYPE)


async def _on_own_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, VerticoreError)
    headers: dict[str, str] = {}
    if error.status == 503:
        headers["Retry-After"] = str(error.details.get("retry_after", 1))
    if error.status == 413:
        # The rest of the body is not read: the connection cannot carry another request.
        headers["Connection"] = "close"
    if error.status == 503:
        _LOG.warning("%s", error)
    elif error.status >= 500:
        _LOG.error("%s", error, exc_info=error)
    facts = error.to_dict()
    code, message = facts.pop("code"), facts.pop("message")
    return problem(error.status, code, message, headers=headers, **facts)


async def _on_wrong_parameters(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    found = complaints_of(error.errors())[0]
    return problem(422, "request.schema", found.message, where=found.where)


async def _on_http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code = _STATUS_CODES.get(error.status_code, "request.invalid")
    headers = dict(error.headers) if error.headers else None
    hint = "GET /openapi.json describes what there is" if error.status_code in _STATUS_CODES else None
    place = f"{request.method} {request.url.path}"
    return problem(error.status_code, code, str(error.detail), headers=headers, where=place, hint=hint)


async def _on_defect(_request: Request, error: Exception) -> JSONResponse:
    _LOG.error("a request failed unexpectedly", exc_info=error)
    return problem(500, "internal.unexpected", "the server failed to answer", hint="its log file has the details")
