"""Which words moved a decision, by leaving each out (occlusion; Zeiler & Fergus 2014, Li et al. 2016).

The model itself answers: the score of the predicted label with the word, less the score without it. A positive weight
speaks for the label. Long texts are cut into as many spans of neighbouring words as there may be passes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from platform_core.sdk import Example, Text, field_markers

MOST_SPANS = 64

Span = tuple[str, int, int]
"""A field and where in its text a word or a run of words begins and ends."""


@dataclass(frozen=True)
class Occlusion:
    """An example with each word left out in turn.

    Attributes:
        example: the whole example.
        spans: what is left out.
        reduced: the example without each span; what the model is asked.
    """

    example: Example
    spans: list[Span]
    reduced: list[Example]

    def explain(self, prediction: Mapping[str, Any], answers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Return ``{"method", "label", "words": [{"field", "word", "start", "end", "weight"}]}``, strongest first.

        Args:
            prediction: the prediction on the whole example, with ``label`` and ``scores``.
            answers: the predictions on :attr:`reduced`.
        """
        label = prediction["label"]
        base = prediction["scores"][label]
        words = [
            {
                "field": name,
                "word": getattr(self.example, name)[start:end],
                "start": start,
                "end": end,
                "weight": base - answer["scores"][label],
            }
            for (name, start, end), answer in zip(self.spans, answers, strict=True)
        ]
        words.sort(key=lambda word: -abs(word["weight"]))
        return {"method": "occlusion", "label": label, "words": words}


def occlude(example: Example) -> Occlusion:
    """Leave out each word of each text field of ``example``."""
    spans = [
        (name, start, end)
        for name, marker in field_markers(type(example)).items()
        if isinstance(marker, Text) and getattr(example, name) is not None
        for start, end in _spans(getattr(example, name))
    ]
    return Occlusion(example, spans, [_without(example, *span) for span in spans])


def _spans(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of each word, or of each run of words where there are too many."""
    words = [match.span() for match in re.finditer(r"\w[\w'’.,%-]*\w|\w", text)]
    step = -(-len(words) // MOST_SPANS) or 1
    return [(words[i][0], words[min(i + step, len(words)) - 1][1]) for i in range(0, len(words), step)]


def _without(example: Example, name: str, start: int, end: int) -> Example:
    text: str = getattr(example, name)
    return example.model_copy(update={name: text[:start] + text[end:]})
