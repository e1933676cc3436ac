"""The values by which evaluations are sliced."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from platform_core.datasets.mapping import open_field
from platform_core.datasets.records import LabeledExample
from platform_core.sdk import Cell, NotFound, Text, UsageError, field_markers

_FEW_NUMBERS = 5


def slice_values(examples: Sequence[LabeledExample], names: Sequence[str]) -> dict[str, list[str | None]]:
    """Return for each of ``names`` the slice of each row, ``None`` where the value is missing.

    Args:
        examples: the rows, all of one type.
        names: fields, or columns of the open field. Numbers are cut into quartiles, unless they are few.

    Raises:
        NotFound: there is no such field or column.
        UsageError: the field is a text.
    """
    return {name: _slices(_values(examples, name)) for name in names} if examples else {name: [] for name in names}


def _values(examples: Sequence[LabeledExample], name: str) -> list[Cell]:
    markers = field_markers(type(examples[0].example))
    opened = open_field(type(examples[0].example))
    if isinstance(markers.get(name), Text):
        raise UsageError(f"the field {name!r} is a text, which has no slices", hint="name a number or a category")
    if name in markers and (not opened or name != opened[0]):
        return [getattr(row.example, name) for row in examples]
    known = list(dict.fromkeys(c for row in examples for c in getattr(row.example, opened[0]))) if opened else []
    if name not in known:
        raise NotFound.of("field or column", name, [*markers, *known])
    return [getattr(row.example, opened[0]).get(name) for row in examples] if opened else []


def _slices(values: Sequence[Cell]) -> list[str | None]:
    numbers = [float(value) for value in values if isinstance(value, int | float)]
    if len(set(numbers)) <= _FEW_NUMBERS or any(isinstance(value, str) for value in values):
        return [None if value is None else _shown(value) for value in values]
    edges = np.unique(np.quantile(numbers, (0.25, 0.5, 0.75))).tolist()
    names = [
        f"up to {_shown(edges[0])}",
        *(f"{_shown(low)} to {_shown(high)}" for low, high in pairwise(edges)),
        f"over {_shown(edges[-1])}",
    ]
    return [None if value is None else names[int(np.searchsorted(edges, value))] for value in values]


def _shown(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.6g}"
