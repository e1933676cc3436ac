"""The endpoints of feedback: what the answers should have been."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool

from platform_core.api.bodies import read_json, validated
from platform_core.api.feedback_schemas import FeedbackList, FeedbackOut, FeedbackRequest
from platform_core.api.paths import PREFIX
from platform_core.api.routes import PlatformIn, Reference

feedback = APIRouter(prefix=PREFIX, tags=["feedback"])

_BODY = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": FeedbackRequest.model_json_schema()}}}
}
_HINT = 'send {"prediction": "prd_…", "index": 0, "label": "…"} or {"example": {…}, "label": "…"}'
_MOST = 1_000


@feedback.post("/models/{model}/feedback", response_model=FeedbackOut, openapi_extra=_BODY)
async def give_feedback(request: Request, platform: PlatformIn, model: Reference) -> dict[str, Any]:
    """Say what the answer to a prediction, or to an example, should have been; the last word counts."""
    said = validated(FeedbackRequest, await read_json(request, platform.settings.max_request_bytes), _HINT)
    word = await run_in_threadpool(
        platform.feedback.add,
        model,
        said.answer,
        prediction=said.prediction,
        index=said.index,
        example=said.example,
    )
    return word.to_dict()


@feedback.get("/models/{model}/feedback", response_model=FeedbackList)
def list_feedback(
    platform: PlatformIn,
    model: Reference,
    last: Annotated[int, Query(ge=1, le=_MOST, description="No more than so many.")] = 100,
) -> dict[str, Any]:
    """List what counts of the feedback on a model, the latest first."""
    return {"feedback": [word.to_dict() for word in platform.feedback.list(model, last)]}
