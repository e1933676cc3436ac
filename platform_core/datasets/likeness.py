"""Which examples belong together: equal inputs, nearly equal texts, a shared group."""

from __future__ import annotations

from collections.abc import Sequence

from platform_core.datasets.duplicates import Duplicates, Pair, find_duplicates
from platform_core.datasets.records import LabeledExample
from platform_core.sdk import Category, Columns, Example, Number, Text, field_markers

_TELLING_WORDS = 8
"""A text of fewer words beside other fields, such as a patient's complaint, is shared by inputs that differ."""


def duplicates_of(examples: Sequence[LabeledExample]) -> Duplicates:
    """Return which examples have equal inputs, and which nearly equal texts."""
    texts: list[str | None] | None = None
    found = texts_of(examples)
    if found is not None:
        markers = field_markers(type(examples[0].example)).values()
        alone = not any(isinstance(marker, Number | Category | Columns) for marker in markers)
        texts = [text if alone or len(text.split()) >= _TELLING_WORDS else None for text in found]
    return find_duplicates([row.example.content_hash() for row in examples], texts)


def texts_of(examples: Sequence[LabeledExample]) -> list[str] | None:
    """Return the text of each example, its text fields joined; ``None`` where the type has none."""
    if not examples:
        return None
    markers = field_markers(type(examples[0].example))
    names = [name for name, marker in markers.items() if isinstance(marker, Text)]
    return [_joined(row.example, names) for row in examples] if names else None


def group_links(examples: Sequence[LabeledExample]) -> list[Pair]:
    """Return links between rows of one group."""
    first: dict[str, int] = {}
    return [(first.setdefault(row.group, index), index) for index, row in enumerate(examples) if row.group is not None]


def count_linked(links: Sequence[Pair]) -> int:
    """Return how many rows have a link."""
    return len({row for link in links for row in link})


def count_conflicts(examples: Sequence[LabeledExample]) -> int:
    """Return how many inputs appear with different targets."""
    targets: dict[str, set[object]] = {}
    for row in examples:
        targets.setdefault(row.example.content_hash(), set()).add(row.target)
    return sum(len(found) > 1 for found in targets.values())


def _joined(example: Example, names: Sequence[str]) -> str:
    return "\n".join(str(getattr(example, name) or "") for name in names)
