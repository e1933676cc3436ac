from __future__ import annotations

from types import SimpleNamespace
from typing import Annotated

import pytest

from platform_core.finetune.recipe_values import with_values
from platform_core.finetune.search.space import search_space, starting_values
from platform_core.sdk import (
    Category,
    Choice,
    Example,
    FloatRange,
    IntRange,
    Number,
    PluginError,
    Recipe,
    Text,
    UsageError,
)


class Note(Example):
    text: Annotated[str, Text()]


class Flat(Example):
    size: Annotated[float | None, Number()] = None
    town: Annotated[str | None, Category()] = None


class Offer(Note, Flat):
    pass


def solution(example: type[Example] = Note, **search) -> SimpleNamespace:
    return SimpleNamespace(id="acme.it", example=example, search=search)


def ends(space: dict) -> list[dict]:
    """Return a recipe's values at both ends of every range."""
    options = {name: r.options if isinstance(r, Choice) else (r.low, r.high) for name, r in space.items()}
    return [{name: values[end] for name, values in options.items()} for end in (0, -1)]


@pytest.mark.parametrize("example", [Note, Flat, Offer])
@pytest.mark.parametrize("method", ["head", "lora", "full", "fit"])
def test_sensible_ranges_hold_the_recipe_and_fit_into_recipes(example, method):
    recipe = Recipe(members=("lightgbm", "network"), head_learning_rate=0.002)
    space = search_space(solution(example), method, recipe)
    assert set(starting_values(space, recipe)) == set(space)
    for values in ends(space):
        with_values(recipe, values)
    assert ("table.width" in space) == (example is not Note)
    assert ("fusion" in space) == (example is Offer)
    assert ("lora_rank" in space) == (method == "lora")
    assert ("boosting.leaves" in space) == (method == "fit")


def test_what_the_solution_declares_counts_and_what_the_user_has_set_stays():
    declared = {
        "epochs": IntRange(low=1, high=9),
        "table.width": IntRange(low=8, high=64),
        "dropout": FloatRange(low=0, high=0.5),
    }
    space = search_space(solution(head=declared), "head", Recipe())
    assert space == declared
    left = search_space(solution(head=declared), "head", Recipe(), fixed=("epochs", "table"))
    assert list(left) == ["dropout"]
    assert starting_values(declared, Recipe(epochs=50, dropout=0.2)) == {"dropout": 0.2}


def test_nothing_to_vary_is_said():
    with pytest.raises(UsageError, match="nothing to search"):
        search_space(solution(), "fit", Recipe(members=("linear",)))
    with pytest.raises(UsageError, match="nothing to search"):
        search_space(solution(head={"epochs": IntRange(low=1, high=9)}), "head", Recipe(), fixed=("epochs",))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("epoch", IntRange(low=1, high=2)),
        ("dropout", FloatRange(low=0.0, high=1.5)),
        ("fusion", Choice(options=("concat", "add"))),
    ],
)
def test_a_space_that_no_recipe_can_hold_is_the_plugins_fault(name, values):
    with pytest.raises(PluginError, match=r"acme\.it declares"):
        search_space(solution(head={name: values}), "head", Recipe())
