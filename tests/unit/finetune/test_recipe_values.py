from __future__ import annotations

import pytest

from platform_core.finetune.recipe_values import value_names, value_of, with_values
from platform_core.sdk import Recipe, UsageError


def test_values_are_reached_by_name_and_the_rest_stays():
    recipe = Recipe.model_validate({"epochs": 7, "table": {"layers": 3}})
    changed = with_values(recipe, {"table.width": 128, "boosting": {"leaves": 7}, "boosting.l2": 2, "epochs": 9})
    assert (changed.table.width, changed.table.layers) == (128, 3)
    assert (changed.boosting.leaves, changed.boosting.l2) == (7, 2.0)
    assert (changed.epochs, recipe.epochs) == (9, 7)
    assert with_values(changed, {name: value_of(changed, name) for name in value_names()}) == changed


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("epoch", 3, "no value 'epoch'.*did you mean 'epochs'"),
        ("tabel.width", 64, "no value 'tabel.width'.*did you mean 'table.width'"),
        ("table.widht", 64, "no value 'table.widht'.*did you mean 'table.width'"),
        ("epochs.x", 1, "no value 'epochs.x'"),
        ("epochs", 0, "^usage.invalid: epochs: .* not 0, at --set epochs=…"),
        ("table.width", 1, "table.width: .* not 1, at --set table.width=…"),
        ("table", 5, "table: .* not 5"),
        ("lora_targets", ["head"], "lora_targets: .* not 'head'"),
    ],
)
def test_what_is_no_value_is_explained(name, value, words):
    with pytest.raises(UsageError, match=words):
        with_values(Recipe(), {name: value})
