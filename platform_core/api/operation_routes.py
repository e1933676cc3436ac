"""The endpoints of operations."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from fastapi.concurrency import run_in_threadpool

from platform_core.api.bodies import read_json
from platform_core.api.paths import PREFIX
from platform_core.api.problems import TooManyExamples, WrongSchema
from platform_core.api.routes import PlatformIn
from platform_core.api.schemas import OperationList, OperationOut, OperationResponse
from platform_core.api.turns import Turns
from platform_core.platform import Platform
from platform_core.sdk import Progress

operations = APIRouter(prefix=PREFIX, tags=["operations"])

MOST_ROWS = 10_000
"""Rows of a request that runs an operation."""

# The body is read as a stream, to stop at the limit; so its schema is stated here.
_INPUT = {"type": "object", "description": "The input of the operation, which has a schema of its own."}
_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": _INPUT}}}}


@operations.get("/operations")
def list_operations(platform: PlatformIn) -> OperationList:
    """List what plugins offer beyond predictions."""
    entries = platform.plugins.operation_entries()
    return OperationList(operations=[OperationOut.model_validate(entry.to_dict()) for entry in entries])


@operations.post("/operations/{operation}", response_model=OperationResponse, openapi_extra=_BODY)
async def run_operation(
    request: Request, platform: PlatformIn, operation: Annotated[str, Path(description="Id of the operation.")]
) -> Response:
    """Run an operation on the input in the body; some run at a time, some wait, more are answered 503."""
    given = _object(await read_json(request, platform.settings.max_request_bytes))
    _check_rows(given, (await run_in_threadpool(platform.plugins.operation, operation)).rows)
    turns: Turns = request.app.state.turns
    return Response(await turns.take(_answer, platform, operation, given), media_type="application/json")


def _answer(progress: Progress, platform: Platform, operation: str, given: dict[str, Any]) -> str:
    result = platform.run_operation(operation, given, progress=progress)
    answer = OperationResponse(operation=result.operation, models=dict(result.models), output=result.output)
    # By pydantic's own writer, which makes null of what JSON has no number for.
    return answer.model_dump_json()


def _check_rows(given: dict[str, Any], field: str) -> None:
    """Refuse more rows than a request may have: a small body holds many short ones, and each may cost a prediction."""
    rows = given.get(field)
    if isinstance(rows, list) and len(rows) > MOST_ROWS:
        raise TooManyExamples(
            f"the request holds {len(rows):,} rows, {MOST_ROWS:,} are allowed",
            where=f"input.{field}",
            hint="split it, or use 'verticore run' with --data",
            details={"limit": MOST_ROWS},
        )


def _object(document: Any) -> dict[str, Any]:
    if not isinstance(document, dict):
        hint = "send the operation's input as one JSON object"
        raise WrongSchema(f"the body is a {type(document).__name__}, not an object", where="the document", hint=hint)
    return document
