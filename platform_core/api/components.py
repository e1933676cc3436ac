"""Schemas of what solutions take and answer, as components of the API's description."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from platform_core.api.schemas import Explanation
from platform_core.datasets.request_schema import request_schema
from platform_core.sdk import ClassTarget, LabelsTarget, NumberTarget, Solution

Schemas = dict[str, Any]

_SCORES = {
    "type": "object",
    "description": "Label → probability.",
    "additionalProperties": {"type": "number", "minimum": 0, "maximum": 1},
}
_ABSTAINED = {
    "type": "boolean",
    "description": "True where the model is not sure enough and a person should decide; else it is left out.",
}


_REMARKS = {
    "type": "array",
    "description": "What rules say of the example; left out where they say nothing.",
    "items": {
        "type": "object",
        "required": ["code", "text"],
        "properties": {
            "code": {"type": "string"},
            "text": {"type": "string"},
            "field": {"type": "string", "description": "The field that it is about."},
            "at_least": {"type": "string", "description": "The mildest level that may be the answer."},
        },
    },
}


def ref(name: str) -> dict[str, str]:
    """Return the reference to a component."""
    return {"$ref": f"#/components/schemas/{name}"}


def explanation_schemas() -> Schemas:
    """Return the component ``Explanation`` and its parts."""
    schema = Explanation.model_json_schema(ref_template="#/components/schemas/{model}")
    parts: Schemas = schema.pop("$defs", {})
    return parts | {"Explanation": schema}


def solution_schemas(solution: Solution, most: int) -> Schemas:
    """Return the components of a solution: an example, the request, a prediction and the response.

    Args:
        solution: the solution.
        most: most examples in a request.
    """
    name = solution.id
    return _example_schemas(solution, name) | {
        f"{name}.request": _request(solution, name, most),
        f"{name}.prediction": _prediction(solution),
        f"{name}.response": {
            "type": "object",
            "required": ["id", "model", "version", "predictions"],
            "properties": {
                "id": {"type": "string", "description": "Of the request; feedback names it."},
                "model": {"type": "string"},
                "version": {"type": "integer"},
                "predictions": {"type": "array", "items": ref(f"{name}.prediction")},
            },
        },
    }


def version_schemas(solution: Solution, name: str, field: str, columns: Sequence[str], most: int) -> Schemas:
    """Return the components ``<name>.example`` and ``<name>.request`` of a version that reads a table.

    Args:
        solution: its solution.
        name: what the components are called.
        field: the field of the example that takes all columns of a table.
        columns: those that the version was trained on; each is needed.
        most: most examples in a request.
    """
    parts = _example_schemas(solution, name)
    table = parts[f"{name}.example"]["properties"][field]
    table |= {"required": list(columns), "description": "Every column that the model was trained on; null: unknown."}
    return parts | {f"{name}.request": _request(solution, name, most)}


def _example_schemas(solution: Solution, name: str) -> Schemas:
    example = request_schema(solution.example, f"#/components/schemas/{name}.{{model}}")
    parts = {f"{name}.{part}": schema for part, schema in example.pop("$defs", {}).items()}
    return parts | {f"{name}.example": example}


def _request(solution: Solution, name: str, most: int) -> Schemas:
    return {
        "type": "object",
        "required": ["examples"],
        "additionalProperties": False,
        "properties": {
            "examples": {"type": "array", "minItems": 1, "maxItems": most, "items": ref(f"{name}.example")},
            "explain": {"type": "boolean", "default": False},
        },
        "examples": [{"examples": [dict(request)]} for request in solution.sample.requests[:1]],
    }


def _prediction(solution: Solution) -> Schemas:
    """Return the schema of one prediction, by the kind of target."""
    target = solution.target
    added: Schemas = {"explanation": ref("Explanation")} | ({"remarks": _REMARKS} if solution.review else {})
    if isinstance(target, NumberTarget):
        value = {"type": "number", "description": f"In {target.unit}." if target.unit else "In the target's own unit."}
        return _object(("value",), {"value": value, **added})
    label: Schemas = {"type": "string"} | ({"examples": list(target.order)} if target.order else {})
    rest = {"scores": _SCORES, "abstained": _ABSTAINED, **added}
    if isinstance(target, ClassTarget) and target.top:
        rest["top"] = {"type": "array", "items": label, "maxItems": target.top, "description": "Most probable first."}
    if isinstance(target, LabelsTarget):
        labels = {"type": "array", "items": label, "uniqueItems": True, "description": "The labels that apply."}
        return _object(("labels", "scores"), {"labels": labels, **rest})
    return _object(("label", "scores"), {"label": label, **rest})


def _object(required: Sequence[str], properties: Schemas) -> Schemas:
    return {"type": "object", "required": list(required), "properties": properties}
