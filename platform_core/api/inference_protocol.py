"""The Open Inference Protocol v2 (KServe, Triton): the same models for clients that speak it.

https://github.com/kserve/open-inference-protocol, with the extension of binary tensor data. A model's name may be one
with an alias, ``news@champion``; a bare name is its champion, if set.
"""

from __future__ import annotations

import time
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from platform_core import __version__
from platform_core.api.bodies import parse_json, read_body, validated
from platform_core.api.components import ref
from platform_core.api.problems import WrongContentType, WrongSchema
from platform_core.api.rendering import answer, render
from platform_core.api.routes import Key, PlatformIn, check_count
from platform_core.api.tensor_examples import answer_tensors, describe_inputs, describe_outputs, make_examples
from platform_core.api.tensors import InputTensor, OutputTensor, read_columns
from platform_core.platform import Platform
from platform_core.sdk import Solution

PREFIX = "/v2"
EXTENSIONS = ("binary_tensor_data",)
JSON_LENGTH = "Inference-Header-Content-Length"
FRESH_SECONDS = 1.0

protocol = APIRouter(prefix=PREFIX, tags=["open inference protocol"])

Model = Annotated[str, Path(description="`name` or `name@alias`; a bare name is its champion, if set.")]
Version = Annotated[int, Path(ge=1, lt=10**9, description="Number of a version.")]


class RequestedOutput(BaseModel):
    """A tensor that is asked for."""

    model_config = ConfigDict(strict=True)

    name: str
    parameters: dict[str, Any] = Field(default_factory=dict, description="`binary_data`: as bytes.")


class InferenceRequest(BaseModel):
    """Tensors to predict on."""

    model_config = ConfigDict(strict=True)

    id: str | None = None
    parameters: dict[str, Any] = Field(default_factory=dict, description="`binary_data_output`, `explain`.")
    inputs: list[InputTensor] = Field(min_length=1)
    outputs: list[RequestedOutput] = Field(default_factory=list)


_SCHEMA = InferenceRequest.model_json_schema(ref_template="#/components/schemas/{model}")
REQUEST_SCHEMAS: dict[str, Any] = _SCHEMA.pop("$defs") | {"InferenceRequest": _SCHEMA}
"""Components of the API's description."""

_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": ref("InferenceRequest")}}}}


@protocol.get("")
async def server_metadata() -> dict[str, Any]:
    """Tell what this server is."""
    return {"name": "verticore", "version": __version__, "extensions": list(EXTENSIONS)}


@protocol.get("/health/live")
async def live() -> dict[str, bool]:
    """Tell that the process lives."""
    return {"live": True}


@protocol.get("/health/ready")
def ready(platform: PlatformIn) -> dict[str, bool]:
    """Tell that requests can be answered: the database is there."""
    platform.registry.list()
    return {"ready": True}


@protocol.get("/models/{model}")
def model_metadata(platform: PlatformIn, model: Model) -> dict[str, Any]:
    """Tell which tensors a model takes and gives."""
    return _describe(platform, model)


@protocol.get("/models/{model}/versions/{version}")
def version_metadata(platform: PlatformIn, model: Model, version: Version) -> dict[str, Any]:
    """Tell which tensors a version takes and gives."""
    return _describe(platform, f"{model}:{version}")


@protocol.get("/models/{model}/ready")
def model_ready(platform: PlatformIn, model: Model) -> dict[str, Any]:
    """Tell that a model can be asked; it is loaded when it is."""
    platform.plugins.solution(platform.registry.resolve_endpoint(model).solution)
    return {"name": model, "ready": True}


@protocol.get("/models/{model}/versions/{version}/ready")
def version_ready(platform: PlatformIn, model: Model, version: Version) -> dict[str, Any]:
    """Tell that a version can be asked; it is loaded when it is."""
    return model_ready(platform, f"{model}:{version}") | {"name": model}


@protocol.post("/models/{model}/infer", openapi_extra=_BODY, response_model=None)
async def infer(request: Request, platform: PlatformIn, model: Model, key: Key = None) -> Response:
    """Predict on tensors."""
    return await _infer(request, platform, model, key)


@protocol.post("/models/{model}/versions/{version}/infer", openapi_extra=_BODY, response_model=None)
async def infer_version(
    request: Request, platform: PlatformIn, model: Model, version: Version, key: Key = None
) -> Response:
    """Predict on tensors with a version."""
    return await _infer(request, platform, f"{model}:{version}", key)


