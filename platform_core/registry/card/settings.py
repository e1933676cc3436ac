"""The recipe as the card lists it: values by name, without those that had no say in this version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pydantic import JsonValue

from platform_core.registry.card.model import ModelCard

_OF_TEXT = {"encoder", "max_tokens", "batch_tokens"}
_OF_LORA = {"lora_rank", "lora_alpha", "lora_targets"}
_OF_STEPS = {
    "epochs",
    "batch_size",
    "batch_tokens",
    "learning_rate",
    "head_learning_rate",
    "weight_decay",
    "warmup",
    "clip_norm",
    "dropout",
    "patience",
    "averaging",
    "compile",
    "table.numbers",
    "table.embedding",
    "table.width",
    "table.layers",
    "table.dropout",
}


class Setting(NamedTuple):
    """A value of the recipe."""

    name: str
    value: JsonValue
    changed: bool


def settings_of(card: ModelCard) -> list[Setting]:
    """Return the values that had a say, and all that were changed; names inside groups are dotted."""
    idle = _idle(card)
    return [
        Setting(name, value, name in card.changed)
        for name, value in _flat(card.recipe)
        if name in card.changed or not {name, name.partition(".")[0]} & idle
    ]


def _flat(recipe: Mapping[str, JsonValue]) -> Iterator[tuple[str, JsonValue]]:
    for name, value in recipe.items():
        if isinstance(value, Mapping):
            yield from ((f"{name}.{inner}", item) for inner, item in value.items())
        else:
            yield name, value


def _idle(card: ModelCard) -> set[str]:
    """Return names of values, and of groups of values, that had no say."""
    fits = card.method == "fit"
    grows_trees = fits and (not card.members or "lightgbm" in card.members)
    idle = {
        "members": not card.members,
        "folds": not fits,
        "boosting": not grows_trees,
        "table": card.table is None,
        "fusion": card.table is None or card.encoder is None,
        "focal_gamma": card.recipe.get("loss") != "focal",
    }
    idle |= dict.fromkeys(_OF_TEXT, card.encoder is None)
    idle |= dict.fromkeys(_OF_LORA, card.method != "lora")
    without_steps = _OF_STEPS if fits and not card.training.epochs else set()
    return {name for name, is_idle in idle.items() if is_idle} | without_steps
