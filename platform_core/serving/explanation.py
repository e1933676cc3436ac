"""Which words moved a decision, by leaving each out (occlusion; Zeiler & Fergus 2014, Li et al. 2016).

The model itself answers: the score of the predicted label with the word, less the score without it. A positive weight
speaks for the label. Long texts are cut into as many spans of neighbouring words as there may be passes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from platform_core.sdk import Example, Text, field_markers

MOST_SPANS = 64

Scorer = Callable[[Sequence[Example]], list[dict[str, Any]]]
"""Examples → predictions."""


def explain(example: Example, prediction: dict[str, Any], predict: Scorer) -> dict[str, Any]:
    """Return ``{"method", "label", "words": [{"field", "word", "start", "end", "weight"}]}``, strongest first.

    Args:
        example: what was predicted on.
        prediction: the prediction, with ``label`` and ``scores``.
        predict: the model.
    """
    label = prediction["label"]
    spans = [
        (name, start, end)
        for name, marker in field_markers(type(example)).items()
        if isinstance(marker, Text)
        for start, end in _spans(getattr(example, name))
    ]
    reduced = [_without(example, *span) for span in spans]
    base = prediction["scores"][label]
    words = [
        {
            "field": name,
            "word": getattr(example, name)[start:end],
            "start": start,
            "end": end,
            "weight": base - answer["scores"][label],
        }
        for (name, start, end), answer in zip(spans, predict(reduced) if reduced else [], strict=True)
    ]
    words.sort(key=lambda word: -abs(word["weight"]))
    return {"method": "occlusion", "label": label, "words": words}


def _spans(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of each word, or of each run of words where there are too many."""
    words = [match.span() for match in re.finditer(r"\w[\w'’.,%-]*\w|\w", text)]
    step = -(-len(words) // MOST_SPANS) or 1
    return [(words[i][0], words[min(i + step, len(words)) - 1][1]) for i in range(0, len(words), step)]


def _without(example: Example, name: str, start: int, end: int) -> Example:
    text: str = getattr(example, name)
    return example.model_copy(update={name: text[:start] + text[end:]})
