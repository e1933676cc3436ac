"""Values of recipes by name: ``epochs``, or ``table.width`` inside a group."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from platform_core.sdk import Recipe, UsageError
from platform_core.sdk.wording import first_complaint


def value_names() -> list[str]:
    """Return the names of all values, those of groups dotted."""
    return [name for names in _names().values() for name in names]


def value_of(recipe: Recipe, name: str) -> Any:
    """Return the value of that name."""
    value: Any = recipe
    for part in name.split("."):
        value = getattr(value, part)
    return value


def with_values(recipe: Recipe, values: Mapping[str, Any]) -> Recipe:
    """Return ``recipe`` with other values.

    Args:
        recipe: what stays otherwise.
        values: by name; a group may also be given as a mapping, of which the values that it lacks stay.

    Raises:
        UsageError: there is no such value, or it cannot be that.
    """
    content = recipe.model_dump()
    for name, value in values.items():
        group, dot, inner = name.partition(".")
        if dot and isinstance(content.get(group), dict):
            content[group][inner] = value
        elif isinstance(value, Mapping) and isinstance(content.get(name), dict):
            content[name] |= value
        else:
            content[name] = value
    try:
        return Recipe.model_validate(content)
    except ValidationError as error:
        raise _explained(error) from error


def _names() -> dict[str, list[str]]:
    """Return the names of the values of each field of a recipe."""
    return {field: list(_within(field)) for field in Recipe.model_fields}


def _within(field: str) -> Iterator[str]:
    kind = Recipe.model_fields[field].annotation
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield from (f"{field}.{inner}" for inner in kind.model_fields)
    else:
        yield field


def _explained(error: ValidationError) -> UsageError:
    found = first_complaint(error)
    path = [str(part) for part in found.place]
    is_group = _names().get(path[0], path[:1]) != path[:1]
    name = ".".join(path[:2]) if is_group else path[0]
    if found.kind != "extra_forbidden":
        return UsageError(f"{name}: {found.message}, not {error.errors()[0]['input']!r}", where=f"--set {name}=…")
    known = value_names()
    nearest = difflib.get_close_matches(name, known, n=1)
    return UsageError(
        f"a recipe has no value {name!r}",
        where=f"--set {name}=…",
        hint=f"did you mean {nearest[0]!r}?" if nearest else f"it has: {', '.join(known)}",
    )
