"""What the user asked for → a method and a recipe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from platform_core.finetune.recipe_values import with_values
from platform_core.sdk import Method, Recipe, Solution, UsageError


def resolve_recipe(
    solution: Solution, method: str, encoder: str | None, changes: Mapping[str, Any]
) -> tuple[Method, Recipe]:
    """Return the method and its recipe with the user's changes.

    Args:
        solution: declares methods and their defaults.
        method: a method, or ``auto`` for the solution's default.
        encoder: another encoder than the recipe's.
        changes: recipe values by name, dotted inside groups.

    Raises:
        UsageError: the solution has no such method; a change names no value or has a bad one.
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
    given = dict(changes) | ({"encoder": encoder} if encoder is not None else {})
    return chosen, with_values(solution.recipes[chosen], given)
