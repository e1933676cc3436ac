from __future__ import annotations

from types import SimpleNamespace

import pytest

from platform_core.finetune.requests import resolve_recipe
from platform_core.sdk import Recipe, UsageError


def test_a_method_that_is_not_there_yet_is_refused_and_not_replaced_by_another():
    solution = SimpleNamespace(
        id="acme.words", recipes={"fit": Recipe(), "head": Recipe(epochs=3)}, default_method="fit"
    )
    for method in ("auto", "fit"):
        with pytest.raises(UsageError, match=r"closed form.*head"):
            resolve_recipe(solution, method, None, {})
    assert resolve_recipe(solution, "head", None, {"epochs": 5})[1].epochs == 5
