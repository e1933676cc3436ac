from __future__ import annotations

from types import SimpleNamespace

import pytest

from platform_core.finetune.requests import resolve_recipe
from platform_core.sdk import Recipe, UsageError

SOLUTION = SimpleNamespace(id="acme.words", recipes={"fit": Recipe(), "head": Recipe(epochs=3)}, default_method="fit")


def test_auto_is_the_default_method_and_an_unknown_one_is_refused():
    assert resolve_recipe(SOLUTION, "auto", None, {}) == ("fit", Recipe())
    with pytest.raises(UsageError, match="auto, fit, head"):
        resolve_recipe(SOLUTION, "lora", None, {})


def test_changes_and_the_encoder_reach_the_recipe():
    _, recipe = resolve_recipe(SOLUTION, "head", "other", {"table.width": 128, "batch_size": 8})
    assert (recipe.encoder, recipe.epochs, recipe.table.width, recipe.batch_size) == ("other", 3, 128, 8)
