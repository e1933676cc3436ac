"""What a record says by its words: how much of it is about each part of medicine, and what it opens with."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from platform_core.sdk import Cell
from verticore_medical.routing.lexicon import count_stems
from verticore_medical.routing.schema import RoutingExample

_OPENING = 200
"""Characters in which letters and abstracts say what they are about."""


def derive(example: RoutingExample, past: Sequence[RoutingExample]) -> Mapping[str, Cell]:  # noqa: ARG001 - no history
    """Return, for each system of the lexicon, the logarithm of its words per hundred, in all and in the opening."""
    words = max(1, len(example.text.split()))
    whole = {
        f"about_{system}": round(math.log1p(100 * count / words), 4)
        for system, count in count_stems(example.text).items()
    }
    opening = {
        f"opens_with_{system}": round(math.log1p(count), 4)
        for system, count in count_stems(example.text[:_OPENING]).items()
    }
    return {**whole, **opening, "length": round(math.log(words), 4)}
