"""What operations take and return, in the API's description."""

from copy import deepcopy
from typing import Any

from pydantic import BaseModel

from platform_core.api.components import ref
from platform_core.api.paths import operation_path
from platform_core.platform import Platform
from platform_core.sdk import Operation
from platform_core.sdk.errors import VerticoreError

Schemas = dict[str, Any]

_ROWS_SHOWN = 2
_TEMPLATE = operation_path("{operation}")


def add_operations(document: dict[str, Any], platform: Platform) -> None:
    """Add a path for each operation to the OpenAPI ``document``, with the operation's own schemas."""
    general = document["paths"][_TEMPLATE]["post"]
    for entry in platform.plugins.operation_entries():
        try:
            operation = platform.plugins.operation(entry.id)
        except VerticoreError:
            continue  # its plugin cannot be used
        document["components"]["schemas"] |= _schemas(operation)
        document["paths"][operation_path(operation.id)] = {"post": _concrete(general, operation)}


def _schemas(operation: Operation[Any, Any]) -> Schemas:
    name = operation.id
    given = _components(operation.input, f"{name}.input", "validation")
    given[f"{name}.input"]["examples"] = [_shortened(operation)]
    response: Schemas = {
        "type": "object",
        "required": ["operation", "models", "output"],
        "properties": {
            "operation": {"type": "string"},
            "models": {"type": "object", "additionalProperties": {"type": "string"}},
            "output": ref(f"{name}.output"),
        },
    }
    return {**given, **_components(operation.output, f"{name}.output", "serialization"), f"{name}.response": response}


def _shortened(operation: Operation[Any, Any]) -> dict[str, Any]:
    """Return the operation's sample with its first rows: an example is read by people."""
    sample = dict(operation.sample())
    return sample | {operation.rows: list(sample[operation.rows])[:_ROWS_SHOWN]} if operation.rows in sample else sample


def _components(model: type[BaseModel], name: str, mode: Any) -> Schemas:
    schema = model.model_json_schema(ref_template=f"#/components/schemas/{name}.{{model}}", mode=mode)
    parts = {f"{name}.{part}": inner for part, inner in schema.pop("$defs", {}).items()}
    return parts | {name: schema}


def _concrete(general: dict[str, Any], operation: Operation[Any, Any]) -> dict[str, Any]:
    concrete = deepcopy(general)
    concrete["summary"] = operation.title
    concrete["description"] = operation.summary
    concrete["operationId"] = "run_" + operation.id.replace(".", "_")
    concrete["parameters"] = []
    concrete["requestBody"]["content"] = {"application/json": {"schema": ref(f"{operation.id}.input")}}
    concrete["responses"]["200"]["content"] = {"application/json": {"schema": ref(f"{operation.id}.response")}}
    return concrete
