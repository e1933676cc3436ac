"""What the user asked for → a method and a recipe."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from platform_core.sdk import Method, Recipe, Solution, UsageError


def resolve_recipe(
    solution: Solution, method: str, encoder: str | None, changes: Mapping[str, Any]
) -> tuple[Method, Recipe]:
    """Return the method and its recipe with the user's changes.

    Args:
        solution: declares methods and their defaults.
        method: a method, or ``auto`` for the solution's default.
        encoder: another encoder than the recipe's.
        changes: recipe values by name.

    Raises:
        UsageError: the solution has no such method, or this release cannot do it; a change names no value or has a
            bad one.
    """
    chosen = next((m for m in solution.recipes if m == method), None)
    if method == "auto":
        chosen = solution.default_method
    if chosen is None:
        raise UsageError(
            f"{solution.id} has no method {method!r}",
            where="--method",
            hint=f"use one of: auto, {', '.join(solution.recipes)}",
        )
    if chosen == "fit":
        # Without this, the encoder would be trained whole and then not be found in the version.
        raise UsageError(
            f"{solution.id} is fitted in closed form, which this release cannot do yet",
            where="--method",
            hint=f"use one of: {', '.join(m for m in solution.recipes if m != 'fit') or 'none'}",
        )
    given = dict(changes) | ({"encoder": encoder} if encoder is not None else {})
    try:
        recipe = Recipe.model_validate(solution.recipes[chosen].model_dump() | given)
    except ValidationError as error:
        raise _explained(error) from error
    return chosen, recipe


def _explained(error: ValidationError) -> UsageError:
    first = error.errors()[0]
    name = str(first["loc"][0])
    if first["type"] != "extra_forbidden":
        return UsageError(f"{name}: {first['msg']}, not {first['input']!r}", where=f"--set {name}=…")
    nearest = difflib.get_close_matches(name, Recipe.model_fields, n=1)
    return UsageError(
        f"a recipe has no value {name!r}",
        where=f"--set {name}=…",
        hint=f"did you mean {nearest[0]!r}?" if nearest else f"it has: {', '.join(Recipe.model_fields)}",
    )
