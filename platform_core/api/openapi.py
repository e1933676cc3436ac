"""The API's description: the fixed endpoints, and one for each registered model with its solution's own schemas."""

from copy import deepcopy
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from platform_core.api.paths import predict_path
from platform_core.api.problems import MEDIA_TYPE, Problem
from platform_core.platform import Platform
from platform_core.sdk.errors import VerticoreError

_TEMPLATE = predict_path("{model}")


def describe(app: FastAPI, platform: Platform) -> dict[str, Any]:
    """Return the OpenAPI document of ``app`` as it stands now."""
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = Problem.model_json_schema()
    general = document["paths"][_TEMPLATE]["post"]
    for path in document["paths"].values():
        for operation in path.values():
            operation["responses"] = _with_problems(operation["responses"])
    for reference, solution_id in _references(platform):
        try:
            schemas.update(_solution_schemas(platform, solution_id))
        except VerticoreError:
            continue  # the plugin is gone or off: its models have no schema until it is back
        document["paths"][predict_path(reference)] = {"post": _concrete(general, reference, solution_id)}
    return document


def _references(platform: Platform) -> list[tuple[str, str]]:
    """Return every name and alias that answers, with the solution of its model."""
    return [
        (reference, model.solution)
        for model in platform.registry.list()
        if model.newest is not None
        for reference in (model.name, *(f"{model.name}@{alias}" for alias in sorted(model.aliases)))
    ]


def _solution_schemas(platform: Platform, solution_id: str) -> dict[str, Any]:
    """Return the component schemas of a solution: one example, the request, one prediction, the response."""
    solution = platform.plugins.solution(solution_id)
    example = solution.example.model_json_schema(ref_template=f"#/components/schemas/{solution_id}.{{model}}")
    parts = {f"{solution_id}.{name}": schema for name, schema in example.pop("$defs", {}).items()}
    samples = [{"examples": [dict(request)]} for request in solution.sample.requests[:1]]
    label = {"type": "string", "description": "The most probable label."}
    if solution.target.order:
        label["examples"] = list(solution.target.order)  # type: ignore[assignment]
    return parts | {
        f"{solution_id}.example": example,
        f"{solution_id}.request": {
            "type": "object",
            "required": ["examples"],
            "additionalProperties": False,
            "properties": {
                "examples": {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": platform.settings.max_request_examples,
                    "items": _ref(f"{solution_id}.example"),
                },
                "explain": {"type": "boolean", "default": False},
            },
            "examples": samples,
        },
        f"{solution_id}.prediction": {
            "type": "object",
            "required": ["label", "scores"],
            "properties": {
                "label": label,
                "scores": {
                    "type": "object",
                    "description": "Label → probability.",
                    "additionalProperties": {"type": "number", "minimum": 0, "maximum": 1},
                },
                "explanation": {"type": "object", "description": "What moved the decision; on request."},
            },
        },
        f"{solution_id}.response": {
            "type": "object",
            "required": ["model", "version", "predictions"],
            "properties": {
                "model": {"type": "string"},
                "version": {"type": "integer"},
                "predictions": {"type": "array", "items": _ref(f"{solution_id}.prediction")},
            },
        },
    }


def _concrete(general: dict[str, Any], reference: str, solution_id: str) -> dict[str, Any]:
    operation = deepcopy(general)
    operation["summary"] = f"Predict with {reference}"
    operation["description"] = f"Examples and predictions of the solution `{solution_id}`."
    operation["operationId"] = "predict_" + "".join(c if c.isalnum() else "_" for c in reference)
    operation["parameters"] = []
    operation["requestBody"]["content"] = {"application/json": {"schema": _ref(f"{solution_id}.request")}}
    operation["responses"]["200"]["content"] = {"application/json": {"schema": _ref(f"{solution_id}.response")}}
    return operation


def _with_problems(responses: dict[str, Any]) -> dict[str, Any]:
    """Return ``responses`` with our problem documents in place of the framework's own errors."""
    kept = {status: response for status, response in responses.items() if status.startswith("2")}
    content = {MEDIA_TYPE: {"schema": _ref("Problem")}}
    return kept | {"default": {"description": "A problem, with a stable code.", "content": content}}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}
