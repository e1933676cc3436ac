"""The API's description: the fixed endpoints, and one for each registered model with its solution's own schemas."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from platform_core.api.components import explanation_schemas, ref, solution_schemas, version_schemas
from platform_core.api.inference_protocol import REQUEST_SCHEMAS
from platform_core.api.operation_schemas import add_operations
from platform_core.api.paths import predict_path
from platform_core.api.problems import MEDIA_TYPE, Problem
from platform_core.platform import Platform
from platform_core.registry.schemas import VersionInfo
from platform_core.sdk import open_field
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
    schemas |= explanation_schemas() | REQUEST_SCHEMAS
    for reference, version in _endpoints(platform):
        try:
            request = _add_schemas(schemas, platform, version)
        except VerticoreError:
            continue  # the plugin is gone or off: its models have no schema until it is back
        document["paths"][predict_path(reference)] = {"post": _concrete(general, reference, version.solution, request)}
    add_operations(document, platform)
    return document


def _endpoints(platform: Platform) -> Iterator[tuple[str, VersionInfo]]:
    """Yield every name and alias that answers, with the version that does."""
    for model in platform.registry.list():
        if model.newest is not None:
            for reference in (model.name, *(f"{model.name}@{alias}" for alias in sorted(model.aliases))):
                yield reference, platform.registry.resolve_endpoint(reference)


def _add_schemas(schemas: dict[str, Any], platform: Platform, version: VersionInfo) -> str:
    """Add the components of a version; return the name of its request."""
    solution, most = platform.plugins.solution(version.solution), platform.settings.max_request_examples
    schemas |= solution_schemas(solution, most)
    opened = open_field(solution.example)
    columns = version.lineage.get("mapping", {}).get(opened[0]) if opened else None
    if opened is None or not columns:
        return f"{solution.id}.request"
    # Two versions of one solution may have been trained on different columns.
    name = f"{version.model}.{version.number}"
    schemas |= version_schemas(solution, name, opened[0], columns, most)
    return f"{name}.request"


def _concrete(general: dict[str, Any], reference: str, solution_id: str, request: str) -> dict[str, Any]:
    operation = deepcopy(general)
    operation["summary"] = f"Predict with {reference}"
    operation["description"] = f"Examples and predictions of the solution `{solution_id}`."
    operation["operationId"] = "predict_" + "".join(c if c.isalnum() else "_" for c in reference)
    operation["parameters"] = []
    operation["requestBody"]["content"] = {"application/json": {"schema": ref(request)}}
    operation["responses"]["200"]["content"] = {"application/json": {"schema": ref(f"{solution_id}.response")}}
    return operation


def _with_problems(responses: dict[str, Any]) -> dict[str, Any]:
    """Return ``responses`` with our problem documents in place of the framework's own errors."""
    kept = {status: response for status, response in responses.items() if status.startswith("2")}
    content = {MEDIA_TYPE: {"schema": ref("Problem")}}
    return kept | {"default": {"description": "A problem, with a stable code.", "content": content}}
