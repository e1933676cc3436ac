"""Texts in other languages than the default encoder's: another packaged encoder, and the user is told."""

from __future__ import annotations

from collections.abc import Sequence

from platform_core.datasets.records import LabeledExample
from platform_core.modeling.language import choose_text_encoder
from platform_core.modeling.rows import has_text, texts_of
from platform_core.sdk import Method, Progress, Recipe, Solution

_SAMPLE = 400


def suit_language(
    solution: Solution,
    method: Method,
    recipe: Recipe,
    examples: Sequence[LabeledExample],
    *,
    chosen_by_user: bool,
    progress: Progress,
) -> tuple[Method, Recipe]:
    """Return method and recipe with an encoder that reads the language of the examples.

    Args:
        solution: knows which methods it has.
        method: what would be done.
        recipe: its values; the encoder is changed only where the default one cannot read the texts.
        examples: the rows; a sample of them is looked at.
        chosen_by_user: whether the user named the encoder, who then gets it.
        progress: is told what was chosen, and why.
    """
    if not has_text(solution.example):
        return method, recipe
    step = max(1, len(examples) // _SAMPLE)
    texts = texts_of([row.example for row in examples[::step]])
    encoder, note = choose_text_encoder(recipe.encoder, not chosen_by_user, texts)
    if note:
        progress.note(note)
    if encoder == recipe.encoder:
        return method, recipe
    if method in ("lora", "full"):
        ways: tuple[Method, ...] = ("head", "fit")
        frozen = next((m for m in ways if m in solution.recipes), None)
        if frozen is None:
            progress.note(f"{solution.id} cannot train on a frozen encoder: {recipe.encoder!r} is kept")
            return method, recipe
        progress.note(f"nothing of the encoder {encoder!r} can be trained: method {frozen!r} is used")
        method, recipe = frozen, solution.recipes[frozen]
    return method, recipe.model_copy(update={"encoder": encoder})
