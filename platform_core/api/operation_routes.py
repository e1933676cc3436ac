"""The endpoints of operations."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from fastapi.concurrency import run_in_threadpool

from platform_core.api.bodies import read_json
from platform_core.api.paths import PREFIX
from platform_core.api.problems import WrongSchema
from platform_core.api.routes import PlatformIn
from platform_core.api.schemas import OperationList, OperationOut, OperationResponse

operations = APIRouter(prefix=PREFIX, tags=["operations"])

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
    """Run an operation on the input in the body."""
    given = _object(await read_json(request, platform.settings.max_request_bytes))
    result = await run_in_threadpool(platform.run_operation, operation, given)
    answer = OperationResponse(operation=result.operation, models=dict(result.models), output=result.output)
    # By pydantic's own writer, which makes null of what JSON has no number for.
    return Response(answer.model_dump_json(), media_type="application/json")


def _object(document: Any) -> dict[str, Any]:
    if not isinstance(document, dict):
        hint = "send the operation's input as one JSON object"
        raise WrongSchema(f"the body is a {type(document).__name__}, not an object", where="the document", hint=hint)
    return document
