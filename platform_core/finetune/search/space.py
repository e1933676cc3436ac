"""What a search varies: what the solution declares, or ranges around its recipe."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from platform_core.finetune.recipe_values import value_names, value_of, with_values
from platform_core.sdk import (
    Category,
    Choice,
    Columns,
    FloatRange,
    IntRange,
    Method,
    Number,
    PluginError,
    Range,
    Recipe,
    Solution,
    Text,
    UsageError,
    field_markers,
)

_HEAD_SPREAD, _ENCODER_SPREAD = 10.0, 5.0
"""Rates are searched from a this-th of the recipe's to so many times it; pretrained weights bear less."""


def search_space(
    solution: Solution, method: Method, recipe: Recipe, *, fixed: Collection[str] = ()
) -> dict[str, Range]:
    """Return a range for each value that is searched, by its name in recipes.

    Args:
        solution: may declare the space; else it follows from the method and the kind of inputs.
        method: what is tuned.
        recipe: where ranges have their middle.
        fixed: names that the user has set, which stay as they are; a group's name stands for all its values.

    Raises:
        PluginError: the solution declares what no recipe can hold.
        UsageError: nothing is left to vary.
    """
    declared = solution.search.get(method)
    if declared is not None:
        _check(solution, method, recipe, declared)
    space = dict(declared) if declared is not None else dict(_sensible(solution, method, recipe))
    groups = {name.partition(".")[0] for name in fixed if name not in value_names()}
    left = {n: r for n, r in space.items() if n not in fixed and n.partition(".")[0] not in groups}
    if not left:
        raise UsageError(
            f"there is nothing to search: method {method!r} of {solution.id} has no value left that varies",
            where="verticore tune",
            hint="leave out a --set, or use another --method; the linear probe of method fit finds its own penalty",
        )
    return left


def starting_values(space: Mapping[str, Range], recipe: Recipe) -> dict[str, Any]:
    """Return the recipe's own values as far as they lie in ``space``: the first trial, so that none is worse."""
    values = {name: value_of(recipe, name) for name in space}
    return {name: value for name, value in values.items() if _holds(space[name], value)}


def _sensible(solution: Solution, method: Method, recipe: Recipe) -> Iterator[tuple[str, Range]]:
    markers = [type(marker) for marker in field_markers(solution.example).values()]
    has_table = any(kind in markers for kind in (Number, Category, Columns))
    if method == "fit" and "lightgbm" in recipe.members:
        yield from _trees()
    if method == "fit" and "network" not in recipe.members:
        return
    spread = _ENCODER_SPREAD if method in ("lora", "full") else _HEAD_SPREAD
    yield "learning_rate", _around(recipe.learning_rate, spread)
    if method in ("lora", "full") and recipe.head_learning_rate is not None:
        yield "head_learning_rate", _around(recipe.head_learning_rate, spread)
    yield "epochs", IntRange(low=max(1, recipe.epochs // 2), high=min(1000, recipe.epochs + (recipe.epochs + 1) // 2))
    yield "weight_decay", FloatRange(low=1e-4, high=0.3, log=True)
    yield "dropout", FloatRange(low=0.0, high=0.5)
    if method == "lora":
        yield "lora_rank", IntRange(low=4, high=32, log=True)
    if has_table:
        yield from _table_network()
    if has_table and Text in markers:
        yield "fusion", Choice(options=("concat", "attend"))


def _table_network() -> Iterator[tuple[str, Range]]:
    yield "table.numbers", Choice(options=("piecewise", "periodic", "plain"))
    yield "table.embedding", IntRange(low=4, high=32, log=True)
    yield "table.width", IntRange(low=64, high=512, log=True)
    yield "table.layers", IntRange(low=1, high=4)
    yield "table.dropout", FloatRange(low=0.0, high=0.5)


def _trees() -> Iterator[tuple[str, Range]]:
    yield "boosting.learning_rate", FloatRange(low=0.01, high=0.3, log=True)
    yield "boosting.leaves", IntRange(low=7, high=255, log=True)
    yield "boosting.least_in_leaf", IntRange(low=5, high=200, log=True)
    yield "boosting.columns", FloatRange(low=0.3, high=1.0)
    yield "boosting.rows", FloatRange(low=0.5, high=1.0)
    yield "boosting.l2", FloatRange(low=1e-3, high=100.0, log=True)


def _around(value: float, factor: float) -> FloatRange:
    return FloatRange(low=value / factor, high=min(10.0, value * factor), log=True)


def _check(solution: Solution, method: Method, recipe: Recipe, space: Mapping[str, Range]) -> None:
    for name, values in space.items():
        for value in values.options if isinstance(values, Choice) else (values.low, values.high):
            try:
                with_values(recipe, {name: value})
            except UsageError as error:
                raise PluginError(
                    f"{solution.id} declares a range that recipes cannot hold: {error.message}",
                    where=f"search[{method!r}][{name!r}]",
                    hint="correct the solution's search",
                ) from error


def _holds(values: Range, value: Any) -> bool:
    if isinstance(values, Choice):
        return value in values.options
    return isinstance(value, int | float) and values.low <= value <= values.high
