"""What ``verticore operations show`` shows: what an operation takes and returns."""

from __future__ import annotations

from collections.abc import Mapping
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from platform_core.cli.door import Door, Json
from platform_core.cli.offers import describe_fields

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

    from platform_core.sdk import Operation

_COMPUTED = ("history", "derived")
"""Kinds of fields that no column of a file feeds."""


def describe_operation(operation: Operation[Any, Any]) -> Json:
    """Return the operation as JSON types."""
    from platform_core.sdk import row_type

    row = row_type(operation)
    return {
        "id": operation.id,
        "title": operation.title,
        "summary": operation.summary,
        "input": _fields(operation.input),
        "rows": operation.rows,
        "row_fields": [field for field in describe_fields(row) if field["kind"] not in _COMPUTED] if row else [],
        "output": _fields(operation.output),
        "picture": operation.picture is not None,
        "input_schema": operation.input.model_json_schema(),
        "output_schema": operation.output.model_json_schema(),
    }


def show_operation(door: Door, facts: Json) -> None:
    """Show to people what :func:`describe_operation` returned."""
    door.say(f"{facts['id']}: {facts['title']}", style="bold")
    door.say(facts["summary"], "")
    door.table(
        ("input", "type", "default", "what it is"),
        [(f["name"], f["type"], "needed" if f["required"] else f["default"], f["description"]) for f in facts["input"]],
    )
    if facts["row_fields"]:
        door.table(
            ("field of a row", "holds", "columns it is known by"),
            [(field["name"], field["kind"], field["columns"] or "") for field in facts["row_fields"]],
            title=f"Rows of --data feed {facts['rows']!r}",
        )
    door.table(("result", "type", "what it is"), [(f["name"], f["type"], f["description"]) for f in facts["output"]])
    if facts["picture"]:
        door.say("--picture FILE.png draws the result.")


def _fields(model: type[BaseModel]) -> list[Json]:
    return [_field(name, info) for name, info in model.model_fields.items()]


def _field(name: str, info: FieldInfo) -> Json:
    return {
        "name": name,
        "type": _type_name(info.annotation),
        "required": info.is_required(),
        "default": None if info.is_required() else _plain(info.get_default(call_default_factory=True)),
        "description": info.description or "",
    }


def _type_name(annotation: Any) -> str:
    """Return a type in words: ``str``, ``list of Row``, ``day | week``."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is None:
        return "nothing" if annotation is type(None) else getattr(annotation, "__name__", str(annotation))
    if origin is Annotated:
        return _type_name(arguments[0])
    if origin is Literal:
        return " | ".join(map(str, arguments))
    if origin in (Union, UnionType):
        return " | ".join(map(_type_name, arguments))
    if issubclass(origin, Mapping):
        return f"object of {_type_name(arguments[1])}"
    return f"list of {_type_name(arguments[0])}"


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool | list | dict) or value is None else str(value)