async def _infer(request: Request, platform: Platform, reference: str, key: str | None) -> Response:
    asked, binary = await _read(request, platform.settings.max_request_bytes)
    _check_extensions(asked)
    most = platform.settings.max_request_examples
    for tensor in asked.inputs:  # before values are taken out of the bytes
        check_count(next(iter(tensor.shape), 0), most, "inputs")
    columns = read_columns(asked.inputs, binary)
    solution = await _solution_of(request, platform, reference)
    examples = make_examples(solution, columns)
    explain = asked.parameters.get("explain", False) is True
    found = await platform.engine.predict(reference, examples, key=key, want_explanation=explain)
    return _render(asked, found, answer_tensors(found["predictions"]))


async def _read(request: Request, limit: int) -> tuple[InferenceRequest, bytes]:
    """Return the request and the bytes that follow its document."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("", "application/json", "application/octet-stream"):  # Triton's client declares nothing
        raise WrongContentType(f"the content type is {kind!r}", where="Content-Type", hint="send application/json")
    body = await read_body(request, limit)
    told = request.headers.get(JSON_LENGTH)
    length = len(body) if told is None else int(told) if told.isdecimal() and len(told) < 12 else -1
    if not 0 <= length <= len(body):
        raise WrongSchema(f"{told!r} is no length of a part of the body", where=JSON_LENGTH, hint="give its bytes")
    hint = 'send {"inputs": [{"name": …, "shape": [n], "datatype": …, "data": […]}]}'
    return validated(InferenceRequest, parse_json(body[:length]), hint), body[length:]


def _check_extensions(asked: InferenceRequest) -> None:
    """Refuse what would be answered otherwise than the caller thinks."""
    tensors = [(tensor.name, tensor.parameters) for tensor in asked.inputs]
    tensors += [(output.name, output.parameters) for output in asked.outputs]
    for name, parameters in tensors:
        for extension in ("shared_memory_region", "classification"):
            if parameters.get(extension):
                hint = f"extensions: {', '.join(EXTENSIONS)}"
                raise WrongSchema(f"the extension {extension!r} is not offered here", where=name[:80], hint=hint)


async def _solution_of(request: Request, platform: Platform, reference: str) -> Solution:
    """Return the solution of a model, looked up once a second at most."""
    known: dict[str, tuple[float, Solution]] = request.app.state.solutions
    found = known.get(reference)
    if found is None or time.monotonic() - found[0] > FRESH_SECONDS:
        version = await run_in_threadpool(platform.registry.resolve_endpoint, reference)
        solution = await run_in_threadpool(platform.plugins.solution, version.solution)
        found = known[reference] = (time.monotonic(), solution)
    return found[1]


def _describe(platform: Platform, reference: str) -> dict[str, Any]:
    version = platform.registry.resolve_endpoint(reference)
    solution, spec = platform.plugins.solution(version.solution), platform.specs.of(version)
    return {
        "name": version.model,
        "versions": [str(v.number) for v in platform.registry.versions(version.model)],
        "platform": "verticore",
        "inputs": describe_inputs(solution, spec),
        "outputs": describe_outputs(solution, spec),
        "parameters": {"version": str(version.number), "solution": version.solution},
    }


def _render(asked: InferenceRequest, found: dict[str, Any], tensors: list[OutputTensor]) -> Response:
    by_name = {tensor.name: tensor for tensor in tensors}
    unknown = [output.name for output in asked.outputs if output.name not in by_name]
    if unknown:
        hint = f"the outputs are: {', '.join(by_name)}"
        raise WrongSchema(f"there is no output {unknown[0][:80]!r}", where="outputs", hint=hint)
    all_binary = asked.parameters.get("binary_data_output") is True
    wanted = {output.name: output.parameters.get("binary_data", all_binary) is True for output in asked.outputs}
    outputs, parts = [], []
    for name, is_binary in (wanted or dict.fromkeys(by_name, all_binary)).items():
        if is_binary:
            told, content = by_name[name].as_bytes()
            outputs.append(told)
            parts.append(content)
        else:
            outputs.append(by_name[name].as_json())
    document = {"model_name": found["model"], "model_version": str(found["version"]), "outputs": outputs}
    prediction = found.get("id")
    document |= {"id": asked.id or prediction} if asked.id or prediction else {}
    document |= {"parameters": {"prediction": prediction}} if prediction else {}
    if not parts:
        return answer(document)
    head = render(document)
    return Response(
        b"".join((head, *parts)), headers={JSON_LENGTH: str(len(head))}, media_type="application/octet-stream"
    )
