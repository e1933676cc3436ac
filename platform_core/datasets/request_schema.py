"""What a request must look like, for people and programs: the JSON schema of an example as it is given."""

from __future__ import annotations

from typing import Any

from platform_core.datasets.plausibility import bounds_of
from platform_core.datasets.roles import Roles, roles_of
from platform_core.sdk import Example, FieldMarker, History, Identity, Moment, Number, field_markers


def request_schema(example_type: type[Example], ref_template: str = "#/$defs/{model}") -> dict[str, Any]:
    """Return the JSON schema of ``example_type`` without what is derived; fields tell what they mean.

    Args:
        example_type: of a solution.
        ref_template: how parts of the schema are referred to.
    """
    schema = example_type.model_json_schema(ref_template=ref_template)
    properties: dict[str, Any] = schema["properties"]
    roles = roles_of(example_type)
    if roles.derived:
        del properties[roles.derived]
    for name, marker in field_markers(example_type).items():
        meaning = _meaning(marker, roles)
        if name in properties and meaning:
            properties[name].setdefault("description", meaning)
    if roles.history in properties:
        properties[roles.history]["maxItems"] = roles.most_given
    return schema


def _meaning(marker: FieldMarker, roles: Roles) -> str:
    match marker:
        case Number():
            bounds = bounds_of(marker)
            unit = f"In {marker.unit}." if marker.unit else ""
            return f"{bounds[0].upper()}{bounds[1:]}; what is outside is taken as missing." if bounds else unit
        case Identity():
            return "Whom or what the example is about; only a keyed hash of it is kept."
        case Moment():
            return "When it is: a number, or a date in ISO 8601."
        case History(most=most):
            return (
                f"Earlier examples, with the same fields; those before {roles.moment!r}. The latest {most} count. "
                "They are not kept."
            )
        case _:
            return ""
