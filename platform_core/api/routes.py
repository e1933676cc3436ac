"""The endpoints."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Request, Response

from platform_core.api.bodies import read_json, validated
from platform_core.api.paths import PREFIX
from platform_core.api.problems import TooManyExamples
from platform_core.api.rendering import answer
from platform_core.api.schemas import (
    Health,
    ModelDetail,
    ModelList,
    ModelOut,
    PredictRequest,
    PredictResponse,
    VersionOut,
)
from platform_core.platform import Platform
from platform_core.sdk.errors import NotFound

health = APIRouter(tags=["health"])
models = APIRouter(prefix=PREFIX, tags=["models"])


async def _platform(request: Request) -> Platform:
    platform: Platform = request.app.state.platform
    return platform


PlatformIn = Annotated[Platform, Depends(_platform)]
Reference = Annotated[str, Path(description="`name`, `name:3` or `name@alias`; a bare name is its champion, if set.")]

Key = Annotated[
    str | None,
    Header(
        alias="Verticore-Key",
        max_length=200,
        description="Of the caller: the same key is answered by the same version while another is on trial.",
    ),
]

# The body is read as a stream, to stop at the limit; so its schema is stated here.
_BODY = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": PredictRequest.model_json_schema()}}}
}


@health.get("/healthz")
async def healthz() -> Health:
    """Tell that the process lives."""
    return Health(status="ok")


@health.get("/readyz")
def readyz(platform: PlatformIn) -> Health:
    """Tell that requests can be answered: the database is there."""
    platform.registry.list()
    return Health(status="ready")


@models.get("/models")
def list_models(platform: PlatformIn) -> ModelList:
    """List the models."""
    return ModelList(models=[ModelOut.model_validate(model.to_dict()) for model in platform.registry.list()])


@models.get("/models/{name}")
def show_model(platform: PlatformIn, name: str) -> ModelDetail:
    """Show a model and its versions."""
    known = {model.name: model for model in platform.registry.list()}
    if name not in known:
        raise NotFound.of("model", name, known)
    history = [VersionOut.model_validate(version.to_dict()) for version in platform.registry.versions(name)]
    history.sort(key=lambda version: -version.number)
    return ModelDetail(**known[name].to_dict(), history=history)


@models.post("/models/{model}/predict", response_model=PredictResponse, openapi_extra=_BODY)
async def predict(request: Request, platform: PlatformIn, model: Reference, key: Key = None) -> Response:
    """Predict on examples, with a model, a version or an alias."""
    settings = platform.settings
    document = await read_json(request, settings.max_request_bytes)
    examples = document.get("examples") if isinstance(document, dict) else None
    if isinstance(examples, list):
        check_count(len(examples), settings.max_request_examples, "examples")
    asked = validated(PredictRequest, document, 'send {"examples": [{…}, …], "explain": false}')
    found = await platform.engine.predict(model, asked.examples, key=key, want_explanation=asked.explain)
    return answer(found)


def check_count(count: int, most: int, where: str) -> None:
    """Refuse a request with more than ``most`` examples.

    Raises:
        TooManyExamples: it has.
    """
    if count > most:
        raise TooManyExamples(
            f"the request holds {count:,} examples, {most:,} are allowed",
            where=where,
            hint="split it, or raise the setting max_request_examples",
            details={"limit": most},
        )
