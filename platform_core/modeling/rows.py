"""Examples as models read them: token ids and a table's row. One preprocessing for training, evaluation and serving."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from platform_core.modeling.reviewing import Reviewed
from platform_core.sdk import Example, Text, field_markers

TokenIds = list[int]


@dataclass(frozen=True, slots=True)
class Row:
    """One preprocessed example.

    Attributes:
        ids: token ids of the text; none where there is no text.
        numbers: float64 [columns], NaN where missing; none where there is no table.
        categories: codes int64 [columns].
        review: what the solution's rules say of the example; none where it has no rules.
    """

    ids: TokenIds
    numbers: np.ndarray | None = None
    categories: np.ndarray | None = None
    review: Reviewed | None = None

    @property
    def cost(self) -> int:
        """What the row costs in a batch: its tokens, or 1."""
        return len(self.ids) or 1


def texts_of(examples: Sequence[Example]) -> list[str]:
    """Return the text of each example, all of one type; several text fields are joined, absent ones left out."""
    if not examples:
        return []
    names = [name for name, marker in field_markers(type(examples[0])).items() if isinstance(marker, Text)]
    fields = ([getattr(example, name) for name in names] for example in examples)
    return ["\n".join(str(text) for text in texts if text is not None) for texts in fields]


def has_text(example_type: type[Example]) -> bool:
    """Tell whether examples of this type hold a text."""
    return any(isinstance(marker, Text) for marker in field_markers(example_type).values())


def collate_tables(rows: Sequence[Row], device: torch.device) -> dict[str, Tensor]:
    """Return ``numbers`` and ``categories`` of rows of one model; nothing where they have no table."""
    if not rows or rows[0].numbers is None:
        return {}
    numbers = torch.from_numpy(np.stack([row.numbers for row in rows if row.numbers is not None]))
    categories = torch.from_numpy(np.stack([row.categories for row in rows if row.categories is not None]))
    return {"numbers": numbers.to(device), "categories": categories.to(device)}
